/* See uploads.h. It knows the memo, and no network. */
#include <string.h>

#include "base/json.h"
#include "network/outcome.h"
#include "network/stage.h"
#include "network/uploads.h"

#define PROCESSING_MOST HOURS(1)

json_t *upload_entry(const struct job *job, const struct media *media)
{
    return media ? json_member(json_member(job->memo, "images"), media->sha256) : NULL;
}

const struct media *upload_first(const struct job *job,
                                 bool (*test)(const struct job *, const struct media *))
{
    const struct media *found = NULL;
    struct arena *arena = arena_new();
    json_t *seen = json_in_arena(arena, json_object());
    size_t count;
    const struct media **all = article_media(job->content, arena, &count);
    for (size_t i = 0; i < count && !found; i++) {
        if (!json_member(seen, all[i]->sha256) && test(job, all[i]))
            found = all[i];
        json_set_flag(seen, all[i]->sha256, true);
    }
    arena_free(arena);
    return found;
}

static bool is_absent(const struct job *job, const struct media *media)
{
    return !upload_entry(job, media);
}

const struct media *upload_due(const struct job *job)
{
    return upload_first(job, is_absent);
}

bool upload_is_pending(const struct job *job)
{
    return upload_due(job) != NULL;
}

struct outcome upload_done(const struct job *job, const struct media *media, json_t *entry,
                           struct arena *arena)
{
    json_t *images = stage_copy(job, "images");
    json_set(images, media->sha256, entry);
    return stage_next_with(arena, json_pack("{s:o, s:n}", "images", images, "doubt"));
}

duration upload_time(int64_t bytes)
{
    duration time = MINUTES(3) + bytes / 200; /* at 200 kB/s */
    return time < MINUTES(10) ? time : MINUTES(10);
}

void upload_processing(const struct job *job, const struct media *media, instant since, duration again,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const char *title = job->account->network->title;
    if (job->now > since + PROCESSING_MOST) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "%s has been processing '%s' for more than an hour", title, media->file);
        return;
    }
    outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "%s is still processing '%s'", title,
                media->file);
    ret_outcome->at = job->now + again;
}

void upload_form(struct request *request, const struct media *media, const char *field,
                 const char *const *texts, struct arena *arena)
{
    struct form_part *parts = NULL;
    for (; texts && texts[0]; texts += 2)
        *arena_push(arena, parts, request->part_count) =
            (struct form_part){.name = texts[0], .value = texts[1]};
    *arena_push(arena, parts, request->part_count) = (struct form_part){.name = field, .media = media};
    request->parts = parts;
    request->timeout = upload_time(media->size);
}

struct article_image *upload_images(const struct job *job, struct arena *arena, size_t *ret_count)
{
    const struct media **all = article_media(job->content, arena, ret_count);
    struct article_image *images = arena_alloc_array(arena, *ret_count + 1, sizeof *images);
    for (size_t i = 0; i < *ret_count; i++) {
        const json_t *entry = upload_entry(job, all[i]);
        images[i] = (struct article_image){
            .media = all[i], .url = json_text(entry, "url"), .id = json_number(entry, "id", 0)};
    }
    return images;
}

struct article_image *upload_featured(struct article_image *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (media_is_image(files[i].media))
            return &files[i];
    return NULL;
}
