/*
 * api_login: an account gets new credentials, or loses them. Between begin and finish stands a person; what
 * they bring is a secret, so neither these answers nor a fingerprint of what was sent is kept for a repeated
 * Idempotency-Key: a login is good for once anyway.
 */
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/pending.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/view.h"
#include "publish/login.h"

static void asked(void *context, const struct login_result *result)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    if (result->ok) {
        json_t *answer = json_object();
        json_set_text(answer, "login", result->id);
        json_set_text(answer, "ask", result->ask);
        view_text(answer, "url", result->url);
        view_text(answer, "redirect", result->redirect);
        view_text(answer, "state", result->redirect ? result->state : NULL);
        view_text(answer, "what", result->what);
        view_text(answer, "where", result->where);
        view_instant(answer, "until", result->until);
        answer_json(call, 200, answer);
    } else {
        problem(call, 409, "%s", result->message);
    }
    pending_end(call);
}

void api_login(struct call *call)
{
    const struct settings_account *account = call_account(call, call->arguments[0]);
    call->key = NULL;
    if (account)
        publisher_login_begin(call->control->publisher, account->account.name,
                              json_text(call->json, "redirect"), asked, pending_begin(call));
}

static void ended(void *context, const struct login_result *result)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    json_t *answer = json_object();
    json_set_flag(answer, "ok", result->ok);
    json_set_text(answer, "message", result->message ? result->message : "no answer");
    view_text(answer, "identity", result->ok ? result->message : NULL);
    view_text(answer, "stored", result->stored);
    view_text(answer, "missing", result->missing);
    view_instant(answer, "ends", result->ends);
    answer_json(call, 200, answer);
    pending_end(call);
}

void api_login_finish(struct call *call)
{
    const struct settings_account *account = call_account(call, call->arguments[0]);
    call->key = NULL;
    if (account)
        publisher_login_finish(call->control->publisher, account->account.name,
                               json_text(call->json, "login"), json_text(call->json, "answer"),
                               json_text(call->json, "state"), call->who, ended, pending_begin(call));
}

void api_logout(struct call *call)
{
    const struct settings_account *account = call_account(call, call->arguments[0]);
    const char *what;
    struct error err = {""};
    if (!account)
        return;
    if (publisher_logout(call->control->publisher, account->account.name, call->who, call->arena, &what,
                         &err))
        answer_json(call, 200, json_pack("{s:s}", "message", what));
    else
        problem(call, 409, "%s", err.message);
}
