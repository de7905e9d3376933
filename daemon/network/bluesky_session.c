/*
 * bluesky_session: createSession with the app password once, then refreshSession whenever the access
 * token is about to end. Sign-ins are counted (30 in 5 minutes, 300 a day), so the session is kept. Requests
 * go to the account's own server (PDS), which the session's DID document names; bsky.social is only the door.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/bluesky.h"
#include "network/driver.h"

static const char *door(const struct job *job)
{
    const char *url = account_option(job->account, "url");
    return url ? url : BLUESKY_DOOR;
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *handle = account_option(job->account, "handle");
    const char *who = arena_printf(arena, "%s\n%s", door(job), handle ? handle : "");
    return driver_fingerprint(who, account_secret(job->account, "app_password"), arena);
}

static bool is_ours(const struct job *job, struct arena *arena)
{
    const char *whose = json_text(job->session, "for");
    return whose && !strcmp(whose, fingerprint(job, arena));
}

/* Renewed from half of its life on while there is time, but in the minute of the slot only if it must be. */
static bool is_fresh(const struct job *job)
{
    int64_t made = json_number(job->session, "made_at", 0), ends = json_number(job->session, "expires_at", 0);
    bool at_slot = job->now >= job->slot - MINUTES(1);
    duration life = ends - made, reserve = life / 10 < MINUTES(1) ? life / 10 : MINUTES(1);
    if (json_flag(job->session, "expired", false) || !json_text(job->session, "access_token") ||
        job->now < made - MINUTES(5))
        return false;
    return job->now < (at_slot ? ends - reserve : made + life / 2);
}

/* ---- steps ---- */

static void login_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    json_t *body = json_object();
    json_set_text(body, "identifier", account_option(job->account, "handle"));
    json_set_text(body, "password", account_secret(job->account, "app_password"));
    bluesky_request(ret_step, arena, STEP_SESSION, "POST", door(job), "com.atproto.server.createSession");
    driver_json_body(&ret_step->request, arena, body);
    ret_step->name = "session";
}

bool bluesky_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *refresh = json_text(job->session, "refresh_token"), *pds = json_text(job->session, "pds");
    if (!is_ours(job, arena) || !refresh || !pds) {
        login_step(job, arena, ret_step);
        return true;
    }
    if (is_fresh(job))
        return false;
    bluesky_request(ret_step, arena, STEP_SESSION, "POST", pds, "com.atproto.server.refreshSession");
    bluesky_authorize(ret_step, arena, refresh);
    ret_step->name = "refresh";
    return true;
}

/* ---- a session from an answer ---- */

/* The address of service "#atproto_pds" in the DID document; plain http only if the door is so as well. */
static const char *pds_of(const struct job *job, const json_t *answer, struct arena *arena)
{
    json_t *service, *services = json_member(json_member(answer, "didDoc"), "service");
    size_t i;
    json_array_foreach(services, i, service)
    {
        const char *id = json_text(service, "id");
        const char *url = outcome_clean_url(json_text(service, "serviceEndpoint"), arena);
        const char *hash = id ? strchr(id, '#') : NULL;
        bool is_safe = url && (!strncasecmp(url, "https://", 8) || !strncasecmp(door(job), "http://", 7));
        if (i < 32 && hash && !strcmp(hash, "#atproto_pds") && is_safe)
            return url;
    }
    return arena_strdup(arena, door(job));
}

static json_t *session_from(const struct job *job, const json_t *answer, struct arena *arena)
{
    const char *did = json_text(answer, "did"), *handle = json_text(answer, "handle");
    const char *access = json_text(answer, "accessJwt"), *refresh = json_text(answer, "refreshJwt");
    duration life = HOURS(1);
    if (!did_is_valid(did) || !jwt_is_valid(access) || !jwt_is_valid(refresh))
        return NULL;
    json_t *session = json_in_arena(arena, json_object());
    jwt_lifetime(access, &life);
    json_set_text(session, "for", fingerprint(job, arena));
    json_set_text(session, "did", did);
    json_set_text(session, "handle", handle_is_valid(handle) ? handle : did);
    json_set_text(session, "pds", pds_of(job, answer, arena));
    json_set_text(session, "access_token", access);
    json_set_text(session, "refresh_token", refresh);
    json_set_number(session, "made_at", job->now);
    json_set_number(session, "expires_at", job->now + (life < DAYS(1) ? life : DAYS(1)));
    return session;
}

/* ---- errors by name ---- */

enum trouble { TROUBLE_NONE, TROUBLE_EXPIRED, TROUBLE_LOGIN, TROUBLE_FACTOR, TROUBLE_ACCOUNT };

static enum trouble trouble_of(const struct response *response, struct arena *arena)
{
    static const struct {
        const char *error;
        enum trouble trouble;
    } names[] = {
        {"ExpiredToken", TROUBLE_EXPIRED},     {"InvalidToken", TROUBLE_EXPIRED},
        {"AuthMissing", TROUBLE_LOGIN},        {"AuthenticationRequired", TROUBLE_LOGIN},
        {"AuthRequired", TROUBLE_LOGIN},       {"AuthFactorTokenRequired", TROUBLE_FACTOR},
        {"AccountTakedown", TROUBLE_ACCOUNT},  {"AccountDeactivated", TROUBLE_ACCOUNT},
        {"AccountSuspended", TROUBLE_ACCOUNT},
    };
    const char *error = bluesky_error(response, arena);
    if (response->status != 400 && response->status != 401 && response->status != 403)
        return TROUBLE_NONE;
    for (size_t i = 0; error && i < sizeof names / sizeof *names; i++)
        if (!strcmp(error, names[i].error))
            return names[i].trouble;
    return response->status == 401 ? TROUBLE_LOGIN : TROUBLE_NONE;
}

static void refuse_account(const struct step *step, const struct response *response, bool reconnect,
                           const char *advice, struct arena *arena, struct outcome *ret_outcome)
{
    const char *said = outcome_said(bluesky_said(response, arena), arena);
    *ret_outcome = (struct outcome){.reconnect = reconnect};
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: %s (HTTP %d)%s%s", step->name,
                advice, response->status, *said ? ": " : "", said);
}

/* ---- reading the session's steps ---- */

static void read_session_error(const struct job *job, const struct step *step,
                               const struct response *response, struct arena *arena,
                               struct outcome *ret_outcome)
{
    bool is_refresh = driver_url_ends(step->request.url, ".refreshSession");
    switch (trouble_of(response, arena)) {
    case TROUBLE_ACCOUNT:
        refuse_account(step, response, false, "Bluesky has closed the account", arena, ret_outcome);
        return;
    case TROUBLE_FACTOR:
        refuse_account(step, response, true, "this is the account's own password: make an app password",
                       arena, ret_outcome);
        return;
    case TROUBLE_EXPIRED:
    case TROUBLE_LOGIN:
        if (!is_refresh) {
            refuse_account(step, response, true, "Bluesky does not accept the handle or the app password",
                           arena, ret_outcome);
            return;
        }
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .session = json_in_arena(arena, json_object())};
        return;
    case TROUBLE_NONE:
        break;
    }
    outcome_from_status(step, response, RESET_EPOCH, job->now, bluesky_said(response, arena), arena,
                        ret_outcome);
}

void bluesky_session_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status < 200 || response->status > 299) {
        read_session_error(job, step, response, arena, ret_outcome);
        return;
    }
    json_t *answer = response_json(response, arena);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .scope = SCOPE_ACCOUNT};
    outcome_read_limits(response, RESET_EPOCH, job->now, ret_outcome);
    if (!json_flag(answer, "active", true)) {
        refuse_account(step, response, false, "the account is not active", arena, ret_outcome);
        return;
    }
    ret_outcome->session = session_from(job, answer, arena);
    if (!ret_outcome->session)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is no session",
                    step->name);
}

/* ---- reading all others ---- */

/* Asks for a renewal, or for a new sign-in; but a token that was made just now will not get better by that.
 */
static void renew(const struct job *job, const struct step *step, enum trouble trouble, struct arena *arena,
                  struct outcome *ret_outcome)
{
    json_t *session = json_in_arena(arena, json_object());
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .session = session};
    if (job->now < json_number(job->session, "made_at", 0) + MINUTES(1)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT,
                    "%s: the server does not accept the session that it made just now", step->name);
        ret_outcome->at = job->now + MINUTES(1);
        ret_outcome->session = NULL;
    } else if (trouble == TROUBLE_EXPIRED) {
        json_object_update(session, (json_t *)job->session);
        json_set_flag(session, "expired", true);
    }
}

bool bluesky_read_status(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    enum trouble trouble = trouble_of(response, arena);
    if (trouble == TROUBLE_ACCOUNT) {
        refuse_account(step, response, false, "Bluesky has closed the account", arena, ret_outcome);
    } else if (trouble != TROUBLE_NONE) {
        renew(job, step, trouble, arena, ret_outcome);
    } else {
        outcome_from_status(step, response, RESET_EPOCH, job->now, bluesky_said(response, arena), arena,
                            ret_outcome);
        return ret_outcome->kind == OUTCOME_NEXT;
    }
    return false;
}

/* ---- the live check of the credentials ---- */

void bluesky_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (bluesky_session_step(job, arena, ret_step))
        return;
    bluesky_request(ret_step, arena, STEP_PREPARE, "GET", json_text(job->session, "pds"),
                    "com.atproto.server.getSession");
    bluesky_authorize(ret_step, arena, json_text(job->session, "access_token"));
    ret_step->name = "who we are";
}

void bluesky_verified(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION) {
        bluesky_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    if (!bluesky_read_status(job, step, response, arena, ret_outcome)) {
        if (ret_outcome->kind == OUTCOME_REFUSED)
            ret_outcome->scope = SCOPE_ACCOUNT;
        return;
    }
    json_t *answer = response_json(response, arena);
    const char *handle = json_text(answer, "handle"), *did = json_text(answer, "did");
    if (!json_flag(answer, "active", true))
        refuse_account(step, response, false, "the account is not active", arena, ret_outcome);
    else if (!did_is_valid(did) || !handle_is_valid(handle))
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names no account",
                    step->name);
    else
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "@%s (%s)", handle, did);
}
