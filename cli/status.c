/* Commands about the daemon as a whole and its accounts. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/objection.h"
#include "cli/render.h"
#include "cli/status.h"

/* ---- status ---- */

static void print_counts(struct cli *cli, const json_t *counts)
{
    static const char *const order[] = {"sending", "unsure", "held",      "refused", "missed",
                                        "waiting", "ready",  "published", "draft",   "cancelled"};
    fputs("queue     ", stdout);
    bool any = false;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        long long n = json_number(counts, order[i], 0);
        if (n)
            printf("%s%lld %s", any ? ", " : "", n, render_state(cli, order[i]));
        any = any || n;
    }
    puts(any ? "" : "empty");
}

static void print_approval(const json_t *s)
{
    long long n = json_number(s, "waiting_for_approval", 0);
    if (n)
        printf("approval  %lld wait%s for it, see 'calctl list --waiting-for me'\n", n, n == 1 ? "s" : "");
}

const char *status_about(const json_t *attention)
{
    static const char *const members[] = {"delivery", "account", "daemon"};
    const char *about = NULL;
    for (size_t i = 0; i < sizeof members / sizeof *members && !about; i++)
        about = json_text(attention, members[i]);
    return about;
}

bool status_is_well(const json_t *status)
{
    return json_flag(status, "healthy", false) && !json_array_size(json_member(status, "attention"));
}

static void print_attention(struct cli *cli, const json_t *attention)
{
    for (size_t i = 0; i < json_array_size(attention); i++) {
        const json_t *a = json_array_get(attention, i);
        const char *what = status_about(a);
        printf("%s %s%s%s\n", i ? "         " : "attention", what ? render_line(cli, what) : "", what ? ": " : "",
               render_line(cli, json_text(a, "what")));
    }
}

static void print_crises(struct cli *cli, const json_t *crises)
{
    for (size_t i = 0; i < json_array_size(crises); i++) {
        const json_t *c = json_array_get(crises, i);
        const char *account = json_text(c, "account");
        printf("%-10s%s since %s: %s\n", "CRISIS", strcmp(account, "*") ? render_line(cli, account) : "everything",
               render_relative(cli, json_text(c, "since")), render_line(cli, json_text(c, "why")));
    }
}

/* Whether everything is kept back, the next one too. */
static bool is_stopped(const json_t *s)
{
    const json_t *crises = json_member(s, "crises");
    for (size_t i = 0; i < json_array_size(crises); i++)
        if (!strcmp(json_text(json_array_get(crises, i), "account"), "*"))
            return true;
    return json_is_object(json_member(s, "paused"));
}

static void print_next(struct cli *cli, const json_t *s)
{
    const json_t *next = json_member(s, "next");
    if (!json_is_object(next))
        return;
    printf("next      %s  %s (%s%s)  %s\n", render_line(cli, json_text(next, "id")),
           render_local(cli, json_text(next, "local")), render_relative(cli, json_text(next, "slot")),
           is_stopped(s) ? ", kept back" : "", render_content(cli, json_member(next, "content")));
}

static void print_status(struct cli *cli, const json_t *s)
{
    const json_t *paused = json_member(s, "paused"), *documents = json_member(s, "documents");
    char up[32];
    printf("cald      %s, %s, up %s\n", render_line(cli, json_text(s, "version")),
           json_flag(s, "healthy", false) ? "healthy" : "NOT HEALTHY",
           duration_format(SECONDS(json_number(s, "uptime_s", 0)), up, sizeof up));
    if (json_is_object(paused))
        printf("paused    everything: %s\n", render_line(cli, json_text(paused, "why")));
    print_crises(cli, json_member(s, "crises"));
    printf("documents loaded %s\n", render_relative(cli, json_text(documents, "loaded")));
    fflush(stdout);
    if (json_array_size(json_member(documents, "errors"))) {
        puts("documents the files now have errors and are not in force:");
        fflush(stdout);
        objection_print_files(cli, json_member(documents, "errors"));
    }
    print_counts(cli, json_member(s, "counts"));
    print_approval(s);
    print_next(cli, s);
    print_attention(cli, json_member(s, "attention"));
}

int command_status(struct cli *cli)
{
    struct answer answer;
    if (cli->argument_count)
        return status_of_brands(cli);
    int code = client_send(cli, "GET", "/v1/status", NULL, &answer);
    if (code)
        return code;
    if (cli->json)
        render_json(answer.json);
    else
        print_status(cli, answer.json);
    return status_is_well(answer.json) ? EXIT_DONE : EXIT_ATTENTION;
}

/* ---- accounts ---- */

static bool is_asked_for(const struct cli *cli, const char *name)
{
    for (size_t i = 0; i < cli->argument_count; i++)
        if (!strcmp(cli->arguments[i], name))
            return true;
    return !cli->argument_count;
}

static int check_accounts(struct cli *cli, const json_t *items)
{
    int worst = EXIT_DONE;
    json_t *answers = json_in_arena(cli->arena, json_array());
    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *name = json_text(json_array_get(items, i), "name");
        struct answer answer;
        if (!is_asked_for(cli, name))
            continue;
        int code = client_send(cli, "POST", client_path(cli, "/v1/accounts/%s/check", name), NULL, &answer);
        if (code)
            return code;
        bool ok = json_flag(answer.json, "ok", false);
        const char *identity = json_text(answer.json, "identity"), *message = json_text(answer.json, "message");
        json_set_text(answer.json, "name", name);
        json_array_append(answers, answer.json);
        if (!cli->json)
            printf("%-16s %s  %s\n", render_line(cli, name), render_state(cli, ok ? "ok" : "refused"),
                   render_line(cli, ok && identity ? identity : message));
        worst = ok ? worst : EXIT_ATTENTION;
    }
    if (cli->json)
        render_json(answers);
    return worst;
}

static void print_accounts(struct cli *cli, const json_t *items)
{
    static const char *const titles[] = {"ACCOUNT", "NETWORK", "STATE", "WAITING", "LAST PUBLISHED", "WHY"};
    struct table *table = table_new(cli, titles, 6);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *a = json_array_get(items, i);
        const char *until = json_text(a, "until"), *why = json_text(a, "why");
        if (!is_asked_for(cli, json_text(a, "name")))
            continue;
        const char *reason = until ? arena_printf(cli->arena, "%s (%s)", why ? why : "", render_relative(cli, until)) : why;
        const char *last = json_text(a, "last_published");
        const char *cells[] = {render_line(cli, json_text(a, "name")), render_line(cli, json_text(a, "title")),
                               render_state(cli, json_text(a, "state")),
                               arena_printf(cli->arena, "%lld", (long long)json_number(a, "waiting", 0)),
                               last ? render_relative(cli, last) : "never", render_line(cli, reason)};
        table_row(table, cells);
    }
    table_print(table);
}

static int find_unknown(struct cli *cli, const json_t *items)
{
    for (size_t i = 0; i < cli->argument_count; i++) {
        bool found = false;
        for (size_t k = 0; k < json_array_size(items); k++)
            found = found || !strcmp(cli->arguments[i], json_text(json_array_get(items, k), "name"));
        if (!found)
            return cli_fail(EXIT_NOT_FOUND, "no account '%s', see 'calctl accounts'", cli->arguments[i]);
    }
    return EXIT_DONE;
}

int command_accounts(struct cli *cli)
{
    struct answer answer;
    int code = client_send(cli, "GET", "/v1/accounts", NULL, &answer);
    const json_t *items = json_member(answer.json, "items");
    if (code || (code = find_unknown(cli, items)))
        return code;
    if (cli_switch(cli, "check"))
        return check_accounts(cli, items);
    if (cli->json)
        render_json(answer.json);
    else
        print_accounts(cli, items);
    return EXIT_DONE;
}

/* ---- pause, resume, reload ---- */

static int pause_or_resume(struct cli *cli, const char *action, json_t *body, const char *done)
{
    struct answer answer;
    if (!cli->argument_count) {
        int code = client_send(cli, "POST", client_path(cli, "/v1/%s", action), body, &answer);
        if (!code)
            printf("%s: everything\n", done);
        return code;
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        const char *name = cli->arguments[i];
        int code = client_send(cli, "POST", client_path(cli, "/v1/accounts/%s/%s", name, action), body, &answer);
        if (code)
            return code;
        printf("%s: %s\n", done, name);
    }
    return EXIT_DONE;
}

/* What holds everything back is ended only by its name (daemon/control/api_accounts.c). */
static void tell_obstacles(struct cli *cli)
{
    struct answer answer;
    if (client_send(cli, "GET", "/v1/status", NULL, &answer))
        return;
    const json_t *list = json_member(answer.json, "attention");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *name = json_text(item, "daemon");
        if (name && (!strcmp(name, "clock") || !strcmp(name, "restored")))
            fprintf(stderr, "but still: %s\n", render_line(cli, json_text(item, "what")));
    }
}

int command_pause(struct cli *cli)
{
    json_t *body = json_in_arena(cli->arena, json_object());
    json_set_text(body, "why", cli_option(cli, "why"));
    return pause_or_resume(cli, "pause", body, "paused");
}

int command_resume(struct cli *cli)
{
    static const char *const obstacles[] = {"clock", "restored"};
    json_t *body = json_in_arena(cli->arena, json_object());
    for (size_t i = 0; i < sizeof obstacles / sizeof *obstacles; i++)
        if (cli_switch(cli, obstacles[i]))
            json_set_flag(body, obstacles[i], true);
    if (json_object_size(body) && cli->argument_count)
        return cli_fail(EXIT_USAGE, "--clock and --restored are for all accounts");
    int code = pause_or_resume(cli, "resume", json_object_size(body) ? body : NULL, "resumed");
    if (!code)
        tell_obstacles(cli);
    return code;
}

int command_reload(struct cli *cli)
{
    static const char *const counts[] = {"added", "changed", "moved", "cancelled", "unchanged", "kept"};
    struct answer answer;
    int code = client_send(cli, "POST", "/v1/reload", NULL, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        printf("%s%lld %s", i ? ", " : "", (long long)json_number(answer.json, counts[i], 0), counts[i]);
    puts("");
    fflush(stdout);
    render_diags(json_member(answer.json, "warnings"));
    render_notes(json_member(answer.json, "notes"));
    const json_t *conflicts = json_member(answer.json, "conflicts");
    for (size_t i = 0; i < json_array_size(conflicts); i++)
        fprintf(stderr, "%s\n", render_line(cli, json_string_value(json_array_get(conflicts, i))));
    return EXIT_DONE;
}
