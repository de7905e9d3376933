/* See fold.h. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "editorial/fold.h"
#include "network/unicode.h"

static char *fold_ascii(const char *text, struct arena *arena)
{
    char *folded = arena_strdup(arena, text);
    for (char *c = folded; *c; c++) {
        if (*c & 0x80)
            return NULL;
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    }
    return folded;
}

static char *fold_unicode(const char *text, struct arena *arena)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t length = utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                                           UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                               UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    char *copy = arena_strndup(arena, folded ? (char *)folded : "", length > 0 ? (size_t)length : 0);
    free(folded);
    return copy;
}

const char *fold_text(const char *text, struct arena *arena)
{
    char *folded = fold_ascii(text, arena);
    if (!folded)
        folded = fold_unicode(text, arena);
    size_t length = strlen(folded), kept = 0;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(folded + i, length - i, &c);
        if (unicode_is_space(c)) {
            if (kept && folded[kept - 1] != ' ')
                folded[kept++] = ' ';
        } else if (c == 0x2019) {
            folded[kept++] = '\'';
        } else {
            memmove(folded + kept, folded + i, size);
            kept += size;
        }
    }
    folded[kept] = '\0';
    return folded;
}

static bool is_word_character(uint32_t c)
{
    return unicode_is_letter(c) || unicode_is_mark(c) || unicode_is_digit(c);
}

static bool begins_word(const char *text, const char *at)
{
    const char *before = at;
    uint32_t c;
    if (at == text)
        return true;
    do
        before--;
    while (before > text && ((unsigned char)*before & 0xC0) == 0x80);
    utf8_decode(before, (size_t)(at - before), &c);
    return !is_word_character(c);
}

static bool ends_word(const char *after)
{
    uint32_t c;
    if (!*after)
        return true;
    utf8_decode(after, strlen(after), &c);
    return !is_word_character(c);
}

/* A word that itself begins or ends with a sign ("100 %", "!!") has no boundary to ask for there. */
bool fold_has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    uint32_t first = 0, last = 0;
    if (!length)
        return false;
    utf8_decode(word, length, &first);
    for (size_t i = 0; i < length;)
        i += utf8_decode(word + i, length - i, &last);
    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((!is_word_character(first) || begins_word(text, at)) &&
            (!is_word_character(last) || ends_word(at + length)))
            return true;
    return false;
}
