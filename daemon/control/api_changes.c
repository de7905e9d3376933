/*
 * api_changes: what was changed of a post, before and after, as a person compares it. The same stands in the audit trail,
 * for who verifies it.
 */
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"
#include "queue/audit.h"

enum { SHOWN = 50 };

/* With the slot's civil time, which the trail does not have. */
static json_t *side_to_json(const char *text, const struct zone *zone)
{
    json_t *side = json_parse(text, strlen(text), NULL);
    const char *utc = json_text(side, "slot");
    instant slot;
    char local[48];
    if (utc && instant_parse(utc, &slot))
        json_set_text(side, "local", local_format(zone, slot, local, sizeof local));
    return side;
}

static json_t *change_to_json(const struct audit_entry *entry, const struct zone *zone)
{
    char local[48];
    json_t *object = json_object();
    view_instant(object, "at", entry->at);
    json_set_text(object, "local", local_format(zone, entry->at, local, sizeof local));
    json_set_text(object, "account", entry->account);
    json_set_text(object, "kind", entry->kind);
    json_set_text(object, "who", entry->who);
    view_text(object, "from", entry->from);
    json_set_text(object, "to", entry->to);
    view_text(object, "why", entry->why);
    json_set(object, "before", side_to_json(entry->before, zone));
    json_set(object, "after", side_to_json(entry->after, zone));
    return object;
}

void api_post_changes(struct call *call)
{
    struct selection post;
    struct audit_entry *entries;
    size_t count, limit = (size_t)call_query_number(call, "limit", SHOWN);
    struct error err = {""};
    if (!posts_select(call, &post))
        return;
    if (!queue_changes(call->control->queue, post.post_id, call_query(call, "account"), limit, call->arena, &entries,
                       &count, &err)) {
        problem(call, 503, "%s", err.message);
        return;
    }
    json_t *page = json_object(), *items = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, change_to_json(&entries[i], time_zone(call)));
    json_set(page, "items", items);
    answer_json(call, 200, page);
}
