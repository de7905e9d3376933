/*
 * slack: what the files of this driver share.
 *
 *   slack.c         the driver: its facts, texts, session, the message, find and verify
 *   slack_answer.c  requests, and what answers mean
 *   slack_images.c  images, made ready before the slot
 */
#ifndef CALD_SLACK_H
#define CALD_SLACK_H

#include "network/network.h"
#include "network/stage.h"

#define SLACK_API "https://slack.com/api"

/* Whether the account posts by an incoming webhook: without session, images and look-ups. */
bool slack_by_webhook(const struct job *job);

/* A request of the Web API with the account's token; path may hold a query. */
void slack_request(const struct job *job, const char *method, const char *path, struct arena *arena,
                   struct request *ret_request);

/*
 * What an answer means: word is its error or NULL, said is what a message quotes instead of it (or NULL), ok
 * whether it says that all went well. True: NEXT, go on reading. False: ret_outcome says what is wrong.
 */
bool slack_judge(const struct job *job, const struct step *step, const struct response *response,
                 const char *word, const char *said, bool ok, struct arena *arena,
                 struct outcome *ret_outcome);

/* Likewise of an answer of the Web API, where HTTP 200 says nothing and "ok" and "error" do
 * (docs.slack.dev/apis/web-api). */
bool slack_is_fine(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);

enum { SLACK_IMAGE_STAGES = 4 };
extern const struct stage slack_image_stages[SLACK_IMAGE_STAGES];

#endif
