/* See suggest.h: Damerau-Levenshtein in the restricted form (optimal string alignment). */
#include <ctype.h>
#include <string.h>

#include "base/suggest.h"

enum { LONGEST = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return (char)tolower((unsigned char)c);
}

static unsigned distance(const char *a, size_t m, const char *b, size_t n)
{
    unsigned row[3][LONGEST + 1];
    unsigned *before = row[0], *above = row[1], *current = row[2];
    for (size_t j = 0; j <= n; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= m; i++) {
        current[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            unsigned cost = lower(a[i - 1]) != lower(b[j - 1]);
            current[j] = least(least(above[j] + 1, current[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                current[j] = least(current[j], before[j - 2] + 1);
        }
        unsigned *freed = before;
        before = above;
        above = current;
        current = freed;
    }
    return above[n];
}

const char *suggest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    if (!length || length > LONGEST)
        return NULL;
    unsigned allowed = length < 3 ? 1 : (unsigned)(length + 2) / 3;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (!other || other > LONGEST)
            continue;
        unsigned d = distance(word, length, candidates[i], other);
        if (d <= allowed && d < length) {
            best = candidates[i];
            allowed = d ? d - 1 : 0;
            if (!d)
                break;
        }
    }
    return best;
}
