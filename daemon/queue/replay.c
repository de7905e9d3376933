/* Answers that are given again when a control request is repeated under its Idempotency-Key. Kept a day. */
#include <string.h>

#include "queue/inside.h"

bool queue_replay(struct queue *queue, const char *key, const char *who, const char *request_hash,
                  struct arena *arena, struct replay *ret_replay, struct error *err)
{
    struct replay replay = {0};
    struct query *query =
        db_query(queue->db, "SELECT request_hash, status, body FROM replay WHERE request_key = ? AND who = ?",
                 "tt", key, who);
    if (query_next(query))
        replay = (struct replay){
            .status = (int)query_integer(query, 1),
            .same_request = !strcmp(query_peek(query, 0), request_hash),
            .body = query_text(query, 2, arena),
        };
    if (!query_end(query, err))
        return false;
    *ret_replay = replay;
    return true;
}

bool queue_remember(struct queue *queue, const char *key, const char *who, const char *request_hash,
                    int status, const char *body, instant now, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok =
        db_run(queue->db, err, "DELETE FROM replay WHERE at < ?", "i", now - DAYS(1)) &&
        db_run(
            queue->db, err,
            "INSERT INTO replay (request_key, who, request_hash, status, body, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (request_key, who) DO UPDATE SET request_hash = excluded.request_hash,"
            " status = excluded.status, body = excluded.body, at = excluded.at",
            "tttdti", key, who, request_hash, status, body, now);
    return queue_finish(queue, ok, err);
}
