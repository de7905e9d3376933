/*
 * host: which names of hosts mean this machine, without asking anybody.
 */
#ifndef CALD_HOST_H
#define CALD_HOST_H

#include <stdbool.h>

/* "localhost", 127.x.x.x, "::1" (without brackets). */
bool host_is_loopback(const char *host);

/* The same of the host of an absolute URL; what is none, or has a user name, is not. */
bool url_is_loopback(const char *url);

#endif
