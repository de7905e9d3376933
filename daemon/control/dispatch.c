/*
 * dispatch: the order in which a request is judged. Knows no single route.
 */
#include "control/dispatch.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "control/group.h"
#include "control/guard.h"
#include "control/idempotency.h"
#include "control/pending.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/route.h"
#include "publish/lookup.h"
#include "queue/audit.h"

#define LOOK_PATIENCE SECONDS(10) /* for links and mentions */

static bool identify(struct call *call, const struct settings *settings)
{
    static const char scheme[] = "Bearer ";
    const char *header = call_header(call, "Authorization");
    struct identity identity = {ROLE_NONE, NULL};
    if (call->peer->local)
        identity = role_of_peer(settings, call->peer, geteuid(), call->arena);
    else if (header && strncasecmp(header, scheme, sizeof scheme - 1) == 0)
        identity =
            role_of_token_file(settings->tokens_file, header + sizeof scheme - 1, call->now, call->arena);
    call->role = identity.role;
    call->who = identity.who;
    return true;
}

static bool check_role(struct call *call)
{
    if (call->role >= call->route->least)
        return true;
    if (!call->peer->local && call->role == ROLE_NONE) {
        problem(call, 401, "a valid bearer token is needed here");
        answer_with(call, "WWW-Authenticate", "Bearer realm=\"cald\"");
    } else {
        problem(call, 403, "this needs the role %s, %s has %s", role_name(call->route->least), call->who,
                role_name(call->role));
    }
    return false;
}

static void begin_answer(struct call *call)
{
    answer_with(call, "X-Content-Type-Options", "nosniff");
    answer_with(call, "Cache-Control", "no-cache");
}

/* Guards first: a request that is not well-formed learns nothing about routes or roles. */
bool dispatch_begin(struct call *call)
{
    begin_answer(call);
    if (!guard_framing(call))
        return false;
    call->drains = guard_length(call) <= GUARD_UPLOAD;
    const struct documents *documents = call_documents(call);
    if (!documents || !guard_host(call, documents->settings))
        return false;
    call->route = route_find(call);
    if (!call->route)
        return false;
    if (!(call->route->flags & ROUTE_PUBLIC) && !guard_origin(call))
        return false;
    return identify(call, documents->settings) && check_role(call) &&
           guard_body(call, route_body(call->route)) && route_check_query(call, call->route->query);
}

static bool parse_body(struct call *call)
{
    struct error err = {""};
    if (call->route->flags & (ROUTE_UPLOAD | ROUTE_BATCH))
        return true;
    call->json = call->length ? json_parse(call->body, call->length, &err) : json_object();
    if (!call->json) {
        problem(call, 400, "the body is not JSON: %s", err.message);
        return false;
    }
    json_in_arena(call->arena, call->json);
    if (!json_is_object(call->json)) {
        problem(call, 400, "the body must be a JSON object");
        return false;
    }
    return route_check_body(call, call->route->body);
}

const char *dispatch_came_by(const struct call *call)
{
    return call->peer->local ? "socket" : arena_printf(call->arena, "tcp %s", call->peer->address);
}

static bool succeeded(const struct call *call)
{
    return call->answer.status >= 200 && call->answer.status < 300;
}

/* What the handler did, and the answer under its key, in one commit. A conflict is committed too: what looks
   like one may be a disk that failed, which only a commit tells. */
static bool store(struct call *call, struct error *err)
{
    bool wanted = call->answer.status == 409 || (succeeded(call) && !call->dry_run);
    if (!wanted) {
        group_undo(call);
        group_wait(call);
        return true;
    }
    if (succeeded(call) && !idempotency_remember(call, err)) {
        group_undo(call);
        return false;
    }
    return group_keep(call, err);
}

static void handle_writing(struct call *call);

static void handle_again(void *context)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    call->looks = NULL;
    call->looked = true;
    call->answer = (struct answer){.file = -1};
    begin_answer(call);
    call->now = loop_now(call->control->loop);
    queue_came_by(call->control->queue, dispatch_came_by(call));
    handle_writing(call);
    queue_came_by(call->control->queue, NULL);
    server_resume(call);
}

/* What links and mentions lead to is asked outside of any transaction; then all is done anew. */
static void look(struct call *call)
{
    struct control *control = call->control;
    group_undo(call);
    lookup_ask(publisher_lookup(control->publisher), call->looks, schedule_documents(control->schedule)->settings,
               LOOK_PATIENCE, handle_again, pending_begin(call));
}

/* The answer leaves after the effect is on disk. */
static void handle_writing(struct call *call)
{
    struct error err = {""};
    if (!group_begin(call, &err)) {
        problem_storage(call, &err);
        return;
    }
    call->route->handle(call);
    if (call->looks) {
        look(call);
        return;
    }
    if (!store(call, &err)) {
        call->answer.header_count = 0;
        problem_storage(call, &err);
    }
    /* what could not be stored may be the first that is heard of a disk that is full */
    if (!(call->route->flags & ROUTE_TELLS) || !succeeded(call))
        publisher_wake(call->control->publisher);
}

static void handle(struct call *call)
{
    if (call->route->flags & ROUTE_WRITES) {
        handle_writing(call);
        return;
    }
    call->route->handle(call);
    if (!call->pending)
        dispatch_finish(call);
}

void dispatch_handle(struct call *call)
{
    struct queue *queue = call->control->queue;
    if (!parse_body(call))
        return;
    group_admit(call);
    if (!idempotency_check(call)) {
        group_wait(call);
        return;
    }
    queue_came_by(queue, dispatch_came_by(call));
    handle(call);
    queue_came_by(queue, NULL);
}

/* A failure to remember is no failure of the call: what it did is done, and may be done again without harm.
 */
void dispatch_finish(struct call *call)
{
    struct queue *queue = call->control->queue;
    struct error err = {""};
    if (!call->key || !succeeded(call) || !queue_begin(queue, &err))
        return;
    if (!idempotency_remember(call, &err) || !queue_commit(queue, &err))
        queue_rollback(queue);
}
