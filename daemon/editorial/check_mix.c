/*
 * See check_rules.h: how much of what goes out is of which bucket. A post counts once, to however many
 * accounts it goes. A share says something only of enough posts: of as many as one of them may be (20 %:
 * five).
 */
#include <string.h>

#include "editorial/check_rules.h"

static bool is_of(const struct planned *planned, const struct mix *mix)
{
    return planned->bucket && !strcmp(planned->bucket, mix->bucket);
}

static bool says_something(size_t all, int64_t percent)
{
    return percent ? all * (size_t)percent >= 100 : all > 0;
}

static void found_max(struct checking *c, const struct mix *mix, size_t ours, size_t all)
{
    char over[32];
    check_found(c, FOUND(.word = mix->bucket, .remedy = "plan less of it, or more of the rest"),
                "%zu of %zu posts in %s are '%s', the charter allows %d%%", ours, all,
                duration_format(mix->over, over, sizeof over), mix->bucket, (int)mix->max);
}

struct window { /* posts of the time that is looked at */
    size_t first, all, ours;
};

static void slide(struct window *w, const struct plan_check *p, const struct mix *mix, instant since)
{
    const struct planned *planned = p->view->planned;
    for (; planned[w->first].slot <= since; w->first++)
        if (!planned_again(planned, w->first)) {
            w->all--;
            w->ours -= is_of(&planned[w->first], mix);
        }
}

/* The post that makes it too much is told, and the next only after it was no longer too much. */
static void check_max(struct plan_check *p, const struct mix *mix)
{
    const struct plan_view *view = p->view;
    struct window w = {0};
    bool over = false;
    for (size_t i = 0; i < view->planned_count; i++) {
        const struct planned *one = &view->planned[i];
        if (planned_again(view->planned, i))
            continue;
        w.all++;
        w.ours += is_of(one, mix);
        slide(&w, p, mix, one->slot - mix->over);
        bool now = says_something(w.all, mix->max) && w.ours * 100 > w.all * (size_t)mix->max;
        p->c.bucket = mix->bucket;
        if (now && !over && is_of(one, mix) && one->slot >= view->from && check_begin(&p->c, RULE_MIX))
            found_max(plan_at(p, &one->post->position, one->post_id, false), mix, w.ours, w.all);
        over = now && (over || is_of(one, mix));
    }
}

/* Windows side by side, as far as the plan is written. */
static void check_min(struct plan_check *p, const struct mix *mix)
{
    const struct plan_view *view = p->view;
    instant until = plan_written(view);
    p->c.bucket = mix->bucket;
    for (instant begin = view->from; begin + mix->over <= until; begin += mix->over) {
        size_t all = 0, ours = 0, i = planned_from(view->planned, view->planned_count, begin);
        for (; i < view->planned_count && view->planned[i].slot < begin + mix->over; i++)
            if (!planned_again(view->planned, i)) {
                all++;
                ours += is_of(&view->planned[i], mix);
            }
        if (!says_something(all, mix->min) || ours * 100 >= all * (size_t)mix->min ||
            !check_begin(&p->c, RULE_MIX))
            continue;
        const char *day = arena_strndup(p->arena, checking_date(view->calendar, begin, p->arena), 10);
        char over[32];
        check_found(plan_at(p, &mix->position, NULL, false),
                    FOUND(.word = mix->bucket, .remedy = "plan more of it"),
                    "%zu of %zu posts in the %s from %s are '%s', the charter asks for %d%%", ours, all,
                    duration_format(mix->over, over, sizeof over), day, mix->bucket, (int)mix->min);
    }
}

void check_mix(struct plan_check *p)
{
    for (size_t i = 0; i < p->view->charter->mix_count; i++) {
        const struct mix *mix = &p->view->charter->mix[i];
        if (mix->max != NOT_SAID)
            check_max(p, mix);
        if (mix->min > 0)
            check_min(p, mix);
    }
}

/* ---- one post among others ---- */

static const struct mix *mix_for(const struct charter *charter, const char *bucket)
{
    for (size_t i = 0; bucket && i < charter->mix_count; i++)
        if (charter->mix[i].max != NOT_SAID && !strcmp(charter->mix[i].bucket, bucket))
            return &charter->mix[i];
    return NULL;
}

duration check_mix_reach(const struct charter *charter, const char *bucket)
{
    const struct mix *mix = mix_for(charter, bucket);
    return mix ? mix->over : 0;
}

void check_mix_of(const struct charter *charter, const struct proposal *proposal,
                  const struct planned *planned, size_t planned_count, const struct diag *where,
                  struct diags *diags)
{
    const struct mix *mix = mix_for(charter, proposal->bucket);
    struct checking c = {.charter = charter, .bucket = proposal->bucket, .where = where, .diags = diags};
    if (!mix || !check_begin(&c, RULE_MIX))
        return;
    size_t all = 1, ours = 1;
    for (size_t i = planned_from(planned, planned_count, proposal->at - mix->over + 1);
         i < planned_count && planned[i].slot <= proposal->at; i++) {
        if (planned_again(planned, i) || (proposal->self && !strcmp(planned[i].post_id, proposal->self)))
            continue;
        all++;
        ours += is_of(&planned[i], mix);
    }
    if (says_something(all, mix->max) && ours * 100 > all * (size_t)mix->max)
        found_max(&c, mix, ours, all);
}
