/* See import_row.h: cells that become members of an entry, as they are or nearly so. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "cli/import_row.h"
#include "editorial/fold.h"

/* ---- cells ---- */

static const char *trimmed(const struct row_reading *r, const char *text)
{
    size_t length;
    text += strspn(text, " \t\n");
    length = strlen(text);
    while (length && strchr(" \t\n", text[length - 1]))
        length--;
    return arena_strndup(r->im->arena, text, length);
}

const char *row_said(const struct row_reading *r, const struct csv_cell *cell)
{
    return trimmed(r, csv_unguard(cell->text));
}

void row_note(struct row_reading *r, const char *member, const struct csv_cell *cell, const char *header)
{
    struct import_entry *entry = r->entry;
    *arena_push(r->im->arena, entry->origins, entry->origin_count) =
        (struct import_origin){member, cell, header};
}

void row_set(struct row_reading *r, const char *member, json_t *value, const struct csv_cell *cell,
             const char *header)
{
    json_set(r->entry->members, member, value);
    row_note(r, member, cell, header);
}

bool row_switch(const char *text, bool *ret_on)
{
    static const struct {
        const char *word;
        bool on;
    } words[] = {{"true", true}, {"yes", true},  {"1", true},      {"x", true},
                 {"oui", true},  {"vrai", true}, {"false", false}, {"no", false},
                 {"0", false},   {"non", false}, {"faux", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(words[i].word, text)) {
            *ret_on = words[i].on;
            return true;
        }
    return false;
}

json_t *row_list(const struct row_reading *r, const char *text, const char *mark)
{
    json_t *list = *text == '[' ? json_parse(text, strlen(text), NULL) : NULL;
    bool texts = json_is_array(list);
    for (size_t i = 0; i < json_array_size(list); i++)
        texts = texts && json_is_string(json_array_get(list, i));
    if (texts)
        return json_in_arena(r->im->arena, list);
    json_decref(list);
    list = json_in_arena(r->im->arena, json_array());
    for (const char *at = text; at;) {
        const char *end = strstr(at, mark);
        size_t length = end ? (size_t)(end - at) : strlen(at);
        json_array_append_new(list, json_string(trimmed(r, arena_strndup(r->im->arena, at, length))));
        at = end ? end + strlen(mark) : NULL;
    }
    return list;
}

const char *row_item(const json_t *list, size_t i)
{
    return json_string_value(json_array_get(list, i));
}

/* ---- texts ---- */

static const struct {
    enum column_kind kind;
    const char *member;
    bool as_it_is; /* blanks at the ends may be meant */
} text_members[] = {
    {COLUMN_TEXT, "text", true},          {COLUMN_BODY, "body", true},
    {COLUMN_SUMMARY, "summary", true},    {COLUMN_TITLE, "title", false},
    {COLUMN_BUCKET, "bucket", false},     {COLUMN_CAMPAIGN, "campaign", false},
    {COLUMN_LANGUAGE, "language", false}, {COLUMN_WARNING, "warning", false},
    {COLUMN_SLUG, "slug", false},         {COLUMN_SLOT, "slot", false},
};

bool take_text(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    for (size_t i = 0; i < sizeof text_members / sizeof *text_members; i++)
        if (text_members[i].kind == column->kind)
            row_set(r, text_members[i].member,
                    json_string(text_members[i].as_it_is ? csv_unguard(cell->text) : row_said(r, cell)), cell,
                    column->header);
    return true;
}

bool take_visibility(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    char *word = arena_strdup(r->im->arena, row_said(r, cell));
    for (char *c = word; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    row_set(r, "visibility", json_string(word), cell, column->header);
    return true;
}

bool take_cost(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    const char *text = row_said(r, cell);
    if (strlen(text) > 9 || text[strspn(text, "0123456789")])
        return import_fail(r->im, cell, column->header, "write a whole number, without currency",
                           "'%s' is no cost", text);
    row_set(r, "cost", json_integer(atoll(text)), cell, column->header);
    return true;
}

bool take_thread(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    const char *text = csv_unguard(cell->text);
    struct error err = {""};
    json_t *list = json_in_arena(r->im->arena, json_parse(text, strlen(text), &err));
    if (!json_is_array(list))
        return import_fail(r->im, cell, column->header, "write [\"first\", \"second\"]",
                           "a thread is a list in JSON%s%s", err.message[0] ? ": " : "", err.message);
    row_set(r, "thread", json_incref(list), cell, column->header);
    return true;
}

bool take_names(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    json_t *list = row_list(r, row_said(r, cell), ",");
    row_set(r, column->kind == COLUMN_TAGS ? "tags" : "categories", json_incref(list), cell, column->header);
    return true;
}

bool take_id(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    const char *text = row_said(r, cell);
    char *id = arena_strdup(r->im->arena, text);
    for (char *c = id; *c; c++)
        if (!isalnum((unsigned char)*c) && !(c > id && strchr("._-", *c)))
            *c = '-';
    if (*id == '-')
        *id = 'x';
    r->entry->id = id;
    r->entry->given_id = text;
    row_note(r, "id", cell, column->header);
    return true;
}

bool take_link(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    const char *text = row_said(r, cell);
    size_t length = strcspn(text, ", \n");
    if (text[length])
        import_warn(r->im, cell, column->header, NULL, "a post has one link: '%s' is left out",
                    text + length + strspn(text + length, ", \n"));
    row_set(r, "link", json_string(arena_strndup(r->im->arena, text, length)), cell, column->header);
    return true;
}

bool take_labels(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    json_t *list = row_list(r, row_said(r, cell), ",");
    for (size_t i = 0; i < json_array_size(list) && r->label_count < ROW_LABELS_MOST; i++)
        if (*row_item(list, i))
            r->labels[r->label_count++] = row_item(list, i);
    r->label_cell = cell;
    r->label_header = column->header;
    return true;
}

/* ---- labels ---- */

/* The first that the calendar has declared; if it declares none, the first. */
void row_finish_labels(struct row_reading *r)
{
    const struct calendar *calendar = r->im->documents->calendar;
    const char *bucket = json_text(r->entry->members, "bucket");
    for (size_t i = 0; i < r->label_count && !bucket; i++) {
        bucket = calendar->bucket_count ? NULL : r->labels[i];
        for (size_t k = 0; k < calendar->bucket_count && !bucket; k++)
            if (!strcmp(fold_text(calendar->buckets[k], r->im->arena), fold_text(r->labels[i], r->im->arena)))
                bucket = calendar->buckets[k];
    }
    if (bucket && !json_member(r->entry->members, "bucket"))
        row_set(r, "bucket", json_string(bucket), r->label_cell, r->label_header);
    for (size_t i = 0; i < r->label_count; i++) {
        if (bucket && !strcmp(fold_text(bucket, r->im->arena), fold_text(r->labels[i], r->im->arena)))
            continue;
        if (bucket)
            import_warn(r->im, r->label_cell, r->label_header, NULL,
                        "a post has one bucket, '%s': '%s' is left out", bucket, r->labels[i]);
        else
            import_warn(r->im, r->label_cell, r->label_header,
                        arena_printf(r->im->arena,
                                     "declare it under 'buckets' in the calendar, or: --column '%s=-'",
                                     r->label_header),
                        "'%s' is no bucket of the calendar: left out", r->labels[i]);
    }
}
