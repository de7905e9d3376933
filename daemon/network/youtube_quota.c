/*
 * youtube_quota: see youtube.h. Google tells nothing of what is left, so what was answered is counted; what
 * an answer that was lost cost is not known, and others may use the same project: quotaExceeded is the last
 * word.
 */
#include <string.h>

#include "base/json.h"
#include "network/youtube.h"

enum { UNITS = 10000, UPLOADS = 100 };

/* Since June 2026 opening an upload takes one of a bucket of its own, and no units. */
static const struct cost {
    const char *step;
    int units, uploads;
} costs[] = {
    {"open upload", 0, 1},
    {"thumbnail", 50, 0},
    {"publish", 50, 0},
    {"reschedule", 50, 0},
    {"discard", 50, 0},
    {"delete", 50, 0},
    {"edit", 50, 0},
    {"look for upload", 1, 0},
    {"processing", 1, 0},
    {"scheduled", 1, 0},
    {"channel", 1, 0},
    {"look", 1, 0},
    {"look before discarding", 1, 0},
};

static struct cost cost_of(const char *step)
{
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
        if (!strcmp(costs[i].step, step))
            return costs[i];
    return (struct cost){0};
}

/* ---- the day ---- */

/* The Sunday number 'nth' of a month, as days from 1970-01-01, which was a Thursday. */
static int64_t sunday(int64_t year, unsigned month, unsigned nth)
{
    int64_t first = civil_to_days(year, month, 1);
    return first + (3 - first % 7 + 7) % 7 + 7 * (nth - 1);
}

/* United States, Energy Policy Act of 2005: from the second Sunday of March, 2:00, to the first of November,
   2:00 of summer time. */
static duration pacific_offset(instant at)
{
    int64_t year;
    unsigned month, day;
    days_to_civil((at - HOURS(8)) / DAYS(1), &year, &month, &day);
    instant begins = DAYS(sunday(year, 3, 2)) + HOURS(10), ends = DAYS(sunday(year, 11, 1)) + HOURS(9);
    return at >= begins && at < ends ? -HOURS(7) : -HOURS(8);
}

instant pacific_midnight(instant now)
{
    int64_t day = (now + pacific_offset(now)) / DAYS(1) + 1;
    instant standard = DAYS(day) + HOURS(8), summer = DAYS(day) + HOURS(7);
    return pacific_offset(summer) == -HOURS(7) ? summer : standard;
}

/* ---- what was used ---- */

static int64_t used(const struct job *job, const char *what)
{
    const json_t *quota = json_member(job->session, "quota");
    return job->now < json_number(quota, "until", 0) ? json_number(quota, what, 0) : 0;
}

static int64_t most(const struct job *job, const char *option, int64_t usual)
{
    return json_number(job->account->options, option, usual);
}

const char *youtube_used(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "%lld of %lld units and %lld of %lld uploads of today",
                        (long long)used(job, "units"), (long long)most(job, "max_units", UNITS),
                        (long long)used(job, "uploads"), (long long)most(job, "max_uploads", UPLOADS));
}

const char *youtube_used_up(const struct job *job, const char *step, instant *ret_until, struct arena *arena)
{
    struct cost cost = cost_of(step);
    bool no_units = cost.units && used(job, "units") + cost.units > most(job, "max_units", UNITS);
    bool no_uploads = cost.uploads && used(job, "uploads") + cost.uploads > most(job, "max_uploads", UPLOADS);
    if (!no_units && !no_uploads)
        return NULL;
    *ret_until = pacific_midnight(job->now);
    return arena_printf(arena, "the project has used %s; they begin anew at midnight in California",
                        youtube_used(job, arena));
}

void youtube_count(const struct job *job, const struct step *step, bool exceeded, struct arena *arena,
                   struct outcome *outcome)
{
    struct cost cost = cost_of(step->name);
    const json_t *before = outcome->session ? outcome->session : job->session;
    if (!cost.units && !cost.uploads)
        return;
    json_t *session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)before)), *quota = json_object();
    int64_t units = used(job, "units") + cost.units, uploads = used(job, "uploads") + cost.uploads;
    if (exceeded && cost.units)
        units = most(job, "max_units", UNITS);
    if (exceeded && cost.uploads)
        uploads = most(job, "max_uploads", UPLOADS);
    json_set_number(quota, "until", pacific_midnight(job->now));
    json_set_number(quota, "units", units);
    json_set_number(quota, "uploads", uploads);
    json_set(session, "quota", quota);
    outcome->session = session;
}
