/*
 * keep: a step may point into the account it was made for; the documents may be replaced before its answer is
 * read.
 */
#ifndef CALD_KEEP_H
#define CALD_KEEP_H

#include "network/network.h"

/* Copies what a step points to into arena, unless it is there; but for media, which are of the content, and the memo. */
void step_keep(struct step *step, struct arena *arena);

/* Its body, copied into arena unless it is there; or NULL. */
const char *request_keep_body(const struct request *request, struct arena *arena);

#endif
