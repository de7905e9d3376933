/*
 * drivers: every driver that is built in. A new network is its file and its row here; the JSON Schema follows
 * by schema/generate, the manual page by config/man/generate.
 */
#ifndef CALD_DRIVERS_H
#define CALD_DRIVERS_H

#include "network/network.h"

/* By name. 'null' answers to its name only (tests, trials), and is not listed for users. */
#define NETWORKS(ROW)                                                                                        \
    ROW(bluesky)                                                                                             \
    ROW(devto)                                                                                               \
    ROW(discord)                                                                                             \
    ROW(discourse)                                                                                           \
    ROW(email)                                                                                               \
    ROW(facebook)                                                                                            \
    ROW(feed)                                                                                                \
    ROW(files)                                                                                               \
    ROW(ghost)                                                                                               \
    ROW(instagram)                                                                                           \
    ROW(lemmy)                                                                                               \
    ROW(linkedin)                                                                                            \
    ROW(mastodon)                                                                                            \
    ROW(matrix)                                                                                              \
    ROW(micropub)                                                                                            \
    ROW(nodebb)                                                                                              \
    ROW(pinterest)                                                                                           \
    ROW(slack)                                                                                               \
    ROW(telegram)                                                                                            \
    ROW(threads)                                                                                             \
    ROW(tumblr)                                                                                              \
    ROW(webhook)                                                                                             \
    ROW(wordpress)                                                                                           \
    ROW(x)                                                                                                   \
    ROW(youtube)

/* The driver of a row is network_NAME, in NAME.c. */
#define NETWORK_DECLARED(name) extern const struct network network_##name;
NETWORKS(NETWORK_DECLARED)
NETWORK_DECLARED(null)

#endif
