/*
 * body: a media file that is being sent: opened beneath the root, verified, then read from its descriptor.
 */
#ifndef CALD_BODY_H
#define CALD_BODY_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "documents.h"
#include "network/content.h"

struct body_file {
    int fd;
    int64_t from, size; /* which bytes of the file are sent */
    int64_t at;         /* how many of them were read */
};

/* Fails unless the file has the size and SHA-256 it had when the post was planned. */
bool body_open(struct body_file *file, const struct media_roots *roots, const struct media *media,
               struct error *err);
/* The same for a piece of it: 'length' bytes from 'from' on; 0: all that follow. */
bool body_open_range(struct body_file *file, const struct media_roots *roots, const struct media *media,
                     int64_t from, int64_t length, struct error *err);
size_t body_read(struct body_file *file, char *ret_bytes,
                 size_t most); /* 0 at the end, SIZE_MAX: reading failed */
void body_seek(struct body_file *file, int64_t at);
void body_close(struct body_file *file);

#endif
