/*
 * hosting: addresses for networks that fetch media themselves, as 'media_urls' of cald.yaml says.
 *
 * With a listener: an address beneath 'url' that holds the delivery's row, an end and the file's SHA-256, and
 * that nobody can make up: an HMAC-SHA256 of them under a key of 32 random bytes in STATE/media-urls.key
 * (0600). What it leads to is served by control/public.h. Who loses the key loses the addresses that were
 * told, nothing else.
 *
 *     https://media.example.org/cald/ROW-END-SHA256-HMAC.jpg
 *
 * With a command: it gets the file on its standard input (environment: PATH, CALD_MEDIA_NAME "SHA256.jpg",
 * CALD_MEDIA_TYPE, CALD_MEDIA_SIZE; 2 min; see command.h) and prints the address, a line that begins with
 * https:// or http:// within the first 1 KiB of what it writes. What it printed is kept by the file's hash
 * and the command, so that a file is uploaded once, however many deliveries have it.
 */
#ifndef CALD_HOSTING_H
#define CALD_HOSTING_H

#include "base/hash.h"
#include "loop.h"
#include "queue/queue.h"
#include "settings.h"

struct hosting;

struct hosted {
    const char *url;     /* NULL: there is none */
    instant until;       /* it is good; 0: for ever */
    const char *message; /* why there is none, for a person */
};

typedef void hosting_done(void *context, const struct hosted *hosted);

/* Loop and queue must outlive it. */
struct hosting *hosting_new(struct loop *loop, struct queue *queue);
void hosting_free(
    struct hosting *hosting); /* commands that run go on by themselves, nobody is told; NULL is fine */

/* The settings from now on; must live until the next call has returned. */
void hosting_use(struct hosting *hosting, const struct settings *settings);

/*
 * An address for a file of this delivery. Calls done once, before it returns or in a later turn; never inside
 * of a transaction. again: what was told before did not do, so a command is asked anew. Changes what is kept
 * in a transaction of its own.
 */
void hosting_ask(struct hosting *hosting, int64_t row, const struct media *media, bool again,
                 hosting_done *done, void *context);

/* The listener is open: addresses of it may be told. It is opened once; another 'listen' takes a new start.
 */
void hosting_serve(struct hosting *hosting, const char *listen);

/* Whether name, the last segment of an address, was told by us and is still good; compared in constant time.
 */
bool hosting_knows(const struct hosting *hosting, const char *name, instant now, int64_t *ret_row,
                   char ret_hash[SHA256_HEX]);

#endif
