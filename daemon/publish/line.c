/*
 * What an account may do now. Order is slot order: with parallel 1 nothing is created before what stands in
 * front of it is done; only what an earlier one waits for too long lets others pass. What is unsure lets them
 * pass, unless the account's setting wants them to wait for it. Preparing runs ahead. Reads the queue and
 * starts runs; knows neither answers nor what is unsure.
 */
#include <limits.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "publish/alert.h"
#include "publish/publisher.h"
#include "publish/session.h"
#include "queue/crisis.h"

#define KIND(kind) (1u << (kind))
#define SAVE_AGAIN SECONDS(10)

static int utc_offset(const struct publisher *publisher, instant at)
{
    const struct documents *documents = publisher->documents;

    if (documents == NULL || documents->calendar == NULL || documents->calendar->zone == NULL)
        return 0;
    return zone_offset(documents->calendar->zone, at);
}

struct job line_job(const struct line *line, const struct delivery *delivery, struct arena *arena)
{
    instant now = loop_now(line->publisher->loop);
    struct job job = {
        .account = &line->account->account,
        .post_id = "",
        .key = "",
        .request_key = "",
        .slot = now,
        .memo = line->publisher->nothing,
        .session = line->session,
        .now = now,
    };

    if (delivery == NULL)
        return job;
    job.content = fit_content(delivery->content, delivery->memo, arena);
    job.post_id = delivery->post_id;
    job.key = delivery->key;
    job.request_key = delivery->request_key;
    job.slot = delivery->slot;
    job.utc_offset = utc_offset(line->publisher, delivery->slot);
    job.first_sent = delivery->first_sent;
    job.memo = delivery->memo;
    job.lost = delivery->lost;
    job.ended = state_is_final(delivery->state) && delivery->state != STATE_PUBLISHED && !delivery->lost;
    return job;
}

struct job line_edit_job(const struct line *line, const struct delivery *delivery, struct arena *arena)
{
    struct job job = line_job(line, delivery, arena);

    char hash[SHA256_HEX];
    const char *name = arena_printf(arena, "%s edit %lld", delivery->key, (long long)delivery->editing);

    job.published = job.content;
    job.request_key = arena_strndup(arena, sha256_hex(name, strlen(name), hash), 32);
    job.content = fit_content(delivery->edit, delivery->memo, arena);
    return job;
}

void line_next(const struct line *line, const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct media *media;

    *ret_step = (struct step){0};
    job->account->network->next(job, arena, ret_step);
    if (ret_step->kind == STEP_SESSION || ret_step->kind == STEP_DONE)
        return;
    media = fitter_wants(line->publisher->fitter, job, arena);
    if (media != NULL)
        *ret_step = (struct step){.kind = STEP_PREPARE, .name = "fit an image", .fit = media};
}

void line_set_session(struct line *line, const json_t *session)
{
    struct error err = {0};

    json_decref(line->session);
    line->session = json_deep_copy(session);
    line->unsaved = !session_save(publisher_settings(line->publisher)->state, line->name, session, &err);
    if (line->unsaved)
        log_warn("the session of account '%s' is kept in memory only: %s", line->name, err.message);
}

bool line_replace_session(struct line *line, const json_t *session, struct error *err)
{
    json_t *copy = json_deep_copy(session);

    if (!session_save(publisher_settings(line->publisher)->state, line->name, copy, err)) {
        json_decref(copy);
        return false;
    }
    json_decref(line->session);
    line->session = copy;
    line->unsaved = false;
    line->epoch++;
    return true;
}

bool line_may_renew(struct line *line)
{
    if (!line->unsaved || !line->account->account.network->keeps_session)
        return true;
    line->unsaved = !session_save(publisher_settings(line->publisher)->state, line->name, line->session, NULL);
    return !line->unsaved;
}

static void look_again(struct line *line, instant at)
{
    if (at < line->next)
        line->next = at;
}

/* ---- what is too late ---- */

static const struct post *post_of(const struct line *line, const struct delivery *delivery)
{
    return policy_entry(line->publisher->documents->calendar, delivery);
}

bool line_publishes_late(const struct line *line, const struct delivery *delivery)
{
    return policy_publishes_late(delivery, post_of(line, delivery));
}

struct late_policy line_late_policy(const struct line *line, const struct delivery *delivery)
{
    const struct post *post = post_of(line, delivery);

    return late_over(post ? post->late : NULL, &line->account->late);
}

/* A thread whose first part is out is finished, however late. */
bool line_is_partly_out(struct line *line, const struct delivery *delivery, struct arena *arena)
{
    struct attempt *attempts;
    size_t count = 0;

    if (delivery->first_sent == 0)
        return false;
    if (!queue_attempts(line->publisher->queue, delivery->post_id, delivery->account, arena, &attempts,
                        &count, NULL))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(attempts[i].kind, step_kind_name(STEP_CREATE)) == 0 && attempts[i].outcome != NULL &&
            strcmp(attempts[i].outcome, outcome_kind_name(OUTCOME_NEXT)) == 0)
            return true;
    }
    return false;
}

/* When it was last made ready: a person who wants it tried again wants more than one try. */
static instant released(struct line *line, const struct delivery *delivery, struct arena *arena)
{
    struct event *events;
    size_t count = 0;
    instant at = 0;

    if (!queue_history(line->publisher->queue, delivery->post_id, delivery->account, 1000, arena, &events,
                       &count, NULL))
        return loop_now(line->publisher->loop); /* nothing is dropped because the database fails */
    for (size_t i = 0; i < count; i++) {
        if (events[i].from != NULL && strcmp(events[i].from, events[i].to) != 0 &&
            strcmp(events[i].to, state_name(STATE_READY)) == 0)
            at = events[i].at;
    }
    return at;
}

static enum lateness late_since_released(struct line *line, struct delivery delivery,
                                         const struct late_policy *late, struct arena *arena)
{
    instant now = loop_now(line->publisher->loop), at = released(line, &delivery, arena);
    enum lateness lateness;

    if (at > delivery.created)
        delivery.created = at;
    lateness = policy_lateness(&delivery, late, false, now);
    if (lateness == LATENESS_FINE && policy_gives_up(&delivery, &line->account->retry, now))
        return LATENESS_HOLD;
    return lateness;
}

static enum lateness lateness_of(struct line *line, const struct delivery *delivery, struct arena *arena)
{
    const struct late_policy late = line_late_policy(line, delivery);
    instant now = loop_now(line->publisher->loop);
    enum lateness lateness = policy_lateness(delivery, &late, false, now);

#ifdef CALD_MUTANT_ANY_LATENESS
    return LATENESS_FINE;
#endif
    if (lateness != LATENESS_FINE &&
        (line_publishes_late(line, delivery) || line_is_partly_out(line, delivery, arena)))
        lateness = LATENESS_FINE;
    if (lateness == LATENESS_FINE && policy_gives_up(delivery, &line->account->retry, now))
        lateness = LATENESS_HOLD;
    if (lateness != LATENESS_FINE && late_since_released(line, *delivery, &late, arena) == LATENESS_FINE)
        lateness = LATENESS_FINE;
    return lateness;
}

/* What was tried in vain says so: the cause is not that we were late. */
static const char *why_aside(struct line *line, const struct delivery *delivery, bool in_vain,
                             struct arena *arena)
{
    char late[32], grace[32];

    duration_format(loop_now(line->publisher->loop) - delivery->slot, late, sizeof late);
    if (in_vain)
        return arena_printf(arena, "given up %s after its time, tried %d times in vain; the last time: %s", late,
                            delivery->attempts, delivery->message ? delivery->message : "nothing was said");
    duration_format(line_late_policy(line, delivery).grace, grace, sizeof grace);
    return arena_printf(arena, "%s late, more than the %s after which nothing is published by itself", late,
                        grace);
}

static bool put_aside(struct line *line, const struct delivery *delivery, enum lateness lateness,
                      struct arena *arena, struct error *err)
{
    instant now = loop_now(line->publisher->loop);
    bool in_vain = delivery->state == STATE_WAITING && delivery->failures > 0;
    bool hold = lateness == LATENESS_HOLD;
    struct move move = {.to = hold ? STATE_HELD : STATE_MISSED, .who = "cald"};
    enum alert_kind kind = in_vain ? ALERT_GAVE_UP : hold ? ALERT_HELD : ALERT_MISSED;

    move.why = why_aside(line, delivery, in_vain, arena);
    log_warn("%s post=%s account=%s: %s", state_name(move.to), delivery->post_id, line->name, move.why);
    return queue_move(line->publisher->queue, delivery, &move, now, err) &&
           alert_delivery(line->publisher->queue, kind, delivery, move.to, move.why, now, err);
}

/* ---- one delivery of the line ---- */

struct look { /* at the deliveries of a line, in the order of their slots */
    struct line *line;
    struct arena *arena;
    instant now;
    unsigned creating, preparing;
    bool session_busy;
    bool barred;    /* nothing further may be created now … */
    bool crisis;    /* only what was released in it goes out, at once */
    bool doubtful;  /* … because the account waits for something unsure */
    unsigned ahead; /* of those examined and left */
    unsigned here;  /* settled without a request */
};

static void bar(struct look *look)
{
    if (look->line->account->parallel <= 1)
        look->barred = true;
}

static unsigned most_creating(const struct look *look)
{
    return look->line->account->parallel > 1 ? look->line->account->parallel : 1;
}

/* Nothing more may be created now, and there is nothing that could be prepared. A doubt may last: what
   becomes too late meanwhile is put aside and told. */
static bool is_full(const struct look *look)
{
    return look->line->account->account.network->one_step &&
           ((look->barred && !look->doubtful) || look->creating >= most_creating(look));
}

static void warm(struct look *look, const struct delivery *delivery, const struct step *step)
{
    struct http_options options = http_options_of(publisher_settings(look->line->publisher));

    if (step->request.url == NULL || look->line->warmed_for == delivery->slot)
        return;
    look->line->warmed_for = delivery->slot;
    http_warm(look->line->publisher->http, step->request.url, &options);
}

static void await_slot(struct look *look, const struct delivery *delivery, const struct step *step)
{
    bar(look);
    if (delivery->slot - WARM_BEFORE > look->now)
        look_again(look->line, delivery->slot - WARM_BEFORE);
    else
        warm(look, delivery, step);
    look_again(look->line, delivery->slot - INTENT_BEFORE);
}

static duration spacing_of(const struct look *look, const struct delivery *delivery)
{
    return late_spacing(look->line->account->spacing, look->now - delivery->slot);
}

/* When the account's pace allows the next creating request; parts of one thread keep no distance. A clock
 * that was set back must not make the account wait for it. */
static instant paced_from(const struct look *look, const struct delivery *delivery)
{
    struct line *line = look->line;

    if (line->last_create > look->now)
        line->last_create = look->now;
#ifdef CALD_MUTANT_BURST
    return 0;
#endif
    if (line->last_create == 0 || delivery->first_sent != 0 || look->crisis)
        return 0;
    return line->last_create + spacing_of(look, delivery);
}

static bool start(struct look *look, struct candidate *candidate, struct error *err)
{
    if (!publisher_has_room(look->line->publisher)) {
        look->line->dirty = true;
        look->barred = true;
        return true;
    }
    return run_begin(look->line, PURPOSE_PUBLISH, candidate, NULL, 0, err);
}

static bool look_create(struct look *look, struct candidate *candidate, struct error *err)
{
    const struct delivery *delivery = candidate->delivery;
    instant paced = paced_from(look, delivery);

    if (look->barred || look->creating >= most_creating(look))
        return true;
    if (delivery->slot - INTENT_BEFORE > look->now) {
        await_slot(look, delivery, &candidate->step);
        return true;
    }
    if (paced > look->now) {
        look_again(look->line, paced);
        look->barred = true;
        return true;
    }
    look->creating++;
    if (look->line->account->spacing > 0)
        look->barred = true;
    return start(look, candidate, err);
}

static bool look_prepare(struct look *look, struct candidate *candidate, struct error *err)
{
    bar(look);
    if (look->preparing >= MOST_PREPARING)
        return true;
    look->preparing++;
    return start(look, candidate, err);
}

static bool look_session(struct look *look, struct candidate *candidate, struct error *err)
{
    bar(look);
    if (look->session_busy)
        return true;
    if (!line_may_renew(look->line)) {
        look_again(look->line, look->now + SAVE_AGAIN);
        return true;
    }
    look->session_busy = true;
    return start(look, candidate, err);
}

static bool look_local(struct look *look, struct candidate *candidate, struct error *err)
{
    instant slot = candidate->delivery->slot;

    if (look->barred)
        return true;
    if (slot > look->now) {
        bar(look);
        look_again(look->line, slot);
        return true;
    }
    if (look->here++ == MOST_HERE) { /* the rest in the next turn: others want one, too */
        look->line->dirty = true;
        look->ahead = UINT_MAX;
        publisher_pend(look->line->publisher);
        return true;
    }
    look->ahead = 0; /* it takes nobody's place */
    return run_here(look->line, candidate, err);
}

static bool (*const looks[])(struct look *look, struct candidate *candidate, struct error *err) = {
    [STEP_SESSION] = look_session, [STEP_PREPARE] = look_prepare, [STEP_CREATE] = look_create,
    [STEP_LOCAL] = look_local,     [STEP_DONE] = look_local,
};

static void count_running(struct look *look)
{
    look->creating = run_count(look->line, KIND(STEP_CREATE));
    look->preparing = run_count(look->line, KIND(STEP_PREPARE));
    look->session_busy = run_count(look->line, KIND(STEP_SESSION)) > 0;
    if (look->creating > 0 && look->line->account->spacing > 0)
        look->barred = true;
}

static instant late_from(const struct look *look, const struct delivery *delivery)
{
    const struct late_policy late = line_late_policy(look->line, delivery);

    return policy_late_from(delivery, &late, &look->line->account->retry, look->now);
}

/* It is tried again later. Until then it keeps its place, for a while. */
static void await_due(struct look *look, const struct delivery *delivery)
{
    instant patience = delivery->slot + POLICY_ORDER_PATIENCE;

    look_again(look->line, delivery->due);
    look_again(look->line, late_from(look, delivery));
    if (look->now >= patience)
        return;
    bar(look);
    look_again(look->line, patience);
}

/* ret_stays: nothing is to be done with it now, for it is too late for that, or not approved. */
static bool set_aside(struct look *look, const struct delivery *delivery, bool *ret_stays, struct error *err)
{
    enum lateness lateness = lateness_of(look->line, delivery, look->arena);

    *ret_stays = lateness != LATENESS_FINE;
    if (*ret_stays)
        return put_aside(look->line, delivery, lateness, look->arena, err);
    return line_is_partly_out(look->line, delivery, look->arena) ||
           unapproved_stop(look->line, delivery, ret_stays, err);
}

/* ret_more: whether those behind it are of interest. */
static bool look_at(struct look *look, struct candidate *candidate, bool *ret_more, struct error *err)
{
    const struct delivery *delivery = candidate->delivery;
    bool stays;

    *ret_more = true;
    if (!set_aside(look, delivery, &stays, err))
        return false;
    if (stays)
        return true;
    if (delivery->due > look->now && (delivery->state == STATE_WAITING || delivery->due > delivery->slot)) {
        await_due(look, delivery);
        return true;
    }
    if (look->doubtful)
        look_again(look->line, late_from(look, delivery));
    look->ahead++;
    candidate_make(look->line, PURPOSE_PUBLISH, candidate);
    if (!looks[candidate->step.kind](look, candidate, err))
        return false;
    *ret_more = !is_full(look) && look->ahead < MOST_AHEAD + look->line->account->parallel;
    return true;
}

static bool look_at_row(struct look *look, int64_t row, bool *ret_more, struct error *err)
{
    struct candidate candidate;
    bool ok;

    *ret_more = true;
    if (run_find(look->line, row) != NULL) {
        bar(look);
        return true;
    }
    ok = candidate_read(look->line, row, &candidate, err);
    if (ok) {
        ok = look_at(look, &candidate, ret_more, err);
        candidate_release(&candidate);
    }
    return ok;
}

/* ---- the line ---- */

duration line_lead(const struct line *line)
{
    duration usual = publisher_settings(line->publisher)->lead, network = line->account->account.network->lead;

    return network > usual ? network : usual;
}

static bool look_at_places(struct look *look, const struct line_place *places, size_t count, bool *ret_more,
                           struct error *err)
{
    duration lead = line_lead(look->line);

    for (size_t i = 0; i < count && *ret_more; i++) {
        instant from = places[i].slot - lead;

        if (from > look->now) {
            look_again(look->line, from);
            *ret_more = false;
        } else if (!look_at_row(look, places[i].row, ret_more, err)) {
            return false;
        }
    }
    return true;
}

/* How many mostly suffice. */
static size_t first_places(const struct look *look)
{
    size_t parallel = most_creating(look), places = MOST_AHEAD + parallel;

    if (look->line->account->account.network->one_step)
        places = parallel - look->creating;
    return places < PLACES_A_LOOK ? places : PLACES_A_LOOK;
}

/* The next pages count when many wait to be tried again. */
static bool look_at_pages(struct look *look, struct error *err)
{
    const struct line_place *after = NULL;
    size_t count, limit = first_places(look);
    struct line_place *places;
    bool more = true;

    do {
        if (!queue_line(look->line->publisher->queue, look->line->name, after, look->crisis, limit, look->arena,
                        &places, &count, err) ||
            !look_at_places(look, places, count, &more, err))
            return false;
        more = more && count == limit;
        after = more ? &places[count - 1] : NULL;
        limit = PLACES_A_LOOK;
    } while (more);
    return true;
}

static bool look_at_deliveries(struct line *line, struct error *err)
{
    struct look look = {
        .line = line,
        .arena = arena_new(),
        .now = loop_now(line->publisher->loop),
        .crisis = queue_in_crisis(line->publisher->queue, line->name),
    };
    bool ok = look.crisis || line_waits_for_unsure(line, look.arena, &look.doubtful, err);

    look.barred = look.doubtful;
    count_running(&look);
    ok = ok && (is_full(&look) || look_at_pages(&look, err));
    arena_free(look.arena);
    return ok;
}

/* Whether a person or (ret_braked) a brake keeps the account from working; asks to be looked at again when that ends. */
static bool is_held_back(struct line *line, bool *ret_held, bool *ret_braked, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    instant now = loop_now(line->publisher->loop);
    struct arena *arena = arena_new();
    struct account_status all, own;
    bool ok =
        queue_account(queue, "*", arena, &all, err) && queue_account(queue, line->name, arena, &own, err);

    if (ok) {
        *ret_braked = own.braked_until > now;
        *ret_held = all.paused || own.paused || *ret_braked;
        if (*ret_braked)
            look_again(line, own.braked_until);
        if (line->last_create == 0)
            line->last_create = own.last_published;
    }
    arena_free(arena);
    return ok;
}

static bool look_at_deeds(struct line *line, bool held, struct error *err)
{
    const struct network *network = line->account->account.network;

    if (network->remove == NULL && network->edit == NULL)
        return true;
    if (!line_look_at_deeds(line, held, err))
        return false;
    look_again(line, line->deeds_next);
    return true;
}

bool line_look(struct line *line, struct error *err)
{
    bool held = false, braked = false, logged_out = false;

    line->dirty = false;
    line->next = INSTANT_NEVER;
    if (line->account == NULL)
        return true;
    if (!expiry_look(line, &logged_out, err) || !is_held_back(line, &held, &braked, err))
        return false;
    if (logged_out || line->publisher->draining)
        return true;
    if (!braked && !look_at_deeds(line, held, err))
        return false;
    if (held)
        return true;
    if (queue_in_crisis(line->publisher->queue, line->name))
        return look_at_deliveries(line, err);
    if (!line_look_at_unsure(line, err))
        return false;
    look_again(line, line->unsure_next);
    if (!look_at_deliveries(line, err) || !line_look_at_discards(line, err))
        return false;
    if (line->account->account.network->discard != NULL)
        look_again(line, line->discard_next);
    return true;
}
