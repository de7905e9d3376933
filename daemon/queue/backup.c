/* See backup.h. Knows the database as a file; neither its tables nor the connection that cald writes through.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "queue/backup.h"
#include "queue/db.h"

#define LEFT_FREE ((uint64_t)64 << 20) /* for cald's own writing meanwhile and afterwards */

static uint64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* The copy is no larger than the database with all that is still in its log. */
static bool has_room(const char *database, struct arena *arena, struct error *err)
{
    uint64_t size = size_of(database) + size_of(arena_printf(arena, "%s-wal", database));
    struct statvfs disk;
    if (statvfs(database, &disk))
        return fail_errno(err, "cannot look at '%s'", database);
    return disk.f_bavail * disk.f_frsize >= size + LEFT_FREE ||
           fail(err,
                "no room for the copy: it takes up to %llu MB on the disk of the state directory, and %llu "
                "MB must stay free",
                (unsigned long long)(size >> 20), (unsigned long long)(LEFT_FREE >> 20));
}

static bool copy(const char *database, const char *into, struct error *err)
{
    struct db *db = db_open_to_read(database, err);
    bool ok = db && db_run(db, err, "VACUUM INTO ?", "t", into);
    db_close(db);
    return ok;
}

/* SQLite takes an empty file for one that is not there: so the copy is never open to others. */
static bool make_empty(const char *path, struct error *err)
{
    if (unlink(path) && errno != ENOENT)
        return fail_errno(err, "cannot remove '%s'", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot make '%s'", path);
    close(fd);
    return true;
}

bool backup_make(const char *state_directory, int *ret_fd, int64_t *ret_size, struct error *err)
{
    struct arena *arena = arena_new();
    const char *database = arena_printf(arena, "%s/cald.db", state_directory);
    const char *path = arena_printf(arena, "%s/backup", state_directory);
    bool ok = has_room(database, arena, err) && make_empty(path, err) && copy(database, path, err);
    int fd = ok ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (ok && fd < 0)
        ok = fail_errno(err, "cannot open '%s'", path);
    if (ok) {
        *ret_size = (int64_t)size_of(path);
        *ret_fd = fd;
    }
    unlink(path);
    arena_free(arena);
    return ok;
}
