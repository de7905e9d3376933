/*
 * smtp: the exchanges of mail, beside http.c's. It knows libcurl, which connects, starts TLS and logs in;
 * then we speak ourselves over its connection (CURLOPT_CONNECT_ONLY). For a whole message libcurl 7.88 cannot
 * be used here (both measured):
 *
 *   - At the end of a message it waits for the reply without giving the loop its turn: a server that takes
 * its time would stop everything.
 *   - An exchange that is taken back in the middle of a message is ended by it with the line that ends a
 * message: half a newsletter would go out.
 *
 * So the end of a message leaves here, at one place, and 'sent' of the result is exactly whether it did. A
 * connection is used for one exchange. When its answer is there it is told at once; the QUIT comes after it.
 */
#ifndef CALD_SMTP_H
#define CALD_SMTP_H

#include "publish/exchange.h"

struct smtp;

/* Makes an exchange one of mail. False: refused, as http_send says. */
bool smtp_set(struct exchange *exchange, const struct request *request, const struct http_options *options,
              struct error *err);

/* libcurl is done: the connection stands and we are logged in, or not. */
void smtp_connected(struct exchange *exchange, CURLcode code);

void smtp_unwatch(struct smtp *smtp); /* before libcurl closes the connection */
void smtp_free(struct smtp *smtp);    /* NULL is fine */

#endif
