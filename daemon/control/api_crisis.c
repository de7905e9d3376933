/*
 * api_crisis: starting a crisis, letting single posts go in it, and saying the charter's holding statement.
 * The way back is crisis_end.c's; what keeps the publisher still is queue/crisis.h.
 */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "control/accounts.h"
#include "control/api.h"
#include "control/approve.h"
#include "control/change.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"
#include "publish/alert.h"
#include "queue/crisis.h"

enum { WHY_MOST = 500 };

static struct crisis *crises_of(struct call *call, size_t *ret_count)
{
    struct crisis *crises = NULL;
    *ret_count = 0;
    queue_crises(call->control->queue, call->arena, &crises, ret_count, NULL);
    return crises;
}

/* ---- showing ---- */

static json_t *names_to_json(const char *const *names, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *leaving_to_json(struct call *call, const char *account)
{
    size_t count;
    const char **names = publisher_leaving(call->control->publisher, account, call->arena, &count);
    return names_to_json(names, count);
}

json_t *crises_to_json(struct call *call)
{
    size_t count;
    const struct crisis *crises = crises_of(call, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        char local[48];
        json_set_text(object, "account", crises[i].account);
        view_instant(object, "since", crises[i].since);
        json_set_text(object, "local", local_format(time_zone(call), crises[i].since, local, sizeof local));
        json_set_text(object, "who", crises[i].who);
        json_set_text(object, "why", crises[i].why);
        json_array_append_new(list, object);
    }
    return list;
}

void crisis_to_attention(struct call *call, json_t *list)
{
    size_t count;
    const struct crisis *crises = crises_of(call, &count);
    for (size_t i = 0; i < count; i++) {
        bool all = !strcmp(crises[i].account, "*");
        json_t *item = json_object();
        json_set_text(item, all ? "daemon" : "account", all ? "crisis" : crises[i].account);
        json_set_text(item, "what",
                      arena_printf(call->arena,
                                   "%snothing is published but what is released: %s (%s); 'calctl crisis'",
                                   all ? "" : "crisis: ", crises[i].why, crises[i].who));
        json_array_append_new(list, item);
    }
}

void crisis_to_metrics(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    size_t count;
    const struct crisis *crises = crises_of(call, &count);
    metric_set(METRIC_CRISIS, "*", count && !strcmp(crises[0].account, "*"));
    for (size_t i = 0; i < settings->account_count; i++) {
        const char *name = settings->accounts[i].account.name;
        metric_set(METRIC_CRISIS, name, queue_in_crisis(call->control->queue, name));
    }
}

static json_t *released_to_json(struct call *call)
{
    struct delivery_filter filter = {.released = true, .limit = 1000};
    struct delivery **found;
    size_t count = 0;
    const char *next;
    json_t *list = json_array();
    if (queue_list(call->control->queue, &filter, call->arena, &found, &count, &next, NULL))
        for (size_t i = 0; i < count; i++)
            json_array_append_new(list, json_sprintf("%s/%s", found[i]->post_id, found[i]->account));
    return list;
}

static json_t *state_to_json(struct call *call, const char *account)
{
    const json_t *plan =
        json_member(schedule_documents(call->control->schedule)->charter->document, "crisis");
    const json_t *contacts = json_member(plan, "contacts");
    json_t *object = json_object();
    json_set(object, "crises", crises_to_json(call));
    json_set(object, "in_flight", leaving_to_json(call, account));
    json_set(object, "released", released_to_json(call));
    json_set(object, "overdue", json_integer((json_int_t)crisis_overdue(call)));
    view_text(object, "statement", json_text(plan, "statement"));
    json_set(object, "contacts", contacts ? json_deep_copy(contacts) : json_array());
    return object;
}

void api_crisis(struct call *call)
{
    answer_json(call, 200, state_to_json(call, NULL));
}

/* ---- starting ---- */

/* Durable before the answer; and before the next request leaves: see queue_may_leave. */
void api_crisis_start(struct call *call)
{
    const char *account = json_text(call->json, "account"), *why = json_text(call->json, "why");
    struct crisis crisis = {.account = account ? account : "*", .who = call->who, .why = why};
    struct error err = {""};
    if (strlen(why) > WHY_MOST || !why[strspn(why, " \t\r\n")])
        problem(call, 400, "'why' must be a text of at most %d bytes", WHY_MOST);
    else if (account && !call_account(call, account))
        return;
    else if (!queue_crisis_start(call->control->queue, &crisis, call->now, &err))
        problem(call, 409, "%s", err.message);
    else if (!alert_crisis(call->control->queue, &crisis, call->now, &err))
        problem_storage(call, &err);
    if (call->answer.status)
        return;
    log_warn("crisis: nothing is published%s%s by=\"%s\": %s", account ? " on " : "", account ? account : "",
             call->who, why);
    answer_json(call, 200, state_to_json(call, account));
}

/* ---- letting one go ---- */

/* Who paused before the crisis would wait in vain. */
static const char *paused(struct call *call, const char *account)
{
    struct account_status own = {0}, all = {0};
    queue_account(call->control->queue, account, call->arena, &own, NULL);
    queue_account(call->control->queue, "*", call->arena, &all, NULL);
    if (all.paused)
        return "everything is paused besides: 'calctl resume'";
    return own.paused ? arena_printf(call->arena, "it is paused besides: 'calctl resume %s'", account) : NULL;
}

static const char *prepare_release(struct change *change, const struct delivery *delivery, struct move *move)
{
    struct call *call = change->call;
    const struct account *account = change_account(change, delivery);
    unsigned states = 1u << STATE_READY | 1u << STATE_WAITING | 1u << STATE_HELD;
    if (!account)
        return "its account is not in cald.yaml any more";
    if (!queue_in_crisis(call->control->queue, delivery->account))
        return "there is no crisis for its account";
    if (!(states >> delivery->state & 1))
        return arena_printf(call->arena, "only what is ready, waiting or held can be released, it is %s",
                            state_name(delivery->state));
    if (delivery->state == STATE_HELD && approve_is_missing(call, delivery))
        return "it is not approved: approve it first, with a new time ('at') or 'now'";
    const char *why_not = paused(call, delivery->account);
    if (why_not)
        return why_not;
    move->to = STATE_READY;
    move->release = true;
    move->due = call->now > delivery->slot ? call->now : delivery->slot;
    change->judge.hurried = true;
    judge_content(&change->judge, account, delivery->content, delivery->bucket, delivery->post_id);
    return NULL;
}

/* Who releases in a crisis has looked at the hour: the words are judged again, the time is not. */
void api_crisis_release(struct call *call)
{
    struct change change = {.call = call,
                            .deed = "released in the crisis",
                            .why = "released in the crisis",
                            .prepare = prepare_release};
    change_run(&change);
}

/* ---- the holding statement ---- */

struct statement {
    struct call *call;
    struct judge judge;
    const char *id, *text;
    json_t *kept; /* accounts that cannot take it, and why */
    struct wanted *wanted;
    size_t count;
};

/* The same in one crisis however often it is said: an account is told once. */
static const char *statement_id(struct call *call, const char *account)
{
    size_t count;
    const struct crisis *crises = crises_of(call, &count);
    for (size_t i = count; i-- > 0;)
        if (!strcmp(crises[i].account, account) || !strcmp(crises[i].account, "*")) {
            char text[INSTANT_TEXT];
            instant_format(crises[i].since, text, sizeof text);
            return arena_printf(call->arena, "statement-%.4s%.2s%.2s-%.2s%.2s%.2s", text, text + 5, text + 8,
                                text + 11, text + 14, text + 17);
        }
    return NULL;
}

static void keep(struct statement *statement, const char *account, const char *why)
{
    json_array_append_new(statement->kept, json_pack("{s:s, s:s}", "account", account, "why", why));
}

static const char *first_error(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].level == DIAG_ERROR)
            return diags->items[i].message;
    return "it is refused";
}

/* As an entry of the calendar, so that the account's defaults hold; of what it says only the network's limits
 * count. */
static const struct content *content_for(struct statement *statement, const char *account,
                                         const char **ret_why)
{
    struct call *call = statement->call;
    json_t *entry =
        json_in_arena(call->arena, json_pack("{s:[s], s:s}", "to", account, "text", statement->text));
    struct diags diags = diags_in(call->arena);
    const struct post *post;
    if (!documents_read_post(statement->judge.documents, entry, call->arena, &post, &diags)) {
        *ret_why = first_error(&diags);
        return NULL;
    }
    const struct account *target = post->targets[0].account;
    struct diag where = {.post = statement->id, .account = account};
    network_check(target, post->targets[0].contents[0], publisher_session(call->control->publisher, account),
                  &where, &diags);
    *ret_why = diags.errors ? first_error(&diags) : NULL;
    return diags.errors ? NULL : post->targets[0].contents[0];
}

/* Whoever asks a second time found a mistake in it, or believes that it is not out: it may be so. */
static const char *say_told(struct call *call, const struct delivery *told)
{
    return told->state == STATE_PUBLISHED
               ? arena_printf(call->arena, "it was told already in this crisis: 'calctl edit %s' changes its words",
                              told->post_id)
               : arena_printf(call->arena, "it was asked for already in this crisis, and is %s: 'calctl explain %s/%s'",
                              state_name(told->state), told->post_id, told->account);
}

static void want(struct statement *statement, const struct settings_account *account)
{
    struct call *call = statement->call;
    const char *name = account->account.name, *why = paused(call, account->account.name);
    const char *id = statement_id(call, name);
    if (!id) {
        keep(statement, name, "there is no crisis for it");
        return;
    }
    statement->id = id;
    const struct delivery *told = queue_get(call->control->queue, id, name, call->arena, NULL);
    if (told) {
        keep(statement, name, say_told(call, told));
        return;
    }
    const struct content *content = why ? NULL : content_for(statement, name, &why);
    if (!content) {
        keep(statement, name, why);
        return;
    }
    statement->wanted[statement->count++] = (struct wanted){
        .post_id = id,
        .account = name,
        .network = account->account.network->name,
        .origin = "spontaneous",
        .author = call->who,
        .content = content,
        .slot = call->now,
        .state = STATE_READY,
        .approved = true,
        .message = "the charter's holding statement",
    };
}

static bool want_named(struct statement *statement, const json_t *to)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)to, i, item)
    {
        const char *name = json_string_value(item);
        const struct settings_account *account = name ? call_account(statement->call, name) : NULL;
        if (!name)
            problem(statement->call, 400, "'to' must be a list of names of accounts");
        if (!account)
            return false;
        for (size_t w = 0; w < statement->count; w++)
            if (!strcmp(statement->wanted[w].account, name))
                account = NULL;
        if (account)
            want(statement, account);
    }
    return true;
}

static bool want_all(struct statement *statement)
{
    const struct settings *settings = statement->judge.documents->settings;
    for (size_t i = 0; i < settings->account_count; i++)
        want(statement, &settings->accounts[i]);
    return true;
}

static bool release_one(struct statement *statement, const struct wanted *wanted, struct error *err)
{
    struct call *call = statement->call;
    struct queue *queue = call->control->queue;
    struct move move = {
        .to = STATE_READY, .who = call->who, .why = "released in the crisis", .release = true};
    const struct delivery *delivery = queue_get(queue, wanted->post_id, wanted->account, call->arena, err);
    move.due = call->now;
    return delivery && queue_move(queue, delivery, &move, call->now, err);
}

static bool say(struct statement *statement, struct error *err)
{
    if (!queue_add(statement->call->control->queue, statement->wanted, statement->count, statement->call->now,
                   err))
        return false;
    for (size_t i = 0; i < statement->count; i++)
        if (!release_one(statement, &statement->wanted[i], err))
            return false;
    return true;
}

static void answer_statement(struct statement *statement)
{
    json_t *answer = json_object(), *list = json_array();
    for (size_t i = 0; i < statement->count; i++)
        json_array_append_new(
            list, json_sprintf("%s/%s", statement->wanted[i].post_id, statement->wanted[i].account));
    json_set_text(answer, "text", statement->text);
    json_set(answer, "deliveries", list);
    json_set(answer, "kept", json_incref(statement->kept));
    answer_json(statement->call, 200, answer);
    if (!statement->call->dry_run)
        log_warn("crisis: the holding statement goes to %zu accounts by=\"%s\"", statement->count,
                 statement->call->who);
}

static void refuse_statement(struct statement *statement)
{
    const json_t *first = json_array_get(statement->kept, 0);
    problem(statement->call, 409, "the statement goes nowhere: %s: %s", json_text(first, "account"),
            json_text(first, "why"));
}

void api_crisis_statement(struct call *call)
{
    const json_t *to = json_member(call->json, "to");
    struct statement statement = {.call = call, .kept = json_in_arena(call->arena, json_array())};
    struct error err = {""};
    call->dry_run = call_query_flag(call, "dry_run");
    if (!judge_init(&statement.judge, call))
        return;
    const struct documents *documents = statement.judge.documents;
    statement.text = json_text(json_member(documents->charter->document, "crisis"), "statement");
    statement.wanted =
        arena_alloc_array(call->arena, documents->settings->account_count + 1, sizeof *statement.wanted);
    if (!statement.text)
        problem(call, 422,
                "the charter has no statement: write it as 'statement' under 'crisis' in charter.yaml");
    else if (!(to ? want_named(&statement, to) : want_all(&statement)))
        return;
    else if (!statement.count)
        refuse_statement(&statement);
    else if (!say(&statement, &err))
        problem_storage(call, &err);
    else
        answer_statement(&statement);
}
