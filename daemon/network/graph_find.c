/*
 * graph_find: a publishing request whose answer was lost (graph_container.h). The container's status tells:
 * PUBLISHED, and then its post is looked for by text and time; FINISHED still after two minutes, and then the
 * same container is published, which cannot make a second post; ERROR or EXPIRED: not published.
 */
#include <string.h>

#include "base/json.h"
#include "network/graph_status.h"
#include "network/thread.h"

#define WORKING_MOST MINUTES(2) /* a request may still be at work after its answer was lost */
#define LISTED_AFTER MINUTES(10)

enum { LISTED = 25 };

static instant sent(const struct job *job)
{
    return json_number(job->memo, "sent", job->first_sent);
}

/* ---- the account's posts ---- */

bool container_is_published(const struct job *job)
{
    return json_flag(job->memo, "published", false);
}

/* Answers are not among the posts. */
void container_ask_list(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct graph *graph = graph_of(job->account);
    graph_request(job, arena, ret_request, "GET", "%s/%s?fields=id,%s,timestamp,permalink&limit=%d",
                  driver_escape(arena, graph_user(job)), thread_part_due(job) ? "replies" : graph->list,
                  graph->text, LISTED);
}

static bool is_known(const struct job *job, const char *id)
{
    for (size_t part = 0; part < thread_part_due(job); part++)
        if (!strcmp(json_text(thread_post(job, part), "id"), id))
            return true;
    return false;
}

static bool is_ours(const struct job *job, const json_t *post, const char *id, struct arena *arena)
{
    const char *ours = job->account->network->compose(job->content, thread_part_due(job), arena);
    const char *theirs = json_text(post, graph_of(job->account)->text);
    instant at;
    return id && !is_known(job, id) && graph_time(json_text(post, "timestamp"), &at) &&
           at >= sent(job) - MINUTES(5) && driver_same_text(ours, theirs ? theirs : "");
}

/* It is published, but not listed, or not yet. */
static void not_listed(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    size_t part = thread_part_due(job);
    if (json_flag(job->memo, "gone", false) || !container_memo(job, "box", part)) {
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the container is gone, and the post is not among the newest of the account");
    } else if (job->now < sent(job) + LISTED_AFTER) {
        outcome_set(outcome, arena, OUTCOME_RETRY, SCOPE_POST, "it is published, and not listed yet");
        outcome->at = job->now + SECONDS(30);
    } else if (part + 1 < thread_part_count(job)) {
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "part %zu is published, but cannot be found: the next one cannot answer it", part + 1);
    } else {
        container_part_done(job, json_text(container_memo(job, "box", part), "id"), NULL, arena, outcome);
    }
}

void container_read_list(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const json_t *list = json_member(answer, "data");
    if (!answer)
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *post = json_array_get(list, i);
        const char *id = graph_id(post, "id", arena);
        if (!is_ours(job, post, id, arena))
            continue;
        container_part_done(job, id, outcome_clean_url(json_text(post, "permalink"), arena), arena,
                            ret_outcome);
        return;
    }
    not_listed(job, arena, ret_outcome);
}

/* ---- the status ---- */

void graph_container_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const json_t *box = container_memo(job, "box", thread_part_due(job));
    bool list = container_is_published(job) || !box; /* without a container its post may still be listed */
    if (thread_part_due(job) == thread_part_count(job)) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = list ? "look" : "status"};
    if (list)
        container_ask_list(job, arena, &ret_step->request);
    else
        container_ask_status(job, container_memo(job, "box", thread_part_due(job)), arena,
                             &ret_step->request);
}

static void look_on(struct arena *arena, bool gone, struct outcome *outcome)
{
    *outcome = (struct outcome){.kind = OUTCOME_NEXT};
    json_set_flag(outcome_memo(outcome, arena), "published", true);
    if (gone)
        json_set_flag(outcome->memo, "gone", true);
}

static void not_published(const struct job *job, const char *status, struct arena *arena,
                          struct outcome *outcome)
{
    bool finished = !strcmp(status, "FINISHED"), working = !strcmp(status, "IN_PROGRESS");
    instant sure = sent(job) + (working ? LISTED_AFTER : WORKING_MOST);
    if (job->now < sure) {
        outcome_set(outcome, arena, OUTCOME_RETRY, SCOPE_POST, "it is not published yet, and may still be");
        outcome->at = finished || job->now + SECONDS(30) > sure ? sure : job->now + SECONDS(30);
    } else if (working) {
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "they have been at work on it for too long");
    } else {
        if (!finished)
            container_remake(job, arena, outcome);
        outcome_set(outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST,
                    "its container is %s: it was not published", status);
        outcome->at = 0;
        if (finished)
            json_set_flag(outcome_memo(outcome, arena), "doubted", true);
    }
}

static void found_status(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const words[] = {"FINISHED", "IN_PROGRESS", "ERROR", "EXPIRED"};
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *status = json_text(answer, graph_of(job->account)->status);
    if (!answer && graph_trouble(response, arena) == GRAPH_MISSING)
        look_on(arena, true, ret_outcome);
    if (!answer)
        return;
    if (status && !strcmp(status, "PUBLISHED")) {
        look_on(arena, false, ret_outcome);
        return;
    }
    for (size_t i = 0; status && i < sizeof words / sizeof *words; i++) {
        if (!strcmp(status, words[i])) {
            not_published(job, words[i], arena, ret_outcome);
            return;
        }
    }
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is not as expected",
                step->name);
}

/* While we look, a refusal leaves the post as doubtful as it was. */
void graph_container_found(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    bool list = !strcmp(step->name, "look");
    (list ? container_read_list : found_status)(job, step, response, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_REFUSED)
        ret_outcome->kind = OUTCOME_UNSURE;
}
