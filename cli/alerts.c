/* What a person was to be told. */
#include <stdio.h>

#include "base/buf.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/query.h"
#include "cli/render.h"

static const char *alerts_path(struct cli *cli)
{
    static const char *const same[] = {"account", "event", "from", "until", "during", "limit", "cursor"};
    struct buf path = {0};
    buf_add_text(&path, "/v1/alerts");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        query_add(&path, same[i], cli_option(cli, same[i]));
    if (cli_switch(cli, "untold"))
        query_add(&path, "untold", "true");
    return query_take(cli, &path);
}

static const char *words_of(struct cli *cli, const json_t *list)
{
    struct buf words = {0};
    for (size_t i = 0; i < json_array_size(list); i++)
        buf_printf(&words, "%s%s", i ? ", " : "", json_string_value(json_array_get(list, i)));
    return query_take(cli, &words);
}

/* "command", "command; not webhook, tried 3 times", "not webhook", "nobody". */
static const char *told(struct cli *cli, const json_t *alert)
{
    const char *taken = words_of(cli, json_member(alert, "taken_by"));
    const char *waits = words_of(cli, json_member(alert, "waits_for"));
    long long tries = json_number(alert, "tries", 0);
    if (!*waits)
        return *taken ? taken : "nobody";
    const char *tried = tries ? arena_printf(cli->arena, ", tried %lld time%s", tries, tries == 1 ? "" : "s") : "";
    return arena_printf(cli->arena, "%s%snot %s%s", taken, *taken ? "; " : "", waits, tried);
}

static void print_alerts(struct cli *cli, const json_t *items)
{
    static const char *const titles[] = {"WHEN", "EVENT", "ABOUT", "TOLD", "MESSAGE"};
    struct table *table = table_new(cli, titles, 5);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *a = json_array_get(items, i);
        const char *about = json_text(a, "delivery") ? json_text(a, "delivery") : json_text(a, "account");
        const char *cells[] = {render_local(cli, json_text(a, "local")), render_line(cli, json_text(a, "event")),
                               render_line(cli, about), told(cli, a), render_line(cli, json_text(a, "message"))};
        table_row(table, cells);
    }
    if (json_array_size(items))
        table_print(table);
    else
        puts("nothing");
}

int command_alerts(struct cli *cli)
{
    struct answer answer;
    int code = client_send(cli, "GET", alerts_path(cli), NULL, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    print_alerts(cli, json_member(answer.json, "items"));
    const char *next = json_text(answer.json, "next");
    if (next)
        printf("… and more: --cursor %s\n", render_line(cli, next));
    return EXIT_DONE;
}
