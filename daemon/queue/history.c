/*
 * What happened: rows that are written once and never changed. Here is the one place that writes them, each
 * chained to the one before, and the history of a delivery or an account. Who reads them as the audit trail:
 * audit_list.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "queue/inside.h"

enum { HISTORY_DEFAULT = 1000, HISTORY_MOST = 10000 };

/* ---- writing ---- */

/* The newest entry. Kept between entries: looking for it each time would cost more than the hash. */
static bool find_head(struct queue *queue, struct error *err)
{
    struct head *head = &queue->head;
    if (head->known)
        return true;
    struct query *query = db_query(queue->db, "SELECT id, hash FROM history ORDER BY id DESC LIMIT 1", "");
    *head = (struct head){.known = true};
    if (query_next(query)) {
        head->number = query_integer(query, 0);
        snprintf(head->hash, sizeof head->hash, "%s", query_is_null(query, 1) ? "" : query_peek(query, 1));
    }
    head->known = query_end(query, err);
    return head->known;
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* "cald", "file", or a person, who comes by the way that the control endpoint names. */
static const char *via_of(const struct queue *queue, const char *who)
{
    bool local = begins(who, "uid "), remote = begins(who, "token ");
    if ((local || remote) && queue->via[0])
        return queue->via;
    return local                                              ? "socket"
           : remote                                           ? "tcp"
           : !strcmp(who, "file") || !strcmp(who, "calendar") ? "file"
                                                              : "cald";
}

void queue_came_by(struct queue *queue, const char *via)
{
    snprintf(queue->via, sizeof queue->via, "%s", via ? via : "");
}

/* What a server said may hold anything. NULL: it can stay. */
static char *cleaned(const char *text)
{
    if (!text || utf8_is_valid(text, strlen(text)))
        return NULL;
    char *copy = xstrdup(text);
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return copy;
}

static bool insert(struct queue *queue, int64_t row, const struct audit_entry *entry, struct error *err)
{
    static const char with_delivery[] = "INSERT INTO history (id, delivery, at, who, from_state, to_state, "
                                        "why, kind, via, before_json, after_json,"
                                        " hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    static const char without[] = "INSERT INTO history (id, account, at, who, from_state, to_state, why, "
                                  "kind, via, before_json, after_json,"
                                  " hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    if (row)
        return db_run(queue->db, err, with_delivery, "iiittttttttt", entry->number, row, entry->at,
                      entry->who, entry->from, entry->to, entry->why, entry->kind, entry->via, entry->before,
                      entry->after, entry->hash);
    return db_run(queue->db, err, without, "itittttttttt", entry->number, entry->account, entry->at,
                  entry->who, entry->from, entry->to, entry->why, entry->kind, entry->via, entry->before,
                  entry->after, entry->hash);
}

/* What is not committed takes the head with it: queue_rollback forgets it. */
static bool chain(struct queue *queue, int64_t row, struct audit_entry *entry, struct error *err)
{
    struct head *head = &queue->head;
    char hash[SHA256_HEX];
    if (!find_head(queue, err))
        return false;
    entry->number = head->number + 1;
    entry->previous = head->hash[0] ? head->hash : NULL;
    entry->hash = audit_hash(entry, hash);
    if (!insert(queue, row, entry, err)) {
        head->known = false;
        return false;
    }
    head->number = entry->number;
    memcpy(head->hash, hash, sizeof hash);
    return true;
}

bool history_add(struct queue *queue, int64_t row, const struct audit_entry *entry, instant now,
                 struct error *err)
{
    struct audit_entry full = *entry;
    char *why = cleaned(entry->why);
    full.at = now;
    full.via = via_of(queue, entry->who);
    if (why)
        full.why = why;
    bool ok = chain(queue, row, &full, err);
    free(why);
    return ok;
}

static int64_t row_of(struct queue *queue, const char *post_id, const char *account, struct error *err)
{
    struct query *query = db_query(queue->db, "SELECT id FROM delivery WHERE post_id = ? AND account = ?",
                                   "tt", post_id, account);
    int64_t row = query_next(query) ? query_integer(query, 0) : 0;
    if (!query_end(query, err))
        return 0;
    if (!row)
        fail(err, "no delivery '%s/%s'", post_id, account);
    return row;
}

bool queue_audit(struct queue *queue, const struct audit_entry *entry, instant now, struct error *err)
{
    int64_t row = entry->post_id ? row_of(queue, entry->post_id, entry->account, err) : 0;
    if ((entry->post_id && !row) || !queue_begin(queue, err))
        return false;
    return queue_finish(queue, history_add(queue, row, entry, now, err), err);
}

/* ---- what a change changed ---- */

static bool add_content(struct queue *queue, const struct spot *spot, const struct packed *content,
                        struct buf *before, struct buf *after, struct error *err)
{
    struct query *query =
        db_query(queue->db, "SELECT content FROM content WHERE delivery = ?", "i", spot->row);
    if (query_next(query))
        buf_printf(before, "\"content\":%s", query_peek(query, 0));
    buf_printf(after, "\"content\":%s", content->json);
    return query_end(query, err);
}

static void add_slot(struct buf *side, instant slot)
{
    char text[INSTANT_TEXT];
    buf_printf(side, "%s\"slot\":\"%s\"", side->length > 1 ? "," : "",
               instant_format(slot, text, sizeof text));
}

static void add_late(struct buf *side, enum publish_late late)
{
    static const char *const words[] = {
        [PUBLISH_LATE_UNSAID] = "null", [PUBLISH_LATE_NO] = "false", [PUBLISH_LATE_YES] = "true"};
    buf_printf(side, "%s\"publish_late\":%s", side->length > 1 ? "," : "", words[late]);
}

bool describe_change(struct queue *queue, const struct spot *spot, const struct becoming *becoming,
                     struct described *ret_described, struct error *err)
{
    struct buf before = {0}, after = {0};
    const struct packed *content = becoming->content;
    bool rewritten = content && strcmp(content->hash, spot->content_hash) != 0;
    *ret_described = (struct described){0};
    if (!rewritten && becoming->slot == spot->slot && becoming->publish_late == spot->publish_late)
        return true;
    buf_add_char(&before, '{');
    buf_add_char(&after, '{');
    bool ok = !rewritten || add_content(queue, spot, content, &before, &after, err);
    if (becoming->slot != spot->slot) {
        add_slot(&before, spot->slot);
        add_slot(&after, becoming->slot);
    }
    if (becoming->publish_late != spot->publish_late) {
        add_late(&before, spot->publish_late);
        add_late(&after, becoming->publish_late);
    }
    buf_add_char(&before, '}');
    buf_add_char(&after, '}');
    *ret_described = (struct described){buf_detach(&before), buf_detach(&after)};
    return ok;
}

void described_release(struct described *described)
{
    free(described->before);
    free(described->after);
}

/* ---- reading ---- */

#define EVENTS                                                                                               \
    "SELECT h.at, COALESCE(d.post_id, ''), COALESCE(d.account, h.account, ''), h.who, h.from_state, "        \
    "h.to_state, h.why, h.kind"                                                                              \
    " FROM history h LEFT JOIN delivery d ON d.id = h.delivery"

static struct query *start_history(struct queue *queue, const char *post_id, const char *account,
                                   int64_t limit)
{
    if (post_id && account)
        return db_query(queue->db,
                        EVENTS
                        " WHERE h.delivery = (SELECT id FROM delivery WHERE post_id = ? AND account = ?)"
                        " ORDER BY h.id DESC LIMIT ?",
                        "tti", post_id, account, limit);
    if (post_id)
        return db_query(queue->db,
                        EVENTS " WHERE h.delivery IN (SELECT id FROM delivery WHERE post_id = ?)"
                               " ORDER BY h.id DESC LIMIT ?",
                        "ti", post_id, limit);
    if (account)
        return db_query(queue->db,
                        EVENTS " WHERE COALESCE(d.account, h.account) = ? ORDER BY h.id DESC LIMIT ?", "ti",
                        account, limit);
    return db_query(queue->db, EVENTS " ORDER BY h.id DESC LIMIT ?", "i", limit);
}

static void turn_around(struct event *events, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct event other = events[i];
        events[i] = events[count - 1 - i];
        events[count - 1 - i] = other;
    }
}

bool queue_history(struct queue *queue, const char *post_id, const char *account, size_t limit,
                   struct arena *arena, struct event **ret_events, size_t *ret_count, struct error *err)
{
    struct event *events = NULL;
    size_t count = 0;
    limit = !limit ? HISTORY_DEFAULT : limit > HISTORY_MOST ? HISTORY_MOST : limit;
    struct query *query = start_history(queue, post_id, account, (int64_t)limit);
    while (query_next(query))
        *arena_push(arena, events, count) = (struct event){
            .at = query_integer(query, 0),
            .post_id = query_text(query, 1, arena),
            .account = query_text(query, 2, arena),
            .who = query_text(query, 3, arena),
            .from = query_text(query, 4, arena),
            .to = query_text(query, 5, arena),
            .why = query_text(query, 6, arena),
            .kind = query_text(query, 7, arena),
        };
    if (!query_end(query, err))
        return false;
    turn_around(events, count);
    *ret_events = events;
    *ret_count = count;
    return true;
}
