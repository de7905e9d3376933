/*
 * See rrule_expand.h. The periods of a rule (every second week, every third month…) have numbers, so that what
 * is before 'from' costs nothing; the days and times in each are looked at one by one. Knows no zone.
 *
 * Not by libical: 3.0.16 takes BYSETPOS for days only, loses negative BYMONTHDAY in DAILY rules, takes
 * YEARLY;BYMONTHDAY for the start's month only, starts WEEKLY rules with WKST and INTERVAL in the wrong week,
 * ignores INTERVAL beside BYHOUR, BYMINUTE and BYSECOND, may need minutes to learn that a rule never matches,
 * and brings ICU with it: 3 MiB of memory.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "editorial/rrule_day.h"
#include "editorial/rrule_expand.h"

enum { MOST_WORK = 1000000, MOST_DAYS = 366, MOST_POSITIONS = 2 * 366 };

static const int day_seconds = 86400;
static const int last_year = 2100;
static const int epoch_weekday = 3; /* 1970-01-01 was a Thursday; weeks begin at Monday, 0 */

struct expansion {
    struct rrule rule; /* complete: nothing is taken from the start any more */
    int64_t start;     /* seconds on the wall clock */
    int unit;          /* seconds that a period of a rule shorter than DAILY lasts; a day for the others */
    const int *times;  /* seconds since the day's, hour's or minute's start */
    size_t time_count;
};

struct walk {
    const struct expansion *expansion;
    int64_t from;
    int count, work;
    enum expansion_end end; /* EXPANSION_STOPPED as long as nothing else happened */
    bool (*see)(void *context, int64_t seconds);
    void *context;
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The first period at or after 'period' that the interval reaches from 'first' on. */
static int64_t align(const struct rrule *rule, int64_t first, int64_t period)
{
    return first + floor_div(period - first + rule->interval - 1, rule->interval) * rule->interval;
}

/* ---- times in a day, an hour, a minute ---- */

/* The numbers below 'below' that a part takes, or the start's alone. Returns how many. */
static size_t list_numbers(const struct number_set *set, int below, int of_start, int ret_numbers[])
{
    size_t count = 0;
    for (int i = 0; i < below; i++)
        if (set->any ? number_set_has(set, i) : i == of_start)
            ret_numbers[count++] = i;
    return count;
}

static void list_times(struct expansion *e, struct arena *arena, const struct civil *start)
{
    const struct number_set *by = e->rule.by;
    int hours[24] = {0}, minutes[60] = {0}, seconds[60] = {0};
    size_t hour_count = 1, minute_count = 1, second_count = 1, n = 0;
    if (e->unit > 3600)
        hour_count = list_numbers(&by[BY_HOUR], 24, start->hour, hours);
    if (e->unit > 60)
        minute_count = list_numbers(&by[BY_MINUTE], 60, start->minute, minutes);
    if (e->unit > 1)
        second_count = list_numbers(&by[BY_SECOND], 60, start->second, seconds);
    int *times = arena_alloc_array(arena, hour_count * minute_count * second_count, sizeof *times);
    for (size_t h = 0; h < hour_count; h++)
        for (size_t m = 0; m < minute_count; m++)
            for (size_t s = 0; s < second_count; s++)
                times[n++] = hours[h] * 3600 + minutes[m] * 60 + seconds[s];
    e->times = times;
    e->time_count = n;
}

const struct expansion *expansion_new(struct arena *arena, const struct rrule *rule,
                                      const struct civil *start)
{
    static const int units[] = {1, 60, 3600, 86400, 86400, 86400, 86400};
    struct expansion *e = arena_new_of(arena, struct expansion);
    e->rule = *rule;
    e->start = civil_seconds(start);
    e->unit = units[rule->freq];
    struct day day = day_from_number(floor_div(e->start, day_seconds));
    rrule_complete(&e->rule, &day);
    list_times(e, arena, start);
    return e;
}

/* ---- one set: some days, or one hour or minute of a day, with their times ---- */

static bool work(struct walk *w)
{
    if (w->work++ < MOST_WORK)
        return true;
    w->end = EXPANSION_COSTLY;
    return false;
}

static bool give(struct walk *w, int64_t seconds)
{
    const struct expansion *e = w->expansion;
    if (!work(w))
        return false;
    if (seconds < e->start)
        return true;
    if (e->rule.count && ++w->count > e->rule.count) {
        w->end = EXPANSION_DONE;
        return false;
    }
    return seconds < w->from || w->see(w->context, seconds);
}

static int compare_positions(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The chosen positions, from 0, ascending, each once. */
static size_t list_positions(const struct number_set *set, int size, int ret_positions[])
{
    size_t count = 0, kept = 0;
    for (int i = 1; i <= 366 && i <= size; i++) {
        if (number_set_has(set, i))
            ret_positions[count++] = i - 1;
        if (number_set_has(set, -i))
            ret_positions[count++] = size - i;
    }
    qsort(ret_positions, count, sizeof *ret_positions, compare_positions);
    for (size_t i = 0; i < count; i++)
        if (!kept || ret_positions[i] != ret_positions[kept - 1])
            ret_positions[kept++] = ret_positions[i];
    return kept;
}

static bool give_positions(struct walk *w, const int64_t starts[], size_t count)
{
    const struct expansion *e = w->expansion;
    int positions[MOST_POSITIONS];
    size_t n = list_positions(&e->rule.by[BY_SETPOS], (int)(count * e->time_count), positions);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)positions[i];
        if (!give(w, starts[at / e->time_count] + e->times[at % e->time_count]))
            return false;
    }
    return true;
}

/* Starts are in seconds: of days, or of one hour, minute or second. */
static bool give_set(struct walk *w, const int64_t starts[], size_t count)
{
    const struct expansion *e = w->expansion;
    if (e->rule.by[BY_SETPOS].any)
        return give_positions(w, starts, count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < e->time_count; k++)
            if (!give(w, starts[i] + e->times[k]))
                return false;
    return true;
}

/* ---- rules of days and longer ---- */

static bool give_period(struct walk *w, int64_t first_day, int length)
{
    int64_t starts[MOST_DAYS];
    size_t count = 0;
    struct day day = day_from_number(first_day);
    for (int i = 0; i < length; i++, day = day_after(&day)) {
        if (!work(w))
            return false;
        if (day.year <= last_year && rrule_takes_day(&w->expansion->rule, &day))
            starts[count++] = day.number * day_seconds;
    }
    return give_set(w, starts, count);
}

/* The number of the period that a day lies in: days since 1970, weeks, months since the year 0, years. */
static int64_t period_of(const struct rrule *rule, int64_t number)
{
    struct day day = day_from_number(number);
    if (rule->freq == RRULE_DAILY)
        return number;
    if (rule->freq == RRULE_WEEKLY)
        return floor_div(number + epoch_weekday - rule->week_start, 7);
    return rule->freq == RRULE_MONTHLY ? day.year * 12 + day.month - 1 : day.year;
}

static int64_t first_day_of(const struct rrule *rule, int64_t period)
{
    if (rule->freq == RRULE_DAILY)
        return period;
    if (rule->freq == RRULE_WEEKLY)
        return period * 7 - epoch_weekday + rule->week_start;
    return rule->freq == RRULE_MONTHLY ? civil_to_days(period / 12, (unsigned)(period % 12) + 1, 1)
                                       : civil_to_days(period, 1, 1);
}

static void walk_periods(struct walk *w, int64_t start_day, int64_t from_day)
{
    const struct rrule *rule = &w->expansion->rule;
    int64_t end = civil_to_days(last_year + 1, 1, 1);
    int64_t period = align(rule, period_of(rule, start_day), period_of(rule, from_day));
    for (int64_t first; (first = first_day_of(rule, period)) < end; period += rule->interval)
        if (!give_period(w, first, (int)(first_day_of(rule, period + 1) - first)))
            return;
    w->end = EXPANSION_DONE;
}

/* ---- rules of hours, minutes and seconds ---- */

/*
 * Where in the day to go on when the period at 'seconds' is not taken: at the next hour, minute or second.
 * 0: it is taken.
 */
static int next_candidate(const struct expansion *e, int seconds)
{
    const struct number_set *by = e->rule.by;
    if (by[BY_HOUR].any && !number_set_has(&by[BY_HOUR], seconds / 3600))
        return (seconds / 3600 + 1) * 3600;
    if (e->unit <= 60 && by[BY_MINUTE].any && !number_set_has(&by[BY_MINUTE], seconds / 60 % 60))
        return (seconds / 60 + 1) * 60;
    if (e->unit == 1 && by[BY_SECOND].any && !number_set_has(&by[BY_SECOND], seconds % 60))
        return seconds + 1;
    return 0;
}

static bool give_units_of_day(struct walk *w, int64_t day_start)
{
    const struct expansion *e = w->expansion;
    int64_t first = floor_div(e->start, e->unit), end = (day_start + day_seconds) / e->unit;
    int64_t unit = align(&e->rule, first, day_start / e->unit);
    while (unit < end) {
        if (!work(w))
            return false;
        int64_t seconds = unit * e->unit;
        int next = next_candidate(e, (int)(seconds - day_start));
        if (!next && !give_set(w, &seconds, 1))
            return false;
        unit = align(&e->rule, first, next ? (day_start + next) / e->unit : unit + 1);
    }
    return true;
}

static void walk_units(struct walk *w, int64_t start_day, int64_t from_day)
{
    struct day day = day_from_number(from_day > start_day ? from_day : start_day);
    for (; day.year <= last_year; day = day_after(&day)) {
        if (!work(w))
            return;
        if (rrule_takes_day(&w->expansion->rule, &day) && !give_units_of_day(w, day.number * day_seconds))
            return;
    }
    w->end = EXPANSION_DONE;
}

enum expansion_end expansion_walk(const struct expansion *expansion, int64_t from,
                                  bool (*see)(void *context, int64_t seconds), void *context)
{
    struct walk w = {.expansion = expansion, .from = from, .see = see, .context = context};
    const struct rrule *rule = &expansion->rule;
    int64_t start_day = floor_div(expansion->start, day_seconds), from_day = floor_div(from, day_seconds);
    if (from_day >= civil_to_days(last_year + 1, 1, 1))
        return EXPANSION_DONE;
    if (rule->count || from_day < start_day)
        from_day = start_day;
    if (rule->freq >= RRULE_DAILY)
        walk_periods(&w, start_day, from_day);
    else
        walk_units(&w, start_day, from_day);
    return w.end;
}
