/* The database layer: transactions that count, errors that spoil, statements that are put back. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/db.h"

/* cmocka calls a macro fail, too: after our headers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct place {
    char directory[64], path[96];
    struct db *db;
    struct arena *arena;
    struct error err;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->directory, "/tmp/cald-db-XXXXXX");
    if (!mkdtemp(place->directory))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/x.db", place->directory);
    place->arena = arena_new();
    place->db = db_open(place->path, &place->err);
    *state = place;
    return place->db && db_script(place->db, "CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB) STRICT", &place->err) ? 0 : -1;
}

static int teardown(void **state)
{
    struct place *place = *state;
    char other[128];
    db_close(place->db);
    arena_free(place->arena);
    unlink(place->path);
    snprintf(other, sizeof other, "%s-wal", place->path);
    unlink(other);
    snprintf(other, sizeof other, "%s-shm", place->path);
    unlink(other);
    rmdir(place->directory);
    free(place);
    return 0;
}

static int64_t number(struct place *place, const char *sql)
{
    struct query *query = db_query(place->db, sql, "");
    int64_t value = query_next(query) ? query_integer(query, 0) : -1;
    assert_true(query_end(query, &place->err));
    return value;
}

static bool insert(struct place *place, int64_t a)
{
    return db_run(place->db, &place->err, "INSERT INTO t (a) VALUES (?)", "i", a);
}

static void what_is_bound_is_read_back(void **state)
{
    struct place *place = *state;
    size_t length = 0;
    assert_true(db_run(place->db, &place->err, "INSERT INTO t (a, b, c) VALUES (?, ?, ?)", "itb", INT64_MAX, "é'\"",
                       "\0\1\2", (size_t)3));
    assert_true(db_run(place->db, &place->err, "INSERT INTO t (a, b, c) VALUES (?, ?, ?)", "dtb", 7, NULL, NULL, (size_t)0));
    struct query *query = db_query(place->db, "SELECT a, b, c FROM t ORDER BY a DESC", "");
    assert_true(query_next(query));
    assert_true(query_integer(query, 0) == INT64_MAX);
    assert_string_equal(query_text(query, 1, place->arena), "é'\"");
    assert_memory_equal(query_bytes(query, 2, place->arena, &length), "\0\1\2", 3);
    assert_int_equal(length, 3);
    assert_true(query_next(query));
    assert_null(query_text(query, 1, place->arena));
    assert_null(query_bytes(query, 2, place->arena, &length));
    assert_true(query_is_null(query, 1));
    assert_false(query_next(query));
    assert_true(query_end(query, &place->err));
}

static void the_disk_settings_are_the_safe_ones(void **state)
{
    struct place *place = *state;
    struct query *query = db_query(place->db, "PRAGMA journal_mode", "");
    assert_true(query_next(query));
    assert_string_equal(query_peek(query, 0), "wal");
    query_end(query, NULL);
    assert_int_equal(number(place, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(number(place, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number(place, "PRAGMA trusted_schema"), 0);
    assert_int_equal(number(place, "PRAGMA cell_size_check"), 1);
    assert_int_equal(number(place, "PRAGMA journal_size_limit"), 16777216);
    db_keep_log(place->db, false);
    assert_int_equal(number(place, "PRAGMA wal_autocheckpoint"), 4000);
    db_keep_log(place->db, true);
    assert_int_equal(number(place, "PRAGMA wal_autocheckpoint"), 1000);
    assert_true(number(place, "PRAGMA busy_timeout") >= 1000);
}

static void only_the_outermost_commit_counts(void **state)
{
    struct place *place = *state;
    assert_true(db_begin(place->db, &place->err));
    assert_true(db_begin(place->db, &place->err));
    assert_true(insert(place, 1));
    assert_true(db_commit(place->db, &place->err));
    assert_true(db_in_transaction(place->db));
    db_rollback(place->db);
    assert_false(db_in_transaction(place->db));
    assert_int_equal(number(place, "SELECT count(*) FROM t"), 0);
}

static void a_rollback_inside_spoils_the_whole_transaction(void **state)
{
    struct place *place = *state;
    assert_true(db_begin(place->db, &place->err));
    assert_true(insert(place, 1));
    assert_true(db_begin(place->db, &place->err));
    db_rollback(place->db);
    assert_true(insert(place, 2));
    assert_false(db_commit(place->db, &place->err));
    assert_non_null(strstr(place->err.message, "nothing was saved"));
    assert_int_equal(number(place, "SELECT count(*) FROM t"), 0);
    assert_false(db_in_transaction(place->db));
}

static void a_statement_that_failed_spoils_the_commit_which_says_why(void **state)
{
    struct place *place = *state;
    assert_true(db_begin(place->db, &place->err));
    assert_true(insert(place, 1));
    assert_false(insert(place, 1));
    assert_false(db_commit(place->db, &place->err));
    assert_non_null(strstr(place->err.message, "UNIQUE"));
    assert_int_equal(number(place, "SELECT count(*) FROM t"), 0);
    assert_true(db_begin(place->db, &place->err));
    assert_true(insert(place, 1));
    assert_true(db_commit(place->db, &place->err));
}

/* INSERT OR ROLLBACK ends the transaction as a full disk does. */
static void nothing_is_written_after_sqlite_rolled_back_by_itself(void **state)
{
    struct place *place = *state;
    assert_true(db_begin(place->db, &place->err));
    assert_true(insert(place, 1));
    assert_false(db_run(place->db, &place->err, "INSERT OR ROLLBACK INTO t (a) VALUES (1)", ""));
    assert_false(insert(place, 2));
    assert_non_null(strstr(place->err.message, "nothing was saved"));
    assert_false(db_commit(place->db, &place->err));
    assert_int_equal(number(place, "SELECT count(*) FROM t"), 0);
}

static void a_full_database_is_told_as_a_full_disk(void **state)
{
    struct place *place = *state;
    char *long_text = malloc(100001);
    memset(long_text, 'x', 100000);
    long_text[100000] = '\0';
    number(place, "PRAGMA max_page_count=5");
    assert_true(db_begin(place->db, &place->err));
    assert_false(db_run(place->db, &place->err, "INSERT INTO t (b) VALUES (?)", "t", long_text));
    assert_non_null(strstr(place->err.message, "the disk is full"));
    assert_false(db_commit(place->db, &place->err));
    assert_non_null(strstr(place->err.message, "the disk is full"));
    number(place, "PRAGMA max_page_count=1000");
    assert_true(db_begin(place->db, &place->err));
    assert_true(db_run(place->db, &place->err, "INSERT INTO t (b) VALUES (?)", "t", long_text));
    assert_true(db_commit(place->db, &place->err));
    free(long_text);
}

static void more_texts_than_are_kept_can_be_used(void **state)
{
    struct place *place = *state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 300; i++) {
            char sql[64];
            snprintf(sql, sizeof sql, "SELECT %d", i);
            assert_int_equal(number(place, sql), i);
        }
}

static void a_query_ended_early_does_not_pin_the_log(void **state)
{
    struct place *place = *state;
    for (int i = 0; i < 10; i++)
        assert_true(insert(place, i));
    struct query *query = db_query(place->db, "SELECT a FROM t", "");
    assert_true(query_next(query));
    assert_true(query_end(query, &place->err));
    assert_int_equal(number(place, "PRAGMA wal_checkpoint(TRUNCATE)"), 0); /* 1: a reader holds it */
    struct stat st;
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", place->path);
    assert_int_equal(stat(wal, &st), 0);
    assert_int_equal(st.st_size, 0);
}

/* A damaged database can fail as early as that. */
static void a_statement_that_cannot_be_prepared_fails_and_says_why(void **state)
{
    struct place *place = *state;
    for (int again = 0; again < 2; again++) {
        struct query *query = db_query(place->db, "SELECT x FROM nowhere WHERE y = ?", "i", (int64_t)1);
        assert_false(query_next(query));
        assert_false(query_end(query, &place->err));
        assert_non_null(strstr(place->err.message, "no such table: nowhere"));
    }
    assert_int_equal(number(place, "SELECT 1"), 1);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct place *place = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/junk", place->directory);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(write(fd, "this is not a database at all\n", 30), 30);
    close(fd);
    assert_null(db_open(path, &place->err));
    assert_non_null(strstr(place->err.message, "not a database"));
    unlink(path);
    assert_null(db_open("/nonexistent/x.db", &place->err));
    assert_non_null(strstr(place->err.message, "cannot be opened"));
}

static void a_new_database_is_for_its_user_alone(void **state)
{
    struct place *place = *state;
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/new", place->directory);
    mode_t before = umask(0);
    struct db *db = db_open(path, &place->err);
    umask(before);
    assert_non_null(db);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    db_close(db);
    unlink(path);
}

static void a_database_of_another_user_is_told_as_such(void **state)
{
    struct place *place = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/backup", place->directory);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    chmod(path, 0);
    chmod(place->directory, 0755);
    bool is_root = geteuid() == 0; /* who may open everything */
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    struct db *db = db_open(path, &place->err);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_null(db);
    assert_non_null(strstr(place->err.message, "must belong to the user that runs cald"));
    assert_non_null(strstr(place->err.message, "Permission denied"));
    unlink(path);
}

int main(void)
{
#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        test(what_is_bound_is_read_back),
        test(the_disk_settings_are_the_safe_ones),
        test(only_the_outermost_commit_counts),
        test(a_rollback_inside_spoils_the_whole_transaction),
        test(a_statement_that_failed_spoils_the_commit_which_says_why),
        test(nothing_is_written_after_sqlite_rolled_back_by_itself),
        test(a_full_database_is_told_as_a_full_disk),
        test(more_texts_than_are_kept_can_be_used),
        test(a_query_ended_early_does_not_pin_the_log),
        test(a_statement_that_cannot_be_prepared_fails_and_says_why),
        test(a_file_that_is_no_database_is_refused),
        test(a_new_database_is_for_its_user_alone),
        test(a_database_of_another_user_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
