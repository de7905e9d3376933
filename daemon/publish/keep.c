/* See keep.h. */
#include "base/arena.h"
#include "publish/keep.h"

/* Most of a step was made in the arena. */
static const char *keep(struct arena *arena, const char *text)
{
    return arena_holds(arena, text) ? text : arena_strdup(arena, text);
}

const char *request_keep_body(const struct request *request, struct arena *arena)
{
    if (request->body == NULL || arena_holds(arena, request->body))
        return request->body;
    return arena_strndup(arena, request->body, request->body_length);
}

static void keep_headers(struct request *request, struct arena *arena)
{
    struct header *headers = arena_alloc_array(arena, request->header_count + 1, sizeof *headers);

    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = keep(arena, request->headers[i].name);
        headers[i].value = keep(arena, request->headers[i].value);
    }
    request->headers = headers;
}

static void keep_parts(struct request *request, struct arena *arena)
{
    struct form_part *parts = arena_alloc_array(arena, request->part_count + 1, sizeof *parts);

    for (size_t i = 0; i < request->part_count; i++) {
        parts[i].name = keep(arena, request->parts[i].name);
        parts[i].value = keep(arena, request->parts[i].value);
        parts[i].media = request->parts[i].media;
        parts[i].from = request->parts[i].from;
        parts[i].length = request->parts[i].length;
        parts[i].type = keep(arena, request->parts[i].type);
    }
    request->parts = parts;
}

static void keep_mail(struct request *request, struct arena *arena)
{
    struct mail *mail;
    const char **to;

    if (request->mail == NULL)
        return;
    mail = arena_new_of(arena, struct mail);
    *mail = *request->mail;
    to = arena_alloc_array(arena, mail->to_count + 1, sizeof *to);
    for (size_t i = 0; i < mail->to_count; i++)
        to[i] = keep(arena, mail->to[i]);
    mail->to = to;
    mail->from = keep(arena, mail->from);
    mail->user = keep(arena, mail->user);
    mail->password = keep(arena, mail->password);
    request->mail = mail;
}

static void keep_directory(struct request *request, struct arena *arena)
{
    const struct directory *old = request->directory;
    struct directory *directory;

    if (old == NULL)
        return;
    directory = arena_new_of(arena, struct directory);
    *directory = (struct directory){
        .root = keep(arena, old->root),
        .page = keep(arena, old->page),
        .mark = keep(arena, old->mark),
        .was = keep(arena, old->was),
        .key = keep(arena, old->key),
    };
    request->directory = directory;
}

void step_keep(struct step *step, struct arena *arena)
{
    struct request *request = &step->request;

    step->name = keep(arena, step->name);
    request->method = keep(arena, request->method);
    request->url = keep(arena, request->url);
    request->body = request_keep_body(request, arena);
    keep_headers(request, arena);
    keep_parts(request, arena);
    keep_mail(request, arena);
    keep_directory(request, arena);
}
