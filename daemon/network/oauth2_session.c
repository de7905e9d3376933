/*
 * oauth2: the login that an account's session keeps: whether its token is good, and its renewal. What is on
 * the wire is oauth2.c's.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth2.h"

json_t *oauth2_login(const json_t *session)
{
    json_t *login = json_member(session, "login");
    return json_text(login, "access_token") ? login : NULL;
}

/* How long a token must still be good at the slot. */
static duration reserve_of(const json_t *login)
{
    duration tenth = (json_number(login, "expires_at", 0) - json_number(login, "made_at", 0)) / 10;
    return tenth > 0 && tenth < MINUTES(5) ? tenth : MINUTES(5);
}

static bool is_good(const struct job *job, const json_t *login)
{
    instant ends = json_number(login, "expires_at", INSTANT_NEVER);
    instant needed = job->slot > job->now ? job->slot : job->now;
    if (json_flag(login, "expired", false))
        return false;
    if (needed > job->now + HOURS(1)) /* what is prepared long ahead needs it now, and again then */
        needed = job->now;
    return ends == INSTANT_NEVER || needed + reserve_of(login) < ends;
}

/* Nothing can renew it, and it is still good: used to its end. */
static bool is_last(const struct job *job, const json_t *login)
{
    return !json_text(login, "refresh_token") && !json_flag(login, "expired", false) &&
           job->now < json_number(login, "expires_at", INSTANT_NEVER);
}

bool oauth2_session_step(const struct job *job, const struct oauth2 *client, struct arena *arena,
                         struct step *ret_step)
{
    json_t *login = oauth2_login(job->session);
    const char *refresh = json_text(login, "refresh_token");
    if (login && (is_good(job, login) || is_last(job, login)))
        return false;
    if (refresh)
        oauth2_refresh_step(client, refresh, arena, ret_step);
    else
        *ret_step = (struct step){.kind = STEP_LOCAL, .name = "login"};
    return true;
}

static json_t *session_with(const struct job *job, json_t *login, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)job->session));
    json_object_set(session, "login", login);
    return session;
}

static void must_log_in(const struct job *job, const char *step, const char *why, const char *said,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const char *words = outcome_said(said, arena);
    *ret_outcome = (struct outcome){.reconnect = true};
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: %s: calctl login %s%s%s", step, why,
                job->account->name, *words ? ": " : "", words);
}

void oauth2_session_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (!response) {
        must_log_in(job, step->name, "nobody has logged in", NULL, arena, ret_outcome);
        return;
    }
    json_t *login = oauth2_read(step, response, oauth2_login(job->session), job->now, arena, ret_outcome);
    if (login)
        ret_outcome->session = session_with(job, login, arena);
}

void oauth2_authorize(const struct job *job, struct request *request, struct arena *arena)
{
    const char *token = json_text(oauth2_login(job->session), "access_token");
    request_header(request, arena, "Authorization", "Bearer %s", token ? token : "");
}

/* Whether the request went with the token that the session has now: it may have been renewed meanwhile. */
static bool is_present(const struct step *step, const char *token)
{
    const char *sent = request_value(&step->request, "Authorization");
    size_t length = sent && token ? strlen(token) : 0;
    return length && strlen(sent) > length && !strcmp(sent + strlen(sent) - length, token);
}

void oauth2_unauthorized(const struct job *job, const struct step *step, const char *said,
                         struct arena *arena, struct outcome *ret_outcome)
{
    json_t *login = oauth2_login(job->session);
    if (!is_present(step, json_text(login, "access_token"))) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .scope = SCOPE_ACCOUNT};
        return;
    }
    bool is_new = job->now < json_number(login, "made_at", 0) + MINUTES(1);
    if (is_new || !json_text(login, "refresh_token")) {
        must_log_in(job, step->name, "the server does not accept the token: log in again", said, arena,
                    ret_outcome);
        return;
    }
    json_t *expired = json_in_arena(arena, json_copy(login));
    json_set_flag(expired, "expired", true);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .scope = SCOPE_ACCOUNT};
    ret_outcome->session = session_with(job, expired, arena);
}
