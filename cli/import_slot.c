/* See import.h: which slot a post without a time takes: of those that have all its accounts, the one that is
 * free first, after what the calendar and the rows before it take. */
#include <string.h>

#include "base/index.h"
#include "base/json.h"
#include "cli/import.h"
#include "editorial/plan.h"

struct import_slots { /* what is taken, now and by what is imported */
    struct assigned *taken;
    size_t count;
    struct index searched; /* slot and accounts → the instant up to which nothing is free */
};

struct import_slots *import_slots_new(struct importing *im)
{
    struct import_slots *slots = arena_new_of(im->arena, struct import_slots);
    const struct documents *documents = im->documents;
    const struct post **unplaced;
    size_t count, unplaced_count;
    slots->searched.arena = im->arena;
    const struct planned *planned =
        plan(documents->calendar, im->now, im->now, im->now + documents->settings->horizon, NULL, 0,
             im->arena, &count, &unplaced, &unplaced_count);
    for (size_t i = 0; i < count; i++)
        if (planned[i].slot_name)
            *arena_push(im->arena, slots->taken, slots->count) = (struct assigned){
                planned[i].post_id, planned[i].account->name, planned[i].slot_name, planned[i].slot, false};
    return slots;
}

static const struct account *const *accounts_of(struct importing *im, const json_t *to, size_t *ret_count)
{
    *ret_count = json_array_size(to);
    const struct account **accounts = arena_alloc_array(im->arena, *ret_count + 1, sizeof *accounts);
    for (size_t i = 0; i < *ret_count; i++)
        accounts[i] =
            &settings_account(im->documents->settings, json_string_value(json_array_get(to, i)))->account;
    return accounts;
}

/* Up to where was looked before for these accounts: what is taken stays taken. */
static instant *searched_until(struct importing *im, struct import_slots *slots, const struct slot *slot,
                               const struct account *const *accounts, size_t count)
{
    const char *key = slot->name;
    for (size_t i = 0; i < count; i++)
        key = arena_printf(im->arena, "%s/%s", key, accounts[i]->name);
    instant *until = index_get(&slots->searched, key);
    if (!until) {
        until = arena_new_of(im->arena, instant);
        *until = im->now;
        index_put(&slots->searched, key, until);
    }
    return until;
}

/* Of the slots that have all its accounts, the one that is free first. NULL: there is none. */
static const struct slot *choose_slot(struct importing *im, struct import_slots *slots,
                                      const struct import_post *post)
{
    const struct calendar *calendar = im->documents->calendar;
    const struct slot *best = NULL, *found;
    instant best_at = INSTANT_NEVER, at;
    size_t count;
    const struct account *const *accounts = accounts_of(im, json_member(post->members, "to"), &count);
    for (size_t i = 0; i < calendar->slot_count; i++) {
        const struct slot *slot = &calendar->slots[i];
        if (!slot_has_accounts(slot, accounts, count))
            continue;
        instant *after = searched_until(im, slots, slot, accounts, count);
        if (!plan_next_free(calendar, slot->name, accounts, count, *after, slots->taken, slots->count, &found,
                            &at, NULL))
            continue;
        *after = at - 1;
        if (at < best_at) {
            best = slot;
            best_at = at;
        }
    }
    for (size_t i = 0; best && i < count; i++)
        *arena_push(im->arena, slots->taken, slots->count) =
            (struct assigned){post->id, accounts[i]->name, best->name, best_at, false};
    return best;
}

bool import_place(struct importing *im, struct import_slots *slots, struct import_post *post)
{
    const struct slot *slot;
    if (json_member(post->members, "at") || json_member(post->members, "slot"))
        return true;
    if (im->slot) {
        json_set_text(post->members, "slot", im->slot);
        return true;
    }
    slot = choose_slot(im, slots, post);
    if (slot)
        json_set_text(post->members, "slot", slot->name);
    return slot || import_fail(im, &post->entries[0]->row->cells[0], NULL,
                               "give it a time, name a slot (--slot NAME), or make one in the calendar",
                               "the row has no time, and no slot of the calendar is for all of its accounts");
}
