/*
 * zone_rule: the rule in the footer of a TZif file, a POSIX TZ string with the extensions of RFC 9636
 * section 3.3.1: "CET-1CEST,M3.5.0,M10.5.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
 * "IST-1GMT0,M10.5.0,M3.5.0/1".
 */
#ifndef CALD_ZONE_RULE_H
#define CALD_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum rule_day {
    RULE_JULIAN,  /* Jn: 1..365, 29 February never counts */
    RULE_YEARDAY, /* n: 0..365, it counts */
    RULE_WEEKDAY, /* Mm.w.d: the w-th weekday of a month, 5 for the last */
};

struct rule_change {
    enum rule_day kind;
    int day;         /* Jn and n; for Mm.w.d 0 Sunday .. 6 Saturday */
    int month, week; /* Mm.w.d */
    int time;        /* seconds after that day's midnight, -167 h .. 167 h */
};

struct zone_rule {
    bool has_dst;
    int standard, daylight;        /* seconds east of UTC */
    struct rule_change start, end; /* of daylight time */
};

/* The text is length bytes, not ended by NUL. A daylight name without dates is refused (RFC 9636). */
bool zone_rule_parse(const char *text, size_t length, struct zone_rule *ret_rule, struct error *err);

/* Seconds since 1970 UTC at which daylight time starts, and ends, in a year of the calendar. */
int64_t zone_rule_start(const struct zone_rule *rule, int64_t year);
int64_t zone_rule_end(const struct zone_rule *rule, int64_t year);

#endif
