/*
 * Deliveries that are published and that a person wants deleted on their network, or changed there. Knows
 * that this is no state: what was published stays so, with the time at which it went. What it takes is the
 * driver's.
 */
#include <string.h>

#include "base/json.h"
#include "network/removal.h"
#include "queue/inside.h"

static const struct facts {
    const char *kind, *verb, *doing, *done;
    const char *rows; /* of the account ? that are to be done, at most ? */
} facts[] = {
    [DEED_DELETE] = {AUDIT_DELETION, "delete", "deleting", "deleted",
                     "SELECT id FROM delivery"
                     " WHERE account = ? AND deleting > 0 ORDER BY deleting, id LIMIT ?"},
    [DEED_EDIT] = {AUDIT_EDIT, "edit", "editing", "edited",
                   "SELECT id FROM delivery"
                   " WHERE account = ? AND editing > 0 ORDER BY editing, id LIMIT ?"},
};

uint64_t queue_deeds_asked(const struct queue *queue)
{
    return queue->deeds;
}

/* changed: what of the content changes, or NULL. */
static bool record(struct queue *queue, const struct spot *spot, enum deed deed, const char *from,
                   const char *to, const char *who, const char *why, const struct described *changed,
                   instant now, struct error *err)
{
    const struct audit_entry entry = {
        .kind = facts[deed].kind,
        .who = who,
        .post_id = spot->post_id,
        .account = spot->account,
        .from = from,
        .to = to,
        .why = why,
        .before = changed ? changed->before : NULL,
        .after = changed ? changed->after : NULL,
    };
    note_change(queue, spot->post_id, spot->account, spot->state, spot->state, now);
    return history_add(queue, spot->row, &entry, now, err);
}

/* ---- asking ---- */

static bool may_be_done(const struct spot *spot, const struct delivery *delivery, enum deed deed,
                        struct error *err)
{
    const char *verb = facts[deed].verb;
    bool partly = deed == DEED_DELETE && state_is_final(spot->state) && removal_parts_out(delivery->memo);
    if (spot->state != STATE_PUBLISHED && !partly)
        return fail(err, "cannot %s: %s", verb, state_sentence(spot->state));
    if (delivery->deleted || delivery->deleting)
        return fail(err, "cannot %s: it is %s already", verb,
                    delivery->deleted ? "deleted" : "being deleted");
    if (spot->version != delivery->version)
        return fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account);
    return true;
}

static bool is_begun(const char *memo)
{
    json_t *json = memo ? json_parse(memo, strlen(memo), NULL) : NULL;
    bool begun = json_member(json, "remove");
    json_decref(json);
    return begun;
}

bool deletion_bars(struct queue *queue, const struct spot *spot, const char **ret_why, struct error *err)
{
    *ret_why = NULL;
    if (!state_is_final(spot->state) || spot->state == STATE_PUBLISHED || !spot->first_sent)
        return true;
    struct query *query =
        db_query(queue->db, "SELECT deleting, deleted, memo FROM delivery WHERE id = ?", "i", spot->row);
    bool there = query_next(query);
    if (there && query_integer(query, 0))
        *ret_why = "what is out of it is being deleted on its network";
    else if (there && (query_integer(query, 1) || is_begun(query_peek(query, 2))))
        *ret_why = "what was out of it is deleted on its network: add it anew";
    return query_end(query, err);
}

static bool forget_edit(struct queue *queue, const struct spot *spot, struct error *err)
{
    return db_run(queue->db, err, "DELETE FROM edit WHERE delivery = ?", "i", spot->row);
}

/* What is gone already of an earlier try ("remove") is remembered; its failures are not. */
static bool write_deletion(struct queue *queue, const struct spot *spot, const char *who, const char *why,
                           instant now, struct arena *arena, struct error *err)
{
    const json_t *fresh = json_in_arena(arena, json_pack("{s:n, s:n}", "remove_tries", "remove_at"));
    const char *memo;
    return memo_with(spot, fresh, arena, &memo, err) && forget_edit(queue, spot, err) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET deleting = ?, editing = 0, message = ?, version = version + 1, "
                  "updated = ?,"
                  " memo = COALESCE(?, memo) WHERE id = ?",
                  "ititi", now, why, now, memo, spot->row) &&
           record(queue, spot, DEED_DELETE, state_name(spot->state), "deleting", who, why, NULL, now, err);
}

bool queue_delete(struct queue *queue, const struct delivery *delivery, const char *who, const char *why,
                  instant now, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) &&
              may_be_done(&spot, delivery, DEED_DELETE, err) && queue_check_room(queue, err) &&
              queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_deletion(queue, &spot, who, why, now, arena, err), err);
    queue->deeds += ok;
    arena_free(arena);
    return ok;
}

/* What an earlier edit may have left there is not known part by part: then each part is written ("all"). */
static const json_t *fresh_edit(const struct delivery *delivery, struct arena *arena)
{
    json_t *memo = json_pack("{s:n, s:n, s:n}", "edit_tries", "edit_at", "edit_lost");
    bool begun = delivery->editing || json_member(delivery->memo, "edit");
    json_set(memo, "edit", begun ? json_pack("{s:b}", "all", 1) : json_null());
    return json_in_arena(arena, memo);
}

static bool write_edit(struct queue *queue, const struct spot *spot, const struct delivery *delivery,
                       const struct edit *edit, const struct packed *packed, instant now, struct arena *arena,
                       struct error *err)
{
    struct becoming becoming = {spot->slot, spot->publish_late, packed};
    struct described changed;
    const char *memo;
    bool ok = memo_with(spot, fresh_edit(delivery, arena), arena, &memo, err) &&
              describe_change(queue, spot, &becoming, &changed, err);
    if (!ok)
        return false;
    ok = db_run(queue->db, err,
                "INSERT INTO edit (delivery, content, who) VALUES (?, ?, ?) ON CONFLICT (delivery)"
                " DO UPDATE SET content = excluded.content, who = excluded.who",
                "itt", spot->row, packed->json, edit->who) &&
         db_run(queue->db, err,
                "UPDATE delivery SET editing = ?, message = ?, version = version + 1, updated = ?,"
                " memo = COALESCE(?, memo) WHERE id = ?",
                "ititi", now, edit->why, now, memo, spot->row) &&
         (!edit->word || approval_say_of(queue, spot->row, edit->word, edit->who, packed->hash, now, err)) &&
         record(queue, spot, DEED_EDIT, state_name(spot->state), "editing", edit->who, edit->why, &changed,
                now, err);
    described_release(&changed);
    return ok;
}

bool queue_edit(struct queue *queue, const struct delivery *delivery, const struct edit *edit, instant now,
                struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) &&
              may_be_done(&spot, delivery, DEED_EDIT, err) && queue_check_room(queue, err) &&
              queue_begin(queue, err);
    if (ok) {
        struct packed packed;
        packed_init(&packed, edit->content);
        ok = queue_finish(queue, write_edit(queue, &spot, delivery, edit, &packed, now, arena, err), err);
        packed_release(&packed);
    }
    queue->deeds += ok;
    arena_free(arena);
    return ok;
}

bool queue_deeds(struct queue *queue, enum deed deed, const char *account, size_t limit, struct arena *arena,
                 struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db, facts[deed].rows, "ti", account, (int64_t)limit);
    return delivery_read_found(queue, query, arena, ret_deliveries, ret_count, err);
}

static instant newest(struct queue *queue, const char *sql, const char *account)
{
    struct query *query = db_query(queue->db, sql, "t", account);
    instant at = query_next(query) ? query_integer(query, 0) : 0;
    return query_end(query, NULL) ? at : 0;
}

instant queue_last_changed(struct queue *queue, const char *account)
{
    instant deleted =
        newest(queue, "SELECT max(deleted) FROM delivery WHERE account = ? AND deleted > 0", account);
    instant edited =
        newest(queue, "SELECT max(edited) FROM delivery WHERE account = ? AND edited > 0", account);
    return deleted > edited ? deleted : edited;
}

/* ---- what became of it ---- */

/* What was made for publishing it, and says where it is, stays. */
static bool write_content(struct queue *queue, const struct spot *spot, const struct packed *packed,
                          struct error *err)
{
    return content_replace(queue, spot, packed, NULL, err) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET memo = ?, prepared = ?, failures = ?,"
                  " changed_by = (SELECT who FROM edit WHERE delivery = delivery.id) WHERE id = ?",
                  "tddi", spot->memo, spot->prepared, spot->failures, spot->row);
}

static bool write_over(struct queue *queue, const struct spot *spot, enum deed deed, bool done, instant now,
                       struct error *err)
{
    if (deed == DEED_DELETE)
        return db_run(queue->db, err,
                      "UPDATE delivery SET deleting = 0, deleted = ?, updated = ? WHERE id = ?", "iii",
                      done ? now : (instant)0, now, spot->row);
    return forget_edit(queue, spot, err) &&
           db_run(queue->db, err,
                  "UPDATE delivery SET editing = 0, edited = CASE WHEN ? THEN ? ELSE edited END, updated = ?"
                  " WHERE id = ?",
                  "diii", done, now, now, spot->row);
}

/* 'after' is what it says from now on: NULL, the same. */
static bool write_end(struct queue *queue, const struct spot *spot, const struct settlement *settlement,
                      const struct deed_end *end, const struct packed *after, instant now, struct error *err)
{
    const struct facts *f = &facts[end->deed];
    bool done = end->progress == DEED_DONE;
    struct becoming becoming = {spot->slot, spot->publish_late, after};
    struct described changed;
    if (end->progress == DEED_GOES_ON)
        return true;
    if (!describe_change(queue, spot, &becoming, &changed, err))
        return false;
    bool ok = (!after || write_content(queue, spot, after, err)) &&
              write_over(queue, spot, end->deed, done, now, err) &&
              record(queue, spot, end->deed, f->doing, done ? f->done : state_name(spot->state),
                     settlement->who, end->why, after ? &changed : NULL, now, err);
    described_release(&changed);
    return ok;
}

static bool write_settled(struct queue *queue, struct spot *spot, int64_t attempt,
                          const struct settlement *settlement, const struct deed_end *end, instant now,
                          struct arena *arena, struct error *err)
{
    struct packed packed = {0}, *after = end->content ? &packed : NULL;
    const char *memo;
    if ((attempt && !attempt_close(queue, spot, attempt, settlement, now, err)) ||
        !memo_with(spot, settlement->outcome->memo, arena, &memo, err) ||
        !db_run(queue->db, err,
                "UPDATE delivery SET version = version + 1, memo = COALESCE(?, memo),"
                " message = COALESCE(?, message) WHERE id = ?",
                "tti", memo, end->why, spot->row))
        return false;
    if (memo)
        spot->memo = memo;
    if (after)
        packed_init(after, end->content);
    bool ok = write_end(queue, spot, settlement, end, after, now, err);
    packed_release(&packed);
    return ok;
}

bool queue_settle_deed(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                       const struct settlement *settlement, const struct deed_end *end, instant now,
                       struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_settled(queue, &spot, attempt, settlement, end, now, arena, err), err);
    arena_free(arena);
    return ok;
}
