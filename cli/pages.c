/* See pages.h. */
#include <stdio.h>

#include "base/buf.h"
#include "cli/client.h"
#include "cli/pages.h"
#include "cli/query.h"

enum { PAGE = 1000 };

struct walk {
    const char *path;
    long long left;
    page_item *item;
    void *context;
    char next[600]; /* cursor; "": there is no further page */
};

static int read_page(struct cli *cli, struct walk *walk)
{
    struct answer answer;
    struct buf path = {0};
    char limit[24];
    snprintf(limit, sizeof limit, "%lld", walk->left < PAGE ? walk->left : PAGE);
    buf_add_text(&path, walk->path);
    query_add(&path, "limit", limit);
    query_add(&path, "cursor", walk->next[0] ? walk->next : NULL);
    int code = client_send(cli, "GET", query_take(cli, &path), NULL, &answer);
    if (code)
        return code;
    const json_t *items = json_member(answer.json, "items");
    for (size_t i = 0; i < json_array_size(items); i++)
        walk->item(cli, json_array_get(items, i), walk->context);
    walk->left -= (long long)json_array_size(items);
    const char *next = json_text(answer.json, "next");
    int length = snprintf(walk->next, sizeof walk->next, "%s", next ? next : "");
    return (size_t)length < sizeof walk->next ? EXIT_DONE : cli_fail(EXIT_INTERNAL, "a cursor is too long");
}

/* The first page makes the connection, which stays. */
int pages_each(struct cli *cli, const char *path, long long most, page_item *item, void *context)
{
    struct walk walk = {.path = path, .left = most, .item = item, .context = context};
    int code = read_page(cli, &walk);
    while (!code && walk.next[0] && walk.left > 0) {
        struct cli page = *cli;
        page.arena = arena_new();
        code = read_page(&page, &walk);
        arena_free(page.arena);
    }
    return code;
}
