/*
 * view: the members of each object stand here once. Knows no request.
 */
#include "control/view.h"

#include <stdio.h>

#include "base/json.h"
#include "network/removal.h"
#include "publish/policy.h"

void view_text(json_t *object, const char *name, const char *text)
{
    json_set(object, name, text ? json_string_of(text) : json_null());
}

void view_instant(json_t *object, const char *name, instant at)
{
    char text[INSTANT_TEXT];
    bool known = at != 0 && at != INSTANT_NEVER;
    view_text(object, name, known ? instant_format(at, text, sizeof text) : NULL);
}

char *local_format(const struct zone *zone, instant at, char *ret_text, size_t size)
{
    struct civil civil = zone_civil(zone, at);
    civil_format(&civil, ret_text, size);
    offset_format(zone_offset(zone, at), ret_text + strlen(ret_text));
    return ret_text;
}

static void set_id(json_t *object, const char *name, const char *post_id, const char *account)
{
    json_set(object, name, json_sprintf("%s/%s", post_id, account));
}

static void set_local(json_t *object, const struct zone *zone, instant at)
{
    char local[48];
    json_set_text(object, "local", local_format(zone, at, local, sizeof local));
}

json_t *delivery_to_json(const struct delivery *delivery, const struct calendar *calendar)
{
    const struct post *entry = policy_entry(calendar, delivery);
    json_t *object = json_object();
    set_id(object, "id", delivery->post_id, delivery->account);
    json_set_text(object, "post", delivery->post_id);
    json_set_text(object, "account", delivery->account);
    json_set_text(object, "network", delivery->network);
    json_set_text(object, "state", state_name(delivery->state));
    view_instant(object, "slot", delivery->slot);
    set_local(object, calendar->zone, delivery->slot);
    view_instant(object, "due", delivery->due);
    json_set_text(object, "origin", delivery->origin);
    view_text(object, "series", delivery->series);
    view_text(object, "slot_name", delivery->slot_name);
    view_text(object, "bucket", delivery->bucket);
    view_text(object, "campaign", entry && entry->campaign ? entry->campaign->name : NULL);
    json_set_number(object, "cost", entry ? entry->cost : 0);
    view_text(object, "source", delivery->source);
    json_set(object, "content", content_to_json(delivery->content));
    json_set_number(object, "attempts", delivery->attempts);
    view_instant(object, "published", delivery->published);
    json_set_number(object, "parts_out",
                    delivery->state == STATE_PUBLISHED ? 0 : (int64_t)removal_parts_out(delivery->memo));
    view_instant(object, "deleting", delivery->deleting);
    view_instant(object, "deleted", delivery->deleted);
    view_instant(object, "editing", delivery->editing);
    view_instant(object, "edited", delivery->edited);
    json_set(object, "edit", delivery->edit ? content_to_json(delivery->edit) : json_null());
    view_text(object, "remote_id", delivery->remote_id);
    view_text(object, "url", delivery->remote_url);
    view_text(object, "message", delivery->message);
    view_text(object, "author", delivery->author);
    json_set_flag(object, "overridden", delivery->overridden);
    json_set_flag(object, "publish_late", policy_publishes_late(delivery, entry));
    json_set_number(object, "version", delivery->version);
    view_instant(object, "created", delivery->created);
    view_instant(object, "updated", delivery->updated);
    return object;
}

const char *post_tag(struct delivery *const *deliveries, size_t count, struct arena *arena)
{
    const char *tag = "";
    for (size_t i = 0; i < count; i++)
        tag = arena_printf(arena, "%s%s%lld", tag, i ? "." : "", (long long)deliveries[i]->version);
    return tag;
}

json_t *event_to_json(const struct event *event, const struct zone *zone)
{
    json_t *object = json_object();
    view_instant(object, "at", event->at);
    set_local(object, zone, event->at);
    json_set_text(object, "post", event->post_id);
    json_set_text(object, "account", event->account);
    json_set_text(object, "who", event->who);
    json_set_text(object, "kind", event->kind);
    view_text(object, "from", event->from);
    view_text(object, "to", event->to);
    view_text(object, "why", event->why);
    return object;
}

json_t *entry_to_json(const struct audit_entry *entry, const struct zone *zone)
{
    json_t *object = audit_to_json(entry);
    set_local(object, zone, entry->at);
    return object;
}

json_t *attempt_to_json(const struct attempt *attempt, const struct zone *zone)
{
    json_t *object = json_object();
    json_set_number(object, "number", attempt->number);
    view_instant(object, "started", attempt->started);
    set_local(object, zone, attempt->started);
    view_instant(object, "ended", attempt->ended);
    view_text(object, "step", attempt->step);
    view_text(object, "kind", attempt->kind);
    view_text(object, "request", attempt->request);
    json_set(object, "status", attempt->status ? json_integer(attempt->status) : json_null());
    view_text(object, "outcome", attempt->outcome);
    view_text(object, "scope", attempt->scope);
    view_text(object, "message", attempt->message);
    view_text(object, "timings", attempt->timings);
    return object;
}

static json_t *ways_to_json(const bool ways[ALERT_WAYS])
{
    json_t *list = json_array();
    for (int way = 0; way < ALERT_WAYS; way++)
        if (ways[way])
            json_array_append_new(list, json_string(alert_way_name((enum alert_way)way)));
    return list;
}

json_t *alert_to_json(const struct alert *alert, const bool has_way[ALERT_WAYS], const struct zone *zone)
{
    json_t *object = json_object(), *errors = json_member(alert->body, "errors");
    bool waits[ALERT_WAYS];
    for (int way = 0; way < ALERT_WAYS; way++)
        waits[way] = !alert->told && has_way[way] && !alert->took[way];
    json_set_text(object, "id", alert->key);
    view_instant(object, "at", alert->at);
    set_local(object, zone, alert->at);
    json_set_text(object, "event", alert->kind);
    view_text(object, "account", alert->account);
    view_text(object, "delivery", json_text(alert->body, "delivery"));
    view_text(object, "state", json_text(alert->body, "state"));
    json_set_text(object, "message", json_text(alert->body, "message"));
    json_set(object, "errors", errors ? json_deep_copy(errors) : json_array());
    view_instant(object, "told", alert->told);
    json_set(object, "taken_by", ways_to_json(alert->took));
    json_set(object, "waits_for", ways_to_json(waits));
    json_set_number(object, "tries", alert->tries);
    view_instant(object, "next_try", waits[ALERT_COMMAND] || waits[ALERT_WEBHOOK] ? alert->due : 0);
    return object;
}
