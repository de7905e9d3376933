/*
 * What applying a load would change. It is found by applying it, in transactions that are rolled back, so that
 * a plan and a reload cannot disagree; as much of it in a turn of the loop as may be. Its name is a hash over the
 * documents and all of the queue that it touches.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "schedule_load.h"

enum { PLAN_DIGITS = 16 };

static void add_to_name(struct buf *name, const struct apply_change *change)
{
    const struct delivery *before = change->before;
    char hash[SHA256_HEX] = "";
    if (change->content)
        content_hash(change->content, hash);
    buf_printf(name, "%s %s/%s %lld %s %s %lld %s\n", apply_kind_name(change->kind), change->post_id,
               change->account, before ? (long long)before->version : 0,
               before ? state_name(before->state) : "", state_name(change->to), (long long)change->slot,
               hash);
}

static const char *name_of(const struct load *load, const struct apply_report *difference)
{
    struct buf name = {0};
    char hash[SHA256_HEX];
    buf_printf(&name, "%s\n%s\n", load->documents->hash, load->documents->zones_hash);
    for (size_t i = 0; i < difference->change_count; i++)
        add_to_name(&name, &difference->changes[i]);
    for (size_t i = 0; i < difference->conflict_count; i++)
        buf_printf(&name, "%s\n", difference->conflicts[i]);
    sha256_hex(buf_text(&name), name.length, hash);
    buf_release(&name);
    return arena_strndup(load->arena, hash, PLAN_DIGITS);
}

static bool take_steps(struct load *load, struct queue *queue, duration end, bool *ret_more, struct error *err)
{
    const struct approver approver = load_approver(load), *before = queue_approve_by(queue, &approver);
    const struct wanted *entry;
    bool ok = queue_begin(queue, err);
    if (ok) {
        do
            ok = application_step(load->planning, &entry, ret_more, err);
        while (ok && *ret_more && clock_monotonic() < end);
        queue_rollback(queue);
    }
    queue_approve_by(queue, before);
    return ok;
}

static struct schedule_plan *plan_of(struct load *load, struct queue *queue)
{
    struct apply_report *difference = arena_new_of(load->arena, struct apply_report);
    struct schedule_plan *plan = arena_new_of(load->arena, struct schedule_plan);
    const char **unplaced = arena_alloc_array(load->arena, load->unplaced_count + 1, sizeof *unplaced);
    for (size_t i = 0; i < load->unplaced_count; i++)
        unplaced[i] = load->unplaced[i]->id;
    const char *applied = queue_note(queue, "documents_hash", load->arena);
    *difference = application_report(load->planning);
    *plan = (struct schedule_plan){
        .id = name_of(load, difference),
        .documents_changed = !applied || strcmp(applied, load->documents->hash) != 0,
        .difference = difference,
        .unplaced = unplaced,
        .unplaced_count = load->unplaced_count,
    };
    return plan;
}

bool load_difference(struct load *load, struct queue *queue, duration patience, const struct schedule_plan **ret_plan,
                     struct error *err)
{
    bool more;
    if (!load->planning)
        load->planning = application_plan(queue, &load->sift, load->now, load->arena);
    if (!take_steps(load, queue, clock_monotonic() + patience, &more, err))
        return false;
    *ret_plan = more ? NULL : plan_of(load, queue);
    return true;
}

bool schedule_plan_is_empty(const struct schedule_plan *plan)
{
    return !plan->documents_changed && plan->difference->change_count == 0;
}
