/*
 * metrics: counters and gauges for Prometheus (text exposition format 0.0.4).
 *
 * A fixed table of names; each has at most one label, whose values are created as they come and are
 * few (accounts, outcomes, routes). One thread only.
 */
#ifndef CALD_METRICS_H
#define CALD_METRICS_H

#include <stdint.h>

struct buf;

enum metric {
    METRIC_DELIVERIES,        /* counter, label outcome: deliveries that reached a final state (queue.c) */
    METRIC_ATTEMPTS,          /* counter, label account: attempts made */
    METRIC_RETRIES,           /* counter, label account */
    METRIC_UNSURE,            /* counter, label account */
    METRIC_LATENESS_MS,       /* gauge, label account: last creating request's start minus its slot */
    METRIC_WAITING,           /* gauge, label state: deliveries by state */
    METRIC_APPROVAL,          /* gauge: deliveries that wait for an approval */
    METRIC_CRISIS,            /* gauge, label account, '*' for all: 1 while there is a crisis */
    METRIC_ATTENTION,         /* gauge, label kind: what needs somebody, but for single deliveries */
    METRIC_HTTP_REQUESTS,     /* counter, label status: control requests answered */
    METRIC_RELOADS,           /* counter, label result: ok, refused */
    METRIC_LOOP_TURNS,        /* counter */
    METRIC_DATABASE_COMMITS,  /* counter */
    METRIC_DATABASE_ERRORS,   /* counter */
    METRIC_LAST_WRITE,        /* gauge: unix time of the last commit */
    METRIC_COUNT
};

void metric_add(enum metric metric, const char *label, double amount); /* label NULL where there is none */
void metric_set(enum metric metric, const char *label, double value);
double metric_get(enum metric metric, const char *label);
void metrics_print(struct buf *out);
void metrics_reset(void); /* frees all: for the end of main and for tests */

#endif
