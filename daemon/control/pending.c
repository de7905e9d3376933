/*
 * pending: a short list, searched from its beginning.
 */
#include "control/pending.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "control/dispatch.h"
#include "control/server.h"

struct pending {
    LIST_ENTRY(pending) link;
    uintptr_t number;
    struct call *call;
};

static LIST_HEAD(, pending) all = LIST_HEAD_INITIALIZER(all);
static uintptr_t last_number;

void *pending_begin(struct call *call)
{
    struct pending *pending = xmalloc(sizeof *pending);
    *pending = (struct pending){.number = ++last_number, .call = call};
    LIST_INSERT_HEAD(&all, pending, link);
    call->pending = true;
    return (void *)pending->number;
}

static struct call *take(struct pending *pending)
{
    struct call *call = pending->call;
    LIST_REMOVE(pending, link);
    free(pending);
    return call;
}

static struct pending *find(void *context)
{
    struct pending *pending;
    LIST_FOREACH(pending, &all, link)
    if (pending->number == (uintptr_t)context)
        return pending;
    return NULL;
}

struct call *pending_call(void *context)
{
    struct pending *pending = find(context);
    return pending ? pending->call : NULL;
}

struct call *pending_take(void *context)
{
    struct pending *pending = find(context);
    return pending ? take(pending) : NULL;
}

void pending_end(struct call *call)
{
    dispatch_finish(call);
    server_resume(call);
}

void pending_forget(const struct call *call)
{
    struct pending *pending;
    LIST_FOREACH(pending, &all, link)
    if (pending->call == call) {
        take(pending);
        return;
    }
}
