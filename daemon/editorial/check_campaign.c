/* See check_rules.h: campaigns: not too early, with an end, and within the budget. */
#include <stdlib.h>
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/fold.h"

/* ---- embargoes ---- */

static bool has_words(const struct content *content, const struct phrases *words, struct arena *arena)
{
    const char *const texts[] = {content->title, content->warning, content->body, content->summary};
    for (size_t i = 0; i < content->part_count; i++)
        if (phrases_any(words, fold_text(content->parts[i].text, arena), arena))
            return true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && phrases_any(words, fold_text(texts[i], arena), arena))
            return true;
    return false;
}

void check_embargo(struct timing_check *t)
{
    for (size_t i = 0; i < t->calendar->campaign_count; i++) {
        const struct campaign *campaign = t->calendar->campaigns[i];
        if (!campaign->has_embargo || t->at >= campaign->embargo)
            continue;
        bool about = t->campaign == campaign || (campaign->words && t->c.content &&
                                                 has_words(t->c.content, campaign->words, t->c.arena));
        if (about && check_begin(&t->c, RULE_EMBARGO))
            check_found(&t->c,
                        FOUND(.word = campaign->name, .remedy = "move it behind, or say nothing of it"),
                        "campaign '%s' is under embargo until %s", campaign->name,
                        checking_date(t->calendar, campaign->embargo, t->c.arena));
    }
}

/* ---- closing posts ---- */

static bool is_to_come(const struct plan_check *p, const struct post *post)
{
    return post->timing != TIMING_AT || post->instant >= p->view->from;
}

static void check_closing(struct plan_check *p, const struct campaign *campaign)
{
    const struct post *closing = NULL, *late = NULL;
    bool to_come = false;
    for (size_t i = 0; i < p->view->calendar->post_count; i++) {
        const struct post *post = &p->view->calendar->posts[i];
        if (post->campaign != campaign)
            continue;
        to_come = to_come || is_to_come(p, post);
        closing = post->closing ? post : closing;
    }
    if (!to_come || !check_begin(&p->c, RULE_CAMPAIGN_CLOSING))
        return;
    for (size_t i = 0; closing && closing->timing == TIMING_AT && i < p->view->calendar->post_count; i++) {
        const struct post *post = &p->view->calendar->posts[i];
        if (post->campaign == campaign && post->timing == TIMING_AT && post->instant > closing->instant)
            late = post;
    }
    if (!closing)
        check_found(
            plan_at(p, &campaign->position, NULL, true),
            FOUND(.word = campaign->name, .remedy = "plan one that says how it went, with 'closing: true'"),
            "campaign '%s' has no closing post", campaign->name);
    else if (late)
        check_found(plan_at(p, &late->position, late->id, true),
                    FOUND(.word = closing->id, .remedy = "move it before, or let it be the closing one"),
                    "comes after '%s', which closes campaign '%s'", closing->id, campaign->name);
}

void check_campaign_closing(struct plan_check *p)
{
    for (size_t i = 0; i < p->view->calendar->campaign_count; i++)
        check_closing(p, p->view->calendar->campaigns[i]);
}

/* ---- budgets ---- */

/* Month by month: the post with which it is spent is told. */
static void check_months(struct plan_check *p)
{
    const struct plan_view *view = p->view;
    int64_t most = view->charter->per_month, sum = 0;
    bool settled = true;
    struct civil month = {0};
    for (size_t i = 0; i < view->planned_count && most; i++) {
        const struct planned *one = &view->planned[i];
        if (!one->post->cost || planned_again(view->planned, i))
            continue;
        struct civil c = zone_civil(view->calendar->zone, one->slot);
        if (c.year != month.year || c.month != month.month) {
            sum = 0;
            settled = true;
        }
        month = c;
        bool before = sum > most;
        sum += one->post->cost;
        settled = settled && one->post->timing == TIMING_AT;
        p->c.bucket = one->bucket;
        if (sum > most && !before && one->slot >= view->from && check_begin(&p->c, RULE_BUDGET))
            check_found(plan_at(p, &one->post->position, one->post_id, settled),
                        FOUND(.remedy = "spend less, or move it to another month"),
                        "with this post %04d-%02d costs %lld, the budget is %lld", c.year, c.month,
                        (long long)sum, (long long)most);
    }
}

/* A series costs what its planned occurrences cost. */
static int64_t cost_of(const struct plan_view *view, const char *campaign, bool *ret_settled)
{
    int64_t sum = 0;
    *ret_settled = true;
    for (size_t i = 0; i < view->calendar->post_count; i++) {
        const struct post *post = &view->calendar->posts[i];
        if (post->campaign && !strcmp(post->campaign->name, campaign) && post->timing != TIMING_SERIES)
            sum += post->cost;
    }
    for (size_t i = 0; i < view->planned_count; i++) {
        const struct planned *one = &view->planned[i];
        if (!one->series || !one->post->campaign || strcmp(one->post->campaign->name, campaign) != 0 ||
            planned_again(view->planned, i))
            continue;
        sum += one->post->cost;
        *ret_settled = *ret_settled && !one->post->cost;
    }
    return sum;
}

static const struct campaign *campaign_named(const struct calendar *calendar, const char *name)
{
    for (size_t i = 0; i < calendar->campaign_count; i++)
        if (!strcmp(calendar->campaigns[i]->name, name))
            return calendar->campaigns[i];
    return NULL;
}

static void check_campaigns(struct plan_check *p)
{
    for (size_t i = 0; i < p->view->charter->budget_count; i++) {
        const struct budget *budget = &p->view->charter->budgets[i];
        const struct campaign *campaign = campaign_named(p->view->calendar, budget->campaign);
        bool settled;
        p->c.bucket = NULL;
        int64_t sum = cost_of(p->view, budget->campaign, &settled);
        if (!check_begin(&p->c, RULE_BUDGET))
            return;
        if (!campaign)
            check_found(plan_at(p, &budget->position, NULL, false),
                        FOUND(.word = budget->campaign, .level = CHECK_WARNING,
                              .remedy = "name one of the calendar's"),
                        "a budget for campaign '%s', which the calendar does not have", budget->campaign);
        else if (sum > budget->most)
            check_found(plan_at(p, &campaign->position, NULL, settled),
                        FOUND(.word = campaign->name, .remedy = "spend less on it, or raise the budget"),
                        "campaign '%s' costs %lld, the budget is %lld", campaign->name, (long long)sum,
                        (long long)budget->most);
    }
}

void check_budget(struct plan_check *p)
{
    check_months(p);
    check_campaigns(p);
}
