/* Commands that work without the daemon, by the daemon's own code: check, when, measure, token. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "cli/check_online.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/objection.h"
#include "cli/render.h"
#include "cli/when.h"
#include "documents.h"
#include "network/text.h"

enum { MEASURE_MAX = 64 * 1024 * 1024 };

static bool parse_count(const char *text, size_t most, size_t *ret_count)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value < 1 || value > most)
        return false;
    *ret_count = (size_t)value;
    return true;
}

/* ---- check ---- */

static void print_check(struct cli *cli, const struct documents *documents)
{
    const struct diags *diags = &documents->diags;
    const char *objection =
        objection_to_files(cli, json_in_arena(cli->arena, diags_to_json(diags, DIAG_ERROR)));
    if (cli->json) {
        json_t *all = json_pack("{s:I, s:I, s:o, s:o, s:o}", "errors_total", (json_int_t)diags->errors,
                                "warnings_total", (json_int_t)diags->warnings, "errors",
                                diags_to_json(diags, DIAG_ERROR), "warnings", diags_to_json(diags, DIAG_WARNING),
                                "notes", diags_to_json(diags, DIAG_NOTE));
        render_json(json_in_arena(cli->arena, all));
        return;
    }
    for (size_t i = 0; i < diags->count; i++) {
        struct buf line = {0};
        diag_print(&diags->items[i], &line);
        puts(buf_text(&line));
        buf_release(&line);
    }
    if (diags_untold(diags))
        printf("… and %zu more\n", diags_untold(diags));
    if (objection)
        puts(objection);
    if (!diags->errors && documents->calendar)
        printf("all well: %zu post%s, %zu slot%s%s\n", documents->calendar->post_count,
               documents->calendar->post_count == 1 ? "" : "s", documents->calendar->slot_count,
               documents->calendar->slot_count == 1 ? "" : "s", diags->warnings ? ", with the warnings above" : "");
    else
        printf("%zu error%s\n", diags->errors, diags->errors == 1 ? "" : "s");
}

int command_check(struct cli *cli)
{
    struct documents *documents =
        cli->argument_count ? documents_check_files(cli->arguments, cli->argument_count, clock_now())
                            : documents_load(client_config(cli), clock_now());
    struct error err = {0};
    if (!cli->argument_count)
        documents_check_secrets(documents, false);
    documents_check_people(documents, false);
    if (cli_switch(cli, "online") && !check_documents_online(documents, clock_now(), &err)) {
        documents_free(documents);
        return cli_fail(EXIT_INTERNAL, "%s", err.message);
    }
    print_check(cli, documents);
    int code = documents->diags.errors ? EXIT_REFUSED : EXIT_DONE;
    documents_free(documents);
    return code;
}

/* ---- when ---- */

/* Without --zone: the calendar's. */
static const char *default_zone(struct cli *cli)
{
    struct documents *documents = documents_load(client_config(cli), clock_now());
    const char *zone = documents->calendar && documents->calendar->zone
                           ? arena_strdup(cli->arena, zone_name(documents->calendar->zone))
                           : NULL;
    documents_free(documents);
    return zone;
}

static void print_when(struct cli *cli, const json_t *occurrences)
{
    static const char *const titles[] = {"LOCAL", "OFFSET", "UTC"};
    struct table *table = table_new(cli, titles, 3);
    for (size_t i = 0; i < json_array_size(occurrences); i++) {
        const json_t *o = json_array_get(occurrences, i);
        const char *local = json_text(o, "local");
        const char *cells[] = {arena_printf(cli->arena, "%s  %s", render_local(cli, local), local),
                               json_text(o, "offset"), json_text(o, "utc")};
        table_row(table, cells);
    }
    if (json_array_size(occurrences))
        table_print(table);
    else
        puts("never");
}

int command_when(struct cli *cli)
{
    struct error err = {0};
    struct when_query query = {.zone = cli_option(cli, "zone"), .start = cli_option(cli, "start"),
                               .rrule = cli_option(cli, "rrule")};
    const char *count = cli_option(cli, "count");
    query.exdates = cli_options(cli, "exdate", &query.exdate_count);
    if (!query.start)
        return cli_fail(EXIT_USAGE, "'when' needs --start, a local time such as 2026-03-27T02:30");
    if (count && !parse_count(count, WHEN_MOST, &query.count))
        return cli_fail(EXIT_USAGE, "--count takes a number from 1 to %d, not '%s'", WHEN_MOST, count);
    if (!query.zone && !(query.zone = default_zone(cli)))
        return cli_fail(EXIT_USAGE, "'when' needs --zone, such as Europe/Paris: there is no calendar here to take it from");
    json_t *occurrences;
    if (!when_answer(&query, cli->arena, &occurrences, &err))
        return cli_fail(EXIT_USAGE, "%s", err.message);
    json_in_arena(cli->arena, occurrences);
    if (cli->json)
        render_json(occurrences);
    else
        print_when(cli, occurrences);
    return EXIT_DONE;
}

/* ---- measure ---- */

static json_t *measure_to_json(const struct measure *m)
{
    json_t *entities = json_array();
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = &m->entities[i];
        json_t *item = json_object();
        json_set_text(item, "kind", entity_kind_name(e->kind));
        json_set_number(item, "start", (int64_t)e->start);
        json_set_number(item, "end", (int64_t)e->end);
        json_set_text(item, "value", e->value);
        json_array_append_new(entities, item);
    }
    json_t *object = json_object();
    json_set_number(object, "length", (int64_t)m->length);
    json_set(object, "limit", m->limit ? json_integer((json_int_t)m->limit) : json_null());
    json_set_flag(object, "fits", m->fits);
    json_set(object, "entities", entities);
    return object;
}

static void print_measure(struct cli *cli, const struct text_rule *rule, const struct measure *m, const char *text)
{
    printf("%zu", m->length);
    if (m->limit)
        printf(" of %zu", m->limit);
    printf(" %s: %s\n", text_rule_unit(rule), m->fits ? "fits" : "too long");
    if (m->byte_limit)
        printf("%zu of %zu bytes\n", m->bytes, m->byte_limit);
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = &m->entities[i];
        const char *seen = arena_strndup(cli->arena, text + e->start, e->end - e->start);
        printf("  %-8s %zu-%zu  %s%s%s\n", entity_kind_name(e->kind), e->start, e->end, render_line(cli, seen),
               strcmp(seen, e->value) ? " → " : "", strcmp(seen, e->value) ? render_line(cli, e->value) : "");
    }
}

/* A JSON string a line in, an object a line out. */
static int measure_lines(const struct text_rule *rule, size_t limit, const char *lines)
{
    size_t number = 0;
    int code = EXIT_DONE;
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        struct error err = {0};
        json_t *value = length ? json_parse(line, length, &err) : NULL;
        number++;
        if (length && !json_is_string(value)) {
            json_decref(value);
            return cli_fail(EXIT_USAGE, "standard input, line %zu: not a JSON string%s%s", number,
                            err.message[0] ? ": " : "", err.message);
        }
        if (length) {
            struct arena *arena = arena_new();
            struct measure m = text_measure(rule, json_string_value(value), json_string_length(value), limit, arena);
            json_t *object = measure_to_json(&m);
            char *text = json_dumps(object, JSON_COMPACT);
            puts(text);
            free(text);
            json_decref(object);
            arena_free(arena);
        }
        json_decref(value);
        line += length + (line[length] == '\n');
    }
    return code;
}

int command_measure(struct cli *cli)
{
    const char *name = cli_option(cli, "network"), *wish = cli_option(cli, "limit");
    struct error err = {0};
    size_t limit = 0, count;
    if (!name)
        return cli_fail(EXIT_USAGE, "'measure' needs --network, such as bluesky");
    const struct text_rule *rule = text_rule_find(name);
    if (!rule) {
        const char *const *names = text_rule_names(&count);
        struct buf list = {0};
        for (size_t i = 0; i < count; i++)
            buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
        cli_fail(EXIT_USAGE, "unknown network '%s', expected one of %s", name, buf_text(&list));
        buf_release(&list);
        return EXIT_USAGE;
    }
    if (wish && !parse_count(wish, 100000000, &limit))
        return cli_fail(EXIT_USAGE, "--limit takes a number, not '%s'", wish);
    struct buf input = {0};
    if (!file_read_fd(0, "standard input", MEASURE_MAX, &input, &err)) {
        buf_release(&input);
        return cli_fail(EXIT_USAGE, "%s", err.message);
    }
    int code = EXIT_DONE;
    if (cli->json) {
        code = measure_lines(rule, limit, buf_text(&input));
    } else {
        size_t length = input.length;
        if (length && input.data[length - 1] == '\n')
            length--; /* the newline that ends the input is not of the text */
        struct measure m = text_measure(rule, buf_text(&input), length, limit, cli->arena);
        print_measure(cli, rule, &m, buf_text(&input));
        code = m.fits ? EXIT_DONE : EXIT_REFUSED;
    }
    buf_release(&input);
    return code;
}

/* ---- token ---- */

static bool is_token_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return length > 0 && length <= 64 && !name[length];
}

int command_token(struct cli *cli)
{
    static const char *const roles[] = {"viewer", "author", "editor", "admin"};
    const char *role = cli_option(cli, "role"), *expires = cli_option(cli, "expires"), *name = cli->arguments[0];
    struct civil date;
    bool known = !role, has_time = false;
    for (size_t i = 0; i < 4 && role; i++)
        known = known || !strcmp(role, roles[i]);
    if (!known)
        return cli_fail(EXIT_USAGE, "--role takes viewer, author, editor or admin, not '%s'", role);
    if (!is_token_name(name))
        return cli_fail(EXIT_USAGE, "'%s' cannot name a token: letters, digits, '.', '_' and '-' only", name);
    if (expires && (!civil_parse(expires, &date, &has_time) || has_time))
        return cli_fail(EXIT_USAGE, "--expires takes a date such as 2027-06-30, not '%s'", expires);
    char token[65], hash[SHA256_HEX];
    random_hex(token, 64);
    sha256_hex(token, 64, hash);
    const char *line = arena_printf(cli->arena, "%s %s %s%s%s", name, role ? role : "viewer", hash, expires ? " " : "",
                                    expires ? expires : "");
    if (cli->json) {
        render_json(json_in_arena(cli->arena, json_pack("{s:s, s:s}", "token", token, "line", line)));
        return EXIT_DONE;
    }
    printf("token (shown only now): %s\nline for the tokens file: %s\n", token, line);
    return EXIT_DONE;
}
