/*
 * absent: what is answered of a post that the queue does not have: the nearest name, and of a series where its posts are
 * and which of them its calendar leaves out.
 */
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "control/problem.h"
#include "control/room.h"
#include "editorial/plan.h"

enum { LOOKED_AT = 1000, DAYS_MOST = 8 };

/* ---- of a series ---- */

/* The one that publishes under such ids: "merci", "merci@2026-12-25". */
static const struct post *series_of(struct call *call, const char *id)
{
    const struct calendar *calendar = schedule_documents(call->control->schedule)->calendar;
    const struct post *post = calendar_post(calendar, arena_strndup(call->arena, id, strcspn(id, "@")));
    return post && post->timing == TIMING_SERIES ? post : NULL;
}

static size_t left_out_of(struct call *call, const struct post *series, struct left_out **ret_left_out)
{
    const struct calendar *calendar = schedule_documents(call->control->schedule)->calendar;
    return plan_left_out(calendar, series, call->now - DAYS(31), call->now + DAYS(366), call->arena, ret_left_out);
}

static const char *day_of(struct call *call, const struct key_date *key)
{
    return arena_printf(call->arena, "%04d-%02d-%02d (%s)", key->date.year, key->date.month, key->date.day, key->name);
}

static void answer_series(struct call *call, const struct post *series)
{
    struct left_out *all;
    struct buf days = {0};
    size_t count = left_out_of(call, series, &all), told = 0;
    for (size_t i = 0; i < count; i++)
        if (all[i].at >= call->now && (!i || all[i - 1].key_date != all[i].key_date) && told++ < DAYS_MOST)
            buf_printf(&days, "%s%s", told > 1 ? ", " : "; silent key dates leave it out on ",
                       day_of(call, all[i].key_date));
    if (told > DAYS_MOST)
        buf_printf(&days, ", … and %zu more days of the next year", told - DAYS_MOST);
    problem(call, 404, "'%s' is a series: 'calctl list --series %s' has its posts%s", series->id, series->id,
            buf_text(&days));
    buf_release(&days);
}

static bool answer_left_out(struct call *call, const struct post *series, const char *id)
{
    struct left_out *all;
    size_t count = left_out_of(call, series, &all);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i].post_id, id)) {
            problem(call, 404, "there is no post '%s': its series leaves out %s, a silent key date", id,
                    day_of(call, all[i].key_date));
            return true;
        }
    return false;
}

/* ---- of any ---- */

static const char *nearest_to(struct call *call, const char *id)
{
    struct delivery **deliveries;
    size_t count = 0;
    const char *next;
    struct delivery_filter filter = {.limit = LOOKED_AT, .newest_first = true};
    if (!queue_list(call->control->queue, &filter, call->arena, &deliveries, &count, &next, NULL))
        return NULL;
    const char **ids = arena_alloc_array(call->arena, count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = deliveries[i]->post_id;
    return suggest(id, ids, count);
}

void answer_no_post(struct call *call, const char *id)
{
    const struct post *series = series_of(call, id);
    if (series && !strcmp(series->id, id)) {
        answer_series(call, series);
        return;
    }
    if (series && answer_left_out(call, series, id))
        return;
    const char *nearest = nearest_to(call, id);
    json_t *more = json_object();
    if (nearest)
        json_object_set_new(more, "nearest", json_string(nearest));
    if (nearest)
        problem_with(call, 404, more, "there is no post '%s', did you mean '%s'?", id, nearest);
    else
        problem_with(call, 404, more, "there is no post '%s'", id);
}
