/* See thread.h. It knows the memo, and no network. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "network/outcome.h"
#include "network/thread.h"

static bool is_empty(const char *text)
{
    return !text || !text[strspn(text, " \t\n")];
}

size_t thread_part_count(const struct job *job)
{
    bool body = (job->account->network->features & FEATURE_BODY) && !is_empty(job->content->body);
    return body ? 1 : job->content->part_count;
}

json_t *thread_post(const struct job *job, size_t part)
{
    char key[32];
    snprintf(key, sizeof key, "post-%zu", part);
    return json_member(job->memo, key);
}

size_t thread_out(const struct job *job)
{
    size_t count = 0;
    while (thread_post(job, count))
        count++;
    return count ? count : json_text(job->memo, "id") != NULL;
}

size_t thread_part_due(const struct job *job)
{
    size_t part = 0, count = thread_part_count(job);
    while (part < count && thread_post(job, part))
        part++;
    return part;
}

bool thread_has(const struct job *job, const char *id)
{
    for (size_t part = 0; part < thread_part_due(job); part++) {
        const char *known = json_text(thread_post(job, part), "id");
        if (known && !strcmp(known, id))
            return true;
    }
    return false;
}

void thread_part_done(const struct job *job, const char *id, const char *url, struct arena *arena,
                      struct outcome *outcome)
{
    size_t part = thread_part_due(job);
    json_t *memo = outcome_memo(outcome, arena), *post = json_object();
    json_t *first = part ? thread_post(job, 0) : post;
    json_set_text(post, "id", id);
    json_set_text(post, "url", url);
    json_set(memo, arena_printf(arena, "post-%zu", part), post);
    outcome->kind = OUTCOME_NEXT;
    if (part + 1 < thread_part_count(job))
        return;
    outcome->kind = OUTCOME_DONE;
    outcome->id = json_text(first, "id");
    outcome->url = json_text(first, "url");
    json_set_text(memo, "id", outcome->id);
    json_set_text(memo, "url", outcome->url);
}
