/* Moving a delivery from state to state: the one place that writes it, with the history. */
#include "queue/inside.h"

instant due_of(enum state state, instant slot)
{
    return state == STATE_READY || state == STATE_WAITING ? slot : INSTANT_NEVER;
}

/* The message stays when nothing new is said about the same state. */
static bool write_state(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                        struct error *err)
{
    bool same = shift->to == spot->state;
    instant due = shift->due ? shift->due : due_of(shift->to, shift->slot);
    return db_run(queue->db, err,
                  "UPDATE delivery SET state = ?, due = ?, message = CASE WHEN ? THEN message ELSE ? END,"
                  " removed = removed AND ?, version = version + 1, updated = ? WHERE id = ?",
                  "tidtdii", state_name(shift->to), due, same && !shift->why, shift->why,
                  shift->to == STATE_CANCELLED, now, spot->row);
}

/* A draft needs an approval, and only that makes it ready; whatever becomes a draft again loses its own. */
static const char *kind_of(enum state from, enum state to)
{
    bool approved = from == STATE_DRAFT && to == STATE_READY,
         withdrawn = from != STATE_DRAFT && to == STATE_DRAFT;
    return approved || withdrawn ? AUDIT_APPROVAL : AUDIT_DELIVERY;
}

static bool record(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                   struct error *err)
{
    struct audit_entry entry = {
        .kind = shift->kind ? shift->kind : kind_of(spot->state, shift->to),
        .who = shift->who,
        .post_id = spot->post_id,
        .account = spot->account,
        .from = state_name(spot->state),
        .to = state_name(shift->to),
        .why = shift->why,
        .before = shift->before,
        .after = shift->after,
    };
    return history_add(queue, spot->row, &entry, now, err);
}

/* What a person takes back although the file lost it is no longer the file's to take away. */
static bool leave_file(struct queue *queue, const struct spot *spot, struct error *err)
{
    return db_run(queue->db, err, "UPDATE delivery SET base_slot = NULL WHERE id = ? AND removed = 1", "i",
                  spot->row);
}

bool delivery_shift(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                    struct error *err)
{
    bool same = shift->to == spot->state;
    if (!same && !state_allows(spot->state, shift->to, shift->mover))
        return fail(err, "cannot %s: %s", state_deed(shift->to), state_sentence(spot->state));
    bool taken_back = spot->state == STATE_CANCELLED && !same && shift->mover != MOVER_FILE;
    if ((taken_back && !leave_file(queue, spot, err)) || !write_state(queue, spot, shift, now, err))
        return false;
    if ((!same || shift->why || shift->after) && !record(queue, spot, shift, now, err))
        return false;
    queue->given_up += !same && (shift->to == STATE_CANCELLED || shift->to == STATE_MISSED);
    note_change(queue, spot->post_id, spot->account, spot->state, shift->to, now);
    return true;
}
