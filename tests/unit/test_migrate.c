/* Migrations, with some of its own in the place of those in schema/. Kills in between: fault/test_migration.py. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/db.h"
#include "queue/migrate.h"

const struct migration migrations[] = {
    {1, "001-both.sql",
     "CREATE TABLE parent (name TEXT NOT NULL PRIMARY KEY) STRICT;"
     "CREATE TABLE child (parent TEXT NOT NULL REFERENCES parent (name)) STRICT;"
     "INSERT INTO parent VALUES ('a'), ('b'); INSERT INTO child VALUES ('a'), ('b');"},
    {2, "002-anew.sql",
     "CREATE TABLE anew (name TEXT NOT NULL PRIMARY KEY, age INTEGER) STRICT;"
     "INSERT INTO anew (name) SELECT name FROM parent; DROP TABLE parent; ALTER TABLE anew RENAME TO parent;"},
    {3, "003-loses.sql", "CREATE TABLE more (x TEXT) STRICT; DELETE FROM parent WHERE name = 'a';"},
};
const size_t migration_count = sizeof migrations / sizeof *migrations;

static int64_t ask(struct db *db, const char *sql)
{
    struct query *query = db_query(db, sql, "");
    int64_t number = query_next(query) ? query_integer(query, 0) : -1;
    assert_true(query_end(query, NULL));
    return number;
}

static void what_loses_a_row_that_others_refer_to_is_refused_and_what_came_before_it_stays(void **state)
{
    (void)state;
    char path[] = "/tmp/cald-migrate-XXXXXX";
    struct error err = {0};
    close(mkstemp(path));
    for (int life = 0; life < 2; life++) {
        struct db *db = db_open(path, &err);
        assert_non_null(db);
        assert_false(migrate(db, path, &err));
        assert_string_equal(err.message, "migration '003-loses.sql': 1 rows refer to what is not there");
        assert_int_equal(ask(db, "PRAGMA user_version"), 2);
        assert_int_equal(ask(db, "SELECT count(*) FROM parent"), 2);
        assert_int_equal(ask(db, "SELECT count(*) FROM pragma_table_info('parent')"), 2);
        assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'more'"), 0);
        db_close(db);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_loses_a_row_that_others_refer_to_is_refused_and_what_came_before_it_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
