/*
 * check_tool: what the loaders say, for tests/integration/test_schema.py.
 *
 *   check_tool check FILE…          checks the files as 'calctl check' does: one JSON object a finding
 *   check_tool batch KIND ACCOUNTS  reads documents from stdin, each one line of JSON; answers each with one line,
 *                                   a JSON array of its findings. KIND: calendar, charter or cald.yaml. ACCOUNTS: a
 *                                   comma-separated list, each name=network
 *   check_tool check-at T FILE      loads a cald.yaml as if it were T (RFC 3339); findings as of check
 *   check_tool rules                the names of the charter's rules, as a JSON array
 *   check_tool networks             the option tables, as JSON
 *   check_tool plan FILE            loads a cald.yaml, says how long loading and planning took
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/zoneinfo.h"
#include "documents.h"
#include "editorial/plan.h"
#include "editorial/rule.h"

static json_t *finding(const struct diag *d)
{
    json_t *json = json_object();
    struct buf text = {0};
    diag_print(d, &text);
    json_set_text(json, "level", d->level == DIAG_ERROR ? "error" : "warning");
    json_set_text(json, "rule", d->rule);
    json_set_text(json, "text", buf_text(&text));
    json_set_text(json, "file", d->file);
    json_set_number(json, "line", d->line);
    json_set_number(json, "column", d->column);
    json_set_text(json, "word", d->word);
    json_set_text(json, "nearest", d->nearest);
    json_set_text(json, "post", d->post);
    buf_release(&text);
    return json;
}

static void print(json_t *json)
{
    char *text = json_print(json);
    puts(text);
    free(text);
    json_decref(json);
}

static int check(struct documents *documents)
{
    for (size_t i = 0; i < documents->diags.count; i++)
        print(finding(&documents->diags.items[i]));
    int status = documents->diags.errors ? 1 : 0;
    documents_free(documents);
    return status;
}

static int check_at(const char *time, const char *path)
{
    instant now;
    if (!instant_parse(time, &now))
        return 64;
    return check(documents_load(path, now));
}

/* ---- batch ---- */

static const struct zone *find_zone(void *context, const char *name, struct arena *arena, struct error *err)
{
    struct buf bytes = {0};
    const struct zone *zone = NULL;
    (void)context;
    if (zoneinfo_read(name, &bytes, err))
        zone = zone_from_tzif(arena, name, bytes.data, bytes.length, err);
    buf_release(&bytes);
    return zone;
}

struct accounts {
    struct account items[16];
    const struct account *pointers[16];
    size_t count;
};

static void parse_accounts(char *list, struct accounts *accounts)
{
    for (char *name = strtok(list, ","); name && accounts->count < 16; name = strtok(NULL, ",")) {
        char *network = strchr(name, '=');
        if (network)
            *network++ = '\0';
        struct account *account = &accounts->items[accounts->count];
        *account = (struct account){.name = name, .network = network_find(network ? network : name)};
        accounts->pointers[accounts->count++] = account;
    }
}

static void load(const char *kind, const struct accounts *accounts, const char *line, size_t length,
                 struct arena *arena, struct diags *diags)
{
    struct calendar_world world = {.accounts = accounts->pointers, .account_count = accounts->count,
                                   .find_zone = find_zone};
    const struct yaml *root = yaml_parse("document", line, length, arena, diags);
    if (!root)
        return;
    if (!strcmp(kind, "calendar"))
        calendar_load(&(struct calendar_file){.name = "document", .root = root}, 1, &world, arena, diags);
    else if (!strcmp(kind, "charter"))
        charter_load("document", root, &world, arena, diags);
    else
        settings_load("document", root, arena, diags);
}

static int batch(const char *kind, char *account_list)
{
    struct accounts accounts = {0};
    char *line = NULL;
    size_t size = 0;
    parse_accounts(account_list, &accounts);
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
        struct arena *arena = arena_new();
        struct diags diags = diags_in(arena);
        json_t *all = json_array();
        load(kind, &accounts, line, (size_t)length, arena, &diags);
        for (size_t i = 0; i < diags.count; i++)
            json_array_append_new(all, finding(&diags.items[i]));
        print(all);
        arena_free(arena);
    }
    free(line);
    return 0;
}

/* ---- tables ---- */

static json_t *option(const struct network_option *o)
{
    static const char *const kinds[] = {"text", "url",   "secret", "integer",  "flag",
                                        "word", "texts", "map",    "integers", "path"};
    json_t *json = json_object(), *words = json_array();
    json_set_text(json, "name", o->name);
    json_set_text(json, "kind", kinds[o->kind]);
    json_set_flag(json, "required", o->required);
    json_set_number(json, "min", o->min);
    json_set_number(json, "max", o->max);
    json_set_text(json, "help", o->help);
    for (size_t i = 0; o->words && o->words[i]; i++)
        json_array_append_new(words, json_string(o->words[i]));
    json_set(json, "words", words);
    return json;
}

static int networks(void)
{
    size_t count;
    const struct network *const *all = network_all(&count);
    json_t *json = json_object();
    for (size_t i = 0; i < count; i++) {
        json_t *options = json_array();
        for (size_t k = 0; k < all[i]->option_count; k++)
            json_array_append_new(options, option(&all[i]->options[k]));
        json_set(json, all[i]->name, options);
    }
    print(json);
    return 0;
}

static int list_rules(void)
{
    json_t *names = json_array();
    for (size_t i = 0; i < RULE_COUNT; i++)
        json_array_append_new(names, json_string(rule_names[i]));
    print(names);
    return 0;
}

static int time_plan(const char *path)
{
    duration start = clock_monotonic();
    instant now = clock_now();
    struct documents *documents = documents_load(path, now);
    duration loaded = clock_monotonic();
    json_t *json = json_object();
    json_set_number(json, "errors", (int64_t)documents->diags.errors);
    json_set_number(json, "warnings", (int64_t)documents->diags.warnings);
    for (size_t i = 0; i < documents->diags.count && i < 20; i++)
        print(finding(&documents->diags.items[i]));
    if (documents->calendar) {
        struct arena *arena = arena_new();
        const struct post **unplaced;
        size_t count, unplaced_count;
        plan(documents->calendar, now, 0, INSTANT_NEVER, NULL, 0, arena, &count, &unplaced, &unplaced_count);
        json_set_number(json, "posts", (int64_t)documents->calendar->post_count);
        json_set_number(json, "planned", (int64_t)count);
        arena_free(arena);
    }
    json_set_number(json, "load_ms", loaded - start);
    json_set_number(json, "plan_ms", clock_monotonic() - loaded);
    print(json);
    documents_free(documents);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && !strcmp(argv[1], "check"))
        return check(documents_check_files((const char *const *)argv + 2, (size_t)argc - 2, clock_now()));
    if (argc == 4 && !strcmp(argv[1], "check-at"))
        return check_at(argv[2], argv[3]);
    if (argc == 2 && !strcmp(argv[1], "rules"))
        return list_rules();
    if (argc == 4 && !strcmp(argv[1], "batch"))
        return batch(argv[2], argv[3]);
    if (argc == 2 && !strcmp(argv[1], "networks"))
        return networks();
    if (argc == 3 && !strcmp(argv[1], "plan"))
        return time_plan(argv[2]);
    fputs("usage: check_tool check FILE… | check-at TIME FILE | rules | batch KIND ACCOUNTS | networks | plan FILE\n", stderr);
    return 64;
}
