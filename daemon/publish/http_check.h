/*
 * http_check: what may stand in a request before anything is done with it. Pure.
 */
#ifndef CALD_HTTP_CHECK_H
#define CALD_HTTP_CHECK_H

#include "base/arena.h"
#include "publish/http.h"

struct origin { /* of a URL */
    const char *scheme; /* https http smtps smtp */
    bool tls;           /* from the first byte */
    const char *host; /* lower case, IPv6 without brackets */
    size_t length;    /* of "https://host:port" in the URL */
};

/* Splits and judges a URL: http or https (smtp or smtps for mail), a host, no user, no control characters,
 * blanks or backslashes. */
bool origin_read(const char *url, struct arena *arena, struct origin *ret_origin, struct error *err);

/* Method, headers and form fields, or addresses and message; and no TLS only where options allow it. */
bool http_check(const struct request *request, const struct origin *origin,
                const struct http_options *options, struct error *err);

#endif
