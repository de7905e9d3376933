/*
 * See tumblr.h: who asks, and what an answer means ({"meta": {"status", "msg"}, "response", "errors":
 * [{"title", "code", "detail"}]}). OAuth 2 with refresh tokens that are given anew each time, or OAuth 1.0a,
 * whose tokens do not end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth1.h"
#include "network/oauth2.h"
#include "network/tumblr.h"

#define API "https://api.tumblr.com"
#define DAY_LIMIT_AGAIN HOURS(3) /* a day of their servers' clocks, whose zone is not said */

static const char *base_of(const struct account *account)
{
    const char *url = account_option(account, "url");
    return url ? url : API;
}

bool tumblr_uses_oauth1(const struct account *account)
{
    return account_has_secret(account, "access_token");
}

void tumblr_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const char *login = account_option(job->account, "login_url"),
               *redirect = account_option(job->account, "redirect_url");
    *ret_client = (struct oauth2){
        .authorize_url = login ? login : "https://www.tumblr.com/oauth2/authorize",
        .token_url = driver_url(arena, base_of(job->account), "/v2/oauth2/token"),
        .client_id = account_option(job->account, "consumer_key"),
        .client_secret = account_secret(job->account, "consumer_secret"),
        .scopes = "basic write offline_access",
        .redirect_url = redirect ? redirect : "http://127.0.0.1:8414/",
    };
}

bool tumblr_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct oauth2 client;
    if (tumblr_uses_oauth1(job->account))
        return false;
    tumblr_client(job, arena, &client);
    return oauth2_session_step(job, &client, arena, ret_step);
}

/* ---- requests ---- */

void tumblr_request(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind,
                    const char *name, const char *method, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *path = arena_vprintf(arena, format, args);
    va_end(args);
    *step = (struct step){.kind = kind, .name = name};
    step->request.method = method;
    step->request.url = driver_url(arena, base_of(job->account), "/v2/%s", path);
    request_header(&step->request, arena, "Accept", "application/json");
}

void tumblr_sign(const struct job *job, struct arena *arena, struct step *step)
{
    if (tumblr_uses_oauth1(job->account))
        oauth1_sign_account(job, step, arena);
    else
        oauth2_authorize(job, &step->request, arena);
}

/* ---- names ---- */

const char *tumblr_blog(const struct account *account, struct arena *arena)
{
    static const char domain[] = ".tumblr.com";
    const char *blog = account_option(account, "blog");
    size_t length = strlen(blog), end = strlen(domain);
    bool below = length > end && !strcmp(blog + length - end, domain);
    return arena_strndup(arena, blog, below ? length - end : length);
}

const char *tumblr_id(const json_t *post, struct arena *arena)
{
    static const char *const names[] = {"id_string", "id"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *id = json_text(post, names[i]);
        size_t length = id ? strlen(id) : 0;
        if (length && length <= 20 && strspn(id, "0123456789") == length)
            return arena_strdup(arena, id);
        if (json_number(post, names[i], 0) > 0)
            return arena_printf(arena, "%lld", (long long)json_number(post, names[i], 0));
    }
    return NULL;
}

/* ---- errors ---- */

static const struct fault faults[] = {
    {"8023", 403, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "the blog has published as much as it may in a day; cald tries again every three hours"},
    {"8004", 403, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "as many images were uploaded as may be in a day; cald tries again every three hours"},
    {"8011", 403, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "as many videos were uploaded as may be in a day; cald tries again every three hours"},
    {"8010", 403, OUTCOME_RETRY, SCOPE_POST, false, "Tumblr is still at work on a video"},
    {"8022", 403, OUTCOME_REFUSED, SCOPE_POST, false, "the blog's queue is full"},
    {"8008", 403, OUTCOME_REFUSED, SCOPE_POST, false, "Tumblr takes no video in what continues a thread"},
    {"8005", 400, OUTCOME_REFUSED, SCOPE_POST, false, "Tumblr does not take a file's format"},
    {"8001", 400, OUTCOME_REFUSED, SCOPE_POST, false, "Tumblr does not take the post"},
    {"8002", 400, OUTCOME_REFUSED, SCOPE_POST, false, "the part before it cannot be continued"},
    {NULL, 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "Tumblr forbids it: who logged in may not write to this blog"},
    {NULL, 404, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "there is no such blog: correct 'blog'"},
};

/* Seconds until the limit that is used up is lifted; 0: neither is, or nothing is said. */
static int64_t limited_for(const struct response *response)
{
    static const char *const limits[][2] = {{"x-ratelimit-perday-remaining", "x-ratelimit-perday-reset"},
                                            {"x-ratelimit-perhour-remaining", "x-ratelimit-perhour-reset"}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const char *remaining = response_header(response, limits[i][0]),
                   *reset = response_header(response, limits[i][1]);
        if (remaining && !strcmp(remaining, "0") && reset && *reset &&
            strspn(reset, "0123456789") == strlen(reset))
            return strtoll(reset, NULL, 10);
    }
    return 0;
}

/* When to come back from what does not pass at once. */
static void put_off(const struct job *job, const struct response *response, const char *code,
                    struct outcome *outcome)
{
    int64_t seconds = limited_for(response);
    if (outcome->kind == OUTCOME_NEXT && seconds)
        outcome->limit_reset = outcome_after(job->now, (double)SECONDS(1) * (double)seconds);
    if (outcome->kind != OUTCOME_RETRY || outcome->at)
        return;
    if (response->status == 429)
        outcome->at =
            seconds ? outcome_after(job->now, (double)SECONDS(1) * (double)seconds) : job->now + HOURS(1);
    else if (response->status == 403)
        outcome->at = job->now + (strcmp(code, "8010") ? DAY_LIMIT_AGAIN : MINUTES(5));
}

static void read_unauthorized(const struct job *job, const struct step *step, const char *said,
                              struct arena *arena, struct outcome *ret_outcome)
{
    if (!tumblr_uses_oauth1(job->account)) {
        oauth2_unauthorized(job, step, said, arena, ret_outcome);
        return;
    }
    *ret_outcome = (struct outcome){.reconnect = true};
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                "%s: Tumblr does not take the four values of OAuth 1.0a: make them anew (HTTP 401)",
                step->name);
}

const json_t *tumblr_answer(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const json_t *error = json_array_get(json_member(body, "errors"), 0);
    const char *title = json_text(error, "title"), *detail = json_text(error, "detail");
    const char *code = arena_printf(arena, "%lld", (long long)json_number(error, "code", 0));
    const char *said = detail ? detail : title ? title : json_text(json_member(body, "meta"), "msg");
    bool refused = response->status >= 400 && response->status <= 499;
    if (response->status == 401) {
        read_unauthorized(job, step, said, arena, ret_outcome);
        return NULL;
    }
    outcome_from_faults(faults, refused ? sizeof faults / sizeof *faults : 0, step, response,
                        RESET_RETRY_AFTER, job->now, code, said ? said : "", arena, ret_outcome);
    put_off(job, response, code, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return NULL;
    const json_t *answer = json_member(body, "response");
    if (!json_is_object(answer))
        outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY,
                    SCOPE_POST, "%s: the answer is not as expected", step->name);
    return json_is_object(answer) ? answer : NULL;
}
