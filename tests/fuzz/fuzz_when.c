/* Any text as a time or a span that a person said, and as a wall-clock time. */
#include <stdlib.h>
#include <string.h>

#include "editorial/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct zone *make_zone(struct arena *arena)
{
    static const char bytes[] =
        "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
        "\0\0\x0e\x10\0\0XXX";
    return zone_from_tzif(arena, "Fuzz/Zone", bytes, sizeof bytes, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const struct zone *zone = make_zone(arena);
    const char *text = arena_strndup(arena, (const char *)data, size);
    struct civil civil;
    bool has_time;
    struct when when = {0};
    struct error err = {0};
    if (!zone)
        abort();
    if (when_parse(text, DAYS(20000), zone, &when, &err) == (err.message[0] != '\0') ||
        strnlen(when.slot, sizeof when.slot) == sizeof when.slot)
        abort();
    instant from = 0, until = 0;
    err = (struct error){0};
    if (when_parse_span(text, DAYS(20000), zone, &from, &until, &err) != (from < until) ||
        (from < until) == (err.message[0] != '\0'))
        abort();
    if (civil_parse(text, &civil, &has_time)) {
        struct civil back = zone_civil(zone, zone_instant(zone, &civil, NULL));
        if (civil_compare(&civil, &back))
            abort();
    }
    arena_free(arena);
    return 0;
}
