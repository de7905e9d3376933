/* See query.h. */
#include <string.h>

#include "cli/query.h"

void query_add(struct buf *path, const char *name, const char *value)
{
    if (!value)
        return;
    buf_printf(path, "%c%s=", strchr(buf_text(path), '?') ? '&' : '?', name);
    buf_add_url(path, value);
}

void query_add_list(struct cli *cli, struct buf *path, const char *name)
{
    size_t count;
    const char *const *values = cli_options(cli, name, &count);
    for (size_t i = 0; i < count; i++)
        query_add(path, name, values[i]);
}

const char *query_take(struct cli *cli, struct buf *path)
{
    const char *text = arena_strdup(cli->arena, buf_text(path));
    buf_release(path);
    return text;
}

const char *query_deliveries(struct cli *cli)
{
    static const char *const lists[] = {"account", "network", "state"};
    static const char *const same[] = {"bucket", "series", "campaign", "from", "until", "during", "text"};
    struct buf path = {0};
    buf_add_text(&path, "/v1/deliveries");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        query_add_list(cli, &path, lists[i]);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        query_add(&path, same[i], cli_option(cli, same[i]));
    bool filtered = cli_switch(cli, "state") || cli_switch(cli, "from") || cli_switch(cli, "until") ||
                    cli_switch(cli, "during");
    if (!filtered && !cli_switch(cli, "all"))
        query_add(&path, "state", "draft,ready,held,waiting,sending,unsure,refused,missed");
    if (cli_switch(cli, "reverse"))
        query_add(&path, "order", "-slot");
    return query_take(cli, &path);
}
