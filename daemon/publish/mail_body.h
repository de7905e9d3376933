/*
 * mail_body: the bytes of a message as they go over the wire: its text, files in base64 where they belong
 * (struct request: inserts), a dot before each line that begins with one (RFC 5321 section 4.5.2); without
 * the line that ends it. And of a body of HTTP with such files, where base64 has no lines and dots are dots.
 */
#ifndef CALD_MAIL_BODY_H
#define CALD_MAIL_BODY_H

#include "network/network.h"
#include "publish/body.h"

struct mail_body {
    const char *text; /* NUL bytes are the places of files; must live as long */
    size_t length, at;
    struct body_file *const *files;
    size_t file_count, file; /* file: the next */
    size_t column;           /* of the line that is being written */
    bool in_file;
    bool http;
};

/* From its beginning again. */
void mail_body_rewind(struct mail_body *body);

/* Its size before dots were doubled, as SIZE says it (RFC 1870 section 3). */
int64_t mail_body_size(const struct mail_body *body);

enum { MAIL_BODY_LEAST = 160 }; /* room that a call must be given */

/* 0 at the end, SIZE_MAX: a file could not be read. */
size_t mail_body_read(struct mail_body *body, char *ret_bytes, size_t most);

#endif
