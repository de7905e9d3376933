/*
 * recurrence: when a rule falls (RFC 5545 section 3.3.10), in civil time and then in a zone.
 *
 * The rule is expanded on civil times without a zone (rrule_expand.h); each civil time is then given to the
 * zone (gap: forward by the gap, overlap: the first). The start is an occurrence only where the rule matches
 * it, and COUNT counts what matches. Two times that a gap moves onto each other are kept once. A date as
 * UNTIL includes that day; with Z it is compared as an instant.
 */
#ifndef CALD_RECURRENCE_H
#define CALD_RECURRENCE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "editorial/zone.h"

struct occurrence {
    struct civil civil; /* as the rule says it, before a gap moves it */
    instant at;
    enum civil_fold fold;
};

struct recurrence; /* a checked rule with its start, zone, excluded and added times */

/*
 * Checks and prepares. rrule is the value without "RRULE:" ("FREQ=WEEKLY;BYDAY=FR"), NULL for the start
 * alone. Refused with a clear message: unknown or repeated parts, values out of range, COUNT with UNTIL, what
 * can never match, rules that would take unreasonably long to expand, and a start before 1900. Excluded times
 * (EXDATE) are civil times in the same zone or dates (the whole day); added ones (RDATE) civil times.
 */
const struct recurrence *recurrence_new(struct arena *arena, const struct zone *zone, const struct civil *start,
                                        const char *rrule, const struct civil *excluded, const bool *excluded_is_date,
                                        size_t excluded_count, const struct civil *added, size_t added_count,
                                        struct error *err);

/*
 * Occurrences with from <= at < until, ascending, without doubles, at most 'most'. Returns how many; the
 * array lives in arena. COUNT counts from the start whatever 'from' is; excluded times count (RFC 5545).
 * Nothing is given after the year 2100.
 */
size_t recurrence_between(const struct recurrence *recurrence, instant from, instant until, size_t most,
                          struct arena *arena, struct occurrence **ret_occurrences);

#endif
