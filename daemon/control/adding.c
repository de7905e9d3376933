/*
 * See adding.h. Knows what a post must be to come in; what the charter says of it is judge.c's.
 */
#include "control/adding.h"

#include <string.h>

#include "base/json.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"

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

static bool is_known(struct adding *adding)
{
    const struct company *company = adding->call->company;
    return calendar_post(adding->judge.documents->calendar, adding->id) ||
           (company && index_get(company->ids, adding->id)) ||
           queue_has_post(adding->call->control->queue, adding->id);
}

static bool id_is_free(struct adding *adding)
{
    bool known = is_known(adding);
    if (known)
        problem(adding->call, 409, "there is a post '%s' already", adding->id);
    return !known;
}

static bool read_post(struct adding *adding, const char *made_id)
{
    struct call *call = adding->call;
    if (!documents_read_post(adding->judge.documents, entry_of(call), call->arena, &adding->post,
                             &adding->judge.diags)) {
        adding->judge.malformed = true;
        return judge_passes(&adding->judge);
    }
    adding->id = adding->post->id ? adding->post->id : made_id;
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
        judge_time(&adding->judge, &(struct proposal){.account = target->account,
                                                      .content = target->contents[0],
                                                      .bucket = adding->post->bucket,
                                                      .self = adding->id,
                                                      .campaign = adding->post->campaign,
                                                      .at = adding->at});
    }
    return judge_passes(&adding->judge);
}

bool adding_judge(struct adding *adding, struct call *call, const char *made_id)
{
    *adding = (struct adding){.call = call};
    return judge_init(&adding->judge, call) && read_post(adding, made_id) && read_time(adding) &&
           judge(adding);
}

struct wanted *adding_wanted(const struct adding *adding)
{
    struct call *call = adding->call;
    const struct post *post = adding->post;
    struct wanted *wanted = arena_alloc_array(call->arena, post->target_count, sizeof *wanted);
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
    return wanted;
}

bool adding_store(struct call *call, const struct wanted *wanted, size_t count,
                  const struct override *override, const struct diags *diags, struct error *err)
{
    if (!queue_add(call->control->queue, wanted, count, call->now, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!override_record(call, override, diags, wanted[i].post_id, wanted[i].account, wanted[i].state,
                             err))
            return false;
    return true;
}
