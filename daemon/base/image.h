/*
 * image: what an image file is, from its first bytes: PNG, JPEG, GIF or WebP, and its size in pixels.
 *
 * Only headers are looked at, within the bytes given; nothing is decoded. IMAGE_HEADER bytes are enough for
 * any sane file (a JPEG may carry much metadata before its frame header).
 */
#ifndef CALD_IMAGE_H
#define CALD_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/video.h"

enum { IMAGE_HEADER = 1 << 20 };

struct image {
    const char *mime; /* image/png image/jpeg image/gif image/webp */
    unsigned width, height; /* as stored: a rotation noted in the metadata is not applied */
    bool moves; /* PNG and WebP: it says that it has several frames; of a GIF this is not looked for */
    bool transparent; /* PNG and WebP: it has room for pixels that are; whether any is is not looked for */
};

/* False: none of the four, damaged, or without pixels. */
bool image_sniff(const void *bytes, size_t length, struct image *ret_image);

/* Whether a file that was sniffed goes on to its picture's end; true where that cannot be told (GIF). What comes behind the
 * end is not looked at. */
bool image_is_whole(const struct image *image, const struct video_source *source);

/*
 * Whether a whole file surely holds the picture and nothing else: no EXIF (where it was taken, by which camera),
 * XMP, IPTC, comments, small second pictures, nothing behind its end. A colour profile, timing and resolution
 * are the picture's. False when in doubt: damaged, or of a form that is not known.
 */
bool image_is_bare(const void *bytes, size_t length);

#endif
