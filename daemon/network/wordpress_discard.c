/*
 * Taking back what was prepared for a post that is not published after all: the draft, then its images.
 *
 * WordPress knows no conditional request. So each thing is looked at right before it is deleted, and only a
 * draft under our own slug that nobody changed since, and images that no post has as its own, go. What
 * somebody made something of stays, with all that belongs to it.
 *
 * The memo: discard  {"post": id or 0, "images": [ids left], "modified": as in the memo before,
 *                     "sure": the next one was just looked at}
 * Before anything is deleted the rest of the memo forgets it: a post that a person retries meanwhile is
 * prepared anew, and never filled into what is gone.
 */
#include <string.h>

#include "base/json.h"
#include "network/outcome.h"
#include "network/wordpress.h"

static const json_t *plan_of(const struct job *job)
{
    return json_member(job->memo, "discard");
}

static int64_t draft_of(const struct job *job)
{
    return plan_of(job) ? json_number(plan_of(job), "post", 0) : wordpress_post(job);
}

static int64_t image_of(const struct job *job)
{
    return json_integer_value(json_array_get(json_member(plan_of(job), "images"), 0));
}

static bool is_sure(const struct job *job)
{
    return json_flag(plan_of(job), "sure", false);
}

/* ---- the plan ---- */

static json_t *image_ids(const struct job *job)
{
    const char *hash;
    json_t *entry, *ids = json_array();
    json_object_foreach(json_member(job->memo, "images"), hash, entry)
    {
        json_array_append_new(ids, json_integer(json_number(entry, "id", 0)));
    }
    return ids;
}

/* The present plan, or the first one. The caller owns it. */
static json_t *new_plan(const struct job *job)
{
    if (plan_of(job))
        return json_deep_copy(plan_of(job));
    return json_pack("{s:I, s:o, s:s*, s:b}", "post", (json_int_t)wordpress_post(job), "images",
                     image_ids(job), "modified", json_text(job->memo, "modified"), "sure", false);
}

static void next_with(json_t *plan, struct arena *arena, struct outcome *ret_outcome)
{
    *ret_outcome = stage_next_with(arena, json_pack("{s:o}", "discard", plan));
}

static void set_sure(json_t *plan, bool sure)
{
    json_set_flag(plan, "sure", sure);
}

/* Nothing is deleted: there is nothing, or it is somebody's. */
static void leave_all(const char *why, struct arena *arena, struct outcome *ret_outcome)
{
    next_with(json_pack("{s:i, s:[], s:b}", "post", 0, "images", "sure", false), arena, ret_outcome);
    ret_outcome->message = why;
}

/* ---- the draft ---- */

#define FIELDS "context=edit&_fields=id,slug,status,modified_gmt"

static void ask_draft(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *path = "posts", *query = FIELDS;
    if (draft_of(job))
        path = arena_printf(arena, "posts/%lld", (long long)draft_of(job));
    else /* it may have been made all the same: its answer was lost, or the post was edited since */
        query = arena_printf(arena, "slug=%s&status=draft&" FIELDS, wordpress_draft_slug(job, arena));
    *ret_request = wordpress_request(job, arena, "GET", path, query, NULL);
}

static bool is_our_draft(const struct job *job, const json_t *post, struct arena *arena)
{
    const char *slug = json_text(post, "slug"), *status = json_text(post, "status");
    const char *known = json_text(plan_of(job) ? plan_of(job) : job->memo, "modified"),
               *modified = json_text(post, "modified_gmt");
    return slug && !strcmp(slug, wordpress_draft_slug(job, arena)) && status && !strcmp(status, "draft") &&
           (!known || !modified || !strcmp(known, modified));
}

static void read_draft(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    json_t *plan = new_plan(job);
    if (wordpress_is_error(response, "rest_post_invalid_id", arena)) {
        json_set_number(plan, "post", 0);
        next_with(plan, arena, ret_outcome);
        return;
    }
    const json_t *post = wordpress_answer(job, step, response, arena, ret_outcome);
    if (json_is_array(post) && json_array_size(post) == 0) {
        leave_all(NULL, arena, ret_outcome);
    } else if (post) {
        post = json_is_array(post) ? json_array_get(post, 0) : post;
        if (is_our_draft(job, post, arena)) {
            json_set_number(plan, "post", json_number(post, "id", 0));
            set_sure(plan, true);
            next_with(plan, arena, ret_outcome);
            return;
        }
        leave_all("its draft in WordPress is left alone: somebody changed it there", arena, ret_outcome);
    }
    json_decref(plan);
}

static void ask_delete_draft(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *path = arena_printf(arena, "posts/%lld", (long long)draft_of(job));
    *ret_request = wordpress_request(job, arena, "DELETE", path, "force=true", NULL);
}

static void read_delete_draft(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    if (!wordpress_is_error(response, "rest_post_invalid_id", arena) &&
        !wordpress_answer(job, step, response, arena, ret_outcome))
        return;
    json_t *plan = new_plan(job);
    json_set_number(plan, "post", 0);
    set_sure(plan, false);
    next_with(plan, arena, ret_outcome);
    ret_outcome->message = "its draft in WordPress was deleted";
}

/* ---- images ---- */

static void ask_image(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *path = arena_printf(arena, "media/%lld", (long long)image_of(job));
    *ret_request = wordpress_request(job, arena, "GET", path, "context=edit&_fields=id,post", NULL);
}

static void drop_image(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *plan = new_plan(job);
    json_array_remove(json_member(plan, "images"), 0);
    set_sure(plan, false);
    next_with(plan, arena, ret_outcome);
}

static void read_image(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *item = NULL;
    bool gone = wordpress_is_error(response, "rest_post_invalid_id", arena);
    if (!gone && !(item = wordpress_answer(job, step, response, arena, ret_outcome)))
        return;
    if (gone || json_number(item, "post", 0)) {
        drop_image(job, arena, ret_outcome);
        return;
    }
    json_t *plan = new_plan(job);
    set_sure(plan, true);
    next_with(plan, arena, ret_outcome);
}

static void ask_delete_image(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *path = arena_printf(arena, "media/%lld", (long long)image_of(job));
    *ret_request = wordpress_request(job, arena, "DELETE", path, "force=true", NULL);
}

static void read_delete_image(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    if (wordpress_is_error(response, "rest_post_invalid_id", arena) ||
        wordpress_answer(job, step, response, arena, ret_outcome))
        drop_image(job, arena, ret_outcome);
}

/* ---- stages ---- */

static bool is_draft_unseen(const struct job *job)
{
    return !plan_of(job) || (draft_of(job) && !is_sure(job));
}

static bool is_draft_there(const struct job *job)
{
    return draft_of(job) != 0;
}

static bool is_image_unseen(const struct job *job)
{
    return image_of(job) && !is_sure(job);
}

static bool is_image_there(const struct job *job)
{
    return image_of(job) != 0;
}

const struct stage wordpress_discard_stages[4] = {
    {"find what to discard", STEP_PREPARE, 0, is_draft_unseen, ask_draft, read_draft},
    {"discard draft", STEP_PREPARE, STAGE_MAKES, is_draft_there, ask_delete_draft, read_delete_draft},
    {"look at image to discard", STEP_PREPARE, 0, is_image_unseen, ask_image, read_image},
    {"discard image", STEP_PREPARE, STAGE_MAKES, is_image_there, ask_delete_image, read_delete_image},
};

json_t *wordpress_before_discard(const struct job *job, struct arena *arena)
{
    json_t *plan = new_plan(job);
    set_sure(plan, false);
    return json_in_arena(arena, json_pack("{s:o, s:n, s:n, s:n, s:n, s:n}", "discard", plan, "post", "filled",
                                          "looked", "images", "modified"));
}
