/*
 * See documents.h: media on disk. What a calendar names is beneath the media root; what came
 * through the control endpoint is kept in the state directory under the hash of its bytes, and
 * named "upload:HASH.png" in contents.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_hash.h"
#include "base/foreign.h"
#include "base/image.h"
#include "base/pdf.h"
#include "base/video.h"
#include "documents_internal.h"

static const char prefix[] = "upload:";

static bool is_upload(const char *file)
{
    return !strncmp(file, prefix, sizeof prefix - 1);
}

int media_open(const struct media_roots *roots, const char *file, struct error *err)
{
    if (!is_upload(file))
        return file_open_beneath(roots->media, file, err);
    if (roots->uploads)
        return file_open_beneath(roots->uploads, file + sizeof prefix - 1, err);
    fail(err, "'%s' was uploaded to a running cald, a document cannot name it", file);
    return -1;
}

struct media_roots documents_media_roots(const struct settings *settings)
{
    return (struct media_roots){.media = settings->media_root, .uploads = settings->uploads};
}

static size_t read_head(int fd, char *head, size_t size)
{
    size_t length = 0;
    for (ssize_t n; length < size && (n = read(fd, head + length, size - length)) > 0;)
        length += (size_t)n;
    return length;
}

static void describe_video(struct media *media, const struct video *video, struct arena *arena)
{
    media->mime = video->mime;
    media->width = video->width;
    media->height = video->height;
    media->length = video->length;
    media->index_last = video->index_last;
    media->codec = arena_strdup(arena, video->codec);
    media->sound = *video->sound ? arena_strdup(arena, video->sound) : NULL;
}

/* Of an image its first bytes; of a video the boxes that matter, wherever they are; of a PDF both ends. */
static bool describe_bytes(const char *head, size_t length, const struct video_source *source, struct arena *arena,
                           struct media *media, struct error *err)
{
    struct image image;
    struct video video;
    if (video_is(head, length)) {
        if (!video_read(source, &video, err))
            return false;
        describe_video(media, &video, arena);
        return true;
    }
    if (pdf_is(head, length)) {
        media->mime = "application/pdf";
        return pdf_check(source, err);
    }
    if (!image_sniff(head, length < IMAGE_HEADER ? length : IMAGE_HEADER, &image)) {
        const char *kind = foreign_kind(head, length);
        return fail(err, "%s", kind ? kind : "is not a PNG, JPEG, GIF or WebP image, nor an MP4 or QuickTime video, nor a PDF");
    }
    if (source->size > MEDIA_MOST)
        return fail(err, "is larger than %d MiB", MEDIA_MOST >> 20);
    if (!image_is_whole(&image, source))
        return fail(err, "is cut off: the end of the picture is missing; copy or save it again");
    media->mime = image.mime;
    media->width = image.width;
    media->height = image.height;
    media->moves = image.moves;
    media->transparent = image.transparent;
    return true;
}

static bool read_file(void *context, int64_t at, void *ret_bytes, size_t length)
{
    return pread(*(const int *)context, ret_bytes, length, at) == (ssize_t)length;
}

/* In one line of the file's name and what is wrong with it. */
static bool sniff(int fd, const char *file, struct arena *arena, struct media *media, struct error *err)
{
    struct stat st;
    struct error why = {0};
    if (fstat(fd, &st))
        return fail_errno(err, "cannot read '%s'", file);
    if (st.st_size > VIDEO_MOST)
        return fail(err, "'%s' is larger than %lld GiB", file, (long long)(VIDEO_MOST >> 30));
    const struct video_source source = {read_file, &fd, st.st_size};
    size_t size = st.st_size < IMAGE_HEADER ? (size_t)st.st_size : IMAGE_HEADER;
    char *head = xmalloc(size + 1);
    bool ok = describe_bytes(head, read_head(fd, head, size), &source, arena, media, &why);
    free(head);
    return ok || fail(err, "'%s' %s", file, why.message);
}

bool media_inspect(const struct media_roots *roots, const char *file, struct arena *arena, struct media *ret_media,
                   struct error *err)
{
    struct media media = {.file = arena_strdup(arena, file), .alt = ""};
    char hash[SHA256_HEX];
    int fd = media_open(roots, file, err);
    if (fd < 0)
        return false;
    bool ok = sniff(fd, file, arena, &media, err);
    if (ok && !file_hash(fd, hash, &media.size))
        ok = fail_errno(err, "cannot read '%s'", file);
    close(fd);
    if (!ok)
        return false;
    media.sha256 = arena_strdup(arena, hash);
    *ret_media = media;
    return true;
}

const char *media_extension(const char *mime)
{
    static const struct {
        const char *mime, *extension;
    } table[] = {{"image/png", "png"},      {"image/jpeg", "jpg"}, {"image/gif", "gif"},
                 {"image/webp", "webp"},    {"video/mp4", "mp4"},  {"video/quicktime", "mov"},
                 {"application/pdf", "pdf"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].mime, mime))
            return table[i].extension;
    return "bin";
}

bool media_keep(const struct settings *settings, const void *bytes, size_t length, struct arena *arena,
                struct media *ret_media, struct error *err)
{
    const struct video_source source = video_source_of(bytes, length);
    struct media media = {.alt = "", .size = (int64_t)length};
    struct error why = {0};
    char hash[SHA256_HEX];
    if (!describe_bytes(bytes, length, &source, arena, &media, &why))
        return fail(err, "this file %s", why.message);
    const char *name = arena_printf(arena, "%s.%s", sha256_hex(bytes, length, hash), media_extension(media.mime));
    const char *path = arena_printf(arena, "%s/%s", settings->uploads, name);
    if (!file_make_directories(settings->uploads, 0700, err))
        return false;
    if (access(path, F_OK) && !file_replace(path, bytes, length, 0600, err))
        return false;
    media.file = arena_printf(arena, "%s%s", prefix, name);
    media.sha256 = arena_strdup(arena, hash);
    *ret_media = media;
    return true;
}

const char *documents_socket(const char *path, struct arena *arena)
{
    struct buf bytes = {0};
    struct diags diags = diags_in(arena);
    const char *socket = NULL;
    if (file_read(path, SETTINGS_MOST, &bytes, NULL)) {
        const struct yaml *root = yaml_parse(path, buf_text(&bytes), bytes.length, arena, &diags);
        socket = root ? settings_socket(path, root, arena) : NULL;
    }
    buf_release(&bytes);
    return socket;
}
