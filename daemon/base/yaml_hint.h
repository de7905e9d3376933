/*
 * yaml_hint: what a person probably did where libyaml could not go on, and what to write instead. libyaml says what it
 * looked for; who wrote a text that begins with '@' does not see in "found character that cannot start any token" that
 * it needs quotes.
 */
#ifndef CALD_YAML_HINT_H
#define CALD_YAML_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct yaml_slip {
    const char *bytes; /* of the file */
    size_t length;
    const char *problem, *context;   /* libyaml's words; either may be NULL */
    size_t line, column;             /* where it stopped, from 0, columns in characters */
    size_t begin_line, begin_column; /* where what the context names began */
};

struct yaml_hint {
    const char *text;    /* in arena */
    size_t line, column; /* the place at fault, from 0: often before the one where libyaml stopped */
};

/* False when nothing is known of it. Takes time in proportion to the file. */
bool yaml_hint(const struct yaml_slip *slip, struct arena *arena, struct yaml_hint *ret_hint);

/* The line, from 1, in which a byte stands. */
size_t yaml_line_of(const char *bytes, size_t length, size_t byte);

#endif
