/*
 * telling: one letter to the operator's hook (see teller.h): some alerts as one JSON text, which goes to a
 * command and to a webhook side by side. What is told, and when, is the teller's to say.
 */
#ifndef CALD_TELLING_H
#define CALD_TELLING_H

#include "loop.h"
#include "publish/alert.h"
#include "publish/http.h"
#include "settings.h"

struct telling_means { /* what tellings need; outlives them */
    struct loop *loop;
    struct http *http;
    const struct settings *settings; /* NULL: not known yet */

    /* A way has ended; failure NULL: it took it. Then, after the last of a telling: ended. Neither may free
     * it. */
    void (*way_ended)(void *context, enum alert_way way, const char *failure);
    void (*ended)(void *context);
    void *context;
};

/* Whether the hook has this way now. */
bool telling_has_way(const struct telling_means *means, enum alert_way way);

struct said;

struct telling {
    struct telling *next; /* of the teller's list */
    struct said *said;    /* where it comes from, or NULL: from rows */
    int episode;          /* of it */

    const struct telling_means *means;
    struct arena *arena;
    struct alert *alerts; /* the first, and its others; each says at the end which ways took it */
    size_t count;
    const char *text; /* JSON */
    bool flying[ALERT_WAYS];
    struct command *command;
};

struct telling *telling_new(const struct telling_means *means, struct telling *next);
void telling_add(struct telling *telling, const struct alert *alert); /* copies it */

/* To each way of the hook that did not take it yet. What cannot be begun has ended as if it had failed. */
void telling_start(struct telling *telling);
bool telling_flies(const struct telling *telling);

/* A command that runs goes on by itself. The webhook's exchange must have ended, or its http. */
void telling_free(struct telling *telling);

#endif
