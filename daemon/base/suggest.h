/*
 * suggest: the nearest word, for "did you mean".
 */
#ifndef CALD_SUGGEST_H
#define CALD_SUGGEST_H

#include <stddef.h>

/*
 * The candidate nearest to word by edit distance (insertion, deletion, substitution, neighbours
 * swapped; case ignored), or NULL when none is near enough: at most a third of the word's length,
 * at least one.
 */
const char *suggest(const char *word, const char *const *candidates, size_t count);

#endif
