/* The history as the audit trail: pages of it, the overrides of a delivery, what was changed of a post. Knows no move. */
#include <stdlib.h>
#include <string.h>

#include "queue/inside.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000, LOOK = 20000, CURSOR_DIGITS = 18 };

/* As it stands, or one word of it: "uid 1000 (anna)" is anna, 1000, and one of all with a uid. */
#define BY_WHO                                                                                               \
    "(?5 IS NULL OR h.who = ?5"                                                                              \
    " OR instr(' ' || replace(replace(h.who, '(', ' '), ')', ' ') || ' ', ' ' || ?5 || ' ') > 0)"
#define PAGE                                                                                                 \
    " WHERE h.id >= ?1 AND h.id <= ?2 AND (?3 IS NULL OR d.post_id = ?3)"                                    \
    " AND (?4 IS NULL OR COALESCE(d.account, h.account) = ?4) AND " BY_WHO                                   \
    " AND (?6 IS NULL OR h.kind = ?6) AND h.at >= ?7 AND h.at < ?8"

void audit_read(const struct query *query, struct arena *arena, struct audit_entry *ret_entry)
{
    *ret_entry = (struct audit_entry){
        .number = query_integer(query, 0),
        .at = query_integer(query, 1),
        .kind = query_text(query, 2, arena),
        .who = query_text(query, 3, arena),
        .via = query_text(query, 4, arena),
        .post_id = query_text(query, 5, arena),
        .account = query_text(query, 6, arena),
        .from = query_text(query, 7, arena),
        .to = query_text(query, 8, arena),
        .why = query_text(query, 9, arena),
        .before = query_text(query, 10, arena),
        .after = query_text(query, 11, arena),
        .previous = query_text(query, 12, arena),
        .hash = query_text(query, 13, arena),
    };
}

static bool read_some(struct query *query, size_t most, struct arena *arena, struct audit_entry **ret_entries,
                      size_t *ret_count, struct error *err)
{
    struct audit_entry *entries = NULL;
    size_t count = 0;
    while (count < most && query_next(query))
        audit_read(query, arena, arena_push(arena, entries, count));
    if (!query_end(query, err))
        return false;
    *ret_entries = entries;
    *ret_count = count;
    return true;
}

/* ---- a page ---- */

struct window { /* the entries that a page looks at: first <= number <= last */
    int64_t first, last;
    bool more; /* beyond them, in the direction of reading */
};

static bool cursor_parse(const char *text, int64_t *ret_number, struct error *err)
{
    size_t digits = strspn(text, "0123456789");
    if (!digits || digits > CURSOR_DIGITS || text[digits])
        return fail(err, "'%s' is not the cursor of a page", text);
    *ret_number = strtoll(text, NULL, 10);
    return true;
}

/* The cursor is the number of the last entry that the page before looked at. */
static bool find_window(struct queue *queue, const struct audit_filter *filter, struct window *ret_window,
                        struct error *err)
{
    int64_t newest = 0, at = filter->oldest_first ? 0 : INT64_MAX;
    struct query *query = db_query(queue->db, "SELECT coalesce(max(id), 0) FROM history", "");
    if (query_next(query))
        newest = query_integer(query, 0);
    if (!query_end(query, err) || (filter->cursor && !cursor_parse(filter->cursor, &at, err)))
        return false;
    struct window window = {.last = at > newest ? newest : at - 1};
    window.first = window.last - LOOK + 1;
    if (filter->oldest_first)
        window = (struct window){.first = at + 1, .last = at + LOOK};
    window.more = filter->oldest_first ? window.last < newest : window.first > 1;
    *ret_window = window;
    return true;
}

static struct query *start_page(struct queue *queue, const struct audit_filter *filter,
                                const struct window *window, int64_t limit)
{
    static const char *const sql[] = {
        AUDIT_ENTRIES PAGE " ORDER BY h.id DESC LIMIT ?9",
        AUDIT_ENTRIES PAGE " ORDER BY h.id LIMIT ?9",
    };
    return db_query(queue->db, sql[filter->oldest_first], "iittttiii", window->first, window->last,
                    filter->post_id, filter->account, filter->who, filter->kind, filter->since,
                    filter->until ? filter->until : INSTANT_NEVER, limit);
}

bool queue_audit_list(struct queue *queue, const struct audit_filter *filter, struct arena *arena,
                      struct audit_entry **ret_entries, size_t *ret_count, const char **ret_next,
                      struct error *err)
{
    size_t limit = !filter->limit ? LIMIT_DEFAULT : filter->limit > LIMIT_MOST ? LIMIT_MOST : filter->limit;
    struct window window;
    if (!find_window(queue, filter, &window, err) ||
        !read_some(start_page(queue, filter, &window, (int64_t)limit), limit, arena, ret_entries, ret_count,
                   err))
        return false;
    int64_t edge = filter->oldest_first ? window.last : window.first;
    if (*ret_count == limit) {
        edge = (*ret_entries)[limit - 1].number;
        window.more = filter->oldest_first ? edge < window.last || window.more : edge > 1;
    }
    *ret_next = window.more ? arena_printf(arena, "%lld", (long long)edge) : NULL;
    return true;
}

/* ---- beside a delivery ---- */

bool queue_overrides(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                     struct audit_entry **ret_entries, size_t *ret_count, struct error *err)
{
    struct query *query =
        db_query(queue->db, AUDIT_ENTRIES " WHERE h.delivery = ? AND h.kind = 'override' ORDER BY h.id", "i",
                 delivery->row);
    return read_some(query, LIMIT_MOST, arena, ret_entries, ret_count, err);
}

/* ---- what was changed of a post ---- */

bool queue_changes(struct queue *queue, const char *post_id, const char *account, size_t limit, struct arena *arena,
                   struct audit_entry **ret_entries, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(queue->db,
                                   AUDIT_ENTRIES " WHERE h.delivery IN"
                                                 " (SELECT id FROM delivery WHERE post_id = ?1"
                                                 " AND (?2 IS NULL OR account = ?2))"
                                                 " AND h.before_json IS NOT NULL AND h.after_json IS NOT NULL"
                                                 " ORDER BY h.id DESC LIMIT ?3",
                                   "tti", post_id, account, (int64_t)limit);
    if (!read_some(query, limit, arena, ret_entries, ret_count, err))
        return false;
    for (size_t i = 0; i < *ret_count / 2; i++) {
        struct audit_entry other = (*ret_entries)[i];
        (*ret_entries)[i] = (*ret_entries)[*ret_count - 1 - i];
        (*ret_entries)[*ret_count - 1 - i] = other;
    }
    return true;
}
