/*
 * api_approval: handing a post in, approving it, giving it back, taking an approval back. Who may is the
 * charter's to say; whether it may go out afterwards is decided by the queue's gate (queue/approval.h).
 */
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/approve.h"
#include "control/change.h"
#include "control/problem.h"
#include "control/room.h"

static void run(struct call *call, const char *deed,
                const char *(*prepare)(struct change *, const struct delivery *, struct move *))
{
    const char *why = json_text(call->json, "why");
    struct change change = {.call = call,
                            .deed = deed,
                            .prepare = prepare,
                            .approves = true,
                            .why = why && *why ? arena_printf(call->arena, "%s: %s", deed, why) : deed};
    change_run(&change);
}

static const struct approval_word *word_of(struct call *call, enum approval_kind kind)
{
    struct approval_word *word = arena_new_of(call->arena, struct approval_word);
    *word = (struct approval_word){
        .kind = kind, .role = role_name(call->role), .why = json_text(call->json, "why")};
    return word;
}

/* What has to wait for an approval, or waited until its time came. */
static bool is_open(struct change *change, const struct delivery *delivery)
{
    return delivery->state == STATE_DRAFT ||
           (delivery->state == STATE_HELD && approve_is_missing(change->call, delivery));
}

/* Answers 403 for who is neither an editor nor named by the charter. */
static bool has_say(struct change *change, const struct approval_case *what)
{
    struct call *call = change->call;
    if (approval_has_say(approve_rules(call), what, call->who, role_name(call->role)))
        return true;
    problem(call, 403, "this needs the role editor, or a charter that names you for it: %s has %s", call->who,
            role_name(call->role));
    return false;
}

/* A new time, by 'at' or 'now'; false: answered. */
static bool read_time(struct change *change, const struct account *account, instant *ret_slot)
{
    struct call *call = change->call;
    const char *at = json_text(call->json, "at"), *slot_name;
    bool now = json_flag(call->json, "now", false);
    *ret_slot = now ? call->now : 0;
    if (at && now)
        problem(call, 400, "say one of 'at' and 'now'");
    return !call->answer.status && (!at || posts_time(call, at, &account, 1, ret_slot, &slot_name));
}

static bool is_past(const struct change *change, const struct delivery *delivery)
{
    duration patience = delivery->state == STATE_HELD ? 0 : MINUTES(1);
    return delivery->slot < change->call->now - patience;
}

static void judge(struct change *change, const struct delivery *delivery, const struct account *account,
                  instant at)
{
    judge_content(&change->judge, account, delivery->content, delivery->bucket, delivery->post_id);
    judge_time(&change->judge, &(struct proposal){.account = account,
                                                  .content = delivery->content,
                                                  .bucket = delivery->bucket,
                                                  .self = delivery->post_id,
                                                  .at = at});
}

/* ---- approve ---- */

static const char *prepare_approve(struct change *change, const struct delivery *delivery, struct move *move)
{
    struct call *call = change->call;
    const struct account *account = change_account(change, delivery);
    struct approval_case what = approve_case(call, delivery);
    if (!is_open(change, delivery))
        return arena_printf(call->arena, "only what waits for approval can be approved, it is %s",
                            state_name(delivery->state));
    if (!account)
        return "its account is not in cald.yaml any more";
    if (!has_say(change, &what) || !read_time(change, account, &move->slot))
        return NULL;
    what.slot = move->slot ? move->slot : delivery->slot;
    const char *objection =
        approval_objection(approve_rules(call), &what, call->who, role_name(call->role), call->arena);
    if (objection)
        return objection;
    struct approval_standing after = approve_standing_after(call, &what);
    bool late = is_past(change, delivery) && !move->slot;
    if (late && after.done)
        return "its time has passed: say a new one ('at'), or 'now'";
    move->to = late && delivery->state == STATE_HELD ? STATE_HELD : STATE_READY; /* the gate decides */
    move->word = word_of(call, APPROVAL_APPROVED);
    if (!after.done)
        move->why =
            arena_printf(call->arena, "%s; it waits for %s", move->why, approval_wants(&after, call->arena));
    judge(change, delivery, account, what.slot);
    return NULL;
}

void api_post_approve(struct call *call)
{
    run(call, "approved", prepare_approve);
}

/* ---- submit ---- */

static const char *prepare_submit(struct change *change, const struct delivery *delivery, struct move *move)
{
    const struct account *account = change_account(change, delivery);
    if (!is_open(change, delivery))
        return arena_printf(change->call->arena, "only a draft can be submitted, it is %s",
                            state_name(delivery->state));
    if (!account)
        return "its account is not in cald.yaml any more";
    if (!read_time(change, account, &move->slot))
        return NULL;
    if (delivery->review == REVIEW_SUBMITTED && !move->slot)
        return "it waits for approval already";
    if (is_past(change, delivery) && !move->slot)
        return "its time has passed: say a new one ('at')";
    move->to = STATE_READY; /* the gate keeps it a draft that waits */
    move->word = word_of(change->call, APPROVAL_SUBMITTED);
    judge(change, delivery, account, move->slot ? move->slot : delivery->slot);
    return NULL;
}

void api_post_submit(struct call *call)
{
    run(call, "submitted", prepare_submit);
}

/* ---- reject, unapprove ---- */

static const char *back_to_draft(struct change *change, const struct delivery *delivery, struct move *move,
                                 enum approval_kind kind)
{
    struct approval_case what = approve_case(change->call, delivery);
    if (!has_say(change, &what))
        return NULL;
    move->to = STATE_DRAFT;
    move->word = word_of(change->call, kind);
    return NULL;
}

static const char *prepare_reject(struct change *change, const struct delivery *delivery, struct move *move)
{
    unsigned states = 1u << STATE_DRAFT | 1u << STATE_READY | 1u << STATE_HELD | 1u << STATE_WAITING;
    if (!(states >> delivery->state & 1))
        return arena_printf(change->call->arena, "only what is still to come can be rejected, it is %s",
                            state_name(delivery->state));
    return back_to_draft(change, delivery, move, APPROVAL_REJECTED);
}

void api_post_reject(struct call *call)
{
    const char *why = json_text(call->json, "why");
    if (!why[strspn(why, " \t\r\n")])
        problem(call, 400, "'why' must say what is to be changed");
    else
        run(call, "rejected", prepare_reject);
}

static const char *prepare_unapprove(struct change *change, const struct delivery *delivery,
                                     struct move *move)
{
    unsigned states = 1u << STATE_READY | 1u << STATE_HELD | 1u << STATE_WAITING;
    if (!(states >> delivery->state & 1))
        return arena_printf(change->call->arena,
                            "only what is ready, held or waiting can become a draft again, it is %s",
                            state_name(delivery->state));
    return back_to_draft(change, delivery, move, APPROVAL_WITHDRAWN);
}

void api_post_unapprove(struct call *call)
{
    run(call, "approval withdrawn", prepare_unapprove);
}
