/*
 * See teller.h. Knows rows and hooks, and not what is worth telling. A telling goes: rows (or memory) → one JSON
 * text → command and webhook side by side → rows again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "publish/command.h"
#include "publish/policy.h"
#include "publish/teller.h"

#define PATIENCE SECONDS(30)
#define FIRST_AGAIN SECONDS(5)
#define LONGEST_AGAIN HOURS(1)
#define QUEUE_AGAIN SECONDS(10) /* after the database failed */

enum { MOST_FLYING = 4, ROWS_A_LOOK = 200, KEY_DIGITS = 32, FROM_MEMORY = 4, TRIES_TOLD = 3 };

static const char hook_note[] = "on_failure";
static const char search_path[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct said { /* what is told from memory: one of each kind at most */
    enum alert_kind kind;
    char *message; /* NULL: all is well */
    int episode;   /* how manieth */
    bool flying;
    char key[KEY_DIGITS + 1];
    struct alert alert; /* row 0 */
};

struct telling {
    struct telling *next;
    struct teller *teller;
    struct arena *arena;
    struct alert *alerts; /* the first, and its others */
    size_t count;
    const char *text;  /* JSON */
    struct said *said; /* where it comes from, or NULL */
    int episode;
    bool flying[ALERT_WAYS];
    struct command *command;
};

struct teller {
    struct loop *loop;
    struct queue *queue;
    struct http *http;
    const struct settings *settings; /* NULL: not known yet */
    struct telling *tellings;
    struct said said[FROM_MEMORY];
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

/* ---- the hook ---- */

static bool has_way(const struct teller *teller, enum alert_way way)
{
    const struct failure_hook *hook = teller->settings ? &teller->settings->on_failure : NULL;

    return hook != NULL && (way == ALERT_COMMAND ? hook->command != NULL : hook->webhook != NULL);
}

static bool has_hook(const struct teller *teller)
{
    return has_way(teller, ALERT_COMMAND) || has_way(teller, ALERT_WEBHOOK);
}

static bool flies(const struct telling *telling)
{
    return telling->flying[ALERT_COMMAND] || telling->flying[ALERT_WEBHOOK];
}

size_t teller_in_flight(const struct teller *teller)
{
    size_t count = 0;

    for (const struct telling *telling = teller->tellings; telling != NULL; telling = telling->next)
        count++;
    return count;
}

/* ---- one way's end ---- */

static const char *name_of(const struct telling *telling)
{
    const char *delivery = json_text(telling->alerts[0].body, "delivery");
    const char *account = telling->alerts[0].account;

    return delivery ? delivery : account ? account : "";
}

static void log_end(const struct telling *telling, enum alert_way way, bool ok, const char *message)
{
    struct buf line = {0};

    log_add(&line, "event", telling->alerts[0].kind);
    log_add(&line, "about", name_of(telling));
    log_add(&line, "others", telling->count > 1 ? "yes" : "no");
    if (ok)
        log_info("told on_failure %s%s", alert_way_name(way), buf_text(&line));
    else
        log_warn("on_failure %s did not take it, it is told again later: %s%s", alert_way_name(way), message,
                 buf_text(&line));
    buf_release(&line);
}

static void note_failure(struct teller *teller, enum alert_way way, const char *message)
{
    free(teller->failed[way]);
    teller->failed[way] = message ? xstrdup(message) : NULL;
}

static void way_ended(struct telling *telling, enum alert_way way, bool ok, const char *message)
{
    telling->flying[way] = false;
    note_failure(telling->teller, way, ok ? NULL : message);
    for (size_t i = 0; i < telling->count; i++)
        telling->alerts[i].took[way] |= ok;
    log_end(telling, way, ok, message);
    if (!flies(telling))
        pend(telling->teller);
}

/* ---- the command ---- */

static void command_ended(void *context, const struct command_end *end)
{
    struct telling *telling = context;

    telling->command = NULL;
    way_ended(telling, ALERT_COMMAND, end->ok, end->message);
}

static bool start_command(struct telling *telling, struct error *err)
{
    struct teller *teller = telling->teller;
    const char *delivery = json_text(telling->alerts[0].body, "delivery");
    const char *environment[] = {
        search_path,
        arena_printf(telling->arena, "CALD_EVENT=%s", telling->alerts[0].kind),
        delivery ? arena_printf(telling->arena, "CALD_DELIVERY=%s", delivery) : NULL,
        NULL,
    };

    telling->command = command_run(teller->loop, teller->settings->on_failure.command, environment,
                                   telling->text, strlen(telling->text), PATIENCE, command_ended, telling, err);
    return telling->command != NULL;
}

/* ---- the webhook ---- */

static void webhook_ended(void *context, const struct http_result *result)
{
    struct telling *telling = context;
    int status = result->ok ? result->response.status : 0;
    bool ok = status >= 200 && status <= 299;
    const char *message =
        result->ok ? arena_printf(telling->arena, "it answered HTTP %d", status) : result->error;

    way_ended(telling, ALERT_WEBHOOK, ok, message);
}

static bool start_webhook(struct telling *telling, struct error *err)
{
    const struct settings *settings = telling->teller->settings;
    const struct failure_hook *hook = &settings->on_failure;
    const struct http_options options = http_options_of(settings);
    struct request request = {.method = "POST",
                              .url = hook->webhook,
                              .body = telling->text,
                              .body_length = strlen(telling->text),
                              .timeout = PATIENCE};

    request_header(&request, telling->arena, "Content-Type", "application/json");
    request_header(&request, telling->arena, "Idempotency-Key", "%s", telling->alerts[0].key);
    if (hook->token != NULL)
        request_header(&request, telling->arena, "Authorization", "Bearer %s", hook->token);
    return http_send(telling->teller->http, &request, &options, telling->arena, webhook_ended, telling, err);
}

static bool (*const starts[ALERT_WAYS])(struct telling *telling, struct error *err) = {
    [ALERT_COMMAND] = start_command, [ALERT_WEBHOOK] = start_webhook};

/* ---- a telling ---- */

static json_t *alert_json(const struct alert *alert)
{
    json_t *json = json_deep_copy(alert->body);
    char at[INSTANT_TEXT];

    json_set_text(json, "id", alert->key);
    json_set_text(json, "at", instant_format(alert->at, at, sizeof at));
    return json;
}

static const char *text_of(const struct telling *telling)
{
    json_t *json = alert_json(&telling->alerts[0]), *others = json_array();
    const char *kept;
    char *text;

    for (size_t i = 1; i < telling->count; i++)
        json_array_append_new(others, alert_json(&telling->alerts[i]));
    json_set(json, "others", others);
    text = json_print(json);
    kept = arena_printf(telling->arena, "%s\n", text);
    free(text);
    json_decref(json);
    return kept;
}

static struct telling *telling_new(struct teller *teller)
{
    struct arena *arena = arena_new();
    struct telling *telling = arena_new_of(arena, struct telling);

    *telling = (struct telling){.next = teller->tellings, .teller = teller, .arena = arena};
    teller->tellings = telling;
    return telling;
}

/* Rows are read into an arena that ends with the look. */
static void add_alert(struct telling *telling, const struct alert *alert)
{
    struct alert *own = arena_push(telling->arena, telling->alerts, telling->count);

    *own = *alert;
    own->key = arena_strdup(telling->arena, alert->key);
    own->kind = arena_strdup(telling->arena, alert->kind);
    own->account = arena_strdup(telling->arena, alert->account);
    own->body = json_in_arena(telling->arena, json_deep_copy(alert->body));
}

static void start(struct telling *telling)
{
    struct error err = {0};

    telling->text = text_of(telling);
#ifdef CALD_MUTANT_TOLD_TOO_SOON
    for (size_t i = 0; i < telling->count; i++) {
        struct alert told = telling->alerts[i];

        told.told = loop_now(telling->teller->loop);
        queue_alert_settle(telling->teller->queue, &told, &err);
    }
#endif
    for (int way = 0; way < ALERT_WAYS; way++)
        telling->flying[way] = has_way(telling->teller, way) && !telling->alerts[0].took[way];
    for (int way = 0; way < ALERT_WAYS; way++) {
        if (telling->flying[way] && !starts[way](telling, &err))
            way_ended(telling, way, false, err.message);
    }
    if (!flies(telling))
        pend(telling->teller); /* also what only a way had to take that is no more */
}

/* ---- what is to be told ---- */

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
        telling = telling_new(teller);
        for (size_t k = i; k < count; k++) {
            if (belong_together(&alerts[i], &alerts[k]) && !is_told_now(teller, alerts[k].row))
                add_alert(telling, &alerts[k]);
        }
        start(telling);
    }
}

static bool look_at_rows(struct teller *teller, struct error *err)
{
    struct arena *arena = arena_new();
    struct alert *alerts;
    size_t count = 0;
    bool ok = queue_alerts_due(teller->queue, loop_now(teller->loop), ROWS_A_LOOK, arena, &alerts, &count, err);

    if (ok)
        tell_rows(teller, alerts, count);
    arena_free(arena);
    return ok;
}

static bool is_untold(const struct said *said)
{
    return said->message != NULL && !said->flying && said->alert.told == 0;
}

static void look_at_memory(struct teller *teller)
{
    for (int i = 0; i < FROM_MEMORY && has_room(teller); i++) {
        struct said *said = &teller->said[i];
        struct telling *telling;
        json_t *body;

        if (!is_untold(said) || said->alert.due > loop_now(teller->loop))
            continue;
        telling = telling_new(teller);
        telling->said = said;
        telling->episode = said->episode;
        said->flying = true;
        body = alert_body(said->kind, said->message);
        said->alert.body = body;
        add_alert(telling, &said->alert);
        said->alert.body = NULL;
        json_decref(body);
        start(telling);
    }
}

/* ---- what became of it ---- */

static void judge(const struct telling *telling, struct alert *alert)
{
    struct teller *teller = telling->teller;
    instant now = loop_now(teller->loop);
    bool all = true;

    for (int way = 0; way < ALERT_WAYS; way++)
        all &= alert->took[way] || !has_way(teller, way);
    if (all)
        alert->told = now;
    else
        alert->due = now + policy_backoff(telling->alerts[0].key, alert->tries++, FIRST_AGAIN, LONGEST_AGAIN);
}

static void settle_memory(const struct telling *telling)
{
    struct said *said = telling->said;

    said->flying = false;
    if (said->episode != telling->episode)
        return;
    said->alert.told = telling->alerts[0].told;
    said->alert.tries = telling->alerts[0].tries;
    said->alert.due = telling->alerts[0].due;
    memcpy(said->alert.took, telling->alerts[0].took, sizeof said->alert.took);
}

static bool settle_rows(struct telling *telling, struct error *err)
{
#ifdef CALD_MUTANT_TELL_AGAIN
    return true;
#endif
    for (size_t i = 0; i < telling->count; i++) {
        struct alert after = telling->alerts[i];

        judge(telling, &after);
        if (!queue_alert_settle(telling->teller->queue, &after, err))
            return false;
    }
    return true;
}

static bool write_ends(struct teller *teller, struct error *err)
{
    for (struct telling *telling = teller->tellings; telling != NULL; telling = telling->next) {
        if (!flies(telling) && telling->said == NULL && !settle_rows(telling, err))
            return false;
    }
    return true;
}

static void telling_free(struct telling *telling)
{
    command_abandon(telling->command);
    arena_free(telling->arena);
}

/* Those not written stay, and are neither told again nor forgotten. */
static void drop_ended(struct teller *teller, bool written)
{
    struct telling **link = &teller->tellings;

    while (*link != NULL) {
        struct telling *telling = *link;

        if (flies(telling) || (telling->said == NULL && !written)) {
            link = &telling->next;
            continue;
        }
        if (telling->said != NULL) {
            judge(telling, &telling->alerts[0]);
            settle_memory(telling);
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
        if (!flies(telling) && telling->said == NULL)
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

    for (int i = 0; i < FROM_MEMORY; i++) {
        if (is_untold(&teller->said[i]) && teller->said[i].alert.due > now && teller->said[i].alert.due < next)
            next = teller->said[i].alert.due;
    }
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
        log_warn("what the on_failure hook was told, or is to be told, waits for the database: %s", err.message);
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

static void add_memory(const struct teller *teller, struct alert_backlog *backlog)
{
    for (int i = 0; i < FROM_MEMORY; i++) {
        const struct said *said = &teller->said[i];

        if (said->message == NULL || said->alert.told != 0)
            continue;
        if (backlog->count++ == 0 || said->alert.at < backlog->since)
            backlog->since = said->alert.at;
        if (said->alert.tries > backlog->tries)
            backlog->tries = said->alert.tries;
    }
}

/* "the command (ended with 1) and the webhook (it answered HTTP 500)" */
static const char *failed_ways(const struct teller *teller, struct arena *arena)
{
    const char *ways = "";

    for (int way = 0; way < ALERT_WAYS; way++) {
        if (has_way(teller, way) && teller->failed[way] != NULL)
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
    add_memory(teller, &backlog);
    ways = failed_ways(teller, arena);
    if (backlog.count == 0 || backlog.tries < TRIES_TOLD || !*ways)
        return NULL;
    duration_format(loop_now(teller->loop) - backlog.since, since, sizeof since);
    return arena_printf(
        arena, "%zu alert%s not told, for %s now: %s did not take it, tried %d times; see 'calctl alerts'",
        backlog.count, backlog.count == 1 ? " is" : "s are", since, ways, backlog.tries);
}

/* ---- from outside ---- */

static struct said *said_of(struct teller *teller, enum alert_kind kind)
{
    for (int i = 0; i < FROM_MEMORY; i++) {
        if (teller->said[i].kind == kind)
            return &teller->said[i];
    }
    bug("'%s' is not told from memory", alert_kind_name(kind));
}

void teller_say(struct teller *teller, enum alert_kind kind, const char *message)
{
    struct said *said = said_of(teller, kind);
    instant now = loop_now(teller->loop);

    if (said->message != NULL)
        return;
    said->message = xstrdup(message);
    said->episode++;
    random_hex(said->key, KEY_DIGITS);
    said->alert = (struct alert){.key = said->key, .kind = alert_kind_name(kind), .at = now, .due = now};
    pend(teller);
}

void teller_well(struct teller *teller, enum alert_kind kind)
{
    struct said *said = said_of(teller, kind);

    free(said->message);
    said->message = NULL;
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

    return queue_alerts_next(teller->queue, now) == INSTANT_NEVER || queue_alerts_hasten(teller->queue, now, err);
}

void teller_use(struct teller *teller, const struct settings *settings)
{
    struct error err = {0};

    teller->settings = settings;
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
        .http = http,
        .said = {{.kind = ALERT_DATABASE}, {.kind = ALERT_CLOCK}, {.kind = ALERT_RESTORED},
                 {.kind = ALERT_DISK}},
        .ended = ended,
        .context = context,
    };
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
    for (int i = 0; i < FROM_MEMORY; i++)
        free(teller->said[i].message);
    for (int way = 0; way < ALERT_WAYS; way++)
        note_failure(teller, way, NULL);
    timer_free(teller->timer);
    timer_free(teller->kick);
    free(teller);
}
