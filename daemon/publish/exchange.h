/*
 * exchange: what the files share that know libcurl: http.c, http_request.c, http_connections.c, and smtp.c. Nobody
 * else includes it.
 *
 * An exchange is one easy handle in the loop's multi handle, with what it needs until it ends. Rules that
 * hold for all (TLS, time) are http.c's; which addresses, and how a connection ends, http_connections.c's.
 */
#ifndef CALD_EXCHANGE_H
#define CALD_EXCHANGE_H

#include <netinet/in.h>

#include <curl/curl.h>

#include "base/index.h"
#include "publish/answer.h"
#include "publish/body.h"
#include "publish/http.h"
#include "publish/http_check.h"
#include "publish/mail_body.h"

enum { SPARES_AT_REST = 64, URLS_KNOWN = 256 };

struct http {
    struct loop *loop;
    CURLM *multi;
    struct timer *timer; /* libcurl's */
    struct timer *rest;  /* fires when there was no exchange for a while */
    void (*rested)(void *context); /* see http_on_rest; or NULL */
    void *context;
    unsigned most; /* connections */
    CURL **spares; /* handles to be used again: making one costs as much as setting it up */
    size_t spare_count, spare_capacity;
    struct index urls; /* what libcurl read of them: CURLU */
    struct exchange *exchanges; /* in flight, newest first */
    size_t in_flight;
};

struct exchange {
    struct http *http;
    struct exchange *previous, *next;
    CURL *easy;
    curl_mime *mime;
    CURLU *own_parts; /* of its URL, if http does not know them; or NULL */
    struct arena *arena; /* of the caller, or … */
    struct arena *warm;  /* … of a warming one, which has no caller */
    struct body_file *files;
    size_t file_count;
    struct smtp *smtp; /* of mail; or NULL */
    struct mail_body body; /* of HTTP with files in it */
    struct answer answer;
    struct origin origin;
    bool once, private_addresses, foreign;
    int starts; /* how often the request was about to leave */
    char barred[INET6_ADDRSTRLEN];
    char error[CURL_ERROR_SIZE];
    http_done *done;
    void *context;
};

/* Lets go of spare handles until there are so few. */
void http_free_spares(struct http *http, size_t most);

/* No exchange is left: unless another comes soon, kept connections are closed. */
void http_is_at_rest(struct http *http);

/* Out of the list and out of libcurl; nothing leaves any more. Then it is to be freed. */
void exchange_unlink(struct exchange *exchange);
void exchange_free(struct exchange *exchange);

/* libcurl is done with it: its result is told, or, of mail, what follows begins. */
void exchange_complete(struct exchange *exchange, CURLcode code);

/* Where its connection may go, whether it may be a kept one, and how it is closed. */
void exchange_set_connection(struct exchange *exchange);

/* Where it goes. What libcurl read of it is known from then on, until it is forgotten at rest; but if it is secret. */
void exchange_set_url(struct exchange *exchange, const char *url, bool secret);
void http_forget_urls(struct http *http);

/* What is sent. The body's bytes are copied unless the arena has them, files are opened. */
void exchange_set_headers(struct exchange *exchange, const struct request *request);
bool exchange_set_body(struct exchange *exchange, const struct request *request,
                       const struct http_options *options, struct error *err);

/* Opens a media file, or 'length' bytes of it from 'from' on (0: all that follow), for as long as the exchange
 * lives. */
bool exchange_add_file(struct exchange *exchange, const struct http_options *options,
                       const struct media *media, int64_t from, int64_t length, struct body_file **ret_file,
                       struct error *err);

struct http_timings exchange_timings(const struct exchange *exchange, bool ok);

/* Why it got no connection, for a person. In the exchange's arena. */
const char *exchange_unreached(const struct exchange *exchange, CURLcode code);

#endif
