/*
 * graph: see graph.h. Requests, and what every answer has: errors as HTTP 400 with codes of theirs, usage in
 * headers. The token goes into the Authorization header, never into a body, which is kept.
 */
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "network/graph.h"

/* The same API behind two logins. */
#define INSTAGRAM_PUBLISHES                                                                                  \
    .containers = "media", .publish = "media_publish", .status = "status_code", .detail = "status",          \
    .text = "caption", .quota = "content_publishing_limit", .list = "media"

static const struct graph graphs[] = {
    {.network = "facebook",
     .url = "https://graph.facebook.com",
     .version = "v26.0",
     .me = "id,name",
     .id = "id",
     .name = "name"},
    {.network = "instagram",
     .login = "facebook",
     .url = "https://graph.facebook.com",
     .version = "v26.0",
     .me = "id,username",
     .id = "id",
     .name = "username",
     INSTAGRAM_PUBLISHES},
    {.network = "instagram",
     .url = "https://graph.instagram.com",
     .version = "v26.0",
     .me = "user_id,username",
     .id = "user_id",
     .name = "username",
     .refresh = "ig_refresh_token",
     INSTAGRAM_PUBLISHES},
    {.network = "threads",
     .url = "https://graph.threads.net",
     .version = "v1.0",
     .me = "id,username",
     .id = "id",
     .name = "username",
     .refresh = "th_refresh_token",
     .containers = "threads",
     .publish = "threads_publish",
     .status = "status",
     .detail = "error_message",
     .text = "text",
     .quota = "threads_publishing_limit",
     .list = "threads"},
};

const struct graph *graph_of(const struct account *account)
{
    const char *login = account_option(account, "login");
    for (size_t i = 0; i < sizeof graphs / sizeof *graphs; i++)
        if (!strcmp(graphs[i].network, account->network->name) &&
            (!graphs[i].login || (login && !strcmp(graphs[i].login, login))))
            return &graphs[i];
    bug("'%s' does not speak the Graph API", account->network->name);
}

const char *graph_user(const struct job *job)
{
    static const char *const options[] = {"page", "user"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (account_option(job->account, options[i]))
            return account_option(job->account, options[i]);
    const char *learned = json_text(graph_session(job), "id");
    return learned ? learned : "me";
}

/* ---- requests ---- */

/* A login that is under way has its own. */
static const char *token(const struct job *job)
{
    const char *begun = json_text(json_member(job->session, "login"), "access_token");
    const char *renewed = json_text(graph_session(job), "token");
    const char *given = account_secret(job->account, "token");
    return begun ? begun : renewed ? renewed : given ? given : "";
}

/* appsecret_proof: the token signed with the app's secret. */
static const char *proof(const struct job *job, struct arena *arena)
{
    uint8_t digest[HMAC_SHA256_BYTES];
    const char *secret = account_secret(job->account, "app_secret"), *text = token(job);
    char hex[2 * HMAC_SHA256_BYTES + 1];
    if (!secret)
        return NULL;
    hmac_sha256(secret, strlen(secret), text, strlen(text), digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return arena_strdup(arena, hex);
}

static const char *option_or(const struct job *job, const char *name, const char *usual)
{
    const char *given = account_option(job->account, name);
    return given ? given : usual;
}

/* A path that begins with '/' has no version before it: tokens. */
const char *graph_address(const struct job *job, struct arena *arena, const char *path)
{
    const struct graph *graph = graph_of(job->account);
    const char *version =
        *path == '/' ? "" : arena_printf(arena, "/%s/", option_or(job, "version", graph->version));
    return driver_url(arena, option_or(job, "url", graph->url), "%s%s", version, path);
}

void graph_request(const struct job *job, struct arena *arena, struct request *ret_request,
                   const char *method, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *path = arena_vprintf(arena, format, args), *signature = proof(job, arena);
    const char *url = graph_address(job, arena, path);
    va_end(args);
    if (signature)
        url = arena_printf(arena, "%s%cappsecret_proof=%s", url, strchr(url, '?') ? '&' : '?', signature);
    *ret_request = (struct request){.method = method, .url = url};
    request_header(ret_request, arena, "Accept", "application/json");
    request_header(ret_request, arena, "Authorization", "Bearer %s", token(job));
}

/* ---- usage ---- */

struct usage {
    int64_t percent, minutes; /* the highest; minutes until access is regained, as far as said */
};

static void read_counts(const json_t *counts, struct usage *usage)
{
    static const char *const names[] = {"call_count", "total_time", "total_cputime"};
    int64_t minutes = json_number(counts, "estimated_time_to_regain_access", 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_number(counts, names[i], 0) > usage->percent)
            usage->percent = json_number(counts, names[i], 0);
    if (minutes > usage->minutes)
        usage->minutes = minutes;
}

static struct usage usage_of(const struct response *response, struct arena *arena)
{
    static const char *const names[] = {"x-app-usage", "x-page-usage", "x-business-use-case-usage"};
    struct usage usage = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = response_header(response, names[i]), *whose;
        json_t *value = text ? json_in_arena(arena, json_parse(text, strlen(text), NULL)) : NULL, *list, *one;
        size_t k;
        read_counts(value, &usage);
        json_object_foreach(value, whose, list) json_array_foreach(list, k, one) read_counts(one, &usage);
    }
    return usage;
}

/* What they call their estimate; else an hour, for it is a rolling one. Never more than a day. */
static instant regained(const struct usage *usage, instant now)
{
    int64_t minutes = usage->minutes < 1 ? 60 : usage->minutes > 24 * 60 ? 24 * 60 : usage->minutes;
    return now + MINUTES(minutes);
}

static void heed_usage(const struct usage *usage, instant now, struct outcome *outcome)
{
    if (usage->percent >= 100)
        outcome->limit_reset = regained(usage, now);
    else if (usage->percent >= 95)
        outcome->limit_reset = now + MINUTES(1);
    else if (usage->percent >= 80)
        outcome->limit_reset = now + SECONDS(10);
    outcome->limit_remaining = 0;
}

/* ---- errors ---- */

static const char *said_of(const json_t *error)
{
    const char *user = json_text(error, "error_user_msg"), *message = json_text(error, "message");
    return user && *user ? user : message;
}

static const struct meaning {
    enum outcome_kind kind;
    enum scope scope;
    duration wait; /* 0: as they say, else by our own patience */
} meanings[] = {
    [GRAPH_TRANSIENT] = {OUTCOME_RETRY, SCOPE_POST, MINUTES(1)},
    [GRAPH_THROTTLED] = {OUTCOME_RETRY, SCOPE_ACCOUNT, 0},
    [GRAPH_APP_THROTTLED] = {OUTCOME_RETRY, SCOPE_NETWORK, 0},
    [GRAPH_QUOTA] = {OUTCOME_RETRY, SCOPE_ACCOUNT, HOURS(1)},
    [GRAPH_TOO_FAST] = {OUTCOME_RETRY, SCOPE_ACCOUNT, HOURS(1)},
    [GRAPH_BLOCKED] = {OUTCOME_RETRY, SCOPE_ACCOUNT, HOURS(6)},
    [GRAPH_OPERATOR] = {OUTCOME_REFUSED, SCOPE_ACCOUNT, 0},
    [GRAPH_LOGIN] = {OUTCOME_REFUSED, SCOPE_ACCOUNT, 0},
    [GRAPH_REFUSED] = {OUTCOME_REFUSED, SCOPE_POST, 0},
    [GRAPH_DUPLICATE] = {OUTCOME_REFUSED, SCOPE_POST, 0},
    [GRAPH_NOT_READY] = {OUTCOME_RETRY, SCOPE_POST, SECONDS(30)},
    [GRAPH_MISSING] = {OUTCOME_RETRY, SCOPE_POST, SECONDS(40)},
    [GRAPH_REMAKE] = {OUTCOME_RETRY, SCOPE_POST, SECONDS(30)},
    [GRAPH_UNREACHABLE] = {OUTCOME_RETRY, SCOPE_POST, SECONDS(30)},
};

static void read_error(const struct job *job, const struct step *step, const struct response *response,
                       const json_t *error, struct arena *arena, struct outcome *ret_outcome)
{
    struct graph_error known = graph_error_of(error);
    const struct meaning *meaning = &meanings[known.trouble];
    struct usage usage = usage_of(response, arena);
    const char *said = outcome_said(said_of(error), arena);
    int64_t code = json_number(error, "code", 0), subcode = json_number(error, "error_subcode", 0);
    bool throttled = known.trouble == GRAPH_THROTTLED || known.trouble == GRAPH_APP_THROTTLED;
    *ret_outcome = (struct outcome){.reconnect = known.trouble == GRAPH_LOGIN};
    outcome_set(ret_outcome, arena, meaning->kind, meaning->scope, "%s: %s (error %lld/%lld)%s%s", step->name,
                known.advice, (long long)code, (long long)subcode, *said ? ": " : "", said);
    ret_outcome->at = throttled ? regained(&usage, job->now) : meaning->wait ? job->now + meaning->wait : 0;
    if (known.trouble == GRAPH_TRANSIENT && step->kind == STEP_CREATE) {
        ret_outcome->kind = OUTCOME_UNSURE;
        ret_outcome->at = 0;
    }
    if (step->kind == STEP_SESSION && meaning->kind == OUTCOME_REFUSED)
        ret_outcome->scope = SCOPE_ACCOUNT;
}

json_t *graph_answer(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    const json_t *error = json_member(body, "error");
    struct usage usage = usage_of(response, arena);
    if (graph_trouble(response, arena) > GRAPH_UNKNOWN)
        read_error(job, step, response, error, arena, ret_outcome);
    else
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, said_of(error), arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_RETRY)
        heed_usage(&usage, job->now, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return NULL;
    if (json_is_object(body))
        return body;
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the answer is not as expected", step->name);
    return NULL;
}

const char *graph_id(const json_t *object, const char *member, struct arena *arena)
{
    const json_t *value = json_member(object, member);
    if (json_is_integer(value))
        return arena_printf(arena, "%lld", (long long)json_integer_value(value));
    return outcome_clean_id(json_text(object, member), arena);
}

/* ---- texts ---- */

bool graph_time(const char *text, instant *ret_at)
{
    char copy[40];
    size_t length = text ? strlen(text) : 0;
    if (length < 6 || length >= sizeof copy - 1)
        return false;
    memcpy(copy, text, length + 1);
    if ((copy[length - 5] == '+' || copy[length - 5] == '-')) { /* "+0000" → "+00:00" */
        memmove(copy + length - 1, copy + length - 2, 3);
        copy[length - 2] = ':';
    }
    return instant_parse(copy, ret_at);
}
