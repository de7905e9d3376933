/*
 * drivers: every driver that is built in. A new network is one line here, one row in networks.c.
 */
#ifndef CALD_DRIVERS_H
#define CALD_DRIVERS_H

#include "network/network.h"

extern const struct network network_bluesky;
extern const struct network network_devto;
extern const struct network network_discord;
extern const struct network network_discourse;
extern const struct network network_email;
extern const struct network network_facebook;
extern const struct network network_feed;
extern const struct network network_ghost;
extern const struct network network_instagram;
extern const struct network network_mastodon;
extern const struct network network_micropub;
extern const struct network network_nodebb;
extern const struct network network_null;
extern const struct network network_slack;
extern const struct network network_telegram;
extern const struct network network_threads;
extern const struct network network_webhook;
extern const struct network network_wordpress;

#endif
