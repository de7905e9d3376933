/*
 * Domain names in running text: which top-level domains exist (libpsl's built-in list), where one ends,
 * and whether a name fits the DNS. Knows nothing of schemes and paths.
 */
#include <string.h>

#include <libpsl.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "network/text_scan.h"
#include "network/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MOST_TOP = 63, MOST_LABEL = 63 };

/* The longest there are have 11 code points, and 17 where ASCII letters are among them. */
enum { MOST_FOREIGN_TOP = 12, MOST_MIXED_TOP = 20 };

/* A hostile text asks for a million names, and the list takes 150 ns for each; most texts ask for the same few. The
 * list is built in: an answer holds for ever. */
struct answer {
    char name[23]; /* "": none yet; longer names are not kept */
    bool exists;
};
static _Thread_local struct answer answers[1024]; /* by a hash of the name; the last one wins */

bool is_latin_accent(uint32_t c)
{
    static const struct unicode_range accents[] = {
        {0xC0, 0xD6},   {0xD8, 0xF6},   {0xF8, 0x24F},  {0x253, 0x254},  {0x256, 0x257}, {0x259, 0x259},
        {0x25B, 0x25B}, {0x263, 0x263}, {0x268, 0x268}, {0x26F, 0x26F},  {0x272, 0x272}, {0x289, 0x289},
        {0x28B, 0x28B}, {0x2BB, 0x2BB}, {0x300, 0x36F}, {0x1E00, 0x1EFF}};
    return c >= 0xC0 && unicode_in(accents, COUNT(accents), c);
}

/*
 * The list names suffixes under which anybody may register. Two kinds of top-level domain are not such
 * suffixes themselves: those with a rule for all their second levels ("*.ck"), and za.
 */
static bool listed(const char *name, size_t length)
{
    const psl_ctx_t *list = psl_builtin();
    const int kind = PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE;
    if (psl_is_public_suffix2(list, name, kind))
        return true;
    if (length != 2)
        return false;
    char second_level[] = {'x', '.', name[0], name[1], 0};
    return (name[0] == 'z' && name[1] == 'a') || psl_is_public_suffix2(list, second_level, kind);
}

/* Where the answer for a name is kept, or was; NULL for a name that is too long. */
static struct answer *place_of(const char *name, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    if (length >= sizeof answers->name)
        return NULL;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return &answers[(hash ^ hash >> 16) % COUNT(answers)];
}

bool domain_is_top(struct text_scan *scan, size_t start, size_t end)
{
    char name[MOST_TOP * 4 + 1];
    size_t length = 0;
    if (end - start < 2 || end - start > MOST_TOP)
        return false;
    for (size_t i = start; i < end; i++)
        length += utf8_encode(unicode_lower(scan->at[i]), name + length);
    name[length] = '\0';
    struct answer *answer = place_of(name, length);
    if (answer && strcmp(answer->name, name) == 0)
        return answer->exists;
    bool exists = listed(name, length);
    if (answer) {
        memcpy(answer->name, name, length + 1);
        answer->exists = exists;
    }
    return exists;
}

/* What must not follow a top-level domain: it would be the beginning of a word or of an address. */
static bool continues_word(uint32_t c)
{
    return ascii_is_alnum(c) || c == '@' || c == '+' || c == '-';
}

static bool is_letter_or_mark(uint32_t c)
{
    return unicode_is_letter(c) || unicode_is_mark(c);
}

/* "みんな" in "みんなです", "vermögensberater": the longest beginning that exists. */
static size_t foreign_top_end(struct text_scan *scan, size_t start, size_t most)
{
    size_t end = start;
    while (end < scan->count && end - start < most && is_letter_or_mark(scan->at[end]))
        end++;
    for (; end >= start + 2; end--)
        if (!continues_word(scan->at[end]) && domain_is_top(scan, start, end))
            return end;
    return 0;
}

static bool is_punycode(const struct text_scan *scan, size_t start, size_t end)
{
    const uint32_t *at = scan->at + start;
    return end - start == 2 && (at[0] | 0x20) == 'x' && (at[1] | 0x20) == 'n' && at[2] == '-' &&
           at[3] == '-' && (ascii_is_alnum(at[4]) || at[4] == '-');
}

size_t domain_top_end(struct text_scan *scan, size_t start)
{
    size_t end = start;
    if (scan->at[start] >= 0x80)
        return foreign_top_end(scan, start, MOST_FOREIGN_TOP);
    while (end < scan->count && ascii_is_alnum(scan->at[end]))
        end++;
    if (is_punycode(scan, start, end)) {
        while (end < scan->count && (ascii_is_alnum(scan->at[end]) || scan->at[end] == '-'))
            end++;
        return end;
    }
    if (is_latin_accent(scan->at[end]))
        return foreign_top_end(scan, start, MOST_MIXED_TOP);
    return !continues_word(scan->at[end]) && domain_is_top(scan, start, end) ? end : 0;
}

size_t domain_ascii(struct text_scan *scan, size_t start, size_t end, size_t *ret_start)
{
    size_t label = start, name = start, found = 0;
    for (size_t i = start; i < end; i++) {
        uint32_t c = scan->at[i];
        if (ascii_is_alnum(c) || c == '-' || is_latin_accent(c))
            continue;
        bool dot = c == '.' && i > label;
        if (!dot && found)
            return found;
        size_t top = dot ? domain_top_end(scan, i + 1) : 0;
        if (top && top <= end) {
            found = top;
            *ret_start = name;
        }
        label = i + 1;
        name = dot ? name : i + 1;
    }
    return found;
}

/* Punycode (RFC 3492, sections 5 and 6.1). */
enum { BASE = 36, LEAST = 1, MOST = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_FOREIGN = 0x80 };

static size_t punycode_digits(uint64_t delta, uint64_t bias)
{
    size_t digits = 1;
    for (uint64_t k = BASE;; k += BASE, digits++) {
        uint64_t threshold = k <= bias ? LEAST : k >= bias + MOST ? MOST : k - bias;
        if (delta < threshold)
            return digits;
        delta = (delta - threshold) / (BASE - threshold);
    }
}

static uint64_t punycode_bias(uint64_t delta, size_t handled, bool first)
{
    uint64_t k = 0;
    delta /= first ? DAMP : 2;
    delta += delta / handled;
    for (; delta > (BASE - LEAST) * MOST / 2; k += BASE)
        delta /= BASE - LEAST;
    return k + (BASE - LEAST + 1) * delta / (delta + SKEW);
}

static uint32_t smallest_from(const uint32_t *at, size_t count, uint32_t least)
{
    uint32_t smallest = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        smallest = at[i] >= least && at[i] < smallest ? at[i] : smallest;
    return smallest;
}

/* Characters of a label once encoded, or some number over 63 as soon as that is clear. */
static size_t punycode_length(const uint32_t *at, size_t count)
{
    size_t basic = 0;
    for (size_t i = 0; i < count; i++)
        basic += at[i] < FIRST_FOREIGN;
    if (basic == count)
        return basic;
    size_t length = sizeof "xn--" - 1 + basic + (basic > 0), handled = basic;
    uint64_t delta = 0, bias = FIRST_BIAS;
    for (uint32_t n = FIRST_FOREIGN; handled < count && length <= MOST_LABEL; n++, delta++) {
        uint32_t next = smallest_from(at, count, n);
        delta += (uint64_t)(next - n) * (handled + 1);
        n = next;
        for (size_t i = 0; i < count; i++) {
            delta += at[i] < n;
            if (at[i] != n)
                continue;
            length += punycode_digits(delta, bias);
            bias = punycode_bias(delta, handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
    }
    return length;
}

/* IDNA reads these as dots too, but twitter-text counts what they part as one label. */
static bool is_wide_dot(uint32_t c)
{
    return c == 0x3002 || c == 0xFF0E || c == 0xFF61;
}

static bool label_fits(const uint32_t *at, size_t start, size_t end)
{
    size_t length = 0;
    if (start == end || end - start > MOST_LABEL)
        return false;
    for (size_t part = start, i = start; i <= end; i++) {
        if (i < end && !is_wide_dot(at[i]))
            continue;
        length += punycode_length(at + part, i - part) + (i < end);
        part = i + 1;
    }
    return length <= MOST_LABEL;
}

bool domain_fits_dns(struct text_scan *scan, size_t start, size_t end)
{
    const uint32_t *at = scan->at;
    size_t ignored;
    bool encoded = end - start > 4 && at[start] == 'x' && at[start + 1] == 'n' && at[start + 2] == '-' &&
                   at[start + 3] == '-';
    if (encoded && !domain_ascii(scan, start, end, &ignored))
        return false;
    for (size_t label = start, i = start; i <= end; i++) {
        if (i < end && at[i] != '.')
            continue;
        if (!label_fits(at, label, i))
            return false;
        label = i + 1;
    }
    return true;
}
