/*
 * What applying a load would change. It is found by applying it, in a transaction that is rolled back
 * (queue_plan), so that a plan and a reload cannot disagree. Its name is a hash over the documents and all of
 * the queue that it touches.
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

bool load_difference(struct load *load, struct queue *queue, struct schedule_plan *ret_plan,
                     struct error *err)
{
    struct apply_report *difference = arena_new_of(load->arena, struct apply_report);
    const struct approver approver = load_approver(load), *before = queue_approve_by(queue, &approver);
    bool ok = queue_plan_rest(queue, &load->sift, load->now, load->arena, difference, err);
    queue_approve_by(queue, before);
    if (!ok)
        return false;
    const char **unplaced = arena_alloc_array(load->arena, load->unplaced_count + 1, sizeof *unplaced);
    for (size_t i = 0; i < load->unplaced_count; i++)
        unplaced[i] = load->unplaced[i]->id;
    const char *applied = queue_note(queue, "documents_hash", load->arena);
    *ret_plan = (struct schedule_plan){
        .id = name_of(load, difference),
        .documents_changed = !applied || strcmp(applied, load->documents->hash) != 0,
        .difference = difference,
        .unplaced = unplaced,
        .unplaced_count = load->unplaced_count,
    };
    return true;
}

bool schedule_plan_is_empty(const struct schedule_plan *plan)
{
    return !plan->documents_changed && plan->difference->change_count == 0;
}
