/* See alike.h. */
#include <stdlib.h>
#include <string.h>

#include "editorial/alike.h"
#include "editorial/check_rules.h"
#include "editorial/fold.h"

enum { RUN = 3 };

struct runs { /* the hashes of a text's words, and of the runs they make */
    struct arena *arena;
    uint64_t last[RUN]; /* of the last words */
    size_t words;
    uint64_t *items;
    size_t count;
};

static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    return hash;
}

/* Spreads: the smallest of FNV's hashes would not be a fair sample. */
static uint64_t spread(uint64_t h)
{
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 33);
}

static void add_run(struct runs *runs, size_t words)
{
    uint64_t hash = words;
    for (size_t i = 0; i < words; i++)
        hash = spread(hash * 31 + runs->last[i]);
    *arena_push(runs->arena, runs->items, runs->count) = hash;
}

static void add_text(struct runs *runs, const char *text)
{
    struct word word;
    if (!text)
        return;
    for (const char *at = fold_text(text, runs->arena); word_next(&at, &word);) {
        memmove(runs->last, runs->last + 1, sizeof runs->last - sizeof *runs->last);
        runs->last[RUN - 1] = hash_bytes(word.text, word.length);
        if (++runs->words >= RUN)
            add_run(runs, RUN);
    }
}

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

struct sketch sketch_of(const struct content *content, struct arena *arena)
{
    struct runs runs = {.arena = arena_new()};
    for (size_t i = 0; i < content->part_count; i++)
        add_text(&runs, content->parts[i].text);
    if (!runs.words) {
        add_text(&runs, content->title);
        add_text(&runs, content->body);
    }
    if (runs.words && runs.words < RUN) { /* too short for a run: the same or not */
        memmove(runs.last, runs.last + RUN - runs.words, runs.words * sizeof *runs.last);
        add_run(&runs, runs.words);
    }
    if (runs.count)
        qsort(runs.items, runs.count, sizeof *runs.items, compare);
    uint64_t *items =
        arena_alloc_array(arena, runs.count < SKETCH_MOST ? runs.count : SKETCH_MOST, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < runs.count && count < SKETCH_MOST; i++)
        if (!count || items[count - 1] != runs.items[i])
            items[count++] = runs.items[i];
    arena_free(runs.arena);
    return (struct sketch){items, count};
}

/* Of the smallest of both together, how many both have. */
unsigned sketch_alike(const struct sketch *a, const struct sketch *b)
{
    size_t i = 0, k = 0, all = 0, both = 0;
    for (; (i < a->count || k < b->count) && all < SKETCH_MOST; all++) {
        bool from_a = k == b->count || (i < a->count && a->items[i] <= b->items[k]);
        bool from_b = i == a->count || (k < b->count && b->items[k] <= a->items[i]);
        both += from_a && from_b;
        i += from_a;
        k += from_b;
    }
    return all ? (unsigned)(100 * both / all) : 0;
}
