/*
 * See pinterest.h: a pin whose answer was lost is looked for on its board, newest first, back to five minutes
 * before the request left. Title, description and link are compared; a pin that has none of them looks like
 * any other. A list that lacks it proves nothing for 'absent_after' minutes.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/pinterest.h"
#include "network/stage.h"

enum { LISTED = 25, PAGES_MOST = 8, ABSENT_AFTER = 15 };
#define BEFORE MINUTES(5) /* clocks differ */

static const json_t *look_of(const struct job *job)
{
    return json_member(job->memo, "look");
}

void pinterest_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (pinterest_session_step(job, arena, ret_step))
        return;
    const char *section = account_option(job->account, "section"),
               *bookmark = json_text(look_of(job), "next");
    bool in_section =
        section && pinterest_board_name(job->account, job->content) == account_option(job->account, "board");
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    pinterest_request(job, arena, &ret_step->request, "GET", "boards/%s%s%s/pins?page_size=%d%s%s",
                      pinterest_board(job, arena), in_section ? "/sections/" : "",
                      in_section ? driver_escape(arena, section) : "", LISTED, bookmark ? "&bookmark=" : "",
                      bookmark ? driver_escape(arena, bookmark) : "");
}

/* They leave out the zone, which is UTC. */
static bool time_of(const json_t *pin, struct arena *arena, instant *ret_at)
{
    const char *text = json_text(pin, "created_at");
    return text && (instant_parse(text, ret_at) || instant_parse(arena_printf(arena, "%sZ", text), ret_at));
}

static bool is_same(const char *ours, const json_t *pin, const char *name)
{
    const char *theirs = json_text(pin, name);
    return driver_same_text(ours ? ours : "", theirs ? theirs : "");
}

static bool is_like(const struct content *content, const json_t *pin)
{
    return is_same(content->title, pin, "title") && is_same(content->parts[0].text, pin, "description") &&
           is_same(content->link, pin, "link");
}

static bool is_distinct(const struct content *content)
{
    return (content->title && *content->title) || *content->parts[0].text || content->link;
}

static void look_on(const struct job *job, const char *next, struct arena *arena, struct outcome *outcome)
{
    json_t *look = stage_copy(job, "look");
    json_set_text(look, "next", next);
    json_set_number(look, "pages", json_number(look, "pages", 0) + 1);
    *outcome = stage_next_with(arena, json_pack("{s:o}", "look", look));
}

static void not_listed(const struct job *job, bool perhaps, struct arena *arena, struct outcome *outcome)
{
    int64_t minutes = json_number(job->account->options, "absent_after", ABSENT_AFTER);
    json_set(outcome_memo(outcome, arena), "look", json_null());
    if (perhaps)
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the board's pins cannot be told apart from this one");
    else
        outcome_not_there(outcome, job, MINUTES(minutes), "it is not among the pins of the board");
}

static void read_list(const struct job *job, const json_t *body, struct arena *arena, struct outcome *outcome)
{
    const char *next = outcome_clean_id(json_text(body, "bookmark"), arena);
    const json_t *items = json_member(body, "items"), *pin;
    instant start = (job->first_sent ? job->first_sent : job->now) - BEFORE, at;
    bool covered = false, perhaps = false;
    size_t i;
    json_array_foreach(items, i, pin)
    {
        const char *id = pinterest_id(json_text(pin, "id"), arena);
        bool dated = time_of(pin, arena, &at);
        covered |= dated && at < start;
        if (!id || (dated && at < start) || !is_like(job->content, pin))
            continue;
        if (dated && is_distinct(job->content)) {
            pinterest_done(job, id, arena, outcome);
            return;
        }
        perhaps = true;
    }
    if (!perhaps && !covered && next && json_number(look_of(job), "pages", 0) + 1 < PAGES_MOST)
        look_on(job, next, arena, outcome);
    else
        not_listed(job, perhaps || (!covered && next), arena, outcome);
}

void pinterest_found(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        pinterest_session_read(job, step, response, arena, ret_outcome);
    } else if (pinterest_is_fine(job, step, response, arena, ret_outcome)) {
        const json_t *body = response_json(response, arena);
        if (json_is_array(json_member(body, "items")))
            read_list(job, body, arena, ret_outcome);
        else
            outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is no list",
                        step->name);
    }
    outcome_unsure_if_refused(ret_outcome);
}
