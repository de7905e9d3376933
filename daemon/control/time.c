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
    struct error err = {""};
    *ret_at = fallback;
    if (text && !when_parse_bound(text, call->now, time_zone(call), ret_at, &err))
        problem(call, 400, "'%s': %s", name, err.message);
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
        problem(call, 422, "'at': %s is past; 'now' is at once",
                local_format(time_zone(call), ret_when->at, local, sizeof local));
        return false;
    }
    if (ret_when->at < call->now)
        ret_when->at = call->now;
    return true;
}
