/*
 * Whether it has been published after all. A post: the user's newest posts, back to the one that was noted
 * before; the one in our community with our title is ours. A comment: the newest comments of our post; what
 * the user wrote there since says it. Links are not compared: instances take trackers out of them.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/lemmy.h"
#include "network/outcome.h"
#include "network/thread.h"

#define SETTLED SECONDS(60) /* a request whose answer was lost may still be at work for so long */
enum { PAGE = 50, PAGES_MOST = 20 };

static struct request comments_of(const struct job *job, struct arena *arena)
{
    const char *path = arena_printf(arena, "/api/v3/comment/list?post_id=%lld&sort=New&limit=%d&type_=All",
                                    (long long)lemmy_number(job, 0), PAGE);
    return lemmy_request(job, arena, "GET", path, NULL);
}

void lemmy_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct step first;
    lemmy_next(job, arena, &first);
    if (first.kind != STEP_CREATE) {
        *ret_step = first;
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    ret_step->request = thread_part_due(job)
                            ? comments_of(job, arena)
                            : lemmy_own_posts(job, arena, PAGE, json_number(job->memo, "page", 1));
}

static void not_there(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    if (json_member(job->memo, "page"))
        json_set(outcome_memo(ret_outcome, arena), "page", json_null());
    outcome_not_there(ret_outcome, job, SETTLED, "the instance does not have it");
}

static void found_post(const struct job *job, const json_t *posts, struct arena *arena,
                       struct outcome *ret_outcome)
{
    int64_t after = json_number(job->memo, "after", 0), page = json_number(job->memo, "page", 1);
    const char *title = lemmy_title(job->content, arena);
    bool end = json_array_size(posts) < PAGE;
    for (size_t i = 0; i < json_array_size(posts); i++) {
        const json_t *post = json_member(json_array_get(posts, i), "post");
        const char *name = json_text(post, "name");
        int64_t id = json_number(post, "id", 0);
        end |= id <= after;
        if (id <= after || !name || !driver_same_text(title, name) ||
            json_number(post, "community_id", 0) != json_number(job->session, "community_id", 0))
            continue;
        lemmy_part_done(job, id, arena, ret_outcome);
        return;
    }
    if (end)
        not_there(job, arena, ret_outcome);
    else if (page >= PAGES_MOST)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the user wrote too much since to look through");
    else
        json_set_number(outcome_memo(ret_outcome, arena), "page", page + 1);
}

static void found_comment(const struct job *job, const json_t *comments, struct arena *arena,
                          struct outcome *ret_outcome)
{
    size_t part = thread_part_due(job);
    const char *ours = lemmy_text(job, part, arena);
    int64_t last = part > 1 ? lemmy_number(job, part - 1) : 0;
    bool other = json_array_size(comments) >= PAGE;
    for (size_t i = 0; i < json_array_size(comments); i++) {
        const json_t *comment = json_member(json_array_get(comments, i), "comment");
        const char *theirs = json_text(comment, "content");
        int64_t id = json_number(comment, "id", 0);
        if (json_number(comment, "creator_id", 0) != json_number(job->session, "user_id", 0) || id <= last ||
            thread_has(job, arena_printf(arena, "%lld", (long long)id)))
            continue;
        if (theirs && driver_same_text(ours, theirs)) {
            lemmy_part_done(job, id, arena, ret_outcome);
            return;
        }
        other = true;
    }
    if (other)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "there are other comments on it since: it cannot be told whether this one is there");
    else
        not_there(job, arena, ret_outcome);
}

void lemmy_found(const struct job *job, const struct step *step, const struct response *response,
                 struct arena *arena, struct outcome *ret_outcome)
{
    if (strcmp(step->name, "look") != 0) {
        lemmy_read(job, step, response, arena, ret_outcome);
        outcome_unsure_if_refused(ret_outcome);
        return;
    }
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    const json_t *list = json_member(answer, thread_part_due(job) ? "comments" : "posts");
    if (answer && !json_is_array(list))
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                    step->name);
    else if (answer)
        (thread_part_due(job) ? found_comment : found_post)(job, list, arena, ret_outcome);
    outcome_unsure_if_refused(ret_outcome);
}
