/* See tzif.h. Knows the layout of the bytes and nothing of what they are used for. */
#include <string.h>

#include "editorial/tzif.h"

enum { HEADER_SIZE = 44, TYPE_SIZE = 6, MOST_TYPES = 256 };

static const int64_t farthest = (int64_t)1 << 59; /* RFC 9636 section 3.2 and the other way */

struct header {
    char version;
    uint32_t isut, isstd, leap, times, types, chars;
};

struct block { /* where the parts of a data block are */
    const unsigned char *times, *indexes, *types, *chars, *isstd, *isut, *end;
};

static uint32_t read_u32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int32_t read_i32(const unsigned char *p)
{
    return (int32_t)read_u32(p);
}

static int64_t read_i64(const unsigned char *p)
{
    return (int64_t)((uint64_t)read_u32(p) << 32 | read_u32(p + 4));
}

static bool read_header(const unsigned char *p, size_t length, struct header *h, struct error *err)
{
    if (length < HEADER_SIZE || memcmp(p, "TZif", 4))
        return fail(err, "not a TZif file");
    if (p[4] != '\0' && (p[4] < '2' || p[4] > '4'))
        return fail(err, "unknown version of TZif");
    *h = (struct header){.version = (char)p[4],
                         .isut = read_u32(p + 20),
                         .isstd = read_u32(p + 24),
                         .leap = read_u32(p + 28),
                         .times = read_u32(p + 32),
                         .types = read_u32(p + 36),
                         .chars = read_u32(p + 40)};
    return true;
}

static uint64_t block_size(const struct header *h, unsigned time_size)
{
    return (uint64_t)h->times * (time_size + 1) + (uint64_t)h->types * TYPE_SIZE + h->chars +
           (uint64_t)h->leap * (time_size + 4) + h->isstd + h->isut;
}

static bool check_counts(const struct header *h, struct error *err)
{
    if (h->leap)
        return fail(err, "it counts leap seconds; take the zone without 'right/'");
    if (!h->types || h->types > MOST_TYPES || !h->chars || (h->isut && h->isut != h->types) ||
        (h->isstd && h->isstd != h->types))
        return fail(err, "the TZif header's counts contradict each other");
    return true;
}

static struct block block_at(const unsigned char *p, const struct header *h, unsigned time_size)
{
    struct block b = {.times = p};
    b.indexes = b.times + (size_t)h->times * time_size;
    b.types = b.indexes + h->times;
    b.chars = b.types + (size_t)h->types * TYPE_SIZE;
    b.isstd = b.chars + h->chars;
    b.isut = b.isstd + h->isstd;
    b.end = b.isut + h->isut;
    return b;
}

static bool check_types(const struct header *h, const struct block *b, struct error *err)
{
    for (uint32_t i = 0; i < h->types; i++) {
        const unsigned char *type = b->types + i * TYPE_SIZE;
        int32_t offset = read_i32(type);
        if (offset < -89999 || offset > 93599 || type[4] > 1)
            return fail(err, "a TZif type has an impossible offset");
        if (type[5] >= h->chars || !memchr(b->chars + type[5], '\0', h->chars - type[5]))
            return fail(err, "a TZif type has no name");
    }
    return true;
}

/* Each is 0 or 1, and what is in UT is in standard time too. */
static bool check_indicators(const struct header *h, const struct block *b, struct error *err)
{
    for (uint32_t i = 0; i < h->types; i++) {
        unsigned isstd = h->isstd ? b->isstd[i] : 0, isut = h->isut ? b->isut[i] : 0;
        if (isstd > 1 || isut > 1 || isut > isstd)
            return fail(err, "a TZif type's indicators are impossible");
    }
    return true;
}

static bool read_changes(struct arena *arena, const struct header *h, const struct block *b,
                         unsigned time_size, struct tzif *file, struct error *err)
{
    file->first_offset = read_i32(b->types);
    file->count = h->times;
    file->changes = arena_alloc_array(arena, h->times, sizeof *file->changes);
    for (uint32_t i = 0; i < h->times; i++) {
        const unsigned char *p = b->times + (size_t)i * time_size;
        int64_t at = time_size == 8 ? read_i64(p) : read_i32(p);
        if (at < -farthest || at > farthest || (i && at <= file->changes[i - 1].at))
            return fail(err, "the TZif file's times do not ascend");
#ifndef CALD_MUTANT_WILD_INDEX
        if (b->indexes[i] >= h->types)
            return fail(err, "a TZif change leads to no type");
#endif
        file->changes[i] =
            (struct zone_change){.at = at, .offset = read_i32(b->types + (size_t)b->indexes[i] * TYPE_SIZE)};
    }
    return true;
}

static bool rule_continues(const struct tzif *file)
{
    int last = file->count ? file->changes[file->count - 1].offset : file->first_offset;
    return last == file->rule.standard || (file->rule.has_dst && last == file->rule.daylight);
}

/* A newline, the rule, a newline. No rule: nobody knows; the last offset is kept. */
static bool read_footer(const unsigned char *p, const unsigned char *end, struct tzif *file,
                        struct error *err)
{
    if (end - p < 2 || *p != '\n' || end[-1] != '\n' || memchr(p + 1, '\n', (size_t)(end - p) - 2))
        return fail(err, "the TZif file's footer is not one line");
    size_t length = (size_t)(end - p) - 2;
    if (!length)
        return true;
    file->has_rule = true;
    if (!zone_rule_parse((const char *)p + 1, length, &file->rule, err))
        return false;
    return rule_continues(file) || fail(err, "the TZif file's rule contradicts its last change");
}

bool tzif_read(struct arena *arena, const void *bytes, size_t length, struct tzif *ret_file,
               struct error *err)
{
    const unsigned char *p = bytes, *end = p + length;
    struct tzif file = {0};
    struct header h;
    unsigned time_size = 4;
    if (!read_header(p, length, &h, err))
        return false;
    if (h.version) { /* the first block is for readers of version 1 */
        if (block_size(&h, 4) > length - HEADER_SIZE)
            return fail(err, "the TZif file is cut off");
        p += HEADER_SIZE + block_size(&h, 4);
        time_size = 8;
        if (!read_header(p, (size_t)(end - p), &h, err))
            return false;
    }
    p += HEADER_SIZE;
    if (!check_counts(&h, err))
        return false;
    if (block_size(&h, time_size) > (size_t)(end - p))
        return fail(err, "the TZif file is cut off");
    struct block b = block_at(p, &h, time_size);
    if (!check_types(&h, &b, err) || !check_indicators(&h, &b, err) ||
        !read_changes(arena, &h, &b, time_size, &file, err))
        return false;
    if (h.version && !read_footer(b.end, end, &file, err))
        return false;
    if (!h.version && b.end != end)
        return fail(err, "there are bytes after the TZif data");
    *ret_file = file;
    return true;
}
