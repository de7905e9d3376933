/*
 * See pinterest.h: boards by their names, which people know, while requests want their ids, and who we are. A
 * board that cald.yaml names by its id is taken as it is.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/pinterest.h"
#include "network/stage.h"
#include "network/token.h"

enum { PAGE = 250, PAGES_MOST = 20 };

const char *pinterest_board_name(const struct account *account, const struct content *content)
{
    const json_t *boards = json_member(account->options, "boards");
    for (size_t i = 0; content && i < content->category_count; i++)
        if (json_text(boards, content->categories[i]))
            return json_text(boards, content->categories[i]);
    return account_option(account, "board");
}

void pinterest_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const char *login = account_option(job->account, "login_url"),
               *redirect = account_option(job->account, "redirect_url");
    bool old = json_flag(job->account->options, "continuous_refresh", false);
    *ret_client = (struct oauth2){
        .authorize_url = login ? login : "https://www.pinterest.com/oauth/",
        .token_url = driver_url(arena, pinterest_base(job->account), "/oauth/token"),
        .client_id = account_option(job->account, "client_id"),
        .client_secret = account_secret(job->account, "client_secret"),
        .scopes = "boards:read,boards:write,pins:read,pins:write,user_accounts:read",
        .token_extra = old ? "continuous_refresh=true" : NULL,
        .redirect_url = redirect ? redirect : "http://127.0.0.1:8414/",
        .basic = true,
    };
}

/* ---- what the session knows ---- */

static const json_t *boards_of(const struct job *job, struct arena *arena)
{
    const json_t *boards = json_member(job->session, "boards");
    const char *whose = json_text(boards, "for");
    bool ours = whose && !strcmp(whose, token_fingerprint(job, pinterest_base(job->account), arena));
    return ours ? boards : NULL;
}

static const char *id_of(const json_t *boards, const char *name, struct arena *arena)
{
    const char *id = pinterest_id(name, arena);
    return id ? id : json_text(json_member(boards, "ids"), name);
}

const char *pinterest_board(const struct job *job, struct arena *arena)
{
    return id_of(boards_of(job, arena), pinterest_board_name(job->account, job->content), arena);
}

/* The first board whose id is needed and not known; for a check of the account (without a content) all are.
 */
static const char *unknown_board(const struct job *job, const json_t *boards, struct arena *arena)
{
    const char *board = pinterest_board_name(job->account, job->content), *category;
    json_t *name;
    if (!id_of(boards, board, arena))
        return board;
    if (!job->content)
        json_object_foreach(json_member(job->account->options, "boards"), category, name)
        {
            if (!id_of(boards, json_string_value(name), arena))
                return json_string_value(name);
        }
    return NULL;
}

/* ---- the list ---- */

static void list_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *bookmark = json_text(boards_of(job, arena), "next");
    *ret_step = (struct step){.kind = STEP_SESSION, .name = "boards"};
    pinterest_request(job, arena, &ret_step->request, "GET", "boards?page_size=%d%s%s", PAGE,
                      bookmark ? "&bookmark=" : "", bookmark ? driver_escape(arena, bookmark) : "");
}

static bool is_wanted(const struct account *account, const char *name)
{
    const char *category;
    json_t *one;
    if (!strcmp(account_option(account, "board"), name))
        return true;
    json_object_foreach(json_member(account->options, "boards"), category, one)
    {
        if (!strcmp(json_string_value(one), name))
            return true;
    }
    return false;
}

/* ids gets those of cald.yaml; returns the names of the list, for a person, shortened. */
static const char *read_names(const struct job *job, const json_t *items, json_t *ids, struct arena *arena)
{
    const char *names = "";
    const json_t *board;
    size_t i;
    json_array_foreach(items, i, board)
    {
        const char *name = json_text(board, "name"), *id = pinterest_id(json_text(board, "id"), arena);
        if (!name || !id)
            continue;
        if (is_wanted(job->account, name))
            json_set_text(ids, name, id);
        if (strlen(names) < 200)
            names = arena_printf(arena, "%s%s'%s'", names, *names ? ", " : "", outcome_said(name, arena));
    }
    return names;
}

static void read_boards(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena), *before = boards_of(job, arena);
    if (!pinterest_is_fine(job, step, response, arena, ret_outcome)) {
        ret_outcome->scope = ret_outcome->kind == OUTCOME_REFUSED ? SCOPE_ACCOUNT : ret_outcome->scope;
        return;
    }
    const char *next = outcome_clean_id(json_text(body, "bookmark"), arena);
    int64_t pages = json_number(before, "pages", 0) + 1;
    json_t *ids = before ? json_deep_copy(json_member(before, "ids")) : json_object();
    const char *names = read_names(job, json_member(body, "items"), ids, arena);
    json_t *boards = json_pack("{s:s, s:o}", "for",
                               token_fingerprint(job, pinterest_base(job->account), arena), "ids", ids);
    const char *unknown = unknown_board(job, boards, arena);
    if (unknown && next && pages < PAGES_MOST) {
        json_set_text(boards, "next", next);
        json_set_number(boards, "pages", pages);
    }
    if (unknown && (!next || pages >= PAGES_MOST))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: there is no board '%s'; there are %s", step->name, unknown, *names ? names : "none");
    ret_outcome->session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)job->session));
    json_set(ret_outcome->session, "boards", boards);
}

bool pinterest_login_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct oauth2 client;
    pinterest_client(job, arena, &client);
    return token_session_step(job, &client, arena, ret_step);
}

bool pinterest_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (pinterest_login_step(job, arena, ret_step))
        return true;
    if (!unknown_board(job, boards_of(job, arena), arena))
        return false;
    list_step(job, arena, ret_step);
    return true;
}

void pinterest_session_read(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (strcmp(step->name, "boards") == 0)
        read_boards(job, step, response, arena, ret_outcome);
    else
        oauth2_session_read(job, step, response, arena, ret_outcome);
}

/* ---- the live check of the credentials ---- */

void pinterest_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (pinterest_session_step(job, arena, ret_step))
        return;
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "who we are"};
    pinterest_request(job, arena, &ret_step->request, "GET", "user_account");
}

void pinterest_verified(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const char *name;
    if (step->kind != STEP_PREPARE) {
        pinterest_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    if (!pinterest_is_fine(job, step, response, arena, ret_outcome)) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        return;
    }
    name = json_text(response_json(response, arena), "username");
    outcome_set(ret_outcome, arena, name ? OUTCOME_DONE : OUTCOME_RETRY, SCOPE_ACCOUNT,
                name ? "%s, board %s" : "%sthe answer names no account",
                name ? outcome_said(name, arena) : "", pinterest_board_name(job->account, NULL));
}
