/*
 * New documents: a line for each account; brakes end and sessions are forgotten where an account was
 * configured anew; deliveries of accounts that are gone are held, and come back with them.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "publish/alert.h"
#include "publish/publisher.h"
#include "publish/session.h"

static const char gone[] = "its account is not in cald.yaml"; /* recognised when it comes back */

static struct line *add_line(struct publisher *publisher, const char *name)
{
    struct line *line = xmalloc(sizeof *line);

    *line = (struct line){
        .publisher = publisher,
        .name = xstrdup(name),
        .session = session_load(publisher_settings(publisher)->state, name),
        .next = INSTANT_NEVER,
    };
    publisher->lines = xrealloc(publisher->lines, (publisher->line_count + 1) * sizeof *publisher->lines);
    publisher->lines[publisher->line_count++] = line;
    index_put(&publisher->by_name, line->name, line);
    expiry_begin(line);
    return line;
}

/* Whenever documents come into force: its brake may be an old one. */
static void log_trouble(const struct account *account)
{
    const char *why = account_trouble(account);

    if (why != NULL)
        log_error("account '%s' is held back: %s", account->name, why);
}

static void use_accounts(struct publisher *publisher)
{
    const struct settings *settings = publisher_settings(publisher);

    for (size_t i = 0; i < publisher->line_count; i++)
        publisher->lines[i]->account = NULL;
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct settings_account *account = &settings->accounts[i];
        struct line *line = publisher_line(publisher, account->account.name);

        if (line == NULL)
            line = add_line(publisher, account->account.name);
        line->account = account;
        log_trouble(&account->account);
    }
}

/* ---- configured anew ---- */

static bool release_brake(struct line *line, const char *who, struct arena *arena, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    instant now = loop_now(line->publisher->loop);
    struct account_status before, status;

    if (!queue_account(queue, line->name, arena, &before, err))
        return false;
    if (before.braked_until == 0 && !before.reconnect)
        return true;
    status = before;
    status.name = line->name;
    status.braked_until = 0;
    status.brake_why = NULL;
    status.reconnect = false;
    status.failures = 0;
    return queue_set_account(queue, &status, who, now, err) &&
           alert_account(queue, &before, &status, now, err);
}

static bool note_fingerprint(struct line *line, struct arena *arena, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    const char *name = arena_printf(arena, "fingerprint/%s", line->name);
    const char *before = queue_note(queue, name, arena);
    char now[FINGERPRINT];

    account_fingerprint(&line->account->account, now);
    if (before != NULL && strcmp(before, now) == 0)
        return true;
    if (before != NULL && !line->account->account.network->keeps_session) {
        log_info("account '%s' was configured anew: its session is made again", line->name);
        session_remove(publisher_settings(line->publisher)->state, line->name);
        json_object_clear(line->session);
    }
    return queue_set_note(queue, name, now, err) && release_brake(line, "cald", arena, err);
}

static bool set_fingerprint(struct line *line, struct arena *arena, struct error *err)
{
    char now[FINGERPRINT];

    account_fingerprint(&line->account->account, now);
    return queue_set_note(line->publisher->queue, arena_printf(arena, "fingerprint/%s", line->name), now, err);
}

/* ---- logged in and out ---- */

bool accounts_note_login(struct line *line, const char *who, struct error *err)
{
    struct arena *arena = arena_new();
    bool ok = set_fingerprint(line, arena, err) && release_brake(line, who, arena, err);

    arena_free(arena);
    return ok;
}

static bool brake_logged_out(struct line *line, const char *who, struct arena *arena, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    struct account_status status;

    if (!queue_account(queue, line->name, arena, &status, err))
        return false;
    status.name = line->name;
    status.reconnect = true;
    status.braked_until = INSTANT_NEVER;
    status.brake_why = arena_printf(arena, "logged out by %s: calctl login %s", who, line->name);
    return set_fingerprint(line, arena, err) &&
           queue_set_account(queue, &status, who, loop_now(line->publisher->loop), err);
}

bool accounts_note_logout(struct line *line, const char *who, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    struct arena *arena = arena_new();
    bool ok = queue_begin(queue, err);

    if (ok && !(ok = brake_logged_out(line, who, arena, err)))
        queue_rollback(queue);
    ok = ok && queue_commit(queue, err);
    arena_free(arena);
    return ok;
}

/* ---- gone, and back ---- */

static bool hold_if_gone(struct publisher *publisher, const struct delivery *delivery, struct error *err)
{
    struct move move = {.to = STATE_HELD, .who = "cald", .why = gone};
    const struct line *line = publisher_line(publisher, delivery->account);
    instant now = loop_now(publisher->loop);

    if (line != NULL && line->account != NULL)
        return true;
    log_warn("held post=%s account=%s: %s", delivery->post_id, delivery->account, gone);
    return queue_move(publisher->queue, delivery, &move, now, err) &&
           alert_delivery(publisher->queue, ALERT_HELD, delivery, STATE_HELD, gone, now, err);
}

static bool release_if_back(struct publisher *publisher, const struct delivery *delivery, struct error *err)
{
    struct move move = {.to = STATE_READY, .who = "cald", .why = "its account is back in cald.yaml"};
    const struct line *line = publisher_line(publisher, delivery->account);

    if (delivery->message == NULL || strcmp(delivery->message, gone) != 0 || line == NULL ||
        line->account == NULL)
        return true;
    return queue_move(publisher->queue, delivery, &move, loop_now(publisher->loop), err);
}

static bool sweep_page(struct publisher *publisher, const struct sweep *sweep, struct arena *arena,
                       const char **cursor, struct error *err)
{
    struct delivery_filter filter = {.states = sweep->states, .cursor = *cursor, .limit = 1000};
    struct delivery **rows;
    size_t count = 0;

    if (!queue_list(publisher->queue, &filter, arena, &rows, &count, cursor, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!sweep->visit(publisher, rows[i], err))
            return false;
    }
    return true;
}

bool sweep_all(struct publisher *publisher, const struct sweep *sweep, struct error *err)
{
    const char *cursor = NULL;
    char kept[512];
    bool ok;

    do { /* an arena a page: there may be very many */
        struct arena *arena = arena_new();

        ok = sweep_page(publisher, sweep, arena, &cursor, err);
        if (cursor != NULL)
            cursor = snprintf(kept, sizeof kept, "%s", cursor) < (int)sizeof kept ? kept : NULL;
        arena_free(arena);
    } while (ok && cursor != NULL);
    return ok;
}

/* Looking through the whole queue is worth it only when the set of accounts is another. */
static const char *names_of(const struct publisher *publisher, struct arena *arena)
{
    const struct settings *settings = publisher_settings(publisher);
    const char *names = "";

    for (size_t i = 0; i < settings->account_count; i++)
        names = arena_printf(arena, "%s%s\n", names, settings->accounts[i].account.name);
    return names;
}

static bool sweep_if_others(struct publisher *publisher, struct arena *arena, struct error *err)
{
    static const struct sweep leaving = {1u << STATE_READY | 1u << STATE_WAITING, hold_if_gone};
    static const struct sweep coming = {1u << STATE_HELD, release_if_back};
    const char *names = names_of(publisher, arena);
    const char *before = queue_note(publisher->queue, "accounts", arena);

    if (before != NULL && strcmp(before, names) == 0)
        return true;
    return sweep_all(publisher, &leaving, err) && sweep_all(publisher, &coming, err) &&
           queue_set_note(publisher->queue, "accounts", names, err);
}

bool accounts_use(struct publisher *publisher, struct error *err)
{
    struct arena *arena = arena_new();
    bool ok = true;

    use_accounts(publisher);
    for (size_t i = 0; ok && i < publisher->line_count; i++)
        ok = publisher->lines[i]->account == NULL || note_fingerprint(publisher->lines[i], arena, err);
    ok = ok && sweep_if_others(publisher, arena, err);
    arena_free(arena);
    return ok;
}
