/*
 * See simulate.h. Each account is a line: what stands in front is done first, a distance is kept between two
 * requests, and who waited too long is put aside, as publish/line.c does it with a clock.
 */
#include <string.h>

#include "base/index.h"
#include "editorial/check.h"
#include "editorial/simulate.h"

struct lane { /* an account and what it did so far */
    const struct simulated_account *account;
    instant last;   /* request that left; 0: none did */
    instant *busy;  /* until when each of its requests in parallel is out */
    instant behind; /* nothing goes out before what stands in front of it did */
};

struct simulating {
    const struct simulation *wish;
    struct arena *arena;
    struct lane *lanes;
    struct index by_name;
    const struct planned *planned;
    size_t planned_count;
    struct simulated *items;
    size_t count;
};

const char *simulated_fate_name(enum simulated_fate fate)
{
    static const char *const names[] = {"published", "held", "missed", "draft", "unplaced"};
    return names[fate];
}

/* ---- when it can leave ---- */

/* Ends of absences that overlap lead on to the next. */
static instant after_absences(const struct simulation *wish, const char *account, instant at)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < wish->absence_count; i++) {
            const struct absence *a = &wish->absences[i];
            if (at >= a->from && at < a->until && (!a->account || !strcmp(a->account, account))) {
                at = a->until;
                moved = true;
            }
        }
    }
    return at;
}

static instant later(instant a, instant b)
{
    return a > b ? a : b;
}

static size_t first_idle(const struct lane *lane)
{
    size_t first = 0;
    for (size_t i = 1; i < lane->account->parallel; i++)
        if (lane->busy[i] < lane->busy[first])
            first = i;
    return first;
}

/* With a distance there is one request at a time, as with parallel 1. */
static size_t place_of(const struct lane *lane)
{
    return lane->account->spacing > 0 ? 0 : first_idle(lane);
}

static instant paced(const struct lane *lane, instant slot, instant at)
{
    instant free = later(at, lane->busy[place_of(lane)]);
    if (!lane->last)
        return free;
    free = later(free, lane->last + late_spacing(lane->account->spacing, free - slot));
    return later(free, lane->last + late_spacing(lane->account->spacing, free - slot));
}

/* When it could leave at the earliest; the end of an absence may bring it into the next wait, and so on. */
static instant leaves_at(const struct simulation *wish, const struct lane *lane, instant slot)
{
    const struct account *account = lane->account->account;
    instant at = after_absences(wish, account->name, later(slot, wish->from));
    if (account->network && account->network->local)
        return at;
    at = later(at, lane->behind);
    for (instant before = -1; before != at;) {
        before = at;
        at = after_absences(wish, account->name, paced(lane, slot, at));
    }
    return at;
}

/* ---- why ---- */

static const char *length(struct arena *arena, duration d)
{
    char text[32];
    return arena_strdup(arena, duration_format(d / 1000 * 1000, text, sizeof text));
}

static const char *why_published(struct simulating *s, const struct planned *p, instant at)
{
    static const char *const folds[] = {
        [CIVIL_PLAIN] = NULL,
        [CIVIL_GAP] = "the change of hour skips the time as written: it moves forward",
        [CIVIL_OVERLAP] = "the time as written exists twice on that day: the first is taken",
    };
    duration late = at - p->slot;
    if (late < SECONDS(1))
        return folds[p->fold];
    return arena_printf(s->arena, "%s after its time: %s", length(s->arena, late),
                        after_absences(s->wish, p->account->name, later(p->slot, s->wish->from)) > p->slot
                            ? "nothing could be published before"
                            : "its account keeps a distance between two posts");
}

static const char *why_late(struct simulating *s, const struct planned *p, const struct late_policy *late,
                            instant at)
{
    return arena_printf(
        s->arena,
        "could go out only %s after its time, more than the %s after which nothing is published by itself",
        length(s->arena, at - p->slot), length(s->arena, late->grace));
}

/* ---- one delivery ---- */

static void end_with(struct simulating *s, const struct planned *p, enum simulated_fate fate, instant at,
                     const char *why)
{
    *arena_push(s->arena, s->items, s->count) = (struct simulated){p->post, p, fate, at, why};
}

static enum simulated_fate put_aside(enum lateness lateness)
{
    return lateness == LATENESS_HOLD ? SIMULATED_HELD : SIMULATED_MISSED;
}

static void publish(struct simulating *s, struct lane *lane, const struct planned *p)
{
    const struct simulation *wish = s->wish;
    struct late_policy late = late_over(p->post->late, &lane->account->late);
    instant at = leaves_at(wish, lane, p->slot), since = later(p->slot, wish->from);
    enum lateness lateness = late_judge(since, &late, p->post->publish_late, at);
    if (lateness != LATENESS_FINE) {
        instant aside = after_absences(wish, p->account->name, since + late.grace + 1);
        end_with(s, p, put_aside(lateness), aside, why_late(s, p, &late, at));
        return;
    }
    end_with(s, p, SIMULATED_PUBLISHED, at, why_published(s, p, at));
    if (p->account->network && p->account->network->local)
        return;
    lane->last = at;
    lane->busy[place_of(lane)] = at + wish->takes;
    if (lane->account->parallel <= 1)
        lane->behind = at;
}

static void simulate_one(struct simulating *s, size_t index)
{
    const struct planned *p = &s->planned[index];
    const struct simulation *wish = s->wish;
    struct lane *lane = index_get(&s->by_name, p->account->name);
    if (!lane || p->slot >= wish->until || !plan_is_news(p, wish->from))
        return;
    enum lateness lateness = plan_newcomer(p, &lane->account->late, wish->from);
    const char *against =
        check_recurring(wish->charter, wish->calendar, s->planned, s->planned_count, index, s->arena);
    const struct approval_case what = {.account = p->account->name,
                                       .network = p->account->network ? p->account->network->name : NULL,
                                       .bucket = p->bucket};
    if (p->draft)
        end_with(s, p, SIMULATED_DRAFT, p->slot, "it is a draft: nothing leaves before it is approved");
    else if (approval_concerns(&wish->charter->approval, &what))
        end_with(s, p, SIMULATED_DRAFT, p->slot,
                 arena_printf(s->arena, "nothing leaves before it is approved: by %s",
                              approval_all(&wish->charter->approval, &what, s->arena)));
    else if (lateness != LATENESS_FINE)
        end_with(s, p, put_aside(lateness), wish->from, "its time had already passed when it was first read");
    else if (against)
        end_with(s, p, SIMULATED_HELD, p->slot,
                 arena_printf(s->arena, "the charter is against this time: %s", against));
    else
        publish(s, lane, p);
}

/* ---- all ---- */

static void open_lanes(struct simulating *s)
{
    const struct simulation *wish = s->wish;
    s->lanes = arena_alloc_array(s->arena, wish->account_count + 1, sizeof *s->lanes);
    for (size_t i = 0; i < wish->account_count; i++) {
        struct lane *lane = &s->lanes[i];
        lane->account = &wish->accounts[i];
        lane->busy = arena_alloc_array(s->arena, lane->account->parallel + 1, sizeof *lane->busy);
        index_put(&s->by_name, lane->account->account->name, lane);
    }
}

struct simulated *simulate(const struct simulation *simulation, struct arena *arena, size_t *ret_count)
{
    struct simulating s = {.wish = simulation, .arena = arena, .by_name = {.arena = arena}};
    const struct post **unplaced;
    size_t unplaced_count;
    open_lanes(&s);
    s.planned = plan(simulation->calendar, simulation->from, simulation->from - PLAN_PAST, simulation->until,
                     NULL, 0, arena, &s.planned_count, &unplaced, &unplaced_count);
    for (size_t i = 0; i < s.planned_count; i++)
        simulate_one(&s, i);
    for (size_t i = 0; i < unplaced_count; i++)
        *arena_push(arena, s.items, s.count) = (struct simulated){
            unplaced[i], NULL, SIMULATED_UNPLACED, 0,
            arena_printf(arena, "slot '%s' has no free time before the end", unplaced[i]->slot->name)};
    *ret_count = s.count;
    return s.items;
}
