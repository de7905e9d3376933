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

static bool apply_migration(struct db *db, const struct migration *migration, struct error *err)
{
    struct buf header = {0};
    buf_printf(&header, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID,
               migration->number);
    bool ok = db_begin(db, err);
    if (ok && !(db_script(db, migration->sql, err) && db_script(db, header.data, err))) {
        db_rollback(db);
        ok = false;
    }
    ok = ok && db_commit(db, err);
    buf_release(&header);
    return ok || fail_while(err, "migration '%s'", migration->name);
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
        return fail(err, "'%s' was written by a newer cald (schema %lld, this one knows %lld)", path,
                    (long long)have, (long long)know);
    for (size_t i = 0; i < migration_count; i++) {
        if (migrations[i].number <= have)
            continue;
        if (!apply_migration(db, &migrations[i], err))
            return false;
        log_debug("schema of '%s' is now %s", path, migrations[i].name);
    }
    return true;
}
