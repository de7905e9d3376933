/* See fold.h. A text is folded as a whole, quickly; only who found something asks where it was, and that is
 * slower. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "editorial/fold.h"
#include "network/unicode.h"

static char *fold_ascii(const char *text, size_t length, struct arena *arena)
{
    char *folded = arena_strndup(arena, text, length);
    for (char *c = folded; *c; c++) {
        if (*c & 0x80)
            return NULL;
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    }
    return folded;
}

static char *fold_unicode(const char *text, size_t length, struct arena *arena)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &folded,
                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                             UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK);
    char *copy = arena_strndup(arena, folded ? (char *)folded : "", size > 0 ? (size_t)size : 0);
    free(folded);
    return copy;
}

/* What one character becomes beyond Unicode's folding; 0: itself. Never longer than before. */
static size_t replace(uint32_t c, char *into)
{
    static const struct {
        uint32_t from;
        char to[3];
    } table[] = {{0x2019, "'"}, {0x153, "oe"}, {0xE6, "ae"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].from != c)
            continue;
        memcpy(into, table[i].to, strlen(table[i].to));
        return strlen(table[i].to);
    }
    return 0;
}

/* In place; ret_blank: whether what came before ended in a blank (or nothing came before), and then whether
 * this does. */
static size_t tidy(char *folded, bool *blank)
{
    size_t length = strlen(folded), kept = 0;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(folded + i, length - i, &c);
        if (unicode_is_space(c)) {
            if (!*blank)
                folded[kept++] = ' ';
            *blank = true;
            continue;
        }
        size_t replaced = c < 0x80 ? 0 : replace(c, folded + kept);
        if (!replaced)
            memmove(folded + kept, folded + i, size);
        kept += replaced ? replaced : size;
        *blank = false;
    }
    folded[kept] = '\0';
    return kept;
}

const char *fold_text(const char *text, struct arena *arena)
{
    size_t length = strlen(text);
    bool blank = true;
    char *folded = fold_ascii(text, length, arena);
    if (!folded)
        folded = fold_unicode(text, length, arena);
    tidy(folded, &blank);
    return folded;
}

/* Folding crosses no border between grapheme clusters, so that the clusters' folded forms one by one are the
 * whole's. */
size_t fold_origin(const char *text, size_t folded)
{
    size_t length = strlen(text), done = 0, begin = 0;
    struct arena *arena = arena_new();
    bool blank = true;
    while (begin < length) {
        struct grapheme_walk walk = {0};
        size_t end = begin;
        for (size_t size; end < length; end += size) {
            uint32_t c;
            size = utf8_decode(text + end, length - end, &c);
            if (grapheme_begins(&walk, c) && end > begin)
                break;
        }
        char *piece = fold_ascii(text + begin, end - begin, arena);
        if (!piece)
            piece = fold_unicode(text + begin, end - begin, arena);
        done += tidy(piece, &blank);
        if (done > folded)
            break;
        begin = end;
    }
    arena_free(arena);
    return begin;
}

bool fold_is_word(uint32_t c)
{
    if (c < 0x80)
        return ascii_is_alnum(c);
    return unicode_is_letter(c) || unicode_is_mark(c) || unicode_is_digit(c);
}

bool fold_is_boundary(const char *text, const char *at)
{
    const char *before = at;
    uint32_t c;
    if (at == text || !*at)
        return true;
    do
        before--;
    while (before > text && ((unsigned char)*before & 0xC0) == 0x80);
    utf8_decode(before, (size_t)(at - before), &c);
    if (!fold_is_word(c))
        return true;
    utf8_decode(at, strlen(at), &c);
    return !fold_is_word(c);
}
