/*
 * Logins that are missing, ended, or end soon. An account that nobody is logged in to is braked like one
 * whose credentials were refused, so that status, list and hook say the same of both; what waits for it waits
 * on, and goes on after the login by the rules for what is late. What ends is told once, warn_before ahead.
 */
#include <string.h>

#include "base/log.h"
#include "network/login.h"
#include "publish/alert.h"
#include "publish/publisher.h"

static bool brake(struct line *line, const char *why, struct arena *arena, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    instant now = loop_now(line->publisher->loop);
    struct account_status before, after;

    if (!queue_account(queue, line->name, arena, &before, err))
        return false;
    if (before.reconnect && before.brake_why != NULL)
        return true;
    after = before;
    after.name = line->name;
    after.reconnect = true;
    after.braked_until = INSTANT_NEVER;
    after.brake_why = why;
    log_error("account '%s' is held back: %s", line->name, why);
    return queue_set_account(queue, &after, "cald", now, err) &&
           alert_account(queue, &before, &after, now, err);
}

/* Once for each end: a note keeps which was told. */
static bool warn(struct line *line, instant ends, struct arena *arena, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    const char *note = arena_printf(arena, "ends/%s", line->name), *told = queue_note(queue, note, arena);
    char at[INSTANT_TEXT];
    const char *message;

    instant_format(ends, at, sizeof at);
    if (told != NULL && strcmp(told, at) == 0)
        return true;
    message = arena_printf(arena, "the login of account '%s' ends at %s: calctl login %s", line->name, at,
                           line->name);
    log_warn("%s", message);
    return queue_set_note(queue, note, at, err) &&
           alert_expires(queue, line->name, message, loop_now(line->publisher->loop), err);
}

static void wake(struct line *line, instant at)
{
    if (at < line->next)
        line->next = at;
}

static bool look_ahead(struct line *line, struct arena *arena, struct error *err)
{
    instant ends = login_ends(&line->account->account, line->session), now = loop_now(line->publisher->loop);
    instant from = ends - line->account->warn_before;

    if (ends == 0)
        return true;
    wake(line, now < from ? from : ends);
    return now < from || warn(line, ends, arena, err);
}

bool expiry_look(struct line *line, bool *ret_needed, struct error *err)
{
    struct arena *arena = arena_new();
    const char *why =
        login_needed(&line->account->account, line->session, loop_now(line->publisher->loop), arena);
    bool ok = why != NULL ? brake(line, why, arena, err) : look_ahead(line, arena, err);

    *ret_needed = why != NULL;
    arena_free(arena);
    return ok;
}
