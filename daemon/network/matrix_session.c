/*
 * Who we are and where we write: a token of the user's, or a log-in with a password; then whoami, which says
 * the device that transaction ids belong to; then the room, joined if we are not in it, and held to be one
 * that is not encrypted. A device of ours keeps its id for ever, so that a new log-in does not make our
 * transaction ids those of a stranger. Knows no event.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/matrix.h"
#include "network/outcome.h"
#include "network/stage.h"

static const char *secret_of(const struct job *job)
{
    return account_secret(job->account, login_by_password(job->account) ? "password" : "token");
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *user = account_option(job->account, "user");
    const char *who = arena_printf(arena, "%s\n%s\n%s", account_option(job->account, "url"), user ? user : "",
                                   account_option(job->account, "room"));
    return driver_fingerprint(who, secret_of(job), arena);
}

static bool is_ours(const struct job *job)
{
    struct arena *arena = arena_new();
    const char *whose = json_text(job->session, "for");
    bool ours = whose && !strcmp(whose, fingerprint(job, arena));
    arena_free(arena);
    return ours;
}

/* ---- requests and answers ---- */

void matrix_request(const struct job *job, const char *method, const char *path, struct arena *arena,
                    struct request *ret_request)
{
    const char *token = login_by_password(job->account) ? json_text(job->session, "access_token")
                                                        : account_secret(job->account, "token");
    *ret_request = (struct request){.method = method};
    ret_request->url = driver_url(arena, account_option(job->account, "url"), "/_matrix%s", path);
    request_header(ret_request, arena, "Authorization", "Bearer %s", token ? token : "");
}

#define LOG_IN "log in"
#define JOIN "join the room"

static const struct fault faults[] = {
    {"M_LIMIT_EXCEEDED", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests"},
    {NULL, 429, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests"},
    {"M_USER_LOCKED", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the server's administrator locked the user"},
    {"M_USER_SUSPENDED", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server's administrator suspended the user"},
    {"M_USER_DEACTIVATED", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the user is deactivated"},
    {"M_CONSENT_NOT_GIVEN", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server's terms must be accepted first"},
    {"M_RESOURCE_LIMIT_EXCEEDED", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server reached a limit of its own"},
    {"M_USER_LIMIT_EXCEEDED", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the user reached a limit of the server"},
    {"M_UNKNOWN_TOKEN", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the access token does not work: make a new one"},
    {"M_MISSING_TOKEN", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the access token is missing"},
    {"M_FORBIDDEN", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the user may not write to the room: invite it, and give it the right to"},
    {"M_GUEST_ACCESS_FORBIDDEN", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the room takes no guests"},
    {"M_UNSUPPORTED_ROOM_VERSION", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server is too old for the room"},
    {"M_TOO_LARGE", 0, OUTCOME_REFUSED, SCOPE_POST, false, "it is too large for the server"},
    {"M_NOT_FOUND", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the room is not there: correct 'room'"},
    {"M_BAD_JSON", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the server does not take what it was sent"},
    {"M_NOT_JSON", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the server does not take what it was sent"},
    {"M_INVALID_PARAM", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the server does not take what it was sent"},
    {NULL, 404, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "no Matrix server at this address: 'url' must be the base_url of "
     "https://SERVER/.well-known/matrix/client"},
};

static const struct fault login_faults[] = {
    {"M_FORBIDDEN", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the user or the password is not right"},
    {"M_UNKNOWN", 400, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server does not log in with a password: use an access token"},
};

/* Retry-After is preferred, retry_after_ms deprecated and common. */
static void read_limit(const struct job *job, const json_t *body, const struct response *response,
                       struct outcome *ret_outcome)
{
    int64_t wait = json_number(body, "retry_after_ms", 0);
    if (ret_outcome->kind == OUTCOME_RETRY && wait > 0 && !response_header(response, "retry-after"))
        ret_outcome->at = outcome_after(job->now, (double)wait);
}

bool matrix_is_fine(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const char *code = json_text(body, "errcode");
    bool login = !strcmp(step->name, LOG_IN);
    const struct fault *own =
        login ? fault_find(login_faults, sizeof login_faults / sizeof *login_faults, code, response->status)
              : NULL;
    *ret_outcome = (struct outcome){0};
    if (code && !strcmp(code, "M_UNKNOWN_TOKEN") && login_by_password(job->account) && !login) {
        driver_log_in_again(job, step, arena, ret_outcome);
        return false;
    }
    if (!json_is_object(body) && outcome_from_front(step, response, job->now, arena, ret_outcome))
        return false;
    if (own && response->status >= 400)
        fault_tell(own, step, response, job->now, json_text(body, "error"), arena, ret_outcome);
    else
        outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_RETRY_AFTER,
                            job->now, response->status < 500 ? code : NULL, json_text(body, "error"), arena,
                            ret_outcome);
    read_limit(job, body, response, ret_outcome);
    if (ret_outcome->kind == OUTCOME_REFUSED && step->kind == STEP_SESSION)
        ret_outcome->scope = SCOPE_ACCOUNT;
    return ret_outcome->kind == OUTCOME_NEXT;
}

/* The answer lacks what it must have. */
static void not_as_expected(const struct step *step, struct arena *arena, struct outcome *ret_outcome)
{
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                step->name);
}

/* ---- log in ---- */

static bool is_logged_out(const struct job *job)
{
    return login_by_password(job->account) && !(is_ours(job) && json_text(job->session, "access_token"));
}

/* Of one account here, and the same for ever: another log-in of the same device ends the one before. */
static const char *device_of(const struct job *job, struct arena *arena)
{
    const char *who = arena_printf(arena, "%s\n%s", account_option(job->account, "url"), job->account->name);
    return arena_printf(arena, "cald-%s",
                        driver_fingerprint(who, account_option(job->account, "user"), arena));
}

static void ask_login(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *user = account_option(job->account, "user"), *password = secret_of(job);
    *ret_request = (struct request){.method = "POST"};
    ret_request->url = driver_url(arena, account_option(job->account, "url"), "/_matrix/client/v3/login");
    driver_json_body(ret_request, arena,
                     json_pack("{s:s, s:{s:s, s:s}, s:s, s:s, s:s}", "type", "m.login.password", "identifier",
                               "type", "m.id.user", "user", user ? user : "", "password",
                               password ? password : "", "device_id", device_of(job, arena),
                               "initial_device_display_name", "cald"));
}

static void read_login(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const char *token = outcome_clean_id(json_text(body, "access_token"), arena);
    if (!matrix_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (!token) {
        not_as_expected(step, arena, ret_outcome);
        return;
    }
    ret_outcome->session = json_in_arena(arena, json_object());
    json_set_text(ret_outcome->session, "for", fingerprint(job, arena));
    json_set_text(ret_outcome->session, "access_token", token);
    json_set_number(ret_outcome->session, "made_at", job->now);
}

/* ---- who we are ---- */

static bool is_unknown(const struct job *job)
{
    struct arena *arena = arena_new();
    bool fresh = driver_session_is_fresh(job, fingerprint(job, arena)) && json_text(job->session, "user_id");
    arena_free(arena);
    return !fresh;
}

void matrix_ask_who(const struct job *job, struct arena *arena, struct request *ret_request)
{
    matrix_request(job, "GET", "/client/v3/account/whoami", arena, ret_request);
}

static void read_who(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const char *user = outcome_clean_id(json_text(body, "user_id"), arena);
    if (!matrix_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (!user || *user != '@') {
        not_as_expected(step, arena, ret_outcome);
        return;
    }
    ret_outcome->session = driver_session_new(job, fingerprint(job, arena), arena);
    json_set_text(ret_outcome->session, "user_id", user);
    json_set_text(ret_outcome->session, "device_id", outcome_clean_id(json_text(body, "device_id"), arena));
    if (!login_by_password(job->account))
        return;
    json_set_text(ret_outcome->session, "access_token", json_text(job->session, "access_token"));
    json_set_number(ret_outcome->session, "made_at", json_number(job->session, "made_at", 0));
}

/* ---- the room ---- */

static struct outcome session_with(const struct job *job, const char *member, json_t *value,
                                   struct arena *arena)
{
    struct outcome outcome = {.kind = OUTCOME_NEXT,
                              .session = json_in_arena(arena, json_copy((json_t *)job->session))};
    json_set(outcome.session, member, value);
    return outcome;
}

static bool is_outside(const struct job *job)
{
    return !json_text(job->session, "room_id");
}

/* Who is in the room already is told its id and nothing else happens. */
static void ask_join(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *room = account_option(job->account, "room"), *server = strchr(room, ':');
    const char *via =
        *room == '!' && server ? arena_printf(arena, "?via=%s", driver_escape(arena, server + 1)) : "";
    matrix_request(job, "POST", arena_printf(arena, "/client/v3/join/%s%s", driver_escape(arena, room), via),
                   arena, ret_request);
    driver_json_body(ret_request, arena, json_object());
    ret_request->timeout = MINUTES(2); /* a room of another server is fetched first */
}

static void read_join(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *room = outcome_clean_id(json_text(response_json(response, arena), "room_id"), arena);
    if (!matrix_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (room && *room == '!')
        *ret_outcome = session_with(job, "room_id", json_string(room), arena);
    else
        not_as_expected(step, arena, ret_outcome);
}

static bool is_unseen(const struct job *job)
{
    return !json_flag(job->session, "plain", false);
}

static void ask_encryption(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *room = driver_escape(arena, json_text(job->session, "room_id"));
    matrix_request(job, "GET", arena_printf(arena, "/client/v3/rooms/%s/state/m.room.encryption", room),
                   arena, ret_request);
}

static void read_encryption(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const char *code = json_text(response_json(response, arena), "errcode");
    if (response->status == 404 && code && !strcmp(code, "M_NOT_FOUND"))
        *ret_outcome = session_with(job, "plain", json_true(), arena);
    else if (matrix_is_fine(job, step, response, arena, ret_outcome))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "the room is encrypted, and cald does not encrypt: use another room");
}

const struct stage matrix_session_stages[MATRIX_SESSION_STAGES] = {
    {LOG_IN, STEP_SESSION, 0, is_logged_out, ask_login, read_login},
    {"who we are", STEP_SESSION, 0, is_unknown, matrix_ask_who, read_who},
    {JOIN, STEP_SESSION, 0, is_outside, ask_join, read_join},
    {"is it encrypted", STEP_SESSION, 0, is_unseen, ask_encryption, read_encryption},
};
