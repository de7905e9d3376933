/*
 * api_actions: what a person does to a post. Each deed names the states it is for and the move; a time or
 * content that goes out again is judged again.
 */
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/approve.h"
#include "control/change.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

static const char *why_of(struct call *call, const char *deed)
{
    const char *why = json_text(call->json, "why");
    return why && *why ? arena_printf(call->arena, "%s: %s", deed, why) : deed;
}

static void run(struct call *call, const char *deed,
                const char *(*prepare)(struct change *, const struct delivery *, struct move *))
{
    struct change change = {.call = call, .deed = deed, .why = why_of(call, deed), .prepare = prepare};
    change_run(&change);
}

static bool is_in(const struct delivery *delivery, unsigned states)
{
    return states >> delivery->state & 1;
}

static const char *not_in(struct change *change, const struct delivery *delivery, const char *wanted)
{
    return arena_printf(change->call->arena, "%s, it is %s", wanted, state_name(delivery->state));
}

static void judge_time_of(struct change *change, const struct delivery *delivery, const struct account *account, instant at)
{
    judge_time(&change->judge, &(struct proposal){.account = account, .content = delivery->content,
                                                  .bucket = delivery->bucket, .self = delivery->post_id, .at = at});
}

/* What goes out again is held against the charter as it is now, which may not be the one it came in under. */
static const char *judge_at(struct change *change, const struct delivery *delivery, instant at)
{
    const struct account *account = change_account(change, delivery);
    if (!account)
        return "its account is not in cald.yaml any more";
    judge_content(&change->judge, account, delivery->content, delivery->bucket, delivery->post_id);
    judge_time_of(change, delivery, account, at);
    return NULL;
}

static const char unapproved[] = "it is not approved: approve it, with a new time ('at') or 'now'";

enum {
    DRAFT = 1 << STATE_DRAFT,
    READY = 1 << STATE_READY,
    HELD = 1 << STATE_HELD,
    WAITING = 1 << STATE_WAITING,
    REFUSED = 1 << STATE_REFUSED,
    MISSED = 1 << STATE_MISSED,
    CANCELLED = 1 << STATE_CANCELLED,
};

/* ---- move ---- */

static const char *moved_from_to(struct call *call, instant from, instant to)
{
    const struct zone *zone = time_zone(call);
    char before[48], after[48];
    return arena_printf(call->arena, "moved from %s to %s", local_format(zone, from, before, sizeof before),
                        local_format(zone, to, after, sizeof after));
}

static const char *prepare_move(struct change *change, const struct delivery *delivery, struct move *move)
{
    const struct account *account = change_account(change, delivery);
    const char *slot_name;
    if (!account)
        return "its account is not in cald.yaml any more";
    if (!posts_time(change->call, json_text(change->call->json, "at"), &account, 1, &move->slot, &slot_name))
        return NULL;
    move->why = moved_from_to(change->call, delivery->slot, move->slot);
    if (delivery->state == STATE_HELD && approve_is_missing(change->call, delivery))
        move->to = STATE_DRAFT; /* it can still be approved in time */
    if (is_in(delivery, REFUSED | MISSED | CANCELLED))
        move->to = STATE_READY;
    if (is_in(delivery, DRAFT | READY | HELD | WAITING | REFUSED | MISSED | CANCELLED))
        judge_time_of(change, delivery, account, move->slot);
    return NULL;
}

void api_post_move(struct call *call)
{
    run(call, "moved", prepare_move);
}

/* ---- now ---- */

static const char *prepare_now(struct change *change, const struct delivery *delivery, struct move *move)
{
    if (delivery->state == STATE_DRAFT)
        return "it is a draft: approve it first";
    if (delivery->state == STATE_HELD && approve_is_missing(change->call, delivery))
        return unapproved;
    move->to = STATE_READY;
    move->slot = change->call->now;
    if (!is_in(delivery, READY | HELD | WAITING | REFUSED | MISSED | CANCELLED))
        return NULL; /* the queue says why not */
    return judge_at(change, delivery, change->call->now);
}

void api_post_now(struct call *call)
{
    run(call, "to be published now", prepare_now);
}

/* ---- retry ---- */

static const char *prepare_retry(struct change *change, const struct delivery *delivery, struct move *move)
{
    if (delivery->state == STATE_UNSURE)
        return "it may have been published already: look there, then resolve it";
    if (!is_in(delivery, REFUSED | MISSED | WAITING | CANCELLED))
        return not_in(change, delivery, "only what was refused, missed, cancelled or waits can be retried");
    if (delivery->state == STATE_CANCELLED && delivery->slot < change->call->now)
        return "it is cancelled and its time has passed: move it";
    move->to = STATE_READY;
    move->due = change->call->now > delivery->slot ? change->call->now : delivery->slot;
    return judge_at(change, delivery, move->due);
}

void api_post_retry(struct call *call)
{
    run(call, "to be tried again", prepare_retry);
}

/* ---- hold, release ---- */

static const char *prepare_hold(struct change *change, const struct delivery *delivery, struct move *move)
{
    (void)change;
    move->to = STATE_HELD;
    return delivery->state == STATE_HELD ? "it is held already" : NULL;
}

void api_post_hold(struct call *call)
{
    run(call, "held", prepare_hold);
}

/* What is late goes out now: that is what releasing it means, and a person said so. */
static const char *prepare_release(struct change *change, const struct delivery *delivery, struct move *move)
{
    if (delivery->state != STATE_HELD)
        return not_in(change, delivery, "only what is held can be released");
    if (approve_is_missing(change->call, delivery))
        return unapproved;
    move->to = STATE_READY;
    move->due = change->call->now > delivery->slot ? change->call->now : delivery->slot;
    return judge_at(change, delivery, move->due);
}

void api_post_release(struct call *call)
{
    run(call, "released", prepare_release);
}

/* ---- cancel ---- */

static const char published_already[] = "it is published already: 'calctl delete' deletes it on the network";

static const char *prepare_cancel(struct change *change, const struct delivery *delivery, struct move *move)
{
    (void)change;
    move->to = STATE_CANCELLED;
    return delivery->state == STATE_PUBLISHED ? published_already : NULL;
}

void api_post_cancel(struct call *call)
{
    run(call, "cancelled", prepare_cancel);
}
