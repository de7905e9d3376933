/*
 * See slack.h: parts with a video or a document. No block can show them: files.completeUploadExternal with a
 * channel makes Slack post the message itself, with the text beside the files. So that request is the one that
 * publishes. It can be made once for a file, and its answer does not tell the message, which comes when the
 * files were looked through (docs.slack.dev, files.completeUploadExternal). files.info tells it in "shares",
 * some time after: it is asked a few times, and what it never tells is published without an address.
 *
 * Memo: "shown" {"tries"} while the message of the part that is due is asked for; "doubted" once a request that
 * shares had no answer; "anew" once the files were uploaded again.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/slack.h"
#include "network/thread.h"
#include "network/uploads.h"

#define SHARED_WITHIN MINUTES(15)
enum { LOOKS_MOST = 12 }; /* 14 minutes in all */

/* ---- files ---- */

bool slack_is_shared(const struct part *part)
{
    for (size_t i = 0; i < part->media_count; i++)
        if (!media_is_image(&part->media[i]))
            return true;
    return false;
}

json_t *slack_files(const struct job *job, const struct part *part)
{
    json_t *files = json_array(), *seen = json_object();
    for (size_t i = 0; i < part->media_count; i++) {
        const char *id = json_text(upload_entry(job, &part->media[i]), "id");
        if (!id || json_member(seen, id))
            continue;
        json_set_flag(seen, id, true);
        json_array_append_new(files, json_pack("{s:s}", "id", id));
    }
    json_decref(seen);
    return files;
}

void slack_ask_file(const struct job *job, const struct part *part, struct arena *arena,
                    struct request *ret_request)
{
    const char *id = json_text(upload_entry(job, &part->media[0]), "id");
    slack_request(job, "GET", arena_printf(arena, "files.info?file=%s", driver_escape(arena, id ? id : "")),
                  arena, ret_request);
}

static const char *ts_in(const struct job *job, const json_t *file, struct arena *arena)
{
    static const char *const kinds[] = {"public", "private"};
    const char *channel = account_option(job->account, "channel"), *ts = NULL;
    for (size_t i = 0; !ts && i < sizeof kinds / sizeof *kinds; i++) {
        const json_t *messages = json_member(json_member(json_member(file, "shares"), kinds[i]), channel);
        ts = outcome_clean_id(json_text(json_array_get(messages, 0), "ts"), arena);
    }
    return ts && slack_is_ts(ts) ? ts : NULL;
}

const char *slack_shown_at(const struct job *job, const struct response *response, struct arena *arena)
{
    return ts_in(job, json_member(response_json(response, arena), "file"), arena);
}

bool slack_is_ts(const char *id)
{
    return strchr(id, '.') != NULL;
}

/* ---- sharing ---- */

static const struct part *due(const struct job *job)
{
    return &job->content->parts[thread_part_due(job)];
}

static bool is_shared(const struct job *job)
{
    return slack_is_shared(due(job));
}

static void ask_share(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t index = thread_part_due(job);
    const char *text = slack_text(job->account, job->content, index, arena);
    json_t *body = json_pack("{s:s, s:o}", "channel_id", account_option(job->account, "channel"), "files",
                             slack_files(job, due(job)));
    if (*text)
        json_set_text(body, "initial_comment", text);
    if (index)
        json_set_text(body, "thread_ts", json_text(thread_post(job, 0), "id"));
    slack_request(job, "POST", "files.completeUploadExternal", arena, ret_request);
    driver_json_body(ret_request, arena, body);
}

/* What is not shared within a time that Slack does not tell is thrown away there. */
static void upload_anew(const struct job *job, const struct step *step, struct arena *arena,
                        struct outcome *outcome)
{
    const struct part *part = due(job);
    json_t *entries = stage_copy(job, "images");
    for (size_t i = 0; i < part->media_count; i++)
        json_object_del(entries, part->media[i].sha256);
    outcome_set(outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                "%s: Slack forgot its files: they are uploaded anew", step->name);
    json_set(outcome_memo(outcome, arena), "images", entries);
    json_set_flag(outcome->memo, "anew", true);
}

/* A request before may have shared them, and none can twice. */
static void read_forgotten(const struct job *job, const struct step *step, struct arena *arena,
                           struct outcome *outcome)
{
    if (json_flag(job->memo, "doubted", false))
        outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: Slack does not know its files (any more), and a try before may have shown them",
                    step->name);
    else if (json_flag(job->memo, "anew", false))
        outcome_set(outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "%s: Slack does not know its files",
                    step->name);
    else
        upload_anew(job, step, arena, outcome);
}

static void read_share(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    if (slack_says(response, "file_not_found", arena)) {
        read_forgotten(job, step, arena, ret_outcome);
        return;
    }
    if (!slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    const json_t *files = json_member(response_json(response, arena), "files");
    const char *ts = ts_in(job, json_array_get(files, 0), arena);
    if (ts)
        slack_message_done(job, ts, arena, ret_outcome);
    else
        json_set(outcome_memo(ret_outcome, arena), "shown", json_pack("{s:i}", "tries", 0));
}

/* ---- which message it is ---- */

static bool is_sought(const struct job *job)
{
    return json_member(job->memo, "shown");
}

static void ask_where(const struct job *job, struct arena *arena, struct request *ret_request)
{
    slack_ask_file(job, due(job), arena, ret_request);
}

/* It is published. Only what stands below it needs to know where, and whose account is at fault may mend that. */
static void never_told(const struct job *job, const struct step *step, int64_t tries, struct arena *arena,
                       struct outcome *outcome)
{
    bool needed = !thread_part_due(job) && thread_part_count(job) > 1;
    if (!needed) {
        *outcome = (struct outcome){0};
        slack_message_done(job, NULL, arena, outcome);
        outcome->message = arena_printf(arena,
                                        "published, but Slack does not tell which message it is (asked %lld "
                                        "times): look in the channel",
                                        (long long)tries);
        return;
    }
    if (outcome->kind != OUTCOME_REFUSED || outcome->scope == SCOPE_POST)
        outcome_set(
            outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
            "%s: the first part is there, but Slack does not tell which message it is, so nothing can be "
            "put below it; a retry asks again",
            step->name);
    json_set(outcome_memo(outcome, arena), "shown", json_pack("{s:i}", "tries", 0));
}

static void read_where(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const char *ts = slack_shown_at(job, response, arena);
    int64_t tries = json_number(json_member(job->memo, "shown"), "tries", 0) + 1;
    if (slack_is_fine(job, step, response, arena, ret_outcome) && ts) {
        slack_message_done(job, ts, arena, ret_outcome);
        return;
    }
    if (tries >= LOOKS_MOST || ret_outcome->kind == OUTCOME_REFUSED) {
        never_told(job, step, tries, arena, ret_outcome);
        return;
    }
    duration wait = SECONDS(1) << (tries < 7 ? tries : 7);
    if (ret_outcome->kind == OUTCOME_NEXT)
        outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST,
                    "it is published; Slack does not tell yet which message it is");
    if (ret_outcome->at < job->now + wait)
        ret_outcome->at = job->now + wait;
    json_set(outcome_memo(ret_outcome, arena), "shown", json_pack("{s:I}", "tries", (json_int_t)tries));
}

const struct stage slack_share_stages[SLACK_SHARE_STAGES] = {
    {"which message", STEP_PREPARE, 0, is_sought, ask_where, read_where},
    {"share", STEP_CREATE, STAGE_EACH_PART, is_shared, ask_share, read_share},
};

/* ---- an answer was lost ---- */

void slack_share_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look for its file"};
    slack_ask_file(job, due(job), arena, &ret_step->request);
}

/* What was never shared is no file yet. */
static void not_shared(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    *outcome = (struct outcome){0};
    outcome_not_there(outcome, job, SLACK_SETTLED, "Slack does not have its files: they were not shared");
    json_set_flag(outcome_memo(outcome, arena), "doubted", true);
}

void slack_share_found(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const char *ts = slack_shown_at(job, response, arena);
    if (slack_says(response, "file_not_found", arena)) {
        not_shared(job, arena, ret_outcome);
    } else if (!slack_is_fine(job, step, response, arena, ret_outcome)) {
        return;
    } else if (ts) {
        slack_message_done(job, ts, arena, ret_outcome);
    } else if (job->now < json_number(job->memo, "sent", job->first_sent) + SHARED_WITHIN) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "Slack has its file, and does not show it in a message yet");
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "Slack has its file, and does not tell whether a message shows it");
    }
}
