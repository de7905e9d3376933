/*
 * See linkedin.h: images, and documents, which go the same way. Each is announced, which gives its URN and an
 * address; put there in one request; and then processed. A page's token may ask whether that is done, a
 * member's may not: there some seconds are waited. Nobody sees one before a post shows it.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/linkedin.h"
#include "network/token.h"
#include "network/uploads.h"

#define PROCESSING SECONDS(3)
#define AGAIN SECONDS(2)
#define LEFT MINUTES(2) /* of an address, for the upload itself */

static bool is_sent(const struct job *job, const struct media *media)
{
    return json_flag(upload_entry(job, media), "sent", false);
}

/* Asked of an answer that is read, too, so 'now' may have come nearer to the end since: the margin is for new
 * ones alone. */
static bool is_unannounced(const struct job *job, const struct media *media)
{
    const json_t *entry = upload_entry(job, media);
    if (media_is_video(media))
        return false;
    return !entry || (!is_sent(job, media) && job->now >= json_number(entry, "until", 0));
}

static bool is_unsent(const struct job *job, const struct media *media)
{
    return !media_is_video(media) && !is_sent(job, media);
}

static bool is_unready(const struct job *job, const struct media *media)
{
    return !media_is_video(media) && !json_flag(upload_entry(job, media), "ready", false);
}

static bool needs_announcement(const struct job *job)
{
    return upload_first(job, is_unannounced);
}

static bool needs_bytes(const struct job *job)
{
    return upload_first(job, is_unsent);
}

static bool needs_look(const struct job *job)
{
    return upload_first(job, is_unready);
}

const char *linkedin_image(const struct job *job, const struct media *media)
{
    return json_text(upload_entry(job, media), "urn");
}

static struct outcome entry_with(const struct job *job, const struct media *media, const char *flag,
                                 bool and_ready, struct arena *arena)
{
    json_t *entry = json_deep_copy(upload_entry(job, media));
    json_object_del(entry, "upload");
    json_object_del(entry, "until");
    json_set_flag(entry, flag, true);
    if (and_ready)
        json_set_flag(entry, "ready", true);
    return upload_done(job, media, entry, arena);
}

/* ---- announced ---- */

static const char *kind_of(const struct media *media)
{
    return media_is_document(media) ? "document" : "image";
}

static void ask_announce(const struct job *job, struct arena *arena, struct request *ret_request)
{
    linkedin_request(job, arena, ret_request, "POST",
                     json_pack("{s:{s:s}}", "initializeUploadRequest", "owner", linkedin_author(job, arena)),
                     "%ss?action=initializeUpload", kind_of(upload_first(job, is_unannounced)));
}

bool linkedin_is_theirs(const struct job *job, const char *url, struct arena *arena)
{
    static const char domain[] = ".linkedin.com";
    const char *host = driver_host(url, arena), *base = linkedin_base(job->account);
    size_t length = strlen(host);
    bool below = length > strlen(domain) && !strcasecmp(host + length - strlen(domain), domain);
    return (below && !strncasecmp(url, "https://", 8)) ||
           (!strcasecmp(host, driver_host(base, arena)) && !strncasecmp(url, base, strcspn(base, ":")));
}

static void read_announce(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const char *const kinds[] = {kind_of(upload_first(job, is_unannounced)), NULL};
    const json_t *value = json_member(response_json(response, arena), "value");
    const char *url = outcome_clean_url(json_text(value, "uploadUrl"), arena);
    const char *urn = linkedin_urn(json_text(value, kinds[0]), kinds, arena);
    instant until = json_number(value, "uploadUrlExpiresAt", 0);
    if (!linkedin_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (!url || !urn) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no %s", step->name,
                    kinds[0]);
    } else if (!linkedin_is_theirs(job, url, arena)) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "%s: the %s would go to '%s', which is not LinkedIn", step->name, kinds[0],
                    driver_host(url, arena));
    } else {
        until =
            until > job->now + LEFT && until < job->now + DAYS(30) ? until - LEFT : job->now + MINUTES(10);
        *ret_outcome = upload_done(
            job, upload_first(job, is_unannounced),
            json_pack("{s:s, s:s, s:I}", "urn", urn, "upload", url, "until", (json_int_t)until), arena);
    }
}

/* ---- sent ---- */

static void ask_bytes(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_first(job, is_unsent);
    *ret_request = (struct request){.method = "PUT", .media = media, .timeout = upload_time(media->size)};
    ret_request->url = json_text(upload_entry(job, media), "upload");
    ret_request->secret_url = true;
    token_authorize(job, ret_request, arena);
    request_header(ret_request, arena, "Content-Type", "%s", media->mime);
}

/* Whether the image that is due is the last of them. */
static bool is_last(const struct job *job)
{
    const struct part *part = &job->content->parts[0];
    const struct media *due = upload_first(job, is_unsent);
    for (size_t i = 0; i < part->media_count; i++)
        if (is_unsent(job, &part->media[i]) && strcmp(part->media[i].sha256, due->sha256) != 0)
            return false;
    return true;
}

/* What the address does not take is announced anew. */
static void read_bytes(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_first(job, is_unsent);
    bool page = linkedin_is_page(job->account);
    if (response->status == 401) {
        token_unauthorized(job, step, NULL, arena, ret_outcome);
        return;
    }
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_NEXT) {
        bool waits = !page && is_last(job);
        *ret_outcome = entry_with(job, media, "sent", !page, arena);
        if (waits) {
            outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST,
                        "LinkedIn is given a moment for what was uploaded");
            ret_outcome->at = job->now + PROCESSING;
        }
    } else if (ret_outcome->kind == OUTCOME_REFUSED) {
        json_t *images = stage_copy(job, "images");
        json_object_del(images, media->sha256);
        json_set(outcome_memo(ret_outcome, arena), "images", images);
        ret_outcome->kind = OUTCOME_RETRY;
        ret_outcome->scope = SCOPE_POST;
    }
}

/* ---- processed ---- */

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_first(job, is_unready);
    linkedin_request(job, arena, ret_request, "GET", NULL, "%ss/%s", kind_of(media),
                     driver_escape(arena, linkedin_image(job, media)));
}

/* A token that may not look is taken at its word: the post says whether the image was ready. */
static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_first(job, is_unready);
    const char *status = json_text(response_json(response, arena), "status");
    bool fine = linkedin_is_fine(job, step, response, arena, ret_outcome);
    bool blind = response->status == 403 || response->status == 404;
    if (!fine && !blind)
        return;
    if (blind || (status && !strcmp(status, "AVAILABLE"))) {
        *ret_outcome = entry_with(job, media, "ready", true, arena);
    } else if (status && !strcmp(status, "PROCESSING_FAILED")) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "%s: LinkedIn cannot make anything of '%s'", step->name, media->file);
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "LinkedIn is still processing '%s'",
                    media->file);
        ret_outcome->at = job->now + AGAIN;
    }
}

const struct stage linkedin_image_stages[LINKEDIN_IMAGE_STAGES] = {
    {"announce", STEP_PREPARE, 0, needs_announcement, ask_announce, read_announce},
    {"upload", STEP_PREPARE, 0, needs_bytes, ask_bytes, read_bytes},
    {"processing", STEP_PREPARE, 0, needs_look, ask_look, read_look},
};
