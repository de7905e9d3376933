/*
 * See slack.h: deleting and editing what is published. A message is known by its ts and by the channel that
 * its address tells, for the account may post to another one by now. A part that is shown by its files may have
 * neither: then Slack is asked once more which message it is. With such a message its files go, too.
 *
 * In the memo's "remove" and "edit", beside what removal.h and revision.h say: "ts" when it was asked for; of
 * "remove" also "gone", how much of the part is: its message, then its files.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/slack.h"

#define NOT_TOLD "Slack does not tell which message it is: "

/* …/archives/CHANNEL/pTS */
static const char *channel_of(const json_t *post, struct arena *arena)
{
    static const char mark[] = "/archives/";
    const char *url = json_text(post, "url"), *at = url ? strstr(url, mark) : NULL;
    at = at ? at + sizeof mark - 1 : NULL;
    return at ? arena_strndup(arena, at, strcspn(at, "/")) : NULL;
}

struct message {
    const char *channel, *ts;  /* NULL: not known (yet) */
    const struct part *shared; /* the part, where its message is of its files; or NULL */
};

/* progress: the memo's "remove" or "edit". */
static struct message message_of(const struct job *job, const json_t *post, size_t number,
                                 const json_t *progress, struct arena *arena)
{
    struct message message = {.channel = channel_of(post, arena), .ts = json_text(post, "id")};
    if (number < job->content->part_count && slack_is_shared(&job->content->parts[number]))
        message.shared = &job->content->parts[number];
    if (!message.shared || !message.ts || slack_is_ts(message.ts))
        return message;
    message.ts = json_text(progress, "ts");
    message.channel = message.ts ? account_option(job->account, "channel") : NULL;
    return message;
}

/* What nobody told is asked, once the account can ask. */
static void ask_where(const struct job *job, const struct message *message, struct arena *arena,
                      struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "which message"};
    slack_ask_file(job, message->shared, arena, &ret_step->request);
}

static bool is_question(const struct step *step)
{
    return !strcmp(step->name, "which message");
}

/* ---- remove ---- */

static int64_t gone_of(const struct job *job)
{
    return json_number(json_member(job->memo, "remove"), "gone", 0);
}

static struct message message_to_remove(const struct job *job, struct arena *arena)
{
    return message_of(job, removal_part(job), removal_number(job), json_member(job->memo, "remove"), arena);
}

static void ask_to_remove(const struct job *job, const struct message *message, struct arena *arena,
                          struct step *ret_step)
{
    int64_t gone = gone_of(job);
    struct request *request = removal_step(ret_step);
    slack_request(job, "POST", gone ? "files.delete" : "chat.delete", arena, request);
    json_t *files = gone ? json_in_arena(arena, slack_files(job, message->shared)) : NULL;
    driver_json_body(
        request, arena,
        gone ? json_pack("{s:s}", "file", json_text(json_array_get(files, (size_t)gone - 1), "id"))
             : json_pack("{s:s, s:s}", "channel", message->channel, "ts", message->ts));
}

void slack_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct message message = message_to_remove(job, arena);
    if (!removal_is_due(job, NULL, arena, ret_step))
        return;
    if (slack_by_webhook(job))
        removal_over(ret_step, "a webhook cannot delete: delete it in Slack");
    else if (message.channel || gone_of(job))
        ask_to_remove(job, &message, arena, ret_step);
    else if (message.shared)
        ask_where(job, &message, arena, ret_step);
    else
        removal_over(ret_step, REMOVAL_UNKNOWN);
}

/* NEXT: what is known of the part that is going. ts may be NULL. */
static struct outcome removal_noted(const struct job *job, const char *ts, int64_t gone, struct arena *arena)
{
    struct outcome outcome = removal_leaves(arena, removal_number(job) + 1);
    json_t *remove = json_member(outcome.memo, "remove");
    json_set_text(remove, "ts", ts);
    json_set_number(remove, "gone", gone);
    return outcome;
}

static void message_gone(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    struct message message = message_to_remove(job, arena);
    int64_t gone = gone_of(job) + 1, files = 0;
    if (message.shared)
        files = (int64_t)json_array_size(json_in_arena(arena, slack_files(job, message.shared)));
    *ret_outcome = gone > files ? removal_gone(job, arena) : removal_noted(job, message.ts, gone, arena);
}

void slack_removed(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const not_there[] = {"message_not_found", "file_not_found", "file_deleted"};
    const char *ts = slack_shown_at(job, response, arena);
    bool gone = false;
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++)
        gone |= slack_says(response, not_there[i], arena);
    if (!(gone && !is_question(step)) && !slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (!is_question(step))
        message_gone(job, arena, ret_outcome);
    else if (ts)
        *ret_outcome = removal_noted(job, ts, 0, arena);
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, NOT_TOLD "delete it in Slack");
}

/* ---- edit ---- */

static bool has_same_alts(const struct part *a, const struct part *b)
{
    for (size_t i = 0; i < a->media_count && i < b->media_count; i++)
        if (strcmp(a->media[i].alt, b->media[i].alt) != 0)
            return false;
    return true;
}

/* Why the part cannot be changed, or NULL. */
static const char *obstacle(const struct job *job, const struct message *message)
{
    size_t number = revision_number(job);
    if (slack_by_webhook(job))
        return "a webhook cannot edit: change it in Slack";
    if (!message->channel && !message->shared)
        return REVISION_UNKNOWN;
    if (message->shared && !has_same_alts(&job->published->parts[number], message->shared))
        return "the alt texts of files beside a video or document cannot be changed on Slack: 'calctl "
               "delete' it "
               "and publish it anew";
    return NULL;
}

static void ask_to_edit(const struct job *job, const struct message *message, struct arena *arena,
                        struct step *ret_step)
{
    size_t number = revision_number(job);
    const struct part *part = &job->content->parts[number];
    const char *text = slack_text(job->account, job->content, number, arena);
    json_t *body = json_pack("{s:s, s:s, s:s}", "channel", message->channel, "ts", message->ts, "text", text);
    if (part->media_count && !message->shared)
        json_set(body, "blocks", slack_blocks(job, part, text));
    struct request *request = revision_step(job, arena, ret_step);
    slack_request(job, "POST", "chat.update", arena, request);
    driver_json_body(request, arena, body);
}

void slack_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!revision_is_due(job, NULL, arena, ret_step))
        return;
    struct message message =
        message_of(job, revision_part(job), revision_number(job), json_member(job->memo, "edit"), arena);
    const char *why = obstacle(job, &message);
    if (why)
        revision_over(ret_step, why);
    else if (!message.channel)
        ask_where(job, &message, arena, ret_step);
    else
        ask_to_edit(job, &message, arena, ret_step);
}

void slack_edited(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome)
{
    const char *ts = slack_shown_at(job, response, arena);
    if (slack_says(response, "message_not_found", arena))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (!slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    else if (!is_question(step))
        *ret_outcome = revision_done(job, arena);
    else if (ts)
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .memo = revision_note(job, "ts", ts, arena)};
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, NOT_TOLD "change it there");
}
