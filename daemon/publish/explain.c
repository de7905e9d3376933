/*
 * See explain.h: where a delivery is and why, and what stands in its way. What comes next is
 * explain_next.c's. A cause that cald itself wrote into the message is recognised by its words, which the
 * tests hold against the place that writes them.
 */
#include <stdio.h>
#include <string.h>

#include "publish/explain.h"

#define BIT(state) (1u << STATE_##state)
#define COMING (BIT(DRAFT) | BIT(READY) | BIT(HELD) | BIT(WAITING))
#define ALL ((1u << STATE_COUNT) - 1)

enum { MOVES_TOLD = 5 }; /* of the history; 'calctl history' has all */

/* ---- words ---- */

const char *explain_time(const struct explaining *e, instant at)
{
    struct civil c = zone_civil(e->facts->zone, at);
    char utc[INSTANT_TEXT], seconds[8] = "";

    if (c.second != 0)
        snprintf(seconds, sizeof seconds, ":%02d", c.second);
    return arena_printf(e->arena, "%04d-%02d-%02d %02d:%02d%s %s (%s)", c.year, c.month, c.day, c.hour,
                        c.minute, seconds, zone_name(e->facts->zone), instant_format(at, utc, sizeof utc));
}

const char *explain_duration(const struct explaining *e, duration d)
{
    char text[32];

    return arena_strdup(e->arena, duration_format(d / 1000 * 1000, text, sizeof text));
}

/* The last move into the state in which it is, or NULL: it came in so. */
static const struct event *last_move(const struct explaining *e)
{
    const struct explain_facts *f = e->facts;

    for (size_t i = f->event_count; i-- > 0;) {
        const char *from = f->events[i].from;
        if (f->events[i].to != NULL && (from == NULL || strcmp(from, f->events[i].to) != 0))
            return &f->events[i];
    }
    return NULL;
}

static instant last_released(const struct explaining *e)
{
    const struct explain_facts *f = e->facts;

    for (size_t i = f->event_count; i-- > 0;) {
        const struct event *event = &f->events[i];
        if (event->from != NULL && strcmp(event->from, event->to) != 0 &&
            strcmp(event->to, state_name(STATE_READY)) == 0)
            return event->at;
    }
    return 0;
}

instant explain_possible_since(const struct explaining *e)
{
    struct delivery delivery = *e->delivery;
    instant released = last_released(e);

    if (released > delivery.created)
        delivery.created = released;
    return policy_possible_since(&delivery);
}

/* " on … by …: why", of the last move; "" when it is not known. */
static const char *deed(const struct explaining *e, instant *ret_at)
{
    const struct event *move = last_move(e);
    const char *why = move != NULL && move->why != NULL ? move->why : e->delivery->message;

    if (move == NULL)
        return why != NULL ? arena_printf(e->arena, ": %s", why) : "";
    *ret_at = move->at;
    return arena_printf(e->arena, " on %s by %s%s%s", explain_time(e, move->at), move->who, why ? ": " : "",
                        why ? why : "");
}

static const char *message_of(const struct explaining *e)
{
    return e->delivery->message != NULL ? e->delivery->message : "nothing was said";
}

/* ---- where it is ---- */

static const char *say_draft(const struct explaining *e, instant *ret_at)
{
    return arena_printf(e->arena,
                        "It is a draft since it was put so%s. Nothing leaves before it is approved.",
                        deed(e, ret_at));
}

static const char *say_planned(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot <= e->facts->now || e->delivery->due > e->delivery->slot)
        return NULL;
    *ret_at = e->delivery->slot;
    return arena_printf(e->arena, "It is ready and waits for its time, %s, %s from now.",
                        explain_time(e, e->delivery->slot),
                        explain_duration(e, e->delivery->slot - e->facts->now));
}

static const char *say_overdue(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot > e->facts->now)
        return NULL;
    *ret_at = e->delivery->slot;
    return arena_printf(e->arena, "It is ready, and its time was %s, %s ago.",
                        explain_time(e, e->delivery->slot),
                        explain_duration(e, e->facts->now - e->delivery->slot));
}

static const char *say_put_off(const struct explaining *e, instant *ret_at)
{
    if (e->delivery->slot <= e->facts->now || e->delivery->due <= e->delivery->slot)
        return NULL;
    *ret_at = e->delivery->due;
    return arena_printf(e->arena, "It is ready; it is looked at again on %s.",
                        explain_time(e, e->delivery->due));
}

static const struct held_cause { /* who held it, by what stands in the message */
    const char *cause, *words, *text;
} held_causes[] = {
    {"held-for-charter", "the charter is against this time",
     "It is held because the charter forbids the time that its rule gives"},
    {"held-account-gone", "its account is not in cald.yaml",
     "It is held because its account is not in cald.yaml"},
    {"held-given-up", "given up ", "It is held because it was tried until trying had to end"},
    {"held-restored", "before the database was put back",
     "It is held because the database was put back or copied, and it may be published already"},
    {"held-seems-out", "it seems to be out already",
     "It is held because it seems to be published already under another name"},
    {"held-late", " late, more than the ", "It is held because it was too late to be published by itself"},
    {"held-late", "its time had already passed",
     "It is held because its time had passed when it was first read"},
};

static const struct held_cause *held_cause(const struct explaining *e)
{
    static const char by_person[] = "held"; /* what calctl hold writes begins so */

    if (e->delivery->message == NULL || strncmp(e->delivery->message, by_person, sizeof by_person - 1) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof held_causes / sizeof *held_causes; i++) {
        if (strstr(e->delivery->message, held_causes[i].words) != NULL)
            return &held_causes[i];
    }
    return NULL;
}

static const char *say_held(const struct explaining *e, instant *ret_at)
{
    if (held_cause(e) != NULL)
        return NULL;
    return arena_printf(e->arena, "It was held%s.", deed(e, ret_at));
}

#define SAY_HELD(name, which)                                                                                \
    static const char *name(const struct explaining *e, instant *ret_at)                                     \
    {                                                                                                        \
        const struct held_cause *cause = held_cause(e);                                                      \
        if (cause == NULL || strcmp(cause->cause, which) != 0)                                               \
            return NULL;                                                                                     \
        *ret_at = last_move(e) != NULL ? last_move(e)->at : 0;                                               \
        return arena_printf(e->arena, "%s: %s.", cause->text, message_of(e));                                \
    }
SAY_HELD(say_held_charter, "held-for-charter")
SAY_HELD(say_held_gone, "held-account-gone")
SAY_HELD(say_held_given_up, "held-given-up")
SAY_HELD(say_held_restored, "held-restored")
SAY_HELD(say_held_out, "held-seems-out")
SAY_HELD(say_held_late, "held-late")

static const char *say_waiting(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;

    if (f->attempt_count == 0)
        return arena_printf(e->arena, "It waits: %s.", message_of(e));
    *ret_at = f->attempts[f->attempt_count - 1].started;
    return arena_printf(e->arena, "It was tried on %s (try %zu) and provably not published: %s.",
                        explain_time(e, *ret_at), f->attempt_count, message_of(e));
}

static const char *say_sending(const struct explaining *e, instant *ret_at)
{
    *ret_at = e->delivery->updated;
    return arena_printf(e->arena,
                        "Its request is under way since %s; it can be neither changed nor stopped now.",
                        explain_time(e, e->delivery->updated));
}

static const char *say_unsure(const struct explaining *e, instant *ret_at)
{
    *ret_at = e->delivery->first_sent;
    if (e->delivery->first_sent == 0)
        return arena_printf(e->arena, "It may or may not have been published: %s.", message_of(e));
    return arena_printf(e->arena, "It may or may not have been published: its request left on %s, and: %s.",
                        explain_time(e, e->delivery->first_sent), message_of(e));
}

static const char *say_published(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;
    const char *late =
        d->published - d->slot < SECONDS(1)
            ? "at its time"
            : arena_printf(e->arena, "%s after its time", explain_duration(e, d->published - d->slot));

    *ret_at = d->published;
    return arena_printf(e->arena, "It was published on %s, %s%s%s.", explain_time(e, d->published), late,
                        d->remote_url ? ": " : "", d->remote_url ? d->remote_url : "");
}

static const char *say_refused(const struct explaining *e, instant *ret_at)
{
    return arena_printf(e->arena, "It was refused for good%s.", deed(e, ret_at));
}

static const char *say_missed(const struct explaining *e, instant *ret_at)
{
    return arena_printf(e->arena, "It was missed%s.", deed(e, ret_at));
}

static bool was_removed(const struct explaining *e)
{
    return e->delivery->message != NULL && strcmp(e->delivery->message, "removed from the calendar") == 0;
}

static const char *say_removed(const struct explaining *e, instant *ret_at)
{
    if (!was_removed(e))
        return NULL;
    return arena_printf(e->arena, "It was cancelled because its entry is no longer in the calendar%s.",
                        deed(e, ret_at));
}

static const char *say_cancelled(const struct explaining *e, instant *ret_at)
{
    return was_removed(e) ? NULL : arena_printf(e->arena, "It was cancelled%s.", deed(e, ret_at));
}

/* ---- about it ---- */

static const char *say_origin(const struct explaining *e, instant *ret_at)
{
    const struct delivery *d = e->delivery;

    *ret_at = d->created;
    if (strcmp(d->origin, "spontaneous") == 0)
        return arena_printf(e->arena, "It was added by %s on %s.", d->author ? d->author : "somebody",
                            explain_time(e, d->created));
    return arena_printf(e->arena, "It comes from %s%s%s%s%s%s%s.", d->source ? d->source : "the calendar",
                        d->series ? ", series '" : "", d->series ? d->series : "", d->series ? "'" : "",
                        d->slot_name ? ", slot '" : "", d->slot_name ? d->slot_name : "",
                        d->slot_name ? "'" : "");
}

static const char *say_overridden(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (!e->delivery->overridden || strcmp(e->delivery->origin, "spontaneous") == 0)
        return NULL;
    return "A person changed it after the calendar was applied; that holds until its entry in the file "
           "changes.";
}

static const char *say_charter(const struct explaining *e, instant *ret_at)
{
    const struct diags *findings = e->facts->findings;

    (void)ret_at;
    if (findings == NULL || findings->errors == 0)
        return NULL;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].level == DIAG_ERROR)
            return arena_printf(e->arena, "The charter of today objects to it (%zu finding%s): %s.",
                                findings->errors, findings->errors == 1 ? "" : "s",
                                findings->items[i].message);
    }
    return NULL;
}

/* The moves before the last one, which is told by itself: the newest of them, oldest first. */
static const char *say_history(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;
    const struct event *last = last_move(e), *told[MOVES_TOLD];
    size_t count = 0;
    const char *text = "Before that:";

    for (size_t i = f->event_count; i-- > 0 && count < MOVES_TOLD;) {
        if (&f->events[i] != last && f->events[i].to != NULL)
            told[count++] = &f->events[i];
    }
    for (size_t i = count; i-- > 0;) {
        const struct event *event = told[i];
        text = arena_printf(e->arena, "%s %s by %s on %s%s%s%s%s", text, event->to, event->who,
                            explain_time(e, event->at), event->why ? " (" : "", event->why ? event->why : "",
                            event->why ? ")" : "", i > 0 ? ";" : ".");
        *ret_at = event->at;
    }
    return count > 0 ? text : NULL;
}

/* The reason given for passing over the charter stays in the history, and is shown for ever. */
static const char *say_override(const struct explaining *e, instant *ret_at)
{
    const struct explain_facts *f = e->facts;

    for (size_t i = f->event_count; i-- > 0;) {
        const char *why = f->events[i].why, *trace = why ? strstr(why, "charter overridden: ") : NULL;
        if (trace == NULL)
            continue;
        *ret_at = f->events[i].at;
        return arena_printf(e->arena, "%s passed over the charter on %s: %s.", f->events[i].who,
                            explain_time(e, *ret_at), trace + strlen("charter overridden: "));
    }
    return NULL;
}

static const struct explain_row why_rows[] = {
    {BIT(DRAFT), "draft", say_draft},
    {BIT(READY), "planned", say_planned},
    {BIT(READY), "overdue", say_overdue},
    {BIT(READY), "put-off", say_put_off},
    {BIT(HELD), "held-for-charter", say_held_charter},
    {BIT(HELD), "held-account-gone", say_held_gone},
    {BIT(HELD), "held-given-up", say_held_given_up},
    {BIT(HELD), "held-restored", say_held_restored},
    {BIT(HELD), "held-seems-out", say_held_out},
    {BIT(HELD), "held-late", say_held_late},
    {BIT(HELD), "held", say_held},
    {BIT(WAITING), "tried", say_waiting},
    {BIT(SENDING), "sending", say_sending},
    {BIT(UNSURE), "unsure", say_unsure},
    {BIT(PUBLISHED), "published", say_published},
    {BIT(REFUSED), "refused", say_refused},
    {BIT(MISSED), "missed", say_missed},
    {BIT(CANCELLED), "removed", say_removed},
    {BIT(CANCELLED), "cancelled", say_cancelled},
    {ALL, "history", say_history},
    {ALL, "origin", say_origin},
    {ALL & ~BIT(PUBLISHED), "changed-by-person", say_overridden},
    {COMING | BIT(REFUSED) | BIT(MISSED), "charter", say_charter},
    {ALL, "charter-overridden", say_override},
};

/* ---- what stands in its way ---- */

static const char *say_clock(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->clock;
}

static const char *say_database(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->database;
}

static const char *say_disk(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->disk;
}

static const char *say_gone(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (e->facts->account != NULL)
        return NULL;
    return arena_printf(e->arena, "Its account '%s' is not in cald.yaml.", e->delivery->account);
}

static const char *paused(const struct explaining *e, const char *what, const struct account_status *status)
{
    if (!status->paused)
        return NULL;
    return arena_printf(e->arena, "%s paused%s%s.", what, status->paused_why ? ": " : "",
                        status->paused_why ? status->paused_why : "");
}

static const char *say_crisis(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (!e->facts->crisis)
        return NULL;
    return arena_printf(e->arena, "There is a crisis, and it was not released in it: %s.", e->facts->crisis);
}

static bool in_crisis(const struct explain_facts *f)
{
    return f->crisis != NULL;
}

static const char *say_all_paused(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return paused(e, "Everything is", &e->facts->all);
}

static const char *say_paused(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return paused(e, "Its account is", &e->facts->own);
}

static const char *say_reconnect(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (!e->facts->own.reconnect)
        return NULL;
    return arena_printf(e->arena, "The credentials of its account do not work any more: %s.",
                        e->facts->own.brake_why ? e->facts->own.brake_why : "renew them");
}

static const char *brake(const struct explaining *e, const char *what, const struct account_status *status,
                         instant *ret_at)
{
    if (status->reconnect || status->braked_until <= e->facts->now)
        return NULL;
    *ret_at = status->braked_until;
    return arena_printf(e->arena, "%s braked until %s after %d failure%s in a row: %s.", what,
                        explain_time(e, status->braked_until), status->failures,
                        status->failures == 1 ? "" : "s",
                        status->brake_why ? status->brake_why : "nothing was said");
}

static const char *say_braked(const struct explaining *e, instant *ret_at)
{
    return brake(e, "Its account is", &e->facts->own, ret_at);
}

static const char *say_all_braked(const struct explaining *e, instant *ret_at)
{
    return brake(e, "Everything is", &e->facts->all, ret_at);
}

static const char *say_awaited(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (e->facts->awaited == NULL)
        return NULL;
    return arena_printf(e->arena, "Its account waits until the unsure '%s' is settled.", e->facts->awaited);
}

static const char *say_order(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (e->facts->before == NULL)
        return NULL;
    return arena_printf(e->arena, "'%s' stands before it in the line of its account.", e->facts->before);
}

static const char *say_pace(const struct explaining *e, instant *ret_at)
{
    if (e->facts->paced_from <= e->facts->now || e->delivery->slot > e->facts->paced_from)
        return NULL;
    *ret_at = e->facts->paced_from;
    return arena_printf(e->arena, "Its account keeps a distance between two posts: not before %s.",
                        explain_time(e, *ret_at));
}

static const char *say_working(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->working ? "A step of it is under way now." : NULL;
}

static const struct explain_row obstacle_rows[] = {
    {COMING | BIT(UNSURE), "clock", say_clock},
    {COMING | BIT(UNSURE), "database", say_database},
    {COMING | BIT(UNSURE), "disk", say_disk},
    {COMING | BIT(UNSURE), "account-gone", say_gone},
    {COMING | BIT(UNSURE), "crisis", say_crisis},
    {COMING | BIT(UNSURE), "all-paused", say_all_paused},
    {COMING | BIT(UNSURE), "paused", say_paused},
    {COMING | BIT(UNSURE), "reconnect", say_reconnect},
    {COMING | BIT(UNSURE), "all-braked", say_all_braked},
    {COMING | BIT(UNSURE), "braked", say_braked},
    {BIT(READY) | BIT(WAITING), "awaits-unsure", say_awaited},
    {BIT(READY) | BIT(WAITING), "order", say_order},
    {BIT(READY) | BIT(WAITING), "pace", say_pace},
    {BIT(READY) | BIT(WAITING) | BIT(UNSURE), "working", say_working},
};

/* ---- what a person can do ---- */

struct command_row {
    unsigned states;
    const char *command, *text; /* %s: POST/ACCOUNT; "ACCOUNT" at the end: of the account */
    enum role role;
    bool (*fits)(const struct explain_facts *facts); /* NULL: always */
    bool of_account;
};

static bool is_past(const struct explain_facts *f)
{
    return f->delivery->slot < f->now;
}

static bool is_coming(const struct explain_facts *f)
{
    return !is_past(f);
}

static bool all_paused(const struct explain_facts *f)
{
    return f->all.paused;
}

static bool account_paused(const struct explain_facts *f)
{
    return f->own.paused;
}

static bool account_braked(const struct explain_facts *f)
{
    return !f->own.paused && (f->own.reconnect || f->own.braked_until > f->now);
}

static bool for_person(const struct explain_facts *f)
{
    return f->delivery->due == INSTANT_NEVER;
}

static bool clock_wrong(const struct explain_facts *f)
{
    return f->clock != NULL;
}

static bool restored(const struct explain_facts *f)
{
    return f->database != NULL;
}

static const struct command_row command_rows[] = {
    {BIT(DRAFT), "calctl approve %s", "lets it go out at its time", ROLE_EDITOR, is_coming, false},
    {BIT(DRAFT) | BIT(HELD) | BIT(MISSED) | BIT(REFUSED) | BIT(CANCELLED), "calctl move %s 'tomorrow 09:00'",
     "gives it another time", ROLE_AUTHOR, is_past, false},
    {BIT(DRAFT) | BIT(READY) | BIT(WAITING), "calctl edit %s", "changes it", ROLE_AUTHOR, NULL, false},
    {BIT(DRAFT) | BIT(READY) | BIT(HELD) | BIT(WAITING), "calctl move %s 'tomorrow 09:00'",
     "gives it another time", ROLE_AUTHOR, is_coming, false},
    {BIT(HELD), "calctl release %s", "lets it go out: at its time, or at once if that is past", ROLE_EDITOR,
     NULL, false},
    {BIT(READY) | BIT(HELD) | BIT(WAITING), "calctl now %s", "publishes it at once", ROLE_EDITOR, NULL,
     false},
    {BIT(READY) | BIT(WAITING), "calctl hold %s --why '…'", "keeps it until it is released", ROLE_EDITOR,
     NULL, false},
    {BIT(REFUSED) | BIT(MISSED) | BIT(WAITING), "calctl retry %s",
     "tries it again, at once if its time is past", ROLE_EDITOR, NULL, false},
    {BIT(CANCELLED), "calctl retry %s", "takes it back", ROLE_EDITOR, is_coming, false},
    {BIT(DRAFT) | BIT(READY) | BIT(HELD) | BIT(WAITING) | BIT(REFUSED) | BIT(MISSED),
     "calctl cancel %s --why '…'", "gives it up", ROLE_AUTHOR, NULL, false},
    {BIT(UNSURE), "calctl resolve %s --published https://…", "you looked, and it is there", ROLE_EDITOR, NULL,
     false},
    {BIT(UNSURE), "calctl resolve %s --not-published", "you looked, and it is not there: it is published",
     ROLE_EDITOR, for_person, false},
    {COMING | BIT(UNSURE), "calctl resume --clock", "says that the clock is right", ROLE_EDITOR, clock_wrong,
     false},
    {COMING | BIT(UNSURE), "calctl resume --restored", "says that this database is the one to go on with",
     ROLE_EDITOR, restored, false},
    {BIT(READY) | BIT(WAITING) | BIT(HELD), "calctl crisis release %s", "lets it go out in the crisis", ROLE_EDITOR, in_crisis,
     false},
    {COMING | BIT(UNSURE), "calctl resume", "ends the pause of everything", ROLE_EDITOR, all_paused, false},
    {COMING | BIT(UNSURE), "calctl resume %s", "ends the pause of its account", ROLE_EDITOR, account_paused,
     true},
    {COMING | BIT(UNSURE), "calctl accounts %s --check", "asks the network whether the credentials work",
     ROLE_EDITOR, account_braked, true},
    {COMING | BIT(UNSURE), "calctl resume %s", "ends the brake when the cause is mended", ROLE_EDITOR,
     account_braked, true},
    {ALL, "calctl history %s", "shows all that happened to it", ROLE_VIEWER, NULL, false},
};

static const char *fill(const char *format, const char *name, struct arena *arena)
{
    const char *place = strstr(format, "%s");

    if (place == NULL)
        return format;
    return arena_printf(arena, "%.*s%s%s", (int)(place - format), format, name, place + 2);
}

static void add_commands(const struct explaining *e, struct explanation *explanation)
{
    const struct delivery *d = e->delivery;
    const char *id = arena_printf(e->arena, "%s/%s", d->post_id, d->account);

    for (size_t i = 0; i < sizeof command_rows / sizeof *command_rows; i++) {
        const struct command_row *row = &command_rows[i];
        if (!(row->states >> d->state & 1) || (row->fits != NULL && !row->fits(e->facts)))
            continue;
        *arena_push(e->arena, explanation->commands, explanation->command_count) = (struct explain_command){
            fill(row->command, row->of_account ? d->account : id, e->arena), row->text, row->role};
    }
}

/* ---- all ---- */

static struct explain_lines say_rows(const struct explaining *e, const struct explain_row *rows, size_t count)
{
    struct explain_lines lines = {0};

    for (size_t i = 0; i < count; i++) {
        instant at = 0;
        const char *text = rows[i].states >> e->delivery->state & 1 ? rows[i].say(e, &at) : NULL;
        if (text != NULL)
            *arena_push(e->arena, lines.items, lines.count) =
                (struct explain_line){rows[i].cause, text, at == INSTANT_NEVER ? 0 : at};
    }
    return lines;
}

struct explanation explain(const struct explain_facts *facts, struct arena *arena)
{
    const struct explaining e = {facts, facts->delivery, arena};
    struct explanation explanation = {
        .why = say_rows(&e, why_rows, sizeof why_rows / sizeof *why_rows),
        .obstacles = say_rows(&e, obstacle_rows, sizeof obstacle_rows / sizeof *obstacle_rows),
        .next = say_rows(&e, explain_next_rows, explain_next_row_count),
    };

    add_commands(&e, &explanation);
    return explanation;
}
