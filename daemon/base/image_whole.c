/*
 * Whether an image goes on to its end: a copy that was broken off has a whole header, and would be published half grey. See
 * image.h. PNG: a walk from chunk to chunk; WebP: the length that it says; JPEG: the end mark, which the picture's own data
 * cannot hold (ITU T.81 B.1.1.5), looked for behind the first scan, for a small picture before it has one, too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/image.h"

enum { PIECE = 1 << 16, SEGMENTS_MOST = 10000, CHUNKS_MOST = 1 << 20 };

static bool read_at(const struct video_source *source, int64_t at, uint8_t *ret_bytes, size_t length)
{
    return at <= source->size - (int64_t)length && source->read(source->context, at, ret_bytes, length);
}

static bool png_ends(const struct video_source *source)
{
    uint8_t head[8];
    int64_t at = 8;
    for (int i = 0; i < CHUNKS_MOST && read_at(source, at, head, sizeof head); i++) {
        if (!memcmp(head + 4, "IEND", 4))
            return true;
        at += 12 + ((int64_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3]);
    }
    return false;
}

static bool webp_ends(const struct video_source *source)
{
    uint8_t head[8];
    if (!read_at(source, 0, head, sizeof head))
        return false;
    return source->size - 8 >= ((int64_t)head[7] << 24 | head[6] << 16 | head[5] << 8 | head[4]);
}

/* Behind the head of the first scan; 0: there is none. */
static int64_t first_scan(const struct video_source *source)
{
    uint8_t head[4];
    int64_t at = 2;
    for (int i = 0; i < SEGMENTS_MOST && read_at(source, at, head, sizeof head) && head[0] == 0xFF; i++) {
        if (head[1] == 0xDA)
            return at + 4;
        at += head[1] == 0xFF ? 1 : 2 + (head[2] << 8 | head[3]);
    }
    return 0;
}

/* From behind: what follows the end, such as a phone's film, is mostly short. */
static bool jpeg_ends(const struct video_source *source)
{
    int64_t from = first_scan(source), until = source->size;
    uint8_t *piece = xmalloc(PIECE);
    bool found = false;
    while (from && until - from > 1 && !found) {
        int64_t at = until - from > PIECE ? until - PIECE : from;
        size_t length = (size_t)(until - at);
        if (!read_at(source, at, piece, length))
            break;
        found = memmem(piece, length, "\xFF\xD9", 2);
        until = at + 1; /* the mark may lie across two pieces */
        if (at == from)
            break;
    }
    free(piece);
    return found;
}

bool image_is_whole(const struct image *image, const struct video_source *source)
{
    static const struct {
        const char *mime;
        bool (*ends)(const struct video_source *source);
    } kinds[] = {{"image/png", png_ends}, {"image/jpeg", jpeg_ends}, {"image/webp", webp_ends}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(image->mime, kinds[i].mime))
            return kinds[i].ends(source);
    return true;
}
