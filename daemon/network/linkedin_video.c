/*
 * See linkedin.h: a video. It is announced with its size, which gives its URN and the addresses of its pieces; each
 * piece is put to its address, which answers with a mark (ETag); the marks, in order, finish the upload; and then it
 * is processed. Nobody sees it before a post shows it, so all of it may be repeated. Captions and thumbnails could
 * come with it, and do not.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/linkedin.h"
#include "network/token.h"
#include "network/uploads.h"

#define AGAIN SECONDS(5)
#define LEFT MINUTES(2) /* of the addresses, for what is on its way */

enum { PIECES_MOST = 1000, MARK_MOST = 2048 };

/* ---- the memo ---- */

static const struct media *video_of(const struct job *job)
{
    return part_video(&job->content->parts[0]);
}

static json_t *entry_of(const struct job *job)
{
    return upload_entry(job, video_of(job));
}

static bool has(const struct job *job, const char *flag)
{
    return json_flag(entry_of(job), flag, false);
}

static struct outcome remember(const struct job *job, json_t *entry, struct arena *arena)
{
    return upload_done(job, video_of(job), entry, arena);
}

/* It is announced anew. */
static void forget(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    json_t *images = stage_copy(job, "images");
    json_object_del(images, video_of(job)->sha256);
    json_set(outcome_memo(outcome, arena), "images", images);
}

/* ---- what is pending ---- */

static bool needs_announcement(const struct job *job)
{
    const json_t *entry = entry_of(job);
    return video_of(job) && (!entry || (!has(job, "finished") && job->now >= json_number(entry, "until", 0)));
}

static const json_t *piece_of(const struct job *job)
{
    return json_array_get(json_member(entry_of(job), "pieces"), 0);
}

static bool needs_piece(const struct job *job)
{
    return video_of(job) && piece_of(job);
}

static bool needs_end(const struct job *job)
{
    return video_of(job) && !has(job, "finished");
}

static bool needs_look(const struct job *job)
{
    return video_of(job) && !has(job, "ready");
}

/* ---- announced ---- */

static void ask_announce(const struct job *job, struct arena *arena, struct request *ret_request)
{
    linkedin_request(job, arena, ret_request, "POST",
                     json_pack("{s:{s:s, s:I, s:b, s:b}}", "initializeUploadRequest", "owner",
                               linkedin_author(job, arena), "fileSizeBytes", (json_int_t)video_of(job)->size,
                               "uploadCaptions", 0, "uploadThumbnail", 0),
                     "videos?action=initializeUpload");
}

/* The addresses, in order, of pieces that together are the file: [{"url", "from", "length"}]; NULL: they are not, or
 * one is not LinkedIn's, which gets the token. */
static json_t *pieces_of(const struct job *job, const json_t *instructions, struct arena *arena)
{
    json_t *pieces = json_array(), *one;
    int64_t at = 0;
    size_t i;
    json_array_foreach(instructions, i, one)
    {
        const char *url = outcome_clean_url(json_text(one, "uploadUrl"), arena);
        int64_t last = json_number(one, "lastByte", -1);
        if (!url || !linkedin_is_theirs(job, url, arena) || json_number(one, "firstByte", -1) != at ||
            last < at || last >= video_of(job)->size || i >= PIECES_MOST)
            break;
        json_array_append_new(pieces, json_pack("{s:s, s:I, s:I}", "url", url, "from", (json_int_t)at,
                                                "length", (json_int_t)(last + 1 - at)));
        at = last + 1;
    }
    if (at == video_of(job)->size)
        return pieces;
    json_decref(pieces);
    return NULL;
}

static void read_announce(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const kinds[] = {"video", NULL};
    const json_t *value = json_member(response_json(response, arena), "value");
    const char *urn = linkedin_urn(json_text(value, "video"), kinds, arena);
    const char *token = json_text(value, "uploadToken");
    instant until = json_number(value, "uploadUrlsExpireAt", 0);
    if (!linkedin_is_fine(job, step, response, arena, ret_outcome))
        return;
    json_t *pieces = pieces_of(job, json_member(value, "uploadInstructions"), arena);
    if (!urn || !pieces || (token && strlen(token) > MARK_MOST)) {
        json_decref(pieces);
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer does not say where at LinkedIn all of the video goes", step->name);
        return;
    }
    until = until > job->now + LEFT && until < job->now + DAYS(30) ? until - LEFT : job->now + MINUTES(50);
    *ret_outcome = remember(job,
                            json_pack("{s:s, s:s, s:o, s:[], s:I}", "urn", urn, "token", token ? token : "",
                                      "pieces", pieces, "marks", "until", (json_int_t)until),
                            arena);
}

/* ---- sent ---- */

static void ask_piece(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const json_t *piece = piece_of(job);
    *ret_request = (struct request){.method = "PUT", .media = video_of(job)};
    ret_request->url = json_text(piece, "url");
    ret_request->secret_url = true;
    ret_request->media_from = json_number(piece, "from", 0);
    ret_request->media_length = json_number(piece, "length", 0);
    ret_request->timeout = upload_time(ret_request->media_length);
    token_authorize(job, ret_request, arena);
    request_header(ret_request, arena, "Content-Type", "application/octet-stream");
}

static bool is_mark(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return length && length <= MARK_MOST;
}

/* What an address does not take is announced anew. */
static void read_piece(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const char *mark = response_header(response, "etag");
    if (response->status == 401) {
        token_unauthorized(job, step, NULL, arena, ret_outcome);
        return;
    }
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_REFUSED) {
        forget(job, arena, ret_outcome);
        ret_outcome->kind = OUTCOME_RETRY;
        ret_outcome->scope = SCOPE_POST;
    } else if (ret_outcome->kind == OUTCOME_NEXT && !is_mark(mark)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no mark (ETag)",
                    step->name);
    } else if (ret_outcome->kind == OUTCOME_NEXT) {
        json_t *entry = json_deep_copy(entry_of(job));
        json_array_remove(json_member(entry, "pieces"), 0);
        json_array_append_new(json_member(entry, "marks"), json_string(mark));
        *ret_outcome = remember(job, entry, arena);
    }
}

/* ---- finished ---- */

static void ask_end(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const json_t *entry = entry_of(job);
    linkedin_request(job, arena, ret_request, "POST",
                     json_pack("{s:{s:s*, s:s*, s:O*}}", "finalizeUploadRequest", "video",
                               json_text(entry, "urn"), "uploadToken", json_text(entry, "token"),
                               "uploadedPartIds", json_member(entry, "marks")),
                     "videos?action=finalizeUpload");
}

/* Whether one that was finished before, by a request whose answer was lost, may be finished again is not documented:
 * what is refused is announced anew, once. */
static void read_end(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    if (linkedin_is_fine(job, step, response, arena, ret_outcome)) {
        *ret_outcome = remember(job,
                                json_pack("{s:s, s:b, s:I}", "urn", json_text(entry_of(job), "urn"),
                                          "finished", 1, "since", (json_int_t)job->now),
                                arena);
    } else if (ret_outcome->kind == OUTCOME_REFUSED && ret_outcome->scope == SCOPE_POST &&
               !json_flag(job->memo, "video_anew", false)) {
        forget(job, arena, ret_outcome);
        json_set_flag(ret_outcome->memo, "video_anew", true);
        ret_outcome->kind = OUTCOME_RETRY;
    }
}

/* ---- processed ---- */

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    linkedin_request(job, arena, ret_request, "GET", NULL, "videos/%s",
                     driver_escape(arena, json_text(entry_of(job), "urn")));
}

static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const char *status = json_text(body, "status"), *why = json_text(body, "processingFailureReason");
    bool fine = linkedin_is_fine(job, step, response, arena, ret_outcome);
    bool blind =
        response->status == 403 || response->status == 404; /* the post will say whether it was ready */
    if (blind || (fine && status && !strcmp(status, "AVAILABLE"))) {
        json_t *entry = json_deep_copy(entry_of(job));
        json_set_flag(entry, "ready", true);
        *ret_outcome = remember(job, entry, arena);
    } else if (fine && status && !strcmp(status, "PROCESSING_FAILED")) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "%s: LinkedIn cannot make anything of '%s'%s%s", step->name, video_of(job)->file,
                    why ? ": " : "", outcome_said(why, arena));
        forget(job, arena, ret_outcome); /* a person who tries it again sends it again */
    } else if (fine) {
        upload_processing(job, video_of(job), json_number(entry_of(job), "since", job->now), AGAIN, arena,
                          ret_outcome);
    }
}

const struct stage linkedin_video_stages[LINKEDIN_VIDEO_STAGES] = {
    {"announce video", STEP_PREPARE, 0, needs_announcement, ask_announce, read_announce},
    {"upload piece", STEP_PREPARE, 0, needs_piece, ask_piece, read_piece},
    {"finish video", STEP_PREPARE, 0, needs_end, ask_end, read_end},
    {"processing video", STEP_PREPARE, 0, needs_look, ask_look, read_look},
};
