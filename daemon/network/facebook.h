/*
 * facebook: what the files of this driver share. facebook.c publishes, facebook_video.c brings videos there.
 *
 * A video is uploaded in a session before the slot, which nobody sees, and the session is finished at the
 * slot; then it is asked about until it can be seen. After an answer that was lost its own status says what
 * became of it. Source: Graph API, page/videos (upload_phase start, transfer, finish), video status.
 *
 * Memo: "video" {"id", "session", "from", "to", "at"}: the piece that is wanted next, from == to when all is
 * there; "anew": that an upload was begun again; "finished".
 */
#ifndef CALD_FACEBOOK_H
#define CALD_FACEBOOK_H

#include "network/graph.h"

const char *facebook_compose(const struct content *content, size_t part, struct arena *arena);

const struct media *facebook_video(const struct content *content); /* or NULL */
extern const struct video_limits facebook_video_limits;

enum { FACEBOOK_VIDEO_STAGES = 2 };
extern const struct stage facebook_video_stages[FACEBOOK_VIDEO_STAGES];

/* The session's end, which publishes. */
void facebook_ask_finish(const struct job *job, struct arena *arena, struct request *ret_request);
void facebook_read_finish(const struct step *step, const json_t *answer, struct arena *arena,
                          struct outcome *ret_outcome);
bool facebook_is_finished(const struct job *job);

/* Whether it can be seen; as a stage, and of a session whose end is in doubt: then what is not published
 * 'settled' after the request left is not there. */
void facebook_ask_status(const struct job *job, struct arena *arena, struct request *ret_request);
void facebook_read_status(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);
void facebook_found_status(const struct job *job, const json_t *answer, duration settled, struct arena *arena,
                           struct outcome *ret_outcome);

#endif
