/* See alert.h. Knows what is worth telling, and neither the hook nor whether there is one. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "publish/alert.h"
#include "publish/policy.h"

enum { ERRORS_MOST = 20 };

static const char documents_episode[] = "documents";

const char *const alert_kept_kinds[] = {
    [ALERT_REFUSED] = "refused", [ALERT_UNSURE] = "unsure",       [ALERT_HELD] = "held",
    [ALERT_MISSED] = "missed",   [ALERT_GAVE_UP] = "gave-up",     [ALERT_RECONNECT] = "reconnect",
    [ALERT_EXPIRES] = "expires",
    [ALERT_FAILING] = "failing", [ALERT_DOCUMENTS] = "documents", [ALERT_CRISIS] = "crisis",
    [ALERT_CRISIS + 1] = NULL,
};

const char *alert_kind_name(enum alert_kind kind)
{
    static const char *const from_memory[] = {
        [ALERT_DATABASE] = "database",
        [ALERT_CLOCK] = "clock",
        [ALERT_RESTORED] = "restored",
        [ALERT_DISK] = "disk",
    };

    return kind <= ALERT_CRISIS ? alert_kept_kinds[kind] : from_memory[kind];
}

json_t *alert_body(enum alert_kind kind, const char *message)
{
    json_t *body = json_object();

    json_set_text(body, "event", alert_kind_name(kind));
    json_set_text(body, "message", message ? message : alert_kind_name(kind));
    return body;
}

/* Takes over body. */
static bool raise_alert(struct queue *queue, enum alert_kind kind, const char *account, const char *episode,
                        json_t *body, instant now, struct error *err)
{
    struct alert alert = {
        .kind = alert_kind_name(kind), .account = account, .episode = episode, .body = body};
    bool ok = queue_alert_raise(queue, &alert, now, err);

    json_decref(body);
    return ok;
}

bool alert_delivery(struct queue *queue, enum alert_kind kind, const struct delivery *delivery, enum state to,
                    const char *message, instant now, struct error *err)
{
    json_t *body = alert_body(kind, message);
    char slot[INSTANT_TEXT];

    json_set(body, "delivery", json_sprintf("%s/%s", delivery->post_id, delivery->account));
    json_set_text(body, "post", delivery->post_id);
    json_set_text(body, "account", delivery->account);
    json_set_text(body, "network", delivery->network);
    json_set_text(body, "state", state_name(to));
    json_set_text(body, "slot", instant_format(delivery->slot, slot, sizeof slot));
    json_set_number(body, "attempts", delivery->attempts);
    return raise_alert(queue, kind, delivery->account, NULL, body, now, err);
}

/* ---- accounts ---- */

static bool raise_account(struct queue *queue, enum alert_kind kind, const struct account_status *status,
                          const char *episode, instant now, struct error *err)
{
    json_t *body = alert_body(kind, status->brake_why);

    json_set_text(body, "account", status->name);
    return raise_alert(queue, kind, status->name, episode, body, now, err);
}

/* A reconnection is told when it becomes needed: until it was made, nothing is tried that could tell again. A
 * run of failures is an episode; it is over when something works, and at the latest when the next run begins
 * (a person may have ended the first one). */
bool alert_account(struct queue *queue, const struct account_status *before,
                   const struct account_status *after, instant now, struct error *err)
{
    struct arena *arena = arena_new();
    const char *episode = arena_printf(arena, "failing/%s", after->name);
    bool ok = true;

    if ((after->failures == 0) != (before->failures == 0))
        ok = queue_alert_end(queue, episode, err);
    if (ok && after->reconnect && !before->reconnect)
        ok = raise_account(queue, ALERT_RECONNECT, after, NULL, now, err);
    else if (ok && !after->reconnect && policy_is_failing(after, now))
        ok = raise_account(queue, ALERT_FAILING, after, episode, now, err);
    arena_free(arena);
    return ok;
}

bool alert_expires(struct queue *queue, const char *account, const char *message, instant now, struct error *err)
{
    json_t *body = alert_body(ALERT_EXPIRES, message);

    json_set_text(body, "account", account);
    return raise_alert(queue, ALERT_EXPIRES, account, NULL, body, now, err);
}

/* ---- documents ---- */

static json_t *errors_of(const struct diags *diags)
{
    json_t *errors = json_array();
    struct buf line = {0};

    for (size_t i = 0; i < diags->count && json_array_size(errors) < ERRORS_MOST; i++) {
        if (diags->items[i].level != DIAG_ERROR)
            continue;
        buf_reset(&line);
        diag_print(&diags->items[i], &line);
        json_array_append_new(errors, json_string(buf_text(&line)));
    }
    buf_release(&line);
    return errors;
}

bool alert_documents(struct queue *queue, const char *message, const struct diags *diags, instant now,
                     struct error *err)
{
    json_t *body;

    if (message == NULL)
        return queue_alert_end(queue, documents_episode, err);
    body = alert_body(ALERT_DOCUMENTS, message);
    json_set(body, "errors", errors_of(diags));
    return raise_alert(queue, ALERT_DOCUMENTS, NULL, documents_episode, body, now, err);
}

/* ---- crises ---- */

static const char *crisis_episode(const char *account, struct arena *arena)
{
    return arena_printf(arena, "crisis/%s", account);
}

bool alert_crisis(struct queue *queue, const struct crisis *crisis, instant now, struct error *err)
{
    struct arena *arena = arena_new();
    const char *account = strcmp(crisis->account, "*") ? crisis->account : NULL;
    json_t *body = alert_body(
        ALERT_CRISIS,
        arena_printf(arena, "crisis%s%s: nothing is published any more but what is let go: %s (%s)",
                     account ? " on " : "", account ? account : "", crisis->why, crisis->who));

    if (account)
        json_set_text(body, "account", account);
    json_set_text(body, "who", crisis->who);
    json_set_text(body, "why", crisis->why);
    bool ok =
        raise_alert(queue, ALERT_CRISIS, account, crisis_episode(crisis->account, arena), body, now, err);
    arena_free(arena);
    return ok;
}

bool alert_crisis_over(struct queue *queue, const char *account, struct error *err)
{
    struct arena *arena = arena_new();
    bool ok = queue_alert_end(queue, crisis_episode(account, arena), err);

    arena_free(arena);
    return ok;
}
