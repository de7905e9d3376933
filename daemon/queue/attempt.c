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

/* Members of news replace those of memo; null removes. */
static void merge(json_t *memo, const json_t *news)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)news, name, value) if (json_is_null(value)) json_object_del(memo, name);
    else json_object_set(memo, name, value);
}

/* From what is on disk, not from what the caller once read. */
bool memo_with(const struct spot *spot, const json_t *news, struct arena *arena, const char **ret_memo,
               struct error *err)
{
    struct error why = {"it is no object"};
    *ret_memo = NULL;
    if (!news || !json_object_size(news))
        return true;
    json_t *memo = json_parse(spot->memo, strlen(spot->memo), &why);
    if (!json_is_object(memo)) {
        json_decref(memo);
        return fail(err, "the stored memo of delivery '%s/%s' is damaged: %s", spot->post_id, spot->account,
                    why.message);
    }
    merge(memo, news);
    char *text = json_print(memo);
    arena_defer(arena, free, text);
    json_decref(memo);
    *ret_memo = text;
    return true;
}

static struct tried tried_before(const struct spot *spot)
{
    return (struct tried){
        .attempts = spot->attempts,
        .failures = spot->failures,
        .first_sent = spot->first_sent,
        .published = spot->published,
        .prepared = spot->prepared,
        .lost = spot->lost,
    };
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
    const unsigned states = intent->deletes || intent->edits ? published
                            : intent->discards               ? given_up
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

static bool open_attempt(struct queue *queue, const struct spot *spot, const struct intent *intent,
                         enum state state, int64_t number, instant now, struct error *err)
{
    return db_run(
        queue->db, err,
        "INSERT INTO attempt (delivery, number, started, step, kind, state, content_hash, request, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "iiittttt"
        "b",
        spot->row, number, now, intent->step, step_kind_name(intent->kind), state_name(state),
        spot->content_hash, intent->request, intent->body, intent->body_length);
}

/* A creating one moves the delivery; of the others it only keeps count. */
static bool note_attempt(struct queue *queue, const struct spot *spot, const struct intent *intent,
                         const char *memo, instant now, struct error *err)
{
    struct tried tried = tried_before(spot);
    struct shift shift = {
        .to = STATE_SENDING, .who = "cald", .slot = spot->slot, .mover = MOVER_ATTEMPT, .tried = &tried};
    tried.attempts++;
    tried.memo = memo;
    if (intent->kind != STEP_CREATE)
        return db_run(queue->db, err,
                      "UPDATE delivery SET attempts = ?, version = version + 1, memo = COALESCE(?, memo)"
                      " WHERE id = ?",
                      "iti", tried.attempts, memo, spot->row);
    if (!tried.first_sent)
        tried.first_sent = now;
    return queue_count_departure(queue, err) && delivery_shift(queue, spot, &shift, now, err);
}

static bool write_intent(struct queue *queue, const struct spot *spot, const struct intent *intent, instant now,
                         struct arena *arena, struct error *err)
{
    enum state state = intent->kind == STEP_CREATE ? STATE_SENDING : spot->state;
    const char *memo;
    return memo_with(spot, intent->memo, arena, &memo, err) &&
           open_attempt(queue, spot, intent, state, spot->attempts + 1, now, err) &&
           note_attempt(queue, spot, intent, memo, now, err);
}

bool queue_intend(struct queue *queue, const struct delivery *delivery, const struct intent *intent,
                  instant now, int64_t *ret_attempt, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && may_try(&spot, delivery, intent, err) &&
              queue_check_room(queue, err) && queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_intent(queue, &spot, intent, now, arena, err), err);
    if (ok)
        *ret_attempt = spot.attempts + 1;
    arena_free(arena);
    return ok;
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
        queue->db, "SELECT state, content_hash, ended FROM attempt WHERE delivery = ? AND number = ?", "ii",
        spot->row, number);
    bool found = query_next(query) && state_parse(query_peek(query, 0), &ret_made->state);
    bool ended = found && query_integer(query, 2);
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
                  "UPDATE attempt SET ended = ?, outcome = ?, scope = ?, message = ?, status = ?, timings = ?"
                  " WHERE delivery = ? AND number = ?",
                  "itttdtii", now, outcome_kind_name(outcome->kind), scope_name(outcome->scope),
                  outcome->message, settlement->status, settlement->timings, spot->row, number);
}

/* Failures in a row, after this outcome. */
static int failures_after(int before, enum outcome_kind kind)
{
    bool ends = kind == OUTCOME_DONE || kind == OUTCOME_NEXT;
    return ends ? 0 : before + (kind == OUTCOME_RETRY || kind == OUTCOME_UNSURE);
}

static struct tried tried_after(const struct spot *spot, const struct settlement *settlement, instant now)
{
    struct tried tried = tried_before(spot);
    tried.failures = failures_after(spot->failures, settlement->outcome->kind);
    tried.prepared = settlement->prepared;
    tried.lost = settlement->lost;
    tried.remote_id = settlement->outcome->id;
    tried.remote_url = settlement->outcome->url;
    if (settlement->to == STATE_PUBLISHED)
        tried.published = now;
    return tried;
}

/* A slot that was changed while a preparing step ran counts more than the time the caller worked out before.
 */
static bool write_settlement(struct queue *queue, const struct spot *spot, const struct delivery *delivery,
                             const struct settlement *settlement, instant now, struct arena *arena,
                             struct error *err)
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
    return memo_with(spot, settlement->outcome->memo, arena, &tried.memo, err) &&
           delivery_shift(queue, spot, &shift, now, err) &&
           (settlement->to != STATE_PUBLISHED || account_note_published(queue, spot->account, now, err));
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

bool queue_settle(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                  const struct settlement *settlement, instant now, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    bool stale = false;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) &&
              may_settle(queue, &spot, delivery, attempt, settlement, arena, &stale, err) &&
              queue_begin(queue, err);
    if (ok) {
        ok = !attempt || attempt_close(queue, &spot, attempt, settlement, now, err);
        ok = ok && (stale || write_settlement(queue, &spot, delivery, settlement, now, arena, err));
        ok = queue_finish(queue, ok, err);
    }
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
                 "SELECT number, started, ended, step, kind, request, outcome, scope, a.message,"
                 " timings, status FROM delivery d JOIN attempt a ON a.delivery = d.id"
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
