/*
 * api_audit: the audit trail, page by page. Whoever has all pages can verify the chain: that is not done
 * here, where a long trail would hold up the loop.
 */
#include "base/json.h"
#include "control/api.h"
#include "control/known.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

enum { PAGE = 100 };

static bool read_filter(struct call *call, struct audit_filter *filter)
{
    const char *order = call_query(call, "order");
    *filter = (struct audit_filter){
        .post_id = call_query(call, "post"),
        .account = call_query(call, "account"),
        .who = call_query(call, "who"),
        .kind = call_query(call, "kind"),
        .oldest_first = order && *order != '-',
        .cursor = call_query(call, "cursor"),
        .limit = (size_t)call_query_number(call, "limit", PAGE),
    };
    return query_span(call, "since", &filter->since, &filter->until);
}

void api_audit(struct call *call)
{
    struct audit_filter filter;
    struct audit_entry *entries;
    size_t count;
    const char *next;
    struct error err = {""};
    if (!read_filter(call, &filter))
        return;
    if (!queue_audit_list(call->control->queue, &filter, call->arena, &entries, &count, &next, &err)) {
        problem(call, filter.cursor ? 400 : 503, "%s", err.message);
        return;
    }
    if (!count && !next && !filter.cursor && !known_names(call))
        return;
    json_t *page = json_object(), *items = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, entry_to_json(&entries[i], time_zone(call)));
    json_set(page, "items", items);
    view_text(page, "next", next);
    answer_json(call, 200, page);
}
