/* See json.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"

enum { DEEPEST = 64 };

/* jansson takes a lack of memory for wrong JSON, and leaves out of an object what found no room in it. */
__attribute__((constructor)) static void lack_of_memory_ends_the_process(void)
{
    json_set_alloc_funcs(xmalloc, free);
}

/* Also those that close nothing, or stand in strings: mostly there are too few in any case. */
static bool are_few_brackets(const char *bytes, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += (bytes[i] == '[') | (bytes[i] == '{'); /* without a branch, so that compilers look at many at once */
    return count <= DEEPEST;
}

/* jansson allows 2048 levels; we count before it recurses. Brackets in strings do not count. */
static bool is_too_deep(const char *bytes, size_t length)
{
    int depth = 0;
    bool in_string = false;
    if (are_few_brackets(bytes, length))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '[' || c == '{') && ++depth > DEEPEST)
            return true;
        else if (!in_string && (c == ']' || c == '}'))
            depth--;
    }
    return false;
}

json_t *json_parse(const char *bytes, size_t length, struct error *err)
{
    json_error_t why;
    if (is_too_deep(bytes, length)) {
        fail(err, "JSON nested deeper than %d levels", DEEPEST);
        return NULL;
    }
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!value)
        fail(err, "line %d, column %d: %s", why.line, why.column, why.text);
    return value;
}

char *json_print_pretty(const json_t *value)
{
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (!text)
        bug("a JSON value that cannot be printed");
    size_t length = strlen(text);
    text = xrealloc(text, length + 2);
    memcpy(text + length, "\n", 2);
    return text;
}

json_t *json_member(const json_t *object, const char *key)
{
    return object ? json_object_get(object, key) : NULL;
}

const char *json_text(const json_t *object, const char *key)
{
    return json_string_value(json_member(object, key));
}

int64_t json_number(const json_t *object, const char *key, int64_t fallback)
{
    json_t *value = json_member(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_flag(const json_t *object, const char *key, bool fallback)
{
    json_t *value = json_member(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

void json_set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value))
        bug("cannot set '%s'", key);
}

void json_merge(json_t *object, const json_t *news)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)news, name, value)
    {
        if (json_is_null(value))
            json_object_del(object, name);
        else
            json_object_set(object, name, value);
    }
}

/* jansson would look at each byte on its own. */
json_t *json_string_of(const char *text)
{
    size_t length = strlen(text);
    if (utf8_is_valid(text, length))
        return json_stringn_nocheck(text, length);
    char *safe = xmalloc(length * 3 + 1), *out = safe;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x80) {
            *out++ = text[i];
        } else {
            memcpy(out, "\xEF\xBF\xBD", 3);
            out += 3;
        }
    }
    json_t *value = json_stringn(safe, (size_t)(out - safe));
    free(safe);
    return value;
}

void json_set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_set(object, key, json_string_of(text));
}

void json_set_number(json_t *object, const char *key, int64_t number)
{
    json_set(object, key, json_integer(number));
}

void json_set_flag(json_t *object, const char *key, bool flag)
{
    json_set(object, key, json_boolean(flag));
}

static void release(void *value)
{
    json_decref(value);
}

json_t *json_in_arena(struct arena *arena, json_t *value)
{
    if (value)
        arena_defer(arena, release, value);
    return value;
}

/* One token of a pointer, ~1 and ~0 undone; cuts it from *pointer, which stands on its '/'. */
static char *pointer_token(const char **pointer)
{
    const char *c = *pointer + 1;
    char *token = xmalloc(strlen(c) + 1), *end = token;
    while (*c && *c != '/') {
        bool escaped = c[0] == '~' && (c[1] == '0' || c[1] == '1');
        *end++ = escaped ? (c[1] == '0' ? '~' : '/') : *c;
        c += escaped ? 2 : 1;
    }
    *end = '\0';
    *pointer = c;
    return token;
}

static json_t *array_item(const json_t *array, const char *token)
{
    size_t digits = strspn(token, "0123456789");
    bool is_index = digits && digits < 10 && !token[digits] && (digits == 1 || token[0] != '0');
    return is_index ? json_array_get(array, strtoul(token, NULL, 10)) : NULL;
}

json_t *json_pointer(const json_t *value, const char *pointer)
{
    while (value && *pointer == '/') {
        char *token = pointer_token(&pointer);
        value = json_is_array(value) ? array_item(value, token) : json_object_get(value, token);
        free(token);
    }
    return *pointer ? NULL : (json_t *)value;
}
