/*
 * Counts in which not every character is the same: X (twitter-text, config/v3.json; the text is in NFC
 * and its links are replaced before) and Threads.
 */
#include "base/utf8.h"
#include "network/text_rules.h"
#include "network/unicode.h"

enum { SCALE = 100, WEIGHT = 200, LIGHT_WEIGHT = 100 };

static size_t weight(uint32_t c)
{
    static const struct unicode_range light[] = {{0, 4351}, {8192, 8205}, {8208, 8223}, {8242, 8247}};
    if (c <= light[0].to)
        return LIGHT_WEIGHT;
    return unicode_in(light, sizeof light / sizeof *light, c) ? LIGHT_WEIGHT : WEIGHT;
}

size_t count_weighted(const uint32_t *at, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count;) {
        size_t emoji = emoji_sequence(at + i, count - i);
        total += emoji ? WEIGHT : weight(at[i]);
        i += emoji ? emoji : 1;
    }
    return total / SCALE;
}

size_t count_threads(const uint32_t *at, size_t count)
{
    char ignored[4];
    size_t total = 0;
    for (size_t i = 0; i < count;) {
        size_t emoji = emoji_sequence(at + i, count - i);
        total += !emoji;
        for (size_t k = 0; k < emoji; k++)
            total += utf8_encode(at[i + k], ignored);
        i += emoji ? emoji : 1;
    }
    return total;
}
