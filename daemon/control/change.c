/*
 * change: the frame of all that changes a post. What is allowed in which state is the queue's to say.
 */
#include "control/change.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "control/problem.h"
#include "control/room.h"

const struct account *change_account(const struct change *change, const struct delivery *delivery)
{
    const struct settings_account *account =
        settings_account(change->judge.documents->settings, delivery->account);
    return account ? &account->account : NULL;
}

void change_keep(json_t *kept, const struct delivery *delivery, const char *why)
{
    json_t *item = json_object();
    json_set(item, "delivery", json_sprintf("%s/%s", delivery->post_id, delivery->account));
    json_set_text(item, "why", why);
    json_array_append_new(kept, item);
}

static const char *not_by_author(const struct change *change, const struct delivery *delivery)
{
    bool forbidden = !change->approves && change->call->role < ROLE_EDITOR && delivery->state != STATE_DRAFT;
    return forbidden ? "it is not a draft, and the role author changes drafts only" : NULL;
}

/* The moves of those that can be changed; the others go to 'kept'. */
static struct move *prepare(struct change *change, json_t *kept)
{
    struct selection *s = &change->selection;
    struct move *moves = arena_alloc_array(change->call->arena, s->count, sizeof *moves);
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct delivery *delivery = s->items[i];
        struct move move = {.to = delivery->state, .who = change->call->who, .why = change->why};
        const char *reason = not_by_author(change, delivery);
        if (!reason)
            reason = change->prepare(change, delivery, &move);
        if (change->call->answer.status)
            return NULL;
        if (reason) {
            change_keep(kept, delivery, reason);
            continue;
        }
        s->items[count] = delivery;
        moves[count++] = move;
    }
    s->count = count;
    return moves;
}

/* What is published is no longer moved: it is changed on its network. */
static bool move_one(struct change *change, const struct delivery *delivery, const struct move *move,
                     struct error *err)
{
    struct queue *queue = change->call->control->queue;
    const struct edit edit = {
        .content = move->content, .who = move->who, .why = move->why, .word = move->word};
    if (delivery->state == STATE_PUBLISHED && move->content)
        return queue_edit(queue, delivery, &edit, change->call->now, err);
    return queue_move(queue, delivery, move, change->call->now, err);
}

static size_t move_all(struct change *change, struct move *moves, json_t *kept)
{
    const char *trace = judge_trace(&change->judge);
    size_t moved = 0;
    for (size_t i = 0; i < change->selection.count; i++) {
        struct error err = {""};
        struct delivery *delivery = change->selection.items[i];
        if (trace)
            moves[i].why = arena_printf(change->call->arena, "%s; %s", moves[i].why, trace);
        moves[i].if_version = delivery->version;
        if (move_one(change, delivery, &moves[i], &err) &&
            override_record(change->call, &change->judge.override, &change->judge.diags, delivery->post_id,
                            delivery->account, moves[i].to, &err))
            moved++;
        else
            change_keep(kept, delivery, err.message);
    }
    return moved;
}

void change_conflict(struct call *call, json_t *kept)
{
    struct buf text = {0};
    size_t i;
    json_t *item;
    json_array_foreach(kept, i, item)
    {
        buf_printf(&text, "%s%s: %s", i ? "; " : "", json_text(item, "delivery"), json_text(item, "why"));
    }
    json_t *more = json_object();
    json_set(more, "kept", kept);
    problem_with(call, 409, more, "nothing was changed: %s", buf_text(&text));
    buf_release(&text);
}

void change_run(struct change *change)
{
    struct call *call = change->call;
    if (!judge_init(&change->judge, call) || !posts_select(call, &change->selection) ||
        !posts_match(call, &change->selection))
        return;
    json_t *kept = json_array();
    struct move *moves = prepare(change, kept);
    bool conflict = moves && change->selection.count == 0;
    if (moves && !conflict && judge_passes(&change->judge))
        conflict = move_all(change, moves, kept) == 0;
    if (conflict) {
        change_conflict(call, kept);
    } else if (call->answer.status) {
        json_decref(kept);
    } else {
        posts_answer(call, 200, change->selection.post_id, &change->judge, kept);
        if (!call->dry_run)
            log_info("%s post=%s by=\"%s\"", change->deed, change->selection.post_id, call->who);
    }
}
