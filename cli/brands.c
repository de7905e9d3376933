/* The status of several daemons, one a brand: a line each, and what needs somebody. */
#include <sys/stat.h>

#include "cli/client.h"
#include "cli/render.h"
#include "cli/status.h"

enum { COLUMNS = 4, SHOWN = 3 };

static const char *standing(const struct cli *cli, const json_t *status)
{
    if (!json_flag(status, "healthy", false))
        return render_painted(cli, PAINT_RED, "NOT HEALTHY");
    if (json_array_size(json_member(status, "crises")))
        return render_painted(cli, PAINT_RED, "CRISIS");
    return json_array_size(json_member(status, "attention")) ? render_painted(cli, PAINT_YELLOW, "attention") : "well";
}

static const char *next_of(const struct cli *cli, const json_t *status)
{
    const json_t *next = json_member(status, "next");
    return json_is_object(next) ? arena_printf(cli->arena, "%s (%s)", render_local(cli, json_text(next, "local")),
                                               render_relative(cli, json_text(next, "slot")))
                                : "";
}

static const char *said(const struct cli *cli, const json_t *attention)
{
    const char *about = status_about(attention), *what = json_text(attention, "what");
    return render_line(cli, about ? arena_printf(cli->arena, "%s: %s", about, what) : what);
}

static const char *rest(const struct cli *cli, const char *file, size_t count)
{
    struct stat st;
    bool is_socket = !stat(file, &st) && S_ISSOCK(st.st_mode);
    return arena_printf(cli->arena, "… and %zu more: calctl --%s %s status", count, is_socket ? "socket" : "config",
                        render_line(cli, file));
}

/* What needs somebody has a line each, the first of it; the file and its state stand before the first. */
static void add_rows(struct table *table, const struct cli *cli, const char *file, const json_t *status)
{
    const json_t *attention = json_member(status, "attention");
    size_t count = json_array_size(attention), shown = count > SHOWN ? SHOWN : count;
    const char *cells[COLUMNS] = {
        render_line(cli, file), status ? standing(cli, status) : render_painted(cli, PAINT_RED, "no answer"),
        status ? next_of(cli, status) : "", shown ? said(cli, json_array_get(attention, 0)) : ""};
    table_row(table, cells);
    for (size_t i = 1; i < shown; i++)
        table_row(table, (const char *[COLUMNS]){"", "", "", said(cli, json_array_get(attention, i))});
    if (count > shown)
        table_row(table, (const char *[COLUMNS]){"", "", "", rest(cli, file, count - shown)});
}

/* An address that holds for one daemon does not go with several. */
static const char *single(const struct cli *cli)
{
    static const char *const names[] = {"config", "socket", "url"};
    const char *given = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !given; i++)
        given = cli_switch(cli, names[i]) ? names[i] : NULL;
    return given;
}

int status_of_brands(struct cli *cli)
{
    static const char *const titles[COLUMNS] = {"BRAND", "STATE", "NEXT", "NEEDS SOMEBODY"};
    json_t *items = json_in_arena(cli->arena, json_array());
    struct table *table = table_new(cli, titles, COLUMNS);
    int worst = EXIT_DONE;
    if (single(cli))
        return cli_fail(EXIT_USAGE, "--%s does not go with 'calctl status FILE…'", single(cli));
    for (size_t i = 0; i < cli->argument_count; i++) {
        struct answer answer;
        client_turn_to(cli, cli->arguments[i]);
        int code = client_send(cli, "GET", "/v1/status", NULL, &answer);
        const json_t *status = code ? NULL : answer.json;
        json_t *item = json_object();
        json_set_text(item, "file", cli->arguments[i]);
        json_set(item, "status", status ? json_deep_copy(status) : json_null());
        json_array_append_new(items, item);
        add_rows(table, cli, cli->arguments[i], status);
        if (code)
            worst = EXIT_UNREACHABLE;
        else if (worst == EXIT_DONE && !status_is_well(status))
            worst = EXIT_ATTENTION;
    }
    if (cli->json)
        render_json(items);
    else
        table_print(table);
    return worst;
}
