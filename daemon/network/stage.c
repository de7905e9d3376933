/* See stage.h. It knows no network. */
#include <string.h>

#include "base/json.h"
#include "network/stage.h"
#include "network/thread.h"

const struct stage *stage_pending(const struct stage_table *table, const struct job *job)
{
    for (size_t i = 0; i < table->count; i++)
        for (size_t j = 0; j < table->groups[i].count; j++)
            if (table->groups[i].stages[j].pending(job))
                return &table->groups[i].stages[j];
    return NULL;
}

static bool is_named(const struct stage *stage, const char *name)
{
    size_t length = strlen(stage->name);
    return !strncmp(stage->name, name, length) &&
           (stage->flags & STAGE_EACH_PART ? name[length] == ' ' : name[length] == '\0');
}

static const struct stage *stage_of(const struct stage_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        for (size_t j = 0; j < table->groups[i].count; j++)
            if (is_named(&table->groups[i].stages[j], name))
                return &table->groups[i].stages[j];
    bug("no stage is named '%s'", name);
}

void stage_take(const struct stage *stage, const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = stage->kind, .name = stage->name};
    if (stage->flags & STAGE_EACH_PART)
        ret_step->name =
            arena_printf(arena, "%s %zu/%zu", stage->name, thread_part_due(job) + 1, thread_part_count(job));
    stage->ask(job, arena, &ret_step->request);
    if (stage->flags & STAGE_MAKES)
        ret_step->memo = json_in_arena(arena, json_pack("{s:b}", "doubt", true));
}

void stage_next(const struct stage_table *table, const struct job *job, struct arena *arena,
                struct step *ret_step)
{
    if (json_text(job->memo, "id")) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "publish"};
        return;
    }
    const struct stage *stage = stage_pending(table, job);
    if (!stage)
        bug("a job of %s without a stage", job->account->network->name);
    stage_take(stage, job, arena, ret_step);
}

void stage_read(const struct stage_table *table, const struct job *job, const struct step *step,
                const struct response *response, struct arena *arena, struct outcome *ret_outcome)
{
    stage_of(table, step->name)->read(job, step, response, arena, ret_outcome);
}

bool stage_in_doubt(const struct job *job)
{
    return job->lost || json_flag(job->memo, "doubt", false);
}

bool stage_always(const struct job *job)
{
    (void)job;
    return true;
}

struct outcome stage_next_with(struct arena *arena, json_t *memo)
{
    return (struct outcome){.kind = OUTCOME_NEXT, .memo = json_in_arena(arena, memo)};
}

json_t *stage_copy(const struct job *job, const char *member)
{
    json_t *old = json_member(job->memo, member);
    return json_is_object(old) ? json_deep_copy(old) : json_object();
}
