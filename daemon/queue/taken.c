/* What the planner must know of the queue: names, times and states, without any content; and finding it by
 * name. */
#include <stdlib.h>
#include <string.h>

#include "base/index.h"
#include "queue/apply.h"

#define COLUMNS                                                                                              \
    "SELECT id, post_id, account, slot_name, slot, coalesce(base_slot, slot), state, removed, content_hash," \
    " CASE WHEN base_slot IS NULL OR origin = 'spontaneous' THEN NULL ELSE base_hash END, base_draft,"       \
    " overridden, network, origin, series, bucket, source, message FROM delivery WHERE "
#define FINAL "state IN ('published', 'refused', 'missed', 'cancelled')"

/* Five parts that share nothing, each found in an index. What is final and old is not found, but for posts of
 * slots: they must not get another time. */
const char *const queue_taken_sql[] = {
    COLUMNS OPEN " AND base_slot >= 0 AND ?1 = ?1",
    COLUMNS FINAL " AND slot >= ?1",
    COLUMNS "slot_name IS NOT NULL AND slot < ?1 AND " FINAL " AND origin = 'calendar' AND removed = 0",
    COLUMNS "slot_name IS NOT NULL AND slot >= 0 AND NOT (" FINAL ") AND +base_slot IS NULL AND ?1 = ?1",
    COLUMNS "state IN ('sending', 'unsure') AND +base_slot IS NULL AND slot_name IS NULL AND ?1 = ?1",
    NULL,
};

static void read_one(const struct query *query, struct arena *arena, struct taken *t)
{
    t->row = query_integer(query, 0);
    t->post_id = query_text(query, 1, arena);
    t->account = query_text(query, 2, arena);
    t->slot_name = query_text(query, 3, arena);
    t->slot = query_integer(query, 4);
    t->planned = query_integer(query, 5);
    if (!state_parse(query_peek(query, 6), &t->state))
        bug("state '%s' in the database", query_peek(query, 6)); /* the column's CHECK forbids it */
    t->removed = query_integer(query, 7);
    t->content_hash = query_text(query, 8, arena);
    const char *base = query_peek(query, 9);
    t->base_hash = base && !strcmp(base, t->content_hash) ? t->content_hash : query_text(query, 9, arena);
    t->base_draft = query_integer(query, 10);
    t->overridden = query_integer(query, 11);
    t->labels = sift_labels(query_peek(query, 12), query_peek(query, 13), query_peek(query, 14), t->slot_name,
                            query_peek(query, 15), query_peek(query, 16));
    t->against = is_held_for_charter(t->state, t->overridden, query_peek(query, 17));
}

bool queue_taken(struct queue *queue, instant from, struct arena *arena, struct taken **ret_taken,
                 size_t *ret_count, struct error *err)
{
    struct taken *taken = NULL;
    size_t count = 0;
    for (size_t part = 0; queue_taken_sql[part]; part++) {
        struct query *query = db_query(queue->db, queue_taken_sql[part], "i", from);
        while (query_next(query))
            read_one(query, arena, arena_push(arena, taken, count));
        if (!query_end(query, err))
            return false;
    }
    *ret_taken = taken;
    *ret_count = count;
    return true;
}

/* ---- of some posts ---- */

#define TAKEN                                                                                                \
    " AND ((" OPEN " AND base_slot >= 0) OR (" FINAL " AND slot >= ?1)"                                      \
    " OR (slot_name IS NOT NULL AND " FINAL " AND origin = 'calendar' AND removed = 0)"                      \
    " OR (slot_name IS NOT NULL AND NOT (" FINAL ") AND base_slot IS NULL)"                                  \
    " OR (state IN ('sending', 'unsure') AND base_slot IS NULL AND slot_name IS NULL))"

struct gathering {
    struct queue *queue;
    struct arena *arena;
    struct taken *taken;
    size_t count;
};

static bool gather(struct gathering *gathering, struct query *query, const struct index *but, struct error *err)
{
    while (query_next(query))
        if (!but || !index_get(but, query_peek(query, 1)))
            read_one(query, gathering->arena, arena_push(gathering->arena, gathering->taken, gathering->count));
    return query_end(query, err);
}

/* '@' is in no id: behind it is what names an occurrence, and 'A' is the sign after it. */
static bool gather_id(struct gathering *gathering, const char *id, instant from, struct error *err)
{
    size_t length = strlen(id);
    struct db *db = gathering->queue->db;
    if (!length || id[length - 1] != '@')
        return gather(gathering, db_query(db, COLUMNS "post_id = ?2" TAKEN, "it", from, id), NULL, err);
    const char *end = arena_printf(gathering->arena, "%.*sA", (int)length - 1, id);
    return gather(gathering, db_query(db, COLUMNS "post_id > ?2 AND post_id < ?3" TAKEN, "itt", from, id, end), NULL,
                  err);
}

bool queue_taken_of(struct queue *queue, instant from, const char *const *ids, size_t id_count, bool slots,
                    struct arena *arena, struct taken **ret_taken, size_t *ret_count, struct error *err)
{
    struct gathering gathering = {.queue = queue, .arena = arena};
    struct index asked = {.arena = arena};
    for (size_t i = 0; i < id_count; i++)
        if (!index_put(&asked, ids[i], queue) && !gather_id(&gathering, ids[i], from, err))
            return false;
    if (slots && !gather(&gathering, db_query(queue->db, COLUMNS "slot_name IS NOT NULL AND slot >= 0" TAKEN, "i", from),
                         &asked, err))
        return false;
    *ret_taken = gathering.taken;
    *ret_count = gathering.count;
    return true;
}

/* ---- by name ---- */

struct taken_index { /* open addressing, at most half full; 0: free, else one more than the place in taken */
    struct taken *taken;
    uint32_t *places;
    size_t mask;
};

static uint64_t hash_name(const char *post_id, const char *account)
{
    return fnv_text(fnv_text(FNV_START, post_id), account);
}

static uint32_t *place_of(const struct taken_index *index, const char *post_id, const char *account)
{
    size_t i = hash_name(post_id, account) & index->mask;
    for (; index->places[i]; i = (i + 1) & index->mask) {
        const struct taken *t = &index->taken[index->places[i] - 1];
        if (!strcmp(t->post_id, post_id) && !strcmp(t->account, account))
            break;
    }
    return &index->places[i];
}

struct taken_index *taken_index(struct taken *taken, size_t count, struct arena *arena)
{
    struct taken_index *index = arena_new_of(arena, struct taken_index);
    size_t size = 64;
    while (size < count * 2)
        size *= 2;
    *index = (struct taken_index){taken, arena_alloc_array(arena, size, sizeof *index->places), size - 1};
    for (size_t i = 0; i < count; i++)
        *place_of(index, taken[i].post_id, taken[i].account) = (uint32_t)i + 1;
    return index;
}

struct taken *taken_find(const struct taken_index *index, const char *post_id, const char *account)
{
    uint32_t place = *place_of(index, post_id, account);
    return place ? &index->taken[place - 1] : NULL;
}
