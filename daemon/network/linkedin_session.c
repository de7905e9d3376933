/*
 * See linkedin.h: who writes. A page's URN is the account's to say. A member's is asked once (GET
 * /v2/userinfo, which needs the permissions openid and profile), unless the account says it.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/linkedin.h"
#include "network/token.h"

#define LOGIN "https://www.linkedin.com/oauth/v2"

bool linkedin_is_page(const struct account *account)
{
    const char *author = account_option(account, "author");
    return author && !strncmp(author, "urn:li:organization:", strlen("urn:li:organization:"));
}

void linkedin_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const char *login = account_option(job->account, "login_url"),
               *redirect = account_option(job->account, "redirect_url");
    *ret_client = (struct oauth2){
        .authorize_url = driver_url(arena, login ? login : LOGIN, "/authorization"),
        .token_url = driver_url(arena, login ? login : LOGIN, "/accessToken"),
        .client_id = account_option(job->account, "client_id"),
        .client_secret = account_secret(job->account, "client_secret"),
        .scopes = linkedin_is_page(job->account)
                      ? "w_organization_social r_organization_social rw_organization_admin"
                      : "openid profile w_member_social",
        .redirect_url = redirect ? redirect : "http://127.0.0.1:8414/",
    };
}

/* ---- the member ---- */

static const json_t *who_of(const struct job *job, struct arena *arena)
{
    const json_t *who = json_member(job->session, "who");
    const char *whose = json_text(who, "for");
    return whose && !strcmp(whose, token_fingerprint(job, linkedin_base(job->account), arena)) ? who : NULL;
}

const char *linkedin_author(const struct job *job, struct arena *arena)
{
    const char *author = account_option(job->account, "author");
    const char *id = json_text(who_of(job, arena), "id");
    return author ? author : id ? arena_printf(arena, "urn:li:person:%s", id) : "";
}

static void who_step(const struct job *job, enum step_kind kind, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = kind, .name = "who we are"};
    ret_step->request.method = "GET";
    ret_step->request.url = driver_url(arena, linkedin_base(job->account), "/v2/userinfo");
    token_authorize(job, &ret_step->request, arena);
    request_header(&ret_step->request, arena, "Accept", "application/json");
}

/* NULL: the outcome says why. */
static json_t *read_who(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const kinds[] = {"person", NULL};
    const json_t *body = response_json(response, arena);
    const char *sub = json_text(body, "sub"), *name = json_text(body, "name");
    if (!linkedin_is_fine(job, step, response, arena, ret_outcome)) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        return NULL;
    }
    const char *urn = sub ? arena_printf(arena, "urn:li:person:%s", sub) : "";
    const char *clean = linkedin_urn(urn, kinds, arena);
    if (clean && !strcmp(clean, urn))
        return json_pack("{s:s, s:s, s:s}", "for", token_fingerprint(job, linkedin_base(job->account), arena),
                         "id", sub, "name", outcome_said(name ? name : sub, arena));
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names no member",
                step->name);
    return NULL;
}

static json_t *session_with(const struct job *job, json_t *who, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)job->session));
    json_set(session, "who", who);
    return session;
}

/* ---- steps ---- */

static bool renewal_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct oauth2 client;
    linkedin_client(job, arena, &client);
    return token_session_step(job, &client, arena, ret_step);
}

bool linkedin_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (renewal_step(job, arena, ret_step))
        return true;
    if (*linkedin_author(job, arena))
        return false;
    who_step(job, STEP_SESSION, arena, ret_step);
    return true;
}

void linkedin_session_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    if (!response || !driver_url_ends(step->request.url, "/v2/userinfo")) {
        oauth2_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    json_t *who = read_who(job, step, response, arena, ret_outcome);
    if (who)
        ret_outcome->session = session_with(job, who, arena);
}

/* ---- the live check of the credentials ---- */

void linkedin_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (renewal_step(job, arena, ret_step))
        return;
    if (!linkedin_is_page(job->account)) {
        who_step(job, STEP_PREPARE, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "who we are"};
    linkedin_request(job, arena, &ret_step->request, "GET", NULL,
                     "organizationAcls?q=roleAssignee&count=100");
}

static void verified_as(const struct job *job, const char *who, struct arena *arena,
                        struct outcome *ret_outcome)
{
    const char *ends = linkedin_version_ends(job->account, job->now, arena);
    outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s%s%s", who, ends ? "; " : "",
                ends ? ends : "");
}

/* Who may list no roles may write nevertheless: the token is good, and that is said. */
static void verified_page(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const char *page = account_option(job->account, "author");
    bool fine = linkedin_is_fine(job, step, response, arena, ret_outcome);
    const json_t *all = json_member(response_json(response, arena), "elements"), *one;
    size_t i;
    if (response->status == 403)
        verified_as(job,
                    arena_printf(arena,
                                 "%s, as far as can be seen: the app may not list roles (it lacks "
                                 "rw_organization_admin)",
                                 page),
                    arena, ret_outcome);
    if (!fine)
        return;
    json_array_foreach(all, i, one)
    {
        const char *of = json_text(one, "organization"), *role = json_text(one, "role");
        if (of && !strcmp(of, page)) {
            verified_as(job, arena_printf(arena, "%s as %s", page, outcome_said(role, arena)), arena,
                        ret_outcome);
            return;
        }
    }
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: who logged in has no role at %s",
                step->name, page);
}

void linkedin_verified(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        oauth2_session_read(job, step, response, arena, ret_outcome);
    } else if (linkedin_is_page(job->account)) {
        verified_page(job, step, response, arena, ret_outcome);
    } else {
        json_t *who = read_who(job, step, response, arena, ret_outcome);
        if (!who)
            return;
        ret_outcome->session = session_with(job, who, arena);
        verified_as(job, json_text(who, "name"), arena, ret_outcome);
    }
}
