/*
 * fold: texts as they are compared: NFKC, case folded (Unicode's NFKC_Casefold, utf8proc), any run of white space one
 * blank, the typographic apostrophe a plain one.
 */
#ifndef CALD_FOLD_H
#define CALD_FOLD_H

#include <stdbool.h>

#include "base/arena.h"

/* In arena. What is not UTF-8 gives "". */
const char *fold_text(const char *text, struct arena *arena);

/* Whether a folded text has a folded word, not as a part of a longer one (letters, marks, digits around it). */
bool fold_has_word(const char *text, const char *word);

#endif
