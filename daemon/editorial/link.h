/*
 * link: web addresses as they stand in texts, and their parameters.
 */
#ifndef CALD_LINK_H
#define CALD_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The next http(s) address of a text from *at on: its first byte into *at, the one after its last into
 * *ret_end. Signs that end a sentence or close a bracket are not part of it. */
bool link_next(const char *text, size_t *at, size_t *ret_end);

/* Its host without "www."; how long that is. */
const char *link_host(const char *url, size_t *ret_length);

/* Whether it leads to the site's host, or one below it. */
bool link_is_of(const char *url, const char *site);

/* Whether it has a parameter; how long its value is. A name that ends in '*' is a beginning. */
bool link_has_parameter(const char *url, const char *name, size_t *ret_value);

/* The address with one more parameter, encoded as it must be, before its fragment. In arena. */
const char *link_with_parameter(const char *url, const char *name, const char *value, struct arena *arena);

#endif
