/*
 * See login.h: what a person brought becomes credentials, the network says whose they are, and they are
 * stored.
 */
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "publish/session.h"
#include "publish/trial.h"

enum { LONGEST_ANSWER = 8192 };

/* ---- storing ---- */

/* What braked the account for want of a login is over, and a change of its secret is none of its options. */
static bool note_stored(struct trial *trial, struct line *line, struct error *err)
{
    struct queue *queue = trial->publisher->queue;
    bool ok;

    if (!queue_begin(queue, err))
        return false;
    ok = accounts_note_login(line, trial->who, err);
    if (!ok)
        queue_rollback(queue);
    return ok && queue_commit(queue, err);
}

static bool store(struct trial *trial, struct line *line, const char **ret_where, struct error *err)
{
    const struct login *login = login_of(&line->account->account);
    const char *state = publisher_settings(trial->publisher)->state;

    if (login->secret == NULL) {
        *ret_where = arena_printf(trial->arena, "%s/sessions", state);
    } else {
        *ret_where = documents_secret_place(line->account, login->secret);
        json_object_del(trial->session, "login");
        if (!documents_store_secret((struct documents *)(uintptr_t)trial->publisher->documents, line->account,
                                    login->secret, trial->secret, err))
            return false;
    }
    return line_replace_session(line, trial->session, err) && note_stored(trial, line, err);
}

static void finish(struct trial *trial, const char *identity)
{
    struct line *line = trial_line(trial);
    struct error err = {0};
    const char *where;

    if (!store(trial, line, &where, &err)) {
        trial_fail(trial, arena_printf(trial->arena, "this is %s, but it could not be stored: %s", identity,
                                       err.message));
        return;
    }
    log_info("%s logged account '%s' in as %s", trial->who, trial->account, identity);
    line->dirty = true;
    publisher_pend(trial->publisher);
    trial_tell(trial,
               &(struct login_result){
                   .ok = true,
                   .message = identity,
                   .stored = where,
                   .missing = trial->missing,
                   .ends = login_ends(&line->account->account, line->session),
               },
               false);
}

/* ---- who we are ---- */

static void verify(struct trial *trial);

static void verified(struct trial *trial, const struct response *response)
{
    struct line *line = trial_line(trial);
    const struct network *network = line->account->account.network;
    struct job job = trial_job(trial, line);
    struct outcome outcome = {0};

    if (trial->step.kind == STEP_SESSION)
        network->read(&job, &trial->step, response, trial->arena, &outcome);
    else
        network->verified(&job, &trial->step, response, trial->arena, &outcome);
    if (outcome.session != NULL)
        trial_set_session(trial, outcome.session);
    if (outcome.kind == OUTCOME_NEXT) {
        verify(trial);
    } else if (outcome.kind == OUTCOME_DONE) {
        job.session = trial->session;
        if (login_of(job.account)->missing != NULL)
            trial->missing = login_of(job.account)->missing(&job, response, trial->arena);
        finish(trial, outcome.message ? outcome.message : "accepted");
    } else {
        trial_fail(trial, outcome.message);
    }
}

static void verify(struct trial *trial)
{
    struct line *line = trial_line(trial);
    const struct network *network = line->account->account.network;
    struct job job = trial_job(trial, line);

    trial->step = (struct step){0};
    network->verify(&job, trial->arena, &trial->step);
    if (trial->step.request.url == NULL)
        trial_fail(trial, "the network gave nothing to log in with");
    else
        trial_send(trial, verified);
}

/* ---- from what was brought to what is used ---- */

static void exchange(struct trial *trial);

static void exchanged(struct trial *trial, const struct response *response)
{
    struct line *line = trial_line(trial);
    struct job job = trial_job(trial, line);
    struct outcome outcome = {0};

    login_of(&line->account->account)->exchanged(&job, &trial->step, response, trial->arena, &outcome);
    if (outcome.kind != OUTCOME_NEXT || outcome.session == NULL) {
        trial_fail(trial, outcome.message);
        return;
    }
    trial_set_session(trial, outcome.session);
    exchange(trial);
}

static void exchange(struct trial *trial)
{
    struct line *line = trial_line(trial);
    const struct login *login = login_of(&line->account->account);
    struct job job = trial_job(trial, line);

    trial->step = (struct step){.kind = STEP_DONE};
    if (login->exchange != NULL)
        login->exchange(&job, trial->arena, &trial->step);
    if (trial->step.kind != STEP_DONE) {
        trial_send(trial, exchanged);
        return;
    }
    if (login->client != NULL) {
        struct oauth2 client = trial_client(trial, line);

        trial->missing = oauth2_missing(&client, json_member(trial->session, "login"), trial->arena);
    }
    if (login->secret != NULL)
        trial->secret = arena_strdup(trial->arena, json_text(json_member(trial->session, "login"), "access_token"));
    verify(trial);
}

/* ---- finish ---- */

static void read_token(struct trial *trial, const struct response *response)
{
    struct outcome outcome = {0};
    json_t *login = oauth2_read(&trial->step, response, json_member(trial->session, "login"),
                                loop_now(trial->publisher->loop), trial->arena, &outcome);

    if (login == NULL) {
        trial_fail(trial, outcome.message);
        return;
    }
    json_object_set(trial->session, "login", login);
    session_tell_secrets(trial->session);
    exchange(trial);
}

static void take_answer(struct trial *trial, const char *answer)
{
    struct line *line = trial_line(trial);
    struct oauth2 client;

    documents_hide_secret(answer);
    if (login_of(&line->account->account)->kind == LOGIN_SECRET) {
        json_set(trial->session, "login", json_pack("{s:s}", "access_token", answer));
        exchange(trial);
        return;
    }
    client = trial_client(trial, line);
    oauth2_code_step(&client, arena_strdup(trial->arena, answer), trial->redirect, trial->verifier,
                     trial->arena, &trial->step);
    trial_send(trial, read_token);
}

static bool is_text(const char *answer)
{
    size_t length = strlen(answer);

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)answer[i] < 0x20 || answer[i] == 0x7F)
            return false;
    }
    return length > 0 && length <= LONGEST_ANSWER;
}

static const char *objection(const struct publisher *publisher, const struct trial *trial, const char *id,
                             const char *answer, const char *state)
{
    if (trial == NULL || trial_is_busy(trial) || !same_secret(trial->id, id))
        return "this login is over: begin a new one";
    if (loop_now(publisher->loop) > trial->begun + LOGIN_FOR)
        return "this login took longer than a quarter of an hour: begin a new one";
    if (state != NULL && !same_secret(trial->state, state))
        return "what came back belongs to another login (its state differs): open the new address";
    if (!is_text(answer))
        return "what was given is empty, too long, or holds control characters";
    if (trial_line(trial) == NULL || login_of(&trial_line(trial)->account->account) == NULL)
        return "the account was changed in cald.yaml meanwhile";
    return NULL;
}

void publisher_login_finish(struct publisher *publisher, const char *account, const char *id,
                            const char *answer, const char *state, const char *who, login_done *done,
                            void *context)
{
    struct trial *trial = trial_of(publisher, account);
    const char *why = objection(publisher, trial, id, answer, state);

    if (why != NULL) {
        done(context, &(struct login_result){.message = why});
        return;
    }
    trial->done = done;
    trial->context = context;
    trial->who = arena_strdup(trial->arena, who);
    take_answer(trial, answer);
}
