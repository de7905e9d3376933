/*
 * Moving a delivery from state to state: the one place that writes it, with the history, and the gate that
 * keeps what is not approved from going out.
 */
#include "base/mutant.h"
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
    " version = version + 1, updated = ?"
#define MOVE_TYPES "tidti"

static instant due_after(const struct shift *shift, enum review review, instant now)
{
    return shift->due ? shift->due : due_of(shift->to, shift->slot, review == REVIEW_SUBMITTED, now);
}

static bool keeps_message(const struct spot *spot, const struct shift *shift)
{
    return shift->to == spot->state && !shift->why;
}

static bool write_move(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                       struct error *err)
{
    enum review review = review_after(spot, shift);
    return db_run(
        queue->db, err, MOVES ", removed = removed AND ?, review = ?, asked = asked OR ? WHERE id = ?",
        MOVE_TYPES "dtdi", state_name(shift->to), due_after(shift, review, now), keeps_message(spot, shift),
        shift->why, now, shift->to == STATE_CANCELLED, review_name(review), asks(spot, shift), spot->row);
}

/*
 * What an attempt leaves goes with the state: writing a row once costs half of twice. What is tried is no
 * draft, and neither held nor cancelled: what else a move writes is as it is. The row is not read before:
 * that it is as the spot says is part of the condition, and *ret_as_said whether it was. A column that is
 * named is written in its indexes, too, so that what an intent leaves alone is not named there.
 */
static bool write_try(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                      bool *ret_as_said, struct error *err)
{
    const struct tried *tried = shift->tried;
    instant due = due_after(shift, REVIEW_NONE, now);
    bool ok =
        tried->begins
            ? db_run(queue->db, err,
                     MOVES
                     ", attempts = ?, first_sent = ?, memo = COALESCE(?, memo) WHERE id = ? AND version = ?",
                     MOVE_TYPES "iitii", state_name(shift->to), due, keeps_message(spot, shift), shift->why,
                     now, tried->attempts, tried->first_sent, tried->memo, spot->row, spot->version)
            : db_run(queue->db, err,
                     MOVES ", failures = ?, published = ?, prepared = ?, lost = ?, memo = COALESCE(?, memo),"
                           " remote_id = COALESCE(?, remote_id), remote_url = COALESCE(?, remote_url)"
                           " WHERE id = ? AND version = ?",
                     MOVE_TYPES "diddtttii", state_name(shift->to), due, keeps_message(spot, shift),
                     shift->why, now, tried->failures, tried->published, tried->prepared, tried->lost,
                     tried->memo, tried->remote_id, tried->remote_url, spot->row, spot->version);
    *ret_as_said = ok && db_changes(queue->db) > 0;
    return ok;
}

static bool write_state(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                        bool *ret_as_said, struct error *err)
{
    *ret_as_said = true;
    return shift->tried ? write_try(queue, spot, shift, now, ret_as_said, err)
                        : write_move(queue, spot, shift, now, err);
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

/* Its entry may be gone: then the file has to be asked again, though it is the same. */
static bool goes_on(struct queue *queue, const struct spot *spot, const struct shift *shift, struct error *err)
{
    bool again = state_is_final(spot->state) && !state_is_final(shift->to) && shift->mover != MOVER_FILE;
    return !again || FORGETS("ended") || queue_set_note(queue, IMPRINT_NOTE, NULL, err);
}

static bool write_shift(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                        bool *ret_as_said, struct error *err)
{
    bool same = shift->to == spot->state;
    bool taken_back = spot->state == STATE_CANCELLED && !same && shift->mover != MOVER_FILE;
    if ((taken_back && !leave_file(queue, spot, err)) || !goes_on(queue, spot, shift, err) ||
        !write_state(queue, spot, shift, now, ret_as_said, err))
        return false;
    if (!*ret_as_said)
        return true;
    tally_moves(queue, spot->account, spot->state, shift->to);
    if ((!same || shift->why || shift->after) && !record(queue, spot, shift, now, err))
        return false;
    queue->given_up += !same && (shift->to == STATE_CANCELLED || shift->to == STATE_MISSED);
    note_change(queue, spot->post_id, spot->account, spot->state, shift->to, now);
    return true;
}

bool delivery_shift_if(struct queue *queue, const struct spot *spot, const struct shift *wanted, instant now,
                       bool *ret_as_said, struct error *err)
{
    struct shift shift = *wanted;
    if (shift.to != spot->state && !state_allows(spot->state, shift.to, shift.mover))
        return fail(err, "cannot %s: %s", state_deed(shift.to), state_sentence(spot->state));
    if (shift.word && !approval_say(queue, spot->row, shift.word, shift.who, now, err))
        return false;
    return pass_gate(queue, spot, &shift, err) && write_shift(queue, spot, &shift, now, ret_as_said, err);
}

bool delivery_shift(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                    struct error *err)
{
    bool as_said;
    return delivery_shift_if(queue, spot, shift, now, &as_said, err) &&
           (as_said || fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account));
}
