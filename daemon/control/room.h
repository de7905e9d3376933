/*
 * room: what the handlers share: the rooms below, and how a call reaches them.
 */
#ifndef CALD_ROOM_H
#define CALD_ROOM_H

#include "control/call.h"
#include "control/control.h"
#include "control/group.h"
#include "control/server.h"

struct backup;
struct batches;
struct company;

struct public_pace { /* of files served to the world */
    duration at; /* monotonic; when it was last filled */
    int64_t thousandths;
};

struct control {
    struct loop *loop;
    struct queue *queue;
    struct publisher *publisher;
    struct schedule *schedule;
    struct server *local, *tcp; /* tcp NULL where there is none */
    struct server *public;      /* likewise: see public.h */
    struct public_pace public_pace;
    char *socket;               /* path to remove at the end; NULL: inherited */
    char address[64];           /* "127.0.0.1:8080"; "" without TCP */
    duration started;           /* monotonic */
    duration checked;           /* when the database was last tried for /healthz, monotonic */
    bool writable;              /* and what came of it */
    struct group group;
    struct batches *batches;    /* NULL: there were none yet */
    const struct company *coming; /* what a batch that is being added has taken so far; or NULL */
    struct backup *backup;      /* that is being made; or NULL */
};

/* The documents in force; NULL: there are none yet, and the call has been answered with 503. */
const struct documents *call_documents(struct call *call);

/* The account of this name; NULL: answered with 404 and the nearest name. */
const struct settings_account *call_account(struct call *call, const char *name);

/* Answers 404 for what the queue does not have: with the nearest name, or why a series leaves it out. */
void answer_no_post(struct call *call, const char *id);

/* "http://127.0.0.1:8080" as the one who asks wrote it, without a slash at the end. */
const char *call_base_url(const struct call *call);

#endif
