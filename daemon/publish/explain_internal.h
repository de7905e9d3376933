/*
 * explain_internal: what the files of explain share. Nobody else includes it.
 *
 *   explain.c           words for times, and the whole
 *   explain_why.c       where a delivery is, and why
 *   explain_way.c       what stands in its way
 *   explain_next.c      what happens by itself
 *   explain_commands.c  what a person can do
 */
#ifndef CALD_EXPLAIN_INTERNAL_H
#define CALD_EXPLAIN_INTERNAL_H

#include "publish/explain.h"

#define BIT(state) (1u << STATE_##state)
#define COMING (BIT(DRAFT) | BIT(READY) | BIT(HELD) | BIT(WAITING))
#define ALL ((1u << STATE_COUNT) - 1)
#define DEED (1u << STATE_COUNT)          /* being deleted or changed on its network */
#define EDITING (1u << (STATE_COUNT + 1)) /* … changed */

struct explaining {
    const struct explain_facts *facts;
    const struct delivery *delivery;
    struct arena *arena;
};

struct explain_row {
    unsigned states; /* bits of enum state, DEED, EDITING */
    const char *cause;
    /* The sentence, or NULL where the cause is not there; the time it speaks of, if any. */
    const char *(*say)(const struct explaining *e, instant *ret_at);
};

/* Whether it is in one of these states. */
bool explain_is_in(const struct explaining *e, unsigned states);
/* "2026-12-01 09:00"; of a time that comes twice the second is "2026-10-25 02:30, 2026-10-25T01:30:00Z". In arena. */
const char *explain_time(const struct explaining *e, instant at);
/* Its account is gone, stopped, or there is a crisis: nothing of it leaves, whatever its time. */
bool explain_stands_still(const struct explain_facts *f);
/* "2h30m", of whole seconds. In arena. */
const char *explain_duration(const struct explaining *e, duration d);
/* When it could first have gone out, as the rules for lateness see it. */
instant explain_possible_since(const struct explaining *e);
/* The last move into the state in which it is, or NULL: it came in so. */
const struct event *explain_last_move(const struct explaining *e);

extern const struct explain_row explain_why_rows[], explain_way_rows[], explain_next_rows[];
extern const size_t explain_why_row_count, explain_way_row_count, explain_next_row_count;

void explain_add_commands(const struct explaining *e, struct explanation *explanation);

#endif
