/*
 * graph_remove: deleting what is published, by its id. Meta says the same of what is not there and of what
 * the token may not delete (code 100, subcode 33): after a try whose answer was lost it is taken for gone,
 * before that for refused.
 */
#include "base/json.h"
#include "network/graph.h"
#include "network/removal.h"

static const struct stage_group session_groups[] = {{graph_session_stages, GRAPH_SESSION_STAGES}};
static const struct stage_table session_table = STAGE_TABLE(session_groups);

void graph_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (removal_is_due(job, NULL, arena, ret_step) && !removal_session(&session_table, job, arena, ret_step))
        graph_request(job, arena, removal_step(ret_step), "DELETE", "%s",
                      driver_escape(arena, removal_id(job)));
}

static bool is_not_there(const struct response *response, struct arena *arena)
{
    enum { PARAMETER = 100, NOT_THERE = 33 };
    const json_t *error = json_member(response_json(response, arena), "error");
    return json_number(error, "code", 0) == PARAMETER && json_number(error, "error_subcode", 0) == NOT_THERE;
}

void graph_removed(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    bool missing = !answer && is_not_there(response, arena),
         lost = json_flag(job->memo, "remove_lost", false);
    if ((answer && json_flag(answer, "success", true)) || (missing && lost)) {
        instant reset = ret_outcome->limit_reset;
        *ret_outcome = removal_gone(job, arena);
        ret_outcome->limit_reset = reset;
    } else if (answer || missing) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "Meta says that it is not there, or that the token may not delete it: look there");
    }
}
