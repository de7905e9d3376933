/*
 * See check.h: a plan as a whole. The rules about it are rows of the table with a function for plans; here is
 * the order, and what is said about key dates.
 */
#include <string.h>

#include "editorial/check_rules.h"

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

struct checking *plan_at(struct plan_check *p, const struct position *position, const char *post,
                         bool settled)
{
    p->place = position ? place_of(position, post) : (struct diag){.post = post};
    p->c.where = &p->place;
    if (!settled && p->recurring == RECURRING_HELD && p->c.setting.level == CHECK_ERROR)
        p->c.setting.level = CHECK_WARNING;
    return &p->c;
}

bool planned_again(const struct planned *planned, size_t i)
{
    return i && planned[i - 1].slot == planned[i].slot && !strcmp(planned[i - 1].post_id, planned[i].post_id);
}

instant plan_written(const struct plan_view *view)
{
    for (size_t i = view->planned_count; i > 0 && view->planned[i - 1].slot >= view->from; i--)
        if (!view->planned[i - 1].series && view->planned[i - 1].slot < view->until)
            return view->planned[i - 1].slot;
    return view->from;
}

/* ---- times ---- */

static void check_times(const struct plan_view *view, enum recurring recurring, struct arena *arena,
                        struct diags *diags)
{
    size_t i = planned_from(view->planned, view->planned_count, view->from);
    for (; i < view->planned_count; i++) {
        const struct post *post = view->planned[i].post;
        struct diag where = place_of(&post->position, view->planned[i].post_id);
        struct diags found = diags_in(arena);
        /* Among those before it: the one that comes too many or too soon is told, not each of a crowd. */
        check_planned(view->charter, view->calendar, view->planned, view->planned_count, i, &where,
                      post->timing == TIMING_AT ? diags : &found);
        add_recurring(&found, recurring, "it is held", diags);
    }
}

/* Some of its times are enough to see that a slot lies in quiet hours or on silent days; each is told once.
 */
static void check_slot(const struct plan_view *view, const struct slot *slot, struct arena *arena,
                       struct diags *diags)
{
    enum { LOOKED_AT = 14 };
    struct diag where = place_of(&slot->position, NULL);
    struct occurrence *times;
    size_t before = diags->errors + diags->warnings;
    size_t count = recurrence_between(slot->recurrence, view->from, view->until, LOOKED_AT, arena, &times);
    for (size_t i = 0; i < count && diags->errors + diags->warnings == before; i++) {
        struct timing_check t = {.c = {.charter = view->charter, .where = &where, .diags = diags},
                                 .calendar = view->calendar,
                                 .civil = zone_civil(view->calendar->zone, times[i].at)};
        check_slot_time(&t);
    }
}

static void check_slots(const struct plan_view *view, enum recurring recurring, struct arena *arena,
                        struct diags *diags)
{
    for (size_t i = 0; i < view->calendar->slot_count; i++) {
        struct diags found = diags_in(arena);
        check_slot(view, &view->calendar->slots[i], arena, &found);
        add_recurring(&found, recurring, "what falls there is held", diags);
    }
}

/* ---- key dates ---- */

static instant begin_of(const struct plan_check *p, const struct civil *date)
{
    return zone_instant(p->view->calendar->zone, date, NULL);
}

void check_no_cover(struct plan_check *p)
{
    const struct plan_view *view = p->view;
    for (size_t k = 0; k < view->calendar->key_date_count; k++) {
        const struct key_date *key = &view->calendar->key_dates[k];
        struct civil next = civil_add_days(&key->date, 1);
        instant begin = begin_of(p, &key->date), end = begin_of(p, &next);
        if (!key->cover || begin < view->from || end > view->until || !check_begin(&p->c, RULE_NO_COVER))
            continue;
        size_t i = planned_from(view->planned, view->planned_count, begin);
        if (i >= view->planned_count || view->planned[i].slot >= end)
            check_found(plan_at(p, &key->position, NULL, false), FOUND(.word = key->name),
                        "no post on %04d-%02d-%02d: %s", key->date.year, key->date.month, key->date.day,
                        key->name);
    }
}

static bool is_announced(const struct plan_view *view, const struct key_date *key, instant by)
{
    for (size_t i = 0; i < view->planned_count && view->planned[i].slot <= by; i++)
        if (view->planned[i].post->covers && !strcmp(view->planned[i].post->covers, key->name))
            return true;
    return false;
}

void check_cover_lead(struct plan_check *p)
{
    const struct plan_view *view = p->view;
    for (size_t k = 0; k < view->calendar->key_date_count; k++) {
        const struct key_date *key = &view->calendar->key_dates[k];
        instant begin = begin_of(p, &key->date);
        char lead[32];
        if (!key->lead || begin < view->from || begin > view->until || !check_begin(&p->c, RULE_COVER_LEAD))
            continue;
        if (!is_announced(view, key, begin - key->lead))
            check_found(plan_at(p, &key->position, NULL, false),
                        FOUND(.word = key->name, .remedy = "plan one, and let it say 'covers'"),
                        "no post covers '%s' %s before %04d-%02d-%02d", key->name,
                        duration_format(key->lead, lead, sizeof lead), key->date.year, key->date.month,
                        key->date.day);
    }
}

/* ---- the whole ---- */

duration check_looks_back(const struct charter *charter, const struct calendar *calendar)
{
    duration back = charter->per_month ? DAYS(32) : 0;
    for (size_t r = 0; r < RULE_COUNT; r++)
        for (size_t i = 0; i < charter->rules[r].count; i++)
            if (charter->rules[r].items[i].within > back)
                back = charter->rules[r].items[i].within;
    if (charter->rules[RULE_NEAR_DUPLICATE].count && back < ALIKE_WITHIN)
        back = ALIKE_WITHIN;
    for (size_t i = 0; i < charter->mix_count; i++)
        back = charter->mix[i].over > back ? charter->mix[i].over : back;
    for (size_t i = 0; i < calendar->key_date_count; i++)
        back = calendar->key_dates[i].lead > back ? calendar->key_dates[i].lead : back;
    return back;
}

void check_plan(const struct plan_view *view, enum recurring recurring, struct diags *diags)
{
    struct arena *arena = arena_new();
    check_times(view, recurring, arena, diags);
    check_slots(view, recurring, arena, diags);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        struct plan_check p = {.c = {.charter = view->charter, .diags = diags, .arena = arena},
                               .view = view,
                               .recurring = recurring,
                               .arena = arena};
        if (rules[i].plan && (rules[i].always || view->charter->rules[i].count))
            rules[i].plan(&p);
    }
    arena_free(arena);
}
