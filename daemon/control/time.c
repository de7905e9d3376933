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

static bool query_time(struct call *call, const char *name, instant *at)
{
    const char *text = call_query(call, name);
    struct error err = {""};
    if (text && !when_parse_bound(text, call->now, time_zone(call), at, &err))
        problem(call, 400, "'%s': %s", name, err.message);
    return call->answer.status == 0;
}

bool query_span(struct call *call, const char *from, instant *at_from, instant *at_until)
{
    const char *during = call_query(call, "during"),
               *other = call_query(call, from) ? from : call_query(call, "until") ? "until" : NULL;
    struct error err = {""};
    if (!during)
        return query_time(call, from, at_from) && query_time(call, "until", at_until);
    if (other)
        problem(call, 400, "'during' says when it begins and ends: leave out '%s'", other);
    else if (!when_parse_span(during, call->now, time_zone(call), at_from, at_until, &err))
        problem(call, 400, "'during': %s", err.message);
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
