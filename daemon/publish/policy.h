/*
 * policy: the rules the publisher decides by. Pure: arithmetic on what is given, no clock, no I/O, no chance
 * (jitter comes from the delivery's random key).
 *
 * Scopes. A retry or refusal of SCOPE_POST puts off or ends that delivery. SCOPE_ACCOUNT and SCOPE_NETWORK
 * brake the account: its deliveries keep their state and wait for the end of the brake. Accounts of one
 * network mostly live on different servers, so a network's trouble as one account sees it brakes that account
 * only; others find out for themselves at the price of one request.
 */
#ifndef CALD_POLICY_H
#define CALD_POLICY_H

#include <stdbool.h>

#include "base/clock.h"
#include "editorial/calendar.h"
#include "network/network.h"
#include "publish/http.h"
#include "queue/queue.h"
#include "settings.h"

/*
 * How long to wait before try number 'failures' + 1: exponential with full jitter: evenly between 1 s and
 * first * 2^failures, at most 'most'. The same key and number give the same wait.
 */
duration policy_backoff(const char *key, int failures, duration first, duration most);

/* ---- lateness ---- */

/* When a delivery could first have gone out: its slot, when it was added, or when it was made ready again. */
instant policy_possible_since(const struct delivery *delivery);

/* Its entry in the documents as they are now; NULL: it is spontaneous, or they
 * have it no more; or calendar is. */
const struct post *policy_entry(const struct calendar *calendar, const struct delivery *delivery);

/* What a person said of it, else its entry (NULL: it has none). */
bool policy_publishes_late(const struct delivery *delivery, const struct post *entry);

/*
 * A delivery is too late when more than the grace has passed since it could first have gone out: its slot;
 * or, if later, when it was added (a post written down late), or when a person made it ready again (due).
 * always: policy_publishes_late, or a part of it is out already.
 */
enum lateness policy_lateness(const struct delivery *delivery, const struct late_policy *late, bool always,
                              instant now);

/*
 * When that may change of itself, if nothing happens before: the end of the grace, or of trying in vain;
 * INSTANT_NEVER when both are past.
 */
instant policy_late_from(const struct delivery *delivery, const struct late_policy *late,
                         const struct retry_policy *retry, instant now);

/*
 * Whether trying again is to end: it failed, and give_up has passed since it could first have gone out. For
 * what is never too late (publish_late, a thread half out), and where give_up is shorter than the grace.
 */
bool policy_gives_up(const struct delivery *delivery, const struct retry_policy *retry, instant now);

/* Whether the clock can be right: not before this program was written, nor a day before what was already
 * stored. */
bool policy_clock_is_plausible(instant now, instant newest_stored);

/* How long a delivery that waits for another try keeps those after it back, to keep the order of slots: until
   so much after its slot. Then they pass it. */
#define POLICY_ORDER_PATIENCE MINUTES(10)

/* ---- what an outcome means ---- */

struct verdict {
    enum state to;
    instant due;
    bool lost;
    instant brake_until; /* of the account; 0: no brake */
    const char *brake_why;
    bool reconnect;       /* the account's credentials need a person */
    int account_failures; /* the account's new count */
};

struct judged {
    const struct delivery *delivery; /* as it was when the step was made */
    enum step_kind kind;
    const struct outcome *outcome;
    const struct account_status *account;
    bool settling; /* the step was a look-up or a repeat for an unsure delivery */
    bool lost;     /* the request may have left and no whole answer came */
    instant now;
};

/* The next state, time and brake. Never fails. */
struct verdict policy_judge(const struct judged *judged);

/* Whether the account's trouble is worth telling a person: it failed so often in a row, or is braked for long
   after a failure. */
#define POLICY_FAILURES_TOLD 8
bool policy_is_failing(const struct account_status *account, instant now);

/* What an exchange without an answer means: not sent: RETRY of the account; sent: UNSURE for STEP_CREATE,
   else RETRY; barred by a rule of ours: REFUSED of the account. The message lives as long as the result. */
struct outcome policy_of_failure(const struct http_result *result, enum step_kind kind);

/* ---- settling what is unsure ---- */

enum settle_by {
    SETTLE_REPEAT, /* the stored bytes again under the same key */
    SETTLE_FIND,   /* the network's look-up */
    SETTLE_WAIT,   /* nothing before 'at' */
    SETTLE_PERSON, /* nothing more can be done here */
};

struct doubt {
    enum repeat repeat;    /* for this job */
    duration key_lifetime; /* for this job; 0: for ever */
    duration key_wait;
    bool can_find;
    instant first_sent; /* of the delivery */
    instant last_tried; /* when the newest creating request began */
    int repeats;        /* creating requests of the doubtful step made so far, at least 1 */
    instant now;
};

struct settle_plan {
    enum settle_by by;
    instant at; /* SETTLE_WAIT */
};

/*
 * Under a key: not before key_wait has passed since the last try (twice as long after each, up to ten times,
 * or from 1 s up to 5 min where that is more, or an eighth of the time since the first), and only in the
 * first nine tenths of the key's life, so that a slow exchange still arrives within it, and for a day: a
 * repeat may be what publishes it, and nobody wants it weeks late. Else by look-up, for a day. Else a person.
 */
struct settle_plan policy_settle(const struct doubt *doubt);

/* Until when a repeat under the key is tried, where keys are honoured. */
instant policy_key_until(const struct doubt *doubt);

#endif
