/*
 * See mail_body.h. It reads files that are open already, and keeps no copy of them.
 */
#include <string.h>

#include "base/buf.h"
#include "publish/mail_body.h"

enum {
    LINE_BYTES = 57,     /* of a file: 76 characters of base64 */
    PIECE_BYTES = 12288, /* at once, where there are no lines: a multiple of 3 */
};

void mail_body_rewind(struct mail_body *body)
{
    for (size_t i = 0; i < body->file_count; i++)
        body_seek(body->files[i], 0);
    body->at = body->file = body->column = 0;
    body->in_file = false;
}

int64_t mail_body_size(const struct mail_body *body)
{
    int64_t size = (int64_t)(body->length - body->file_count);

    for (size_t i = 0; i < body->file_count; i++) {
        int64_t bytes = body->files[i]->size, lines = (bytes + LINE_BYTES - 1) / LINE_BYTES;

        size += (bytes + 2) / 3 * 4 + (lines > 0 && !body->http ? (lines - 1) * 2 : 0);
    }
    return size;
}

/* The next line of the file, with a line end before it unless it is the first. 0: the file is over. */
static size_t read_line(struct mail_body *body, char *ret_bytes, size_t most)
{
    struct body_file *file = body->files[body->file];
    bool first = file->at == 0;
    char bytes[PIECE_BYTES];
    size_t piece = most / 4 * 3 < PIECE_BYTES ? most / 4 * 3 : PIECE_BYTES;
    size_t wanted = body->http ? piece : LINE_BYTES;
    size_t length = body_read(file, bytes, wanted), written = 0;
    struct buf line = {0};

    if (length == 0 || length == SIZE_MAX)
        return length;
    if (length < wanted && file->at < file->size)
        return SIZE_MAX; /* a file that is read so is none of ours */
    buf_add_text(&line, first || body->http ? "" : "\r\n");
    buf_add_base64(&line, bytes, length);
    written = line.length;
    memcpy(ret_bytes, line.data, written);
    buf_release(&line);
    return written;
}

static size_t read_text(struct mail_body *body, char *ret_bytes, size_t most)
{
    size_t written = 0;

    while (body->at < body->length && body->text[body->at] != '\0' && written + 2 <= most) {
        char c = body->text[body->at++];

        if (c == '.' && body->column == 0 && !body->http)
            ret_bytes[written++] = '.';
        ret_bytes[written++] = c;
        body->column = c == '\n' ? 0 : body->column + 1;
    }
    return written;
}

size_t mail_body_read(struct mail_body *body, char *ret_bytes, size_t most)
{
    size_t written = 0;

    while (most - written >= MAIL_BODY_LEAST && (body->in_file || body->at < body->length)) {
        size_t got;

        if (!body->in_file && body->text[body->at] == '\0') {
            body->in_file = true;
            body->at++;
        }
        got = body->in_file ? read_line(body, ret_bytes + written, most - written)
                            : read_text(body, ret_bytes + written, most - written);
        if (got == SIZE_MAX)
            return SIZE_MAX;
        if (body->in_file && got == 0) {
            body->in_file = false;
            body->file++;
            body->column = 1; /* of a line that has begun */
        }
        written += got;
    }
    return written;
}
