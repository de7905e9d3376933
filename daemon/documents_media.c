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
#include "base/image.h"
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

static bool sniff(int fd, const char *file, struct media *media, struct error *err)
{
    struct stat st;
    struct image image;
    if (fstat(fd, &st))
        return fail_errno(err, "cannot read '%s'", file);
    if (st.st_size > MEDIA_MOST)
        return fail(err, "'%s' is larger than %d MiB", file, MEDIA_MOST >> 20);
    size_t size = st.st_size < IMAGE_HEADER ? (size_t)st.st_size : IMAGE_HEADER;
    char *head = xmalloc(size + 1);
    bool ok = image_sniff(head, read_head(fd, head, size), &image);
    free(head);
    if (!ok)
        return fail(err, "'%s' is not a PNG, JPEG, GIF or WebP image", file);
    media->mime = image.mime;
    media->width = image.width;
    media->height = image.height;
    return true;
}

bool media_inspect(const struct media_roots *roots, const char *file, struct arena *arena, struct media *ret_media,
                   struct error *err)
{
    struct media media = {.file = arena_strdup(arena, file), .alt = ""};
    char hash[SHA256_HEX];
    int fd = media_open(roots, file, err);
    if (fd < 0)
        return false;
    bool ok = sniff(fd, file, &media, err);
    if (ok && (lseek(fd, 0, SEEK_SET) < 0 || !sha256_fd(fd, hash, &media.size)))
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
    } table[] = {{"image/png", "png"}, {"image/jpeg", "jpg"}, {"image/gif", "gif"}, {"image/webp", "webp"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].mime, mime))
            return table[i].extension;
    return "bin";
}

bool media_keep(const struct settings *settings, const void *bytes, size_t length, struct arena *arena,
                struct media *ret_media, struct error *err)
{
    struct image image;
    char hash[SHA256_HEX];
    if (length > MEDIA_MOST)
        return fail(err, "the image is larger than %d MiB", MEDIA_MOST >> 20);
    if (!image_sniff(bytes, length < IMAGE_HEADER ? length : IMAGE_HEADER, &image))
        return fail(err, "this is not a PNG, JPEG, GIF or WebP image");
    const char *name = arena_printf(arena, "%s.%s", sha256_hex(bytes, length, hash), media_extension(image.mime));
    const char *path = arena_printf(arena, "%s/%s", settings->uploads, name);
    if (!file_make_directories(settings->uploads, 0700, err))
        return false;
    if (access(path, F_OK) && !file_replace(path, bytes, length, 0600, err))
        return false;
    *ret_media = (struct media){.file = arena_printf(arena, "%s%s", prefix, name), .alt = "", .mime = image.mime,
                                .sha256 = arena_strdup(arena, hash), .size = (int64_t)length, .width = image.width,
                                .height = image.height};
    return true;
}

const char *documents_socket(const char *path, struct arena *arena)
{
    struct buf bytes = {0};
    struct diags diags = diags_in(arena);
    const struct settings *settings = NULL;
    if (file_read(path, SETTINGS_MOST, &bytes, NULL)) {
        const struct yaml *root = yaml_parse(path, buf_text(&bytes), bytes.length, arena, &diags);
        settings = root ? settings_load(path, root, arena, &diags) : NULL;
    }
    buf_release(&bytes);
    return settings ? settings->socket : NULL;
}
