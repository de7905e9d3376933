/*
 * See tumblr.h: a post whose answer was lost is looked for among the newest of the blog (or of its queue or
 * drafts, where posts go there). Text and number of images and videos are compared; a post without text is
 * told by the alt texts of its images. Links are not: Tumblr may show them as its own. A list that lacks the
 * post proves nothing for 'absent_after' minutes; of one with a video it proves nothing at all, for Tumblr
 * may be at work on it as long as it wants to.
 *
 * Memo "look": {"pages": how many were read}; drafts have but one.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth2.h"
#include "network/stage.h"
#include "network/thread.h"
#include "network/tumblr.h"

enum { LISTED = 20, PAGES_MOST = 8, ABSENT_AFTER = 15 };
#define BEFORE MINUTES(5) /* clocks differ */

static int64_t pages_read(const struct job *job)
{
    return json_number(json_member(job->memo, "look"), "pages", 0);
}

/* Where posts of such a state are listed, below "posts". */
static const char *list_of(const struct job *job)
{
    const char *state = tumblr_state_of(job);
    return !strcmp(state, "queue") ? "/queue" : !strcmp(state, "draft") ? "/draft" : "";
}

void tumblr_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (thread_part_due(job) == thread_part_count(job)) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
        return;
    }
    if (tumblr_session_step(job, arena, ret_step))
        return;
    int64_t offset = pages_read(job) * LISTED;
    tumblr_request(job, arena, ret_step, STEP_PREPARE, "look", "GET", "blog/%s/posts%s?limit=%d&npf=true%s",
                   driver_escape(arena, account_option(job->account, "blog")), list_of(job), LISTED,
                   offset ? arena_printf(arena, "&offset=%lld", (long long)offset) : "");
    tumblr_sign(job, arena, ret_step);
}

/* The alt texts of all image blocks, each with a line end: as many lines as images. A video is such a line,
 * too. */
static const char *media_of(const json_t *blocks, struct arena *arena)
{
    const char *all = "";
    const json_t *block;
    size_t i;
    json_array_foreach(blocks, i, block)
    {
        const char *type = json_text(block, "type"), *alt = json_text(block, "alt_text");
        if (type && !strcmp(type, "image"))
            all = arena_printf(arena, "%s%s|\n", all, alt ? alt : "");
        else if (type && !strcmp(type, "video"))
            all = arena_printf(arena, "%s|\n", all);
    }
    return all;
}

static size_t lines_in(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

enum likeness { UNLIKE, PERHAPS, SAME };

static enum likeness compare(const json_t *ours, const json_t *theirs, struct arena *arena)
{
    const char *text = tumblr_text(ours, arena);
    const char *our_media = media_of(ours, arena), *their_media = media_of(theirs, arena);
    if (!driver_same_text(text, tumblr_text(theirs, arena)) || lines_in(our_media) != lines_in(their_media))
        return UNLIKE;
    if (*text)
        return SAME;
    bool told_apart = strspn(our_media, "|\n") != strlen(our_media); /* some alt text is there */
    return told_apart && driver_same_text(our_media, their_media) ? SAME : PERHAPS;
}

static void look_on(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    *outcome =
        stage_next_with(arena, json_pack("{s:{s:I}}", "look", "pages", (json_int_t)pages_read(job) + 1));
}

static void not_listed(const struct job *job, bool sure, struct arena *arena, struct outcome *outcome)
{
    json_set(outcome_memo(outcome, arena), "look", json_null());
    int64_t minutes = json_number(job->account->options, "absent_after", ABSENT_AFTER);
    if (sure)
        outcome_not_there(outcome, job, MINUTES(minutes), "it is not among the newest posts of the blog");
    else
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the newest posts of the blog cannot tell whether it is there");
    if (outcome->kind == OUTCOME_NOT_FOUND && part_video(&job->content->parts[thread_part_due(job)]))
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "it is not on the blog, but Tumblr may still be at work on its video");
}

static void read_list(const struct job *job, const json_t *list, struct arena *arena, struct outcome *outcome)
{
    instant start = (job->first_sent ? job->first_sent : job->now) - BEFORE;
    bool covered = json_array_size(list) < LISTED, perhaps = false;
    const json_t *ours =
        json_member(json_in_arena(arena, tumblr_post(job, thread_part_due(job), "", arena)), "content");
    const json_t *post;
    size_t i;
    json_array_foreach(list, i, post)
    {
        const char *id = tumblr_id(post, arena);
        bool old = SECONDS(json_number(post, "timestamp", job->now / 1000)) < start;
        covered |= old;
        if (old || !id || thread_has(job, id))
            continue;
        enum likeness likeness = compare(ours, json_member(post, "content"), arena);
        if (likeness == SAME) {
            tumblr_done(job, id, arena, outcome);
            return;
        }
        perhaps |= likeness == PERHAPS;
    }
    bool more = strcmp(list_of(job), "/draft") != 0 && pages_read(job) + 1 < PAGES_MOST;
    if (!covered && !perhaps && more)
        look_on(job, arena, outcome);
    else
        not_listed(job, covered && !perhaps, arena, outcome);
}

void tumblr_found(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        oauth2_session_read(job, step, response, arena, ret_outcome);
    } else {
        const json_t *answer = tumblr_answer(job, step, response, arena, ret_outcome);
        const json_t *list = json_member(answer, "posts");
        if (json_is_array(list))
            read_list(job, list, arena, ret_outcome);
        else if (answer)
            outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is no list",
                        step->name);
    }
    outcome_unsure_if_refused(ret_outcome);
}
