/*
 * json: what we add to jansson: bounded parsing of bytes nobody trusts, and short ways to read.
 *
 * Readers never fail: what is missing or of another type is NULL, 0 or false. Values borrowed from
 * an object live as long as it does.
 */
#ifndef CALD_JSON_H
#define CALD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/error.h"

struct arena;
struct buf;

/* Any JSON value from length bytes; duplicate keys, depth over 64 and NUL in strings are refused. */
json_t *json_parse(const char *bytes, size_t length, struct error *err);

/* Compact, keys sorted: the same value always gives the same bytes. The caller frees it. */
char *json_print(const json_t *value);
void json_add(struct buf *out, const json_t *value);       /* the same, behind what is there */
void json_add_text(struct buf *out, const char *text);     /* likewise json_string_of(text) */
char *json_print_pretty(const json_t *value); /* two spaces, ends in a newline */

const char *json_text(const json_t *object, const char *key); /* NULL when absent or no string */
int64_t json_number(const json_t *object, const char *key, int64_t fallback);
bool json_flag(const json_t *object, const char *key, bool fallback);
json_t *json_member(const json_t *object, const char *key); /* borrowed; NULL for a NULL object */

/* Text that is not UTF-8 cannot be a JSON string; such bytes become U+FFFD rather than nothing. */
json_t *json_string_of(const char *text);

/* Sets only when the text is not NULL; json_string_of. */
void json_set_text(json_t *object, const char *key, const char *text);
void json_set_number(json_t *object, const char *key, int64_t number);
void json_set_flag(json_t *object, const char *key, bool flag);
void json_set(json_t *object, const char *key, json_t *value); /* takes over value */

/* Members of news (borrowed, or NULL) replace those of object; null removes. */
void json_merge(json_t *object, const json_t *news);

/* What a JSON Pointer (RFC 6901: "/data/0/id", "" for the whole) leads to, borrowed; NULL if nothing. */
json_t *json_pointer(const json_t *value, const char *pointer);

/* The value is released when the arena is freed. Returns it. */
json_t *json_in_arena(struct arena *arena, json_t *value);

#endif
