/*
 * See hubs.h. The notes are the truth; pings are what this life makes of them: one for each account and hub
 * that is to be told, in flight or waiting for its next try.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "network/driver.h"
#include "network/feed.h"
#include "publish/hubs.h"
#include "publish/policy.h"

#define FIRST_AGAIN SECONDS(5)
#define LONGEST_AGAIN HOURS(1)
#define GIVE_UP DAYS(1)
#define QUEUE_AGAIN SECONDS(10) /* after the database failed */
#define PATIENCE SECONDS(30)

enum { MOST_FLYING = 4, TOPICS = 2 };

struct ping {
    struct ping *next;
    struct hubs *hubs;
    char *account, *hub;
    instant since; /* of the change that is told */
    instant due;
    int tries;
    unsigned topic;      /* the next; TOPICS: all are told */
    bool wanted;         /* by a note, and by cald.yaml */
    bool flying, again;  /* again: the feed changed since it began */
    bool ended;          /* nothing is left to do, but for its note */
    struct arena *arena; /* of the exchange */
};

struct hubs {
    struct loop *loop;
    struct queue *queue;
    struct http *http;
    const struct settings *settings;
    struct ping *pings;
    struct timer *timer, *kick;
    bool pending, changed, stopped;
};

static void pend(struct hubs *hubs)
{
    hubs->pending = true;
    timer_after(hubs->kick, 0); /* also when no turn is running */
}

/* ---- notes: {"since": instant, "hubs": [URL, …]} ---- */

static const char *name_of(const char *account, struct arena *arena)
{
    return arena_printf(arena, "websub/%s", account);
}

static bool write_note(struct hubs *hubs, const char *account, const json_t *value, struct error *err)
{
    struct arena *arena = arena_new();
    char *text = value ? json_print(value) : NULL;
    bool ok = queue_set_note(hubs->queue, name_of(account, arena), text, err);

    free(text);
    arena_free(arena);
    return ok;
}

/* In arena; NULL: there is none. */
static json_t *read_note(struct hubs *hubs, const char *account, struct arena *arena)
{
    const char *text = queue_note(hubs->queue, name_of(account, arena), arena);
    json_t *value = text ? json_parse(text, strlen(text), NULL) : NULL;

    return value ? json_in_arena(arena, value) : NULL;
}

static json_t *new_note(const char *const *urls, size_t count, instant since)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(urls[i]));
    return json_pack("{s:I, s:o}", "since", (json_int_t)since, "hubs", list);
}

bool hubs_note(struct hubs *hubs, const struct account *account, instant now, struct error *err)
{
    struct arena *arena;
    const char *const *urls;
    size_t count;
    bool ok;

    if (json_member(account->options, "hubs") == NULL) /* of nearly all */
        return true;
    arena = arena_new();
    urls = feed_hubs(account, arena, &count);
    ok = count == 0 || write_note(hubs, account->name, json_in_arena(arena, new_note(urls, count, now)), err);
    hubs->changed |= count > 0;
    arena_free(arena);
    return ok;
}

static size_t place_in(const json_t *list, const char *url)
{
    size_t i = 0;

    while (i < json_array_size(list) && strcmp(json_string_value(json_array_get(list, i)), url) != 0)
        i++;
    return i;
}

/* The hub was told, or is given up. */
static bool take_from_note(struct hubs *hubs, const struct ping *ping, struct error *err)
{
    struct arena *arena = arena_new();
    json_t *value = read_note(hubs, ping->account, arena), *list = json_member(value, "hubs");
    bool ok;

    json_array_remove(list, place_in(list, ping->hub));
    ok = write_note(hubs, ping->account, json_array_size(list) ? value : NULL, err);
    arena_free(arena);
    return ok;
}

/* ---- pings, by the notes ---- */

static void ping_free(struct ping *ping)
{
    if (ping->arena != NULL)
        arena_free(ping->arena);
    free(ping->account);
    free(ping->hub);
    free(ping);
}

static struct ping *find(const struct hubs *hubs, const char *account, const char *hub)
{
    for (struct ping *ping = hubs->pings; ping != NULL; ping = ping->next) {
        if (strcmp(ping->account, account) == 0 && strcmp(ping->hub, hub) == 0)
            return ping;
    }
    return NULL;
}

static void want(struct hubs *hubs, const char *account, const char *hub, instant since)
{
    struct ping *ping = find(hubs, account, hub);

    if (ping == NULL) {
        ping = xmalloc(sizeof *ping);
        *ping = (struct ping){
            .next = hubs->pings, .hubs = hubs, .account = xstrdup(account), .hub = xstrdup(hub)};
        ping->since = since;
        ping->due = loop_now(hubs->loop);
        hubs->pings = ping;
    }
    ping->wanted = true;
    ping->again |= ping->since != since;
    ping->since = since;
}

static void want_by_note(struct hubs *hubs, const struct account *account)
{
    struct arena *arena = arena_new();
    size_t count;
    const char *const *urls = feed_hubs(account, arena, &count);
    const json_t *note = count > 0 ? read_note(hubs, account->name, arena) : NULL,
                 *list = json_member(note, "hubs");

    for (size_t i = 0; i < count; i++) {
        if (place_in(list, urls[i]) < json_array_size(list))
            want(hubs, account->name, urls[i], json_number(note, "since", 0));
    }
    arena_free(arena);
}

static void drop_unwanted(struct hubs *hubs)
{
    struct ping **link = &hubs->pings;

    while (*link != NULL) {
        struct ping *ping = *link;

        if (ping->wanted || ping->flying) {
            link = &ping->next;
            continue;
        }
        *link = ping->next;
        ping_free(ping);
    }
}

static void read_notes(struct hubs *hubs)
{
    for (struct ping *ping = hubs->pings; ping != NULL; ping = ping->next)
        ping->wanted = false;
    for (size_t i = 0; hubs->settings != NULL && i < hubs->settings->account_count; i++)
        want_by_note(hubs, &hubs->settings->accounts[i].account);
    drop_unwanted(hubs);
}

/* ---- on the wire ---- */

static void give_up(struct ping *ping, const char *why)
{
    log_warn("the hub '%s' was not told that '%s' has changed, and is not asked again until it changes: %s",
             ping->hub, ping->account, why);
    ping->ended = true;
}

static void try_again(struct ping *ping, const char *why)
{
    instant now = loop_now(ping->hubs->loop);

    if (now - ping->since > GIVE_UP) {
        give_up(ping, why);
        return;
    }
    if (ping->tries == 0)
        log_warn("the hub '%s' was not told that '%s' has changed: %s; tried again for a day", ping->hub,
                 ping->account, why);
    ping->due = now + policy_backoff(ping->hub, ping->tries++, FIRST_AGAIN, LONGEST_AGAIN);
}

static void took(struct ping *ping)
{
    ping->ended = ++ping->topic == TOPICS;
}

static void answered(struct ping *ping, int status)
{
    const char *why = arena_printf(ping->arena, "it answered HTTP %d", status);

    if (status >= 200 && status <= 299)
        took(ping);
    else if (status >= 500 || status == 408 || status == 429)
        try_again(ping, why);
    else
        give_up(ping, why);
}

static void exchange_ended(void *context, const struct http_result *result)
{
    struct ping *ping = context;

    ping->flying = false;
    if (result->ok)
        answered(ping, result->response.status);
    else if (result->barred)
        give_up(ping, result->error);
    else
        try_again(ping, result->error);
    pend(ping->hubs);
}

static const char *topic_of(const struct ping *ping, const struct account *account)
{
    struct syndication_feed feed;

    feed_describe(account, NULL, ping->arena, &feed);
    return ping->topic == 0 ? feed.atom_url : feed.json_url;
}

static void send_ping(struct ping *ping)
{
    struct hubs *hubs = ping->hubs;
    const struct settings_account *account = settings_account(hubs->settings, ping->account);
    const struct http_options options = http_options_of(hubs->settings);
    struct request request = {.method = "POST", .url = ping->hub, .timeout = PATIENCE};
    struct error err = {""};

    if (ping->arena != NULL)
        arena_free(ping->arena);
    ping->arena = arena_new();
    driver_form_body(
        &request, ping->arena,
        (struct driver_pair[]){{"hub.mode", "publish"}, {"hub.url", topic_of(ping, &account->account)}}, 2);
    ping->flying = http_send(hubs->http, &request, &options, ping->arena, exchange_ended, ping, &err);
    if (!ping->flying)
        give_up(ping, err.message);
}

/* ---- a turn ---- */

static unsigned flying(const struct hubs *hubs)
{
    unsigned count = 0;

    for (const struct ping *ping = hubs->pings; ping != NULL; ping = ping->next)
        count += ping->flying;
    return count;
}

/* From the first feed on. A hub that does not work keeps its time. */
static void begin_again(struct ping *ping, instant now)
{
    if (ping->ended) {
        ping->tries = 0;
        ping->due = now;
    }
    ping->again = ping->ended = false;
    ping->topic = 0;
}

/* It is stored. */
static void end(struct ping *ping)
{
    if (!ping->ended)
        return;
    ping->wanted = false;
    if (ping->topic == TOPICS)
        log_info("hub told account=%s hub=\"%s\"", ping->account, ping->hub);
}

/* Of those that ended while the feed stayed as it was the notes go, and they with them. */
static bool settle(struct hubs *hubs, struct error *err)
{
    bool any = false, ok;

    drop_unwanted(hubs);
    for (struct ping *ping = hubs->pings; ping != NULL; ping = ping->next) {
        if (ping->again && !ping->flying)
            begin_again(ping, loop_now(hubs->loop));
        any |= ping->ended;
    }
    if (!any)
        return true;
    ok = queue_begin(hubs->queue, err);
    for (struct ping *ping = hubs->pings; ok && ping != NULL; ping = ping->next) {
        if (ping->ended && !take_from_note(hubs, ping, err)) {
            queue_rollback(hubs->queue);
            ok = false;
        }
    }
    ok = ok && queue_commit(hubs->queue, err);
    for (struct ping *ping = hubs->pings; ok && ping != NULL; ping = ping->next)
        end(ping);
    drop_unwanted(hubs);
    return ok;
}

static void start_due(struct hubs *hubs)
{
    instant now = loop_now(hubs->loop), next = INSTANT_NEVER;

    for (struct ping *ping = hubs->pings; ping != NULL; ping = ping->next) {
        if (ping->flying || ping->ended || hubs->stopped)
            continue;
        if (ping->due <= now && flying(hubs) < MOST_FLYING)
            send_ping(ping);
        else if (ping->due > now && ping->due < next)
            next = ping->due;
        if (ping->ended)
            pend(hubs);
    }
    timer_at(hubs->timer, next);
}

static void turn_ended(void *context)
{
    struct hubs *hubs = context;
    struct error err = {""};

    if (!hubs->pending && !hubs->changed)
        return;
    if (hubs->changed)
        read_notes(hubs);
    hubs->pending = hubs->changed = false;
    if (settle(hubs, &err)) {
        start_due(hubs);
        return;
    }
    log_warn("which hubs were told could not be stored: %s", err.message);
    timer_at(hubs->timer, loop_now(hubs->loop) + QUEUE_AGAIN);
}

static void timer_fired(void *context)
{
    ((struct hubs *)context)->pending = true;
}

static void nothing_to_do(void *context)
{
    (void)context; /* the turn that this timer makes has its end */
}

void hubs_use(struct hubs *hubs, const struct settings *settings)
{
    hubs->settings = settings;
    hubs->changed = true;
    pend(hubs);
}

void hubs_stop(struct hubs *hubs)
{
    hubs->stopped = true;
}

struct hubs *hubs_new(struct loop *loop, struct queue *queue, struct http *http)
{
    struct hubs *hubs = xmalloc(sizeof *hubs);

    *hubs = (struct hubs){.loop = loop, .queue = queue, .http = http};
    hubs->timer = loop_timer(loop, timer_fired, hubs);
    hubs->kick = loop_timer(loop, nothing_to_do, hubs);
    loop_on_turn_end(loop, turn_ended,
                     hubs); /* its turn ends after the publisher's, which writes the notes */
    return hubs;
}

void hubs_free(struct hubs *hubs)
{
    if (hubs == NULL)
        return;
    while (hubs->pings != NULL) {
        struct ping *ping = hubs->pings;

        hubs->pings = ping->next;
        ping_free(ping);
    }
    timer_free(hubs->timer);
    timer_free(hubs->kick);
    free(hubs);
}
