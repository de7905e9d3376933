/*
 * Any bytes as calendar, charter and cald.yaml: all three loaders read the same tree. Where a calendar comes out, it is
 * planned and checked.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "editorial/check.h"
#include "network/drivers.h"
#include "settings.h"

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

static void check(const struct charter *charter, const struct calendar *calendar, struct diags *diags)
{
    struct arena *arena = arena_new();
    const struct post **unplaced;
    size_t count, unplaced_count;
    instant from = DAYS(20000), until = from + DAYS(2);
    struct planned *planned = plan(calendar, from, from, until, NULL, 0, arena, &count, &unplaced, &unplaced_count);
    check_plan(charter, calendar, planned, count < 500 ? count : 500, from, until, RECURRING_HELD, diags);
    for (size_t i = 0; i < count && i < 20; i++)
        check_content(charter, planned[i].account, planned[i].content, NULL, NULL, diags);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct account *pointers[ACCOUNTS];
    for (size_t i = 0; i < ACCOUNTS; i++)
        pointers[i] = &accounts[i];
    struct calendar_world world = {.accounts = pointers, .account_count = ACCOUNTS, .find_zone = find_zone};
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const struct yaml *root = yaml_parse("f", (const char *)data, size, arena, &diags);
    if (root) {
        struct diags others = diags_in(arena);
        const struct charter *charter = charter_load("f", root, &world, arena, &others);
        settings_load("dir/f", root, arena, &others);
        const struct calendar *calendar = calendar_load(&(struct calendar_file){"f", root}, 1, &world, arena, &diags);
        if (!calendar == !diags.errors)
            bug("a calendar with errors, or none without");
        static const struct charter empty;
        if (calendar)
            check(charter ? charter : &empty, calendar, &diags);
        diags_sort(&diags);
    }
    arena_free(arena);
    return 0;
}
