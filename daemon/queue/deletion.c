/*
 * Deliveries that are published and that a person wants deleted on their network. Knows that this is no
 * state: what was published stays so, with the time at which it went. What deleting takes is the driver's.
 */
#include "base/json.h"
#include "queue/inside.h"

uint64_t queue_deletions_asked(const struct queue *queue)
{
    return queue->deletions;
}

static bool record(struct queue *queue, const struct spot *spot, const char *from, const char *to,
                   const char *who, const char *why, instant now, struct error *err)
{
    const struct audit_entry entry = {
        .kind = AUDIT_DELETION,
        .who = who,
        .post_id = spot->post_id,
        .account = spot->account,
        .from = from,
        .to = to,
        .why = why,
    };
    note_change(queue, spot->post_id, spot->account, spot->state, spot->state, now);
    return history_add(queue, spot->row, &entry, now, err);
}

/* ---- asking ---- */

static bool may_be_deleted(const struct spot *spot, const struct delivery *delivery, struct error *err)
{
    if (spot->state != STATE_PUBLISHED)
        return fail(err, "cannot delete: %s", state_sentence(spot->state));
    if (delivery->deleted || delivery->deleting)
        return fail(err, "cannot delete: it is %s already", delivery->deleted ? "deleted" : "being deleted");
    if (spot->version != delivery->version)
        return fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account);
    return true;
}

/* What is gone already of an earlier try ("remove") is remembered; its failures are not. */
static bool write_asked(struct queue *queue, const struct spot *spot, const char *who, const char *why,
                        instant now, struct arena *arena, struct error *err)
{
    const json_t *fresh = json_in_arena(arena, json_pack("{s:n, s:n}", "remove_tries", "remove_at"));
    const char *memo;
    return memo_with(spot, fresh, arena, &memo, err) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET deleting = ?, message = ?, version = version + 1, updated = ?,"
                  " memo = COALESCE(?, memo) WHERE id = ?",
                  "ititi", now, why, now, memo, spot->row) &&
           record(queue, spot, state_name(spot->state), "deleting", who, why, now, err);
}

bool queue_delete(struct queue *queue, const struct delivery *delivery, const char *who, const char *why,
                  instant now, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && may_be_deleted(&spot, delivery, err) &&
              queue_check_room(queue, err) && queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_asked(queue, &spot, who, why, now, arena, err), err);
    queue->deletions += ok;
    arena_free(arena);
    return ok;
}

bool queue_deleting(struct queue *queue, const char *account, size_t limit, struct arena *arena,
                    struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    bool more;
    struct query *query = db_query(queue->db,
                                   "SELECT " DELIVERY_COLUMNS " FROM delivery"
                                   " WHERE account = ? AND deleting > 0 ORDER BY deleting, id LIMIT ?",
                                   "ti", account, (int64_t)limit);
    return delivery_read_some(query, limit, arena, ret_deliveries, ret_count, &more, err);
}

instant queue_last_deleted(struct queue *queue, const char *account)
{
    struct query *query =
        db_query(queue->db, "SELECT max(deleted) FROM delivery WHERE account = ? AND deleted > 0", "t", account);
    instant at = query_next(query) ? query_integer(query, 0) : 0;
    return query_end(query, NULL) ? at : 0;
}

/* ---- what became of it ---- */

static bool write_end(struct queue *queue, const struct spot *spot, const struct settlement *settlement,
                      enum deletion deletion, const char *why, instant now, struct error *err)
{
    bool done = deletion == DELETION_DONE;
    if (deletion == DELETION_GOES_ON)
        return true;
    return db_run(queue->db, err, "UPDATE delivery SET deleting = 0, deleted = ?, updated = ? WHERE id = ?",
                  "iii", done ? now : (instant)0, now, spot->row) &&
           record(queue, spot, "deleting", done ? "deleted" : state_name(spot->state), settlement->who, why,
                  now, err);
}

static bool write_deletion(struct queue *queue, const struct spot *spot, int64_t attempt,
                           const struct settlement *settlement, enum deletion deletion, const char *why,
                           instant now, struct arena *arena, struct error *err)
{
    const char *memo;
    return (!attempt || attempt_close(queue, spot, attempt, settlement, now, err)) &&
           memo_with(spot, settlement->outcome->memo, arena, &memo, err) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET version = version + 1, memo = COALESCE(?, memo),"
                  " message = COALESCE(?, message) WHERE id = ?",
                  "tti", memo, why, spot->row) &&
           write_end(queue, spot, settlement, deletion, why, now, err);
}

bool queue_settle_deletion(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                           const struct settlement *settlement, enum deletion deletion, const char *why,
                           instant now, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && queue_begin(queue, err);
    if (ok)
        ok = queue_finish(
            queue, write_deletion(queue, &spot, attempt, settlement, deletion, why, now, arena, err), err);
    arena_free(arena);
    return ok;
}
