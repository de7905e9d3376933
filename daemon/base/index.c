/* See index.h: open addressing with linear probing, at most half full. */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/index.h"

struct index_entry {
    const char *key;
    void *value; /* NULL: free */
};

static struct index_entry *place(const struct index *index, const char *key)
{
    size_t i = fnv_text(FNV_START, key) & (index->size - 1);
    while (index->entries[i].value && strcmp(index->entries[i].key, key))
        i = (i + 1) & (index->size - 1);
    return &index->entries[i];
}

static void enlarge(struct index *index)
{
    struct index old = *index;
    index->size = old.size ? old.size * 4 : 64;
    index->entries = arena_alloc_array(index->arena, index->size, sizeof *index->entries);
    for (size_t i = 0; i < old.size; i++)
        if (old.entries[i].value)
            *place(index, old.entries[i].key) = old.entries[i];
}

void *index_get(const struct index *index, const char *key)
{
    return index->size ? place(index, key)->value : NULL;
}

void *index_put(struct index *index, const char *key, void *value)
{
    if (index->count * 2 >= index->size)
        enlarge(index);
    struct index_entry *entry = place(index, key);
    if (entry->value)
        return entry->value;
    *entry = (struct index_entry){key, value};
    index->count++;
    return NULL;
}
