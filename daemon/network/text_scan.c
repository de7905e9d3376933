/* See text_scan.h: from bytes to code points, and from what was found to what is kept. */
#include <string.h>

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
        i += utf8_decode(text + i, length - i, &at[count]);
    }
    if (offsets) {
        offsets[count] = length;
        *ret_offsets = offsets;
    }
    *ret_count = count;
    return at;
}

struct found *text_found(struct text_scan *scan, enum entity_kind kind, size_t start, size_t end, size_t sigil)
{
    struct found *found = arena_push(scan->arena, scan->found[kind].items, scan->found[kind].count);
    *found = (struct found){
        .kind = kind, .start = start, .end = end, .value_start = start + sigil, .value_end = end};
    return found;
}

/* The first of what is left, of the kinds given; links before mentions before hashtags. */
static const struct found *next_found(const struct text_scan *scan, unsigned kinds, size_t used[ENTITY_KINDS])
{
    const struct found *first = NULL;
    for (unsigned kind = 0; kind < ENTITY_KINDS; kind++) {
        if (!(kinds & 1u << kind) || used[kind] == scan->found[kind].count)
            continue;
        const struct found *candidate = &scan->found[kind].items[used[kind]];
        if (!first || candidate->start < first->start)
            first = candidate;
    }
    if (first)
        used[first->kind]++;
    return first;
}

struct found *text_merge(const struct text_scan *scan, unsigned kinds, size_t *ret_count)
{
    size_t most = 0, count = 0, end = 0, used[ENTITY_KINDS] = {0};
    for (unsigned kind = 0; kind < ENTITY_KINDS; kind++)
        most += scan->found[kind].count;
    struct found *kept = arena_alloc_array(scan->arena, most + 1, sizeof *kept);
    for (const struct found *found; (found = next_found(scan, kinds, used));) {
        if (found->start < end)
            continue;
        kept[count++] = *found;
        end = found->end;
    }
    *ret_count = count;
    return kept;
}
