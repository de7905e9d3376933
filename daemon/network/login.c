/* See login.h. */
#include "base/json.h"
#include "network/login.h"

bool login_by_password(const struct account *account)
{
    return account_has_secret(account, "password");
}

const struct login *login_of(const struct account *account)
{
    const struct login *login = account->network->logins;
    while (login && login->kind != LOGIN_NONE && login->used && !login->used(account))
        login++;
    return login && login->kind != LOGIN_NONE ? login : NULL;
}

static bool is_kept_in_session(const struct login *login)
{
    return login && !login->secret;
}

/* What a refresh token can renew ends with that, where its end was told. */
instant login_ends(const struct account *account, const json_t *session)
{
    const json_t *login = is_kept_in_session(login_of(account)) ? oauth2_login(session) : NULL;
    return json_number(login, json_text(login, "refresh_token") ? "refresh_expires_at" : "expires_at", 0);
}

const char *login_needed(const struct account *account, const json_t *session, instant now,
                         struct arena *arena)
{
    const struct login *login = login_of(account);
    instant ends = login_ends(account, session);
    if (!login)
        return NULL;
    bool missing = login->secret ? !account_secret(account, login->secret) : !oauth2_login(session);
    if (missing)
        return arena_printf(arena, "nobody is logged in: calctl login %s", account->name);
    if (ends && now >= ends)
        return arena_printf(arena, "the login has ended: calctl login %s", account->name);
    return NULL;
}
