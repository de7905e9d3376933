/* Campaigns and months: what is planned and spent, against the charter's budget. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/render.h"

static const char *number(struct cli *cli, const json_t *object, const char *name)
{
    return json_is_null(json_member(object, name))
               ? "-"
               : arena_printf(cli->arena, "%lld", (long long)json_number(object, name, 0));
}

static const char *budget(struct cli *cli, const json_t *object)
{
    const char *most = number(cli, object, "budget");
    if (!json_flag(object, "over", false))
        return most;
    return arena_printf(cli->arena, "%s %s", most, render_painted(cli, PAINT_RED, "overspent"));
}

static void print_sums(struct cli *cli, const char *title, const char *key, const json_t *items)
{
    const char *titles[] = {title, "POSTS", "OUT", "COST", "SPENT", "BUDGET"};
    struct table *table = table_new(cli, titles, 6);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        const char *cells[] = {render_line(cli, json_text(one, key)),
                               number(cli, one, "posts"),
                               number(cli, one, "published"),
                               number(cli, one, "cost"),
                               number(cli, one, "spent"),
                               budget(cli, one)};
        table_row(table, cells);
    }
    table_print(table);
}

int command_campaigns(struct cli *cli)
{
    struct answer answer;
    int code = client_send(cli, "GET", "/v1/campaigns", NULL, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    const json_t *items = json_member(answer.json, "items"), *months = json_member(answer.json, "months");
    if (json_array_size(items))
        print_sums(cli, "CAMPAIGN", "name", items);
    else
        puts("no campaigns");
    if (json_array_size(months)) {
        puts("");
        print_sums(cli, "MONTH", "month", months);
    }
    return EXIT_DONE;
}
