/*
 * See trial.h. It holds the credentials as far as they are got, beside those that the account has; knows no
 * step of a login.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "publish/keep.h"
#include "publish/session.h"
#include "publish/trial.h"

enum { MOST_STEPS = 8 };

/* ---- the list ---- */

void trial_free(struct trial *trial)
{
    struct trial **link = &trial->publisher->trials;

    while (*link != trial)
        link = &(*link)->next;
    *link = trial->next;
    json_decref(trial->session);
    arena_free(trial->arena);
    free(trial);
}

void login_free_all(struct publisher *publisher)
{
    while (publisher->trials != NULL)
        trial_free(publisher->trials);
}

struct trial *trial_of(const struct publisher *publisher, const char *account)
{
    struct trial *trial = publisher->trials;

    while (trial != NULL && (trial->leaving || strcmp(trial->account, account) != 0))
        trial = trial->next;
    return trial;
}

/* It waits for an answer from the network; somebody waits for that. */
bool trial_is_busy(const struct trial *trial)
{
    return trial->done != NULL;
}

struct trial *trial_new(struct publisher *publisher, const char *account)
{
    struct trial *trial = xmalloc(sizeof *trial);
    unsigned char chance[32];

    *trial = (struct trial){
        .next = publisher->trials,
        .publisher = publisher,
        .arena = arena_new(),
        .begun = loop_now(publisher->loop),
        .session = json_object(),
    };
    trial->account = arena_strdup(trial->arena, account);
    random_hex(trial->id, 32);
    random_bytes(chance, sizeof chance);
    trial->state = oauth2_token_text(chance, trial->arena);
    random_bytes(chance, sizeof chance);
    trial->verifier = oauth2_token_text(chance, trial->arena);
    log_secret(trial->verifier);
    publisher->trials = trial;
    return trial;
}

/* ---- telling ---- */

/* Calls back and, unless more is to come, ends the trial. What is told may repeat what a server said of us.
 */
void trial_tell(struct trial *trial, const struct login_result *result, bool goes_on)
{
    login_done *done = trial->done;
    struct login_result told = *result;
    struct buf message = {0};

    trial->done = NULL;
    if (told.message != NULL) {
        log_redact(&message, told.message, strlen(told.message));
        told.message = buf_text(&message);
    }
    done(trial->context, &told);
    buf_release(&message);
    if (!goes_on)
        trial_free(trial);
}

void trial_fail(struct trial *trial, const char *message)
{
    log_warn("nobody is logged in to account '%s': %s", trial->account, message ? message : "no answer");
    trial_tell(trial, &(struct login_result){.message = message}, false);
}

/* ---- the account with the new credentials ---- */

struct line *trial_line(const struct trial *trial)
{
    struct line *line = publisher_line(trial->publisher, trial->account);

    return line != NULL && line->account != NULL ? line : NULL;
}

static const struct account *with_secret(const struct trial *trial, const struct account *account)
{
    const struct login *login = login_of(account);
    struct account *copy = arena_new_of(trial->arena, struct account);
    struct account_secret *secrets =
        arena_alloc_array(trial->arena, account->secret_count + 1, sizeof *secrets);

    *copy = *account;
    for (size_t i = 0; i < account->secret_count; i++) {
        secrets[i] = account->secrets[i];
        if (trial->secret != NULL && strcmp(secrets[i].name, login->secret) == 0)
            secrets[i].value = trial->secret;
    }
    copy->secrets = secrets;
    return copy;
}

struct job trial_job(const struct trial *trial, const struct line *line)
{
    struct job job = line_job(line, NULL, NULL);

    job.account = with_secret(trial, &line->account->account);
    job.session = trial->session;
    return job;
}

struct oauth2 trial_client(struct trial *trial, const struct line *line)
{
    struct job job = trial_job(trial, line);
    struct oauth2 client = {0};

    login_of(&line->account->account)->client(&job, trial->arena, &client);
    return client;
}

void trial_set_session(struct trial *trial, const json_t *session)
{
    json_decref(trial->session);
    trial->session = json_deep_copy(session);
    session_tell_secrets(trial->session);
}

/* ---- requests ---- */

static void answered(void *context, const struct http_result *result)
{
    struct trial *trial = context;

    if (trial_line(trial) == NULL || login_of(&trial_line(trial)->account->account) == NULL)
        trial_fail(trial, "the account was changed in cald.yaml meanwhile");
    else if (!result->ok)
        trial_fail(trial, result->error);
    else
        trial->read(trial, &result->response);
}

void trial_send(struct trial *trial, void (*read)(struct trial *trial, const struct response *response))
{
    struct http_options options = http_options_of(publisher_settings(trial->publisher));
    struct error err = {0};

    options.once = true;
    step_keep(&trial->step, trial->arena); /* the documents may be replaced before the answer comes */
    trial->read = read;
    if (trial->steps++ >= MOST_STEPS)
        trial_fail(trial, "the login did not come to an end");
    else if (!http_send(trial->publisher->http, &trial->step.request, &options, trial->arena, answered, trial,
                        &err))
        trial_fail(trial, err.message);
}
