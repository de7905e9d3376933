/*
 * graph_session: who we are, asked daily, so that a dead token is told before a slot; and the renewal of
 * tokens that live 60 days (Instagram login, Threads): weekly, and once a day after they were first seen,
 * since they must be a day old. The new token is on disk (publish/session.h) before anything else of the
 * account is done.
 */
#include <string.h>

#include "base/json.h"
#include "network/graph.h"

#define RENEW_FIRST HOURS(25)
#define RENEW_EVERY DAYS(7)

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const struct graph *graph = graph_of(job->account);
    const char *url = account_option(job->account, "url");
    const char *begun = json_text(json_member(job->session, "login"), "access_token"); /* a login under way */
    return driver_fingerprint(arena_printf(arena, "%s %s", url ? url : graph->url, graph->me),
                              begun ? begun : account_secret(job->account, "token"), arena);
}

json_t *graph_session_begin(const struct job *job, json_t *login, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_object());
    struct job then = *job;
    json_object_set(session, "login", login);
    then.session = session;
    json_set_text(session, "for", fingerprint(&then, arena));
    json_set_number(session, "seen_at", job->now);
    if (graph_has_app(job->account))
        json_set_number(session, "refreshed_at", job->now);
    if (json_number(login, "expires_at", 0))
        json_set_number(session, "expires_at", json_number(login, "expires_at", 0));
    return session;
}

const json_t *graph_session(const struct job *job)
{
    struct arena *arena = arena_new();
    const char *whose = json_text(job->session, "for");
    bool ours = whose && !strcmp(whose, fingerprint(job, arena));
    arena_free(arena);
    return ours ? job->session : NULL;
}

static bool at_slot(const struct job *job)
{
    return job->now >= job->slot - MINUTES(1);
}

static json_t *changed(const struct job *job, struct arena *arena)
{
    const json_t *session = graph_session(job);
    json_t *copy =
        json_in_arena(arena, session ? json_deep_copy((json_t *)(uintptr_t)session) : json_object());
    json_set_text(copy, "for", fingerprint(job, arena));
    return copy;
}

/* ---- who we are ---- */

static bool is_unknown(const struct job *job)
{
    int64_t read_at = json_number(graph_session(job), "read_at", 0);
    return !read_at || job->now < read_at - MINUTES(5) || job->now >= read_at + HOURS(at_slot(job) ? 25 : 23);
}

static void ask_who(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *page = account_option(job->account, "page"), *user = account_option(job->account, "user");
    const struct graph *graph = graph_of(job->account);
    const char *whom = page ? page : user && !graph->refresh ? user : "me";
    graph_request(job, arena, ret_request, "GET", "%s?fields=%s", driver_escape(arena, whom), graph->me);
}

static void read_who(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const struct graph *graph = graph_of(job->account);
    const json_t *who = graph_answer(job, step, response, arena, ret_outcome);
    const char *id = who ? graph_id(who, graph->id, arena) : NULL;
    if (!who)
        return;
    if (!id) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names no account",
                    step->name);
        return;
    }
    json_t *session = ret_outcome->session = changed(job, arena);
    json_set_text(session, "id", id);
    json_set_text(session, "name", outcome_said(json_text(who, graph->name), arena));
    json_set_number(session, "read_at", job->now);
    if (!json_number(session, "seen_at", 0))
        json_set_number(session, "seen_at", job->now);
}

/* ---- a new token ---- */

instant graph_ends(const struct job *job)
{
    return json_number(graph_session(job), "expires_at", 0);
}

/* A token that was never seen is looked at first: how old it is nobody says. */
instant graph_renewal(const struct job *job)
{
    const json_t *session = graph_session(job);
    int64_t seen = json_number(session, "seen_at", 0), renewed = json_number(session, "refreshed_at", 0);
    instant tried = json_number(session, "refresh_tried", 0);
    instant due = renewed ? renewed + RENEW_EVERY : seen ? seen + RENEW_FIRST : 0;
    if (!graph_of(job->account)->refresh)
        return INSTANT_NEVER;
    return tried && due < tried + DAYS(1) ? tried + DAYS(1) : due;
}

static bool is_old(const struct job *job)
{
    return json_number(graph_session(job), "seen_at", 0) && !at_slot(job) && job->now >= graph_renewal(job);
}

static void ask_token(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *renewed = json_text(graph_session(job), "token"),
               *given = account_secret(job->account, "token");
    graph_request(job, arena, ret_request, "GET", "/refresh_access_token?grant_type=%s&access_token=%s",
                  graph_of(job->account)->refresh,
                  driver_escape(arena, renewed ? renewed
                                       : given ? given
                                               : ""));
}

/* What does not work today is tried tomorrow: the token is good for weeks. Only one that is dead is told. */
static void read_token(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *token = outcome_clean_id(json_text(answer, "access_token"), arena);
    json_t *session = changed(job, arena);
    if (!answer && ret_outcome->kind == OUTCOME_REFUSED && ret_outcome->reconnect)
        return;
    instant reset = ret_outcome->limit_reset;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .session = session, .limit_reset = reset};
    json_set_number(session, "refresh_tried", job->now);
    if (!token)
        return;
    json_set_text(session, "token", token);
    json_set_number(session, "refreshed_at", job->now);
    int64_t life = json_number(answer, "expires_in", 0);
    if (life > 0 && life < 10 * 365 * 86400)
        json_set_number(session, "expires_at", job->now + SECONDS(life));
}

const struct stage graph_session_stages[] = {
    {"who we are", STEP_SESSION, 0, is_unknown, ask_who, read_who},
    {"renew the token", STEP_SESSION, 0, is_old, ask_token, read_token},
};
_Static_assert(sizeof graph_session_stages / sizeof *graph_session_stages == GRAPH_SESSION_STAGES, "stages");

void graph_renew(const struct job *job, struct arena *arena, struct step *ret_step)
{
    bool seen = json_number(graph_session(job), "seen_at", 0) != 0;
    stage_take(&graph_session_stages[seen], job, arena, ret_step);
}

/* ---- the live check of the credentials ---- */

void graph_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *stage = is_old(job) ? &graph_session_stages[1] : &graph_session_stages[0];
    stage_take(stage, job, arena, ret_step);
    if (!is_old(job) && !is_unknown(job))
        ret_step->kind = STEP_PREPARE;
}

void graph_verified(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    static const struct stage_group groups[] = {{graph_session_stages, GRAPH_SESSION_STAGES}};
    static const struct stage_table table = STAGE_TABLE(groups);
    int64_t ends = json_number(graph_session(job), "expires_at", 0);
    char text[INSTANT_TEXT];
    stage_read(&table, job, step, response, arena, ret_outcome);
    if (step->kind == STEP_SESSION)
        return;
    if (ret_outcome->kind == OUTCOME_REFUSED)
        ret_outcome->scope = SCOPE_ACCOUNT;
    if (ret_outcome->kind != OUTCOME_NEXT)
        return;
    outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s%s%s",
                json_text(ret_outcome->session, "name"), ends ? ", the token is good until " : "",
                ends ? instant_format(ends, text, sizeof text) : "");
}
