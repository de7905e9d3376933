/* See pinterest.h: requests, and what an answer's status and code ({"code", "message"}) mean. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/pinterest.h"
#include "network/token.h"

#define API "https://api.pinterest.com/v5"
#define SANDBOX "https://api-sandbox.pinterest.com/v5"

const char *pinterest_base(const struct account *account)
{
    const char *url = account_option(account, "url");
    return url ? url : json_flag(account->options, "sandbox", false) ? SANDBOX : API;
}

void pinterest_request(const struct job *job, struct arena *arena, struct request *ret_request,
                       const char *method, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *path = arena_vprintf(arena, format, args);
    va_end(args);
    *ret_request = (struct request){.method = method};
    ret_request->url = driver_url(arena, pinterest_base(job->account), "/%s", path);
    token_authorize(job, ret_request, arena);
    request_header(ret_request, arena, "Accept", "application/json");
}

const char *pinterest_id(const char *text, struct arena *arena)
{
    size_t length = text ? strlen(text) : 0;
    return length && length <= 32 && strspn(text, "0123456789") == length ? arena_strdup(arena, text) : NULL;
}

/* ---- limits ---- */

/* A number at the header's beginning ("99", "99, 100;w=1"), or -1. */
static int64_t number_in(const struct response *response, const char *header)
{
    const char *text = response_header(response, header);
    size_t digits = text ? strspn(text, "0123456789") : 0;
    return digits && digits <= 12 ? strtoll(text, NULL, 10) : -1;
}

/* Seconds until then; not confirmed, so a number that is a date is taken for one. */
static instant reset_of(const struct response *response, instant now)
{
    int64_t seconds = number_in(response, "x-ratelimit-reset");
    if (seconds < 0)
        return 0;
    return outcome_after(now, seconds > DAYS(366) / 1000 ? (double)(SECONDS(seconds) - now)
                                                         : (double)SECONDS(seconds));
}

/* What an app under Trial access may do is counted by the day. */
static instant limited_until(const struct job *job, const struct response *response)
{
    instant reset = outcome_reset(response, RESET_RETRY_AFTER, job->now);
    bool trial = json_flag(job->account->options, "trial", false);
    if (!reset)
        reset = reset_of(response, job->now);
    if (!reset)
        reset = trial ? (job->now / DAYS(1) + 1) * DAYS(1) + MINUTES(1) : job->now + MINUTES(1);
    return reset;
}

/* Each category of requests has its own limit: only what creates says when the next may be created. */
static void heed_limit(const struct job *job, const struct step *step, const struct response *response,
                       struct outcome *outcome)
{
    outcome->limit_remaining = outcome->limit_reset = 0;
    if (step->kind == STEP_CREATE && number_in(response, "x-ratelimit-remaining") == 0)
        outcome->limit_reset = reset_of(response, job->now);
}

/* ---- errors ---- */

/* The codes are known from experience, not from the description: the status decides where they say nothing.
 */
static const struct fault faults[] = {
    {"*unable to reach the url", 400, OUTCOME_RETRY, SCOPE_POST, false,
     "Pinterest could not fetch the image"},
    {"29 *", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the app's access does not allow it: Trial access publishes in the sandbox only ('sandbox: true')"},
    {"3 *", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the token lacks a permission: log in again with boards:read boards:write pins:read pins:write"},
    {"7 *", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the account may not write to this board"},
    {NULL, 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "Pinterest forbids it: see the app's access tier and the board's owner"},
    {NULL, 404, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the board or section is not there: correct 'board'"},
    {NULL, 409, OUTCOME_REFUSED, SCOPE_POST, false, "it is there already"},
    {NULL, 400, OUTCOME_REFUSED, SCOPE_POST, false, "Pinterest does not take it"},
};

bool pinterest_is_fine(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const char *message = json_text(body, "message");
    const char *words =
        arena_printf(arena, "%lld %s", (long long)json_number(body, "code", 0), message ? message : "");
    if (response->status == 401) {
        token_unauthorized(job, step, message, arena, ret_outcome);
        return false;
    }
    outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_RETRY_AFTER, job->now,
                        words, words, arena, ret_outcome);
    if (response->status == 429)
        ret_outcome->at = limited_until(job, response);
    heed_limit(job, step, response, ret_outcome);
    return ret_outcome->kind == OUTCOME_NEXT;
}
