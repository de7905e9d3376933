/*
 * rrule_day: which days a rule's BY… parts take, one day at a time.
 *
 * BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY all have to agree. A week belongs to the year that has
 * its fourth day (ISO 8601, with the rule's WKST).
 */
#ifndef CALD_RRULE_DAY_H
#define CALD_RRULE_DAY_H

#include "editorial/rrule.h"

struct day {
    int64_t number; /* since 1970-01-01 */
    int year, month, day;
    int weekday; /* 0 Monday .. 6 Sunday */
    int yearday; /* from 1 */
};

struct day day_from_number(int64_t number);
struct day day_after(const struct day *day);

bool rrule_takes_day(const struct rrule *rule, const struct day *day);

/* Writes what RFC 5545 takes from the start when the rule does not say it: the day of the week, month, year.
 */
void rrule_complete(struct rrule *rule, const struct day *start);

#endif
