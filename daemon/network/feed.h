/*
 * feed: what who serves a feed account needs beside syndication.h: its addresses and its entries.
 *
 *   BASE/feed/ACCOUNT/               the page          feed_path(account, "")
 *   BASE/feed/ACCOUNT/atom.xml       Atom              feed_path(account, FEED_ATOM)
 *   BASE/feed/ACCOUNT/feed.json      JSON Feed         feed_path(account, FEED_JSON)
 *   BASE/feed/ACCOUNT/posts/POST     page of an entry  feed_post_path
 *   BASE/feed/ACCOUNT/media/HASH.png an image          feed_media_path
 *
 * BASE is the account's option 'url', or the address of the listener. All segments are percent-encoded.
 */
#ifndef CALD_FEED_H
#define CALD_FEED_H

#include "network/network.h"
#include "network/syndication.h"

#define FEED_ATOM "atom.xml"
#define FEED_JSON "feed.json"

enum { FEED_ENTRIES = 30 }; /* entries when the option does not say */

const char *feed_path(const char *account, const char *name, struct arena *arena);
const char *feed_post_path(const char *account, const char *post_id, struct arena *arena);
const char *feed_media_path(const char *account, const struct media *media, struct arena *arena);

/* The WebSub hubs of a feed account; of another network none. In arena, borrows the account's options. */
const char *const *feed_hubs(const struct account *account, struct arena *arena, size_t *ret_count);

/* How many of the newest entries the feed holds. */
size_t feed_entry_limit(const struct account *account);

/*
 * The feed without its entries. base is used where the account has no 'url': "http://127.0.0.1:8080".
 * 'updated' is for who calls to set. In arena.
 */
void feed_describe(const struct account *account, const char *base, struct arena *arena,
                   struct syndication_feed *ret_feed);

/* One published post of the account. id is what the outcome gave. In arena; borrows content. */
void feed_entry(const struct account *account, const char *base, const struct content *content,
                const char *post_id, const char *id, instant published, struct arena *arena,
                struct syndication_entry *ret_entry);

#endif
