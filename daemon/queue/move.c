/* What a person, the clock or the recovery does to one delivery: its state, its time, its content. */
#include <string.h>

#include "queue/inside.h"

static bool is_person(const char *who)
{
    return strcmp(who, "cald") != 0 && strcmp(who, "file") != 0;
}

/* States in which content and slot can still be changed. */
static bool is_open(enum state state)
{
    return !state_is_final(state) && state != STATE_SENDING && state != STATE_UNSURE;
}

static enum publish_late late_after(const struct spot *spot, const struct move *move)
{
    return move->publish_late ? *move->publish_late : spot->publish_late;
}

static bool may_edit(const struct spot *spot, const struct move *move, struct error *err)
{
    bool edits = move->content || move->slot || move->publish_late;
    bool retried = spot->state == STATE_REFUSED || spot->state == STATE_MISSED;
    if (edits && !is_open(spot->state) && !retried)
        return fail(err, "cannot change: %s", state_sentence(spot->state));
    if (move->to != spot->state)
        return state_allows(spot->state, move->to, MOVER_ANYONE) ||
               fail(err, "cannot %s: %s", state_deed(move->to), state_sentence(spot->state));
    return edits || !state_is_final(spot->state) ||
           fail(err, "cannot %s: %s", state_deed(move->to), state_sentence(spot->state));
}

/* Everything that can refuse the move, before anything is written. */
static bool may_move(struct queue *queue, const struct spot *spot, const struct move *move, struct error *err)
{
    if (move->if_version && move->if_version != spot->version)
        return fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account);
    if (!may_edit(spot, move, err))
        return false;
    const char *why_not = NULL;
    if (move->to != STATE_CANCELLED && !deletion_bars(queue, spot, &why_not, err))
        return false;
    if (why_not)
        return fail(err, "cannot %s: %s", state_deed(move->to), why_not);
    if (move->content && !content_is_fixed(queue, spot, &why_not, err))
        return false;
    return !why_not || fail(err, "cannot change: %s", why_not);
}

static instant slot_after(const struct spot *spot, const struct move *move)
{
    return move->slot ? move->slot : spot->slot;
}

/* What a move changes besides the state. Whoever makes it ready has decided that nothing is in doubt any
 * more. */
static bool write_rest(struct queue *queue, const struct spot *spot, const struct move *move, instant now,
                       struct error *err)
{
    bool fresh = move->to == STATE_READY && move->to != spot->state;
    return db_run(queue->db, err,
                  "UPDATE delivery SET slot = ?, overridden = CASE WHEN ? THEN 1 ELSE overridden END,"
                  " lost = CASE WHEN ? THEN 0 ELSE lost END, failures = CASE WHEN ? THEN 0 ELSE failures END,"
                  " published = CASE WHEN ? THEN ? ELSE published END, publish_late = ?,"
                  " released = CASE WHEN ? THEN ? WHEN ? THEN 0 ELSE released END WHERE id = ?",
                  "idddditdidi", slot_after(spot, move), is_person(move->who),
                  fresh && spot->state == STATE_UNSURE, fresh, move->to == STATE_PUBLISHED, now,
                  publish_late_name(late_after(spot, move)), move->release, now, is_person(move->who),
                  spot->row);
}

/* A retry time stays unless the state or the slot changes. */
static instant due_after(const struct spot *spot, const struct move *move)
{
    if (move->due || move->to != spot->state || move->slot || move->to == STATE_READY)
        return move->due;
    return spot->due;
}

static bool write_described(struct queue *queue, const struct spot *spot, const struct move *move,
                            const struct packed *content, const struct described *described, instant now,
                            struct error *err)
{
    struct shift shift = {
        .to = move->to,
        .due = due_after(spot, move),
        .slot = slot_after(spot, move),
        .who = move->who,
        .why = move->why,
        .before = described->before,
        .after = described->after,
        .kind = move->release ? AUDIT_CRISIS : NULL,
        .mover = MOVER_ANYONE,
        .word = move->word,
    };
    bool rewritten = content && strcmp(content->hash, spot->content_hash) != 0;
    return (!rewritten || content_replace(queue, spot, content, move->who, err)) &&
           write_rest(queue, spot, move, now, err) && delivery_shift(queue, spot, &shift, now, err);
}

static bool write_move(struct queue *queue, const struct spot *spot, const struct move *move, instant now,
                       struct error *err)
{
    struct packed packed = {0}, *content = move->content ? &packed : NULL;
    struct described described;
    if (content)
        packed_init(content, move->content);
    struct becoming becoming = {slot_after(spot, move), late_after(spot, move), content};
    bool ok = describe_change(queue, spot, &becoming, &described, err) &&
              write_described(queue, spot, move, content, &described, now, err);
    described_release(&described);
    packed_release(&packed);
    return ok;
}

bool queue_move(struct queue *queue, const struct delivery *delivery, const struct move *move, instant now,
                struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && may_move(queue, &spot, move, err) &&
              queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_move(queue, &spot, move, now, err), err);
    arena_free(arena);
    return ok;
}
