/* history: what happened to a post or to all, line by line; and what was changed of one, before and after. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/content_difference.h"
#include "cli/post.h"
#include "cli/query.h"
#include "cli/render.h"

enum { SHOWN = 50, MOST_CHANGES = 200 }; /* changes: more are not given at once */

/* ---- line by line ---- */

static void print_events(struct cli *cli, const json_t *events)
{
    static const char *const titles[] = {"WHEN", "ID", "CHANGE", "WHO", "WHY"};
    struct table *table = table_new(cli, titles, 5);
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *e = json_array_get(events, i);
        const char *from = json_text(e, "from"), *to = json_text(e, "to");
        const char *change = from && strcmp(from, to) ? arena_printf(cli->arena, "%s → %s", from, to) : to;
        const char *post = json_text(e, "post"), *account = json_text(e, "account");
        const char *id = post && *post         ? arena_printf(cli->arena, "%s/%s", post, account)
                         : account && *account ? account
                                               : json_text(e, "kind");
        const char *cells[] = {render_local(cli, json_text(e, "local")), render_line(cli, id), change, render_line(cli, json_text(e, "who")),
                               render_line(cli, json_text(e, "why"))};
        table_row(table, cells);
    }
    table_print(table);
}

static void print_attempts(struct cli *cli, const json_t *attempts)
{
    static const char *const titles[] = {"ATTEMPT", "STEP", "STATUS", "OUTCOME", "TIME (ms)", "MESSAGE"};
    if (!json_array_size(attempts))
        return;
    struct table *table = table_new(cli, titles, 6);
    for (size_t i = 0; i < json_array_size(attempts); i++) {
        const json_t *a = json_array_get(attempts, i);
        long long status = json_number(a, "status", 0);
        const char *cells[] = {render_local(cli, json_text(a, "local")), render_line(cli, json_text(a, "step")),
                               status ? arena_printf(cli->arena, "%lld", status) : "none",
                               render_line(cli, json_text(a, "outcome")), render_line(cli, json_text(a, "timings")),
                               render_line(cli, json_text(a, "message"))};
        table_row(table, cells);
    }
    puts("");
    table_print(table);
}

static int print_history(struct cli *cli, const char *path)
{
    struct answer answer;
    int code = client_send(cli, "GET", path, NULL, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    const json_t *events = json_member(answer.json, "events");
    print_events(cli, events ? events : json_member(answer.json, "items"));
    print_attempts(cli, json_member(answer.json, "attempts"));
    return EXIT_DONE;
}

/* ---- what was changed ---- */

/* Its slot as a person reads it. */
static const json_t *legible(struct cli *cli, const json_t *side)
{
    const char *local = json_text(side, "local");
    json_t *copy = json_in_arena(cli->arena, json_copy((json_t *)(uintptr_t)side));
    if (local)
        json_set_text(copy, "slot", render_local(cli, local));
    json_object_del(copy, "local");
    return copy;
}

/* One deed on several accounts is shown once. */
static bool is_same_deed(const json_t *a, const json_t *b)
{
    static const char *const members[] = {"at", "who", "kind", "from", "to", "why", "before", "after"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!json_equal(json_member(a, members[i]), json_member(b, members[i])))
            return false;
    return true;
}

static void print_change(struct cli *cli, const json_t *change, const char *ids)
{
    const char *from = json_text(change, "from"), *to = json_text(change, "to"), *why = json_text(change, "why");
    printf("%s  %s  %s", render_local(cli, json_text(change, "local")), render_bold(cli, render_line(cli, ids)),
           render_line(cli, json_text(change, "who")));
    if (from && strcmp(from, to) != 0)
        printf("  %s → %s", from, to);
    printf("%s%s\n", why ? "  " : "", why ? render_line(cli, why) : "");
    content_difference_print(cli, legible(cli, json_member(change, "before")), legible(cli, json_member(change, "after")));
}

/* How many of those that follow are the same deed. */
static size_t accounts_of(const json_t *items, size_t first)
{
    size_t next = first + 1;
    while (next < json_array_size(items) && is_same_deed(json_array_get(items, first), json_array_get(items, next)))
        next++;
    return next - first;
}

static const char *ids_of(struct cli *cli, const char *post, const json_t *items, size_t first, size_t count)
{
    const char *ids = "";
    for (size_t i = first; i < first + count; i++)
        ids = arena_printf(cli->arena, "%s%s%s/%s", ids, *ids ? ", " : "", post,
                           json_text(json_array_get(items, i), "account"));
    return ids;
}

static void print_changes(struct cli *cli, const char *post, const json_t *items, size_t most)
{
    size_t deeds = 0, seen = 0;
    for (size_t i = 0; i < json_array_size(items); i += accounts_of(items, i))
        deeds++;
    for (size_t i = 0, count; i < json_array_size(items); i += count) {
        count = accounts_of(items, i);
        if (seen++ + most >= deeds)
            print_change(cli, json_array_get(items, i), ids_of(cli, post, items, i, count));
    }
    if (!deeds)
        puts("nothing was changed since it was added");
}

static int show_changes(struct cli *cli, const struct delivery_id *id, const char *limit)
{
    struct buf path = {0};
    struct answer answer;
    char *end = NULL;
    unsigned long most = limit ? strtoul(limit, &end, 10) : SHOWN;
    if (limit && (*limit < '1' || *limit > '9' || *end || most > MOST_CHANGES))
        return cli_fail(EXIT_USAGE, "--limit takes a number from 1 to %d, not '%s'", MOST_CHANGES, limit);
    buf_add_text(&path, client_path(cli, "/v1/posts/%s/changes", id->post));
    query_add(&path, "account", id->account);
    query_add(&path, "limit", arena_printf(cli->arena, "%d", MOST_CHANGES));
    int code = client_send(cli, "GET", query_take(cli, &path), NULL, &answer);
    if (code)
        return code;
    if (cli->json)
        render_json(answer.json);
    else
        print_changes(cli, id->post, json_member(answer.json, "items"), most);
    return EXIT_DONE;
}

/* ---- the command ---- */

int command_history(struct cli *cli)
{
    const char *limit = cli_option(cli, "limit");
    bool changes = cli_switch(cli, "diff");
    if (changes && !cli->argument_count)
        return cli_fail(EXIT_USAGE, "--diff shows what was changed of a post: say which");
    if (!cli->argument_count)
        return print_history(cli, client_path(cli, "/v1/history?limit=%s", limit ? limit : "50"));
    struct delivery_id id = delivery_id(cli, cli->arguments[0]);
    if (changes)
        return show_changes(cli, &id, limit);
    if (id.account)
        return print_history(cli, client_path(cli, "/v1/deliveries/%s/%s/history", id.post, id.account));
    struct answer answer;
    int code = client_send(cli, "GET", client_path(cli, "/v1/posts/%s", id.post), NULL, &answer);
    const json_t *deliveries = json_member(answer.json, "deliveries");
    for (size_t i = 0; i < json_array_size(deliveries) && !code; i++)
        code = print_history(cli, client_path(cli, "/v1/deliveries/%s/%s/history", id.post,
                                              json_text(json_array_get(deliveries, i), "account")));
    return code;
}
