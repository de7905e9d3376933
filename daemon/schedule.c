/*
 * See schedule.h. A load goes: what is taken (queue, on the loop) → documents and plan (worker thread, which shares
 * nothing) → the difference (queue, one transaction, on the loop). Knows no YAML and no SQL.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/metrics.h"
#include "editorial/check.h"
#include "editorial/plan.h"
#include "filewatch.h"
#include "publish/alert.h"
#include "queue/audit.h"
#include "schedule.h"

#define AGAIN MINUTES(1) /* after the database failed */

enum {
    CHANGE_HOOKS = 4,
    PAST_DAYS = 1, /* what fell earlier and was never queued is history, not a mistake to be shown */
};

struct waiter {
    struct waiter *next;
    void (*done)(void *context, const struct schedule_report *report);
    void *context;
};

struct load { /* what the worker is given, and gives back */
    struct schedule *schedule;
    struct arena *arena;
    const char *path;
    instant now, from;
    struct taken *taken;
    size_t taken_count;
    struct documents *documents;
    struct planned *planned;
    size_t planned_count;
    const char *accounts; /* that were known before, each after a newline and before one */
    const char **against; /* what the charter has against the time of each, or NULL */
    const char **hashes;  /* of the content of each */
    const struct post **unplaced;
    size_t unplaced_count;
    const char *moved_why; /* all that moves, if it is known; or NULL */
    pthread_t thread;
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
    struct waiter *waiting, *next_round;
    bool again;
    char *who, *next_who;
    struct filewatch *watch;
    struct timer *horizon;
    instant loaded;              /* when the documents in force were applied */
    struct {
        void (*call)(void *context);
        void *context;
    } hooks[CHANGE_HOOKS];
    size_t hook_count;
};

/* ---- the worker ---- */

static int compare_taken(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    int order = strcmp(x->post_id, y->post_id);
    return order ? order : strcmp(x->account, y->account);
}

static const struct taken *find_taken(const struct load *load, const char *post_id, const char *account)
{
    struct taken wanted = {.post_id = post_id, .account = account};
    if (!load->taken_count)
        return NULL;
    return bsearch(&wanted, load->taken, load->taken_count, sizeof wanted, compare_taken);
}

/*
 * The planner knows a post by the time the file gave it, or it would take a move by a person for a change of the file.
 * A time that a person moved a post to is taken too, whoever has it.
 */
static struct assigned *assigned_of(const struct load *load, size_t *ret_count)
{
    struct assigned *assigned = arena_alloc_array(load->arena, 2 * load->taken_count + 1, sizeof *assigned);
    size_t count = 0;
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        if (t->removed)
            continue;
        bool over = state_is_final(t->state) || t->state == STATE_SENDING || t->state == STATE_UNSURE;
        assigned[count++] = (struct assigned){t->post_id, t->account, t->slot_name, t->planned, over};
        if (t->slot != t->planned)
            assigned[count++] = (struct assigned){"", t->account, t->slot_name, t->slot, false};
    }
    *ret_count = count;
    return assigned;
}

static void make_plan(struct load *load)
{
    size_t count;
    const struct assigned *assigned = assigned_of(load, &count);
    load->planned = plan(load->documents->calendar, load->now, load->from,
                         load->now + load->documents->settings->horizon, assigned, count, load->arena,
                         &load->planned_count, &load->unplaced, &load->unplaced_count);
    load->against = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *load->against);
    load->hashes = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *load->hashes);
    for (size_t i = 0; i < load->planned_count; i++) {
        load->against[i] = check_recurring(load->documents->charter, load->documents->calendar, load->planned,
                                           load->planned_count, i, load->arena);
        load->hashes[i] = queue_content_hash(load->planned[i].content, load->arena);
    }
}

static void load_ended(void *context);

/* Of a post in a slot: all that was queued of it is over, or its time is long past. */
static bool is_over(void *context, const char *post_id, instant past)
{
    const struct load *load = context;
    size_t known = 0;
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        if (strcmp(t->post_id, post_id) != 0)
            continue;
        if (t->removed || (t->slot >= past && t->state != STATE_PUBLISHED))
            return false;
        known++;
    }
    return known > 0;
}

static void *work(void *context)
{
    struct load *load = context;
    const struct documents_memory memory = {is_over, load};
    load->documents = documents_load_to_run(load->path, load->now, &memory);
    if (!load->documents->diags.errors) {
        struct error err = {0};
        if (!documents_load_secrets(load->documents, &err))
            diags_add(&load->documents->diags,
                      &(struct diag){.level = DIAG_ERROR, .rule = "secret", .message = err.message});
    }
    if (!load->documents->diags.errors)
        make_plan(load);
    loop_post(load->schedule->loop, load_ended, load);
    return NULL;
}

/* ---- starting a load ---- */

static void report_failure(struct schedule *schedule, const struct error *err);

static void start_load(struct schedule *schedule)
{
    struct error err = {0};
    struct arena *arena = arena_new();
    struct load *load = arena_new_of(arena, struct load);
    *load = (struct load){.schedule = schedule, .arena = arena, .path = schedule->path};
    load->now = loop_now(schedule->loop);
    const char *accounts = queue_note(schedule->queue, "accounts", arena);
    load->accounts = arena_printf(arena, "\n%s", accounts ? accounts : "");
    if (!queue_taken(schedule->queue, load->now - DAYS(PAST_DAYS), arena, &load->taken, &load->taken_count, &err)) {
        report_failure(schedule, &err);
        arena_free(arena);
        return;
    }
    if (load->taken_count)
        qsort(load->taken, load->taken_count, sizeof *load->taken, compare_taken);
    load->from = load->now - DAYS(PAST_DAYS); /* and back to whatever is still to be decided */
    if (queue_open_since(schedule->queue) < load->from)
        load->from = queue_open_since(schedule->queue);
    schedule->load = load;
    errno = pthread_create(&load->thread, NULL, work, load);
    if (errno)
        bug("pthread_create: %s", strerror(errno));
}

void schedule_reload(struct schedule *schedule, const char *who,
                     void (*done)(void *context, const struct schedule_report *report), void *context)
{
    struct waiter **list = schedule->load ? &schedule->next_round : &schedule->waiting;
    char **name = schedule->load ? &schedule->next_who : &schedule->who;
    free(*name);
    *name = xstrdup(who);
    if (done) {
        struct waiter *waiter = xmalloc(sizeof *waiter);
        *waiter = (struct waiter){.next = *list, .done = done, .context = context};
        *list = waiter;
    }
    if (schedule->load)
        schedule->again = true;
    else
        start_load(schedule);
}

/* ---- ending a load ---- */

static void tell_waiters(struct schedule *schedule)
{
    struct waiter *waiter = schedule->waiting;
    schedule->waiting = NULL;
    while (waiter) {
        struct waiter *next = waiter->next;
        waiter->done(waiter->context, &schedule->last);
        free(waiter);
        waiter = next;
    }
}

static void next_load(struct schedule *schedule)
{
    if (schedule->load || !schedule->again)
        return;
    schedule->again = false;
    schedule->waiting = schedule->next_round;
    schedule->next_round = NULL;
    free(schedule->who);
    schedule->who = schedule->next_who;
    schedule->next_who = NULL;
    start_load(schedule);
}

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

static void report_failure(struct schedule *schedule, const struct error *err)
{
    struct diags *diags = arena_new_of(new_report(schedule), struct diags);
    *diags = diags_in(schedule->report_arena);
    diags_add(diags, &(struct diag){.level = DIAG_ERROR, .rule = "queue", .message = err->message});
    log_error("documents not applied: %s", err->message);
    set_report(schedule, false, diags, err->message);
    schedule->last.database_failed = true;
    timer_at(schedule->horizon, loop_now(schedule->loop) + AGAIN);
    tell_waiters(schedule);
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

static bool may_be_out(const struct taken *taken)
{
    return taken->state == STATE_PUBLISHED || taken->state == STATE_SENDING || taken->state == STATE_UNSURE;
}

/*
 * A post that is new and past may only have got another name: its account was renamed, or its id was changed in the
 * calendar, after it went out. Then it is out already; a person who knows better releases it.
 */
static const struct taken *find_same_post(const struct load *load, const struct planned *planned)
{
    char hash[SHA256_HEX];
    bool new_account = !strstr(load->accounts, arena_printf(load->arena, "\n%s\n", planned->account->name));
    content_hash(planned->content, hash);
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        bool renamed = new_account && !strcmp(t->post_id, planned->post_id) &&
                       !settings_account(load->documents->settings, t->account);
        bool other_id = !strcmp(t->account, planned->account->name) && !strcmp(t->content_hash, hash) &&
                        strcmp(t->post_id, planned->post_id) != 0;
        if (may_be_out(t) && (renamed || other_id))
            return t;
    }
    return NULL;
}

/* A delivery that is new and whose time is past was never missed by us: it was written down too late. */
static enum state initial_state(const struct load *load, const struct planned *planned, const char **ret_message)
{
    const struct settings_account *account = settings_account(load->documents->settings, planned->account->name);
    bool is_new = !find_taken(load, planned->post_id, planned->account->name);
    const struct taken *same = is_new && planned->slot < load->now ? find_same_post(load, planned) : NULL;
    *ret_message = NULL;
    if (planned->draft)
        return STATE_DRAFT;
    if (same) {
        *ret_message = arena_printf(load->arena, "it seems to be out already, as '%s/%s': release it if it is not",
                                    same->post_id, same->account);
        return STATE_HELD;
    }
    struct late_policy late = late_over(planned->post->late, &account->late);
    if (planned->slot >= load->now - late.grace || planned->post->publish_late)
        return STATE_READY;
    *ret_message = "its time had already passed when it was first read";
    return late.then == MISSED_HOLD ? STATE_HELD : STATE_MISSED;
}

static bool is_wanted(const struct load *load, const struct planned *planned)
{
    if (planned->post->incomplete)
        return find_taken(load, planned->post_id, planned->account->name);
    if (planned->slot >= load->now || find_taken(load, planned->post_id, planned->account->name))
        return true;
    return !planned->series && planned->slot >= load->now - DAYS(PAST_DAYS);
}

static const char *source_of(struct arena *arena, const struct position *position)
{
    return arena_printf(arena, "%s:%u", position->file, position->line);
}

static struct wanted *wanted_of(const struct load *load, size_t *ret_count)
{
    struct wanted *wanted = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *wanted);
    size_t count = 0;
    for (size_t i = 0; i < load->planned_count; i++) {
        const struct planned *p = &load->planned[i];
        if (!is_wanted(load, p))
            continue;
        const char *message;
        enum state state = initial_state(load, p, &message);
        wanted[count++] = (struct wanted){
            .post_id = p->post_id,
            .account = p->account->name,
            .network = p->account->network->name,
            .origin = p->series ? "series" : "calendar",
            .series = p->series,
            .slot_name = p->slot_name,
            .bucket = p->bucket,
            .source = source_of(load->arena, &p->post->position),
            .author = "calendar",
            .content = p->content,
            .hash = load->hashes[i],
            .slot = p->slot,
            .state = state,
            .message = message,
            .as_applied = p->post->incomplete,
            .against = load->against[i],
            .moved_why = load->moved_why,
        };
    }
    *ret_count = count;
    return wanted;
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
        if ((!held && w->state != STATE_MISSED) || find_taken(load, w->post_id, w->account))
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
        if (!strcmp(schedule->who, by_itself[i]))
            return true;
    struct audit_entry entry = {
        .kind = AUDIT_DOCUMENTS,
        .who = schedule->who,
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
    look_at_zones(schedule, load);
    struct wanted *wanted = wanted_of(load, &count);
    struct apply_report report = {0};
    if (!queue_begin(schedule->queue, err))
        return false;
    if (!queue_apply(schedule->queue, wanted, count, load->from, INSTANT_NEVER, load->now,
                     schedule->who, schedule->report_arena, &report, err) ||
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

static void accept(struct schedule *schedule, struct load *load)
{
    struct error err = {0};
    new_report(schedule);
    if (!apply(schedule, load, &err)) {
        documents_free(load->documents);
        report_failure(schedule, &err);
        return;
    }
    const struct apply_report *r = &schedule->applied;
    char message[256];
    snprintf(message, sizeof message, "documents applied: %zu added, %zu changed, %zu moved, %zu cancelled, %zu unchanged",
             r->added, r->changed, r->moved, r->cancelled, r->unchanged + r->kept);
    log_info("%s by=%s", message, schedule->who);
    log_diags(&load->documents->diags);
    for (size_t i = 0; i < r->conflict_count; i++)
        log_warn("%s", r->conflicts[i]);
    for (size_t i = 0; i < load->unplaced_count; i++)
        log_warn("post '%s' finds no free time in slot '%s' before the horizon, it waits outside the queue",
                 load->unplaced[i]->id, load->unplaced[i]->slot->name);
    set_report(schedule, true, &load->documents->diags, message);
    timer_at(schedule->horizon,
             plan_next_beyond(load->documents->calendar, load->now + load->documents->settings->horizon) ==
                     INSTANT_NEVER
                 ? INSTANT_NEVER
                 : load->now + load->documents->settings->horizon / 2);
    take_over(schedule, load->documents);
}

static void load_ended(void *context)
{
    struct load *load = context;
    struct schedule *schedule = load->schedule;
    pthread_join(load->thread, NULL);
    schedule->load = NULL;
    if (load->documents->diags.errors)
        refuse(schedule, load);
    else
        accept(schedule, load);
    tell_waiters(schedule);
    arena_free(load->arena);
    next_load(schedule);
}

/* ---- noticing changes ---- */

static void files_changed(void *context)
{
    schedule_reload(context, "file", NULL, NULL);
}

static void horizon_reached(void *context)
{
    schedule_reload(context, "cald", NULL, NULL);
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

static void forget_waiters(struct waiter *waiter)
{
    while (waiter) {
        struct waiter *next = waiter->next;
        free(waiter);
        waiter = next;
    }
}

void schedule_free(struct schedule *schedule)
{
    if (!schedule)
        return;
    if (schedule->load) {
        pthread_join(schedule->load->thread, NULL);
        documents_free(schedule->load->documents);
        arena_free(schedule->load->arena);
    }
    forget_waiters(schedule->waiting);
    forget_waiters(schedule->next_round);
    filewatch_free(schedule->watch);
    timer_free(schedule->horizon);
    documents_free(schedule->documents);
    documents_free(schedule->refused);
    arena_free(schedule->report_arena);
    free(schedule->who);
    free(schedule->next_who);
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
