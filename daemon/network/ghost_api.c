/*
 * Requests to Ghost's Admin API and what its errors mean. Each request has a token that is made for it from
 * the Admin API key, ID:SECRET in hex, and lives five minutes (docs.ghost.org/admin-api, "Token
 * authentication").
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/ghost.h"
#include "network/jwt.h"
#include "network/outcome.h"

enum { SECRET_MOST = 64 };

/* Bytes from hex digits; what follows the first that is none is not read. */
static size_t from_hex(const char *text, unsigned char *ret_bytes, size_t most)
{
    size_t count = 0;
    for (; count < most && strspn(text, "0123456789abcdefABCDEF") >= 2; text += 2) {
        const char digits[3] = {text[0], text[1], '\0'};
        ret_bytes[count++] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return count;
}

static const char *token_of(const struct job *job, struct arena *arena)
{
    unsigned char secret[SECRET_MOST];
    const char *key = account_secret(job->account, "key");
    size_t id = key ? strcspn(key, ":") : 0;
    size_t length = key && key[id] ? from_hex(key + id + 1, secret, sizeof secret) : 0;
    long long now = job->now / 1000;
    json_t *header = json_in_arena(
        arena, json_pack("{s:s, s:s, s:s#}", "alg", "HS256", "typ", "JWT", "kid", key ? key : "", (int)id));
    char *text = json_print(header);
    arena_defer(arena, free, text);
    const char *payload =
        arena_printf(arena, "{\"iat\":%lld,\"exp\":%lld,\"aud\":\"/admin/\"}", now, now + 300);
    return jwt_hs256(text, payload, secret, length, arena);
}

struct request ghost_request(const struct job *job, struct arena *arena, const char *method, const char *path,
                             json_t *body)
{
    const char *version = account_option(job->account, "api_version");
    struct request request = {.method = method};
    request.url = driver_url(arena, account_option(job->account, "url"), "/ghost/api/admin/%s", path);
    request_header(&request, arena, "Authorization", "Ghost %s", token_of(job, arena));
    request_header(&request, arena, "Accept-Version", "%s", version ? version : "v5.0");
    if (body)
        driver_json_body(&request, arena, body);
    return request;
}

/* ---- errors ---- */

static const struct fault faults[] = {
    {"UnauthorizedError", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the Admin API key does not work: take a new one from Settings, Integrations; or this machine's clock "
     "is "
     "wrong"},
    {"NoPermissionError", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the integration may not do this"},
    {NULL, 406, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "this Ghost does not speak the API version: set 'api_version'"},
    {"NotFoundError", 404, OUTCOME_REFUSED, SCOPE_POST, false,
     "the draft was deleted in Ghost; a retry makes a new one"},
    {"UpdateCollisionError", 0, OUTCOME_RETRY, SCOPE_POST, false, "the draft was changed since we saw it"},
};

static const json_t *error_of(const struct response *response, struct arena *arena)
{
    return json_array_get(json_member(response_json(response, arena), "errors"), 0);
}

bool ghost_is_missing(const struct response *response, struct arena *arena)
{
    return response->status == 404 && json_text(error_of(response, arena), "type");
}

static const char *words_of(const json_t *error, struct arena *arena)
{
    const char *message = json_text(error, "message"), *context = json_text(error, "context");
    return message && context ? arena_printf(arena, "%s (%s)", message, context) : message;
}

static void read_error(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *error = error_of(response, arena);
    const char *type = json_text(error, "type");
    const struct fault *fault =
        fault_find(faults, sizeof faults / sizeof *faults, type ? type : "", response->status);
    if (fault) {
        fault_tell(fault, step, response, job->now, words_of(error, arena), arena, ret_outcome);
    } else if (!type && response->status == 404) {
        *ret_outcome = (struct outcome){0};
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: no Ghost Admin API at '%s' (HTTP 404): is that the admin address?", step->name,
                    account_option(job->account, "url"));
    } else if (!outcome_from_front(step, response, job->now, arena, ret_outcome)) {
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, words_of(error, arena), arena,
                            ret_outcome);
    }
    if (type && response->status == 404)
        ret_outcome->memo =
            json_in_arena(arena, json_pack("{s:n, s:n, s:n, s:n}", "post", "updated", "looked", "filled"));
    else if (step->kind == STEP_PREPARE) /* made or changed all the same, perhaps: look again */
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:n, s:b}", "updated", "doubt", true));
}

json_t *ghost_answer(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    json_t *answer = response_json(response, arena);
    if (response->status < 200 || response->status > 299) {
        read_error(job, step, response, arena, ret_outcome);
        return NULL;
    }
    if (json_is_object(answer) || response->status == 204)
        return answer ? answer : json_in_arena(arena, json_object());
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: answered %d without JSON", step->name, response->status);
    if (step->kind == STEP_PREPARE)
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:n, s:b}", "updated", "doubt", true));
    return NULL;
}

json_t *ghost_post(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    json_t *answer = ghost_answer(job, step, response, arena, ret_outcome);
    json_t *post = json_array_get(json_member(answer, "posts"), 0);
    if (!answer || (outcome_clean_id(json_text(post, "id"), arena) && json_text(post, "status")))
        return post;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the answer names no post", step->name);
    return NULL;
}
