/*
 * graph_login: how a token of Meta's is got: a person agrees in a browser, the code becomes a token of an
 * hour, that becomes one of 60 days, and on Facebook that one gives the page's own, which has no end. Or a
 * person types a token in. What a token may do, and until when, is asked where the API tells (debug_token).
 */
#include <string.h>

#include "base/json.h"
#include "network/graph.h"
#include "network/login.h"

enum { PAGES_MOST = 200 };

#define FACEBOOK                                                                                             \
    .authorize_url = "https://www.facebook.com/v26.0/dialog/oauth",                                          \
    .redirect_url = "https://www.facebook.com/connect/login_success.html", .pages = true, .inspects = true

static const struct way {
    const char *network, *login; /* login: the account's option, or NULL: any */
    const char *authorize_url;
    const char *token_url;    /* unless the account says where the API is; NULL: beside the API */
    const char *scopes;       /* between commas: Threads wants them so */
    const char *more; /* asked for likewise, and not missed where publishing is all: it is for deleting */
    const char *redirect_url; /* that every app has; NULL: the account's */
    const char *grant;        /* that gives the long-lived token; NULL: Facebook's own way */
    bool pages;               /* the token of a page is what is used */
    bool inspects;            /* debug_token is there */
} ways[] = {
    {.network = "facebook", .scopes = "pages_show_list,pages_read_engagement,pages_manage_posts", FACEBOOK},
    {.network = "instagram",
     .login = "facebook",
     .scopes = "instagram_basic,instagram_content_publish,pages_show_list,pages_read_engagement",
     FACEBOOK},
    {.network = "instagram",
     .authorize_url = "https://www.instagram.com/oauth/authorize",
     .token_url = "https://api.instagram.com/oauth/access_token",
     .scopes = "instagram_business_basic,instagram_business_content_publish",
     .grant = "ig_exchange_token"},
    {.network = "threads",
     .authorize_url = "https://threads.net/oauth/authorize",
     .scopes = "threads_basic,threads_content_publish",
     .more = "threads_delete",
     .grant = "th_exchange_token",
     .inspects = true},
};

static const struct way *way_of(const struct account *account)
{
    const char *login = account_option(account, "login");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(ways[i].network, account->network->name) &&
            (!ways[i].login || (login && !strcmp(ways[i].login, login))))
            return &ways[i];
    bug("'%s' does not log in at Meta", account->network->name);
}

bool graph_has_app(const struct account *account)
{
    return account_option(account, "app_id") != NULL;
}

bool graph_check_app(const struct account *account, struct error *err)
{
    if (!graph_has_app(account))
        return true;
    if (!account_has_secret(account, "app_secret"))
        return fail(err, "'app_id' needs 'app_secret' as well");
    return way_of(account)->redirect_url || account_option(account, "redirect_url") ||
           fail(err, "'app_id' needs 'redirect_url': an https address of yours that the app's page names");
}

void graph_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const struct way *way = way_of(job->account);
    const char *redirect = account_option(job->account, "redirect_url");
    bool elsewhere = way->token_url && !account_option(job->account, "url");
    *ret_client = (struct oauth2){
        .authorize_url = way->authorize_url,
        .token_url =
            elsewhere ? way->token_url
                      : graph_address(job, arena, way->pages ? "oauth/access_token" : "/oauth/access_token"),
        .client_id = account_option(job->account, "app_id"),
        .client_secret = account_secret(job->account, "app_secret"),
        .scopes = way->more ? arena_printf(arena, "%s,%s", way->scopes, way->more) : way->scopes,
        .redirect_url = redirect ? redirect : way->redirect_url,
    };
}

/* ---- from a code's token to the one that is used ---- */

static const json_t *login_so_far(const struct job *job)
{
    return json_member(job->session, "login");
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static void ask_long(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct way *way = way_of(job->account);
    const char *token = driver_escape(arena, text_or_empty(json_text(login_so_far(job), "access_token")));
    const char *secret = driver_escape(arena, text_or_empty(account_secret(job->account, "app_secret")));
    if (way->grant)
        graph_request(job, arena, ret_request, "GET",
                      "/access_token?grant_type=%s&client_secret=%s&access_token=%s", way->grant, secret,
                      token);
    else
        graph_request(
            job, arena, ret_request, "GET",
            "oauth/"
            "access_token?grant_type=fb_exchange_token&client_id=%s&client_secret=%s&fb_exchange_token=%s",
            driver_escape(arena, text_or_empty(account_option(job->account, "app_id"))), secret, token);
}

static void refuse(struct outcome *outcome, struct arena *arena, const struct step *step, const char *why)
{
    outcome_set(outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: %s", step->name, why);
}

static void set_token(json_t *login, const struct step *step, const char *token, struct arena *arena,
                      struct outcome *outcome)
{
    const char *clean = outcome_clean_id(token, arena);
    if (clean)
        json_set_text(login, "access_token", clean);
    else
        refuse(outcome, arena, step, "the answer holds no token");
}

static void read_long(const struct job *job, const struct step *step, const json_t *answer, json_t *login,
                      struct arena *arena, struct outcome *outcome)
{
    int64_t life = json_number(answer, "expires_in", 0);
    set_token(login, step, json_text(answer, "access_token"), arena, outcome);
    json_object_del(login, "expires_at");
    if (life > 0 && life < 10 * 365 * 86400)
        json_set_number(login, "expires_at", job->now + SECONDS(life));
}

static void ask_pages(const struct job *job, struct arena *arena, struct request *ret_request)
{
    graph_request(job, arena, ret_request, "GET",
                  "me/accounts?fields=id,name,access_token,instagram_business_account&limit=%d", PAGES_MOST);
}

/* The page itself, or the one that the Instagram account belongs to. */
static bool is_wanted(const struct job *job, const json_t *page, struct arena *arena)
{
    const char *wanted = account_option(job->account, "page"), *user = account_option(job->account, "user");
    const char *id = wanted ? graph_id(page, "id", arena)
                            : graph_id(json_member(page, "instagram_business_account"), "id", arena);
    return id && !strcmp(id, wanted ? wanted : text_or_empty(user));
}

static const char *names_of(const json_t *pages, struct arena *arena)
{
    const char *names = "";
    for (size_t i = 0; i < json_array_size(pages) && i < 10; i++) {
        const json_t *page = json_array_get(pages, i);
        names = arena_printf(arena, "%s%s%s (%s)", names, *names ? ", " : "",
                             outcome_said(json_text(page, "name"), arena),
                             text_or_empty(graph_id(page, "id", arena)));
    }
    return names;
}

static void read_pages(const struct job *job, const struct step *step, const json_t *answer, json_t *login,
                       struct arena *arena, struct outcome *outcome)
{
    const json_t *pages = json_member(answer, "data");
    const char *names = names_of(pages, arena);
    json_object_del(login, "expires_at"); /* a page's token has no end */
    for (size_t i = 0; i < json_array_size(pages) && i < PAGES_MOST; i++)
        if (is_wanted(job, json_array_get(pages, i), arena)) {
            set_token(login, step, json_text(json_array_get(pages, i), "access_token"), arena, outcome);
            return;
        }
    refuse(outcome, arena, step,
           *names ? arena_printf(arena, "the page of cald.yaml is not among those that were agreed to: %s",
                                 names)
                  : "no page was agreed to");
}

/* ---- what it may do ---- */

static void ask_rights(const struct job *job, struct arena *arena, struct request *ret_request)
{
    graph_request(job, arena, ret_request, "GET", "debug_token?input_token=%s",
                  driver_escape(arena, text_or_empty(json_text(login_so_far(job), "access_token"))));
}

static void read_rights(const struct job *job, const struct step *step, const json_t *answer, json_t *login,
                        struct arena *arena, struct outcome *outcome)
{
    const json_t *data = json_member(answer, "data"), *scopes = json_member(data, "scopes");
    int64_t ends = json_number(data, "expires_at", 0);
    const char *all = "";
    (void)step, (void)outcome;
    for (size_t i = 0; i < json_array_size(scopes); i++)
        all = arena_printf(arena, "%s%s%s", all, *all ? " " : "",
                           text_or_empty(json_string_value(json_array_get(scopes, i))));
    if (json_is_array(scopes))
        json_set_text(login, "scope", all);
    if (ends > job->now / 1000 && ends < job->now / 1000 + 10 * 365 * 86400)
        json_set_number(login, "expires_at", SECONDS(ends));
}

const char *graph_missing(const struct job *job, const struct response *response, struct arena *arena)
{
    (void)response;
    return oauth2_lacks(way_of(job->account)->scopes, json_text(login_so_far(job), "scope"), arena);
}

/* ---- the steps ---- */

static bool always(const struct way *way)
{
    return way != NULL;
}

static bool has_pages(const struct way *way)
{
    return way->pages;
}

static bool can_inspect(const struct way *way)
{
    return way->inspects;
}

static const struct rung {
    const char *name; /* also of the login's member that says that it was done */
    bool of_app;      /* not for a token that was typed in */
    bool optional;    /* what it would tell may stay unknown */
    bool (*wanted)(const struct way *way);
    void (*ask)(const struct job *job, struct arena *arena, struct request *ret_request);
    void (*read)(const struct job *job, const struct step *step, const json_t *answer, json_t *login,
                 struct arena *arena, struct outcome *outcome);
} rungs[] = {
    {"long-lived token", true, false, always, ask_long, read_long},
    {"page token", true, false, has_pages, ask_pages, read_pages},
    {"permissions", false, true, can_inspect, ask_rights, read_rights},
};

static const struct rung *rung_due(const struct job *job)
{
    for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++)
        if (rungs[i].wanted(way_of(job->account)) && (!rungs[i].of_app || graph_has_app(job->account)) &&
            !json_flag(login_so_far(job), rungs[i].name, false))
            return &rungs[i];
    return NULL;
}

void graph_exchange(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct rung *rung = rung_due(job);
    *ret_step = (struct step){.kind = rung ? STEP_SESSION : STEP_DONE, .name = rung ? rung->name : "done"};
    if (rung)
        rung->ask(job, arena, &ret_step->request);
}

void graph_exchanged(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const struct rung *rung = rung_due(job);
    json_t *login = json_in_arena(arena, json_deep_copy((json_t *)(uintptr_t)login_so_far(job)));
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    if (!answer && !rung->optional)
        return;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    rung->read(job, step, answer, login, arena, ret_outcome);
    json_set_flag(login, rung->name, true);
    if (ret_outcome->kind == OUTCOME_NEXT)
        ret_outcome->session = graph_session_begin(job, login, arena);
}
