/*
 * See article.h. It knows content and HTML, and no network.
 */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/markdown.h"
#include "network/text.h"

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
    struct buf text = {0};
    for (size_t i = 0; i < content->part_count; i++) {
        if (is_empty(content->parts[i].text))
            continue;
        buf_add_text(&text, text.length ? "\n\n" : "");
        buf_add_text(&text, content->parts[i].text);
    }
    return settle(&text, arena);
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
                          const struct measure *measure, struct arena *arena)
{
    buf_add_text(html, "<p>");
    for (size_t i = 0; i < measure->entity_count; i++) {
        const struct entity *entity = &measure->entities[i];
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
    struct measure measure = {0};
    if (rule)
        measure = text_measure(rule, text, strlen(text), 0, arena);
    for (size_t at = strspn(text, "\n"); text[at]; at += strspn(text + at, "\n")) {
        size_t end = paragraph_end(text, at);
        add_paragraph(html, text, at, end, &measure, arena);
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

static void add_figure(struct buf *html, const struct article_image *image)
{
    buf_add_text(html, "<figure><img src=\"");
    buf_add_xml(html, image->url);
    buf_add_text(html, "\" alt=\"");
    buf_add_xml(html, image->media->alt ? image->media->alt : "");
    buf_add_char(html, '"');
    if (image->media->width && image->media->height)
        buf_printf(html, " width=\"%u\" height=\"%u\"", image->media->width, image->media->height);
    if (image->id)
        buf_printf(html, " class=\"wp-image-%lld\"", (long long)image->id);
    buf_add_text(html, " /></figure>\n");
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
    if (!is_empty(content->warning))
        add_warning(&html, content->warning);
    if (is_empty(content->body))
        add_text_as_html(&html, source, arena);
    else
        add_body(&html, content->body, top_heading, images, image_count, shown, arena);
    if (content->link && !driver_has_link(source, content->link))
        add_link(&html, content->link);
    for (size_t i = 0; i < image_count; i++)
        if (!shown[i] && !images[i].elsewhere && images[i].url)
            add_figure(&html, &images[i]);
    return settle(&html, arena);
}
