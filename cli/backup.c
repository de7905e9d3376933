/* calctl backup: the daemon's copy of its database, into a file that is whole or not there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/render.h"

static int tell(struct cli *cli, const char *path, int64_t size)
{
    if (cli->json) {
        render_json(
            json_in_arena(cli->arena, json_pack("{s:s, s:I}", "file", path, "size", (json_int_t)size)));
        return EXIT_DONE;
    }
    printf("saved %s (%.1f MB); 'calctl backup --help' says how to go back to it\n", path,
           (double)size / 1e6);
    return EXIT_DONE;
}

/* On the disk before it gets its name: a backup that a power cut halves would be found when it is needed. */
static int finish(struct cli *cli, FILE *file, const char *part, const char *path)
{
    struct stat st;
    bool ok = !fflush(file) && !fsync(fileno(file)) && !fstat(fileno(file), &st);
    ok = !fclose(file) && ok && !rename(part, path);
    if (ok)
        return tell(cli, path, st.st_size);
    int code = cli_fail(EXIT_INTERNAL, "cannot write '%s': %s", path, strerror(errno));
    unlink(part);
    return code;
}

static int save(struct cli *cli, const char *path)
{
    const char *part = arena_printf(cli->arena, "%s.part", path);
    struct answer answer;
    if (!access(path, F_OK))
        return cli_fail(EXIT_REFUSED, "'%s' is there already: take another name, or remove it", path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return cli_fail(EXIT_INTERNAL, "cannot write '%s': %s", part, strerror(errno));
    int code = client_download(cli, "/v1/backup", file, &answer);
    if (!code)
        return finish(cli, file, part, path);
    fclose(file);
    unlink(part);
    return code;
}

int command_backup(struct cli *cli)
{
    const char *path = cli->arguments[0];
    struct answer answer;
    if (strcmp(path, "-") != 0)
        return save(cli, path);
    if (isatty(STDOUT_FILENO))
        return cli_fail(EXIT_USAGE, "a database is nothing for a terminal: name a file, or send it on");
    return client_download(cli, "/v1/backup", stdout, &answer);
}
