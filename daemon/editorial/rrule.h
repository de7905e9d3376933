/*
 * rrule: the text of a recurrence rule (RFC 5545 section 3.3.10) as a value, checked strictly.
 *
 * Read are all parts of RFC 5545 and no others (no RSCALE, no BYEASTER), in any order, each at most once,
 * in capitals or not. What the RFC forbids together is refused: COUNT with UNTIL, BYWEEKNO outside YEARLY,
 * BYYEARDAY in DAILY, WEEKLY and MONTHLY, BYMONTHDAY in WEEKLY, numbered BYDAY ("2MO") outside MONTHLY and
 * YEARLY or with BYWEEKNO, BYSETPOS alone; also COUNT over 100,000 and INTERVAL over 32,767. The second 60
 * is taken as 59 (section 3.3.12).
 */
#ifndef CALD_RRULE_H
#define CALD_RRULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "editorial/zone.h"

enum rrule_freq {
    RRULE_SECONDLY,
    RRULE_MINUTELY,
    RRULE_HOURLY,
    RRULE_DAILY,
    RRULE_WEEKLY,
    RRULE_MONTHLY,
    RRULE_YEARLY,
};

enum rrule_by {
    BY_SECOND,
    BY_MINUTE,
    BY_HOUR,
    BY_MONTHDAY,
    BY_YEARDAY,
    BY_WEEKNO,
    BY_MONTH,
    BY_SETPOS,
    BY_COUNT
};

enum rrule_until {
    UNTIL_NONE,
    UNTIL_DATE,  /* the whole day is in */
    UNTIL_LOCAL, /* on the wall clock of the start's zone */
    UNTIL_UTC,   /* "…Z" */
};

/* Numbers -366..366. */
struct number_set {
    bool any;
    uint64_t up[6], back[6];
};

struct rrule {
    enum rrule_freq freq;
    int interval;
    int count; /* 0: without end */
    enum rrule_until until_kind;
    struct civil until; /* UNTIL_DATE: 23:59:59 of that day */
    int week_start;     /* 0 Monday .. 6 Sunday */
    struct number_set by[BY_COUNT];
    bool by_weekday;  /* BYDAY was given */
    bool weekdays[7]; /* without a number */
    bool by_nth;      /* some have one */
    struct number_set nth[7];
};

bool rrule_parse(const char *text, struct rrule *ret_rule, struct error *err);

bool number_set_has(const struct number_set *set, int number);
void number_set_add(struct number_set *set, int number);

#endif
