/*
 * What is in doubt: settled by the network's own means where it has some, else shown to a person with the
 * place to look at. It stands in the way of others only where the account's setting wants it so.
 */
#include <string.h>

#include "publish/alert.h"
#include "publish/publisher.h"

struct last_try {
    const char *step;
    instant started;
    int count; /* of creating requests of this step */
};

static struct last_try last_try_of(const struct attempt *attempts, size_t count)
{
    struct last_try last = {0};

    for (size_t i = count; i-- > 0;) {
        const struct attempt *attempt = &attempts[i];

        if (strcmp(attempt->kind, step_kind_name(STEP_CREATE)) != 0)
            continue;
        if (last.step == NULL)
            last = (struct last_try){
                attempt->step, attempt->ended > attempt->started ? attempt->ended : attempt->started, 0};
        if (strcmp(last.step, attempt->step) != 0)
            break;
        last.count++;
    }
    return last;
}

static bool can_find(const struct job *job)
{
    const struct network *network = job->account->network;

    return network->find != NULL && (network->can_find == NULL || network->can_find(job));
}

static struct doubt doubt_of(const struct job *job, const struct last_try *last)
{
    const struct network *network = job->account->network;

    return (struct doubt){
        .repeat = network->repeat_for ? network->repeat_for(job) : network->repeat,
        .key_lifetime = network->key_lifetime_for ? network->key_lifetime_for(job) : network->key_lifetime,
        .key_wait = network->key_wait,
        .can_find = can_find(job),
        .first_sent = job->first_sent,
        .last_tried = last->started,
        .repeats = last->count > 0 ? last->count : 1,
        .now = job->now,
    };
}

struct doubt line_doubt(const struct line *line, const struct delivery *delivery, const struct attempt *attempts,
                        size_t count, struct arena *arena)
{
    struct job job = line_job(line, delivery, arena);
    struct last_try last = last_try_of(attempts, count);

    return doubt_of(&job, &last);
}

const char *line_where(const struct line *line, const struct delivery *delivery, struct arena *arena)
{
    struct job job = line_job(line, delivery, arena);

    return job.account->network->where ? job.account->network->where(&job, arena) : NULL;
}

/* Nothing more can be found out here. Said once: the delivery then has no time any more. */
static bool leave_to_person(struct line *line, const struct delivery *delivery, struct arena *arena,
                            struct error *err)
{
    instant now = loop_now(line->publisher->loop);
    const char *where = line_where(line, delivery, arena);
    const char *before = delivery->message ? delivery->message : "it may or may not have been published";
    bool waits = line->account->unsure.then == UNSURE_WAIT;
    struct outcome outcome = {
        .kind = OUTCOME_UNSURE,
        .message = arena_printf(arena, "%s; look %s%s, then tell with 'calctl resolve'%s", before,
                                where ? "there: " : "at the account", where ? where : "",
                                waits ? "; until then nothing else goes out on this account" : ""),
    };
    struct settlement settlement = {
        .outcome = &outcome,
        .who = "cald",
        .to = STATE_UNSURE,
        .due = INSTANT_NEVER,
        .prepared = delivery->prepared,
        .lost = true,
    };

    return queue_settle(line->publisher->queue, delivery, 0, &settlement, now, err) &&
           alert_delivery(line->publisher->queue, ALERT_UNSURE, delivery, STATE_UNSURE, outcome.message, now, err);
}

static void unsure_again(struct line *line, instant at)
{
    if (at < line->unsure_next)
        line->unsure_next = at;
}

/* Of two renewals of one session at a time the second would spoil what the first got. */
static bool session_is_busy(struct line *line, const struct step *step)
{
    if (step->kind != STEP_SESSION || (run_count(line, 1u << STEP_SESSION) == 0 && line_may_renew(line)))
        return false;
    unsure_again(line, loop_now(line->publisher->loop) + SECONDS(1));
    return true;
}

static bool find(struct line *line, const struct delivery *delivery, struct arena *arena, struct error *err)
{
    struct job job = line_job(line, delivery, arena);
    struct step step = {0};

    job.account->network->find(&job, arena, &step);
    if (session_is_busy(line, &step))
        return true;
    return run_begin_row(line, PURPOSE_FIND, delivery->row, NULL, 0, err);
}

/* The same bytes as before, with what authorises them today. Another step than the doubtful one (a new
   session) comes first and is made as it is. */
static bool repeat(struct line *line, const struct delivery *delivery, struct arena *arena, struct error *err)
{
    struct job job = line_job(line, delivery, arena);
    struct step step = {0};
    const char *name = NULL, *body = NULL;
    size_t length = 0;

    job.account->network->next(&job, arena, &step);
    if (session_is_busy(line, &step))
        return true;
    if (step.kind != STEP_CREATE)
        return run_begin_row(line, PURPOSE_REPEAT, delivery->row, NULL, 0, err);
    if (!queue_stored_body(line->publisher->queue, delivery, arena, &name, &body, &length, err))
        return false;
    if (name == NULL || strcmp(name, step.name) != 0) /* not what was sent then: must not go under its key */
        return can_find(&job) ? find(line, delivery, arena, err) : leave_to_person(line, delivery, arena, err);
    return run_begin_row(line, PURPOSE_REPEAT, delivery->row, body, length, err);
}

static bool settle_by_plan(struct line *line, const struct delivery *delivery, const struct settle_plan *plan,
                           struct arena *arena, struct error *err)
{
    switch (plan->by) {
    case SETTLE_WAIT:
        unsure_again(line, plan->at);
        return true;
    case SETTLE_REPEAT:
        return repeat(line, delivery, arena, err);
    case SETTLE_FIND:
        return find(line, delivery, arena, err);
    case SETTLE_PERSON:
        return leave_to_person(line, delivery, arena, err);
    }
    bug("no such way to settle: %d", (int)plan->by);
}

/* A step without a request cannot be in doubt; its record is here. */
static bool is_local(const struct job *job, struct arena *arena)
{
    struct step step = {0};

    job->account->network->next(job, arena, &step);
    return step.kind == STEP_LOCAL || step.kind == STEP_DONE;
}

static bool settle(struct line *line, const struct delivery *delivery, struct arena *arena, struct error *err)
{
    struct job job = line_job(line, delivery, arena);
    struct attempt *attempts;
    struct settle_plan plan;
    struct doubt doubt;
    size_t count = 0;

    if (is_local(&job, arena))
        return run_here_row(line, delivery->row, err);
    if (!queue_attempts(line->publisher->queue, delivery->post_id, delivery->account, arena, &attempts,
                        &count, err))
        return false;
    doubt = line_doubt(line, delivery, attempts, count, arena);
    plan = policy_settle(&doubt);
    return settle_by_plan(line, delivery, &plan, arena, err);
}

static unsigned settling(const struct line *line)
{
    unsigned count = 0;

    for (const struct run *run = line->runs; run != NULL; run = run->line_next)
        count += run->phase != PHASE_SETTLED && run_is_settling(run);
    return count;
}

/* While it is repeated its row says 'sending'. */
bool line_waits_for_unsure(struct line *line, struct arena *arena, bool *ret_waits, struct error *err)
{
    struct delivery_filter filter = {.account = line->name, .states = 1u << STATE_UNSURE, .limit = 1};
    struct delivery **rows;
    const char *cursor;
    size_t count = 0;

    *ret_waits = line->account->unsure.then == UNSURE_WAIT && settling(line) > 0;
    if (*ret_waits || line->account->unsure.then == UNSURE_GO_ON)
        return true;
    if (!queue_list(line->publisher->queue, &filter, arena, &rows, &count, &cursor, err))
        return false;
    *ret_waits = count > 0;
    return true;
}

static bool look_at_one(struct line *line, const struct delivery *delivery, struct arena *arena,
                        struct error *err)
{
    if (delivery->due == INSTANT_NEVER || run_find(line, delivery->row) != NULL)
        return true;
    if (delivery->due > loop_now(line->publisher->loop)) {
        unsure_again(line, delivery->due);
        return true;
    }
    if (settling(line) >= MOST_SETTLING || !publisher_has_room(line->publisher)) {
        unsure_again(line, loop_now(line->publisher->loop) + SECONDS(1));
        return true;
    }
    return settle(line, delivery, arena, err);
}

static bool look_at_page(struct line *line, struct arena *arena, const char **cursor, struct error *err)
{
    struct delivery_filter filter = {.account = line->name, .states = 1u << STATE_UNSURE, .cursor = *cursor};
    struct delivery **rows;
    size_t count = 0;

    if (!queue_list(line->publisher->queue, &filter, arena, &rows, &count, cursor, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!look_at_one(line, rows[i], arena, err))
            return false;
    }
    return true;
}

bool line_look_at_unsure(struct line *line, struct error *err)
{
    struct arena *arena;
    const char *cursor = NULL;
    bool ok;

    if (line->unsure_next > loop_now(line->publisher->loop))
        return true;
    line->unsure_next = INSTANT_NEVER;
    arena = arena_new();
    do
        ok = look_at_page(line, arena, &cursor, err);
    while (ok && cursor != NULL);
    arena_free(arena);
    if (!ok)
        line->unsure_next = 0;
    return ok;
}
