/*
 * connection: who is connected to a listener, how long each may take, and who goes when there are too many.
 * Closing is shutdown(2): whoever serves the connection cleans up, and calls connection_end. The times and
 * numbers are in server.h.
 */
#ifndef CALD_CONNECTION_H
#define CALD_CONNECTION_H

#include <stdbool.h>

#include "base/clock.h"
#include "control/peer.h"
#include "loop.h"

enum { CONNECTIONS_MOST = 128 };

enum connection_phase {
    CONNECTION_REQUEST, /* a whole one is awaited */
    CONNECTION_WORK,    /* it is being answered, for as long as that takes */
    CONNECTION_ANSWER,  /* it is taking the answer */
    CONNECTION_STREAM,  /* likewise, without an end */
};

struct connections; /* of one listener */
struct connection;

struct connections *connections_new(struct loop *loop);
void connections_free(struct connections *connections); /* after the end of each */

/* A newcomer, of whom a request is awaited. May close another, and the newcomer if nobody knows who it is. */
struct connection *connection_begin(struct connections *connections, int fd);
void connection_end(struct connection *connection); /* NULL is fine */

void connection_enter(struct connection *connection, enum connection_phase phase);
void connection_allow(struct connection *connection, duration more); /* in the present phase */

const struct peer *connection_peer(const struct connection *connection);
int connection_fd(const struct connection *connection);

/* Whether anybody else is connected who may ask: who reads a stream does not. */
bool connection_has_others(const struct connection *connection);

#endif
