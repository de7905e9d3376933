/*
 * See arena.h. Blocks in a list, each a quarter of all before it, allocation by moving a pointer; deferred
 * releases run before the blocks go. Blocks are zeroed as they come: large ones are by the kernel, and go back
 * to it. The arena itself stands in its first block.
 *
 * Several arenas come and go with each post, so the first blocks are of a size that glibc keeps at hand; for
 * 1,024 bytes or more it first puts together all the small pieces that lie about (malloc_consolidate).
 */
#include <malloc.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

enum { BLOCK_LEAST = 1000 - sizeof(struct block), BLOCK_MOST = 1 << 20 };

struct deferred {
    struct deferred *next;
    void (*release)(void *);
    void *object;
};

struct arena {
    struct block *blocks;
    size_t total; /* of the blocks */
    struct deferred *deferred;
};

static _Noreturn void out_of_memory(void)
{
    static const char words[] = "cald: out of memory\n";
    fputs(words, stderr);
    end_badly();
}

void memory_give_back(void)
{
    malloc_trim(0);
}

void *xmalloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *xrealloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *xcalloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

char *xstrdup(const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(xmalloc(size), text, size);
}

/* calloc takes nothing of what malloc keeps at hand for the thread. */
static struct block *new_block(size_t size)
{
    bool is_small = size <= BLOCK_LEAST;
    struct block *block = is_small ? malloc(sizeof *block + size) : calloc(1, sizeof *block + size);
    if (!block)
        out_of_memory();
    *block = (struct block){.size = size};
    if (is_small)
        memset(block->bytes, 0, size);
    return block;
}

struct arena *arena_new(void)
{
    struct block *block = new_block(BLOCK_LEAST);
    struct arena place = {.blocks = block, .total = BLOCK_LEAST};
    struct arena *arena = arena_alloc(&place, sizeof place);
    *arena = place;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct deferred *d = arena->deferred; d; d = d->next)
        d->release(d->object);
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next; /* the arena's own may be the last */
        free(block);
    }
}

/* What is large gets a block of its own, behind the one that is being filled. */
static struct block *add_block(struct arena *arena, size_t need)
{
    size_t usual = arena->total / 4 < BLOCK_LEAST  ? BLOCK_LEAST
                   : arena->total / 4 < BLOCK_MOST ? arena->total / 4
                                                   : BLOCK_MOST;
    bool apart = need > usual / 2;
    struct block *block = new_block(apart ? need : usual), **place = &arena->blocks;
    if (apart)
        place = &arena->blocks->next;
    arena->total += block->size;
    block->next = *place;
    *place = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct block *block = arena->blocks;
    if (block->size - block->used < need)
        block = add_block(arena, need);
    void *memory = block->bytes + block->used;
    block->used += need;
    return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory();
    return arena_alloc(arena, total);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    char usual[200];
    va_list again;
    va_copy(again, args);
    size_t length = (size_t)vsnprintf(usual, sizeof usual, format, args);
    char *text = arena_alloc(arena, length + 1);
    if (length < sizeof usual)
        memcpy(text, usual, length);
    else
        vsnprintf(text, length + 1, format, again);
    va_end(again);
    return text;
}

bool arena_holds(const struct arena *arena, const void *bytes)
{
    for (const struct block *block = arena->blocks; block; block = block->next)
        if ((uintptr_t)bytes - (uintptr_t)block->bytes < block->used)
            return true;
    return false;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *object)
{
    struct deferred *d = arena_new_of(arena, struct deferred);
    *d = (struct deferred){.next = arena->deferred, .release = release, .object = object};
    arena->deferred = d;
}

/* Doubles at powers of two, so that n pushes copy O(n); the old array stays in the arena. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size)
{
    if (count && (count & (count - 1)))
        return items;
    if (count && count < 4)
        return items;
    size_t capacity = count ? count * 2 : 4;
    void *grown = arena_alloc_array(arena, capacity, size);
    if (count)
        memcpy(grown, items, count * size);
    return grown;
}
