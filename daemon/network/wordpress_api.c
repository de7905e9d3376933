/*
 * Requests to a WordPress REST API (wp/v2) and what its errors mean. Knows no stage.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/wordpress.h"

void wordpress_authorize(const struct job *job, struct arena *arena, struct request *request)
{
    const char *user = account_option(job->account, "user");
    const char *password = account_secret(job->account, "application_password");
    driver_basic(request, arena, user ? user : "", password ? password : "");
}

struct request wordpress_request(const struct job *job, struct arena *arena, const char *method,
                                 const char *path, const char *query, json_t *body)
{
    const char *root = wordpress_root(job);
    struct request request = {.method = method};
    request.url = arena_printf(arena, "%swp/v2/%s%c%s", root ? root : "", path,
                               root && strchr(root, '?') ? '&' : '?', query);
    wordpress_authorize(job, arena, &request);
    if (body)
        driver_json_body(&request, arena, body);
    return request;
}

int64_t wordpress_post(const struct job *job)
{
    return json_number(job->memo, "post", 0);
}

/* ---- errors ---- */

bool wordpress_is_error(const struct response *response, const char *code, struct arena *arena)
{
    const char *said = json_text(response_json(response, arena), "code");
    return response->status >= 400 && said && !strcmp(said, code);
}

#define PASSWORD                                                                                             \
    "the application password does not work: make a new one in the user's profile, or see that the web "     \
    "server passes the Authorization header on"
#define ROLE "the user's role does not allow it: it takes an author or higher"

static const struct fault faults[] = {
    {"rest_not_logged_in", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, PASSWORD},
    {"incorrect_password", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, PASSWORD},
    {"invalid_username", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, PASSWORD},
    {"invalid_email", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, PASSWORD},
    {"application_passwords_disabled", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the site has application passwords switched off"},
    {"rest_cannot_create", 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, PASSWORD},
    {"rest_cannot_create", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, ROLE},
    {"rest_cannot_edit", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, ROLE},
    {"rest_cannot_publish", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, ROLE},
    {"rest_forbidden", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, ROLE},
    {"rest_no_route", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the site has its REST API switched off"},
    {"rest_upload_sideload_error", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the site does not take this file"},
    {"rest_post_invalid_id", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "the draft was deleted in WordPress; a retry makes a new one"},
};

/* The draft and all that was put into it are forgotten: made anew when a person retries. */
static json_t *forget_draft(struct arena *arena)
{
    return json_in_arena(arena, json_pack("{s:n, s:n, s:n}", "post", "looked", "filled"));
}

static json_t *remember_doubt(struct arena *arena)
{
    return json_in_arena(arena, json_pack("{s:b}", "doubt", true));
}

/* What stands before WordPress (proxy, firewall, a fatal PHP error) answers with HTML. */
static bool read_foreign_error(const struct job *job, const struct step *step,
                               const struct response *response, struct arena *arena,
                               struct outcome *ret_outcome)
{
    if (outcome_from_front(step, response, job->now, arena, ret_outcome))
        return true;
    if (response->status == 404 && step->kind != STEP_SESSION) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT,
                    "%s: the REST API is no longer where it was (HTTP 404): looking for it again",
                    step->name);
        ret_outcome->session = json_in_arena(arena, json_object());
        return true;
    }
    return false;
}

static void read_error(const struct job *job, const struct step *step, const struct response *response,
                       const json_t *error, struct arena *arena, struct outcome *ret_outcome)
{
    const char *code = json_text(error, "code"), *said = json_text(error, "message");
    const struct fault *fault = fault_find(faults, sizeof faults / sizeof *faults, code, response->status);
    *ret_outcome = (struct outcome){.kind = OUTCOME_REFUSED};
    if (fault) {
        fault_tell(fault, step, response, job->now, said, arena, ret_outcome);
        if (!strcmp(code, "rest_post_invalid_id"))
            ret_outcome->memo = forget_draft(arena);
        return;
    }
    if (!code && read_foreign_error(job, step, response, arena, ret_outcome))
        return;
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, said, arena, ret_outcome);
    if (step->kind == STEP_PREPARE && response->status >= 500)
        ret_outcome->memo = remember_doubt(arena);
}

json_t *wordpress_answer(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    json_t *answer = response_json(response, arena);
    if (response->status < 200 || response->status > 299) {
        read_error(job, step, response, answer, arena, ret_outcome);
        return NULL;
    }
    if (json_is_object(answer) || json_is_array(answer))
        return answer;
    *ret_outcome = (struct outcome){.kind = OUTCOME_RETRY};
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the site answered %d without JSON: a plugin or PHP message is in the way", step->name,
                response->status);
    if (step->kind == STEP_PREPARE)
        ret_outcome->memo = remember_doubt(arena);
    return NULL;
}
