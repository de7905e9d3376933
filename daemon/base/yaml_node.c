/* See yaml.h: looking at nodes, and trees from and to JSON. Knows nothing of libyaml. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/yaml.h"

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++)
        if (!strcmp(map->keys[i]->text, key))
            return map->items[i];
    return NULL;
}

void yaml_place(const struct yaml *scalar, size_t byte, unsigned *ret_line, unsigned *ret_column)
{
    const char *line = scalar->text, *end = line + (byte < scalar->length ? byte : scalar->length), *newline;
    unsigned down = 0, indent = scalar->lies - YAML_BELOW;
    *ret_line = scalar->line;
    *ret_column = scalar->column;
    if (scalar->lies == YAML_HERE || scalar->lies == YAML_IN_QUOTES)
        *ret_column += (unsigned)utf8_count(line, (size_t)(end - line)) + (scalar->lies == YAML_IN_QUOTES);
    if (scalar->lies < YAML_BELOW)
        return;
    for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1)
        down++;
    *ret_line = scalar->line + 1 + down;
    *ret_column = indent + (unsigned)utf8_count(line, (size_t)(end - line)) + 1;
}

bool yaml_is_null(const struct yaml *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != YAML_SCALAR || !node->plain)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(node->text, words[i]))
            return true;
    return false;
}

const char *yaml_kind_name(const struct yaml *node)
{
    if (yaml_is_null(node))
        return "nothing";
    return node->kind == YAML_LIST ? "a list" : node->kind == YAML_MAP ? "a map" : "a text";
}

enum { JSON_DEEPEST = 32 };

static const struct yaml *from_json(const json_t *json, struct arena *arena, unsigned depth, struct error *err);

static struct yaml *scalar(struct arena *arena, const char *text, bool plain)
{
    struct yaml *node = arena_new_of(arena, struct yaml);
    *node = (struct yaml){.kind = YAML_SCALAR, .plain = plain, .weight = 1, .length = strlen(text)};
    node->text = arena_strndup(arena, text, node->length);
    return node;
}

static bool is_clean(const char *text)
{
    for (const unsigned char *t = (const unsigned char *)text; *t; t++)
        if ((*t < 0x20 && *t != '\n' && *t != '\t') || *t == 0x7F || (*t == 0xC2 && t[1] >= 0x80 && t[1] < 0xA0))
            return false;
    return true;
}

static const struct yaml *scalar_from_json(const json_t *json, struct arena *arena, struct error *err)
{
    if (json_is_string(json)) {
        if (!is_clean(json_string_value(json))) {
            fail(err, "control character in a text");
            return NULL;
        }
        return scalar(arena, json_string_value(json), false);
    }
    if (json_is_boolean(json))
        return scalar(arena, json_is_true(json) ? "true" : "false", true);
    if (json_is_integer(json))
        return scalar(arena, arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json)), true);
    if (json_is_real(json))
        return scalar(arena, arena_printf(arena, "%g", json_real_value(json)), true);
    return scalar(arena, "null", true);
}

static const struct yaml *list_from_json(const json_t *json, struct arena *arena, unsigned depth, struct error *err)
{
    struct yaml *list = arena_new_of(arena, struct yaml);
    const struct yaml **items = arena_alloc_array(arena, json_array_size(json), sizeof *items);
    *list = (struct yaml){.kind = YAML_LIST, .weight = 1, .items = items, .count = json_array_size(json)};
    for (size_t i = 0; i < list->count; i++)
        if (!(items[i] = from_json(json_array_get(json, i), arena, depth + 1, err)))
            return NULL;
    return list;
}

static const struct yaml *map_from_json(const json_t *json, struct arena *arena, unsigned depth, struct error *err)
{
    struct yaml *map = arena_new_of(arena, struct yaml);
    size_t count = json_object_size(json), i = 0;
    const struct yaml **keys = arena_alloc_array(arena, count, sizeof *keys);
    const struct yaml **items = arena_alloc_array(arena, count, sizeof *items);
    *map = (struct yaml){.kind = YAML_MAP, .weight = 1, .keys = keys, .items = items, .count = count};
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)json, name, value) {
        keys[i] = is_clean(name) ? scalar(arena, name, false) : NULL;
        if (!keys[i]) {
            fail(err, "control character in a key");
            return NULL;
        }
        if (!(items[i++] = from_json(value, arena, depth + 1, err)))
            return NULL;
    }
    return map;
}

static const struct yaml *from_json(const json_t *json, struct arena *arena, unsigned depth, struct error *err)
{
    if (depth > JSON_DEEPEST) {
        fail(err, "nested deeper than %d levels", JSON_DEEPEST);
        return NULL;
    }
    if (json_is_array(json))
        return list_from_json(json, arena, depth, err);
    return json_is_object(json) ? map_from_json(json, arena, depth, err) : scalar_from_json(json, arena, err);
}

const struct yaml *yaml_from_json(const json_t *json, struct arena *arena, struct error *err)
{
    return from_json(json, arena, 1, err);
}

static json_t *scalar_to_json(const struct yaml *node)
{
    if (yaml_is_null(node))
        return json_null();
    if (node->plain && (!strcmp(node->text, "true") || !strcmp(node->text, "false")))
        return json_boolean(node->text[0] == 't');
    const char *digits = node->text + (*node->text == '-');
    if (node->plain && isdigit((unsigned char)*digits) && strlen(digits) <= 15 &&
        strspn(digits, "0123456789") == strlen(digits) && (*digits != '0' || !digits[1]))
        return json_integer(strtoll(node->text, NULL, 10));
    return json_stringn(node->text, node->length);
}

json_t *yaml_to_json(const struct yaml *node)
{
    if (node->kind == YAML_SCALAR)
        return scalar_to_json(node);
    json_t *json = node->kind == YAML_LIST ? json_array() : json_object();
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_LIST)
            json_array_append_new(json, yaml_to_json(node->items[i]));
        else
            json_object_set_new(json, node->keys[i]->text, yaml_to_json(node->items[i]));
    }
    return json;
}
