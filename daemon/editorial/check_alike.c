/*
 * See check_rules.h: near-duplicates. Two texts that are much alike share some of their smallest hashes: of
 * each post the latest with one of the same on that account are looked at, which costs the same whatever the
 * calendar's length.
 */
#include <string.h>

#include "editorial/alike.h"
#include "editorial/check_rules.h"

enum { ALIKE_PERCENT = 70, KEYS = 8 };

duration alike_within(const struct setting *setting)
{
    return setting->within == NOT_SAID ? ALIKE_WITHIN : setting->within;
}

static unsigned percent_of(const struct setting *setting)
{
    return setting->alike == NOT_SAID ? ALIKE_PERCENT : (unsigned)setting->alike;
}

static void found_alike(struct checking *c, const struct calendar *calendar, const struct planned *other,
                        unsigned percent)
{
    check_found(c,
                FOUND(.word = other->post_id, .remedy = "say something new, or leave more time between them"),
                "%u%% the same as '%s' of %s, on the same account", percent, other->post_id,
                checking_date(calendar, other->slot, c->arena));
}

/* ---- one post among others ---- */

/* Occurrences of a series repeat each other: that is what it is for. */
static bool is_same_series(const char *a, const char *b)
{
    size_t length = strcspn(a, "@");
    return a[length] && !strncmp(a, b, length + 1);
}

void check_alike_at(struct timing_check *t)
{
    if (!t->c.content || !check_begin(&t->c, RULE_NEAR_DUPLICATE))
        return;
    duration within = alike_within(&t->c.setting);
    struct sketch own = sketch_of(t->c.content, t->c.arena);
    size_t i = planned_from(t->planned, t->planned_count, t->at - within);
    for (; own.count && i < t->planned_count && t->planned[i].slot <= t->at + within; i++) {
        const struct planned *other = &t->planned[i];
        bool self = t->self && (!strcmp(other->post_id, t->self) || is_same_series(t->self, other->post_id));
        if (self || !other->content || strcmp(other->account->name, t->c.account->name) != 0)
            continue;
        struct sketch sketch = sketch_of(other->content, t->c.arena);
        unsigned percent = sketch_alike(&own, &sketch);
        if (percent < percent_of(&t->c.setting))
            continue;
        found_alike(&t->c, t->calendar, other, percent);
        return;
    }
}

/* ---- a plan ---- */

struct seen { /* hash of an account and a run → the latest delivery with it */
    uint64_t key;
    uint32_t index; /* of planned, from 1; 0: free */
};

struct alikes {
    struct plan_check *p;
    struct seen *table;
    size_t mask;
    struct sketch *sketches; /* of planned, by index; made when reached */
};

static struct seen *look_up(struct alikes *a, const struct planned *planned, uint64_t run)
{
    uint64_t key = run;
    for (const char *c = planned->account->name; *c; c++)
        key = key * 31 + (unsigned char)*c;
    size_t at = key & a->mask;
    while (a->table[at].index && a->table[at].key != key)
        at = (at + 1) & a->mask;
    a->table[at].key = key;
    return &a->table[at];
}

/* The most alike of those that have one of its keys, within the time. */
static const struct planned *find_alike(struct alikes *a, size_t i, duration within, unsigned *ret_percent)
{
    const struct planned *planned = a->p->view->planned, *best = NULL;
    for (size_t k = 0; k < a->sketches[i].count && k < KEYS; k++) {
        size_t index = look_up(a, &planned[i], a->sketches[i].items[k])->index;
        if (!index || planned[index - 1].post == planned[i].post ||
            planned[index - 1].slot < planned[i].slot - within)
            continue;
        unsigned percent = sketch_alike(&a->sketches[i], &a->sketches[index - 1]);
        if (!best || percent > *ret_percent) {
            best = &planned[index - 1];
            *ret_percent = percent;
        }
    }
    return best;
}

static void check_one(struct alikes *a, size_t i)
{
    struct plan_check *p = a->p;
    const struct planned *one = &p->view->planned[i];
    unsigned percent = 0;
    p->c.account = one->account;
    p->c.bucket = one->bucket;
    bool wanted = one->slot >= p->view->from && check_begin(&p->c, RULE_NEAR_DUPLICATE);
    const struct planned *other = wanted ? find_alike(a, i, alike_within(&p->c.setting), &percent) : NULL;
    if (other && percent >= percent_of(&p->c.setting)) {
        bool settled = one->post->timing == TIMING_AT && other->post->timing == TIMING_AT;
        found_alike(plan_at(p, &one->post->position, one->post_id, settled), p->view->calendar, other,
                    percent);
    }
    for (size_t k = 0; k < a->sketches[i].count && k < KEYS; k++)
        look_up(a, one, a->sketches[i].items[k])->index = (uint32_t)i + 1;
}

void check_alike(struct plan_check *p)
{
    const struct plan_view *view = p->view;
    size_t size = 64;
    while (size < 2 * KEYS * view->planned_count)
        size *= 2;
    struct alikes a = {.p = p, .mask = size - 1};
    a.table = arena_alloc_array(p->arena, size, sizeof *a.table);
    a.sketches = arena_alloc_array(p->arena, view->planned_count + 1, sizeof *a.sketches);
    for (size_t i = 0; i < view->planned_count; i++) {
        /* Accounts without words of their own share the content. */
        bool same = i && view->planned[i - 1].content == view->planned[i].content;
        a.sketches[i] = same ? a.sketches[i - 1] : sketch_of(view->planned[i].content, p->arena);
        check_one(&a, i);
    }
}
