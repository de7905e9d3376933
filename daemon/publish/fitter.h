/*
 * fitter: has images made to fit a network, by vipsthumbnail of libvips ('image_tool' of cald.yaml).
 *
 * What must be done is network/fit.h's to say. Images are decoded in a process of its own that gets the
 * opened file as its standard input and gives the image on its standard output: it knows no path, has a
 * minute, 2 GiB of address space and no more, and what it says is believed only as far as the image that came
 * of it keeps the limits. Turned upright, in sRGB, without any metadata; transparency becomes white where the
 * type has none. Two run at a time. What was made is kept in STATE/media under its hash, as an upload is, and
 * by the source's hash and the limits in the queue's notes, so that it is made once, however many deliveries
 * have it.
 */
#ifndef CALD_FITTER_H
#define CALD_FITTER_H

#include "loop.h"
#include "network/fit.h"
#include "queue/queue.h"
#include "settings.h"

struct fitter;

struct fitted {
    const struct media *media; /* what is sent instead; NULL: there is none */
    const char *message;       /* what was done, or why not, for a person */
    bool again;                /* not: worth trying again */
};

typedef void fitter_done(void *context, const struct fitted *fitted);

/* Loop and queue must outlive it. */
struct fitter *fitter_new(struct loop *loop, struct queue *queue);
void fitter_free(struct fitter *fitter); /* what runs is ended, nobody is told; NULL is fine */

/* The settings from now on; must live until the next call has returned. Tells once when the program is
 * missing. */
void fitter_use(struct fitter *fitter, const struct settings *settings);

/*
 * The first image of the job that must be made anew before it is sent, or NULL: because it breaks limits, or
 * because it may hold metadata. Reads files that it has not seen lately.
 */
const struct media *fitter_wants(struct fitter *fitter, const struct job *job, struct arena *arena);

/* Makes it. Calls done once, before it returns or in a later turn; never inside of a transaction. Changes
 * what is kept in a transaction of its own. */
void fitter_ask(struct fitter *fitter, const struct job *job, const struct media *media, fitter_done *done,
                void *context);

#endif
