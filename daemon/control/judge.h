/*
 * judge: the charter and the networks' limits held against what a request wants (invariant 8).
 *
 * Faults of the form and limits of a network refuse for good: the network would. What the charter says
 * against may be overridden by an editor who gives a reason.
 */
#ifndef CALD_JUDGE_H
#define CALD_JUDGE_H

#include "base/diag.h"
#include "control/call.h"
#include "control/override.h"
#include "editorial/check.h"
#include "editorial/online.h"
#include "editorial/plan.h"

struct company { /* what comes in with a post and is not in the queue yet: it counts as if it were */
    const struct wanted *items;
    size_t count;
    const size_t *by_time;   /* their places in items, by their slots */
    const struct index *ids; /* of its posts */
    struct online *online;   /* what all of them ask, once */
};

/* How many of them are before a time: those from then on begin there in by_time. */
size_t company_before(const struct company *company, instant at);

struct judge {
    struct call *call;
    const struct documents *documents;
    struct diags diags;
    bool mixed;   /* the buckets' shares were looked at */
    size_t limits;  /* errors that are a network's, */
    bool malformed; /* or of the form: no reason overrides them */
    struct override override;
    bool hurried; /* links and mentions are not looked at: somebody cannot wait */
    struct online *online;
    json_t *previews; /* of a dry run: each content that was judged, as its network will show and count it */
};

/* False: answered (override without the right or without a reason). */
bool judge_init(struct judge *judge, struct call *call);

/* bucket: the post's, or NULL. */
void judge_content(struct judge *judge, const struct account *account, const struct content *content,
                   const char *bucket, const char *post_id);

/* Its time among what is queued; content: what is compared with what the account's others say. */
void judge_time(struct judge *judge, const struct proposal *proposal);

/* Whether it may go on; else answered with 422, or the call is done again when links and mentions were looked
 * at (call_looks). */
bool judge_passes(struct judge *judge);

/* How a refusal may be overridden (override_offer); a new reference, or NULL. */
json_t *judge_offer(const struct judge *judge);

/* What the history should say of an override; NULL when nothing had to be overridden. */
const char *judge_trace(const struct judge *judge);

/* The times that are taken in [from, until), for plan_next_free: also by a batch that is not stored yet. */
struct assigned *judge_assigned(struct call *call, instant from, instant until, size_t *ret_count);

/* Those of what is in the queue. */
struct assigned *judge_queued(struct call *call, instant from, instant until, size_t *ret_count);

#endif
