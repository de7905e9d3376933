/* See known.h. Each parameter is a row: where the documents have such names, and where a delivery has one. */
#include "control/known.h"

#include <stddef.h>
#include <string.h>

#include "control/problem.h"
#include "control/room.h"

enum { CANDIDATES = 200, LOOKED_AT = 5000 };

struct search {
    struct call *call;
    const struct documents *documents;
    const char *name;
    bool found;
    const char **candidates; /* for "did you mean": the first of them are enough */
    size_t candidate_count;
};

static void see(struct search *search, const char *name)
{
    if (!name)
        return;
    search->found = search->found || !strcmp(name, search->name);
    for (size_t i = 0; i < search->candidate_count; i++)
        if (!strcmp(search->candidates[i], name))
            return;
    if (search->candidate_count < CANDIDATES)
        *arena_push(search->call->arena, search->candidates, search->candidate_count) = name;
}

static void see_accounts(struct search *search)
{
    const struct settings *settings = search->documents->settings;
    for (size_t i = 0; i < settings->account_count; i++)
        see(search, settings->accounts[i].account.name);
}

static void see_networks(struct search *search)
{
    size_t count;
    const struct network *const *all = network_all(&count);
    for (size_t i = 0; i < count; i++)
        see(search, all[i]->name);
    search->found = network_find(search->name) != NULL;
}

static void see_buckets(struct search *search)
{
    const struct calendar *calendar = search->documents->calendar;
    const struct charter *charter = search->documents->charter;
    for (size_t i = 0; i < calendar->bucket_count; i++)
        see(search, calendar->buckets[i]);
    for (size_t i = 0; i < charter->mix_count; i++)
        see(search, charter->mix[i].bucket);
    for (size_t i = 0; i < calendar->post_count; i++)
        see(search, calendar->posts[i].bucket);
}

static void see_series(struct search *search)
{
    const struct calendar *calendar = search->documents->calendar;
    for (size_t i = 0; i < calendar->post_count; i++)
        if (calendar->posts[i].timing == TIMING_SERIES)
            see(search, calendar->posts[i].id);
}

static const struct kind {
    const char *parameter;
    void (*look)(struct search *search);
    bool several;  /* "a,b,c" are three */
    size_t member; /* of struct delivery_filter: deliveries have such names, too */
} kinds[] = {
    {"account", see_accounts, true, offsetof(struct delivery_filter, account)},
    {"network", see_networks, true, offsetof(struct delivery_filter, networks)},
    {"bucket", see_buckets, false, offsetof(struct delivery_filter, bucket)},
    {"series", see_series, false, offsetof(struct delivery_filter, series)},
};

/* A database that fails says so elsewhere: then nothing is held against the name. */
static bool is_queued(const struct search *search, const struct kind *kind)
{
    struct delivery_filter filter = {.limit = 1, .looks_at = LOOKED_AT, .newest_first = true};
    struct delivery **deliveries;
    size_t count;
    const char *next;
    memcpy((char *)&filter + kind->member, &search->name, sizeof search->name);
    return !queue_list(search->call->control->queue, &filter, search->call->arena, &deliveries, &count, &next,
                       NULL) ||
           count > 0;
}

static bool is_known(struct call *call, const struct kind *kind, const char *name)
{
    struct search search = {
        .call = call, .documents = schedule_documents(call->control->schedule), .name = name};
    kind->look(&search);
    if (search.found || is_queued(&search, kind))
        return true;
    problem_unknown(call, 404, kind->parameter, name, search.candidates, search.candidate_count);
    return false;
}

static bool are_known(struct call *call, const struct kind *kind, const char *names)
{
    char *rest = arena_strdup(call->arena, names), *name;
    if (!kind->several)
        return is_known(call, kind, names);
    while ((name = strsep(&rest, ",")))
        if (!is_known(call, kind, name))
            return false;
    return true;
}

bool known_names(struct call *call)
{
    for (size_t i = 0; i < call->query_count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (!strcmp(call->query[i].name, kinds[k].parameter) &&
                !are_known(call, &kinds[k], call->query[i].value))
                return false;
    return true;
}
