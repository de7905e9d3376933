/*
 * rrule_expand: walks through the civil times of a rule, in order, without a zone.
 *
 * BYSETPOS counts in the whole period that the start lies in, also what is before the start, which is then
 * left out (as RFC 5545 has it). Nothing is given after the year 2100. COUNT is kept; UNTIL is the caller's,
 * who knows the zone.
 */
#ifndef CALD_RRULE_EXPAND_H
#define CALD_RRULE_EXPAND_H

#include "base/arena.h"
#include "editorial/rrule.h"

struct expansion; /* a rule with its start, ready to be walked */

const struct expansion *expansion_new(struct arena *arena, const struct rrule *rule,
                                      const struct civil *start);

enum expansion_end {
    EXPANSION_STOPPED, /* see said so */
    EXPANSION_DONE,    /* COUNT or the year 2100 */
    EXPANSION_COSTLY,  /* given up: too much work (a few hundredths of a second) */
};

/*
 * Calls see for each time at or after both the start and 'from' (seconds on the wall clock, as
 * civil_seconds gives them), until it returns false. Without COUNT what is before 'from' costs nothing.
 */
enum expansion_end expansion_walk(const struct expansion *expansion, int64_t from,
                                  bool (*see)(void *context, int64_t seconds), void *context);

#endif
