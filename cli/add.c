/* add: from options, files and $EDITOR to the JSON of a post. The daemon
 * checks; nothing is decided here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/add_many.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/render.h"
#include "cli/uploads.h"

enum { TEXT_MAX = 1024 * 1024 };

/* ---- where the text comes from ---- */

static char *trimmed(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    while (length && strchr("\r\n \t", text[length - 1]))
        length--;
    return arena_strndup(arena, text, length);
}

int post_read_text(struct cli *cli, const char *file, const char **ret_text)
{
    struct buf bytes = {0};
    struct error err = {0};
    bool ok = !strcmp(file, "-") ? file_read_fd(STDIN_FILENO, "standard input", TEXT_MAX, &bytes, &err)
                                 : file_read(file, TEXT_MAX, &bytes, &err);
    if (ok)
        *ret_text = trimmed(cli->arena, buf_text(&bytes));
    buf_release(&bytes);
    return ok ? EXIT_DONE : cli_fail(EXIT_USAGE, "%s", err.message);
}

static int run_editor(const char *path)
{
    const char *editor = getenv("VISUAL") ? getenv("VISUAL") : getenv("EDITOR");
    if (!editor || !*editor)
        editor = "sensible-editor";
    pid_t child = fork();
    if (child < 0)
        return cli_fail(EXIT_INTERNAL, "cannot start '%s'", editor);
    if (!child) {
        /* as git does: the editor may be a command with options, the file is an argument of its own */
        struct buf command = {0};
        buf_printf(&command, "%s \"$1\"", editor);
        execl("/bin/sh", "sh", "-c", buf_text(&command), "sh", path, (char *)NULL);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
        return cli_fail(EXIT_USAGE, "the editor '%s' failed, nothing was changed", editor);
    return EXIT_DONE;
}

int post_edit_text(struct cli *cli, const char *before, const char **ret_text)
{
    const char *directory = getenv("TMPDIR");
    char *path = arena_printf(cli->arena, "%s/calctl-XXXXXX", directory && *directory ? directory : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0)
        return cli_fail(EXIT_INTERNAL, "cannot make a file in '%s'", directory ? directory : "/tmp");
    bool ok = write(fd, before, strlen(before)) == (ssize_t)strlen(before) && write(fd, "\n", 1) == 1;
    close(fd);
    int code = ok ? run_editor(path) : cli_fail(EXIT_INTERNAL, "cannot write '%s'", path);
    if (!code)
        code = post_read_text(cli, path, ret_text);
    unlink(path);
    return code;
}

/* ---- options → JSON ---- */

static const struct {
    const char *option, *member;
} plain_members[] = {
    {"link", "link"},       {"title", "title"},           {"summary", "summary"}, {"language", "language"},
    {"warning", "warning"}, {"visibility", "visibility"}, {"bucket", "bucket"},   {"id", "id"},
    {"at", "at"},
};

static const struct {
    const char *option, *member;
} list_members[] = {{"to", "to"}, {"tag", "tags"}, {"category", "categories"}};

/* An image is sent to the daemon, which keeps it: the daemon may not be able to read this user's files. */
static int upload(struct cli *cli, const char *file, const char *alt, json_t *media)
{
    struct answer answer;
    int code = client_upload(cli, "/v1/media", file, &answer);
    if (code)
        return code;
    json_t *item = json_object();
    json_set_text(item, "file", json_text(answer.json, "file"));
    uploads_note(cli, json_text(answer.json, "file"), file);
    json_set_text(item, "alt", alt);
    json_array_append_new(media, item);
    return EXIT_DONE;
}

/* --alt belongs to the --media before it. */
static int add_media(struct cli *cli, json_t *post)
{
    json_t *media = json_array();
    int code = EXIT_DONE;
    for (size_t i = 0; i < cli->given_count && !code; i++) {
        if (strcmp(cli->given[i].spec->name, "media"))
            continue;
        const char *alt = NULL;
        for (size_t next = i + 1; next < cli->given_count && strcmp(cli->given[next].spec->name, "media"); next++)
            if (!strcmp(cli->given[next].spec->name, "alt"))
                alt = cli->given[next].value;
        code = upload(cli, cli->given[i].value, alt, media);
    }
    if (!code && !json_array_size(media) && cli_switch(cli, "alt"))
        code = cli_fail(EXIT_USAGE, "--alt describes the --media before it, and there is none");
    if (!code && json_array_size(media))
        json_set(post, "media", json_incref(media));
    json_decref(media);
    return code;
}

int post_from_options(struct cli *cli, json_t *post)
{
    for (size_t i = 0; i < sizeof plain_members / sizeof *plain_members; i++)
        json_set_text(post, plain_members[i].member, cli_option(cli, plain_members[i].option));
    for (size_t i = 0; i < sizeof list_members / sizeof *list_members; i++) {
        size_t count;
        const char *const *values = cli_options(cli, list_members[i].option, &count);
        json_t *list = json_array();
        for (size_t v = 0; v < count; v++)
            json_array_append_new(list, json_string(values[v]));
        if (count)
            json_set(post, list_members[i].member, json_incref(list));
        json_decref(list);
    }
    const char *body_file = cli_option(cli, "body-file"), *body;
    int code = body_file ? post_read_text(cli, body_file, &body) : EXIT_DONE;
    if (code)
        return code;
    if (cli_switch(cli, "publish-late") || cli_switch(cli, "no-publish-late"))
        json_set_flag(post, "publish_late", cli_switch(cli, "publish-late"));
    code = override_from_options(cli, post);
    if (!code)
        code = add_media(cli, post);
    if (!code && body_file)
        json_set_text(post, "body", uploads_place(cli, body, body_file));
    return code;
}

void post_set_text(struct cli *cli, json_t *post, const char *text)
{
    size_t count;
    const char *const *more = cli_options(cli, "thread", &count);
    if (!count) {
        json_set_text(post, "text", text && *text ? text : NULL);
        return;
    }
    json_t *thread = json_array();
    if (text && *text)
        json_array_append_new(thread, json_string(text));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(thread, json_string(more[i]));
    json_set(post, "thread", thread);
}

static int text_of_add(struct cli *cli, const char **ret_text)
{
    const char *file = cli_option(cli, "file");
    *ret_text = NULL;
    if (file && cli->argument_count)
        return cli_fail(EXIT_USAGE, "a text is given twice: as an argument and with --file");
    if (cli->argument_count && strcmp(cli->arguments[0], "-")) {
        *ret_text = cli->arguments[0];
        return EXIT_DONE;
    }
    if (file || cli->argument_count)
        return post_read_text(cli, file ? file : "-", ret_text);
    if (cli_switch(cli, "body-file") || cli_switch(cli, "thread"))
        return EXIT_DONE;
    return cli->interactive ? post_edit_text(cli, "", ret_text) : post_read_text(cli, "-", ret_text);
}

/* ---- answers ---- */

int post_print(struct cli *cli, const struct answer *answer, const char *done)
{
    if (cli->json) {
        render_json(answer->json);
        return EXIT_DONE;
    }
    const json_t *deliveries = json_member(answer->json, "deliveries");
    uploads_rename(cli, answer->json);
    printf("%s %s\n", done, render_bold(cli, render_line(cli, json_text(answer->json, "id"))));
    for (size_t i = 0; i < json_array_size(deliveries); i++) {
        const json_t *d = json_array_get(deliveries, i);
        const char *url = json_text(d, "url");
        printf("  %s %s  %s (%s)%s%s\n", render_padded(cli, json_text(d, "account"), 16),
               render_standing(cli, d), render_local(cli, json_text(d, "local")),
               render_relative(cli, json_text(d, "slot")), url ? "  " : "", url ? render_line(cli, url) : "");
        if (json_text(d, "published") && json_text(d, "message"))
            printf("  %-16s %s\n", "", render_line(cli, json_text(d, "message")));
    }
    render_diags(json_member(answer->json, "findings"));
    return EXIT_DONE;
}

/* ---- the commands ---- */

int command_add(struct cli *cli)
{
    const char *text;
    const char *from = cli_option(cli, "from");
    if (from)
        return add_many(cli, from);
    if (cli_switch(cli, "key"))
        return cli_fail(EXIT_USAGE, "--key goes with --from");
    json_t *post = json_in_arena(cli->arena, json_object());
    struct answer answer;
    int code = text_of_add(cli, &text);
    if (code || (code = post_from_options(cli, post)))
        return code;
    post_set_text(cli, post, text);
    if (!json_member(post, "text") && !json_member(post, "thread") && !json_member(post, "body"))
        return cli_fail(EXIT_USAGE, "nothing to publish: the text is empty");
    if (cli_switch(cli, "draft"))
        json_set_flag(post, "draft", true);
    bool dry = cli_switch(cli, "dry-run");
    code = client_send(cli, "POST", dry ? "/v1/posts?dry_run=true" : "/v1/posts", post, &answer);
    return code ? code : post_print(cli, &answer, dry ? "would queue" : "queued");
}
