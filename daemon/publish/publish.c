/*
 * The publisher's turn: settle what ended, look at what may begin, one commit for both, then let the requests
 * leave. What may begin is line.c's and unsure.c's, what an end means settle.c's. When the database fails
 * nothing leaves; it is tried again after a while, from what is on disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "publish/lookup.h"
#include "publish/publisher.h"
#include "queue/crisis.h"

#define DATABASE_FIRST SECONDS(1)
#define DATABASE_MOST MINUTES(1)
#define ROOM_EVERY SECONDS(2)
#define PRESSED 20 /* since the last one left: more will */

enum { TELL_AFTER = 2 }; /* failures: a commit that fails once may be a moment's trouble */
enum { CONCURRENCY_DEFAULT = 64, CONNECTIONS_BESIDE = 192 }; /* beside: kept, warmed, and of other requests */

/* ---- small questions ---- */

const struct settings *publisher_settings(const struct publisher *publisher)
{
    return publisher->documents->settings;
}

struct line *publisher_line(const struct publisher *publisher, const char *account)
{
    return index_get(&publisher->by_name, account);
}

static void mark_all(struct publisher *publisher)
{
    publisher->next_draft = 0;
    for (size_t i = 0; i < publisher->line_count; i++) {
        publisher->lines[i]->dirty = true;
        publisher->lines[i]->unsure_next = 0;
    }
}

static unsigned most_at_a_time(const struct publisher *publisher)
{
    unsigned most = publisher_settings(publisher)->concurrency;

    return most > 0 ? most : CONCURRENCY_DEFAULT;
}

bool publisher_has_room(const struct publisher *publisher)
{
    return runs_active(publisher) < most_at_a_time(publisher);
}

size_t publisher_in_flight(const struct publisher *publisher)
{
    return publisher->runs[PHASE_FLYING].count;
}

bool publisher_is_pressed(const struct publisher *publisher)
{
    return publisher->left > 0 && clock_monotonic() - publisher->left < PRESSED;
}

const char **publisher_leaving(const struct publisher *publisher, const char *account, struct arena *arena,
                               size_t *ret_count)
{
    const char **names = NULL;

    *ret_count = 0;
    for (const struct run *run = publisher->runs[PHASE_FLYING].first; run != NULL; run = run->next) {
        if (run->step.kind == STEP_CREATE && (account == NULL || strcmp(account, run->line->name) == 0))
            *arena_push(arena, names, *ret_count) =
                arena_printf(arena, "%s/%s", run->delivery->post_id, run->line->name);
    }
    return names;
}

const char *publisher_hook_trouble(const struct publisher *publisher, struct arena *arena)
{
    return teller_trouble(publisher->teller, arena);
}

const json_t *publisher_session(const struct publisher *publisher, const char *account)
{
    const struct line *line = publisher_line(publisher, account);

    return line != NULL ? line->session : publisher->nothing;
}

struct hosting *publisher_hosting(const struct publisher *publisher)
{
    return publisher->hosting;
}

void publisher_pend(struct publisher *publisher)
{
    publisher->pending = true;
    timer_after(publisher->kick, 0); /* also when no turn is running */
}

static void nothing_to_do(void *context)
{
    (void)context; /* the turn that this timer makes has its end */
}

/* ---- leaving ---- */

/* Asked at the last moment: a crisis that was answered for lets nothing leave after the answer. */
static bool may_leave(const struct run *run)
{
#ifdef CALD_MUTANT_LATE_CRISIS
    return true;
#endif
    if (run->purpose == PURPOSE_EDIT)
        return queue_may_say(run->publisher->queue, run->delivery->account, run->delivery->editing);
    return run->step.kind != STEP_CREATE || run->delivery == NULL ||
           queue_may_leave(run->publisher->queue, run->delivery);
}

/* What is sent, or does not leave, is not among them afterwards. It leaves at once: a turn has other work, too. */
static void send_due(struct publisher *publisher)
{
    instant now = loop_now(publisher->loop);
    struct run *run = publisher->runs[PHASE_COMMITTED].first, *next;
    bool any = false;

    for (; run != NULL; run = next) {
        next = run->next;
        if (!may_leave(run)) {
            run_withhold(run);
        } else if (run->leave <= now) {
            run_send(run);
            any = true;
        }
    }
    if (any)
        publisher->left = clock_monotonic();
    http_flush(publisher->http);
}

static void commit_intended(struct publisher *publisher)
{
    while (publisher->runs[PHASE_INTENDED].first != NULL)
        run_move(publisher->runs[PHASE_INTENDED].first, PHASE_COMMITTED);
}

/* ---- one transaction ---- */

static bool settle_ended(struct publisher *publisher, struct error *err)
{
    while (publisher->runs[PHASE_ENDED].first != NULL) {
        if (!settle_run(publisher->runs[PHASE_ENDED].first, err))
            return false;
    }
    return true;
}

/* Begins with another line each time: what has no room today is not always the same. */
static bool look_at_lines(struct publisher *publisher, struct error *err)
{
    size_t count = publisher->line_count;

    for (size_t i = 0; i < count; i++) {
        struct line *line = publisher->lines[(publisher->first_line + i) % count];

        if (line->dirty && !line_look(line, err)) {
            line->dirty = true;
            return false;
        }
    }
    publisher->first_line = count > 0 ? (publisher->first_line + 1) % count : 0;
    return true;
}

static bool write_turn(struct publisher *publisher, struct error *err)
{
    if (publisher->recovering && !settle_strays(publisher, false, err))
        return false;
    if (!settle_ended(publisher, err))
        return false;
    if (!publisher->no_room && trust_allows(publisher) &&
        !(unapproved_hold(publisher, err) && look_at_lines(publisher, err)))
        return false;
    return trust_note_newest(publisher, err);
}

#ifdef CALD_MUTANT_SEND_BEFORE_COMMIT
/* Commits what was intended in the turn after the one in which it left. */
static bool transact(struct publisher *publisher, struct error *err)
{
    static bool is_open;

    if ((is_open && !queue_commit(publisher->queue, err)) || !queue_begin(publisher->queue, err))
        return false;
    is_open = true;
    return write_turn(publisher, err);
}
#else
static bool transact(struct publisher *publisher, struct error *err)
{
    bool ok;

    if (!queue_begin(publisher->queue, err))
        return false;
    ok = write_turn(publisher, err);
    if (!ok)
        queue_rollback(publisher->queue);
    return ok && queue_commit(publisher->queue, err);
}
#endif

/* ---- after it ---- */

/* Telling may start new checks, which are in another phase. */
static void tell_settled(struct publisher *publisher)
{
    struct run *run;

    log_gather();
    while ((run = publisher->runs[PHASE_SETTLED].first) != NULL) {
        settle_tell(run);
        run_free(run);
    }
    log_give_out();
}

static void forget(struct run *run)
{
    run->line->dirty = true;
    if (run->verify != NULL)
        run->verify->busy = false;
    run_free(run);
}

/* What was intended and not stored is forgotten: nothing of it left. What ended is settled again. */
static void take_back(struct publisher *publisher)
{
    static const enum phase uncommitted[] = {PHASE_INTENDED, PHASE_ENDED, PHASE_SETTLED};

    for (size_t i = 0; i < sizeof uncommitted / sizeof *uncommitted; i++) {
        struct run *run = publisher->runs[uncommitted[i]].first, *next;

        for (; run != NULL; run = next) {
            next = run->next;
            if (run->phase == PHASE_INTENDED || run->here) {
                forget(run);
            } else if (run->phase == PHASE_SETTLED) {
                run_move(run, PHASE_ENDED);
                run->resettled = true;
            }
        }
    }
}

static instant earliest(const struct publisher *publisher)
{
    instant at = publisher->no_room ? INSTANT_NEVER : publisher->next_draft;

    for (size_t i = 0; i < publisher->line_count && !publisher->no_room; i++) {
        if (publisher->lines[i]->next < at)
            at = publisher->lines[i]->next;
    }
    for (const struct run *run = publisher->runs[PHASE_COMMITTED].first; run != NULL; run = run->next) {
        if (run->leave < at)
            at = run->leave;
    }
    return at;
}

static void set_timer(struct publisher *publisher)
{
    timer_at(publisher->timer, publisher->clock_held || publisher->doubt ? INSTANT_NEVER : earliest(publisher));
}

static void database_failed(struct publisher *publisher, const struct error *err)
{
    int failures = publisher->database_failures++;

    take_back(publisher);
    publisher->next_draft = 0;
    if (failures == 0)
        log_error("nothing is sent: %s; tried again until it works", err->message);
    if (failures == TELL_AFTER)
        teller_say(publisher->teller, ALERT_DATABASE, err->message);
    publisher->recovering = true;
    timer_after(publisher->database, policy_backoff("", failures, DATABASE_FIRST, DATABASE_MOST));
}

static void database_works(struct publisher *publisher)
{
    if (publisher->database_failures > 0) {
        log_info("the database works again: publishing goes on");
        teller_well(publisher->teller, ALERT_DATABASE);
    }
    publisher->database_failures = 0;
    publisher->recovering = false;
}

static void end_drain_if_empty(struct publisher *publisher)
{
    void (*drained)(void *context) = publisher->drained;

    if (!publisher->draining || drained == NULL || runs_total(publisher) > 0 ||
        teller_in_flight(publisher->teller) > 0)
        return;
    publisher->drained = NULL;
    timer_after(publisher->patience, -1);
    drained(publisher->drain_context);
}

/* Nobody tells when a disk has room again. */
static void look_for_room(struct publisher *publisher)
{
    bool had_room = !publisher->no_room;

    publisher->no_room = !queue_has_room(publisher->queue);
    if (publisher->no_room)
        timer_after(publisher->database, ROOM_EVERY);
    else if (!had_room)
        mark_all(publisher);
    if (publisher->no_room)
        teller_say(publisher->teller, ALERT_DISK, "the disk of the state directory is full: nothing new is taken or sent");
    else
        teller_well(publisher->teller, ALERT_DISK);
}

static void work(struct publisher *publisher)
{
    struct error err = {0};

    publisher->pending = false;
    publisher->working = true;
    look_for_room(publisher);
    if (!publisher->draining)
        verify_advance(publisher);
    if (transact(publisher, &err)) {
        database_works(publisher);
        commit_intended(publisher);
        publisher->working = false;
        tell_settled(publisher);
        send_due(publisher);
    } else {
        publisher->working = false;
        database_failed(publisher, &err);
    }
    set_timer(publisher);
}

static void turn_ended(void *context)
{
    struct publisher *publisher = context;

    if (!publisher->pending)
        return;
    if (publisher->documents != NULL && publisher->database_failures == 0)
        work(publisher);
    end_drain_if_empty(publisher);
}

/* ---- timers ---- */

static void timer_fired(void *context)
{
    struct publisher *publisher = context;
    instant now = loop_now(publisher->loop);

    send_due(publisher);
    for (size_t i = 0; i < publisher->line_count; i++) {
        struct line *line = publisher->lines[i];

        if (line->next <= now)
            line->dirty = true;
        publisher->pending |= line->dirty;
    }
    publisher->pending |= publisher->next_draft <= now;
    if (!publisher->pending)
        set_timer(publisher);
}

static void database_retry(void *context)
{
    struct publisher *publisher = context;

    publisher->pending = true;
    work(publisher);
}

static void clock_stepped(void *context, duration by)
{
    trust_clock_stepped(context, by);
    publisher_wake(context);
}

static void telling_ended(void *context)
{
    struct publisher *publisher = context;

    if (publisher->draining)
        publisher_pend(publisher);
}

static void patience_ended(void *context)
{
    struct publisher *publisher = context;
    void (*drained)(void *context) = publisher->drained;

    publisher->drained = NULL;
    if (drained != NULL)
        drained(publisher->drain_context);
}

/* ---- from outside ---- */

void publisher_wake(struct publisher *publisher)
{
    if (publisher->working)
        return; /* told of its own commit */
    mark_all(publisher);
    publisher_pend(publisher);
}

void publisher_wake_for(struct publisher *publisher, const struct queue_change *change)
{
    struct line *line = publisher_line(publisher, change->account);

    if (publisher->working)
        return;
    if (change->crisis || line == NULL) {
        publisher_wake(publisher);
        return;
    }
    line->dirty = true;
    if (change->from == STATE_UNSURE || change->to == STATE_UNSURE)
        line->unsure_next = 0;
    if (change->from == STATE_DRAFT || change->to == STATE_DRAFT)
        publisher->next_draft = 0;
    publisher_pend(publisher);
}

void publisher_use(struct publisher *publisher, const struct documents *documents)
{
    struct error err = {0};
    bool ok;

    publisher->documents = documents;
    if (documents->charter != NULL)
        publisher->approver =
            (struct approver){approval_concerns, approval_suffices, &documents->charter->approval};
    queue_approve_by(publisher->queue, documents->charter != NULL ? &publisher->approver : NULL);
    publisher->working = true;
    ok = queue_begin(publisher->queue, &err);
    if (ok && !accounts_use(publisher, &err)) {
        queue_rollback(publisher->queue);
        ok = false;
    }
    if (!ok || !queue_commit(publisher->queue, &err))
        log_error("what the new documents mean for the accounts could not be stored: %s", err.message);
    publisher->working = false;
    teller_use(publisher->teller, documents->settings);
    hubs_use(publisher->hubs, documents->settings);
    hosting_use(publisher->hosting, documents->settings);
    fitter_use(publisher->fitter, documents->settings);
    http_allow(publisher->http, most_at_a_time(publisher) + CONNECTIONS_BESIDE);
    publisher_wake(publisher);
}

static void nobody_asks(void *context, const struct outcome *outcome)
{
    (void)context, (void)outcome;
}

void publisher_drain(struct publisher *publisher, duration patience, void (*done)(void *context),
                     void *context)
{
    for (struct verify *verify = publisher->verifies; verify != NULL; verify = verify->next)
        verify->done = nobody_asks; /* who asked may be gone: the control endpoint ends before us */
    publisher->draining = true;
    teller_stop(publisher->teller);
    hubs_stop(publisher->hubs);
    publisher->drained = done;
    publisher->drain_context = context;
    timer_after(publisher->patience, patience);
    publisher_pend(publisher);
}

/* ---- starting and ending ---- */

static bool settle_last_life(struct publisher *publisher, struct error *err)
{
    bool ok;

    if (!queue_begin(publisher->queue, err))
        return false;
    ok = settle_strays(publisher, true, err);
    if (!ok)
        queue_rollback(publisher->queue);
    return ok && queue_commit(publisher->queue, err);
}

/* A burst takes tens of MiB; what is quick now need not be then. */
static void rested(void *context)
{
    struct publisher *publisher = context;

    queue_give_back(publisher->queue);
}

struct publisher *publisher_new(struct loop *loop, struct queue *queue, struct error *err)
{
    struct publisher *publisher = xmalloc(sizeof *publisher);

    *publisher = (struct publisher){
        .loop = loop, .queue = queue, .nothing = json_object(), .by_name = {.arena = arena_new()}};
    publisher->http = http_new(loop, CONCURRENCY_DEFAULT + CONNECTIONS_BESIDE, err);
    publisher->lookup = lookup_new(loop, publisher->http);
    publisher->hosting = hosting_new(loop, queue);
    publisher->writer = writer_new(loop);
    publisher->fitter = fitter_new(loop, queue);
    publisher->timer = loop_timer(loop, timer_fired, publisher);
    publisher->kick = loop_timer(loop, nothing_to_do, publisher);
    publisher->patience = loop_timer(loop, patience_ended, publisher);
    publisher->database = loop_timer(loop, database_retry, publisher);
    if (publisher->http == NULL || !settle_last_life(publisher, err)) {
        publisher_free(publisher);
        return NULL;
    }
    trust_load(publisher);
    http_on_rest(publisher->http, rested, publisher);
    loop_on_turn_end(loop, turn_ended, publisher);
    /* its turn ends after ours */
    publisher->hubs = hubs_new(loop, queue, publisher->http);
    publisher->teller = teller_new(loop, queue, publisher->http, telling_ended, publisher);
    loop_on_clock_step(loop, clock_stepped, publisher);
    return publisher;
}

static void free_verifies(struct publisher *publisher)
{
    while (publisher->verifies != NULL) {
        struct verify *verify = publisher->verifies;

        publisher->verifies = verify->next;
        free(verify->account);
        free(verify);
    }
}

static void free_lines(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->line_count; i++) {
        json_decref(publisher->lines[i]->session);
        free(publisher->lines[i]->name);
        free(publisher->lines[i]);
    }
    free(publisher->lines);
    arena_free(publisher->by_name.arena);
}

void publisher_free(struct publisher *publisher)
{
    if (publisher == NULL)
        return;
    queue_approve_by(publisher->queue, NULL);
    http_free(publisher->http);
    writer_free(publisher->writer);
    lookup_free(publisher->lookup);
    hosting_free(publisher->hosting);
    fitter_free(publisher->fitter);
    teller_free(publisher->teller);
    hubs_free(publisher->hubs);
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
        while (publisher->runs[phase].first != NULL)
            run_free(publisher->runs[phase].first);
    }
    free_verifies(publisher);
    login_free_all(publisher);
    free_lines(publisher);
    json_decref(publisher->nothing);
    free(publisher->doubt);
    timer_free(publisher->timer);
    timer_free(publisher->kick);
    timer_free(publisher->patience);
    timer_free(publisher->database);
    free(publisher);
}

struct lookup *publisher_lookup(const struct publisher *publisher)
{
    return publisher->lookup;
}
