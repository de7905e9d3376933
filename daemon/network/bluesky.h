/*
 * bluesky: what the files of this driver share. bluesky.c makes the requests, bluesky_answer.c reads the
 * answers, bluesky_session.c keeps the session, bluesky_record.c makes the record of a post, bluesky_video.c
 * has a video processed.
 *
 * Session: {"for", "did", "handle", "pds", "access_token", "refresh_token", "made_at", "expires_at",
 * "expired", "video_token", "video_token_made"}. Memo, parts and images counted from 0: "dids" {handle: DID,
 * or false: there is none}; "blob-P-I" {"blob", "at"}; "video-P-I" {"of": its hash, "job", "since"} until its
 * blob is there, "video_failed" counts how often it could not be processed; from the first intent on
 * "created_at" and "rkeys"; "post-P" {"uri", "cid"}; "compare" counts how often the key of the part that is
 * due was taken, "lost_blobs" how often blobs were gone.
 */
#ifndef CALD_BLUESKY_H
#define CALD_BLUESKY_H

#include "network/atproto.h"
#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"

/* Where accounts are that say no other server. */
#define BLUESKY_DOOR "https://bsky.social"

#define BLUESKY_POSTS "app.bsky.feed.post" /* the collection */

/* ---- bluesky.c ---- */

/* A request to base/xrpc/ and the formatted rest. */
void bluesky_request(struct step *step, struct arena *arena, enum step_kind kind, const char *method,
                     const char *base, const char *format, ...) __attribute__((format(printf, 6, 7)));
void bluesky_authorize(struct step *step, struct arena *arena, const char *token);

json_t *bluesky_memo(const struct job *job, const char *name, size_t part);
json_t *bluesky_memo_blob(const struct job *job, size_t part, size_t index);

/* The record key of a part: from the memo, or the one that will be written there. In arena. */
const char *bluesky_rkey(const struct job *job, size_t part, struct arena *arena);

/* The first part that the memo does not hold; part_count when all are made. */
size_t bluesky_part_due(const struct job *job);

/* The first mention, in a part still to be published, that nobody was asked about yet; NULL. */
const char *bluesky_mention_due(const struct job *job, struct arena *arena);

struct bluesky_image {
    size_t part, index, number, total; /* number from 1, of all images and videos of the post */
};

/* The first image or video of a part still to be published that is not on the server; false when all are. */
bool bluesky_image_due(const struct job *job, struct bluesky_image *ret_image);

/* A handle as servers compare it. In arena. */
const char *bluesky_lower_case(const char *text, struct arena *arena);

/* ---- bluesky_mention.c ---- */

bool bluesky_mention(const struct account *account, const char *name, struct arena *arena, struct request *ret_request);
enum existence bluesky_mentioned(const struct response *response);

/* ---- bluesky_answer.c ---- */

void bluesky_read(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);
void bluesky_found(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);

/* Their error's name ("ExpiredToken"), NULL; and name with message, for a person. */
const char *bluesky_error(const struct response *response, struct arena *arena);
const char *bluesky_said(const struct response *response, struct arena *arena);

/* Whether it is one, and no longer than one is; and it is the image's or video's that was due. */
bool bluesky_blob_is_valid(const json_t *blob);
void bluesky_keep_blob(const struct job *job, const struct bluesky_image *place, json_t *blob,
                       struct arena *arena, struct outcome *ret_outcome);

/* ---- bluesky_video.c ---- */

/* What is to be done next for the video that is due. */
void bluesky_video_step(const struct job *job, const struct bluesky_image *place, struct arena *arena,
                        struct step *ret_step);
bool bluesky_is_video_step(const struct step *step);
void bluesky_video_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome);

/* ---- bluesky_session.c ---- */

/* The session's next step, or false: it is there and lives long enough. */
bool bluesky_session_step(const struct job *job, struct arena *arena, struct step *ret_step);
void bluesky_session_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);

/*
 * Reads what every answer outside the session's steps has: true for 2xx. An expired token gives NEXT with a
 * session that asks to be renewed; the rest by status.
 */
bool bluesky_read_status(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome);

void bluesky_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void bluesky_verified(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome);

/* ---- bluesky_record.c ---- */

const char *bluesky_compose(const struct content *content, size_t part, struct arena *arena);

/* The text of a part as it is sent, with its links, mentions and hashtags. */
struct measure bluesky_measure(const struct content *content, size_t part, struct arena *arena,
                               const char **ret_text);

/* app.bsky.feed.post, a new reference. created_at is that of the first part. */
json_t *bluesky_record(const struct job *job, size_t part, instant created_at, struct arena *arena);

#endif
