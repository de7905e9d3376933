/*
 * content: what one account is to publish, after the variants are resolved; and its form in JSON,
 * in which the queue keeps it.
 *
 * Everything is UTF-8, valid, without control characters but newline and tab. All of it lives in one
 * arena and is const once made.
 */
#ifndef CALD_CONTENT_H
#define CALD_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"

enum visibility { /* names: visibility_name */
    VISIBILITY_PUBLIC,
    VISIBILITY_UNLISTED,
    VISIBILITY_FOLLOWERS,
    VISIBILITY_DIRECT,
};

struct media {
    const char *file;       /* beneath the media root (the calendar's directory) */
    const char *alt;        /* "" when the author gave none */
    /* from the bytes, never from the name: image/png image/jpeg image/gif image/webp video/mp4
       video/quicktime application/pdf */
    const char *mime;
    const char *sha256;     /* of the bytes when the post was planned; checked again before sending */
    int64_t size;           /* bytes */
    unsigned width, height; /* pixels; 0 of a document */
    duration length;        /* of a video; 0 of an image */
    const char *codec;      /* of a video's picture, as base/video.h has it; NULL of an image */
    bool index_last;        /* of a video: as base/video.h has it */
    const char *sound;      /* likewise of its sound; NULL: silent, or an image */
    bool moves;             /* PNG and WebP: several frames; of a GIF nobody looked */
    bool transparent;       /* PNG and WebP: it may be; known while it is planned, not of what is in the queue */
};

struct part { /* one post of a thread; a single post has one part */
    const char *text;
    const struct media *media;
    size_t media_count;
};

struct content {
    const struct part *parts; /* at least one */
    size_t part_count;
    const char *title;        /* NULL unless given; likewise below */
    const char *link;         /* http(s) URL that belongs to the post and need not be in its text */
    const char *language;     /* BCP 47 */
    const char *warning;      /* content warning */
    const char *body;         /* Markdown, for blogs and feeds: the long form */
    const char *summary;      /* short form of body: excerpt, card description */
    const char *slug;         /* wish for the address of a blog post */
    enum visibility visibility;
    const char *const *tags;  /* without '#' */
    size_t tag_count;
    const char *const *categories;
    size_t category_count;
};

/* What it is: one of these. A document is a PDF. */
bool media_is_image(const struct media *media);
bool media_is_video(const struct media *media);
bool media_is_document(const struct media *media);

/* The first of a part that is one; or NULL. */
const struct media *part_image(const struct part *part);
const struct media *part_video(const struct part *part);
const struct media *part_document(const struct part *part);

const char *visibility_name(enum visibility visibility); /* public unlisted followers direct */
bool visibility_parse(const char *name, enum visibility *ret_visibility);

/* All of it anew, in arena. */
const struct content *content_copy(const struct content *content, struct arena *arena);

/* One file, as it stands in a content; and back: false on anything media_to_json would not make. */
json_t *media_to_json(const struct media *media);
bool media_from_json(struct arena *arena, const json_t *json, struct media *ret_media, struct error *err);

/* A new reference. Members that are not given are absent. */
json_t *content_to_json(const struct content *content);

/* Lives in arena; texts are copied. Fails on anything content_to_json would not make. */
const struct content *content_from_json(struct arena *arena, const json_t *json, struct error *err);

/* SHA-256 of the compact JSON form: equal contents, equal hashes. */
char *content_hash(const struct content *content, char ret_hex[SHA256_HEX]);

#endif
