/* See graph_status.h. Knows the words of a status; not how a container is made. */
#include <string.h>

#include "base/json.h"
#include "network/graph_status.h"
#include "network/thread.h"

enum { ASKED_MOST = 12, ASKED_MOST_OF_VIDEO = 90, FAILED_MOST = 3 };

void container_ask_status(const struct job *job, const json_t *container, struct arena *arena,
                          struct request *ret_request)
{
    const struct graph *graph = graph_of(job->account);
    graph_request(job, arena, ret_request, "GET", "%s?fields=%s,%s",
                  driver_escape(arena, json_text(container, "id")), graph->status, graph->detail);
}

/* ---- made anew ---- */

static void forget(const struct job *job, const char *prefix, json_t *memo)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)job->memo, name,
                        value) if (!strncmp(name, prefix, strlen(prefix))) json_set(memo, name, json_null());
}

static void forget_containers(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    json_t *memo = outcome_memo(outcome, arena);
    forget(job, arena_printf(arena, "item-%zu", thread_part_due(job)), memo);
    forget(job, arena_printf(arena, "box-%zu", thread_part_due(job)), memo);
    json_set(memo, "missing", json_null());
}

void container_remake(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    int64_t failed = json_number(job->memo, "failed", 0) + 1;
    forget_containers(job, arena, outcome);
    outcome->scope = SCOPE_POST;
    if (failed >= FAILED_MOST) {
        outcome->kind = OUTCOME_REFUSED;
        json_set(outcome->memo, "failed", json_null());
        return;
    }
    outcome->kind = OUTCOME_WAIT;
    outcome->at = job->now + SECONDS(30) * failed;
    json_set_number(outcome->memo, "failed", failed);
}

void container_unfetched(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    int64_t before = json_number(job->memo, "unfetched", 0);
    const char *said = outcome->message;
    forget_containers(job, arena, outcome);
    forget(job, "url-", outcome->memo);
    json_set_number(outcome->memo, "unfetched", before + 1);
    if (!before) {
        outcome->kind = OUTCOME_WAIT;
        outcome->scope = SCOPE_POST;
        outcome->at = job->now + SECONDS(10);
        return;
    }
    outcome_set(
        outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
        "%s; can the addresses of 'media_urls' in cald.yaml be reached from the internet, without a login?",
        said);
    outcome->at = 0;
}

/* ---- a status ---- */

/* Threads names what failed by a word. */
static struct graph_error error_of(const char *detail)
{
    static const struct {
        const char *word;
        struct graph_error error;
    } words[] = {
        {"FAILED_DOWNLOADING", {GRAPH_UNREACHABLE, "they could not fetch the file"}},
        {"FAILED_PROCESSING", {GRAPH_REFUSED, "they could not process it"}},
        {"INVALID_", {GRAPH_REFUSED, "the file is not as they want it"}},
        {"UNKNOWN", {GRAPH_REMAKE, "it failed, they do not say why"}},
    };
    struct graph_error known = graph_error_in(detail);
    for (size_t i = 0; detail && known.trouble == GRAPH_UNKNOWN && i < sizeof words / sizeof *words; i++)
        if (strstr(detail, words[i].word))
            known = words[i].error;
    return known.trouble == GRAPH_UNKNOWN ? (struct graph_error){GRAPH_REMAKE, "the container failed"}
                                          : known;
}

static void read_failed(const struct job *job, const struct step *step, const char *detail,
                        struct arena *arena, struct outcome *outcome)
{
    struct graph_error error = error_of(detail);
    const char *said = outcome_said(detail, arena);
    outcome_set(outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "%s: %s%s%s", step->name, error.advice,
                *said ? ": " : "", said);
    if (error.trouble == GRAPH_UNREACHABLE)
        container_unfetched(job, arena, outcome);
    else if (error.trouble != GRAPH_REFUSED)
        container_remake(job, arena, outcome);
}

/* "Once a minute, five minutes at most"; images are mostly ready at once, videos take as long as they are. */
static size_t asked_most(const struct job *job)
{
    const struct part *part = &job->content->parts[thread_part_due(job)];
    for (size_t i = 0; i < part->media_count; i++)
        if (media_is_video(&part->media[i]))
            return ASKED_MOST_OF_VIDEO;
    return ASKED_MOST;
}

static void read_unfinished(const struct job *job, const struct step *step, const char *member,
                            const json_t *container, struct arena *arena, struct outcome *outcome)
{
    static const duration waits[] = {SECONDS(3), SECONDS(10), SECONDS(30), SECONDS(60)};
    size_t asked = (size_t)json_number(container, "asked", 0);
    json_t *again = json_deep_copy(container);
    outcome_set(outcome, arena, OUTCOME_WAIT, SCOPE_POST, "%s: it is still being processed", step->name);
    outcome->at = job->now + waits[asked < 4 ? asked : 3];
    json_set_number(again, "asked", (int64_t)asked + 1);
    json_set(outcome_memo(outcome, arena), member, again);
    if (asked + 1 >= asked_most(job))
        container_remake(job, arena, outcome);
}

void container_read_status(const struct job *job, const struct step *step, const struct response *response,
                           const char *member, const json_t *container, struct arena *arena,
                           struct outcome *ret_outcome)
{
    const struct graph *graph = graph_of(job->account);
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *status = json_text(answer, graph->status), *detail = json_text(answer, graph->detail);
    enum graph_trouble trouble = graph_trouble(response, arena);
    if (!answer && (trouble == GRAPH_MISSING || trouble == GRAPH_NOT_READY)) {
        read_unfinished(job, step, member, container, arena, ret_outcome);
    } else if (!answer) {
        return;
    } else if (status && !strcmp(status, "FINISHED")) {
        json_t *ready = json_deep_copy(container);
        json_set_flag(ready, "ready", true);
        json_set(outcome_memo(ret_outcome, arena), member, ready);
    } else if (status && !strcmp(status, "PUBLISHED")) {
        json_set_flag(outcome_memo(ret_outcome, arena), "published", true);
    } else if (status && !strcmp(status, "IN_PROGRESS")) {
        read_unfinished(job, step, member, container, arena, ret_outcome);
    } else {
        read_failed(job, step, status && !strcmp(status, "ERROR") ? detail : status, arena, ret_outcome);
    }
}

/* ---- done ---- */

void container_part_done(const struct job *job, const char *id, const char *url, struct arena *arena,
                         struct outcome *outcome)
{
    static const char *const over[] = {"sent", "doubted", "published", "missing",
                                       "gone", "failed",  "unfetched"};
    *outcome = (struct outcome){.limit_reset = outcome->limit_reset};
    json_t *memo = outcome_memo(outcome, arena);
    forget(job, "out-", memo);
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        if (json_member(job->memo, over[i]))
            json_set(memo, over[i], json_null());
    thread_part_done(job, id, url, arena, outcome);
}
