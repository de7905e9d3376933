/*
 * Who we are and where we write: a token (JWT) of the user's or one from a log-in, which lasts until it is
 * revoked; then whose it is, and the number of the community. Also what errors mean: Lemmy says 400 for
 * nearly everything, and a word. Knows no post.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/lemmy.h"
#include "network/outcome.h"

static const char *secret_of(const struct job *job)
{
    return account_secret(job->account, login_by_password(job->account) ? "password" : "token");
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *user = account_option(job->account, "user");
    const char *who = arena_printf(arena, "%s\n%s\n%s", account_option(job->account, "url"), user ? user : "",
                                   account_option(job->account, "community"));
    return driver_fingerprint(who, secret_of(job), arena);
}

/* ---- requests and answers ---- */

struct request lemmy_request(const struct job *job, struct arena *arena, const char *method, const char *path,
                             json_t *body)
{
    const char *token = login_by_password(job->account) ? json_text(job->session, "jwt") : secret_of(job);
    struct request request = {.method = method};
    request.url = driver_url(arena, account_option(job->account, "url"), "%s", path);
    request_header(&request, arena, "Authorization", "Bearer %s", token ? token : "");
    request_header(&request, arena, "Accept", "application/json");
    if (body)
        driver_json_body(&request, arena, body);
    return request;
}

#define LOG_IN "log in"

static const struct fault faults[] = {
    {"rate_limit_error", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the instance's rate limit"},
    {"too_many_requests", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the instance's rate limit"},
    {NULL, 429, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the instance's rate limit"},
    {"not_logged_in", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the token does not work any more: get a new one"},
    {"incorrect_login", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the user, the password or the token is not right"},
    {"*totp_token", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the user logs in with a second factor: give a token instead of the password"},
    {"email_not_verified", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the user's e-mail address is not verified"},
    {"registration_*", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the user is not accepted by the instance yet"},
    {"*ban", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the user is banned"},
    {"deleted", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the user is deleted"},
    {"only_mods_can_post_in_community", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "only moderators may post in the community"},
    {"couldnt_find_community", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the instance does not know the community: correct 'community', or follow it there first"},
    {"invalid_post_title", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the title is not taken"},
    {"invalid_*", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the instance does not take what it was sent"},
    {"*slurs", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the instance forbids a word in it"},
    {"blocked_url", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the instance forbids the link"},
    {"language_not_allowed", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "the community does not take its language"},
    {"locked", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the post is closed for comments"},
    {NULL, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the token does not work any more: get a new one"},
};

static bool is_about_token(const char *code, int status)
{
    return status == 401 || (code && (!strcmp(code, "not_logged_in") || !strcmp(code, "incorrect_login")));
}

json_t *lemmy_answer(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    const char *code = response->status >= 400 && response->status < 500 ? json_text(body, "error") : NULL;
    bool refused = response->status >= 400 && response->status < 500;
    *ret_outcome = (struct outcome){0};
    if (refused && is_about_token(code, response->status) && login_by_password(job->account) &&
        strcmp(step->name, LOG_IN) != 0) {
        driver_log_in_again(job, step, arena, ret_outcome);
        return NULL;
    }
    if (!json_is_object(body) && outcome_from_front(step, response, job->now, arena, ret_outcome))
        return NULL;
    outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_RETRY_AFTER, job->now,
                        code, json_text(body, "message"), arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return NULL;
    if (json_is_object(body))
        return body;
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the instance answered %d without JSON", step->name, response->status);
    return NULL;
}

/* ---- log in ---- */

static bool is_logged_out(const struct job *job)
{
    struct arena *arena = arena_new();
    const char *whose = json_text(job->session, "for");
    bool ours = whose && !strcmp(whose, fingerprint(job, arena)) && json_text(job->session, "jwt");
    arena_free(arena);
    return login_by_password(job->account) && !ours;
}

static void ask_login(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *user = account_option(job->account, "user"), *password = secret_of(job);
    *ret_request = (struct request){.method = "POST"};
    ret_request->url = driver_url(arena, account_option(job->account, "url"), "/api/v3/user/login");
    driver_json_body(
        ret_request, arena,
        json_pack("{s:s, s:s}", "username_or_email", user ? user : "", "password", password ? password : ""));
}

static void read_login(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    const char *jwt = json_text(answer, "jwt");
    if (!answer)
        return;
    if (!jwt || strlen(jwt) > 4096 || jwt[strcspn(jwt, " \t\r\n")]) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: the instance gives no token: the user may not be accepted yet", step->name);
        return;
    }
    ret_outcome->session = json_in_arena(arena, json_object());
    json_set_text(ret_outcome->session, "for", fingerprint(job, arena));
    json_set_text(ret_outcome->session, "jwt", jwt);
    json_set_number(ret_outcome->session, "made_at", job->now);
}

/* ---- who we are ---- */

static bool is_unknown(const struct job *job)
{
    struct arena *arena = arena_new();
    bool fresh =
        driver_session_is_fresh(job, fingerprint(job, arena)) && json_number(job->session, "user_id", 0);
    arena_free(arena);
    return !fresh;
}

void lemmy_ask_who(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = lemmy_request(job, arena, "GET", "/api/v3/site", NULL);
}

/* Who has no token that works is answered, too: as a visitor. */
static void refuse_visitor(const struct job *job, const struct step *step, struct arena *arena,
                           struct outcome *ret_outcome)
{
    if (login_by_password(job->account)) {
        driver_log_in_again(job, step, arena, ret_outcome);
        return;
    }
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                "%s: the instance does not know the token: get a new one", step->name);
    ret_outcome->reconnect = true;
}

static void read_who(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    const json_t *me = json_pointer(answer, "/my_user/local_user_view/person");
    const char *name = outcome_clean_id(json_text(me, "name"), arena);
    int64_t id = json_number(me, "id", 0);
    if (!answer)
        return;
    if (!name || id <= 0) {
        refuse_visitor(job, step, arena, ret_outcome);
        return;
    }
    ret_outcome->session = driver_session_new(job, fingerprint(job, arena), arena);
    json_set_text(ret_outcome->session, "user", name);
    json_set_number(ret_outcome->session, "user_id", id);
    if (!login_by_password(job->account))
        return;
    json_set_text(ret_outcome->session, "jwt", json_text(job->session, "jwt"));
    json_set_number(ret_outcome->session, "made_at", json_number(job->session, "made_at", 0));
}

/* ---- the community ---- */

static bool is_nowhere(const struct job *job)
{
    return !json_number(job->session, "community_id", 0);
}

static void ask_community(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *name = driver_escape(arena, account_option(job->account, "community"));
    *ret_request =
        lemmy_request(job, arena, "GET", arena_printf(arena, "/api/v3/community?name=%s", name), NULL);
}

static void read_community(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    int64_t id = json_number(json_pointer(answer, "/community_view/community"), "id", 0);
    if (response->status == 404 && ret_outcome->kind == OUTCOME_REFUSED)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: the instance does not know '%s': correct 'community', or follow it there first",
                    step->name, account_option(job->account, "community"));
    if (!answer)
        return;
    if (id <= 0) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                    step->name);
        return;
    }
    ret_outcome->session = json_in_arena(arena, json_copy((json_t *)job->session));
    json_set_number(ret_outcome->session, "community_id", id);
}

const struct stage lemmy_session_stages[LEMMY_SESSION_STAGES] = {
    {LOG_IN, STEP_SESSION, 0, is_logged_out, ask_login, read_login},
    {"who we are", STEP_SESSION, 0, is_unknown, lemmy_ask_who, read_who},
    {"community", STEP_SESSION, 0, is_nowhere, ask_community, read_community},
};
