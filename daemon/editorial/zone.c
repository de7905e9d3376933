/*
 * See zone.h. Looks up offsets in a table of changes: those that the file lists, then those of the rule
 * in its footer for 400 years, after which the calendar, weekdays included, repeats itself. Civil times
 * are resolved here from the offsets on both sides of a change: mktime's answers in the hours that are
 * skipped or doubled depend on what it was asked before. Who reads the bytes: tzif.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/zoneinfo.h"
#include "editorial/zone.h"
#include "editorial/zone_rule.h"
#include "editorial/tzif.h"

static const int64_t day_seconds = 86400;
static const int64_t cycle = 146097 * (int64_t)86400; /* 400 years of the Gregorian calendar: whole weeks */

/* Segment 0 is before the first change, segment i the time from change i - 1 to change i. */
struct zone {
    const char *name;
    int first_offset;
    size_t count;
    struct zone_change *changes;
    bool repeats;          /* the rule goes on for ever */
    bool always;           /* and did so before, as there are no listed changes */
    int64_t repeats_until; /* what comes later is looked up 400 years earlier, or 800… */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- making ---- */

static int64_t year_of(int64_t seconds)
{
    int64_t year;
    unsigned month, day;
    days_to_civil(floor_div(seconds, day_seconds), &year, &month, &day);
    return year;
}

static void add_rule_change(struct zone *zone, int64_t after, int64_t at, int offset)
{
    if (at <= after)
        return;
    size_t i = zone->count++;
    /* Of two changes at the same time the start of daylight time, which is added second, wins. */
    for (; i > 0 && zone->changes[i - 1].at > at; i--)
        zone->changes[i] = zone->changes[i - 1];
    zone->changes[i] = (struct zone_change){.at = at, .offset = offset};
}

static void extend_by_rule(struct zone *zone, const struct zone_rule *rule)
{
    bool listed = zone->count > 0;
    int64_t after = listed ? zone->changes[zone->count - 1].at : INT64_MIN;
    int64_t first = listed ? year_of(after) : 1970;
    for (int64_t year = first - 1; year <= first + 402; year++) {
        add_rule_change(zone, after, zone_rule_end(rule, year), rule->standard);
        add_rule_change(zone, after, zone_rule_start(rule, year), rule->daylight);
    }
    zone->repeats = true;
    zone->always = !listed;
    zone->repeats_until = civil_to_days(first + 401, 1, 1) * day_seconds;
}

enum { RULE_CHANGES = 2 * 404 };

const struct zone *zone_from_tzif(struct arena *arena, const char *name, const void *bytes, size_t length,
                                  struct error *err)
{
    struct tzif file;
    if (!tzif_read(arena, bytes, length, &file, err)) {
        fail_while(err, "the time zone '%s'", name);
        return NULL;
    }
    struct zone *zone = arena_new_of(arena, struct zone);
    zone->name = arena_strdup(arena, name);
    zone->first_offset = file.first_offset;
    zone->count = file.count;
    zone->changes = arena_alloc_array(arena, file.count + RULE_CHANGES, sizeof *zone->changes);
    if (file.count)
        memcpy(zone->changes, file.changes, file.count * sizeof *zone->changes);
#ifdef CALD_MUTANT_NO_FOOTER
    file.has_rule = false;
#endif
    if (file.has_rule && file.rule.has_dst)
        extend_by_rule(zone, &file.rule);
    return zone;
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

bool zone_name_is_safe(const char *name)
{
    return zoneinfo_name_is_safe(name);
}

/* ---- looking up ---- */

/* How many seconds to take off so that the table knows the time: whole cycles, 0 nearly always. */
static int64_t cycles_beyond(const struct zone *zone, int64_t seconds)
{
    if (!zone->repeats)
        return 0;
    int64_t cycles = floor_div(seconds - (zone->repeats_until - cycle), cycle);
    return cycles > 0 || zone->always ? cycles * cycle : 0;
}

/* The segment that a time lies in: how many changes are at or before it. */
static size_t segment_at(const struct zone *zone, int64_t seconds)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int segment_offset(const struct zone *zone, size_t segment)
{
    return segment ? zone->changes[segment - 1].offset : zone->first_offset;
}

static int offset_at(const struct zone *zone, int64_t seconds)
{
    return segment_offset(zone, segment_at(zone, seconds - cycles_beyond(zone, seconds)));
}

int zone_offset(const struct zone *zone, instant t)
{
    return offset_at(zone, floor_div(t, 1000));
}

static bool segment_has(const struct zone *zone, size_t segment, int64_t seconds)
{
    return (!segment || seconds >= zone->changes[segment - 1].at) &&
           (segment == zone->count || seconds < zone->changes[segment].at);
}

/*
 * Tries every segment near enough. A time that no segment has lies in the gap at the end of the last
 * segment that would put it after its own end; that segment's offset moves it forward by the gap.
 */
static int64_t resolve(const struct zone *zone, int64_t local, enum civil_fold *ret_fold)
{
    enum { FARTHEST = 26 * 3600 };
    size_t last = segment_at(zone, local + FARTHEST);
    int64_t found = 0, moved = local - segment_offset(zone, last);
    int matches = 0;
    bool is_moved = false;
    for (size_t i = segment_at(zone, local - FARTHEST); i <= last; i++) {
        int64_t seconds = local - segment_offset(zone, i);
        if (segment_has(zone, i, seconds)) {
            if (!matches++)
                found = seconds;
#ifdef CALD_MUTANT_SECOND_OF_TWO
            found = seconds;
#endif
        } else if (i < zone->count && seconds >= zone->changes[i].at && !is_moved &&
                   local - segment_offset(zone, i + 1) < zone->changes[i].at) {
            moved = seconds;
            is_moved = true;
#ifdef CALD_MUTANT_GAP_BACK
            moved = local - segment_offset(zone, i + 1);
#endif
        }
    }
    *ret_fold = matches == 0 ? CIVIL_GAP : matches == 1 ? CIVIL_PLAIN : CIVIL_OVERLAP;
    return matches ? found : moved;
}

instant zone_instant(const struct zone *zone, const struct civil *c, enum civil_fold *ret_fold)
{
    int64_t local = civil_seconds(c);
    int64_t beyond = cycles_beyond(zone, local);
    enum civil_fold fold;
    int64_t seconds = resolve(zone, local - beyond, &fold) + beyond;
    if (ret_fold)
        *ret_fold = fold;
    return SECONDS(seconds);
}

struct civil zone_civil(const struct zone *zone, instant t)
{
    int64_t seconds = floor_div(t, 1000);
    return civil_from_seconds(seconds + offset_at(zone, seconds));
}
