/*
 * api_slots: the coming times of the calendar's slots, and who has them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/judge.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

#define AHEAD DAYS(30)
#define FURTHEST DAYS(366)

struct time_of_slot {
    const struct slot *slot;
    instant at;
};

static int by_time(const void *a, const void *b)
{
    const struct time_of_slot *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return strcmp(left->slot->name, right->slot->name);
}

static bool slot_is_known(struct call *call, const struct calendar *calendar, const char *name)
{
    if (!name || calendar_slot(calendar, name))
        return true;
    const char **names = arena_alloc_array(call->arena, calendar->slot_count + 1, sizeof *names);
    for (size_t i = 0; i < calendar->slot_count; i++)
        names[i] = calendar->slots[i].name;
    problem_unknown(call, 404, "slot", name, names, calendar->slot_count);
    return false;
}

static struct time_of_slot *times(struct call *call, const struct calendar *calendar, const char *name,
                                  instant from, instant until, size_t limit, size_t *ret_count)
{
    struct time_of_slot *all = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < calendar->slot_count; i++) {
        struct occurrence *occurrences;
        const struct slot *slot = &calendar->slots[i];
        if (name && strcmp(slot->name, name) != 0)
            continue;
        size_t count = recurrence_between(slot->recurrence, from, until, limit, call->arena, &occurrences);
        for (size_t k = 0; k < count; k++)
            *arena_push(call->arena, all, *ret_count) = (struct time_of_slot){slot, occurrences[k].at};
    }
    if (*ret_count)
        qsort(all, *ret_count, sizeof *all, by_time);
    if (*ret_count > limit)
        *ret_count = limit;
    return all;
}

static const char *holder(const struct assigned *assigned, size_t count, const struct time_of_slot *time)
{
    for (size_t i = 0; i < count; i++)
        if (assigned[i].slot == time->at && assigned[i].slot_name &&
            strcmp(assigned[i].slot_name, time->slot->name) == 0)
            return assigned[i].post_id;
    return NULL;
}

static json_t *time_to_json(const struct time_of_slot *time, const struct zone *zone, const char *post)
{
    char local[48];
    json_t *object = json_object(), *accounts = json_array();
    for (size_t i = 0; i < time->slot->account_count; i++)
        json_array_append_new(accounts, json_string(time->slot->accounts[i]->name));
    json_set_text(object, "slot", time->slot->name);
    view_instant(object, "at", time->at);
    json_set_text(object, "local", local_format(zone, time->at, local, sizeof local));
    json_set(object, "accounts", accounts);
    view_text(object, "post", post);
    return object;
}

void api_slots(struct call *call)
{
    const struct calendar *calendar = schedule_documents(call->control->schedule)->calendar;
    const char *name = call_query(call, "slot");
    size_t limit = (size_t)call_query_number(call, "limit", 50), count, assigned_count;
    instant from = call->now, until = 0;
    if (!slot_is_known(call, calendar, name) || !query_span(call, "from", &from, &until))
        return;
    if (!until)
        until = from + AHEAD;
    if (until > from + FURTHEST)
        until = from + FURTHEST;
    struct time_of_slot *all = times(call, calendar, name, from, until, limit, &count);
    struct assigned *assigned = judge_queued(call, from, until, &assigned_count);
    json_t *items = json_array(), *page = json_object();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            items, time_to_json(&all[i], calendar->zone, holder(assigned, assigned_count, &all[i])));
    json_set(page, "items", items);
    json_set(page, "next", json_null());
    answer_json(call, 200, page);
}
