/* Deliveries that come in: the insertion, for the documents and for spontaneous posts. */
#include <stdio.h>
#include <stdlib.h>

#include "queue/inside.h"

static bool know_account(struct queue *queue, const char *name, struct error *err)
{
    return tally_has(queue, name) ||
           db_run(queue->db, err, "INSERT INTO account (name) VALUES (?) ON CONFLICT (name) DO NOTHING", "t",
                  name);
}

enum state state_coming_in(struct queue *queue, const struct wanted *wanted, const char *hash)
{
    bool stopped = wanted->state == STATE_READY && !approval_lets_in(queue, wanted, hash);
    return stopped ? STATE_DRAFT : wanted->state;
}

static bool insert(struct queue *queue, const struct wanted *wanted, const struct packed *packed,
                   const char *changed_by, bool from_file, instant now, struct error *err)
{
    char key[KEY_DIGITS + 1];
    enum state state = state_coming_in(queue, wanted, packed->hash);
    bool submitted = state != wanted->state; /* by the gate */
    return db_run(
        queue->db, err,
        "INSERT INTO delivery (post_id, account, network, state, slot, due, delivery_key, content_hash,"
        " base_hash, base_slot, base_draft, origin, series, slot_name, bucket, source, author, message,"
        " created, updated, publish_late, asked, review, changed_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CASE WHEN ? THEN ? END, CASE WHEN ? THEN ? END, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (post_id, account) DO NOTHING",
        "ttttiitttdidd"
        "ttttttt"
        "iitdtt",
        wanted->post_id, wanted->account, wanted->network, state_name(state), wanted->slot,
        due_of(state, wanted->slot, submitted, now), random_hex(key, KEY_DIGITS), packed->hash,
        from_file ? packed->hash : NULL, from_file, wanted->slot, from_file, wanted->state == STATE_DRAFT,
        wanted->origin, wanted->series, wanted->slot_name, wanted->bucket, wanted->source, wanted->author,
        wanted->message, now, now, publish_late_name(wanted->publish_late), wanted->state == STATE_DRAFT,
        submitted ? review_name(REVIEW_SUBMITTED) : NULL, changed_by);
}

static bool insert_content(struct queue *queue, int64_t row, const struct wanted *wanted,
                           const struct packed *packed, struct error *err)
{
    char *folded = content_fold(wanted->post_id, wanted->content);
    bool ok = db_run(queue->db, err, "INSERT INTO content (delivery, content, folded) VALUES (?, ?, ?)",
                     "itt", row, packed->json, folded);
    free(folded);
    return ok;
}

static bool may_come_in(const struct wanted *wanted, struct error *err)
{
    enum state state = wanted->state;
    if (state == STATE_DRAFT || state == STATE_READY || state == STATE_HELD || state == STATE_MISSED)
        return true;
    return fail(err, "cannot add '%s/%s' as %s", wanted->post_id, wanted->account, state_name(state));
}

/* Of what it says the hash: the words are in the delivery, and in what is before each change. */
static bool record(struct queue *queue, int64_t row, const struct wanted *wanted, const struct packed *packed,
                   const char *who, instant now, struct error *err)
{
    char slot[INSTANT_TEXT], after[SHA256_HEX + INSTANT_TEXT + 32];
    snprintf(after, sizeof after, "{\"content_hash\":\"%s\",\"slot\":\"%s\"}", packed->hash,
             instant_format(wanted->slot, slot, sizeof slot));
    struct audit_entry entry = {
        .kind = AUDIT_DELIVERY,
        .who = who,
        .post_id = wanted->post_id,
        .account = wanted->account,
        .to = state_name(state_coming_in(queue, wanted, packed->hash)),
        .why = wanted->message ? wanted->message : "added",
        .after = after,
    };
    return history_add(queue, row, &entry, now, err);
}

/* The charter approves what it says itself. */
static bool say_approved(struct queue *queue, int64_t row, instant now, struct error *err)
{
    const struct approval_word word = {.kind = APPROVAL_APPROVED, .role = APPROVED_BY_CHARTER, .why = "the charter says it"};
    return approval_say(queue, row, &word, APPROVED_BY_CHARTER, now, err);
}

bool delivery_add(struct queue *queue, const struct wanted *wanted, const struct packed *packed,
                  bool from_file, const char *who, instant now, int64_t *ret_row, struct error *err)
{
    if (!may_come_in(wanted, err) || !queue_check_room(queue, err) ||
        !know_account(queue, wanted->account, err))
        return false;
    if (!insert(queue, wanted, packed, from_file ? person_or_null(who) : NULL, from_file, now, err))
        return false;
    if (!db_changes(queue->db))
        return fail(err, "'%s/%s' is wanted twice", wanted->post_id, wanted->account);
    int64_t row = db_last_row(queue->db);
    enum state state = state_coming_in(queue, wanted, packed->hash);
    tally_comes(queue, wanted->account, state);
    note_change(queue, wanted->post_id, wanted->account, state, state, now);
    *ret_row = row;
    return insert_content(queue, row, wanted, packed, err) &&
           (!wanted->approved || say_approved(queue, row, now, err)) &&
           record(queue, row, wanted, packed, who, now, err);
}

static bool is_new(struct queue *queue, const struct wanted *wanted, struct error *err)
{
    struct query *query = db_query(queue->db, "SELECT 1 FROM delivery WHERE post_id = ? AND account = ?",
                                   "tt", wanted->post_id, wanted->account);
    bool found = query_next(query);
    if (!query_end(query, err))
        return false;
    return !found || fail(err, "'%s/%s' is already in the queue", wanted->post_id, wanted->account);
}

/* All is looked at before anything is written, so that a refusal leaves an open transaction usable. */
static bool all_may_come_in(struct queue *queue, const struct wanted *wanted, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!may_come_in(&wanted[i], err) || !is_new(queue, &wanted[i], err))
            return false;
    return true;
}

bool queue_add(struct queue *queue, const struct wanted *wanted, size_t count, instant now, struct error *err)
{
    if (!all_may_come_in(queue, wanted, count, err) || !queue_begin(queue, err))
        return false;
    bool ok = true;
    int64_t row;
    for (size_t i = 0; ok && i < count; i++) {
        const char *who = wanted[i].author ? wanted[i].author : "cald";
        struct packed packed;
        packed_init(&packed, wanted[i].content);
        ok = delivery_add(queue, &wanted[i], &packed, false, who, now, &row, err);
        packed_release(&packed);
    }
    return queue_finish(queue, ok, err);
}
