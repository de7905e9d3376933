/* See plan_git.h. Both sides are read by the daemon's own loader; what they plan is compared in compare.c. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/compare.h"
#include "cli/git.h"
#include "cli/plan_git.h"
#include "documents.h"

enum { MOST_CHANGES = 1000 };

struct revision {
    const char *name, *config;
};

/* cald.yaml may be kept out of the repository: then it is the one on disk. */
static bool read_revision(void *context, const char *path, size_t most, struct buf *out, struct error *err)
{
    const struct revision *revision = context;
    if (git_read(path, revision->name, most, out, err))
        return true;
    return !strcmp(path, revision->config) && file_read(path, most, out, err);
}

static bool list_revision(void *context, const char *directory, size_t most, struct arena *arena, const char ***ret_paths,
                          size_t *ret_count, struct error *err)
{
    const struct revision *revision = context;
    return git_list(directory, revision->name, most, arena, ret_paths, ret_count, err);
}

/* ---- reading ---- */

static int check_revision(const char *config, const char *revision)
{
    struct error err = {""};
    char *directory = file_directory(config);
    bool ok = *revision != '-' && git_knows(directory, revision, &err);
    int code = ok ? EXIT_DONE
                  : cli_fail(EXIT_NOT_FOUND, "no revision '%s' of %s: %s", revision, config,
                             err.message[0] ? err.message : "a revision does not begin with '-'");
    free(directory);
    return code;
}

static int read_limit(const struct cli *cli, size_t *ret_most)
{
    const char *text = cli_option(cli, "limit");
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : MOST_CHANGES;
    if (text && (!*text || *end || value < 1 || value > 10000))
        return cli_fail(EXIT_USAGE, "--limit takes a number from 1 to 10000, not '%s'", text);
    *ret_most = (size_t)value;
    return EXIT_DONE;
}

int plan_git(struct cli *cli, const char *revision, json_t **ret_plan)
{
    const char *config = client_config(cli);
    struct revision earlier = {revision, config};
    struct documents_source source = {read_revision, list_revision, &earlier};
    instant now = clock_now();
    size_t most = 0;
    int code = read_limit(cli, &most);
    if (code || (code = check_revision(config, revision)))
        return code;
    struct documents *new = documents_load(config, now), *old = documents_load_earlier(config, &source);
    json_t *plan = compare_documents(cli, old, new, now, most);
    json_set_text(plan, "git", revision);
    *ret_plan = plan;
    documents_free(old);
    documents_free(new);
    return EXIT_DONE;
}
