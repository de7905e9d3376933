/*
 * publish: due → intent → send → settle.
 *
 * The publisher takes what is due from the queue, has the account's driver make the next request, puts the
 * intent on disk, sends it, and settles what came of it. Everything slow is done before the slot (sessions,
 * uploads, drafts, an open connection); the creating request leaves at the slot. An account's trouble brakes
 * that account only. The rules it decides by are pure functions in publish/policy.h.
 */
#ifndef CALD_PUBLISH_H
#define CALD_PUBLISH_H

#include "base/error.h"
#include "documents.h"
#include "loop.h"
#include "queue/queue.h"

struct publisher;

/* Neither loop nor queue may end before it. Settles what was interrupted by the last end of the process. */
struct publisher *publisher_new(struct loop *loop, struct queue *queue, struct error *err);
void publisher_free(struct publisher *publisher); /* what is in flight is abandoned: the disk knows */

/* Accounts and settings to work with from now on; must live until the next call has returned. Wakes it.
   Deliveries of an account that is no longer there are left, held with a message. */
void publisher_use(struct publisher *publisher, const struct documents *documents);

/* Something in the queue changed: look again at what is due. Cheap; called often. */
void publisher_wake(struct publisher *publisher);

/* Starts nothing more, lets what is in flight end; calls done when nothing is in flight or after 'patience'.
 */
void publisher_drain(struct publisher *publisher, duration patience, void (*done)(void *context),
                     void *context);

/* Live check of an account's credentials. Calls done once, with the driver's outcome (DONE: message says who
 * we are). */
void publisher_verify(struct publisher *publisher, const char *account,
                      void (*done)(void *context, const struct outcome *outcome), void *context);

/* The session an account has now (facts its server told, no secrets needed): for checks; empty object if
 * none. Borrowed. */
const json_t *publisher_session(const struct publisher *publisher, const char *account);

/* What is being transferred now, for status. */
size_t publisher_in_flight(const struct publisher *publisher);

#endif
