/*
 * See discord.h: what is done to a message that is there. In an edit files that are not named stay, and nobody is
 * pinged anew unless the account's 'mentions' says so.
 */
#include <string.h>

#include "base/json.h"
#include "network/discord.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"

/* ---- remove ---- */

/* https://discord.com/channels/GUILD/CHANNEL/MESSAGE: the account may post to another channel by now. */
static const char *channel_of(const json_t *post, struct arena *arena)
{
    const char *url = json_text(post, "url"), *end = url ? strrchr(url, '/') : NULL;
    const char *begin = end;
    while (begin && begin > url && begin[-1] != '/')
        begin--;
    return begin && begin < end ? arena_strndup(arena, begin, (size_t)(end - begin)) : NULL;
}

/* The account may post to another thread by now, or to none. */
static const char *thread_of_post(const struct job *job, const char *channel, const json_t *post)
{
    const char *usual = json_text(job->session, "channel_id");
    if (!json_text(post, "by")) /* published before that was noted */
        return discord_thread(job);
    return usual && !strcmp(usual, channel) ? NULL : channel;
}

static const char *message_url(const struct job *job, const char *channel, const json_t *post,
                               struct arena *arena)
{
    const char *thread = thread_of_post(job, channel, post),
               *id = driver_escape(arena, json_text(post, "id"));
    if (discord_by_webhook(job))
        return arena_printf(arena, "%s/messages/%s%s%s", discord_webhook_url(job, arena), id,
                            thread ? "?thread_id=" : "", thread ? driver_escape(arena, thread) : "");
    return discord_url(
        job, arena_printf(arena, "/channels/%s/messages/%s", driver_escape(arena, channel), id), arena);
}

void discord_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *channel = channel_of(removal_part(job), arena);
    if (!removal_is_due(job, NULL, arena, ret_step))
        return;
    if (!channel) {
        removal_over(ret_step, REMOVAL_UNKNOWN);
        return;
    }
    if (!removal_session(&discord_table, job, arena, ret_step))
        discord_request(job, "DELETE", message_url(job, channel, removal_part(job), arena),
                        !discord_by_webhook(job), arena, removal_step(ret_step));
}

static bool is_unknown(const struct response *response, struct arena *arena)
{
    enum { UNKNOWN_MESSAGE = 10008 };
    return response->status == 404 &&
           json_number(response_json(response, arena), "code", 0) == UNKNOWN_MESSAGE;
}

/* A webhook knows its own messages alone; a bot all of the channel. */
static bool would_know(const struct job *job)
{
    const char *by = json_text(removal_part(job), "by"), *me = json_text(job->session, "user_id");
    return !discord_by_webhook(job) || (by && me && !strcmp(by, me));
}

void discord_removed(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    bool unknown = is_unknown(response, arena);
    if (discord_is_fine(job, step, response, arena, ret_outcome) || (unknown && would_know(job)))
        *ret_outcome = removal_gone(job, arena);
    else if (unknown)
        outcome_set(
            ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
            "this webhook does not know it: another one published it, or somebody deleted it: look there");
}

/* ---- edit ---- */

void discord_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *channel = channel_of(revision_part(job), arena);
    if (!revision_is_due(job, NULL, arena, ret_step))
        return;
    if (!channel) {
        revision_over(ret_step, REVISION_UNKNOWN);
        return;
    }
    if (removal_session(&discord_table, job, arena, ret_step))
        return;
    const char *text = driver_first_with_link(job->content, revision_number(job), arena);
    struct request *request = revision_step(job, arena, ret_step);
    discord_request(job, "PATCH", message_url(job, channel, revision_part(job), arena),
                    !discord_by_webhook(job), arena, request);
    driver_json_body(request, arena,
                     json_pack("{s:s, s:o}", "content", text, "allowed_mentions", discord_mentions(job)));
}

void discord_edited(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    if (discord_is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
    else if (is_unknown(response, arena))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
}
