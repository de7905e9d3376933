/*
 * See check.h: the charter's pace. Everything is judged in the calendar's civil time; the plan is sorted, so
 * that only the neighbours of an instant are looked at.
 */
#include <string.h>

#include "editorial/check_rules.h"

size_t planned_from(const struct planned *planned, size_t count, instant t)
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

const char *checking_date(const struct calendar *calendar, instant at, struct arena *arena)
{
    struct civil c = zone_civil(calendar->zone, at);
    return arena_printf(arena, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
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
    size_t i = planned_from(t->planned, t->planned_count, t->at - within + 1);
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
    for (size_t i = planned_from(t->planned, t->planned_count, from); i < t->planned_count; i++) {
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
    check_embargo(t);
}

void check_slot_time(struct timing_check *t)
{
    check_quiet(t);
    check_weekday(t);
}

void check_time(const struct charter *charter, const struct calendar *calendar,
                const struct proposal *proposal, const struct planned *planned, size_t planned_count,
                const struct diag *where, struct diags *diags)
{
    struct timing_check t = {.c = {.charter = charter,
                                   .account = proposal->account,
                                   .bucket = proposal->bucket,
                                   .content = proposal->content,
                                   .where = where,
                                   .diags = diags,
                                   .arena = arena_new()},
                             .calendar = calendar,
                             .campaign = proposal->campaign,
                             .at = proposal->at,
                             .civil = zone_civil(calendar->zone, proposal->at),
                             .self = proposal->self,
                             .planned = planned,
                             .planned_count = planned_count};
    if (proposal->words_only) {
        check_embargo(&t);
    } else {
        check_all(&t);
        check_collision_at(&t);
    }
    check_alike_at(&t);
    arena_free(t.c.arena);
}

static duration most(duration a, duration b)
{
    return a > b ? a : b;
}

duration check_reach(const struct charter *charter, const struct account *account, const char *bucket)
{
    struct setting gap = charter_setting(charter, RULE_GAP, account, bucket);
    struct setting per_day = charter_setting(charter, RULE_PER_DAY, account, bucket);
    struct setting alike = charter_setting(charter, RULE_NEAR_DUPLICATE, account, bucket);
    struct setting collision = charter_setting(charter, RULE_COLLISION, account, bucket);
    duration reach = most(gap.level ? gap.within : 0, collision.level ? collision_within(&collision) : 0);
    if (per_day.level && per_day.max > 0)
        reach = most(reach, DAYS(1) + HOURS(2));
    return most(reach, alike.level ? alike_within(&alike) : 0);
}

static struct timing_check timing_of(const struct charter *charter, const struct calendar *calendar,
                                     const struct planned *planned, size_t planned_count, size_t index,
                                     const struct diag *where, struct diags *diags)
{
    const struct planned *p = &planned[index];
    return (struct timing_check){.c = {.charter = charter,
                                       .account = p->account,
                                       .bucket = p->bucket,
                                       .content = p->content,
                                       .where = where,
                                       .diags = diags,
                                       .arena = diags->arena},
                                 .calendar = calendar,
                                 .campaign = p->post->campaign,
                                 .at = p->slot,
                                 .civil = zone_civil(calendar->zone, p->slot),
                                 .self = p->post_id,
                                 .planned = planned,
                                 .planned_count = planned_count,
                                 .subject = p};
}

/* Where a slot's post falls depends on what was published already: of its time only what is the post's own is
 * judged. */
void check_planned(const struct charter *charter, const struct calendar *calendar,
                   const struct planned *planned, size_t planned_count, size_t index,
                   const struct diag *where, struct diags *diags)
{
    struct timing_check t = timing_of(charter, calendar, planned, planned_count, index, where, diags);
    t.c.arena = arena_new();
    if (planned[index].post->timing == TIMING_SLOT)
        check_embargo(&t);
    else
        check_all(&t);
    arena_free(t.c.arena);
}

const char *check_recurring(const struct charter *charter, const struct calendar *calendar,
                            const struct planned *planned, size_t planned_count, size_t index,
                            struct arena *arena)
{
    struct diags diags = diags_in(arena);
    if (planned[index].post->timing == TIMING_AT)
        return NULL;
    struct timing_check t = timing_of(charter, calendar, planned, planned_count, index, NULL, &diags);
    check_planned(charter, calendar, planned, planned_count, index, NULL, &diags);
    if (planned[index].post->timing == TIMING_SLOT)
        check_slot_time(&t);
    for (size_t i = 0; i < diags.count; i++)
        if (diags.items[i].level == DIAG_ERROR)
            return diags.items[i].message;
    return NULL;
}
