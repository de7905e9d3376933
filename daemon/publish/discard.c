/*
 * What was prepared for a delivery that is not published after all (cancelled, missed) is taken back, by the
 * network's own means and in nobody's way: one request of an account at a time, after all else, tried a few
 * times. What there is to do is told by the queue alone, so that a restart goes on where it was.
 *
 * In the memo: discarded (nothing is left to do), discard_tries and discard_at (of failures in a
 * row), and what the driver keeps there.
 */
#include "base/json.h"
#include "publish/publisher.h"

enum { ROWS = 32, MOST_TRIES = 8 };

#define FIRST_WAIT MINUTES(1)
#define LONGEST_WAIT HOURS(6)

/* ---- what became of it ---- */

static json_t *over(struct arena *arena)
{
    return json_in_arena(arena, json_pack("{s:b, s:n, s:n, s:n}", "discarded", true, "discard", "discard_tries",
                                          "discard_at"));
}

/* The outcome's memo with our members; *ret_why is what the history is told, or NULL. */
static json_t *judge(const struct run *run, const struct delivery *row, const char **ret_why)
{
    const struct outcome *outcome = &run->outcome;
    instant now = loop_now(run->publisher->loop);
    int64_t tries = json_number(row->memo, "discard_tries", 0);
    instant at = now + policy_backoff(row->key, (int)tries, FIRST_WAIT, LONGEST_WAIT);
    json_t *memo = json_in_arena(run->arena, outcome->memo ? json_copy(outcome->memo) : json_object());

    *ret_why = outcome->message;
    if (outcome->kind == OUTCOME_NEXT) {
        json_set(memo, "discard_tries", json_null());
        json_set(memo, "discard_at", json_null());
    } else if (tries + 1 >= MOST_TRIES || (outcome->kind == OUTCOME_REFUSED && outcome->scope == SCOPE_POST)) {
        memo = over(run->arena);
        *ret_why = arena_printf(run->arena, "what was prepared for it is left there: %s",
                                outcome->message ? outcome->message : "nothing was said");
    } else {
        json_set_number(memo, "discard_tries", tries + 1);
        json_set_number(memo, "discard_at", outcome->at > at ? outcome->at : at);
        *ret_why = NULL;
    }
    return memo;
}

/* A person may have brought the delivery back meanwhile: what is gone is gone all the same. */
bool discard_settle(struct run *run, struct error *err)
{
    struct queue *queue = run->publisher->queue;
    struct delivery *row = queue_get(queue, run->delivery->post_id, run->delivery->account, run->arena, err);
    struct settlement settlement = {
        .outcome = &run->outcome, .status = run->status, .timings = settle_timings(run), .who = "cald"};
    const char *why;

    if (row == NULL)
        return false;
    run->to = row->state;
    run->line->discard_next = 0;
    if (run->resettled && row->version != run->version)
        return true; /* the commit that was reported as failed was durable */
    run->outcome.memo = judge(run, row, &why);
    return queue_settle_discard(queue, row, run->attempt, &settlement, why, loop_now(run->publisher->loop), err);
}

/* ---- what is to be done ---- */

static bool nothing_left(struct line *line, const struct delivery *delivery, struct arena *arena, struct error *err)
{
    struct outcome outcome = {.kind = OUTCOME_DONE, .memo = over(arena)};
    struct settlement settlement = {.outcome = &outcome, .who = "cald"};

    return queue_settle_discard(line->publisher->queue, delivery, 0, &settlement, NULL, loop_now(line->publisher->loop),
                                err);
}

static bool is_discarding(const struct line *line)
{
    for (const struct run *run = line->runs; run != NULL; run = run->line_next) {
        if (run->phase != PHASE_SETTLED && run->purpose == PURPOSE_DISCARD)
            return true;
    }
    return false;
}

static void again(struct line *line, instant at)
{
    if (at < line->discard_next)
        line->discard_next = at;
}

/* ret_begun: a request is on its way, the others come after it. */
static bool look_at_one(struct line *line, const struct delivery *delivery, struct arena *arena, bool *ret_begun,
                        struct error *err)
{
    instant now = loop_now(line->publisher->loop), at = json_number(delivery->memo, "discard_at", 0);
    struct job job = line_job(line, delivery, arena);
    struct step step = {0};

    if (at > now || run_find(line, delivery->row) != NULL) {
        again(line, at > now ? at : now + SECONDS(1));
        return true;
    }
    job.account->network->discard(&job, arena, &step);
    if (step.kind == STEP_DONE)
        return nothing_left(line, delivery, arena, err);
    *ret_begun = step.kind != STEP_SESSION || run_count(line, 1u << STEP_SESSION) == 0;
    if (*ret_begun)
        return run_begin_row(line, PURPOSE_DISCARD, delivery->row, NULL, 0, err);
    again(line, now + SECONDS(1)); /* somebody is renewing the session */
    return true;
}

static bool look_at_rows(struct line *line, struct arena *arena, struct error *err)
{
    struct delivery **rows;
    size_t count = 0;
    bool begun = false;

    if (!queue_undiscarded(line->publisher->queue, line->name, ROWS, arena, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count && !begun; i++) {
        if (!look_at_one(line, rows[i], arena, &begun, err))
            return false;
    }
    if (count == ROWS && !begun)
        again(line, loop_now(line->publisher->loop) + FIRST_WAIT);
    return true;
}

bool line_look_at_discards(struct line *line, struct error *err)
{
    uint64_t given_up = queue_given_up(line->publisher->queue);
    instant now = loop_now(line->publisher->loop);
    struct arena *arena;
    bool ok;

    if (line->account->account.network->discard == NULL || is_discarding(line) ||
        (line->given_up == given_up && line->discard_next > now))
        return true;
    line->discard_next = INSTANT_NEVER;
    if (!publisher_has_room(line->publisher)) {
        again(line, now + SECONDS(1));
        return true;
    }
    arena = arena_new();
    ok = look_at_rows(line, arena, err);
    arena_free(arena);
    line->given_up = given_up;
    if (!ok)
        line->discard_next = 0;
    return ok;
}
