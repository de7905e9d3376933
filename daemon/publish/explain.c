/*
 * See explain.h: words for times, and the tables put together.
 */
#include <stdio.h>
#include <string.h>

#include "publish/explain_internal.h"

/* ---- words ---- */

/* The second of two equal civil times, after which clocks were put back. */
static bool is_second(const struct explaining *e, const struct civil *c, instant at)
{
    enum civil_fold fold;

    return at - zone_instant(e->facts->zone, c, &fold) >= MINUTES(1);
}

const char *explain_time(const struct explaining *e, instant at)
{
    struct civil c = zone_civil(e->facts->zone, at);
    bool second = is_second(e, &c, at);
    char utc[INSTANT_TEXT], seconds[8] = "";

    if (c.second != 0)
        snprintf(seconds, sizeof seconds, ":%02d", c.second);
    return arena_printf(e->arena, "%04d-%02d-%02d %02d:%02d%s%s%s", c.year, c.month, c.day, c.hour, c.minute,
                        seconds, second ? ", " : "", second ? instant_format(at, utc, sizeof utc) : "");
}

const char *explain_duration(const struct explaining *e, duration d)
{
    char text[32];

    return arena_strdup(e->arena, duration_format(d / 1000 * 1000, text, sizeof text));
}

const struct event *explain_last_move(const struct explaining *e)
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

/* ---- all ---- */

bool explain_is_in(const struct explaining *e, unsigned states)
{
    const struct delivery *d = e->delivery;
    unsigned in = 1u << d->state | (d->deleting || d->editing ? DEED : 0) | (d->editing ? EDITING : 0);

    return states & in;
}

static struct explain_lines say_rows(const struct explaining *e, const struct explain_row *rows, size_t count)
{
    struct explain_lines lines = {0};

    for (size_t i = 0; i < count; i++) {
        instant at = 0;
        const char *text = explain_is_in(e, rows[i].states) ? rows[i].say(e, &at) : NULL;
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
        .why = say_rows(&e, explain_why_rows, explain_why_row_count),
        .obstacles = say_rows(&e, explain_way_rows, explain_way_row_count),
        .next = say_rows(&e, explain_next_rows, explain_next_row_count),
    };

    explain_add_commands(&e, &explanation);
    return explanation;
}
