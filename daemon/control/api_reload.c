/*
 * api_reload: loads the documents again; the answer waits for the end of that.
 */
#include "base/json.h"
#include "control/api.h"
#include "control/override.h"
#include "control/pending.h"
#include "control/problem.h"
#include "control/reload.h"
#include "control/room.h"

json_t *reload_to_json(const struct schedule_report *report)
{
    const struct apply_report *applied = report->report;
    json_t *object = json_object(), *conflicts = json_array();
    for (size_t i = 0; i < applied->conflict_count; i++)
        json_array_append_new(conflicts, json_string(applied->conflicts[i]));
    json_set_number(object, "added", (int64_t)applied->added);
    json_set_number(object, "changed", (int64_t)applied->changed);
    json_set_number(object, "moved", (int64_t)applied->moved);
    json_set_number(object, "cancelled", (int64_t)applied->cancelled);
    json_set_number(object, "unchanged", (int64_t)applied->unchanged);
    json_set_number(object, "kept", (int64_t)applied->kept);
    json_set(object, "conflicts", conflicts);
    json_set(object, "warnings", report->diags ? diags_to_json(report->diags, DIAG_WARNING) : json_array());
    json_set(object, "notes", report->diags ? diags_to_json(report->diags, DIAG_NOTE) : json_array());
    return object;
}

static void loaded(void *context, const struct schedule_report *report)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    if (report->applied)
        answer_json(call, 200, reload_to_json(report));
    else
        problem_findings(call, report->diags, override_none(report->diags), report->message);
    pending_end(call);
}

void api_reload(struct call *call)
{
    schedule_reload(call->control->schedule, call->who, loaded, pending_begin(call));
}
