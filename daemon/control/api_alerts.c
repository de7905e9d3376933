/*
 * api_alerts: what a person was to be told, and whether the on_failure hook has taken it. What is told from
 * memory (publish/teller.h) is in no table; status has it.
 */
#include "base/json.h"
#include "control/api.h"
#include "control/known.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

enum { PAGE = 100 };

static bool read_filter(struct call *call, struct alert_filter *filter)
{
    *filter = (struct alert_filter){
        .kind = call_query(call, "event"),
        .account = call_query(call, "account"),
        .untold = call_query_flag(call, "untold"),
        .cursor = call_query(call, "cursor"),
        .limit = (size_t)call_query_number(call, "limit", PAGE),
    };
    return query_span(call, "from", &filter->from, &filter->until);
}

void api_alerts(struct call *call)
{
    const struct failure_hook *hook = &schedule_documents(call->control->schedule)->settings->on_failure;
    const bool has_way[ALERT_WAYS] = {hook->command != NULL, hook->webhook != NULL};
    struct alert_filter filter;
    struct alert *alerts;
    size_t count;
    const char *next;
    struct error err = {""};
    if (!read_filter(call, &filter))
        return;
    if (!queue_alerts(call->control->queue, &filter, call->arena, &alerts, &count, &next, &err)) {
        problem(call, filter.cursor ? 400 : 503, "%s", err.message);
        return;
    }
    if (!count && !next && !filter.cursor && !known_names(call))
        return;
    json_t *page = json_object(), *items = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, alert_to_json(&alerts[i], has_way, time_zone(call)));
    json_set(page, "items", items);
    view_text(page, "next", next);
    answer_json(call, 200, page);
}
