/*
 * See explain.h: what happens to a delivery by itself, and when, by the rules that the publisher itself
 * decides by (policy.h).
 */
#include <string.h>

#include "publish/explain_internal.h"

static bool is_local(const struct explaining *e)
{
    return e->facts->account == NULL || e->facts->account->account.network->one_step;
}

bool explain_stands_still(const struct explain_facts *f)
{
    return f->account == NULL || f->clock || f->database || f->disk || f->crisis || f->all.paused ||
           f->own.paused || f->own.reconnect;
}

static const char *say_prepared(const struct explaining *e, instant *ret_at)
{
    instant from = e->delivery->slot - e->facts->lead;

    if (is_local(e) || e->delivery->prepared || from <= e->facts->now)
        return NULL;
    *ret_at = from;
    return arena_printf(e->arena, "From %s on it is prepared: what is slow and nobody sees is done ahead.",
                        explain_time(e, from));
}

static const char *say_goes_out(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;
    instant at = d->due > d->slot && d->due != INSTANT_NEVER ? d->due : d->slot;

    if (at <= e->facts->now)
        return explain_stands_still(e->facts) ? "It goes out when what stands in its way is over." : "It goes out now.";
    *ret_at = at;
    return arena_printf(e->arena, "It goes out on %s (%s)%s.", explain_time(e, at), zone_name(e->facts->zone),
                        explain_stands_still(e->facts) ? ", if what stands in its way is over by then" : "");
}

/* The rest of a thread that is half out, and what is to be published however late, has no such end. */
static const char *say_late(const struct explaining *e, instant *ret_at)
{
    const struct late_policy *late = &e->facts->late;
    instant end = explain_possible_since(e) + late->grace;

    if (e->facts->never_late)
        return "However late it is, it is published by itself.";
    if (e->facts->account == NULL)
        return NULL;
    *ret_at = end;
    return arena_printf(e->arena, "If it is not out by %s (%s of grace), it is %s.", explain_time(e, end),
                        explain_duration(e, late->grace),
                        late->then == MISSED_HOLD ? "held for a person" : "dropped as missed");
}

static const char *say_retry(const struct explaining *e, instant *ret_at)
{
    instant at = e->delivery->due;

    if (at == INSTANT_NEVER)
        return NULL;
    if (e->facts->own.braked_until > at)
        at = e->facts->own.braked_until;
    if (at == INSTANT_NEVER || explain_stands_still(e->facts))
        return "It is tried again when what stands in its way is over.";
    *ret_at = at;
    if (at <= e->facts->now)
        return "It is tried again now.";
    return arena_printf(e->arena, "It is tried again on %s, %s from now.", explain_time(e, at),
                        explain_duration(e, at - e->facts->now));
}

static const char *say_give_up(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->failures == 0 || e->facts->account == NULL)
        return NULL;
    *ret_at = explain_possible_since(e) + e->facts->account->retry.give_up;
    return arena_printf(e->arena, "Trying in vain ends on %s: then it is held for a person.",
                        explain_time(e, *ret_at));
}

static const char *say_answer(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    (void)e;
    return "The answer decides: published, refused, tried again; without one within the time allowed it is "
           "unsure, "
           "and never sent again blindly.";
}

/* ---- unsure ---- */

static const char *say_person(const struct explaining *e)
{
    return arena_printf(
        e->arena, "Nothing more can be found out by cald: a person looks %s%s and resolves it.",
        e->facts->where ? "there: " : "at the account", e->facts->where ? e->facts->where : "");
}

static const char *settling(const struct explaining *e, enum settle_by by)
{
    static const char *const ways[] = {
        [SETTLE_REPEAT] = "The same request is sent again under the same key, which the network remembers",
        [SETTLE_FIND] = "It is looked for on the network",
        [SETTLE_WAIT] = "It waits to be settled under its key",
    };

    (void)e;
    return ways[by];
}

static const char *say_settled(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;
    struct settle_plan plan;
    enum settle_by by;

    if (f->account == NULL || e->delivery->due == INSTANT_NEVER)
        return say_person(e);
    plan = policy_settle(&f->doubt);
    if (plan.by == SETTLE_PERSON)
        return say_person(e);
    by = plan.by == SETTLE_WAIT ? SETTLE_REPEAT : plan.by;
    *ret_at = plan.by == SETTLE_WAIT && plan.at > e->delivery->due ? plan.at : e->delivery->due;
    if (f->own.braked_until > *ret_at)
        *ret_at = f->own.braked_until;
    if (*ret_at == INSTANT_NEVER || explain_stands_still(e->facts))
        return arena_printf(e->arena, "%s, when what stands in its way is over.", settling(e, by));
    if (*ret_at <= f->now)
        return arena_printf(e->arena, "%s, now.", settling(e, by));
    return arena_printf(e->arena, "%s, next on %s.", settling(e, by), explain_time(e, *ret_at));
}

static const char *say_key(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;

    if (f->account == NULL || f->doubt.repeat != REPEAT_KEY || e->delivery->due == INSTANT_NEVER)
        return NULL;
    *ret_at = policy_key_until(&f->doubt);
    if (*ret_at <= f->now)
        return arena_printf(e->arena, "Its key is not used any more since %s.", explain_time(e, *ret_at));
    return arena_printf(e->arena, "Its key is used until %s%s.", explain_time(e, *ret_at),
                        f->doubt.can_find ? "; then it is looked for" : "; then a person decides");
}

/* ---- what stands still ---- */

static bool says(const struct explaining *e, const char *words)
{
    return e->delivery->message != NULL && strstr(e->delivery->message, words) != NULL;
}

static const char *say_stays_held(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (says(e, "the charter is against this time"))
        return "It is released by itself when the charter is no longer against its time, or its entry gets "
               "another one.";
    if (says(e, "its account is not in cald.yaml"))
        return "It is released by itself when its account is back in cald.yaml.";
    return "Nothing happens by itself: it stays held until a person releases, moves or cancels it.";
}

static const char *say_stays_draft(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot < e->facts->now)
        return "Nothing happens by itself: its time has passed, and it is never published late by itself.";
    *ret_at = e->delivery->slot;
    return arena_printf(e->arena, "Approved before %s it goes out then; else it is held then, and told.",
                        explain_time(e, e->delivery->slot));
}

/* NULL: nobody asked for that. */
static const char *say_goes(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->deleting) {
        *ret_at = e->delivery->deleting;
        return "It is being deleted on its network: asked again until it is gone there, or somebody is told "
               "why not.";
    }
    return e->delivery->deleted ? "Nothing more happens: it was deleted on its network." : NULL;
}

static const char *say_stays_cancelled(const struct explaining *e, instant *ret_at)
{
    const char *goes = say_goes(e, ret_at);

    if (goes != NULL)
        return goes;
    if (says(e, "removed from the calendar"))
        return "Nothing happens by itself; it is back when its entry is back in the calendar.";
    return "Nothing happens by itself.";
}

static const char *say_stays_refused(const struct explaining *e, instant *ret_at)
{
    const char *goes = say_goes(e, ret_at);

    if (goes != NULL)
        return goes;
    return "Nothing happens by itself: somebody changes what was refused, and has it tried again.";
}

static const char *say_stays_missed(const struct explaining *e, instant *ret_at)
{
    const char *goes = say_goes(e, ret_at);

    return goes != NULL ? goes : "Nothing happens by itself.";
}

static const char *say_stays_published(const struct explaining *e, instant *ret_at)
{
    const char *goes = say_goes(e, ret_at);

    if (goes != NULL)
        return goes;
    if (!e->delivery->editing)
        return "Nothing more happens.";
    *ret_at = e->delivery->editing;
    return "It is being changed on its network: asked again until it says so, or somebody is told why not; "
           "while its account is paused, or a crisis came since, that waits.";
}

const struct explain_row explain_next_rows[] = {
    {BIT(READY), "prepare", say_prepared},
    {BIT(READY), "publish", say_goes_out},
    {BIT(WAITING), "retry", say_retry},
    {BIT(WAITING), "give-up", say_give_up},
    {BIT(READY) | BIT(WAITING), "late", say_late},
    {BIT(SENDING), "answer", say_answer},
    {BIT(UNSURE), "settle", say_settled},
    {BIT(UNSURE), "key-until", say_key},
    {BIT(DRAFT), "nothing", say_stays_draft},
    {BIT(HELD), "nothing", say_stays_held},
    {BIT(CANCELLED), "nothing", say_stays_cancelled},
    {BIT(REFUSED), "nothing", say_stays_refused},
    {BIT(MISSED), "nothing", say_stays_missed},
    {BIT(PUBLISHED), "nothing", say_stays_published},
};
const size_t explain_next_row_count = sizeof explain_next_rows / sizeof *explain_next_rows;
