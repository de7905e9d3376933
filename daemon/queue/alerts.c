/* What the operator is to be told: rows that are written once and then settled. Knows no hook. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "queue/alerts.h"
#include "queue/inside.h"

#define KEEP DAYS(90)

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000, CURSOR_DIGITS = 18 };

#define ALERTS                                                                                               \
    "SELECT id, alert_key, kind, account, episode, body, command_told, webhook_told, at, told, tries, due"   \
    " FROM alert"

const char *alert_way_name(enum alert_way way)
{
    static const char *const names[] = {[ALERT_COMMAND] = "command", [ALERT_WEBHOOK] = "webhook"};

    return names[way];
}

/* ---- writing ---- */

static bool insert(struct queue *queue, const struct alert *alert, instant now, struct error *err)
{
    char key[KEY_DIGITS + 1], *body = json_print(alert->body);
    bool ok = db_run(queue->db, err,
                     "INSERT INTO alert (alert_key, at, kind, account, episode, body, due)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (episode) WHERE episode IS NOT NULL DO NOTHING",
                     "titttti", random_hex(key, KEY_DIGITS), now, alert->kind, alert->account, alert->episode,
                     body, now);
    free(body);
    return ok;
}

bool queue_alert_raise(struct queue *queue, const struct alert *alert, instant now, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok = db_run(queue->db, err, "DELETE FROM alert WHERE at < ? AND episode IS NULL", "i", now - KEEP) &&
              insert(queue, alert, now, err);
    queue->alerts++;
    return queue_finish(queue, ok, err);
}

bool queue_alert_end(struct queue *queue, const char *episode, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok = db_run(queue->db, err, "UPDATE alert SET episode = NULL WHERE episode = ?", "t", episode);
    return queue_finish(queue, ok, err);
}

bool queue_alert_settle(struct queue *queue, const struct alert *alert, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok = db_run(
        queue->db, err,
        "UPDATE alert SET command_told = ?, webhook_told = ?, told = ?, tries = ?, due = ? WHERE id = ?",
        "ddidii", alert->took[ALERT_COMMAND], alert->took[ALERT_WEBHOOK], alert->told, alert->tries,
        alert->due, alert->row);
    return queue_finish(queue, ok, err);
}

bool queue_alerts_drop(struct queue *queue, instant now, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok = db_run(queue->db, err, "UPDATE alert SET told = ? WHERE told = 0", "i", now);
    return queue_finish(queue, ok, err);
}

bool queue_alerts_hasten(struct queue *queue, instant now, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok = db_run(queue->db, err, "UPDATE alert SET due = ? WHERE told = 0 AND due > ?", "ii", now, now);
    return queue_finish(queue, ok, err);
}

/* ---- reading ---- */

static bool read_alert(const struct query *query, struct arena *arena, struct alert *alert, struct error *err)
{
    size_t length;
    const char *body = query_bytes(query, 5, arena, &length);
    json_t *json = json_parse(body, length, NULL);
    if (!json)
        return fail(err, "the database is damaged: an alert cannot be read");
    *alert = (struct alert){
        .row = query_integer(query, 0),
        .key = query_text(query, 1, arena),
        .kind = query_text(query, 2, arena),
        .account = query_text(query, 3, arena),
        .episode = query_text(query, 4, arena),
        .body = json_in_arena(arena, json),
        .took = {query_integer(query, 6), query_integer(query, 7)},
        .at = query_integer(query, 8),
        .told = query_integer(query, 9),
        .tries = (int)query_integer(query, 10),
        .due = query_integer(query, 11),
    };
    return true;
}

static bool read_alerts(struct query *query, struct arena *arena, struct alert **ret_alerts,
                        size_t *ret_count, struct error *err)
{
    struct alert *alerts = NULL;
    size_t count = 0;
    bool ok = true;
    while (ok && query_next(query))
        ok = read_alert(query, arena, arena_push(arena, alerts, count), err);
    if (!query_end(query, ok ? err : NULL) || !ok)
        return false;
    *ret_alerts = alerts;
    *ret_count = count;
    return true;
}

bool queue_alerts_due(struct queue *queue, instant now, size_t limit, struct arena *arena,
                      struct alert **ret_alerts, size_t *ret_count, struct error *err)
{
    return read_alerts(db_query(queue->db, ALERTS " WHERE told = 0 AND (due <= ? OR due > ?) ORDER BY id LIMIT ?",
                                "iii", now, now + DAYS(1), (int64_t)limit),
                       arena, ret_alerts, ret_count, err);
}

/* The cursor is the number of a page's last row. */
static bool cursor_parse(const char *text, int64_t *ret_row, struct error *err)
{
    size_t digits = strspn(text, "0123456789");
    if (!digits || digits > CURSOR_DIGITS || text[digits])
        return fail(err, "'%s' is not the cursor of a page", text);
    *ret_row = strtoll(text, NULL, 10);
    return true;
}

bool queue_alerts(struct queue *queue, const struct alert_filter *filter, struct arena *arena,
                  struct alert **ret_alerts, size_t *ret_count, const char **ret_next, struct error *err)
{
    size_t limit = !filter->limit ? LIMIT_DEFAULT : filter->limit > LIMIT_MOST ? LIMIT_MOST : filter->limit;
    int64_t before = INT64_MAX;
    if (filter->cursor && !cursor_parse(filter->cursor, &before, err))
        return false;
    struct query *query =
        db_query(queue->db,
                 ALERTS " WHERE id < ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR account = ?3)"
                        " AND at >= ?4 AND at < ?5 AND (told = 0 OR NOT ?6) ORDER BY id DESC LIMIT ?7",
                 "ittiidi", before, filter->kind, filter->account, filter->from,
                 filter->until ? filter->until : INSTANT_NEVER, (int)filter->untold, (int64_t)limit + 1);
    if (!read_alerts(query, arena, ret_alerts, ret_count, err))
        return false;
    bool more = *ret_count > limit; /* one row more than the page tells that there is another page */
    *ret_count -= more;
    *ret_next = more ? arena_printf(arena, "%lld", (long long)(*ret_alerts)[limit - 1].row) : NULL;
    return true;
}

bool queue_alert_backlog(struct queue *queue, struct alert_backlog *ret_backlog, struct error *err)
{
    struct query *query =
        db_query(queue->db, "SELECT count(*), MIN(at), MAX(tries) FROM alert WHERE told = 0", "");
    struct alert_backlog backlog = {0};
    if (query_next(query))
        backlog = (struct alert_backlog){(size_t)query_integer(query, 0), query_integer(query, 1),
                                         (int)query_integer(query, 2)};
    if (!query_end(query, err))
        return false;
    *ret_backlog = backlog;
    return true;
}

instant queue_alerts_next(struct queue *queue, instant now)
{
    struct query *query = db_query(
        queue->db, "SELECT due FROM alert WHERE told = 0 AND due > ? ORDER BY due LIMIT 1", "i", now);
    instant next = query_next(query) ? query_integer(query, 0) : INSTANT_NEVER;
    return query_end(query, NULL) ? next : INSTANT_NEVER;
}

uint64_t queue_alerts_raised(const struct queue *queue)
{
    return queue->alerts;
}
