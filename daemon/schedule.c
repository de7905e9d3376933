/*
 * See schedule.h. A load (schedule_load.h) serves all who want one while none runs: a round. What
 * is done at its end is the most that one of them asked for: look, notice (apply, or let a plan
 * wait, as cald.yaml says), or apply.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "filewatch.h"
#include "publish/alert.h"
#include "queue/audit.h"
#include "schedule_load.h"

#define AGAIN MINUTES(1) /* after the database failed */

enum { CHANGE_HOOKS = 4 };

enum demand { /* each contains those before */
    DEMAND_LOOK,   /* a plan: nothing changes */
    DEMAND_NOTICE, /* a file changed, cald started, time went on */
    DEMAND_APPLY,  /* a person wants it */
};

struct waiter {
    struct waiter *next;
    enum { WAIT_RELOAD, WAIT_PLAN, WAIT_APPLY } wants;
    char *plan; /* WAIT_APPLY: what is to be applied */
    char *who;  /* likewise */
    void (*done)(void *context, const struct schedule_report *report);
    void *context;
};

struct round {
    struct waiter *waiters;
    enum demand demand;
    char *who; /* of the demand */
    bool asked;
};

struct schedule {
    struct loop *loop;
    struct queue *queue;
    struct publisher *publisher;
    char *path;
    struct documents *documents; /* in force */
    struct documents *refused;   /* owns what the last report shows, if that was a refusal */
    struct schedule_report last;
    struct apply_report applied;
    struct arena *report_arena;
    bool has_last;
    struct load *load;           /* running */
    pthread_t thread;
    struct round round, next;
    struct filewatch *watch;
    struct timer *horizon;
    instant loaded;              /* when the documents in force were applied */
    struct schedule_waiting waits;
    char *waits_message;
    struct {
        void (*call)(void *context);
        void *context;
    } hooks[CHANGE_HOOKS];
    size_t hook_count;
};

/* ---- starting a load ---- */

static void load_ended(void *context);
static void report_failure(struct schedule *schedule, const struct error *err);

static void *work(void *context)
{
    struct schedule *schedule = context;
    load_work(schedule->load);
    loop_post(schedule->loop, load_ended, schedule);
    return NULL;
}

static void start_load(struct schedule *schedule)
{
    struct error err = {0};
    schedule->load = load_begin(schedule->queue, schedule->path, loop_now(schedule->loop), &err);
    if (!schedule->load) {
        report_failure(schedule, &err);
        return;
    }
    errno = pthread_create(&schedule->thread, NULL, work, schedule);
    if (errno)
        bug("pthread_create: %s", strerror(errno));
}

static void demand(struct schedule *schedule, enum demand demand, const char *who, struct waiter waiter)
{
    struct round *round = schedule->load ? &schedule->next : &schedule->round;
    if (demand >= round->demand && who) {
        free(round->who);
        round->who = xstrdup(who);
        round->demand = demand;
    }
    round->asked = true;
    if (waiter.done) {
        waiter.next = round->waiters;
        round->waiters = xmalloc(sizeof waiter);
        *round->waiters = waiter;
    }
    if (!schedule->load)
        start_load(schedule);
}

void schedule_reload(struct schedule *schedule, const char *who,
                     void (*done)(void *context, const struct schedule_report *report), void *context)
{
    demand(schedule, DEMAND_APPLY, who, (struct waiter){.wants = WAIT_RELOAD, .done = done, .context = context});
}

void schedule_start(struct schedule *schedule, void (*done)(void *context, const struct schedule_report *report),
                    void *context)
{
    demand(schedule, DEMAND_NOTICE, "start", (struct waiter){.wants = WAIT_RELOAD, .done = done, .context = context});
}

void schedule_plan(struct schedule *schedule, void (*done)(void *context, const struct schedule_report *report),
                   void *context)
{
    demand(schedule, DEMAND_LOOK, NULL, (struct waiter){.wants = WAIT_PLAN, .done = done, .context = context});
}

void schedule_apply(struct schedule *schedule, const char *plan, const char *who,
                    void (*done)(void *context, const struct schedule_report *report), void *context)
{
    demand(schedule, DEMAND_LOOK, NULL, (struct waiter){.wants = WAIT_APPLY, .plan = xstrdup(plan), .who = xstrdup(who),
                                                        .done = done, .context = context});
}

/* ---- ending a round ---- */

static void waiter_free(struct waiter *waiter)
{
    free(waiter->plan);
    free(waiter->who);
    free(waiter);
}

/* What is told to who wants a plan, or one applied that is another one by now. */
struct verdict {
    struct schedule_report plan;
    const char *applied; /* the plan that was, or NULL */
};

static const struct schedule_report *report_for(const struct schedule *schedule, const struct waiter *waiter,
                                                const struct verdict *verdict)
{
    if (waiter->wants == WAIT_RELOAD || !verdict)
        return &schedule->last;
    if (waiter->wants == WAIT_APPLY && verdict->applied && !strcmp(verdict->applied, waiter->plan))
        return &schedule->last;
    return &verdict->plan;
}

/* verdict NULL: the load itself failed. Who waits may ask again at once: that is the next round. */
static void tell_waiters(struct schedule *schedule, const struct verdict *verdict)
{
    struct waiter *waiter = schedule->round.waiters;
    schedule->round.waiters = NULL;
    while (waiter) {
        struct waiter *next = waiter->next;
        waiter->done(waiter->context, report_for(schedule, waiter, verdict));
        waiter_free(waiter);
        waiter = next;
    }
}

static void round_clear(struct round *round)
{
    for (struct waiter *waiter = round->waiters, *next; waiter; waiter = next) {
        next = waiter->next;
        waiter_free(waiter);
    }
    free(round->who);
    *round = (struct round){0};
}

static void next_load(struct schedule *schedule)
{
    if (schedule->load || !schedule->next.asked)
        return;
    round_clear(&schedule->round);
    schedule->round = schedule->next;
    schedule->next = (struct round){0};
    start_load(schedule);
}

/* ---- reports ---- */

static void set_report(struct schedule *schedule, bool applied, const struct diags *diags, const char *message)
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

static void set_failure(struct schedule *schedule, const struct error *err)
{
    struct diags *diags = arena_new_of(new_report(schedule), struct diags);
    *diags = diags_in(schedule->report_arena);
    diags_add(diags, &(struct diag){.level = DIAG_ERROR, .rule = "queue", .message = err->message});
    log_error("documents not applied: %s", err->message);
    set_report(schedule, false, diags, err->message);
    schedule->last.database_failed = true;
    timer_at(schedule->horizon, loop_now(schedule->loop) + AGAIN);
}

static void report_failure(struct schedule *schedule, const struct error *err)
{
    set_failure(schedule, err);
    tell_waiters(schedule, NULL);
    round_clear(&schedule->round);
}

static void log_diags(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        struct buf line = {0};
        diag_print(&diags->items[i], &line);
        log_line(diags->items[i].level == DIAG_ERROR ? LOG_ERROR_ : LOG_WARN_, "%s", buf_text(&line));
        buf_release(&line);
    }
}

/* At the first load there is no hook yet, and whoever started us is told by the exit status. */
static void alert_refusal(struct schedule *schedule, const char *message, const struct diags *diags)
{
    struct error err = {0};
    if (schedule->documents && !alert_documents(schedule->queue, message, diags, loop_now(schedule->loop), &err))
        log_warn("on_failure is not told of it: %s", err.message);
}

static void refuse(struct schedule *schedule, struct load *load)
{
    struct documents *before = schedule->refused;
    char message[128];
    schedule->refused = load->documents;
    new_report(schedule);
    snprintf(message, sizeof message, "documents refused: %zu error%s, %s", load->documents->diags.errors,
             load->documents->diags.errors == 1 ? "" : "s",
             schedule->documents ? "what was running keeps running" : "there is nothing to run");
    log_error("%s", message);
    log_diags(&load->documents->diags);
    alert_refusal(schedule, message, &load->documents->diags);
    set_report(schedule, false, &load->documents->diags, message);
    documents_free(before);
}

/* What came too late to be published is put aside as it comes in: nobody else will tell of it. */
static bool alert_late(struct schedule *schedule, const struct load *load, const struct wanted *wanted, size_t count,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct wanted *w = &wanted[i];
        bool held = w->state == STATE_HELD || (w->state == STATE_READY && w->against);
        struct delivery delivery = {.post_id = w->post_id, .account = w->account, .network = w->network,
                                    .slot = w->slot};
        if ((!held && w->state != STATE_MISSED) || load_knows(load, w->post_id, w->account))
            continue;
        if (!alert_delivery(schedule->queue, held ? ALERT_HELD : ALERT_MISSED, &delivery, held ? STATE_HELD : w->state,
                            w->message ? w->message : w->against, load->now, err))
            return false;
    }
    return true;
}

/* When the zones changed and the documents did not, it was the zones that moved what has moved. */
static void look_at_zones(struct schedule *schedule, struct load *load)
{
    const char *zones = queue_note(schedule->queue, "zones_hash", load->arena);
    const char *documents = queue_note(schedule->queue, "documents_hash", load->arena);
    if (!zones || !documents || !strcmp(zones, load->documents->zones_hash))
        return;
    log_warn("the time zone data changed: what is planned in local time may move");
    if (!strcmp(documents, load->documents->hash))
        load->moved_why = "moved because the time zone data changed";
}

/* That a load found the same documents is told when a person asked for it. */
static bool record_documents(struct schedule *schedule, const struct load *load, const struct apply_report *report,
                             struct error *err)
{
    const char *before = queue_note(schedule->queue, "documents_hash", load->arena), *after = load->documents->hash;
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

static bool apply(struct schedule *schedule, struct load *load, struct error *err)
{
    size_t count;
    struct wanted *wanted = load_wanted(load, &count);
    struct apply_report report = {0};
    if (!queue_begin(schedule->queue, err))
        return false;
    if (!queue_apply(schedule->queue, wanted, count, load->from, INSTANT_NEVER, load->now,
                     schedule->round.who, schedule->report_arena, &report, err) ||
        !alert_late(schedule, load, wanted, count, err) ||
        !alert_documents(schedule->queue, NULL, NULL, load->now, err) ||
        !record_documents(schedule, load, &report, err) ||
        !queue_set_note(schedule->queue, "documents_hash", load->documents->hash, err) ||
        !queue_set_note(schedule->queue, "zones_hash", load->documents->zones_hash, err) ||
        !queue_commit(schedule->queue, err)) {
        queue_rollback(schedule->queue);
        return false;
    }
    schedule->applied = report;
    return true;
}

static void take_over(struct schedule *schedule, struct documents *documents)
{
    struct documents *before = schedule->documents, *refused = schedule->refused;
    schedule->documents = documents;
    schedule->loaded = loop_now(schedule->loop);
    schedule->refused = NULL;
    publisher_use(schedule->publisher, documents);
    for (size_t i = 0; i < schedule->hook_count; i++)
        schedule->hooks[i].call(schedule->hooks[i].context);
    filewatch_set(schedule->watch, documents->files, documents->file_count);
    documents_free(before);
    documents_free(refused);
}

static void forget_waiting(struct schedule *schedule)
{
    free(schedule->waits_message);
    schedule->waits_message = NULL;
    schedule->waits = (struct schedule_waiting){0};
}

static void log_applied(const struct schedule *schedule, const struct load *load)
{
    const struct apply_report *r = &schedule->applied;
    log_diags(&load->documents->diags);
    for (size_t i = 0; i < r->conflict_count; i++)
        log_warn("%s", r->conflicts[i]);
    for (size_t i = 0; i < load->unplaced_count; i++)
        log_warn("post '%s' finds no free time in slot '%s' before the horizon, it waits outside the queue",
                 load->unplaced[i]->id, load->unplaced[i]->slot->name);
}

static bool accept(struct schedule *schedule, struct load *load)
{
    struct error err = {0};
    new_report(schedule);
    if (!apply(schedule, load, &err)) {
        set_failure(schedule, &err);
        return false;
    }
    const struct apply_report *r = &schedule->applied;
    char message[256];
    snprintf(message, sizeof message, "documents applied: %zu added, %zu changed, %zu moved, %zu cancelled, %zu unchanged",
             r->added, r->changed, r->moved, r->cancelled, r->unchanged + r->kept);
    log_info("%s by=%s", message, schedule->round.who);
    log_applied(schedule, load);
    set_report(schedule, true, &load->documents->diags, message);
    timer_at(schedule->horizon,
             plan_next_beyond(load->documents->calendar, load->now + load->documents->settings->horizon) ==
                     INSTANT_NEVER
                 ? INSTANT_NEVER
                 : load->now + load->documents->settings->horizon / 2);
    forget_waiting(schedule);
    take_over(schedule, load->documents);
    return true;
}

/* ---- a plan that waits ---- */

static bool applies_on_request(const struct schedule *schedule, const struct load *load)
{
    const struct documents *rule = schedule->documents ? schedule->documents : load->documents;
    return rule->settings->apply == APPLIES_ON_REQUEST;
}

static void note_waiting(struct schedule *schedule, const struct schedule_plan *plan, instant now)
{
    const struct apply_report *d = plan->difference;
    char message[256];
    snprintf(message, sizeof message,
             "a plan waits (%zu to add, %zu to change, %zu to move, %zu to cancel): 'calctl plan' shows it, 'calctl apply' "
             "applies it", d->added, d->changed, d->moved, d->cancelled);
    if (!schedule->waits_message || strcmp(schedule->waits_message, message) != 0)
        log_info("%s", message);
    instant since = schedule->waits.since ? schedule->waits.since : now;
    free(schedule->waits_message);
    schedule->waits_message = xstrdup(message);
    schedule->waits = (struct schedule_waiting){.since = since, .message = schedule->waits_message};
}

/*
 * What was saved is checked and not applied. At a start there is nothing else to work with: accounts and
 * settings are those of the files, the queue is as it was applied. True: the documents were taken over.
 */
static bool let_wait(struct schedule *schedule, struct load *load, const struct schedule_plan *plan)
{
    struct error err = {0};
    struct documents *refused = schedule->refused;
    bool first = !schedule->documents;
    new_report(schedule);
    note_waiting(schedule, plan, load->now);
    if (!alert_documents(schedule->queue, NULL, NULL, load->now, &err))
        log_warn("on_failure is not told of it: %s", err.message);
    schedule->applied = (struct apply_report){0};
    set_report(schedule, true, &(first ? load->documents : schedule->documents)->diags, schedule->waits_message);
    if (first) {
        take_over(schedule, load->documents);
        return true;
    }
    schedule->refused = NULL;
    documents_free(refused);
    filewatch_set(schedule->watch, load->documents->files, load->documents->file_count);
    return false;
}

/* ---- the end of a load ---- */

/* The waiter whose plan it is still; a person's word is more than a file's. */
static const struct waiter *find_agreed(const struct round *round, const struct schedule_plan *plan)
{
    for (const struct waiter *waiter = round->waiters; waiter; waiter = waiter->next)
        if (waiter->wants == WAIT_APPLY && !strcmp(waiter->plan, plan->id))
            return waiter;
    return NULL;
}

static enum demand decide(struct schedule *schedule, const struct load *load, const struct schedule_plan *plan,
                          struct verdict *verdict)
{
    struct round *round = &schedule->round;
    const struct waiter *agreed = find_agreed(round, plan);
    if (agreed) {
        verdict->applied = plan->id;
        free(round->who);
        round->who = xstrdup(agreed->who);
        return DEMAND_APPLY;
    }
    if (round->demand == DEMAND_NOTICE && (!applies_on_request(schedule, load) || !plan->documents_changed))
        return DEMAND_APPLY;
    return round->demand;
}

/* A plan costs as much as applying it: who reloads needs none. */
static bool needs_plan(const struct schedule *schedule, const struct load *load)
{
    for (const struct waiter *waiter = schedule->round.waiters; waiter; waiter = waiter->next)
        if (waiter->wants != WAIT_RELOAD)
            return true;
    return schedule->round.demand == DEMAND_NOTICE && applies_on_request(schedule, load);
}

/* True: the schedule keeps the documents. */
static bool finish(struct schedule *schedule, struct load *load, struct verdict *verdict, struct schedule_plan *plan)
{
    struct error err = {0};
    look_at_zones(schedule, load);
    plan->id = "";
    plan->documents_changed = true;
    if (needs_plan(schedule, load)) {
        if (!load_difference(load, schedule->queue, plan, &err)) {
            set_failure(schedule, &err);
            verdict->plan = schedule->last;
            return false;
        }
        verdict->plan.plan = plan;
    }
    enum demand demanded = decide(schedule, load, plan, verdict);
    if (demanded == DEMAND_APPLY)
        return accept(schedule, load);
    return demanded == DEMAND_NOTICE && let_wait(schedule, load, plan);
}

static void load_ended(void *context)
{
    struct schedule *schedule = context;
    struct load *load = schedule->load;
    struct schedule_plan plan = {0};
    pthread_join(schedule->thread, NULL);
    schedule->load = NULL;
    struct verdict verdict = {.plan = {.diags = &load->documents->diags, .message = "documents read"}};
    bool kept;
    if (!load->documents->diags.errors)
        kept = finish(schedule, load, &verdict, &plan);
    else if ((kept = schedule->round.demand != DEMAND_LOOK))
        refuse(schedule, load);
    schedule->load = load; /* who is told and asks again gets a round of his own */
    tell_waiters(schedule, &verdict);
    schedule->load = NULL;
    round_clear(&schedule->round);
    if (!kept)
        documents_free(load->documents);
    load_free(load);
    next_load(schedule);
}

/* ---- noticing changes ---- */

static void notice(struct schedule *schedule, const char *who)
{
    demand(schedule, DEMAND_NOTICE, who, (struct waiter){0});
}

static void files_changed(void *context)
{
    notice(context, "file");
}

static void horizon_reached(void *context)
{
    notice(context, "cald");
}

/* ---- making and ending ---- */

struct schedule *schedule_new(struct loop *loop, struct queue *queue, struct publisher *publisher,
                              const char *settings_path)
{
    struct schedule *schedule = xmalloc(sizeof *schedule);
    *schedule = (struct schedule){.loop = loop, .queue = queue, .publisher = publisher, .path = xstrdup(settings_path)};
    schedule->horizon = loop_timer(loop, horizon_reached, schedule);
    schedule->watch = filewatch_new(loop, files_changed, schedule);
    return schedule;
}

void schedule_free(struct schedule *schedule)
{
    if (!schedule)
        return;
    if (schedule->load) {
        pthread_join(schedule->thread, NULL);
        documents_free(schedule->load->documents);
        load_free(schedule->load);
    }
    round_clear(&schedule->round);
    round_clear(&schedule->next);
    forget_waiting(schedule);
    filewatch_free(schedule->watch);
    timer_free(schedule->horizon);
    documents_free(schedule->documents);
    documents_free(schedule->refused);
    arena_free(schedule->report_arena);
    free(schedule->path);
    free(schedule);
}

const struct documents *schedule_documents(const struct schedule *schedule)
{
    return schedule->documents;
}

instant schedule_loaded(const struct schedule *schedule)
{
    return schedule->loaded;
}

const struct schedule_waiting *schedule_waits(const struct schedule *schedule)
{
    return schedule->waits.message ? &schedule->waits : NULL;
}

const struct schedule_report *schedule_last(const struct schedule *schedule)
{
    return schedule->has_last ? &schedule->last : NULL;
}

void schedule_on_change(struct schedule *schedule, void (*changed)(void *context), void *context)
{
    if (schedule->hook_count == CHANGE_HOOKS)
        bug("too many schedule hooks");
    schedule->hooks[schedule->hook_count].call = changed;
    schedule->hooks[schedule->hook_count++].context = context;
}
