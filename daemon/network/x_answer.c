/*
 * x_answer: what X's errors mean. An error is a problem ({"title", "detail", "type", "status"}, RFC 9457 in
 * all but name), or of the older form {"errors": [{"code", "message"}]}; which words X uses where is known
 * from its documentation and from reports, so the table goes by words.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth2.h"
#include "network/x.h"

/* The code is all that was said: type, title, detail, reason, and "code N " of the older form. */
enum { DUPLICATES = 2 }; /* the first of the table */

static const struct fault faults[] = {
    {"*duplicate", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "X does not take the same text twice within some time: change it, or publish it later"},
    {"*code 187 ", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "X does not take the same text twice within some time: change it, or publish it later"},
    {"*temporarily locked", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "X has locked the account: log in on x.com and unlock it"},
    {"*code 326 ", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "X has locked the account: log in on x.com and unlock it"},
    {"*suspended", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "X has suspended the account"},
    {"*code 64 ", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "X has suspended the account"},
    {"*unsupported-authentication", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "X does not take these credentials: log in as the user, or make the four values of OAuth 1.0a anew"},
    {"*code 89 ", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "X does not take these credentials: log in as the user, or make the four values of OAuth 1.0a anew"},
    {"*oauth1-permissions", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the app may only read: give it read and write in the developer console, then make new access tokens"},
    {"*code 261 ", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the app may only read: give it read and write in the developer console, then make new access tokens"},
    {"*client-not-enrolled", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the app belongs to no project with access to the API: see the developer console"},
    {"*client-forbidden", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "X does not let this app do that: see the developer console"},
    {"*spend", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "the spending limit is reached: raise it in the developer console; cald tries again every three hours"},
    {"*credits", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "X wants to be paid: buy credits in the developer console; cald tries again every three hours"},
    {"*usage-capped", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "the app's quota is used up; cald tries again every three hours"},
    {"*usagecap", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "the app's quota is used up; cald tries again every three hours"},
    {"*code 185 ", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "the account has published as much as it may in a day; cald tries again every three hours"},
    {"*code 186 ", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the text is too long for X"},
    {"*code 385 ", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the post it answers is gone"},
    {"*code 433 ", 0, OUTCOME_REFUSED, SCOPE_POST, false, "X does not let this account answer there"},
    {NULL, 402, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "X wants to be paid: buy credits in the developer console; cald tries again every three hours"},
};

#define CAPPED_FOR HOURS(3)

struct said {          /* by X */
    const char *words; /* all of them, to look in */
    const char *shown; /* for a person */
};

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static struct said said_by(const struct response *response, struct arena *arena)
{
    json_t *body = response_json(response, arena);
    json_t *first = json_array_get(json_member(body, "errors"), 0);
    const char *title = or_empty(json_text(body, "title")), *detail = json_text(body, "detail");
    const char *type = or_empty(json_text(body, "type")), *reason = or_empty(json_text(body, "reason"));
    const char *message = json_text(first, "message");
    if (!message)
        message = json_text(first, "detail");
    return (struct said){
        .words = arena_printf(arena, "%s %s %s %s %s code %lld ", type, title, or_empty(detail), reason,
                              or_empty(message), (long long)json_number(first, "code", 0)),
        .shown = detail    ? detail
                 : message ? message
                 : *title  ? title
                           : json_text(body, "error"),
    };
}

/* Only refusals (4xx) are told apart by words: a text of ours that comes back may hold any. */
static const struct fault *fault_of(int status, const struct said *said)
{
    return status >= 400 && status <= 499
               ? fault_find(faults, sizeof faults / sizeof *faults, said->words, status)
               : NULL;
}

bool x_is_duplicate(const struct response *response, struct arena *arena)
{
    struct said said = said_by(response, arena);
    const struct fault *fault = fault_of(response->status, &said);
    return fault && fault < faults + DUPLICATES;
}

/* 429 although requests remain: it is not the rate that was too high, but what the app may do in all. */
static bool is_capped(const struct response *response)
{
    const char *remaining = response_header(response, "x-rate-limit-remaining");
    return response->status == 429 && remaining && strspn(remaining, "0") != strlen(remaining);
}

/* What does not pass by itself is not asked for all the time. */
static void hold(struct outcome *outcome, bool capped, instant now)
{
    if (capped && outcome->at < now + CAPPED_FOR)
        outcome->at = now + CAPPED_FOR;
}

bool x_read_status(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    struct said said = said_by(response, arena);
    const struct fault *fault = fault_of(response->status, &said);
    if (fault) {
        outcome_from_faults(fault, 1, step, response, RESET_EPOCH, job->now, said.words, said.shown, arena,
                            ret_outcome);
        hold(ret_outcome, fault->kind == OUTCOME_RETRY, job->now);
        return false;
    }
    if (response->status == 401 && !x_uses_oauth1(job->account)) {
        oauth2_unauthorized(job, step, said.shown, arena, ret_outcome);
        return false;
    }
    outcome_from_status(step, response, RESET_EPOCH, job->now, said.shown, arena, ret_outcome);
    hold(ret_outcome, is_capped(response), job->now);
    if (step->kind != STEP_CREATE) /* the limits that are told are those of one endpoint */
        ret_outcome->limit_reset = 0;
    return ret_outcome->kind == OUTCOME_NEXT;
}
