/*
 * See image.h. PNG: W3C PNG, IHDR; GIF: GIF89a logical screen; JPEG: ITU T.81 annex B, frame headers; WebP:
 * RFC 9649 section 2 (VP8, VP8L, VP8X).
 */
#include <stdint.h>
#include <string.h>

#include "base/image.h"

static unsigned be16(const uint8_t *b)
{
    return (unsigned)b[0] << 8 | b[1];
}

static unsigned be32(const uint8_t *b)
{
    return be16(b) << 16 | be16(b + 2);
}

static unsigned le16(const uint8_t *b)
{
    return (unsigned)b[1] << 8 | b[0];
}

static unsigned le24(const uint8_t *b)
{
    return (unsigned)b[2] << 16 | le16(b);
}

static bool found(const char *mime, unsigned width, unsigned height, struct image *ret_image)
{
    if (!width || !height || width > INT32_MAX || height > INT32_MAX)
        return false;
    *ret_image = (struct image){.mime = mime, .width = width, .height = height};
    return true;
}

/* Of APNG "acTL", of transparent colours "tRNS": they come before the picture's data. */
static bool png_has(const uint8_t *b, size_t length, const char *chunk)
{
    for (size_t at = 8; at + 8 <= length && memcmp(b + at + 4, "IDAT", 4) != 0;) {
        size_t size = be32(b + at);
        if (!memcmp(b + at + 4, chunk, 4))
            return true;
        if (size > length - at)
            return false;
        at += 12 + size;
    }
    return false;
}

static bool sniff_png(const uint8_t *b, size_t length, struct image *ret_image)
{
#ifdef CALD_MUTANT_CUT_PICTURE
    length = 24;
#endif
    if (length < 24 || memcmp(b + 12, "IHDR", 4) != 0 ||
        !found("image/png", be32(b + 16), be32(b + 20), ret_image))
        return false;
    bool has_alpha = length > 25 && (b[25] & 4); /* of the type of its colours */
    ret_image->moves = png_has(b, length, "acTL");
    ret_image->transparent = has_alpha || png_has(b, length, "tRNS");
    return true;
}

static bool sniff_gif(const uint8_t *b, size_t length, struct image *ret_image)
{
    return length >= 10 && (b[4] == '7' || b[4] == '9') && b[5] == 'a' &&
           found("image/gif", le16(b + 6), le16(b + 8), ret_image);
}

/* SOF0..SOF15 but DHT (C4), JPG (C8) and DAC (CC), which share the range. */
static bool is_frame(uint8_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool sniff_jpeg(const uint8_t *b, size_t length, struct image *ret_image)
{
    for (size_t i = 2; i + 4 <= length && b[i] == 0xFF;) {
        uint8_t marker = b[i + 1];
        if (marker == 0xFF) { /* fill */
            i++;
            continue;
        }
        size_t size = be16(b + i + 2);
        if (is_frame(marker))
            return size >= 8 && i + 9 <= length && found("image/jpeg", be16(b + i + 7), be16(b + i + 5), ret_image);
        if (marker == 0xDA || marker == 0xD9 || size < 2) /* scan or end before any frame */
            return false;
        i += 2 + size;
    }
    return false;
}

static bool sniff_webp(const uint8_t *b, size_t length, struct image *ret_image)
{
    const char *mime = "image/webp";
    if (length < 30 || memcmp(b + 8, "WEBP", 4) != 0)
        return false;
    if (!memcmp(b + 12, "VP8 ", 4))
        return !memcmp(b + 23, "\x9D\x01\x2A", 3) &&
               found(mime, le16(b + 26) & 0x3FFF, le16(b + 28) & 0x3FFF, ret_image);
    if (!memcmp(b + 12, "VP8L", 4)) {
        unsigned bits = le24(b + 21) | (unsigned)b[24] << 24;
        if (b[20] != 0x2F || !found(mime, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, ret_image))
            return false;
        ret_image->transparent = bits >> 28 & 1;
        return true;
    }
    if (memcmp(b + 12, "VP8X", 4) != 0 || !found(mime, le24(b + 24) + 1, le24(b + 27) + 1, ret_image))
        return false;
    ret_image->moves = b[20] & 0x02;
    ret_image->transparent = b[20] & 0x10;
    return true;
}

bool image_sniff(const void *bytes, size_t length, struct image *ret_image)
{
    static const struct {
        const char *magic;
        size_t length;
        bool (*sniff)(const uint8_t *b, size_t length, struct image *ret_image);
    } kinds[] = {
        {"\x89PNG\r\n\x1A\n", 8, sniff_png},
        {"\xFF\xD8\xFF", 3, sniff_jpeg},
        {"GIF8", 4, sniff_gif},
        {"RIFF", 4, sniff_webp},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (length >= kinds[i].length && !memcmp(bytes, kinds[i].magic, kinds[i].length))
            return kinds[i].sniff(bytes, length, ret_image);
    return false;
}
