/*
 * See schedule.h. A load (schedule_load.h) serves all who want one while none runs: a round. What
 * is done at its end is the most that one of them asked for: look, notice (apply, or let a plan
 * wait, as cald.yaml says), or apply.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "publish/lookup.h"
#include "schedule_internal.h"

#define LOOK_PATIENCE SECONDS(20) /* for links and mentions: a plan, a reload waits no longer */

/* ---- starting a load ---- */

static void load_ended(void *context);

static void *work(void *context)
{
    struct schedule *schedule = context;
    load_work(schedule->load);
    loop_post(schedule->loop, load_ended, schedule);
    return NULL;
}

static bool may_apply(const struct round *round)
{
    for (const struct waiter *waiter = round->waiters; waiter; waiter = waiter->next)
        if (waiter->wants == WAIT_APPLY)
            return true;
    return round->demand > DEMAND_LOOK;
}

static void start_load(struct schedule *schedule)
{
    schedule->load = load_begin(queue_path(schedule->queue), schedule->path, schedule->documents,
                                loop_now(schedule->loop), may_apply(&schedule->round));
    schedule->joined = false;
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
    if (round->demand == DEMAND_NOTICE && (!schedule_applies_on_request(schedule, load) || !plan->documents_changed))
        return DEMAND_APPLY;
    return round->demand;
}

/* A plan costs as much as applying it: who reloads needs none. */
static bool needs_plan(const struct schedule *schedule, const struct load *load)
{
    for (const struct waiter *waiter = schedule->round.waiters; waiter; waiter = waiter->next)
        if (waiter->wants != WAIT_RELOAD)
            return true;
    return schedule->round.demand == DEMAND_NOTICE && schedule_applies_on_request(schedule, load);
}

/* Who is told and asks again gets a round of his own. failed: the load itself did. */
static void conclude(struct schedule *schedule, bool kept, bool failed)
{
    struct load *load = schedule->load;
    tell_waiters(schedule, failed ? NULL : &schedule->verdict);
    schedule->load = NULL;
    round_clear(&schedule->round);
    if (load->accepted || (load->documents && load->documents == schedule->refused))
        load_forget_posts(load);
    if (!kept)
        documents_free(load->documents);
    load_free(load);
    queue_give_back(schedule->queue);
    next_load(schedule);
}

static void fail_load(struct schedule *schedule, const struct error *err)
{
    schedule_set_failure(schedule, err);
    conclude(schedule, false, true);
}

static void go_on(void *context)
{
    struct schedule *schedule = context;
    enum acceptance acceptance = schedule_accept(schedule, schedule->load);
    if (acceptance == ACCEPT_GOES_ON)
        loop_post(schedule->loop, go_on, schedule);
    else
        conclude(schedule, acceptance == ACCEPT_TAKEN_OVER, false);
}

static void act(struct schedule *schedule, const struct schedule_plan *plan)
{
    struct load *load = schedule->load;
    enum demand demanded = decide(schedule, load, plan, &schedule->verdict);
    if (demanded == DEMAND_APPLY)
        go_on(schedule);
    else
        conclude(schedule, demanded == DEMAND_NOTICE && schedule_let_wait(schedule, load, plan), false);
}

static void plan_on(void *context)
{
    struct schedule *schedule = context;
    struct error err = {0};
    const struct schedule_plan *plan;
    if (!load_difference(schedule->load, schedule->queue, schedule_patience(schedule), &plan, &err)) {
        schedule_set_failure(schedule, &err);
        schedule->verdict.plan = schedule->last;
        conclude(schedule, false, false);
    } else if (plan) {
        schedule->verdict.plan.plan = plan;
        act(schedule, plan);
    } else {
        loop_post(schedule->loop, plan_on, schedule);
    }
}

/* The documents have no errors. */
static void finish(struct schedule *schedule, struct load *load)
{
    static const struct schedule_plan not_asked_for = {.id = "", .documents_changed = true};
    if (needs_plan(schedule, load))
        plan_on(schedule);
    else
        act(schedule, &not_asked_for);
}

/* What was answered is remembered; documents and queue may be others by now, so all is read again. */
static void online_answered(void *context)
{
    struct schedule *schedule = context;
    schedule->inquiry = NULL;
    documents_free(schedule->load->documents);
    load_free(schedule->load);
    schedule->round.looked = true;
    start_load(schedule);
}

static bool asks_online(struct schedule *schedule, struct load *load)
{
    struct lookup *lookup = publisher_lookup(schedule->publisher);
    if (load->documents->diags.errors)
        return false;
    lookup_recall(lookup, &load->online);
    if (schedule->round.looked || !online_open(&load->online))
        return false;
    schedule->inquiry = lookup_ask(lookup, &load->online, load->documents->settings, LOOK_PATIENCE, online_answered,
                                   schedule);
    return true;
}

static void load_ended(void *context)
{
    struct schedule *schedule = context;
    struct load *load = schedule->load;
    pthread_join(schedule->thread, NULL);
    schedule->joined = true;
    if (load->failure.message[0]) {
        fail_load(schedule, &load->failure);
        return;
    }
    if (asks_online(schedule, load))
        return;
    load_judge_online(load);
    if (schedule->started && !load->documents->diags.errors)
        settings_warn_of_restart(schedule->started, load->documents->settings, &load->documents->diags);
    schedule->verdict =
        (struct verdict){.plan = {.diags = &load->documents->diags, .message = "documents read"}};
    if (!load->documents->diags.errors) {
        finish(schedule, load);
        return;
    }
    bool kept = schedule->round.demand != DEMAND_LOOK;
    if (kept)
        schedule_refuse(schedule, load);
    conclude(schedule, kept, false);
}

/* ---- noticing changes ---- */

void schedule_notice(struct schedule *schedule, const char *who)
{
    demand(schedule, DEMAND_NOTICE, who, (struct waiter){0});
}

static void files_changed(void *context)
{
    schedule_notice(context, "file");
}

static void horizon_reached(void *context)
{
    schedule_notice(context, "cald");
}

/* ---- making and ending ---- */

struct schedule *schedule_new(struct loop *loop, struct queue *queue, struct publisher *publisher,
                              const char *settings_path, const struct settings *started)
{
    struct schedule *schedule = xmalloc(sizeof *schedule);
    *schedule = (struct schedule){.loop = loop, .queue = queue, .publisher = publisher, .path = xstrdup(settings_path),
                                  .started = started};
    schedule->horizon = loop_timer(loop, horizon_reached, schedule);
    schedule->watch = filewatch_new(loop, files_changed, schedule);
    return schedule;
}

void schedule_free(struct schedule *schedule)
{
    if (!schedule)
        return;
    if (schedule->load) {
        if (schedule->inquiry)
            inquiry_abandon(schedule->inquiry);
        else if (!schedule->joined)
            pthread_join(schedule->thread, NULL);
        schedule_end_application(schedule);
        documents_free(schedule->load->documents);
        load_free(schedule->load);
    }
    round_clear(&schedule->round);
    round_clear(&schedule->next);
    schedule_forget_waiting(schedule);
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
