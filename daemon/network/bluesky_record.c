/*
 * bluesky_record: the record of a post (lexicon app.bsky.feed.post). The server finds no links, mentions
 * or hashtags and makes no cards: all of it is said here, positions in UTF-8 bytes.
 */
#include <string.h>

#include "base/json.h"
#include "network/bluesky.h"
#include "network/driver.h"

enum { TAG_GRAPHEMES = 64, TAG_BYTES = 640, LANGS_MOST = 3 };

/* ---- text ---- */

static bool any_text_has(const struct content *content, const char *link)
{
    for (size_t i = 0; i < content->part_count; i++)
        if (driver_has_link(content->parts[i].text, link))
            return true;
    return false;
}

/* A post has images or a card. With images the link goes into the text; the warning is always there. */
const char *bluesky_compose(const struct content *content, size_t part, struct arena *arena)
{
    const char *text = content->parts[part].text;
    if (part)
        return text;
    if (content->link && content->parts[0].media_count && !any_text_has(content, content->link))
        text = driver_with_link(text, content->link, arena);
    if (content->warning)
        text = arena_printf(arena, "%s%s%s", content->warning, *text ? "\n\n" : "", text);
    return text;
}

struct measure bluesky_measure(const struct content *content, size_t part, struct arena *arena,
                               const char **ret_text)
{
    *ret_text = bluesky_compose(content, part, arena);
    return text_measure(text_rule_find("bluesky"), *ret_text, strlen(*ret_text), 0, arena);
}

/* ---- facets ---- */

static json_t *feature(const char *type, const char *name, const char *value)
{
    json_t *object = json_object();
    json_set_text(object, "$type", type);
    json_set_text(object, name, value);
    return object;
}

static json_t *hashtag_feature(const char *tag)
{
    if (strlen(tag) > TAG_BYTES || text_graphemes(tag, strlen(tag)) > TAG_GRAPHEMES)
        return NULL;
    return feature("app.bsky.richtext.facet#tag", "tag", tag);
}

static json_t *mention_feature(const struct job *job, const char *handle)
{
    const char *did = json_text(json_member(job->memo, "dids"), handle);
    return did ? feature("app.bsky.richtext.facet#mention", "did", did) : NULL;
}

/* NULL: it stays plain text. */
static json_t *feature_of(const struct job *job, const struct entity *entity)
{
    switch (entity->kind) {
    case ENTITY_LINK:
        return feature("app.bsky.richtext.facet#link", "uri", entity->value);
    case ENTITY_MENTION:
        return mention_feature(job, entity->value);
    case ENTITY_HASHTAG:
        return hashtag_feature(entity->value);
    }
    return NULL;
}

static json_t *facets_of(const struct job *job, const struct measure *measure)
{
    json_t *facets = json_array();
    for (size_t i = 0; i < measure->entity_count; i++) {
        json_t *what = feature_of(job, &measure->entities[i]);
        if (!what)
            continue;
        json_t *index = json_object(), *facet = json_object(), *features = json_array();
        json_set_number(index, "byteStart", (int64_t)measure->entities[i].start);
        json_set_number(index, "byteEnd", (int64_t)measure->entities[i].end);
        json_array_append_new(features, what);
        json_set(facet, "index", index);
        json_set(facet, "features", features);
        json_array_append_new(facets, facet);
    }
    return facets;
}

/* ---- embed ---- */

/* The blob under this name, with alt text and shape. */
static json_t *media_of(const struct job *job, size_t part, size_t index, const char *name)
{
    const struct media *media = &job->content->parts[part].media[index];
    json_t *image = json_object();
    json_set(image, name, json_incref(json_member(bluesky_memo_blob(job, part, index), "blob")));
    json_set_text(image, "alt", media->alt);
    if (media->width && media->height) {
        json_t *ratio = json_object();
        json_set_number(ratio, "width", media->width);
        json_set_number(ratio, "height", media->height);
        json_set(image, "aspectRatio", ratio);
    }
    return image;
}

/* A video is alone. */
static json_t *files_of(const struct job *job, size_t part)
{
    if (part_video(&job->content->parts[part])) {
        json_t *video = media_of(job, part, 0, "video");
        json_set_text(video, "$type", "app.bsky.embed.video");
        return video;
    }
    json_t *images = json_array(), *embed = json_object();
    for (size_t i = 0; i < job->content->parts[part].media_count; i++)
        json_array_append_new(images, media_of(job, part, i, "image"));
    json_set_text(embed, "$type", "app.bsky.embed.images");
    json_set(embed, "images", images);
    return embed;
}

static json_t *card_of(const struct content *content, struct arena *arena)
{
    json_t *external = json_object(), *embed = json_object();
    json_set_text(external, "uri", content->link);
    json_set_text(external, "title", content->title ? content->title : driver_host(content->link, arena));
    json_set_text(external, "description", content->summary ? content->summary : "");
    json_set_text(embed, "$type", "app.bsky.embed.external");
    json_set(embed, "external", external);
    return embed;
}

/* ---- the rest ---- */

static json_t *langs_of(const struct job *job)
{
    json_t *langs = json_array(), *usual = json_member(job->account->options, "langs");
    if (job->content->language)
        json_array_append_new(langs, json_string(job->content->language));
    else
        for (size_t i = 0; i < json_array_size(usual) && i < LANGS_MOST; i++)
            json_array_append(langs, json_array_get(usual, i));
    return langs;
}

static json_t *reply_of(const struct job *job, size_t part)
{
    json_t *reply = json_object();
    json_set(reply, "root", json_incref(bluesky_memo(job, "post", 0)));
    json_set(reply, "parent", json_incref(bluesky_memo(job, "post", part - 1)));
    return reply;
}

static void set_unless_empty(json_t *object, const char *key, json_t *array)
{
    if (json_array_size(array))
        json_set(object, key, array);
    else
        json_decref(array);
}

json_t *bluesky_record(const struct job *job, size_t part, instant created_at, struct arena *arena)
{
    const char *text;
    char time[INSTANT_TEXT];
    struct measure measure = bluesky_measure(job->content, part, arena, &text);
    json_t *record = json_object();
    json_set_text(record, "$type", "app.bsky.feed.post");
    json_set_text(record, "text", text);
    /* A millisecond between the parts keeps them in their order wherever they are sorted by time. */
    json_set_text(record, "createdAt", instant_format(created_at + (instant)part, time, sizeof time));
    set_unless_empty(record, "langs", langs_of(job));
    set_unless_empty(record, "facets", facets_of(job, &measure));
    if (part)
        json_set(record, "reply", reply_of(job, part));
    if (job->content->parts[part].media_count)
        json_set(record, "embed", files_of(job, part));
    else if (part == 0 && job->content->link)
        json_set(record, "embed", card_of(job->content, arena));
    return record;
}
