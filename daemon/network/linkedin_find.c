/*
 * See linkedin.h: a post whose answer was lost. LinkedIn knows no key. Three ways, and the account says
 * which:
 *
 *   look    the author's posts are listed and compared; pages may (r_organization_social), members' apps as a
 *           rule may not. A list that lacks it proves nothing for 'absent_after' minutes.
 *   repeat  the same is sent once more within ten minutes: LinkedIn refuses what it has as a duplicate and
 * names it. For how long it remembers is not documented, so nobody is made to rely on it. ask     a person
 * looks.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/linkedin.h"
#include "network/thread.h"

enum { LISTED = 50, PAGES_MOST = 4, ABSENT_AFTER = 15 };
#define BEFORE MINUTES(5) /* clocks differ */

static const char *way_of(const struct account *account)
{
    const char *way = account_option(account, "after_doubt");
    return way ? way : linkedin_is_page(account) ? "look" : "ask";
}

bool linkedin_can_find(const struct job *job)
{
    return !strcmp(way_of(job->account), "look");
}

enum repeat linkedin_repeat(const struct job *job)
{
    return strcmp(way_of(job->account), "repeat") ? REPEAT_NEVER : REPEAT_KEY;
}

static int64_t pages_read(const struct job *job)
{
    return json_number(json_member(job->memo, "look"), "pages", 0);
}

void linkedin_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (linkedin_session_step(job, arena, ret_step))
        return;
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    linkedin_request(job, arena, &ret_step->request, "GET", NULL,
                     "posts?author=%s&q=author&count=%d&start=%lld&sortBy=LAST_MODIFIED",
                     driver_escape(arena, linkedin_author(job, arena)), LISTED,
                     (long long)pages_read(job) * LISTED);
    request_header(&ret_step->request, arena, "X-RestLi-Method", "FINDER");
}

/* ---- one post ---- */

static bool has_text(const json_t *value, const char *text, int depth)
{
    const char *name, *own = json_string_value(value);
    json_t *member;
    size_t i;
    bool found = own && !strcmp(own, text);
    if (depth > 10)
        return false;
    json_array_foreach(value, i, member) found = found || has_text(member, text, depth + 1);
    json_object_foreach((json_t *)(uintptr_t)value, name, member) found =
        found || has_text(member, text, depth + 1);
    return found;
}

enum likeness { UNLIKE, PERHAPS, SAME };

/* By an image of ours, else by the text. Without either (a card alone) the link tells, if it was left as it
 * was. */
static enum likeness compare(const struct job *job, const json_t *post, struct arena *arena)
{
    const struct part *part = &job->content->parts[0];
    const char *ours = job->account->network->compose(job->content, 0, arena);
    const char *theirs = json_text(post, "commentary");
    const json_t *content = json_member(post, "content");
    if (part->media_count) {
        const char *urn = linkedin_image(job, &part->media[0]);
        return urn && has_text(content, urn, 0) ? SAME : UNLIKE;
    }
    const char *shown = linkedin_plain(linkedin_little(ours, false, arena), arena);
    if (!driver_same_text(shown, linkedin_plain(theirs ? theirs : "", arena)))
        return UNLIKE;
    if (*ours || (job->content->link && has_text(content, job->content->link, 0)))
        return SAME;
    return PERHAPS;
}

/* ---- the list ---- */

static void look_on(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    *outcome =
        stage_next_with(arena, json_pack("{s:{s:I}}", "look", "pages", (json_int_t)pages_read(job) + 1));
}

static void not_listed(const struct job *job, bool sure, struct arena *arena, struct outcome *outcome)
{
    int64_t minutes = json_number(job->account->options, "absent_after", ABSENT_AFTER);
    json_set(outcome_memo(outcome, arena), "look", json_null());
    if (sure)
        outcome_not_there(outcome, job, MINUTES(minutes), "it is not among the author's posts");
    else
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "LinkedIn's list of posts cannot tell whether this one is there");
}

static void read_list(const struct job *job, const json_t *list, struct arena *arena, struct outcome *outcome)
{
    instant start = (job->first_sent ? job->first_sent : job->now) - BEFORE;
    bool covered = json_array_size(list) < LISTED, perhaps = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *post = json_array_get(list, i);
        const char *urn = linkedin_post_urn(json_text(post, "id"), arena);
        instant changed = json_number(post, "lastModifiedAt", job->now);
        covered |= changed < start;
        if (!urn || json_number(post, "createdAt", job->now) < start)
            continue;
        enum likeness likeness = compare(job, post, arena);
        if (likeness == SAME) {
            linkedin_done(job, urn, arena, outcome);
            return;
        }
        perhaps |= likeness == PERHAPS;
    }
    if (!covered && !perhaps && pages_read(job) + 1 < PAGES_MOST)
        look_on(job, arena, outcome);
    else
        not_listed(job, covered && !perhaps, arena, outcome);
}

void linkedin_found(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        linkedin_session_read(job, step, response, arena, ret_outcome);
    } else if (linkedin_is_fine(job, step, response, arena, ret_outcome)) {
        const json_t *list = json_member(response_json(response, arena), "elements");
        if (json_is_array(list))
            read_list(job, list, arena, ret_outcome);
        else
            outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is no list",
                        step->name);
    }
    outcome_unsure_if_refused(ret_outcome);
}
