/*
 * See recurrence.h. Puts a rule's civil times into the zone, leaves out what is excluded, adds what is added
 * and puts all in order. What the rule's text means is rrule's, when it falls rrule_expand's.
 */
#include <stdlib.h>
#include <string.h>

#include "editorial/recurrence.h"
#include "editorial/rrule.h"
#include "editorial/rrule_expand.h"

enum { EARLIEST_YEAR = 1900, LATEST_YEAR = 2100 };

/* More than a zone ever moved a time: Samoa left out one whole day. */
static const int64_t farthest_move = 2 * 86400;

struct exclusion {
    int64_t from, until; /* seconds on the wall clock */
};

struct recurrence {
    const struct zone *zone;
    struct civil start;
    bool has_rule;
    struct rrule rule;
    const struct expansion *expansion;
    struct exclusion *excluded;
    size_t excluded_count;
    struct civil *added;
    size_t added_count;
};

/* ---- making ---- */

static bool stop_at_first(void *context, int64_t seconds)
{
    (void)seconds;
    *(bool *)context = true;
    return false;
}

static bool go_on(void *context, int64_t seconds)
{
    (void)seconds;
    *(bool *)context = true;
    return true;
}

/* A rule with COUNT is walked to its end once, so that whoever asks later is not kept waiting. */
static bool check_cost(const struct recurrence *r, struct error *err)
{
    bool falls = false;
    enum expansion_end end =
        expansion_walk(r->expansion, INT64_MIN, r->rule.count ? go_on : stop_at_first, &falls);
    if (end == EXPANSION_COSTLY)
        return fail(err, falls ? "COUNT is too high for this rule: it would take too long to expand"
                               : "it falls never or too rarely: nothing was found in reasonable time");
    return falls || fail(err, "it never falls between its start and the end of 2100");
}

static bool prepare_rule(struct recurrence *r, struct arena *arena, const char *text, struct error *err)
{
    r->has_rule = true;
    if (!rrule_parse(text, &r->rule, err))
        return false;
    r->expansion = expansion_new(arena, &r->rule, &r->start);
    return check_cost(r, err);
}

const struct recurrence *recurrence_new(struct arena *arena, const struct zone *zone,
                                        const struct civil *start, const char *rrule,
                                        const struct civil *excluded, const bool *excluded_is_date,
                                        size_t excluded_count, const struct civil *added, size_t added_count,
                                        struct error *err)
{
    struct recurrence *r = arena_new_of(arena, struct recurrence);
    *r = (struct recurrence){.zone = zone, .start = *start};
    if (start->year < EARLIEST_YEAR || start->year > LATEST_YEAR) {
        fail(err, "the start must be from %d to %d, not in %d", EARLIEST_YEAR, LATEST_YEAR, start->year);
        return NULL;
    }
    if (rrule && !prepare_rule(r, arena, rrule, err)) {
        fail_while(err, "the rule '%.200s'", rrule);
        return NULL;
    }
    r->excluded_count = excluded_count;
    r->excluded = arena_alloc_array(arena, excluded_count, sizeof *r->excluded);
    for (size_t i = 0; i < excluded_count; i++) {
        int64_t from = civil_seconds(&excluded[i]);
        r->excluded[i] = (struct exclusion){.from = from, .until = from + (excluded_is_date[i] ? 86400 : 1)};
    }
    r->added_count = added_count;
    r->added = arena_alloc_array(arena, added_count, sizeof *r->added);
    for (size_t i = 0; i < added_count; i++)
        r->added[i] = added[i];
    return r;
}

/* ---- asking ---- */

struct search {
    const struct recurrence *recurrence;
    instant from, until;
    size_t most, count;
    struct arena *arena;
    struct occurrence *found; /* ascending, without doubles, at most 'most' and one */
};

static bool is_excluded(const struct recurrence *r, int64_t seconds)
{
    for (size_t i = 0; i < r->excluded_count; i++)
        if (seconds >= r->excluded[i].from && seconds < r->excluded[i].until)
            return true;
    return false;
}

/* A gap moves times past later ones, so each looks for its place; that is near the end. */
static void insert(struct search *s, const struct occurrence *occurrence)
{
    size_t i = s->count;
    while (i > 0 && s->found[i - 1].at > occurrence->at)
        i--;
    if (i > 0 && s->found[i - 1].at == occurrence->at) {
        if (occurrence->fold != CIVIL_GAP)
            s->found[i - 1] = *occurrence;
        return;
    }
    if (i == s->most)
        return;
    if (s->count < s->most)
        (void)arena_push(s->arena, s->found, s->count);
    memmove(&s->found[i + 1], &s->found[i], (s->count - i - 1) * sizeof *s->found);
    s->found[i] = *occurrence;
}

/* Nothing that comes later can be earlier than a time that was not moved. */
static bool is_enough(const struct search *s, const struct occurrence *o)
{
    return o->fold != CIVIL_GAP &&
           (o->at >= s->until || (s->count == s->most && (!s->most || o->at >= s->found[s->count - 1].at)));
}

static bool consider(void *context, int64_t seconds)
{
    struct search *s = context;
    const struct recurrence *r = s->recurrence;
    const struct rrule *rule = &r->rule;
    int64_t rule_end = r->has_rule && rule->until_kind ? civil_seconds(&rule->until) : INT64_MAX;
    struct occurrence o = {.civil = civil_from_seconds(seconds)};
    o.at = zone_instant(r->zone, &o.civil, &o.fold);
    if (r->has_rule && rule->until_kind == UNTIL_UTC) {
        if (seconds > rule_end + farthest_move)
            return false;
        if (o.at > SECONDS(rule_end))
            return true;
    } else if (seconds > rule_end) {
        return false;
    }
    if (o.at >= s->from && o.at < s->until && !is_excluded(r, seconds))
        insert(s, &o);
    return !is_enough(s, &o);
}

static void add_civil(struct search *s, const struct civil *civil)
{
    struct occurrence o = {.civil = *civil};
    o.at = zone_instant(s->recurrence->zone, civil, &o.fold);
    if (civil->year <= LATEST_YEAR && o.at >= s->from && o.at < s->until &&
        !is_excluded(s->recurrence, civil_seconds(civil)))
        insert(s, &o);
}

size_t recurrence_between(const struct recurrence *recurrence, instant from, instant until, size_t most,
                          struct arena *arena, struct occurrence **ret_occurrences)
{
    struct search s = {.recurrence = recurrence, .from = from, .until = until, .most = most, .arena = arena};
    if (recurrence->has_rule) {
        instant earliest = from > INT64_MIN / 2 ? from - SECONDS(farthest_move) : from;
        int64_t local = earliest / 1000 + zone_offset(recurrence->zone, earliest);
        expansion_walk(recurrence->expansion, local, consider, &s);
    } else {
        add_civil(&s, &recurrence->start);
    }
    for (size_t i = 0; i < recurrence->added_count; i++)
        add_civil(&s, &recurrence->added[i]);
    *ret_occurrences = s.found;
    return s.count;
}
