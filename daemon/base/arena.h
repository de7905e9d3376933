/*
 * arena: memory of things that die together (a loaded calendar, an HTTP request, an attempt).
 *
 * What is allocated from an arena lives until arena_free; nothing is freed one by one. Out of memory
 * ends the process, so results are not tested. An arena belongs to one thread at a time.
 */
#ifndef CALD_ARENA_H
#define CALD_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* arena_free(NULL) is fine */

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
#define arena_new_of(arena, type) ((type *)arena_alloc(arena, sizeof(type)))

char *arena_strdup(struct arena *arena, const char *text);                 /* NULL gives NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t length); /* always ends in NUL */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

/* Whether these bytes were allocated from it: they live as long then. */
bool arena_holds(const struct arena *arena, const void *bytes);

/* Calls release(object) when the arena is freed, newest first: for what other libraries allocate. */
void arena_defer(struct arena *arena, void (*release)(void *), void *object);

/*
 * Appends one element to a growing array: 'items' (T *) and 'count' (size_t) are lvalues, both zero
 * at first. Evaluates to a pointer to the new, zeroed element.
 */
#define arena_push(arena, items, count)                                                                      \
    ((items) = arena_grow((arena), (items), (count), sizeof *(items)), &(items)[(count)++])
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size);

/* Returns to the system what was freed: after something large, when nothing of the kind is to follow soon. */
void memory_give_back(void);

/* malloc family that ends the process instead of returning NULL. */
void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */

#endif
