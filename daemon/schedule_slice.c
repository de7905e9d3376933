/*
 * See schedule_internal.h: a load applied to the queue. A turn of the loop must not wait for a large
 * calendar: what takes longer than a slice goes on in the next turn, in a transaction of its own. Until the
 * last slice the documents in force, the notes of what was applied last and the plan's end are the old ones,
 * so that whatever ends it in between is followed by the same application again, which finds what is done
 * already. Each delivery is changed whole.
 */
#include <string.h>

#include "base/log.h"
#include "publish/alert.h"
#include "queue/audit.h"
#include "schedule_internal.h"

/* At a start nobody else is there to wait, and each commit costs. */
static const duration slice_of_turn = 10, slice_at_start = 200;

duration schedule_patience(const struct schedule *schedule)
{
    return schedule->documents ? slice_of_turn : slice_at_start;
}

/* What came too late to be published is put aside as it comes in: nobody else will tell of it. */
static bool alert_late(struct schedule *schedule, const struct load *load, const struct wanted *w,
                       struct error *err)
{
    bool held = w->state == STATE_HELD || (w->state == STATE_READY && w->against);
    struct delivery delivery = {
        .post_id = w->post_id, .account = w->account, .network = w->network, .slot = w->slot};
    if ((!held && w->state != STATE_MISSED) || load_knows(load, w->post_id, w->account))
        return true;
    return alert_delivery(schedule->queue, held ? ALERT_HELD : ALERT_MISSED, &delivery,
                          held ? STATE_HELD : w->state, w->message ? w->message : w->against, load->now, err);
}

/* That a load found the same documents is told when a person asked for it. */
static bool record_documents(struct schedule *schedule, const struct load *load,
                             const struct apply_report *report, struct error *err)
{
    const char *before = queue_note(schedule->queue, "documents_hash", load->arena),
               *after = load->documents->hash;
    static const char *const by_itself[] = {"start", "file", "cald"};
    bool same = before && !strcmp(before, after);
    for (size_t i = 0; same && i < sizeof by_itself / sizeof *by_itself; i++)
        if (!strcmp(schedule->round.who, by_itself[i]))
            return true;
    struct audit_entry entry = {
        .kind = AUDIT_DOCUMENTS,
        .who = schedule->round.who,
        .from = before ? "in force" : NULL,
        .to = "in force",
        .why = arena_printf(load->arena, "%zu added, %zu changed, %zu moved, %zu cancelled", report->added,
                            report->changed, report->moved, report->cancelled),
        .before = before ? arena_printf(load->arena, "{\"hash\":\"%s\"}", before) : NULL,
        .after = arena_printf(load->arena, "{\"hash\":\"%s\"}", after),
    };
    return queue_audit(schedule->queue, &entry, load->now, err);
}

static bool remember(struct schedule *schedule, struct load *load, struct error *err)
{
    const struct apply_report report = application_report(schedule->application);
    char until[INSTANT_TEXT];
    return alert_documents(schedule->queue, NULL, NULL, load->now, err) &&
           record_documents(schedule, load, &report, err) &&
           queue_set_note(schedule->queue, "documents_hash", load->documents->hash, err) &&
           queue_set_note(schedule->queue, "zones_hash", load->documents->zones_hash, err) &&
           queue_set_note(schedule->queue, LOAD_RULES_NOTE, load_rules(load), err) &&
           queue_set_note(schedule->queue, LOAD_UNTIL_NOTE, instant_format(load->until, until, sizeof until), err) &&
           memory_keep(load, schedule->queue, report.left, report.left_count, err);
}

/* Until all is applied nothing is remembered: what was applied last is no longer what is there. */
static bool forget_what_was(struct load *load, struct queue *queue, struct error *err)
{
    bool forgotten = load->forgotten;
    load->forgotten = true;
#ifdef CALD_MUTANT_REMEMBER_TOO_LONG
    forgotten = true;
#endif
    return forgotten || memory_forget(queue, err);
}

static bool take_steps(struct schedule *schedule, struct load *load, bool *ret_more, struct error *err)
{
    duration end = clock_monotonic() + schedule_patience(schedule);
    const struct wanted *entry;
    do {
        if (!application_step(schedule->application, &entry, ret_more, err) ||
            (entry && !alert_late(schedule, load, entry, err)))
            return false;
    } while (*ret_more && clock_monotonic() < end);
    return *ret_more ? forget_what_was(load, schedule->queue, err) : remember(schedule, load, err);
}

bool schedule_slice(struct schedule *schedule, struct load *load, bool *ret_more, struct error *err)
{
    struct queue *queue = schedule->queue;
    if (!queue_begin(queue, err))
        return false;
    const struct approver approver = load_approver(load), *before = queue_approve_by(queue, &approver);
    bool ok = take_steps(schedule, load, ret_more, err);
    queue_approve_by(queue, before); /* the new charter's only for what is applied */
    if (ok && queue_commit(queue, err))
        return true;
    if (!ok)
        queue_rollback(queue);
    return false;
}
