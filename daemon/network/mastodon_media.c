/*
 * mastodon_media: images and videos are uploaded before the slot, each a request of its own (POST /api/v2/media). 202
 * means that the server still processes it: then it is asked about (GET /api/v1/media/ID) until it is done.
 */
#include "base/json.h"
#include "network/driver.h"
#include "network/mastodon.h"

/* The server deletes an upload that no status uses after a day. */
#define MEDIA_LIFETIME HOURS(20)
#define PROCESSING_MOST HOURS(1)

/* ---- steps ---- */

struct place {                         /* of an image */
    size_t part, index, number, total; /* number from 1, of all images of the post */
};

/* An upload that waited too long is made again; never while an answer is missing, as the bytes may not
 * change. */
static bool is_uploaded(const struct job *job, size_t part, size_t index)
{
    json_t *media = mastodon_memo_media(job, "media", part, index);
    return media && (job->lost || job->now < json_number(media, "at", 0) + MEDIA_LIFETIME);
}

/* The first image of a part that is not published yet whose upload is not finished. */
static bool image_due(const struct job *job, struct place *ret_place)
{
    struct place place = {0}, due = {0};
    size_t first = thread_part_due(job);
    for (size_t part = 0; part < job->content->part_count; part++) {
        for (size_t i = 0; i < job->content->parts[part].media_count; i++) {
            place.total++;
            if (!due.number && part >= first && !is_uploaded(job, part, i))
                due = (struct place){part, i, place.total, 0};
        }
    }
    due.total = place.total;
    *ret_place = due;
    return due.number;
}

static void upload_step(const struct job *job, const struct place *place, struct arena *arena,
                        struct step *ret_step)
{
    const struct media *media = &job->content->parts[place->part].media[place->index];
    struct form_part *parts = arena_alloc_array(arena, 2, sizeof *parts);
    size_t count = 0;
    if (*media->alt)
        parts[count++] = (struct form_part){.name = "description", .value = media->alt};
    parts[count++] = (struct form_part){.name = "file", .media = media};
    mastodon_request(job, arena, ret_step, STEP_PREPARE, "POST", "/api/v2/media");
    ret_step->name = arena_printf(arena, "upload %zu/%zu", place->number, place->total);
    ret_step->request.parts = parts;
    ret_step->request.part_count = count;
    ret_step->request.timeout = media_is_video(media) ? MINUTES(10) : MINUTES(5);
}

static void ask_step(const struct job *job, const struct place *place, const char *id, struct arena *arena,
                     struct step *ret_step)
{
    const char *path = arena_printf(arena, "/api/v1/media/%s", driver_escape(arena, id));
    mastodon_request(job, arena, ret_step, STEP_PREPARE, "GET", path);
    ret_step->name = arena_printf(arena, "processing %zu/%zu", place->number, place->total);
}

bool mastodon_media_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct place place;
    if (!image_due(job, &place))
        return false;
    const char *id = json_text(mastodon_memo_media(job, "pending", place.part, place.index), "id");
    if (id)
        ask_step(job, &place, id, arena, ret_step);
    else
        upload_step(job, &place, arena, ret_step);
    return true;
}

/* ---- responses ---- */

static void set_media(struct outcome *outcome, struct arena *arena, const struct place *place,
                      const char *name, json_t *value)
{
    json_set(outcome_memo(outcome, arena), arena_printf(arena, "%s-%zu-%zu", name, place->part, place->index),
             value);
}

static json_t *with_id(const char *id, const char *time_name, instant t)
{
    json_t *value = json_object();
    json_set_text(value, "id", id);
    json_set_number(value, time_name, t);
    return value;
}

static void media_ready(const struct job *job, const struct place *place, const char *id, struct arena *arena,
                        struct outcome *ret_outcome)
{
    set_media(ret_outcome, arena, place, "media", with_id(id, "at", job->now));
    if (mastodon_memo_media(job, "pending", place->part, place->index))
        set_media(ret_outcome, arena, place, "pending", json_null());
}

static void media_processing(const struct job *job, const struct place *place, const char *id,
                             struct arena *arena, struct outcome *ret_outcome)
{
    json_t *pending = mastodon_memo_media(job, "pending", place->part, place->index);
    instant since = json_number(pending, "since", job->now);
    if (job->now > since + PROCESSING_MOST) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the server has been processing '%s' for more than an hour",
                    job->content->parts[place->part].media[place->index].file);
        return;
    }
    outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST,
                "the server is still processing file %zu of %zu", place->number, place->total);
    ret_outcome->at = job->now + (pending ? SECONDS(5) : SECONDS(2));
    if (!pending)
        set_media(ret_outcome, arena, place, "pending", with_id(id, "since", job->now));
}

/* An upload's answer, or one about its processing. 200: ready. 202 and 206: not yet. */
void mastodon_media_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    struct place place;
    image_due(job, &place);
    json_t *pending = mastodon_memo_media(job, "pending", place.part, place.index);
    if (pending && response->status == 404) { /* their clean-up took it: once more from the start */
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        set_media(ret_outcome, arena, &place, "pending", json_null());
        return;
    }
    if (!mastodon_read_status(job, step, response, arena, ret_outcome))
        return;
    const char *id = pending ? json_text(pending, "id")
                             : outcome_clean_id(json_text(response_json(response, arena), "id"), arena);
    if (!id)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no media",
                    step->name);
    else if (response->status == 202 || response->status == 206)
        media_processing(job, &place, id, arena, ret_outcome);
    else
        media_ready(job, &place, id, arena, ret_outcome);
}
