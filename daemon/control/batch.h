/*
 * batch: many posts that come in by one request: all of them, or none with everything that is wrong.
 *
 * First each is judged as if those before it were queued, and nothing is written; then they are stored. The
 * loop does both in slices of some 10 ms, so that what is due goes out meanwhile. What one slice stores is
 * one commit: a batch that needs no more (some hundred posts) is there or not, whatever happens. A larger one
 * whose storing ends half-way, because the process is killed or the disk takes no more, is completed by the
 * same request under the same Idempotency-Key: how far it came is on disk with each slice, and the names that
 * it makes follow from the key.
 */
#ifndef CALD_BATCH_H
#define CALD_BATCH_H

#include <sys/queue.h>

#include "base/buf.h"
#include "control/adding.h"
#include "control/items.h"
#include "queue/queue.h"

enum { BATCH_MOST = 10000, BATCH_ERRORS = 200 };

struct batch {
    STAILQ_ENTRY(batch) link;
    struct call *call; /* whose answer it is; it waits, so it stays */
    struct control *control;
    void *pending;
    bool begun; /* its turn has come */

    /* while it is judged */
    struct items items;
    struct call *item;     /* the one being judged, as if it had come alone */
    json_t *errors;        /* of those that are refused, the first BATCH_ERRORS */
    size_t refused;        /* how many posts are, */
    size_t offered;        /* and of these how many an override would let pass */
    json_t *offer;         /* by which rules (override_offer); NULL: nothing is offered */
    int status;            /* what each alone would have been answered with; 422 if not all the same */
    const char *documents; /* the hash of those that it is judged by */
    int rounds;            /* how often it began anew, because they changed */
    bool looks, looked;    /* links and mentions (batch->online) are to be looked at; they were */

    /* what is judged: all in the arena, and nothing of the documents, which may be others in the next slice
     */
    struct arena *arena;
    struct wanted *wanted;
    size_t wanted_count, *by_time; /* their places, by their slots */
    struct judged *posts;
    size_t post_count, stored;
    struct index ids;
    struct online online;
    struct company company;
    json_t *findings; /* warnings, the first BATCH_ERRORS */

    bool storing;
    char name[11];   /* of posts that say none: "b-NAME-INDEX" */
    struct buf said; /* the posts of the answer so far */
};

struct batch *batch_new(struct call *call);
void batch_free(struct batch *batch);

/* One slice. The call has been answered when it was the last. */
void batch_slice(struct batch *batch);

/* The answers to batch->online are there: all is judged anew. */
void batch_looked(struct batch *batch);

#endif
