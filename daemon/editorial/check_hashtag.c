/* See check_rules.h: hashtags. One is '#' and a letter, not in the middle of a word or address. */
#include <string.h>

#include "base/utf8.h"
#include "editorial/check_rules.h"
#include "editorial/fold.h"
#include "network/unicode.h"

struct hashtag {
    const struct piece_of_text *in;
    size_t start, end; /* of its text, '#' included where there is one */
    const char *name;  /* without '#' */
};

static bool goes_on(uint32_t c)
{
    return fold_is_word(c) || c == '_';
}

/* The end of the hashtag that begins at i, or 0. before is the character in front. */
static size_t hashtag_end(const char *text, size_t i, uint32_t before)
{
    size_t length = strlen(text + i) + i, end = i + 1, size;
    uint32_t c;
    if (text[i] != '#' || end == length || fold_is_word(before) || before == '/' || before == '&')
        return 0;
    utf8_decode(text + end, length - end, &c);
    if (!unicode_is_letter(c))
        return 0;
    for (; end < length; end += size) {
        size = utf8_decode(text + end, length - end, &c);
        if (!goes_on(c))
            break;
    }
    return end;
}

static void find_in(struct checking *c, const struct piece_of_text *in, struct hashtag **tags, size_t *count)
{
    size_t length = strlen(in->text);
    uint32_t before = ' ', point;
    for (size_t i = 0, size; i < length; i += size, before = point) {
        size_t end = hashtag_end(in->text, i, before);
        size = utf8_decode(in->text + i, length - i, &point);
        if (end)
            *arena_push(c->arena, *tags, *count) =
                (struct hashtag){in, i, end, arena_strndup(c->arena, in->text + i + 1, end - i - 1)};
    }
}

void check_hashtags(struct checking *c)
{
    for (size_t i = 0; i < c->piece_count && c->setting.max != NOT_SAID; i++) {
        struct hashtag *tags = NULL;
        size_t count = 0, max = (size_t)c->setting.max;
        if (c->pieces[i].kind != PIECE_PART)
            continue;
        find_in(c, &c->pieces[i], &tags, &count);
        if (count > max)
            check_found(c,
                        FOUND(.in = &c->pieces[i], .start = tags[max].start, .end = tags[max].end,
                              .remedy = "keep the most telling ones"),
                        "%zu hashtags, the charter allows %zu", count, max);
    }
}
