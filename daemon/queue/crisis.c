/* See crisis.h. Knows the rows, not what the publisher or a person makes of them. */
#include <string.h>

#include "queue/crisis.h"
#include "queue/inside.h"

/* ---- whether there is one ---- */

static bool exists(struct queue *queue, const char *sql, const char *format, const char *name)
{
    struct query *query = name ? db_query(queue->db, sql, format, name) : db_query(queue->db, sql, "");
    bool found = query_next(query);
    return !query_end(query, NULL) || found;
}

/* Kept in memory: it is asked before each request that leaves. queue_rollback forgets it. */
static bool is_quiet(struct queue *queue)
{
    if (queue->calm == CALM_UNKNOWN)
        queue->calm = exists(queue, "SELECT 1 FROM crisis LIMIT 1", "", NULL) ? CALM_NO : CALM_YES;
    return queue->calm == CALM_YES;
}

bool queue_in_crisis(struct queue *queue, const char *account)
{
    return !is_quiet(queue) && exists(queue, "SELECT 1 FROM crisis WHERE account IN ('*', ?)", "t", account);
}

bool queue_may_leave(struct queue *queue, const struct delivery *delivery)
{
    if (!queue_in_crisis(queue, delivery->account))
        return true;
    struct query *query =
        db_query(queue->db, "SELECT released FROM delivery WHERE id = ?", "i", delivery->row);
    bool released = query_next(query) && query_integer(query, 0) > 0;
    return query_end(query, NULL) && released;
}

bool queue_may_say(struct queue *queue, const char *account, instant asked)
{
    if (is_quiet(queue))
        return true;
    struct query *query = db_query(queue->db, "SELECT 1 FROM crisis WHERE account IN ('*', ?) AND since > ?",
                                   "ti", account, asked);
    bool later = query_next(query);
    return query_end(query, NULL) && !later;
}

bool queue_crises(struct queue *queue, struct arena *arena, struct crisis **ret_crises, size_t *ret_count,
                  struct error *err)
{
    struct query *query =
        db_query(queue->db, "SELECT account, since, who, why FROM crisis ORDER BY account", "");
    struct crisis *crises = NULL;
    size_t count = 0;
    while (query_next(query))
        *arena_push(arena, crises, count) = (struct crisis){
            .account = query_text(query, 0, arena),
            .since = query_integer(query, 1),
            .who = query_text(query, 2, arena),
            .why = query_text(query, 3, arena),
        };
    if (!query_end(query, err))
        return false;
    *ret_crises = crises;
    *ret_count = count;
    return true;
}

/* ---- starting and ending ---- */

static bool record(struct queue *queue, const char *account, const char *who, const char *why, bool starts,
                   instant now, struct error *err)
{
    struct audit_entry entry = {
        .kind = AUDIT_CRISIS,
        .who = who,
        .account = account,
        .from = starts ? "running" : "crisis",
        .to = starts ? "crisis" : "running",
        .why = why,
    };
    note_crisis(queue, account, starts, now);
    return history_add(queue, 0, &entry, now, err);
}

static bool has_own(struct queue *queue, const char *account)
{
    return !is_quiet(queue) && exists(queue, "SELECT 1 FROM crisis WHERE account = ?", "t", account);
}

static bool write_start(struct queue *queue, const struct crisis *crisis, instant now, struct error *err)
{
    queue->calm = CALM_UNKNOWN;
    return db_run(queue->db, err, "INSERT INTO crisis (account, since, who, why) VALUES (?, ?, ?, ?)", "titt",
                  crisis->account, now, crisis->who, crisis->why) &&
           record(queue, crisis->account, crisis->who, crisis->why, true, now, err);
}

bool queue_crisis_start(struct queue *queue, const struct crisis *crisis, instant now, struct error *err)
{
    if (has_own(queue, crisis->account))
        return fail(err, "there is a crisis already%s%s", strcmp(crisis->account, "*") ? " for " : "",
                    strcmp(crisis->account, "*") ? crisis->account : "");
    return queue_begin(queue, err) && queue_finish(queue, write_start(queue, crisis, now, err), err);
}

static bool write_end(struct queue *queue, const char *account, const char *who, const char *why, instant now,
                      struct error *err)
{
    queue->calm = CALM_UNKNOWN;
    return db_run(queue->db, err, "DELETE FROM crisis WHERE account = ?", "t", account) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET released = 0 WHERE released > 0 AND NOT EXISTS"
                  " (SELECT 1 FROM crisis c WHERE c.account IN ('*', delivery.account))",
                  "") &&
           record(queue, account, who, why, false, now, err);
}

bool queue_crisis_end(struct queue *queue, const char *account, const char *who, const char *why, instant now,
                      struct error *err)
{
    if (!has_own(queue, account))
        return fail(err, "there is no crisis%s%s", strcmp(account, "*") ? " for " : "",
                    strcmp(account, "*") ? account : "");
    return queue_begin(queue, err) && queue_finish(queue, write_end(queue, account, who, why, now, err), err);
}
