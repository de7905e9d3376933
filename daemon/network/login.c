/* See login.h. */
#include <string.h>

#include "base/json.h"
#include "network/login.h"

#define IDLE_MOST DAYS(30) /* some networks forget a refresh token that is not used for half a year */
#define IDLE_LEAST DAYS(1)

bool login_by_password(const struct account *account)
{
    return account_has_secret(account, "password");
}

static bool fits(const struct login *login, const struct account *account)
{
    if (login->used)
        return login->used(account);
    return !login->secret || account_has_secret(account, login->secret);
}

bool login_check_password(const struct account *account, struct error *err)
{
    bool password = login_by_password(account);
    if (password == account_has_secret(account, "token"))
        return fail(err, "needs either 'user' and 'password', or 'token'");
    if (password && !account_option(account, "user"))
        return fail(err, "needs 'user': whose password it is");
    return true;
}

const struct login *login_of(const struct account *account)
{
    const struct login *login = account->network->logins;
    while (login && login->kind != LOGIN_NONE && !fits(login, account))
        login++;
    return login && login->kind != LOGIN_NONE ? login : NULL;
}

static struct job job_of(const struct account *account, const json_t *session, instant now)
{
    return (struct job){.account = account, .session = session, .slot = now, .now = now};
}

/* ---- how long it lasts ---- */

static const json_t *kept_login(const struct login *login, const json_t *session)
{
    return login && !login->secret ? oauth2_login(session) : NULL;
}

/* What a refresh token can renew ends with that, where its end was told. */
instant login_ends(const struct account *account, const json_t *session)
{
    const struct login *login = login_of(account);
    const json_t *kept = kept_login(login, session);
    struct job job = job_of(account, session, 0);
    if (login && login->ends)
        return login->ends(&job);
    return json_number(kept, json_text(kept, "refresh_token") ? "refresh_expires_at" : "expires_at", 0);
}

static bool is_missing(const struct login *login, const struct account *account, const json_t *session)
{
    return login->secret ? !account_secret(account, login->secret) : !oauth2_login(session);
}

const char *login_needed(const struct account *account, const json_t *session, instant now,
                         struct arena *arena)
{
    const struct login *login = login_of(account);
    instant ends = login_ends(account, session);
    if (account_trouble(account))
        return arena_strdup(arena, account_trouble(account));
    if (!login)
        return NULL;
    if (is_missing(login, account, session))
        return arena_printf(arena, "nobody is logged in: calctl login %s", account->name);
    if (ends && now >= ends)
        return arena_printf(arena, "the login has ended: calctl login %s", account->name);
    return NULL;
}

/* ---- renewal ---- */

/* What is renewed in vain, for its end does not move, is not renewed all the time. */
static instant idle_until(const json_t *kept)
{
    instant made = json_number(kept, "made_at", 0), ends = json_number(kept, "refresh_expires_at", 0);
    duration idle = ends && (ends - made) / 2 < IDLE_MOST ? (ends - made) / 2 : IDLE_MOST;
    return made + (idle < IDLE_LEAST ? IDLE_LEAST : idle);
}

instant login_renewal(const struct account *account, const json_t *session, instant now)
{
    const struct login *login = login_of(account);
    const json_t *kept = kept_login(login, session);
    struct job job = job_of(account, session, now);
    if (!login || is_missing(login, account, session))
        return INSTANT_NEVER;
    if (login->renewal)
        return login->renewal(&job);
    return json_text(kept, "refresh_token") && login->client ? idle_until(kept) : INSTANT_NEVER;
}

void login_renew(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct login *login = login_of(job->account);
    struct oauth2 client = {0};
    if (login->renew) {
        login->renew(job, arena, ret_step);
        return;
    }
    login->client(job, arena, &client);
    oauth2_refresh_step(&client, json_text(oauth2_login(job->session), "refresh_token"), arena, ret_step);
}
