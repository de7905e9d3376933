/*
 * simulate: what would be published when, and what would not, if everything went as the documents say. Pure:
 * the planner, the charter's judgement of times and the rules for lateness and pace are the ones that the
 * daemon works with (plan.h, check.h, late.h); only the clock is not there.
 *
 * The queue is empty at the beginning, every network answers at once (or after 'takes') and accepts. What
 * networks themselves limit is told by them while publishing, and not known here.
 */
#ifndef CALD_SIMULATE_H
#define CALD_SIMULATE_H

#include "editorial/charter.h"
#include "editorial/plan.h"

struct simulated_account {
    const struct account *account;
    struct late_policy late;
    duration spacing;  /* least time between two requests */
    unsigned parallel; /* requests at a time */
};

struct absence { /* nothing can be published: a pause, an outage, a machine that is off */
    instant from, until;
    const char *account; /* NULL: on all accounts */
};

struct simulation {
    const struct calendar *calendar;
    const struct charter *charter;
    const struct simulated_account *accounts;
    size_t account_count;
    instant from, until;
    duration takes; /* a request, from its first byte to the answer */
    const struct absence *absences;
    size_t absence_count;
};

enum simulated_fate {
    SIMULATED_PUBLISHED,
    SIMULATED_HELD,     /* for a person */
    SIMULATED_MISSED,   /* dropped */
    SIMULATED_DRAFT,    /* it needs an approval, which nobody gives here */
    SIMULATED_UNPLACED, /* its slot has no free time before the end */
    SIMULATED_FATES
};

const char *simulated_fate_name(enum simulated_fate fate);

struct simulated {
    const struct post *post;
    const struct planned *planned; /* NULL: unplaced */
    enum simulated_fate fate;
    instant at;                    /* when it is published, held or missed; of the others the slot, 0: none */
    const char *why;               /* a sentence; NULL: it goes out at its time */
};

/* All with a slot in [from, until), in the order of slots; then the unplaced ones. In arena. */
struct simulated *simulate(const struct simulation *simulation, struct arena *arena, size_t *ret_count);

#endif
