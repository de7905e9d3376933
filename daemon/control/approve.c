/* See approve.h. Who has to approve is the charter's (editorial/approval.h), what was said the queue's. */
#include "control/approve.h"

#include <string.h>

#include "base/json.h"
#include "control/room.h"
#include "control/view.h"

const struct approval_rules *approve_rules(struct call *call)
{
    return &schedule_documents(call->control->schedule)->charter->approval;
}

struct approval_case approve_case(struct call *call, const struct delivery *delivery)
{
    struct approval_case what = {0};
    queue_approval_case(call->control->queue, delivery, call->arena, &what, NULL);
    return what;
}

static struct approval_standing look(struct call *call, const struct delivery *delivery)
{
    struct approval_case what = approve_case(call, delivery);
    return approval_look(approve_rules(call), &what, call->arena);
}

bool approve_is_missing(struct call *call, const struct delivery *delivery)
{
    return !look(call, delivery).done;
}

const char *approve_awaits(struct call *call, const struct delivery *delivery)
{
    bool open = delivery->state == STATE_DRAFT || delivery->state == STATE_HELD;
    struct approval_standing standing = look(call, delivery);
    return open && !standing.done ? approval_wants(&standing, call->arena) : NULL;
}

struct approval_standing approve_standing_after(struct call *call, const struct approval_case *what)
{
    struct approval_case after = *what;
    struct approval *said = arena_alloc_array(call->arena, what->said_count + 1, sizeof *said);
    if (what->said_count)
        memcpy(said, what->said, what->said_count * sizeof *said);
    said[after.said_count++] = (struct approval){.kind = APPROVAL_APPROVED,
                                                 .who = call->who,
                                                 .role = role_name(call->role),
                                                 .content_hash = what->content_hash,
                                                 .slot = what->slot};
    after.said = said;
    return approval_look(approve_rules(call), &after, call->arena);
}

const char *approve_edit(struct call *call, const struct delivery *delivery, const struct content *content,
                         const struct approval_word **ret_word)
{
    struct approval_case what = approve_case(call, delivery);
    what.content_hash = queue_content_hash(content, call->arena);
    what.changed_by = call->who;
    what.asked = false;
    struct approval_standing before = approval_look(approve_rules(call), &what, call->arena),
                             after = approve_standing_after(call, &what);
    *ret_word = NULL;
    if (before.done)
        return NULL;
    if (!after.done)
        return arena_printf(
            call->arena,
            "the charter wants new words approved by %s before anybody reads them: who may approve it "
            "changes it, or 'calctl delete' it there and publish it anew",
            approval_wants(&after, call->arena));
    struct approval_word *word = arena_new_of(call->arena, struct approval_word);
    *word = (struct approval_word){.kind = APPROVAL_APPROVED, .role = role_name(call->role)};
    *ret_word = word;
    return NULL;
}

/* ---- showing ---- */

static json_t *word_to_json(const struct approval *word)
{
    json_t *object = json_object();
    view_instant(object, "at", word->at);
    json_set_text(object, "kind", approval_kind_name(word->kind));
    json_set_text(object, "who", word->who);
    view_text(object, "role", word->role);
    json_set_text(object, "content_hash", word->content_hash);
    view_instant(object, "slot", word->slot);
    view_text(object, "why", word->why);
    return object;
}

json_t *approve_to_json(struct call *call, const struct delivery *delivery)
{
    struct approval_case what = approve_case(call, delivery);
    struct approval_standing standing = approval_look(approve_rules(call), &what, call->arena);
    static const char *const reviews[] = {NULL, "submitted", "rejected"};
    if (!standing.needed && !what.said_count)
        return json_null();
    json_t *object = json_object(), *said = json_array();
    for (size_t i = 0; i < what.said_count; i++)
        json_array_append_new(said, word_to_json(&what.said[i]));
    json_set_flag(object, "needed", standing.needed);
    json_set_flag(object, "approved", standing.done);
    view_text(object, "review", reviews[delivery->review]);
    view_text(object, "waits_for", approve_awaits(call, delivery));
    view_text(object, "wants",
              standing.needed ? approval_all(approve_rules(call), &what, call->arena) : NULL);
    json_set_text(object, "content_hash", delivery->content_hash);
    json_set(object, "said", said);
    return object;
}

/* ---- whom it waits for ---- */

static bool is_theirs(const struct delivery *delivery, const char *who, struct arena *arena)
{
    const char *person = approval_person(who, arena);
    const char *const names[] = {delivery->author, delivery->changed_by};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && !strcmp(approval_person(names[i], arena), person))
            return true;
    return false;
}

bool approve_waits_for(struct call *call, const struct delivery *delivery, const char *who, const char *role)
{
    struct approval_case what = approve_case(call, delivery);
    if (delivery->review == REVIEW_REJECTED)
        return is_theirs(delivery, who, call->arena);
    return approve_is_missing(call, delivery) &&
           !approval_objection(approve_rules(call), &what, who, role, call->arena);
}
