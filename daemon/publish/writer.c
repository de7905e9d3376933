/*
 * See writer.h. How many there are at a time is the publisher's to say.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "publish/writer.h"

struct work {
    struct work *next;
    struct writer *writer;
    struct arena *arena;
    const struct request *request;
    struct media_roots roots; /* copies: the settings may be replaced */
    struct response response;
    http_done *done;
    void *context;
    pthread_t thread;
};

struct writer {
    struct loop *loop;
    struct work *works;
};

struct writer *writer_new(struct loop *loop)
{
    struct writer *writer = xmalloc(sizeof *writer);

    *writer = (struct writer){.loop = loop};
    return writer;
}

static void end(struct work *work)
{
    struct work **link = &work->writer->works;

    pthread_join(work->thread, NULL);
    while (*link != work)
        link = &(*link)->next;
    *link = work->next;
    arena_free(work->arena);
}

static void written(void *context)
{
    struct work *work = context;
    struct http_result result = {
        .ok = true, .sent = true, .response = work->response, .timings = {-1, -1, -1, -1, -1}};

    work->done(work->context, &result);
    end(work);
}

static void *write_it(void *context)
{
    struct work *work = context;

    directory_put(work->request, &work->roots, work->arena, &work->response);
    loop_post(work->writer->loop, written, work);
    return NULL;
}

void writer_put(struct writer *writer, const struct request *request, const struct media_roots *roots,
                http_done *done, void *context)
{
    struct arena *arena = arena_new();
    struct work *work = arena_new_of(arena, struct work);

    *work = (struct work){.next = writer->works,
                          .writer = writer,
                          .arena = arena,
                          .request = request,
                          .roots = {arena_strdup(arena, roots->media), arena_strdup(arena, roots->uploads)},
                          .done = done,
                          .context = context};
    writer->works = work;
    errno = pthread_create(&work->thread, NULL, write_it, work);
    if (errno != 0)
        bug("pthread_create: %s", strerror(errno));
}

void writer_free(struct writer *writer)
{
    if (writer == NULL)
        return;
    while (writer->works != NULL)
        end(writer->works);
    free(writer);
}
