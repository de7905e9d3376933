/* See import_row.h: images are files that are here; where else they were does not matter. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/import_row.h"

/* "chalet%20bleu.jpg" → "chalet bleu.jpg", as who saves it finds it; never into another folder. */
static char *decoded(struct arena *arena, const char *name)
{
    char *text = arena_strdup(arena, name), *out = text;
    for (const char *in = text; *in; in++) {
        unsigned value;
        bool escaped = *in == '%' && isxdigit((unsigned char)in[1]) && isxdigit((unsigned char)in[2]) &&
                       sscanf(in + 1, "%2x", &value) == 1 && value >= 0x20 && value != '/' && value != 0x7f;
        *out++ = escaped ? (char)value : *in;
        in += escaped ? 2 : 0;
    }
    *out = '\0';
    return utf8_is_valid(text, strlen(text)) ? text : arena_strdup(arena, name);
}

/* "https://x.org/a/chalet.jpg?w=9" → "chalet.jpg" */
static const char *last_part(const struct row_reading *r, const char *name)
{
    bool address = strstr(name, "://") != NULL;
    const char *whole = address ? arena_strndup(r->im->arena, name, strcspn(name, "?#")) : name;
    const char *slash = strrchr(whole, '/'), *last = slash ? slash + 1 : whole;
    return address ? decoded(r->im->arena, last) : last;
}

static bool put_picture(struct row_reading *r, const struct import_column *column,
                        const struct csv_cell *cell, size_t at, const char *name)
{
    const char *folder = r->im->media_folder;
    if (at >= ROW_MEDIA_MOST)
        return import_fail(r->im, cell, column->header, NULL, "more than %d images", ROW_MEDIA_MOST);
    if (r->pictures[at].file)
        return import_fail(r->im, cell, column->header, NULL, "image %zu is in two columns", at + 1);
    if (strstr(name, "://") && !folder)
        return import_fail(
            r->im, cell, column->header,
            "save it beneath the media root (cald.yaml) and write its file name, or say in which folder "
            "such files are: --media-folder images",
            "'%s' is elsewhere: cald fetches no images", name);
    if (folder)
        name = arena_printf(r->im->arena, "%s%s%s", folder, *folder ? "/" : "", last_part(r, name));
    r->pictures[at].file = name;
    r->pictures[at].file_cell = cell;
    r->pictures[at].file_header = column->header;
    return true;
}

bool take_media(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    const char *text = row_said(r, cell);
    bool ok = true;
    if (column->number)
        return put_picture(r, column, cell, column->number - 1, text);
    json_t *list = row_list(r, text, strchr(text, '\n') ? "\n" : ",");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (*row_item(list, i))
            ok = put_picture(r, column, cell, r->picture_count++, row_item(list, i)) && ok;
    return ok;
}

static bool put_alt(struct row_reading *r, const struct import_column *column, const struct csv_cell *cell,
                    size_t at, const char *text)
{
    if (at >= ROW_MEDIA_MOST)
        return import_fail(r->im, cell, column->header, NULL, "more than %d images", ROW_MEDIA_MOST);
    r->pictures[at].alt = *text ? text : NULL;
    r->pictures[at].alt_cell = cell;
    r->pictures[at].alt_header = column->header;
    return true;
}

bool take_alt(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    const char *text = row_said(r, cell);
    bool ok = true;
    if (column->number)
        return put_alt(r, column, cell, column->number - 1, text);
    json_t *list = row_list(r, text, "||");
    for (size_t i = 0; i < json_array_size(list); i++)
        ok = put_alt(r, column, cell, r->alt_count++, row_item(list, i)) && ok;
    return ok;
}

static void note_media(struct row_reading *r)
{
    for (size_t i = 0, n = 0; i < ROW_MEDIA_MOST; i++) {
        const struct picture *picture = &r->pictures[i];
        if (!picture->file)
            continue;
        if (picture->alt)
            row_note(r, arena_printf(r->im->arena, "media[%zu].alt", n), picture->alt_cell,
                     picture->alt_header);
        row_note(r, arena_printf(r->im->arena, "media[%zu]", n++), picture->file_cell, picture->file_header);
    }
}

bool row_finish_media(struct row_reading *r)
{
    json_t *media = json_in_arena(r->im->arena, json_array());
    bool ok = true;
    note_media(r);
    for (size_t i = 0; i < ROW_MEDIA_MOST; i++) {
        const struct picture *picture = &r->pictures[i];
        if (picture->alt && !picture->file)
            ok = import_fail(r->im, picture->alt_cell, picture->alt_header,
                             "images and their texts are in the same order",
                             "a text for image %zu, which is not there", i + 1);
        if (!picture->file)
            continue;
        json_t *item = json_object();
        json_set_text(item, "file", picture->file);
        json_set_text(item, "alt", picture->alt);
        json_array_append_new(media, item);
    }
    if (json_array_size(media))
        json_set(r->entry->members, "media", json_incref(media));
    return ok;
}
