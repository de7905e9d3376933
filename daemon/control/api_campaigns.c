/*
 * api_campaigns: what the posts of the calendar cost, by campaign and by month, against the charter's budget.
 * Costs and campaigns are the calendar's; what became of a post, and when it is, the queue's. What is
 * spontaneous has neither.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "control/api.h"
#include "control/campaigns.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/time.h"
#include "control/view.h"

enum { OCCURRENCES_MOST = 1000 }; /* of a series */

struct sums {
    int64_t posts, published, cost, spent;
    instant first, last; /* 0: none has a time */
    const char *closing; /* of a campaign: the post that ends it; or NULL */
};

struct month {
    int year, month;
    struct sums sums;
};

struct bill {
    struct call *call;
    const struct documents *documents;
    struct sums *campaigns; /* as the calendar has them */
    struct month *months;
    size_t month_count;
};

struct came { /* what became of a post */
    bool out;    /* it was published: that is paid for … */
    bool stands; /* … also where it was deleted on its networks since */
};

/* ---- summing ---- */

static struct sums *month_of(struct bill *bill, instant at)
{
    struct civil c = zone_civil(bill->documents->calendar->zone, at);
    for (size_t i = 0; i < bill->month_count; i++)
        if (bill->months[i].year == c.year && bill->months[i].month == c.month)
            return &bill->months[i].sums;
    struct month *month = arena_push(bill->call->arena, bill->months, bill->month_count);
    month->year = c.year;
    month->month = c.month;
    return &month->sums;
}

static void add(struct sums *sums, const struct post *post, instant at, struct came came)
{
    sums->posts++;
    sums->published += came.stands;
    sums->cost += post->cost;
    sums->spent += came.out ? post->cost : 0;
    if (at && (!sums->first || at < sums->first))
        sums->first = at;
    if (at > sums->last)
        sums->last = at;
}

static struct sums *campaign_of(struct bill *bill, const struct post *post)
{
    const struct calendar *calendar = bill->documents->calendar;
    for (size_t i = 0; post->campaign && i < calendar->campaign_count; i++)
        if (calendar->campaigns[i] == post->campaign)
            return &bill->campaigns[i];
    return NULL;
}

/* at 0: nobody knows yet when that is. */
static void count(struct bill *bill, const struct post *post, instant at, struct came came)
{
    struct sums *campaign = campaign_of(bill, post);
    if (campaign)
        add(campaign, post, at, came);
    if (at && post->cost)
        add(month_of(bill, at), post, at, came);
}

/* What ended without being published costs nothing. */
static bool is_given_up(enum state state)
{
    return state == STATE_CANCELLED || state == STATE_MISSED || state == STATE_REFUSED;
}

/* Deliveries of one post follow each other; each post, or time of a series, counts once. */
static void count_queued(struct bill *bill, const struct post *post, struct delivery *const *found,
                         size_t found_count)
{
    struct came came = {0};
    bool counts = false;
    instant at = 0;
    for (size_t i = 0; i < found_count; i++) {
        came.out = came.out || found[i]->state == STATE_PUBLISHED;
        came.stands = came.stands || (found[i]->state == STATE_PUBLISHED && !found[i]->deleted);
        if (!is_given_up(found[i]->state) && (!at || found[i]->slot < at))
            at = found[i]->slot;
        counts = counts || !is_given_up(found[i]->state);
        bool last = i + 1 == found_count || strcmp(found[i]->post_id, found[i + 1]->post_id) != 0;
        if (last && counts)
            count(bill, post, at, came);
        if (last) {
            counts = false;
            came = (struct came){0};
            at = 0;
        }
    }
}

static int by_post(const void *a, const void *b)
{
    return strcmp((*(struct delivery *const *)a)->post_id, (*(struct delivery *const *)b)->post_id);
}

static void count_post(struct bill *bill, const struct post *post)
{
    bool series = post->timing == TIMING_SERIES;
    struct delivery_filter filter = {.limit = OCCURRENCES_MOST};
    struct delivery **found;
    size_t found_count = 0;
    *(series ? &filter.series : &filter.post_id) = post->id;
    if (!queue_list(bill->call->control->queue, &filter, bill->call->arena, &found, &found_count,
                    &filter.cursor, NULL))
        return;
    if (found_count)
        qsort(found, found_count, sizeof *found, by_post);
    if (found_count)
        count_queued(bill, post, found, found_count);
    else if (!series) /* over before cald knew it, or without a free time in its slot */
        count(bill, post, post->timing == TIMING_AT ? post->instant : 0, (struct came){0});
}

/* ---- showing ---- */

static void sums_to_json(json_t *object, const struct sums *sums, int64_t budget)
{
    json_set_number(object, "posts", sums->posts);
    json_set_number(object, "published", sums->published);
    json_set_number(object, "cost", sums->cost);
    json_set_number(object, "spent", sums->spent);
    json_set(object, "budget", budget == NOT_SAID ? json_null() : json_integer((json_int_t)budget));
    json_set_flag(object, "over", budget != NOT_SAID && sums->cost > budget);
}

static int64_t budget_of(const struct charter *charter, const char *campaign)
{
    for (size_t i = 0; i < charter->budget_count; i++)
        if (!strcmp(charter->budgets[i].campaign, campaign))
            return charter->budgets[i].most;
    return NOT_SAID;
}

static json_t *campaigns_to_json(struct bill *bill)
{
    const struct calendar *calendar = bill->documents->calendar;
    json_t *items = json_array();
    for (size_t i = 0; i < calendar->campaign_count; i++) {
        const struct campaign *campaign = calendar->campaigns[i];
        json_t *object = json_object();
        json_set_text(object, "name", campaign->name);
        sums_to_json(object, &bill->campaigns[i], budget_of(bill->documents->charter, campaign->name));
        view_instant(object, "embargo", campaign->has_embargo ? campaign->embargo : 0);
        view_instant(object, "first", bill->campaigns[i].first);
        view_instant(object, "last", bill->campaigns[i].last);
        view_text(object, "closing", bill->campaigns[i].closing);
        json_array_append_new(items, object);
    }
    return items;
}

static int by_month(const void *a, const void *b)
{
    const struct month *x = a, *y = b;
    return x->year != y->year ? x->year - y->year : x->month - y->month;
}

static json_t *months_to_json(struct bill *bill)
{
    int64_t most = bill->documents->charter->per_month;
    json_t *months = json_array();
    if (bill->month_count)
        qsort(bill->months, bill->month_count, sizeof *bill->months, by_month);
    for (size_t i = 0; i < bill->month_count; i++) {
        json_t *object = json_object();
        json_set(object, "month", json_sprintf("%04d-%02d", bill->months[i].year, bill->months[i].month));
        sums_to_json(object, &bill->months[i].sums, most ? most : NOT_SAID);
        json_array_append_new(months, object);
    }
    return months;
}

void api_campaigns(struct call *call)
{
    struct bill bill = {.call = call, .documents = schedule_documents(call->control->schedule)};
    const struct calendar *calendar = bill.documents->calendar;
    bill.campaigns = arena_alloc_array(call->arena, calendar->campaign_count + 1, sizeof *bill.campaigns);
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        if (post->campaign && post->closing)
            campaign_of(&bill, post)->closing = post->id;
        if (post->campaign || post->cost)
            count_post(&bill, post);
    }
    json_t *page = json_object();
    json_set(page, "items", campaigns_to_json(&bill));
    json_set(page, "months", months_to_json(&bill));
    json_set(page, "next", json_null());
    answer_json(call, 200, page);
}

/* ---- the posts of one ---- */

static const struct campaign *find(struct call *call, const struct calendar *calendar, const char *name)
{
    const char **names = arena_alloc_array(call->arena, calendar->campaign_count + 1, sizeof *names);
    for (size_t i = 0; i < calendar->campaign_count; i++) {
        names[i] = calendar->campaigns[i]->name;
        if (!strcmp(names[i], name))
            return calendar->campaigns[i];
    }
    problem_unknown(call, 404, "campaign", name, names, calendar->campaign_count);
    return NULL;
}

bool campaign_posts(struct call *call, const char *name, const char **ret_posts)
{
    const struct calendar *calendar = schedule_documents(call->control->schedule)->calendar;
    const struct campaign *campaign = find(call, calendar, name);
    struct buf posts = {0};
    if (!campaign)
        return false;
    for (size_t i = 0; i < calendar->post_count; i++)
        if (calendar->posts[i].campaign == campaign)
            buf_printf(&posts, "%s%s", posts.length ? "," : "", calendar->posts[i].id);
    *ret_posts = arena_strdup(call->arena, buf_text(&posts));
    buf_release(&posts);
    return true;
}
