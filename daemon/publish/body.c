/*
 * What was approved is what is sent: the hash is taken from the same descriptor the bytes are then read from,
 * so a file that is replaced in between changes nothing.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file_hash.h"
#include "publish/body.h"

static bool verify(int fd, const struct media *media, struct error *err)
{
    char hash[SHA256_HEX];
    int64_t size;

    if (!file_hash(fd, hash, &size))
        return fail_errno(err, "cannot read '%s'", media->file);
    if (size != media->size || media->sha256 == NULL || strcmp(hash, media->sha256) != 0)
        return fail(err, "'%s' was changed since the post was planned; run 'calctl reload'", media->file);
    return true;
}

bool body_open(struct body_file *file, const struct media_roots *roots, const struct media *media,
               struct error *err)
{
    return body_open_range(file, roots, media, 0, 0, err);
}

bool body_open_range(struct body_file *file, const struct media_roots *roots, const struct media *media,
                     int64_t from, int64_t length, struct error *err)
{
    int fd = media_open(roots, media->file, err);

    if (fd < 0)
        return false;
    bool ok = verify(fd, media, err);
    if (ok && (from < 0 || length < 0 || from > media->size || length > media->size - from))
        ok = fail(err, "'%s' has no %lld bytes from byte %lld on", media->file, (long long)length,
                  (long long)from);
    if (!ok) {
        close(fd);
        return false;
    }
    *file = (struct body_file){.fd = fd, .from = from, .size = length ? length : media->size - from};
    return true;
}

size_t body_read(struct body_file *file, char *ret_bytes, size_t most)
{
    int64_t left = file->size - file->at;
    ssize_t got;

    if (left <= 0)
        return 0;
    do
        got = pread(file->fd, ret_bytes, (int64_t)most < left ? most : (size_t)left, file->from + file->at);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return SIZE_MAX; /* an error, or it became shorter */
    file->at += got;
    return (size_t)got;
}

void body_seek(struct body_file *file, int64_t at)
{
    file->at = at;
}

void body_close(struct body_file *file)
{
    close(file->fd);
}
