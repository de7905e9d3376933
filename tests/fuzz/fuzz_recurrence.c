/* Any text as a rule, in a zone with both changes of hour; what falls must ascend and lie in the interval
 * asked for. */
#include <stdlib.h>
#include <string.h>

#include "editorial/recurrence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "TZif2", a first block with nothing but one type, a second with the same, and a rule. */
static const struct zone *make_zone(struct arena *arena)
{
#define BLOCK                                                                                                \
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4\0\0\x0e\x10\0\0XXX" \
    "\0"
    static const char bytes[] = BLOCK BLOCK "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
    return zone_from_tzif(arena, "Fuzz/Zone", bytes, sizeof bytes - 1, NULL);
}

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_interval(const struct recurrence *recurrence, instant from, instant until,
                           struct arena *arena)
{
    struct occurrence *found;
    size_t count = recurrence_between(recurrence, from, until, 20, arena, &found);
    check(count <= 20);
    for (size_t i = 0; i < count; i++)
        check(found[i].at >= from && found[i].at < until && (i == 0 || found[i].at > found[i - 1].at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct civil starts[] = {{2026, 3, 27, 2, 30, 0}, {1970, 1, 1, 0, 0, 0}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct arena *arena = arena_new();
        const struct zone *zone = make_zone(arena);
        check(zone != NULL);
        const char *rule = arena_strndup(arena, (const char *)data, size);
        const struct recurrence *recurrence =
            recurrence_new(arena, zone, &starts[i], rule, NULL, NULL, 0, NULL, 0, NULL);
        if (recurrence) {
            check_interval(recurrence, INT64_MIN, INT64_MAX, arena);
            check_interval(recurrence, DAYS(25000), DAYS(25400), arena);
        }
        arena_free(arena);
    }
    return 0;
}
