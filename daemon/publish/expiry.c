/*
 * Logins that are missing, ended, or end soon. An account that nobody is logged in to, or whose secret cannot be
 * used (accounts.c says that in the log), is braked like one whose credentials were refused, so that status, list and
 * hook say the same of all; what waits for it waits on, and goes on afterwards by the rules for what is late. What
 * ends is told once, warn_before ahead; what of the account's options ends (a version of an API) likewise,
 * ENDING_TOLD ahead.
 * What can be renewed is renewed before it ends although nothing is published for months: the line's timer
 * stands at the next of these instants, and nothing is looked at before.
 */
#include <string.h>

#include "base/log.h"
#include "network/login.h"
#include "publish/alert.h"
#include "publish/login.h"
#include "publish/publisher.h"

static bool brake(struct line *line, const char *why, struct arena *arena, struct error *err)
{
    struct queue *queue = line->publisher->queue;
    instant now = loop_now(line->publisher->loop);
    bool unusable = account_trouble(&line->account->account) != NULL; /* for another reason, it may be */
    struct account_status before, after;

    if (!queue_account(queue, line->name, arena, &before, err))
        return false;
    if (before.reconnect && before.brake_why != NULL && (!unusable || !strcmp(before.brake_why, why)))
        return true;
    after = before;
    after.name = line->name;
    after.reconnect = true;
    after.braked_until = INSTANT_NEVER;
    after.brake_why = why;
    if (!unusable)
        log_error("account '%s' is held back: %s", line->name, why);
    return queue_set_account(queue, &after, "cald", now, err) &&
           alert_account(queue, &before, &after, now, err);
}

/* Networks tell how long is left: the same end comes out a little different each time. */
static bool is_same_end(const char *told, instant ends)
{
    instant end;

    return told != NULL && instant_parse(told, &end) && ends - end < DAYS(1) && end - ends < DAYS(1);
}

/* Once for each end: a note keeps which was told. */
static bool warn(struct line *line, const char *what, instant ends, const char *message, struct arena *arena,
                 struct error *err)
{
    struct queue *queue = line->publisher->queue;
    const char *note = arena_printf(arena, "%s/%s", what, line->name), *told = queue_note(queue, note, arena);
    char at[INSTANT_TEXT];

    if (is_same_end(told, ends))
        return true;
    log_warn("%s", message);
    return queue_set_note(queue, note, instant_format(ends, at, sizeof at), err) &&
           alert_expires(queue, line->name, message, loop_now(line->publisher->loop), err);
}

static bool warn_of_login(struct line *line, instant ends, struct arena *arena, struct error *err)
{
    char at[INSTANT_TEXT];

    return warn(line, "ends", ends,
                arena_printf(arena, "the login of account '%s' ends at %s: calctl login %s", line->name,
                             instant_format(ends, at, sizeof at), line->name),
                arena, err);
}

static void wake(struct line *line, instant at)
{
    if (at < line->next)
        line->next = at;
}

/* A process that was stopped for weeks does not cry before it has tried. */
static bool is_about_to_renew(const struct line *line)
{
    instant now = loop_now(line->publisher->loop);

    return line->renew_failures == 0 &&
           login_renewal(&line->account->account, line->session, now) <= now;
}

static bool look_ahead(struct line *line, struct arena *arena, struct error *err)
{
    instant ends = login_ends(&line->account->account, line->session), now = loop_now(line->publisher->loop);
    instant from = ends - line->account->warn_before;

    if (ends == 0)
        return true;
    wake(line, now < from ? from : ends);
    return now < from || is_about_to_renew(line) || warn_of_login(line, ends, arena, err);
}

/* When something of the account's options ends, and what; 0: nothing does. */
static instant ending(const struct line *line, struct arena *arena, const char **ret_what)
{
    const struct account *account = &line->account->account;

    return account->network->ends != NULL ? account->network->ends(account, arena, ret_what) : 0;
}

static bool look_at_options(struct line *line, struct arena *arena, struct error *err)
{
    const char *what = NULL;
    instant ends = ending(line, arena, &what), from = ends - ENDING_TOLD, now = loop_now(line->publisher->loop);

    if (ends == 0)
        return true;
    if (now < from) {
        wake(line, from);
        return true;
    }
    return warn(line, "option-ends", ends, arena_printf(arena, "account '%s': %s", line->name, what), arena, err);
}

const char *publisher_ending(const struct publisher *publisher, const char *account, struct arena *arena)
{
    const struct line *line = publisher_line(publisher, account);
    const char *what = NULL;
    instant ends = line != NULL && line->account != NULL ? ending(line, arena, &what) : 0;

    return ends != 0 && loop_now(publisher->loop) >= ends - ENDING_TOLD ? what : NULL;
}

/* ---- renewal ---- */

#define RENEW_START MINUTES(10) /* a process that is started again and again must not renew each time */
#define RENEW_AGAIN HOURS(1)    /* doubled with each failure … */
#define RENEW_MOST DAYS(1)      /* … up to that */

void expiry_begin(struct line *line)
{
    line->renew_after = loop_now(line->publisher->loop) + RENEW_START;
}

static duration pause_after(int failures)
{
    return failures < 5 ? RENEW_AGAIN << (failures - 1) : RENEW_MOST;
}

void expiry_renewed(struct line *line, const struct outcome *outcome)
{
    instant now = loop_now(line->publisher->loop);
    char text[32];

    line->renewing = false;
    line->renew_failures = outcome->kind == OUTCOME_NEXT ? 0 : line->renew_failures + 1;
    line->renew_after = now + (line->renew_failures ? pause_after(line->renew_failures) : RENEW_START);
    if (outcome->at > line->renew_after)
        line->renew_after = outcome->at;
    line->dirty = true;
    publisher_pend(line->publisher);
    duration_format(line->renew_after - now, text, sizeof text);
    if (outcome->kind == OUTCOME_NEXT)
        log_info("the login of account '%s' was renewed", line->name);
    else if (outcome->reconnect)
        log_error("account '%s' is held back: %s", line->name, outcome->message);
    else
        log_warn("the login of account '%s' could not be renewed, the next try is in %s: %s", line->name, text,
                 outcome->message ? outcome->message : "no answer");
}

/* What the network refused for good is a person's. */
static bool is_refused(struct line *line, struct arena *arena, struct error *err, bool *ret_refused)
{
    struct account_status status;

    if (!queue_account(line->publisher->queue, line->name, arena, &status, err))
        return false;
    *ret_refused = status.reconnect;
    return true;
}

static bool look_at_renewal(struct line *line, struct arena *arena, struct error *err)
{
    instant now = loop_now(line->publisher->loop);
    instant at = login_renewal(&line->account->account, line->session, now);
    bool refused = false;

    if (at == INSTANT_NEVER || line->renewing || line->publisher->draining)
        return true;
    if (at < line->renew_after)
        at = line->renew_after;
    if (!is_refused(line, arena, err, &refused))
        return false;
    if (refused)
        return true;
    if (at > now) {
        wake(line, at);
        return true;
    }
    line->renewing = true;
    verify_renew(line->publisher, line->name);
    return true;
}

bool expiry_look(struct line *line, bool *ret_needed, struct error *err)
{
    struct arena *arena = arena_new();
    const char *why =
        login_needed(&line->account->account, line->session, loop_now(line->publisher->loop), arena);
    bool ok = why != NULL ? brake(line, why, arena, err)
                          : look_ahead(line, arena, err) && look_at_renewal(line, arena, err);

    ok = ok && look_at_options(line, arena, err);

    *ret_needed = why != NULL;
    arena_free(arena);
    return ok;
}
