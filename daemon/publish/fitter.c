/*
 * See fitter.h. Knows the program and what came of it; neither deliveries nor what limits mean.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/image.h"
#include "base/json.h"
#include "base/log.h"
#include "publish/body.h"
#include "publish/command.h"
#include "publish/fitter.h"

#define COMMAND_TIME MINUTES(1)

enum { COMMANDS_MOST = 2, TRIES_MOST = 12, LOOKED_AT = 64, LOOK_MOST = 32 << 20, MADE_MOST = 100 << 20 };

struct asker {
    struct asker *next;
    fitter_done *done;
    void *context;
};

struct fitting { /* an image that is being made, or waits until fewer are */
    struct fitting *next;
    struct fitter *fitter;
    struct arena *arena; /* of all it points to */
    const struct media *media;
    struct fit fit;
    struct fit_try try;
    unsigned tries;
    const char *note; /* under which the result is kept */
    int input, output;
    struct command *command;
    struct asker *askers;
};

struct looked { /* at a file's bytes */
    char hash[SHA256_HEX];
    bool bare;
};

struct fitter {
    struct loop *loop;
    struct queue *queue;
    const struct settings *settings;
    struct fitting *fittings;
    struct looked looked[LOOKED_AT]; /* a ring */
    size_t looked_next;
    bool missing_told;
};

/* ---- whether an image must be made anew ---- */

static bool read_whole(const struct fitter *fitter, const struct media *media, struct buf *bytes)
{
    const struct media_roots roots = documents_media_roots(fitter->settings);
    struct body_file file;
    char chunk[65536];
    size_t got;

    if (!body_open(&file, &roots, media, NULL))
        return false;
    while ((got = body_read(&file, chunk, sizeof chunk)) > 0 && got != SIZE_MAX)
        buf_add(bytes, chunk, got);
    body_close(&file);
    return got == 0;
}

/* What cannot be read is somebody else's to tell: it cannot be sent either. */
static bool look(const struct fitter *fitter, const struct media *media)
{
    struct buf bytes = {0};
    bool bare = media->size <= LOOK_MOST &&
                (!read_whole(fitter, media, &bytes) || image_is_bare(buf_text(&bytes), bytes.length));

    buf_release(&bytes);
    if (!bare && !fitter->settings->image_tool_found)
        log_warn("'%s' is sent with what it holds besides the picture, such as where it was taken: "
                 "install libvips-tools",
                 media->file);
    return bare;
}

static bool is_bare(struct fitter *fitter, const struct media *media)
{
    struct looked *seen = fitter->looked;

    for (size_t i = 0; i < LOOKED_AT; i++) {
        if (strcmp(seen[i].hash, media->sha256) == 0)
            return seen[i].bare;
    }
    seen += fitter->looked_next++ % LOOKED_AT;
    memcpy(seen->hash, media->sha256, SHA256_HEX);
    seen->bare = look(fitter, media);
    return seen->bare;
}

static bool is_wanted(struct fitter *fitter, const struct job *job, const struct media *media,
                      struct arena *arena)
{
    struct image_limits limits = image_limits_of(job->account, job->session, arena);
    struct fit fit;

    if (!media_is_image(media) || fit_is_made(media, job->memo))
        return false;
    switch (fit_plan(media, &limits, &fit)) {
    case FIT_NEEDED:
        return true;
    case FIT_FITS:
        return !job->account->keep_metadata && fit.mime != NULL && !is_bare(fitter, media) &&
               fitter->settings->image_tool_found;
    default:
        return false;
    }
}

const struct media *fitter_wants(struct fitter *fitter, const struct job *job, struct arena *arena)
{
    const struct content *content = job->content;

    if (content == NULL || job->first_sent != 0 || job->account->network->tells_images)
        return NULL;
    for (size_t p = 0; p < content->part_count; p++) {
        for (size_t i = 0; i < content->parts[p].media_count; i++) {
            if (is_wanted(fitter, job, &content->parts[p].media[i], arena))
                return &content->parts[p].media[i];
        }
    }
    return NULL;
}

/* ---- what is kept ---- */

static const char *note_of(const struct media *media, const struct fit *fit, struct arena *arena)
{
    const char *how =
        arena_printf(arena, "1 %s %s %u %lld %d", fit->mime, fit->otherwise ? fit->otherwise : "-", fit->side,
                     (long long)fit->bytes, fit->moves);
    char hash[SHA256_HEX];

    return arena_printf(arena, "fitted/%s/%.16s", media->sha256, sha256_hex(how, strlen(how), hash));
}

static const struct media *find_kept(struct fitter *fitter, const char *note, struct arena *arena)
{
    const struct media_roots roots = documents_media_roots(fitter->settings);
    const char *text = queue_note(fitter->queue, note, arena);
    json_t *json = text ? json_in_arena(arena, json_parse(text, strlen(text), NULL)) : NULL;
    struct media *media = arena_new_of(arena, struct media);
    int fd;

    if (json == NULL || !media_from_json(arena, json, media, NULL))
        return NULL;
    fd = media_open(&roots, media->file, NULL);
    if (fd < 0)
        return NULL;
    close(fd);
    return media;
}

static bool keep_note(struct fitter *fitter, const char *note, const struct media *made, struct error *err)
{
    json_t *json = media_to_json(made);
    char *text = json_print(json);
    bool ok = queue_begin(fitter->queue, err);

    if (ok && !queue_set_note(fitter->queue, note, text, err)) {
        queue_rollback(fitter->queue);
        ok = false;
    }
    ok = ok && queue_commit(fitter->queue, err);
    free(text);
    json_decref(json);
    return ok;
}

/* ---- the end of one ---- */

static void fitting_free(struct fitting *fitting)
{
    struct fitting **link = &fitting->fitter->fittings;

    while (*link != fitting)
        link = &(*link)->next;
    *link = fitting->next;
    if (fitting->input >= 0)
        close(fitting->input);
    if (fitting->output >= 0)
        close(fitting->output);
    arena_free(fitting->arena);
    free(fitting);
}

static void start_waiting(struct fitter *fitter);

/* Who asked may ask for more at once: it is out of the list before anybody is told. */
static void fitting_ended(struct fitting *fitting, const struct fitted *fitted)
{
    struct fitter *fitter = fitting->fitter;

    fitting->note = "";
    for (struct asker *asker = fitting->askers; asker != NULL; asker = asker->next)
        asker->done(asker->context, fitted);
    fitting_free(fitting);
    start_waiting(fitter);
}

static const char *size_of(const struct media *media, struct arena *arena)
{
    return arena_printf(arena, "%u x %u pixels, %s, %lld bytes", media->width, media->height, media->mime,
                        (long long)media->size);
}

static void made(struct fitting *fitting, const struct media *media)
{
    const struct media *source = fitting->media;
    struct error err = {0};
    const char *message =
        arena_printf(fitting->arena, "'%s' (%s) goes as %s (%s), without metadata", source->file,
                     size_of(source, fitting->arena), media->file, size_of(media, fitting->arena));

    if (!keep_note(fitting->fitter, fitting->note, media, &err))
        log_warn("that '%s' was made to fit could not be kept, it may be made again: %s", source->file,
                 err.message);
    fitting_ended(fitting, &(struct fitted){.media = media, .message = message});
}

/* Whether it breaks no limit, and only what it says of place and camera was to go. */
static bool is_for_metadata(const struct fitting *fitting)
{
    const struct fit *fit = &fitting->fit;
    const struct media *media = fitting->media;

    return strcmp(fit->mime, media->mime) == 0 && fit->side >= media->width && fit->side >= media->height &&
           (fit->bytes == 0 || media->size <= fit->bytes);
}

static void failed(struct fitting *fitting, const char *why, bool again)
{
    const char *remedy = is_for_metadata(fitting)
                             ? "; save it anew, or say 'keep_metadata: true' for the account, and it "
                               "is sent as it is, with what it says of its place"
                             : "";
    const char *message =
        arena_printf(fitting->arena, "'%s' cannot be made to fit: %s%s", fitting->media->file, why, remedy);

    fitting_ended(fitting, &(struct fitted){.message = message, .again = again});
}

/* ---- the program ---- */

static const char *output_of(const struct fit_try *try, struct arena *arena)
{
    static const struct {
        const char *mime, *format;
    } formats[] = {
        {"image/jpeg", ".jpg[strip,optimize_coding,background=255,Q=%u]"},
        {"image/png", ".png[strip]"},
        {"image/webp", ".webp[strip,Q=%u]"},
        {"image/gif", ".gif[strip]"},
    };
    struct buf format = {0};
    const char *text = NULL;

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *number = strstr(formats[i].format, "%u");

        if (strcmp(formats[i].mime, try->mime) != 0)
            continue;
        buf_add(&format, formats[i].format,
                number ? (size_t)(number - formats[i].format) : strlen(formats[i].format));
        if (number != NULL)
            buf_printf(&format, "%u%s", try->quality, number + 2);
        text = arena_strdup(arena, buf_text(&format));
    }
    buf_release(&format);
    return text;
}

static bool open_files(struct fitting *fitting, struct error *err)
{
    const struct media_roots roots = documents_media_roots(fitting->fitter->settings);
    struct body_file file;

    if (fitting->input < 0) {
        if (!body_open(&file, &roots, fitting->media, err))
            return false;
        fitting->input = file.fd;
    }
    if (fitting->output >= 0)
        close(fitting->output);
    fitting->output = memfd_create("cald-image", MFD_CLOEXEC);
    return fitting->output >= 0 || fail_errno(err, "cannot make a file in memory");
}

static void command_ended(void *context, const struct command_end *end);

/* One thread and no code made at run time: the unit forbids memory that is both written and run. */
static bool run(struct fitting *fitting, struct error *err)
{
    static const struct command_limits limits = {
        .memory = UINT64_C(2) << 30, .file = MADE_MOST, .processor = 60};
    static const char *const environment[] = {
        COMMAND_PATH,      "LC_ALL=C.UTF-8",     "HOME=/nonexistent",
        "VIPS_NOVECTOR=1", "VIPS_CONCURRENCY=1", "VIPS_BLOCK_UNTRUSTED=1",
        "VIPS_WARNING=0",  "MALLOC_ARENA_MAX=1", NULL};
    const struct fit_try *try = &fitting->try;
    const char *argv[] = {
        fitting->fitter->settings->image_tool,
        fitting->fit.moves ? "stdin[fail_on=truncated,n=-1]" : "stdin[fail_on=truncated]",
        "--size",
        arena_printf(fitting->arena, "%ux%u>", try->side, try->side),
        "--export-profile",
        "srgb",
        "--output",
        output_of(try, fitting->arena),
        NULL,
    };

    if (!open_files(fitting, err))
        return false;
    fitting->tries++;
    fitting->command = command_run_on(fitting->fitter->loop, argv, environment, fitting->input,
                                      fitting->output, &limits, COMMAND_TIME, command_ended, fitting, err);
    return fitting->command != NULL;
}

static void start_waiting(struct fitter *fitter)
{
    struct fitting *waiting = NULL;
    size_t running = 0;

    for (struct fitting *fitting = fitter->fittings; fitting != NULL; fitting = fitting->next) {
        running += fitting->command != NULL;
        if (fitting->command == NULL && *fitting->note)
            waiting = fitting; /* the oldest is the last of the list */
    }
    if (waiting != NULL && running < COMMANDS_MOST) {
        struct error err = {0};

        if (!run(waiting, &err))
            failed(waiting, err.message, true);
    }
}

/* ---- what came of it ---- */

static void try_next(struct fitting *fitting, int64_t size)
{
    struct error err = {0};

    if (fitting->tries >= TRIES_MOST || !fit_next(&fitting->fit, &fitting->try, size, &fitting->try))
        failed(fitting,
               arena_printf(fitting->arena, "it stays larger than %lld bytes", (long long)fitting->fit.bytes),
               false);
    else if (!run(fitting, &err))
        failed(fitting, err.message, true);
}

/* Kept under its hash; that it is an image of the type and size that was asked for is looked at first. */
static void keep(struct fitting *fitting, int64_t size)
{
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fitting->output, 0);
    struct media *media = arena_new_of(fitting->arena, struct media);
    struct error err = {0};
    bool kept = false, right = false;

    if (bytes != MAP_FAILED) {
        struct image image;

        right = image_sniff(bytes, size < IMAGE_HEADER ? (size_t)size : IMAGE_HEADER, &image) &&
                strcmp(image.mime, fitting->try.mime) == 0 && image.width <= fitting->try.side &&
                image.height <= fitting->try.side;
        kept =
            right && media_keep(fitting->fitter->settings, bytes, (size_t)size, fitting->arena, media, &err);
        munmap(bytes, (size_t)size);
    }
    if (kept)
        made(fitting, media);
    else
        failed(fitting, right ? err.message : "what the program gave is not what it was asked for", right);
}

/* The reason is on its second line. */
static const char *complaint(const struct command_end *end, struct arena *arena)
{
    const char *said = end->said + strcspn(end->said, "\n");
    size_t length;

    said += strspn(said, "\n");
    length = strcspn(said, "\n");
    return length > 0 ? arena_printf(arena, "%s (%.*s)", end->message, length > 200 ? 200 : (int)length, said)
                      : arena_strdup(arena, end->message);
}

static void command_ended(void *context, const struct command_end *end)
{
    struct fitting *fitting = context;
    off_t size = lseek(fitting->output, 0, SEEK_END);

    fitting->command = NULL;
    if (!end->ok)
        failed(fitting, complaint(end, fitting->arena), false);
    else if (size <= 0)
        failed(fitting, "the program gave nothing", false);
    else if (fitting->fit.bytes > 0 && size > fitting->fit.bytes)
        try_next(fitting, size);
    else
        keep(fitting, size);
}

/* ---- asking ---- */

static struct media *copy_media(const struct media *media, struct arena *arena)
{
    struct media *copy = arena_new_of(arena, struct media);

    *copy = *media;
    copy->file = arena_strdup(arena, media->file);
    copy->alt = arena_strdup(arena, media->alt);
    copy->mime = arena_strdup(arena, media->mime);
    copy->sha256 = arena_strdup(arena, media->sha256);
    return copy;
}

static struct fitting *fitting_for(struct fitter *fitter, const struct media *media, const struct fit *fit,
                                   const char *note)
{
    struct fitting *fitting = fitter->fittings;

    while (fitting != NULL && strcmp(fitting->note, note) != 0)
        fitting = fitting->next;
    if (fitting != NULL)
        return fitting;
    fitting = xmalloc(sizeof *fitting);
    *fitting = (struct fitting){.next = fitter->fittings,
                                .fitter = fitter,
                                .arena = arena_new(),
                                .fit = *fit,
                                .try = fit_first(fit),
                                .input = -1,
                                .output = -1};
    fitting->media = copy_media(media, fitting->arena);
    fitting->fit.mime = fitting->try.mime = arena_strdup(fitting->arena, fit->mime);
    fitting->fit.otherwise = arena_strdup(fitting->arena, fit->otherwise);
    fitting->note = arena_strdup(fitting->arena, note);
    fitter->fittings = fitting;
    return fitting;
}

static void make(struct fitter *fitter, const struct media *media, const struct fit *fit, fitter_done *done,
                 void *context, struct arena *arena)
{
    const char *note = note_of(media, fit, arena);
    const struct media *kept = find_kept(fitter, note, arena);
    struct fitting *fitting;
    struct asker *asker;

    if (kept != NULL) {
        done(context,
             &(struct fitted){.media = kept,
                              .message = arena_printf(arena, "'%s' goes as %s (%s), which was made before",
                                                      media->file, kept->file, size_of(kept, arena))});
        return;
    }
    fitting = fitting_for(fitter, media, fit, note);
    asker = arena_new_of(fitting->arena, struct asker);
    *asker = (struct asker){.next = fitting->askers, .done = done, .context = context};
    fitting->askers = asker;
    start_waiting(fitter);
}

void fitter_ask(struct fitter *fitter, const struct job *job, const struct media *media, fitter_done *done,
                void *context)
{
    struct arena *arena = arena_new();
    struct image_limits limits = image_limits_of(job->account, job->session, arena);
    struct fit_fault faults[FIT_FAULTS] = {{"", "it has metadata"}};
    struct fit fit;

    fit_faults(job->account, media, &limits, arena, faults);
    if (fit_plan(media, &limits, &fit) == FIT_CANNOT || fit.mime == NULL)
        done(context, &(struct fitted){.message = faults[0].why});
    else if (!fitter->settings->image_tool_found)
        done(context, &(struct fitted){
                          .message = arena_printf(arena,
                                                  "%s, and '%s', which would scale it, is not there: install "
                                                  "libvips-tools",
                                                  faults[0].why, fitter->settings->image_tool)});
    else
        make(fitter, media, &fit, done, context, arena);
    arena_free(arena);
}

/* ---- beginning and end ---- */

static bool sends_images(const struct settings *settings)
{
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct account *account = &settings->accounts[i].account;

        if (account->network->features & FEATURE_IMAGES && !account->network->tells_images)
            return true;
    }
    return false;
}

void fitter_use(struct fitter *fitter, const struct settings *settings)
{
    fitter->settings = settings;
    if (settings->image_tool_found || fitter->missing_told || !sends_images(settings))
        return;
    fitter->missing_told = true;
    log_warn("'%s' is not there: images are sent as they are, with their metadata, and what a network does "
             "not take "
             "is refused; install libvips-tools, or say 'image_tool'",
             settings->image_tool);
}

struct fitter *fitter_new(struct loop *loop, struct queue *queue)
{
    struct fitter *fitter = xmalloc(sizeof *fitter);

    *fitter = (struct fitter){.loop = loop, .queue = queue};
    return fitter;
}

void fitter_free(struct fitter *fitter)
{
    if (fitter == NULL)
        return;
    while (fitter->fittings != NULL) {
        command_kill(fitter->fittings->command);
        fitting_free(fitter->fittings);
    }
    free(fitter);
}
