/*
 * route: matches paths and checks parameters. Knows the form of the table, not what stands in it.
 */
#include "control/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/suggest.h"
#include "control/problem.h"

/* Cuts the pattern's next part off: "/v1/x" → "v1" and "/x". */
static size_t next_part(const char **pattern, const char **ret_part)
{
    *ret_part = *pattern + 1;
    size_t length = strcspn(*ret_part, "/");
    *pattern = *ret_part + length;
    return length;
}

static bool path_fits(const char *pattern, const struct call *call, const char *ret_arguments[CALL_ARGUMENTS])
{
    size_t argument = 0, i = 0;
    for (; *pattern; i++) {
        const char *part;
        size_t length = next_part(&pattern, &part);
        if (i == call->segment_count)
            return false;
        const char *segment = call->segments[i];
        if (*part == '{' && *segment && argument < CALL_ARGUMENTS)
            ret_arguments[argument++] = segment;
        else if (strlen(segment) != length || memcmp(segment, part, length) != 0)
            return false;
    }
    return i == call->segment_count;
}

static void answer_wrong_method(struct call *call, const char *allowed)
{
    problem(call, 405, "%s is not possible here, only %s", call->method, allowed);
    answer_with(call, "Allow", "%s", allowed);
}

static void answer_not_found(struct call *call)
{
    const char *paths[64];
    size_t count = 0;
    for (size_t i = 0; i < route_count && count < 64; i++)
        if (!strchr(routes[i].path, '{'))
            paths[count++] = routes[i].path;
    char *path = arena_strndup(call->arena, call->target, strcspn(call->target, "?"));
    const char *nearest = suggest(path, paths, count);
    json_t *more = json_object();
    json_set_text(more, "nearest", nearest);
    if (nearest)
        problem_with(call, 404, more, "there is nothing here, did you mean '%s'?", nearest);
    else
        problem_with(call, 404, more, "there is nothing here");
}

const struct route *route_find(struct call *call)
{
    const char *allowed = NULL, *arguments[CALL_ARGUMENTS] = {NULL};
    for (size_t i = 0; i < route_count; i++) {
        if (!path_fits(routes[i].path, call, arguments))
            continue;
        if (strcmp(routes[i].method, call->method) == 0) {
            memcpy(call->arguments, arguments, sizeof arguments);
            return &routes[i];
        }
        if (!allowed)
            allowed = routes[i].method;
        else if (!strstr(allowed, routes[i].method))
            allowed = arena_printf(call->arena, "%s, %s", allowed, routes[i].method);
    }
    if (allowed)
        answer_wrong_method(call, allowed);
    else
        answer_not_found(call);
    return NULL;
}

static const struct param *find(const struct param *params, const char *name)
{
    for (const struct param *param = params; param && param->name; param++)
        if (strcmp(param->name, name) == 0)
            return param;
    return NULL;
}

static bool answer_unknown(struct call *call, const struct param *params, const char *what, const char *name)
{
    const char *names[64] = {0};
    size_t count = 0;
    struct buf list = {0};
    for (const struct param *param = params; param && param->name && count < 64; param++) {
        buf_printf(&list, "%s%s", count ? ", " : "", param->name);
        names[count++] = param->name;
    }
    const char *nearest = suggest(name, names, count);
    json_t *more = json_object();
    json_set_text(more, "word", name);
    json_set_text(more, "nearest", nearest);
    if (count == 0)
        problem_with(call, 400, more, "unknown %s '%s', none is expected", what, name);
    else if (nearest)
        problem_with(call, 400, more, "unknown %s '%s', expected one of %s; did you mean '%s'?", what, name,
                     buf_text(&list), nearest);
    else
        problem_with(call, 400, more, "unknown %s '%s', expected one of %s", what, name, buf_text(&list));
    buf_release(&list);
    return false;
}

static bool refuse(struct call *call, const struct param *param, const char *expected)
{
    json_t *more = json_object();
    json_set_text(more, "word", param->name);
    problem_with(call, 400, more, "'%s' must be %s", param->name, expected);
    return false;
}

static bool check_word(struct call *call, const struct param *param, const char *value)
{
    struct buf list = {0};
    size_t count = 0;
    for (; param->words[count]; count++) {
        if (strcmp(param->words[count], value) == 0) {
            buf_release(&list);
            return true;
        }
        buf_printf(&list, "%s%s", count ? ", " : "", param->words[count]);
    }
    json_t *more = json_object();
    json_set_text(more, "word", value);
    json_set_text(more, "nearest", suggest(value, param->words, count));
    problem_with(call, 400, more, "unknown %s '%s', expected one of %s", param->name, value, buf_text(&list));
    buf_release(&list);
    return false;
}

static bool number_fits(const struct param *param, int64_t number)
{
    return number >= param->min && number <= param->max;
}

static const char *number_range(struct call *call, const struct param *param)
{
    return arena_printf(call->arena, "an integer from %lld to %lld", (long long)param->min,
                        (long long)param->max);
}

static bool is_number(const char *text, int64_t *ret_number)
{
    char *end;
    size_t length = strlen(text);
    *ret_number = strtoll(text, &end, 10);
    return length > 0 && length < 18 && *end == '\0' && strspn(text, "0123456789-") == length;
}

static bool check_query_value(struct call *call, const struct param *param, const char *value)
{
    int64_t number;
    switch (param->kind) {
    case PARAM_NUMBER:
        return (is_number(value, &number) && number_fits(param, number)) ||
               refuse(call, param, number_range(call, param));
    case PARAM_FLAG:
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 || strcmp(value, "1") == 0 ||
               strcmp(value, "0") == 0 || refuse(call, param, "true or false");
    case PARAM_WORD:
        return check_word(call, param, value);
    default:
        return *value || refuse(call, param, "a text that is not empty");
    }
}

enum guard_body route_body(const struct route *route)
{
    return route->flags & ROUTE_UPLOAD ? GUARD_FILE : route->flags & ROUTE_BATCH ? GUARD_POSTS : GUARD_JSON;
}

bool route_check_query(struct call *call, const struct param *params)
{
    for (size_t i = 0; i < call->query_count; i++) {
        const struct field *field = &call->query[i];
        const struct param *param = find(params, field->name);
        if (!param)
            return answer_unknown(call, params, "parameter", field->name);
        for (size_t before = 0; before < i && !param->repeats; before++)
            if (strcmp(call->query[before].name, field->name) == 0)
                return refuse(call, param, "given once");
        if (!check_query_value(call, param, field->value))
            return false;
    }
    for (const struct param *param = params; param && param->name; param++)
        if (param->required && !call_query(call, param->name))
            return refuse(call, param, "given");
    return true;
}

static bool check_member(struct call *call, const struct param *param, const json_t *value)
{
    if (param->nullable && json_is_null(value))
        return true;
    switch (param->kind) {
    case PARAM_TEXT:
        return json_is_string(value) || refuse(call, param, "a text");
    case PARAM_WORD:
        return json_is_string(value) ? check_word(call, param, json_string_value(value))
                                     : refuse(call, param, "a text");
    case PARAM_NUMBER:
        return (json_is_integer(value) && number_fits(param, json_integer_value(value))) ||
               refuse(call, param, number_range(call, param));
    case PARAM_FLAG:
        return json_is_boolean(value) || refuse(call, param, "true or false");
    case PARAM_OBJECT:
        return json_is_object(value) || refuse(call, param, "an object");
    case PARAM_LIST:
        return json_is_array(value) || refuse(call, param, "a list");
    case PARAM_ANY:
        return true;
    }
    return true;
}

bool route_check_body(struct call *call, const struct param *params)
{
    const char *name;
    json_t *value;
    json_object_foreach(call->json, name, value)
    {
        const struct param *param = find(params, name);
        if (!param)
            return answer_unknown(call, params, "member", name);
        if (!check_member(call, param, value))
            return false;
    }
    for (const struct param *param = params; param && param->name; param++)
        if (param->required && !json_member(call->json, param->name))
            return refuse(call, param, "given");
    return true;
}
