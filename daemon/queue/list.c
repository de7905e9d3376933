/*
 * Pages of deliveries. A page is found in an index by its keys, then its rows are read. The cursor names the
 * last row of the page before, so that nothing is shown twice or left out when rows come and go between two
 * pages. What no index knows is looked for among the rows that an index gives, one after the other; in a
 * hurry only among so many, and the cursor is that of the last one looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "queue/inside.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000 };

/* ---- the cursor: "TIME/ACCOUNT/POST" ---- */

struct cursor {
    int64_t time; /* slot or published, as the list is ordered */
    const char *account, *post_id;
};

static bool cursor_parse(const char *text, struct arena *arena, struct cursor *ret_cursor, struct error *err)
{
    char *copy = arena_strdup(arena, text), *end;
    int64_t time = strtoll(copy, &end, 10);
    char *post = *end == '/' && end > copy ? strchr(end + 1, '/') : NULL;
    if (!post)
        return fail(err, "'%s' is not the cursor of a page", text);
    *post = '\0';
    *ret_cursor = (struct cursor){time, end + 1, post + 1};
    return true;
}

static const char *cursor_of(const struct delivery_filter *filter, const struct delivery *d,
                             struct arena *arena)
{
    instant time = filter->by_published ? d->published : d->slot;
    return arena_printf(arena, "%lld/%s/%s", (long long)time, d->account, d->post_id);
}

/* ---- the filter as SQL ---- */

/* Every filter is bound, used or not: a text for each combination in use, prepared once. */
static void add_state_filter(struct buf *sql, const char *plus, unsigned states)
{
    const char *separator = "state IN (";
    if (!(states & ((1u << STATE_COUNT) - 1)))
        return;
    buf_printf(sql, " AND %s", plus);
    for (int i = 0; i < STATE_COUNT; i++)
        if (states >> i & 1) {
            buf_printf(sql, "%s'%s'", separator, state_name((enum state)i));
            separator = ", ";
        }
    buf_add_char(sql, ')');
}

struct condition {
    const char *value, *text;
};

static bool add_conditions(struct buf *sql, const struct condition *conditions, size_t count)
{
    bool some = false;
    for (size_t i = 0; i < count; i++)
        if (conditions[i].value) {
            buf_printf(sql, " AND %s", conditions[i].text);
            some = true;
        }
    return some;
}

/* A '+' keeps SQLite from an index that does not give the order: what is published comes in that of its own.
 */
static void add_found(struct buf *sql, const struct delivery_filter *filter)
{
    const char *plus = filter->by_published ? "+" : "";
    const struct {
        bool filters;
        const char *text;
    } conditions[] = {{filter->by_published, "published > 0"},
                      {filter->released, "released > 0"},
                      {filter->standing, "deleted + deleting = 0"},
                      {filter->reviewed, "review IS NOT NULL"},
                      {filter->from, "slot >= ?8"},
                      {filter->until, "slot < ?9"},
                      {filter->account, "account = ?2"},
                      {filter->series, "series = ?5"}};
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].filters)
            buf_printf(sql, " AND %s%s", i ? plus : "", conditions[i].text);
    if (filter->post_id) /* few rows, whatever their order */
        buf_add_text(sql, " AND post_id = ?1");
    add_state_filter(sql, plus, filter->states);
}

/* Whether there is any that is only seen in the row itself. */
static bool add_looked_at(struct buf *sql, const struct delivery_filter *filter)
{
    const struct condition conditions[] = {
        {filter->accounts, "instr(',' || ?2 || ',', ',' || account || ',') > 0"},
        {filter->networks, "instr(',' || ?3 || ',', ',' || network || ',') > 0"},
        {filter->bucket, "bucket = ?4"},
        {filter->origin, "origin = ?6"},
        {filter->text, "instr((SELECT folded FROM content WHERE delivery = id), ?7) > 0"},
        {filter->posts, "(instr(',' || ?13 || ',', ',' || post_id || ',') > 0 OR"
                        " instr(',' || ?13 || ',', ',' || series || ',') > 0)"},
    };
    return add_conditions(sql, conditions, sizeof conditions / sizeof *conditions);
}

static void add_order(struct buf *sql, const struct delivery_filter *filter)
{
    const char *time = filter->by_published ? "published" : "slot",
               *turn = filter->newest_first ? " DESC" : "";
    if (filter->cursor)
        buf_printf(sql, " AND (%s, post_id, account) %s (?10, ?11, ?12)", time,
                   filter->newest_first ? "<" : ">");
    buf_printf(sql, " ORDER BY %s%s, post_id%s, account%s", time, turn, turn, turn);
}

static struct delivery_filter without_cursor(const struct delivery_filter *filter)
{
    struct delivery_filter same = *filter;
    same.cursor = NULL;
    return same;
}

/* The keys of the page. limited: of what is found in an index only so many are looked at. */
static void add_keys(struct buf *sql, const struct delivery_filter *filter, bool limited)
{
    const struct delivery_filter same = without_cursor(filter);
    buf_add_text(
        sql, limited
                 ? "SELECT id FROM (SELECT id, slot, published, post_id, account, network, bucket, origin,"
                   " series FROM delivery WHERE 1 = 1"
                 : "SELECT id FROM delivery WHERE 1 = 1");
    add_found(sql, filter);
    if (limited) {
        add_order(sql, filter);
        buf_add_text(sql, " LIMIT ?15) WHERE 1 = 1");
    }
    add_looked_at(sql, filter);
    add_order(sql, limited ? &same : filter);
    buf_add_text(sql, " LIMIT ?14");
}

static bool is_limited(const struct delivery_filter *filter)
{
    struct buf ignored = {0};
    bool looks = filter->looks_at && add_looked_at(&ignored, filter);
    buf_release(&ignored);
    return looks;
}

static void add_query(struct buf *sql, const struct delivery_filter *filter)
{
    const struct delivery_filter same = without_cursor(filter);
    buf_add_text(sql, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id IN (");
    add_keys(sql, filter, is_limited(filter));
    buf_add_text(sql, ")");
    add_order(sql, &same);
}

/* The last one that was looked at, if so many were. */
static void add_last_looked_at(struct buf *sql, const struct delivery_filter *filter)
{
    buf_printf(sql, "SELECT %s, account, post_id FROM delivery WHERE 1 = 1",
               filter->by_published ? "published" : "slot");
    add_found(sql, filter);
    add_order(sql, filter);
    buf_add_text(sql, " LIMIT 1 OFFSET ?15 - 1");
}

/* How many parameters a text has is the highest number in it. */
static struct query *start(struct queue *queue, struct buf *sql, const struct delivery_filter *filter,
                           const struct cursor *cursor, const char *text, int64_t limit)
{
    const char *parameters = strstr(sql->data, "?15") ? "tttttttiiitttii" : "tttttttiiittti";
    struct query *query =
        db_query(queue->db, sql->data, parameters, filter->post_id,
                 filter->account ? filter->account : filter->accounts, filter->networks, filter->bucket,
                 filter->series, filter->origin, text, filter->from, filter->until, cursor->time,
                 cursor->post_id, cursor->account, filter->posts, limit, (int64_t)filter->looks_at);
    buf_release(sql);
    return query;
}

static bool find_last_looked_at(struct queue *queue, const struct delivery_filter *filter,
                                const struct cursor *cursor, struct arena *arena, const char **ret_next,
                                struct error *err)
{
    struct buf sql = {0};
    add_last_looked_at(&sql, filter);
    struct query *query = start(queue, &sql, filter, cursor, NULL, 0);
    *ret_next = !query_next(query) ? NULL
                                   : arena_printf(arena, "%lld/%s/%s", (long long)query_integer(query, 0),
                                                  query_peek(query, 1), query_peek(query, 2));
    return query_end(query, err);
}

/* That there is one row more than the page tells that there is another page. */
bool queue_list(struct queue *queue, const struct delivery_filter *filter, struct arena *arena,
                struct delivery ***ret_deliveries, size_t *ret_count, const char **ret_next,
                struct error *err)
{
    struct cursor cursor = {0};
    struct buf text = {0};
    size_t count = 0, limit = filter->limit ? filter->limit : LIMIT_DEFAULT;
    struct delivery **deliveries = NULL;
    bool more;
    if (limit > LIMIT_MOST)
        limit = LIMIT_MOST;
    if (filter->cursor && !cursor_parse(filter->cursor, arena, &cursor, err))
        return false;
    if (filter->text)
        search_fold(&text, filter->text);
    struct buf sql = {0};
    add_query(&sql, filter);
    struct query *query = start(queue, &sql, filter, &cursor, buf_text(&text), (int64_t)limit + 1);
    bool ok = delivery_read_some(query, limit, arena, &deliveries, &count, &more, err);
    const char *next = NULL;
    buf_release(&text);
    if (ok && more)
        next = cursor_of(filter, deliveries[count - 1], arena);
    else if (ok && is_limited(filter))
        ok = find_last_looked_at(queue, filter, &cursor, arena, &next, err);
    if (!ok)
        return false;
    *ret_deliveries = deliveries;
    *ret_count = count;
    *ret_next = next;
    return true;
}
