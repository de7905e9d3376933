/*
 * api_status: how the daemon is, for people and for machines.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/metrics.h"
#include "control/accounts.h"
#include "control/api.h"
#include "control/description.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"
#include "network/login.h"
#include "publish/login.h"
#include "queue/approval.h"

enum { MOST_ATTENTION = 100 };
#define CHECK_EVERY SECONDS(2)

static const char full_disk[] =
    "the disk is full: nothing is sent and nothing new is taken until there is room";

/* A write costs a sync: whoever asks more often gets the last answer. */
static bool takes_writes(struct call *call)
{
    struct control *control = call->control;
    duration now = clock_monotonic();
    if (!control->checked || now - control->checked >= CHECK_EVERY || !control->writable) {
        control->writable = queue_is_writable(control->queue, call->now, NULL);
        control->checked = now;
    }
    return control->writable;
}

/* What is wrong, or NULL. */
static const char *illness(struct call *call)
{
    if (!queue_has_room(call->control->queue))
        return full_disk;
    return takes_writes(call) ? NULL : "the database takes no writes";
}

void api_health(struct call *call)
{
    const char *wrong = illness(call);
    if (wrong)
        problem(call, 503, "%s", wrong);
    else
        answer_json(call, 200, json_pack("{s:s}", "status", "ok"));
}

void api_description(struct call *call)
{
    size_t length;
    const char *bytes = description_bytes(&length);
    answer_bytes(call, 200, "application/yaml", bytes, length);
}

static json_t *documents_to_json(struct call *call)
{
    const struct documents *documents = schedule_documents(call->control->schedule);
    const struct schedule_report *last = schedule_last(call->control->schedule);
    json_t *object = json_object(), *files = json_array();
    for (size_t i = 0; i < documents->file_count; i++)
        json_array_append_new(files, json_string(documents->files[i]));
    view_instant(object, "loaded", schedule_loaded(call->control->schedule));
    json_set_text(object, "hash", documents->hash);
    json_set(object, "files", files);
    const struct schedule_waiting *waits = schedule_waits(call->control->schedule);
    view_instant(object, "plan_waits", waits ? waits->since : 0);
    bool refused = last && !last->applied && last->diags;
    json_set(object, "errors", refused ? diags_to_json(last->diags, DIAG_ERROR) : json_array());
    json_set(object, "warnings", diags_to_json(&documents->diags, DIAG_WARNING));
    return object;
}

static json_t *counts_to_json(struct call *call)
{
    size_t counts[STATE_COUNT] = {0};
    json_t *object = json_object();
    queue_counts(call->control->queue, counts, NULL);
    for (int state = 0; state < STATE_COUNT; state++)
        json_set_number(object, state_name((enum state)state), (int64_t)counts[state]);
    return object;
}

static json_t *next_to_json(struct call *call)
{
    struct delivery **deliveries;
    size_t count;
    const char *next;
    struct delivery_filter filter = {.states = 1u << STATE_READY | 1u << STATE_WAITING, .limit = 1};
    if (!queue_list(call->control->queue, &filter, call->arena, &deliveries, &count, &next, NULL) ||
        count == 0)
        return json_null();
    return posts_delivery(call, deliveries[0]);
}

static void add_attention(json_t *list, const char *kind, const char *name, const char *what)
{
    json_t *item = json_object();
    json_set_text(item, kind, name);
    json_set_text(item, "what", what);
    json_array_append_new(list, item);
}

static void add_deliveries(struct call *call, json_t *list)
{
    struct delivery **deliveries;
    size_t count;
    const char *next;
    struct delivery_filter filter = {
        .states = 1u << STATE_REFUSED | 1u << STATE_UNSURE | 1u << STATE_HELD | 1u << STATE_MISSED,
        .limit = MOST_ATTENTION,
        .newest_first = true,
    };
    if (!queue_list(call->control->queue, &filter, call->arena, &deliveries, &count, &next, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        const struct delivery *d = deliveries[i];
        const char *id = arena_printf(call->arena, "%s/%s", d->post_id, d->account);
        const char *state = state_name(d->state), *message = d->message ? d->message : state;
        bool says_it = !strncmp(message, state, strlen(state)); /* "held: a reason" */
        add_attention(list, "delivery", id, says_it ? message : arena_printf(call->arena, "%s: %s", state, message));
    }
}

static void add_login(struct call *call, const char *account, json_t *list)
{
    bool near;
    char at[INSTANT_TEXT];
    instant ends = publisher_login_ends(call->control->publisher, account, &near);
    if (near && ends > call->now)
        add_attention(list, "account", account,
                      arena_printf(call->arena, "its login ends at %s: calctl login %s",
                                   instant_format(ends, at, sizeof at), account));
}

static void add_ending(struct call *call, const char *account, json_t *list)
{
    const char *what = publisher_ending(call->control->publisher, account, call->arena);
    if (what)
        add_attention(list, "account", account, what);
}

/* What is wrong with it, and whether a person has to do anything. */
static const char *trouble_of(struct call *call, const struct account *account, const struct account_view *view)
{
    char local[48];
    const char *what = view->why ? arena_printf(call->arena, "%s: %s", view->state, view->why) : view->state;
    if (!strcmp(view->state, "reconnect") && login_of(account) && !account_trouble(account))
        return arena_printf(call->arena, "%s; 'calctl login %s' renews it", what, account->name);
    if (view->until)
        return arena_printf(call->arena, "%s; tried again by itself at %s", what,
                            local_format(time_zone(call), view->until, local, sizeof local));
    return what;
}

static void add_accounts(struct call *call, json_t *list)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    for (size_t i = 0; i < settings->account_count; i++) {
        struct account_view view = account_look(call, &settings->accounts[i]);
        if (strcmp(view.state, "ok") != 0 && strcmp(view.state, "crisis") != 0) /* said above */
            add_attention(list, "account", settings->accounts[i].account.name,
                          trouble_of(call, &settings->accounts[i].account, &view));
        add_login(call, settings->accounts[i].account.name, list);
        add_ending(call, settings->accounts[i].account.name, list);
    }
}

/* What keeps everything from being published, and what keeps a person from being told. */
static void add_obstacles(struct call *call, json_t *list)
{
    const char *clock = publisher_clock_trouble(call->control->publisher, call->arena);
    const char *doubt = publisher_database_doubt(call->control->publisher, call->arena);
    const char *hook = publisher_hook_trouble(call->control->publisher, call->arena);
    if (clock)
        add_attention(list, "daemon", "clock", clock);
    if (doubt)
        add_attention(list, "daemon", "restored", doubt);
    if (hook)
        add_attention(list, "daemon", "on_failure", hook);
}

/* All but of single deliveries, which are counted by their states. */
static json_t *troubles_to_json(struct call *call)
{
    json_t *list = json_array();
    const struct schedule_report *last = schedule_last(call->control->schedule);
    if (last && !last->applied)
        add_attention(list, "documents", "calendar",
                      last->message ? last->message
                                    : "the documents were refused; what was loaded before is in force");
    if (schedule_waits(call->control->schedule))
        add_attention(list, "documents", "plan", schedule_waits(call->control->schedule)->message);
    if (!queue_has_room(call->control->queue))
        add_attention(list, "disk", schedule_documents(call->control->schedule)->settings->state, full_disk);
    crisis_to_attention(call, list);
    add_obstacles(call, list);
    add_accounts(call, list);
    return list;
}

static json_t *attention_to_json(struct call *call)
{
    json_t *list = troubles_to_json(call);
    add_deliveries(call, list);
    return list;
}

static size_t count_submitted(struct call *call)
{
    size_t count = 0;
    queue_count_submitted(call->control->queue, &count, NULL);
    return count;
}

/* The first member says what it is about: {"account": NAME, …}, {"daemon": "clock", …}. */
static const char *kind_of(json_t *item)
{
    const char *key = json_object_iter_key(json_object_iter(item));
    return strcmp(key, "daemon") != 0 ? key : json_text(item, key);
}

/* Every kind is always there: an alarm that waits for what is absent never rings. */
static void troubles_to_metrics(struct call *call)
{
    static const char *const kinds[] = {"account", "clock", "crisis", "disk", "documents", "on_failure", "restored"};
    json_t *troubles = troubles_to_json(call), *item;
    size_t i;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        metric_set(METRIC_ATTENTION, kinds[k], 0);
    json_array_foreach(troubles, i, item)
        metric_add(METRIC_ATTENTION, kind_of(item), 1);
    json_decref(troubles);
}

void api_metrics(struct call *call)
{
    struct buf text = {0};
    size_t counts[STATE_COUNT];
    if (queue_counts(call->control->queue, counts, NULL))
        for (int state = 0; state < STATE_COUNT; state++)
            metric_set(METRIC_WAITING, state_name((enum state)state), (double)counts[state]);
    for (int state = 0; state < STATE_COUNT; state++)
        if (state_is_final((enum state)state))
            metric_add(METRIC_DELIVERIES, state_name((enum state)state), 0); /* there before the first */
    metric_set(METRIC_APPROVAL, NULL, (double)count_submitted(call));
    crisis_to_metrics(call);
    troubles_to_metrics(call);
    metrics_print(&text);
    answer_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&text));
    buf_release(&text);
}

json_t *paused_to_json(struct call *call)
{
    struct account_status all = {0};
    if (!queue_account(call->control->queue, "*", call->arena, &all, NULL) || !all.paused)
        return json_null();
    json_t *object = json_object();
    json_set_text(object, "why", all.paused_why ? all.paused_why : "");
    return object;
}

void api_status(struct call *call)
{
    struct control *control = call->control;
    json_t *status = json_object();
    json_set_text(status, "version", CALD_VERSION);
    view_text(status, "brand", schedule_documents(control->schedule)->charter->name);
    view_text(status, "installation", queue_installation(control->queue, NULL));
    json_set_number(status, "uptime_s", (clock_monotonic() - control->started) / 1000);
    json_set_flag(status, "healthy", !illness(call));
    json_set(status, "paused", paused_to_json(call));
    json_set(status, "crises", crises_to_json(call));
    json_set(status, "documents", documents_to_json(call));
    json_set(status, "counts", counts_to_json(call));
    json_set_number(status, "waiting_for_approval", (int64_t)count_submitted(call));
    json_set(status, "next", next_to_json(call));
    json_set(status, "attention", attention_to_json(call));
    json_set_number(status, "in_flight", (int64_t)publisher_in_flight(control->publisher));
    json_set(status, "accounts", accounts_to_json(call));
    json_set(status, "url", control->address[0] ? json_sprintf("http://%s/", control->address) : json_null());
    json_set_text(status, "role", role_name(call->role));
    answer_json(call, 200, status);
}
