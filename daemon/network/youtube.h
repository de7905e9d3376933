/*
 * youtube: what the files of this driver share. youtube.c has the facts and the order of the steps,
 * youtube_api.c makes requests and says what an error means, youtube_upload.c brings the video there,
 * youtube_publish.c makes it visible, looks whether it is, and takes it back, youtube_session.c knows who we
 * are, youtube_quota.c counts. Source: YouTube Data API v3, discovery document of 2026-04-27; Google's guide
 * to resumable uploads.
 *
 * A video is uploaded before its slot as a private one, and made public at the slot. With the option
 * 'schedule' YouTube does that itself: it is told the time with the upload.
 *
 * Session: "login" (oauth2.h); "channel" {"for", "id", "name", "uploads": a playlist, "read_at"}; "quota"
 * {"until": the Pacific midnight that ends the day, "units", "uploads"}.
 * Memo: "upload" {"url": the upload's own address, "at": when it was opened}; "kept": bytes of the video that
 * are there, absent while nobody knows; "last": the last bytes have left; "gone": when the upload's address
 * was forgotten after that, and the video is looked for; "video": its id; "since": when its processing was
 * first asked about; "processed"; "thumbnail"; "publish_at": what YouTube was told; "sent": when the last
 * publishing request left.
 */
#ifndef CALD_YOUTUBE_H
#define CALD_YOUTUBE_H

#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"
#include "network/stage.h"

struct oauth2;

/* ---- requests and answers: youtube_api.c ---- */

/* The address of the API, without a path. */
const char *youtube_base(const struct account *account);

/* A request to "BASE/path" with the login. */
void youtube_request(const struct job *job, struct arena *arena, struct request *ret_request,
                     const char *method, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Title, description, category, tags and language. A new reference. */
json_t *youtube_snippet(const struct job *job, struct arena *arena);

/* The answer's object when it is 2xx: outcome is NEXT then. NULL: outcome is complete. */
json_t *youtube_answer(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome);

/* An answer that is no success. */
void youtube_refused(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

/* Whether the answer says that what it was asked about is not there. */
bool youtube_is_missing(const struct response *response);

/* ---- the day's quota: youtube_quota.c ---- */

/* The next midnight of California's clocks, when Google's quotas begin anew. */
instant pacific_midnight(instant now);

/* What a step takes of today's quota is not there any more: a sentence, and when it is again; NULL: it is. */
const char *youtube_used_up(const struct job *job, const char *step, instant *ret_until, struct arena *arena);

/* "12 of 10000 units and 1 of 100 uploads of today". */
const char *youtube_used(const struct job *job, struct arena *arena);

/* Counts what a step took that was answered: changes the outcome's session. */
void youtube_count(const struct job *job, const struct step *step, bool exceeded, struct arena *arena,
                   struct outcome *outcome);

/* ---- who we are: youtube_session.c ---- */

void youtube_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client);

/* Renews the login, or asks for the channel; false: nothing is to be done first. */
bool youtube_session_step(const struct job *job, struct arena *arena, struct step *ret_step);
void youtube_session_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);
void youtube_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void youtube_verified(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome);
const json_t *youtube_channel(const struct job *job); /* NULL: it is to be asked for */

/* ---- the upload: youtube_upload.c ---- */

const struct media *youtube_video(const struct content *content);     /* or NULL */
const struct media *youtube_thumbnail(const struct content *content); /* or NULL */
const char *youtube_title(const struct content *content, struct arena *arena);
const char *youtube_compose(const struct content *content, size_t part, struct arena *arena);

/* When YouTube is to publish it by itself: the slot, unless that is too near; 0: it is not to. */
instant youtube_publish_at(const struct job *job);

/* "status" of a video; publish_at 0: none. A new reference. */
json_t *youtube_status(const struct job *job, const char *privacy, instant publish_at);
const char *youtube_privacy(const struct job *job); /* public, unlisted or private */

enum { YOUTUBE_UPLOAD_STAGES = 4, YOUTUBE_PUBLISH_STAGES = 5 };
extern const struct stage youtube_upload_stages[YOUTUBE_UPLOAD_STAGES];

/* What must be on disk before a piece of the video leaves. In arena. */
json_t *youtube_upload_memo(const struct job *job, struct arena *arena);

/* ---- publishing: youtube_publish.c ---- */

extern const struct stage youtube_publish_stages[YOUTUBE_PUBLISH_STAGES];
void youtube_find(const struct job *job, struct arena *arena, struct step *ret_step);
void youtube_found(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);
void youtube_discard(const struct job *job, struct arena *arena, struct step *ret_step);
void youtube_discarded(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome);
const char *youtube_where(const struct job *job, struct arena *arena);

#endif
