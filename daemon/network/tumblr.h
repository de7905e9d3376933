/*
 * tumblr: what the files of this driver share. tumblr.c publishes and states the facts, tumblr_post.c writes
 * a post in Tumblr's format (NPF), tumblr_api.c signs requests and says what an error means, tumblr_find.c
 * looks for what may have been published. Source: tumblr/docs, api.md and npf-spec.md (2024).
 *
 * Session: "login" (oauth2.h; absent with OAuth 1.0a). Memo, parts counted from 0: "post-P" {"id", "url"}
 * (thread.h); "key-P" {"uuid", "key"}: what a reblog of that part must name; "sent": when the last creating
 * request left; "state": what it asked for.
 */
#ifndef CALD_TUMBLR_H
#define CALD_TUMBLR_H

#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"

struct oauth2;

/* ---- requests and answers ---- */

/* A request of a step to "/v2/path", without its credentials: they are put on last, by tumblr_sign. */
void tumblr_request(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind,
                    const char *name, const char *method, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
void tumblr_sign(const struct job *job, struct arena *arena, struct step *step);

bool tumblr_uses_oauth1(const struct account *account);
void tumblr_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client);

/* Renews the login; false: nothing is to be done first. */
bool tumblr_session_step(const struct job *job, struct arena *arena, struct step *ret_step);

/* Reads an answer; NULL: the outcome says what is wrong. Else its "response" (borrowed), and NEXT. */
const json_t *tumblr_answer(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome);

/* Digits, as text or number; NULL else. In arena. */
const char *tumblr_id(const json_t *post, struct arena *arena);

/* The name of the blog without ".tumblr.com". In arena. */
const char *tumblr_blog(const struct account *account, struct arena *arena);

/* ---- a post ---- */

/* The part as JSON, to be in this state: a new reference. */
json_t *tumblr_post(const struct job *job, size_t part, const char *state, struct arena *arena);

/* Under which name the form that sends the post has a file of it: "image-0", "video-1" … In arena. */
const char *tumblr_media_name(const struct media *media, size_t number, struct arena *arena);

/* The text of a post as its blocks have it, with line ends between them. In arena. */
const char *tumblr_text(const json_t *blocks, struct arena *arena);

/* What a new post is to be: "published" unless the account says otherwise. */
const char *tumblr_state(const struct account *account);

/* What the post was made as, whatever the account says by now; the account's, where that is not known. */
const char *tumblr_state_of(const struct job *job);

/* ---- after an unanswered request ---- */

void tumblr_find(const struct job *job, struct arena *arena, struct step *ret_step);
void tumblr_found(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);

/* The part that was due is out. */
void tumblr_done(const struct job *job, const char *id, struct arena *arena, struct outcome *ret_outcome);

#endif
