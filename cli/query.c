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
