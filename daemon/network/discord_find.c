/*
 * See discord.h: whether a message is there after all. A bot reads the channel from two minutes before the request
 * on, a page at a time; a message is ours by its author, its text and the number of its files.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/discord.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/thread.h"

#define SETTLED SECONDS(60) /* a request whose answer was lost may still be at work for so long */
enum { PAGE = 100 };

static bool has_token(const struct job *job)
{
    return account_has_secret(job->account, "token");
}

/* Who lost the answer to a thread's opening does not know where to look. */
bool discord_can_find(const struct job *job)
{
    return has_token(job) &&
           (!json_flag(job->account->options, "forum", false) || json_text(job->memo, "thread"));
}

void discord_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    static const int64_t discord_epoch = INT64_C(1420070400000);
    const struct stage *pending = stage_pending(&discord_table, job);
    if (json_text(job->memo, "id") || pending->kind == STEP_SESSION) {
        stage_next(&discord_table, job, arena, ret_step);
        return;
    }
    int64_t since = json_number(job->memo, "sent", job->first_sent ? job->first_sent : job->now) - MINUTES(2);
    const char *after = json_text(job->memo, "after"), *thread = discord_thread(job);
    const char *channel = thread ? thread : json_text(job->session, "channel_id");
    if (!after)
        after = arena_printf(arena, "%lld", (long long)((since - discord_epoch) << 22));
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    discord_ask_bot(job,
                    arena_printf(arena, "/channels/%s/messages?limit=%d&after=%s",
                                 driver_escape(arena, channel), PAGE, driver_escape(arena, after)),
                    arena, &ret_step->request);
}

static bool is_known(const struct job *job, const char *id)
{
    for (size_t part = 0; part < thread_part_due(job); part++)
        if (!strcmp(id, json_text(thread_post(job, part), "id")))
            return true;
    return false;
}

enum likeness { ANOTHERS, DIFFERENT, HIDDEN, OURS };

static enum likeness compare(const struct job *job, const json_t *message, struct arena *arena)
{
    size_t part = thread_part_due(job);
    const char *who = discord_by_webhook(job) ? json_text(message, "webhook_id")
                                              : json_text(json_member(message, "author"), "id");
    const char *id = json_text(message, "id"), *theirs = json_text(message, "content");
    const char *ours = driver_first_with_link(job->content, part, arena),
               *me = json_text(job->session, "user_id");
    if (!who || !me || strcmp(who, me) || !id || is_known(job, id) ||
        json_array_size(json_member(message, "attachments")) != job->content->parts[part].media_count)
        return ANOTHERS;
    if (theirs && driver_same_text(ours, theirs))
        return OURS;
    return !theirs || !*theirs ? HIDDEN : DIFFERENT; /* without an intent a bot sees no text of others */
}

static void not_there(const struct job *job, bool hidden, struct arena *arena, struct outcome *ret_outcome)
{
    outcome_not_there(ret_outcome, job, SETTLED, "it is not among the channel's messages");
    if (hidden)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the bot may not read texts: give it the message content intent");
    ret_outcome->at = ret_outcome->kind == OUTCOME_RETRY ? ret_outcome->at : 0;
    if (json_member(job->memo, "after"))
        json_set(outcome_memo(ret_outcome, arena), "after", json_null());
}

static void read_page(const struct job *job, const json_t *list, struct arena *arena,
                      struct outcome *ret_outcome)
{
    const char *newest = NULL;
    bool hidden = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *message = json_array_get(list, i);
        const char *id = outcome_clean_id(json_text(message, "id"), arena);
        enum likeness likeness = compare(job, message, arena);
        if (likeness == OURS && id) {
            discord_message_done(job, message, arena, ret_outcome);
            return;
        }
        hidden |= likeness == HIDDEN;
        if (id && (!newest || strtoull(id, NULL, 10) > strtoull(newest, NULL, 10)))
            newest = id;
    }
    if (json_array_size(list) < PAGE || hidden || !newest) {
        not_there(job, hidden, arena, ret_outcome);
        return;
    }
    ret_outcome->kind = OUTCOME_NEXT;
    json_set_text(outcome_memo(ret_outcome, arena), "after", newest);
}

void discord_found(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    json_t *list = response_json(response, arena);
    if (step->kind == STEP_SESSION)
        discord_read(job, step, response, arena, ret_outcome);
    else if (discord_is_fine(job, step, response, arena, ret_outcome) && json_is_array(list))
        read_page(job, list, arena, ret_outcome);
    else if (ret_outcome->kind == OUTCOME_NEXT)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                    step->name);
    outcome_unsure_if_refused(ret_outcome);
}
