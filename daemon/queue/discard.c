/*
 * What was prepared for deliveries that are not published after all, and is still to be taken back. Knows
 * that a person may have brought one back meanwhile: what is remembered of it is then written all the same.
 */
#include "queue/inside.h"

uint64_t queue_given_up(const struct queue *queue)
{
    return queue->given_up;
}

bool queue_undiscarded(struct queue *queue, const char *account, size_t limit, struct arena *arena,
                       struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT id FROM delivery"
                                   " WHERE state IN ('cancelled', 'missed') AND account = ? AND attempts > 0"
                                   " AND memo NOT LIKE '%\"discarded\"%' ORDER BY updated, id LIMIT ?",
                                   "ti", account, (int64_t)limit);
    return delivery_read_found(queue, query, arena, ret_deliveries, ret_count, err);
}

static bool write_discard(struct queue *queue, const struct spot *spot, int64_t attempt,
                          const struct settlement *settlement, const char *why, instant now, struct arena *arena,
                          struct error *err)
{
    const char *memo;
    const struct audit_entry entry = {
        .kind = AUDIT_DELIVERY,
        .who = settlement->who,
        .post_id = spot->post_id,
        .account = spot->account,
        .from = state_name(spot->state),
        .to = state_name(spot->state),
        .why = why,
    };
    return (!attempt || attempt_close(queue, spot, attempt, settlement, now, err)) &&
           memo_with(spot, settlement->outcome->memo, arena, &memo, err) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET version = version + 1, memo = COALESCE(?, memo) WHERE id = ?", "ti", memo,
                  spot->row) &&
           (!why || history_add(queue, spot->row, &entry, now, err));
}

bool queue_settle_discard(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                          const struct settlement *settlement, const char *why, instant now, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_discard(queue, &spot, attempt, settlement, why, now, arena, err), err);
    arena_free(arena);
    return ok;
}
