/*
 * micropub: what the files of this driver share. micropub.c publishes and reads errors; micropub_session.c
 * finds the endpoint from the site's address and reads what the server can do.
 *
 * Session: {"for", "page" (where the home page is, after redirects), "hops", "endpoint", "media" (endpoint of
 * uploads, or none), "config" (it was asked for), "read_at"}.
 * The memo: images (uploads.h), post-P (thread.h).
 */
#ifndef CALD_MICROPUB_H
#define CALD_MICROPUB_H

#include "network/network.h"
#include "network/stage.h"

/* The session, or NULL when it is another one's or a day old. */
const json_t *micropub_session(const struct job *job);
const char *micropub_endpoint(const struct job *job); /* or NULL: not known yet */

/* Finding the endpoint, and asking what it can do. */
extern const struct stage micropub_session_stages[2];

/* A request with the token. */
struct request micropub_request(const struct job *job, struct arena *arena, const char *method,
                                const char *url);

/* True for 2xx; else false, and the outcome says what is wrong. */
bool micropub_read_status(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);

/* The endpoint with a query, which it may have one of already: "q=config". In arena. */
const char *micropub_query(const struct job *job, const char *query, struct arena *arena);

#endif
