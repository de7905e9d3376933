/*
 * regexp: regular expressions of a charter (PCRE2). Case is ignored, letters are Unicode's. What a search may
 * cost is bounded: one that needs too many steps for a text gives up and says so.
 */
#ifndef CALD_REGEXP_H
#define CALD_REGEXP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct regexp;

enum regexp_result { REGEXP_NONE, REGEXP_FOUND, REGEXP_TOO_COSTLY };

enum { REGEXP_LONGEST = 500 }; /* characters of a pattern */

/* Lives in arena. NULL: "missing closing parenthesis, at character 7". */
const struct regexp *regexp_new(const char *pattern, struct arena *arena, struct error *err);

/* The first match in a text (valid UTF-8): bytes from ret_start to before ret_end. An empty match is none. */
enum regexp_result regexp_find(const struct regexp *regexp, const char *text, size_t *ret_start, size_t *ret_end);

#endif
