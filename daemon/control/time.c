/*
 * time: gives the calendar's zone and the call's instant to the parser. Knows no calendar rule.
 */
#include "control/time.h"

#include <ctype.h>
#include <string.h>

#include "control/problem.h"
#include "control/room.h"
#include "control/view.h"

const struct zone *time_zone(const struct call *call)
{
    return schedule_documents(call->control->schedule)->calendar->zone;
}

bool query_time(struct call *call, const char *name, instant fallback, instant *ret_at)
{
    const char *text = call_query(call, name);
    struct when when;
    struct error err = {""};
    struct civil civil;
    bool has_time;
    *ret_at = fallback;
    if (!text)
        return true;
    if (civil_parse(text, &civil, &has_time)) { /* a date alone is its midnight */
        *ret_at = zone_instant(time_zone(call), &civil, NULL);
        return true;
    }
    if (!when_parse(text, call->now, time_zone(call), &when, &err))
        problem(call, 400, "'%s': %s", name, err.message);
    else if (when.kind != WHEN_AT)
        problem(call, 400, "'%s' must be a time", name);
    else
        *ret_at = when.at;
    return call->answer.status == 0;
}

bool body_time(struct call *call, const char *text, struct when *ret_when)
{
    struct error err = {""};
    char local[48];
    if (!when_parse(text, call->now, time_zone(call), ret_when, &err)) {
        problem(call, 422, "'at': %s", err.message);
        return false;
    }
    if (ret_when->kind == WHEN_NEXT_SLOT)
        return true;
    if (ret_when->at < call->now - MINUTES(1)) {
        problem(call, 422, "'at': %s is past",
                local_format(time_zone(call), ret_when->at, local, sizeof local));
        return false;
    }
    if (ret_when->at < call->now)
        ret_when->at = call->now;
    return true;
}
