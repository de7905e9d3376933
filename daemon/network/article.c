/*
 * See article.h. It knows content and HTML, and no network.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/markdown.h"
#include "network/text.h"

#define VIDEO_MARK "|video" /* of an alt text, on Discourse */

enum { USUAL_MARKS = 200 }; /* bytes of them in the HTML of a short text */

static bool is_empty(const char *text)
{
    return !text || !text[strspn(text, " \t\n")];
}

/* The content of a temporary buffer, moved into the arena. */
static char *settle(struct buf *buf, struct arena *arena)
{
    char *text = arena_strndup(arena, buf_text(buf), buf->length);
    buf_release(buf);
    return text;
}

char *article_text(const struct content *content, struct arena *arena)
{
    size_t size = 1;
    for (size_t i = 0; i < content->part_count; i++)
        size += is_empty(content->parts[i].text) ? 0 : strlen(content->parts[i].text) + 2;
    char *text = arena_alloc(arena, size), *end = text;
    for (size_t i = 0; i < content->part_count; i++) {
        if (is_empty(content->parts[i].text))
            continue;
        end = end > text ? stpcpy(end, "\n\n") : end;
        end = stpcpy(end, content->parts[i].text);
    }
    return text;
}

static char *plain_text(const struct content *content, struct arena *arena)
{
    char *text = article_text(content, arena);
    return is_empty(text) && content->body ? markdown_to_text(content->body, arena) : text;
}

char *article_title(const struct content *content, struct arena *arena)
{
    if (!is_empty(content->title))
        return arena_strdup(arena, content->title);
    const char *text = plain_text(content, arena);
    text += strspn(text, " \t\n");
    char *line = arena_strndup(arena, text, strcspn(text, "\n"));
    if (*line)
        return text_shorten(line, ARTICLE_TITLE_MOST, arena);
    return arena_strdup(arena, content->link ? content->link : "…");
}

char *article_excerpt(const struct content *content, size_t most, struct arena *arena)
{
    const char *text = is_empty(content->summary) ? plain_text(content, arena) : content->summary;
    return text_shorten(text, most, arena);
}

const struct media **article_media(const struct content *content, struct arena *arena, size_t *ret_count)
{
    const struct media **all = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < content->part_count; i++)
        for (size_t j = 0; j < content->parts[i].media_count; j++)
            *arena_push(arena, all, *ret_count) = &content->parts[i].media[j];
    return all;
}

/* ---- HTML ---- */

static void add_slice(struct buf *html, const char *text, size_t start, size_t end, struct arena *arena)
{
    for (size_t at = start; at < end;) {
        const char *newline = memchr(text + at, '\n', end - at);
        size_t stop = newline ? (size_t)(newline - text) : end;
        buf_add_xml(html, arena_strndup(arena, text + at, stop - at));
        if (newline)
            buf_add_text(html, "<br />\n");
        at = stop + 1;
    }
}

static void add_anchor(struct buf *html, const char *url, const char *text)
{
    buf_add_text(html, "<a href=\"");
    buf_add_xml(html, url);
    buf_add_text(html, "\">");
    buf_add_xml(html, text);
    buf_add_text(html, "</a>");
}

/* text[start, end) as one paragraph; links that lie in it become anchors. */
static void add_paragraph(struct buf *html, const char *text, size_t start, size_t end,
                          const struct entity *entities, size_t count, struct arena *arena)
{
    buf_add_text(html, "<p>");
    for (size_t i = 0; i < count; i++) {
        const struct entity *entity = &entities[i];
        if (entity->kind != ENTITY_LINK || entity->start < start || entity->end > end)
            continue;
        add_slice(html, text, start, entity->start, arena);
        add_anchor(html, entity->value,
                   arena_strndup(arena, text + entity->start, entity->end - entity->start));
        start = entity->end;
    }
    add_slice(html, text, start, end, arena);
    buf_add_text(html, "</p>\n");
}

/* Where the paragraph that begins at 'start' ends: at an empty line or at the end. */
static size_t paragraph_end(const char *text, size_t start)
{
    const char *gap = strstr(text + start, "\n\n");
    return gap ? (size_t)(gap - text) : start + strlen(text + start);
}

static void add_text_as_html(struct buf *html, const char *text, struct arena *arena)
{
    const struct text_rule *rule = text_rule_find("feed");
    struct entity *entities = NULL;
    size_t count = 0;
    if (rule && strstr(text, "://")) /* its links have a scheme */
        entities = text_entities(rule, text, strlen(text), arena, &count);
    for (size_t at = strspn(text, "\n"); text[at]; at += strspn(text + at, "\n")) {
        size_t end = paragraph_end(text, at);
        add_paragraph(html, text, at, end, entities, count, arena);
        at = end;
    }
}

static void add_body(struct buf *html, const char *body, int top_heading, const struct article_image *images,
                     size_t count, bool *shown, struct arena *arena)
{
    struct markdown_image *known = arena_alloc_array(arena, count + 1, sizeof *known);
    for (size_t i = 0; i < count; i++)
        known[i] = (struct markdown_image){.file = images[i].media->file, .url = images[i].url};
    buf_add_text(html, markdown_to_html(body, top_heading, known, count, arena));
    for (size_t i = 0; i < count; i++)
        shown[i] = known[i].used;
}

/* By what it is said to be, else by its name. */
static const char *name_of(const struct media *media)
{
    const char *slash = strrchr(media->file, '/');
    return media->alt && *media->alt ? media->alt : slash ? slash + 1 : media->file;
}

static void add_document(struct buf *html, const struct article_image *document, struct arena *arena)
{
    buf_add_text(html, "<p>");
    add_anchor(html, document->url, arena_strdup(arena, name_of(document->media)));
    buf_add_text(html, "</p>\n");
}

static void add_figure(struct buf *html, const struct article_image *image)
{
    bool video = media_is_video(image->media);
    buf_add_text(html, video ? "<figure><video controls=\"controls\" preload=\"metadata\" src=\""
                             : "<figure><img src=\"");
    buf_add_xml(html, image->url);
    buf_add_text(html, video ? "\" title=\"" : "\" alt=\"");
    buf_add_xml(html, image->media->alt ? image->media->alt : "");
    buf_add_char(html, '"');
    if (image->media->width && image->media->height)
        buf_printf(html, " width=\"%u\" height=\"%u\"", image->media->width, image->media->height);
    if (image->id)
        buf_printf(html, " class=\"wp-image-%lld\"", (long long)image->id);
    buf_add_text(html, video ? "></video></figure>\n" : " /></figure>\n");
}

static void add_warning(struct buf *html, const char *warning)
{
    buf_add_text(html, "<p><strong>");
    buf_add_xml(html, warning);
    buf_add_text(html, "</strong></p>\n");
}

static void add_link(struct buf *html, const char *link)
{
    buf_add_text(html, "<p>");
    add_anchor(html, link, link);
    buf_add_text(html, "</p>\n");
}

char *article_html(const struct content *content, int top_heading, const struct article_image *images,
                   size_t image_count, struct arena *arena)
{
    struct buf html = {0};
    bool *shown = arena_alloc_array(arena, image_count + 1, sizeof *shown);
    const char *source = is_empty(content->body) ? article_text(content, arena) : content->body;
    buf_reserve(&html, strlen(source) + USUAL_MARKS);
    if (!is_empty(content->warning))
        add_warning(&html, content->warning);
    if (is_empty(content->body))
        add_text_as_html(&html, source, arena);
    else
        add_body(&html, content->body, top_heading, images, image_count, shown, arena);
    if (content->link && !driver_has_link(source, content->link))
        add_link(&html, content->link);
    for (size_t i = 0; i < image_count; i++)
        if (!shown[i] && !images[i].elsewhere && images[i].url && media_is_document(images[i].media))
            add_document(&html, &images[i], arena);
        else if (!shown[i] && !images[i].elsewhere && images[i].url)
            add_figure(&html, &images[i]);
    return settle(&html, arena);
}

/* ---- Markdown ---- */

/* A line break of the text is one for the reader: two spaces before it, but not at the end of a paragraph. */
static void add_text_as_markdown(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n' && text[1] && text[1] != '\n' && out->length &&
            buf_text(out)[out->length - 1] != '\n')
            buf_add_text(out, "  ");
        buf_add_char(out, *text);
    }
}

static void add_markdown_body(struct buf *out, const struct content *content,
                              const struct article_image *images, size_t count, bool width_too, bool *shown,
                              struct arena *arena)
{
    struct markdown_image *known = arena_alloc_array(arena, count + 1, sizeof *known);
    for (size_t i = 0; i < count; i++) {
        bool video = media_is_video(images[i].media);
        known[i] = (struct markdown_image){.file = images[i].media->file,
                                           .url = images[i].url,
                                           .mark = video && width_too ? VIDEO_MARK : NULL,
                                           .as_link = video && !width_too};
    }
    buf_add_text(out, markdown_place_images(content->body, known, count, arena));
    for (size_t i = 0; i < count; i++)
        shown[i] = known[i].used;
}

/* Brackets and bars end an alt text, here or there. */
static void add_markdown_image(struct buf *out, const struct article_image *image, bool width_too)
{
    bool video = media_is_video(image->media);
    const char *alt = image->media->alt ? image->media->alt : "";
    buf_add_text(out, video && !width_too ? "[" : "![");
    for (const char *c = video ? name_of(image->media) : alt; *c; c++)
        buf_add_char(out, strchr("[]|\n", *c) ? ' ' : *c);
    if (video)
        buf_add_text(out, width_too ? VIDEO_MARK : "");
    else if (width_too && image->media->width && image->media->height)
        buf_printf(out, "|%ux%u", image->media->width, image->media->height);
    buf_printf(out, "](%s)", image->url);
}

static bool is_of_part(const struct content *content, size_t part, const struct media *media)
{
    for (size_t i = 0; i < content->parts[part].media_count; i++)
        if (&content->parts[part].media[i] == media)
            return true;
    return false;
}

/* The link belongs to part 0, unless some part has it. */
static bool wants_link(const struct content *content, size_t part, const char *source)
{
    bool has = !content->link || part || driver_has_link(source, content->link);
    for (size_t i = 0; !has && is_empty(content->body) && i < content->part_count; i++)
        has = driver_has_link(content->parts[i].text, content->link);
    return !has;
}

static void separate(struct buf *out)
{
    if (out->length)
        buf_add_text(out, buf_text(out)[out->length - 1] == '\n' ? "\n" : "\n\n");
}

char *article_markdown(const struct content *content, size_t part, const struct article_image *images,
                       size_t image_count, bool width_too, struct arena *arena)
{
    struct buf out = {0};
    bool *shown = arena_alloc_array(arena, image_count + 1, sizeof *shown);
    bool body = !is_empty(content->body);
    const char *source = body ? content->body : content->parts[part].text;
    if (!part && !is_empty(content->warning)) {
        buf_printf(&out, "**%s**", content->warning);
        separate(&out);
    }
    if (body)
        add_markdown_body(&out, content, images, image_count, width_too, shown, arena);
    else
        add_text_as_markdown(&out, source);
    if (wants_link(content, part, source)) {
        separate(&out);
        buf_add_text(&out, content->link);
    }
    for (size_t i = 0; i < image_count; i++) {
        if (shown[i] || images[i].elsewhere || !images[i].url ||
            !(body || is_of_part(content, part, images[i].media)))
            continue;
        separate(&out);
        add_markdown_image(&out, &images[i], width_too);
    }
    return settle(&out, arena);
}

bool article_body_shows(const struct content *content, const struct media *media)
{
    if (is_empty(content->body))
        return false;
    struct arena *arena = arena_new();
    struct markdown_image known = {.file = media->file, .url = "https://example.org/"};
    markdown_to_html(content->body, 1, &known, 1, arena);
    arena_free(arena);
    return known.used;
}

const char *article_body_of_file(const struct content *content, const char *body_file, struct arena *arena)
{
    size_t count;
    const struct media **media = article_media(content, arena, &count);
    if (!count || !strchr(body_file, '/'))
        return content->body;
    struct markdown_image *images = arena_alloc_array(arena, count, sizeof *images);
    for (size_t i = 0; i < count; i++) {
        char *link = file_link(body_file, media[i]->file);
        arena_defer(arena, free, link);
        /* in brackets there may be spaces in it */
        images[i] = (struct markdown_image){.file = link, .url = arena_printf(arena, "<%s>", media[i]->file)};
    }
    return markdown_place_images(content->body, images, count, arena);
}

static void add_name(json_t *list, const char *name)
{
    bool known = !name || !*name;
    for (size_t i = 0; !known && i < json_array_size(list); i++)
        known = !strcasecmp(json_string_value(json_array_get(list, i)), name);
    if (!known)
        json_array_append_new(list, json_string(name));
}

json_t *article_names(const json_t *own, const char *const *names, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(own); i++)
        add_name(list, json_string_value(json_array_get(own, i)));
    for (size_t i = 0; i < count; i++)
        add_name(list, names[i]);
    return list;
}
