/*
 * See export.h. A post is more than a row can hold: lists are put into one cell as people write them, and as
 * JSON where that would not come back as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "cli/export.h"

/* ---- lists in a cell ---- */

/* Whether it can stand in a list as it is: it is not cut, its ends are not trimmed, and it does not look like
 * JSON. */
static bool is_plain(const char *item, char mark)
{
    size_t length = strlen(item);
    return length && !strchr(" \t\n[", *item) && !strchr(" \t\n", item[length - 1]) && !strchr(item, mark);
}

static const char *text_of(const json_t *item, const char *member)
{
    const char *text = member ? json_text(item, member) : json_string_value(item);
    return text ? text : "";
}

/* The items' texts, or those of a member of theirs. Empty ones only stand where others follow. */
static void add_list(struct buf *cell, const json_t *items, const char *member, char mark)
{
    const char *between = mark == '|' ? " || " : ", ";
    size_t count = json_array_size(items), filled = 0;
    bool plain = true;
    for (size_t i = 0; i < count; i++) {
        const char *text = text_of(json_array_get(items, i), member);
        filled += *text != '\0';
        plain = plain && (!*text || is_plain(text, mark));
    }
    if (!filled)
        return;
    if (plain) {
        for (size_t i = 0; i < count; i++)
            buf_printf(cell, "%s%s", i ? between : "", text_of(json_array_get(items, i), member));
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(text_of(json_array_get(items, i), member)));
    char *json = json_print(list);
    buf_add_text(cell, json);
    free(json);
    json_decref(list);
}

/* As a calendar writes a thread: texts, or {text, media: [{file, alt}]}. */
static void add_thread(struct buf *cell, const json_t *parts)
{
    json_t *thread = json_array();
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i), *media = json_member(part, "media");
        json_t *piece = json_object(), *files = json_array();
        for (size_t m = 0; m < json_array_size(media); m++) {
            const char *alt = json_text(json_array_get(media, m), "alt");
            json_t *file = json_object();
            json_set_text(file, "file", json_text(json_array_get(media, m), "file"));
            json_set_text(file, "alt", alt && *alt ? alt : NULL);
            json_array_append_new(files, file);
        }
        json_set_text(piece, "text", json_text(part, "text"));
        if (json_array_size(files))
            json_set(piece, "media", json_incref(files));
        bool alone = !json_array_size(files);
        json_array_append(thread, alone ? json_member(piece, "text") : piece);
        json_decref(files);
        json_decref(piece);
    }
    char *json = json_print(thread);
    buf_add_text(cell, json);
    free(json);
    json_decref(thread);
}

/* ---- columns ---- */

static const json_t *single_part(const json_t *delivery)
{
    const json_t *parts = json_member(json_member(delivery, "content"), "parts");
    return json_array_size(parts) == 1 ? json_array_get(parts, 0) : NULL;
}

static void add_text(struct buf *cell, const json_t *delivery, const char *member)
{
    const char *text = json_text(single_part(delivery), member);
    buf_add_text(cell, text ? text : "");
}

static void add_parts(struct buf *cell, const json_t *delivery, const char *member)
{
    const json_t *parts = json_member(json_member(delivery, "content"), member);
    if (json_array_size(parts) > 1)
        add_thread(cell, parts);
}

static void add_media(struct buf *cell, const json_t *delivery, const char *member)
{
    bool alt = !strcmp(member, "alt");
    add_list(cell, json_member(single_part(delivery), "media"), member, alt ? '|' : ',');
}

static void add_names(struct buf *cell, const json_t *delivery, const char *member)
{
    add_list(cell, json_member(json_member(delivery, "content"), member), NULL, ',');
}

static void add_content(struct buf *cell, const json_t *delivery, const char *member)
{
    const char *text = json_text(json_member(delivery, "content"), member);
    buf_add_text(cell, text ? text : "");
}

/* Everybody may see it unless it says otherwise. */
static void add_visibility(struct buf *cell, const json_t *delivery, const char *member)
{
    const char *text = json_text(json_member(delivery, "content"), member);
    if (text && strcmp(text, "public") != 0)
        buf_add_text(cell, text);
}

static void add_member(struct buf *cell, const json_t *delivery, const char *member)
{
    const char *text = json_text(delivery, member);
    buf_add_text(cell, text ? text : "");
}

static const struct column {
    const char *name;
    void (*add)(struct buf *cell, const json_t *delivery, const char *member);
    const char *member;
} columns[] = {
    {"id", add_member, "post"},
    {"account", add_member, "account"},
    {"at", add_member, "local"},
    {"state", add_member, "state"},
    {"text", add_text, "text"},
    {"thread", add_parts, "parts"},
    {"title", add_content, "title"},
    {"link", add_content, "link"},
    {"media", add_media, "file"},
    {"alt", add_media, "alt"},
    {"bucket", add_member, "bucket"},
    {"language", add_content, "language"},
    {"warning", add_content, "warning"},
    {"visibility", add_visibility, "visibility"},
    {"summary", add_content, "summary"},
    {"slug", add_content, "slug"},
    {"body", add_content, "body"},
    {"blog_tags", add_names, "tags"},
    {"blog_categories", add_names, "categories"},
    {"published_at", add_member, "published"},
    {"published_url", add_member, "url"},
    {"edited_at", add_member, "edited"},
    {"deleted_at", add_member, "deleted"},
    {"state_message", add_member, "message"},
};

void export_csv_head(struct buf *out, char separator)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (i)
            buf_add_char(out, separator);
        buf_add_text(out, columns[i].name);
    }
    buf_add_text(out, "\r\n");
}

void export_csv_row(struct buf *out, const json_t *delivery, char separator)
{
    struct buf cell = {0};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (i)
            buf_add_char(out, separator);
        buf_reset(&cell);
        columns[i].add(&cell, delivery, columns[i].member);
        csv_add_cell(out, buf_text(&cell));
    }
    buf_add_text(out, "\r\n");
    buf_release(&cell);
}
