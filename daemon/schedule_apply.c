/*
 * See schedule_internal.h: what becomes of documents that were read: applied, refused, or
 * left to wait until a person applies them; and what is said about it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "publish/alert.h"
#include "schedule_internal.h"

#define AGAIN MINUTES(1) /* after the database failed */

/* ---- reports ---- */

static void set_report(struct schedule *schedule, bool applied, const struct diags *diags,
                       const char *message)
{
    schedule->last = (struct schedule_report){
        .applied = applied,
        .diags = diags,
        .report = applied ? &schedule->applied : NULL,
        .message = arena_strdup(schedule->report_arena, message),
    };
    schedule->has_last = true;
    metric_add(METRIC_RELOADS, applied ? "ok" : "refused", 1);
}

static struct arena *new_report(struct schedule *schedule)
{
    arena_free(schedule->report_arena);
    return schedule->report_arena = arena_new();
}

void schedule_set_failure(struct schedule *schedule, const struct error *err)
{
    struct diags *diags = arena_new_of(new_report(schedule), struct diags);
    *diags = diags_in(schedule->report_arena);
    diags_add(diags, &(struct diag){.level = DIAG_ERROR, .rule = "queue", .message = err->message});
    log_error("documents not applied: %s", err->message);
    set_report(schedule, false, diags, err->message);
    schedule->last.database_failed = true;
    timer_at(schedule->horizon, loop_now(schedule->loop) + AGAIN);
}

/* At the first load there is no hook yet, and whoever started us is told by the exit status. */
static void alert_refusal(struct schedule *schedule, const char *message, const struct diags *diags)
{
    struct error err = {0};
    if (schedule->documents &&
        !alert_documents(schedule->queue, message, diags, loop_now(schedule->loop), &err))
        log_warn("on_failure is not told of it: %s", err.message);
}

void schedule_refuse(struct schedule *schedule, struct load *load)
{
    struct documents *before = schedule->refused;
    char message[128];
    schedule->refused = load->documents;
    new_report(schedule);
    snprintf(message, sizeof message, "documents refused: %zu error%s, %s", load->documents->diags.errors,
             load->documents->diags.errors == 1 ? "" : "s",
             schedule->documents ? "what was running keeps running" : "there is nothing to run");
    log_error("%s", message);
    diags_log(&load->documents->diags);
    alert_refusal(schedule, message, &load->documents->diags);
    set_report(schedule, false, &load->documents->diags, message);
    documents_free(before);
}

static void take_over(struct schedule *schedule, struct documents *documents)
{
    struct documents *before = schedule->documents, *refused = schedule->refused;
    schedule->documents = documents;
    schedule->loaded = loop_now(schedule->loop);
    schedule->refused = NULL;
    documents_follow_logins(documents);
    publisher_use(schedule->publisher, documents);
    for (size_t i = 0; i < schedule->hook_count; i++)
        schedule->hooks[i].call(schedule->hooks[i].context);
    filewatch_set(schedule->watch, documents->files, documents->file_count);
    documents_free(before);
    documents_free(refused);
}

void schedule_forget_waiting(struct schedule *schedule)
{
    free(schedule->waits_message);
    schedule->waits_message = NULL;
    schedule->waits = (struct schedule_waiting){0};
}

static void log_applied(const struct schedule *schedule, const struct load *load)
{
    const struct apply_report *r = &schedule->applied;
    diags_log(&load->documents->diags);
    for (size_t i = 0; i < r->conflict_count; i++)
        log_warn("%s", r->conflicts[i]);
    for (size_t i = 0; i < load->unplaced_count; i++)
        log_warn("post '%s' finds no free time in slot '%s' before the horizon, it waits outside the queue",
                 load->unplaced[i]->id, load->unplaced[i]->slot->name);
}

static void accepted(struct schedule *schedule, struct load *load)
{
    const struct apply_report *r = &schedule->applied;
    char message[256];
    snprintf(message, sizeof message,
             "documents applied: %zu added, %zu changed, %zu moved, %zu cancelled, %zu unchanged", r->added,
             r->changed, r->moved, r->cancelled, r->unchanged + r->kept);
    log_info("%s by=%s", message, schedule->round.who);
    log_applied(schedule, load);
    if (r->crowded_out)
        schedule_notice(schedule, "cald");
    set_report(schedule, true, &load->documents->diags, message);
    timer_at(schedule->horizon, plan_next_beyond(load->documents->calendar, load->until) == INSTANT_NEVER
                                    ? INSTANT_NEVER
                                    : load->until - load->documents->settings->horizon / 2);
    schedule_forget_waiting(schedule);
    take_over(schedule, load->documents);
    load->accepted = true;
}

static void begin_application(struct schedule *schedule, struct load *load)
{
    schedule->application_arena = arena_new();
    if (load->zones_moved)
        log_warn("the time zone data changed: what is planned in local time may move");
    schedule->application = application_new(schedule->queue, &load->sift, load->now, schedule->round.who,
                                            schedule->application_arena);
}

void schedule_end_application(struct schedule *schedule)
{
    application_free(schedule->application);
    arena_free(schedule->application_arena);
    schedule->application = NULL;
    schedule->application_arena = NULL;
}

static void keep_report(struct schedule *schedule)
{
    schedule->applied = application_report(schedule->application);
    arena_free(schedule->report_arena);
    schedule->report_arena = schedule->application_arena;
    schedule->application_arena = NULL;
}

enum acceptance schedule_accept(struct schedule *schedule, struct load *load)
{
    struct error err = {0};
    bool more;
    if (!schedule->application)
        begin_application(schedule, load);
    if (!schedule_slice(schedule, load, &more, &err)) {
        schedule_end_application(schedule);
        schedule_set_failure(schedule, &err);
        return ACCEPT_FAILED;
    }
    if (more)
        return ACCEPT_GOES_ON;
    keep_report(schedule);
    schedule_end_application(schedule);
    accepted(schedule, load);
    return ACCEPT_TAKEN_OVER;
}

/* ---- a plan that waits ---- */

bool schedule_applies_on_request(const struct schedule *schedule, const struct load *load)
{
    const struct documents *rule = schedule->documents ? schedule->documents : load->documents;
    return rule->settings->apply == APPLIES_ON_REQUEST;
}

static void note_waiting(struct schedule *schedule, const struct schedule_plan *plan, instant now)
{
    const struct apply_report *d = plan->difference;
    char message[256];
    snprintf(message, sizeof message,
             "a plan waits (%zu to add, %zu to change, %zu to move, %zu to cancel): 'calctl plan' shows it, "
             "'calctl apply' "
             "applies it",
             d->added, d->changed, d->moved, d->cancelled);
    if (!schedule->waits_message || strcmp(schedule->waits_message, message) != 0)
        log_info("%s", message);
    instant since = schedule->waits.since ? schedule->waits.since : now;
    free(schedule->waits_message);
    schedule->waits_message = xstrdup(message);
    schedule->waits = (struct schedule_waiting){.since = since, .message = schedule->waits_message};
}

bool schedule_let_wait(struct schedule *schedule, struct load *load, const struct schedule_plan *plan)
{
    struct error err = {0};
    struct documents *refused = schedule->refused;
    bool first = !schedule->documents;
    new_report(schedule);
    note_waiting(schedule, plan, load->now);
    if (!alert_documents(schedule->queue, NULL, NULL, load->now, &err))
        log_warn("on_failure is not told of it: %s", err.message);
    schedule->applied = (struct apply_report){0};
    set_report(schedule, true, &(first ? load->documents : schedule->documents)->diags,
               schedule->waits_message);
    if (first) {
        take_over(schedule, load->documents);
        return true;
    }
    schedule->refused = NULL;
    documents_free(refused);
    filewatch_set(schedule->watch, load->documents->files, load->documents->file_count);
    return false;
}
