/*
 * syndication: a list of published entries as Atom 1.0 (RFC 4287), JSON Feed 1.1 and accessible HTML.
 *
 * Pure rendering: who calls has all addresses and instants. Texts are UTF-8; control characters are
 * left out where a format forbids them. Addresses are absolute.
 */
#ifndef CALD_SYNDICATION_H
#define CALD_SYNDICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"

struct buf;

struct syndication_media {
    const char *url;
    const char *alt; /* "" for none */
    const char *mime;
    int64_t size; /* bytes */
};

struct syndication_entry {
    const char *id;       /* permanent IRI: tag: or urn:uuid: */
    const char *url;      /* of the entry's page */
    const char *title;    /* never empty: article_title */
    bool has_title;       /* the author gave it; else it repeats the start of the text */
    const char *text;     /* plain, paragraphs separated by empty lines */
    const char *summary;  /* plain, one paragraph, or NULL */
    const char *html;     /* the whole, safe and well-formed, images included, headings from h2 on */
    const char *language; /* BCP 47, NULL: the feed's */
    const char *link;     /* what the entry is about, or NULL */
    const char *warning;  /* content warning, or NULL */
    instant published, updated;
    const char *const *tags;
    size_t tag_count;
    const struct syndication_media *media;
    size_t media_count;
};

struct syndication_feed {
    const char *id; /* permanent IRI */
    const char *title;
    const char *author;
    const char *language; /* BCP 47 */
    const char *home_url; /* the HTML page */
    const char *atom_url, *json_url;
    const char *const *hubs; /* WebSub: who tells readers at once */
    size_t hub_count;
    instant updated;                         /* of the newest entry; of the feed itself while it is empty */
    const struct syndication_entry *entries; /* newest first */
    size_t entry_count;
};

#define SYNDICATION_ATOM_TYPE "application/atom+xml; charset=utf-8"
#define SYNDICATION_JSON_TYPE "application/feed+json; charset=utf-8"
#define SYNDICATION_HTML_TYPE "text/html; charset=utf-8"

void syndication_atom(const struct syndication_feed *feed, struct buf *out);
void syndication_json(const struct syndication_feed *feed, struct buf *out);

/* The page of the list, and the page of one of its entries. No script; one inline style. */
void syndication_page(const struct syndication_feed *feed, struct buf *out);
void syndication_entry_page(const struct syndication_feed *feed, const struct syndication_entry *entry,
                            struct buf *out);

/* The value of Content-Security-Policy that both pages work under: their style by its hash, images, nothing
 * else. */
const char *syndication_policy(struct arena *arena);

#endif
