/*
 * hubs: tells the WebSub hubs of feed accounts that a feed has changed (W3C WebSub of 2018; how a hub is told
 * is the convention of public hubs): POST hub.mode=publish&hub.url=FEED, once for the Atom feed and once for
 * the JSON Feed. The hub then fetches it, and brings it to its subscribers.
 *
 * That a hub is to be told is a note of the queue, written in the transaction in which a post is published,
 * and taken away when the hub took both: who dies in between tells again, which hurts nobody. 2xx is taken.
 * What may pass (time-out, 408, 429, 5xx) is tried again, later and later, up to an hour apart, for a day;
 * what does not is given up at once. Either is told in the log. A post is published whatever its hubs do.
 */
#ifndef CALD_HUBS_H
#define CALD_HUBS_H

#include "loop.h"
#include "publish/http.h"
#include "queue/queue.h"
#include "settings.h"

struct hubs;

/* Loop and queue must outlive it; http must end before it. */
struct hubs *hubs_new(struct loop *loop, struct queue *queue, struct http *http);
void hubs_free(struct hubs *hubs); /* NULL is fine */

/* The settings from now on; must live until the next call has returned. What earlier lives left to tell is
 * told. */
void hubs_use(struct hubs *hubs, const struct settings *settings);

/* A post of this account was published, in the transaction that is open. Of one without hubs: nothing. */
bool hubs_note(struct hubs *hubs, const struct account *account, instant now, struct error *err);

/* Nobody is told any more; what flies may end. */
void hubs_stop(struct hubs *hubs);

#endif
