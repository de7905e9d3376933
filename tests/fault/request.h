/*
 * request: what the oracle reads from a connection.
 */
#ifndef CALD_TEST_REQUEST_H
#define CALD_TEST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { LONGEST_NAME = 200 };

struct request {
    uint64_t connection, number; /* of the connection since the start, of the request on it: the caller's */
    char method[16], path[LONGEST_NAME], key[LONGEST_NAME]; /* key: Idempotency-Key, or "" */
    char post[LONGEST_NAME];                                /* "post_id" in the body, or "" */
    const char *body;                                       /* in the buffer that was read into */
    size_t length;
};

/*
 * The next request, whole, of what is in 'in' and what still comes. What was received beyond it is in 'in'
 * after ret_size bytes. False: the peer is gone before the end, or it is no request.
 */
bool request_read(int fd, struct buf *in, struct request *request, size_t *ret_size);

#endif
