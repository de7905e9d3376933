/*
 * writer: puts files into directories (directory.h) while the loop goes on: each request on a thread of its
 * own, which is given what does not change and gives back a response.
 */
#ifndef CALD_WRITER_H
#define CALD_WRITER_H

#include "loop.h"
#include "publish/directory.h"
#include "publish/http.h"

struct writer;

struct writer *writer_new(struct loop *loop);
void writer_free(struct writer *writer); /* waits for those at work; nobody is told. NULL is fine */

/*
 * Calls done once, in a later turn, as http_send does: its result is ok, with directory_put's response. The
 * request must live until then.
 */
void writer_put(struct writer *writer, const struct request *request, const struct media_roots *roots,
                http_done *done, void *context);

#endif
