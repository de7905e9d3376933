/*
 * api_delete: a person wants what is published deleted on its networks, or what is out of a thread that failed.
 * Only stores that; the publisher does it. What has not been sent is cancelled instead, which is another deed.
 */
#include "base/json.h"
#include "base/log.h"
#include "control/api.h"
#include "control/change.h"
#include "control/room.h"
#include "network/removal.h"

/* NULL: there is something to delete. */
static const char *not_out(const struct delivery *delivery)
{
    enum state state = delivery->state;
    if (state == STATE_PUBLISHED || (state_is_final(state) && removal_parts_out(delivery->memo)))
        return NULL;
    if (state == STATE_SENDING)
        return "it is being sent: wait for what becomes of it";
    if (state == STATE_UNSURE)
        return "it may have been published: resolve it first";
    if (removal_parts_out(delivery->memo))
        return "a part of it is out, and cald goes on with it: cancel it, then delete it";
    return "it is not published: cancel it";
}

static bool delete_one(struct call *call, const struct delivery *delivery, const char *why, json_t *kept)
{
    struct error err = {""};
    const char *reason = delivery->deleted    ? "it is deleted already"
                         : delivery->deleting ? "it is being deleted already"
                                              : not_out(delivery);
    if (!reason)
        reason = publisher_cannot_delete(call->control->publisher, delivery, call->arena);
    if (!reason && !queue_delete(call->control->queue, delivery, call->who, why, call->now, &err))
        reason = err.message;
    if (reason)
        change_keep(kept, delivery, reason);
    return !reason;
}

void api_post_delete(struct call *call)
{
    struct selection selection;
    const char *why = json_text(call->json, "why");
    size_t asked = 0;
    if (!posts_select(call, &selection) || !posts_match(call, &selection))
        return;
    why = why && *why ? arena_printf(call->arena, "to be deleted: %s", why) : "to be deleted";
    json_t *kept = json_array();
    for (size_t i = 0; i < selection.count; i++)
        asked += delete_one(call, selection.items[i], why, kept);
    if (!asked) {
        change_conflict(call, kept);
        return;
    }
    posts_answer(call, 200, selection.post_id, NULL, kept);
    log_info("to be deleted post=%s by=\"%s\"", selection.post_id, call->who);
}
