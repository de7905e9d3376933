/*
 * crisis: whether nothing may be published, and what may all the same.
 *
 * A crisis is of one account or of all ("*"). While there is one, the publisher begins nothing for its
 * accounts but what was released (struct move: release), and what already had its intent on disk does not
 * leave (queue_may_leave). It is as durable as the transaction that starts it: a restart does not end it.
 */
#ifndef CALD_CRISIS_H
#define CALD_CRISIS_H

#include "queue/queue.h"

struct crisis {
    const char *account; /* or "*" */
    instant since;
    const char *who, *why;
};

/* Those that there are, "*" first; none: ret_count 0. */
bool queue_crises(struct queue *queue, struct arena *arena, struct crisis **ret_crises, size_t *ret_count,
                  struct error *err);

/* Fails when there is one for exactly this account ("*") already. */
bool queue_crisis_start(struct queue *queue, const struct crisis *crisis, instant now, struct error *err);

/* Ends it; what was let go in it needs that no more. why may be NULL. Fails when there is none. */
bool queue_crisis_end(struct queue *queue, const char *account, const char *who, const char *why, instant now,
                      struct error *err);

/* Whether there is one for the account, of its own or of all. Next to free while there is none anywhere. A
   database that cannot be read says yes. */
bool queue_in_crisis(struct queue *queue, const char *account);

/* Whether a request that publishes the delivery may leave now: there is no crisis, or it was released in it.
 */
bool queue_may_leave(struct queue *queue, const struct delivery *delivery);

/* Whether what a person asked for then may be said on the account's network now: there is no crisis, or they
   asked in it, knowing of it. */
bool queue_may_say(struct queue *queue, const char *account, instant asked);

#endif
