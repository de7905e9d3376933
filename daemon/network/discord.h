/*
 * discord: a channel of Discord, through a webhook or as a bot (discord.com/developers/docs, API v10). What the files
 * of this driver share: discord.c publishes, discord_find.c looks for a message that may have been published,
 * discord_deeds.c changes and deletes what is.
 *
 * A webhook's address is its whole secret; it can post and nothing else. A bot posts under a nonce, which
 * Discord remembers "for a few minutes": a doubtful post is repeated within two, and looked for after that.
 * With a bot's token beside the webhook the webhook's posts can be looked for, too.
 *
 * Session: "for", "read_at", "guild_id", "channel_id", "name", "user_id" (of who posts: webhook or bot).
 * Memo: thread.h's, with "by": who posted; "sent" when the last creating request left; "thread" the forum
 * thread that the first part opened; "after" where looking goes on.
 */
#ifndef CALD_DISCORD_H
#define CALD_DISCORD_H

#include "network/network.h"
#include "network/stage.h"

/* Session, then publishing. */
extern const struct stage_table discord_table;

/* Whether the account posts through a webhook; else as a bot. */
bool discord_by_webhook(const struct job *job);

/* Fills a request; as_bot: with the bot's token. The second is a GET as the bot, of a path of the API. */
void discord_request(const struct job *job, const char *method, const char *url, bool as_bot,
                     struct arena *arena, struct request *ret_request);
void discord_ask_bot(const struct job *job, const char *path, struct arena *arena,
                     struct request *ret_request);

/* Addresses: of a path of the API, and of the webhook, with the API's version. In arena, or secrets of the account. */
const char *discord_url(const struct job *job, const char *path, struct arena *arena);
const char *discord_webhook_url(const struct job *job, struct arena *arena);

/* Reads what every answer has; false when the outcome is complete (refused, retry…), true for 2xx: NEXT. */
bool discord_is_fine(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

/* The thread that is posted to, or NULL: the one that the first part opened, or the account's. */
const char *discord_thread(const struct job *job);

/* Who may be pinged: allowed_mentions of a message. The caller owns it. */
json_t *discord_mentions(const struct job *job);

/* The due part is published as this message. */
void discord_message_done(const struct job *job, const json_t *message, struct arena *arena,
                          struct outcome *ret_outcome);

/* ---- see struct network ---- */

void discord_read(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);
bool discord_can_find(const struct job *job);
void discord_find(const struct job *job, struct arena *arena, struct step *ret_step);
void discord_found(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);
void discord_remove(const struct job *job, struct arena *arena, struct step *ret_step);
void discord_removed(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);
void discord_edit(const struct job *job, struct arena *arena, struct step *ret_step);
void discord_edited(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

#endif
