/*
 * bluesky: posts to a Bluesky account's own server over XRPC (docs.bsky.app; atproto lexicons).
 *
 * Record keys and createdAt are fixed and on disk before the first request leaves. Then putRecord with
 * swapRecord null is idempotent for ever: the identical record again is 200, another one under the key is
 * InvalidSwap. So a doubtful request is simply sent again. Images are blobs, found by their content, which
 * the server forgets when no record uses them soon; so is a video, which another service puts there.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/bluesky.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/removal.h"

#define BLOB_LIFETIME MINUTES(30)
#define VIDEO_USUAL MINUTES(3) /* known from the app alone */

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const char *const video_types[] = {"video/mp4", NULL};

static const struct network_option options[] = {
    {.name = "url", .kind = OPTION_URL, .help = "address to sign in at (https://bsky.social unless given)"},
    {.name = "handle",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 3,
     .max = 253,
     .help = "the account: alice.bsky.social"},
    {.name = "app_password",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "an app password (Settings, Privacy and security), not the account's own"},
    {.name = "langs",
     .kind = OPTION_TEXTS,
     .min = 0,
     .max = 3,
     .help = "languages of posts that do not say it themselves: [fr]"},
    {.name = "video_url",
     .kind = OPTION_URL,
     .help = "address of the service that processes videos (https://video.bsky.app unless given)"},
};

/* ---- requests ---- */

void bluesky_request(struct step *step, struct arena *arena, enum step_kind kind, const char *method,
                     const char *base, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *rest = arena_vprintf(arena, format, args);
    va_end(args);
    *step = (struct step){.kind = kind};
    step->request.method = method;
    step->request.url = driver_url(arena, base, "/xrpc/%s", rest);
    request_header(&step->request, arena, "Accept", "application/json");
}

void bluesky_authorize(struct step *step, struct arena *arena, const char *token)
{
    request_header(&step->request, arena, "Authorization", "Bearer %s", token);
}

json_t *bluesky_memo(const struct job *job, const char *name, size_t part)
{
    char key[48];
    snprintf(key, sizeof key, "%s-%zu", name, part);
    return json_member(job->memo, key);
}

json_t *bluesky_memo_blob(const struct job *job, size_t part, size_t index)
{
    char key[64];
    snprintf(key, sizeof key, "blob-%zu-%zu", part, index);
    return json_member(job->memo, key);
}

static const char *pds(const struct job *job)
{
    return json_text(job->session, "pds");
}

size_t bluesky_part_due(const struct job *job)
{
    size_t part = 0;
    while (part < job->content->part_count && bluesky_memo(job, "post", part))
        part++;
    return part;
}

/* ---- record keys ---- */

static uint64_t key_bits(const char *key)
{
    char digits[17] = "";
    strncat(digits, key ? key : "", 16);
    return strtoull(digits, NULL, 16);
}

/*
 * From the slot, so that keys sort as the posts appear, a millisecond for each part; and from the delivery's
 * random key, so that two posts of one slot differ: the microseconds within the millisecond and the clock id.
 */
static const char *make_rkey(const struct job *job, size_t part, struct arena *arena)
{
    char text[TID_TEXT];
    uint64_t bits = key_bits(job->key), slot = job->slot > 0 ? (uint64_t)job->slot : 0;
    uint64_t microseconds = (slot + part) * 1000 + bits % 1000;
    return arena_strdup(arena, tid_make(microseconds, (unsigned)(bits >> 32 & 1023), text));
}

const char *bluesky_rkey(const struct job *job, size_t part, struct arena *arena)
{
    const char *kept = json_string_value(json_array_get(json_member(job->memo, "rkeys"), part));
    return tid_is_valid(kept) ? kept : make_rkey(job, part, arena);
}

static instant created_at(const struct job *job)
{
    instant kept;
    const char *text = json_text(job->memo, "created_at");
    if (text && instant_parse(text, &kept))
        return kept;
    return job->now > job->slot ? job->now : job->slot;
}

/* What the request depends on and must be the same when it is repeated. */
static json_t *intent_memo(const struct job *job, struct arena *arena)
{
    char time[INSTANT_TEXT];
    json_t *memo = json_in_arena(arena, json_object()), *rkeys = json_array();
    for (size_t part = 0; part < job->content->part_count; part++)
        json_array_append_new(rkeys, json_string(bluesky_rkey(job, part, arena)));
    json_set_text(memo, "created_at", instant_format(created_at(job), time, sizeof time));
    json_set(memo, "rkeys", rkeys);
    return memo;
}

/* ---- steps ---- */

const char *bluesky_lower_case(const char *text, struct arena *arena)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

/* The first mention, in a part still to be published, that nobody was asked about yet; NULL. */
const char *bluesky_mention_due(const struct job *job, struct arena *arena)
{
    json_t *dids = json_member(job->memo, "dids");
    for (size_t part = bluesky_part_due(job); part < job->content->part_count; part++) {
        const char *text;
        struct measure measure = bluesky_measure(job->content, part, arena, &text);
        for (size_t i = 0; i < measure.entity_count; i++) {
            const struct entity *entity = &measure.entities[i];
            if (entity->kind == ENTITY_MENTION && handle_is_valid(entity->value) &&
                !json_member(dids, entity->value))
                return entity->value;
        }
    }
    return NULL;
}

static bool is_uploaded(const struct job *job, size_t part, size_t index)
{
    json_t *blob = bluesky_memo_blob(job, part, index);
    return blob && (job->lost || job->now < json_number(blob, "at", 0) + BLOB_LIFETIME);
}

bool bluesky_image_due(const struct job *job, struct bluesky_image *ret_place)
{
    struct bluesky_image due = {0};
    size_t first = bluesky_part_due(job), total = 0;
    for (size_t part = 0; part < job->content->part_count; part++) {
        for (size_t i = 0; i < job->content->parts[part].media_count; i++) {
            total++;
            if (!due.number && part >= first && !is_uploaded(job, part, i))
                due = (struct bluesky_image){part, i, total, 0};
        }
    }
    due.total = total;
    *ret_place = due;
    return due.number;
}

static void resolve_step(const struct job *job, const char *handle, struct arena *arena,
                         struct step *ret_step)
{
    bluesky_request(ret_step, arena, STEP_PREPARE, "GET", pds(job),
                    "com.atproto.identity.resolveHandle?handle=%s",
                    driver_escape(arena, bluesky_lower_case(handle, arena)));
    ret_step->name = arena_printf(arena, "resolve @%s", handle);
}

/* A video whose blob the server has lost goes there itself: then it is processed only once the post is out.
 */
static void upload_step(const struct job *job, const struct bluesky_image *place, struct arena *arena,
                        struct step *ret_step)
{
    const struct media *media = &job->content->parts[place->part].media[place->index];
    if (media_is_video(media) && !json_member(job->memo, "lost_blobs")) {
        bluesky_video_step(job, place, arena, ret_step);
        return;
    }
    bluesky_request(ret_step, arena, STEP_PREPARE, "POST", pds(job), "com.atproto.repo.uploadBlob");
    bluesky_authorize(ret_step, arena, json_text(job->session, "access_token"));
    request_header(&ret_step->request, arena, "Content-Type", "%s", media->mime);
    ret_step->name = arena_printf(arena, "upload %zu/%zu", place->number, place->total);
    ret_step->request.media = media;
    ret_step->request.timeout = MINUTES(5);
}

static void create_step(const struct job *job, size_t part, struct arena *arena, struct step *ret_step)
{
    json_t *body = json_object();
    json_set_text(body, "repo", json_text(job->session, "did"));
    json_set_text(body, "collection", BLUESKY_POSTS);
    json_set_text(body, "rkey", bluesky_rkey(job, part, arena));
    json_set(body, "record", bluesky_record(job, part, created_at(job), arena));
    json_set(body, "swapRecord", json_null());
    bluesky_request(ret_step, arena, STEP_CREATE, "POST", pds(job), "com.atproto.repo.putRecord");
    bluesky_authorize(ret_step, arena, json_text(job->session, "access_token"));
    driver_json_body(&ret_step->request, arena, body);
    ret_step->name = arena_printf(arena, "publish %zu/%zu", part + 1, job->content->part_count);
    ret_step->memo = intent_memo(job, arena);
}

static void look_step(const struct job *job, size_t part, struct arena *arena, struct step *ret_step)
{
    bluesky_request(ret_step, arena, STEP_PREPARE, "GET", pds(job),
                    "com.atproto.repo.getRecord?repo=%s&collection=" BLUESKY_POSTS "&rkey=%s",
                    driver_escape(arena, json_text(job->session, "did")), bluesky_rkey(job, part, arena));
    ret_step->name = "look";
}

static void bluesky_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct bluesky_image place;
    const char *handle;
    size_t part = bluesky_part_due(job);
    if (part == job->content->part_count)
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
    else if (bluesky_session_step(job, arena, ret_step))
        return;
    else if (json_flag(job->memo, "taken", false))
        look_step(job, part, arena, ret_step);
    else if ((handle = bluesky_mention_due(job, arena)))
        resolve_step(job, handle, arena, ret_step);
    else if (bluesky_image_due(job, &place))
        upload_step(job, &place, arena, ret_step);
    else
        create_step(job, part, arena, ret_step);
}

static void bluesky_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t part = bluesky_part_due(job);
    if (part == job->content->part_count)
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
    else if (!bluesky_session_step(job, arena, ret_step))
        look_step(job, part, arena, ret_step);
}

/* ---- remove: com.atproto.repo.deleteRecord; what is not there is a success, too ---- */

/* at://DID/app.bsky.feed.post/RKEY of the part that is next; false: it is none of ours. */
static bool split_uri(const struct job *job, struct arena *arena, const char **ret_did, const char **ret_key)
{
    static const char scheme[] = "at://", collection[] = "/" BLUESKY_POSTS "/";
    const char *uri = json_text(removal_part(job), "uri");
    const char *at = uri && !strncmp(uri, scheme, sizeof scheme - 1) ? strstr(uri, collection) : NULL;
    if (!at)
        return false;
    *ret_did = arena_strndup(arena, uri + sizeof scheme - 1, (size_t)(at - uri) - (sizeof scheme - 1));
    *ret_key = at + sizeof collection - 1;
    return true;
}

static void bluesky_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *did = NULL, *key = NULL;
    if (!removal_is_due(job, NULL, arena, ret_step))
        return;
    if (!split_uri(job, arena, &did, &key)) {
        removal_over(ret_step, REMOVAL_UNKNOWN);
        return;
    }
    if (bluesky_session_step(job, arena, ret_step))
        return;
    bluesky_request(ret_step, arena, STEP_PREPARE, "POST", pds(job), "com.atproto.repo.deleteRecord");
    bluesky_authorize(ret_step, arena, json_text(job->session, "access_token"));
    driver_json_body(&ret_step->request, arena,
                     json_pack("{s:s, s:s, s:s}", "repo", did, "collection", BLUESKY_POSTS, "rkey", key));
    ret_step->name = "delete";
}

static void bluesky_removed(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (bluesky_read_status(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
}

/* How long a video may be is not documented. */
static void check_videos(const struct content *content, struct diags *diags)
{
    for (size_t i = 0; i < content->part_count; i++) {
        const struct media *video = part_video(&content->parts[i]);
        if (video && video->length > VIDEO_USUAL)
            driver_finding(diags, DIAG_WARNING, "video-length",
                           "'%s' lasts more than the 3 minutes that bluesky is known to take", video->file);
    }
}

/* The title is the card's, and there is a card only for a link without images. */
static void bluesky_check(const struct account *account, const struct content *content, struct diags *diags)
{
    check_videos(content, diags);
    if (content->title && (!content->link || content->parts[0].media_count))
        diags_add(
            diags,
            &(struct diag){
                .level = DIAG_WARNING,
                .rule = "title",
                .account = account->name,
                .message =
                    "the title is not shown: Bluesky shows one only on the card of a link, without images"});
}

static const char *bluesky_where(const struct job *job, struct arena *arena)
{
    const char *handle = json_text(job->session, "handle");
    return arena_printf(arena, "https://bsky.app/profile/%s",
                        handle ? handle : account_option(job->account, "handle"));
}

static const struct login logins[] = {
    {
        .kind = LOGIN_SECRET,
        .secret = "app_password",
        .what = "app password",
        .where = "Settings, Privacy and security, App passwords, Add",
    },
    {0},
};

/* One embed in a post: images or a video. */
static const struct video_limits video = {
    .types = video_types, .most = 1, .alone = true, .max_bytes = INT64_C(300) * 1000 * 1000};

const struct network network_bluesky = {
    .name = "bluesky",
    .title = "Bluesky",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_TITLE | FEATURE_WARNING | FEATURE_LANGUAGE,
    .max_images = 4,
    .max_image_bytes = 1000000, /* 2 MB since 2026, but servers that were not updated take 1 MB */
    .image_types = image_types,
    .video = &video,
    .repeat = REPEAT_KEY,
    .key_wait = SECONDS(2),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = bluesky_compose,
    .check = bluesky_check,
    .next = bluesky_next,
    .read = bluesky_read,
    .find = bluesky_find,
    .found = bluesky_found,
    .verify = bluesky_verify,
    .verified = bluesky_verified,
    .mention = bluesky_mention,
    .mentioned = bluesky_mentioned,
    .where = bluesky_where,
    .remove = bluesky_remove,
    .removed = bluesky_removed,
    .no_edits = "Bluesky has no edits: who liked or quoted it did so of these words",
};
