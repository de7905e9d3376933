/*
 * posts: one post's deliveries, as the queue has them now.
 */
#include "control/posts.h"

#include <string.h>

#include "base/json.h"
#include "control/approve.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"
#include "queue/crisis.h"

static void keep_account(struct selection *selection, const char *account)
{
    size_t kept = 0;
    for (size_t i = 0; i < selection->count; i++)
        if (strcmp(selection->items[i]->account, account) == 0)
            selection->items[kept++] = selection->items[i];
    selection->count = kept;
}

static bool read_post(struct call *call, const char *post_id, const char *account,
                      struct selection *ret_selection)
{
    struct selection selection = {.post_id = post_id};
    struct error err = {""};
    if (!queue_post(call->control->queue, post_id, call->arena, &selection.items, &selection.count, &err)) {
        problem(call, 503, "%s", err.message);
        return false;
    }
    if (account)
        keep_account(&selection, account);
    *ret_selection = selection;
    return true;
}

bool posts_select(struct call *call, struct selection *ret_selection)
{
    const char *account = call_query(call, "account");
    if (!read_post(call, call->arguments[0], account, ret_selection))
        return false;
    if (ret_selection->count)
        return true;
    struct selection whole = {0};
    if (account && read_post(call, call->arguments[0], NULL, &whole) && whole.count)
        problem(call, 404, "post '%s' does not go to '%s'", call->arguments[0], account);
    else if (call->answer.status == 0)
        answer_no_post(call, call->arguments[0]);
    return false;
}

bool posts_match(struct call *call, const struct selection *selection)
{
    const char *wanted = call_header(call, "If-Match");
    if (!wanted || strcmp(wanted, "*") == 0)
        return true;
    const char *tag = post_tag(selection->items, selection->count, call->arena);
    const char *quoted = arena_printf(call->arena, "\"%s\"", tag);
    if (strstr(wanted, quoted))
        return true;
    problem(call, 412, "the post changed meanwhile: its version is %s, not %s", quoted, wanted);
    answer_with(call, "ETag", "%s", quoted);
    return false;
}

/* A feed without an address of its own has paths as links: they lead to our own listener. */
json_t *posts_delivery(struct call *call, const struct delivery *delivery)
{
    json_t *object = delivery_to_json(delivery, schedule_documents(call->control->schedule)->calendar);
    if (delivery->remote_url && *delivery->remote_url == '/')
        json_set(object, "url", json_sprintf("%s%s", call_base_url(call), delivery->remote_url));
    json_set(object, "overrides", overrides_to_json(call, delivery));
    json_set(object, "approval", approve_to_json(call, delivery));
    return object;
}

/* Who adds or moves a post in a crisis must not think that it will go out. */
static bool is_kept_back(struct call *call, const struct delivery *delivery)
{
    bool goes = delivery->state == STATE_READY || delivery->state == STATE_WAITING;
    return goes && !delivery->released && queue_in_crisis(call->control->queue, delivery->account);
}

static json_t *warning(const struct delivery *delivery, const char *rule, const char *message)
{
    return diag_to_json(&(struct diag){.level = DIAG_WARNING, .rule = rule, .post = delivery->post_id,
                                       .account = delivery->account, .message = message});
}

void posts_warn(struct call *call, const struct selection *post, json_t *list)
{
    for (size_t i = 0; i < post->count; i++) {
        const char *awaits = post->items[i]->review == REVIEW_SUBMITTED ? approve_awaits(call, post->items[i]) : NULL;
        if (awaits)
            json_array_append_new(list, warning(post->items[i], "approval",
                                                arena_printf(call->arena, "it waits for approval by %s", awaits)));
        if (is_kept_back(call, post->items[i]))
            json_array_append_new(list, warning(post->items[i], "crisis",
                                                "there is a crisis: it goes out only if 'calctl crisis release' lets it"));
    }
}

static json_t *findings_of(struct call *call, const struct judge *judge, const struct selection *post)
{
    json_t *list = diags_to_json(&judge->diags, DIAG_WARNING);
    posts_warn(call, post, list);
    return list;
}

static void answer_post(struct call *call, int status, const struct selection *post,
                        const struct judge *judge, json_t *kept)
{
    json_t *object = json_object(), *list = json_array();
    bool mixed = false;
    for (size_t i = 0; i < post->count; i++) {
        json_array_append_new(list, posts_delivery(call, post->items[i]));
        mixed = mixed || post->items[i]->state != post->items[0]->state;
    }
    json_set_text(object, "id", post->post_id);
    json_set_text(object, "state", mixed ? "mixed" : state_name(post->items[0]->state));
    json_set(object, "deliveries", list);
    if (judge)
        json_set(object, "findings", findings_of(call, judge, post));
    if (judge && judge->previews)
        json_set(object, "previews", json_incref(judge->previews));
    if (kept)
        json_set(object, "kept", kept);
    answer_json(call, status, object);
    answer_etag(call, post_tag(post->items, post->count, call->arena));
}

void posts_answer(struct call *call, int status, const char *post_id, const struct judge *judge, json_t *kept)
{
    struct selection post;
    if (read_post(call, post_id, NULL, &post) && post.count) {
        answer_post(call, status, &post, judge, kept);
        return;
    }
    json_decref(kept);
    if (call->answer.status == 0)
        answer_no_post(call, post_id);
}

void posts_answer_added(struct call *call, int status, const struct wanted *wanted, size_t count,
                        const struct judge *judge)
{
    struct selection post = {.post_id = wanted->post_id};
    struct error err = {""};
    if (queue_post_added(call->control->queue, wanted, count, call->arena, &post.items, &post.count, &err))
        answer_post(call, status, &post, judge, NULL);
    else
        problem_storage(call, &err);
}

/* The queue may be long: what lies far ahead is only read when nothing nearer is free. */
static bool next_slot(struct call *call, const struct when *when, const struct account *const *accounts,
                      size_t count, instant *ret_at, const char **ret_slot_name)
{
    static const duration ahead[] = {DAYS(8), DAYS(62), DAYS(731)};
    const struct calendar *calendar = schedule_documents(call->control->schedule)->calendar;
    for (size_t i = 0;; i++) {
        bool last = i == sizeof ahead / sizeof *ahead;
        instant until = last ? INSTANT_NEVER : call->now + ahead[i];
        const struct slot *slot;
        struct error err = {""};
        size_t assigned_count;
        struct assigned *assigned = judge_assigned(call, call->now - DAYS(1), until, &assigned_count);
        if (!plan_next_free(calendar, when->slot, accounts, count, call->now, assigned, assigned_count, &slot,
                            ret_at, &err)) {
            problem(call, 422, "'at': %s", err.message);
            return false;
        }
        *ret_slot_name = slot->name;
        if (last || *ret_at < until)
            return true;
    }
}

bool posts_time(struct call *call, const char *at, const struct account *const *accounts, size_t count,
                instant *ret_at, const char **ret_slot_name)
{
    struct when when;
    *ret_slot_name = NULL;
    if (!body_time(call, at, &when))
        return false;
    if (when.kind == WHEN_NEXT_SLOT)
        return next_slot(call, &when, accounts, count, ret_at, ret_slot_name);
    *ret_at = when.at;
    return true;
}
