/*
 * Hashtags: as X finds them (twitter-text, validHashtag.js), as Mastodon does (app/models/concerns/
 * tag/naming.rb), and the plain kind that the other networks have.
 */
#include "network/text_scan.h"
#include "network/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_sign(uint32_t c)
{
    return c == '#' || c == 0xFF03;
}

static bool in_tag_x(uint32_t c)
{
    static const struct unicode_range others[] = {
        {'_', '_'},       {0xB7, 0xB7},     {0x5BE, 0x5BE},   {0x5F3, 0x5F4},   {0xF0B, 0xF0C},
        {0x200C, 0x200D}, {0x3003, 0x3003}, {0x301C, 0x301C}, {0x309B, 0x309C}, {0x30A0, 0x30A0},
        {0x30FB, 0x30FB}, {0xA67E, 0xA67E}, {0xFF5E, 0xFF5E}};
    return unicode_is_letter(c) || unicode_is_mark(c) || unicode_is_digit(c) ||
           unicode_in(others, COUNT(others), c);
}

static bool may_precede_x(uint32_t c)
{
    return c == 0xFE0E || c == 0xFE0F || (c != '&' && !in_tag_x(c));
}

/* Whether the tag that ends at 'end' is taken back: "#a#b", "#http://…". */
static bool spoilt_x(const struct text_scan *scan, size_t end)
{
    const uint32_t *at = scan->at;
    return is_sign(at[end]) || (at[end] == ':' && at[end + 1] == '/' && at[end + 2] == '/');
}

/* End of the tag whose sign stands at i, or 0: one letter or mark at least. */
static size_t tag_end_x(const struct text_scan *scan, size_t i)
{
    size_t end = i + 1;
    bool letter = false;
    if (scan->at[end] == 0xFE0F || scan->at[end] == 0x20E3)
        return 0;
    for (; end < scan->count && in_tag_x(scan->at[end]); end++)
        letter = letter || unicode_is_letter(scan->at[end]) || unicode_is_mark(scan->at[end]);
    return letter ? end : 0;
}

void hashtags_x(struct text_scan *scan)
{
    size_t used = 0; /* what the last tag has taken cannot stand before the next */
    for (size_t i = 0; i < scan->count; i++) {
        if (!is_sign(scan->at[i]) || (i > 0 && (i == used || !may_precede_x(scan->at[i - 1]))))
            continue;
        size_t end = tag_end_x(scan, i);
        if (!end)
            continue;
        if (!spoilt_x(scan, end))
            text_found(scan, ENTITY_HASHTAG, i, end, 1);
        used = end;
        i = end - 1;
    }
}

/* Mastodon: [[:alpha:]], [[:word:]] of Ruby, and what may stand between words. */

static bool is_alpha(uint32_t c)
{
    return unicode_is_letter(c) || unicode_is_letter_number(c);
}

static bool is_word(uint32_t c)
{
    return unicode_is_letter(c) || unicode_is_mark(c) || unicode_is_digit(c) || unicode_is_connector(c);
}

static bool is_separator(uint32_t c)
{
    return c == '_' || c == 0xB7 || c == 0x30FB || c == 0x200C;
}

/* "#1_2", "#il·lusió": from word to word with a letter or separator between the ends. */
static size_t parted_tag_end(const struct text_scan *scan, size_t start)
{
    size_t end = 0, first = 0;
    for (size_t i = start; i < scan->count && (is_word(scan->at[i]) || is_separator(scan->at[i])); i++) {
        if (is_word(scan->at[i]))
            end = i + 1;
        if (!first && i > start && (is_alpha(scan->at[i]) || is_separator(scan->at[i])))
            first = i;
    }
    return is_word(scan->at[start]) && first && first + 1 < end ? end : 0;
}

/* A word with a letter in it. */
static size_t word_tag_end(const struct text_scan *scan, size_t start)
{
    size_t end = start;
    bool letter = false;
    for (; end < scan->count && is_word(scan->at[end]); end++)
        letter = letter || is_alpha(scan->at[end]);
    return letter ? end : 0;
}

void hashtags_mastodon(struct text_scan *scan)
{
    for (size_t i = 0; i + 1 < scan->count; i++) {
        if (!is_sign(scan->at[i]) || (i > 0 && !unicode_is_space(scan->at[i - 1])))
            continue;
        size_t end = parted_tag_end(scan, i + 1);
        if (!end)
            end = word_tag_end(scan, i + 1);
        if (end)
            text_found(scan, ENTITY_HASHTAG, i, end, 1);
    }
}

void hashtags_words(struct text_scan *scan)
{
    for (size_t i = 0; i + 1 < scan->count; i++) {
        uint32_t before = i ? scan->at[i - 1] : ' ';
        if (!is_sign(scan->at[i]) || is_word(before) || before == '&' || before == '/')
            continue;
        size_t end = word_tag_end(scan, i + 1);
        if (end)
            text_found(scan, ENTITY_HASHTAG, i, end, 1);
    }
}
