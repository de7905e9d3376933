/*
 * The commands that read documents or the database by themselves, as 'calctl' has them: they are in a program
 * of their own, calctl-documents, which takes its place. What it needs more (SQLite, PCRE2) makes a start an
 * eighth longer, and most commands only ask the daemon. Knows where that program is, not what it does.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"

#define PROGRAM "calctl-documents"

/* Beside this program, as it was built; or where it was installed, seen from this program. */
static const char *const places[] = {"", CALD_LIBEXEC "/"};

static const char *own_directory(struct cli *cli)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    const char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;
    return slash ? arena_strndup(cli->arena, path, (size_t)(slash - path)) : ".";
}

static int elsewhere(struct cli *cli)
{
    const char *directory = own_directory(cli), *path = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        path = arena_printf(cli->arena, "%s/%s" PROGRAM, directory, places[i]);
        execv(path, cli->argv);
        if (errno != ENOENT)
            break;
    }
    return cli_fail(EXIT_INTERNAL, "cannot run '%s', which does this: %s; is cald installed whole?", path,
                    strerror(errno));
}

#define ELSEWHERE(name)                                                                                      \
    int command_##name(struct cli *cli)                                                                      \
    {                                                                                                        \
        return elsewhere(cli);                                                                               \
    }

ELSEWHERE(apply)
ELSEWHERE(audit)
ELSEWHERE(check)
ELSEWHERE(complete)
ELSEWHERE(completion)
ELSEWHERE(import)
ELSEWHERE(measure)
ELSEWHERE(plan)
ELSEWHERE(preview)
ELSEWHERE(simulate)
ELSEWHERE(token)
ELSEWHERE(when)
