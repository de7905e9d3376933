/*
 * unicode: what the Unicode Character Database says of a code point, grapheme clusters, NFC.
 *
 * The data is utf8proc's (Unicode 15.0); the tables added here are what it lacks.
 */
#ifndef CALD_UNICODE_H
#define CALD_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* General categories: L*, M*, Nd, Nl, P*, Pc. */
bool unicode_is_letter(uint32_t c);
bool unicode_is_mark(uint32_t c);
bool unicode_is_digit(uint32_t c);
bool unicode_is_letter_number(uint32_t c);
bool unicode_is_punctuation(uint32_t c);
bool unicode_is_connector(uint32_t c);

bool unicode_is_space(uint32_t c); /* White_Space */
uint32_t unicode_lower(uint32_t c);

/* ASCII only, unlike <ctype.h> whatever the locale. Here, because texts are read with them character by character. */
static inline bool ascii_is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_letter(uint32_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool ascii_is_alnum(uint32_t c)
{
    return ascii_is_letter(c) || ascii_is_digit(c);
}

struct unicode_range {
    uint32_t from, to; /* inclusive */
};
bool unicode_in(const struct unicode_range *ranges, size_t count, uint32_t c); /* sorted by 'from' */

/*
 * Code points of the emoji sequence (UTS #51: keycap, flag, modifier, tag and ZWJ sequences, with or
 * without U+FE0F) that begins at at[0], or 0. A character that is text unless U+FE0F follows, such as
 * '©', and one that U+FE0E makes text are none.
 */
size_t emoji_sequence(const uint32_t *at, size_t count);

/*
 * Grapheme clusters (UAX #29). 'conjuncts' adds GB9c of Unicode 15.1, by which an Indic conjunct is
 * one cluster; software that has not caught up counts each consonant.
 */
struct grapheme_walk {
    int32_t state; /* utf8proc's */
    uint32_t previous;
    bool begun;
    bool conjuncts;
    unsigned char indic; /* 0, 1: after a consonant, 2: after consonant and virama */
};

/* Whether a cluster begins at c; called with each code point in turn, the struct zeroed at first. */
bool grapheme_begins(struct grapheme_walk *walk, uint32_t c);
size_t grapheme_count(const uint32_t *at, size_t count, bool conjuncts);

/* Canonical composition, in linear time whatever the order of the marks. The result is in arena, a 0
 * follows it. */
uint32_t *unicode_nfc(const uint32_t *at, size_t count, size_t *ret_count, struct arena *arena);

#endif
