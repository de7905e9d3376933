/*
 * server: HTTP/1.1 on one listening socket (libmicrohttpd), as one more descriptor of the loop.
 *
 * A connection must bring a whole request within 10 s of its beginning or of the answer before, and take an
 * answer within 60 s. Of one peer (user on the Unix socket, address on TCP) at most 64 connections are kept,
 * of all 128: beyond that the one that has waited longest without a whole request is closed, so a newcomer is
 * always heard.
 *
 * While something presses, requests get a sixteenth of the time: what one took is followed by a rest of fifteen
 * times that, of at most 50 ms.
 */
#ifndef CALD_SERVER_H
#define CALD_SERVER_H

#include "control/call.h"
#include "loop.h"

struct server;

struct server_callbacks {
    /* The headers are there. False: the call has been answered, its body is not read. */
    bool (*begin)(struct call *call);
    /* The whole request is there: answers, or sets call->pending and has server_resume called later. */
    void (*handle)(struct call *call);
    /* All that was there has been handled: resumes what waited for that, and says whether there was any. Or NULL. */
    bool (*settle)(struct control *control);
    /* Whether something presses that has no time for requests. Or NULL: nothing does. */
    bool (*presses)(const struct control *control);
};

/* fd is the server's from now on. */
struct server *server_new(struct loop *loop, int fd, struct control *control,
                          const struct server_callbacks *callbacks, struct error *err);
void server_free(struct server *server);

/* Whether another client of the same listener may ask meanwhile. */
bool server_has_others(const struct call *call);

/* The answer of a pending call has been made. */
void server_resume(struct call *call);

/* Sends bytes to every open stream; who has not read 256 KiB is closed. */
void server_broadcast(struct server *server, const char *bytes, size_t length);
size_t server_streams(const struct server *server); /* how many are open */

#endif
