/*
 * late: what becomes of a delivery that could not leave in time, as the documents say it. Pure.
 *
 * Said at three places, key by key: an account's 'late' lies over the one of cald.yaml, and that of a
 * calendar's file over the account's, for the posts of that file: the calendar is nearer to the post. A
 * post's 'publish_late' is over all of them.
 */
#ifndef CALD_LATE_H
#define CALD_LATE_H

#include <stdbool.h>

#include "base/clock.h"

enum missed_then { /* after the grace period */
    MISSED_UNSAID = -1,
    MISSED_HOLD, /* held for a person */
    MISSED_DROP, /* missed */
};

#define LATE_UNSAID (-1)

struct late_policy {
    duration grace; /* a delivery not more than this late is published by itself; or LATE_UNSAID */
    enum missed_then then;
};

enum lateness {
    LATENESS_FINE,  /* go on */
    LATENESS_HOLD,  /* too late: held for a person */
    LATENESS_MISSED /* too late: missed */
};

/* What could have gone out since 'since' and has not until now; always: it is published however late. */
enum lateness late_judge(instant since, const struct late_policy *late, bool always, instant now);

/*
 * The distance that an account with this spacing keeps before a post that is late by so much: what is over
 * a minute late keeps at least 5 s, so that what was missed is not made up for in a burst; unless the
 * operator wants no distance at all.
 */
duration late_spacing(duration spacing, duration late_by);

/* What 'over' says, and 'under' where it says nothing. over NULL: it says nothing. */
struct late_policy late_over(const struct late_policy *over, const struct late_policy *under);

#endif
