/* See removal.h. Knows no network. */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/removal.h"
#include "network/stage.h"
#include "network/thread.h"

size_t removal_left(const struct job *job, size_t total)
{
    int64_t left = json_number(json_member(job->memo, "remove"), "left", -1);
    return left >= 0 && (size_t)left < total ? (size_t)left : total;
}

static size_t parts_left(const struct job *job)
{
    return removal_left(job, thread_out(job));
}

size_t removal_number(const struct job *job)
{
    size_t left = parts_left(job);
    return left ? left - 1 : 0;
}

const json_t *removal_part(const struct job *job)
{
    size_t left = parts_left(job);
    if (!left)
        return NULL;
    const json_t *post = thread_post(job, left - 1);
    return post ? post : job->memo;
}

const char *removal_id(const struct job *job)
{
    return json_text(removal_part(job), "id");
}

void removal_over(struct step *ret_step, const char *why)
{
    *ret_step = (struct step){.kind = STEP_DONE, .name = why};
}

size_t removal_parts_out(const json_t *memo)
{
    const struct job job = {.memo = memo};
    size_t posts = 0, events = json_array_size(json_member(memo, "events"));
    while (thread_post(&job, posts))
        posts++;
    return removal_left(&job, posts > events ? posts : events);
}

static const char *host_of(const char *url, struct arena *arena)
{
    const char *host = driver_host(url, arena);
    return strncasecmp(host, "www.", 4) ? host : host + 4;
}

bool removal_is_on(const char *url, const char *base, struct arena *arena)
{
    return url && !strcasecmp(host_of(url, arena), host_of(base, arena));
}

/* What is known is gone; a part that a person found may not be. NULL: nothing is left. */
static const char *left_over(const struct job *job)
{
    bool whole = job->ended || json_text(job->memo, "id") ||
                 json_flag(json_member(job->memo, "remove"), "whole", false);
    if (whole || thread_out(job) >= thread_part_count(job))
        return NULL;
    return "a part of it was found by a person, and cald does not know which post that is: see that it is "
           "gone "
           "there, the others are";
}

bool removal_is_due(const struct job *job, const char *base, struct arena *arena, struct step *ret_step)
{
    const json_t *part = removal_part(job);
    const char *url = json_text(part, "url");
    removal_over(ret_step, part ? NULL : json_member(job->memo, "remove") ? left_over(job) : REMOVAL_UNKNOWN);
    if (!part || !base)
        return part;
    bool here = removal_is_on(url, base, arena);
    if (!here)
        ret_step->name = "the account is at another address than the post: delete it there";
    return here;
}

bool removal_session(const struct stage_table *table, const struct job *job, struct arena *arena,
                     struct step *ret_step)
{
    const struct stage *stage = stage_pending(table, job);
    if (!stage || stage->kind != STEP_SESSION)
        return false;
    stage_take(stage, job, arena, ret_step);
    return true;
}

struct request *removal_step(struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "delete"};
    return &ret_step->request;
}

struct outcome removal_leaves(struct arena *arena, size_t left)
{
    json_t *memo = json_pack("{s:{s:I}}", "remove", "left", (json_int_t)left);
    return (struct outcome){.kind = OUTCOME_NEXT, .memo = json_in_arena(arena, memo)};
}

struct outcome removal_gone(const struct job *job, struct arena *arena)
{
    return removal_leaves(arena, removal_number(job));
}

struct outcome removal_all_gone(struct arena *arena)
{
    struct outcome gone = removal_leaves(arena, 0);
    json_set_flag(json_member(gone.memo, "remove"), "whole", true);
    return gone;
}

void removal_read(const struct job *job, const struct step *step, const struct response *response,
                  enum reset_dialect dialect, const char *said, struct arena *arena,
                  struct outcome *ret_outcome)
{
    bool not_there = response->status == 404 || response->status == 410;
    outcome_from_status(step, response, dialect, job->now, said, arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT && !(not_there && json_is_object(response_json(response, arena))))
        return;
    struct outcome gone = removal_gone(job, arena);
    gone.limit_reset = ret_outcome->limit_reset;
    gone.limit_remaining = ret_outcome->limit_remaining;
    *ret_outcome = gone;
}
