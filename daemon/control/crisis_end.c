/*
 * The way back from a crisis: a decision for whatever fell due in it, and for whatever is named, in the
 * transaction that ends it. Nothing overdue goes out by itself: it is held for a person, moved to the next
 * free time that the charter allows, or dropped. What is still ahead keeps its time unless it is named.
 */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "control/accounts.h"
#include "control/api.h"
#include "control/judge.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/view.h"
#include "publish/alert.h"
#include "queue/crisis.h"

enum { PAGE = 1000, TRIES = 30 };
#define QUEUED (1u << STATE_READY | 1u << STATE_WAITING)

enum decision { KEEP, MOVE, DROP, DECISIONS };

static const char *const names[DECISIONS] = {"keep", "move", "drop"};

struct place {                  /* where the search for a time goes on: what is before it was given away */
    const char *account, *slot; /* slot NULL: any */
    instant after;
};

struct replan {
    struct call *call;
    const char *account; /* whose crisis ends; NULL: all */
    enum decision rule;
    struct delivery **items; /* what is to be decided about */
    enum decision *decisions;
    size_t count;
    struct assigned *assigned; /* the times that are taken */
    size_t assigned_count;
    struct place *places;
    size_t place_count;
    json_t *moved, *dropped, *held, *unsure;
    size_t kept;
};

/* ---- what is to be decided about ---- */

static bool ends_for(const struct replan *replan, const struct delivery *delivery)
{
    return !replan->account || !strcmp(replan->account, delivery->account);
}

static bool add_found(struct replan *replan, struct delivery_filter filter, struct error *err)
{
    do {
        struct delivery **found;
        size_t count;
        if (!queue_list(replan->call->control->queue, &filter, replan->call->arena, &found, &count,
                        &filter.cursor, err))
            return false;
        for (size_t i = 0; i < count; i++)
            if (ends_for(replan, found[i]) &&
                queue_in_crisis(replan->call->control->queue, found[i]->account) && !found[i]->released)
                *arena_push(replan->call->arena, replan->items, replan->count) = found[i];
    } while (filter.cursor);
    return true;
}

static bool find_overdue(struct replan *replan, struct error *err)
{
    return add_found(
        replan,
        (struct delivery_filter){
            .states = QUEUED, .account = replan->account, .until = replan->call->now + 1, .limit = PAGE},
        err);
}

size_t crisis_overdue(struct call *call)
{
    struct replan replan = {.call = call};
    return find_overdue(&replan, NULL) ? replan.count : 0;
}

static bool fits(const struct delivery *delivery, const char *name)
{
    size_t length = strlen(delivery->post_id);
    if (strncmp(name, delivery->post_id, length) != 0)
        return false;
    return !name[length] || (name[length] == '/' && !strcmp(name + length + 1, delivery->account));
}

static bool has(const struct replan *replan, size_t count, int64_t row)
{
    for (size_t i = 0; i < count; i++)
        if (replan->items[i]->row == row)
            return true;
    return false;
}

/* Those of a named post that are still ahead: the overdue ones are in the list. */
static bool add_named(struct replan *replan, const char *name, struct error *err)
{
    struct replan more = {.call = replan->call, .account = replan->account};
    const char *post = arena_strndup(replan->call->arena, name, strcspn(name, "/"));
    if (!add_found(&more, (struct delivery_filter){.states = QUEUED, .post_id = post, .limit = PAGE}, err))
        return false;
    size_t before = replan->count;
    for (size_t i = 0; i < more.count; i++)
        if (fits(more.items[i], name) && !has(replan, before, more.items[i]->row))
            *arena_push(replan->call->arena, replan->items, replan->count) = more.items[i];
    for (size_t i = 0; i < replan->count; i++)
        if (fits(replan->items[i], name))
            return true;
    problem(replan->call, 404, "'%s' is nothing that the crisis keeps back", name);
    return true;
}

static bool read_names(struct replan *replan, enum decision decision, struct error *err)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_member(replan->call->json, names[decision]), i, item)
    {
        const char *name = json_string_value(item);
        if (!name)
            problem(replan->call, 400, "'%s' must be a list of posts", names[decision]);
        else if (!add_named(replan, name, err))
            return false;
        if (replan->call->answer.status)
            return true;
    }
    return true;
}

static bool is_named(const struct replan *replan, enum decision decision, const struct delivery *delivery)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_member(replan->call->json, names[decision]), i, item)
    {
        if (fits(delivery, json_string_value(item)))
            return true;
    }
    return false;
}

/* What is named decides before the rule; twice, and there is no decision. */
static void decide(struct replan *replan, size_t at)
{
    const struct delivery *delivery = replan->items[at];
    int named = 0;
    replan->decisions[at] = delivery->slot > replan->call->now ? KEEP : replan->rule;
    for (int decision = 0; decision < DECISIONS; decision++)
        if (is_named(replan, (enum decision)decision, delivery)) {
            replan->decisions[at] = (enum decision)decision;
            named++;
        }
    if (named > 1)
        problem(replan->call, 400, "'%s/%s' is named twice, for different decisions", delivery->post_id,
                delivery->account);
}

static bool find_all(struct replan *replan, struct error *err)
{
    const char *rule = json_text(replan->call->json, "rule");
    for (int decision = 0; decision < DECISIONS; decision++)
        if (rule && !strcmp(rule, names[decision]))
            replan->rule = (enum decision)decision;
    if (!find_overdue(replan, err))
        return false;
    for (int decision = 0; decision < DECISIONS && !replan->call->answer.status; decision++)
        if (!read_names(replan, (enum decision)decision, err))
            return false;
    replan->decisions = arena_alloc_array(replan->call->arena, replan->count + 1, sizeof *replan->decisions);
    for (size_t i = 0; i < replan->count && !replan->call->answer.status; i++)
        decide(replan, i);
    return true;
}

/* ---- doing it ---- */

static bool put(struct replan *replan, const struct delivery *delivery, enum state to, const char *why,
                struct error *err)
{
    struct move move = {.to = to, .who = replan->call->who, .why = why};
    return queue_move(replan->call->control->queue, delivery, &move, replan->call->now, err);
}

static bool hold(struct replan *replan, const struct delivery *delivery, const char *why, struct error *err)
{
    json_array_append_new(replan->held,
                          json_pack("{s:o, s:s}", "delivery",
                                    json_sprintf("%s/%s", delivery->post_id, delivery->account), "why", why));
    return put(replan, delivery, STATE_HELD, why, err);
}

static bool keep(struct replan *replan, const struct delivery *delivery, struct error *err)
{
    if (delivery->slot <= replan->call->now)
        return hold(replan, delivery, "its time passed in the crisis: move, release or cancel it", err);
    replan->kept++;
    return true;
}

static bool drop(struct replan *replan, const struct delivery *delivery, struct error *err)
{
    json_array_append_new(replan->dropped, json_sprintf("%s/%s", delivery->post_id, delivery->account));
    return put(replan, delivery, STATE_CANCELLED, "dropped after the crisis", err);
}

static void take(struct replan *replan, const struct delivery *delivery, const struct slot *slot, instant at)
{
    *arena_push(replan->call->arena, replan->assigned, replan->assigned_count) = (struct assigned){
        .post_id = delivery->post_id, .account = delivery->account, .slot_name = slot->name, .slot = at};
}

/* Whether the charter has nothing against the time. */
static bool is_allowed(struct replan *replan, const struct delivery *delivery, const struct account *account,
                       instant at)
{
    struct judge judge = {
        .call = replan->call,
        .documents = schedule_documents(replan->call->control->schedule),
        .diags = diags_in(replan->call->arena),
    };
    judge_time(&judge, &(struct proposal){.account = account,
                                          .content = delivery->content,
                                          .bucket = delivery->bucket,
                                          .self = delivery->post_id,
                                          .at = at});
    return judge.diags.errors == 0;
}

static const char *own_slot(const struct calendar *calendar, const struct delivery *delivery)
{
    for (size_t i = 0; delivery->slot_name && i < calendar->slot_count; i++)
        if (!strcmp(calendar->slots[i].name, delivery->slot_name))
            return delivery->slot_name;
    return NULL;
}

static struct place *place_of(struct replan *replan, const char *account, const char *slot)
{
    for (size_t i = 0; i < replan->place_count; i++) {
        struct place *place = &replan->places[i];
        bool same_slot = !place->slot == !slot && (!slot || !strcmp(place->slot, slot));
        if (same_slot && !strcmp(place->account, account))
            return place;
    }
    struct place *place = arena_push(replan->call->arena, replan->places, replan->place_count);
    *place = (struct place){account, slot, replan->call->now};
    return place;
}

/* Times that the charter is against count as taken for this one only. */
static bool find_time(struct replan *replan, const struct delivery *delivery, const struct account *account,
                      const struct slot **ret_slot, instant *ret_at, struct error *why)
{
    const struct calendar *calendar = schedule_documents(replan->call->control->schedule)->calendar;
    const char *name = own_slot(calendar, delivery);
    struct place *place = place_of(replan, account->name, name);
    size_t taken = replan->assigned_count;
    bool found = false, some = true;
    for (int i = 0; i < TRIES && some && !found; i++) {
        some = plan_next_free(calendar, name, &account, 1, place->after, replan->assigned,
                              replan->assigned_count, ret_slot, ret_at, why);
        found = some && is_allowed(replan, delivery, account, *ret_at);
        if (some && !found)
            take(replan, delivery, *ret_slot, *ret_at);
    }
    replan->assigned_count = taken;
    if (found && *ret_at > place->after)
        place->after = *ret_at - 1; /* another slot may have the same time */
    return found || (some && fail(why, "the charter is against the next %d times", TRIES));
}

static bool move_to(struct replan *replan, const struct delivery *delivery, instant at, struct error *err)
{
    struct move move = {.to = STATE_READY,
                        .who = replan->call->who,
                        .why = "moved to the next free time after the crisis",
                        .slot = at};
    json_t *item = json_object();
    json_set(item, "delivery", json_sprintf("%s/%s", delivery->post_id, delivery->account));
    view_instant(item, "from", delivery->slot);
    view_instant(item, "to", at);
    json_array_append_new(replan->moved, item);
    return queue_move(replan->call->control->queue, delivery, &move, replan->call->now, err);
}

static bool move(struct replan *replan, const struct delivery *delivery, struct error *err)
{
    const struct settings_account *account =
        settings_account(schedule_documents(replan->call->control->schedule)->settings, delivery->account);
    const struct slot *slot;
    struct error why = {""};
    instant at;
    if (!account)
        return hold(replan, delivery, "its account is not in cald.yaml any more", err);
    if (!find_time(replan, delivery, &account->account, &slot, &at, &why))
        return hold(replan, delivery,
                    arena_printf(replan->call->arena, "there is no other time for it: %s", why.message), err);
    take(replan, delivery, slot, at);
    return move_to(replan, delivery, at, err);
}

static bool do_all(struct replan *replan, struct error *err)
{
    static bool (*const deeds[DECISIONS])(struct replan *, const struct delivery *,
                                          struct error *) = {keep, move, drop};
    replan->assigned =
        judge_assigned(replan->call, replan->call->now - DAYS(1), INSTANT_NEVER, &replan->assigned_count);
    /* the list is to be able to grow */
    struct assigned *grown = NULL;
    size_t count = 0;
    for (size_t i = 0; i < replan->assigned_count; i++)
        *arena_push(replan->call->arena, grown, count) = replan->assigned[i];
    replan->assigned = grown;
    for (size_t i = 0; i < replan->count; i++)
        if (!deeds[replan->decisions[i]](replan, replan->items[i], err))
            return false;
    return true;
}

/* What may be out already would be repeated, or taken for not there and sent: overdue, and by itself. */
static bool leave_doubts(struct replan *replan, struct error *err)
{
    static const char why[] =
        "it was in doubt when the crisis ended: look there, then tell with 'calctl resolve'";
    struct delivery_filter filter = {.states = 1u << STATE_UNSURE, .account = replan->account, .limit = PAGE};
    struct replan doubts = {.call = replan->call, .account = replan->account};
    struct move move = {.to = STATE_UNSURE, .who = replan->call->who, .why = why, .due = INSTANT_NEVER};
    if (!add_found(&doubts, filter, err))
        return false;
    for (size_t i = 0; i < doubts.count; i++) {
        const struct delivery *delivery = doubts.items[i];
        if (delivery->due != INSTANT_NEVER &&
            !queue_move(replan->call->control->queue, delivery, &move, replan->call->now, err))
            return false;
        json_array_append_new(replan->unsure, json_sprintf("%s/%s", delivery->post_id, delivery->account));
    }
    return true;
}

/* ---- ending ---- */

static bool end_crises(struct replan *replan, const struct crisis *crises, size_t count, json_t *ended,
                       struct error *err)
{
    struct call *call = replan->call;
    for (size_t i = 0; i < count; i++) {
        if (replan->account && strcmp(replan->account, crises[i].account) != 0)
            continue;
        if (!queue_crisis_end(call->control->queue, crises[i].account, call->who,
                              json_text(call->json, "why"), call->now, err) ||
            !alert_crisis_over(call->control->queue, crises[i].account, err))
            return false;
        json_array_append_new(ended, json_string(crises[i].account));
    }
    return true;
}

static void answer_end(struct replan *replan, json_t *ended)
{
    json_t *answer = json_object();
    json_set(answer, "ended", json_incref(ended));
    json_set_number(answer, "kept", (int64_t)replan->kept);
    json_set(answer, "moved", json_incref(replan->moved));
    json_set(answer, "dropped", json_incref(replan->dropped));
    json_set(answer, "held", json_incref(replan->held));
    json_set(answer, "unsure", json_incref(replan->unsure));
    answer_json(replan->call, 200, answer);
}

/* Nothing is written before everything that can be refused was looked at. */
static bool may_end(struct replan *replan, const struct crisis *crises, size_t count)
{
    bool found = !replan->account && count > 0, all = false;
    for (size_t i = 0; i < count; i++) {
        found = found || !strcmp(replan->account, crises[i].account);
        all = all || !strcmp(crises[i].account, "*");
    }
    if (!found)
        problem(replan->call, 409, "there is no crisis%s%s", replan->account ? " for " : "",
                replan->account ? replan->account : "");
    else if (replan->account && all)
        problem(replan->call, 409, "there is a crisis for everything: it ends first, for all");
    return replan->call->answer.status == 0;
}

void api_crisis_end(struct call *call)
{
    struct replan replan = {.call = call, .account = json_text(call->json, "account")};
    json_t **lists[] = {&replan.moved, &replan.dropped, &replan.held, &replan.unsure};
    json_t *ended = json_in_arena(call->arena, json_array());
    struct crisis *crises;
    size_t count;
    struct error err = {""};
    call->dry_run = call_query_flag(call, "dry_run");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        *lists[i] = json_in_arena(call->arena, json_array());
    bool ok = queue_crises(call->control->queue, call->arena, &crises, &count, &err);
    if (ok && !may_end(&replan, crises, count))
        return;
    ok = ok && find_all(&replan, &err);
    if (call->answer.status)
        return;
    ok = ok && do_all(&replan, &err) && leave_doubts(&replan, &err) &&
         end_crises(&replan, crises, count, ended, &err);
    if (!ok) {
        problem_storage(call, &err);
        return;
    }
    answer_end(&replan, ended);
    if (!call->dry_run)
        log_warn("crisis: ended by=\"%s\": %zu kept, %zu moved, %zu dropped, %zu held", call->who,
                 replan.kept, json_array_size(replan.moved), json_array_size(replan.dropped),
                 json_array_size(replan.held));
}
