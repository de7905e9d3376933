/*
 * ghost: what the files of this driver share. ghost.c has the facts, find, verify and discard; ghost_api.c
 * makes requests and knows what errors mean; ghost_post.c has the stages of a post.
 *
 * The memo:  images   see uploads.h
 *            post     id of our draft
 *            updated  its updated_at as we saw it last: Ghost changes nothing under another one
 *            looked   the draft has been looked for
 *            doubt    see stage.h
 *            filled   hash of the content that the draft holds
 *            collisions  how often somebody else had changed it when it was to be published
 *            discard  see ghost_discard
 */
#ifndef CALD_GHOST_H
#define CALD_GHOST_H

#include "network/network.h"
#include "network/stage.h"

/* A request to the Admin API, with a token of its own. body NULL: none; it is taken over. */
struct request ghost_request(const struct job *job, struct arena *arena, const char *method, const char *path,
                             json_t *body);

/* The JSON of a good answer; else NULL, and the outcome says what is wrong. */
json_t *ghost_answer(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

/* Likewise for an answer that is a post: {"posts": [it]}. */
json_t *ghost_post(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);

/* Whether the answer is Ghost's own 404, not that of something else at this address. */
bool ghost_is_missing(const struct response *response, struct arena *arena);

/* The slug of the draft while it is one; whether a slug is that, or what Ghost made of it. */
const char *ghost_slug(const struct job *job, struct arena *arena);
bool ghost_is_our_slug(const struct job *job, const char *slug);

/* What the post says, as ask_fill sends it. The caller owns it. */
json_t *ghost_fields(const struct job *job, struct arena *arena);

/* Reads a post that is published: DONE, or what else it has become. */
void ghost_read_published(const struct job *job, const json_t *post, struct arena *arena,
                          struct outcome *ret_outcome);

extern const struct stage ghost_stages[6];

#endif
