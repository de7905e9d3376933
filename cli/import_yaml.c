/* See import.h: posts as calendar YAML, as a person would write it, and which line of it comes from which
 * cell. */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml_write.h"
#include "cli/import.h"
#include "editorial/rule.h"
#include "editorial/zone.h"

static const char *const order[] = {
    "at",   "slot",  "to",       "bucket",  "campaign", "cost", "draft", "title", "text",       "thread",
    "link", "media", "language", "warning", "summary",  "slug", "body",  "tags",  "categories", "visibility"};

struct writing {
    struct importing *im;
    struct import_yaml *yaml;
    struct import_post *post;
    size_t counted; /* bytes whose lines are counted */
    unsigned line;  /* of the next byte */
};

/* ---- lines ---- */

/* What follows comes from this member of the post; entry NULL: of whichever row has it. */
static void mark(struct writing *w, const struct import_entry *entry, const char *member)
{
    const struct buf *text = &w->yaml->text;
    for (; w->counted < text->length; w->counted++)
        w->line += text->data[w->counted] == '\n';
    *arena_push(w->im->arena, w->yaml->places, w->yaml->place_count) =
        (struct import_place){w->line, w->post, entry ? entry : w->post->entries[0], member};
}

/* ---- values ---- */

static void indent(struct buf *out, size_t depth)
{
    buf_printf(out, "%*s", (int)depth, "");
}

/* Whether it may stand within [] as it is. */
static bool is_name_in_list(const char *text)
{
    struct buf written = {0};
    yaml_write_text(&written, text, 0);
    bool plain = !strcmp(buf_text(&written), text) &&
                 !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
    buf_release(&written);
    return plain;
}

static bool is_name_list(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text || !is_name_in_list(text))
            return false;
    }
    return true;
}

static void write_names(struct buf *out, const json_t *list)
{
    buf_add_text(out, " [");
    for (size_t i = 0; i < json_array_size(list); i++)
        buf_printf(out, "%s%s", i ? ", " : "", json_string_value(json_array_get(list, i)));
    buf_add_text(out, "]\n");
}

/* Dates and numbers are what they look like; texts must not become such. */
static void write_scalar(struct buf *out, const char *member, const json_t *value, size_t depth)
{
    if (json_is_integer(value))
        buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        buf_add_text(out, json_is_true(value) ? "true" : "false");
    else if (!json_is_string(value))
        buf_add_text(out, "null"); /* refused by the calendar's loader, with its place */
    else if (!strcmp(member, "at"))
        buf_add_text(out, json_string_value(value));
    else
        yaml_write_text(out, json_string_value(value), depth);
    buf_add_char(out, '\n');
}

static void write_value(struct writing *w, const struct import_entry *entry, const char *member,
                        const json_t *value, size_t depth);

/* "key: value" lines; the first goes on where the line is. */
static void write_map(struct writing *w, const struct import_entry *entry, const char *member,
                      const json_t *map, size_t depth)
{
    const char *key;
    json_t *value;
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        if (!first)
            indent(&w->yaml->text, depth);
        yaml_write_text(&w->yaml->text, key, 0);
        buf_add_char(&w->yaml->text, ':');
        write_value(w, entry, member, value, depth);
        first = false;
    }
}

static void write_list(struct writing *w, const struct import_entry *entry, const char *member,
                       const json_t *list, size_t depth)
{
    struct buf *out = &w->yaml->text;
    if (!json_array_size(list)) {
        buf_add_text(out, " []\n");
        return;
    }
    buf_add_char(out, '\n');
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        mark(w, entry, arena_printf(w->im->arena, "%s[%zu]", member, i));
        indent(out, depth + 2);
        buf_add_text(out, "- ");
        if (json_is_object(item) && json_object_size(item))
            write_map(w, entry, member, item, depth + 4);
        else
            write_scalar(out, "", item, depth + 4);
    }
}

/* After "key:". */
static void write_value(struct writing *w, const struct import_entry *entry, const char *member,
                        const json_t *value, size_t depth)
{
    struct buf *out = &w->yaml->text;
    if (json_is_array(value) && json_array_size(value) && is_name_list(value)) {
        write_names(out, value);
    } else if (json_is_array(value)) {
        write_list(w, entry, member, value, depth);
    } else {
        buf_add_char(out, ' ');
        write_scalar(out, member, value, depth + 2);
    }
}

/* ---- posts ---- */

static void write_members(struct writing *w, const struct import_entry *entry, const json_t *members,
                          size_t depth)
{
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const json_t *value = json_member(members, order[i]);
        if (!value)
            continue;
        mark(w, entry, order[i]);
        indent(&w->yaml->text, depth);
        buf_printf(&w->yaml->text, "%s:", order[i]);
        write_value(w, entry, order[i], value, depth);
    }
}

static const struct import_entry *entry_for(const struct import_post *post, const char *account)
{
    for (size_t i = 0; i < post->entry_count; i++) {
        const json_t *to = json_member(post->entries[i]->members, "to");
        for (size_t k = 0; k < json_array_size(to); k++)
            if (!strcmp(json_string_value(json_array_get(to, k)), account))
                return post->entries[i];
    }
    return post->entries[0];
}

static void write_variants(struct writing *w)
{
    const char *account;
    json_t *variant;
    bool first = true;
    json_object_foreach(w->post->variants, account, variant)
    {
        const struct import_entry *entry = entry_for(w->post, account);
        if (!json_object_size(variant))
            continue;
        mark(w, entry, NULL);
        if (first)
            buf_add_text(&w->yaml->text, "    variants:\n");
        indent(&w->yaml->text, 6);
        yaml_write_text(&w->yaml->text, account, 0);
        buf_add_text(&w->yaml->text, ":\n");
        write_members(w, entry, variant, 8);
        first = false;
    }
}

const char *import_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool has_posts(const struct importing *im)
{
    for (size_t i = 0; i < im->post_count; i++)
        if (!im->posts[i].refused)
            return true;
    return false;
}

/* A file's name may have anything in it, a comment ends with its line. */
static void write_head(struct writing *w)
{
    struct buf *out = &w->yaml->text;
    buf_add_text(out, IMPORT_HEAD);
    for (const char *c = import_base_name(w->im->file); *c; c++)
        buf_add_char(out, (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c);
    buf_printf(out, "%s\nversion: 1\ntimezone: %s\nposts:%s\n",
               cli_option(w->im->cli, "replace")
                   ? " by 'calctl import --replace', which writes all of this anew.\n# Change the posts there, not here."
                   : ". An id is made of what its row said: the same row imported again is noticed.\n"
                     "# Change the posts here, not there.",
               zone_name(w->im->documents->calendar->zone), has_posts(w->im) ? "" : " []");
}

void import_write_yaml(struct importing *im, struct import_yaml *ret_yaml)
{
    *ret_yaml = (struct import_yaml){0};
    struct writing w = {.im = im, .yaml = ret_yaml, .line = 1};
    write_head(&w);
    for (size_t i = 0; i < im->post_count; i++) {
        w.post = &im->posts[i];
        if (w.post->refused)
            continue;
        mark(&w, NULL, NULL);
        buf_add_text(&ret_yaml->text, "  - id: ");
        yaml_write_text(&ret_yaml->text, w.post->id, 0);
        buf_add_char(&ret_yaml->text, '\n');
        write_members(&w, w.post->entries[0], w.post->members, 4);
        write_variants(&w);
    }
}

/* ---- findings ---- */

static const struct import_place *place_of(const struct import_yaml *yaml, unsigned line)
{
    size_t low = 0, high = yaml->place_count; /* the last one whose line is not after it */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (yaml->places[middle].line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &yaml->places[low - 1] : NULL;
}

static const struct import_origin *origin_named(const struct import_entry *entry, const char *member,
                                                size_t length)
{
    for (size_t i = 0; i < entry->origin_count; i++)
        if (strlen(entry->origins[i].member) == length && !memcmp(entry->origins[i].member, member, length))
            return &entry->origins[i];
    return NULL;
}

/* "media[0].alt", else "media[0]", else "media" */
static const struct import_origin *origin_of(const struct import_entry *entry, const char *member)
{
    const struct import_origin *origin = member ? origin_named(entry, member, strlen(member)) : NULL;
    if (!origin && member && strchr(member, '.'))
        origin = origin_named(entry, member, strcspn(member, "."));
    return origin || !member ? origin : origin_named(entry, member, strcspn(member, "[."));
}

/* The row that an account's finding is about, of several of one post. */
static const struct import_entry *row_of(const struct import_place *place, const struct diag *found)
{
    return found->account && !place->member ? entry_for(place->post, found->account) : place->entry;
}

/* Of a faulty row, whose time is made up, nothing that depends on when it comes. */
static bool is_about_time(const struct import_place *place, const struct diag *found)
{
    for (size_t i = 0; found->rule && i < RULE_COUNT; i++)
        if (!strcmp(rule_names[i], found->rule))
            return !rules[i].check;
    return place->member && !strcmp(place->member, "at");
}

static void take_one(struct importing *im, const struct import_place *place, const struct diag *found)
{
    const struct import_entry *entry = row_of(place, found);
    const struct import_origin *origin = origin_of(entry, place->member ? place->member : found->in);
    struct diag ours = *found;
    ours.file = im->file;
    ours.line = origin ? origin->cell->line : entry->row->line;
    ours.column = origin ? origin->cell->column : 1;
    if (origin && origin->header)
        ours.message = arena_printf(im->arena, "column '%s': %s", origin->header, found->message);
    diags_add(&im->diags, &ours);
}

static bool was_there(const struct diags *before, const struct diag *found)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct diag *old = &before->items[i];
        bool same_file =
            (!old->file && !found->file) || (old->file && found->file && !strcmp(old->file, found->file));
        if (same_file && old->level == found->level && old->line == found->line &&
            old->column == found->column && !strcmp(old->message, found->message))
            return true;
    }
    return false;
}

void import_take_findings(struct importing *im, const struct import_yaml *yaml, const char *path,
                          const struct diags *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct diag *d = &found->items[i];
        const struct import_place *place =
            d->file && !strcmp(d->file, path) && d->line ? place_of(yaml, d->line) : NULL;
        if (place && d->level == DIAG_ERROR)
            place->post->refused = true;
        if (place && place->post->faulty && is_about_time(place, d))
            continue;
        if (place)
            take_one(im, place, d);
        else if (!was_there(&im->documents->diags, d))
            diags_add(&im->diags, d);
    }
}
