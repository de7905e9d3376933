/* Reading deliveries: one, those that are due, those that were interrupted, how many there are. */
#include "base/log.h"
#include "queue/inside.h"

struct delivery *queue_get(struct queue *queue, const char *post_id, const char *account, struct arena *arena,
                           struct error *err)
{
    struct query *query =
        db_query(queue->db, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE post_id = ? AND account = ?",
                 "tt", post_id, account);
    struct delivery **deliveries;
    size_t count;
    if (!delivery_read_all(query, arena, &deliveries, &count, err))
        return NULL;
    if (count)
        return deliveries[0];
    fail(err, "no delivery '%s/%s'", post_id, account);
    return NULL;
}

struct delivery *queue_get_row(struct queue *queue, int64_t row, struct arena *arena, struct error *err)
{
    struct query *query = db_query(queue->db, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id = ?", "i", row);
    struct delivery **deliveries;
    size_t count;
    if (!delivery_read_all(query, arena, &deliveries, &count, err))
        return NULL;
    if (count)
        return deliveries[0];
    fail(err, "no delivery with row %lld", (long long)row);
    return NULL;
}

bool queue_version(struct queue *queue, int64_t row, int64_t *ret_version, struct error *err)
{
    struct query *query = db_query(queue->db, "SELECT version FROM delivery WHERE id = ?", "i", row);
    bool found = query_next(query);
    if (found)
        *ret_version = query_integer(query, 0);
    return query_end(query, err) && (found || fail(err, "no delivery with row %lld", (long long)row));
}

/* The rows of the query are a state and how many have it. */
static bool read_counts(struct query *query, size_t ret_counts[STATE_COUNT], struct error *err)
{
    size_t counts[STATE_COUNT] = {0};
    enum state state;
    while (query_next(query))
        if (state_parse(query_peek(query, 0), &state))
            counts[state] = (size_t)query_integer(query, 1);
    if (!query_end(query, err))
        return false;
    for (int i = 0; i < STATE_COUNT; i++)
        ret_counts[i] = counts[i];
    return true;
}

bool queue_counts(struct queue *queue, size_t ret_counts[STATE_COUNT], struct error *err)
{
    struct query *query = db_query(queue->db, "SELECT state, count(*) FROM delivery GROUP BY state", "");
    return read_counts(query, ret_counts, err);
}

bool queue_account_counts(struct queue *queue, const char *account, size_t ret_counts[STATE_COUNT],
                          struct error *err)
{
    struct query *query = db_query(
        queue->db, "SELECT state, count(*) FROM delivery WHERE account = ? GROUP BY state", "t", account);
    return read_counts(query, ret_counts, err);
}

/*
 * Both look through the accounts, which are few, and go into delivery_due for each: an account that is paused
 * with thousands of overdue deliveries costs nothing. CROSS JOIN keeps SQLite to this order. Accounts without
 * anything due have no smallest 'due'.
 */
#define OPEN_ACCOUNTS " FROM account everyone CROSS JOIN account a"
#define NOT_PAUSED " WHERE everyone.name = '*' AND everyone.paused = 0 AND a.paused = 0"
#define CAN_BE_DUE "d.state IN ('ready', 'waiting')" /* word for word the condition of the index */

const char queue_next_due_sql[] =
    "SELECT MIN(CASE WHEN due < brake THEN brake ELSE due END) FROM (SELECT"
    " (SELECT MIN(d.due) FROM delivery d WHERE d.account = a.name AND " CAN_BE_DUE ") AS due,"
    " CASE WHEN a.braked_until < everyone.braked_until THEN everyone.braked_until ELSE a.braked_until END AS "
    "brake" OPEN_ACCOUNTS NOT_PAUSED ") AS accounts WHERE due IS NOT NULL";

const char queue_due_sql[] =
    "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id IN (SELECT d.id" OPEN_ACCOUNTS
    " CROSS JOIN delivery d" NOT_PAUSED " AND everyone.braked_until <= ? AND a.braked_until <= ?"
    " AND d.account = a.name AND " CAN_BE_DUE " AND d.due <= ?"
    " ORDER BY d.slot, d.post_id, d.account LIMIT ?) ORDER BY slot, post_id, account";

instant queue_next_due(struct queue *queue)
{
    struct error err;
    struct query *query = db_query(queue->db, queue_next_due_sql, "");
    bool some = query_next(query) && !query_is_null(query, 0);
    instant due = some ? query_integer(query, 0) : INSTANT_NEVER;
    if (query_end(query, &err))
        return due;
    log_error("cannot tell what is due next: %s", err.message);
    return INSTANT_NEVER;
}

bool queue_due(struct queue *queue, instant now, instant until, size_t limit, struct arena *arena,
               struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db, queue_due_sql, "iiii", now, now, until, (int64_t)limit);
    return delivery_read_all(query, arena, ret_deliveries, ret_count, err);
}

bool queue_interrupted(struct queue *queue, struct arena *arena, struct delivery ***ret_deliveries,
                       size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT " DELIVERY_COLUMNS
                                   " FROM delivery WHERE state = 'sending' ORDER BY slot, post_id, account",
                                   "");
    return delivery_read_all(query, arena, ret_deliveries, ret_count, err);
}
