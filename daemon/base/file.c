/* See file.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"

enum { SECRET_MAX = 64 * 1024 };

bool file_read_fd(int fd, const char *name, size_t max, struct buf *out, struct error *err)
{
    size_t start = out->length;
    for (;;) {
        buf_reserve(out, 65536);
        ssize_t n = read(fd, out->data + out->length, 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(err, "cannot read '%s'", name);
        if (n == 0)
            return true;
        out->length += (size_t)n;
        out->data[out->length] = '\0';
        if (out->length - start > max)
            return fail(err, "'%s' is larger than %zu bytes", name, max);
    }
}

static bool is_regular(int fd, const char *path, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return fail_errno(err, "cannot read '%s'", path);
    if (S_ISDIR(st.st_mode))
        return fail(err, "'%s' is a directory, not a file", path);
    return S_ISREG(st.st_mode) || fail(err, "'%s' is not a regular file", path);
}

bool file_read(const char *path, size_t max, struct buf *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fail_errno(err, "cannot open '%s'", path);
    bool ok = is_regular(fd, path, err) && file_read_fd(fd, path, max, out, err);
    close(fd);
    return ok;
}

static bool leads_out(const char *path)
{
    size_t length = strlen(path);
    return path[0] == '/' || !strcmp(path, "..") || !strncmp(path, "../", 3) || strstr(path, "/../") ||
           (length > 3 && !strcmp(path + length - 3, "/.."));
}

/* Opens one name in a directory, which it closes. No link is followed; ELOOP says that it was one. */
static int open_step(int directory, const char *name, bool last)
{
    int flags = O_CLOEXEC | O_NOFOLLOW | (last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY);
    struct stat st;
    int fd = openat(directory, *name ? name : ".", flags), number = errno;
    if (fd < 0 && !fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
        number = ELOOP;
    close(directory);
    errno = number;
    return fd;
}

/* Name by name, not with openat2: RestrictSUIDSGID= of systemd and other seccomp filters refuse it whole. */
static int open_beneath(const char *root, const char *path, struct error *err)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *names = xstrdup(path), *rest = names;
    if (fd < 0)
        fail_errno(err, "cannot open '%s'", root);
    while (fd >= 0 && rest) {
        const char *name = strsep(&rest, "/");
        fd = open_step(fd, name, !rest);
        if (fd < 0 && errno == ELOOP)
            fail(err, "'%s' is or passes through a symbolic link", path);
        else if (fd < 0)
            fail_errno(err, "cannot open '%s' in '%s'", path, root);
    }
    free(names);
    return fd;
}

int file_open_beneath(const char *root, const char *path, struct error *err)
{
    if (leads_out(path)) {
        fail(err, "'%s' leaves the directory '%s'", path, root);
        return -1;
    }
    int fd = open_beneath(root, path, err);
    if (fd >= 0 && !is_regular(fd, path, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_credential(const char *path)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    size_t length = directory ? strlen(directory) : 0;
    return length && !strncmp(path, directory, length) && path[length] == '/';
}

static bool is_private(int fd, const char *path, struct error *err)
{
    struct stat st;
    mode_t forbidden = is_credential(path) ? 027 : 077;
    if (fstat(fd, &st))
        return fail_errno(err, "cannot read '%s'", path);
    if (st.st_mode & forbidden)
        return fail(err, "'%s' holds a secret but others may read it (mode %04o), run: chmod 600 '%s'", path,
                    (unsigned)(st.st_mode & 07777), path);
    return true;
}

bool file_secret_is_private(const char *path, struct error *err)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return true;
    bool ok = is_private(fd, path, err);
    close(fd);
    return ok;
}

bool file_is_owners_to_write(const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) || !(st.st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    return fail(err, "'%s' holds the queue but others may write to it (mode %04o), run: chmod go-w '%s'", path,
                (unsigned)(st.st_mode & 07777), path);
}

bool file_read_secret(const char *path, struct buf *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fail_errno(err, "cannot open '%s'", path);
    bool ok = is_regular(fd, path, err) && is_private(fd, path, err) &&
              file_read_fd(fd, path, SECRET_MAX, out, err);
    close(fd);
    while (ok && out->length && (out->data[out->length - 1] == '\n' || out->data[out->length - 1] == '\r'))
        out->data[--out->length] = '\0';
    return ok;
}

bool file_write(int fd, const void *bytes, size_t length)
{
    for (const char *at = bytes; length;) {
        ssize_t n = write(fd, at, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

bool file_sync_directory(const char *directory, struct error *err)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && !fsync(fd);
    if (!ok)
        fail_errno(err, "cannot sync '%s'", directory);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool sync_directory_of(const char *path, struct error *err)
{
    char *directory = file_directory(path);
    bool ok = file_sync_directory(directory, err);
    free(directory);
    return ok;
}

bool file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct error *err)
{
    struct buf temporary = {0};
    buf_printf(&temporary, "%s.new.%ld", path, (long)getpid());
    unlink(temporary.data);
    int fd = open(temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    bool ok = fd >= 0 && file_write(fd, bytes, length) && !fsync(fd);
    if (fd >= 0 && close(fd))
        ok = false;
    ok = ok && !rename(temporary.data, path);
    if (!ok) {
        fail_errno(err, "cannot write '%s'", path);
        unlink(temporary.data);
    }
    buf_release(&temporary);
    return ok && sync_directory_of(path, err);
}

bool file_make_directories(const char *path, mode_t mode, struct error *err)
{
    char *copy = xstrdup(path);
    bool ok = true;
    for (char *slash = copy; ok && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (*copy && mkdir(copy, mode) && errno != EEXIST)
            ok = fail_errno(err, "cannot make the directory '%s'", copy);
        if (slash)
            *slash = '/';
    }
    free(copy);
    return ok;
}

char *file_join(const char *directory, const char *name)
{
    if (*name == '/' || !strcmp(directory, "."))
        return xstrdup(name);
    struct buf path = {0};
    buf_printf(&path, "%s%s%s", directory, directory[strlen(directory) - 1] == '/' ? "" : "/", name);
    return buf_detach(&path);
}

char *file_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    if (slash == path)
        return xstrdup("/");
    char *directory = xstrdup(path);
    directory[slash - path] = '\0';
    return directory;
}

/* ---- directories ---- */

bool file_is_listed(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);
    return *name != '.' && length > end && !strcmp(name + length - end, suffix);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool file_list(const char *directory, const char *suffix, size_t most, struct arena *arena, const char ***ret_paths,
               size_t *ret_count, struct error *err)
{
    const char **paths = NULL, *slash = directory[0] && directory[strlen(directory) - 1] == '/' ? "" : "/";
    size_t count = 0;
    struct dirent *entry;
    DIR *open = opendir(directory);
    if (!open)
        return fail_errno(err, "cannot open the directory '%s'", directory);
    while (count <= most && (errno = 0, entry = readdir(open)))
        if (file_is_listed(entry->d_name, suffix))
            *arena_push(arena, paths, count) = arena_printf(arena, "%s%s%s", directory, slash, entry->d_name);
    bool ok = count <= most ? !errno || fail_errno(err, "cannot read the directory '%s'", directory)
                            : fail(err, "'%s' has more than %zu files", directory, most);
    closedir(open);
    if (!ok)
        return false;
    if (count)
        qsort(paths, count, sizeof *paths, compare_paths);
    *ret_paths = paths;
    *ret_count = count;
    return true;
}

char *file_link(const char *from, const char *to)
{
    struct buf link = {0};
    size_t same = 0;
    for (size_t i = 0; from[i] && from[i] == to[i]; i++)
        if (from[i] == '/')
            same = i + 1;
    for (const char *at = strchr(from + same, '/'); at; at = strchr(at + 1, '/'))
        buf_add_text(&link, "../");
    buf_add_text(&link, to + same);
    return buf_detach(&link);
}
