/*
 * db: SQLite, as little of it as the queue needs. The only file that includes sqlite3.h is db.c.
 *
 * Statements are prepared once and kept by their text. A query is bound, stepped and always ended, which
 * resets it: a reader left open would pin the write-ahead log. Parameters are given by a format, one letter
 * each:
 *
 *     t  const char *            text; NULL is SQL's NULL. Must live until the query ends
 *     i  int64_t                 also instants
 *     d  int                     also flags
 *     b  const void *, size_t    bytes; NULL is SQL's NULL. Must live until the query ends
 *
 * Writes happen in a transaction (BEGIN IMMEDIATE: a deferred one that wants to write later gets BUSY at
 * once). Transactions nest by counting; a statement that fails, or a rollback inside, spoils the whole: the
 * outermost commit then rolls back and says why. Out of memory ends the process. One thread only.
 */
#ifndef CALD_DB_H
#define CALD_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct db;
struct query;

/*
 * Opens or makes the file with WAL, synchronous=FULL (NORMAL loses acknowledged commits in a power cut),
 * foreign keys, cell_size_check, trusted_schema=OFF, defensive, a busy time-out of 5 s, and a log cut back to
 * 16 MiB. A file that is no database or damaged is refused.
 */
struct db *db_open(const char *path, struct error *err);
/*
 * Only to read, without a trace: a database beside whose name there is no log is not even locked, so that a
 * backup on a medium that cannot be written to is read too.
 */
struct db *db_open_to_read(const char *path, struct error *err);
/*
 * The schema's CHECKs and references are to us what assert() is: a release takes for granted what the tests have
 * shown, that names come from our own tables and rows from rows that were read. They cost a sixth of what a post
 * costs. Who else opens the file has them. What forbids to delete and to rewrite stays in force.
 */
bool db_take_for_granted(struct db *db, struct error *err);
/* Cached pages go back to the system, and are read again when they are asked for; statements stay. */
void db_give_back(struct db *db);
void db_close(struct db *db); /* NULL is fine; an open transaction is rolled back */

bool db_begin(struct db *db, struct error *err);
bool db_commit(struct db *db, struct error *err); /* the transaction is over in any case */
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);
bool db_is_nested(const struct db *db); /* a commit would not be the outermost */

/*
 * A part of the open transaction (depth 1) that can be taken back alone: one at a time. What failed in it does not
 * spoil the rest, unless SQLite ended the whole transaction: then taking it back fails, and all can only be rolled back.
 * None begins when something failed before it.
 */
bool db_part_begin(struct db *db, struct error *err);
bool db_part_keep(struct db *db, struct error *err);
bool db_part_undo(struct db *db, struct error *err);

/*
 * How far the write-ahead log grows before a commit brings its pages into the file: 4,000 pages (16 MiB), which is as
 * many as a lookup in it searches one table for; a page that many commits change is then written there once. Small: 1,000,
 * where disk is scarce.
 */
void db_keep_log(struct db *db, bool small);

/* Whether anything failed because the disk is full since this was last asked. */
bool db_was_full(struct db *db);

/* Never NULL: what goes wrong is told by query_end. Using a text again before its query was ended is a bug.
 */
struct query *db_query(struct db *db, const char *sql, const char *format, ...);
bool query_next(struct query *query);                   /* whether there is a (next) row */
bool query_end(struct query *query, struct error *err); /* false if anything failed since db_query */

int64_t query_integer(const struct query *query, int column); /* NULL gives 0 */
bool query_is_null(const struct query *query, int column);
const char *query_peek(const struct query *query, int column); /* until the next row; NULL for NULL */
const char *query_text(const struct query *query, int column,
                       struct arena *arena); /* a copy; NULL for NULL */
const void *query_bytes(const struct query *query, int column, struct arena *arena, size_t *ret_length);

/* One statement without rows. */
bool db_run(struct db *db, struct error *err, const char *sql, const char *format, ...);

/* Many statements in one text, without parameters: migrations. */
bool db_script(struct db *db, const char *sql, struct error *err);

const char *db_path(const struct db *db); /* as it was opened */

int64_t db_changes(const struct db *db);  /* rows changed by the last statement */
int64_t db_last_row(const struct db *db); /* number of the last inserted row */

#endif
