/*
 * time: times as a request says them: RFC 3339, civil in the calendar's zone, or as people say them
 * (editorial/when.h).
 */
#ifndef CALD_CONTROL_TIME_H
#define CALD_CONTROL_TIME_H

#include "control/call.h"
#include "editorial/when.h"
#include "editorial/zone.h"

/* The calendar's. */
const struct zone *time_zone(const struct call *call);

/* The parameter as an instant, fallback when it is absent; false: answered with 400. */
bool query_time(struct call *call, const char *name, instant fallback, instant *ret_at);

/* A time for a post: not more than a minute past; "now" is now. False: answered with 422. */
bool body_time(struct call *call, const char *text, struct when *ret_when);

#endif
