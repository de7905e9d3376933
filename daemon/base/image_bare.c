/*
 * See image.h: whether a file surely holds the picture and nothing else. Walks the file's own structure (PNG:
 * chunks; JPEG: segments and scans, ITU T.81 annex B; GIF: blocks, GIF89a; WebP: RIFF chunks, RFC 9649) and
 * knows the few kinds of pieces that a picture is made of; whatever else is there, also behind its end, may
 * say who made it and where.
 */
#include <stdint.h>
#include <string.h>

#include "base/image.h"

struct walk {
    const uint8_t *bytes;
    size_t length, at;
};

static size_t left(const struct walk *w)
{
    return w->length - w->at;
}

static bool skip(struct walk *w, size_t count)
{
    if (count > left(w))
        return false;
    w->at += count;
    return true;
}

static bool is_one_of(const uint8_t *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!memcmp(name, names[i], 4))
            return true;
    return false;
}

/* ---- PNG ---- */

static bool png_is_bare(struct walk *w)
{
    static const char *const known[] = {"IHDR", "PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB",
                                        "iCCP", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"};
    for (w->at = 8; left(w) >= 12;) {
        const uint8_t *b = w->bytes + w->at;
        size_t size = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        if (!memcmp(b + 4, "IEND", 4))
            return left(w) == 12 && !size;
        if (!is_one_of(b + 4, known, sizeof known / sizeof *known) || !skip(w, 12) || !skip(w, size))
            return false;
    }
    return false;
}

/* ---- JPEG ---- */

/* Between a scan's header and the next marker: FF is followed by 00, or by a restart. */
static bool skip_scan(struct walk *w)
{
    while (left(w) >= 2) {
        const uint8_t *found = memchr(w->bytes + w->at, 0xFF, left(w) - 1);
        if (!found)
            return false;
        w->at = (size_t)(found - w->bytes);
        if (found[1] && (found[1] < 0xD0 || found[1] > 0xD7) && found[1] != 0xFF)
            return true;
        w->at += found[1] == 0xFF ? 1 : 2;
    }
    return false;
}

/* Tables, frames and scans; of the application's own segments those that say how to show the colours. */
static bool is_known_segment(const uint8_t *b, size_t size)
{
    static const struct {
        uint8_t marker;
        const char *name;
        size_t length, most; /* of a JFIF segment more is a small picture */
    } known[] = {{0xE0, "JFIF", 5, 16}, {0xE2, "ICC_PROFILE", 12, SIZE_MAX}, {0xEE, "Adobe", 5, 14}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (b[1] == known[i].marker)
            return size >= 2 + known[i].length && size <= known[i].most &&
                   !memcmp(b + 4, known[i].name, known[i].length);
    return (b[1] >= 0xC0 && b[1] <= 0xCF) || (b[1] >= 0xDA && b[1] <= 0xDD);
}

static bool jpeg_is_bare(struct walk *w)
{
    for (w->at = 2; left(w) >= 2 && w->bytes[w->at] == 0xFF;) {
        const uint8_t *b = w->bytes + w->at;
        if (b[1] == 0xD9)
            return left(w) == 2;
        size_t size = left(w) >= 4 ? (size_t)b[2] << 8 | b[3] : 0;
        if (size < 2 || size + 2 > left(w) || !is_known_segment(b, size) || !skip(w, size + 2) ||
            (b[1] == 0xDA && !skip_scan(w)))
            return false;
    }
    return false;
}

/* ---- GIF ---- */

static bool skip_blocks(struct walk *w)
{
    while (left(w)) {
        size_t size = w->bytes[w->at];
        if (!skip(w, size + 1))
            return false;
        if (!size)
            return true;
    }
    return false;
}

static size_t gif_colours(uint8_t flags)
{
    return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Timing, and how often to repeat. */
static bool skip_extension(struct walk *w)
{
    const uint8_t *b = w->bytes + w->at;
    bool loops = left(w) >= 14 && b[1] == 0xFF && b[2] == 11 &&
                 (!memcmp(b + 3, "NETSCAPE2.0", 11) || !memcmp(b + 3, "ANIMEXTS1.0", 11));
    return left(w) >= 3 && (b[1] == 0xF9 || loops) && skip(w, 2) && skip_blocks(w);
}

static bool skip_picture(struct walk *w)
{
    return left(w) >= 11 && skip(w, 10 + gif_colours(w->bytes[w->at + 9])) && skip(w, 1) && skip_blocks(w);
}

static bool gif_is_bare(struct walk *w)
{
    if (w->length < 13 || !skip(w, 13 + gif_colours(w->bytes[10])))
        return false;
    while (left(w)) {
        uint8_t kind = w->bytes[w->at];
        if (kind == 0x3B)
            return left(w) == 1;
        if (kind == 0x21 ? !skip_extension(w) : kind != 0x2C || !skip_picture(w))
            return false;
    }
    return false;
}

/* ---- WebP ---- */

static bool webp_is_bare(struct walk *w)
{
    static const char *const known[] = {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"};
    for (w->at = 12; left(w) >= 8;) {
        const uint8_t *b = w->bytes + w->at;
        size_t size = (size_t)b[7] << 24 | (size_t)b[6] << 16 | (size_t)b[5] << 8 | b[4];
        if (!is_one_of(b, known, sizeof known / sizeof *known) || !skip(w, 8) || !skip(w, size) ||
            !skip(w, size & 1))
            return false;
    }
    return left(w) == 0;
}

bool image_is_bare(const void *bytes, size_t length)
{
    static const struct {
        const char *mime;
        bool (*is_bare)(struct walk *w);
    } kinds[] = {{"image/png", png_is_bare},
                 {"image/jpeg", jpeg_is_bare},
                 {"image/gif", gif_is_bare},
                 {"image/webp", webp_is_bare}};
    struct walk walk = {bytes, length, 0};
    struct image image;
    if (!image_sniff(bytes, length < IMAGE_HEADER ? length : IMAGE_HEADER, &image))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(image.mime, kinds[i].mime))
            return kinds[i].is_bare(&walk);
    return false;
}
