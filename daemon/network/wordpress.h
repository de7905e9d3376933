/*
 * wordpress: what the files of this driver share.
 *
 *   wordpress.c          the driver: its facts, the table of stages, find and verify
 *   wordpress_api.c      addresses, credentials, what errors mean
 *   wordpress_session.c  where the REST API is and who we are
 *   wordpress_draft.c    the draft, made complete before the slot, and its publication
 *   wordpress_media.c    images in the media library
 *   wordpress_terms.c    categories and tags: names to ids
 *   wordpress_discard.c  all of it taken back, where the post is not published after all
 *
 * Its stages are taken in the order of the table in wordpress.c (stage.h).
 *
 * The memo:  post     id of our draft
 *            looked   the draft has been looked for
 *            doubt    an answer was useless: look before anything is made again
 *            images   {sha256: {id, url, alt, raw}}    raw: its smaller sizes are missing
 *            terms    {"categories": {name: id}, "tags": {name: id}}   id 0: there is none yet
 *            filled   hash of the content that the draft holds
 *            modified when WordPress says that we filled it
 *            discard  what is to be deleted, see wordpress_discard.c
 * The session: for (fingerprint of address and password), root (of the REST API, ends in '/'), fallback,
 * user.
 */
#ifndef CALD_WORDPRESS_H
#define CALD_WORDPRESS_H

#include "network/network.h"
#include "network/stage.h"

/* ---- wordpress_api.c ---- */

/* A request to ROOT/wp/v2/PATH?QUERY with credentials. body NULL: none; it is taken over. */
struct request wordpress_request(const struct job *job, struct arena *arena, const char *method,
                                 const char *path, const char *query, json_t *body);
void wordpress_authorize(const struct job *job, struct arena *arena, struct request *request);

/* The JSON of a good answer (2xx); else NULL, and the outcome says what is wrong. */
json_t *wordpress_answer(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome);

/* Whether the answer is an error with this code, like "term_exists". */
bool wordpress_is_error(const struct response *response, const char *code, struct arena *arena);

int64_t wordpress_post(const struct job *job); /* memo's post, 0: none */

/* ---- wordpress_session.c ---- */
bool wordpress_is_root_unknown(const struct job *job);
bool wordpress_is_fallback_due(const struct job *job);
bool wordpress_is_user_unknown(const struct job *job);
const char *wordpress_root(const struct job *job); /* NULL: not known */
void wordpress_ask_root(const struct job *job, struct arena *arena, struct request *ret_request);
void wordpress_ask_user(const struct job *job, struct arena *arena, struct request *ret_request);
void wordpress_read_root(const struct job *, const struct step *, const struct response *, struct arena *,
                         struct outcome *);
void wordpress_read_user(const struct job *, const struct step *, const struct response *, struct arena *,
                         struct outcome *);

/* ---- wordpress_draft.c, _media.c, _terms.c: stages in their order ---- */
extern const struct stage wordpress_draft_stages[2], wordpress_media_stages[4], wordpress_term_stages[4],
    wordpress_publish_stages[2];

/* Of what is to be taken back, in this order; each that 'makes' deletes. */
extern const struct stage wordpress_discard_stages[4];

/* What the memo must say before something is deleted. In arena. */
json_t *wordpress_before_discard(const struct job *job, struct arena *arena);

/* The slug of the draft while it is one: made from the delivery's key. */
const char *wordpress_draft_slug(const struct job *job, struct arena *arena);

/* Reads an answer that is the published post: DONE, or what else it has become. */
void wordpress_read_published(const struct job *job, const json_t *post, struct arena *arena,
                              struct outcome *ret_outcome);

/* What the post says: title, content, excerpt. The caller owns it. */
json_t *wordpress_words(const struct job *job, struct arena *arena);

/* Ids of terms as a new JSON array, NULL when there are none. */
json_t *wordpress_term_ids(const struct job *job, const char *taxonomy, struct arena *arena);

#endif
