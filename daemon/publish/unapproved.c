/*
 * What is not approved when its time comes is held for a person and told; it is never published late by
 * itself. Drafts have no line: they are looked for here, whatever else keeps their account from working.
 */
#include "base/log.h"
#include "publish/alert.h"
#include "publish/publisher.h"

enum { MOST_A_TURN = 64 };

static bool hold(struct publisher *publisher, const struct delivery *delivery, struct error *err)
{
    instant now = loop_now(publisher->loop);
    struct move move = {.to = STATE_HELD, .who = "cald", .why = "not approved when its time came"};

    log_warn("held post=%s account=%s: %s", delivery->post_id, delivery->account, move.why);
    return queue_move(publisher->queue, delivery, &move, now, err) &&
           alert_delivery(publisher->queue, ALERT_HELD, delivery, STATE_HELD, move.why, now, err);
}

bool unapproved_hold(struct publisher *publisher, struct error *err)
{
    struct arena *arena;
    instant now = loop_now(publisher->loop);
    struct delivery **drafts;
    size_t count;
    bool ok;

    if (publisher->next_draft > now)
        return true;
    arena = arena_new();
    ok = queue_drafts_due(publisher->queue, now, MOST_A_TURN, arena, &drafts, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = hold(publisher, drafts[i], err);
    publisher->next_draft = queue_next_draft(publisher->queue);
    if (ok && publisher->next_draft <= now)
        publisher_pend(publisher); /* the rest in the next turn */
    arena_free(arena);
    return ok;
}

bool unapproved_stop(struct line *line, const struct delivery *delivery, bool *ret_held, struct error *err)
{
    bool approved;

#ifdef CALD_MUTANT_NO_GATE
    *ret_held = false;
    return true;
#endif
    if (!queue_is_approved(line->publisher->queue, delivery, &approved, err))
        return false;
    *ret_held = !approved;
    return approved || hold(line->publisher, delivery, err);
}
