/*
 * utf8: walking through UTF-8 text.
 */
#ifndef CALD_UTF8_H
#define CALD_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the character at text (length bytes left, at least 1) and returns its size in bytes (1..4).
 * What is not UTF-8 (overlong, surrogates, beyond U+10FFFF, cut) gives U+FFFD and size 1.
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *ret_code_point);

/* Writes the character and returns its size (1..4). */
size_t utf8_encode(uint32_t code_point, char ret_text[4]);

bool utf8_is_valid(const char *text, size_t length);

/* The characters of valid text. */
size_t utf8_count(const char *text, size_t length);

/* The byte order mark that editors and spreadsheets of Windows begin a file with. It is no part of the text. */
#define UTF8_MARK "\xEF\xBB\xBF"
size_t utf8_mark_length(const char *text, size_t length); /* of the one at its beginning; 0: there is none */

#endif
