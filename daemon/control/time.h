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

/*
 * What is looked at: 'during', or 'from' (as this list calls it) and 'until'; each stays as it is when nothing is said
 * of it. False: answered with 400, also when both are given.
 */
bool query_span(struct call *call, const char *from, instant *at_from, instant *at_until);

/* A time for a post: not more than a minute past; "now" is now. False: answered with 422. */
bool body_time(struct call *call, const char *text, struct when *ret_when);

#endif
