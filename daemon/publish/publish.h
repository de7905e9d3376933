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

/* The same when it is known what changed: only what that concerns is looked at. */
void publisher_wake_for(struct publisher *publisher, const struct queue_change *change);

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

/* Why nothing is published at all, with what a person can do about it; NULL: that is not so. In arena. */
const char *publisher_clock_trouble(const struct publisher *publisher, struct arena *arena);
const char *publisher_database_doubt(const struct publisher *publisher, struct arena *arena);

/* What only the network can say is asked over the publisher's connections. */
struct lookup *publisher_lookup(const struct publisher *publisher);

struct explain_facts;

/*
 * Fills in what only the publisher knows of a delivery (explain.h): account, lead, late policy, whether a
 * step of it is under way, what keeps everything from being published, the pace, and of an unsure one the
 * doubt and where to look. delivery and attempts are there already.
 */
void publisher_facts(const struct publisher *publisher, struct explain_facts *facts, struct arena *arena);

/* What the on_failure hook does not take, and why; NULL: all is well. In arena. */
const char *publisher_hook_trouble(const struct publisher *publisher, struct arena *arena);

/* A person says that the clock is right, whatever was stored while it was wrong. */
bool publisher_resume_clock(struct publisher *publisher, const char *who, struct error *err);

/* A person says that this database is the one to go on with. What is overdue is
 * held: it may be published already. */
bool publisher_resume_restored(struct publisher *publisher, const char *who, struct error *err);

/* "POST/ACCOUNT" of what is out now and may still appear; of one account, or NULL: of all. In arena. */
const char **publisher_leaving(const struct publisher *publisher, const char *account, struct arena *arena,
                               size_t *ret_count);

/* Why this published delivery cannot be deleted on its network, for a person; NULL: it can. In arena. */
const char *publisher_cannot_delete(const struct publisher *publisher, const struct delivery *delivery,
                                    struct arena *arena);

/* Likewise why it cannot be made to say this there. */
const char *publisher_cannot_edit(const struct publisher *publisher, const struct delivery *delivery,
                                  const struct content *content, struct arena *arena);

/* What gives media their addresses, for who serves them. */
struct hosting;
struct hosting *publisher_hosting(const struct publisher *publisher);

/* What is being transferred now, for status. */
size_t publisher_in_flight(const struct publisher *publisher);

/* Whether posts are leaving just now, one after the other: what has time had better wait a little. */
bool publisher_is_pressed(const struct publisher *publisher);

#endif
