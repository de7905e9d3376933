/*
 * See reserve.h. Knows files, not what is stored in what it keeps free. Allocated, not written: file systems
 * that copy on write give back what they took all the same.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "queue/reserve.h"

static bool is_whole(const char *path)
{
    struct stat file;
    return !lstat(path, &file) && S_ISREG(file.st_mode) && file.st_size == RESERVE_SIZE &&
           file.st_blocks * 512 >= RESERVE_SIZE;
}

/* What root alone may use does not count. */
static bool has_margin(int fd)
{
    struct statvfs disk;
    return fstatvfs(fd, &disk) || disk.f_bavail * disk.f_frsize >= RESERVE_MARGIN;
}

static bool make(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool made = !posix_fallocate(fd, 0, RESERVE_SIZE) && has_margin(fd);
    if (!made)
        unlink(path);
    close(fd);
    return made;
}

void reserve_open(struct reserve *reserve, const char *directory)
{
    *reserve = (struct reserve){.path = file_join(directory, "reserve")};
    reserve->there = is_whole(reserve->path) || make(reserve->path);
    if (!reserve->there)
        log_error("the disk of '%s' has no room: nothing is sent and nothing new is taken until there are %d MiB",
                  directory, (RESERVE_SIZE + RESERVE_MARGIN) >> 20);
}

void reserve_release(struct reserve *reserve)
{
    free(reserve->path);
    *reserve = (struct reserve){0};
}

bool reserve_ensure(struct reserve *reserve)
{
    if (reserve->there)
        return true;
    reserve->there = make(reserve->path);
    if (reserve->there)
        log_info("the disk has room again: what was due goes out, new posts are taken");
    return reserve->there;
}

bool reserve_is_needed(const struct reserve *reserve)
{
    struct statvfs disk;
    return reserve->there && !statvfs(reserve->path, &disk) && disk.f_bavail * disk.f_frsize < RESERVE_MARGIN;
}

bool reserve_give_up(struct reserve *reserve)
{
#ifdef CALD_MUTANT_NO_RESERVE
    return false;
#endif
    if (!reserve->there)
        return false;
    reserve->there = false;
    unlink(reserve->path);
    log_error("the disk is full: nothing is sent and nothing new is taken until there are %d MiB; what is being "
              "sent is still recorded", (RESERVE_SIZE + RESERVE_MARGIN) >> 20);
    return true;
}
