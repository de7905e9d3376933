/*
 * Attempts: the intent that is on disk before the first byte leaves, and what became of it. Knows that the
 * delivery may have been changed while a preparing step ran; what it then brought is for a content that is no
 * more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "queue/inside.h"

/* ---- memo ---- */

static json_t *memo_of(const struct spot *spot, struct error *err)
{
    if (!spot->memo)
        return json_copy((json_t *)(uintptr_t)spot->read);
    json_t *memo = json_parse(spot->memo, strlen(spot->memo), err);
    if (!memo || json_is_object(memo))
        return memo;
    json_decref(memo);
    fail(err, "it is no object");
    return NULL;
}

bool memo_with(const struct spot *spot, const json_t *news, struct arena *arena, const char **ret_memo,
               struct error *err)
{
    struct error why;
    *ret_memo = NULL;
    if (!news || !json_object_size(news))
        return true;
    json_t *memo = memo_of(spot, &why);
    if (!memo)
        return fail(err, "the stored memo of delivery '%s/%s' is damaged: %s", spot->post_id, spot->account,
                    why.message);
    json_merge(memo, news);
    char *text = json_print(memo);
    arena_defer(arena, free, text);
    json_decref(memo);
    *ret_memo = text;
    return true;
}

/* ---- intent ---- */

/* Only what was just read may be sent: an edit, a move or a cancellation until now takes effect. */
static bool may_try(const struct spot *spot, const struct delivery *delivery, const struct intent *intent,
                    struct error *err)
{
    static const unsigned tried =
        1u << STATE_READY | 1u << STATE_WAITING | 1u << STATE_SENDING | 1u << STATE_UNSURE;
    static const unsigned given_up = 1u << STATE_CANCELLED | 1u << STATE_MISSED;
    static const unsigned published = 1u << STATE_PUBLISHED;
    static const unsigned ended = published | given_up | 1u << STATE_REFUSED;
    const unsigned states = intent->deletes    ? ended
                            : intent->edits    ? published
                            : intent->discards ? given_up
                                               : tried;
    if (!(states >> spot->state & 1))
        return fail(err, "cannot send: %s", state_sentence(spot->state));
    if (intent->deletes && !delivery->deleting)
        return fail(err, "cannot delete: nobody asked for it");
    if (intent->edits && !delivery->editing)
        return fail(err, "cannot edit: nobody asked for it");
    if (spot->version != delivery->version)
        return fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account);
    return true;
}

/* The row is not as it was read: what it is now says why it may not be tried. */
static bool tell_why_not(struct queue *queue, const struct delivery *delivery, const struct intent *intent,
                         struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    if (spot_read(queue, delivery->row, arena, &spot, err) && may_try(&spot, delivery, intent, err))
        bug("the row of '%s/%s' is as it was read, and is not", delivery->post_id, delivery->account);
    arena_free(arena);
    return false;
}

static bool open_attempt(struct queue *queue, const struct spot *spot, const struct intent *intent,
                         instant now, struct error *err)
{
    enum state state = intent->kind == STEP_CREATE ? STATE_SENDING : spot->state;
    return db_run(
        queue->db, err,
        "INSERT INTO attempt (delivery, number, started, step, kind, state, content_hash, request, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "iiittttt"
        "b",
        spot->row, spot->attempts + 1, now, intent->step, step_kind_name(intent->kind), state_name(state),
        spot->content_hash, intent->request, intent->body, intent->body_length);
}

/* A creating one moves the delivery; of the others it only keeps count. */
static bool note_attempt(struct queue *queue, const struct spot *spot, const struct intent *intent,
                         const char *memo, instant now, bool *ret_as_said, struct error *err)
{
    struct tried tried = {.begins = true,
                          .attempts = spot->attempts + 1,
                          .first_sent = spot->first_sent ? spot->first_sent : now,
                          .memo = memo};
    struct shift shift = {
        .to = STATE_SENDING, .who = "cald", .slot = spot->slot, .mover = MOVER_ATTEMPT, .tried = &tried};
    if (intent->kind == STEP_CREATE)
        return delivery_shift_if(queue, spot, &shift, now, ret_as_said, err);
    bool ok = db_run(queue->db, err,
                     "UPDATE delivery SET attempts = ?, version = version + 1, memo = COALESCE(?, memo)"
                     " WHERE id = ? AND version = ?",
                     "itii", tried.attempts, memo, spot->row, spot->version);
    *ret_as_said = ok && db_changes(queue->db) > 0;
    return ok;
}

/* The row is looked at by the condition of the first write alone: it was read in this turn. */
static bool write_intent(struct queue *queue, const struct spot *spot, const struct intent *intent,
                         instant now, struct arena *arena, bool *ret_as_said, struct error *err)
{
    const char *memo;
    if (!memo_with(spot, intent->memo, arena, &memo, err) ||
        !note_attempt(queue, spot, intent, memo, now, ret_as_said, err))
        return false;
    return !*ret_as_said || (open_attempt(queue, spot, intent, now, err) &&
                             (intent->kind != STEP_CREATE || queue_count_departure(queue, err)));
}

bool queue_intend(struct queue *queue, const struct delivery *delivery, const struct intent *intent,
                  instant now, int64_t *ret_attempt, struct error *err)
{
    const struct spot spot = spot_of(delivery);
    bool as_said;
    if (!may_try(&spot, delivery, intent, err) || !queue_check_room(queue, err) || !queue_begin(queue, err))
        return false;
    struct arena *arena = arena_new();
    bool ok = write_intent(queue, &spot, intent, now, arena, &as_said, err);
    arena_free(arena);
    if (!queue_finish(queue, ok, err))
        return false;
    if (!as_said)
        return tell_why_not(queue, delivery, intent, err);
    *ret_attempt = spot.attempts + 1;
    return true;
}

const struct delivery *queue_intended(const struct delivery *delivery, const struct intent *intent,
                                      instant now, struct arena *arena)
{
    struct delivery *after = arena_new_of(arena, struct delivery);
    *after = *delivery;
    after->version++;
    after->attempts++;
    if (intent->memo) {
        json_t *memo = json_in_arena(arena, json_copy((json_t *)(uintptr_t)delivery->memo));
        json_merge(memo, intent->memo);
        after->memo = memo;
    }
    if (intent->kind != STEP_CREATE)
        return after;
    after->state = STATE_SENDING;
    after->due = INSTANT_NEVER;
    after->message = NULL;
    after->review = REVIEW_NONE;
    after->updated = now;
    if (!after->first_sent)
        after->first_sent = now;
    return after;
}

/* ---- settlement ---- */

struct made { /* what an attempt was made with */
    enum state state;
    const char *content_hash;
};

static bool read_attempt(struct queue *queue, const struct spot *spot, int64_t number, struct arena *arena,
                         struct made *ret_made, struct error *err)
{
    struct query *query = db_query(
        queue->db,
        "SELECT state, content_hash, s.attempt FROM attempt a LEFT JOIN settlement s ON s.attempt = a.id"
        " WHERE delivery = ? AND number = ?",
        "ii", spot->row, number);
    bool found = query_next(query) && state_parse(query_peek(query, 0), &ret_made->state);
    bool ended = found && !query_is_null(query, 2);
    if (found)
        ret_made->content_hash = query_text(query, 1, arena);
    if (!query_end(query, err))
        return false;
    if (found && !ended)
        return true;
    return fail(err, "attempt %lld of '%s/%s' %s", (long long)number, spot->post_id, spot->account,
                found ? "was settled before" : "was never opened");
}

bool attempt_close(struct queue *queue, const struct spot *spot, int64_t number,
                   const struct settlement *settlement, instant now, struct error *err)
{
    const struct outcome *outcome = settlement->outcome;
    return db_run(queue->db, err,
                  "INSERT INTO settlement (attempt, ended, outcome, scope, status, timings, message)"
                  " SELECT id, ?, ?, ?, ?, ?, ? FROM attempt WHERE delivery = ? AND number = ?",
                  "ittdttii", now, outcome_kind_name(outcome->kind), scope_name(outcome->scope),
                  settlement->status, settlement->timings, outcome->message, spot->row, number);
}

/* Failures in a row, after this outcome. */
static int failures_after(int before, enum outcome_kind kind)
{
    bool ends = kind == OUTCOME_DONE || kind == OUTCOME_NEXT;
    return ends ? 0 : before + (kind == OUTCOME_RETRY || kind == OUTCOME_UNSURE);
}

static struct tried tried_after(const struct spot *spot, const struct settlement *settlement, instant now)
{
    return (struct tried){
        .failures = failures_after(spot->failures, settlement->outcome->kind),
        .published = settlement->to == STATE_PUBLISHED ? now : spot->published,
        .prepared = settlement->prepared,
        .lost = settlement->lost,
        .remote_id = settlement->outcome->id,
        .remote_url = settlement->outcome->url,
    };
}

/* A slot that was changed while a preparing step ran counts more than the time the caller worked out before.
 */
static bool write_settlement(struct queue *queue, const struct spot *spot, const struct delivery *delivery,
                             const struct settlement *settlement, instant now, struct arena *arena,
                             bool *ret_as_said, struct error *err)
{
    bool moved = settlement->to == STATE_READY && spot->slot != delivery->slot;
    struct tried tried = tried_after(spot, settlement, now);
    struct shift shift = {
        .to = settlement->to,
        .due = moved ? 0 : settlement->due,
        .slot = spot->slot,
        .who = settlement->who,
        .why = settlement->outcome->message,
        .mover = MOVER_ATTEMPT,
        .tried = &tried,
    };
    if (!memo_with(spot, settlement->outcome->memo, arena, &tried.memo, err) ||
        !delivery_shift_if(queue, spot, &shift, now, ret_as_said, err))
        return false;
    if (*ret_as_said && settlement->to == STATE_PUBLISHED)
        account_note_published(queue, spot->account, now);
    return true;
}

/* Refusals come before the first write. ret_stale: the delivery is no longer what was tried. */
static bool may_settle(struct queue *queue, const struct spot *spot, const struct delivery *delivery,
                       int64_t attempt, const struct settlement *settlement, struct arena *arena,
                       bool *ret_stale, struct error *err)
{
    struct made made = {delivery->state, delivery->content_hash};
    if (attempt && !read_attempt(queue, spot, attempt, arena, &made, err))
        return false;
    *ret_stale = made.state != spot->state || strcmp(made.content_hash, spot->content_hash) != 0;
    if (*ret_stale)
        return attempt || fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account);
    if (settlement->to == spot->state || state_allows(spot->state, settlement->to, MOVER_ATTEMPT))
        return true;
    return fail(err, "cannot %s: %s", state_deed(settlement->to), state_sentence(spot->state));
}

/* Its last attempt is out, and nobody changed the row since: *ret_done. Else nothing is written. */
static bool settle_sent(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                        const struct settlement *settlement, instant now, struct arena *arena, bool *ret_done,
                        struct error *err)
{
    const struct spot spot = spot_of(delivery);
    *ret_done = false;
    if (delivery->state != STATE_SENDING || attempt == 0 || attempt != delivery->attempts ||
        !state_allows(STATE_SENDING, settlement->to, MOVER_ATTEMPT))
        return true;
    if (!queue_begin(queue, err))
        return false;
    bool ok = write_settlement(queue, &spot, delivery, settlement, now, arena, ret_done, err) &&
              (!*ret_done || attempt_close(queue, &spot, attempt, settlement, now, err));
    return queue_finish(queue, ok, err);
}

static bool settle_row(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                       const struct settlement *settlement, instant now, struct arena *arena,
                       struct error *err)
{
    struct spot spot;
    bool stale = false, as_said;
    if (!spot_read(queue, delivery->row, arena, &spot, err) ||
        !may_settle(queue, &spot, delivery, attempt, settlement, arena, &stale, err) ||
        !queue_begin(queue, err))
        return false;
    bool ok = (!attempt || attempt_close(queue, &spot, attempt, settlement, now, err)) &&
              (stale || write_settlement(queue, &spot, delivery, settlement, now, arena, &as_said, err));
    return queue_finish(queue, ok, err);
}

bool queue_settle(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                  const struct settlement *settlement, instant now, struct error *err)
{
    struct arena *arena = arena_new();
    bool done;
    bool ok = settle_sent(queue, delivery, attempt, settlement, now, arena, &done, err) &&
              (done || settle_row(queue, delivery, attempt, settlement, now, arena, err));
    arena_free(arena);
    return ok;
}

/* ---- what was tried ---- */

bool queue_stored_body(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                       const char **ret_step, const char **ret_body, size_t *ret_length, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT step, body FROM attempt WHERE delivery = ? AND kind = 'create'"
                                   " ORDER BY number DESC LIMIT 1",
                                   "i", delivery->row);
    const char *step = NULL, *body = NULL;
    size_t length = 0;
    if (query_next(query)) {
        step = query_text(query, 0, arena);
        body = query_bytes(query, 1, arena, &length);
    }
    if (!query_end(query, err))
        return false;
    *ret_step = step;
    *ret_body = body;
    *ret_length = length;
    return true;
}

bool queue_attempts(struct queue *queue, const char *post_id, const char *account, struct arena *arena,
                    struct attempt **ret_attempts, size_t *ret_count, struct error *err)
{
    struct query *query =
        db_query(queue->db,
                 "SELECT number, started, COALESCE(ended, 0), step, kind, request, outcome, scope, s.message,"
                 " timings, COALESCE(status, 0) FROM delivery d JOIN attempt a ON a.delivery = d.id"
                 " LEFT JOIN settlement s ON s.attempt = a.id"
                 " WHERE post_id = ? AND account = ? ORDER BY number",
                 "tt", post_id, account);
    struct attempt *attempts = NULL;
    size_t count = 0;
    while (query_next(query))
        *arena_push(arena, attempts, count) = (struct attempt){
            .number = query_integer(query, 0),
            .started = query_integer(query, 1),
            .ended = query_integer(query, 2),
            .step = query_text(query, 3, arena),
            .kind = query_text(query, 4, arena),
            .request = query_text(query, 5, arena),
            .outcome = query_text(query, 6, arena),
            .scope = query_text(query, 7, arena),
            .message = query_text(query, 8, arena),
            .timings = query_text(query, 9, arena),
            .status = (int)query_integer(query, 10),
        };
    if (!query_end(query, err))
        return false;
    *ret_attempts = attempts;
    *ret_count = count;
    return true;
}
