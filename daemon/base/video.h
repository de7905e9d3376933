/*
 * video: what a film file is, from its boxes: MP4 and QuickTime, how long it lasts, how large it is shown,
 * and how picture and sound are coded.
 *
 * The format is ISO/IEC 14496-12 (ISO base media file format): boxes in boxes, each with its size and four
 * letters for its type; QuickTime is its ancestor. Only headers are read, never the samples, wherever in the
 * file they stand; nothing is decoded. A hostile file costs at most VIDEO_BOXES small reads.
 */
#ifndef CALD_VIDEO_H
#define CALD_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

enum { VIDEO_HEAD = 12, VIDEO_BOXES = 4096 };

struct video_source {
    /* Fills length bytes from 'at' on, which are within size; false: cannot. */
    bool (*read)(void *context, int64_t at, void *ret_bytes, size_t length);
    void *context;
    int64_t size;
};

struct video {
    const char *mime;       /* video/mp4 video/quicktime */
    unsigned width, height; /* as it is shown: a quarter turn noted in the file is applied */
    duration length;
    bool index_last; /* the movie stands after its samples: nobody can play it before all of it is there */
    char codec[5];   /* of the picture, four letters as the file has them: avc1 hvc1 av01 … */
    char sound[5];   /* likewise: mp4a …; "": it is silent */
};

/* Whether these first bytes (VIDEO_HEAD suffice) begin a file of that format that may hold a film. */
bool video_is(const void *head, size_t length);

/* The first picture and the first sound of the file. Fails with what is wrong with it, and what to do. */
bool video_read(const struct video_source *source, struct video *ret_video, struct error *err);

/* A file that is in memory. */
struct video_source video_source_of(const void *bytes, size_t length);

#endif
