/*
 * when: times as people say them, relative to now and a zone: "now", "in 2h", "in 1h30m", "in 30 minutes",
 * "tomorrow 9:00", "today 18:30", "monday 9:00" (the next one), "9:00" (the next one), "24 December 18:00" (the
 * next one, unless a year follows the month), "2026-12-01 09:00", "2026-12-01T09:00:30", with offset or Z, and in
 * French: "maintenant", "dans 2h", "dans 1h30", "demain 9h", "demain 9h30", "aujourd'hui 18:30", "lundi 9:00",
 * "24 décembre 18h"; "1/12…" never: dates with slashes are refused because nobody knows which number is the month.
 */
#ifndef CALD_WHEN_H
#define CALD_WHEN_H

#include "base/clock.h"
#include "base/error.h"
#include "editorial/zone.h"

enum when_kind { WHEN_AT, WHEN_NEXT_SLOT };

struct when {
    enum when_kind kind;
    instant at;           /* WHEN_AT */
    enum civil_fold fold; /* so that the answer can say that the clock change moved it */
    char slot[65];        /* WHEN_NEXT_SLOT: the slot's name after "next slot", or "" for any */
};

/* "next slot", "next slot NAME", "prochain créneau" give WHEN_NEXT_SLOT. A past time is returned as it is. */
bool when_parse(const char *text, instant now, const struct zone *zone, struct when *ret_when,
                struct error *err);

/*
 * The same for a bound of what is looked at, such as --until: a day alone ("today", "sunday", "yesterday",
 * "2026-12-01") is its midnight, of a weekday the next one; the next slot is refused.
 */
bool when_parse_bound(const char *text, instant now, const struct zone *zone, instant *ret_at,
                      struct error *err);

/*
 * A whole span, [*ret_from, *ret_until), from midnight to midnight: a day ("today", "hier", "2026-12-01", "monday"),
 * "this week", "last month", "next year", "semaine prochaine", "ce mois-ci", "l'an dernier" (weeks begin on Monday), a
 * week of ISO 8601 ("2026-W48", "week 48"), a month ("2026-12", "december", "décembre 2026"), a year ("2026"). A
 * weekday or a month by its name is the one that is or comes next, unless 'last' or 'this' says another. Words may be
 * joined: "last-week".
 */
bool when_parse_span(const char *text, instant now, const struct zone *zone, instant *ret_from, instant *ret_until,
                     struct error *err);

#endif
