/*
 * See check.h: the charter's pace. Everything is judged in the calendar's civil time; the plan is sorted, so
 * that only the neighbours of an instant are looked at.
 */
#include <string.h>

#include "editorial/check_rules.h"

struct timing_check {
    struct checking c; /* first */
    const struct calendar *calendar;
    instant at;
    struct civil civil;
    const char *self;
    const struct planned *planned;
    size_t planned_count;
    const struct planned
        *subject; /* the one of planned that is judged among those that go before it; NULL: among all */
};

/* The first that is not before t. */
static size_t first_from(const struct planned *planned, size_t count, instant t)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (planned[middle].slot < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Among themselves the earlier goes before the later; what a person wrote down goes before what a rule gave.
 */
static bool goes_before(const struct planned *a, const struct planned *b)
{
    bool a_written = a->post->timing == TIMING_AT, b_written = b->post->timing == TIMING_AT;
    return a_written == b_written ? a < b : a_written;
}

static bool is_other(const struct timing_check *t, const struct planned *other)
{
    if (t->subject && (other->post->timing == TIMING_SLOT || !goes_before(other, t->subject)))
        return false;
    return !strcmp(other->account->name, t->c.account->name) &&
           !(t->self && !strcmp(other->post_id, t->self));
}

static void check_quiet(struct timing_check *t)
{
    int minute = t->civil.hour * 60 + t->civil.minute;
    const struct charter *charter = t->c.charter;
    if (!charter->quiet_count || !check_begin(&t->c, RULE_QUIET_HOURS))
        return;
    for (size_t i = 0; i < charter->quiet_count; i++) {
        const struct quiet *q = &charter->quiet[i];
        bool inside = q->from < q->until ? minute >= q->from && minute < q->until
                                         : minute >= q->from || minute < q->until;
        if (inside)
            check_found(&t->c, FOUND(.remedy = NULL),
                        "%02d:%02d is within the charter's quiet hours %02d:%02d-%02d:%02d", t->civil.hour,
                        t->civil.minute, q->from / 60, q->from % 60, q->until / 60, q->until % 60);
    }
}

static void check_weekday(struct timing_check *t)
{
    static const char *const names[] = {"Mondays", "Tuesdays",  "Wednesdays", "Thursdays",
                                        "Fridays", "Saturdays", "Sundays"};
    int day = civil_weekday(&t->civil);
    if (t->c.charter->silent_days[day] && check_begin(&t->c, RULE_SILENT_DAY))
        check_found(&t->c, FOUND(.remedy = NULL), "the charter keeps silent on %s (%04d-%02d-%02d)",
                    names[day], t->civil.year, t->civil.month, t->civil.day);
}

static void check_key_dates(struct timing_check *t)
{
    for (size_t i = 0; i < t->calendar->key_date_count; i++) {
        const struct key_date *key = &t->calendar->key_dates[i];
        if (key->silent && key->date.year == t->civil.year && key->date.month == t->civil.month &&
            key->date.day == t->civil.day && check_begin(&t->c, RULE_SILENT_DATE))
            check_found(&t->c, FOUND(.word = key->name), "nothing is published on %04d-%02d-%02d: %s",
                        t->civil.year, t->civil.month, t->civil.day, key->name);
    }
}

static void check_gap(struct timing_check *t)
{
    if (!check_begin(&t->c, RULE_GAP) || t->c.setting.within <= 0)
        return;
    duration within = t->c.setting.within;
    size_t i = first_from(t->planned, t->planned_count, t->at - within + 1);
    for (; i < t->planned_count && t->planned[i].slot < t->at + within; i++) {
        char gap[32];
        if (!is_other(t, &t->planned[i]))
            continue;
        check_found(&t->c, FOUND(.word = t->planned[i].post_id), "less than %s from '%s' on the same account",
                    duration_format(within, gap, sizeof gap), t->planned[i].post_id);
        return;
    }
}

static void check_per_day(struct timing_check *t)
{
    if (!check_begin(&t->c, RULE_PER_DAY) || t->c.setting.max <= 0)
        return;
    unsigned most = (unsigned)t->c.setting.max;
    struct civil day = t->civil, next;
    day.hour = day.minute = day.second = 0;
    next = civil_add_days(&day, 1);
    instant from = zone_instant(t->calendar->zone, &day, NULL),
            until = zone_instant(t->calendar->zone, &next, NULL);
    unsigned others = 0;
    for (size_t i = first_from(t->planned, t->planned_count, from); i < t->planned_count; i++) {
        if (t->planned[i].slot >= until)
            break;
        others += is_other(t, &t->planned[i]);
    }
    if (others >= most)
        check_found(&t->c, FOUND(.remedy = NULL),
                    "post number %u of %04d-%02d-%02d on '%s', the charter allows %u", others + 1, day.year,
                    day.month, day.day, t->c.account->name, most);
}

static void check_all(struct timing_check *t)
{
    check_quiet(t);
    check_weekday(t);
    check_key_dates(t);
    check_gap(t);
    check_per_day(t);
}

void check_time(const struct charter *charter, const struct calendar *calendar, const struct account *account,
                const char *bucket, instant at, const char *self, const struct planned *planned,
                size_t planned_count, const struct diag *where, struct diags *diags)
{
    struct timing_check t = {
        .c = {.charter = charter, .account = account, .bucket = bucket, .where = where, .diags = diags},
        .calendar = calendar,
        .at = at,
        .civil = zone_civil(calendar->zone, at),
        .self = self,
        .planned = planned,
        .planned_count = planned_count};
    check_all(&t);
}

static void check_planned(const struct charter *charter, const struct calendar *calendar,
                          const struct planned *planned, size_t planned_count, size_t index,
                          const struct diag *where, struct diags *diags)
{
    const struct planned *p = &planned[index];
    struct timing_check t = {
        .c = {.charter = charter, .account = p->account, .bucket = p->bucket, .where = where, .diags = diags},
        .calendar = calendar,
        .at = p->slot,
        .civil = zone_civil(calendar->zone, p->slot),
        .self = p->post_id,
        .planned = planned,
        .planned_count = planned_count,
        .subject = p};
    if (p->post->timing != TIMING_SLOT) {
        check_all(&t);
    } else {
        check_quiet(&t);
        check_weekday(&t);
    }
}

const char *check_recurring(const struct charter *charter, const struct calendar *calendar,
                            const struct planned *planned, size_t planned_count, size_t index,
                            struct arena *arena)
{
    struct diags diags = diags_in(arena);
    if (planned[index].post->timing == TIMING_AT)
        return NULL;
    check_planned(charter, calendar, planned, planned_count, index, NULL, &diags);
    for (size_t i = 0; i < diags.count; i++)
        if (diags.items[i].level == DIAG_ERROR)
            return diags.items[i].message;
    return NULL;
}

/* Found about something recurring: as strict as the caller is. */
static void add_recurring(const struct diags *found, enum recurring recurring, const char *held,
                          struct diags *diags)
{
    for (size_t i = 0; i < found->count; i++) {
        struct diag one = found->items[i];
        if (recurring == RECURRING_HELD && one.level == DIAG_ERROR) {
            one.level = DIAG_WARNING;
            one.message = arena_printf(diags->arena, "%s; %s", one.message, held);
        }
        diags_add(diags, &one);
    }
}

static struct diag place_of(const struct position *position, const char *post)
{
    return (struct diag){
        .file = position->file, .line = position->line, .column = position->column, .post = post};
}

static void check_cover(const struct charter *charter, const struct calendar *calendar,
                        const struct key_date *key, const struct planned *planned, size_t planned_count,
                        instant from, instant until, struct diags *diags)
{
    struct civil next = civil_add_days(&key->date, 1);
    instant begin = zone_instant(calendar->zone, &key->date, NULL),
            end = zone_instant(calendar->zone, &next, NULL);
    if (!key->cover || begin < from || end > until)
        return;
    size_t i = first_from(planned, planned_count, begin);
    if (i < planned_count && planned[i].slot < end)
        return;
    struct diag where = place_of(&key->position, NULL);
    struct checking c = {.charter = charter, .diags = diags, .where = &where};
    if (check_begin(&c, RULE_NO_COVER))
        check_found(&c, FOUND(.word = key->name), "no post on %04d-%02d-%02d: %s", key->date.year,
                    key->date.month, key->date.day, key->name);
}

/* Some of its times are enough to see that a slot lies in quiet hours or on silent days; each is told once.
 */
static void check_slot(const struct charter *charter, const struct calendar *calendar,
                       const struct slot *slot, instant from, instant until, struct arena *arena,
                       struct diags *diags)
{
    enum { LOOKED_AT = 14 };
    struct diag where = place_of(&slot->position, NULL);
    struct occurrence *times;
    size_t errors = diags->errors + diags->warnings;
    size_t count = recurrence_between(slot->recurrence, from, until, LOOKED_AT, arena, &times);
    for (size_t i = 0; i < count && diags->errors + diags->warnings == errors; i++) {
        struct timing_check t = {.c = {.charter = charter, .where = &where, .diags = diags},
                                 .calendar = calendar,
                                 .civil = zone_civil(calendar->zone, times[i].at)};
        check_quiet(&t);
        check_weekday(&t);
    }
}

void check_plan(const struct charter *charter, const struct calendar *calendar, const struct planned *planned,
                size_t planned_count, instant from, instant until, enum recurring recurring,
                struct diags *diags)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < planned_count; i++) {
        struct diag where = place_of(&planned[i].post->position, planned[i].post_id);
        struct diags found = diags_in(arena);
        /* Among those before it: the one that comes too many or too soon is told, not each of a crowd. */
        if (planned[i].post->timing == TIMING_AT)
            check_planned(charter, calendar, planned, planned_count, i, &where, diags);
        else if (planned[i].post->timing == TIMING_SERIES)
            check_planned(charter, calendar, planned, planned_count, i, &where, &found);
        add_recurring(&found, recurring, "it is held", diags);
    }
    for (size_t i = 0; i < calendar->slot_count; i++) {
        struct diags found = diags_in(arena);
        check_slot(charter, calendar, &calendar->slots[i], from, until, arena, &found);
        add_recurring(&found, recurring, "what falls there is held", diags);
    }
    for (size_t i = 0; i < calendar->key_date_count; i++)
        check_cover(charter, calendar, &calendar->key_dates[i], planned, planned_count, from, until, diags);
    arena_free(arena);
}
