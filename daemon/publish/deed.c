/*
 * What is published is deleted on its network, or changed there, because a person asked for it: one request
 * of an account at a time. What there is to do is told by the queue alone, so that a restart goes on where it
 * was. Either can be repeated: what was not answered, or not now, is asked again, later and later, up to a
 * bound; then the person is told. An edit publishes words, so it heeds a crisis and a pause; a deletion does
 * not.
 *
 * In the memo, of a deletion: remove (what is gone, the driver's), remove_tries and remove_at (of failures in
 * a row), remove_lost (one of these may have been carried out). Likewise of an edit: edit ("done", how many
 * parts say it already, the driver's; "all": an edit before may have changed any of them), edit_tries,
 * edit_at, edit_lost.
 */
#include <string.h>

#include "base/json.h"
#include "network/revision.h"
#include "publish/alert.h"
#include "publish/publisher.h"
#include "queue/crisis.h"

enum { ROWS = 32, MOST_TRIES = 20 };

#define FIRST_WAIT SECONDS(5)
#define LONGEST_WAIT HOURS(1)

static const struct way {
    enum purpose purpose;
    const char *tries, *at, *lost; /* in the memo */
    const char *progress, *parts;  /* the driver's, and its member that says how far it is */
    const char *done, *not_done;   /* for a person */
} ways[] = {
    [DEED_DELETE] = {PURPOSE_REMOVE, "remove_tries", "remove_at", "remove_lost", "remove", "left",
                     "deleted on the network", "not deleted"},
    [DEED_EDIT] = {PURPOSE_EDIT, "edit_tries", "edit_at", "edit_lost", "edit", "done", "edited on the network",
                   "not edited"},
};

static enum deed deed_of(enum purpose purpose)
{
    return purpose == PURPOSE_EDIT ? DEED_EDIT : DEED_DELETE;
}

static void make_step(const struct line *line, enum deed deed, const struct delivery *delivery,
                      struct arena *arena, struct step *ret_step)
{
    const struct network *network = line->account->account.network;
    struct job job =
        deed == DEED_EDIT ? line_edit_job(line, delivery, arena) : line_job(line, delivery, arena);

    *ret_step =
        (struct step){.kind = STEP_DONE,
                      .name = arena_printf(arena, "the post is on '%s', and the account of its name on '%s'",
                                           delivery->network, network->name)};
    if (strcmp(delivery->network, network->name) != 0)
        return;
    *ret_step = (struct step){0};
    (deed == DEED_EDIT ? network->edit : network->remove)(&job, arena, ret_step);
}

/* ---- what became of it ---- */

static void set_failures(const struct way *way, json_t *memo, int64_t tries, instant at)
{
    json_set(memo, way->tries, tries ? json_integer(tries) : json_null());
    json_set(memo, way->at, tries && at ? json_integer(at) : json_null());
}

/* A step that only looked, or renewed the session, leaves the one after it as hopeless as it was. */
static bool is_further(const struct way *way, const json_t *before, const json_t *memo)
{
    const json_t *progress = json_member(memo, way->progress);

    return progress != NULL &&
           json_number(progress, way->parts, -1) != json_number(json_member(before, way->progress), way->parts, -1);
}

static bool may_have_had_effect(const struct run *run)
{
    return run->step.kind != STEP_SESSION && (run->lost || run->status >= 500);
}

static const char *said(const struct run *run)
{
    return run->outcome.message != NULL ? run->outcome.message : "nothing was said";
}

/* What is known to be there when an edit is over: as far as it was done. Where it was not, any part may be
 * changed. */
static void end_edit(struct deed_end *end, const struct delivery *row, json_t *memo, struct arena *arena)
{
    size_t done = (size_t)json_number(json_member(row->memo, "edit"), "done", 0);

    json_set(memo, "edit_lost", json_null());
    json_set(memo, "edit", end->progress == DEED_DONE ? json_null() : json_pack("{s:b}", "all", 1));
    end->content =
        end->progress == DEED_DONE ? row->edit : revision_as_far(row->content, row->edit, done, arena);
}

/* Fills the outcome's memo with our members. */
static void judge(struct run *run, const struct delivery *row, struct deed_end *end)
{
    const struct way *way = &ways[end->deed];
    struct outcome *outcome = &run->outcome;
    instant now = loop_now(run->publisher->loop);
    int64_t tries = json_number(row->memo, way->tries, 0);
    instant at = now + policy_backoff(row->key, (int)tries, FIRST_WAIT, LONGEST_WAIT);
    tries += !run->withheld; /* what did not leave was not tried */
    bool works = outcome->kind == OUTCOME_NEXT;
    bool over = !works && (tries >= MOST_TRIES || outcome->kind == OUTCOME_REFUSED);

#ifdef CALD_MUTANT_DEED_ONCE
    over = !works;
#endif
    outcome->memo =
        json_in_arena(run->arena, outcome->memo != NULL ? json_copy(outcome->memo) : json_object());
    if (works) {
        tries = is_further(way, row->memo, outcome->memo) ? 0 : tries - 1;
        set_failures(way, outcome->memo, tries, 0);
        json_set(outcome->memo, way->lost, json_null());
        return;
    }
    set_failures(way, outcome->memo, over ? 0 : tries, outcome->at > at ? outcome->at : at);
    if (may_have_had_effect(run))
        json_set_flag(outcome->memo, way->lost, true);
    end->progress = over ? DEED_GIVEN_UP : DEED_GOES_ON;
    end->why =
        arena_printf(run->arena, "%s%s: %s", way->not_done, over ? "" : " yet, it is tried again", said(run));
    if (over && end->deed == DEED_EDIT)
        end_edit(end, row, outcome->memo, run->arena);
}

static bool settle(struct line *line, const struct delivery *row, int64_t attempt,
                   const struct settlement *settlement, const struct deed_end *end, struct error *err)
{
    struct publisher *publisher = line->publisher;
    instant now = loop_now(publisher->loop);

    return queue_settle_deed(publisher->queue, row, attempt, settlement, end, now, err) &&
           (end->progress != DEED_GIVEN_UP ||
            alert_delivery(publisher->queue, ALERT_GAVE_UP, row, row->state, end->why, now, err)) &&
           (end->progress != DEED_DONE || hubs_note(publisher->hubs, &line->account->account, now, err));
}

/* Another edit was asked for, or that it be deleted, while the request was out: it says nothing of that. */
static bool is_superseded(const struct run *run, const struct delivery *row)
{
#ifdef CALD_MUTANT_STALE_EDIT
    return false;
#endif
    return run->purpose == PURPOSE_EDIT && row->version != run->version;
}

bool deed_settle(struct run *run, struct error *err)
{
    struct queue *queue = run->publisher->queue;
    struct delivery *row = queue_get(queue, run->delivery->post_id, run->delivery->account, run->arena, err);
    struct settlement settlement = {
        .outcome = &run->outcome, .status = run->status, .timings = settle_timings(run), .who = "cald"};
    struct deed_end end = {.deed = deed_of(run->purpose)};

    if (row == NULL)
        return false;
    run->to = row->state;
    run->line->deeds_next = 0;
    if (run->resettled && row->version != run->version)
        return true; /* the commit that was reported as failed was durable */
    if (run->outcome.kind == OUTCOME_RETRY && run->outcome.scope != SCOPE_POST)
        run->line->deeds_after = run->outcome.at;
    if (is_superseded(run, row))
        run->outcome.memo = NULL;
    else
        judge(run, row, &end);
    return settle(run->line, row, run->attempt, &settlement, &end, err);
}

/* ---- what is to be done ---- */

/* The step's name: why nothing more can be done. */
static bool nothing_left(struct line *line, enum deed deed, const struct delivery *delivery,
                         const struct step *step, struct arena *arena, struct error *err)
{
    struct outcome outcome = {.kind = OUTCOME_DONE, .memo = json_in_arena(arena, json_object())};
    struct settlement settlement = {.outcome = &outcome, .who = "cald"};
    bool done = step->name == NULL;
    struct deed_end end = {.deed = deed,
                           .progress = done ? DEED_DONE : DEED_GIVEN_UP,
                           .why = done ? ways[deed].done
                                       : arena_printf(arena, "%s: %s", ways[deed].not_done, step->name)};

    if (deed == DEED_EDIT)
        end_edit(&end, delivery, outcome.memo, arena);
    return settle(line, delivery, 0, &settlement, &end, err);
}

static bool is_busy(const struct line *line)
{
    for (const struct run *run = line->runs; run != NULL; run = run->line_next) {
        if (run->phase != PHASE_SETTLED && (run->purpose == PURPOSE_REMOVE || run->purpose == PURPOSE_EDIT))
            return true;
    }
    return false;
}

static void again(struct line *line, instant at)
{
    if (at < line->deeds_next)
        line->deeds_next = at;
}

/* ret_begun: a request is on its way, the others come after it. */
static bool look_at_one(struct line *line, enum deed deed, const struct delivery *delivery,
                        struct arena *arena, bool *ret_begun, struct error *err)
{
    instant now = loop_now(line->publisher->loop), at = json_number(delivery->memo, ways[deed].at, 0);
    struct step step;

    if (at > now + LONGEST_WAIT * 24) /* the clock was set back since */
        at = now;
    if (at > now) {
        again(line, at);
        return true;
    }
    make_step(line, deed, delivery, arena, &step);
    if (step.kind == STEP_DONE)
        return nothing_left(line, deed, delivery, &step, arena, err);
    if (step.kind == STEP_LOCAL) { /* nobody is logged in */
        again(line, now + FIRST_WAIT);
        return true;
    }
    if (step.kind == STEP_SESSION && (run_count(line, 1u << STEP_SESSION) > 0 || !line_may_renew(line))) {
        again(line, now + SECONDS(1));
        return true;
    }
    *ret_begun = true;
    return run_begin_row(line, ways[deed].purpose, delivery->row, NULL, 0, err);
}

static bool look_at_rows(struct line *line, enum deed deed, struct arena *arena, bool *ret_begun,
                         struct error *err)
{
    struct delivery **rows;
    size_t count = 0;

    if (!queue_deeds(line->publisher->queue, deed, line->name, ROWS, arena, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count && !*ret_begun; i++) {
        if (deed == DEED_EDIT && !queue_may_say(line->publisher->queue, line->name, rows[i]->editing))
            continue;
        if (!look_at_one(line, deed, rows[i], arena, ret_begun, err))
            return false;
    }
    if (count == ROWS && !*ret_begun)
        again(line, loop_now(line->publisher->loop) + FIRST_WAIT);
    return true;
}

bool line_look_at_deeds(struct line *line, bool held, struct error *err)
{
    const struct network *network = line->account->account.network;
    uint64_t asked = queue_deeds_asked(line->publisher->queue);
    unsigned mood = held | (unsigned)queue_in_crisis(line->publisher->queue, line->name) << 1;
    instant now = loop_now(line->publisher->loop);
    struct arena *arena;
    bool ok, begun = false;

    if (is_busy(line) || (line->deeds == asked && line->deeds_mood == mood && line->deeds_next > now))
        return true;
    line->deeds_next = INSTANT_NEVER;
    if (line->deeds_after > now && line->deeds_after <= now + LONGEST_WAIT * 24) {
        again(line, line->deeds_after);
        return true;
    }
    if (!publisher_has_room(line->publisher)) {
        again(line, now + SECONDS(1));
        return true;
    }
    arena = arena_new();
    ok = (network->remove == NULL || look_at_rows(line, DEED_DELETE, arena, &begun, err)) &&
         (network->edit == NULL || held || begun || look_at_rows(line, DEED_EDIT, arena, &begun, err));
    arena_free(arena);
    line->deeds = asked;
    line->deeds_mood = mood;
    if (!ok)
        line->deeds_next = 0;
    return ok;
}

/* ---- for who asks ---- */

static const char *cannot(const struct line *line, enum deed deed, const struct delivery *delivery,
                          struct arena *arena)
{
    struct step step;

    make_step(line, deed, delivery, arena, &step);
    return step.kind == STEP_DONE ? step.name : NULL;
}

const char *publisher_cannot_delete(const struct publisher *publisher, const struct delivery *delivery,
                                    struct arena *arena)
{
    const struct line *line = publisher_line(publisher, delivery->account);
    const char *where = delivery->remote_url ? arena_printf(arena, ": %s", delivery->remote_url) : "";
    const char *why;

    if (line == NULL || line->account == NULL)
        return "its account is not in cald.yaml any more";
    if (line->account->account.network->remove == NULL)
        return arena_printf(arena, "cald has no means to delete on '%s': delete it there%s",
                            line->account->account.network->name, where);
    why = cannot(line, DEED_DELETE, delivery, arena);
    return why != NULL ? arena_printf(arena, "%s%s", why, where) : NULL;
}

const char *publisher_cannot_edit(const struct publisher *publisher, const struct delivery *delivery,
                                  const struct content *content, struct arena *arena)
{
    const struct line *line = publisher_line(publisher, delivery->account);
    const char *where = delivery->remote_url ? arena_printf(arena, ": %s", delivery->remote_url) : "";
    struct delivery changed = *delivery;
    const struct network *network;
    const char *why;

    if (line == NULL || line->account == NULL)
        return "its account is not in cald.yaml any more";
    network = line->account->account.network;
    if (network->edit == NULL)
        return revision_remedy(network, delivery->remote_url, arena);
    why = revision_objection(network, delivery->content, content, arena);
    if (why != NULL)
        return why;
    changed.edit = content;
    why = cannot(line, DEED_EDIT, &changed, arena);
    return why != NULL ? arena_printf(arena, "%s%s", why, where) : NULL;
}
