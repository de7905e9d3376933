/* plan and apply: what the documents on disk would change, and exactly that done. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/difference.h"
#include "cli/plan_git.h"
#include "cli/query.h"
#include "cli/render.h"

static int ask(struct cli *cli, json_t **ret_plan)
{
    struct answer answer;
    struct buf path = {0};
    buf_add_text(&path, "/v1/plan");
    query_add(&path, "limit", cli_option(cli, "limit"));
    int code = client_send(cli, "GET", query_take(cli, &path), NULL, &answer);
    *ret_plan = answer.json;
    return code;
}

int command_plan(struct cli *cli)
{
    const char *revision = cli_option(cli, "git");
    json_t *plan = NULL;
    int code = revision ? plan_git(cli, revision, &plan) : ask(cli, &plan);
    if (code)
        return code;
    if (cli->json)
        render_json(plan);
    else
        difference_print(cli, plan);
    return difference_exit(cli, plan);
}

static bool is_agreed(void)
{
    char line[16];
    fputs("apply it? [y/N] ", stdout);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y');
}

/* The plan shown now, and agreed to. ret_id NULL: there is nothing to do. */
static int agree(struct cli *cli, const char **ret_id)
{
    json_t *plan = NULL;
    if (!cli->interactive && !cli_switch(cli, "yes"))
        return cli_fail(EXIT_USAGE,
                        "'apply' needs the plan that 'calctl plan' named, or --yes: nobody is here to ask");
    int code = ask(cli, &plan);
    if (code)
        return code;
    if (!cli->json)
        difference_print(cli, plan);
    if (json_array_size(json_member(plan, "errors"))) {
        if (cli->json)
            render_json(plan);
        return EXIT_REFUSED;
    }
    if (json_flag(plan, "empty", false))
        return EXIT_DONE;
    if (!cli_switch(cli, "yes") && !is_agreed())
        return cli_fail(EXIT_REFUSED, "nothing was applied");
    *ret_id = json_text(plan, "plan");
    return EXIT_DONE;
}

int command_apply(struct cli *cli)
{
    static const char *const counts[] = {"added", "changed", "moved", "cancelled", "unchanged", "kept"};
    const char *id = cli->argument_count ? cli->arguments[0] : NULL;
    int code = id ? EXIT_DONE : agree(cli, &id);
    if (code || !id)
        return code;
    struct answer answer;
    json_t *body = json_in_arena(cli->arena, json_object());
    json_set_text(body, "plan", id);
    code = client_send(cli, "POST", "/v1/apply", body, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    fputs("applied: ", stdout);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        printf("%s%lld %s", i ? ", " : "", (long long)json_number(answer.json, counts[i], 0), counts[i]);
    puts("");
    return EXIT_DONE;
}
