/*
 * See group.h. Knows transactions and who waits for them, not what was changed.
 */
#include "control/group.h"

#include "control/problem.h"
#include "control/room.h"
#include "control/route.h"

static struct group *group_of(const struct call *call)
{
    return &call->control->group;
}

/* What was looked up meanwhile is stored on its own: no turn of the server ends it. */
static bool takes_part(const struct call *call)
{
    return call->route->flags & ROUTE_TELLS && !call->looked;
}

void group_admit(struct call *call)
{
    if (!takes_part(call) || group_of(call)->count == GROUP_MOST)
        group_settle(call->control);
}

static bool resume_all(struct control *control, const struct error *failed)
{
    struct group *group = &control->group;
    size_t count = group->count;
    group->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct call *call = group->calls[i];
        if (failed) {
            call->answer.header_count = 0;
            problem_storage(call, failed);
        }
        server_resume(call);
    }
    return count > 0;
}

bool group_settle(struct control *control)
{
    struct error err = {""};
    if (!control->group.count)
        return false;
    bool ok = queue_commit(control->queue, &err);
    return resume_all(control, ok ? NULL : &err);
}

bool group_begin(struct call *call, struct error *err)
{
    group_admit(call);
    return group_of(call)->count ? queue_part_begin(call->control->queue, err)
                                 : queue_begin(call->control->queue, err);
}

/* The transaction was lost with the part, and all that is in it. */
static void give_up(struct control *control, const struct error *err)
{
    queue_rollback(control->queue);
    resume_all(control, err);
}

static void enter(struct call *call)
{
    struct group *group = group_of(call);
    call->pending = true;
    group->calls[group->count++] = call;
}

bool group_keep(struct call *call, struct error *err)
{
    struct queue *queue = call->control->queue;
    bool first = !group_of(call)->count;
    if (first && !(takes_part(call) && server_has_others(call)))
        return queue_commit(queue, err);
    if (!first && !queue_part_keep(queue, err)) {
        group_undo(call);
        return false;
    }
    enter(call);
    return true;
}

void group_undo(struct call *call)
{
    struct error err = {""};
    if (!group_of(call)->count)
        queue_rollback(call->control->queue);
    else if (!queue_part_undo(call->control->queue, &err))
        give_up(call->control, &err);
}

void group_wait(struct call *call)
{
    if (group_of(call)->count)
        enter(call);
}
