/*
 * add --from: many posts of a file, in one request. The daemon reads and judges them; here its findings are led back to
 * the lines of the file.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/add_many.h"
#include "cli/client.h"
#include "cli/render.h"

enum { FILE_MAX = 8 * 1024 * 1024 /* the daemon's own limit */, SHOWN = 20 };

struct many {
    struct cli *cli;
    const char *file; /* as it is named to a person */
    struct buf bytes;
    bool is_list; /* a JSON array; else an object on each line */
};

/* What else describes a post is said in the file. */
static int check_options(const struct cli *cli)
{
    static const char *const fitting[] = {"from", "key",        "dry-run", "config", "socket",
                                          "url",  "token-file", "json",    "color",  "no-color"};
    for (size_t i = 0; i < cli->given_count; i++) {
        bool fits = false;
        for (size_t f = 0; f < sizeof fitting / sizeof *fitting; f++)
            fits = fits || !strcmp(cli->given[i].spec->name, fitting[f]);
        if (!fits)
            return cli_fail(EXIT_USAGE, "--from: each post says everything itself, leave out --%s",
                            cli->given[i].spec->name);
    }
    return cli->argument_count
               ? cli_fail(EXIT_USAGE, "--from: each post has its own text, leave out '%s'", cli->arguments[0])
               : EXIT_DONE;
}

static int read_posts(struct many *many, const char *file)
{
    struct error err = {""};
    bool is_input = !strcmp(file, "-");
    many->file = is_input ? "standard input" : file;
    bool ok = is_input ? file_read_fd(STDIN_FILENO, many->file, FILE_MAX, &many->bytes, &err)
                       : file_read(file, FILE_MAX, &many->bytes, &err);
    if (!ok)
        return cli_fail(EXIT_USAGE, "%s", err.message);
    const char *text = buf_text(&many->bytes);
    many->is_list = text[strspn(text, " \t\r\n")] == '[';
    return EXIT_DONE;
}

/* On which line the post with this index is; blank lines are none. */
static size_t line_of(const struct many *many, size_t index)
{
    size_t line = 1, found = 0;
    for (const char *text = buf_text(&many->bytes); *text; line++) {
        size_t length = strcspn(text, "\n");
        if (strspn(text, " \t\r") < length && found++ == index)
            return line;
        text += length + (text[length] == '\n');
    }
    return line;
}

static void lead_back(const struct many *many, json_t *findings)
{
    size_t i;
    json_t *finding;
    json_array_foreach(findings, i, finding)
    {
        size_t index = (size_t)json_number(finding, "index", 0);
        json_set_text(finding, "file", many->file);
        if (many->is_list)
            json_set(finding, "message",
                     json_sprintf("posts[%zu]: %s", index, json_text(finding, "message")));
        else
            json_set_number(finding, "line", (int64_t)line_of(many, index));
    }
}

static void print_added(const struct many *many, const struct answer *answer, bool dry)
{
    struct cli *cli = many->cli;
    const json_t *posts = json_member(answer->json, "posts");
    size_t count = json_array_size(posts);
    printf("%s %zu post%s\n", dry ? "would queue" : "queued", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        const json_t *post = json_array_get(posts, i);
        printf("  %-32s %s (%s)\n", render_line(cli, json_text(post, "id")),
               render_local(cli, json_text(post, "local")), render_relative(cli, json_text(post, "slot")));
    }
    if (count > SHOWN)
        printf("  … and %zu more (--json lists them)\n", count - SHOWN);
    render_diags(json_member(answer->json, "findings"));
}

static int send(struct many *many)
{
    struct cli *cli = many->cli;
    struct answer answer;
    bool dry = cli_switch(cli, "dry-run");
    int code =
        client_post(cli, dry ? "/v1/posts/batch?dry_run=true" : "/v1/posts/batch",
                    many->is_list ? "application/json" : "application/x-ndjson", &many->bytes, &answer);
    if (!answer.status)
        return code;
    if (!cli->json) {
        lead_back(many, json_member(answer.json, "errors"));
        lead_back(many, json_member(answer.json, "findings"));
    }
    if (code)
        render_problem(cli, answer.json, answer.status, answer.body);
    else if (cli->json)
        render_json(answer.json);
    else
        print_added(many, &answer, dry);
    return code;
}

int add_many(struct cli *cli, const char *file)
{
    struct many many = {.cli = cli};
    int code = check_options(cli);
    if (!code && !(code = read_posts(&many, file)))
        code = send(&many);
    buf_release(&many.bytes);
    return code;
}
