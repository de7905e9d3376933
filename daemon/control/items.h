/*
 * items: the many objects of one body, one after the other: a JSON array, or one object on each line (JSON
 * lines, application/x-ndjson). Cuts only: what is between two cuts is for json_parse. Pure.
 */
#ifndef CALD_ITEMS_H
#define CALD_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct items {         /* begin: {.bytes = …, .length = …, .lines = …} */
    const char *bytes; /* not changed meanwhile */
    size_t length, at;
    bool lines;
    size_t count; /* that were given */
    size_t row;   /* the line on which it is now, from 1 */
};

/* The next one, without the blanks around it; ret_item NULL: there are no more. False: the body is not a
 * list. */
bool items_next(struct items *items, const char **ret_item, size_t *ret_length, struct error *err);

#endif
