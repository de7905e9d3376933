/*
 * judge: collects findings over all accounts of a request. Knows no route; changes nothing.
 */
#include "control/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "control/problem.h"
#include "control/room.h"
#include "editorial/check.h"
#include "editorial/preview.h"
#include "publish/lookup.h"

enum { MOST_PAGES = 20, PAGE = 1000 };

/* What is remembered is judged; what is not is asked, once, before the call is done again. */
static void judge_online(struct judge *judge, const struct account *account, const struct content *content,
                         const char *bucket, const struct diag *where)
{
    const struct charter *charter = judge->documents->charter;
    if (judge->hurried || !check_asks(charter))
        return;
    check_online(charter, account, content, bucket, judge->online, where, NULL);
    lookup_recall(publisher_lookup(judge->call->control->publisher), judge->online);
    if (judge->call->looked)
        online_give_up(judge->online);
    check_online(charter, account, content, bucket, judge->online, where, &judge->diags);
}

bool judge_init(struct judge *judge, struct call *call)
{
    *judge = (struct judge){
        .call = call,
        .documents = schedule_documents(call->control->schedule),
        .diags = diags_in(call->arena),
        .online = arena_new_of(call->arena, struct online),
    };
    *judge->online = online_in(call->arena);
    if (call->dry_run)
        judge->previews = json_in_arena(call->arena, json_array());
    if (call->company)
        judge->online = call->company->online;
    return override_read(call, &judge->override);
}

void judge_content(struct judge *judge, const struct account *account, const struct content *content,
                   const char *bucket, const char *post_id)
{
    struct diag where = {.post = post_id, .account = account->name};
    const json_t *session = publisher_session(judge->call->control->publisher, account->name);
    struct diags limits = diags_in(judge->call->arena);
    network_check(account, content, session, &where, &limits);
    judge->limits += limits.errors;
    check_content(judge->documents->charter, account, content, bucket, session, &where, &judge->diags);
    judge_online(judge, account, content, bucket, &where);
    if (judge->call->dry_run)
        json_array_append_new(judge->previews, preview_to_json(judge->documents->charter, account, content,
                                                               bucket, session, post_id));
}

/* What takes a time in [from, until), of one account or (NULL) of all; sorted by slot. */
static struct delivery **taken(struct call *call, const char *account, instant from, instant until,
                               size_t *ret_count)
{
    struct delivery **all = NULL;
    struct delivery_filter filter = {
        .states =
            ~(1u << STATE_CANCELLED | 1u << STATE_MISSED | 1u << STATE_REFUSED) & ((1u << STATE_COUNT) - 1),
        .standing = true,
        .account = account,
        .from = from > 0 ? from : 1,
        .until = until,
        .limit = PAGE,
    };
    *ret_count = 0;
    for (int page = 0; page < MOST_PAGES; page++) {
        struct delivery **some;
        size_t count;
        if (!queue_list(call->control->queue, &filter, call->arena, &some, &count, &filter.cursor, NULL))
            break;
        for (size_t i = 0; i < count; i++)
            *arena_push(call->arena, all, *ret_count) = some[i];
        if (!filter.cursor)
            break;
    }
    return all;
}

static const struct account *account_of(struct judge *judge, const char *name)
{
    const struct settings_account *account = settings_account(judge->documents->settings, name);
    return account ? &account->account : NULL;
}

struct window { /* of times, and of an account or (NULL) all */
    const char *account;
    instant from, until;
};

static bool is_in(const struct window *window, const struct wanted *wanted)
{
    return wanted->slot >= window->from && wanted->slot < window->until &&
           (!window->account || !strcmp(wanted->account, window->account));
}

size_t company_before(const struct company *company, instant at)
{
    size_t low = 0, high = company->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (company->items[company->by_time[middle]].slot < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Those who come in with it, in the order of their times, as far as they may be in the window. */
struct companions {
    const struct company *company;
    size_t next, end;
};

static struct companions companions_in(const struct company *company, const struct window *window)
{
    if (!company)
        return (struct companions){0};
    return (struct companions){company, company_before(company, window->from),
                               company_before(company, window->until)};
}

/* The next one before a time; NULL: none is. */
static const struct wanted *next_companion(struct companions *companions, const struct window *window,
                                           instant before)
{
    while (companions->next < companions->end) {
        const struct wanted *wanted =
            &companions->company->items[companions->company->by_time[companions->next]];
        if (wanted->slot >= before)
            return NULL;
        companions->next++;
        if (is_in(window, wanted))
            return wanted;
    }
    return NULL;
}

static size_t count_companions(struct companions companions, const struct window *window)
{
    size_t count = 0;
    while (next_companion(&companions, window, INSTANT_NEVER))
        count++;
    return count;
}

struct gathered { /* what the rules about times look at */
    struct judge *judge;
    struct planned *items;
    size_t count;
};

/* What is of accounts that are gone does not count. */
static void gather(struct gathered *to, const char *account_name, struct planned planned)
{
    planned.account = account_of(to->judge, account_name);
    if (planned.account)
        *arena_push(to->judge->call->arena, to->items, to->count) = planned;
}

static void gather_companions(struct gathered *to, struct companions *companions, const struct window *window,
                              instant before)
{
    const struct wanted *w;
    while ((w = next_companion(companions, window, before)))
        gather(to, w->account,
               (struct planned){
                   .post_id = w->post_id, .content = w->content, .slot = w->slot, .bucket = w->bucket});
}

/* What comes in with it stands among what is queued. */
static struct planned *planned_in(struct judge *judge, struct delivery *const *deliveries, size_t count,
                                  const struct window *window, size_t *ret_count)
{
    struct gathered all = {.judge = judge};
    struct companions companions = companions_in(judge->call->company, window);
    for (size_t i = 0; i < count; i++) {
        const struct delivery *d = deliveries[i];
        gather_companions(&all, &companions, window, d->slot);
        gather(&all, d->account,
               (struct planned){
                   .post_id = d->post_id, .content = d->content, .slot = d->slot, .bucket = d->bucket});
    }
    gather_companions(&all, &companions, window, INSTANT_NEVER);
    *ret_count = all.count;
    return all.items;
}

/*
 * What is planned from a time backwards and (unless 'ahead' is 0) forwards. A request must not hold up what is due:
 * of a time in which there is very much only as much is looked at as makes ENOUGH, nearest first.
 */
static struct planned *planned_around(struct judge *judge, const char *account, instant at, duration back,
                                      duration ahead, size_t *ret_count)
{
    enum { ENOUGH = 1000 };
    duration reach = back > ahead ? back : ahead, near = reach < DAYS(2) ? reach : DAYS(2);
    for (;; near *= 2) {
        const struct window window = {account, at - (near < back ? near : back),
                                      at + (near < ahead ? near : ahead) + 1};
        size_t count, more = count_companions(companions_in(judge->call->company, &window), &window);
        struct delivery **all = taken(judge->call, account, window.from, window.until, &count);
        if (near >= reach || count + more >= ENOUGH)
            return planned_in(judge, all, count, &window, ret_count);
    }
}

/* Once a post, to however many accounts it goes. */
static void judge_mix(struct judge *judge, const struct proposal *proposal)
{
    const struct charter *charter = judge->documents->charter;
    duration reach = check_mix_reach(charter, proposal->bucket);
    size_t count;
    if (!reach || judge->mixed)
        return;
    judge->mixed = true;
    struct planned *planned = planned_around(judge, NULL, proposal->at, reach, 0, &count);
    struct diag where = {.post = proposal->self};
    check_mix_of(charter, proposal, planned, count, &where, &judge->diags);
}

void judge_time(struct judge *judge, const struct proposal *proposal)
{
    const struct charter *charter = judge->documents->charter;
    const struct calendar *calendar = judge->documents->calendar;
    duration reach = check_reach(charter, proposal->account, proposal->bucket);
    size_t count = 0;
    struct planned *planned =
        reach > 0 ? planned_around(judge, proposal->account->name, proposal->at, reach, reach, &count) : NULL;
    struct diag where = {.post = proposal->self, .account = proposal->account->name};
    struct proposal whole = *proposal;
    /* of a series */
    const char *id = arena_strndup(judge->call->arena, proposal->self, strcspn(proposal->self, "@"));
    const struct post *post = calendar_post(calendar, id);
    if (post && !whole.campaign)
        whole.campaign = post->campaign;
    check_time(charter, calendar, &whole, planned, count, &where, &judge->diags);
    if (!proposal->words_only)
        judge_mix(judge, proposal);
}

json_t *judge_offer(const struct judge *judge)
{
    return judge->malformed ? NULL : override_offer(judge->call, &judge->diags, judge->limits > 0);
}

bool judge_passes(struct judge *judge)
{
    if (!judge->call->looked && online_open(judge->online)) {
        judge->call->looks = judge->online;
        problem(judge->call, 503, "links and mentions are being looked at");
        return false;
    }
    bool may_be = !judge->limits && !judge->malformed;
    if (judge->diags.errors == 0 || (may_be && override_covers(&judge->override, &judge->diags)))
        return true;
    const char *first = "refused";
    for (size_t i = judge->diags.count; i-- > 0;)
        if (judge->diags.items[i].level == DIAG_ERROR)
            first = judge->diags.items[i].message;
    size_t more = judge->diags.errors - 1;
    const char *rest = more ? arena_printf(judge->call->arena, " (and %zu more)", more) : "";
    problem_findings(judge->call, &judge->diags, judge_offer(judge),
                     arena_printf(judge->call->arena, "%s%s", first, rest));
    return false;
}

const char *judge_trace(const struct judge *judge)
{
    if (!judge->override.reason || judge->diags.errors == 0)
        return NULL;
    struct buf text = {0};
    buf_printf(&text, "charter overridden: %s (", judge->override.reason);
    size_t told = 0;
    for (size_t i = 0; i < judge->diags.count && told < 5; i++)
        if (judge->diags.items[i].level == DIAG_ERROR)
            buf_printf(&text, "%s%s", told++ ? "; " : "", judge->diags.items[i].message);
    buf_add_text(&text, ")");
    const char *trace = arena_strdup(judge->call->arena, buf_text(&text));
    buf_release(&text);
    return trace;
}

static struct assigned *assigned_in(struct call *call, const struct window *window,
                                    const struct company *company, size_t *ret_count)
{
    size_t count, all = 0, more = company ? company->count : 0;
    struct delivery **deliveries = taken(call, NULL, window->from, window->until, &count);
    struct assigned *assigned = arena_alloc_array(call->arena, count + more + 1, sizeof *assigned);
    for (size_t i = 0; i < count; i++)
        assigned[all++] = (struct assigned){
            .post_id = deliveries[i]->post_id,
            .account = deliveries[i]->account,
            .slot_name = deliveries[i]->slot_name,
            .slot = deliveries[i]->slot,
        };
    for (size_t i = 0; i < more; i++)
        if (is_in(window, &company->items[i]))
            assigned[all++] = (struct assigned){
                .post_id = company->items[i].post_id,
                .account = company->items[i].account,
                .slot_name = company->items[i].slot_name,
                .slot = company->items[i].slot,
            };
    *ret_count = all;
    return assigned;
}

/* A slot that a batch got is its own before it is stored; what is in the queue of it already does not count twice. */
struct assigned *judge_assigned(struct call *call, instant from, instant until, size_t *ret_count)
{
    const struct window window = {.from = from, .until = until};
    return assigned_in(call, &window, call->company ? call->company : call->control->coming, ret_count);
}

struct assigned *judge_queued(struct call *call, instant from, instant until, size_t *ret_count)
{
    const struct window window = {.from = from, .until = until};
    return assigned_in(call, &window, NULL, ret_count);
}
