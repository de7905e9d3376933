/* The audit trail of a database that no cald has to run for. Reads; knows neither lock nor migrations. */
#include "queue/inside.h"

static bool has_chain(struct db *db, const char *path, struct error *err)
{
    struct query *query =
        db_query(db, "SELECT count(*) FROM pragma_table_info('history') WHERE name = 'hash'", "");
    bool has = query_next(query) && query_integer(query, 0);
    if (!query_end(query, err))
        return false;
    return has ||
           fail(err, "'%s' has no audit trail: it is of another program, or of a cald older than the trail",
                path);
}

static bool check_all(struct db *db, struct audit_check *check, struct error *err)
{
    struct query *query = db_query(db, AUDIT_ENTRIES " ORDER BY h.id", "");
    while (query_next(query)) {
        struct arena *arena = arena_new();
        struct audit_entry entry;
        audit_read(query, arena, &entry);
        audit_check_next(check, &entry);
        arena_free(arena);
    }
    return query_end(query, err);
}

bool audit_check_file(struct audit_check *check, const char *path, struct error *err)
{
    struct db *db = db_open_to_read(path, err);
    bool ok = db && has_chain(db, path, err) && check_all(db, check, err);
    db_close(db);
    return ok;
}
