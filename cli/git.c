/* See git.h. Plumbing only: nothing that a repository configures (filters, text conversion, pagers) is run.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "cli/git.h"

enum { NO_GIT = 127, LISTING_MOST = 1 << 20 };

static char **offline_environment(struct arena *arena)
{
    static const char *const ours[] = {"GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0",
                                       "LC_ALL=C"};
    char **all = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        *arena_push(arena, all, count) = arena_strdup(arena, ours[i]);
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "GIT_", 4) != 0 && strncmp(*e, "LC_ALL=", 7) != 0)
            *arena_push(arena, all, count) = *e;
    *arena_push(arena, all, count) = NULL;
    return all;
}

static int start(const char *const *words, int output, pid_t *ret_pid)
{
    struct arena *arena = arena_new();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int failure = posix_spawnp(ret_pid, "git", &actions, NULL, (char *const *)(uintptr_t)words,
                               offline_environment(arena));
    posix_spawn_file_actions_destroy(&actions);
    arena_free(arena);
    return failure;
}

static bool end(pid_t pid, struct error *err)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail_errno(err, "cannot wait for git");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return WIFEXITED(status) && WEXITSTATUS(status) == NO_GIT ? fail(err, "git is not installed")
                                                              : fail(err, "git does not have it");
}

static bool run(const char *const *words, const char *name, size_t most, struct buf *out, struct error *err)
{
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail_errno(err, "cannot run git");
    int failure = start(words, ends[1], &pid);
    close(ends[1]);
    if (failure) {
        close(ends[0]);
        return fail(err, "cannot run git: %s", failure == ENOENT ? "it is not installed" : strerror(failure));
    }
    bool read = file_read_fd(ends[0], name, most, out, err);
    close(ends[0]); /* too much: git ends of a closed pipe */
    struct error ended = {""};
    if (!end(pid, &ended) && read)
        return fail(err, "%s", ended.message);
    return read;
}

bool git_knows(const char *directory, const char *revision, struct error *err)
{
    struct arena *arena = arena_new();
    struct buf out = {0};
    const char *words[] = {"git",
                           "-C",
                           directory,
                           "rev-parse",
                           "--verify",
                           "--end-of-options",
                           arena_printf(arena, "%s^{commit}", revision),
                           NULL};
    bool ok = run(words, "git", 4096, &out, err);
    buf_release(&out);
    arena_free(arena);
    return ok;
}

bool git_read(const char *path, const char *revision, size_t most, struct buf *out, struct error *err)
{
    struct arena *arena = arena_new();
    const char *slash = strrchr(path, '/');
    const char *directory = slash ? arena_strndup(arena, path, (size_t)(slash - path)) : ".";
    const char *object = arena_printf(arena, "%s:./%s", revision, slash ? slash + 1 : path);
    const char *words[] = {"git", "-C", *directory ? directory : "/", "cat-file", "blob", object, NULL};
    bool ok = run(words, path, most, out, err);
    arena_free(arena);
    return ok;
}

bool git_list(const char *directory, const char *revision, size_t most, struct arena *arena, const char ***ret_paths,
              size_t *ret_count, struct error *err)
{
    const char *words[] = {"git", "-C", directory, "ls-tree", "-z", "--name-only", revision, "./", NULL};
    const char **paths = NULL;
    size_t count = 0;
    struct buf names = {0};
    bool ok = run(words, directory, LISTING_MOST, &names, err);
    for (size_t at = 0; ok && at < names.length; at += strlen(names.data + at) + 1)
        if (file_is_listed(names.data + at, ".yaml"))
            *arena_push(arena, paths, count) = arena_printf(arena, "%s%s", directory, names.data + at);
    buf_release(&names);
    if (!ok || count > most)
        return ok ? fail(err, "'%s' has more than %zu files", directory, most) : false;
    *ret_paths = paths; /* git has them by name */
    *ret_count = count;
    return true;
}
