/*
 * pinterest: what the files of this driver share. pinterest.c publishes, pinterest_api.c makes requests and
 * says what an error means, pinterest_boards.c knows boards and who we are, pinterest_find.c looks for what
 * may have been published, pinterest_video.c brings a video there. Source: Pinterest's description of API v5
 * (5.23.0), its pages on rate limits and access tiers (2026).
 *
 * Session: "login" (oauth2.h; absent with a token of cald.yaml); "boards" {"for", "ids": {name: id}, "next":
 * where the list goes on, "pages"}. Memo: "images" {sha256: {"url", "until"}} where Pinterest fetches them,
 * "unfetched": how often it could not; "video" {"id", "of": its hash, "at", "upload" and "form" until it is
 * "sent", "since", "ready"}; "post-0" (thread.h); "sent": when the creating request left.
 */
#ifndef CALD_PINTEREST_H
#define CALD_PINTEREST_H

#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"

struct oauth2;

/* A request to "/v5/path" with the token. */
void pinterest_request(const struct job *job, struct arena *arena, struct request *ret_request,
                       const char *method, const char *format, ...) __attribute__((format(printf, 5, 6)));
const char *pinterest_base(const struct account *account);

/* Reads an answer; true: a success, and NEXT. */
bool pinterest_is_fine(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome);

/* Digits, or NULL. In arena. */
const char *pinterest_id(const char *text, struct arena *arena);

/* ---- boards, and who we are ---- */

/* The board of a content as cald.yaml has it, name or id: the one of its first category that has one, else
 * the account's. */
const char *pinterest_board_name(const struct account *account, const struct content *content);

/* Its id, or NULL as long as the session does not know it. In arena. */
const char *pinterest_board(const struct job *job, struct arena *arena);

void pinterest_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client);

/* Renews the login; false: nothing is to be done first. */
bool pinterest_login_step(const struct job *job, struct arena *arena, struct step *ret_step);

/* Likewise, or reads the list of boards. */
bool pinterest_session_step(const struct job *job, struct arena *arena, struct step *ret_step);
void pinterest_session_read(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome);
void pinterest_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void pinterest_verified(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome);

/* ---- a video ---- */

/* What is to be done next until Pinterest has the pin's video; false: nothing. */
bool pinterest_video_step(const struct job *job, struct arena *arena, struct step *ret_step);
void pinterest_video_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);

/* Its id, once it is registered. */
const char *pinterest_video(const struct job *job);

/* ---- after an unanswered request ---- */

void pinterest_find(const struct job *job, struct arena *arena, struct step *ret_step);
void pinterest_found(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

/* The pin is out. */
void pinterest_done(const struct job *job, const char *id, struct arena *arena, struct outcome *ret_outcome);

#endif
