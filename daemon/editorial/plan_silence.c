/* See plan_silence.h, and plan.h for what silent key dates leave out. */
#include <stdlib.h>

#include "base/buf.h"
#include "editorial/plan.h"
#include "editorial/plan_silence.h"

enum { OCCURRENCES_MOST = 20000, NAMES_MOST = 8, DAYS_MOST = 12 };

/* ---- the days ---- */

size_t silence_find(const struct calendar *calendar, struct arena *arena, struct silence **ret_silences)
{
    struct silence *silences = NULL;
    size_t count = 0;
    for (size_t i = 0; i < calendar->key_date_count; i++) {
        const struct key_date *key = &calendar->key_dates[i];
        struct civil next = civil_add_days(&key->date, 1);
        if (key->silent)
            *arena_push(arena, silences, count) = (struct silence){key, zone_instant(calendar->zone, &key->date, NULL),
                                                                   zone_instant(calendar->zone, &next, NULL)};
    }
    *ret_silences = silences;
    return count;
}

bool silence_has(const struct silence *silences, size_t count, instant t)
{
    for (size_t i = 0; i < count; i++)
        if (t >= silences[i].from && t < silences[i].until)
            return true;
    return false;
}

/* ---- what they leave out ---- */

struct leaving {
    const struct calendar *calendar;
    const struct post *series; /* or NULL */
    instant from, until;
    struct arena *arena;
    struct left_out *items;
    size_t count;
};

static int compare_days(const void *left, const void *right)
{
    const struct silence *a = left, *b = right;
    return (a->from > b->from) - (a->from < b->from);
}

static void leave_out(struct leaving *l, const struct silence *day, const struct post *series)
{
    struct occurrence *occurrences;
    size_t count = recurrence_between(series->recurrence, day->from > l->from ? day->from : l->from,
                                      day->until < l->until ? day->until : l->until, OCCURRENCES_MOST, l->arena,
                                      &occurrences);
    for (size_t i = 0; i < count; i++)
        *arena_push(l->arena, l->items, l->count) =
            (struct left_out){day->key_date, series, plan_occurrence_id(l->arena, series, &occurrences[i].civil),
                              occurrences[i].at};
}

static void leave_out_all(struct leaving *l, const struct silence *day)
{
    for (size_t i = 0; i < l->calendar->post_count; i++) {
        const struct post *post = &l->calendar->posts[i];
        if (post->timing == TIMING_SERIES && (!l->series || post == l->series))
            leave_out(l, day, post);
    }
}

size_t plan_left_out(const struct calendar *calendar, const struct post *series, instant from, instant until,
                     struct arena *arena, struct left_out **ret_left_out)
{
    struct leaving l = {.calendar = calendar, .series = series, .from = from, .until = until, .arena = arena};
    struct silence *days;
    size_t count = silence_find(calendar, arena, &days);
    if (count)
        qsort(days, count, sizeof *days, compare_days);
    for (size_t i = 0; i < count; i++)
        if (days[i].from < until && days[i].until > from && !(i && days[i].from == days[i - 1].from))
            leave_out_all(&l, &days[i]);
    *ret_left_out = l.items;
    return l.count;
}

/* ---- told ---- */

struct told { /* what is left out on one day */
    const struct key_date *key_date;
    const char *names; /* "'merci' at 17:00, 'horloge' 24 times" */
};

/* How many of those that follow are of the same series on the same day. */
static size_t times_of(const struct left_out *first, size_t count)
{
    size_t i = 1;
    while (i < count && first[i].series == first->series && first[i].key_date == first->key_date)
        i++;
    return i;
}

static void add_name(const struct calendar *calendar, const struct left_out *first, size_t times, struct buf *names)
{
    struct civil civil = zone_civil(calendar->zone, first->at);
    buf_printf(names, "%s'%s' ", names->length ? ", " : "", first->series->id);
    if (times > 1)
        buf_printf(names, "%zu times", times);
    else
        buf_printf(names, "at %02d:%02d", civil.hour, civil.minute);
}

/* A whole day; returns how many of the list it is. */
static size_t tell_day(const struct calendar *calendar, const struct left_out *first, size_t count,
                       struct arena *arena, struct told *ret_told)
{
    struct buf names = {0};
    size_t i = 0, named = 0;
    for (size_t times; i < count && first[i].key_date == first->key_date; i += times, named++) {
        times = times_of(first + i, count - i);
        if (named < NAMES_MOST)
            add_name(calendar, first + i, times, &names);
    }
    if (named > NAMES_MOST)
        buf_printf(&names, ", … and %zu more", named - NAMES_MOST);
    *ret_told = (struct told){first->key_date, arena_strdup(arena, buf_text(&names))};
    buf_release(&names);
    return i;
}

void plan_note_left_out(const struct calendar *calendar, instant from, instant until, struct diags *diags)
{
    struct arena *arena = arena_new();
    struct left_out *all;
    struct told *days = NULL;
    size_t count = plan_left_out(calendar, NULL, from, until, arena, &all), day_count = 0;
    for (size_t i = 0; i < count;)
        i += tell_day(calendar, all + i, count - i, arena, arena_push(arena, days, day_count));
    for (size_t i = 0; i < day_count && i < DAYS_MOST; i++) {
        const struct key_date *key = days[i].key_date;
        const char *more = i + 1 == DAYS_MOST && day_count > DAYS_MOST
                               ? arena_printf(arena, "; … and so on %zu more days", day_count - DAYS_MOST)
                               : "";
        diags_add(diags, &(struct diag){
            .level = DIAG_NOTE, .file = key->position.file, .line = key->position.line,
            .column = key->position.column, .rule = "left-out", .word = key->name,
            .message = arena_printf(arena, "left out on %04d-%02d-%02d, a silent key date (%s): %s%s", key->date.year,
                                    key->date.month, key->date.day, key->name, days[i].names, more)});
    }
    arena_free(arena);
}
