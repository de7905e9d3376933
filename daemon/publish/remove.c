/*
 * What is published is deleted on its network, because a person asked for it: one request of an account at a
 * time. What there is to do is told by the queue alone, so that a restart goes on where it was. A deletion
 * can be repeated: what was not answered, or not now, is asked again, later and later, up to a bound; then
 * the person is told.
 *
 * In the memo: remove (what is gone, the driver's), remove_tries and remove_at (of failures in a row), remove_lost (one of
 * these may have been carried out).
 */
#include "base/json.h"
#include "publish/alert.h"
#include "publish/publisher.h"

enum { ROWS = 32, MOST_TRIES = 20 };

#define FIRST_WAIT SECONDS(5)
#define LONGEST_WAIT HOURS(1)

/* ---- what became of it ---- */

static void set_failures(json_t *memo, int64_t tries, instant at)
{
    json_set(memo, "remove_tries", tries ? json_integer(tries) : json_null());
    json_set(memo, "remove_at", tries ? json_integer(at) : json_null());
}

static bool may_have_had_effect(const struct run *run)
{
    return run->step.kind != STEP_SESSION && (run->lost || run->status >= 500);
}

static const char *said(const struct run *run)
{
    return run->outcome.message != NULL ? run->outcome.message : "nothing was said";
}

/* Fills the outcome's memo with our members; ret_why: as queue_settle_deletion wants it. */
static enum deletion judge(struct run *run, const struct delivery *row, const char **ret_why)
{
    struct outcome *outcome = &run->outcome;
    instant now = loop_now(run->publisher->loop);
    int64_t tries = json_number(row->memo, "remove_tries", 0);
    instant at = now + policy_backoff(row->key, (int)tries, FIRST_WAIT, LONGEST_WAIT);
    bool works = outcome->kind == OUTCOME_NEXT;
    bool over = !works && (tries + 1 >= MOST_TRIES || outcome->kind == OUTCOME_REFUSED);

#ifdef CALD_MUTANT_DELETE_ONCE
    over = !works;
#endif
    *ret_why = NULL;
    outcome->memo =
        json_in_arena(run->arena, outcome->memo != NULL ? json_copy(outcome->memo) : json_object());
    set_failures(outcome->memo, works || over ? 0 : tries + 1, outcome->at > at ? outcome->at : at);
    if (works)
        json_set(outcome->memo, "remove_lost", json_null());
    else if (may_have_had_effect(run))
        json_set_flag(outcome->memo, "remove_lost", true);
    if (over)
        *ret_why = arena_printf(run->arena, "not deleted: %s", said(run));
    else if (!works)
        *ret_why = arena_printf(run->arena, "not deleted yet, it is tried again: %s", said(run));
    return over ? DELETION_GIVEN_UP : DELETION_GOES_ON;
}

static bool end(struct line *line, const struct delivery *row, int64_t attempt,
                const struct settlement *settlement, enum deletion deletion, const char *why,
                struct error *err)
{
    struct publisher *publisher = line->publisher;
    instant now = loop_now(publisher->loop);

    return queue_settle_deletion(publisher->queue, row, attempt, settlement, deletion, why, now, err) &&
           (deletion != DELETION_GIVEN_UP ||
            alert_delivery(publisher->queue, ALERT_GAVE_UP, row, row->state, why, now, err)) &&
           (deletion != DELETION_DONE || hubs_note(publisher->hubs, &line->account->account, now, err));
}

bool remove_settle(struct run *run, struct error *err)
{
    struct queue *queue = run->publisher->queue;
    struct delivery *row = queue_get(queue, run->delivery->post_id, run->delivery->account, run->arena, err);
    struct settlement settlement = {
        .outcome = &run->outcome, .status = run->status, .timings = settle_timings(run), .who = "cald"};
    enum deletion deletion;
    const char *why;

    if (row == NULL)
        return false;
    run->to = row->state;
    run->line->remove_next = 0;
    if (run->resettled && row->version != run->version)
        return true; /* the commit that was reported as failed was durable */
    if (run->outcome.kind == OUTCOME_RETRY && run->outcome.scope != SCOPE_POST)
        run->line->remove_after = run->outcome.at;
    deletion = judge(run, row, &why);
    return end(run->line, row, run->attempt, &settlement, deletion, why, err);
}

/* ---- what is to be done ---- */

/* The step's name: why nothing more can be done. */
static bool nothing_left(struct line *line, const struct delivery *delivery, const struct step *step,
                         struct error *err)
{
    struct outcome outcome = {.kind = OUTCOME_DONE};
    struct settlement settlement = {.outcome = &outcome, .who = "cald"};
    bool gone = step->name == NULL;

    return end(line, delivery, 0, &settlement, gone ? DELETION_DONE : DELETION_GIVEN_UP,
               gone ? "deleted on the network" : step->name, err);
}

static bool is_removing(const struct line *line)
{
    for (const struct run *run = line->runs; run != NULL; run = run->line_next) {
        if (run->phase != PHASE_SETTLED && run->purpose == PURPOSE_REMOVE)
            return true;
    }
    return false;
}

static void again(struct line *line, instant at)
{
    if (at < line->remove_next)
        line->remove_next = at;
}

/* ret_begun: a request is on its way, the others come after it. */
static bool look_at_one(struct line *line, const struct delivery *delivery, struct arena *arena,
                        bool *ret_begun, struct error *err)
{
    instant now = loop_now(line->publisher->loop), at = json_number(delivery->memo, "remove_at", 0);
    struct job job = line_job(line, delivery, arena);
    struct step step = {0};

    if (at > now + LONGEST_WAIT * 24) /* the clock was set back since */
        at = now;
    if (at > now) {
        again(line, at);
        return true;
    }
    job.account->network->remove(&job, arena, &step);
    if (step.kind == STEP_DONE)
        return nothing_left(line, delivery, &step, err);
    if (step.kind == STEP_LOCAL) { /* nobody is logged in */
        again(line, now + FIRST_WAIT);
        return true;
    }
    if (step.kind == STEP_SESSION && (run_count(line, 1u << STEP_SESSION) > 0 || !line_may_renew(line))) {
        again(line, now + SECONDS(1));
        return true;
    }
    *ret_begun = true;
    return run_begin_row(line, PURPOSE_REMOVE, delivery->row, NULL, 0, err);
}

static bool look_at_rows(struct line *line, struct arena *arena, struct error *err)
{
    struct delivery **rows;
    size_t count = 0;
    bool begun = false;

    if (!queue_deleting(line->publisher->queue, line->name, ROWS, arena, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count && !begun; i++) {
        if (!look_at_one(line, rows[i], arena, &begun, err))
            return false;
    }
    if (count == ROWS && !begun)
        again(line, loop_now(line->publisher->loop) + FIRST_WAIT);
    return true;
}

bool line_look_at_removals(struct line *line, struct error *err)
{
    uint64_t deletions = queue_deletions_asked(line->publisher->queue);
    instant now = loop_now(line->publisher->loop);
    struct arena *arena;
    bool ok;

    if (is_removing(line) || (line->deletions == deletions && line->remove_next > now))
        return true;
    line->remove_next = INSTANT_NEVER;
    if (line->remove_after > now && line->remove_after <= now + LONGEST_WAIT * 24) {
        again(line, line->remove_after);
        return true;
    }
    if (!publisher_has_room(line->publisher)) {
        again(line, now + SECONDS(1));
        return true;
    }
    arena = arena_new();
    ok = look_at_rows(line, arena, err);
    arena_free(arena);
    line->deletions = deletions;
    if (!ok)
        line->remove_next = 0;
    return ok;
}

/* ---- for who asks ---- */

const char *publisher_cannot_delete(const struct publisher *publisher, const struct delivery *delivery,
                                    struct arena *arena)
{
    const struct line *line = publisher_line(publisher, delivery->account);
    const char *where = delivery->remote_url ? arena_printf(arena, ": %s", delivery->remote_url) : "";
    const struct network *network;
    struct step step = {0};
    struct job job;

    if (line == NULL || line->account == NULL)
        return "its account is not in cald.yaml any more";
    network = line->account->account.network;
    if (network->remove == NULL)
        return arena_printf(arena, "cald has no means to delete on '%s': delete it there%s", network->name,
                            where);
    job = line_job(line, delivery, arena);
    network->remove(&job, arena, &step);
    if (step.kind == STEP_DONE && step.name != NULL)
        return arena_printf(arena, "%s%s", step.name, where);
    return NULL;
}
