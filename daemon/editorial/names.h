/* names: a list of names, as a document gives it. */
#ifndef CALD_NAMES_H
#define CALD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct names {
    const char *const *items;
    size_t count;
};

/* NULL is in no list. */
static inline bool names_have(const struct names *names, const char *name)
{
    for (size_t i = 0; name && i < names->count; i++)
        if (!strcmp(names->items[i], name))
            return true;
    return false;
}

#endif
