/*
 * Turns header lines and pieces of body into a struct response. Whoever sends more than the bounds is cut
 * off.
 */
#include <ctype.h>
#include <string.h>

#include "publish/answer.h"

static bool give_up(struct answer *answer, const char *fault)
{
    answer->fault = fault;
    return false;
}

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && isspace((unsigned char)**text)) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && isspace((unsigned char)(*text)[*length - 1]))
        (*length)--;
}

static char *lower(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_strndup(arena, text, length);

    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

bool answer_header(struct answer *answer, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    struct header *header;
    const char *value;
    size_t rest;

    answer->header_bytes += length;
    if (answer->header_bytes > HTTP_MAX_HEADERS)
        return give_up(answer, "its headers are longer than 64 KiB");
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        answer->headers = NULL;
        answer->header_count = 0;
        return true;
    }
    if (colon == NULL)
        return true;
    value = colon + 1;
    rest = length - (size_t)(value - line);
    trim(&value, &rest);
    header = arena_push(answer->arena, answer->headers, answer->header_count);
    header->name = lower(answer->arena, line, (size_t)(colon - line));
    header->value = arena_strndup(answer->arena, value, rest);
    return true;
}

bool answer_body(struct answer *answer, const char *bytes, size_t length)
{
    if (answer->body.length + length > HTTP_MAX_BODY)
        return give_up(answer, "it is larger than 4 MiB");
    buf_add(&answer->body, bytes, length);
    return true;
}

struct response answer_response(struct answer *answer, int status)
{
    const char *body = answer->body.length > 0 ? answer->body.data : "";
    char *copy = arena_alloc(answer->arena, answer->body.length + 1);

    memcpy(copy, body, answer->body.length);
    return (struct response){
        .status = status,
        .headers = answer->headers,
        .header_count = answer->header_count,
        .body = copy,
        .body_length = answer->body.length,
    };
}

void answer_release(struct answer *answer)
{
    buf_release(&answer->body);
}
