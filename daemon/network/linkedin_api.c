/*
 * See linkedin.h: requests to the versioned API, and what its errors mean ({"status", "code", "message",
 * "serviceErrorCode"}). Which words LinkedIn uses where is known from its documentation and from reports, so
 * the table goes by words.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/linkedin.h"
#include "network/token.h"

#define API "https://api.linkedin.com"
#define VERSION "202609"

/* ---- requests ---- */

const char *linkedin_base(const struct account *account)
{
    const char *url = account_option(account, "url");
    return url ? url : API;
}

static const char *version_of(const struct account *account)
{
    const char *version = account_option(account, "version");
    return version ? version : VERSION;
}

void linkedin_request(const struct job *job, struct arena *arena, struct request *ret_request,
                      const char *method, json_t *body, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *path = arena_vprintf(arena, format, args);
    va_end(args);
    *ret_request = (struct request){.method = method};
    ret_request->url = driver_url(arena, linkedin_base(job->account), "/rest/%s", path);
    token_authorize(job, ret_request, arena);
    request_header(ret_request, arena, "LinkedIn-Version", "%s", version_of(job->account));
    request_header(ret_request, arena, "X-Restli-Protocol-Version", "2.0.0");
    request_header(ret_request, arena, "Accept", "application/json");
    if (body)
        driver_json_body(ret_request, arena, body);
}

/* ---- the version ---- */

bool linkedin_version_parse(const char *text, instant *ret_begins)
{
    if (strlen(text) != 6 || strspn(text, "0123456789") != 6)
        return false;
    long number = strtol(text, NULL, 10), year = number / 100, month = number % 100;
    if (year < 2022 || year > 2099 || month < 1 || month > 12)
        return false;
    *ret_begins = DAYS(civil_to_days(year, (unsigned)month, 1));
    return true;
}

instant linkedin_ends(const struct account *account, struct arena *arena, const char **ret_what)
{
    const char *version = version_of(account);
    unsigned month, day;
    int64_t year;
    instant begins;
    if (!linkedin_version_parse(version, &begins))
        return 0;
    days_to_civil(begins / DAYS(1), &year, &month, &day);
    *ret_what = arena_printf(
        arena,
        "LinkedIn keeps version %s of its API until about %04lld-%02u, then it refuses everything: "
        "write a newer one as 'version' (YYYYMM)",
        version, (long long)year + 1, month);
    return DAYS(civil_to_days(year + 1, month, 1));
}

const char *linkedin_version_ends(const struct account *account, instant now, struct arena *arena)
{
    const char *what = NULL;
    instant ends = linkedin_ends(account, arena, &what);
    return ends && now >= ends - ENDING_TOLD ? what : NULL;
}

/* ---- what was said ---- */

static const char *words_of(const json_t *body, struct arena *arena)
{
    const char *code = json_text(body, "code"), *message = json_text(body, "message");
    if (!code && !message)
        return json_text(body, "error_description");
    return arena_printf(arena, "%s%s%s", code ? code : "", code && message ? ": " : "",
                        message ? message : "");
}

const char *linkedin_urn(const char *text, const char *const *kinds, struct arena *arena)
{
    static const char start[] = "urn:li:",
                      letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (!text || strncmp(text, start, strlen(start)) != 0)
        return NULL;
    for (const char *kind = text + strlen(start); *kinds; kinds++) {
        size_t length = strlen(*kinds);
        const char *id = kind + length + 1;
        if (strncmp(kind, *kinds, length) != 0 || kind[length] != ':')
            continue;
        size_t size = strspn(id, letters);
        return size && size <= 100 ? arena_strndup(arena, text, (size_t)(id - text) + size) : NULL;
    }
    return NULL;
}

const char *linkedin_post_urn(const char *text, struct arena *arena)
{
    static const char *const kinds[] = {"share", "ugcPost", NULL};
    return linkedin_urn(text, kinds, arena);
}

bool linkedin_is_duplicate(const struct response *response, struct arena *arena, const char **ret_urn)
{
    const char *words = words_of(response_json(response, arena), arena);
    bool status = response->status == 422 || response->status == 409 || response->status == 400;
    *ret_urn = NULL;
    if (!status || !words || !strcasestr(words, "duplicate"))
        return false;
    for (const char *at = strstr(words, "urn:li:"); at && !*ret_urn; at = strstr(at + 1, "urn:li:"))
        *ret_urn = linkedin_post_urn(at, arena);
    return true;
}

/* ---- what it means ---- */

static const struct fault faults[] = {
    {NULL, 426, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "LinkedIn does not answer this version of its API any more: write a newer one as 'version' (YYYYMM)"},
    {"*NONEXISTENT_VERSION", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "LinkedIn does not answer this version of its API any more: write a newer one as 'version' (YYYYMM)"},
    {"*VERSION_MISSING", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "LinkedIn does not know this version of its API: correct 'version' (YYYYMM)"},
    {"*FIELD_LENGTH_TOO_LONG", 0, OUTCOME_REFUSED, SCOPE_POST, false, "something is too long for LinkedIn"},
    {"*duplicate", 422, OUTCOME_REFUSED, SCOPE_POST, false,
     "LinkedIn has the same post already: change it, or publish it later"},
    {"*duplicate", 409, OUTCOME_REFUSED, SCOPE_POST, false,
     "LinkedIn has the same post already: change it, or publish it later"},
    {"*duplicate", 400, OUTCOME_REFUSED, SCOPE_POST, false,
     "LinkedIn has the same post already: change it, or publish it later"},
    {NULL, 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "LinkedIn forbids it: the app lacks a product or permission (w_member_social, w_organization_social), "
     "or "
     "the member has no role at the page"},
    {NULL, 400, OUTCOME_REFUSED, SCOPE_POST, false, "LinkedIn does not take it"},
    {NULL, 422, OUTCOME_REFUSED, SCOPE_POST, false, "LinkedIn does not take it"},
};

/* Of what was uploaded before; a failure of it is no delay. */
static bool is_not_ready(const struct job *job, int status, const char *words)
{
    bool refused = status == 400 || status == 422 || status == 409;
    return refused && words && job->content && job->content->parts[0].media_count &&
           !strcasestr(words, "PROCESSING_FAILED") &&
           (strcasestr(words, "processing") || strcasestr(words, "waiting"));
}

/* Limits are per day of UTC, and no header says so; what is short-lived is named by its words. */
static instant limit_until(const char *words, instant now)
{
    bool passing = words && (strcasestr(words, "throttl") || strcasestr(words, "infrastructure"));
    instant midnight = (now / DAYS(1) + 1) * DAYS(1);
    return passing ? now + MINUTES(2) : midnight + MINUTES(1);
}

/* 403 is now and then said in passing: it counts from the second time on. */
static bool is_passing(const struct job *job, const struct step *step, int status)
{
    return status == 403 && step->kind != STEP_SESSION && !json_flag(job->memo, "forbidden", false);
}

bool linkedin_is_fine(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *words = words_of(response_json(response, arena), arena);
    int status = response->status;
    if (status == 401) {
        token_unauthorized(job, step, words, arena, ret_outcome);
        return false;
    }
    bool refused = status >= 400 && status <= 499;
    outcome_from_faults(faults, refused ? sizeof faults / sizeof *faults : 0, step, response,
                        RESET_RETRY_AFTER, job->now, words, words, arena, ret_outcome);
    if (status == 429 && !ret_outcome->at) {
        ret_outcome->at = limit_until(words, job->now);
    } else if (is_not_ready(job, status, words)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: LinkedIn is still processing what was uploaded", step->name);
        ret_outcome->at = job->now + SECONDS(10);
    } else if (is_passing(job, step, status)) {
        ret_outcome->kind = OUTCOME_RETRY;
        ret_outcome->scope = SCOPE_POST;
        ret_outcome->at = job->now + MINUTES(1);
        json_set_flag(outcome_memo(ret_outcome, arena), "forbidden", true);
    }
    return ret_outcome->kind == OUTCOME_NEXT;
}
