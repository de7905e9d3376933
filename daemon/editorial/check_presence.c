/* See check_rules.h: where there is too much at once, and where nothing. */
#include <string.h>

#include "base/index.h"
#include "editorial/check_rules.h"
#include "editorial/plan_silence.h"

/* ---- collisions ---- */

duration collision_within(const struct setting *setting)
{
    return setting->within == NOT_SAID ? MINUTES(1) : setting->within;
}

static bool collides(const struct planned *other, const struct account *account, const char *id)
{
    return !strcmp(other->account->name, account->name) && !(id && !strcmp(other->post_id, id));
}

static void found_collision(struct checking *c, const struct calendar *calendar, const struct planned *other)
{
    check_found(c, FOUND(.word = other->post_id, .remedy = "move one of them"),
                "collides with '%s' of %s on '%s'", other->post_id,
                checking_date(calendar, other->slot, c->arena), c->account->name);
}

void check_collision_at(struct timing_check *t)
{
    if (!check_begin(&t->c, RULE_COLLISION))
        return;
    duration within = collision_within(&t->c.setting);
    size_t i = planned_from(t->planned, t->planned_count, t->at - within + 1);
    for (; i < t->planned_count && t->planned[i].slot < t->at + within; i++)
        if (collides(&t->planned[i], t->c.account, t->self)) {
            found_collision(&t->c, t->calendar, &t->planned[i]);
            return;
        }
}

void check_collision(struct plan_check *p)
{
    const struct planned *planned = p->view->planned;
    for (size_t i = planned_from(planned, p->view->planned_count, p->view->from); i < p->view->planned_count;
         i++) {
        const struct planned *one = &planned[i];
        p->c.account = one->account;
        p->c.bucket = one->bucket;
        if (!check_begin(&p->c, RULE_COLLISION))
            continue;
        instant since = one->slot - collision_within(&p->c.setting);
        for (size_t k = i; k-- > 0 && planned[k].slot > since;)
            if (collides(&planned[k], one->account, one->post_id)) {
                bool settled = one->post->timing == TIMING_AT && planned[k].post->timing == TIMING_AT;
                found_collision(plan_at(p, &one->post->position, one->post_id, settled), p->view->calendar,
                                &planned[k]);
                break;
            }
    }
}

/* ---- accounts left alone ---- */

struct presence {
    const struct account *account;
    instant last; /* on which something goes out, or from which on we look */
};

static void found_silence(struct plan_check *p, const struct presence *presence, instant until,
                          const struct position *position, const char *post)
{
    char alone[32], most[32];
    p->c.account = presence->account;
    p->c.bucket = NULL;
    if (!check_begin(&p->c, RULE_ACCOUNT_SILENCE) || until - presence->last <= p->c.setting.within)
        return;
    duration within = p->c.setting.within, days = (until - presence->last) / DAYS(1) * DAYS(1);
    check_found(plan_at(p, position ? position : &p->c.setting.position, post, false),
                FOUND(.remedy = "plan something in between, or give the account up"),
                "nothing on '%s' for %s, until %s; the charter allows %s", presence->account->name,
                duration_format(days ? days : until - presence->last, alone, sizeof alone),
                checking_date(p->view->calendar, until, p->arena),
                duration_format(within, most, sizeof most));
}

void check_account_silence(struct plan_check *p)
{
    const struct plan_view *view = p->view;
    struct index by_name = {.arena = p->arena};
    struct presence *all = arena_alloc_array(p->arena, view->account_count + 1, sizeof *all);
    for (size_t i = 0; i < view->account_count; i++) {
        all[i] = (struct presence){view->accounts[i], view->from};
        index_put(&by_name, view->accounts[i]->name, &all[i]);
    }
    for (size_t i = 0; i < view->planned_count && view->planned[i].slot < view->until; i++) {
        const struct planned *one = &view->planned[i];
        struct presence *presence = index_get(&by_name, one->account->name);
        if (presence && one->slot >= view->from)
            found_silence(p, presence, one->slot, &one->post->position, one->post_id);
        if (presence)
            presence->last = one->slot;
    }
    instant written = plan_written(view);
    for (size_t i = 0; i < view->account_count; i++) {
        /* At the end it is told when the silence would begin within its own length: early enough to write
         * something. */
        struct setting setting =
            charter_setting(view->charter, RULE_ACCOUNT_SILENCE, view->accounts[i], NULL);
        instant soon = view->from + setting.within + DAYS(1), end = soon > written ? soon : written;
        found_silence(p, &all[i], end < view->until ? end : view->until, NULL, NULL);
    }
}

/* ---- empty slots ---- */

static bool is_taken(const struct plan_view *view, const struct slot *slot, instant t)
{
    for (size_t i = planned_from(view->planned, view->planned_count, t);
         i < view->planned_count && view->planned[i].slot == t; i++)
        if (view->planned[i].slot_name && !strcmp(view->planned[i].slot_name, slot->name))
            return true;
    return false;
}

/* Told once a slot, with its first empty time. */
static void check_slot_filled(struct plan_check *p, const struct slot *slot, const struct silence *silences,
                              size_t silence_count)
{
    enum { TIMES_MOST = 1000 };
    duration within = p->c.setting.within == NOT_SAID ? DAYS(14) : p->c.setting.within;
    instant until = p->view->from + within < p->view->until ? p->view->from + within : p->view->until,
            first = 0;
    struct occurrence *times;
    size_t count = recurrence_between(slot->recurrence, p->view->from, until, TIMES_MOST, p->arena, &times),
           empty = 0;
    for (size_t i = 0; i < count; i++) {
        if (silence_has(silences, silence_count, times[i].at) || is_taken(p->view, slot, times[i].at))
            continue;
        first = empty++ ? first : times[i].at;
    }
    if (empty)
        check_found(plan_at(p, &slot->position, NULL, false),
                    FOUND(.word = slot->name, .remedy = "write something for it, or give the slot up"),
                    "slot '%s' has no post for %zu of its next %zu times, the first on %s", slot->name, empty,
                    count, checking_date(p->view->calendar, first, p->arena));
}

void check_empty_slot(struct plan_check *p)
{
    struct silence *silences;
    size_t silence_count = silence_find(p->view->calendar, p->arena, &silences);
    for (size_t i = 0; i < p->view->calendar->slot_count; i++)
        if (check_begin(&p->c, RULE_EMPTY_SLOT))
            check_slot_filled(p, &p->view->calendar->slots[i], silences, silence_count);
}
