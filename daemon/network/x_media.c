/*
 * x_media: images are uploaded before the slot: in one request, or, animated GIFs and videos, in pieces
 * (initialize, append, finalize) and then processed; alt text follows in a request of its own. All of it may
 * be repeated. An upload is forgotten by X after a day, and made anew when it is about to be.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/uploads.h"
#include "network/x.h"

enum { SEGMENT = 4 << 20 }; /* of at most 1,000 */
#define LIFE_LEFT HOURS(1)
#define LIFE_USUAL DAYS(1)

/* ---- the memo ---- */

static json_t *entry_of(const struct job *job, const struct media *media)
{
    return json_member(json_member(job->memo, "media"), media->sha256);
}

/* While an answer is missing nothing is uploaded anew: first it is found out. */
static bool is_there(const struct job *job, const struct media *media)
{
    json_t *entry = entry_of(job, media);
    return entry && (job->lost || job->now + LIFE_LEFT < json_number(entry, "until", 0));
}

static const char *state_of(const struct job *job, const struct media *media)
{
    const char *state = json_text(entry_of(job, media), "state");
    return is_there(job, media) && state ? state : "";
}

/* entry (taken over) NULL: it is forgotten. */
static struct outcome remember(const struct job *job, const struct media *media, json_t *entry,
                               struct arena *arena)
{
    json_t *all = stage_copy(job, "media");
    if (entry)
        json_set(all, media->sha256, entry);
    else
        json_object_del(all, media->sha256);
    return stage_next_with(arena, json_pack("{s:o}", "media", all));
}

static json_t *changed(const struct job *job, const struct media *media)
{
    return json_deep_copy(entry_of(job, media));
}

/* ---- what is pending ---- */

static bool is_in_pieces(const struct media *media)
{
    return media_is_video(media) || !strcmp(media->mime, "image/gif");
}

static bool is_in_state(const struct job *job, const struct media *media, const char *state)
{
    return !strcmp(state_of(job, media), state);
}

static bool wants_upload(const struct job *job, const struct media *media)
{
    return !is_in_pieces(media) && !is_there(job, media);
}

static bool wants_begin(const struct job *job, const struct media *media)
{
    return is_in_pieces(media) && !is_there(job, media);
}

static int64_t segments_sent(const struct job *job, const struct media *media)
{
    return json_number(entry_of(job, media), "sent", 0);
}

static bool wants_append(const struct job *job, const struct media *media)
{
    return is_in_state(job, media, "open") && segments_sent(job, media) * SEGMENT < media->size;
}

static bool wants_end(const struct job *job, const struct media *media)
{
    return is_in_state(job, media, "open") && !wants_append(job, media);
}

static bool wants_news(const struct job *job, const struct media *media)
{
    return is_in_state(job, media, "processing");
}

/* Of a video X does not say that it takes one. */
static bool wants_alt(const struct job *job, const struct media *media)
{
    const char *told = json_text(entry_of(job, media), "alt");
    return *media->alt && !media_is_video(media) && (!told || strcmp(told, media->alt) != 0);
}

/* ---- requests ---- */

static const char *id_of(const struct job *job, const struct media *media)
{
    const char *id = json_text(entry_of(job, media), "id");
    return id ? id : "";
}

static void ask_upload(const struct job *job, const struct media *media, struct arena *arena,
                       struct step *step)
{
    struct form_part *parts = arena_alloc_array(arena, 2, sizeof *parts);
    parts[0] = (struct form_part){.name = "media_category", .value = "tweet_image"};
    parts[1] = (struct form_part){.name = "media", .media = media};
    x_request(job, arena, step, STEP_PREPARE, "POST", "/2/media/upload");
    step->request.parts = parts;
    step->request.part_count = 2;
    step->request.timeout = MINUTES(5);
}

static void ask_begin(const struct job *job, const struct media *media, struct arena *arena,
                      struct step *step)
{
    x_request(job, arena, step, STEP_PREPARE, "POST", "/2/media/upload/initialize");
    driver_json_body(&step->request, arena,
                     json_pack("{s:s, s:s, s:I}", "media_category",
                               media_is_video(media) ? "tweet_video" : "tweet_gif", "media_type", media->mime,
                               "total_bytes", (json_int_t)media->size));
}

static void ask_append(const struct job *job, const struct media *media, struct arena *arena,
                       struct step *step)
{
    struct form_part *parts = arena_alloc_array(arena, 2, sizeof *parts);
    int64_t index = segments_sent(job, media), left = media->size - index * SEGMENT;
    parts[0] =
        (struct form_part){.name = "segment_index", .value = arena_printf(arena, "%lld", (long long)index)};
    parts[1] = (struct form_part){
        .name = "media", .media = media, .from = index * SEGMENT, .length = left < SEGMENT ? left : SEGMENT};
    x_request(job, arena, step, STEP_PREPARE, "POST",
              arena_printf(arena, "/2/media/upload/%s/append", id_of(job, media)));
    step->request.parts = parts;
    step->request.part_count = 2;
    step->request.timeout = MINUTES(5);
}

static void ask_end(const struct job *job, const struct media *media, struct arena *arena, struct step *step)
{
    x_request(job, arena, step, STEP_PREPARE, "POST",
              arena_printf(arena, "/2/media/upload/%s/finalize", id_of(job, media)));
}

static void ask_news(const struct job *job, const struct media *media, struct arena *arena, struct step *step)
{
    x_request(job, arena, step, STEP_PREPARE, "GET",
              arena_printf(arena, "/2/media/upload?command=STATUS&media_id=%s", id_of(job, media)));
}

static void ask_alt(const struct job *job, const struct media *media, struct arena *arena, struct step *step)
{
    x_request(job, arena, step, STEP_PREPARE, "POST", "/2/media/metadata");
    driver_json_body(
        &step->request, arena,
        json_pack("{s:s, s:{s:{s:s}}}", "id", id_of(job, media), "metadata", "alt_text", "text", media->alt));
}

/* ---- answers ---- */

/* "processing_info": pending, in_progress, failed, succeeded; absent: there is nothing to wait for. */
static void read_processing(const struct job *job, const struct media *media, const json_t *data,
                            json_t *entry, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *info = json_member(data, "processing_info");
    const char *state = json_text(info, "state");
    int64_t seconds = json_number(info, "check_after_secs", 5);
    instant since = json_number(entry, "since", job->now);
    bool busy = state && (!strcmp(state, "pending") || !strcmp(state, "in_progress"));
    json_set_text(entry, "state", busy ? "processing" : "ready");
    json_set_number(entry, "since", since);
    *ret_outcome = remember(job, media, entry, arena);
    if (state && !strcmp(state, "failed")) {
        const char *why = json_text(json_member(info, "error"), "message");
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "X cannot process '%s'%s%s", media->file,
                    why ? ": " : "", outcome_said(why, arena));
    } else if (busy) {
        upload_processing(job, media, since,
                          SECONDS(seconds < 1     ? 1
                                  : seconds > 300 ? 300
                                                  : seconds),
                          arena, ret_outcome);
    }
}

static void read_made(const struct job *job, const struct step *step, const struct media *media,
                      const json_t *data, struct arena *arena, struct outcome *ret_outcome)
{
    const char *id = x_id(data, "id", arena);
    int64_t life = json_number(data, "expires_after_secs", LIFE_USUAL / 1000);
    bool begun = driver_url_ends(step->request.url, "/initialize");
    if (!id) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no media",
                    step->name);
        return;
    }
    if (life < 1 || life > LIFE_USUAL / 1000)
        life = LIFE_USUAL / 1000;
    json_t *entry = json_pack("{s:s, s:I}", "id", id, "until", (json_int_t)(job->now + SECONDS(life)));
    if (!begun) {
        read_processing(job, media, data, entry, arena, ret_outcome);
        return;
    }
    json_set_text(entry, "state", "open");
    json_set_number(entry, "sent", 0);
    *ret_outcome = remember(job, media, entry, arena);
}

static void read_append(const struct job *job, const struct step *step, const struct media *media,
                        const json_t *data, struct arena *arena, struct outcome *ret_outcome)
{
    (void)step, (void)data;
    json_t *entry = changed(job, media);
    json_set_number(entry, "sent", segments_sent(job, media) + 1);
    *ret_outcome = remember(job, media, entry, arena);
}

static void read_news(const struct job *job, const struct step *step, const struct media *media,
                      const json_t *data, struct arena *arena, struct outcome *ret_outcome)
{
    (void)step;
    read_processing(job, media, data, changed(job, media), arena, ret_outcome);
}

static void read_alt(const struct job *job, const struct step *step, const struct media *media,
                     const json_t *data, struct arena *arena, struct outcome *ret_outcome)
{
    (void)step, (void)data;
    json_t *entry = changed(job, media);
    json_set_text(entry, "alt", media->alt);
    *ret_outcome = remember(job, media, entry, arena);
}

/* ---- the table ---- */

static const struct work {
    const char *name;
    bool (*wanted)(const struct job *job, const struct media *media);
    void (*ask)(const struct job *job, const struct media *media, struct arena *arena, struct step *step);
    void (*read)(const struct job *job, const struct step *step, const struct media *media,
                 const json_t *data, struct arena *arena, struct outcome *ret_outcome);
} works[] = {
    {"upload", wants_upload, ask_upload, read_made},   {"begin upload", wants_begin, ask_begin, read_made},
    {"append", wants_append, ask_append, read_append}, {"finish upload", wants_end, ask_end, read_news},
    {"processing", wants_news, ask_news, read_news},   {"alt text", wants_alt, ask_alt, read_alt},
};

/* The first image, from the part that is due on, of which something is wanted. */
static const struct work *work_due(const struct job *job, const struct media **ret_media)
{
    for (size_t part = thread_part_due(job); part < job->content->part_count; part++)
        for (size_t i = 0; i < job->content->parts[part].media_count; i++)
            for (size_t k = 0; k < sizeof works / sizeof *works; k++)
                if (works[k].wanted(job, &job->content->parts[part].media[i])) {
                    *ret_media = &job->content->parts[part].media[i];
                    return &works[k];
                }
    return NULL;
}

bool x_media_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct media *media;
    const struct work *work = work_due(job, &media);
    if (!work)
        return false;
    work->ask(job, media, arena, ret_step);
    ret_step->name = work->name;
    x_sign(job, arena, ret_step);
    return true;
}

void x_media_read(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media;
    const struct work *work = work_due(job, &media);
    bool is_open = work && !is_in_state(job, media, "");
    if (!work || strcmp(work->name, step->name) != 0) { /* time has passed what was asked for */
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        return;
    }
    if (is_open && response->status == 404) { /* they have forgotten it: once more from the start */
        *ret_outcome = remember(job, media, NULL, arena);
        return;
    }
    if (!x_read_status(job, step, response, arena, ret_outcome))
        return;
    work->read(job, step, media, json_member(response_json(response, arena), "data"), arena, ret_outcome);
}

json_t *x_media_ids(const struct job *job, size_t part)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < job->content->parts[part].media_count; i++)
        json_array_append_new(ids, json_string(id_of(job, &job->content->parts[part].media[i])));
    return ids;
}
