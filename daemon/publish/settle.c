/*
 * What an attempt's outcome does to its delivery and its account, and who is told. The rules are policy.c's;
 * here is the writing. Everything before the commit can be done again; everything told is told after it.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "publish/alert.h"
#include "publish/publisher.h"

enum { USUAL_LINE = 400 };

/* ---- writing ---- */

static bool same_status(const struct account_status *a, const struct account_status *b)
{
    return a->braked_until == b->braked_until && a->reconnect == b->reconnect && a->failures == b->failures;
}

static bool settle_account(struct run *run, const struct account_status *before,
                           const struct verdict *verdict, struct error *err)
{
    instant now = loop_now(run->publisher->loop);
    struct account_status after = *before;

    after.name = run->line->name;
    after.failures = verdict->account_failures;
    after.reconnect |= verdict->reconnect;
    if (verdict->brake_until > after.braked_until) {
        after.braked_until = verdict->brake_until;
        after.brake_why = verdict->brake_why;
    }
    return same_status(before, &after) ||
           (queue_set_account(run->publisher->queue, &after, "cald", now, err) &&
            alert_account(run->publisher->queue, before, &after, now, err));
}

/* Whether the delivery is still what was tried. If somebody cancelled, held or edited it while a step was
   out, the queue only closes the attempt: what the step gave is for a content that is no more. */
static bool is_as_tried(const struct run *run, const struct delivery *row)
{
    if (run->step.kind == STEP_CREATE)
        return row->state == STATE_SENDING;
    return row->state == run->delivery->state && strcmp(row->content_hash, run->delivery->content_hash) == 0;
}

/* -1: did not get that far. */
static void add_timings(struct buf *line, const struct http_timings *timings)
{
    log_add_number(line, "dns", timings->dns);
    log_add_number(line, "connect", timings->connect);
    log_add_number(line, "tls", timings->tls);
    log_add_number(line, "first", timings->first);
    log_add_number(line, "total", timings->total);
}

const char *settle_timings(const struct run *run)
{
    struct buf line = {0};
    const char *timings;

    if (run->timings.total < 0)
        return NULL;
    add_timings(&line, &run->timings);
    timings = arena_strdup(run->arena, buf_text(&line));
    buf_release(&line);
    return timings;
}

/* Whether the driver has nothing left to prepare once this outcome's memo is in. */
static bool is_prepared(struct run *run, const struct delivery *row)
{
    struct job job;
    struct step step = {0};
    json_t *memo;

    if (row->prepared || run->step.kind == STEP_CREATE || run->step.kind == STEP_DONE)
        return true;
    if (run->step.kind != STEP_PREPARE || run->outcome.kind != OUTCOME_NEXT || run->line->account == NULL)
        return false;
    memo = json_in_arena(run->arena, json_copy((json_t *)(uintptr_t)row->memo));
    json_merge(memo, run->outcome.memo);
    job = line_job(run->line, row, run->arena);
    job.memo = memo;
    job.content = fit_content(row->content, memo, run->arena);
    line_next(run->line, &job, run->arena, &step);
    return step.kind == STEP_CREATE || step.kind == STEP_LOCAL;
}

static bool write_settlement(struct run *run, const struct delivery *row, const struct verdict *verdict,
                             struct error *err)
{
    struct settlement settlement = {
        .outcome = &run->outcome,
        .status = run->status,
        .timings = settle_timings(run),
        .who = "cald",
        .to = verdict->to,
        .due = verdict->due,
        .prepared = is_prepared(run, row),
        .lost = verdict->lost,
    };

    run->to = is_as_tried(run, row) ? verdict->to : row->state;
    return queue_settle(run->publisher->queue, row, run->attempt, &settlement, loop_now(run->publisher->loop),
                        err);
}

/* What needs a person now. What is unsure and still has a time is looked into first. */
static bool alert_if_needed(struct run *run, const struct delivery *row, const struct verdict *verdict,
                            struct error *err)
{
    bool refused = run->to == STATE_REFUSED;

    if (run->to != verdict->to || !(refused || (run->to == STATE_UNSURE && verdict->due == INSTANT_NEVER)))
        return true;
    return alert_delivery(run->publisher->queue, refused ? ALERT_REFUSED : ALERT_UNSURE, row, run->to,
                          run->outcome.message, loop_now(run->publisher->loop), err);
}

/* Nobody takes from us what is being sent, and what else is changed in its row meanwhile queue_settle heeds:
 * it is read only where it may have been settled already. */
static const struct delivery *row_now(struct run *run, struct error *err)
{
    if (run->intended != NULL && run->step.kind == STEP_CREATE && !run->resettled)
        return run->intended;
    return queue_get_row(run->publisher->queue, run->delivery->row, run->arena, err);
}

static bool note_hubs(struct run *run, struct error *err)
{
    if (run->to != STATE_PUBLISHED || run->line->account == NULL)
        return true;
    return hubs_note(run->publisher->hubs, &run->line->account->account, loop_now(run->publisher->loop), err);
}

/* What a look-up found, by text and time most often, may be the post of another delivery that says the same: then
   it is not this one's, which may be lost. */
static bool heed_claim(struct run *run, struct error *err)
{
    struct outcome *outcome = &run->outcome;
    const char *found = json_text(json_member(outcome->memo, "post-0"), "id"), *other;

    found = found ? found : outcome->id;
    if (run->purpose != PURPOSE_FIND || found == NULL ||
        (outcome->kind != OUTCOME_DONE && outcome->kind != OUTCOME_NEXT))
        return true;
    if (!queue_published_as(run->publisher->queue, run->delivery, found, run->delivery->first_sent - DAYS(1),
                            run->arena, &other, err))
        return false;
    if (other != NULL)
        *outcome = (struct outcome){
            .kind = OUTCOME_UNSURE,
            .session = outcome->session,
            .message = arena_printf(run->arena,
                                    "what was found says the same, and is the post of '%s': this one is not to be seen",
                                    other)};
    return true;
}

static bool settle_delivery(struct run *run, struct error *err)
{
    struct queue *queue = run->publisher->queue;
    struct account_status status = {0};
    const struct delivery *row = row_now(run, err);
    struct verdict verdict;

    if (row == NULL || !queue_account(queue, run->line->name, run->arena, &status, err))
        return false;
    if (run->resettled && run->attempt != 0 && row->version != run->version) {
        run->to = row->state; /* the commit that was reported as failed was durable */
        return true;
    }
    if (!heed_claim(run, err))
        return false;
    verdict = policy_judge(&(struct judged){
        .delivery = run->delivery,
        .kind = run->step.kind,
        .outcome = &run->outcome,
        .account = &status,
        .settling = run_is_settling(run),
        .lost = run->lost,
        .now = loop_now(run->publisher->loop),
    });
    return write_settlement(run, row, &verdict, err) && alert_if_needed(run, row, &verdict, err) &&
           settle_account(run, &status, &verdict, err) && note_hubs(run, err);
}

/* It never left. What it was a repeat of is as doubtful as it was; and no account is at fault. */
static bool settle_withheld(struct run *run, struct error *err)
{
    struct delivery *row =
        queue_get(run->publisher->queue, run->delivery->post_id, run->delivery->account, run->arena, err);
    struct verdict verdict = {
        .to = run_is_settling(run) ? STATE_UNSURE : STATE_WAITING,
        .due = run_is_settling(run) ? loop_now(run->publisher->loop) : run->delivery->slot,
        .lost = run->delivery->lost,
    };

    if (row == NULL)
        return false;
    if (run->resettled && row->version != run->version) {
        run->to = row->state;
        return true;
    }
    return write_settlement(run, row, &verdict, err);
}

bool settle_run(struct run *run, struct error *err)
{
    bool ok = run->purpose == PURPOSE_EDIT      ? deed_settle(run, err)
              : run->withheld                   ? settle_withheld(run, err)
              : run->purpose == PURPOSE_VERIFY  ? verify_settle(run, err)
              : run->purpose == PURPOSE_DISCARD ? discard_settle(run, err)
              : run->purpose == PURPOSE_REMOVE  ? deed_settle(run, err)
                                                : settle_delivery(run, err);

    if (ok)
        run_move(run, PHASE_SETTLED);
    if (run->to == STATE_UNSURE)
        run->line->unsure_next = 0;
    return ok;
}

/* Every request that left has its run until it is settled: a row in state sending without one is from another
 * life of the process, or of an intent whose commit was reported as failed and was not. If that was the
 * intent of a repeat, the try before it is as doubtful as it was. */
static bool settle_stray(struct publisher *publisher, const struct delivery *delivery, bool process_ended,
                         struct error *err)
{
    bool may_have_left = process_ended || delivery->lost;
    const struct outcome outcome = {
        .kind = may_have_left ? OUTCOME_UNSURE : OUTCOME_RETRY,
        .message = process_ended
                       ? "cald ended while the request was out: it may or may not have been published"
                   : may_have_left ? "the database failed before it was sent again: it is as doubtful as it was"
                                   : "nothing was sent: the database failed before",
    };
    instant now = loop_now(publisher->loop);
    struct settlement settlement = {
        .outcome = &outcome,
        .who = "cald",
        .to = may_have_left ? STATE_UNSURE : STATE_WAITING,
        .due = now,
        .lost = may_have_left,
    };

    log_warn("interrupted post=%s account=%s: %s", delivery->post_id, delivery->account, outcome.message);
    if (may_have_left)
        metric_add(METRIC_UNSURE, delivery->account, 1);
    return queue_settle(publisher->queue, delivery, 0, &settlement, now, err);
}

static bool has_run(const struct publisher *publisher, const struct delivery *delivery)
{
    const struct line *line = publisher_line(publisher, delivery->account);

    return line != NULL && run_find(line, delivery->row) != NULL;
}

bool settle_strays(struct publisher *publisher, bool may_have_left, struct error *err)
{
    struct arena *arena = arena_new();
    struct delivery **deliveries;
    size_t count = 0;
    bool ok = queue_interrupted(publisher->queue, arena, &deliveries, &count, err);
#ifdef CALD_MUTANT_FORGET_UNSURE
    may_have_left = false;
#endif

    for (size_t i = 0; ok && i < count; i++) {
        if (!has_run(publisher, deliveries[i]))
            ok = settle_stray(publisher, deliveries[i], may_have_left, err);
    }
    arena_free(arena);
    return ok;
}

/* ---- telling ---- */

/* What is refused for good needs a person; what is tried again or in doubt is cald's to settle, as far as it can. */
static enum log_level level_of(const struct run *run)
{
    switch (run->outcome.kind) {
    case OUTCOME_REFUSED:
        return LOG_ERROR_;
    case OUTCOME_RETRY:
    case OUTCOME_UNSURE:
        return LOG_WARN_;
    default:
        return LOG_INFO_;
    }
}

/* One line an attempt, always the same keys in the same order. */
static void log_attempt(const struct run *run)
{
    struct buf line = {0};

    buf_reserve(&line, USUAL_LINE);
    buf_add_text(&line, "attempt");
    log_add(&line, "post", run->delivery->post_id);
    log_add(&line, "account", run->line->name);
    log_add(&line, "step", run->step.name ? run->step.name : "");
    log_add(&line, "outcome", outcome_kind_name(run->outcome.kind));
    log_add_number(&line, "status", run->status);
    log_add_number(&line, "late_ms", run->started - run->delivery->slot);
    add_timings(&line, &run->timings);
    log_add(&line, "message", run->outcome.message ? run->outcome.message : "");
    log_text(level_of(run), buf_text(&line));
    buf_release(&line);
}

static void count_attempt(const struct run *run)
{
    const char *account = run->line->name;

    metric_add(METRIC_ATTEMPTS, account, 1);
    if (run->outcome.kind == OUTCOME_RETRY)
        metric_add(METRIC_RETRIES, account, 1);
    if (run->to == STATE_UNSURE && run->delivery->state != STATE_UNSURE)
        metric_add(METRIC_UNSURE, account, 1);
}

void settle_tell(struct run *run)
{
    if (run->purpose == PURPOSE_VERIFY) {
        verify_end(run->publisher, run->verify, &run->outcome);
        return;
    }
    log_attempt(run);
    if (run_is_aside(run))
        return;
    count_attempt(run);
    if (run->outcome.kind == OUTCOME_REFUSED && run->outcome.scope != SCOPE_POST)
        log_error("account '%s' is held back: %s", run->line->name,
                  run->outcome.message ? run->outcome.message : "refused");
}
