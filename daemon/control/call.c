/*
 * call: cuts targets into decoded segments and parameters, and keeps the answer. Pure but for memory.
 */
#include "control/call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/utf8.h"

struct call *call_new(struct control *control, const struct peer *peer, instant now)
{
    struct arena *arena = arena_new();
    struct call *call = arena_new_of(arena, struct call);
    call->control = control;
    call->arena = arena;
    call->peer = peer;
    call->now = now;
    call->body = "";
    call->answer.file = -1;
    call->answer.body = "";
    return call;
}

void call_free(struct call *call)
{
    if (call)
        arena_free(call->arena);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool decoded_is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return utf8_is_valid(text, length);
}

/* length bytes without percent-encoding, or NULL. In a query '+' is a blank. */
static const char *decode(struct arena *arena, const char *text, size_t length, bool query)
{
    char *plain = arena_alloc(arena, length + 1);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < length ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && query) {
            c = ' ';
        }
        plain[used++] = c;
    }
    return decoded_is_plain(plain, used) ? plain : NULL;
}

static bool parse_path(struct call *call, const char *path, size_t length, struct error *err)
{
    const char *end = path + length;
    if (length == 0 || *path != '/')
        return fail(err, "the target must be a path that begins with '/'");
    while (path < end) {
        const char *from = path + 1, *slash = memchr(from, '/', (size_t)(end - from));
        path = slash ? slash : end;
        if (call->segment_count == CALL_SEGMENTS)
            return fail(err, "the path has too many parts");
        const char *segment = decode(call->arena, from, (size_t)(path - from), false);
        /* An encoded slash would make a path that reads as another one; '.' and '..' are nobody's name here.
         */
        if (!segment || strchr(segment, '/') || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
            return fail(err, "the path is not well-formed");
        call->segments[call->segment_count++] = segment;
    }
    return true;
}

static bool parse_query(struct call *call, const char *query, struct error *err)
{
    while (*query) {
        size_t length = strcspn(query, "&");
        const char *equals = memchr(query, '=', length);
        size_t name_length = equals ? (size_t)(equals - query) : length;
        if (length > 0) {
            if (call->query_count == CALL_QUERY)
                return fail(err, "the query has too many parameters, at most %d", CALL_QUERY);
            struct field *field = &call->query[call->query_count++];
            field->name = decode(call->arena, query, name_length, true);
            field->value = equals ? decode(call->arena, equals + 1, length - name_length - 1, true) : "";
            if (!field->name || !field->value)
                return fail(err, "the query is not well-formed");
        }
        query += length + (query[length] == '&');
    }
    return true;
}

bool call_parse(struct call *call, const char *method, const char *target, struct error *err)
{
    call->method = strcmp(method, "HEAD") == 0 ? "GET" : arena_strdup(call->arena, method);
    call->target = arena_strdup(call->arena, target);
    size_t length = strcspn(target, "?#");
    if (target[length] == '#')
        return fail(err, "the target must not have a fragment");
    return parse_path(call, target, length, err) &&
           (target[length] == '\0' || parse_query(call, target + length + 1, err));
}

const char *call_header(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->header_count; i++)
        if (strcasecmp(call->headers[i].name, name) == 0)
            return call->headers[i].value;
    return NULL;
}

size_t call_header_count(const struct call *call, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < call->header_count; i++)
        count += strcasecmp(call->headers[i].name, name) == 0;
    return count;
}

const char *call_query(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->query_count; i++)
        if (strcmp(call->query[i].name, name) == 0)
            return call->query[i].value;
    return NULL;
}

int64_t call_query_number(const struct call *call, const char *name, int64_t fallback)
{
    const char *text = call_query(call, name);
    return text ? strtoll(text, NULL, 10) : fallback;
}

bool call_query_flag(const struct call *call, const char *name)
{
    const char *text = call_query(call, name);
    return text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

void answer_bytes(struct call *call, int status, const char *type, const void *body, size_t length)
{
    char *copy = arena_alloc(call->arena, length + 1);
    memcpy(copy, body, length);
    call->answer.status = status;
    call->answer.type = type;
    call->answer.body = copy;
    call->answer.length = length;
}

void answer_text(struct call *call, int status, const char *type, const char *body)
{
    answer_bytes(call, status, type, body, strlen(body));
}

void answer_json(struct call *call, int status, json_t *value)
{
    char *text = json_print(value);
    json_decref(value);
    arena_defer(call->arena, free, text);
    call->answer.status = status;
    call->answer.type = "application/json";
    call->answer.body = text;
    call->answer.length = strlen(text);
}

void answer_with(struct call *call, const char *name, const char *format, ...)
{
    struct answer *answer = &call->answer;
    if (answer->header_count == ANSWER_HEADERS)
        bug("more than %d headers in an answer", ANSWER_HEADERS);
    va_list args;
    va_start(args, format);
    answer->headers[answer->header_count++] = (struct field){name, arena_vprintf(call->arena, format, args)};
    va_end(args);
}

/* Whether a list of entity tags (RFC 9110 section 13.1.2) has this one; weak ones compare as strong. */
static bool tags_have(const char *list, const char *quoted)
{
    if (strcmp(list, "*") == 0)
        return true;
    const char *found = strstr(list, quoted);
    size_t length = strlen(quoted);
    return found && (found[length] == '\0' || found[length] == ',' || found[length] == ' ');
}

void answer_etag(struct call *call, const char *tag)
{
    const char *quoted = arena_printf(call->arena, "\"%s\"", tag);
    answer_with(call, "ETag", "%s", quoted);
    const char *known = call_header(call, "If-None-Match");
    if (known && call->answer.status == 200 && strcmp(call->method, "GET") == 0 && tags_have(known, quoted)) {
        call->answer.status = 304;
        call->answer.body = "";
        call->answer.length = 0;
    }
}
