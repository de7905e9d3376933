/*
 * See slack.h: requests to the API, and what its answers mean. Knows no message and no file.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/slack.h"

/* ---- requests ---- */

bool slack_by_webhook(const struct job *job)
{
    return account_has_secret(job->account, "webhook");
}

void slack_request(const struct job *job, const char *method, const char *path, struct arena *arena,
                   struct request *ret_request)
{
    const char *base = account_option(job->account, "url"), *token = account_secret(job->account, "token");
    *ret_request = (struct request){.method = method};
    ret_request->url = driver_url(arena, base ? base : SLACK_API, "/%s", path);
    request_header(ret_request, arena, "Authorization", "Bearer %s", token ? token : "");
}

/* ---- answers: HTTP 200 says nothing, "ok" and a word do ---- */

static const struct fault faults[] = {
    {NULL, 429, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests"},
    {"ratelimited", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests"},
    {"rate_limited", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests"},
    {"invalid_auth", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the token does not work: copy it anew"},
    {"not_authed", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the token is missing"},
    {"token_expired", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the token expired: use one without rotation"},
    {"token_revoked", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the token was revoked: install the app again"},
    {"account_inactive", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the app or its user was removed"},
    {"missing_scope", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the token lacks a scope: add it and install again"},
    {"channel_not_found", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "no such channel: correct 'channel'"},
    {"not_in_channel", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the app is not in the channel: invite it there"},
    {"is_archived", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the channel is archived"},
    {"channel_is_archived", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the channel is archived"},
    {"restricted_action", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the workspace forbids it"},
    {"action_prohibited", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the workspace forbids it"},
    {"posting_to_general_channel_denied", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the workspace forbids it"},
    {"no_service", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook is gone: make a new one"},
    {"no_service_id", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook's address is not whole"},
    {"no_team", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook's workspace is gone"},
    {"invalid_token", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook's address is not valid"},
    {"no_active_hooks", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook was switched off"},
    {"internal_error", 0, OUTCOME_UNSURE, SCOPE_POST, false, "the server failed"},
    {"fatal_error", 0, OUTCOME_UNSURE, SCOPE_POST, false, "the server failed"},
    {"service_unavailable", 0, OUTCOME_UNSURE, SCOPE_POST, false, "the server is not available"},
    {"request_timeout", 0, OUTCOME_UNSURE, SCOPE_POST, false, "the request took too long"},
    {"rollup_error", 0, OUTCOME_UNSURE, SCOPE_POST, false, "the server failed"},
    {"msg_too_long", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the text is too long"},
    {"msg_blocks_too_long", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the text is too long"},
    {"no_text", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the text is empty"},
    {"invalid_*", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the server does not take what it was sent"},
    {"file_update_failed", 0, OUTCOME_UNSURE, SCOPE_POST, false, "the server failed"},
    {"file_type_not_allowed", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "the workspace takes no files of this type"},
    {"storage_limit_reached", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the workspace has no room for files"},
    {"too_many_attachments", 0, OUTCOME_REFUSED, SCOPE_POST, false, "there are too many images"},
};

bool slack_judge(const struct job *job, const struct step *step, const struct response *response,
                 const char *word, const char *said, bool ok, struct arena *arena,
                 struct outcome *ret_outcome)
{
    bool known = outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response,
                                     RESET_RETRY_AFTER, job->now, word, said, arena, ret_outcome);
    if (!known && ret_outcome->kind == OUTCOME_NEXT && word)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED,
                    step->kind == STEP_SESSION ? SCOPE_ACCOUNT : SCOPE_POST, "%s: the server refuses it: %s",
                    step->name, outcome_said(word, arena));
    else if (ret_outcome->kind == OUTCOME_NEXT && !ok)
        outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY,
                    SCOPE_POST, "%s: the answer is not as expected", step->name);
    return ret_outcome->kind == OUTCOME_NEXT;
}

bool slack_is_fine(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    bool ok = json_flag(body, "ok", false);
    const char *word = ok ? NULL : json_text(body, "error"), *needed = json_text(body, "needed");
    const char *said = needed ? arena_printf(arena, "%s (%s)", word ? word : "", needed) : NULL;
    return slack_judge(job, step, response, word, said, ok, arena, ret_outcome);
}

bool slack_says(const struct response *response, const char *word, struct arena *arena)
{
    const char *error = json_text(response_json(response, arena), "error");
    return error && !strcmp(error, word);
}
