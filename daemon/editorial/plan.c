/*
 * See plan.h. Three sources of deliveries: posts with a time, series, and posts that take a slot's next free
 * time; the last are placed in the order of the calendar. Knows no clock: 'now' is given.
 */
#include <stdlib.h>
#include <string.h>

#include "base/index.h"
#include "editorial/plan.h"
#include "editorial/plan_silence.h"

enum { OCCURRENCES_MOST = 200000 };

struct planning {
    const struct calendar *calendar;
    struct arena *arena;
    instant now, from, until;
    struct planned *planned;
    size_t planned_count;
    const struct post **unplaced;
    size_t unplaced_count;
    struct silence *silences;
    size_t silence_count;
};

static void add(struct planning *p, const struct post *post, const char *id, const struct target *target,
                size_t choice, instant slot, enum civil_fold fold)
{
    *arena_push(p->arena, p->planned, p->planned_count) = (struct planned){
        .post_id = id,
        .series = post->timing == TIMING_SERIES ? post->id : NULL,
        .post = post,
        .account = target->account,
        .content = target->contents[choice % target->content_count],
        .slot = slot,
        .fold = fold,
        .slot_name = post->timing == TIMING_SLOT ? post->slot->name : NULL,
        .bucket = post->bucket,
        .draft = post->draft,
    };
}

/* A time of its own is known however far ahead it is; the others are endless and end at 'until'. */
static void add_all(struct planning *p, const struct post *post, const char *id, size_t choice, instant slot,
                    enum civil_fold fold)
{
    if (slot < p->from || (slot >= p->until && post->timing != TIMING_AT))
        return;
    for (size_t i = 0; i < post->target_count; i++)
        add(p, post, id, &post->targets[i], choice, slot, fold);
}

/* ---- series ---- */

const char *plan_occurrence_id(struct arena *arena, const struct post *series, const struct civil *c)
{
    if (!series->often)
        return arena_printf(arena, "%s@%04d-%02d-%02d", series->id, c->year, c->month, c->day);
    if (!c->second)
        return arena_printf(arena, "%s@%04d-%02d-%02dT%02d%02d", series->id, c->year, c->month, c->day, c->hour,
                            c->minute);
    return arena_printf(arena, "%s@%04d-%02d-%02dT%02d%02d%02d", series->id, c->year, c->month, c->day, c->hour,
                        c->minute, c->second);
}

/* Where the turns of one_of begin anew before t, so that they do not depend on what else is planned. */
static instant turns_begin(const struct calendar *calendar, const struct post *post, instant t)
{
    struct civil c = zone_civil(calendar->zone, t);
    c.hour = c.minute = c.second = 0;
    if (!post->sub_daily)
        c.month = c.day = 1;
    return zone_instant(calendar->zone, &c, NULL);
}

static bool same_turns(const struct post *post, const struct civil *a, const struct civil *b)
{
    return a->year == b->year && (!post->sub_daily || (a->month == b->month && a->day == b->day));
}

static bool has_choices(const struct post *post)
{
    for (size_t i = 0; i < post->target_count; i++)
        if (post->targets[i].content_count > 1)
            return true;
    return false;
}

static void plan_series(struct planning *p, const struct post *post)
{
    instant begin = has_choices(post) ? turns_begin(p->calendar, post, p->from) : p->from;
    struct occurrence *occurrences;
    size_t count = recurrence_between(post->recurrence, begin, p->until, OCCURRENCES_MOST, p->arena, &occurrences);
    size_t turn = 0;
    for (size_t i = 0; i < count; i++, turn++) {
        if (i && !same_turns(post, &occurrences[i - 1].civil, &occurrences[i].civil))
            turn = 0;
        if (occurrences[i].at >= p->from && !silence_has(p->silences, p->silence_count, occurrences[i].at))
            add_all(p, post, plan_occurrence_id(p->arena, post, &occurrences[i].civil), turn, occurrences[i].at,
                    occurrences[i].fold);
    }
}

/* ---- slots ---- */

struct lane { /* one account within one slot: which of the slot's times are taken for it */
    const char *account;
    bool *taken;
    size_t next; /* none before is free */
};

struct track { /* one slot's times after now */
    const struct slot *slot;
    struct occurrence *times;
    size_t count;
    struct lane *lanes;
    size_t lane_count;
};

static struct lane *lane_of(struct planning *p, struct track *track, const char *account)
{
    for (size_t i = 0; i < track->lane_count; i++)
        if (!strcmp(track->lanes[i].account, account))
            return &track->lanes[i];
    struct lane *lane = arena_push(p->arena, track->lanes, track->lane_count);
    *lane = (struct lane){.account = account, .taken = arena_alloc_array(p->arena, track->count, sizeof(bool))};
    return lane;
}

static void take(struct planning *p, struct track *track, const char *account, instant t)
{
    size_t low = 0, high = track->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (track->times[middle].at < t)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < track->count && track->times[low].at == t)
        lane_of(p, track, account)->taken[low] = true;
}

static bool is_free(struct planning *p, struct track *track, const struct post *post, size_t time)
{
    if (silence_has(p->silences, p->silence_count, track->times[time].at))
        return false;
    for (size_t i = 0; i < post->target_count; i++)
        if (lane_of(p, track, post->targets[i].account->name)->taken[time])
            return false;
    return true;
}

static void place(struct planning *p, struct track *track, const struct post *post)
{
    size_t time = 0;
    for (size_t i = 0; i < post->target_count; i++) {
        struct lane *lane = lane_of(p, track, post->targets[i].account->name);
        while (lane->next < track->count && lane->taken[lane->next])
            lane->next++;
        if (lane->next > time)
            time = lane->next;
    }
    while (time < track->count && !is_free(p, track, post, time))
        time++;
    if (time >= track->count) {
        *arena_push(p->arena, p->unplaced, p->unplaced_count) = post;
        return;
    }
    for (size_t i = 0; i < post->target_count; i++)
        lane_of(p, track, post->targets[i].account->name)->taken[time] = true;
    add_all(p, post, post->id, 0, track->times[time].at, track->times[time].fold);
}

static bool falls_at(struct planning *p, const struct slot *slot, instant t, enum civil_fold *ret_fold)
{
    struct occurrence *one;
    if (!recurrence_between(slot->recurrence, t, t + 1, 1, p->arena, &one))
        return false;
    *ret_fold = one->fold;
    return true;
}

static struct track *make_tracks(struct planning *p)
{
    const struct calendar *calendar = p->calendar;
    struct track *tracks = arena_alloc_array(p->arena, calendar->slot_count, sizeof *tracks);
    bool *used = arena_alloc_array(p->arena, calendar->slot_count, sizeof *used);
    for (size_t i = 0; i < calendar->post_count; i++)
        if (calendar->posts[i].timing == TIMING_SLOT)
            used[calendar->posts[i].slot - calendar->slots] = true;
    for (size_t i = 0; i < calendar->slot_count; i++) {
        tracks[i].slot = &calendar->slots[i];
        if (used[i])
            tracks[i].count = recurrence_between(calendar->slots[i].recurrence, p->now + 1, p->until, OCCURRENCES_MOST,
                                                 p->arena, &tracks[i].times);
    }
    return tracks;
}

/* Posts that keep the time they were assigned; every assigned time is taken, whoever has it. */
static void plan_slots(struct planning *p, const struct assigned *assigned, size_t assigned_count)
{
    const struct calendar *calendar = p->calendar;
    struct index by_name = {.arena = p->arena}, by_post = {.arena = p->arena};
    struct track *tracks = make_tracks(p);
    for (size_t i = 0; i < calendar->slot_count; i++)
        index_put(&by_name, calendar->slots[i].name, &tracks[i]);
    for (size_t i = 0; i < assigned_count; i++) {
        struct track *track = assigned[i].slot_name ? index_get(&by_name, assigned[i].slot_name) : NULL;
        if (track)
            take(p, track, assigned[i].account, assigned[i].slot);
        if (assigned[i].over || (track && !index_get(&by_post, assigned[i].post_id)))
            index_put(&by_post, assigned[i].post_id, (void *)&assigned[i]);
    }
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        if (post->timing != TIMING_SLOT)
            continue;
        const struct assigned *kept = index_get(&by_post, post->id);
        enum civil_fold fold = 0;
        if (kept && (kept->over || (!strcmp(kept->slot_name, post->slot->name) &&
                                    falls_at(p, post->slot, kept->slot, &fold))))
            add_all(p, post, post->id, 0, kept->slot, fold);
        else
            place(p, &tracks[post->slot - calendar->slots], post);
    }
}

/* ---- what comes in ---- */

bool plan_is_news(const struct planned *planned, instant now)
{
    if (planned->post->incomplete)
        return false;
    return planned->slot >= now || (!planned->series && planned->slot >= now - PLAN_PAST);
}

enum lateness plan_newcomer(const struct planned *planned, const struct late_policy *late, instant now)
{
    struct late_policy own = late_over(planned->post->late, late);
    return late_judge(planned->slot, &own, planned->post->publish_late, now);
}

/* ---- the whole ---- */

static int compare_planned(const void *left, const void *right)
{
    const struct planned *a = left, *b = right;
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    int order = strcmp(a->post_id, b->post_id);
    return order ? order : strcmp(a->account->name, b->account->name);
}

struct planned *plan(const struct calendar *calendar, instant now, instant from, instant until,
                     const struct assigned *assigned, size_t assigned_count, struct arena *arena, size_t *ret_count,
                     const struct post ***ret_unplaced, size_t *ret_unplaced_count)
{
    struct planning p = {.calendar = calendar, .arena = arena, .now = now, .from = from, .until = until};
    p.silence_count = silence_find(calendar, arena, &p.silences);
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        if (post->timing == TIMING_AT)
            add_all(&p, post, post->id, 0, post->instant, post->fold);
        else if (post->timing == TIMING_SERIES)
            plan_series(&p, post);
    }
    plan_slots(&p, assigned, assigned_count);
    if (p.planned_count)
        qsort(p.planned, p.planned_count, sizeof *p.planned, compare_planned);
    *ret_count = p.planned_count;
    *ret_unplaced = p.unplaced;
    *ret_unplaced_count = p.unplaced_count;
    return p.planned;
}
