/*
 * See tumblr.h: a post in NPF: the title as a heading, each paragraph as a block of text with its links
 * marked, the images or the video, and the link as a block of its own, of which Tumblr makes a card.
 * Positions are code points.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/text.h"
#include "network/thread.h"
#include "network/tumblr.h"

static size_t points_in(const char *text, size_t length, struct arena *arena)
{
    return text_code_points(arena_strndup(arena, text, length));
}

static json_t *links_of(const char *text, struct arena *arena)
{
    struct measure m = text_measure(text_rule_find("tumblr"), text, strlen(text), 0, arena);
    json_t *links = json_array();
    for (size_t i = 0; i < m.entity_count; i++) {
        const struct entity *entity = &m.entities[i];
        if (entity->kind == ENTITY_LINK)
            json_array_append_new(links, json_pack("{s:s, s:I, s:I, s:s}", "type", "link", "start",
                                                   (json_int_t)points_in(text, entity->start, arena), "end",
                                                   (json_int_t)points_in(text, entity->end, arena), "url",
                                                   entity->value));
    }
    return links;
}

static void add_paragraph(json_t *blocks, const char *text, const char *subtype, struct arena *arena)
{
    json_t *links = links_of(text, arena), *block = json_pack("{s:s, s:s}", "type", "text", "text", text);
    json_set_text(block, "subtype", subtype);
    if (json_array_size(links))
        json_set(block, "formatting", links);
    else
        json_decref(links);
    json_array_append_new(blocks, block);
}

/* Paragraphs end at empty lines; a line end within one stays. */
static void add_text(json_t *blocks, const char *text, struct arena *arena)
{
    while (*(text += strspn(text, "\n"))) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        const char *paragraph = arena_strndup(arena, text, length);
        if (paragraph[strspn(paragraph, " \t\n")])
            add_paragraph(blocks, paragraph, NULL, arena);
        text += length;
    }
}

const char *tumblr_media_name(const struct media *media, size_t number, struct arena *arena)
{
    return arena_printf(arena, "%s-%zu", media_is_video(media) ? "video" : "image", number);
}

/* An image has a list of one; a video, which has no alt text there, has none around it. */
static void add_media(json_t *blocks, const struct media *media, size_t number, struct arena *arena)
{
    bool video = media_is_video(media);
    json_t *object = json_pack("{s:s, s:s, s:I, s:I}", "type", media->mime, "identifier",
                               tumblr_media_name(media, number, arena), "width", (json_int_t)media->width,
                               "height", (json_int_t)media->height);
    json_t *block =
        json_pack(video ? "{s:s, s:o}" : "{s:s, s:[o]}", "type", video ? "video" : "image", "media", object);
    json_set_text(block, "alt_text", *media->alt && !video ? media->alt : NULL);
    json_array_append_new(blocks, block);
}

static json_t *blocks_of(const struct content *content, size_t number, struct arena *arena)
{
    const struct part *part = &content->parts[number];
    bool link = number == 0 && content->link;
    json_t *blocks = json_array();
    for (size_t i = 0; link && i < content->part_count; i++)
        link = !driver_has_link(content->parts[i].text, content->link);
    if (number == 0 && content->title && *content->title)
        add_paragraph(blocks, content->title, "heading1", arena);
    add_text(blocks, part->text, arena);
    for (size_t i = 0; i < part->media_count; i++)
        add_media(blocks, &part->media[i], i, arena);
    if (link)
        json_array_append_new(blocks, json_pack("{s:s, s:s}", "type", "link", "url", content->link));
    return blocks;
}

/* Between commas, so none may be in one. */
static void add_tags(json_t *post, const struct job *job)
{
    struct buf all = {0};
    json_t *tags = article_names(json_member(job->account->options, "tags"), job->content->tags,
                                 job->content->tag_count);
    const json_t *tag;
    size_t i;
    json_array_foreach(tags, i, tag)
    {
        if (i)
            buf_add_char(&all, ',');
        for (const char *c = json_string_value(tag); *c; c++)
            buf_add_char(&all, *c == ',' ? ' ' : *c);
    }
    if (all.length)
        json_set_text(post, "tags", buf_text(&all));
    buf_release(&all);
    json_decref(tags);
}

const char *tumblr_state(const struct account *account)
{
    const char *state = account_option(account, "state");
    return state ? state : "published";
}

const char *tumblr_state_of(const struct job *job)
{
    const char *state = json_text(job->memo, "state");
    return state ? state : tumblr_state(job->account);
}

json_t *tumblr_post(const struct job *job, size_t part, const char *state, struct arena *arena)
{
    json_t *post = json_pack("{s:s, s:o}", "state", state, "content", blocks_of(job->content, part, arena));
    if (!part) {
        json_set_text(post, "slug", job->content->slug);
        add_tags(post, job);
        return post;
    }
    const json_t *key = json_member(job->memo, arena_printf(arena, "key-%zu", part - 1));
    json_set_text(post, "parent_tumblelog_uuid", json_text(key, "uuid"));
    json_set_text(post, "parent_post_id", json_text(thread_post(job, part - 1), "id"));
    json_set_text(post, "reblog_key", json_text(key, "key"));
    return post;
}

const char *tumblr_text(const json_t *blocks, struct arena *arena)
{
    struct buf all = {0};
    const json_t *block;
    size_t i;
    json_array_foreach(blocks, i, block)
    {
        const char *type = json_text(block, "type"), *text = json_text(block, "text");
        if (!type || strcmp(type, "text") != 0 || !text)
            continue;
        if (all.length)
            buf_add_char(&all, '\n');
        buf_add_text(&all, text);
    }
    const char *copy = arena_strdup(arena, buf_text(&all));
    buf_release(&all);
    return copy;
}
