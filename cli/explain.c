/* Why a post is where it is, what happens next, and what a person can do: as the daemon says it. */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/render.h"

static void print_lines(struct cli *cli, const char *title, const json_t *lines)
{
    if (!json_array_size(lines))
        return;
    printf("  %s\n", render_bold(cli, title));
    for (size_t i = 0; i < json_array_size(lines); i++)
        printf("    %s\n", render_line(cli, json_text(json_array_get(lines, i), "text")));
}

static void print_findings(struct cli *cli, const json_t *findings)
{
    if (!json_array_size(findings))
        return;
    printf("  %s\n", render_bold(cli, "the charter of today"));
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        const char *remedy = json_text(f, "remedy");
        printf("    %s: %s%s%s\n", render_line(cli, json_text(f, "level")),
               render_line(cli, json_text(f, "message")), remedy ? "; " : "",
               remedy ? render_line(cli, remedy) : "");
    }
}

static void print_commands(struct cli *cli, const json_t *commands)
{
    printf("  %s\n", render_bold(cli, "what you can do"));
    for (size_t i = 0; i < json_array_size(commands); i++) {
        const json_t *c = json_array_get(commands, i);
        printf("    %s %s (%s)\n", render_padded(cli, json_text(c, "command"), 48),
               render_line(cli, json_text(c, "text")), json_text(c, "role"));
    }
}

static void print_explanation(struct cli *cli, const json_t *e)
{
    const json_t *d = json_member(e, "delivery");
    printf("%s  %s  %s (%s)  %s\n", render_bold(cli, render_line(cli, json_text(d, "id"))),
           render_standing(cli, d), render_local(cli, json_text(d, "local")),
           render_relative(cli, json_text(d, "slot")), render_content(cli, json_member(d, "content")));
    print_lines(cli, "why", json_member(e, "why"));
    print_lines(cli, "in its way", json_member(e, "obstacles"));
    print_lines(cli, "what comes next", json_member(e, "next"));
    print_findings(cli, json_member(e, "findings"));
    print_commands(cli, json_member(e, "commands"));
}

/* With --json: all explanations as one list. */
static int explain_one(struct cli *cli, const char *post, const char *account, json_t *all)
{
    struct answer answer;
    int code = client_send(cli, "GET", client_path(cli, "/v1/deliveries/%s/%s/explain", post, account), NULL,
                           &answer);
    if (!code && cli->json)
        json_array_append(all, answer.json);
    else if (!code)
        print_explanation(cli, answer.json);
    return code;
}

static int explain_post(struct cli *cli, const char *text, json_t *all)
{
    struct delivery_id id = delivery_id(cli, text);
    struct answer answer;
    if (id.account)
        return explain_one(cli, id.post, id.account, all);
    int code = client_send(cli, "GET", client_path(cli, "/v1/posts/%s", id.post), NULL, &answer);
    const json_t *deliveries = json_member(answer.json, "deliveries");
    for (size_t i = 0; i < json_array_size(deliveries) && !code; i++)
        code = explain_one(cli, id.post, json_text(json_array_get(deliveries, i), "account"), all);
    return code;
}

int command_explain(struct cli *cli)
{
    int first = EXIT_DONE;
    json_t *all = json_in_arena(cli->arena, json_array());
    for (size_t i = 0; i < cli->argument_count; i++) {
        int code = explain_post(cli, cli->arguments[i], all);
        if (!first)
            first = code;
    }
    if (cli->json)
        render_json(all);
    return first;
}
