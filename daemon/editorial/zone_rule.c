/* See zone_rule.h. Reads text and counts days; knows neither the file nor the zone it came from. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "editorial/zone_rule.h"

struct reader {
    const char *at, *end;
};

static bool next_is(const struct reader *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static bool take(struct reader *r, char c)
{
    if (!next_is(r, c))
        return false;
    r->at++;
    return true;
}

static bool take_number(struct reader *r, int least, int most, int *ret_number)
{
    const char *start = r->at;
    int number = 0;
    while (r->at < r->end && isdigit((unsigned char)*r->at) && r->at - start < 4)
        number = number * 10 + (*r->at++ - '0');
    if (r->at == start || number < least || number > most)
        return false;
    *ret_number = number;
    return true;
}

/* "CEST", or "<+0330>" where there is more than letters. The name itself is not kept. */
static bool take_name(struct reader *r)
{
    bool quoted = take(r, '<');
    const char *start = r->at;
    for (; r->at < r->end; r->at++) {
        unsigned char c = (unsigned char)*r->at;
        if (!(quoted ? isalnum(c) || c == '+' || c == '-' : isalpha(c)))
            break;
    }
    return r->at - start >= 3 && (!quoted || take(r, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct reader *r, int most_hours, int *ret_seconds)
{
    int hours, minutes = 0, seconds = 0;
    bool negative = take(r, '-');
    if (!negative)
        take(r, '+');
    if (!take_number(r, 0, most_hours, &hours))
        return false;
    if (take(r, ':') &&
        (!take_number(r, 0, 59, &minutes) || (take(r, ':') && !take_number(r, 0, 59, &seconds))))
        return false;
    int total = hours * 3600 + minutes * 60 + seconds;
    *ret_seconds = negative ? -total : total;
    return true;
}

/* POSIX counts west of Greenwich as positive; we count east. */
static bool take_offset(struct reader *r, int *ret_east)
{
    int west;
    if (!take_time(r, 24, &west))
        return false;
    *ret_east = -west;
    return true;
}

static bool take_day(struct reader *r, struct rule_change *change)
{
    if (take(r, 'J')) {
        change->kind = RULE_JULIAN;
        return take_number(r, 1, 365, &change->day);
    }
    if (take(r, 'M')) {
        change->kind = RULE_WEEKDAY;
        return take_number(r, 1, 12, &change->month) && take(r, '.') && take_number(r, 1, 5, &change->week) &&
               take(r, '.') && take_number(r, 0, 6, &change->day);
    }
    change->kind = RULE_YEARDAY;
    return take_number(r, 0, 365, &change->day);
}

static bool take_change(struct reader *r, struct rule_change *change)
{
    change->time = 2 * 3600;
    return take(r, ',') && take_day(r, change) && (!take(r, '/') || take_time(r, 167, &change->time));
}

static bool take_daylight(struct reader *r, struct zone_rule *rule)
{
    rule->has_dst = true;
    rule->daylight = rule->standard + 3600;
    return take_name(r) && (next_is(r, ',') || take_offset(r, &rule->daylight)) &&
           take_change(r, &rule->start) && take_change(r, &rule->end);
}

bool zone_rule_parse(const char *text, size_t length, struct zone_rule *ret_rule, struct error *err)
{
    struct zone_rule rule = {0};
    struct reader r = {.at = text, .end = text + length};
    bool ok = take_name(&r) && take_offset(&r, &rule.standard) && (r.at == r.end || take_daylight(&r, &rule));
    if (!ok || r.at != r.end)
        return fail(err, "the rule '%.*s' is not a POSIX TZ string", (int)(length < 100 ? length : 100),
                    text);
    *ret_rule = rule;
    return true;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970 of the w-th weekday of a month; the fifth may be the fourth. */
static int64_t nth_weekday(int64_t year, const struct rule_change *change)
{
    int64_t first = civil_to_days(year, (unsigned)change->month, 1);
    int64_t next_month = change->month == 12 ? civil_to_days(year + 1, 1, 1)
                                             : civil_to_days(year, (unsigned)change->month + 1, 1);
    int64_t weekday = (first % 7 + 11) % 7; /* 1970-01-01 was a Thursday, 4 */
    int64_t day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
    return day < next_month ? day : day - 7;
}

/* In seconds of local time, as if it were UTC. */
static int64_t change_in_year(const struct rule_change *change, int64_t year)
{
    int64_t days = civil_to_days(year, 1, 1);
    if (change->kind == RULE_WEEKDAY)
        days = nth_weekday(year, change);
    else if (change->kind == RULE_YEARDAY)
        days += change->day;
    else
        days += change->day - 1 + (is_leap(year) && change->day >= 60);
    return days * 86400 + change->time;
}

int64_t zone_rule_start(const struct zone_rule *rule, int64_t year)
{
    return change_in_year(&rule->start, year) - rule->standard;
}

int64_t zone_rule_end(const struct zone_rule *rule, int64_t year)
{
    return change_in_year(&rule->end, year) - rule->daylight;
}
