/* See migrate.h. Knows the numbers in the database's header, not what the migrations do. */
#include "base/buf.h"
#include "base/log.h"
#include "queue/db.h"
#include "queue/migrate.h"

enum { APPLICATION_ID = 0x63616c64 }; /* "cald" */

static bool read_number(struct db *db, const char *sql, int64_t *ret_number, struct error *err)
{
    struct query *query = db_query(db, sql, "");
    int64_t number = query_next(query) ? query_integer(query, 0) : 0;
    if (!query_end(query, err))
        return false;
    *ret_number = number;
    return true;
}

static bool check_references(struct db *db, struct error *err)
{
    int64_t lost;
    if (!read_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &lost, err))
        return false;
    return !lost || fail(err, "%lld rows refer to what is not there", (long long)lost);
}

static bool apply_migration(struct db *db, const struct migration *migration, struct error *err)
{
    struct buf header = {0};
    buf_printf(&header, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID,
               migration->number);
    const char *sql = migration->sql;
#if defined CALD_MUTANT_VERSION_FIRST
    db_script(db, header.data, err);
#elif defined CALD_MUTANT_TORN_MIGRATION
    db_script(db, sql, err);
    sql = "";
#endif
    bool ok = db_begin(db, err);
    if (ok && !(db_script(db, sql, err) && check_references(db, err) && db_script(db, header.data, err))) {
        db_rollback(db);
        ok = false;
    }
    ok = ok && db_commit(db, err);
    buf_release(&header);
    return ok || fail_while(err, "migration '%s'", migration->name);
}

/*
 * A table that others refer to can only be made anew while SQLite does not look after references, and that
 * can only be said outside of a transaction (https://www.sqlite.org/lang_altertable.html#otheralter): each
 * migration is checked for them instead, before it is committed.
 */
static bool apply_missing(struct db *db, const char *path, int64_t have, struct error *err)
{
    if (!db_script(db, "PRAGMA foreign_keys=OFF", err))
        return false;
    for (size_t i = 0; i < migration_count; i++) {
        if (migrations[i].number <= have)
            continue;
        if (!apply_migration(db, &migrations[i], err))
            return false;
        log_debug("schema of '%s' is now %s", path, migrations[i].name);
    }
    return db_script(db, "PRAGMA foreign_keys=ON", err);
}

/* Nothing in it yet, or ours. */
static bool is_ours(struct db *db, const char *path, struct error *err)
{
    int64_t application, tables;
    if (!read_number(db, "PRAGMA application_id", &application, err) ||
        !read_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (application == APPLICATION_ID || (!application && !tables))
        return true;
    return fail(err, "'%s' is the database of another program", path);
}

bool migrate(struct db *db, const char *path, struct error *err)
{
    int64_t have, know = migrations[migration_count - 1].number;
    if (!is_ours(db, path, err) || !read_number(db, "PRAGMA user_version", &have, err))
        return false;
    if (have > know)
        return fail(err,
                    "'%s' was written by a newer cald (schema %lld, this one knows %lld): install that "
                    "again, or put a backup "
                    "from before it in its place",
                    path, (long long)have, (long long)know);
    return have == know || apply_missing(db, path, have, err);
}
