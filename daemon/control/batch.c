/*
 * See batch.h. Knows the two halves and what is kept between slices; what a post must be is adding.c's.
 */
#include "control/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "control/approve.h"
#include "control/batch_answer.h"
#include "control/dispatch.h"
#include "control/idempotency.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/route.h"
#include "queue/audit.h"
#include "queue/crisis.h"

enum { MOST_ROUNDS = 5 };
static const duration slice = 10;

struct judged {               /* one post that may come in */
    size_t first, count;      /* of batch->wanted */
    struct override override; /* with what it lets pass */
    struct diags diags;
};

/* ---- beginning ---- */

/* The same request under the same key makes the same names. */
static void make_name(struct batch *batch)
{
    const struct call *call = batch->call;
    char hash[SHA256_HEX];
    const char *seed = call->key ? arena_printf(call->arena, "%s\n%s", call->who, call->key)
                                 : random_hex(hash, SHA256_HEX - 1);
    sha256_hex(seed, strlen(seed), hash);
    memcpy(batch->name, hash, sizeof batch->name - 1);
}

static const struct documents *documents_of(const struct batch *batch)
{
    return schedule_documents(batch->call->control->schedule);
}

static struct company company_of(struct batch *batch)
{
    return (struct company){.items = batch->wanted,
                            .count = batch->wanted_count,
                            .by_time = batch->by_time,
                            .ids = &batch->ids,
                            .online = &batch->online};
}

/* Between its slices nobody else gets the slots that it has taken. */
static void announce(struct batch *batch)
{
    batch->company = company_of(batch);
    if (!batch->call->dry_run)
        batch->call->control->coming = &batch->company;
}

static void renounce(const struct batch *batch)
{
    if (batch->control->coming == &batch->company)
        batch->control->coming = NULL;
}

/* Nothing is judged yet. */
static void begin(struct batch *batch)
{
    const struct call *call = batch->call;
    const char *type = call_header(call, "Content-Type");
    renounce(batch);
    arena_free(batch->arena);
    json_decref(batch->errors);
    json_decref(batch->findings);
    json_decref(batch->offer);
    batch->arena = arena_new();
    batch->items = (struct items){
        .bytes = call->body, .length = call->length, .lines = type && strstr(type, "ndjson") != NULL};
    batch->errors = json_array();
    batch->findings = json_array();
    batch->offer = NULL;
    batch->offered = batch->refused = batch->wanted_count = batch->post_count = batch->stored = 0;
    buf_reset(&batch->said);
    batch->wanted = NULL;
    batch->by_time = NULL;
    batch->posts = NULL;
    batch->status = 0;
    batch->documents = arena_strdup(batch->arena, documents_of(batch)->hash);
    batch->ids = (struct index){.arena = batch->arena};
    batch->online = online_in(batch->arena);
}

struct batch *batch_new(struct call *call)
{
    struct batch *batch = xmalloc(sizeof *batch);
    *batch = (struct batch){
        .call = call, .control = call->control, .item = arena_new_of(call->arena, struct call)};
    call->dry_run = call_query_flag(call, "dry_run");
    make_name(batch);
    begin(batch);
    return batch;
}

void batch_free(struct batch *batch)
{
    renounce(batch);
    arena_free(batch->arena);
    json_decref(batch->errors);
    json_decref(batch->findings);
    json_decref(batch->offer);
    buf_release(&batch->said);
    free(batch);
}

/* ---- judging ---- */

/* The post as if it had come alone; what it takes is given back after it. */
static struct call *begin_item(struct batch *batch)
{
    struct call *item = batch->item;
    batch->company = company_of(batch);
    *item = *batch->call;
    item->arena = arena_new();
    item->json = NULL;
    item->answer = (struct answer){.file = -1};
    item->dry_run = false; /* what it would look like is not shown */
    item->looks = NULL;
    item->looked = batch->looked;
    item->company = &batch->company;
    return item;
}

static bool parse_item(struct call *item, const char *text, size_t length)
{
    struct error err = {""};
    item->json = json_parse(text, length, &err);
    if (!item->json) {
        problem(item, 400, "it is not JSON: %s", err.message);
        return false;
    }
    json_in_arena(item->arena, item->json);
    if (json_is_object(item->json))
        return route_check_body(item, item->route->body);
    problem(item, 400, "it must be an object");
    return false;
}

static struct wanted copy_wanted(const struct wanted *wanted, struct arena *arena)
{
    struct wanted copy = *wanted;
    const char **const texts[] = {&copy.post_id, &copy.account, &copy.slot_name, &copy.bucket, &copy.message};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup(arena, *texts[i]);
    copy.content = content_copy(wanted->content, arena);
    return copy;
}

static void keep_findings(struct batch *batch, const struct adding *adding, struct judged *judged)
{
    const struct judge *judge = &adding->judge;
    if (judge->override.reason) {
        judged->override.reason = arena_strdup(batch->arena, judge->override.reason);
        judged->override.rules =
            judge->override.rules ? json_in_arena(batch->arena, json_deep_copy(judge->override.rules)) : NULL;
    }
    judged->diags = diags_in(batch->arena);
    for (size_t i = 0; i < judge->diags.count; i++)
        if (judge->override.reason && judge->diags.items[i].level == DIAG_ERROR)
            diags_add(&judged->diags, &judge->diags.items[i]);
    batch_add_findings(batch, &judge->diags, DIAG_WARNING, batch->findings);
}

/* By its time behind those of the same time: mostly it is the last. */
static void add_wanted(struct batch *batch, const struct wanted *wanted)
{
    const struct company company = company_of(batch);
    size_t count = batch->wanted_count, at = company_before(&company, wanted->slot + 1);
    *arena_push(batch->arena, batch->by_time, count) = 0;
    memmove(batch->by_time + at + 1, batch->by_time + at,
            (batch->wanted_count - at) * sizeof *batch->by_time);
    batch->by_time[at] = batch->wanted_count;
    *arena_push(batch->arena, batch->wanted, batch->wanted_count) = copy_wanted(wanted, batch->arena);
}

/* Nothing of the call that it was judged in stays, and nothing of the documents. */
static void keep(struct batch *batch, const struct adding *adding)
{
    const struct wanted *wanted = adding_wanted(adding);
    struct judged judged = {.first = batch->wanted_count, .count = adding->post->target_count};
    for (size_t i = 0; i < judged.count; i++)
        add_wanted(batch, &wanted[i]);
    keep_findings(batch, adding, &judged);
    *arena_push(batch->arena, batch->posts, batch->post_count) = judged;
    const char *id = batch->wanted[judged.first].post_id;
    index_put(&batch->ids, id, (void *)(uintptr_t)id);
    announce(batch);
}

/* An earlier request under the same key stored it. */
static void keep_stored(struct batch *batch, const char *id)
{
    struct delivery **deliveries;
    size_t count = 0;
    queue_post(batch->call->control->queue, id, batch->item->arena, &deliveries, &count, NULL);
    batch_say(batch, id, count ? deliveries[0]->slot : 0);
    *arena_push(batch->arena, batch->posts, batch->post_count) = (struct judged){0};
    batch->stored = batch->post_count;
}

static const char *id_of_item(const struct batch *batch)
{
    const char *id = json_text(batch->item->json, "id");
    return id ? id : arena_printf(batch->item->arena, "b-%s-%zu", batch->name, batch->items.count - 1);
}

static void judge_item(struct batch *batch, const char *text, size_t length)
{
    struct call *item = begin_item(batch);
    struct adding adding = {.id = NULL};
    if (!parse_item(item, text, length))
        batch_refuse(batch, item, NULL);
    else if (batch->items.count - 1 < batch->call->stored)
        keep_stored(batch, id_of_item(batch));
    else if (adding_judge(&adding, item, id_of_item(batch)))
        keep(batch, &adding);
    else if (!item->looks)
        batch_refuse(batch, item, &adding.judge);
    arena_free(item->arena);
}

/* False: there are no more; or the request as a whole is refused. */
static bool judge_next(struct batch *batch)
{
    struct error err = {""};
    const char *text;
    size_t length;
    if (!items_next(&batch->items, &text, &length, &err)) {
        problem(batch->call, 400, "the body is not a list of posts: %s; nothing was added", err.message);
        return false;
    }
    if (text && batch->items.count > BATCH_MOST) {
        problem(batch->call, 413, "there are more than %d posts: send them in parts; nothing was added",
                BATCH_MOST);
        return false;
    }
    if (text)
        judge_item(batch, text, length);
    return text != NULL;
}

static void judged_all(struct batch *batch)
{
    struct call *call = batch->call;
    batch->looks = !batch->looked && online_open(&batch->online);
    if (batch->looks)
        return;
    if (!batch->items.count)
        problem(call, 400, "the body has no posts");
    else if (batch->refused)
        batch_answer_refused(batch);
    else if (call->dry_run)
        batch_answer_dry_run(batch);
    else
        batch->storing = true;
}

/* Who stores meanwhile may have made other documents of it. False: answered. */
static bool is_up_to_date(struct batch *batch)
{
    struct call *call = batch->call;
    if (!strcmp(batch->documents, documents_of(batch)->hash))
        return true;
    if (++batch->rounds < MOST_ROUNDS) {
        begin(batch);
        return true;
    }
    problem(call, 503, "the documents change all the time; nothing was added");
    answer_with(call, "Retry-After", "10");
    return false;
}

/* In a transaction, so that the many questions to the queue take its lock once. */
static void judge_slice(struct batch *batch)
{
    struct call *call = batch->call;
    struct error err = {""};
    bool more = true;
    duration end = clock_monotonic() + slice;
    if (!is_up_to_date(batch))
        return;
    if (!queue_begin(call->control->queue, &err)) {
        problem_storage(call, &err);
        return;
    }
    while ((more = judge_next(batch)) && clock_monotonic() < end)
        continue;
    queue_rollback(call->control->queue);
    if (!more && !call->answer.status)
        judged_all(batch);
}

void batch_looked(struct batch *batch)
{
    batch->looked = true;
    batch->looks = false;
    begin(batch);
}

/* ---- storing ---- */

/* That it waits for approval is known when it is in the queue. */
static void warn(struct batch *batch, const struct judged *judged)
{
    struct control *control = batch->call->control;
    const struct wanted *wanted = &batch->wanted[judged->first];
    bool waits = approve_rules(batch->call)->count > 0;
    for (size_t i = 0; i < judged->count; i++)
        waits = waits || queue_in_crisis(control->queue, wanted[i].account);
    if (!waits || json_array_size(batch->findings) >= BATCH_ERRORS)
        return;
    struct call *item = begin_item(batch);
    struct selection post = {.post_id = wanted->post_id};
    json_t *warnings = json_in_arena(item->arena, json_array());
    if (queue_post(control->queue, post.post_id, item->arena, &post.items, &post.count, NULL))
        posts_warn(item, &post, warnings);
    batch_add_warnings(batch, warnings, (size_t)(judged - batch->posts));
    arena_free(item->arena);
}

static bool store_next(struct batch *batch, struct error *err)
{
    const struct judged *judged = &batch->posts[batch->stored];
    const struct wanted *wanted = &batch->wanted[judged->first];
    if (!adding_store(batch->call, wanted, judged->count, &judged->override, &judged->diags, err))
        return false;
    warn(batch, judged);
    batch_say(batch, wanted->post_id, wanted->slot);
    batch->stored++;
    return true;
}

static bool store_some(struct batch *batch, struct error *err)
{
    duration end = clock_monotonic() + slice;
    while (batch->stored < batch->post_count)
        if (!store_next(batch, err))
            return false;
        else if (clock_monotonic() >= end)
            break;
    if (batch->stored < batch->post_count)
        return idempotency_note_stored(batch->call, batch->stored, err);
    batch_answer_added(batch);
    return idempotency_remember(batch->call, err);
}

static void store_slice(struct batch *batch)
{
    struct call *call = batch->call;
    struct queue *queue = call->control->queue;
    struct error err = {""};
    size_t before = batch->stored;
    bool ok = queue_begin(queue, &err);
    if (ok) {
        queue_came_by(queue, dispatch_came_by(call));
        ok = store_some(batch, &err);
        queue_came_by(queue, NULL);
        if (ok)
            ok = queue_commit(queue, &err);
        else
            queue_rollback(queue);
    }
    if (ok)
        return;
    batch_answer_unstored(batch, before, &err);
    publisher_wake(call->control->publisher); /* it may be the first that is heard of a disk that is full */
}

void batch_slice(struct batch *batch)
{
    if (batch->storing)
        store_slice(batch);
    else
        judge_slice(batch);
}
