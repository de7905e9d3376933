/* See phrase.h. Alternatives hang in chains by their first two bytes; at each place of a text one chain is
 * tried. */
#include <string.h>

#include "base/utf8.h"
#include "editorial/fold.h"
#include "editorial/phrase.h"

enum { CHAINS = 1024, STARS_MOST = 8, ANYWHERE = CHAINS };

struct alternative {
    const struct alternative *next;
    const char *folded;
    size_t phrase;
};

struct phrases {
    struct arena *arena;
    size_t count;
    const struct alternative *chains[CHAINS + 1]; /* the last: those that begin with '*' or have one byte */
};

struct phrases *phrases_new(struct arena *arena)
{
    struct phrases *phrases = arena_new_of(arena, struct phrases);
    phrases->arena = arena;
    return phrases;
}

static size_t chain_of(const char *text)
{
    if (!text[0] || !text[1] || text[0] == '*' || text[1] == '*')
        return ANYWHERE;
    return ((unsigned char)text[0] * 31u + (unsigned char)text[1]) % CHAINS;
}

bool phrase_is_valid(const char *text)
{
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, "|"), stars = 0, rest = 0;
        for (size_t i = 0; i < length; i++) {
            stars += at[i] == '*';
            rest += !strchr("* \t\n", at[i]);
        }
        if (!rest || stars > STARS_MOST)
            return false;
        at += length;
        if (!*at)
            return true;
    }
}

static void add_alternative(struct phrases *phrases, const char *text, size_t length)
{
    char *folded = (char *)fold_text(arena_strndup(phrases->arena, text, length), phrases->arena);
    size_t end = strlen(folded);
    if (end && folded[end - 1] == ' ')
        folded[end - 1] = '\0';
    if (!*folded)
        return;
    struct alternative *alternative = arena_new_of(phrases->arena, struct alternative);
    const struct alternative **chain = &phrases->chains[chain_of(folded)];
    *alternative = (struct alternative){.next = *chain, .folded = folded, .phrase = phrases->count};
    *chain = alternative;
}

void phrases_add(struct phrases *phrases, const char *text)
{
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, "|");
        add_alternative(phrases, at, length);
        at += length;
        if (!*at)
            break;
    }
    phrases->count++;
}

static size_t word_character(const char *at)
{
    uint32_t c;
    if (!*at)
        return 0;
    size_t size = utf8_decode(at, strlen(at), &c);
    return fold_is_word(c) ? size : 0;
}

/* Where the pattern ends that begins at 'at' of text, or NULL. A '*' takes as much of its word as it can. */
static const char *match(const char *text, const char *at, const char *pattern)
{
    for (; *pattern && *pattern != '*'; pattern++, at++)
        if (*at != *pattern)
            return NULL;
    if (!*pattern)
        return fold_is_boundary(text, at) ? at : NULL;
    size_t sizes[200], count = 0, size;
    while (count < sizeof sizes / sizeof *sizes && (size = word_character(at)) > 0) {
        sizes[count++] = size;
        at += size;
    }
    for (;; at -= sizes[--count]) {
        const char *end = match(text, at, pattern + 1);
        if (end || !count)
            return end;
    }
}

static void try_chain(const struct alternative *chain, const char *text, const char *at, bool *seen,
                      struct arena *arena, struct phrase_hit **hits, size_t *count)
{
    for (; chain; chain = chain->next) {
        const char *end = seen[chain->phrase] ? NULL : match(text, at, chain->folded);
        if (!end || end == at)
            continue;
        seen[chain->phrase] = true;
        *arena_push(arena, *hits, *count) =
            (struct phrase_hit){chain->phrase, (size_t)(at - text), (size_t)(end - text)};
    }
}

size_t phrases_find(const struct phrases *phrases, const char *folded, struct arena *arena,
                    struct phrase_hit **ret_hits)
{
    struct phrase_hit *hits = NULL;
    size_t count = 0;
    if (phrases && phrases->count) {
        bool *seen = arena_alloc_array(arena, phrases->count, sizeof *seen);
        for (const char *at = folded; *at; at++) {
            const struct alternative *chain = at[1] ? phrases->chains[chain_of(at)] : NULL;
            const struct alternative *anywhere = phrases->chains[ANYWHERE];
            if ((!chain && !anywhere) || ((unsigned char)*at & 0xC0) == 0x80 || !fold_is_boundary(folded, at))
                continue;
            try_chain(chain, folded, at, seen, arena, &hits, &count);
            if (chain != anywhere)
                try_chain(anywhere, folded, at, seen, arena, &hits, &count);
        }
    }
    *ret_hits = hits;
    return count;
}

bool phrases_any(const struct phrases *phrases, const char *folded, struct arena *arena)
{
    struct phrase_hit *hits;
    return phrases_find(phrases, folded, arena, &hits) > 0;
}
