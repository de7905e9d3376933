/*
 * listen: the listening sockets: bound here, or passed by systemd.
 */
#ifndef CALD_LISTEN_H
#define CALD_LISTEN_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Listens on a Unix socket: mode 0660, owned by group if one is named. The directory is made (0700, with a
 * group 0750) if it is missing. A socket that nobody listens on any more is replaced; one that is alive is an
 * error. Returns the descriptor, or -1.
 */
int listen_unix(const char *path, const char *group, struct error *err);

/* Listens on "127.0.0.1:8080" or "[::1]:8080"; names are not looked up. Port 0: the kernel's choice. */
int listen_tcp(const char *address, struct error *err);

/* A socket passed by systemd (sd_listen_fds(3)) of this family (AF_UNIX; AF_INET for any TCP one), or -1. */
int listen_inherited(int family);

/* "127.0.0.1:41234", "[::1]:8080": where a TCP socket listens. size >= 64. */
char *listen_address(int fd, char *ret_text, unsigned size);

#endif
