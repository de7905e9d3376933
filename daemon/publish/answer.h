/*
 * answer: collects a response as it arrives, within its bounds. Knows no libcurl.
 */
#ifndef CALD_ANSWER_H
#define CALD_ANSWER_H

#include "base/buf.h"
#include "publish/http.h"

struct answer {
    struct arena *arena; /* of headers, and of the body in the end */
    struct header *headers;
    size_t header_count, header_bytes;
    struct buf body;
    const char *fault; /* why it was cut, NULL: it was not */
};

/* A header line with or without its line end. A status line (also after 100 or 103) begins anew. False: too
 * much. */
bool answer_header(struct answer *answer, const char *line, size_t length);
bool answer_body(struct answer *answer, const char *bytes, size_t length);

/* What came, with body and headers in the arena. */
struct response answer_response(struct answer *answer, int status);
void answer_release(struct answer *answer);

#endif
