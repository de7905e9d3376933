/* delete: published posts, deleted on their networks. */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"

static int delete_one(struct cli *cli, const char *name, json_t *body)
{
    struct delivery_id id = delivery_id(cli, name);
    struct answer answer;
    size_t count; /* where nothing is published the daemon says why not: it is asked all the same */
    int code = post_agree(cli, &id, true, "delete %s there, for everybody and for good? [y/N] ",
                          "nothing was deleted", &count);
    if (code)
        return code;
    const char *path = id.account ? client_path(cli, "/v1/posts/%s/delete?account=%s", id.post, id.account)
                                  : client_path(cli, "/v1/posts/%s/delete", id.post);
    code = client_send(cli, "POST", path, body, &answer);
    if (code || (code = post_print(cli, &answer, "deleting")) || cli->json)
        return code;
    post_print_kept(cli, &answer);
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
