/* See keep.h. */
#include "publish/keep.h"

static void keep_headers(struct request *request, struct arena *arena)
{
    struct header *headers = arena_alloc_array(arena, request->header_count + 1, sizeof *headers);

    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = arena_strdup(arena, request->headers[i].name);
        headers[i].value = arena_strdup(arena, request->headers[i].value);
    }
    request->headers = headers;
}

static void keep_parts(struct request *request, struct arena *arena)
{
    struct form_part *parts = arena_alloc_array(arena, request->part_count + 1, sizeof *parts);

    for (size_t i = 0; i < request->part_count; i++) {
        parts[i].name = arena_strdup(arena, request->parts[i].name);
        parts[i].value = arena_strdup(arena, request->parts[i].value);
        parts[i].media = request->parts[i].media;
        parts[i].from = request->parts[i].from;
        parts[i].length = request->parts[i].length;
        parts[i].type = arena_strdup(arena, request->parts[i].type);
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
        to[i] = arena_strdup(arena, mail->to[i]);
    mail->to = to;
    mail->from = arena_strdup(arena, mail->from);
    mail->user = arena_strdup(arena, mail->user);
    mail->password = arena_strdup(arena, mail->password);
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
        .root = arena_strdup(arena, old->root),
        .page = arena_strdup(arena, old->page),
        .mark = arena_strdup(arena, old->mark),
        .key = arena_strdup(arena, old->key),
    };
    request->directory = directory;
}

void step_keep(struct step *step, struct arena *arena)
{
    struct request *request = &step->request;

    step->name = arena_strdup(arena, step->name);
    request->method = arena_strdup(arena, request->method);
    request->url = arena_strdup(arena, request->url);
    request->body = request->body ? arena_strndup(arena, request->body, request->body_length) : NULL;
    keep_headers(request, arena);
    keep_parts(request, arena);
    keep_mail(request, arena);
    keep_directory(request, arena);
}
