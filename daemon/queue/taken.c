/* What the planner must know of the queue: names, times and states, without any content. */
#include <stdlib.h>

#include "queue/inside.h"

/* What is final and old is not found, but for posts of slots: they must not get another time. */
static const char taken_sql[] =
    "SELECT post_id, account, slot_name, slot, coalesce(base_slot, slot), state, removed, "
    "content_hash "
    "FROM delivery WHERE slot >= ?1 "
    "UNION ALL "
    "SELECT post_id, account, slot_name, slot, coalesce(base_slot, slot), state, removed, "
    "content_hash "
    "FROM delivery WHERE slot < ?1 "
    "AND state IN ('draft', 'ready', 'held', 'waiting', 'sending', 'unsure') "
    "UNION ALL "
    "SELECT post_id, account, slot_name, slot, coalesce(base_slot, slot), state, removed, "
    "content_hash "
    "FROM delivery WHERE slot < ?1 "
    "AND state IN ('published', 'refused', 'missed', 'cancelled') "
    "AND slot_name IS NOT NULL AND origin = 'calendar' AND removed = 0";

bool queue_taken(struct queue *queue, instant from, struct arena *arena, struct taken **ret_taken,
                 size_t *ret_count, struct error *err)
{
    struct taken *taken = NULL;
    size_t count = 0;
    struct query *query = db_query(queue->db, taken_sql, "i", from);
    while (query_next(query)) {
        struct taken *t = arena_push(arena, taken, count);
        t->post_id = query_text(query, 0, arena);
        t->account = query_text(query, 1, arena);
        t->slot_name = query_text(query, 2, arena);
        t->slot = query_integer(query, 3);
        t->planned = query_integer(query, 4);
        if (!state_parse(query_peek(query, 5), &t->state))
            bug("state '%s' in the database", query_peek(query, 5)); /* the column's CHECK forbids it */
        t->removed = query_integer(query, 6);
        t->content_hash = query_text(query, 7, arena);
    }
    if (!query_end(query, err))
        return false;
    *ret_taken = taken;
    *ret_count = count;
    return true;
}
