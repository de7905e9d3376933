/*
 * alerts: what the operator is to be told, kept until it was.
 *
 * An alert is written in the transaction of the move that caused it, so that neither happens without the
 * other. What it says is a JSON object that only its teller (publish/teller.h) reads. Like the rest of the
 * queue: writes are in a transaction, one thread only.
 */
#ifndef CALD_QUEUE_ALERTS_H
#define CALD_QUEUE_ALERTS_H

#include "queue/queue.h"

enum alert_way { ALERT_COMMAND, ALERT_WEBHOOK, ALERT_WAYS };

const char *alert_way_name(enum alert_way way); /* "command", "webhook" */

struct alert {
    int64_t row;
    const char *key;     /* 32 random hex digits: by it a receiver knows what it was told before */
    const char *kind;    /* "refused", … */
    const char *account; /* or NULL */
    const char *episode; /* "reconnect/mastodon": lasts until queue_alert_end; NULL: it happened once */
    const json_t *body;  /* object */
    bool took[ALERT_WAYS];
    instant at;
    instant told; /* 0: not yet */
    int tries;    /* in vain */
    instant due;  /* of the next one */
};

/*
 * Writes it, to be told at once; of the alert only kind, account, episode and body are read. Nothing is
 * written while its episode lasts. What is more than 90 days old is forgotten on this occasion.
 */
bool queue_alert_raise(struct queue *queue, const struct alert *alert, instant now, struct error *err);

/* The episode is over: the next time is told again. No error if there is none. */
bool queue_alert_end(struct queue *queue, const char *episode, struct error *err);

/* Those not told whose time has come, oldest first, at most limit. A time more than a day ahead is of a
   clock that was wrong: it has come, too. */
bool queue_alerts_due(struct queue *queue, instant now, size_t limit, struct arena *arena,
                      struct alert **ret_alerts, size_t *ret_count, struct error *err);

struct alert_filter { /* what is zero does not filter */
    const char *kind, *account;
    instant from, until; /* from <= at < until */
    bool untold;
    const char *cursor; /* from ret_next of the page before */
    size_t limit;       /* most rows; 0: 100; at most 1000 */
};

/* A page, in the order in which they were written, the newest first; ret_next is the cursor of the next page,
   or NULL at the end. */
bool queue_alerts(struct queue *queue, const struct alert_filter *filter, struct arena *arena,
                  struct alert **ret_alerts, size_t *ret_count, const char **ret_next, struct error *err);

struct alert_backlog { /* what is not told */
    size_t count;
    instant since; /* the oldest was written */
    int tries;     /* in vain, of the one that was tried most often */
};

bool queue_alert_backlog(struct queue *queue, struct alert_backlog *ret_backlog, struct error *err);

/* When the next of those not told becomes due after now; INSTANT_NEVER. */
instant queue_alerts_next(struct queue *queue, instant now);

/* What became of a telling: writes took, told, tries and due of the alert's row. */
bool queue_alert_settle(struct queue *queue, const struct alert *alert, struct error *err);

/* All that is not told is due now. */
bool queue_alerts_hasten(struct queue *queue, instant now, struct error *err);

/* Takes all that is not told as told: there was nobody to tell it to. */
bool queue_alerts_drop(struct queue *queue, instant now, struct error *err);

/* Grows with each alert written by this process: whether looking for new ones is worth it. */
uint64_t queue_alerts_raised(const struct queue *queue);

#endif
