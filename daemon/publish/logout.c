/*
 * See login.h: an account's credentials are forgotten. Telling the network is done as well as may be: nobody
 * waits.
 */
#include "base/json.h"
#include "base/log.h"
#include "publish/trial.h"

static void said_farewell(void *context, const struct http_result *result)
{
    struct trial *trial = context;

    if (!result->ok || result->response.status > 299)
        log_warn("the network was not told that account '%s' is logged out: %s", trial->account,
                 result->ok ? "it does not take it" : result->error);
    trial_free(trial);
}

/* False: the network has no way to be told. */
static bool revoke(struct line *line)
{
    const char *token = json_text(oauth2_login(line->session), "refresh_token");
    struct http_options options = http_options_of(publisher_settings(line->publisher));
    struct trial *trial;
    struct oauth2 client;

    if (token == NULL || login_of(&line->account->account)->client == NULL)
        return false;
    trial = trial_new(line->publisher, line->name);
    trial->leaving = true;
    client = trial_client(trial, line);
    if (client.revoke_url != NULL) {
        oauth2_revoke_step(&client, token, trial->arena, &trial->step);
        if (http_send(line->publisher->http, &trial->step.request, &options, trial->arena, said_farewell,
                      trial, NULL))
            return true;
    }
    trial_free(trial);
    return false;
}

bool publisher_logout(struct publisher *publisher, const char *account, const char *who, struct arena *arena,
                      const char **ret_what, struct error *err)
{
    struct line *line = publisher_line(publisher, account);
    const struct login *login = line && line->account ? login_of(&line->account->account) : NULL;
    json_t *nothing = json_in_arena(arena, json_object());
    bool told;

    if (login == NULL)
        return fail(err, "account '%s' has no login that 'calctl login' made", account);
    told = login->secret == NULL && revoke(line);
    if ((login->secret != NULL && !documents_forget_secret(line->account, login->secret, err)) ||
        !line_replace_session(line, nothing, err) || !accounts_note_logout(line, who, err))
        return false;
    log_info("%s logged account '%s' out", who, account);
    line->dirty = true;
    publisher_pend(publisher);
    *ret_what = told ? "the network was told, and what cald kept is gone"
                     : "what cald kept is gone; take it back in the network's own settings as well";
    return true;
}
