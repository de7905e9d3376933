/*
 * matrix: what the files of this driver share. matrix.c sends events, matrix_event.c makes them,
 * matrix_session.c logs in and joins, matrix_deeds.c edits and deletes, matrix_find.c looks for what may have
 * been sent. Source: the Matrix specification, Client-Server API v1.18; what Synapse does beyond it is said where
 * it counts.
 *
 * Session: "for", "read_at" (driver.h), "access_token" and "made_at" where it came from a password,
 * "user_id", "device_id", "room_id", "plain": true when the room is known not to be encrypted. Memo: "images"
 * (uploads.h), their url is an mxc: address; "events" [ids of what is sent, in order], "edits" [of what
 * edits put in their place]; "sent" when the last creating request left, and "device" from which; "cursor" and
 * "pages" where looking goes on; "room" where they are, of what is not whole yet.
 */
#ifndef CALD_MATRIX_H
#define CALD_MATRIX_H

#include "network/network.h"
#include "network/stage.h"

/* ---- matrix_session.c ---- */

enum { MATRIX_SESSION_STAGES = 4, MATRIX_LOGIN_STAGES = 2 }; /* the first of them log in */
extern const struct stage matrix_session_stages[MATRIX_SESSION_STAGES];

/* A request under BASE/_matrix with the access token. */
void matrix_request(const struct job *job, const char *method, const char *path, struct arena *arena,
                    struct request *ret_request);

/* Whether the answer is good; else the outcome says what is wrong. A token that does not work any more gives
   NEXT and an empty session where we have the password: then we log in again. */
bool matrix_is_fine(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

/* "who we are", whose answer names the user; as a live check of the credentials. */
void matrix_ask_who(const struct job *job, struct arena *arena, struct request *ret_request);

/* ---- matrix_event.c ---- */

struct matrix_event { /* one of those that a content becomes */
    size_t part;
    const struct media *media; /* NULL: the text of the part, or the body */
};

/* All of them, in order: a part's text, if it has any, then its images. In arena. */
struct matrix_event *matrix_events(const struct content *content, struct arena *arena, size_t *ret_count);

/* What a text event says as plain text: title and content warning before, the link after. In arena. */
const char *matrix_compose(const struct content *content, size_t part, struct arena *arena);

/* The event's content without what it relates to. 'url' is the image's mxc: address. A new reference. */
json_t *matrix_event_content(const struct account *account, const struct content *content,
                             const struct matrix_event *event, const char *url, struct arena *arena);

/* ---- matrix.c ---- */

/* The content of the event that is due, its transaction id and its number from 0. In arena. */
json_t *matrix_due(const struct job *job, struct arena *arena, const char **ret_transaction,
                   size_t *ret_number);

/* The id of one that is sent, by its number from 0; NULL: it is not. */
const char *matrix_event_id(const struct job *job, size_t number);

/* The event that was due is in the room. */
void matrix_event_done(const struct job *job, const char *id, struct arena *arena,
                       struct outcome *ret_outcome);

/* As 'next' of a driver. */
void matrix_next(const struct job *job, struct arena *arena, struct step *ret_step);
void matrix_read(const struct job *job, const struct step *step, const struct response *response,
                 struct arena *arena, struct outcome *ret_outcome);

/* ---- matrix_deeds.c ---- */

void matrix_remove(const struct job *job, struct arena *arena, struct step *ret_step);
void matrix_removed(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);
void matrix_edit(const struct job *job, struct arena *arena, struct step *ret_step);
void matrix_edited(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);

/* ---- matrix_find.c ---- */

void matrix_find(const struct job *job, struct arena *arena, struct step *ret_step);
void matrix_found(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);

#endif
