/*
 * youtube_upload: see youtube.h. An upload has an address of its own, which is on disk before the first byte
 * of the video leaves. The video goes there in pieces; after a break, of the connection or of ours, YouTube
 * is asked how much it has, and the rest follows. Whoever opens an upload and never ends it has made nothing.
 *
 * Only when the last bytes left, no answer came, and the upload's address is forgotten there may be a video
 * nobody told us of: then it is looked for among the channel's uploads before it is uploaded anew.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/youtube.h"

#define PIECE ((int64_t)32 << 20) /* a multiple of 256 KiB, as they want it */
#define ADDRESS_LIFETIME DAYS(6)  /* said to be about a week */
#define LISTED_AFTER MINUTES(10)  /* the list of uploads lags by minutes */

enum { TITLE_MOST = 100, UPLOADS_ASKED = 20 };

/* ---- what is uploaded ---- */

const struct media *youtube_video(const struct content *content)
{
    return part_video(&content->parts[0]);
}

const struct media *youtube_thumbnail(const struct content *content)
{
    return part_image(&content->parts[0]);
}

const char *youtube_title(const struct content *content, struct arena *arena)
{
    return content->title && *content->title ? content->title
                                             : text_shorten(article_title(content, arena), TITLE_MOST, arena);
}

const char *youtube_compose(const struct content *content, size_t part, struct arena *arena)
{
    return driver_first_with_link(content, part, arena);
}

const char *youtube_privacy(const struct job *job)
{
    const char *usual = account_option(job->account, "privacy");
    if (usual && !strcmp(usual, "private"))
        return usual;
    return job->content->visibility == VISIBILITY_UNLISTED ? "unlisted" : usual ? usual : "public";
}

/* They want it in the future; what is private or unlisted has no such time. */
instant youtube_publish_at(const struct job *job)
{
    bool wanted =
        json_flag(job->account->options, "schedule", false) && !strcmp(youtube_privacy(job), "public");
    return wanted && job->slot > job->now + MINUTES(2) ? job->slot : 0;
}

json_t *youtube_status(const struct job *job, const char *privacy, instant publish_at)
{
    const json_t *options = job->account->options;
    json_t *status = json_object();
    char text[INSTANT_TEXT];
    json_set_text(status, "privacyStatus", privacy);
    json_set_flag(status, "selfDeclaredMadeForKids", json_flag(options, "made_for_kids", false));
    if (json_member(options, "synthetic"))
        json_set_flag(status, "containsSyntheticMedia", json_flag(options, "synthetic", false));
    if (publish_at)
        json_set_text(status, "publishAt", instant_format(publish_at, text, sizeof text));
    return status;
}

json_t *youtube_snippet(const struct job *job, struct arena *arena)
{
    const char *language = job->content->language;
    int64_t category = json_number(job->account->options, "category", 22);
    json_t *snippet = json_object();
    json_set_text(snippet, "title", youtube_title(job->content, arena));
    json_set_text(snippet, "description", youtube_compose(job->content, 0, arena));
    json_set_text(snippet, "categoryId", arena_printf(arena, "%lld", (long long)category));
    json_set_text(snippet, "defaultLanguage", language);
    if (job->content->tag_count) {
        json_t *tags = json_array();
        for (size_t i = 0; i < job->content->tag_count; i++)
            json_array_append_new(tags, json_string(job->content->tags[i]));
        json_set(snippet, "tags", tags);
    }
    return snippet;
}

/* ---- where we are ---- */

static bool has_video(const struct job *job)
{
    return json_text(job->memo, "video") != NULL;
}

static const char *address_of(const struct job *job)
{
    const json_t *upload = json_member(job->memo, "upload");
    bool fresh = job->now < json_number(upload, "at", 0) + ADDRESS_LIFETIME;
    return fresh ? json_text(upload, "url") : NULL;
}

/* ---- a video that may be there ---- */

static bool is_gone(const struct job *job)
{
    return !has_video(job) && json_member(job->memo, "gone");
}

static void ask_uploads(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *list = json_text(youtube_channel(job), "uploads");
    youtube_request(job, arena, ret_request, "GET",
                    "/youtube/v3/playlistItems?part=snippet&maxResults=%d&playlistId=%s", UPLOADS_ASKED,
                    driver_escape(arena, list ? list : ""));
}

/* Of the same title, and made since the upload was opened. */
static const char *find_upload(const struct job *job, const json_t *items, struct arena *arena)
{
    const json_t *item;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)items, i, item)
    {
        const json_t *snippet = json_member(item, "snippet");
        const char *title = json_text(snippet, "title"), *at = json_text(snippet, "publishedAt");
        instant made;
        if (title && at && !strcmp(title, youtube_title(job->content, arena)) && instant_parse(at, &made) &&
            made >= json_number(job->memo, "opened", 0) - MINUTES(1))
            return outcome_clean_id(json_text(json_member(snippet, "resourceId"), "videoId"), arena);
    }
    return NULL;
}

static void read_uploads(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = youtube_answer(job, step, response, arena, ret_outcome);
    const char *id = find_upload(job, json_member(answer, "items"), arena);
    instant sure_at = json_number(job->memo, "gone", 0) + LISTED_AFTER;
    if (!answer)
        return;
    if (id) {
        json_set_text(outcome_memo(ret_outcome, arena), "video", id);
    } else if (job->now < sure_at) {
        outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST,
                    "%s: the upload may have ended; its video is not listed yet", step->name);
        ret_outcome->at = job->now + MINUTES(2) < sure_at ? job->now + MINUTES(2) : sure_at;
        return;
    }
    json_set(outcome_memo(ret_outcome, arena), "gone", json_null());
}

/* ---- its address ---- */

static bool is_closed(const struct job *job)
{
    return !has_video(job) && !address_of(job);
}

static void ask_open(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *video = youtube_video(job->content);
    bool notify = json_flag(job->account->options, "notify", true);
    youtube_request(job, arena, ret_request, "POST",
                    "/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status&notifySubscribers=%s",
                    notify ? "true" : "false");
    request_header(ret_request, arena, "X-Upload-Content-Length", "%lld", (long long)video->size);
    request_header(ret_request, arena, "X-Upload-Content-Type", "%s", video->mime);
    driver_json_body(ret_request, arena,
                     json_pack("{s:o, s:o}", "snippet", youtube_snippet(job, arena), "status",
                               youtube_status(job, "private", youtube_publish_at(job))));
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length > size && !strcasecmp(text + length - size, end);
}

/* The login goes with the video: to the host of the API, or to another of Google's for Google's. */
static bool is_theirs(const struct job *job, const char *url, struct arena *arena)
{
    const char *base = youtube_base(job->account), *ours = driver_host(base, arena),
               *host = driver_host(url, arena);
    bool as_safe = !strncasecmp(base, "http://", 7) || !strncasecmp(url, "https://", 8);
    return as_safe && (!strcasecmp(ours, host) ||
                       (ends_in(ours, ".googleapis.com") && ends_in(host, ".googleapis.com")));
}

static void read_open(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *url = outcome_clean_url(response_header(response, "location"), arena);
    if (response->status < 200 || response->status > 299) {
        youtube_refused(job, step, response, arena, ret_outcome);
        return;
    }
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    youtube_count(job, step, false, arena, ret_outcome);
    if (!url || !is_theirs(job, url, arena)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer names no address of YouTube's", step->name);
        return;
    }
    json_t *memo = outcome_memo(ret_outcome, arena);
    json_set(memo, "upload", json_pack("{s:s, s:I}", "url", url, "at", (json_int_t)job->now));
    json_set_number(memo, "opened", job->now);
    json_set_number(memo, "kept", 0);
    json_set_number(memo, "publish_at", youtube_publish_at(job));
}

/* ---- its bytes ---- */

static void to_address(const struct job *job, struct arena *arena, struct request *ret_request)
{
    youtube_request(job, arena, ret_request, "PUT", "/");
    ret_request->url = address_of(job);
    ret_request->secret_url = true;
}

static bool is_kept_unknown(const struct job *job)
{
    return !has_video(job) && !json_is_integer(json_member(job->memo, "kept"));
}

static void ask_kept(const struct job *job, struct arena *arena, struct request *ret_request)
{
    to_address(job, arena, ret_request);
    request_header(ret_request, arena, "Content-Range", "bytes */%lld",
                   (long long)youtube_video(job->content)->size);
}

static bool is_unfinished(const struct job *job)
{
    return !has_video(job);
}

static int64_t piece_of(const struct job *job, int64_t *ret_from)
{
    int64_t left = youtube_video(job->content)->size - json_number(job->memo, "kept", 0);
    *ret_from = json_number(job->memo, "kept", 0);
    return left < PIECE ? left : PIECE;
}

static void ask_piece(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *video = youtube_video(job->content);
    int64_t from, length = piece_of(job, &from);
    to_address(job, arena, ret_request);
    ret_request->media = video;
    ret_request->media_from = from;
    ret_request->media_length = length;
    ret_request->timeout = MINUTES(10);
    request_header(ret_request, arena, "Content-Type", "%s", video->mime);
    request_header(ret_request, arena, "Content-Range", "bytes %lld-%lld/%lld", (long long)from,
                   (long long)(from + length - 1), (long long)video->size);
}

json_t *youtube_upload_memo(const struct job *job, struct arena *arena)
{
    int64_t from, length = piece_of(job, &from);
    json_t *memo = json_in_arena(arena, json_pack("{s:n}", "kept"));
    if (from + length == youtube_video(job->content)->size)
        json_set_flag(memo, "last", true);
    return memo;
}

/* "bytes=0-524287": so many; no such header: none. */
static int64_t kept_by(const struct response *response, int64_t size)
{
    const char *range = response_header(response, "range");
    if (!range || strncmp(range, "bytes=0-", 8) != 0 || !isdigit((unsigned char)range[8]))
        return 0;
    int64_t last = strtoll(range + 8, NULL, 10);
    return last >= 0 && last < size ? last + 1 : 0;
}

static void read_finished(const struct step *step, const struct response *response, struct arena *arena,
                          struct outcome *ret_outcome)
{
    static const char *const obsolete[] = {"upload", "kept", "last", "stuck"};
    const char *id = outcome_clean_id(json_text(response_json(response, arena), "id"), arena);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (!id) { /* it is asked for again */
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no video",
                    step->name);
        return;
    }
    json_t *memo = outcome_memo(ret_outcome, arena);
    for (size_t i = 0; i < sizeof obsolete / sizeof *obsolete; i++)
        json_set(memo, obsolete[i], json_null());
    json_set_text(memo, "video", id);
}

static void read_kept(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    int64_t size = youtube_video(job->content)->size, kept = kept_by(response, size);
    bool stuck = step->request.media && kept <= step->request.media_from;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (stuck)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: YouTube kept nothing of what was sent", step->name);
    json_t *memo = outcome_memo(ret_outcome, arena);
    json_set_number(memo, "kept", kept);
    json_set(memo, "last", json_null());
}

/* To begin anew; but what may have ended is looked for first. */
static void read_forgotten(const struct job *job, const struct step *step, struct arena *arena,
                           struct outcome *ret_outcome)
{
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    json_t *memo = outcome_memo(ret_outcome, arena);
    json_set(memo, "upload", json_null());
    json_set(memo, "kept", json_null());
    json_set(memo, "last", json_null());
    if (!step->request.media &&
        json_flag(job->memo, "last", false)) /* a piece that is refused ends nothing */
        json_set_number(memo, "gone", job->now);
}

static void read_progress(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status == 308)
        read_kept(job, step, response, arena, ret_outcome);
    else if (response->status == 200 || response->status == 201)
        read_finished(step, response, arena, ret_outcome);
    else if (youtube_is_missing(response))
        read_forgotten(job, step, arena, ret_outcome);
    else
        youtube_refused(job, step, response, arena, ret_outcome);
}

const struct stage youtube_upload_stages[YOUTUBE_UPLOAD_STAGES] = {
    {"look for upload", STEP_PREPARE, 0, is_gone, ask_uploads, read_uploads},
    {"open upload", STEP_PREPARE, 0, is_closed, ask_open, read_open},
    {"ask what is kept", STEP_PREPARE, 0, is_kept_unknown, ask_kept, read_progress},
    {"upload", STEP_PREPARE, 0, is_unfinished, ask_piece, read_progress},
};
