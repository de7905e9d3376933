/*
 * See unicode.h: classes of code points and NFC. Knows utf8proc; knows nothing of networks.
 *
 * utf8proc's own decomposition sorts marks by exchanging neighbours, which takes quadratic time for a
 * hostile run of marks, so the marks are sorted here and utf8proc is given one code point at a time.
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/arena.h"
#include "network/unicode.h"

static unsigned category(uint32_t c)
{
    return (unsigned)utf8proc_get_property((utf8proc_int32_t)c)->category;
}

static bool category_within(uint32_t c, utf8proc_category_t first, utf8proc_category_t last)
{
    unsigned is = category(c);
    return is >= (unsigned)first && is <= (unsigned)last;
}

bool unicode_is_letter(uint32_t c)
{
    return c < 0x80 ? ascii_is_letter(c) : category_within(c, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LO);
}

bool unicode_is_mark(uint32_t c)
{
    return c >= 0x300 && category_within(c, UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_ME);
}

bool unicode_is_digit(uint32_t c)
{
    return c < 0x80 ? ascii_is_digit(c) : category(c) == UTF8PROC_CATEGORY_ND;
}

bool unicode_is_letter_number(uint32_t c)
{
    return c >= 0x80 && category(c) == UTF8PROC_CATEGORY_NL;
}

bool unicode_is_punctuation(uint32_t c)
{
    return category_within(c, UTF8PROC_CATEGORY_PC, UTF8PROC_CATEGORY_PO);
}

bool unicode_is_connector(uint32_t c)
{
    return c < 0x80 ? c == '_' : category(c) == UTF8PROC_CATEGORY_PC;
}

bool unicode_is_space(uint32_t c)
{
    static const struct unicode_range spaces[] = {
        {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
        {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
    return unicode_in(spaces, sizeof spaces / sizeof *spaces, c);
}

uint32_t unicode_lower(uint32_t c)
{
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

bool unicode_in(const struct unicode_range *ranges, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > ranges[middle].to)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && c >= ranges[low].from;
}

/* NFC. */

enum { MOST_DECOMPOSED = 32, SHORT_RUN = 24 };

static unsigned mark_class(uint32_t c)
{
    return (unsigned)utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
}

static bool decomposes(uint32_t c)
{
    bool hangul = c >= 0xAC00 && c <= 0xD7A3;
    return c >= 0xC0 && (hangul || utf8proc_get_property((utf8proc_int32_t)c)->decomp_seqindex != UINT16_MAX);
}

static size_t decompose(const uint32_t *at, size_t count, uint32_t *out)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        if (!decomposes(at[i])) {
            out[length++] = at[i];
            continue;
        }
        utf8proc_int32_t parts[MOST_DECOMPOSED];
        int boundary = 0;
        utf8proc_ssize_t made = utf8proc_decompose_char((utf8proc_int32_t)at[i], parts, MOST_DECOMPOSED,
                                                        UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &boundary);
        for (utf8proc_ssize_t k = 0; k < made && k < MOST_DECOMPOSED; k++)
            out[length++] = (uint32_t)parts[k];
    }
    return length;
}

static void sort_short_run(uint32_t *run, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        uint32_t mark = run[i];
        size_t k = i;
        for (; k > 0 && mark_class(run[k - 1]) > mark_class(mark); k--)
            run[k] = run[k - 1];
        run[k] = mark;
    }
}

static void sort_long_run(uint32_t *run, size_t length)
{
    size_t start[257] = {0};
    uint32_t *sorted = xmalloc(length * sizeof *sorted);
    for (size_t i = 0; i < length; i++)
        start[mark_class(run[i]) + 1]++;
    for (size_t class = 1; class < 257; class ++)
        start[class] += start[class - 1];
    for (size_t i = 0; i < length; i++)
        sorted[start[mark_class(run[i])]++] = run[i];
    memcpy(run, sorted, length * sizeof *run);
    free(sorted);
}

static void sort_marks(uint32_t *at, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && at[end] >= 0x300 && mark_class(at[end]))
            end++;
        if (end - i > SHORT_RUN)
            sort_long_run(at + i, end - i);
        else if (end > i)
            sort_short_run(at + i, end - i);
        i = end > i ? end : i + 1;
    }
}

uint32_t *unicode_nfc(const uint32_t *at, size_t count, size_t *ret_count, struct arena *arena)
{
    enum { MOST_CANONICAL = 4 }; /* no character decomposes canonically into more */
    bool plain = true;
    for (size_t i = 0; i < count && plain; i++)
        plain = at[i] < 0x300;
    uint32_t *out = arena_alloc_array(arena, plain ? count + 1 : count * MOST_CANONICAL + 1, sizeof *out);
    if (plain) {
        if (count)
            memcpy(out, at, count * sizeof *out);
        *ret_count = count;
        return out;
    }
    size_t length = decompose(at, count, out);
    sort_marks(out, length);
    *ret_count = (size_t)utf8proc_normalize_utf32((utf8proc_int32_t *)out, (utf8proc_ssize_t)length,
                                                  UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    out[*ret_count] = 0;
    return out;
}
