/* A row of the table 'delivery' and struct delivery. Knows the order of DELIVERY_COLUMNS. */
#include <string.h>

#include "base/json.h"
#include "queue/inside.h"

enum column {
    ID,
    POST_ID,
    ACCOUNT,
    NETWORK,
    STATE,
    SLOT,
    DUE,
    KEY,
    CONTENT_HASH,
    ORIGIN,
    SERIES,
    SLOT_NAME,
    BUCKET,
    SOURCE,
    PREPARED,
    LOST,
    OVERRIDDEN,
    ATTEMPTS,
    FAILURES,
    FIRST_SENT,
    PUBLISHED,
    REMOTE_ID,
    REMOTE_URL,
    MESSAGE,
    AUTHOR,
    VERSION,
    CREATED,
    UPDATED,
    MEMO,
    CONTENT,
    PUBLISH_LATE,
    REFUSED_TIMES,
    RELEASED,
    ASKED,
    REVIEW,
    CHANGED_BY,
    DELETING,
    DELETED,
    EDITING,
    EDITED,
    EDIT,
};

static const char *const publish_late_names[] = {[PUBLISH_LATE_NO] = "no", [PUBLISH_LATE_YES] = "yes"};

const char *publish_late_name(enum publish_late late)
{
    return publish_late_names[late];
}

enum publish_late publish_late_read(const char *name)
{
    return !name ? PUBLISH_LATE_UNSAID : strcmp(name, "yes") == 0 ? PUBLISH_LATE_YES : PUBLISH_LATE_NO;
}

/* A key of the same form as the first. Who saved that one's refusal would only repeat it. */
static const char *request_key_of(const char *key, int64_t refusals, struct arena *arena)
{
    char hash[SHA256_HEX];
    if (refusals == 0)
        return key;
    const char *name = arena_printf(arena, "%s %lld", key, (long long)refusals);
    sha256_hex(name, strlen(name), hash);
    return arena_strndup(arena, hash, KEY_DIGITS);
}

static void read_texts(const struct query *query, struct arena *arena, struct delivery *d)
{
    const struct {
        const char **field;
        enum column column;
    } texts[] = {
        {&d->post_id, POST_ID},
        {&d->account, ACCOUNT},
        {&d->network, NETWORK},
        {&d->key, KEY},
        {&d->content_hash, CONTENT_HASH},
        {&d->origin, ORIGIN},
        {&d->series, SERIES},
        {&d->slot_name, SLOT_NAME},
        {&d->bucket, BUCKET},
        {&d->source, SOURCE},
        {&d->remote_id, REMOTE_ID},
        {&d->remote_url, REMOTE_URL},
        {&d->message, MESSAGE},
        {&d->author, AUTHOR},
        {&d->changed_by, CHANGED_BY},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i].field = query_text(query, (int)texts[i].column, arena);
}

static void read_numbers(const struct query *query, struct delivery *d)
{
    d->row = query_integer(query, ID);
    d->slot = query_integer(query, SLOT);
    d->due = query_integer(query, DUE);
    d->prepared = query_integer(query, PREPARED);
    d->lost = query_integer(query, LOST);
    d->overridden = query_integer(query, OVERRIDDEN);
    d->attempts = (int)query_integer(query, ATTEMPTS);
    d->failures = (int)query_integer(query, FAILURES);
    d->first_sent = query_integer(query, FIRST_SENT);
    d->published = query_integer(query, PUBLISHED);
    d->version = query_integer(query, VERSION);
    d->created = query_integer(query, CREATED);
    d->updated = query_integer(query, UPDATED);
    d->publish_late = publish_late_read(query_peek(query, PUBLISH_LATE));
    d->released = query_integer(query, RELEASED);
    d->asked = query_integer(query, ASKED);
    d->deleting = query_integer(query, DELETING);
    d->deleted = query_integer(query, DELETED);
    d->editing = query_integer(query, EDITING);
    d->edited = query_integer(query, EDITED);
    d->review = review_read(query_peek(query, (int)REVIEW));
}

static json_t *read_json(const struct query *query, enum column column, struct error *err)
{
    const char *text = query_peek(query, (int)column);
    bool is_empty = strcmp(text, "{}") == 0; /* as most memos are */
    json_t *value = is_empty ? json_object() : json_parse(text, strlen(text), err);
    if (!value || json_is_object(value))
        return value;
    json_decref(value);
    fail(err, "it is not an object");
    return NULL;
}

static const struct content *read_content(const struct query *query, enum column column, struct arena *arena,
                                          struct error *err)
{
    json_t *json = read_json(query, column, err);
    const struct content *content = json ? content_from_json(arena, json, err) : NULL;
    json_decref(json); /* now, not with the arena: its many small pieces serve the next row */
    return content;
}

/* Without them the row cannot be worked with: a disk that lies, or a hand in the database. */
static bool read_memo(const struct query *query, struct arena *arena, struct delivery *d, struct error *err)
{
    struct error why;
    d->memo = json_in_arena(arena, read_json(query, MEMO, &why));
    return d->memo || fail(err, "the stored memo of delivery '%s/%s' is damaged: %s", d->post_id, d->account,
                           why.message);
}

static bool read_contents(const struct query *query, struct arena *arena, struct delivery *d,
                          struct error *err)
{
    struct error why;
    d->content = read_content(query, CONTENT, arena, &why);
    if (d->editing)
        d->edit = read_content(query, EDIT, arena, &why);
    if (!d->content || (d->editing && !d->edit))
        return fail(err, "the stored content of delivery '%s/%s' is damaged: %s", d->post_id, d->account,
                    why.message);
    return true;
}

struct delivery *delivery_read_bare(const struct query *query, struct arena *arena, struct error *err)
{
    struct delivery *d = arena_new_of(arena, struct delivery);
    read_texts(query, arena, d);
    read_numbers(query, d);
    d->request_key = request_key_of(d->key, query_integer(query, REFUSED_TIMES), arena);
    if (!state_parse(query_peek(query, STATE), &d->state)) {
        fail(err, "delivery '%s/%s' has the unknown state '%s'", d->post_id, d->account,
             query_peek(query, STATE));
        return NULL;
    }
    return read_memo(query, arena, d, err) ? d : NULL;
}

struct delivery *delivery_read(const struct query *query, struct arena *arena, struct error *err)
{
    struct delivery *d = delivery_read_bare(query, arena, err);
    return d && read_contents(query, arena, d, err) ? d : NULL;
}

bool delivery_read_some(struct query *query, size_t most, struct arena *arena, struct delivery ***ret_deliveries,
                        size_t *ret_count, bool *ret_more, struct error *err)
{
    struct delivery **deliveries = NULL;
    size_t count = 0;
    bool ok = true, more = false;
    while (ok && (more = query_next(query)) && count < most) {
        struct delivery *delivery = delivery_read(query, arena, err);
        ok = delivery;
        if (ok)
            *arena_push(arena, deliveries, count) = delivery;
    }
    if (!query_end(query, ok ? err : NULL) || !ok)
        return false;
    *ret_deliveries = deliveries;
    *ret_count = count;
    *ret_more = more;
    return true;
}

bool delivery_read_all(struct query *query, struct arena *arena, struct delivery ***ret_deliveries,
                       size_t *ret_count, struct error *err)
{
    bool more;
    return delivery_read_some(query, SIZE_MAX, arena, ret_deliveries, ret_count, &more, err);
}

bool delivery_read_found(struct queue *queue, struct query *ids, struct arena *arena,
                         struct delivery ***ret_deliveries, size_t *ret_count, struct error *err)
{
    struct delivery **deliveries = NULL;
    int64_t *rows = NULL;
    size_t found = 0, count = 0;
    while (query_next(ids))
        *arena_push(arena, rows, found) = query_integer(ids, 0);
    if (!query_end(ids, err))
        return false;
    while (count < found) {
        struct delivery *delivery = queue_get_row(queue, rows[count], arena, err);
        if (!delivery)
            return false;
        *arena_push(arena, deliveries, count) = delivery;
    }
    *ret_deliveries = deliveries;
    *ret_count = count;
    return true;
}

struct spot spot_of(const struct delivery *delivery)
{
    return (struct spot){
        .row = delivery->row,
        .post_id = delivery->post_id,
        .account = delivery->account,
        .state = delivery->state,
        .slot = delivery->slot,
        .due = delivery->due,
        .first_sent = delivery->first_sent,
        .published = delivery->published,
        .content_hash = delivery->content_hash,
        .prepared = delivery->prepared,
        .lost = delivery->lost,
        .attempts = delivery->attempts,
        .failures = delivery->failures,
        .version = delivery->version,
        .publish_late = delivery->publish_late,
        .review = delivery->review,
        .read = delivery->memo,
    };
}

bool spot_read(struct queue *queue, int64_t row, struct arena *arena, struct spot *ret_spot,
               struct error *err)
{
    struct query *query =
        db_query(queue->db,
                 "SELECT post_id, account, state, slot, due, first_sent, published, content_hash, prepared, lost,"
                 " attempts, failures, version, publish_late, review, memo FROM delivery WHERE id = ?",
                 "i", row);
    struct spot spot = {.row = row};
    bool found = query_next(query), known = false;
    if (found) {
        known = state_parse(query_peek(query, 2), &spot.state);
        spot = (struct spot){
            .row = row,
            .post_id = query_text(query, 0, arena),
            .account = query_text(query, 1, arena),
            .state = spot.state,
            .slot = query_integer(query, 3),
            .due = query_integer(query, 4),
            .first_sent = query_integer(query, 5),
            .published = query_integer(query, 6),
            .content_hash = query_text(query, 7, arena),
            .prepared = query_integer(query, 8),
            .lost = query_integer(query, 9),
            .attempts = query_integer(query, 10),
            .failures = (int)query_integer(query, 11),
            .version = query_integer(query, 12),
            .publish_late = publish_late_read(query_peek(query, 13)),
            .review = review_read(query_peek(query, 14)),
            .memo = query_text(query, 15, arena),
        };
    }
    if (!query_end(query, err))
        return false;
    if (!known)
        return fail(err, found ? "delivery %lld has an unknown state" : "no delivery with row %lld",
                    (long long)row);
    *ret_spot = spot;
    return true;
}
