/*
 * text: how a network counts a text, and which links, mentions and hashtags it sees in it.
 *
 * A rule is a table of facts for one network; measuring is pure. Positions are UTF-8 bytes from 0,
 * end exclusive, so that they can be sent to Bluesky as they are.
 */
#ifndef CALD_TEXT_H
#define CALD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum entity_kind { ENTITY_LINK, ENTITY_MENTION, ENTITY_HASHTAG };

struct entity {
    enum entity_kind kind;
    size_t start, end;
    /* What the network is given, UTF-8: the URL (on Bluesky with https:// added where a scheme was missing;
     * on X, where links are found in the text, as written), the mention without its '@' ("alice",
     * "alice@example.org"; a Matrix id keeps it), the hashtag without its '#' ("$BSKY", which Bluesky
     * takes for one, keeps its '$'). */
    const char *value;
};

struct measure {
    size_t length;           /* in the network's unit */
    size_t limit;            /* 0: the network states none */
    size_t bytes;            /* UTF-8 bytes */
    size_t byte_limit;       /* a second limit in bytes, 0: none */
    bool fits;               /* within every limit, and of characters that the network takes (X: no U+FEFF) */
    struct entity *entities; /* in the order of the text; they never overlap */
    size_t entity_count;
};

struct text_rule; /* text_rules.c; one for each network, named as the network */

/* The rule of a network by name, or NULL; and all names, sorted, for "did you mean". */
const struct text_rule *text_rule_find(const char *network);
const char *const *text_rule_names(size_t *ret_count);
const char *text_rule_unit(const struct text_rule *rule); /* "graphemes", "weighted units", … */

/*
 * Measures text (any bytes: what is not UTF-8 counts as U+FFFD). limit 0 means the rule's own limit;
 * an account may have another (a Mastodon server's max_characters). Everything returned is in arena.
 */
struct measure text_measure(const struct text_rule *rule, const char *text, size_t length, size_t limit,
                            struct arena *arena);

/* The entities alone, as text_measure finds them: counting is half of measuring. */
struct entity *text_entities(const struct text_rule *rule, const char *text, size_t length, struct arena *arena,
                             size_t *ret_count);

/*
 * Whether it is within every limit by its bytes alone: true is sure, false says that it has to be measured.
 * Most texts are far below the limit, and looking for their links is what measuring costs.
 */
bool text_surely_fits(const struct text_rule *rule, const char *text, size_t length, size_t limit);

/* Grapheme clusters (UAX #29, with the Indic conjuncts of Unicode 15.1). */
size_t text_graphemes(const char *text, size_t length);

/* Unicode code points; UTF-16 units, which is what a JavaScript string counts. */
size_t text_code_points(const char *text);
size_t text_utf16(const char *text);

/* At most 'most' grapheme clusters of text, with "…" as the last when it had to be cut. In arena. */
char *text_shorten(const char *text, size_t most, struct arena *arena);

const char *entity_kind_name(enum entity_kind kind); /* link mention hashtag */

#endif
