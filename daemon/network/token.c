/* See token.h. It knows the options by name, and no network. */
#include "network/driver.h"
#include "network/token.h"

bool token_is_from_login(const struct account *account)
{
    return account_option(account, "client_id") != NULL;
}

bool token_check_account(const struct account *account, struct error *err)
{
    bool client = token_is_from_login(account), token = account_has_secret(account, "token");
    if (client == token)
        return fail(err, "it needs 'client_id' and 'client_secret' (then 'calctl login %s'), or a 'token'%s",
                    account->name, client ? ", not both" : "");
    if (client && !account_has_secret(account, "client_secret"))
        return fail(err, "'client_id' needs 'client_secret' as well");
    return true;
}

bool token_session_step(const struct job *job, const struct oauth2 *client, struct arena *arena,
                        struct step *ret_step)
{
    return token_is_from_login(job->account) && oauth2_session_step(job, client, arena, ret_step);
}

void token_authorize(const struct job *job, struct request *request, struct arena *arena)
{
    const char *token = account_secret(job->account, "token");
    if (token_is_from_login(job->account))
        oauth2_authorize(job, request, arena);
    else
        request_header(request, arena, "Authorization", "Bearer %s", token ? token : "");
}

void token_unauthorized(const struct job *job, const struct step *step, const char *said, struct arena *arena,
                        struct outcome *ret_outcome)
{
    if (token_is_from_login(job->account)) {
        oauth2_unauthorized(job, step, said, arena, ret_outcome);
        return;
    }
    const char *words = outcome_said(said, arena);
    *ret_outcome = (struct outcome){.reconnect = true};
    outcome_set(
        ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
        "%s: the token has ended or was withdrawn: put a new one into the place of 'token' (HTTP 401)%s%s",
        step->name, *words ? ": " : "", words);
}

const char *token_fingerprint(const struct job *job, const char *url, struct arena *arena)
{
    const char *client = account_option(job->account, "client_id");
    return driver_fingerprint(arena_printf(arena, "%s %s", url, client ? client : ""),
                              account_secret(job->account, "token"), arena);
}
