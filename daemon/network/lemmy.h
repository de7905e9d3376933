/*
 * lemmy: what the files of this driver share. lemmy.c publishes, lemmy_session.c logs in and finds the
 * community, lemmy_find.c looks for what may have been published. Source: Lemmy's API v3 (0.19).
 *
 * Session: "for", "read_at" (driver.h), "jwt" and "made_at" where it came from a password, "user", "user_id",
 * "community_id".
 * Memo: "images" (uploads.h); "after": id of our newest post before this one, 0: there was none; thread.h's,
 * the first part being a post, the others comments; "sent" when the last creating request left; "page" where
 * looking goes on.
 */
#ifndef CALD_LEMMY_H
#define CALD_LEMMY_H

#include "network/network.h"
#include "network/stage.h"

/* ---- lemmy_session.c ---- */

enum { LEMMY_SESSION_STAGES = 3 };
extern const struct stage lemmy_session_stages[LEMMY_SESSION_STAGES];

/* A request to the instance, with the token. body NULL: none; it is taken over. */
struct request lemmy_request(const struct job *job, struct arena *arena, const char *method, const char *path,
                             json_t *body);

/* The JSON object of a good answer; else NULL, and the outcome says what is wrong. A token that does not work
   any more gives NEXT and an empty session where we have the password: then we log in again. */
json_t *lemmy_answer(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

/* GET /site, whose answer says whose token it is. */
void lemmy_ask_who(const struct job *job, struct arena *arena, struct request *ret_request);

/* ---- lemmy.c ---- */

/* The title of the post; the text of a part, as Markdown. In arena. */
const char *lemmy_title(const struct content *content, struct arena *arena);
const char *lemmy_text(const struct job *job, size_t part, struct arena *arena);

/* The number of a part that is out, 0: of none. */
int64_t lemmy_number(const struct job *job, size_t part);

/* The post or comment of the part that was due is there. */
void lemmy_part_done(const struct job *job, int64_t id, struct arena *arena, struct outcome *ret_outcome);

/* Our newest posts; page from 1. */
struct request lemmy_own_posts(const struct job *job, struct arena *arena, int64_t limit, int64_t page);

void lemmy_next(const struct job *job, struct arena *arena, struct step *ret_step);
void lemmy_read(const struct job *job, const struct step *step, const struct response *response,
                struct arena *arena, struct outcome *ret_outcome);

/* ---- lemmy_find.c ---- */

void lemmy_find(const struct job *job, struct arena *arena, struct step *ret_step);
void lemmy_found(const struct job *job, const struct step *step, const struct response *response,
                 struct arena *arena, struct outcome *ret_outcome);

#endif
