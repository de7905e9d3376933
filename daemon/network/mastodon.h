/*
 * mastodon: what the files of this driver share. mastodon.c publishes, mastodon_media.c uploads,
 * mastodon_session.c learns what the server is and who we are there, mastodon_find.c looks for a post that
 * may have been published, mastodon_deeds.c changes and deletes what is.
 *
 * Session: {"for", "kind", "version", "domain", "read_at", limits as the server names them, "account_id",
 * "acct"}; "v1" while only the older address of the instance is left to try.
 * Memo, parts and images counted from 0: "media-P-I" {"id", "at"}; "pending-P-I" {"id", "since"} while the
 * server processes it; "post-P" {"id", "url"}; "look" while we look; "sent" when the last creating request
 * left; "unfinished" counts refusals because of unfinished media.
 */
#ifndef CALD_MASTODON_H
#define CALD_MASTODON_H

#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"
#include "network/thread.h"

/* A request may still be at work on the server for so long after its answer was lost. */
#define MASTODON_WAIT SECONDS(60)

/* Servers that speak Mastodon's client API and treat a repeated Idempotency-Key each in their own way. */
enum mastodon_kind {
    MASTODON_REAL,       /* the same status again, within the hour */
    MASTODON_PIXELFED,   /* 400 for an hour, also when the first request failed later on */
    MASTODON_GOTOSOCIAL, /* the header is ignored: a second status */
    MASTODON_OTHER,      /* nobody knows: as if ignored */
};

enum mastodon_kind mastodon_kind_of(const json_t *session);

/* Fills a request to the account's server, with its token. */
void mastodon_request(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind,
                      const char *method, const char *path);

/* Reads what every answer has; false when the outcome is complete (refused, retry…), true for 2xx: NEXT. */
bool mastodon_read_status(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);

/* See struct network. */
void mastodon_image_limits(const struct account *account, const json_t *session, struct arena *arena,
                           struct image_limits *limits);

/* The session's next step, or false: it is complete and fresh. */
bool mastodon_session_step(const struct job *job, struct arena *arena, struct step *ret_step);
void mastodon_session_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome);

/* The next step of an image that is not ready, or false: all are. */
bool mastodon_media_step(const struct job *job, struct arena *arena, struct step *ret_step);
void mastodon_media_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome);

void mastodon_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void mastodon_verified(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome);

void mastodon_find(const struct job *job, struct arena *arena, struct step *ret_step);
void mastodon_found(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

/* The part that was due is out (thread_part_done), and what the memo held to look for it is obsolete. */
void mastodon_part_done(const struct job *job, const char *id, const char *url, struct arena *arena,
                        struct outcome *ret_outcome);

/* What the memo holds under "NAME-P-I"; NULL. */
json_t *mastodon_memo_media(const struct job *job, const char *name, size_t part, size_t index);

/* ---- mastodon_mention.c ---- */

bool mastodon_mention(const struct account *account, const char *name, struct arena *arena, struct request *ret_request);
enum existence mastodon_mentioned(const struct response *response);

/* The text of a part as it is sent. */
const char *mastodon_compose(const struct content *content, size_t part, struct arena *arena);

/* What a status says, whether it is new or changed. A new reference. */
json_t *mastodon_words(const struct job *job, size_t part, struct arena *arena);

/* The server's words in an error, or NULL. */
const char *mastodon_said(const struct response *response, struct arena *arena);

/* ---- mastodon_deeds.c ---- */

void mastodon_remove(const struct job *job, struct arena *arena, struct step *ret_step);
void mastodon_removed(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome);
void mastodon_edit(const struct job *job, struct arena *arena, struct step *ret_step);
void mastodon_edited(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

#endif
