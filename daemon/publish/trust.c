/*
 * Whether anything may be published at all: the clock can be right, and the database is the one
 * that knows what was sent. When not, everything waits: by itself until the clock is right
 * again, else until a person says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "publish/publisher.h"
#include "queue/audit.h"

#define NOTE_EVERY MINUTES(1)
#define A_JUMP DAYS(1) /* the least that makes a clock implausible */

static const char newest_note[] = "newest_instant";

/* ---- the clock ---- */

static const char *clock_trouble(const struct publisher *publisher, char *ret_text, size_t size)
{
    instant now = loop_now(publisher->loop);
    char says[INSTANT_TEXT], newest[INSTANT_TEXT];

    instant_format(now, says, sizeof says);
    instant_format(publisher->newest, newest, sizeof newest);
    if (!policy_clock_is_plausible(now, now))
        snprintf(ret_text, size, "nothing is published: the clock says %s, before this program was written; set it",
                 says);
    else
        snprintf(ret_text, size,
                 "nothing is published: the clock says %s, but something was stored at %s; set the clock, or, if it "
                 "was wrong before and is right now: calctl resume --clock",
                 says, newest);
    return ret_text;
}

static bool clock_is_right(struct publisher *publisher)
{
    bool held = !policy_clock_is_plausible(loop_now(publisher->loop), publisher->newest);
    char why[256];

#ifdef CALD_MUTANT_ANY_CLOCK
    held = false;
#endif
    if (held && !publisher->clock_held) {
        clock_trouble(publisher, why, sizeof why);
        log_error("%s", why);
        teller_say(publisher->teller, ALERT_CLOCK, why);
    }
    if (!held && publisher->clock_held) {
        log_info("the clock is plausible again: publishing goes on");
        teller_well(publisher->teller, ALERT_CLOCK);
    }
    publisher->clock_held = held;
    return !held;
}

const char *publisher_clock_trouble(const struct publisher *publisher, struct arena *arena)
{
    char why[256];

    return publisher->clock_held ? arena_strdup(arena, clock_trouble(publisher, why, sizeof why)) : NULL;
}

static bool store_newest(struct publisher *publisher, instant newest, struct error *err)
{
    char text[INSTANT_TEXT];

    publisher->newest = newest;
    return queue_set_note(publisher->queue, newest_note, instant_format(newest, text, sizeof text), err);
}

bool trust_note_newest(struct publisher *publisher, struct error *err)
{
    instant now = loop_now(publisher->loop);

    if (runs_total(publisher) == 0 || now < publisher->newest + NOTE_EVERY)
        return true;
    return store_newest(publisher, now, err);
}

/* A jump ahead that is taken back while we watch: what was stored in between
 * says nothing about the right time. */
void trust_clock_stepped(struct publisher *publisher, duration by)
{
    struct error err = {0};

    if (by >= A_JUMP) {
        if (publisher->ahead == 0)
            publisher->newest_before = publisher->newest;
        publisher->ahead += by;
    } else if (by <= -A_JUMP && publisher->ahead > 0) {
        publisher->ahead += by;
        if (publisher->ahead >= A_JUMP)
            return;
        publisher->ahead = 0;
        if (publisher->newest > publisher->newest_before &&
            !store_newest(publisher, publisher->newest_before, &err))
            log_warn("that the clock was set back could not be stored: %s", err.message);
    }
}

static bool record_trust(struct publisher *publisher, const char *who, const char *why, struct error *err)
{
    struct audit_entry entry = {
        .kind = AUDIT_TRUST, .who = who, .account = "*", .from = "held", .to = "running", .why = why};

    return queue_audit(publisher->queue, &entry, loop_now(publisher->loop), err);
}

static bool write_resume_clock(struct publisher *publisher, const char *who, struct error *err)
{
    instant now = loop_now(publisher->loop);

    return store_newest(publisher, now, err) && record_trust(publisher, who, "the clock is right now", err);
}

static bool finish(struct publisher *publisher, bool ok, struct error *err)
{
    if (!ok)
        queue_rollback(publisher->queue);
    return ok && queue_commit(publisher->queue, err);
}

bool publisher_resume_clock(struct publisher *publisher, const char *who, struct error *err)
{
    instant now = loop_now(publisher->loop), before = publisher->newest;

    if (!policy_clock_is_plausible(now, now))
        return fail(err, "the clock is older than this program: set it");
    if (!queue_begin(publisher->queue, err))
        return false;
    if (!finish(publisher, write_resume_clock(publisher, who, err), err)) {
        publisher->newest = before;
        return false;
    }
    log_info("the clock is right, says %s", who);
    publisher_wake(publisher);
    return true;
}

/* ---- the database ---- */

static const char restored_why[] =
    "its time passed before the database was put back or copied: it may be published already; look there, then "
    "'calctl release' or 'calctl cancel' it";

const char *publisher_database_doubt(const struct publisher *publisher, struct arena *arena)
{
    if (publisher->doubt == NULL)
        return NULL;
    return arena_printf(arena,
                        "nothing is published: %s, and may not know all that was sent; if no other cald publishes "
                        "for these accounts: calctl resume --restored (what is overdue is then held for you)",
                        publisher->doubt);
}

static bool hold_if_overdue(struct publisher *publisher, const struct delivery *delivery, struct error *err)
{
    instant now = loop_now(publisher->loop);
    struct move move = {.to = STATE_HELD, .who = "cald", .why = restored_why};

    return delivery->slot > now || queue_move(publisher->queue, delivery, &move, now, err);
}

static bool write_resume_restored(struct publisher *publisher, const char *who, struct error *err)
{
    static const struct sweep overdue = {1u << STATE_READY | 1u << STATE_WAITING, hold_if_overdue};

    return sweep_all(publisher, &overdue, err) && queue_trust(publisher->queue, err) &&
           record_trust(publisher, who, publisher->doubt, err);
}

bool publisher_resume_restored(struct publisher *publisher, const char *who, struct error *err)
{
    if (publisher->doubt == NULL)
        return true;
    if (!queue_begin(publisher->queue, err) ||
        !finish(publisher, write_resume_restored(publisher, who, err), err))
        return false;
    log_info("%s: %s says to go on", publisher->doubt, who);
    teller_well(publisher->teller, ALERT_RESTORED);
    free(publisher->doubt);
    publisher->doubt = NULL;
    publisher_wake(publisher);
    return true;
}

/* ---- both ---- */

static instant stored_newest(struct queue *queue, struct arena *arena)
{
    const char *text = queue_note(queue, newest_note, arena);
    instant newest = 0;

    return text != NULL && instant_parse(text, &newest) ? newest : 0;
}

void trust_load(struct publisher *publisher)
{
    struct arena *arena = arena_new();
    const char *doubt = queue_doubt(publisher->queue, arena);

    publisher->newest = stored_newest(publisher->queue, arena);
    publisher->doubt = doubt != NULL ? xstrdup(doubt) : NULL;
    arena_free(arena);
}

bool trust_allows(struct publisher *publisher)
{
    struct arena *arena;

    if (!clock_is_right(publisher))
        return false;
    if (publisher->doubt != NULL && !publisher->doubt_told) {
        arena = arena_new();
        log_error("%s", publisher_database_doubt(publisher, arena));
        teller_say(publisher->teller, ALERT_RESTORED, publisher_database_doubt(publisher, arena));
        publisher->doubt_told = true;
        arena_free(arena);
    }
    return publisher->doubt == NULL;
}
