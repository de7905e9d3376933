/* See check_rules.h: what is counted in a text, each part of a thread for itself. */
#include <string.h>

#include "base/utf8.h"
#include "editorial/check_rules.h"
#include "editorial/fold.h"
#include "network/text.h"
#include "network/unicode.h"

struct tally { /* of one kind of thing: how many, and where the first is that is too many */
    size_t count, max, start, end;
};

static void take(struct tally *tally, size_t start, size_t end)
{
    if (tally->count++ == tally->max) {
        tally->start = start;
        tally->end = end;
    }
}

/* Runs count over each part. */
static void each_part(struct checking *c, const char *what, const char *remedy,
                      void (*count)(struct checking *c, const char *text, struct tally *tally))
{
    if (c->setting.max == NOT_SAID)
        return;
    for (size_t i = 0; i < c->piece_count; i++) {
        struct tally tally = {.max = (size_t)c->setting.max};
        if (c->pieces[i].kind != PIECE_PART)
            continue;
        count(c, c->pieces[i].text, &tally);
        if (tally.count > tally.max)
            check_found(c,
                        FOUND(.in = &c->pieces[i], .start = tally.start, .end = tally.end, .remedy = remedy),
                        "%zu %s, the charter allows %zu", tally.count, what, tally.max);
    }
}

static void count_exclamations(struct checking *c, const char *text, struct tally *tally)
{
    (void)c;
    for (size_t i = 0, length = strlen(text), size; i < length; i += size) {
        uint32_t p;
        size = utf8_decode(text + i, length - i, &p);
        if (p == '!' || p == 0xFF01 || p == 0x203C)
            take(tally, i, i + size);
    }
}

void check_exclamations(struct checking *c)
{
    each_part(c, "exclamation marks", "end sentences with a full stop", count_exclamations);
}

static void count_emoji(struct checking *c, const char *text, struct tally *tally)
{
    size_t length = strlen(text), count = 0;
    uint32_t *points = arena_alloc_array(c->arena, length + 1, sizeof *points);
    size_t *at = arena_alloc_array(c->arena, length + 1, sizeof *at);
    for (size_t i = 0; i < length; count++) {
        at[count] = i;
        i += utf8_decode(text + i, length - i, &points[count]);
    }
    at[count] = length;
    for (size_t i = 0; i < count;) {
        bool plain = points[i] < 0x80 && !(i + 1 < count && points[i + 1] >= 0x80);
        size_t emoji = plain ? 0 : emoji_sequence(points + i, count - i);
        if (emoji)
            take(tally, at[i], at[i + emoji]);
        i += emoji ? emoji : 1;
    }
}

void check_emoji(struct checking *c)
{
    each_part(c, "emoji", "take some away", count_emoji);
}

static void count_graphemes(struct checking *c, const char *text, struct tally *tally)
{
    (void)c;
    tally->count = text_graphemes(text, strlen(text));
}

void check_length(struct checking *c)
{
    each_part(c, "characters", "shorten it", count_graphemes);
}

/* ---- capitals ---- */

enum { SHOUTED = 4, CAPITALS_DEFAULT = 2 }; /* letters from which on a word in capitals is no abbreviation */

static bool is_upper(uint32_t c)
{
    return unicode_is_letter(c) && unicode_lower(c) != c;
}

/* Only capitals, at least SHOUTED of them. */
static bool is_shouted(const char *text, size_t length)
{
    size_t letters = 0;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t p;
        size = utf8_decode(text + i, length - i, &p);
        if (unicode_is_letter(p) && !is_upper(p))
            return false;
        letters += unicode_is_letter(p);
    }
    return letters >= SHOUTED;
}

static bool is_allowed(struct checking *c, const char *text, size_t length)
{
    return c->setting.phrases &&
           phrases_any(c->setting.phrases, fold_text(arena_strndup(c->arena, text, length), c->arena),
                       c->arena);
}

static void count_shouted(struct checking *c, const char *text, struct tally *tally)
{
    const char *at = text;
    struct word word;
    while (word_next(&at, &word)) {
        size_t start = (size_t)(word.text - text);
        bool sign = start && strchr("#@/.", text[start - 1]);
        if (!sign && is_shouted(word.text, word.length) && !is_allowed(c, word.text, word.length))
            take(tally, start, start + word.length);
    }
}

void check_capitals(struct checking *c)
{
    if (c->setting.max == NOT_SAID)
        c->setting.max = CAPITALS_DEFAULT;
    each_part(c, "words in capitals", "capitals shout, and are read letter by letter: write small ones",
              count_shouted);
}

/* ---- reading time ---- */

enum { WORDS_A_MINUTE = 200 };

static size_t count_words(const char *text)
{
    struct word word;
    size_t count = 0;
    while (word_next(&text, &word))
        count++;
    return count;
}

/* The whole thread, and the long form. */
void check_reading_time(struct checking *c)
{
    size_t words = 0;
    char takes[32], most[32];
    for (size_t i = 0; i < c->piece_count; i++)
        if (c->pieces[i].kind == PIECE_PART || c->pieces[i].kind == PIECE_BODY)
            words += count_words(c->pieces[i].text);
    duration time = SECONDS(words * 60 / WORDS_A_MINUTE);
    if (c->setting.within != NOT_SAID && time > c->setting.within)
        check_found(c, FOUND(.remedy = "shorten it, or make two posts of it"),
                    "%zu words take about %s to read, the charter allows %s", words,
                    duration_format(time, takes, sizeof takes),
                    duration_format(c->setting.within, most, sizeof most));
}
