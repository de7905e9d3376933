/*
 * graph_container: see graph_container.h: the order of the stages until a container is published. What
 * becomes of a publishing request whose answer was lost is graph_find.c's.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "network/graph_container.h"
#include "network/graph_status.h"
#include "network/thread.h"

/* They keep a container for a day. */
#define CONTAINER_LIFETIME HOURS(20)
#define QUOTA_GOOD_FOR MINUTES(30)

enum { PAIRS_MOST = 12, MISSING_MOST = 2, PERMALINK_TRIES = 3 };

json_t *container_memo(const struct job *job, const char *name, size_t part)
{
    char key[48];
    snprintf(key, sizeof key, "%s-%zu", name, part);
    return json_member(job->memo, key);
}

json_t *container_memo_image(const struct job *job, const char *name, size_t part, size_t image)
{
    char key[64];
    snprintf(key, sizeof key, "%s-%zu-%zu", name, part, image);
    return json_member(job->memo, key);
}

/* ---- where we are ---- */

static const struct part *due(const struct job *job)
{
    return &job->content->parts[thread_part_due(job)];
}

static bool is_carousel(const struct job *job)
{
    return due(job)->media_count > 1;
}

/* What waited too long is made again; never while an answer is missing. */
static bool is_made(const struct job *job, const json_t *container)
{
    return container && (job->lost || job->now < json_number(container, "at", 0) + CONTAINER_LIFETIME);
}

static json_t *box(const struct job *job)
{
    json_t *container = container_memo(job, "box", thread_part_due(job));
    return is_made(job, container) ? container : NULL;
}

static json_t *item(const struct job *job, size_t image)
{
    json_t *container = container_memo_image(job, "item", thread_part_due(job), image);
    return is_made(job, container) ? container : NULL;
}

static const char *address(const struct job *job, size_t image)
{
    json_t *url = container_memo_image(job, "url", thread_part_due(job), image);
    int64_t until = json_number(url, "until", 0);
    return until && job->now > until - MINUTES(5) ? NULL : json_text(url, "url");
}

/* The first image of the part without this; the count when all have it. */
static size_t first_without(const struct job *job, bool (*has)(const struct job *job, size_t image))
{
    size_t image = 0;
    while (image < due(job)->media_count && has(job, image))
        image++;
    return image;
}

static bool has_address(const struct job *job, size_t image)
{
    return address(job, image) != NULL || item(job, image) != NULL;
}

static bool has_item(const struct job *job, size_t image)
{
    return item(job, image) != NULL;
}

static bool has_ready_item(const struct job *job, size_t image)
{
    return json_flag(item(job, image), "ready", false);
}

static bool lacks(const struct job *job, bool (*has)(const struct job *job, size_t image))
{
    return !box(job) && first_without(job, has) < due(job)->media_count;
}

/* ---- the quota of a day ---- */

static bool is_quota_unknown(const struct job *job)
{
    return !box(job) && job->now >= json_number(job->memo, "quota", 0) + QUOTA_GOOD_FOR;
}

static void ask_quota(const struct job *job, struct arena *arena, struct request *ret_request)
{
    bool replies = job->account->network->features & FEATURE_THREAD;
    graph_request(job, arena, ret_request, "GET", "%s/%s?fields=quota_usage,config%s",
                  driver_escape(arena, graph_user(job)), graph_of(job->account)->quota,
                  replies ? ",reply_quota_usage,reply_config" : "");
}

static bool is_used_up(const json_t *quota, const char *usage, const char *config)
{
    int64_t total = json_number(json_member(quota, config), "quota_total", 0);
    return total > 0 && json_number(quota, usage, 0) >= total;
}

/* A token that may publish and not ask is no reason to stop: the publishing request will tell. */
static void read_quota(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const json_t *quota = json_array_get(json_member(answer, "data"), 0);
    bool full = is_used_up(quota, "quota_usage", "config") ||
                (thread_part_due(job) > 0 && is_used_up(quota, "reply_quota_usage", "reply_config"));
    if (full) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT,
                    "the account has published as much as a day may have: %lld posts",
                    (long long)json_number(quota, "quota_usage", 0));
        ret_outcome->at = job->now + HOURS(1);
        return;
    }
    if (!answer && !(ret_outcome->kind == OUTCOME_REFUSED && !ret_outcome->reconnect))
        return;
    instant reset = ret_outcome->limit_reset;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .limit_reset = reset};
    json_set_number(outcome_memo(ret_outcome, arena), "quota", job->now);
}

/* ---- an address for an image ---- */

static bool is_address_due(const struct job *job)
{
    return lacks(job, has_address);
}

static void ask_address(const struct job *job, struct arena *arena, struct request *ret_request)
{
    (void)job, (void)arena;
    *ret_request = (struct request){0}; /* graph_container_next names the file */
}

static void read_address(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = response_json(response, arena);
    const char *url = outcome_clean_url(json_text(answer, "url"), arena);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (!url) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: there is none", step->name);
        return;
    }
    const char *name =
        arena_printf(arena, "url-%zu-%zu", thread_part_due(job), first_without(job, has_address));
    json_set(outcome_memo(ret_outcome, arena), name,
             json_pack("{s:s, s:I}", "url", url, "until", (json_int_t)json_number(answer, "until", 0)));
}

/* ---- containers ---- */

static void ask_container(const struct job *job, const struct container *container, struct arena *arena,
                          struct request *ret_request)
{
    struct driver_pair *pairs = arena_alloc_array(arena, PAIRS_MOST, sizeof *pairs);
    bool threads = job->account->network->features & FEATURE_THREAD;
    size_t count = (threads ? threads_pairs : instagram_pairs)(job, container, arena, pairs);
    graph_request(job, arena, ret_request, "POST", "%s/%s", driver_escape(arena, graph_user(job)),
                  graph_of(job->account)->containers);
    driver_form_body(ret_request, arena, pairs, count);
}

static bool is_item_due(const struct job *job)
{
    return is_carousel(job) && lacks(job, has_item);
}

static void ask_item(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t image = first_without(job, has_item);
    ask_container(job,
                  &(struct container){.part = thread_part_due(job),
                                      .image = &due(job)->media[image],
                                      .url = address(job, image),
                                      .is_item = true},
                  arena, ret_request);
}

static const char *children(const struct job *job, struct arena *arena)
{
    const char *ids = "";
    for (size_t i = 0; i < due(job)->media_count; i++)
        ids = arena_printf(arena, "%s%s%s", ids, i ? "," : "", json_text(item(job, i), "id"));
    return ids;
}

static bool is_box_due(const struct job *job)
{
    return !box(job);
}

static void ask_box(const struct job *job, struct arena *arena, struct request *ret_request)
{
    struct container container = {.part = thread_part_due(job)};
    if (is_carousel(job)) {
        container.children = children(job, arena);
    } else if (due(job)->media_count) {
        container.image = &due(job)->media[0];
        container.url = address(job, 0);
    }
    ask_container(job, &container, arena, ret_request);
}

static void read_container(const struct job *job, const struct step *step, const struct response *response,
                           const char *member, struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *id = graph_id(answer, "id", arena);
    if (!answer && graph_trouble(response, arena) == GRAPH_UNREACHABLE)
        container_unfetched(job, arena, ret_outcome);
    if (!answer)
        return;
    if (!id) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no container",
                    step->name);
        return;
    }
    json_set(outcome_memo(ret_outcome, arena), member,
             json_pack("{s:s, s:I}", "id", id, "at", (json_int_t)job->now));
}

static void read_item(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *name =
        arena_printf(arena, "item-%zu-%zu", thread_part_due(job), first_without(job, has_item));
    read_container(job, step, response, name, arena, ret_outcome);
}

static void read_box(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    read_container(job, step, response, arena_printf(arena, "box-%zu", thread_part_due(job)), arena,
                   ret_outcome);
}

/* ---- are they ready? ---- */

static bool is_item_unready(const struct job *job)
{
    return is_carousel(job) && lacks(job, has_ready_item);
}

static bool is_box_unready(const struct job *job)
{
    return !json_flag(box(job), "ready", false);
}

static void ask_item_status(const struct job *job, struct arena *arena, struct request *ret_request)
{
    container_ask_status(job, item(job, first_without(job, has_ready_item)), arena, ret_request);
}

static void ask_box_status(const struct job *job, struct arena *arena, struct request *ret_request)
{
    container_ask_status(job, box(job), arena, ret_request);
}

static void read_item_status(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    size_t image = first_without(job, has_ready_item);
    const char *name = arena_printf(arena, "item-%zu-%zu", thread_part_due(job), image);
    container_read_status(job, step, response, name, item(job, image), arena, ret_outcome);
}

static void read_box_status(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const char *name = arena_printf(arena, "box-%zu", thread_part_due(job));
    container_read_status(job, step, response, name, box(job), arena, ret_outcome);
}

/* ---- publishing ---- */

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct driver_pair pairs[] = {{"creation_id", json_text(box(job), "id")}};
    graph_request(job, arena, ret_request, "POST", "%s/%s", driver_escape(arena, graph_user(job)),
                  graph_of(job->account)->publish);
    driver_form_body(ret_request, arena, pairs, 1);
}

static void wait_for(const struct job *job, duration wait, struct arena *arena, struct outcome *outcome)
{
    outcome->kind = OUTCOME_WAIT;
    outcome->scope = SCOPE_POST;
    outcome->at = job->now + wait;
    outcome_memo(outcome, arena);
}

/* Refused: the container is as it was, unless a try before it is in doubt. */
static void read_unpublished(const struct job *job, enum graph_trouble trouble, struct arena *arena,
                             struct outcome *outcome)
{
    size_t part = thread_part_due(job);
    int64_t missing = json_number(job->memo, "missing", 0);
    bool about_it = trouble == GRAPH_MISSING || trouble == GRAPH_REMAKE || trouble == GRAPH_REFUSED ||
                    trouble == GRAPH_DUPLICATE || trouble == GRAPH_UNKNOWN;
    if (about_it && json_flag(job->memo, "doubted", false) && outcome->kind != OUTCOME_UNSURE) {
        outcome->kind = OUTCOME_UNSURE;
        outcome->scope = SCOPE_POST;
    } else if (trouble == GRAPH_NOT_READY) {
        json_t *again = json_deep_copy(container_memo(job, "box", part));
        wait_for(job, SECONDS(30), arena, outcome);
        json_set_flag(again, "ready", false);
        json_set(outcome->memo, arena_printf(arena, "box-%zu", part), again);
    } else if (trouble == GRAPH_MISSING && missing < MISSING_MOST) {
        wait_for(job, SECONDS(40), arena, outcome);
        json_set_number(outcome->memo, "missing", missing + 1);
    } else if (trouble == GRAPH_MISSING || trouble == GRAPH_REMAKE) {
        container_remake(job, arena, outcome);
    }
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *id = graph_id(answer, "id", arena);
    if (!answer)
        read_unpublished(job, graph_trouble(response, arena), arena, ret_outcome);
    else if (!id)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no post",
                    step->name);
    else
        json_set(outcome_memo(ret_outcome, arena), arena_printf(arena, "out-%zu", thread_part_due(job)),
                 json_pack("{s:s}", "id", id));
}

/* ---- its permalink ---- */

static json_t *out(const struct job *job)
{
    return container_memo(job, "out", thread_part_due(job));
}

static bool is_out(const struct job *job)
{
    return out(job) != NULL;
}

static void ask_permalink(const struct job *job, struct arena *arena, struct request *ret_request)
{
    graph_request(job, arena, ret_request, "GET", "%s?fields=permalink",
                  driver_escape(arena, json_text(out(job), "id")));
}

/* It is published, whatever becomes of this: an address is worth a few tries, no more. */
static void read_permalink(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *url = outcome_clean_url(json_text(answer, "permalink"), arena);
    int64_t tries = json_number(out(job), "tries", 0) + 1;
    if (url || tries >= PERMALINK_TRIES) {
        container_part_done(job, json_text(out(job), "id"), url, arena, ret_outcome);
        return;
    }
    json_t *again = json_deep_copy(out(job));
    json_set_number(again, "tries", tries);
    if (!ret_outcome->message)
        outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "%s: the answer has none", step->name);
    wait_for(job, SECONDS(5) * tries, arena, ret_outcome);
    json_set(ret_outcome->memo, arena_printf(arena, "out-%zu", thread_part_due(job)), again);
}

/* ---- the order ---- */

static const struct stage stages[] = {
    {"permalink", STEP_PREPARE, 0, is_out, ask_permalink, read_permalink},
    {"look", STEP_PREPARE, 0, container_is_published, container_ask_list, container_read_list},
    {"quota", STEP_PREPARE, 0, is_quota_unknown, ask_quota, read_quota},
    {"address", STEP_PREPARE, 0, is_address_due, ask_address, read_address},
    {"item", STEP_PREPARE, 0, is_item_due, ask_item, read_item},
    {"item status", STEP_PREPARE, 0, is_item_unready, ask_item_status, read_item_status},
    {"container", STEP_PREPARE, 0, is_box_due, ask_box, read_box},
    {"status", STEP_PREPARE, 0, is_box_unready, ask_box_status, read_box_status},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_publish, read_publish},
};
static const struct stage_group groups[] = {{graph_session_stages, GRAPH_SESSION_STAGES},
                                            STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

void graph_container_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (thread_part_due(job) == thread_part_count(job)) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "publish"};
        return;
    }
    stage_next(&table, job, arena, ret_step);
    if (!strcmp(ret_step->name, "address")) {
        ret_step->host = &due(job)->media[first_without(job, has_address)];
        ret_step->rehost = json_number(job->memo, "unfetched", 0) > 0;
    }
    if (ret_step->kind == STEP_CREATE) {
        ret_step->memo = json_in_arena(arena, json_object());
        json_set_number(ret_step->memo, "sent", job->now);
    }
}

void graph_container_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}
