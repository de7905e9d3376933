/*
 * Pages of deliveries. A page is found in an index by its keys, then its rows are read. The cursor names the
 * last row of the page before, so that nothing is shown twice or left out when rows come and go between two
 * pages.
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
static void add_state_filter(struct buf *sql, unsigned states)
{
    const char *separator = " AND state IN (";
    if (!(states & ((1u << STATE_COUNT) - 1)))
        return;
    for (int i = 0; i < STATE_COUNT; i++)
        if (states >> i & 1) {
            buf_printf(sql, "%s'%s'", separator, state_name((enum state)i));
            separator = ", ";
        }
    buf_add_char(sql, ')');
}

static void add_text_filters(struct buf *sql, const struct delivery_filter *filter)
{
    const struct {
        const char *value, *condition;
    } conditions[] = {
        {filter->post_id, "post_id = ?1"},
        {filter->account, "account = ?2"},
        {filter->accounts, "instr(',' || ?2 || ',', ',' || account || ',') > 0"},
        {filter->networks, "instr(',' || ?3 || ',', ',' || network || ',') > 0"},
        {filter->bucket, "bucket = ?4"},
        {filter->series, "series = ?5"},
        {filter->origin, "origin = ?6"},
        {filter->text, "instr(folded, ?7) > 0"},
        {filter->posts, "(instr(',' || ?13 || ',', ',' || post_id || ',') > 0 OR"
                        " instr(',' || ?13 || ',', ',' || series || ',') > 0)"},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].value)
            buf_printf(sql, " AND %s", conditions[i].condition);
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

static void add_query(struct buf *sql, const struct delivery_filter *filter)
{
    buf_add_text(sql, "SELECT " DELIVERY_COLUMNS
                      " FROM delivery WHERE id IN (SELECT id FROM delivery WHERE 1 = 1");
    if (filter->by_published)
        buf_add_text(sql, " AND published > 0");
    if (filter->released)
        buf_add_text(sql, " AND released > 0");
    if (filter->reviewed)
        buf_add_text(sql, " AND review IS NOT NULL");
    if (filter->from)
        buf_add_text(sql, " AND slot >= ?8");
    if (filter->until)
        buf_add_text(sql, " AND slot < ?9");
    add_state_filter(sql, filter->states);
    add_text_filters(sql, filter);
    add_order(sql, filter);
    buf_add_text(sql, " LIMIT ?14)");
    struct delivery_filter same = *filter;
    same.cursor = NULL;
    add_order(sql, &same);
}

static struct query *start_list(struct queue *queue, const struct delivery_filter *filter,
                                const struct cursor *cursor, const char *text, int64_t limit)
{
    struct buf sql = {0};
    add_query(&sql, filter);
    struct query *query =
        db_query(queue->db, sql.data, "tttttttiiittti", filter->post_id,
                 filter->account ? filter->account : filter->accounts, filter->networks, filter->bucket, filter->series, filter->origin, text, filter->from, filter->until,
                 cursor->time, cursor->post_id, cursor->account,
                 filter->posts, limit);
    buf_release(&sql);
    return query;
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
    struct query *query = start_list(queue, filter, &cursor, buf_text(&text), (int64_t)limit + 1);
    bool ok = delivery_read_some(query, limit, arena, &deliveries, &count, &more, err);
    buf_release(&text);
    if (!ok)
        return false;
    *ret_deliveries = deliveries;
    *ret_count = count;
    *ret_next = more ? cursor_of(filter, deliveries[count - 1], arena) : NULL;
    return true;
}
