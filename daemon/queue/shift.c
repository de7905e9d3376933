/*
 * Moving a delivery from state to state: the one place that writes it, with the history, and the gate that
 * keeps what is not approved from going out.
 */
#include "queue/inside.h"

instant due_of(enum state state, instant slot, bool submitted, instant now)
{
    if (state == STATE_DRAFT)
        return slot > now || submitted ? slot : INSTANT_NEVER;
    return state == STATE_READY || state == STATE_WAITING ? slot : INSTANT_NEVER;
}

/* ---- the gate ---- */

/*
 * What would go out and is not approved as it is now becomes a draft instead. Where the drawing has no way to
 * that (it was being sent), the publisher is the one who asks again.
 */
static bool pass_gate(struct queue *queue, const struct spot *spot, struct shift *shift, struct error *err)
{
    bool goes = shift->mover != MOVER_ATTEMPT && (shift->to == STATE_READY || shift->to == STATE_WAITING);
    bool stoppable = spot->state == STATE_DRAFT || state_allows(spot->state, STATE_DRAFT, shift->mover), lets;
    if (!goes || !stoppable)
        return true;
    if (!approval_lets_row(queue, spot->row, &lets, err))
        return false;
    if (lets)
        return true;
    shift->stopped = true;
    shift->to = STATE_DRAFT;
    shift->due = 0;
    if (!shift->why)
        shift->why = "it waits for approval";
    return true;
}

/* ---- writing ---- */

static bool says(const struct shift *shift, enum approval_kind kind)
{
    return shift->word && shift->word->kind == kind;
}

/* Whom it waits for afterwards. */
static enum review review_after(const struct spot *spot, const struct shift *shift)
{
    bool was_open = spot->state == STATE_DRAFT || spot->state == STATE_HELD,
         is_open = shift->to == STATE_DRAFT || shift->to == STATE_HELD;
    if (says(shift, APPROVAL_REJECTED))
        return REVIEW_REJECTED;
    if (shift->stopped || (shift->submits && shift->to == STATE_DRAFT))
        return REVIEW_SUBMITTED;
    return was_open && is_open && !says(shift, APPROVAL_WITHDRAWN) ? spot->review : REVIEW_NONE;
}

/* Whether a person or the file makes it a draft, and not the gate: then it wants an approval whatever the
 * charter says. */
static bool asks(const struct spot *spot, const struct shift *shift)
{
    return says(shift, APPROVAL_REJECTED) || says(shift, APPROVAL_WITHDRAWN) ||
           (shift->to == STATE_DRAFT && spot->state != STATE_DRAFT && !shift->stopped);
}

/* The message stays when nothing new is said about the same state. */
#define MOVES                                                                                                \
    "UPDATE delivery SET state = ?, due = ?, message = CASE WHEN ? THEN message ELSE ? END,"                 \
    " removed = removed AND ?, review = ?, asked = asked OR ?, version = version + 1, updated = ?"
#define MOVE_TYPES "tidtdtdi"
#define TRIES                                                                                                \
    ", attempts = ?, failures = ?, first_sent = ?, published = ?, prepared = ?, lost = ?,"                   \
    " memo = COALESCE(?, memo), remote_id = COALESCE(?, remote_id), remote_url = COALESCE(?, remote_url)"
#define TRY_TYPES "idiiddttt"

/* What an attempt leaves goes with the state: a row is long, and writing it once costs half of twice. */
static bool write_state(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                        struct error *err)
{
    const struct tried *tried = shift->tried;
    enum review review = review_after(spot, shift);
    instant due = shift->due ? shift->due : due_of(shift->to, shift->slot, review == REVIEW_SUBMITTED, now);
    bool keeps_message = shift->to == spot->state && !shift->why, cancelled = shift->to == STATE_CANCELLED;
    if (!tried)
        return db_run(queue->db, err, MOVES " WHERE id = ?", MOVE_TYPES "i", state_name(shift->to), due,
                      keeps_message, shift->why, cancelled, review_name(review), asks(spot, shift), now, spot->row);
    return db_run(queue->db, err, MOVES TRIES " WHERE id = ?", MOVE_TYPES TRY_TYPES "i", state_name(shift->to), due,
                  keeps_message, shift->why, cancelled, review_name(review), asks(spot, shift), now, tried->attempts,
                  tried->failures, tried->first_sent, tried->published, tried->prepared, tried->lost, tried->memo,
                  tried->remote_id, tried->remote_url, spot->row);
}

/* A draft needs an approval, and only that makes it ready; what becomes a draft needs one again. */
static const char *kind_of(enum state from, const struct shift *shift)
{
    bool approved = from == STATE_DRAFT && shift->to == STATE_READY,
         withdrawn = from != STATE_DRAFT && shift->to == STATE_DRAFT;
    return approved || withdrawn || shift->word ? AUDIT_APPROVAL : AUDIT_DELIVERY;
}

static bool record(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                   struct error *err)
{
    struct audit_entry entry = {
        .kind = shift->kind ? shift->kind : kind_of(spot->state, shift),
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

static bool write_shift(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                        struct error *err)
{
    bool same = shift->to == spot->state;
    bool taken_back = spot->state == STATE_CANCELLED && !same && shift->mover != MOVER_FILE;
    if ((taken_back && !leave_file(queue, spot, err)) || !write_state(queue, spot, shift, now, err))
        return false;
    if ((!same || shift->why || shift->after) && !record(queue, spot, shift, now, err))
        return false;
    queue->given_up += !same && (shift->to == STATE_CANCELLED || shift->to == STATE_MISSED);
    note_change(queue, spot->post_id, spot->account, spot->state, shift->to, now);
    return true;
}

bool delivery_shift(struct queue *queue, const struct spot *spot, const struct shift *wanted, instant now,
                    struct error *err)
{
    struct shift shift = *wanted;
    if (shift.to != spot->state && !state_allows(spot->state, shift.to, shift.mover))
        return fail(err, "cannot %s: %s", state_deed(shift.to), state_sentence(spot->state));
    if (shift.word && !approval_say(queue, spot->row, shift.word, shift.who, now, err))
        return false;
    return pass_gate(queue, spot, &shift, err) && write_shift(queue, spot, &shift, now, err);
}
