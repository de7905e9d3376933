/* See approval.h. Knows who said what of which content, and nothing of who has to. */
#include <string.h>

#include "queue/inside.h"

/* ---- names ---- */

static const char *const kind_names[] = {"submitted", "approved", "rejected", "withdrawn"};
static const char *const review_names[] = {[REVIEW_SUBMITTED] = "submitted", [REVIEW_REJECTED] = "rejected"};

const char *approval_kind_name(enum approval_kind kind)
{
    return kind_names[kind];
}

static enum approval_kind kind_read(const char *name)
{
    for (int kind = 0; kind < APPROVAL_KINDS; kind++)
        if (!strcmp(kind_names[kind], name))
            return (enum approval_kind)kind;
    bug("approval '%s' in the database", name); /* the column's CHECK forbids it */
}

const char *review_name(enum review review)
{
    return review_names[review];
}

enum review review_read(const char *name)
{
    return !name ? REVIEW_NONE : strcmp(name, "rejected") == 0 ? REVIEW_REJECTED : REVIEW_SUBMITTED;
}

const char *person_or_null(const char *who)
{
    bool person = who && (!strncmp(who, "uid ", 4) || !strncmp(who, "token ", 6));
    return person ? who : NULL;
}

/* ---- what was said ---- */

static bool read_said(struct queue *queue, int64_t row, struct arena *arena, struct approval **ret_said,
                      size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT at, kind, who, role, content_hash, slot, why FROM approval"
                                   " WHERE delivery = ? ORDER BY id",
                                   "i", row);
    struct approval *said = NULL;
    size_t count = 0;
    while (query_next(query))
        *arena_push(arena, said, count) = (struct approval){
            .at = query_integer(query, 0),
            .kind = kind_read(query_peek(query, 1)),
            .who = query_text(query, 2, arena),
            .role = query_text(query, 3, arena),
            .content_hash = query_text(query, 4, arena),
            .slot = query_integer(query, 5),
            .why = query_text(query, 6, arena),
        };
    if (!query_end(query, err))
        return false;
    *ret_said = said;
    *ret_count = count;
    return true;
}

bool queue_approvals(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                     struct approval **ret_said, size_t *ret_count, struct error *err)
{
    return read_said(queue, delivery->row, arena, ret_said, ret_count, err);
}

static struct approval_case case_of(const struct delivery *delivery)
{
    return (struct approval_case){
        .account = delivery->account,
        .network = delivery->network,
        .bucket = delivery->bucket,
        .author = delivery->author,
        .changed_by = delivery->changed_by,
        .content_hash = delivery->content_hash,
        .slot = delivery->slot,
        .asked = delivery->asked,
    };
}

bool queue_approval_case(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                         struct approval_case *ret_case, struct error *err)
{
    struct approval *said;
    size_t count;
    if (!read_said(queue, delivery->row, arena, &said, &count, err))
        return false;
    *ret_case = case_of(delivery);
    ret_case->said = said;
    ret_case->said_count = count;
    return true;
}

bool approval_say(struct queue *queue, int64_t row, const struct approval_word *word, const char *who,
                  instant now, struct error *err)
{
    return approval_say_of(queue, row, word, who, NULL, now, err);
}

bool approval_say_of(struct queue *queue, int64_t row, const struct approval_word *word, const char *who,
                     const char *hash, instant now, struct error *err)
{
    return db_run(queue->db, err,
                  "INSERT INTO approval (delivery, at, kind, who, role, content_hash, slot, why)"
                  " SELECT id, ?, ?, ?, ?, COALESCE(?, content_hash), slot, ? FROM delivery WHERE id = ?",
                  "ittttti", now, approval_kind_name(word->kind), who, word->role, hash, word->why, row);
}

/* ---- the gate ---- */

const struct approver *queue_approve_by(struct queue *queue, const struct approver *approver)
{
    const struct approver *before = queue->approver;
    queue->approver = approver;
    return before;
}

static bool concerns(const struct queue *queue, const struct approval_case *what)
{
    return queue->approver && queue->approver->concerns(queue->approver->context, what);
}

bool approval_lets_in(struct queue *queue, const struct wanted *wanted, const char *hash)
{
    const struct approval_case what = {
        .account = wanted->account,
        .network = wanted->network,
        .bucket = wanted->bucket,
        .author = wanted->author,
        .content_hash = hash,
        .slot = wanted->slot,
    };
    return wanted->approved || !concerns(queue, &what);
}

bool approval_lets(struct queue *queue, int64_t row, struct approval_case *what, bool *ret_lets,
                   struct error *err)
{
    *ret_lets = !concerns(queue, what);
    if (*ret_lets)
        return true;
    struct arena *arena = arena_new();
    struct approval *said;
    bool ok = read_said(queue, row, arena, &said, &what->said_count, err);
    if (ok) {
        what->said = said;
        *ret_lets = queue->approver->suffices(queue->approver->context, what);
    }
    what->said = NULL;
    what->said_count = 0;
    arena_free(arena);
    return ok;
}

bool approval_lets_row(struct queue *queue, int64_t row, bool *ret_lets, struct error *err)
{
    struct arena *arena = arena_new();
    struct approval_case what = {0};
    *ret_lets = true;
    if (!queue->approver) {
        arena_free(arena);
        return true;
    }
    struct query *query =
        db_query(queue->db,
                 "SELECT account, network, bucket, author, changed_by, content_hash, slot, asked"
                 " FROM delivery WHERE id = ?",
                 "i", row);
    if (query_next(query))
        what = (struct approval_case){
            .account = query_text(query, 0, arena),
            .network = query_text(query, 1, arena),
            .bucket = query_text(query, 2, arena),
            .author = query_text(query, 3, arena),
            .changed_by = query_text(query, 4, arena),
            .content_hash = query_text(query, 5, arena),
            .slot = query_integer(query, 6),
            .asked = query_integer(query, 7),
        };
    bool ok = query_end(query, err) && approval_lets(queue, row, &what, ret_lets, err);
    arena_free(arena);
    return ok;
}

bool queue_is_approved(struct queue *queue, const struct delivery *delivery, bool *ret_approved,
                       struct error *err)
{
    struct approval_case what = case_of(delivery);
    return approval_lets(queue, delivery->row, &what, ret_approved, err);
}

/* ---- whose time has come, and how many wait ---- */

bool queue_drafts_due(struct queue *queue, instant now, size_t limit, struct arena *arena,
                      struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   "SELECT id FROM delivery WHERE state = 'draft' AND due <= ? ORDER BY due LIMIT ?",
                                   "ii", now, (int64_t)limit);
    return delivery_read_found(queue, query, arena, ret_deliveries, ret_count, err);
}

instant queue_next_draft(struct queue *queue)
{
    struct query *query = db_query(queue->db, "SELECT MIN(due) FROM delivery WHERE state = 'draft'", "");
    bool some = query_next(query) && !query_is_null(query, 0);
    instant next = some ? query_integer(query, 0) : INSTANT_NEVER;
    return query_end(query, NULL) ? next : INSTANT_NEVER;
}

bool queue_count_submitted(struct queue *queue, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(
        queue->db, "SELECT count(*) FROM delivery WHERE review IS NOT NULL AND review = 'submitted'", "");
    size_t count = query_next(query) ? (size_t)query_integer(query, 0) : 0;
    if (!query_end(query, err))
        return false;
    *ret_count = count;
    return true;
}
