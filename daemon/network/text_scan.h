/*
 * text_scan: a text as code points while links, mentions and hashtags are looked for in it, and the
 * finders, each named for the network whose software it follows. Internal to text*.c.
 *
 * Everything runs in linear time: the texts of strangers pass here.
 */
#ifndef CALD_TEXT_SCAN_H
#define CALD_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "network/text.h"

/* Something found; positions count code points. A hostile text has hundreds of thousands: kept small. */
struct found {
    size_t start, end;
    size_t value;       /* where the value begins */
    unsigned char kind; /* enum entity_kind */
    unsigned char tail; /* code points before 'end' that are not of the value */
    bool lacks_scheme;  /* the value is sent with "https://" before it */
    bool upper;         /* the value is sent in ASCII capitals */
};

enum { ENTITY_KINDS = ENTITY_HASHTAG + 1 };

struct text_scan {
    const uint32_t *at; /* count code points, then a 0 that is not counted */
    size_t count;
    struct arena *arena; /* of what is found and of scratch */
    struct {
        struct found *items;
        size_t count;
    } found[ENTITY_KINDS]; /* each in the order of the text */
};

/* A finder adds to scan->found[kind] in the order of the text. */
typedef void text_finder(struct text_scan *scan);

/* Code points of a text; what is not UTF-8 is U+FFFD. ret_offsets[i] is the byte where at[i] begins,
 * with one more for the end; NULL when nobody asks. */
uint32_t *text_decode(const char *text, size_t length, size_t **ret_offsets, size_t *ret_count,
                      struct arena *arena);

/* Adds one; the value is the same code points without the first 'sigil' ones. */
struct found *text_found(struct text_scan *scan, enum entity_kind kind, size_t start, size_t end,
                         size_t sigil);

/* A walk, zeroed at first but for kinds (1 << ENTITY_LINK | …), through what was found of these kinds in
 * the order of the text; of two that overlap the first. NULL at the end. */
struct found_walk {
    unsigned kinds;
    size_t used[ENTITY_KINDS], end;
};
const struct found *text_next(const struct text_scan *scan, struct found_walk *walk);

/* text_domain.c: top-level domains, from the public suffix list. */

/* Whether at[start..end) is a top-level domain, whatever its case. */
bool domain_is_top(struct text_scan *scan, size_t start, size_t end);

/* End of the top-level domain that begins at 'start' and is not the beginning of a longer ASCII word, or 0.
 */
size_t domain_top_end(struct text_scan *scan, size_t start);

/* End of a domain name within [start, end) that is made of ASCII and accented Latin letters; ret_start
 * says where it begins. 0 if there is none. */
size_t domain_ascii(struct text_scan *scan, size_t start, size_t end, size_t *ret_start);

/* Whether each label has at most 63 characters once IDNA has encoded it, and an "xn--" name is ASCII. */
bool domain_fits_dns(struct text_scan *scan, size_t start, size_t end);

bool is_latin_accent(uint32_t c); /* the accented letters, and only those, that twitter-text knows */

/* text_links.c */
text_finder links_x, links_mastodon;

/* text_bluesky.c */
text_finder links_bluesky, mentions_bluesky, hashtags_bluesky;

/* text_mentions.c; "@name" is what Instagram, Telegram and most others have, of names of their own kind */
text_finder mentions_x, mentions_mastodon, mentions_at, mentions_plain, mentions_at_host, mentions_matrix,
    mentions_reddit, mentions_angle, mentions_linkedin, mentions_nostr;

/* text_hashtags.c; "words" is a '#' before letters, digits and '_', as most networks have it */
text_finder hashtags_x, hashtags_mastodon, hashtags_words;

#endif
