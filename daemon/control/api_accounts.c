/*
 * api_accounts: the accounts: how they are, pausing, and asking their servers whether the credentials work.
 */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "control/accounts.h"
#include "control/api.h"
#include "control/pending.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/view.h"
#include "network/text.h"
#include "publish/login.h"
#include "queue/crisis.h"

/* What the account waits for, where its setting 'unsure' says that it waits; or NULL. */
static const char *awaited(struct call *call, const struct settings_account *account)
{
    struct delivery_filter filter = {
        .account = account->account.name, .states = 1u << STATE_UNSURE, .limit = 1};
    struct delivery **found;
    const char *next;
    size_t count = 0;
    if (account->unsure.then == UNSURE_GO_ON ||
        !queue_list(call->control->queue, &filter, call->arena, &found, &count, &next, NULL) || count == 0)
        return NULL;
    bool for_person = found[0]->due == INSTANT_NEVER;
    return arena_printf(call->arena, "nothing goes out until the unsure '%s/%s' is settled%s",
                        found[0]->post_id, found[0]->account,
                        for_person ? ", by 'calctl resolve'" : "; cald is finding out");
}

struct account_view account_look(struct call *call, const struct settings_account *account)
{
    struct queue *queue = call->control->queue;
    struct account_status own = {0}, all = {0};
    queue_account(queue, account->account.name, call->arena, &own, NULL);
    queue_account(queue, "*", call->arena, &all, NULL);
    const char *needed = publisher_login_needed(call->control->publisher, account->account.name, call->arena);
    struct account_view view = {.state = "ok", .last_published = own.last_published};
    if (queue_in_crisis(queue, account->account.name)) {
        view.state = "crisis";
        view.why = "nothing is published but what 'calctl crisis release' lets go";
    } else if (own.reconnect || needed) {
        view.state = "reconnect";
        view.why = own.reconnect ? own.brake_why : needed;
    } else if (own.paused || all.paused) {
        view.state = "paused";
        view.why = own.paused ? own.paused_why : all.paused_why;
    } else if (own.braked_until > call->now) {
        view.state = "braked";
        view.why = own.brake_why;
        view.until = own.braked_until;
    } else if ((view.why = awaited(call, account))) {
        view.state = "unsure";
    }
    return view;
}

/* Length of a text that the account takes, where its network counts. */
static json_t *limit_to_json(struct call *call, const struct account *account)
{
    const json_t *session = publisher_session(call->control->publisher, account->name);
    const struct network *network = account->network;
    const struct text_rule *rule = text_rule_find(network->name);
    size_t limit = network->text_limit ? network->text_limit(account, session) : 0;
    if (rule)
        limit = text_measure(rule, "", 0, limit, call->arena).limit;
    return limit ? json_integer((json_int_t)limit) : json_null();
}

static int64_t count_waiting(struct call *call, const char *account)
{
    size_t counts[STATE_COUNT] = {0};
    queue_account_counts(call->control->queue, account, counts, NULL);
    return (int64_t)(counts[STATE_READY] + counts[STATE_WAITING] + counts[STATE_HELD] + counts[STATE_DRAFT]);
}

json_t *account_to_json(struct call *call, const struct settings_account *account)
{
    struct account_view view = account_look(call, account);
    json_t *object = json_object();
    json_set_text(object, "name", account->account.name);
    json_set_text(object, "network", account->account.network->name);
    json_set_text(object, "title", account->account.network->title);
    json_set_text(object, "state", view.state);
    view_text(object, "why", view.why);
    view_instant(object, "until", view.until);
    view_instant(object, "last_published", view.last_published);
    json_set_number(object, "waiting", count_waiting(call, account->account.name));
    json_set(object, "limit", limit_to_json(call, &account->account));
    bool near;
    view_instant(object, "login_ends",
                 publisher_login_ends(call->control->publisher, account->account.name, &near));
    return object;
}

json_t *accounts_to_json(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    json_t *list = json_array();
    for (size_t i = 0; i < settings->account_count; i++)
        json_array_append_new(list, account_to_json(call, &settings->accounts[i]));
    return list;
}

void api_accounts(struct call *call)
{
    json_t *page = json_object();
    json_set(page, "items", accounts_to_json(call));
    json_set(page, "next", json_null());
    answer_json(call, 200, page);
}

/* ---- the live check ---- */

static void checked(void *context, const struct outcome *outcome)
{
    struct call *call = pending_take(context);
    if (!call)
        return;
    bool works = outcome->kind == OUTCOME_DONE;
    json_t *answer = json_object();
    json_set_flag(answer, "ok", works);
    json_set_text(answer, "message",
                  outcome->message ? outcome->message
                  : works          ? "the credentials work"
                                   : "unknown");
    view_text(answer, "identity", works ? outcome->message : NULL);
    answer_json(call, 200, answer);
    pending_end(call);
}

void api_account_check(struct call *call)
{
    if (call_account(call, call->arguments[0]))
        publisher_verify(call->control->publisher, call->arguments[0], checked, pending_begin(call));
}

/* ---- pausing ---- */

static bool set_paused(struct call *call, const char *name, bool paused)
{
    struct queue *queue = call->control->queue;
    struct account_status status = {0};
    struct error err = {""};
    bool read = queue_account(queue, name, call->arena, &status, &err);
    status.name = name;
    status.paused = paused;
    status.paused_why = paused ? json_text(call->json, "why") : NULL;
    if (!paused) { /* who resumes has looked at what was wrong: what waits is tried at once */
        status.braked_until = 0;
        status.failures = 0;
        status.reconnect = false;
    }
    if (read && queue_set_account(queue, &status, call->who, call->now, &err)) {
        log_info("%s %s by %s", strcmp(name, "*") == 0 ? "all accounts" : name, paused ? "paused" : "resumed",
                 call->who);
        return true;
    }
    problem_storage(call, &err);
    return false;
}

static void pause_account(struct call *call, bool paused)
{
    const struct settings_account *account = call_account(call, call->arguments[0]);
    if (account && set_paused(call, account->account.name, paused))
        answer_json(call, 200, account_to_json(call, account));
}

static void pause_all(struct call *call, bool paused)
{
    if (!set_paused(call, "*", paused))
        return;
    const char *why = json_text(call->json, "why");
    json_t *answer = json_object();
    json_set(answer, "paused", paused ? json_pack("{s:s}", "why", why ? why : "") : json_null());
    answer_json(call, 200, answer);
}

void api_account_pause(struct call *call)
{
    pause_account(call, true);
}

void api_account_resume(struct call *call)
{
    pause_account(call, false);
}

void api_pause(struct call *call)
{
    pause_all(call, true);
}

/* What holds everything back is ended only by its name: who resumes after a pause may not know of it. */
static bool clear_obstacles(struct call *call)
{
    struct publisher *publisher = call->control->publisher;
    struct error err = {""};
    bool ok = (!json_flag(call->json, "clock", false) || publisher_resume_clock(publisher, call->who, &err)) &&
              (!json_flag(call->json, "restored", false) || publisher_resume_restored(publisher, call->who, &err));
    if (!ok)
        problem(call, 409, "%s", err.message);
    return ok;
}

void api_resume(struct call *call)
{
    bool obstacle = json_flag(call->json, "clock", false) || json_flag(call->json, "restored", false);
    if (!obstacle)
        pause_all(call, false);
    else if (clear_obstacles(call))
        answer_json(call, 200, json_pack("{s:o}", "paused", paused_to_json(call)));
}
