/*
 * See db.h. Knows SQLite: its result codes, its settings, and that after some errors it has rolled back by
 * itself, so that what follows would be written outside any transaction. Knows no table.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "queue/db.h"

enum { STATEMENTS_KEPT = 200, LATEST = 256, BUSY_TIMEOUT_MS = 5000 };
enum { LOG_LARGE = 4000, LOG_SMALL = 1000 }; /* pages */

#ifdef CALD_MUTANT_SYNC_NORMAL
#define SYNCHRONOUS "NORMAL"
#else
#define SYNCHRONOUS "FULL"
#endif

struct query {
    struct db *db;
    char *sql;
    sqlite3_stmt *statement;
    int result; /* SQLITE_OK, SQLITE_ROW, SQLITE_DONE or what went wrong */
    bool in_use;
    uint64_t used; /* when, in uses of the database: the oldest makes room */
};

struct db {
    sqlite3 *handle;
    char *path;
    struct query *queries[STATEMENTS_KEPT];
    struct query *latest[LATEST]; /* of queries, by the address of the text */
    size_t query_count;
    uint64_t uses;
    int depth;          /* of nested transactions */
    bool spoiled;       /* the transaction can only be rolled back … */
    struct error cause; /* … and why */
    bool full;          /* see db_was_full */
};

/* ---- what went wrong, for a person ---- */

static const struct {
    int result;
    const char *text;
} meanings[] = {
    {SQLITE_FULL, "the disk is full"},
    {SQLITE_IOERR, "the disk reports an error"},
    {SQLITE_CORRUPT, "the file is damaged: keep it, and put a backup in its place"},
    {SQLITE_NOTADB, "the file is damaged or not a database: keep it, and put a backup in its place"},
    {SQLITE_READONLY, "it may not be written"},
    {SQLITE_BUSY, "another program holds it; 'fuser -v' on the file tells which"},
    {SQLITE_LOCKED, "another program holds it; 'fuser -v' on the file tells which"},
    {SQLITE_CANTOPEN, "it cannot be opened"},
    {SQLITE_PERM, "permission denied"},
    {SQLITE_AUTH, "permission denied"},
    {SQLITE_TOOBIG, "a value is too large"},
};

static const char *meaning_of(int result)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].result == (result & 0xff))
            return meanings[i].text;
    return NULL;
}

/* SQLite calls it full when a write finds no room; a sync, a quota and the index
 * of the log say it in other ways. */
static bool is_full(int result, int number)
{
    return (result & 0xff) == SQLITE_FULL || result == SQLITE_IOERR_SHMSIZE ||
           ((result & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT));
}

bool db_was_full(struct db *db)
{
    bool was = db->full;
    db->full = false;
    return was;
}

static bool fail_with(struct db *db, int result, struct error *err)
{
    if ((result & 0xff) == SQLITE_NOMEM)
        bug("out of memory in SQLite");
    db->full |= is_full(result, sqlite3_system_errno(db->handle));
    const char *meaning = meaning_of(result), *said = sqlite3_errmsg(db->handle);
    int number = sqlite3_system_errno(db->handle);
    if (!meaning)
        return fail(err, "database '%s': %s", db->path, said);
    if ((result & 0xff) == SQLITE_IOERR && number)
        return fail(err, "database '%s': %s: %s (%s)", db->path, meaning, strerror(number), said);
    return fail(err, "database '%s': %s (%s)", db->path, meaning, said);
}

/* The first cause counts: what follows from it says less. */
static void spoil(struct db *db, const struct error *cause)
{
    if (!db->depth || db->spoiled)
        return;
    db->spoiled = true;
    db->cause = *cause;
}

/* ---- opening ---- */

/*
 * The row says "wal" before the file says so; only the end of the statement tells whether that was written.
 * What is not heeded leaves the old journal in use, whose last commit does not survive a power cut.
 */
static bool use_wal(struct db *db, struct error *err)
{
    struct query *query = db_query(db, "PRAGMA journal_mode=WAL", "");
    bool is_wal = query_next(query) && !strcmp(query_peek(query, 0), "wal");
    query_next(query);
    if (!query_end(query, err))
        return false;
    return is_wal || fail(err, "database '%s': its file system does not allow a write-ahead log", db->path);
}

/*
 * Debian's SQLite fills each page that becomes free with zeros, and writes it: a migration that makes a large
 * table anew would write all of the old one once more. FAST zeroes only what is written anyway.
 */
static bool set_up(struct db *db, struct error *err)
{
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return db_script(db,
                     "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
                     "PRAGMA synchronous=" SYNCHRONOUS "; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000;"
                     "PRAGMA secure_delete=FAST;",
                     err) &&
           use_wal(db, err) && db_script(db, "PRAGMA journal_size_limit=16777216;", err);
}

void db_keep_log(struct db *db, bool small)
{
    sqlite3_wal_autocheckpoint(db->handle, small ? LOG_SMALL : LOG_LARGE);
}

#ifdef NDEBUG
#define TAKEN_FOR_GRANTED "PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF;"
#else
#define TAKEN_FOR_GRANTED ""
#endif

bool db_take_for_granted(struct db *db, struct error *err)
{
    return db_script(db, TAKEN_FOR_GRANTED, err);
}

/* Counting what is allocated takes a lock for each piece, and nobody asks for the count. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static struct db *db_new(const char *path)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct db *db = xmalloc(sizeof *db);
    pthread_once(&once, configure);
    *db = (struct db){.path = xstrdup(path)};
    return db;
}

/* A new file is for its user alone, whatever the umask: SQLite would make it for all to read. Its log takes its mode. What
 * fails here fails again when SQLite opens it, and is told then. */
static void make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

/* SQLite says only that it cannot be opened. */
static bool is_ours(const char *path, struct error *err)
{
    if (!faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) || errno != EACCES)
        return true;
    return fail_errno(err, "the database must belong to the user that runs cald (a backup that root put back does not): "
                           "cannot open '%s'",
                      path);
}

struct db *db_open(const char *path, struct error *err)
{
    make_private(path);
    if (!is_ours(path, err))
        return NULL;
    struct db *db = db_new(path);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (!db->handle)
        bug("out of memory in SQLite");
    if (result == SQLITE_OK ? set_up(db, err) : fail_with(db, result, err))
        return db;
    db_close(db);
    return NULL;
}

/* With a log it may be in use, and must be read as its users do; without one it is whole as it is. */
static char *address_to_read(const char *path)
{
    struct buf address = {0}, log = {0};
    buf_printf(&log, "%s-wal", path);
    bool in_use = access(buf_text(&log), F_OK) == 0;
    buf_add_text(&address, "file:");
    for (const char *at = path; *at; at++)
        buf_printf(&address, strchr("?#%", *at) ? "%%%02x" : "%c", (unsigned char)*at);
    buf_add_text(&address, in_use ? "?mode=ro" : "?mode=ro&immutable=1");
    buf_release(&log);
    return buf_detach(&address);
}

struct db *db_open_to_read(const char *path, struct error *err)
{
    struct db *db = db_new(path);
    char *address = address_to_read(path);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(address, &db->handle, flags, NULL);
    free(address);
    if (!db->handle)
        bug("out of memory in SQLite");
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    if (result == SQLITE_OK ? db_script(db, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;", err)
                            : fail_with(db, result, err))
        return db;
    db_close(db);
    return NULL;
}

void db_give_back(struct db *db)
{
    sqlite3_db_release_memory(db->handle);
}

static void query_free(struct query *query)
{
    sqlite3_finalize(query->statement);
    free(query->sql);
    free(query);
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->query_count; i++)
        query_free(db->queries[i]);
    sqlite3_close(db->handle);
    free(db->path);
    free(db);
}

/* ---- statements ---- */

/* What was found goes to the front: the statements of a long run are the first to be looked at. */
static struct query *find_query(struct db *db, const char *sql)
{
    for (size_t i = 0; i < db->query_count; i++)
        if (!strcmp(db->queries[i]->sql, sql)) {
            struct query *found = db->queries[i];
            db->queries[i] = db->queries[i / 2];
            db->queries[i / 2] = found;
            return found;
        }
    return NULL;
}

/* Where a new query goes: behind the last one, or in the place of the one not used for longest. */
static struct query **place_for_query(struct db *db)
{
    if (db->query_count < STATEMENTS_KEPT)
        return &db->queries[db->query_count++];
    struct query **oldest = NULL;
    for (size_t i = 0; i < STATEMENTS_KEPT; i++)
        if (!db->queries[i]->in_use && (!oldest || db->queries[i]->used < (*oldest)->used))
            oldest = &db->queries[i];
    if (!oldest)
        bug("%d queries are open", STATEMENTS_KEPT);
    memset(db->latest, 0, sizeof db->latest);
    query_free(*oldest);
    return oldest;
}

static struct query *query_in_list(struct db *db, const char *sql)
{
    struct query *query = find_query(db, sql);
    if (query)
        return query;
    query = xmalloc(sizeof *query);
    *query = (struct query){.db = db, .sql = xstrdup(sql)};
    *place_for_query(db) = query;
    return query;
}

/* Most texts are literals and come from where they came before: there one comparison finds the query. */
static struct query *query_for(struct db *db, const char *sql)
{
    struct query **latest = &db->latest[((uintptr_t)sql >> 4 ^ (uintptr_t)sql >> 10) % LATEST];
    if (!*latest || strcmp((*latest)->sql, sql) != 0)
        *latest = query_in_list(db, sql);
    return *latest;
}

static int prepare(struct query *query)
{
    if (query->statement)
        return SQLITE_OK;
    return sqlite3_prepare_v3(query->db->handle, query->sql, -1, SQLITE_PREPARE_PERSISTENT, &query->statement,
                              NULL);
}

static int bind_text(sqlite3_stmt *statement, int place, const char *text)
{
    return text ? sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC)
                : sqlite3_bind_null(statement, place);
}

static int bind_bytes(sqlite3_stmt *statement, int place, const void *bytes, size_t length)
{
    return bytes ? sqlite3_bind_blob64(statement, place, bytes, length, SQLITE_STATIC)
                 : sqlite3_bind_null(statement, place);
}

static int bind(sqlite3_stmt *statement, const char *format, va_list args)
{
    int result = SQLITE_OK;
    for (int place = 1; format[place - 1] && result == SQLITE_OK; place++) {
        const void *bytes;
        switch (format[place - 1]) {
        case 't':
            result = bind_text(statement, place, va_arg(args, const char *));
            break;
        case 'i':
            result = sqlite3_bind_int64(statement, place, va_arg(args, int64_t));
            break;
        case 'd':
            result = sqlite3_bind_int(statement, place, va_arg(args, int));
            break;
        case 'b':
            bytes = va_arg(args, const void *);
            result = bind_bytes(statement, place, bytes, va_arg(args, size_t));
            break;
        default:
            bug("unknown parameter '%c'", format[place - 1]);
        }
    }
    return result;
}

/* SQLite ends a transaction by itself after some errors; writing on would then commit each statement alone.
 */
static bool lost_its_transaction(const struct db *db)
{
    return db->depth && sqlite3_get_autocommit(db->handle);
}

static struct query *start_query(struct db *db, const char *sql, const char *format, va_list args)
{
    struct query *query = query_for(db, sql);
    if (query->in_use)
        bug("a query is used while it runs: %s", sql);
    query->in_use = true;
    query->used = ++db->uses;
    query->result = lost_its_transaction(db) ? SQLITE_ABORT : prepare(query);
    if (query->result != SQLITE_OK)
        return query;
    if (sqlite3_bind_parameter_count(query->statement) != (int)strlen(format))
        bug("%zu parameters for: %s", strlen(format), sql);
    query->result = bind(query->statement, format, args);
    return query;
}

struct query *db_query(struct db *db, const char *sql, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct query *query = start_query(db, sql, format, args);
    va_end(args);
    return query;
}

bool query_next(struct query *query)
{
    if (query->result == SQLITE_OK || query->result == SQLITE_ROW)
        query->result = sqlite3_step(query->statement);
    return query->result == SQLITE_ROW;
}

bool query_end(struct query *query, struct error *err)
{
    struct db *db = query->db;
    struct error cause;
    bool ok = query->result == SQLITE_OK || query->result == SQLITE_ROW || query->result == SQLITE_DONE;
    if (!ok && query->result == SQLITE_ABORT && db->spoiled)
        fail(&cause, "nothing was saved: %s", db->cause.message);
    else if (!ok)
        fail_with(db, query->result, &cause);
    if (query->statement) { /* NULL: it could not be prepared */
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    query->in_use = false;
    if (ok)
        return true;
    spoil(db, &cause);
    return fail(err, "%s", cause.message);
}

int64_t query_integer(const struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

bool query_is_null(const struct query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

const char *query_peek(const struct query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

const char *query_text(const struct query *query, int column, struct arena *arena)
{
    const char *text = query_peek(query, column);
    return text ? arena_strndup(arena, text, (size_t)sqlite3_column_bytes(query->statement, column)) : NULL;
}

const void *query_bytes(const struct query *query, int column, struct arena *arena, size_t *ret_length)
{
    if (query_is_null(query, column))
        return NULL;
    const void *bytes = sqlite3_column_blob(query->statement, column);
    *ret_length = (size_t)sqlite3_column_bytes(query->statement, column);
    return arena_strndup(arena, bytes, *ret_length);
}

bool db_run(struct db *db, struct error *err, const char *sql, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct query *query = start_query(db, sql, format, args);
    va_end(args);
    query_next(query);
    return query_end(query, err);
}

bool db_script(struct db *db, const char *sql, struct error *err)
{
    int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    if (result == SQLITE_OK)
        return true;
    struct error cause;
    fail_with(db, result, &cause);
    spoil(db, &cause);
    return fail(err, "%s", cause.message);
}

const char *db_path(const struct db *db)
{
    return db->path;
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_last_row(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

/* ---- transactions ---- */

bool db_begin(struct db *db, struct error *err)
{
    if (!db->depth && !db_run(db, err, "BEGIN IMMEDIATE", ""))
        return false;
    if (!db->depth++)
        db->spoiled = false;
    return true;
}

bool db_in_transaction(const struct db *db)
{
    return db->depth > 0;
}

bool db_is_nested(const struct db *db)
{
    return db->depth > 1;
}

static void roll_back(struct db *db)
{
    db->depth = 0;
    db->spoiled = false;
    if (!sqlite3_get_autocommit(db->handle))
        db_run(db, NULL, "ROLLBACK", "");
}

static bool commit_outermost(struct db *db, struct error *err)
{
    struct error cause = db->cause;
    if (db->spoiled) {
        roll_back(db);
        return fail(err, "nothing was saved: %s", cause.message);
    }
    if (lost_its_transaction(db))
        bug("a transaction ended by itself without an error");
    if (db_run(db, err, "COMMIT", "")) {
        db->depth = 0;
        return true;
    }
    roll_back(db);
    return false;
}

static bool is_whole(const struct db *db, struct error *err)
{
    return !db->spoiled || fail(err, "nothing was saved: %s", db->cause.message);
}

bool db_commit(struct db *db, struct error *err)
{
    if (!db->depth)
        bug("a commit without a transaction");
    if (db->depth == 1)
        return commit_outermost(db, err);
    db->depth--;
    return is_whole(db, err);
}

/* What failed before it would be forgiven with the part. */
bool db_part_begin(struct db *db, struct error *err)
{
    return is_whole(db, err) && db_run(db, err, "SAVEPOINT part", "");
}

bool db_part_keep(struct db *db, struct error *err)
{
    return is_whole(db, err) && db_run(db, err, "RELEASE part", "");
}

bool db_part_undo(struct db *db, struct error *err)
{
    struct error cause = db->cause;
    if (lost_its_transaction(db))
        return fail(err, "nothing was saved: %s", cause.message);
    db->spoiled = false;
    return db_run(db, err, "ROLLBACK TO part", "") && db_run(db, err, "RELEASE part", "");
}

void db_rollback(struct db *db)
{
    static const struct error given_up = {"a part of it was given up"};
    if (!db->depth)
        bug("a rollback without a transaction");
    if (db->depth == 1) {
        roll_back(db);
        return;
    }
    spoil(db, &given_up);
    db->depth--;
}
