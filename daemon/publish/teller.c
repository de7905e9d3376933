/*
 * See teller.h. Knows what waits to be told, in rows and in memory, when, and what became of it; not what is
 * worth telling, nor how the hook is reached (telling.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "publish/policy.h"
#include "publish/said.h"
#include "publish/teller.h"
#include "publish/telling.h"

#define FIRST_AGAIN SECONDS(5)
#define LONGEST_AGAIN HOURS(1)
#define QUEUE_AGAIN SECONDS(10) /* after the database failed */

enum { MOST_FLYING = 4, ROWS_A_LOOK = 200, TRIES_TOLD = 3 };

static const char hook_note[] = "on_failure";

struct teller {
    struct loop *loop;
    struct queue *queue;
    struct telling_means means;
    struct telling *tellings;
    struct said_list said;
    struct timer *timer; /* of the next try */
    struct timer *kick;  /* makes a turn */
    uint64_t seen;       /* of queue_alerts_raised */
    bool pending, stopped, database_failed;
    char *failed[ALERT_WAYS]; /* why it took nothing the last time; NULL: it did, or was not asked yet */
    void (*ended)(void *context);
    void *context;
};

static void pend(struct teller *teller)
{
    teller->pending = true;
    timer_after(teller->kick, 0); /* also when no turn is running */
}

static bool has_hook(const struct teller *teller)
{
    return telling_has_way(&teller->means, ALERT_COMMAND) || telling_has_way(&teller->means, ALERT_WEBHOOK);
}

static void note_failure(struct teller *teller, enum alert_way way, const char *message)
{
    free(teller->failed[way]);
    teller->failed[way] = message ? xstrdup(message) : NULL;
}

static void way_ended(void *context, enum alert_way way, const char *failure)
{
    note_failure(context, way, failure);
}

static void telling_ended(void *context)
{
    pend(context);
}

size_t teller_in_flight(const struct teller *teller)
{
    size_t count = 0;

    for (const struct telling *telling = teller->tellings; telling != NULL; telling = telling->next)
        count++;
    return count;
}

/* ---- what is to be told ---- */

static struct telling *new_telling(struct teller *teller)
{
    return teller->tellings = telling_new(&teller->means, teller->tellings);
}

static void start(struct teller *teller, struct telling *telling)
{
#ifdef CALD_MUTANT_TOLD_TOO_SOON
    struct error err = {0};

    for (size_t i = 0; i < telling->count; i++) {
        struct alert told = telling->alerts[i];

        told.told = loop_now(teller->loop);
        queue_alert_settle(teller->queue, &told, &err);
    }
#endif
    (void)teller;
    telling_start(telling);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool belong_together(const struct alert *a, const struct alert *b)
{
    return same_text(a->kind, b->kind) && same_text(a->account, b->account) &&
           memcmp(a->took, b->took, sizeof a->took) == 0;
}

static bool is_told_now(const struct teller *teller, int64_t row)
{
    for (const struct telling *telling = teller->tellings; telling != NULL; telling = telling->next) {
        for (size_t i = 0; i < telling->count; i++) {
            if (telling->alerts[i].row == row)
                return true;
        }
    }
    return false;
}

static bool has_room(const struct teller *teller)
{
    return !teller->stopped && teller_in_flight(teller) < MOST_FLYING;
}

static void tell_rows(struct teller *teller, const struct alert *alerts, size_t count)
{
    for (size_t i = 0; i < count && has_room(teller); i++) {
        struct telling *telling;

        if (is_told_now(teller, alerts[i].row))
            continue;
        telling = new_telling(teller);
        for (size_t k = i; k < count; k++) {
            if (belong_together(&alerts[i], &alerts[k]) && !is_told_now(teller, alerts[k].row))
                telling_add(telling, &alerts[k]);
        }
        start(teller, telling);
    }
}

static bool look_at_rows(struct teller *teller, struct error *err)
{
    struct arena *arena = arena_new();
    struct alert *alerts;
    size_t count = 0;
    bool ok =
        queue_alerts_due(teller->queue, loop_now(teller->loop), ROWS_A_LOOK, arena, &alerts, &count, err);

    if (ok)
        tell_rows(teller, alerts, count);
    arena_free(arena);
    return ok;
}

static void look_at_memory(struct teller *teller)
{
    struct said *said;

    while (has_room(teller) && (said = said_due(&teller->said, loop_now(teller->loop))) != NULL) {
        struct telling *telling = new_telling(teller);
        struct alert alert = said->alert;
        json_t *body = alert_body(said->kind, said->message);

        telling->said = said;
        telling->episode = said->episode;
        said->flying = true;
        alert.body = body;
        telling_add(telling, &alert);
        json_decref(body);
        start(teller, telling);
    }
}

/* ---- what became of it ---- */

static void judge(const struct teller *teller, const struct telling *telling, struct alert *alert)
{
    instant now = loop_now(teller->loop);
    bool all = true;

    for (int way = 0; way < ALERT_WAYS; way++)
        all &= alert->took[way] || !telling_has_way(&teller->means, way);
    if (all)
        alert->told = now;
    else
        alert->due = now + policy_backoff(telling->alerts[0].key, alert->tries++, FIRST_AGAIN, LONGEST_AGAIN);
}

static bool settle_rows(struct teller *teller, const struct telling *telling, struct error *err)
{
#ifdef CALD_MUTANT_TELL_AGAIN
    return true;
#endif
    for (size_t i = 0; i < telling->count; i++) {
        struct alert after = telling->alerts[i];

        judge(teller, telling, &after);
        if (!queue_alert_settle(teller->queue, &after, err))
            return false;
    }
    return true;
}

static bool write_ends(struct teller *teller, struct error *err)
{
    for (struct telling *telling = teller->tellings; telling != NULL; telling = telling->next) {
        if (!telling_flies(telling) && telling->said == NULL && !settle_rows(teller, telling, err))
            return false;
    }
    return true;
}

/* Those not written stay, and are neither told again nor forgotten. */
static void drop_ended(struct teller *teller, bool written)
{
    struct telling **link = &teller->tellings;

    while (*link != NULL) {
        struct telling *telling = *link;

        if (telling_flies(telling) || (telling->said == NULL && !written)) {
            link = &telling->next;
            continue;
        }
        if (telling->said != NULL) {
            judge(teller, telling, &telling->alerts[0]);
            said_settle(telling->said, telling->episode, &telling->alerts[0]);
        }
        *link = telling->next;
        telling_free(telling);
        if (teller->ended != NULL)
            teller->ended(teller->context);
    }
}

static bool has_rows_to_write(const struct teller *teller)
{
    for (const struct telling *telling = teller->tellings; telling != NULL; telling = telling->next) {
        if (!telling_flies(telling) && telling->said == NULL)
            return true;
    }
    return false;
}

static bool settle(struct teller *teller, struct error *err)
{
    bool ok = true;

    if (has_rows_to_write(teller)) {
        ok = queue_begin(teller->queue, err);
        if (ok && !write_ends(teller, err)) {
            queue_rollback(teller->queue);
            ok = false;
        }
        ok = ok && queue_commit(teller->queue, err);
    }
    drop_ended(teller, ok);
    return ok;
}

/* ---- a turn ---- */

static void set_timer(struct teller *teller, bool database_ok)
{
    instant now = loop_now(teller->loop);
    instant next = database_ok ? queue_alerts_next(teller->queue, now) : now + QUEUE_AGAIN;

    if (said_next(&teller->said, now) < next)
        next = said_next(&teller->said, now);
    timer_at(teller->timer, teller->stopped ? INSTANT_NEVER : next);
}

static void work(struct teller *teller)
{
    struct error err = {0};
    bool ok;

    teller->pending = false;
    ok = settle(teller, &err);
    if (has_hook(teller)) {
        look_at_memory(teller);
        teller->seen = queue_alerts_raised(teller->queue);
        ok = ok && look_at_rows(teller, &err);
    }
    if (has_hook(teller) || !ok)
        set_timer(teller, ok);
    if (!ok && !teller->database_failed)
        log_warn("what the on_failure hook was told, or is to be told, waits for the database: %s",
                 err.message);
    teller->database_failed = !ok;
}

static void turn_ended(void *context)
{
    struct teller *teller = context;

    if (teller->pending || (has_hook(teller) && queue_alerts_raised(teller->queue) != teller->seen))
        work(teller);
}

static void timer_fired(void *context)
{
    struct teller *teller = context;

    teller->pending = true;
}

static void nothing_to_do(void *context)
{
    (void)context; /* the turn that this timer makes has its end */
}

/* ---- for who looks at the status ---- */

/* "the command (ended with 1) and the webhook (it answered HTTP 500)" */
static const char *failed_ways(const struct teller *teller, struct arena *arena)
{
    const char *ways = "";

    for (int way = 0; way < ALERT_WAYS; way++) {
        if (telling_has_way(&teller->means, way) && teller->failed[way] != NULL)
            ways = arena_printf(arena, "%s%sthe %s (%s)", ways, *ways ? " and " : "", alert_way_name(way),
                                teller->failed[way]);
    }
    return ways;
}

const char *teller_trouble(const struct teller *teller, struct arena *arena)
{
    struct alert_backlog backlog = {0};
    const char *ways;
    char since[32];

    if (!has_hook(teller) || !queue_alert_backlog(teller->queue, &backlog, NULL))
        return NULL;
    said_count(&teller->said, &backlog);
    ways = failed_ways(teller, arena);
    if (backlog.count == 0 || backlog.tries < TRIES_TOLD || !*ways)
        return NULL;
    duration_format(loop_now(teller->loop) - backlog.since, since, sizeof since);
    return arena_printf(
        arena, "%zu alert%s not told, for %s now: %s did not take it, tried %d times; see 'calctl alerts'",
        backlog.count, backlog.count == 1 ? " is" : "s are", since, ways, backlog.tries);
}

/* ---- from outside ---- */

void teller_say(struct teller *teller, enum alert_kind kind, const char *message)
{
    if (said_say(&teller->said, kind, message, loop_now(teller->loop)))
        pend(teller);
}

void teller_well(struct teller *teller, enum alert_kind kind)
{
    said_well(&teller->said, kind);
}

/* A hook that is named for the first time is not told the past. */
static bool note_hook(struct teller *teller, struct error *err)
{
    struct arena *arena = arena_new();
    bool had = queue_note(teller->queue, hook_note, arena) != NULL, has = has_hook(teller);
    bool ok = true;

    arena_free(arena);
    if (has == had)
        return true;
    if (!queue_begin(teller->queue, err))
        return false;
    if (has)
        ok = queue_alerts_drop(teller->queue, loop_now(teller->loop), err);
    ok = ok && queue_set_note(teller->queue, hook_note, has ? "named" : NULL, err);
    if (!ok)
        queue_rollback(teller->queue);
    return ok && queue_commit(teller->queue, err);
}

/* What the old hook did not take need not wait for its next time: the new one may be mended. */
static bool hasten(struct teller *teller, struct error *err)
{
    instant now = loop_now(teller->loop);

    return queue_alerts_next(teller->queue, now) == INSTANT_NEVER ||
           queue_alerts_hasten(teller->queue, now, err);
}

void teller_use(struct teller *teller, const struct settings *settings)
{
    struct error err = {0};

    teller->means.settings = settings;
    if (!note_hook(teller, &err) || (has_hook(teller) && !hasten(teller, &err)))
        log_warn("whether on_failure is new could not be stored: %s", err.message);
    pend(teller);
}

void teller_stop(struct teller *teller)
{
    teller->stopped = true;
}

struct teller *teller_new(struct loop *loop, struct queue *queue, struct http *http,
                          void (*ended)(void *context), void *context)
{
    struct teller *teller = xmalloc(sizeof *teller);

    *teller = (struct teller){
        .loop = loop,
        .queue = queue,
        .ended = ended,
        .context = context,
    };
    teller->means = (struct telling_means){
        .loop = loop, .http = http, .way_ended = way_ended, .ended = telling_ended, .context = teller};
    said_init(&teller->said);
    teller->timer = loop_timer(loop, timer_fired, teller);
    teller->kick = loop_timer(loop, nothing_to_do, teller);
    loop_on_turn_end(loop, turn_ended, teller);
    return teller;
}

void teller_free(struct teller *teller)
{
    if (teller == NULL)
        return;
    while (teller->tellings != NULL) {
        struct telling *telling = teller->tellings;

        teller->tellings = telling->next;
        telling_free(telling);
    }
    said_release(&teller->said);
    for (int way = 0; way < ALERT_WAYS; way++)
        note_failure(teller, way, NULL);
    timer_free(teller->timer);
    timer_free(teller->kick);
    free(teller);
}
