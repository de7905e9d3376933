/*
 * See apply.h: what has to wait for an approval when documents are applied. Who has to approve is the
 * approver's to say (approval.h).
 */
#include <string.h>

#include "queue/apply.h"

/* ---- an entry that changed ---- */

/* The file, when it says so, and not any more when it stops saying so; else whoever did before. */
bool approval_is_asked_after(const struct known *known, const struct wanted *wanted)
{
    return is_draft(wanted) || (known->asked && !known->base_draft);
}

/* Whether the entry may go out as it will be. */
static bool lets(struct apply *apply, const struct known *known, const struct wanted *wanted,
                 const char *hash, bool asked, bool *ret_lets, struct error *err)
{
    bool rewritten = strcmp(hash, known->spot.content_hash) != 0;
    struct approval_case what = {
        .account = wanted->account,
        .network = wanted->network,
        .bucket = wanted->bucket,
        .author = known->author,
        .changed_by = rewritten ? apply->who : known->changed_by,
        .content_hash = hash,
        .slot = wanted->slot,
        .asked = asked,
    };
    return approval_lets(apply->queue, known->spot.row, &what, ret_lets, err);
}

bool approval_state_after(struct apply *apply, const struct known *known, const struct wanted *wanted,
                          const char *hash, enum state *to, struct error *err)
{
    bool allowed = true, still_draft = is_draft(wanted) && known->base_draft && wanted->slot > apply->now;
    bool goes = *to == STATE_READY || *to == STATE_WAITING;
    if ((goes || still_draft) &&
        !lets(apply, known, wanted, hash, approval_is_asked_after(known, wanted), &allowed, err))
        return false;
    if (goes && !allowed)
        *to = STATE_DRAFT;
    if (still_draft && *to == STATE_DRAFT && allowed && apply->queue->approver)
        *to = STATE_READY;
    return true;
}

bool approval_take_back(struct apply *apply, const struct known *known, const struct wanted *wanted,
                        struct error *err)
{
    static const struct approval_word withdrawn = {.kind = APPROVAL_WITHDRAWN,
                                                   .why = "a draft in the calendar"};
    return !is_draft(wanted) || known->base_draft ||
           approval_say(apply->queue, known->spot.row, &withdrawn, apply->who, apply->now, err);
}

/* ---- an entry that is the same ---- */

/*
 * The entry is the same; whether it needs an approval may not be: the charter is another one, or its bucket
 * is. What was made a draft by a person or the file stays one.
 */
static bool follow_approval(struct apply *apply, const struct spot *spot, struct approval_case *what,
                            const char *source, struct error *err)
{
    bool goes = spot->state == STATE_READY || (spot->state == STATE_WAITING && !spot->first_sent), allowed;
    bool stopped = spot->state == STATE_DRAFT && !what->asked && spot->slot > apply->now;
    if (!apply->queue->approver || (!goes && !stopped))
        return true;
    if (!approval_lets(apply->queue, spot->row, what, &allowed, err))
        return false;
    if (allowed == goes)
        return true;
    struct shift shift = {
        .to = STATE_READY, /* the gate decides */
        .slot = spot->slot,
        .who = apply->who,
        .why = goes ? "the charter wants an approval" : "what the charter wants approved is approved",
        .mover = MOVER_FILE,
    };
    struct apply_change change = {
        .kind = goes ? APPLY_HOLD : APPLY_RELEASE,
        .source = source,
        .why = shift.why,
        .to = goes ? STATE_DRAFT : STATE_READY,
        .slot = spot->slot,
    };
    return apply_record(apply, spot, change, err) &&
           delivery_shift(apply->queue, spot, &shift, apply->now, err);
}

bool approval_follow(struct apply *apply, const struct known *known, const struct wanted *wanted,
                     struct error *err)
{
    struct approval_case what = {
        .account = wanted->account,
        .network = wanted->network,
        .bucket = wanted->bucket,
        .author = known->author,
        .changed_by = known->changed_by,
        .content_hash = known->spot.content_hash,
        .slot = known->spot.slot,
        .asked = known->asked,
    };
    /* what is held for its time is not ready */
    return wanted->against || follow_approval(apply, &known->spot, &what, wanted->source, err);
}

/* ---- what no file wants ---- */

bool approval_find_spontaneous(struct apply *apply, int64_t **ret_rows, size_t *ret_count, struct error *err)
{
    *ret_rows = NULL;
    *ret_count = 0;
    if (!apply->queue->approver)
        return true;
    struct query *query = db_query(apply->queue->db,
                                   "SELECT id FROM delivery WHERE " OPEN
                                   " AND base_slot IS NULL AND state IN ('draft', 'ready', 'waiting')",
                                   "");
    int64_t *rows = NULL;
    size_t count = 0;
    while (query_next(query))
        *arena_push(apply->arena, rows, count) = query_integer(query, 0);
    *ret_rows = rows;
    *ret_count = count;
    return query_end(query, err);
}

bool approval_follow_row(struct apply *apply, int64_t row, struct error *err)
{
    struct arena *arena = arena_new();
    struct delivery *delivery;
    struct spot spot;
    struct approval_case what;
    bool ok = spot_read(apply->queue, row, arena, &spot, err) &&
              (delivery = queue_get(apply->queue, spot.post_id, spot.account, arena, err)) &&
              queue_approval_case(apply->queue, delivery, arena, &what, err) &&
              follow_approval(apply, &spot, &what, NULL, err);
    arena_free(arena);
    return ok;
}

bool approval_follow_spontaneous(struct apply *apply, struct error *err)
{
    int64_t *rows;
    size_t count;
    if (!approval_find_spontaneous(apply, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!approval_follow_row(apply, rows[i], err))
            return false;
    return true;
}
