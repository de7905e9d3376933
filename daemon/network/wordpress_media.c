/*
 * Images, videos and documents in the media library: looked for after a doubtful upload, uploaded, finished,
 * described.
 *
 * The name of the file is made from the delivery's key and the image's hash: its slug finds it again.
 * The bytes are the body; alt text and title follow in a request of their own, for a query is too short
 * for a long alt text.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/uploads.h"
#include "network/wordpress.h"

enum { NAME_MOST = 40 };

#define FIELDS "_fields=id,slug,source_url"

static bool is_raw(const struct job *job, const struct media *media)
{
    return json_flag(upload_entry(job, media), "raw", false);
}

static bool is_undescribed(const struct job *job, const struct media *media)
{
    const char *told = json_text(upload_entry(job, media), "alt");
    return media_is_image(media) && media->alt && strcmp(told ? told : "", media->alt) != 0;
}

static bool is_look_pending(const struct job *job)
{
    return stage_in_doubt(job) && upload_is_pending(job);
}

static bool is_finish_pending(const struct job *job)
{
    return upload_first(job, is_raw) != NULL;
}

static bool is_description_pending(const struct job *job)
{
    return upload_first(job, is_undescribed) != NULL;
}

/* ---- names ---- */

/* "chalet-1a2b3c4d9f8e7d6c": letters and digits of the file's name, then key and hash. It is its own slug. */
static const char *unique_name(const struct job *job, const struct media *media, struct arena *arena)
{
    char name[NAME_MOST + 1];
    size_t length = 0;
    const char *slash = strrchr(media->file, '/'), *c = slash ? slash + 1 : media->file;
    for (; *c && *c != '.' && length < NAME_MOST; c++) {
        if (isalnum((unsigned char)*c))
            name[length++] = (char)tolower((unsigned char)*c);
        else if (length && name[length - 1] != '-')
            name[length++] = '-';
    }
    while (length && name[length - 1] == '-')
        length--;
    name[length] = '\0';
    return arena_printf(arena, "%s-%.8s%.8s", length ? name : "image", job->key, media->sha256);
}

static const char *extension(const char *mime)
{
    const char *type = strchr(mime, '/');
    if (!type)
        return "bin";
    return !strcmp(type, "/jpeg") ? "jpg" : !strcmp(type, "/quicktime") ? "mov" : type + 1;
}

/* ---- the memo ---- */

static struct outcome remember(const struct job *job, const struct media *media, int64_t id, const char *url,
                               const char *alt, bool raw, struct arena *arena)
{
    return upload_done(
        job, media,
        json_pack("{s:I, s:s*, s:s*, s:b}", "id", (json_int_t)id, "url", url, "alt", alt, "raw", raw), arena);
}

/* Reads a library item; without id and address it is none. */
static void read_item(const struct job *job, const struct step *step, const struct media *media,
                      const json_t *item, struct arena *arena, struct outcome *ret_outcome)
{
    int64_t id = json_number(item, "id", 0);
    const char *url = outcome_clean_url(json_text(item, "source_url"), arena);
    const char *alt = json_text(upload_entry(job, media), "alt");
    if (media && id > 0 && url) {
        *ret_outcome = remember(job, media, id, url, alt, false, arena);
        return;
    }
    *ret_outcome = (struct outcome){.kind = OUTCOME_RETRY};
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                "%s: the answer has no id or address of the image", step->name);
}

/* ---- look for one ---- */

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *name = unique_name(job, upload_due(job), arena);
    *ret_request =
        wordpress_request(job, arena, "GET", "media", arena_printf(arena, "slug=%s&" FIELDS, name), NULL);
}

static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *list = wordpress_answer(job, step, response, arena, ret_outcome);
    if (!list)
        return;
    if (json_array_size(list))
        read_item(job, step, upload_due(job), json_array_get(list, 0), arena, ret_outcome);
    else
        *ret_outcome = stage_next_with(arena, json_pack("{s:n}", "doubt"));
}

/* ---- upload ---- */

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_due(job);
    struct request request = wordpress_request(job, arena, "POST", "media", FIELDS, NULL);
    request_header(&request, arena, "Content-Type", "%s", media->mime);
    request_header(&request, arena, "Content-Disposition", "attachment; filename=\"%s.%s\"",
                   unique_name(job, media, arena), extension(media->mime));
    request.media = media;
    request.timeout = upload_time(media->size);
    *ret_request = request;
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_due(job);
    const char *stored = response_header(response, "x-wp-upload-attachment-id");
    int64_t id = stored ? strtoll(stored, NULL, 10) : 0;
    if (media && response->status >= 500 && id > 0) { /* the file is there, making its smaller sizes failed */
        *ret_outcome = remember(job, media, id, NULL, NULL, true, arena);
        return;
    }
    const json_t *item = wordpress_answer(job, step, response, arena, ret_outcome);
    if (item)
        read_item(job, step, media, item, arena, ret_outcome);
}

/* ---- finish ---- */

static void ask_finish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    int64_t id = json_number(upload_entry(job, upload_first(job, is_raw)), "id", 0);
    const char *path = arena_printf(arena, "media/%lld/post-process", (long long)id);
    *ret_request = wordpress_request(job, arena, "POST", path, FIELDS,
                                     json_pack("{s:s}", "action", "create-image-subsizes"));
    ret_request->timeout = MINUTES(3);
}

static void read_finish(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *item = wordpress_answer(job, step, response, arena, ret_outcome);
    if (item)
        read_item(job, step, upload_first(job, is_raw), item, arena, ret_outcome);
}

/* ---- describe ---- */

static void ask_description(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_first(job, is_undescribed);
    const char *path =
        arena_printf(arena, "media/%lld", (long long)json_number(upload_entry(job, media), "id", 0));
    *ret_request =
        wordpress_request(job, arena, "POST", path, FIELDS, json_pack("{s:s}", "alt_text", media->alt));
}

static void read_description(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_first(job, is_undescribed);
    const json_t *item = wordpress_answer(job, step, response, arena, ret_outcome);
    if (item && media)
        *ret_outcome = remember(job, media, json_number(upload_entry(job, media), "id", 0),
                                json_text(upload_entry(job, media), "url"), media->alt, false, arena);
}

const struct stage wordpress_media_stages[4] = {
    {"find image", STEP_PREPARE, 0, is_look_pending, ask_look, read_look},
    {"upload image", STEP_PREPARE, STAGE_MAKES, upload_is_pending, ask_upload, read_upload},
    {"finish image", STEP_PREPARE, 0, is_finish_pending, ask_finish, read_finish},
    {"describe image", STEP_PREPARE, 0, is_description_pending, ask_description, read_description},
};
