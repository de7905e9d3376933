/* Any bytes as a TZif file; what is taken must map instants to wall clocks and back. */
#include <stdlib.h>

#include "editorial/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_instant(const struct zone *zone, instant t)
{
    struct civil civil = zone_civil(zone, t);
    enum civil_fold fold;
    instant back = zone_instant(zone, &civil, &fold);
    int offset = zone_offset(zone, t);
    check(offset >= -89999 && offset <= 93599);
    check(fold != CIVIL_GAP); /* an instant's wall clock exists */
    check(back <= t);         /* the first of several */
    check(fold == CIVIL_OVERLAP || back == t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const instant instants[] = {-DAYS(30000), -1000,       0,           DAYS(10000),
                                       DAYS(20000),  DAYS(20500), DAYS(47000), DAYS(400000)};
    struct arena *arena = arena_new();
    struct error err = {0};
    const struct zone *zone = zone_from_tzif(arena, "Fuzz/Zone", data, size, &err);
    check((zone != NULL) == !err.message[0]);
    for (size_t i = 0; zone && i < sizeof instants / sizeof *instants; i++)
        check_instant(zone, instants[i]);
    arena_free(arena);
    return 0;
}
