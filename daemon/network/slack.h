/*
 * slack: what the files of this driver share.
 *
 *   slack.c         the driver: its facts, texts, session, the message, find and verify
 *   slack_answer.c  requests, and what answers mean
 *   slack_uploads.c files, made ready before the slot
 *   slack_share.c   parts with videos or documents, whose message Slack makes itself
 *   slack_change.c  deletes and edits what is published
 */
#ifndef CALD_SLACK_H
#define CALD_SLACK_H

#include "network/network.h"
#include "network/stage.h"

#define SLACK_API "https://slack.com/api"
#define SLACK_SETTLED SECONDS(60) /* a request whose answer was lost may still be at work for so long */

/* Whether the account posts by an incoming webhook: without session, files and look-ups. */
bool slack_by_webhook(const struct job *job);

/* ---- requests and answers: slack_answer.c ---- */

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

/* Whether the answer's error is this word. */
bool slack_says(const struct response *response, const char *word, struct arena *arena);

/* ---- messages: slack.c ---- */

/* The text of a part as it is sent, and the blocks that show it with its images. */
const char *slack_text(const struct account *account, const struct content *content, size_t part,
                       struct arena *arena);
json_t *slack_blocks(const struct job *job, const struct part *part, const char *text);

/* The part that was due is the message ts; ts NULL: Slack did not tell, and the part goes by the id of its file. */
void slack_message_done(const struct job *job, const char *ts, struct arena *arena,
                        struct outcome *ret_outcome);

/* ---- files: slack_uploads.c ---- */

enum { SLACK_UPLOAD_STAGES = 4 };
extern const struct stage slack_upload_stages[SLACK_UPLOAD_STAGES];

/* ---- parts that are shown by their files: slack_share.c ---- */

/* Whether Slack makes this part's message itself: it has a file that no block can show. */
bool slack_is_shared(const struct part *part);

/* The ids of a part's files, each once: [{"id"}], as files.completeUploadExternal wants them. The caller's. */
json_t *slack_files(const struct job *job, const struct part *part);

/* Asks what Slack knows of a part's first file. */
void slack_ask_file(const struct job *job, const struct part *part, struct arena *arena,
                    struct request *ret_request);

/* The message that shows the file of such an answer in the account's channel, or NULL. */
const char *slack_shown_at(const struct job *job, const struct response *response, struct arena *arena);

/* Whether this id of a part is its message's, not its file's. */
bool slack_is_ts(const char *id);

enum { SLACK_SHARE_STAGES = 2 };
extern const struct stage slack_share_stages[SLACK_SHARE_STAGES];

/* As 'find' and 'found' of the driver, where the part that is due is shared. */
void slack_share_find(const struct job *job, struct arena *arena, struct step *ret_step);
void slack_share_found(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome);

/* ---- what is published: slack_change.c ---- */

void slack_remove(const struct job *job, struct arena *arena, struct step *ret_step);
void slack_removed(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);
void slack_edit(const struct job *job, struct arena *arena, struct step *ret_step);
void slack_edited(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);

#endif
