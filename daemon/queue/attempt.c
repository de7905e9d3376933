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

static json_t *read_memo(struct queue *queue, const struct spot *spot, struct error *err)
{
    struct query *query = db_query(queue->db, "SELECT memo FROM delivery WHERE id = ?", "i", spot->row);
    struct error why = {"it is missing"};
    const char *text = query_next(query) ? query_peek(query, 0) : "";
    json_t *memo = json_parse(text, strlen(text), &why);
    if (!query_end(query, err) || !json_is_object(memo)) {
        fail(err, "the stored memo of delivery '%s/%s' is damaged: %s", spot->post_id, spot->account,
             why.message);
        json_decref(memo);
        return NULL;
    }
    return memo;
}

/* From what is on disk, not from what the caller once read. */
bool memo_merge(struct queue *queue, const struct spot *spot, const json_t *news, struct error *err)
{
    if (!news || !json_object_size(news))
        return true;
    json_t *memo = read_memo(queue, spot, err);
    if (!memo)
        return false;
    merge(memo, news);
    char *text = json_print(memo);
    bool ok = db_run(queue->db, err, "UPDATE delivery SET memo = ? WHERE id = ?", "ti", text, spot->row);
    free(text);
    json_decref(memo);
    return ok;
}

/* ---- intent ---- */

/* Only what was just read may be sent: an edit, a move or a cancellation until now takes effect. */
static bool may_try(const struct spot *spot, const struct delivery *delivery, bool discards, struct error *err)
{
    static const unsigned tried =
        1u << STATE_READY | 1u << STATE_WAITING | 1u << STATE_SENDING | 1u << STATE_UNSURE;
    static const unsigned given_up = 1u << STATE_CANCELLED | 1u << STATE_MISSED;
    if (!((discards ? given_up : tried) >> spot->state & 1))
        return fail(err, "cannot send: %s", state_sentence(spot->state));
    if (spot->version != delivery->version)
        return fail(err, "'%s/%s' changed meanwhile", spot->post_id, spot->account);
    return true;
}

static bool count_attempt(struct queue *queue, const struct spot *spot, bool creates, instant now,
                          int64_t *ret_number, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "UPDATE delivery SET attempts = attempts + 1, version = version + 1,"
                                   " first_sent = CASE WHEN ? AND first_sent = 0 THEN ? ELSE first_sent END"
                                   " WHERE id = ? RETURNING attempts",
                                   "dii", creates, now, spot->row);
    if (query_next(query))
        *ret_number = query_integer(query, 0);
    query_next(query);
    return query_end(query, err);
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

static bool write_intent(struct queue *queue, const struct spot *spot, const struct intent *intent,
                         instant now, int64_t *ret_number, struct error *err)
{
    bool creates = intent->kind == STEP_CREATE;
    struct shift shift = {.to = STATE_SENDING, .who = "cald", .slot = spot->slot, .mover = MOVER_ATTEMPT};
    return count_attempt(queue, spot, creates, now, ret_number, err) &&
           open_attempt(queue, spot, intent, creates ? STATE_SENDING : spot->state, *ret_number, now, err) &&
           memo_merge(queue, spot, intent->memo, err) &&
           (!creates ||
            (queue_count_departure(queue, err) && delivery_shift(queue, spot, &shift, now, err)));
}

bool queue_intend(struct queue *queue, const struct delivery *delivery, const struct intent *intent,
                  instant now, int64_t *ret_attempt, struct error *err)
{
    struct arena *arena = arena_new();
    struct spot spot;
    int64_t number = 0;
    bool ok = spot_read(queue, delivery->row, arena, &spot, err) && may_try(&spot, delivery, intent->discards, err) &&
              queue_check_room(queue, err) && queue_begin(queue, err);
    if (ok)
        ok = queue_finish(queue, write_intent(queue, &spot, intent, now, &number, err), err);
    arena_free(arena);
    if (ok)
        *ret_attempt = number;
    return ok;
}

/* ---- settlement ---- */

struct tried { /* what an attempt was made with */
    enum state state;
    const char *content_hash;
};

static bool read_attempt(struct queue *queue, const struct spot *spot, int64_t number, struct arena *arena,
                         struct tried *ret_tried, struct error *err)
{
    struct query *query = db_query(
        queue->db, "SELECT state, content_hash, ended FROM attempt WHERE delivery = ? AND number = ?", "ii",
        spot->row, number);
    bool found = query_next(query) && state_parse(query_peek(query, 0), &ret_tried->state);
    bool ended = found && query_integer(query, 2);
    if (found)
        ret_tried->content_hash = query_text(query, 1, arena);
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

/* What an outcome does to the count of failures in a row, as SQL counts it. */
static int failures_kept(enum outcome_kind kind)
{
    return kind != OUTCOME_DONE && kind != OUTCOME_NEXT;
}

static int failures_more(enum outcome_kind kind)
{
    return kind == OUTCOME_RETRY || kind == OUTCOME_UNSURE;
}

static bool write_result(struct queue *queue, const struct spot *spot, const struct settlement *settlement,
                         instant now, struct error *err)
{
    const struct outcome *outcome = settlement->outcome;
    return db_run(queue->db, err,
                  "UPDATE delivery SET prepared = ?, lost = ?, failures = failures * ? + ?,"
                  " remote_id = COALESCE(?, remote_id), remote_url = COALESCE(?, remote_url),"
                  " published = CASE WHEN ? THEN ? ELSE published END WHERE id = ?",
                  "ddddttdii", settlement->prepared, settlement->lost, failures_kept(outcome->kind),
                  failures_more(outcome->kind), outcome->id, outcome->url, settlement->to == STATE_PUBLISHED,
                  now, spot->row);
}

static bool note_published(struct queue *queue, const struct spot *spot, instant now, struct error *err)
{
    return db_run(queue->db, err,
                  "UPDATE account SET last_published = ? WHERE name = ? AND last_published < ?", "iti", now,
                  spot->account, now);
}

/* A slot that was changed while a preparing step ran counts more than the time the caller worked out before.
 */
static bool write_settlement(struct queue *queue, const struct spot *spot, const struct delivery *delivery,
                             const struct settlement *settlement, instant now, struct error *err)
{
    bool moved = settlement->to == STATE_READY && spot->slot != delivery->slot;
    struct shift shift = {
        .to = settlement->to,
        .due = moved ? 0 : settlement->due,
        .slot = spot->slot,
        .who = settlement->who,
        .why = settlement->outcome->message,
        .mover = MOVER_ATTEMPT,
    };
    return memo_merge(queue, spot, settlement->outcome->memo, err) &&
           write_result(queue, spot, settlement, now, err) && delivery_shift(queue, spot, &shift, now, err) &&
           (settlement->to != STATE_PUBLISHED || note_published(queue, spot, now, err));
}

/* Refusals come before the first write. ret_stale: the delivery is no longer what was tried. */
static bool may_settle(struct queue *queue, const struct spot *spot, const struct delivery *delivery,
                       int64_t attempt, const struct settlement *settlement, struct arena *arena,
                       bool *ret_stale, struct error *err)
{
    struct tried tried = {delivery->state, delivery->content_hash};
    if (attempt && !read_attempt(queue, spot, attempt, arena, &tried, err))
        return false;
    *ret_stale = tried.state != spot->state || strcmp(tried.content_hash, spot->content_hash) != 0;
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
        ok = ok && (stale || write_settlement(queue, &spot, delivery, settlement, now, err));
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
