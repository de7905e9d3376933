/*
 * index: texts → things, by hash. For ids, names and keys, of which there may be very many.
 */
#ifndef CALD_INDEX_H
#define CALD_INDEX_H

#include <stddef.h>

struct arena;

struct index_entry;

struct index { /* empty: {.arena = arena}; everything lives there, keys are not copied */
    struct arena *arena;
    struct index_entry *entries; /* open addressing; size is a power of two */
    size_t size, count;
};

/* What was put under key, or NULL. */
void *index_get(const struct index *index, const char *key);

/* Puts value (not NULL) under key unless something is there already, which is returned; else NULL. */
void *index_put(struct index *index, const char *key, void *value);

#endif
