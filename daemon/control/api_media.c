/*
 * api_media: images and videos for posts that do not come from the calendar's folder: kept in the state directory, named
 * by their hash.
 */
#include "base/json.h"
#include "control/api.h"
#include "control/problem.h"
#include "control/room.h"

void api_media_add(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    struct media media;
    struct error err = {""};
    if (!media_keep(settings, call->body, call->length, call->arena, &media, &err)) {
        problem(call, 422, "%s", err.message);
        return;
    }
    json_t *object = json_object();
    json_set_text(object, "file", media.file);
    json_set_text(object, "mime", media.mime);
    json_set_text(object, "sha256", media.sha256);
    json_set_number(object, "size", media.size);
    json_set_number(object, "width", media.width);
    json_set_number(object, "height", media.height);
    if (media_is_video(&media))
        json_set_number(object, "length_ms", media.length);
    answer_json(call, 201, object);
}
