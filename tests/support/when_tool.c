/*
 * when_tool: answers many questions about zones and rules in one process, one a line, so that a test can
 * ask hundreds of thousands. Fields are separated by tabs:
 *
 *   z ZONE                           the zone for what follows; "ok" or "error: …"
 *   l 2026-03-29T02:30:00            civil → "SECONDS OFFSET FOLD" (fold: 0 plain, 1 gap, 2 overlap)
 *   u SECONDS                        instant → "2026-03-29T03:30:00 OFFSET"
 *   w ZONE START RRULE EXDATES COUNT the JSON of `calctl when`; EXDATES comma-separated; - for none
 *   b ZONE START RRULE FROM COUNT    seconds of the first COUNT occurrences from an instant on
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/zoneinfo.h"
#include "cli/when.h"
#include "editorial/recurrence.h"

enum { MOST_FIELDS = 6 };

static struct arena *zone_arena;
static const struct zone *zone;

static bool open_zone(const char *name, struct error *err)
{
    struct buf bytes = {0};
    if (zone && !strcmp(zone_name(zone), name))
        return true;
    arena_free(zone_arena);
    zone_arena = arena_new();
    zone = zoneinfo_read(name, &bytes, err) ? zone_from_tzif(zone_arena, name, bytes.data, bytes.length, err)
                                            : NULL;
    buf_release(&bytes);
    return zone != NULL;
}

static bool answer_zone(char *fields[], struct arena *arena, struct error *err)
{
    (void)arena;
    if (!open_zone(fields[1], err))
        return false;
    puts("ok");
    return true;
}

static bool answer_local(char *fields[], struct arena *arena, struct error *err)
{
    (void)arena;
    struct civil civil;
    bool has_time;
    enum civil_fold fold;
    if (!zone || !civil_parse(fields[1], &civil, &has_time))
        return fail(err, "not a time, or no zone");
    instant at = zone_instant(zone, &civil, &fold);
    printf("%" PRId64 " %d %d\n", at / 1000, zone_offset(zone, at), (int)fold);
    return true;
}

static bool answer_utc(char *fields[], struct arena *arena, struct error *err)
{
    (void)arena;
    char text[32];
    if (!zone)
        return fail(err, "no zone");
    instant at = SECONDS(strtoll(fields[1], NULL, 10));
    struct civil civil = zone_civil(zone, at);
    printf("%s %d\n", civil_format(&civil, text, sizeof text), zone_offset(zone, at));
    return true;
}

static const char *given(const char *field)
{
    return strcmp(field, "-") ? field : NULL;
}

static bool answer_when(char *fields[], struct arena *arena, struct error *err)
{
    const char **exdates = NULL;
    size_t count = 0;
    char *rest = fields[4];
    for (char *word; given(fields[4]) && (word = strsep(&rest, ","));)
        *arena_push(arena, exdates, count) = word;
    struct when_query query = {.zone = fields[1],
                               .start = fields[2],
                               .rrule = given(fields[3]),
                               .exdates = exdates,
                               .exdate_count = count,
                               .count = strtoul(fields[5], NULL, 10)};
    json_t *array;
    if (!when_answer(&query, arena, &array, err))
        return false;
    char *text = json_print(array);
    puts(text);
    free(text);
    json_decref(array);
    return true;
}

static bool answer_between(char *fields[], struct arena *arena, struct error *err)
{
    struct civil start;
    bool has_time;
    struct occurrence *found;
    if (!open_zone(fields[1], err) || !civil_parse(fields[2], &start, &has_time))
        return false;
    const struct recurrence *r =
        recurrence_new(arena, zone, &start, given(fields[3]), NULL, NULL, 0, NULL, 0, err);
    if (!r)
        return false;
    instant from = SECONDS(strtoll(fields[4], NULL, 10));
    size_t count = recurrence_between(r, from, INSTANT_NEVER, strtoul(fields[5], NULL, 10), arena, &found);
    for (size_t i = 0; i < count; i++)
        printf("%s%" PRId64, i ? " " : "", found[i].at / 1000);
    putchar('\n');
    return true;
}

static const struct question {
    const char *word;
    int fields;
    bool (*answer)(char *fields[], struct arena *arena, struct error *err);
} questions[] = {
    {"z", 2, answer_zone}, {"l", 2, answer_local},   {"u", 2, answer_utc},
    {"w", 6, answer_when}, {"b", 6, answer_between},
};

static bool answer(char *line, struct error *err)
{
    char *fields[MOST_FIELDS];
    int count = 0;
    for (char *word; count < MOST_FIELDS && (word = strsep(&line, "\t"));)
        fields[count++] = word;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        if (strcmp(questions[i].word, fields[0]) || questions[i].fields != count)
            continue;
        struct arena *arena = arena_new();
        bool ok = questions[i].answer(fields, arena, err);
        arena_free(arena);
        return ok;
    }
    return fail(err, "unknown question");
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    for (ssize_t n; (n = getline(&line, &size, stdin)) > 0;) {
        struct error err = {0};
        line[strcspn(line, "\n")] = '\0';
        if (!answer(line, &err))
            printf("error: %s\n", err.message);
    }
    free(line);
    arena_free(zone_arena);
    return 0;
}
