/* Reading deliveries: one, an account's line, those that were interrupted. */
#include <string.h>

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

static struct query *query_post(struct queue *queue, const char *post_id)
{
    return db_query(queue->db, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE post_id = ? ORDER BY account",
                    "t", post_id);
}

bool queue_post(struct queue *queue, const char *post_id, struct arena *arena, struct delivery ***ret_deliveries,
                size_t *ret_count, struct error *err)
{
    return delivery_read_all(query_post(queue, post_id), arena, ret_deliveries, ret_count, err);
}

bool queue_has_post(struct queue *queue, const char *post_id)
{
    struct query *query = db_query(queue->db, "SELECT 1 FROM delivery WHERE post_id = ? LIMIT 1", "t", post_id);
    bool found = query_next(query);
    return query_end(query, NULL) && found;
}

static const struct content *content_of(const struct wanted *wanted, size_t count, const char *account)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(wanted[i].account, account))
            return wanted[i].content;
    return NULL;
}

bool queue_post_added(struct queue *queue, const struct wanted *wanted, size_t count, struct arena *arena,
                      struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    struct query *query = query_post(queue, wanted->post_id);
    struct delivery **deliveries = NULL;
    size_t found = 0;
    bool ok = true;
    while (ok && query_next(query)) {
        struct delivery *delivery = delivery_read_bare(query, arena, err);
        ok = delivery;
        if (ok) {
            delivery->content = content_of(wanted, count, delivery->account);
            *arena_push(arena, deliveries, found) = delivery;
        }
    }
    if (!query_end(query, ok ? err : NULL) || !ok)
        return false;
    *ret_deliveries = deliveries;
    *ret_count = found;
    return true;
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

#ifdef CALD_MUTANT_DISORDER
#define LINE_ORDER " ORDER BY slot DESC, post_id DESC"
#else
#define LINE_ORDER " ORDER BY slot, post_id"
#endif
#define LINE                                                                                                 \
    "SELECT id, slot, post_id FROM delivery"                                                                 \
    " WHERE account = ? AND state IN ('ready', 'waiting') AND (slot, post_id) > (?, ?)"

/* All of it is in the index delivery_line, whose condition stands here word for word. */
const char queue_line_sql[] = LINE LINE_ORDER " LIMIT ?";
static const char released_sql[] = LINE " AND released > 0" LINE_ORDER " LIMIT ?";

bool queue_line(struct queue *queue, const char *account, const struct line_place *after, bool released, size_t limit,
                struct arena *arena, struct line_place **ret_places, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db, released ? released_sql : queue_line_sql, "titi", account,
                                   after ? after->slot : INT64_MIN, after ? after->post_id : "", (int64_t)limit);
    struct line_place *places = NULL;
    size_t count = 0;
    while (query_next(query))
        *arena_push(arena, places, count) =
            (struct line_place){query_integer(query, 0), query_integer(query, 1), query_text(query, 2, arena)};
    if (!query_end(query, err))
        return false;
    *ret_places = places;
    *ret_count = count;
    return true;
}

bool queue_published_as(struct queue *queue, const struct delivery *delivery, const char *remote_id,
                        instant since, struct arena *arena, const char **ret_post, struct error *err)
{
    struct query *query =
        db_query(queue->db,
                 "SELECT post_id FROM delivery WHERE published > 0 AND published >= ?"
                 " AND account = ? AND remote_id = ? AND id <> ? LIMIT 1",
                 "itti", since, delivery->account, remote_id, delivery->row);
    *ret_post = query_next(query) ? query_text(query, 0, arena) : NULL;
    return query_end(query, err);
}

bool queue_interrupted(struct queue *queue, struct arena *arena, struct delivery ***ret_deliveries,
                       size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT id FROM delivery WHERE state = 'sending' ORDER BY slot, post_id, account", "");
    return delivery_read_found(queue, query, arena, ret_deliveries, ret_count, err);
}
