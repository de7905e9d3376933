/* What must be remembered of accounts: pauses, brakes, failures. Knows no account that never had a delivery.
 */
#include <string.h>

#include "queue/inside.h"

/* ---- what is known ---- */

enum { KNOWN_MOST = 256 }; /* of more, each question reads the row */

void accounts_forget(struct queue *queue)
{
    arena_free(queue->accounts.known.arena);
    queue->accounts = (struct accounts){0};
}

static struct account_status *find_known(const struct queue *queue, const char *name)
{
    return index_get(&queue->accounts.known, name);
}

static struct account_status copy(const struct account_status *status, struct arena *arena)
{
    struct account_status own = *status;
    own.name = arena_strdup(arena, status->name);
    own.paused_why = arena_strdup(arena, status->paused_why);
    own.brake_why = arena_strdup(arena, status->brake_why);
    return own;
}

static void remember(struct queue *queue, const struct account_status *status)
{
    struct index *known = &queue->accounts.known;
    if (known->count == KNOWN_MOST)
        return;
    if (!known->arena)
        known->arena = arena_new();
    struct account_status *own = arena_new_of(known->arena, struct account_status);
    *own = copy(status, known->arena);
    index_put(known, own->name, own);
}

/* ---- reading ---- */

static bool read_account(struct queue *queue, const char *name, struct arena *arena,
                         struct account_status *ret_status, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT paused, paused_why, braked_until, brake_why, reconnect, failures,"
                                   " last_published FROM account WHERE name = ?",
                                   "t", name);
    struct account_status status = {.name = arena_strdup(arena, name)};
    if (query_next(query)) {
        status.paused = query_integer(query, 0);
        status.paused_why = query_text(query, 1, arena);
        status.braked_until = query_integer(query, 2);
        status.brake_why = query_text(query, 3, arena);
        status.reconnect = query_integer(query, 4);
        status.failures = (int)query_integer(query, 5);
        status.last_published = query_integer(query, 6);
    }
    if (!query_end(query, err))
        return false;
    *ret_status = status;
    return true;
}

/* Asked more than once for each post, and changed once. */
bool queue_account(struct queue *queue, const char *name, struct arena *arena,
                   struct account_status *ret_status, struct error *err)
{
    const struct account_status *known = find_known(queue, name);
    if (known) {
        *ret_status = copy(known, arena);
        return true;
    }
    if (!read_account(queue, name, arena, ret_status, err))
        return false;
    remember(queue, ret_status);
    return true;
}

/* ---- writing ---- */

void account_note_published(struct queue *queue, const char *name, instant now)
{
    struct account_status *known = find_known(queue, name);
    if (known && known->last_published < now)
        known->last_published = now;
    tally_published(queue, name, now);
}

static const char *account_state(const struct account_status *status)
{
    return status->paused ? "paused" : status->reconnect ? "disconnected" : "running";
}

static bool write_account(struct queue *queue, const struct account_status *status, struct error *err)
{
    accounts_forget(queue);
    return db_run(
        queue->db, err,
        "INSERT INTO account (name, paused, paused_why, braked_until, brake_why, reconnect, failures,"
        " last_published) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " paused = excluded.paused, paused_why = excluded.paused_why, braked_until = excluded.braked_until,"
        " brake_why = excluded.brake_why, reconnect = excluded.reconnect, failures = excluded.failures,"
        " last_published = CASE WHEN account.last_published < excluded.last_published"
        " THEN excluded.last_published ELSE account.last_published END",
        "tdtitddi", status->name, status->paused, status->paused_why, status->braked_until, status->brake_why,
        status->reconnect, status->failures, status->last_published);
}

/* Brakes come and go by themselves; only what a person must know is history. */
static bool record(struct queue *queue, const struct account_status *was, const struct account_status *is,
                   const char *who, instant now, struct error *err)
{
    const char *from = account_state(was), *to = account_state(is);
    if (!strcmp(from, to))
        return true;
    struct audit_entry entry = {
        .kind = AUDIT_ACCOUNT,
        .who = who,
        .account = is->name,
        .from = from,
        .to = to,
        .why = is->paused ? is->paused_why : is->brake_why,
    };
    return history_add(queue, 0, &entry, now, err);
}

bool queue_set_account(struct queue *queue, const struct account_status *status, const char *who, instant now,
                       struct error *err)
{
    struct arena *arena = arena_new();
    struct account_status was;
    bool ok = queue_account(queue, status->name, arena, &was, err) && queue_begin(queue, err);
    if (ok) {
        ok = write_account(queue, status, err) && record(queue, &was, status, who, now, err);
        ok = queue_finish(queue, ok, err);
    }
    arena_free(arena);
    return ok;
}
