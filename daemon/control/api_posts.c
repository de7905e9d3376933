/*
 * api_posts: showing a post, and adding a spontaneous one.
 */
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "control/api.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"

void api_post(struct call *call)
{
    struct selection post;
    if (posts_select(call, &post))
        posts_answer(call, 200, post.post_id, NULL, NULL);
}

struct adding {
    struct call *call;
    struct judge judge;
    const struct post *post;
    const char *id, *slot_name;
    instant at;
};

/* What is left is an entry as in the calendar; times are understood here. */
static json_t *entry_of(struct call *call)
{
    json_t *entry = json_in_arena(call->arena, json_copy(call->json));
    const char *at = json_text(entry, "at");
    struct when when;
    bool slotted =
        at && !json_member(entry, "to") &&
        when_parse(at, call->now, schedule_documents(call->control->schedule)->calendar->zone, &when, NULL) &&
        when.kind == WHEN_NEXT_SLOT && when.slot[0];
    if (slotted) /* the slot says where */
        json_set_text(entry, "slot", when.slot);
    json_object_del(entry, "at");
    json_object_del(entry, "override");
    return entry;
}

static bool id_is_free(struct adding *adding)
{
    const struct calendar *calendar = adding->judge.documents->calendar;
    struct delivery **found;
    size_t count = 0;
    for (size_t i = 0; i < calendar->post_count; i++)
        count += strcmp(calendar->posts[i].id, adding->id) == 0;
    if (!count)
        queue_post(adding->call->control->queue, adding->id, adding->call->arena, &found, &count, NULL);
    if (count)
        problem(adding->call, 409, "there is a post '%s' already", adding->id);
    return count == 0;
}

/* "s-20261123-x7kq": the day in UTC and four random characters. */
static const char *new_id(struct call *call)
{
    char day[INSTANT_TEXT], chance[9];
    instant_format(call->now, day, sizeof day);
    return arena_printf(call->arena, "s-%.4s%.2s%.2s-%s", day, day + 5, day + 8, random_hex(chance, 6));
}

static bool read_post(struct adding *adding)
{
    struct call *call = adding->call;
    if (!documents_read_post(adding->judge.documents, entry_of(call), call->arena, &adding->post,
                             &adding->judge.diags)) {
        adding->judge.fixed = 1;
        return judge_passes(&adding->judge);
    }
    adding->id = adding->post->id ? adding->post->id : new_id(call);
    if (call->role < ROLE_EDITOR && !adding->post->draft) {
        problem(call, 403, "the role author adds drafts only: say \"draft\": true, or calctl add --draft");
        return false;
    }
    return id_is_free(adding);
}

static bool read_time(struct adding *adding)
{
    const struct post *post = adding->post;
    const char *at = json_text(adding->call->json, "at");
    const struct account **accounts =
        arena_alloc_array(adding->call->arena, post->target_count, sizeof *accounts);
    for (size_t i = 0; i < post->target_count; i++)
        accounts[i] = post->targets[i].account;
    return posts_time(adding->call, at ? at : "now", accounts, post->target_count, &adding->at,
                      &adding->slot_name);
}

static bool judge(struct adding *adding)
{
    for (size_t i = 0; i < adding->post->target_count; i++) {
        const struct target *target = &adding->post->targets[i];
        judge_content(&adding->judge, target->account, target->contents[0], adding->post->bucket, adding->id);
        judge_time(&adding->judge, &(struct proposal){.account = target->account, .content = target->contents[0],
                                                      .bucket = adding->post->bucket, .self = adding->id,
                                                      .campaign = adding->post->campaign, .at = adding->at});
    }
    return judge_passes(&adding->judge);
}

static bool record_overrides(struct adding *adding, const struct wanted *wanted, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!override_record(adding->call, &adding->judge.override, &adding->judge.diags, wanted[i].post_id,
                             wanted[i].account, wanted[i].state, err))
            return false;
    return true;
}

static bool store(struct adding *adding)
{
    struct call *call = adding->call;
    const struct post *post = adding->post;
    struct wanted *wanted = arena_alloc_array(call->arena, post->target_count, sizeof *wanted);
    struct error err = {""};
    for (size_t i = 0; i < post->target_count; i++)
        wanted[i] = (struct wanted){
            .post_id = adding->id,
            .account = post->targets[i].account->name,
            .network = post->targets[i].account->network->name,
            .origin = "spontaneous",
            .slot_name = adding->slot_name,
            .bucket = post->bucket,
            .author = call->who,
            .content = post->targets[i].contents[0],
            .slot = adding->at,
            .state = post->draft ? STATE_DRAFT : STATE_READY,
            .publish_late = post->publish_late ? PUBLISH_LATE_YES : PUBLISH_LATE_UNSAID,
            .message = judge_trace(&adding->judge),
        };
    if (queue_add(call->control->queue, wanted, post->target_count, call->now, &err) &&
        record_overrides(adding, wanted, post->target_count, &err))
        return true;
    problem_storage(call, &err);
    return false;
}

void api_post_add(struct call *call)
{
    struct adding adding = {.call = call};
    call->dry_run = call_query_flag(call, "dry_run");
    if (!judge_init(&adding.judge, call) || !read_post(&adding) || !read_time(&adding) || !judge(&adding) ||
        !store(&adding))
        return;
    posts_answer(call, call->dry_run ? 200 : 201, adding.id, &adding.judge, NULL);
    if (!call->dry_run) {
        answer_with(call, "Location", "/v1/posts/%s", adding.id);
        log_info("added post=%s by=\"%s\"", adding.id, call->who);
    }
}
