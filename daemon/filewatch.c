/* See filewatch.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "filewatch.h"

enum { SETTLE_MS = 250 };

struct watched {
    int descriptor; /* of its directory, as inotify reports it */
    const char *name;
};

struct filewatch {
    int inotify; /* -1: there is none */
    struct watch *watch;
    struct timer *settled;
    struct arena *arena; /* of the names */
    struct watched *files;
    size_t count;
    void (*changed)(void *context);
    void *context;
};

/* "" is any document of the directory. */
static bool is_named(const char *wanted, const char *name)
{
    return *wanted ? !strcmp(wanted, name) : file_is_listed(name, ".yaml");
}

static bool is_ours(const struct filewatch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return true; /* something was lost: it may have been ours */
    for (size_t i = 0; i < watch->count && event->len; i++)
        if (watch->files[i].descriptor == event->wd && is_named(watch->files[i].name, event->name))
            return true;
    return false;
}

static void events_ready(void *context, uint32_t events)
{
    struct filewatch *watch = context;
    _Alignas(struct inotify_event) char bytes[4096];
    ssize_t length;
    bool ours = false;
    (void)events;
    while ((length = read(watch->inotify, bytes, sizeof bytes)) > 0)
        for (char *at = bytes; at < bytes + length;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            ours = ours || is_ours(watch, event);
            at += sizeof *event + event->len;
        }
    if (ours)
        timer_after(watch->settled, SETTLE_MS);
}

static void files_settled(void *context)
{
    struct filewatch *watch = context;
    watch->changed(watch->context);
}

struct filewatch *filewatch_new(struct loop *loop, void (*changed)(void *context), void *context)
{
    struct filewatch *watch = xmalloc(sizeof *watch);
    *watch = (struct filewatch){.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .changed = changed, .context = context};
    watch->settled = loop_timer(loop, files_settled, watch);
    if (watch->inotify >= 0)
        watch->watch = loop_watch(loop, watch->inotify, EPOLLIN, events_ready, watch);
    else
        log_warn("cannot watch files: %s, changes need 'calctl reload'", strerror(errno));
    return watch;
}

void filewatch_free(struct filewatch *watch)
{
    if (!watch)
        return;
    watch_free(watch->watch);
    if (watch->inotify >= 0)
        close(watch->inotify);
    timer_free(watch->settled);
    arena_free(watch->arena);
    free(watch);
}

static int watch_directory_of(const struct filewatch *watch, const char *file)
{
    enum { CHANGES = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE };
    char *directory = file_directory(file);
    int descriptor = inotify_add_watch(watch->inotify, directory, CHANGES | IN_ONLYDIR);
    if (descriptor < 0)
        log_warn("cannot watch '%s': %s, changes there need 'calctl reload'", directory, strerror(errno));
    free(directory);
    return descriptor;
}

static bool is_still_watched(const struct watched *files, size_t count, int descriptor)
{
    for (size_t i = 0; i < count; i++)
        if (files[i].descriptor == descriptor)
            return true;
    return false;
}

/* The same directory keeps its descriptor, so what happens between the two sets is not lost. */
void filewatch_set(struct filewatch *watch, const char *const *files, size_t count)
{
    struct arena *arena = arena_new();
    struct watched *watched = arena_alloc_array(arena, count + 1, sizeof *watched);
    if (watch->inotify < 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *slash = strrchr(files[i], '/');
        watched[i] = (struct watched){watch_directory_of(watch, files[i]),
                                      arena_strdup(arena, slash ? slash + 1 : files[i])};
    }
    for (size_t i = 0; i < watch->count; i++)
        if (watch->files[i].descriptor >= 0 && !is_still_watched(watched, count, watch->files[i].descriptor))
            inotify_rm_watch(watch->inotify, watch->files[i].descriptor); /* twice fails, which is fine */
    arena_free(watch->arena);
    watch->arena = arena;
    watch->files = watched;
    watch->count = count;
}
