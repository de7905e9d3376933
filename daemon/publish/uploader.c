/*
 * See uploader.h. Knows the command and what it printed; not what an address is good for.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "network/outcome.h"
#include "publish/body.h"
#include "publish/command.h"
#include "publish/uploader.h"

#define COMMAND_TIME MINUTES(2) /* and a second for each MB */

enum { FILE_MOST = 1 << 30, ADDRESS_MOST = 2000, COMMANDS_MOST = 4 };

struct asker {
    struct asker *next;
    hosting_done *done;
    void *context;
};

struct upload { /* a command that runs, or waits until there are fewer */
    struct upload *next;
    struct uploader *uploader;
    struct media media;
    char *note; /* under which its address is kept */
    struct command *command;
    struct asker *askers;
};

struct uploader {
    struct loop *loop;
    struct queue *queue;
    const struct settings *settings;
    struct upload *uploads;
};

/* ---- what is kept ---- */

/* What another command printed is not believed of this one. */
static char *note_of(const struct uploader *uploader, const char *hash)
{
    struct buf words = {0};
    char digest[SHA256_HEX];
    struct buf note = {0};

    for (const char *const *word = uploader->settings->media_urls.command; *word != NULL; word++)
        buf_add(&words, *word, strlen(*word) + 1);
    sha256_hex(buf_text(&words), words.length, digest);
    buf_printf(&note, "media-url/%.16s/%s", digest, hash);
    buf_release(&words);
    return buf_detach(&note);
}

static bool keep(struct uploader *uploader, const char *note, const char *url, struct error *err)
{
    if (!queue_begin(uploader->queue, err))
        return false;
    if (!queue_set_note(uploader->queue, note, url, err)) {
        queue_rollback(uploader->queue);
        return false;
    }
    return queue_commit(uploader->queue, err);
}

/* ---- the commands ---- */

/* The first line that is an address; networks take ASCII only. */
static const char *address_in(const char *said, struct arena *arena)
{
    for (const char *line = said; *line; line += strspn(line, "\r\n")) {
        size_t length = strcspn(line, "\r\n"), ascii = 0;
        const char *url = outcome_clean_url(arena_strndup(arena, line, length), arena);

        while (url != NULL && (unsigned char)url[ascii] - 0x21u < 0x5e)
            ascii++;
        if (url != NULL && ascii == length && length <= ADDRESS_MOST)
            return url;
        line += length;
    }
    return NULL;
}

static void upload_free(struct upload *upload)
{
    struct upload **link = &upload->uploader->uploads;

    while (*link != upload)
        link = &(*link)->next;
    *link = upload->next;
    while (upload->askers != NULL) {
        struct asker *asker = upload->askers;

        upload->askers = asker->next;
        free(asker);
    }
    free((char *)(uintptr_t)upload->media.file);
    free((char *)(uintptr_t)upload->media.sha256);
    free((char *)(uintptr_t)upload->media.mime);
    free(upload->note);
    free(upload);
}

static void start_next(struct uploader *uploader);

static void upload_ended(struct upload *upload, const struct hosted *hosted)
{
    struct uploader *uploader = upload->uploader;
    struct error err = {0};

    if (hosted->url != NULL && !keep(uploader, upload->note, hosted->url, &err))
        log_warn("the address of '%s' could not be kept, it may be uploaded again: %s", upload->media.file,
                 err.message);
    for (struct asker *asker = upload->askers; asker != NULL; asker = asker->next)
        asker->done(asker->context, hosted);
    upload_free(upload);
    start_next(uploader);
}

static void command_ended(void *context, const struct command_end *end)
{
    struct upload *upload = context;
    struct arena *arena = arena_new();
    struct hosted hosted = {0};

    upload->command = NULL;
    if (end->ok)
        hosted.url = address_in(end->said, arena);
    if (!end->ok)
        hosted.message = arena_printf(arena, "the command of 'media_urls' did not take '%s': %s",
                                      upload->media.file, end->message);
    else if (hosted.url == NULL)
        hosted.message = arena_printf(arena, "the command of 'media_urls' printed no address for '%s'",
                                      upload->media.file);
    upload_ended(upload, &hosted);
    arena_free(arena);
}

/* From its beginning: verifying read it. */
static bool open_file(const struct uploader *uploader, const struct media *media, struct body_file *ret_file,
                      struct error *err)
{
    const struct media_roots roots = documents_media_roots(uploader->settings);

    if (media->size > FILE_MOST)
        return fail(err, "'%s' is larger than %d MiB", media->file, FILE_MOST >> 20);
    if (!body_open(ret_file, &roots, media, err))
        return false;
    if (lseek(ret_file->fd, 0, SEEK_SET) == 0)
        return true;
    body_close(ret_file);
    return fail_errno(err, "cannot read '%s'", media->file);
}

static struct command *run(struct upload *upload, struct error *err)
{
    struct uploader *uploader = upload->uploader;
    const struct media *media = &upload->media;
    struct arena *arena = arena_new();
    struct body_file file;
    struct command *command = NULL;
    const char *environment[] = {
        COMMAND_PATH,
        arena_printf(arena, "CALD_MEDIA_NAME=%s.%s", media->sha256, media_extension(media->mime)),
        arena_printf(arena, "CALD_MEDIA_TYPE=%s", media->mime),
        arena_printf(arena, "CALD_MEDIA_SIZE=%lld", (long long)media->size),
        NULL,
    };

    if (open_file(uploader, media, &file, err)) {
        command = command_run_file(uploader->loop, uploader->settings->media_urls.command, environment,
                                   file.fd, COMMAND_TIME + media->size / 1000, command_ended, upload, err);
        body_close(&file);
    }
    arena_free(arena);
    return command;
}

static void start_next(struct uploader *uploader)
{
    struct upload *waiting = NULL;
    size_t running = 0;

    for (struct upload *upload = uploader->uploads; upload != NULL; upload = upload->next) {
        running += upload->command != NULL;
        if (upload->command == NULL)
            waiting = upload; /* the oldest is the last of the list */
    }
    if (waiting != NULL && running < COMMANDS_MOST) {
        struct error err = {0};

        waiting->command = run(waiting, &err);
        if (waiting->command == NULL)
            upload_ended(waiting, &(struct hosted){.message = err.message});
    }
}

static struct upload *find_upload(const struct uploader *uploader, const char *note)
{
    struct upload *upload = uploader->uploads;

    while (upload != NULL && strcmp(upload->note, note) != 0)
        upload = upload->next;
    return upload;
}

/* What is being uploaded already is waited for. note is the upload's from now on. */
static void ask(struct uploader *uploader, const struct media *media, char *note, hosting_done *done,
                void *context)
{
    struct upload *upload = find_upload(uploader, note);
    struct asker *asker = xmalloc(sizeof *asker);

    if (upload != NULL) {
        free(note);
    } else {
        upload = xmalloc(sizeof *upload);
        *upload =
            (struct upload){.next = uploader->uploads, .uploader = uploader, .media = *media, .note = note};
        upload->media.file = xstrdup(media->file);
        upload->media.sha256 = xstrdup(media->sha256);
        upload->media.mime = xstrdup(media->mime);
        uploader->uploads = upload;
    }
    *asker = (struct asker){.next = upload->askers, .done = done, .context = context};
    upload->askers = asker;
    start_next(uploader);
}

void uploader_ask(struct uploader *uploader, const struct media *media, bool again, hosting_done *done,
                  void *context)
{
    struct arena *arena = arena_new();
    char *note = note_of(uploader, media->sha256);
    const char *known = again ? NULL : queue_note(uploader->queue, note, arena);

    if (known != NULL) {
        free(note);
        done(context, &(struct hosted){.url = known});
    } else {
        ask(uploader, media, note, done, context);
    }
    arena_free(arena);
}

void uploader_use(struct uploader *uploader, const struct settings *settings)
{
    uploader->settings = settings;
}

struct uploader *uploader_new(struct loop *loop, struct queue *queue)
{
    struct uploader *uploader = xmalloc(sizeof *uploader);

    *uploader = (struct uploader){.loop = loop, .queue = queue};
    return uploader;
}

void uploader_free(struct uploader *uploader)
{
    if (uploader == NULL)
        return;
    while (uploader->uploads != NULL) {
        command_abandon(uploader->uploads->command);
        upload_free(uploader->uploads);
    }
    free(uploader);
}
