/*
 * api_deliveries: the queue as lists, and what happened to each delivery.
 */
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/approve.h"
#include "control/campaigns.h"
#include "control/known.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

enum { PAGE = 100, LOOKED_AT = 5000 };

static void refuse_state(struct call *call, const char *word)
{
    const char *names[STATE_COUNT];
    for (int state = 0; state < STATE_COUNT; state++)
        names[state] = state_name((enum state)state);
    problem_unknown(call, 400, "state", word, names, STATE_COUNT);
}

/* "state=ready&state=held,unsure" → bits. */
static bool read_states(struct call *call, unsigned *ret_states)
{
    for (size_t i = 0; i < call->query_count; i++) {
        if (strcmp(call->query[i].name, "state") != 0)
            continue;
        char *rest = arena_strdup(call->arena, call->query[i].value), *word;
        while ((word = strsep(&rest, ","))) {
            enum state state;
            if (!state_parse(word, &state)) {
                refuse_state(call, word);
                return false;
            }
            *ret_states |= 1u << state;
        }
    }
    return true;
}

/* "account=a&account=b,c": one name is looked up in an index, several are compared. */
static const char *read_names(struct call *call, const char *name)
{
    const char *names = NULL;
    for (size_t i = 0; i < call->query_count; i++)
        if (strcmp(call->query[i].name, name) == 0)
            names = names ? arena_printf(call->arena, "%s,%s", names, call->query[i].value) : call->query[i].value;
    return names;
}

static bool read_filter(struct call *call, struct delivery_filter *filter)
{
    const char *order = call_query(call, "order"), *accounts = read_names(call, "account");
    bool several = accounts && strchr(accounts, ',');
    *filter = (struct delivery_filter){
        .post_id = call_query(call, "post"),
        .account = several ? NULL : accounts,
        .accounts = several ? accounts : NULL,
        .networks = read_names(call, "network"),
        .bucket = call_query(call, "bucket"),
        .series = call_query(call, "series"),
        .origin = call_query(call, "origin"),
        .text = call_query(call, "text"),
        .cursor = call_query(call, "cursor"),
        .limit = (size_t)call_query_number(call, "limit", PAGE),
        .newest_first = order && *order == '-',
        .by_published = order && strstr(order, "published"),
        .looks_at = LOOKED_AT,
    };
    const char *campaign = call_query(call, "campaign");
    if (campaign && !campaign_posts(call, campaign, &filter->posts))
        return false;
    return read_states(call, &filter->states) && query_span(call, "from", &filter->from, &filter->until);
}

static void answer_list(struct call *call, json_t *items, const char *next)
{
    json_t *page = json_object();
    json_set(page, "items", items);
    view_text(page, "next", next);
    answer_json(call, 200, page);
}

struct awaited { /* 'waiting_for': "me", a role, or the name of a person */
    const char *who, *role; /* who NULL: nobody was named, all are shown */
};

static struct awaited read_awaited(struct call *call)
{
    const char *name = call_query(call, "waiting_for");
    if (!name)
        return (struct awaited){0};
    if (!strcmp(name, "me"))
        return (struct awaited){call->who, role_name(call->role)};
    return approval_is_role(name) ? (struct awaited){"", name} : (struct awaited){name, NULL};
}

/* Pages are read until one is full: what waits for others is passed over. But no more than a turn of the loop
 * may take. */
static bool list(struct call *call, struct delivery_filter *filter, const struct awaited *awaited, json_t *items,
                 const char **ret_next, struct error *err)
{
    size_t limit = filter->limit, have = 0, looked_at = 0, count;
    filter->reviewed = awaited->who;
    do {
        struct delivery **deliveries;
        filter->limit = limit - have;
        if (!queue_list(call->control->queue, filter, call->arena, &deliveries, &count, &filter->cursor, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (awaited->who && !approve_waits_for(call, deliveries[i], awaited->who, awaited->role))
                continue;
            json_array_append_new(items, posts_delivery(call, deliveries[i]));
            have++;
        }
        looked_at += count;
    } while (awaited->who && count && have < limit && filter->cursor && looked_at < LOOKED_AT);
    *ret_next = filter->cursor;
    return true;
}

void api_deliveries(struct call *call)
{
    struct delivery_filter filter;
    const char *next;
    struct error err = {""};
    if (!read_filter(call, &filter))
        return;
    struct awaited awaited = read_awaited(call);
    bool paged = filter.cursor;
    json_t *items = json_array();
    bool ok = list(call, &filter, &awaited, items, &next, &err);
    bool nothing = ok && !json_array_size(items) && !paged && !next;
    if (ok && (!nothing || known_names(call))) {
        answer_list(call, items, next);
        return;
    }
    json_decref(items);
    if (!ok)
        problem(call, paged ? 400 : 503, "%s", err.message);
}

static struct delivery *find(struct call *call)
{
    struct error err = {""};
    struct delivery *delivery =
        queue_get(call->control->queue, call->arguments[0], call->arguments[1], call->arena, &err);
    if (!delivery)
        problem(call, 404, "%s", err.message);
    return delivery;
}

void api_delivery(struct call *call)
{
    const struct delivery *delivery = find(call);
    if (!delivery)
        return;
    answer_json(call, 200, posts_delivery(call, delivery));
    answer_etag(call, arena_printf(call->arena, "%lld", (long long)delivery->version));
}

static json_t *events_to_json(struct event *events, size_t count, const struct zone *zone)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, event_to_json(&events[i], zone));
    return list;
}

void api_delivery_history(struct call *call)
{
    struct queue *queue = call->control->queue;
    const struct delivery *delivery = find(call);
    struct event *events;
    struct attempt *attempts;
    size_t event_count, attempt_count;
    struct error err = {""};
    if (!delivery)
        return;
    if (!queue_history(queue, delivery->post_id, delivery->account, 0, call->arena, &events, &event_count,
                       &err) ||
        !queue_attempts(queue, delivery->post_id, delivery->account, call->arena, &attempts, &attempt_count,
                        &err)) {
        problem(call, 503, "%s", err.message);
        return;
    }
    const struct zone *zone = time_zone(call);
    json_t *list = json_array(), *history = json_object();
    for (size_t i = 0; i < attempt_count; i++)
        json_array_append_new(list, attempt_to_json(&attempts[i], zone));
    json_set(history, "events", events_to_json(events, event_count, zone));
    json_set(history, "attempts", list);
    answer_json(call, 200, history);
}

void api_history(struct call *call)
{
    struct event *events;
    size_t count;
    struct error err = {""};
    size_t limit = (size_t)call_query_number(call, "limit", PAGE);
    if (!queue_history(call->control->queue, NULL, NULL, limit, call->arena, &events, &count, &err)) {
        problem(call, 503, "%s", err.message);
        return;
    }
    const struct zone *zone = time_zone(call);
    json_t *items = json_array();
    bool ascending =
        count > 1 && events[0].at < events[count - 1].at; /* newest first, whatever the queue's order */
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, event_to_json(&events[ascending ? count - 1 - i : i], zone));
    answer_list(call, items, NULL);
}
