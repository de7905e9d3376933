/*
 * What a content becomes in a room: text events and image events (client-server API, m.room.message). Knows
 * no request. A text is plain, as clients show it and make its links clickable; there is HTML beside it only
 * where the author gave something to format: a body, a title, a content warning, or texts in Markdown
 * ('markdown'). Who is named by his whole id (@alice:example.org) is mentioned, nobody else is.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/matrix.h"

static bool is_empty(const char *text)
{
    return !text || !text[strspn(text, " \t\n")];
}

/* ---- which events ---- */

static void add_images(struct matrix_event **events, size_t *count, size_t part, const struct part *of,
                       struct arena *arena)
{
    for (size_t i = 0; i < of->media_count; i++)
        *arena_push(arena, *events, *count) = (struct matrix_event){.part = part, .media = &of->media[i]};
}

struct matrix_event *matrix_events(const struct content *content, struct arena *arena, size_t *ret_count)
{
    struct matrix_event *events = NULL;
    bool body = !is_empty(content->body);
    *ret_count = 0;
    for (size_t i = 0; i < content->part_count; i++) {
        const struct part *part = &content->parts[i];
        bool text = body ? i == 0 : !part->media_count || !is_empty(matrix_compose(content, i, arena));
        if (text)
            *arena_push(arena, events, *ret_count) = (struct matrix_event){.part = i};
        add_images(&events, ret_count, body ? 0 : i, part, arena);
    }
    return events;
}

/* ---- text ---- */

static const char *words_of(const struct content *content, size_t part, struct arena *arena)
{
    if (!is_empty(content->body))
        return driver_with_link(content->body, content->link, arena);
    return driver_first_with_link(content, part, arena);
}

static const char *with_head(const char *head, const char *text, struct arena *arena)
{
    return is_empty(head) ? text : arena_printf(arena, "%s%s%s", head, *text ? "\n\n" : "", text);
}

const char *matrix_compose(const struct content *content, size_t part, struct arena *arena)
{
    const char *text = words_of(content, part, arena);
    if (part)
        return text;
    return with_head(content->title, with_head(content->warning, text, arena), arena);
}

/* The part alone, as a content of its own. */
static struct content alone(const struct account *account, const struct content *content, size_t part,
                            struct arena *arena)
{
    struct content one = *content;
    const char *text = content->parts[part].text;
    one.parts = &content->parts[part];
    one.part_count = 1;
    one.link = words_of(content, part, arena) == text ? NULL : content->link;
    one.warning = part ? NULL : content->warning;
    one.title = part ? NULL : content->title;
    if (is_empty(one.body))
        one.body = json_flag(account->options, "markdown", false) ? text : NULL;
    return one;
}

/* NULL: there is nothing that plain text does not say. */
static const char *html_of(const struct account *account, const struct content *content, size_t part,
                           struct arena *arena)
{
    struct content one = alone(account, content, part, arena);
    if (is_empty(one.body) && is_empty(one.title) && is_empty(one.warning))
        return NULL;
    const char *html = article_html(&one, is_empty(one.title) ? 2 : 3, NULL, 0, arena);
    if (is_empty(one.title))
        return html;
    struct content head = {.parts = &(struct part){.text = one.title}, .part_count = 1};
    const char *title = article_html(&head, 2, NULL, 0, arena);
    size_t length = strlen(title); /* <p>…</p>\n: escaped there, a heading here */
    return arena_printf(arena, "<h2>%.*s</h2>\n%s", (int)(length > 8 ? length - 8 : 0), title + 3, html);
}

static json_t *mentions_in(const char *text, struct arena *arena)
{
    struct measure m = text_measure(text_rule_find("matrix"), text, strlen(text), 0, arena);
    json_t *ids = json_array();
    for (size_t i = 0; i < m.entity_count; i++)
        if (m.entities[i].kind == ENTITY_MENTION)
            json_array_append_new(ids, json_string(m.entities[i].value));
    if (json_array_size(ids))
        return json_pack("{s:o}", "user_ids", ids);
    json_decref(ids);
    return json_object();
}

static json_t *text_content(const struct account *account, const struct content *content, size_t part,
                            struct arena *arena)
{
    const char *text = matrix_compose(content, part, arena), *html = html_of(account, content, part, arena);
    bool notice = json_flag(account->options, "notice", false);
    json_t *event = json_pack("{s:s, s:s, s:o}", "msgtype", notice ? "m.notice" : "m.text", "body", text,
                              "m.mentions", mentions_in(text, arena));
    if (html) {
        json_set_text(event, "format", "org.matrix.custom.html");
        json_set_text(event, "formatted_body", html);
    }
    return event;
}

/* 'body' beside a 'filename' would be a caption; alone it is what is read where the image is not seen. */
static json_t *file_content(const struct media *media, const char *url)
{
    const char *kind = media_is_video(media) ? "m.video" : media_is_document(media) ? "m.file" : "m.image";
    const char *slash = strrchr(media->file, '/');
    const char *name = slash ? slash + 1 : media->file;
    json_t *info = json_pack("{s:s, s:I}", "mimetype", media->mime, "size", (json_int_t)media->size);
    if (!media_is_document(media)) {
        json_set_number(info, "w", media->width);
        json_set_number(info, "h", media->height);
    }
    if (media_is_video(media))
        json_set_number(info, "duration", media->length);
    return json_pack("{s:s, s:s, s:s, s:o, s:{}}", "msgtype", kind, "body",
                     is_empty(media->alt) ? name : media->alt, "url", url, "info", info, "m.mentions");
}

json_t *matrix_event_content(const struct account *account, const struct content *content,
                             const struct matrix_event *event, const char *url, struct arena *arena)
{
    return event->media ? file_content(event->media, url ? url : "")
                        : text_content(account, content, event->part, arena);
}
