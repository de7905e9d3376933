/*
 * See login.h: how a login begins, and how the account's present one is. What a person brings is
 * login_finish.c's.
 */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "publish/trial.h"

/* ---- what is asked ---- */

static const char *redirect_of(const struct oauth2 *client, const char *wanted)
{
    if (client->any_port && wanted != NULL)
        return wanted;
    return client->redirect_url ? client->redirect_url : client->show_url;
}

static void ask_for_code(struct trial *trial)
{
    struct line *line = trial_line(trial);
    struct oauth2 client = trial_client(trial, line);
    bool shown = client.show_url && strcmp(trial->redirect, client.show_url) == 0;

    trial_tell(trial,
               &(struct login_result){
                   .ok = true,
                   .id = trial->id,
                   .ask = "code",
                   .url = oauth2_authorize_url(&client, trial->redirect, trial->state, trial->verifier,
                                               trial->arena),
                   .redirect = shown ? NULL : trial->redirect,
                   .state = trial->state,
                   .where = login_of(&line->account->account)->where,
                   .until = trial->begun + LOGIN_FOR,
               },
               true);
}

static void read_client(struct trial *trial, const struct response *response)
{
    struct outcome outcome = {0};
    json_t *client =
        oauth2_read_client(&trial->step, response, loop_now(trial->publisher->loop), trial->arena, &outcome);

    if (client == NULL) {
        trial_fail(trial, outcome.message);
        return;
    }
    log_secret(json_text(client, "client_secret"));
    json_object_set(trial->session, "login", client);
    ask_for_code(trial);
}

static void begin_code(struct trial *trial, struct line *line, const char *wanted)
{
    struct oauth2 client = trial_client(trial, line);
    const char *redirects[2];
    size_t count = 0;

    trial->redirect = arena_strdup(trial->arena, redirect_of(&client, wanted));
    if (client.client_id != NULL) {
        ask_for_code(trial);
        return;
    }
    redirects[count++] = trial->redirect;
    if (client.show_url && strcmp(trial->redirect, client.show_url) != 0)
        redirects[count++] = client.show_url;
    oauth2_register_step(&client, redirects, count, trial->arena, &trial->step);
    trial_send(trial, read_client);
}

static void begin_secret(struct trial *trial, const struct login *login)
{
    trial_tell(trial,
               &(struct login_result){
                   .ok = true,
                   .id = trial->id,
                   .ask = "secret",
                   .what = login->what,
                   .where = login->where,
                   .until = trial->begun + LOGIN_FOR,
               },
               true);
}

/* ---- begin ---- */

static void refuse(login_done *done, void *context, struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void refuse(login_done *done, void *context, struct arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    done(context, &(struct login_result){.message = arena_vprintf(arena, format, args)});
    va_end(args);
}

/* Only to the person's own machine: a code must not be led elsewhere. */
static bool is_own_machine(const char *redirect)
{
    static const char start[] = "http://127.0.0.1:";
    size_t digits;

    if (strncmp(redirect, start, strlen(start)) != 0)
        return false;
    digits = strspn(redirect + strlen(start), "0123456789");
    return digits > 0 && digits <= 5 && strcmp(redirect + strlen(start) + digits, "/") == 0;
}

/* A secret that cannot be used, and that it does not give. */
static const char *trouble_besides(const struct login *login, const struct account *account)
{
    for (size_t i = 0; i < account->secret_count; i++) {
        const struct account_secret *secret = &account->secrets[i];

        if (secret->trouble != NULL && (login->secret == NULL || strcmp(login->secret, secret->name) != 0))
            return secret->trouble;
    }
    return NULL;
}

/* Why a login cannot be begun, or NULL. */
static const char *obstacle(const struct publisher *publisher, const struct line *line, const char *redirect,
                            struct arena *arena)
{
    const struct login *login;
    struct error err = {0};

    if (line == NULL || line->account == NULL)
        return "there is no such account in cald.yaml";
    login = login_of(&line->account->account);
    if (login == NULL)
        return arena_printf(arena, "account '%s' (%s) needs no login, or has its credentials in another way",
                            line->name, line->account->account.network->name);
    if (redirect != NULL && !is_own_machine(redirect))
        return "a redirect is http://127.0.0.1:PORT/";
    if (login->secret != NULL && !documents_may_store(line->account, login->secret, &err))
        return arena_strdup(arena, err.message);
    if (trouble_besides(login, &line->account->account) != NULL)
        return arena_printf(arena, "account '%s' is held back: %s", line->name,
                            trouble_besides(login, &line->account->account));
    if (trial_of(publisher, line->name) != NULL && trial_is_busy(trial_of(publisher, line->name)))
        return "another login of this account is under way";
    return NULL;
}

void publisher_login_begin(struct publisher *publisher, const char *account, const char *redirect,
                           login_done *done, void *context)
{
    struct line *line = publisher_line(publisher, account);
    struct arena *arena = arena_new();
    const char *why = obstacle(publisher, line, redirect, arena);
    const struct login *login;
    struct trial *trial;

    if (why != NULL) {
        refuse(done, context, arena, "%s", why);
        arena_free(arena);
        return;
    }
    arena_free(arena);
    if (trial_of(publisher, account) != NULL)
        trial_free(trial_of(publisher, account));
    login = login_of(&line->account->account);
    trial = trial_new(publisher, account);
    trial->done = done;
    trial->context = context;
    if (login->kind == LOGIN_SECRET)
        begin_secret(trial, login);
    else
        begin_code(trial, line, redirect);
}

/* ---- how it is ---- */

const char *publisher_login_needed(const struct publisher *publisher, const char *account,
                                   struct arena *arena)
{
    const struct line *line = publisher_line(publisher, account);

    if (line == NULL || line->account == NULL)
        return NULL;
    return login_needed(&line->account->account, line->session, loop_now(publisher->loop), arena);
}

instant publisher_login_ends(const struct publisher *publisher, const char *account, bool *ret_near)
{
    const struct line *line = publisher_line(publisher, account);
    instant ends = line && line->account ? login_ends(&line->account->account, line->session) : 0;

    *ret_near = ends != 0 && ends - line->account->warn_before <= loop_now(publisher->loop);
    return ends;
}
