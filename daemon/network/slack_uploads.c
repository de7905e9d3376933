/*
 * See slack.h: files, uploaded before the slot. An image is finished then, too, and is private until the block of
 * a message shows it; what Slack shows itself (slack_share.c) is finished by the request that publishes.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/slack.h"
#include "network/uploads.h"

static bool is_without_ticket(const struct job *job, const struct media *media)
{
    return !upload_entry(job, media);
}

static bool is_without_bytes(const struct job *job, const struct media *media)
{
    return !json_flag(upload_entry(job, media), "sent", false);
}

/* Whether a block shows it. The same file is never in a part of either kind: slack_check. */
static bool is_in_block(const struct job *job, const struct media *media)
{
    for (size_t i = 0; i < job->content->part_count; i++) {
        const struct part *part = &job->content->parts[i];
        for (size_t k = 0; k < part->media_count; k++)
            if (!strcmp(part->media[k].sha256, media->sha256))
                return !slack_is_shared(part);
    }
    return false;
}

static bool is_unfinished(const struct job *job, const struct media *media)
{
    return is_in_block(job, media) && !json_flag(upload_entry(job, media), "whole", false);
}

static bool is_unusable(const struct job *job, const struct media *media)
{
    return is_in_block(job, media) && !json_text(upload_entry(job, media), "url");
}

static bool needs_ticket(const struct job *job)
{
    return upload_first(job, is_without_ticket);
}

static bool needs_bytes(const struct job *job)
{
    return upload_first(job, is_without_bytes);
}

static bool needs_finish(const struct job *job)
{
    return upload_first(job, is_unfinished);
}

static bool needs_look(const struct job *job)
{
    return upload_first(job, is_unusable);
}

static void ask_ticket(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_first(job, is_without_ticket);
    const char *slash = strrchr(media->file, '/');
    struct driver_pair pairs[] = {{"filename", slash ? slash + 1 : media->file},
                                  {"length", arena_printf(arena, "%lld", (long long)media->size)},
                                  {"alt_txt", *media->alt ? media->alt : NULL}};
    slack_request(job, "POST", "files.getUploadURLExternal", arena, ret_request);
    driver_form_body(ret_request, arena, pairs, sizeof pairs / sizeof *pairs);
}

static void read_ticket(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    const char *url = outcome_clean_url(json_text(body, "upload_url"), arena);
    const char *id = outcome_clean_id(json_text(body, "file_id"), arena);
    if (!slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (url && id)
        *ret_outcome = upload_done(job, upload_first(job, is_without_ticket),
                                   json_pack("{s:s, s:s}", "ticket", url, "id", id), arena);
    else
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no file",
                    step->name);
}

static void ask_bytes(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_first(job, is_without_bytes);
    *ret_request = (struct request){.method = "POST", .media = media, .timeout = upload_time(media->size)};
    ret_request->url = json_text(upload_entry(job, media), "ticket");
    ret_request->secret_url = true;
    request_header(ret_request, arena, "Content-Type", "%s", media->mime);
}

static struct outcome entry_with(const struct job *job, const struct media *media, const char *flag,
                                 struct arena *arena)
{
    json_t *entry = json_deep_copy(upload_entry(job, media));
    json_set_flag(entry, flag, true);
    return upload_done(job, media, entry, arena);
}

static void read_bytes(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_NEXT)
        *ret_outcome = entry_with(job, upload_first(job, is_without_bytes), "sent", arena);
}

/* Without a channel: nobody sees it yet. */
static void ask_finish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *entry = upload_entry(job, upload_first(job, is_unfinished));
    slack_request(job, "POST", "files.completeUploadExternal", arena, ret_request);
    driver_json_body(ret_request, arena, json_pack("{s:[{s:s}]}", "files", "id", json_text(entry, "id")));
}

static void read_finish(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    if (slack_is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = entry_with(job, upload_first(job, is_unfinished), "whole", arena);
}

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *entry = upload_entry(job, upload_first(job, is_unusable));
    slack_request(job, "GET",
                  arena_printf(arena, "files.info?file=%s", driver_escape(arena, json_text(entry, "id"))),
                  arena, ret_request);
}

/* It is processed after the upload: until its type is known no block can show it. */
static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_first(job, is_unusable);
    const json_t *file = json_member(response_json(response, arena), "file");
    const char *type = json_text(file, "mimetype"),
               *url = outcome_clean_url(json_text(file, "permalink"), arena);
    if (!slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (!type || !*type) {
        outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "the server is still processing an image");
        ret_outcome->at = job->now + SECONDS(2);
        return;
    }
    json_t *entry = json_deep_copy(upload_entry(job, media));
    json_set_text(entry, "url", url ? url : "https://slack.com/");
    *ret_outcome = upload_done(job, media, entry, arena);
}

const struct stage slack_upload_stages[SLACK_UPLOAD_STAGES] = {
    {"announce a file", STEP_PREPARE, 0, needs_ticket, ask_ticket, read_ticket},
    {"upload a file", STEP_PREPARE, 0, needs_bytes, ask_bytes, read_bytes},
    {"finish an image", STEP_PREPARE, 0, needs_finish, ask_finish, read_finish},
    {"processing", STEP_PREPARE, 0, needs_look, ask_look, read_look},
};
