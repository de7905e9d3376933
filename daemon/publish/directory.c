/*
 * See directory.h. It knows files and their names, and nothing of what a page is but its mark.
 *
 * Name by name, not with openat2, as file_open_beneath does, for the same reason. A name is taken with
 * renameat2 and RENAME_NOREPLACE, or where the file system cannot do that, with a hard link: nothing is ever
 * replaced, but a page that is to be changed and is as it was written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "network/driver.h"
#include "publish/body.h"
#include "publish/directory.h"

enum {
    HEAD_MOST = 65536,
    PIECE = 65536
}; /* of a page is looked for its mark; of an image is copied at a time */

struct made {
    int directory;
    const char *name;
};

struct put {
    const struct request *request;
    const struct directory *directory;
    const struct media_roots *roots;
    struct arena *arena;
    const char *temporary; /* a name */
    int root;
    struct made *made; /* images that were not there before; their directories are open */
    size_t made_count;
    bool visible; /* the page has its name */
    bool fresh;   /* and had not before */
    int status;
    const char *message;
};

struct source { /* of one file */
    const char *path;
    const struct media *media; /* or NULL: the page */
};

/* ---- what went wrong ---- */

static bool stop(struct put *put, int status, const char *message)
{
    put->status = status;
    put->message = message;
    return false;
}

static bool forbidden(struct put *put, int number)
{
    return stop(
        put, 403,
        arena_printf(
            put->arena,
            "cald may not write in '%s' (%s): give the user it runs as the right to; under systemd also "
            "'systemctl edit cald' with BindPaths=%s",
            put->directory->root, strerror(number), put->directory->root));
}

/* By errno; path is what was being done. */
static bool stop_errno(struct put *put, const char *path)
{
    int number = errno;
    const char *what = arena_printf(put->arena, "cannot write '%s' in '%s': %s", path, put->directory->root,
                                    strerror(number));

    switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
        return forbidden(put, number);
    case ENOSPC:
    case EDQUOT:
        return stop(put, 507, what);
    case ELOOP:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EINVAL:
        return stop(
            put, 400,
            number == ELOOP || number == ENOTDIR
                ? arena_printf(put->arena,
                               "'%s' in '%s' leads through something that is no directory; links are not "
                               "followed there",
                               path, put->directory->root)
                : what);
    default:
        return stop(put, 503, what);
    }
}

/* ---- directories ---- */

static bool open_root(struct put *put)
{
    const char *root = put->directory->root;

    put->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (put->root >= 0)
        return true;
    if (errno == ENOENT || errno == ENOTDIR)
        return stop(put, 404,
                    arena_printf(put->arena,
                                 "the directory '%s' is not there: make it, or correct 'directory'; under "
                                 "systemd cald sees it only with 'systemctl edit cald' and BindPaths=%s",
                                 root, root));
    return stop_errno(put, ".");
}

/* Readable for whom the directory above is: the umask of a daemon is its own business. */
static void make_directory(int above, const char *name)
{
    struct stat st, own;
    int ignored = 0;

    if (mkdirat(above, name, 0700) != 0)
        return;
    if (fstat(above, &st) == 0 && fstatat(above, name, &own, AT_SYMLINK_NOFOLLOW) == 0)
        ignored = fchmodat(above, name, (own.st_mode & 07000) | (st.st_mode & 0777), 0);
    (void)ignored; /* then nobody but cald reads it, which whoever reads the site notices */
    fsync(above);
}

static int open_directory(int above, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(above, name, flags);

    if (fd < 0 && errno == ENOENT) {
        make_directory(above, name);
        fd = openat(above, name, flags);
    }
    return fd;
}

/* The directory of a path, made if it is missing, and the last name. -1: told. */
static int open_parent(struct put *put, const char *path, const char **ret_name)
{
    char *rest = arena_strdup(put->arena, path);
    int fd;

    if (!driver_is_path(path)) {
        stop(put, 400, arena_printf(put->arena, "'%s' is no path beneath '%s'", path, put->directory->root));
        return -1;
    }
    fd = openat(put->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && strchr(rest, '/') != NULL) {
        const char *name = strsep(&rest, "/");
        int next = open_directory(fd, name), number = errno;

        close(fd);
        fd = next;
        errno = number;
    }
    if (fd < 0)
        stop_errno(put, path);
    *ret_name = rest;
    return fd;
}

/* ---- what is there already ---- */

enum found { FOUND_NOTHING, FOUND_OURS, FOUND_ANOTHER, FOUND_ERROR };

static bool has_mark(struct put *put, int fd)
{
    const char *line = arena_printf(put->arena, "\n%s\n", put->directory->mark);
    char *head = arena_alloc(put->arena, HEAD_MOST);
    ssize_t length = pread(fd, head, HEAD_MOST, 0);

    return length > 0 && memmem(head, (size_t)length, line, strlen(line)) != NULL;
}

static bool has_bytes(int fd, const struct media *media)
{
    char hash[SHA256_HEX];
    int64_t size;

    return sha256_fd(fd, hash, &size) && size == media->size && strcmp(hash, media->sha256) == 0;
}

/* It may be there since a life that ended before it was synced. */
static enum found look(struct put *put, int directory, const char *name, const struct source *source)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    enum found found = FOUND_ANOTHER;
    struct stat st;
    int number;

    if (fd < 0 && errno == ENOENT)
        return FOUND_NOTHING;
    if (fd < 0)
        return errno == ELOOP || errno == EACCES || errno == ENXIO ? FOUND_ANOTHER : FOUND_ERROR;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        (source->media != NULL ? has_bytes(fd, source->media) : has_mark(put, fd)))
        found = FOUND_OURS;
    if (found == FOUND_OURS && source->media == NULL)
        put->visible = true;
    if (found == FOUND_OURS && (fsync(fd) != 0 || fsync(directory) != 0))
        found = FOUND_ERROR;
    number = errno;
    close(fd);
    errno = number;
    return found;
}

static bool stop_taken(struct put *put, const struct source *source)
{
    return stop(put, 409,
                arena_printf(put->arena,
                             "'%s' is in '%s' already and is not this post's: it was left as it is; move it, "
                             "or give the post another slug",
                             source->path, put->directory->root));
}

static bool has_text(struct put *put, int fd, const char *text)
{
    size_t length = strlen(text), have = 0;
    char *bytes = arena_alloc(put->arena, length + 2);

    for (ssize_t more; have <= length; have += (size_t)more) {
        more = pread(fd, bytes + have, length + 1 - have, (off_t)have);
        if (more <= 0)
            break;
    }
    return have == length && memcmp(bytes, text, length) == 0;
}

enum change { CHANGE_DONE, CHANGE_DUE, CHANGE_ANOTHER };

/* What the page says that is to be changed. */
static enum change look_at_page(struct put *put, int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    enum change change = CHANGE_ANOTHER;
    struct stat st;

    if (fd < 0)
        return change;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        if (has_text(put, fd, put->request->body))
            change = fsync(fd) == 0 && fsync(directory) == 0 ? CHANGE_DONE : CHANGE_DUE;
        else if (has_text(put, fd, put->directory->was))
            change = CHANGE_DUE;
    }
    close(fd);
    return change;
}

static bool stop_changed(struct put *put, const struct source *source)
{
    return stop(
        put, 409,
        arena_printf(put->arena,
                     "'%s' in '%s' is not as cald wrote it any more: it was left as it is; change it there",
                     source->path, put->directory->root));
}

/* ---- a file ---- */

static bool copy_image(struct put *put, int fd, const struct source *source)
{
    struct body_file file;
    struct error err;
    char *piece = arena_alloc(put->arena, PIECE);
    size_t length = 0;
    bool ok = true;

    if (!body_open(&file, put->roots, source->media, &err))
        return stop(put, 410, arena_strdup(put->arena, err.message));
    while (ok && (length = body_read(&file, piece, PIECE)) > 0 && length != SIZE_MAX) {
        if (!file_write(fd, piece, length))
            ok = stop_errno(put, source->path);
    }
    body_close(&file);
    if (length == SIZE_MAX)
        return stop(put, 410, arena_printf(put->arena, "'%s' cannot be read", source->media->file));
    return ok;
}

static bool fill(struct put *put, int fd, const struct source *source)
{
    if (source->media != NULL)
        return copy_image(put, fd, source);
    return file_write(fd, put->request->body, put->request->body_length) || stop_errno(put, source->path);
}

static bool write_temporary(struct put *put, int directory, const struct source *source)
{
    int fd = openat(directory, put->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat st;
    bool ok;

    if (fd < 0)
        return stop_errno(put, source->path);
    ok = fill(put, fd, source);
    if (ok && (fstat(directory, &st) != 0 || fchmod(fd, (st.st_mode & 0666) | 0600) != 0 || fsync(fd) != 0))
        ok = stop_errno(put, source->path);
    close(fd);
    return ok;
}

static bool take_name(int directory, const char *from, const char *name)
{
    if (renameat2(directory, from, directory, name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return linkat(directory, from, directory, name, 0) == 0 && unlinkat(directory, from, 0) == 0;
}

static void note_made(struct put *put, int directory, const char *name, const struct source *source)
{
    if (source->media == NULL) {
        put->visible = put->fresh = true;
        return;
    }
    *arena_push(put->arena, put->made, put->made_count) = (struct made){dup(directory), name};
}

static bool make_file(struct put *put, int directory, const char *name, const struct source *source)
{
    if (!write_temporary(put, directory, source)) {
        unlinkat(directory, put->temporary, 0);
        return false;
    }
    if (!take_name(directory, put->temporary, name)) {
        bool taken = errno == EEXIST;

        if (!taken)
            stop_errno(put, source->path);
        unlinkat(directory, put->temporary, 0);
        return taken ? stop_taken(put, source) : false;
    }
    note_made(put, directory, name, source);
    return fsync(directory) == 0 || stop_errno(put, source->path);
}

static bool replace_page(struct put *put, int directory, const char *name, const struct source *source)
{
    enum change change = look_at_page(put, directory, name);

    if (change == CHANGE_ANOTHER)
        return stop_changed(put, source);
    put->visible = change == CHANGE_DONE;
    if (put->visible)
        return true;
    if (!write_temporary(put, directory, source) ||
        renameat(directory, put->temporary, directory, name) != 0) {
        if (put->status == 0)
            stop_errno(put, source->path);
        unlinkat(directory, put->temporary, 0);
        return false;
    }
    note_made(put, directory, name, source);
    return fsync(directory) == 0 || stop_errno(put, source->path);
}

static bool put_in(struct put *put, int directory, const char *name, const struct source *source)
{
    unlinkat(directory, put->temporary, 0); /* of a life that ended here */
    if (source->media == NULL && put->directory->was != NULL)
        return replace_page(put, directory, name, source);
    switch (look(put, directory, name, source)) {
    case FOUND_OURS:
        return true;
    case FOUND_ANOTHER:
        return stop_taken(put, source);
    case FOUND_ERROR:
        return stop_errno(put, source->path);
    case FOUND_NOTHING:
        break;
    }
    return make_file(put, directory, name, source);
}

static bool put_file(struct put *put, const struct source *source)
{
    const char *name;
    int directory = open_parent(put, source->path, &name);
    bool ok;

    if (directory < 0)
        return false;
    ok = put_in(put, directory, name, source);
    close(directory);
    return ok;
}

/* ---- the whole ---- */

static bool put_all(struct put *put)
{
    const struct request *request = put->request;

    for (size_t i = 0; i < request->part_count; i++) {
        if (!put_file(put, &(struct source){request->parts[i].name, request->parts[i].media}))
            return false;
    }
    if (!put_file(put, &(struct source){.path = put->directory->page}))
        return false;
    put->status = put->fresh ? 201 : 200;
    put->message = put->fresh ? "written" : "it was there already";
    return true;
}

/* What a refused post leaves is nothing. */
static void clean(struct put *put, bool ok)
{
    for (size_t i = 0; i < put->made_count; i++) {
        if (!ok && !put->visible)
            unlinkat(put->made[i].directory, put->made[i].name, 0);
        close(put->made[i].directory);
    }
}

static void look_only(struct put *put)
{
    if (faccessat(put->root, ".", W_OK | X_OK, AT_EACCESS) != 0)
        stop_errno(put, ".");
    else
        stop(put, 200, "one can write there");
}

static void do_it(struct put *put)
{
    bool ok;

    if (put->directory->page == NULL) {
        look_only(put);
        return;
    }
    ok = put_all(put);
    clean(put, ok);
    if (!ok && put->visible)
        stop(put, 500,
             arena_printf(put->arena, "the page is there, but it is not sure that it stays: %s",
                          put->message));
}

void directory_put(const struct request *request, const struct media_roots *roots, struct arena *arena,
                   struct response *ret_response)
{
    struct put put = {.request = request, .directory = request->directory, .roots = roots, .arena = arena};

    put.temporary = arena_printf(arena, ".cald-%s", request->directory->key);
    if (open_root(&put)) {
        do_it(&put);
        close(put.root);
    }
    *ret_response =
        (struct response){.status = put.status, .body = put.message, .body_length = strlen(put.message)};
}
