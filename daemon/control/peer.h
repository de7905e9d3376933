/*
 * peer: who is at the other end of a connection, as the kernel tells it.
 */
#ifndef CALD_PEER_H
#define CALD_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PEER_GROUPS = 64, PEER_ADDRESS = 64, PEER_USER = 64 };

struct peer {
    bool local; /* Unix socket: uid and groups are known; else the addresses are */
    uid_t uid;
    char user[PEER_USER]; /* its name when it connected; "": it has none */
    gid_t groups[PEER_GROUPS]; /* the primary one first, then the supplementary ones */
    size_t group_count;
    char address[PEER_ADDRESS]; /* of the other end: "127.0.0.1", "::1" */
    char host[PEER_ADDRESS];    /* our own address on this connection, without port */
    unsigned port;              /* our own port */
};

/* False when the kernel does not say: such a connection is not served. */
bool peer_read(int fd, struct peer *ret_peer);

#endif
