/*
 * measure_tool: 'calctl measure' without the rest of calctl, for tests of text.h alone.
 *
 * measure_tool --network NAME --json: one JSON string a line in, one JSON object a line out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/text.h"

static json_t *entities_to_json(const struct measure *measure)
{
    json_t *array = json_array();
    for (size_t i = 0; i < measure->entity_count; i++) {
        const struct entity *entity = &measure->entities[i];
        json_t *json = json_object();
        json_set_text(json, "kind", entity_kind_name(entity->kind));
        json_set_number(json, "start", (json_int_t)entity->start);
        json_set_number(json, "end", (json_int_t)entity->end);
        json_set_text(json, "value", entity->value);
        json_array_append_new(array, json);
    }
    return array;
}

static void print_measure(const struct text_rule *rule, const char *text, size_t length)
{
    struct arena *arena = arena_new();
    struct measure measure = text_measure(rule, text, length, 0, arena);
    json_t *json = json_object();
    json_set_number(json, "length", (json_int_t)measure.length);
    json_set_number(json, "limit", (json_int_t)measure.limit);
    json_set_flag(json, "fits", measure.fits);
    json_set(json, "entities", entities_to_json(&measure));
    char *line = json_print(json);
    puts(line);
    free(line);
    json_decref(json);
    arena_free(arena);
}

static bool measure_line(const struct text_rule *rule, const char *line, size_t length)
{
    struct error err = {0};
    json_t *text = json_parse(line, length, &err);
    if (json_is_string(text))
        print_measure(rule, json_string_value(text), json_string_length(text));
    else
        fprintf(stderr, "measure_tool: no JSON string: %s\n", err.message);
    bool good = json_is_string(text);
    json_decref(text);
    return good;
}

int main(int argc, char **argv)
{
    bool named = argc >= 3 && !strcmp(argv[1], "--network");
    const struct text_rule *rule = named ? text_rule_find(argv[2]) : NULL;
    if (!rule) {
        fputs("usage: measure_tool --network NAME --json\n", stderr);
        return 2;
    }
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    for (ssize_t length; good && (length = getline(&line, &size, stdin)) >= 0;)
        good = measure_line(rule, line, (size_t)length);
    free(line);
    return good ? 0 : 1;
}
