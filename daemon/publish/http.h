/*
 * http: one exchange: a request goes out, its answer or what became of it comes back. Also one of mail
 * (struct mail in network.h).
 *
 * Runs on the loop, over libcurl, which only the files know that include exchange.h. What an exchange
 * promises:
 *
 *   - It says whether a byte of the request may have left ('sent'). Failures before that (name, connection,
 * TLS) are provably without effect.
 *   - A request marked 'once' leaves once. libcurl repeats a request by itself when a kept connection is cut
 * before the answer; here its second start is refused and the exchange fails with sent true.
 *   - Redirects are answers, never followed. TLS is verified. No proxy, no .netrc, no cookies from the
 * environment.
 *   - Bounded: total time, connecting, silence, 64 KiB of headers, 4 MiB of body.
 *   - Nothing is sent to private, loopback or link-local addresses, unless the URL itself names a loopback
 * host and is not 'foreign', or the operator allows it. Plain http only likewise. Control characters in URL,
 * header or form field: refused.
 *   - Connections are kept for the next request; a minute after the last exchange ended all of them are closed.
 *   - Media is opened beneath the media root and must have the hash it had when the post was planned.
 *
 * HTTP/1.1 is spoken: the repeats were measured with it, and one exchange a connection makes "whose bytes
 * left" plain.
 */
#ifndef CALD_HTTP_H
#define CALD_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "documents.h"
#include "loop.h"
#include "network/network.h"

enum {
    HTTP_MAX_BODY = 4 << 20,
    HTTP_MAX_HEADERS = 64 << 10,
    HTTP_DEFAULT_TIMEOUT = 30000,
    HTTP_LONGEST_TIMEOUT = 600000,
    HTTP_CONNECT_TIMEOUT = 20000, /* longer than the resolver's 3 s x 2 tries x 3 servers, see http_new */
};

struct http;

struct http_options {
    const struct media_roots *media; /* where media in the request are; NULL: there are none */
    bool insecure;          /* plain http to hosts that are not loopback allowed */
    bool private_addresses; /* connections to private addresses allowed */
    bool foreign;           /* others wrote the URL: a loopback host that it names is as private as any */
    bool once;              /* it creates something: must not leave twice */
    const char *ca_file;    /* authorities trusted besides the system's; or NULL */
};

/* What the operator allows; media and once are the caller's. */
struct http_options http_options_of(const struct settings *settings);

struct http_timings { /* ms since the exchange began, -1: did not get that far; 0: nothing to do (kept
                         connection) */
    duration dns, connect, tls, first, total;
};

struct http_result {
    bool ok;     /* a whole answer came: response is there */
    bool sent;   /* a byte of the request may have left; of mail: the end of the message may */
    bool barred; /* failed by a rule of ours (private address): trying again does not help */
    struct response response;
    struct http_timings timings;
    const char *error; /* for a person, complete; NULL when ok */
};

typedef void http_done(void *context, const struct http_result *result);

/*
 * Call it before any thread is started: it sets RES_OPTIONS (unless set) so that a dead name server costs
 * less than the connect time-out. 'most': connections at a time over all hosts.
 */
struct http *http_new(struct loop *loop, unsigned most, struct error *err);
void http_allow(struct http *http, unsigned most); /* another number from now on */
void http_free(struct http *http); /* exchanges in flight end without a call; NULL is fine */

/* Called a minute after the last exchange ended, when handles and connections are let go. */
void http_on_rest(struct http *http, void (*rested)(void *context), void *context);

/*
 * Starts an exchange; calls done once, in a later turn. What of the request is not in arena is copied, but for
 * media, which is read while it is sent. The result lives in arena, which must live until then. False (nothing
 * left, done is not called): the request is refused here, for good.
 */
bool http_send(struct http *http, const struct request *request, const struct http_options *options,
               struct arena *arena, http_done *done, void *context, struct error *err);

/* At the end of a turn: what was started leaves now, as far as it can, and not only in the next turn; memory that was
 * kept for more exchanges than there are goes. May call done of any exchange. */
void http_flush(struct http *http);

/*
 * Opens a connection to the URL's server, so that a request soon after needs no DNS, TCP and TLS. Failures
 * are silent: the request itself will meet them.
 *
 * libcurl 7.88 gives no way to do this without a request: a transfer aborted in its PREREQFUNCTION takes its
 * connection with it (measured: the next transfer connects anew), and CONNECT_ONLY connections are never
 * given to another transfer. So it is a HEAD of "/", without credentials.
 */
void http_warm(struct http *http, const char *url, const struct http_options *options);

size_t http_in_flight(const struct http *http); /* without warming ones */

#endif
