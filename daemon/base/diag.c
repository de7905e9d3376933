/* See diag.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

struct diags diags_in(struct arena *arena)
{
    return (struct diags){.arena = arena};
}

enum { LONGEST = 4000 }; /* bytes of a message: what is quoted in it may be of any length */

/* The text as it can be shown: valid UTF-8 on one line, cut between characters. NULL gives NULL. */
static const char *one_line(struct arena *arena, const char *text)
{
    struct buf line = {0};
    if (!text)
        return NULL;
    for (size_t i = 0, size, length = strlen(text); i < length && line.length < LONGEST; i += size) {
        uint32_t c;
        char bytes[4];
        size = utf8_decode(text + i, length - i, &c);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            c = ' ';
        buf_add(&line, bytes, utf8_encode(c, bytes));
    }
    const char *copy = arena_strdup(arena, buf_text(&line));
    buf_release(&line);
    return copy;
}

static const struct level {
    const char *name, *title;
    size_t total; /* of struct diags */
    enum log_level log;
} levels[DIAG_LEVELS] = {
    [DIAG_ERROR] = {"error", "", offsetof(struct diags, errors), LOG_ERROR_},
    [DIAG_WARNING] = {"warning", "warning: ", offsetof(struct diags, warnings), LOG_WARN_},
    [DIAG_NOTE] = {"note", "note: ", offsetof(struct diags, notes), LOG_INFO_},
};

static size_t *total_of(struct diags *diags, enum diag_level level)
{
    return (size_t *)(void *)((char *)diags + levels[level].total);
}

void diags_add(struct diags *diags, const struct diag *what)
{
    if (++*total_of(diags, what->level) > DIAG_MOST)
        return;
    struct arena *arena = diags->arena;
    *arena_push(arena, diags->items, diags->count) = (struct diag){
        .level = what->level,
        .file = arena_strdup(arena, what->file),
        .line = what->line,
        .column = what->column,
        .rule = arena_strdup(arena, what->rule),
        .post = arena_strdup(arena, what->post),
        .account = arena_strdup(arena, what->account),
        .message = one_line(arena, what->message),
        .word = one_line(arena, what->word),
        .nearest = arena_strdup(arena, what->nearest),
        .remedy = one_line(arena, what->remedy),
        .in = arena_strdup(arena, what->in),
        .start = what->start,
        .end = what->end,
    };
}

size_t diags_untold(const struct diags *diags)
{
    return diags->errors + diags->warnings + diags->notes - diags->count;
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *left, const void *right)
{
    const struct diag *a = left, *b = right;
    int order = compare_text(a->file, b->file);
    if (!order)
        order = (a->line > b->line) - (a->line < b->line);
    if (!order)
        order = (a->column > b->column) - (a->column < b->column);
    if (!order)
        order = compare_text(a->message, b->message);
    if (!order)
        order = compare_text(a->in, b->in);
    return order ? order : (a->start > b->start) - (a->start < b->start);
}

void diags_sort(struct diags *diags)
{
    if (diags->count)
        qsort(diags->items, diags->count, sizeof *diags->items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++) {
        struct diag *d = &diags->items[i];
        if (kept && !compare(&diags->items[kept - 1], d) && diags->items[kept - 1].level == d->level) {
            --*total_of(diags, d->level);
            continue;
        }
        diags->items[kept++] = *d;
    }
    diags->count = kept;
}

void diag_print(const struct diag *diag, struct buf *out)
{
    if (diag->file)
        buf_add_text(out, diag->file);
    if (diag->file && diag->line)
        buf_printf(out, ":%u:%u", diag->line, diag->column);
    if (diag->file)
        buf_add_text(out, ": ");
    buf_add_text(out, levels[diag->level].title);
    buf_add_text(out, diag->message);
    if (diag->in && strcmp(diag->in, "text") != 0)
        buf_printf(out, " (%s)", diag->in);
    if (diag->remedy)
        buf_printf(out, "; %s", diag->remedy);
    if (diag->nearest)
        buf_printf(out, "; did you mean '%s'?", diag->nearest);
}

void diags_log(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        struct buf line = {0};
        diag_print(&diags->items[i], &line);
        log_text(levels[diags->items[i].level].log, buf_text(&line));
        buf_release(&line);
    }
}

json_t *diag_to_json(const struct diag *diag)
{
    json_t *object = json_object();
    json_set_text(object, "level", levels[diag->level].name);
    json_set_text(object, "file", diag->file);
    if (diag->line) {
        json_set_number(object, "line", diag->line);
        json_set_number(object, "column", diag->column);
    }
    json_set_text(object, "rule", diag->rule);
    json_set_text(object, "post", diag->post);
    json_set_text(object, "account", diag->account);
    json_set_text(object, "message", diag->message);
    json_set_text(object, "word", diag->word);
    json_set_text(object, "nearest", diag->nearest);
    json_set_text(object, "remedy", diag->remedy);
    json_set_text(object, "in", diag->in);
    if (diag->in) {
        json_set_number(object, "start", (int64_t)diag->start);
        json_set_number(object, "end", (int64_t)diag->end);
    }
    return object;
}

json_t *diags_to_json(const struct diags *diags, enum diag_level level)
{
    json_t *list = json_array();
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].level == level)
            json_array_append_new(list, diag_to_json(&diags->items[i]));
    return list;
}
