/*
 * phrase: words and expressions as a charter writes them, looked for in folded texts (fold.h) all at once.
 *
 *   pas cher             whole words, case, accents and white space folded
 *   cher|chère|chers     any of these
 *   promo*               '*' stands for any letters or digits within a word, also none
 *
 * The time to search a text grows with the text and with the phrases that begin as
 * its words do, not with all phrases.
 */
#ifndef CALD_PHRASE_H
#define CALD_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct phrases;

struct phrase_hit {
    size_t phrase;     /* the number of the phrase, from 0 in the order in which they were added */
    size_t start, end; /* bytes of the folded text */
};

/* Lives in arena. */
struct phrases *phrases_new(struct arena *arena);

/* Whether a text can be a phrase: something is left of each alternative without its '*',
 * and there are at most 8 of these. */
bool phrase_is_valid(const char *text);

/* Adds a valid phrase; it is copied. */
void phrases_add(struct phrases *phrases, const char *text);

/* The first hit of each phrase that the text has, in the order of the text. In arena; phrases may be NULL. */
size_t phrases_find(const struct phrases *phrases, const char *folded, struct arena *arena, struct phrase_hit **ret_hits);

/* Whether it has any of them. */
bool phrases_any(const struct phrases *phrases, const char *folded, struct arena *arena);

#endif
