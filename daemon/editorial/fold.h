/*
 * fold: texts as they are compared: NFKC, case folded (Unicode's NFKC_Casefold, utf8proc),
 * without accents and other marks, œ as oe and æ as ae, any run of white space one blank, the
 * typographic apostrophe a plain one.
 */
#ifndef CALD_FOLD_H
#define CALD_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* In arena. What is not UTF-8 gives "". */
const char *fold_text(const char *text, struct arena *arena);

/* Where in text the byte at 'folded' of its folded form comes from: the beginning of that character (or, at
 * the end of the folded form, the end of the text). */
size_t fold_origin(const char *text, size_t folded);

/* Letters, marks and digits: what words are made of. */
bool fold_is_word(uint32_t c);

/* Whether no word goes on over this place of a text. */
bool fold_is_boundary(const char *text, const char *at);

#endif
