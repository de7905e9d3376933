/*
 * Any bytes as a calendar; where one comes out, it is planned and checked against a charter with rules of every kind. Its
 * posts, as JSON, are then read one by one, as the control endpoint reads them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "editorial/check.h"
#include "network/drivers.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct account accounts[] = {
    {.name = "site", .network = &network_feed},
    {.name = "mastodon", .network = &network_mastodon},
    {.name = "blog", .network = &network_wordpress},
};
enum { ACCOUNTS = sizeof accounts / sizeof *accounts };

/* "TZif2", a first block with nothing but one type, a second with the same, and a rule. */
static const struct zone *find_zone(void *context, const char *name, struct arena *arena, struct error *err)
{
#define BLOCK                                                                                                \
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4\0\0\x0e\x10\0\0XXX" \
    "\0"
    static const char bytes[] = BLOCK BLOCK "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
    (void)context;
    return zone_from_tzif(arena, name, bytes, sizeof bytes - 1, err);
}

static const struct account *pointers[ACCOUNTS];
static const struct calendar_world world = {.accounts = pointers, .account_count = ACCOUNTS, .find_zone = find_zone};
static const struct charter *charter;

static const char charter_text[] =
    "brand: {name: x, site: 'https://example.org'}\n"
    "vocabulary: {forbidden: [un, {word: x, level: warning}], prefer: {deux: two}}\n"
    "voice: {exclamations: {max: 0}, emoji: {max: 0}}\n"
    "checks: {alt_text: warning, link_to_site: warning, hashtags: {max: 0, level: warning}, length: {max: 9}}\n"
    "pace: {per_day: {max: 1}, gap: {min: 2h}, quiet: ['21:00-07:30'], silent_days: [sun]}\n"
    "networks: {mastodon: {emoji: {max: 2}, per_day: {max: 3, level: warning}, gap: {min: 5h}}}\n";

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    static struct arena *arena;
    arena = arena_new();
    struct diags diags = diags_in(arena);
    for (size_t i = 0; i < ACCOUNTS; i++)
        pointers[i] = &accounts[i];
    const struct yaml *root = yaml_parse("charter", charter_text, sizeof charter_text - 1, arena, &diags);
    charter = root ? charter_load("charter", root, &world, arena, &diags) : NULL;
    if (!charter)
        bug("%s", diags.items[0].message);
    return 0;
}

static void read_posts(const struct calendar *calendar, const struct yaml *list, struct arena *arena)
{
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count && i < 5; i++) {
        struct diags diags = diags_in(arena);
        struct error err;
        json_t *json = yaml_to_json(list->items[i]);
        const struct yaml *root = yaml_from_json(json, arena, &err);
        if (root && !calendar_read_post(calendar, &world, root, arena, &diags) == !diags.errors)
            bug("a post with errors, or none without");
        json_decref(json);
    }
}

static void check(const struct calendar *calendar, struct diags *diags)
{
    struct arena *arena = arena_new();
    const struct post **unplaced;
    size_t count, unplaced_count;
    instant from = DAYS(20000), until = from + DAYS(2);
    struct planned *planned = plan(calendar, from, from, until, NULL, 0, arena, &count, &unplaced, &unplaced_count);
    struct plan_view view = {charter, calendar, planned, count < 500 ? count : 500, from, until, NULL, 0};
    check_plan(&view, RECURRING_HELD, diags);
    for (size_t i = 0; i < count && i < 20; i++)
        check_content(charter, planned[i].account, planned[i].content, planned[i].bucket, NULL, NULL, diags);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const struct yaml *root = yaml_parse("f", (const char *)data, size, arena, &diags);
    if (root) {
        const struct calendar *calendar = calendar_load(&(struct calendar_file){.name = "f", .root = root}, 1, &world, arena, &diags);
        if (!calendar == !diags.errors)
            bug("a calendar with errors, or none without");
        if (calendar) {
            check(calendar, &diags);
            read_posts(calendar, yaml_get(root, "posts"), arena);
        }
        diags_sort(&diags);
    }
    arena_free(arena);
    return 0;
}
