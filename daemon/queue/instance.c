/* See instance.h. Knows the file and how to compare; when to count is the queue's. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "queue/instance.h"

enum { LINE = 160 };

struct mark { /* what the file says */
    char id[INSTANCE_ID + 1];
    uint64_t count;
    char birth[24], machine[INSTANCE_ID + 1];
};

/* A file gets its birth from the system when it is made, and keeps it: copies
 * and what is unpacked have another. */
static void read_birth(struct instance *instance)
{
    struct statx facts;

    if (statx(instance->fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_INO, &facts) != 0)
        snprintf(instance->birth, sizeof instance->birth, "-");
    else if (facts.stx_mask & STATX_BTIME)
        snprintf(instance->birth, sizeof instance->birth, "%lld.%09u", (long long)facts.stx_btime.tv_sec,
                 facts.stx_btime.tv_nsec);
    else
        snprintf(instance->birth, sizeof instance->birth, "i%llu", (unsigned long long)facts.stx_ino);
}

/* Of the id's hash, as machine-id(5) asks: the id itself is not to be shown around. */
static void read_machine(struct instance *instance)
{
    struct buf bytes = {0};
    char hash[SHA256_HEX];

    snprintf(instance->machine, sizeof instance->machine, "-");
    if (file_read("/etc/machine-id", 256, &bytes, NULL) && bytes.length > 0) {
        sha256_hex(bytes.data, bytes.length, hash);
        memcpy(instance->machine, hash, INSTANCE_ID);
        instance->machine[INSTANCE_ID] = '\0';
    }
    buf_release(&bytes);
}

/* All empty when the file is new or damaged. */
static struct mark read_mark(const struct instance *instance)
{
    char line[LINE + 1] = "";
    struct mark mark = {0};

    if (pread(instance->fd, line, LINE, 0) <= 0 ||
        sscanf(line, "cald %32[0-9a-f] %" SCNu64 " %23s %32s", mark.id, &mark.count, mark.birth, mark.machine) != 4)
        return (struct mark){0};
    return mark;
}

static bool read_note(struct instance *instance, const char *note)
{
    return note != NULL && sscanf(note, "%32[0-9a-f] %" SCNu64, instance->id, &instance->count) == 2;
}

static bool differ(const char *a, const char *b)
{
    return strcmp(a, "-") != 0 && strcmp(b, "-") != 0 && strcmp(a, b) != 0;
}

static const char *doubt_of(const struct instance *instance, const struct mark *mark)
{
    if (strcmp(instance->id, mark->id) != 0)
        return "the database is another one than was used here";
    if (instance->count < mark->count)
        return "the database is older than the one that was used here last";
    if (differ(instance->machine, mark->machine))
        return "the state directory comes from another machine";
    if (differ(instance->birth, mark->birth))
        return "the state directory is a copy, or was put back from one";
    return NULL;
}

/*
 * The file is there before the first delivery is. Of a database that holds some and never sent any (count 0)
 * another copy may have sent them all since.
 */
static const char *compare(const struct instance *instance, bool known, bool used, const struct mark *mark)
{
    bool marked = mark->id[0] != '\0';

    if (!known)
        return mark->count > 0 ? "the database is new, but another one was used here" : NULL;
    if (!marked)
        return used || instance->count > 0 ? "the database was used elsewhere: its file 'instance' is not here" : NULL;
    return doubt_of(instance, mark);
}

/* So that the same copy, put back once more, is known again. */
static void begin_anew(struct instance *instance, const struct mark *mark)
{
    random_hex(instance->id, INSTANCE_ID);
    instance->count = (instance->count > mark->count ? instance->count : mark->count) + 1;
}

bool instance_open(struct instance *instance, const char *state_directory, const char *note, bool used,
                   const char **ret_doubt, struct error *err)
{
    char *path = file_join(state_directory, "instance");
    struct mark mark;
    bool known;

    *instance = (struct instance){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (instance->fd < 0)
        fail_errno(err, "cannot open '%s'", path);
    free(path);
    if (instance->fd < 0)
        return false;
    read_birth(instance);
    read_machine(instance);
    known = read_note(instance, note);
    mark = read_mark(instance);
    *ret_doubt = compare(instance, known, used, &mark);
#ifdef CALD_MUTANT_TRUST_ANY_DATABASE
    *ret_doubt = NULL;
#endif
    if (*ret_doubt != NULL)
        begin_anew(instance, &mark);
    else if (!known)
        random_hex(instance->id, INSTANCE_ID);
    return true;
}

void instance_close(struct instance *instance)
{
    if (instance->birth[0] != '\0' && instance->fd >= 0)
        close(instance->fd);
}

char *instance_note(const struct instance *instance, uint64_t count, char *ret_note)
{
    snprintf(ret_note, INSTANCE_NOTE, "%s %" PRIu64, instance->id, count);
    return ret_note;
}

void instance_write(const struct instance *instance)
{
    char line[LINE];
    int length = snprintf(line, sizeof line, "cald %s %020" PRIu64 " %s %s\n", instance->id, instance->count,
                          instance->birth, instance->machine);
    ssize_t ignored = pwrite(instance->fd, line, (size_t)length, 0); /* one write: whole, or not at all */

    (void)ignored;
}

void instance_begin(const struct instance *instance, const char *state_directory)
{
    int directory = open(state_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    instance_write(instance);
    fsync(instance->fd);
    if (directory < 0)
        return;
    fsync(directory);
    close(directory);
}
