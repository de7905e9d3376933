/*
 * Where a site's REST API is and who we are there.
 *
 * With pretty permalinks the API is at /wp-json/, on every site also at /?rest_route=/. What is found is
 * kept in the session; a session of another address or password is not used.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/wordpress.h"

static const char *site(const struct job *job)
{
    const char *url = account_option(job->account, "url");
    return url ? url : "";
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    return driver_fingerprint(site(job), account_secret(job->account, "application_password"), arena);
}

/* The session, or NULL when it is another one's. */
static const json_t *session_of(const struct job *job)
{
    struct arena *arena = arena_new();
    const char *made_for = json_text(job->session, "for");
    bool ours = made_for && !strcmp(made_for, fingerprint(job, arena));
    arena_free(arena);
    return ours ? job->session : NULL;
}

const char *wordpress_root(const struct job *job)
{
    return json_text(session_of(job), "root");
}

bool wordpress_is_root_unknown(const struct job *job)
{
    return !wordpress_root(job) && !json_flag(session_of(job), "fallback", false);
}

bool wordpress_is_fallback_due(const struct job *job)
{
    return !wordpress_root(job);
}

bool wordpress_is_user_unknown(const struct job *job)
{
    return !json_text(session_of(job), "user");
}

static const char *candidate(const struct job *job, struct arena *arena)
{
    return driver_url(arena, site(job), "%s",
                      wordpress_is_root_unknown(job) ? "/wp-json/" : "/?rest_route=/");
}

void wordpress_ask_root(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *root = candidate(job, arena);
    *ret_request = (struct request){
        .method = "GET",
        .url = arena_printf(arena, "%s%c_fields=name,namespaces", root, strchr(root, '?') ? '&' : '?'),
    };
    wordpress_authorize(job, arena, ret_request);
}

static bool has_namespace(const json_t *index)
{
    const json_t *list = json_member(index, "namespaces");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name && !strcmp(name, "wp/v2"))
            return true;
    }
    return false;
}

static void not_here(const struct job *job, const struct step *step, struct arena *arena,
                     struct outcome *ret_outcome)
{
    if (wordpress_is_root_unknown(job)) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        ret_outcome->session =
            json_in_arena(arena, json_pack("{s:s, s:b}", "for", fingerprint(job, arena), "fallback", true));
        return;
    }
    *ret_outcome = (struct outcome){.session = json_in_arena(arena, json_object())};
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                "%s: no WordPress REST API at '%s': is the address right, and the API switched on?",
                step->name, site(job));
}

void wordpress_read_root(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *index = response_json(response, arena);
    if (response->status == 200 && has_namespace(index)) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        ret_outcome->session = json_in_arena(
            arena, json_pack("{s:s, s:s}", "for", fingerprint(job, arena), "root", candidate(job, arena)));
    } else if (response->status == 200 || response->status == 404) {
        not_here(job, step, arena, ret_outcome);
    } else {
        wordpress_answer(job, step, response, arena, ret_outcome);
    }
}

void wordpress_ask_user(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = wordpress_request(job, arena, "GET", "users/me",
                                     "context=edit&_fields=id,name,slug,capabilities", NULL);
}

/* A super admin of a multisite has every capability and none of them listed. */
static const char *missing_capability(const json_t *user)
{
    static const char *const needed[] = {"edit_posts", "publish_posts", "upload_files"};
    const json_t *has = json_member(user, "capabilities");
    for (size_t i = 0; json_object_size(has) && i < sizeof needed / sizeof *needed; i++)
        if (!json_flag(has, needed[i], false))
            return needed[i];
    return NULL;
}

void wordpress_read_user(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *user = wordpress_answer(job, step, response, arena, ret_outcome);
    if (!user)
        return;
    const char *missing = missing_capability(user), *name = json_text(user, "name");
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (missing) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: the user '%s' lacks the capability %s: it takes an author or higher", step->name,
                    account_option(job->account, "user"), missing);
        return;
    }
    ret_outcome->session = json_in_arena(
        arena, json_pack("{s:s, s:s, s:s}", "for", fingerprint(job, arena), "root",
                         wordpress_root(job) ? wordpress_root(job) : "", "user", name ? name : ""));
}
