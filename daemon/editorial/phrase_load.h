/*
 * phrase_load: phrases (phrase.h) as they are read from documents.
 */
#ifndef CALD_PHRASE_LOAD_H
#define CALD_PHRASE_LOAD_H

#include "base/bind.h"
#include "editorial/phrase.h"

/* FIELD_READ: one of at most 200 characters (const char *); min..max of them, each of
 * at most item_max (struct texts). */
bool read_phrase(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool read_phrases(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* Whether a scalar is a phrase; complains otherwise. */
bool phrase_check(struct bind *bind, const struct yaml *at);

/* The phrases of a list, in arena. */
const struct phrases *phrases_of(struct arena *arena, const char *const *items, size_t count);

#endif
