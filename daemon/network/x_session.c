/*
 * x_session: who asks. OAuth 2 with PKCE, whose refresh tokens are good for one use (oauth2.h), or OAuth 1.0a
 * with the four values of the developer console, which do not expire. The user's name and id are asked once;
 * they are needed for permalinks and for looking something up.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth1.h"
#include "network/oauth2.h"
#include "network/x.h"

#define API "https://api.x.com"

static const char *option_or(const struct job *job, const char *name, const char *usual)
{
    const char *value = account_option(job->account, name);
    return value ? value : usual;
}

bool x_uses_oauth1(const struct account *account)
{
    return account_option(account, "consumer_key") != NULL;
}

void x_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const char *api = option_or(job, "url", API);
    *ret_client = (struct oauth2){
        .authorize_url = option_or(job, "authorize_url", "https://x.com/i/oauth2/authorize"),
        .token_url = driver_url(arena, api, "/2/oauth2/token"),
        .revoke_url = driver_url(arena, api, "/2/oauth2/revoke"),
        .client_id = account_option(job->account, "client_id"),
        .client_secret = account_secret(job->account, "client_secret"),
        .scopes = "tweet.read tweet.write users.read media.write offline.access",
        .redirect_url = option_or(job, "redirect_url", "http://127.0.0.1:8414/"),
        .basic = true,
        .pkce = true,
    };
}

/* Changes with the app and, where cald.yaml names it, with the user; who logs in gets a new session anyway.
 */
static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *app =
        account_option(job->account, x_uses_oauth1(job->account) ? "consumer_key" : "client_id");
    return driver_fingerprint(app ? app : "", account_secret(job->account, "access_token"), arena);
}

const json_t *x_user(const struct job *job)
{
    const json_t *user = json_member(job->session, "user");
    const char *whose = json_text(user, "for");
    struct arena *arena = arena_new();
    bool ours = whose && !strcmp(whose, fingerprint(job, arena));
    arena_free(arena);
    return ours ? user : NULL;
}

/* ---- requests ---- */

void x_request(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind,
               const char *method, const char *path)
{
    *step = (struct step){.kind = kind};
    step->request.method = method;
    step->request.url = driver_url(arena, option_or(job, "url", API), "%s", path);
    request_header(&step->request, arena, "Accept", "application/json");
}

void x_sign(const struct job *job, struct arena *arena, struct step *step)
{
    if (x_uses_oauth1(job->account))
        oauth1_sign_account(job, step, arena);
    else
        oauth2_authorize(job, &step->request, arena);
}

/* ---- steps ---- */

static void who_step(const struct job *job, enum step_kind kind, struct arena *arena, struct step *ret_step)
{
    x_request(job, arena, ret_step, kind, "GET", "/2/users/me");
    ret_step->name = "who we are";
    x_sign(job, arena, ret_step);
}

static bool renewal_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct oauth2 client;
    if (x_uses_oauth1(job->account))
        return false;
    x_client(job, arena, &client);
    return oauth2_session_step(job, &client, arena, ret_step);
}

bool x_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (renewal_step(job, arena, ret_step))
        return true;
    if (x_user(job))
        return false;
    who_step(job, STEP_SESSION, arena, ret_step);
    return true;
}

static bool is_user_name(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return length && length <= 30 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

/* The user of an answer ({"id", "username"}, a new reference), or NULL: then the outcome says why. */
static json_t *read_user(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (!x_read_status(job, step, response, arena, ret_outcome)) {
        if (ret_outcome->kind == OUTCOME_REFUSED)
            ret_outcome->scope = SCOPE_ACCOUNT;
        return NULL;
    }
    json_t *data = json_member(response_json(response, arena), "data");
    const char *id = x_id(data, "id", arena), *name = json_text(data, "username");
    if (id && is_user_name(name))
        return json_pack("{s:s, s:s, s:s}", "for", fingerprint(job, arena), "id", id, "username", name);
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names no user", step->name);
    return NULL;
}

static json_t *session_with_user(const struct job *job, json_t *user, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)job->session));
    json_set(session, "user", user);
    return session;
}

void x_session_read(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    if (!response || !driver_url_ends(step->request.url, "/2/users/me")) {
        oauth2_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    json_t *user = read_user(job, step, response, arena, ret_outcome);
    if (user)
        ret_outcome->session = session_with_user(job, user, arena);
}

/* ---- the live check of the credentials ---- */

void x_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!renewal_step(job, arena, ret_step))
        who_step(job, STEP_PREPARE, arena, ret_step);
}

void x_verified(const struct job *job, const struct step *step, const struct response *response,
                struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        oauth2_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    json_t *user = read_user(job, step, response, arena, ret_outcome);
    if (!user)
        return;
    ret_outcome->session = session_with_user(job, user, arena);
    outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "@%s", json_text(user, "username"));
}
