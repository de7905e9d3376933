/*
 * See explain.h: where a delivery is, and why. A cause that cald itself wrote into the message is recognised
 * by its words, which the tests hold against the place that writes them.
 */
#include <string.h>

#include "network/removal.h"
#include "publish/explain_internal.h"

enum { MOVES_TOLD = 5 }; /* of the history; 'calctl history' has all */

/* What a person said: 'calctl hold' writes "held: wait for Tom", and "held" where nothing was said. */
static const char *without_verb(const char *why, const char *state)
{
    size_t length = strlen(state);

    if (why == NULL || strncmp(why, state, length) != 0)
        return why;
    return why[length] == '\0' ? NULL : strncmp(why + length, ": ", 2) == 0 ? why + length + 2 : why;
}

/* " on … by …: why", of the last move; "" when it is not known. */
static const char *deed(const struct explaining *e, instant *ret_at)
{
    const struct event *move = explain_last_move(e);
    const char *said = move != NULL && move->why != NULL ? move->why : e->delivery->message;
    const char *why = without_verb(said, state_name(e->delivery->state));

    if (move == NULL)
        return why != NULL ? arena_printf(e->arena, ": %s", why) : "";
    *ret_at = move->at;
    return arena_printf(e->arena, " on %s by %s%s%s", explain_time(e, move->at), move->who, why ? ": " : "",
                        why ? why : "");
}

static const char *message_of(const struct explaining *e)
{
    return e->delivery->message != NULL ? e->delivery->message : "nothing was said";
}

static bool came_in(const struct event *event)
{
    return event->from == NULL;
}

/* ---- where it is ---- */

static const char *say_draft(const struct explaining *e, instant *ret_at)
{
    const struct event *move = explain_last_move(e);

    if (move == NULL || came_in(move))
        return "It is a draft: nothing leaves before it is approved.";
    return arena_printf(e->arena,
                        "It is a draft since it was put so%s. Nothing leaves before it is approved.",
                        deed(e, ret_at));
}

static const char *say_planned(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot <= e->facts->now || e->delivery->due > e->delivery->slot)
        return NULL;
    *ret_at = e->delivery->slot;
    return arena_printf(e->arena, "It is ready and waits for its time, %s from now.",
                        explain_duration(e, e->delivery->slot - e->facts->now));
}

static const char *say_overdue(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot > e->facts->now)
        return NULL;
    *ret_at = e->delivery->slot;
    return arena_printf(e->arena, "It is ready, and its time was %s, %s ago.",
                        explain_time(e, e->delivery->slot),
                        explain_duration(e, e->facts->now - e->delivery->slot));
}

static const char *say_put_off(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot <= e->facts->now || e->delivery->due <= e->delivery->slot)
        return NULL;
    *ret_at = e->delivery->due;
    return arena_printf(e->arena, "It is ready; it is looked at again on %s.",
                        explain_time(e, e->delivery->due));
}

static const struct held_cause { /* who held it, by what stands in the message */
    const char *cause, *words, *text;
} held_causes[] = {
    {"held-for-charter", "the charter is against this time",
     "It is held because the charter forbids the time that its rule gives"},
    {"held-account-gone", "its account is not in cald.yaml",
     "It is held because its account is not in cald.yaml"},
    {"held-given-up", "given up ", "It is held because it was tried until trying had to end"},
    {"held-restored", "before the database was put back",
     "It is held because the database was put back or copied, and it may be published already"},
    {"held-seems-out", "it seems to be out already",
     "It is held because it seems to be published already under another name"},
    {"held-unapproved", "not approved when its time came", "It is held because it was not approved in time"},
    {"held-late", " late, more than the ", "It is held because it was too late to be published by itself"},
    {"held-late", "its time had already passed",
     "It is held because its time had passed when it was first read"},
};

static const struct held_cause *held_cause(const struct explaining *e)
{
    static const char by_person[] = "held"; /* what calctl hold writes begins so */

    if (e->delivery->message == NULL || strncmp(e->delivery->message, by_person, sizeof by_person - 1) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof held_causes / sizeof *held_causes; i++) {
        if (strstr(e->delivery->message, held_causes[i].words) != NULL)
            return &held_causes[i];
    }
    return NULL;
}

static const char *say_held(const struct explaining *e, instant *ret_at)
{
    if (held_cause(e) != NULL)
        return NULL;
    return arena_printf(e->arena, "It was held%s.", deed(e, ret_at));
}

#define SAY_HELD(name, which)                                                                                \
    static const char *name(const struct explaining *e, instant *ret_at)                                     \
    {                                                                                                        \
        const struct held_cause *cause = held_cause(e);                                                      \
        if (cause == NULL || strcmp(cause->cause, which) != 0)                                               \
            return NULL;                                                                                     \
        *ret_at = explain_last_move(e) != NULL ? explain_last_move(e)->at : 0;                               \
        return arena_printf(e->arena, "%s: %s.", cause->text, message_of(e));                                \
    }
SAY_HELD(say_held_charter, "held-for-charter")
SAY_HELD(say_held_gone, "held-account-gone")
SAY_HELD(say_held_given_up, "held-given-up")
SAY_HELD(say_held_restored, "held-restored")
SAY_HELD(say_held_out, "held-seems-out")
SAY_HELD(say_held_late, "held-late")
SAY_HELD(say_held_unapproved, "held-unapproved")

static const char *say_waiting(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;

    if (f->attempt_count == 0)
        return arena_printf(e->arena, "It waits: %s.", message_of(e));
    *ret_at = f->attempts[f->attempt_count - 1].started;
    return arena_printf(e->arena, "It was tried on %s (try %zu) and provably not published: %s.",
                        explain_time(e, *ret_at), f->attempt_count, message_of(e));
}

static const char *say_sending(const struct explaining *e, instant *ret_at)
{
    *ret_at = e->delivery->updated;
    return arena_printf(e->arena,
                        "Its request is under way since %s; it can be neither changed nor stopped now.",
                        explain_time(e, e->delivery->updated));
}

static const char *say_unsure(const struct explaining *e, instant *ret_at)
{
    *ret_at = e->delivery->first_sent;
    if (e->delivery->first_sent == 0)
        return arena_printf(e->arena, "It may or may not have been published: %s.", message_of(e));
    return arena_printf(e->arena, "It may or may not have been published: its request left on %s, and: %s.",
                        explain_time(e, e->delivery->first_sent), message_of(e));
}

static const char *say_published(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;
    const char *late =
        d->published - d->slot < SECONDS(1)
            ? "at its time"
            : arena_printf(e->arena, "%s after its time", explain_duration(e, d->published - d->slot));

    *ret_at = d->published;
    return arena_printf(e->arena, "It was published on %s, %s%s%s.", explain_time(e, d->published), late,
                        d->remote_url ? ": " : "", d->remote_url ? d->remote_url : "");
}

/* Gone from its network, to go from there, or not to be had away. */
static const char *say_deleted(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;

    *ret_at = d->deleted ? d->deleted : d->deleting;
    if (d->deleted)
        return arena_printf(e->arena, "It was deleted there: gone since %s.", explain_time(e, d->deleted));
    if (d->deleting)
        return arena_printf(e->arena, "It is to be deleted there since %s: %s.", explain_time(e, d->deleting),
                            message_of(e));
    if (d->message == NULL || strncmp(d->message, "not deleted", strlen("not deleted")) != 0)
        return NULL;
    return arena_printf(e->arena, "It was to be deleted there, and cald could not: %s.", d->message);
}

/* Of a thread that ended before its end. */
static const char *say_partly_out(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;
    size_t out = removal_parts_out(d->memo);
    const char *gone = say_deleted(e, ret_at);

    if (gone != NULL)
        return arena_printf(e->arena, "Of what was out: %s", gone);
    return out ? arena_printf(e->arena, "%zu of its parts %s out.", out, out == 1 ? "is" : "are") : NULL;
}

/* Changed there, to be changed, or not to be had changed. */
static const char *say_edited(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;

    *ret_at = d->editing ? d->editing : d->edited;
    if (d->deleted || d->deleting)
        return NULL;
    if (d->editing)
        return arena_printf(e->arena, "It is to be changed there since %s: %s.", explain_time(e, d->editing),
                            message_of(e));
    if (d->message != NULL && strncmp(d->message, "not edited", strlen("not edited")) == 0)
        return arena_printf(e->arena, "It was to be changed there, and cald could not: %s.", d->message);
    return d->edited ? arena_printf(e->arena, "It was changed there, at %s.", explain_time(e, d->edited))
                     : NULL;
}

static const char *say_refused(const struct explaining *e, instant *ret_at)
{
    return arena_printf(e->arena, "It was refused for good%s.", deed(e, ret_at));
}

static const char *say_missed(const struct explaining *e, instant *ret_at)
{
    return arena_printf(e->arena, "It was missed%s.", deed(e, ret_at));
}

static bool was_removed(const struct explaining *e)
{
    return e->delivery->message != NULL && strcmp(e->delivery->message, "removed from the calendar") == 0;
}

static const char *say_removed(const struct explaining *e, instant *ret_at)
{
    if (!was_removed(e))
        return NULL;
    return arena_printf(e->arena, "It was cancelled because its entry is no longer in the calendar%s.",
                        deed(e, ret_at));
}

static const char *say_cancelled(const struct explaining *e, instant *ret_at)
{
    return was_removed(e) ? NULL : arena_printf(e->arena, "It was cancelled%s.", deed(e, ret_at));
}

/* ---- about it ---- */

static bool is_spontaneous(const struct explaining *e)
{
    return strcmp(e->delivery->origin, "spontaneous") == 0;
}

static const char *say_origin(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;

    *ret_at = d->created;
    if (is_spontaneous(e))
        return arena_printf(e->arena, "It was added by %s on %s.", d->author ? d->author : "somebody",
                            explain_time(e, d->created));
    return arena_printf(e->arena, "It comes from %s%s%s%s%s%s%s.", d->source ? d->source : "the calendar",
                        d->series ? ", series '" : "", d->series ? d->series : "", d->series ? "'" : "",
                        d->slot_name ? ", slot '" : "", d->slot_name ? d->slot_name : "",
                        d->slot_name ? "'" : "");
}

static const char *say_overridden(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (!e->delivery->overridden || is_spontaneous(e))
        return NULL;
    return "A person changed, moved or decided on it after the calendar was applied; that holds until its "
           "entry "
           "in the file changes.";
}

static const char *say_approval(const struct explaining *e, instant *ret_at)
{
    static const char *const reviews[] = {
        [REVIEW_NONE] = "It is not handed in; then it waits",
        [REVIEW_SUBMITTED] = "It waits",
        [REVIEW_REJECTED] = "It was given back to its author; handed in again it waits",
    };
    const struct explain_facts *f = e->facts;

    (void)ret_at;
    if (f->awaits == NULL)
        return NULL;
    return arena_printf(e->arena, "%s for approval by %s%s%s.", reviews[f->delivery->review], f->awaits,
                        strcmp(f->awaits, f->approvals) != 0 ? "; in all it takes " : "",
                        strcmp(f->awaits, f->approvals) != 0 ? f->approvals : "");
}

static const char *say_charter(const struct explaining *e, instant *ret_at)
{
    const struct diags *findings = e->facts->findings;

    (void)ret_at;
    if (findings == NULL || findings->errors == 0)
        return NULL;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].level == DIAG_ERROR)
            return arena_printf(e->arena, "The charter of today objects to it (%zu finding%s): %s.",
                                findings->errors, findings->errors == 1 ? "" : "s",
                                findings->items[i].message);
    }
    return NULL;
}

/* Who added what is spontaneous is its origin. */
static bool is_told_elsewhere(const struct explaining *e, const struct event *event)
{
    return event == explain_last_move(e) || (came_in(event) && is_spontaneous(e));
}

/* The moves before the last one, which is told by itself: the newest of them, oldest first. */
static const char *say_history(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;
    const struct event *told[MOVES_TOLD];
    size_t count = 0;
    const char *text = "Before that:";

    for (size_t i = f->event_count; i-- > 0 && count < MOVES_TOLD;) {
        if (f->events[i].to != NULL && !is_told_elsewhere(e, &f->events[i]))
            told[count++] = &f->events[i];
    }
    for (size_t i = count; i-- > 0;) {
        const struct event *event = told[i];
        text = arena_printf(e->arena, "%s %s by %s on %s%s%s%s%s", text, event->to, event->who,
                            explain_time(e, event->at), event->why ? " (" : "", event->why ? event->why : "",
                            event->why ? ")" : "", i > 0 ? ";" : ".");
        *ret_at = event->at;
    }
    return count > 0 ? text : NULL;
}

/* The reason given for passing over the charter stays in the history, and is shown for ever. */
static const char *say_override(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;

    for (size_t i = f->event_count; i-- > 0;) {
        const char *why = f->events[i].why, *trace = why ? strstr(why, "charter overridden: ") : NULL;
        if (trace == NULL)
            continue;
        *ret_at = f->events[i].at;
        return arena_printf(e->arena, "%s passed over the charter on %s: %s.", f->events[i].who,
                            explain_time(e, *ret_at), trace + strlen("charter overridden: "));
    }
    return NULL;
}

const struct explain_row explain_why_rows[] = {
    {BIT(DRAFT), "draft", say_draft},
    {BIT(READY), "planned", say_planned},
    {BIT(READY), "overdue", say_overdue},
    {BIT(READY), "put-off", say_put_off},
    {BIT(HELD), "held-for-charter", say_held_charter},
    {BIT(HELD), "held-account-gone", say_held_gone},
    {BIT(HELD), "held-given-up", say_held_given_up},
    {BIT(HELD), "held-restored", say_held_restored},
    {BIT(HELD), "held-seems-out", say_held_out},
    {BIT(HELD), "held-late", say_held_late},
    {BIT(HELD), "held-unapproved", say_held_unapproved},
    {BIT(DRAFT) | BIT(HELD), "approval", say_approval},
    {BIT(HELD), "held", say_held},
    {BIT(WAITING), "tried", say_waiting},
    {BIT(SENDING), "sending", say_sending},
    {BIT(UNSURE), "unsure", say_unsure},
    {BIT(PUBLISHED), "published", say_published},
    {BIT(PUBLISHED), "edited", say_edited},
    {BIT(PUBLISHED), "deleted", say_deleted},
    {BIT(REFUSED), "refused", say_refused},
    {BIT(MISSED), "missed", say_missed},
    {BIT(CANCELLED), "removed", say_removed},
    {BIT(CANCELLED), "cancelled", say_cancelled},
    {BIT(REFUSED) | BIT(MISSED) | BIT(CANCELLED), "partly-out", say_partly_out},
    {ALL, "history", say_history},
    {ALL, "origin", say_origin},
    {ALL & ~BIT(PUBLISHED), "changed-by-person", say_overridden},
    {COMING | BIT(REFUSED) | BIT(MISSED), "charter", say_charter},
    {ALL, "charter-overridden", say_override},
};
const size_t explain_why_row_count = sizeof explain_why_rows / sizeof *explain_why_rows;
