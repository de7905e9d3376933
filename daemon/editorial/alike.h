/*
 * alike: how alike two texts are: the share of their runs of three words that both have (Jaccard),
 * case and accents folded. Of a long text a sample of its runs stands for all (min-wise hashing), so
 * that every comparison costs the same.
 */
#ifndef CALD_ALIKE_H
#define CALD_ALIKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "network/content.h"

enum { SKETCH_MOST = 64 };

struct sketch {
    const uint64_t *items; /* sorted, each once: the smallest hashes of its runs */
    size_t count;          /* 0: no words */
};

/* Of a post's texts, or, if it has none, of its title and long form. In arena. */
struct sketch sketch_of(const struct content *content, struct arena *arena);

/* 0..100 */
unsigned sketch_alike(const struct sketch *a, const struct sketch *b);

#endif
