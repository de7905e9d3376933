/*
 * lookup: answers the questions that only the network can (editorial/online.h), over http.h: for a check, a
 * plan, a post that is added.
 *
 * What an inquiry promises:
 *
 *   - It ends: each exchange has 8 s, the whole what the caller says; what has no answer then is unknown. Of
 * very many questions only the first 200 are asked.
 *   - A link is followed over at most 5 redirects; every hop is held to the same rules. 404 and 410 mean that
 * it leads nowhere, 2xx that it does not. Whatever else is said (a wall against robots, a server that is
 * down, no network) is unknown.
 *   - Addresses come from those who write posts, and from other people's servers: nothing is asked in the
 * operator's own network, the loopback included, unless private addresses are allowed. No credentials are
 * sent.
 *   - Answers are remembered: that something is there for an hour, anything else for two minutes.
 */
#ifndef CALD_LOOKUP_H
#define CALD_LOOKUP_H

#include "editorial/online.h"
#include "publish/http.h"

struct lookup;
struct inquiry;

struct lookup *lookup_new(struct loop *loop, struct http *http);
/* After its http: exchanges under way are forgotten; inquiries end without a call. NULL is fine. */
void lookup_free(struct lookup *lookup);

/* Answers from memory what is remembered. */
void lookup_recall(struct lookup *lookup, struct online *online);

/*
 * Asks what has no answer; calls done once, in a later turn, when the answers can be recalled. Copies what it
 * needs of online and settings (NULL: none).
 */
struct inquiry *lookup_ask(struct lookup *lookup, const struct online *online,
                           const struct settings *settings, duration patience, void (*done)(void *context),
                           void *context);

/* Who asked is gone: done is not called. */
void inquiry_abandon(struct inquiry *inquiry);

#endif
