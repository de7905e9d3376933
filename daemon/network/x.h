/*
 * x: what the files of this driver share. x.c publishes, x_session.c signs and knows who we are, x_media.c
 * uploads, x_answer.c says what an error means, x_find.c looks for a post that may have been published.
 *
 * Session: "login" (oauth2.h; absent with OAuth 1.0a); "user" {"for", "id", "username"}; "fields": the name
 * of the query for a post's members, once the server refused the other. Memo, parts counted from 0: "post-P"
 * {"id", "url"} (thread.h); "media" {sha256: {"id", "until", "alt": told, "sent": segments, "state": "open",
 * "sent" or "processing", "since"}}; "sent" when the last creating request left that may have come to
 * something, "again" that there was one before it, "duplicate" that X has refused the text as one since;
 * "look" while we look.
 */
#ifndef CALD_X_H
#define CALD_X_H

#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"
#include "network/stage.h"
#include "network/thread.h"

/* What is published is in the list of posts at once, mostly: it is not there only if it is not there then. */
#define X_WAIT MINUTES(2)

/* A request to the API, without its credentials: they are put on last, by x_sign. */
void x_request(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind,
               const char *method, const char *path);
/* OAuth 1.0a signs method, address and form; OAuth 2 is a header. */
void x_sign(const struct job *job, struct arena *arena, struct step *step);
/* The session's "user" when it is that of these credentials, or NULL. */
const json_t *x_user(const struct job *job);
bool x_uses_oauth1(const struct account *account);

/* The OAuth 2 client of an account. */
struct oauth2;
void x_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client);

/* Renews the login, or asks who we are; false: both are there. */
bool x_session_step(const struct job *job, struct arena *arena, struct step *ret_step);
void x_session_read(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);
void x_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void x_verified(const struct job *job, const struct step *step, const struct response *response,
                struct arena *arena, struct outcome *ret_outcome);

/* The next step of an image that the part that is due needs; false: all are ready. */
bool x_media_step(const struct job *job, struct arena *arena, struct step *ret_step);
void x_media_read(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);
json_t *x_media_ids(const struct job *job, size_t part); /* a new list */

/* What an answer says by its status and problem; true: it is a success, and NEXT. */
bool x_read_status(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);
/* "You are not allowed to create a Tweet with duplicate content." */
bool x_is_duplicate(const struct response *response, struct arena *arena);

void x_find(const struct job *job, struct arena *arena, struct step *ret_step);
void x_found(const struct job *job, const struct step *step, const struct response *response,
             struct arena *arena, struct outcome *ret_outcome);

/* The part that was due is out, and what the memo held to look for it is obsolete. */
void x_part_done(const struct job *job, const char *id, struct arena *arena, struct outcome *ret_outcome);

/* A post's permalink, as far as we know who we are. */
const char *x_permalink(const struct job *job, const char *id, struct arena *arena);

/* An id is digits, 1 to 19 of them; NULL else. In arena. */
const char *x_id(const json_t *object, const char *name, struct arena *arena);

#endif
