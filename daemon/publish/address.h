/*
 * address: which addresses a request may be sent to.
 *
 * A URL that stands in a document, or that a server gave us, must not reach into the operator's own network
 * (server-side request forgery). The question is asked of the address that is about to be connected to, after
 * the name was resolved, so that a name that points inside does not help.
 */
#ifndef CALD_ADDRESS_H
#define CALD_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* 127.0.0.0/8 and ::1, also as ::ffff:127.0.0.1. */
bool address_is_loopback(const struct sockaddr *address);

/* Everything that is no public unicast address: private, shared, loopback, link-local, unique local,
   multicast, reserved, unspecified (RFC 6890), and IPv6 forms that carry such an IPv4 address. Other families
   count as private. */
bool address_is_private(const struct sockaddr *address);

#endif
