/*
 * One step of one delivery: its intent, its request on the wire, its answer read. What that means for the
 * delivery is settle.c's; whether it may begin is line.c's and unsure.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "publish/keep.h"
#include "publish/publisher.h"

/* ---- which there are ---- */

static void leave_phase(struct run *run)
{
    struct runs *runs = &run->publisher->runs[run->phase];

    *(run->previous != NULL ? &run->previous->next : &runs->first) = run->next;
    *(run->next != NULL ? &run->next->previous : &runs->last) = run->previous;
    runs->count--;
}

static void enter_phase(struct run *run, enum phase phase)
{
    struct runs *runs = &run->publisher->runs[phase];

    run->phase = phase;
    run->previous = runs->last;
    run->next = NULL;
    *(runs->last != NULL ? &runs->last->next : &runs->first) = run;
    runs->last = run;
    runs->count++;
}

void run_move(struct run *run, enum phase phase)
{
    leave_phase(run);
    enter_phase(run, phase);
}

size_t runs_total(const struct publisher *publisher)
{
    size_t count = 0;

    for (enum phase phase = 0; phase < PHASE_COUNT; phase++)
        count += publisher->runs[phase].count;
    return count;
}

size_t runs_active(const struct publisher *publisher)
{
    return runs_total(publisher) - publisher->runs[PHASE_SETTLED].count;
}

struct run *run_find(const struct line *line, int64_t row)
{
    for (struct run *run = line->runs; run != NULL; run = run->line_next) {
        if (run->phase != PHASE_SETTLED && run->delivery != NULL && run->delivery->row == row)
            return run;
    }
    return NULL;
}

unsigned run_count(const struct line *line, unsigned kinds)
{
    unsigned count = 0;

    for (const struct run *run = line->runs; run != NULL; run = run->line_next)
        count += run->phase != PHASE_SETTLED && (kinds >> run->step.kind & 1) &&
                 (!run_is_aside(run) || run->step.kind == STEP_SESSION);
    return count;
}

bool run_is_aside(const struct run *run)
{
    return run->purpose == PURPOSE_DISCARD || run->purpose == PURPOSE_REMOVE || run->purpose == PURPOSE_EDIT;
}

bool run_is_settling(const struct run *run)
{
    return run->purpose == PURPOSE_REPEAT || run->purpose == PURPOSE_FIND;
}

void run_free(struct run *run)
{
    struct run **link = &run->line->runs;

    while (*link != run)
        link = &(*link)->line_next;
    *link = run->line_next;
    leave_phase(run);
    arena_free(run->arena); /* it lives there itself */
}

static struct run *run_new(struct line *line, enum purpose purpose, struct arena *arena)
{
    struct run *run = arena_new_of(arena, struct run);

    *run = (struct run){
        .publisher = line->publisher,
        .line = line,
        .line_next = line->runs,
        .arena = arena,
        .purpose = purpose,
        .epoch = line->epoch,
        .timings = {-1, -1, -1, -1, -1},
    };
    line->runs = run;
    enter_phase(run, PHASE_INTENDED);
    return run;
}

/* ---- beginning ---- */

bool candidate_read(struct line *line, int64_t row, struct candidate *ret_candidate, struct error *err)
{
    struct candidate candidate = {.arena = arena_new()};

    candidate.delivery = queue_get_row(line->publisher->queue, row, candidate.arena, err);
    if (candidate.delivery == NULL) {
        arena_free(candidate.arena);
        return false;
    }
    *ret_candidate = candidate;
    return true;
}

static struct job job_for(const struct line *line, enum purpose purpose, const struct delivery *delivery,
                          struct arena *arena)
{
    return (purpose == PURPOSE_EDIT ? line_edit_job : line_job)(line, delivery, arena);
}

void candidate_make(struct line *line, enum purpose purpose, struct candidate *candidate)
{
    const struct network *network = line->account->account.network;
    struct delivery *delivery = candidate->delivery;
    struct job job;

    delivery->content = fit_content(delivery->content, delivery->memo, candidate->arena); /* once: steps point into it */
    job = job_for(line, purpose, delivery, candidate->arena);

    if (purpose == PURPOSE_FIND)
        network->find(&job, candidate->arena, &candidate->step);
    else if (purpose == PURPOSE_DISCARD)
        network->discard(&job, candidate->arena, &candidate->step);
    else if (purpose == PURPOSE_REMOVE)
        network->remove(&job, candidate->arena, &candidate->step);
    else if (purpose == PURPOSE_EDIT)
        network->edit(&job, candidate->arena, &candidate->step);
    else
        line_next(line, &job, candidate->arena, &candidate->step);
}

void candidate_release(struct candidate *candidate)
{
    arena_free(candidate->arena);
    *candidate = (struct candidate){0};
}

/* What a server says may hold what we said to it; mostly it does not. */
static const char *redact(struct arena *arena, const char *text)
{
    struct buf redacted = {0};
    const char *copy;

    if (text == NULL || !log_has_secret(text, strlen(text)))
        return text;
    log_redact(&redacted, text, strlen(text));
    copy = arena_strdup(arena, buf_text(&redacted));
    buf_release(&redacted);
    return copy;
}

/* "https://example.org/" */
static size_t host_length(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = strchr(host ? host + 3 : url, '/');

    return path ? (size_t)(path + 1 - url) : strlen(url);
}

static const char *describe(struct run *run)
{
    const struct request *request = &run->step.request;

    if (request->url == NULL)
        return run->step.name;
    if (request->secret_url)
        return arena_printf(run->arena, "%s %.*s…", request->method, (int)host_length(request->url),
                            request->url);
    return redact(run->arena, arena_printf(run->arena, "%s %s", request->method, request->url));
}

/* What is tried again leaves something behind again. */
static json_t *memo_of(const struct run *run)
{
    json_t *memo;

    if (run_is_aside(run) || !json_member(run->delivery->memo, "discarded"))
        return run->step.memo;
    memo = json_in_arena(run->arena, run->step.memo ? json_copy(run->step.memo) : json_object());
    json_set(memo, "discarded", json_null());
    return memo;
}

/* Opens the attempt. The row's version moves with it; settling tells by it whether somebody else changed the
 * row. */
static bool intend(struct run *run, enum step_kind kind, struct error *err)
{
    struct queue *queue = run->publisher->queue;
    instant now = loop_now(run->publisher->loop);
    struct intent intent = {
        .step = run->step.name,
        .kind = kind,
        .memo = memo_of(run),
        .discards = run->purpose == PURPOSE_DISCARD,
        .deletes = run->purpose == PURPOSE_REMOVE,
        .edits = run->purpose == PURPOSE_EDIT,
        .request = describe(run),
        .body = kind == STEP_CREATE ? run->step.request.body : NULL,
        .body_length = kind == STEP_CREATE ? run->step.request.body_length : 0,
    };

    run->version = run->delivery->version + 1;
    if (!queue_intend(queue, run->delivery, &intent, now, &run->attempt, err))
        return false;
    run->intended = queue_intended(run->delivery, &intent, now, run->arena);
    return true;
}

static struct run *run_for(struct line *line, enum purpose purpose, struct candidate *candidate)
{
    struct run *run = run_new(line, purpose, candidate->arena);

    run->delivery = candidate->delivery;
    run->step = candidate->step;
    candidate->arena = NULL; /* it is the run's now */
    step_keep(&run->step, run->arena);
    return run;
}

bool run_begin(struct line *line, enum purpose purpose, struct candidate *candidate, const char *body,
               size_t body_length, struct error *err)
{
    struct run *run = run_for(line, purpose, candidate);

    if (body != NULL) {
        run->step.request.body = arena_strndup(run->arena, body, body_length);
        run->step.request.body_length = body_length;
    }
#ifndef CALD_MUTANT_EARLY
    run->leave = run->step.kind == STEP_CREATE ? run->delivery->slot : 0;
#endif
    if (!intend(run, run->step.kind, err)) {
        run_free(run);
        return false;
    }
    return true;
}

bool run_begin_row(struct line *line, enum purpose purpose, int64_t row, const char *body, size_t body_length,
                   struct error *err)
{
    struct candidate candidate;

    if (!candidate_read(line, row, &candidate, err))
        return false;
    candidate_make(line, purpose, &candidate);
    return run_begin(line, purpose, &candidate, body, body_length, err);
}

static struct outcome outcome_of_memo(const struct run *run)
{
    return (struct outcome){
        .kind = OUTCOME_DONE,
        .id = json_text(run->delivery->memo, "id"),
        .url = json_text(run->delivery->memo, "url"),
    };
}

static void read_here(struct run *run)
{
    struct job job = line_job(run->line, run->delivery, run->arena);

    if (run->step.kind == STEP_DONE)
        run->outcome = outcome_of_memo(run);
    else
        run->line->account->account.network->read(&job, &run->step, NULL, run->arena, &run->outcome);
}

bool run_here(struct line *line, struct candidate *candidate, struct error *err)
{
    struct run *run = run_for(line, PURPOSE_PUBLISH, candidate);
    bool ok;

    run->here = true;
    run->started = loop_now(run->publisher->loop);
    read_here(run);
    /* only a delivery that was being sent can be in doubt */
    ok = run->step.kind == STEP_DONE ||
         intend(run, run->outcome.kind == OUTCOME_UNSURE ? STEP_CREATE : STEP_LOCAL, err);
    run_move(run, PHASE_ENDED);
    ok = ok && settle_run(run, err);
    if (!ok) {
        run_free(run);
        return false;
    }
    if (!state_is_final(run->to)) { /* it has another time now, and this look has passed it */
        line->dirty = true;
        publisher_pend(run->publisher);
    }
    return true;
}

bool run_here_row(struct line *line, int64_t row, struct error *err)
{
    struct candidate candidate;

    if (!candidate_read(line, row, &candidate, err))
        return false;
    candidate_make(line, PURPOSE_PUBLISH, &candidate);
    return run_here(line, &candidate, err);
}

void run_verify(struct line *line, struct verify *verify, struct arena *arena, const struct step *step)
{
    struct run *run = run_new(line, PURPOSE_VERIFY, arena);

    run->verify = verify;
    run->step = *step;
    step_keep(&run->step, run->arena);
    verify->busy = true;
}

/* ---- on the wire ---- */

static void read_answer(struct run *run, const struct response *response)
{
    const struct network *network = run->line->account->account.network;
    struct job job = job_for(run->line, run->purpose, run->delivery, run->arena);

    if (run->step.kind == STEP_SESSION)
        network->read(&job, &run->step, response, run->arena, &run->outcome);
    else if (run->purpose == PURPOSE_FIND)
        network->found(&job, &run->step, response, run->arena, &run->outcome);
    else if (run->purpose == PURPOSE_DISCARD)
        network->discarded(&job, &run->step, response, run->arena, &run->outcome);
    else if (run->purpose == PURPOSE_REMOVE)
        network->removed(&job, &run->step, response, run->arena, &run->outcome);
    else if (run->purpose == PURPOSE_EDIT)
        network->edited(&job, &run->step, response, run->arena, &run->outcome);
    else if (run->purpose == PURPOSE_VERIFY)
        network->verified(&job, &run->step, response, run->arena, &run->outcome);
    else {
        if (run->intended != NULL) /* what was written with the intent is part of the memo */
            job.memo = run->intended->memo;
        network->read(&job, &run->step, response, run->arena, &run->outcome);
    }
}

/* The account left cald.yaml while its request was out: nobody is left who could read the answer. */
static void answer_unread(struct run *run)
{
    run->outcome = (struct outcome){
        .kind = run->step.kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY,
        .message = "the account was removed from cald.yaml while its request was out",
    };
}

/* In place: the memo is the outcome's own, or parts of the delivery's as this run read it. */
static void redact_json(struct arena *arena, json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;

    if (json_is_string(value)) {
        if (log_has_secret(json_string_value(value), json_string_length(value)))
            json_string_set(value, redact(arena, json_string_value(value)));
    } else if (json_is_array(value))
        json_array_foreach(value, i, member)
        {
            redact_json(arena, member);
        }
    else
        json_object_foreach(value, name, member)
        {
            redact_json(arena, member);
        }
}

/* A server that repeats in an address or id what we said to it must not bring a secret into the database. */
static void end(struct run *run)
{
    run->outcome.message = redact(run->arena, run->outcome.message);
    run->outcome.id = redact(run->arena, run->outcome.id);
    run->outcome.url = redact(run->arena, run->outcome.url);
    redact_json(run->arena, run->outcome.memo);
    run_move(run, PHASE_ENDED);
    run->line->dirty = true;
    publisher_pend(run->publisher);
}

/* Somebody logged in or out while it was out: what was said of the old credentials says nothing of the new. */
static void void_session(struct run *run)
{
    run->outcome.session = NULL;
    if (!run->outcome.reconnect)
        return;
    run->outcome.reconnect = false;
    run->outcome.kind = OUTCOME_RETRY;
    run->outcome.scope = SCOPE_POST;
}

static void exchange_ended(void *context, const struct http_result *result)
{
    struct run *run = context;

    run->timings = result->timings;
    run->status = result->ok ? result->response.status : 0;
    run->lost = result->sent && !result->ok;
    if (!result->ok)
        run->outcome = policy_of_failure(result, run->step.kind);
    else if (run->line->account == NULL)
        answer_unread(run);
    else
        read_answer(run, &result->response);
    if (run->epoch != run->line->epoch)
        void_session(run);
    else if (run->outcome.session != NULL && run->line->account != NULL)
        line_set_session(run->line, run->outcome.session);
    end(run);
}

static void note_departure(struct run *run)
{
    run_move(run, PHASE_FLYING);
    if (run->step.kind != STEP_CREATE)
        return;
    run->line->last_create = run->started;
    if (run->purpose == PURPOSE_PUBLISH)
        metric_set(METRIC_LATENESS_MS, run->line->name, (double)(run->started - run->delivery->slot));
}

void run_withhold(struct run *run)
{
    run->withheld = true;
    run->started = loop_now(run->publisher->loop);
    run->outcome = (struct outcome){.kind = OUTCOME_RETRY, .message = "nothing was sent: a crisis came before it left"};
    end(run);
}

static void send_request(struct run *run)
{
    const struct settings *settings = publisher_settings(run->publisher);
    const struct media_roots media = documents_media_roots(settings);
    struct http_options options = http_options_of(settings);
    struct error err = {0};

    options.media = &media;
    options.once = run->step.kind == STEP_CREATE || run->step.kind == STEP_SESSION;
    run->started = loop_now(run->publisher->loop);
    if (run->step.request.directory != NULL) {
        writer_put(run->publisher->writer, &run->step.request, &media, exchange_ended, run);
        note_departure(run);
        return;
    }
    if (http_send(run->publisher->http, &run->step.request, &options, run->arena, exchange_ended, run,
                  &err)) {
        note_departure(run);
        return;
    }
    run->outcome = (struct outcome){
        .kind = OUTCOME_REFUSED,
        .message = arena_printf(run->arena, "not sent: %s", err.message),
    };
    end(run);
}

/* Told as an answer: a driver reads it as it reads all others. */
static void host_ended(void *context, const struct hosted *hosted)
{
    struct run *run = context;
    struct response response = {.status = 200};
    json_t *body;

    if (hosted->url == NULL) {
        run->outcome = (struct outcome){.kind = OUTCOME_RETRY, .scope = SCOPE_ACCOUNT,
                                        .message = arena_strdup(run->arena, hosted->message)};
    } else if (run->line->account == NULL) {
        answer_unread(run);
    } else {
        body = json_in_arena(run->arena, json_pack("{s:s, s:I}", "url", hosted->url, "until", (json_int_t)hosted->until));
        response.body = json_print(body);
        arena_defer(run->arena, free, (char *)(uintptr_t)response.body);
        response.body_length = strlen(response.body);
        read_answer(run, &response);
    }
    end(run);
}

static void host(struct run *run)
{
    const struct step *step = &run->step;

    run_move(run, PHASE_FLYING);
    run->started = loop_now(run->publisher->loop);
    hosting_ask(run->publisher->hosting, run->delivery->row, step->host, step->rehost, host_ended, run);
}

static void fit_ended(void *context, const struct fitted *fitted)
{
    struct run *run = context;
    const struct delivery *delivery = run->delivery;
    const char *message = arena_strdup(run->arena, fitted->message);

    if (run->line->account == NULL)
        answer_unread(run);
    else if (fitted->media != NULL)
        run->outcome = (struct outcome){.kind = OUTCOME_NEXT, .message = message,
                                        .memo = fit_memo(delivery->memo, run->step.fit, fitted->media, run->arena)};
    else
        run->outcome = (struct outcome){.kind = fitted->again ? OUTCOME_RETRY : OUTCOME_REFUSED, .message = message};
    end(run);
}

static void fit(struct run *run)
{
    struct job job = line_job(run->line, run->delivery, run->arena);

    run_move(run, PHASE_FLYING);
    run->started = loop_now(run->publisher->loop);
    fitter_ask(run->publisher->fitter, &job, run->step.fit, fit_ended, run);
}

void run_send(struct run *run)
{
    if (run->step.fit != NULL) {
        fit(run);
        return;
    }
    if (run->step.host != NULL) {
        host(run);
        return;
    }
    send_request(run);
}
