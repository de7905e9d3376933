/*
 * discourse: what the files of this driver share. discourse.c publishes, discourse_find.c looks for what may
 * have been published.
 *
 * The memo:  images     see uploads.h
 *            post-P     see thread.h
 *            topic      number of the topic
 *            number     of the last part within the topic
 *            looks      how often a look-up found nothing
 *            candidate  id of a post that may be the reply in doubt
 *            sent       when the last creating request left
 */
#ifndef CALD_DISCOURSE_H
#define CALD_DISCOURSE_H

#include "network/network.h"

/* A request with the account's key. body NULL: none; it is taken over. */
struct request discourse_request(const struct job *job, struct arena *arena, const char *method,
                                 const char *path, json_t *body);

/* The JSON object of a good answer; else NULL, and the outcome says what is wrong. */
json_t *discourse_answer(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome);

/* What we call the topic: "cald-" and the delivery's key; at most 50 of [A-Za-z0-9_-] are allowed. */
const char *discourse_external_id(const struct job *job, struct arena *arena);

/* The post with this number in the topic is the part that was due. slug may be NULL, and need not be clean.
 */
void discourse_part_done(const struct job *job, int64_t topic, int64_t number, const char *slug,
                         struct arena *arena, struct outcome *ret_outcome);

void discourse_find(const struct job *job, struct arena *arena, struct step *ret_step);
void discourse_found(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

#endif
