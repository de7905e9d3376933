/*
 * The audit trail: shown, exported, verified. Verifying is done here, entry by entry, and not by the daemon,
 * whose word would be worth little; so it also works on an export and on the database of a cald that does not
 * run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "cli/commands.h"
#include "cli/pages.h"
#include "cli/query.h"
#include "cli/render.h"
#include "queue/audit.h"

enum { SHOWN = 50, EXPORT_MOST = 1 << 30 };

static const char *filtered_path(struct cli *cli, bool oldest_first)
{
    static const char *const same[] = {"post", "account", "who", "kind", "since", "until", "during"};
    struct buf path = {0};
    buf_add_text(&path, "/v1/audit");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        query_add(&path, same[i], cli_option(cli, same[i]));
    query_add(&path, "order", oldest_first ? "number" : "-number");
    return query_take(cli, &path);
}

/* ---- to look at ---- */

static const char *about(struct cli *cli, const json_t *entry)
{
    const char *post = json_text(entry, "post"), *account = json_text(entry, "account");
    if (post)
        return arena_printf(cli->arena, "%s/%s", post, account);
    return !account ? "" : strcmp(account, "*") ? account : "everything";
}

static const char *change(struct cli *cli, const json_t *entry)
{
    const char *from = json_text(entry, "from"), *to = json_text(entry, "to");
    return from && strcmp(from, to) ? arena_printf(cli->arena, "%s → %s", from, to) : to;
}

struct rows {
    struct table *table;
    size_t count;
};

static void add_row(struct cli *cli, const json_t *entry, void *context)
{
    struct rows *rows = context;
    const char *cells[] = {
        arena_printf(cli->arena, "%lld", (long long)json_number(entry, "number", 0)),
        render_local(cli, json_text(entry, "local")),
        render_line(cli, json_text(entry, "kind")),
        render_line(cli, about(cli, entry)),
        render_line(cli, change(cli, entry)),
        render_line(cli, json_text(entry, "who")),
        render_line(cli, json_text(entry, "why")),
    };
    table_row(rows->table, cells);
    rows->count++;
}

static int show(struct cli *cli, long long limit)
{
    static const char *const titles[] = {"NO", "WHEN", "KIND", "ABOUT", "CHANGE", "WHO", "WHY"};
    struct rows rows = {.table = table_new(cli, titles, 7)};
    int code = pages_each(cli, filtered_path(cli, false), limit ? limit : SHOWN, add_row, &rows);
    if (!code && !rows.count)
        puts("nothing");
    else if (!code)
        table_print(rows.table);
    return code;
}

/* ---- to keep ---- */

static void print_json_line(struct cli *cli, const json_t *entry, void *context)
{
    char *line = json_print(entry);
    puts(line);
    free(line);
    (void)cli, (void)context;
}

static const char *const columns[] = {"number", "at", "kind", "who",    "via",   "post",     "account",
                                      "from",   "to", "why",  "before", "after", "previous", "hash"};

static void add_member(struct buf *line, const json_t *value)
{
    if (json_is_string(value)) {
        csv_add_cell(line, json_string_value(value));
    } else if (value && !json_is_null(value)) {
        char *text = json_print(value);
        csv_add_cell(line, text);
        free(text);
    }
}

static void print_csv_line(struct cli *cli, const json_t *entry, void *context)
{
    struct buf line = {0};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (i)
            buf_add_char(&line, ',');
        add_member(&line, json_member(entry, columns[i]));
    }
    printf("%s\r\n", buf_text(&line));
    buf_release(&line);
    (void)cli, (void)context;
}

static int export_as(struct cli *cli, long long limit, bool csv)
{
    for (size_t i = 0; csv && i < sizeof columns / sizeof *columns; i++)
        printf("%s%s", i ? "," : "", columns[i]);
    if (csv)
        fputs("\r\n", stdout);
    return pages_each(cli, filtered_path(cli, true), limit ? limit : EXPORT_MOST,
                      csv ? print_csv_line : print_json_line, NULL);
}

/* ---- to verify ---- */

static void check_json(struct audit_check *check, const json_t *object, struct arena *arena)
{
    struct audit_entry entry = {
        .number = check->last + 1, .kind = "", .who = "", .to = "", .hash = "not an entry"};
    audit_from_json(object, arena, &entry);
    audit_check_next(check, &entry);
}

static void check_answered(struct cli *cli, const json_t *object, void *context)
{
    check_json(context, object, cli->arena);
}

static void check_line(struct audit_check *check, const char *line, size_t length)
{
    struct arena *arena = arena_new();
    json_t *object = json_in_arena(arena, json_parse(line, length, NULL));
    check_json(check, object, arena);
    arena_free(arena);
}

static bool check_lines(struct audit_check *check, FILE *file, const char *path, struct error *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0)
        check_line(check, line, (size_t)length);
    free(line);
    return !ferror(file) || fail(err, "cannot read '%s'", path);
}

/* A database says so in its first bytes (https://www.sqlite.org/fileformat.html#magic_header_string). */
static bool check_file(struct audit_check *check, const char *path, struct error *err)
{
    char head[16] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return fail_errno(err, "cannot open '%s'", path);
    bool database =
        fread(head, 1, sizeof head, file) == sizeof head && !memcmp(head, "SQLite format 3", sizeof head);
    rewind(file);
    bool ok = database ? audit_check_file(check, path, err) : check_lines(check, file, path, err);
    fclose(file);
    return ok;
}

static void print_faults(const struct audit_check *check)
{
    size_t kept = check->fault_count < AUDIT_FAULTS ? check->fault_count : AUDIT_FAULTS;
    for (size_t i = 0; i < kept; i++)
        fprintf(stderr, "%s\n", check->faults[i].message);
    if (kept < check->fault_count)
        fprintf(stderr, "… and %zu more\n", check->fault_count - kept);
}

static json_t *check_to_json(struct cli *cli, const struct audit_check *check, bool whole)
{
    size_t kept = check->fault_count < AUDIT_FAULTS ? check->fault_count : AUDIT_FAULTS;
    json_t *object = json_in_arena(cli->arena, json_object()), *faults = json_array();
    for (size_t i = 0; i < kept; i++)
        json_array_append_new(faults, json_string(check->faults[i].message));
    json_set_flag(object, "whole", whole);
    json_set_number(object, "entries", check->entries);
    json_set_number(object, "older", check->older);
    json_set_number(object, "last", check->last);
    json_set(object, "head", check->head[0] ? json_string(check->head) : json_null());
    json_set(object, "faults", faults);
    return object;
}

static int tell(struct cli *cli, struct audit_check *check)
{
    bool whole = !check->fault_count && (!check->wanted || check->found);
    if (cli->json)
        render_json(check_to_json(cli, check, whole));
    else
        print_faults(check);
    if (check->wanted && !check->found)
        fprintf(stderr, "no entry has the hash %s: what it was of is gone, or was written anew\n",
                check->wanted);
    if (!cli->json && whole)
        printf("the audit trail is whole: %lld entries, the last is %lld with the hash %s\n",
               (long long)check->entries, (long long)check->last, check->head[0] ? check->head : "none");
    if (!cli->json && whole && check->older)
        printf("%lld entries are older than the chain: nothing can be said about them\n",
               (long long)check->older);
    return whole ? EXIT_DONE : EXIT_REFUSED;
}

static int verify(struct cli *cli)
{
    struct audit_check check = {.wanted = cli_option(cli, "contains")};
    struct error err;
    if (cli->argument_count == 2)
        return check_file(&check, cli->arguments[1], &err) ? tell(cli, &check)
                                                           : cli_fail(EXIT_INTERNAL, "%s", err.message);
    int code = pages_each(cli, filtered_path(cli, true), EXPORT_MOST, check_answered, &check);
    return code ? code : tell(cli, &check);
}

/* ---- the command ---- */

static bool has_filter(const struct cli *cli)
{
    for (size_t i = 0; i < cli->given_count; i++)
        if (cli->given[i].spec >= cli->command->options &&
            cli->given[i].spec < cli->command->options + cli->command->option_count &&
            strcmp(cli->given[i].spec->name, "contains") != 0)
            return true;
    return false;
}

int command_audit(struct cli *cli)
{
    const char *limit = cli_option(cli, "limit");
    char *end = NULL;
    long long number = limit ? strtoll(limit, &end, 10) : 0;
    bool verifies = cli->argument_count > 0, contains = cli_switch(cli, "contains");
    if (verifies && strcmp(cli->arguments[0], "verify") != 0)
        return cli_fail(EXIT_USAGE, "unknown argument '%s', did you mean 'verify'?", cli->arguments[0]);
    if (limit && (*end || end == limit || number < 1))
        return cli_fail(EXIT_USAGE, "--limit takes a number from 1 on, not '%s'", limit);
    if (verifies && has_filter(cli))
        return cli_fail(EXIT_USAGE, "'calctl audit verify' looks at all entries: no filter goes with it");
    if (contains && !verifies)
        return cli_fail(EXIT_USAGE, "--contains goes with 'calctl audit verify'");
    if (verifies)
        return verify(cli);
    bool csv = cli_switch(cli, "csv");
    return cli->json || csv ? export_as(cli, number, csv) : show(cli, number);
}
