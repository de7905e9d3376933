/*
 * api_batch: many posts in one request. Whose turn it is: one batch after the other, a slice in each turn of
 * the loop.
 */
#include <stdlib.h>

#include "control/api.h"
#include "control/batch.h"
#include "control/idempotency.h"
#include "control/pending.h"
#include "control/problem.h"
#include "control/room.h"
#include "publish/lookup.h"

enum { WAITING_MOST = 8 }; /* each keeps its body in memory */
#define LOOK_PATIENCE SECONDS(30)

struct batches {
    STAILQ_HEAD(, batch) all; /* the first one is worked on */
    size_t count;
    struct timer *next;
};

static void take_out(struct batches *batches, struct batch *batch)
{
    STAILQ_REMOVE(&batches->all, batch, batch, link);
    batches->count--;
    batch_free(batch);
    memory_give_back();
    if (batches->count)
        timer_after(batches->next, 0);
}

/* What it was answered with is remembered already, if it is to be. */
static void finish(struct batches *batches, struct batch *batch)
{
    struct call *call = pending_take(batch->pending);
    take_out(batches, batch);
    if (!call)
        return;
    call->key = NULL;
    pending_end(call);
}

static void looked(void *context)
{
    struct call *call = pending_call(context);
    struct batches *batches = call ? call->control->batches : NULL;
    struct batch *batch = batches ? STAILQ_FIRST(&batches->all) : NULL;
    if (!batch || batch->pending != context)
        return;
    batch_looked(batch);
    timer_after(batches->next, 0);
}

static void look(struct batch *batch)
{
    struct control *control = batch->call->control;
    lookup_ask(publisher_lookup(control->publisher), &batch->online,
               schedule_documents(control->schedule)->settings, LOOK_PATIENCE, looked, batch->pending);
}

/* Another one under the same key may have ended while it waited for its turn. */
static bool may_begin(struct batch *batch)
{
    return batch->begun || (batch->begun = idempotency_check(batch->call));
}

static void next_slice(void *context)
{
    struct batches *batches = context;
    struct batch *batch = STAILQ_FIRST(&batches->all);
    if (!pending_call(batch->pending)) {
        take_out(batches, batch);
        return;
    }
    if (may_begin(batch))
        batch_slice(batch);
    if (batch->looks)
        look(batch);
    else if (batch->call->answer.status)
        finish(batches, batch);
    else
        timer_after(batches->next, 0);
}

static struct batches *batches_of(struct control *control)
{
    if (control->batches)
        return control->batches;
    struct batches *batches = xmalloc(sizeof *batches);
    *batches = (struct batches){.next = loop_timer(control->loop, next_slice, batches)};
    STAILQ_INIT(&batches->all);
    return control->batches = batches;
}

void api_batch_add(struct call *call)
{
    struct batches *batches = batches_of(call->control);
    if (batches->count == WAITING_MOST) {
        problem(call, 503, "%d other batches wait to be added", WAITING_MOST);
        answer_with(call, "Retry-After", "1");
        return;
    }
    struct batch *batch = batch_new(call);
    batch->pending = pending_begin(call);
    STAILQ_INSERT_TAIL(&batches->all, batch, link);
    if (batches->count++ == 0)
        timer_after(batches->next, 0);
}

void api_batch_stop(struct control *control)
{
    struct batches *batches = control->batches;
    struct batch *batch;
    if (!batches)
        return;
    while ((batch = STAILQ_FIRST(&batches->all))) {
        while (batch->storing && !batch->call->answer.status)
            batch_slice(batch);
        if (batch->storing)
            finish(batches, batch);
        else
            take_out(batches, batch);
    }
    timer_free(batches->next);
    free(batches);
    control->batches = NULL;
}
