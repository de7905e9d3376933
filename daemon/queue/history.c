/* What happened to deliveries and accounts: rows that are written once and never changed. */
#include "queue/inside.h"

enum { HISTORY_DEFAULT = 1000, HISTORY_MOST = 10000 };

#define EVENTS                                                                                               \
    "SELECT h.at, COALESCE(d.post_id, ''), COALESCE(d.account, h.account), h.who, h.from_state, "            \
    "h.to_state, h.why"                                                                                      \
    " FROM history h LEFT JOIN delivery d ON d.id = h.delivery"

static struct query *start_history(struct queue *queue, const char *post_id, const char *account,
                                   int64_t limit)
{
    if (post_id && account)
        return db_query(queue->db,
                        EVENTS
                        " WHERE h.delivery = (SELECT id FROM delivery WHERE post_id = ? AND account = ?)"
                        " ORDER BY h.id DESC LIMIT ?",
                        "tti", post_id, account, limit);
    if (post_id)
        return db_query(queue->db,
                        EVENTS " WHERE h.delivery IN (SELECT id FROM delivery WHERE post_id = ?)"
                               " ORDER BY h.id DESC LIMIT ?",
                        "ti", post_id, limit);
    if (account)
        return db_query(queue->db,
                        EVENTS " WHERE COALESCE(d.account, h.account) = ? ORDER BY h.id DESC LIMIT ?", "ti",
                        account, limit);
    return db_query(queue->db, EVENTS " ORDER BY h.id DESC LIMIT ?", "i", limit);
}

static void turn_around(struct event *events, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct event other = events[i];
        events[i] = events[count - 1 - i];
        events[count - 1 - i] = other;
    }
}

bool queue_history(struct queue *queue, const char *post_id, const char *account, size_t limit,
                   struct arena *arena, struct event **ret_events, size_t *ret_count, struct error *err)
{
    struct event *events = NULL;
    size_t count = 0;
    limit = !limit ? HISTORY_DEFAULT : limit > HISTORY_MOST ? HISTORY_MOST : limit;
    struct query *query = start_history(queue, post_id, account, (int64_t)limit);
    while (query_next(query))
        *arena_push(arena, events, count) = (struct event){
            .at = query_integer(query, 0),
            .post_id = query_text(query, 1, arena),
            .account = query_text(query, 2, arena),
            .who = query_text(query, 3, arena),
            .from = query_text(query, 4, arena),
            .to = query_text(query, 5, arena),
            .why = query_text(query, 6, arena),
        };
    if (!query_end(query, err))
        return false;
    turn_around(events, count);
    *ret_events = events;
    *ret_count = count;
    return true;
}
