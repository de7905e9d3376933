/* See plan.h: the next free time of a slot, and what lies beyond the horizon.
 * Making the plan itself is plan.c's. */
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "editorial/plan.h"
#include "editorial/plan_silence.h"

enum { OCCURRENCES_MOST = 20000 };

/* ---- the next free time ---- */

static bool is_taken(const struct assigned *assigned, size_t count, const struct slot *slot, instant t,
                     const struct account *const *accounts, size_t account_count)
{
    for (size_t i = 0; i < count; i++) {
        if (assigned[i].slot != t || !assigned[i].slot_name || strcmp(assigned[i].slot_name, slot->name) != 0)
            continue;
        for (size_t k = 0; k < account_count; k++)
            if (!strcmp(assigned[i].account, accounts[k]->name))
                return true;
    }
    return false;
}

bool slot_has_accounts(const struct slot *slot, const struct account *const *accounts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t k = 0; k < slot->account_count; k++)
            there = there || !strcmp(slot->accounts[k]->name, accounts[i]->name);
        if (!there)
            return false;
    }
    return true;
}

/* Looks a month ahead, then a year, then ten: most slots come soon. */
static bool next_free(const struct calendar *calendar, const struct slot *slot, const struct account *const *accounts,
                      size_t account_count, instant after, const struct assigned *assigned, size_t assigned_count,
                      instant *ret_at)
{
    static const duration ahead[] = {DAYS(31), DAYS(366), DAYS(3660)};
    struct arena *arena = arena_new();
    struct silence *silences;
    size_t silence_count = silence_find(calendar, arena, &silences);
    bool found = false;
    for (size_t a = 0; a < sizeof ahead / sizeof *ahead && !found; a++) {
        struct occurrence *times;
        size_t count = recurrence_between(slot->recurrence, after + 1, after + ahead[a], OCCURRENCES_MOST, arena,
                                          &times);
        for (size_t i = 0; i < count && !found; i++) {
            found = !is_taken(assigned, assigned_count, slot, times[i].at, accounts, account_count) &&
                    !silence_has(silences, silence_count, times[i].at);
            if (found)
                *ret_at = times[i].at;
        }
    }
    arena_free(arena);
    return found;
}

static bool unknown_slot(const struct calendar *calendar, const char *name, struct error *err)
{
    const char **names = xmalloc((calendar->slot_count + 1) * sizeof *names);
    for (size_t i = 0; i < calendar->slot_count; i++)
        names[i] = calendar->slots[i].name;
    const char *nearest = suggest(name, names, calendar->slot_count);
    free(names);
    if (nearest)
        return fail(err, "unknown slot '%s', did you mean '%s'?", name, nearest);
    return fail(err, "unknown slot '%s'", name);
}

bool plan_next_free(const struct calendar *calendar, const char *slot_name, const struct account *const *accounts,
                    size_t account_count, instant after, const struct assigned *assigned, size_t assigned_count,
                    const struct slot **ret_slot, instant *ret_at, struct error *err)
{
    bool any = !slot_name || !*slot_name, candidates = false;
    const struct slot *best = NULL;
    instant best_at = INSTANT_NEVER, at;
    if (!any && !calendar_slot(calendar, slot_name))
        return unknown_slot(calendar, slot_name, err);
    for (size_t i = 0; i < calendar->slot_count; i++) {
        const struct slot *slot = &calendar->slots[i];
        if (any ? !slot_has_accounts(slot, accounts, account_count) : strcmp(slot->name, slot_name) != 0)
            continue;
        candidates = true;
        if (next_free(calendar, slot, accounts, account_count, after, assigned, assigned_count, &at) &&
            at < best_at) {
            best = slot;
            best_at = at;
        }
    }
    if (!candidates)
        return fail(err, "the calendar has no slot for all of these accounts");
    if (!best)
        return fail(err, "no free time within ten years in the calendar's slots");
    *ret_slot = best;
    *ret_at = best_at;
    return true;
}

static instant first_after(const struct recurrence *recurrence, instant until)
{
    static const duration ahead[] = {DAYS(31), DAYS(366), DAYS(3660), DAYS(36600)};
    struct arena *arena = arena_new();
    instant first = INSTANT_NEVER;
    for (size_t i = 0; i < sizeof ahead / sizeof *ahead && first == INSTANT_NEVER; i++) {
        struct occurrence *one;
        if (recurrence_between(recurrence, until, until + ahead[i], 1, arena, &one))
            first = one->at;
    }
    arena_free(arena);
    return first;
}

instant plan_next_beyond(const struct calendar *calendar, instant until)
{
    bool *seen = xmalloc(calendar->slot_count + 1); /* each slot is asked once */
    instant first = INSTANT_NEVER;
    memset(seen, 0, calendar->slot_count + 1);
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        instant t = INSTANT_NEVER;
        if (post->timing == TIMING_AT && post->instant >= until)
            t = post->instant;
        else if (post->timing == TIMING_SERIES)
            t = first_after(post->recurrence, until);
        else if (post->timing == TIMING_SLOT && !seen[post->slot - calendar->slots]) {
            seen[post->slot - calendar->slots] = true;
            t = first_after(post->slot->recurrence, until);
        }
        if (t < first)
            first = t;
    }
    free(seen);
    return first;
}
