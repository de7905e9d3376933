/*
 * api_plan: what applying the documents on disk would change, and applying exactly that. The answers wait for
 * a load.
 */
#include "base/json.h"
#include "control/api.h"
#include "control/override.h"
#include "control/pending.h"
#include "control/prices.h"
#include "control/problem.h"
#include "control/reload.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

enum { CHANGES = 1000 }; /* listed unless more are asked for */

static json_t *side_to_json(enum state state, instant slot, const struct content *content,
                            const struct zone *zone)
{
    json_t *side = json_object();
    char local[48];
    json_set_text(side, "state", state_name(state));
    view_instant(side, "slot", slot);
    json_set_text(side, "local", local_format(zone, slot, local, sizeof local));
    json_set(side, "content", content_to_json(content));
    return side;
}

static json_t *change_to_json(const struct apply_change *change, const struct zone *zone)
{
    const struct delivery *before = change->before;
    const struct content *content = change->content ? change->content : before->content;
    json_t *object = json_object();
    json_set_text(object, "kind", apply_kind_name(change->kind));
    json_set(object, "id", json_sprintf("%s/%s", change->post_id, change->account));
    json_set_text(object, "post", change->post_id);
    json_set_text(object, "account", change->account);
    view_text(object, "source", change->source);
    view_text(object, "why", change->why);
    json_set(object, "before",
             before ? side_to_json(before->state, before->slot, before->content, zone) : json_null());
    json_set(object, "after", side_to_json(change->to, change->slot, content, zone));
    return object;
}

static json_t *counts_to_json(const struct apply_report *difference)
{
    size_t counts[APPLY_KINDS] = {0};
    json_t *object = json_object();
    for (size_t i = 0; i < difference->change_count; i++)
        counts[difference->changes[i].kind]++;
    for (int kind = 0; kind < APPLY_KINDS; kind++)
        json_set_number(object, apply_kind_name((enum apply_kind)kind), (int64_t)counts[kind]);
    return object;
}

static json_t *texts_to_json(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

/* Of documents that are refused there is no plan: only what is wrong. */
static json_t *plan_to_json(struct call *call, const struct schedule_report *report)
{
    static const struct apply_report nothing;
    static const struct schedule_plan none = {.difference = &nothing};
    const struct schedule_plan *plan = report->plan ? report->plan : &none;
    const struct apply_report *difference = plan->difference;
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    size_t most = (size_t)call_query_number(call, "limit", CHANGES), count = difference->change_count;
    json_t *object = json_object(), *changes = json_array();
    for (size_t i = 0; i < count && i < most; i++)
        json_array_append_new(changes, change_to_json(&difference->changes[i], time_zone(call)));
    view_text(object, "plan", plan->id);
    json_set_flag(object, "empty", report->plan && schedule_plan_is_empty(plan));
    json_set_flag(object, "documents_changed", plan->documents_changed);
    json_set_text(object, "apply", settings->apply == APPLIES_AUTO ? "auto" : "on_request");
    json_set(object, "counts", counts_to_json(difference));
    json_set(object, "changes", changes);
    json_set_number(object, "more", (int64_t)(count > most ? count - most : 0));
    json_set(object, "prices", prices_to_json(settings, difference, call->arena));
    json_set(object, "conflicts", texts_to_json(difference->conflicts, difference->conflict_count));
    json_set(object, "unplaced", texts_to_json(plan->unplaced, plan->unplaced_count));
    json_set(object, "errors", diags_to_json(report->diags, DIAG_ERROR));
    json_set(object, "warnings", diags_to_json(report->diags, DIAG_WARNING));
    json_set(object, "notes", diags_to_json(report->diags, DIAG_NOTE));
    return object;
}

static void planned(void *context, const struct schedule_report *report)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    if (report->database_failed)
        problem(call, 503, "%s", report->message);
    else
        answer_json(call, 200, plan_to_json(call, report));
    pending_end(call);
}

void api_plan(struct call *call)
{
    schedule_plan(call->control->schedule, planned, pending_begin(call));
}

static void applied(void *context, const struct schedule_report *report)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    if (report->applied) {
        answer_json(call, 200, reload_to_json(report));
    } else if (report->plan) {
        json_t *more = json_object();
        json_set_text(more, "plan", report->plan->id);
        problem_with(call, 409, more,
                     "the queue or the files moved meanwhile: the plan is another one now, look at it again; "
                     "nothing was applied");
    } else if (report->database_failed) {
        problem(call, 503, "%s", report->message);
    } else {
        problem_findings(call, report->diags, override_none(report->diags),
                         "the documents have errors: nothing was applied");
    }
    pending_end(call);
}

void api_apply(struct call *call)
{
    schedule_apply(call->control->schedule, json_text(call->json, "plan"), call->who, applied,
                   pending_begin(call));
}
