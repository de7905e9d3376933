/* See diag.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"

struct diags diags_in(struct arena *arena)
{
    return (struct diags){.arena = arena};
}

void diags_add(struct diags *diags, const struct diag *what)
{
    if (what->level == DIAG_ERROR)
        diags->errors++;
    else
        diags->warnings++;
    if (diags->count >= DIAG_MOST)
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
        .message = arena_strdup(arena, what->message),
        .word = arena_strdup(arena, what->word),
        .nearest = arena_strdup(arena, what->nearest),
    };
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
    return order ? order : compare_text(a->message, b->message);
}

void diags_sort(struct diags *diags)
{
    if (diags->count)
        qsort(diags->items, diags->count, sizeof *diags->items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++) {
        struct diag *d = &diags->items[i];
        if (kept && !compare(&diags->items[kept - 1], d) && diags->items[kept - 1].level == d->level) {
            size_t *total = d->level == DIAG_ERROR ? &diags->errors : &diags->warnings;
            (*total)--;
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
    if (diag->level == DIAG_WARNING)
        buf_add_text(out, "warning: ");
    buf_add_text(out, diag->message);
    if (diag->nearest)
        buf_printf(out, "; did you mean '%s'?", diag->nearest);
}
