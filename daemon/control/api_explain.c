/*
 * api_explain: gathers what is known of a delivery, from queue, publisher, charter and documents, and has it
 * said (publish/explain.h).
 */
#include <string.h>

#include "base/json.h"
#include "control/accounts.h"
#include "control/api.h"
#include "control/approve.h"
#include "control/judge.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"
#include "publish/explain.h"
#include "queue/crisis.h"

static bool read_queue(struct call *call, struct explain_facts *facts)
{
    struct queue *queue = call->control->queue;
    struct event *events;
    struct attempt *attempts;
    struct error err = {""};
    const char *post = call->arguments[0], *account = call->arguments[1];
    facts->delivery = queue_get(queue, post, account, call->arena, &err);
    if (!facts->delivery) {
        problem(call, 404, "%s", err.message);
        return false;
    }
    if (!queue_history(queue, post, account, 0, call->arena, &events, &facts->event_count, &err) ||
        !queue_attempts(queue, post, account, call->arena, &attempts, &facts->attempt_count, &err) ||
        !queue_account(queue, account, call->arena, &facts->own, &err) ||
        !queue_account(queue, "*", call->arena, &facts->all, &err)) {
        problem(call, 503, "%s", err.message);
        return false;
    }
    facts->events = events;
    facts->attempts = attempts;
    return true;
}

/* The first of an account's deliveries in these states, in the order of their slots; NULL: there is none. */
static const struct delivery *first_of(struct call *call, const char *account, unsigned states)
{
    struct delivery_filter filter = {.account = account, .states = states, .limit = 1};
    struct delivery **found;
    size_t count = 0;
    const char *next;
    if (!queue_list(call->control->queue, &filter, call->arena, &found, &count, &next, NULL) || count == 0)
        return NULL;
    return found[0];
}

/* Who stands in front matters where posts go out one after the other. */
static void look_at_line(struct call *call, struct explain_facts *facts)
{
    const struct delivery *d = facts->delivery, *first, *unsure;
    if (!facts->account || !(1u << d->state & (1u << STATE_READY | 1u << STATE_WAITING)))
        return;
    unsure =
        facts->account->unsure.then == UNSURE_WAIT ? first_of(call, d->account, 1u << STATE_UNSURE) : NULL;
    if (unsure)
        facts->awaited = arena_printf(call->arena, "%s/%s", unsure->post_id, unsure->account);
    first = first_of(call, d->account, 1u << STATE_READY | 1u << STATE_WAITING);
    if (first && first->row != d->row && d->slot <= call->now && facts->account->parallel <= 1)
        facts->before = arena_printf(call->arena, "%s/%s", first->post_id, first->account);
}

static void look_at_crisis(struct call *call, struct explain_facts *facts)
{
    struct crisis *crises;
    size_t count = 0;
    if (facts->delivery->released || !queue_crises(call->control->queue, call->arena, &crises, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(crises[i].account, "*") || !strcmp(crises[i].account, facts->delivery->account))
            facts->crisis = crises[i].why;
}

static void look_at_approval(struct call *call, struct explain_facts *facts)
{
    struct approval_case what = approve_case(call, facts->delivery);
    facts->awaits = approve_awaits(call, facts->delivery);
    facts->approvals = approval_all(approve_rules(call), &what, call->arena);
}

/* The charter as it is now, which may not be the one under which it came in. */
static void look_at_charter(struct judge *judge, struct explain_facts *facts)
{
    const struct delivery *d = facts->delivery;
    if (!facts->account || d->state == STATE_PUBLISHED || d->state == STATE_CANCELLED)
        return;
    const struct account *account = &facts->account->account;
    judge_content(judge, account, d->content, d->bucket, d->post_id);
    judge_time(judge, &(struct proposal){.account = account,
                                         .content = d->content,
                                         .bucket = d->bucket,
                                         .self = d->post_id,
                                         .at = d->slot});
    facts->findings = &judge->diags;
}

static json_t *lines_to_json(const struct explain_lines *lines, const struct zone *zone)
{
    json_t *list = json_array();
    char local[48];
    for (size_t i = 0; i < lines->count; i++) {
        json_t *line = json_object();
        instant at = lines->items[i].at;
        json_set_text(line, "cause", lines->items[i].cause);
        json_set_text(line, "text", lines->items[i].text);
        view_instant(line, "at", at);
        view_text(line, "local", at ? local_format(zone, at, local, sizeof local) : NULL);
        json_array_append_new(list, line);
    }
    return list;
}

static json_t *commands_to_json(const struct explanation *explanation)
{
    json_t *list = json_array();
    for (size_t i = 0; i < explanation->command_count; i++) {
        const struct explain_command *c = &explanation->commands[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "command", c->command, "text", c->text,
                                              "role", role_name(c->role)));
    }
    return list;
}

static json_t *findings_to_json(const struct diags *findings)
{
    json_t *list = json_array(), *warnings;
    if (!findings)
        return list;
    json_array_extend(list, warnings = diags_to_json(findings, DIAG_ERROR));
    json_decref(warnings);
    json_array_extend(list, warnings = diags_to_json(findings, DIAG_WARNING));
    json_decref(warnings);
    return list;
}

void api_explain(struct call *call)
{
    struct explain_facts facts = {.zone = time_zone(call), .now = call->now};
    struct judge judge;
    if (!read_queue(call, &facts) || !judge_init(&judge, call))
        return;
    publisher_facts(call->control->publisher, &facts, call->arena);
    look_at_crisis(call, &facts);
    look_at_approval(call, &facts);
    if (!queue_has_room(call->control->queue))
        facts.disk = "The disk is full: nothing is sent until there is room.";
    look_at_line(call, &facts);
    look_at_charter(&judge, &facts);
    struct explanation explanation = explain(&facts, call->arena);
    json_t *object = json_object();
    json_set(object, "delivery", posts_delivery(call, facts.delivery));
    json_set(object, "why", lines_to_json(&explanation.why, facts.zone));
    json_set(object, "obstacles", lines_to_json(&explanation.obstacles, facts.zone));
    json_set(object, "next", lines_to_json(&explanation.next, facts.zone));
    json_set(object, "commands", commands_to_json(&explanation));
    json_set(object, "findings", findings_to_json(facts.findings));
    answer_json(call, 200, object);
}
