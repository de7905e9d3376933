/* See text_scan.h: from bytes to code points, and from what was found to what is kept. */
#include "base/arena.h"
#include "base/utf8.h"
#include "network/text_scan.h"

uint32_t *text_decode(const char *text, size_t length, size_t **ret_offsets, size_t *ret_count,
                      struct arena *arena)
{
    uint32_t *at = arena_alloc_array(arena, length + 1, sizeof *at);
    size_t *offsets = ret_offsets ? arena_alloc_array(arena, length + 1, sizeof *offsets) : NULL;
    size_t count = 0;
    for (size_t i = 0; i < length; count++) {
        if (offsets)
            offsets[count] = i;
        at[count] = (unsigned char)text[i];
        i += at[count] < 0x80 ? 1 : utf8_decode(text + i, length - i, &at[count]);
    }
    if (offsets) {
        offsets[count] = length;
        *ret_offsets = offsets;
    }
    *ret_count = count;
    return at;
}

struct found *text_found(struct text_scan *scan, enum entity_kind kind, size_t start, size_t end,
                         size_t sigil)
{
    struct found *found = arena_push(scan->arena, scan->found[kind].items, scan->found[kind].count);
    *found = (struct found){.kind = (unsigned char)kind, .start = start, .end = end, .value = start + sigil};
    return found;
}

/* The first of what is left, whether it overlaps or not; links before mentions before hashtags. */
static const struct found *first_left(const struct text_scan *scan, struct found_walk *walk)
{
    const struct found *first = NULL;
    for (unsigned kind = 0; kind < ENTITY_KINDS; kind++) {
        if (!(walk->kinds & 1u << kind) || walk->used[kind] == scan->found[kind].count)
            continue;
        const struct found *candidate = &scan->found[kind].items[walk->used[kind]];
        if (!first || candidate->start < first->start)
            first = candidate;
    }
    if (first)
        walk->used[first->kind]++;
    return first;
}

const struct found *text_next(const struct text_scan *scan, struct found_walk *walk)
{
    const struct found *found = first_left(scan, walk);
    while (found && found->start < walk->end)
        found = first_left(scan, walk);
    if (found)
        walk->end = found->end;
    return found;
}
