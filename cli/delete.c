/* delete: published posts, deleted on their networks. Shows what, and asks, before it asks the daemon. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/render.h"

static bool concerns(const struct delivery_id *id, const json_t *delivery)
{
    const char *account = json_text(delivery, "account");
    return (!id->account || !strcmp(id->account, account)) &&
           !strcmp(json_text(delivery, "state"), "published") && !json_text(delivery, "deleted");
}

/* How many there are. */
static size_t show(struct cli *cli, const struct delivery_id *id, const json_t *post)
{
    const json_t *deliveries = json_member(post, "deliveries");
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(deliveries); i++) {
        const json_t *d = json_array_get(deliveries, i);
        const char *url = json_text(d, "url");
        if (!concerns(id, d))
            continue;
        printf("  %-16s published %s  %s\n", render_line(cli, json_text(d, "account")),
               render_relative(cli, json_text(d, "published")), render_line(cli, url ? url : ""));
        if (!count++)
            printf("  %-16s %s\n", "", render_content(cli, json_member(d, "content")));
    }
    return count;
}

/* Where nothing is published the daemon says why not: it is asked all the same. */
static int agree(struct cli *cli, const struct delivery_id *id, bool *ret_agreed)
{
    struct answer answer;
    char line[16];
    *ret_agreed = cli_switch(cli, "yes");
    if (*ret_agreed)
        return EXIT_DONE;
    int code = client_send(cli, "GET", client_path(cli, "/v1/posts/%s", id->post), NULL, &answer);
    if (code)
        return code;
    *ret_agreed = show(cli, id, answer.json) == 0;
    if (*ret_agreed)
        return EXIT_DONE;
    printf("delete %s there, for everybody? [y/N] ", render_line(cli, id->post));
    fflush(stdout);
    *ret_agreed = fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y');
    return *ret_agreed ? EXIT_DONE : cli_fail(EXIT_REFUSED, "nothing was deleted");
}

static int delete_one(struct cli *cli, const char *name, json_t *body)
{
    struct delivery_id id = delivery_id(cli, name);
    struct answer answer;
    bool agreed;
    int code = agree(cli, &id, &agreed);
    if (code)
        return code;
    const char *path = id.account ? client_path(cli, "/v1/posts/%s/delete?account=%s", id.post, id.account)
                                  : client_path(cli, "/v1/posts/%s/delete", id.post);
    code = client_send(cli, "POST", path, body, &answer);
    if (code || (code = post_print(cli, &answer, "deleting")) || cli->json)
        return code;
    const json_t *kept = json_member(answer.json, "kept");
    for (size_t i = 0; i < json_array_size(kept); i++)
        fprintf(stderr, "calctl: %s stays: %s\n",
                render_line(cli, json_text(json_array_get(kept, i), "delivery")),
                render_line(cli, json_text(json_array_get(kept, i), "why")));
    return EXIT_DONE;
}

int command_delete(struct cli *cli)
{
    json_t *body = json_in_arena(cli->arena, json_object());
    int first = EXIT_DONE;
    if (!cli->interactive && !cli_switch(cli, "yes"))
        return cli_fail(EXIT_USAGE, "'delete' needs --yes: nobody is here to ask");
    json_set_text(body, "why", cli_option(cli, "why"));
    for (size_t i = 0; i < cli->argument_count; i++) {
        int code = delete_one(cli, cli->arguments[i], body);
        if (!first)
            first = code;
    }
    return first;
}
