/* See when.h. Reads the query's texts and makes JSON; the calendar work is editorial's. */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/zoneinfo.h"
#include "editorial/recurrence.h"
#include "editorial/zone.h"
#include "cli/when.h"

static const struct zone *load_zone(const char *name, struct arena *arena, struct error *err)
{
    struct buf bytes = {0};
    const struct zone *zone = NULL;
    if (zoneinfo_read(name, &bytes, err))
        zone = zone_from_tzif(arena, name, bytes.data, bytes.length, err);
    buf_release(&bytes);
    return zone;
}

static bool read_start(const char *text, struct civil *ret_start, struct error *err)
{
    bool has_time;
    if (!civil_parse(text, ret_start, &has_time))
        return fail(err, "the start '%.64s' is not a time, expected for example '2026-03-27T02:30'", text);
    return has_time ||
           fail(err, "the start '%.64s' has no time, expected for example '%.10sT09:00'", text, text);
}

struct exclusions {
    struct civil *times;
    bool *is_date;
    size_t count;
};

static bool read_exclusions(const struct when_query *query, struct arena *arena,
                            struct exclusions *ret_exclusions, struct error *err)
{
    struct exclusions e = {.count = query->exdate_count};
    e.times = arena_alloc_array(arena, e.count, sizeof *e.times);
    e.is_date = arena_alloc_array(arena, e.count, sizeof *e.is_date);
    for (size_t i = 0; i < e.count; i++) {
        bool has_time;
        if (!civil_parse(query->exdates[i], &e.times[i], &has_time))
            return fail(err,
                        "'%.64s' cannot be excluded: expected a time or date such as '2026-03-27T02:30' or "
                        "'2026-03-27'",
                        query->exdates[i]);
        e.is_date[i] = !has_time;
    }
    *ret_exclusions = e;
    return true;
}

static json_t *occurrence_json(const struct zone *zone, instant at)
{
    char text[INSTANT_TEXT];
    struct civil local = zone_civil(zone, at);
    json_t *object = json_object();
    json_set_text(object, "local", civil_format(&local, text, sizeof text));
    json_set_text(object, "offset", offset_format(zone_offset(zone, at), text));
    json_set_text(object, "utc", instant_format(at, text, sizeof text));
    return object;
}

static size_t how_many(const struct when_query *query)
{
    bool ends = !query->rrule || strcasestr(query->rrule, "COUNT=") || strcasestr(query->rrule, "UNTIL=");
    if (query->count)
        return query->count < WHEN_MOST ? query->count : WHEN_MOST;
    return ends ? WHEN_MOST : WHEN_DEFAULT_COUNT;
}

bool when_answer(const struct when_query *query, struct arena *arena, json_t **ret_array, struct error *err)
{
    struct civil start;
    struct exclusions excluded = {0};
    const struct zone *zone = load_zone(query->zone, arena, err);
    if (!zone || !read_start(query->start, &start, err) || !read_exclusions(query, arena, &excluded, err))
        return false;
    const struct recurrence *recurrence = recurrence_new(arena, zone, &start, query->rrule, excluded.times,
                                                         excluded.is_date, excluded.count, NULL, 0, err);
    if (!recurrence)
        return false;
    struct occurrence *found;
    size_t count = recurrence_between(recurrence, INT64_MIN, INT64_MAX, how_many(query), arena, &found);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, occurrence_json(zone, found[i].at));
    *ret_array = array;
    return true;
}
