/* The queue as a whole: opening, listing, what is due, accounts, notes; and that it survives being closed. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/metrics.h"
#include "queue/inside.h"

#include "queue_house.h"

/* A second connection, as an operator or a broken disk would change the file behind our back. */
static bool behind_our_back(struct house *house, const char *sql)
{
    char path[96];
    snprintf(path, sizeof path, "%s/cald.db", house->directory);
    struct db *db = db_open(path, &house->err);
    assert_non_null(db);
    assert_true(db_take_for_granted(db, &house->err)); /* as cald itself has it */
    bool ok = db_script(db, sql, &house->err);
    db_close(db);
    return ok;
}

struct told {
    struct house *house;
    struct buf text;
};

static void tell(void *context, const struct queue_change *change)
{
    struct told *told = context;
    struct error err;
    buf_printf(&told->text, "%s/%s %s-%s;", change->post_id, change->account, state_name(change->from),
               state_name(change->to));
    assert_true(queue_set_note(told->house->queue, "told", "yes", &err)); /* may write itself */
}

/* ---- opening ---- */

static void the_directory_is_made_for_its_owner_only(void **state)
{
    struct house *house = house_of(state);
    char deep[96], path[128];
    struct stat st;
    snprintf(deep, sizeof deep, "%s/a", house->directory);
    struct queue *queue = queue_open(deep, &house->err);
    assert_non_null(queue);
    assert_int_equal(stat(deep, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    queue_close(queue);
    const char *names[] = {"cald.db", "lock"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", deep, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    rmdir(deep);
}

static void what_was_committed_is_there_after_reopening(void **state)
{
    struct house *house = house_of(state);
    struct delivery *before = house_add(house, "a", "mastodon", T0 + 5);
    assert_int_equal(strlen(before->key), 32);
    house_reopen(house);
    struct delivery *after = house_get(house, "a", "mastodon");
    assert_string_equal(after->key, before->key);
    assert_string_equal(after->content->parts[0].text, "Bonjour");
    assert_string_equal(after->content_hash, before->content_hash);
    assert_int_equal(after->state, STATE_READY);
    assert_true(after->slot == T0 + 5 && after->due == T0 + 5);
    assert_int_equal(json_object_size(after->memo), 0);
}

static void what_was_not_committed_is_gone_after_reopening(void **state)
{
    struct house *house = house_of(state);
    assert_done(house, queue_begin(house->queue, &house->err));
    house_add(house, "a", "mastodon", T0);
    house_reopen(house);
    assert_null(queue_get(house->queue, "a", "mastodon", house->arena, &house->err));
    assert_string_equal(house->err.message, "no delivery 'a/mastodon'");
}

static void a_second_queue_on_the_same_directory_is_refused(void **state)
{
    struct house *house = house_of(state);
    assert_null(queue_open(house->directory, &house->err));
    assert_non_null(strstr(house->err.message, "is another cald running"));
}

static void a_second_process_is_refused_until_the_first_ends(void **state)
{
    struct house *house = house_of(state);
    int status, pipes[2];
    char byte;
    queue_close(house->queue);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (!child) {
        struct queue *queue = queue_open(house->directory, NULL);
        if (write(pipes[1], queue ? "y" : "n", 1) == 1)
            pause();
        _exit(0);
    }
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    house->queue = queue_open(house->directory, &house->err);
    assert_null(house->queue);
    assert_non_null(strstr(house->err.message, "is another cald running"));
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    close(pipes[0]);
    close(pipes[1]);
    house->queue = queue_open(house->directory, &house->err);
    assert_non_null(house->queue);
}

static void a_newer_schema_is_refused(void **state)
{
    struct house *house = house_of(state);
    queue_close(house->queue);
    behind_our_back(house, "PRAGMA user_version=99");
    house->queue = queue_open(house->directory, &house->err);
    assert_null(house->queue);
    assert_non_null(strstr(house->err.message, "newer cald (schema 99"));
}

static void another_programs_database_is_refused(void **state)
{
    struct house *house = house_of(state);
    char path[96];
    queue_close(house->queue);
    snprintf(path, sizeof path, "%s/cald.db", house->directory);
    unlink(path);
    behind_our_back(house, "CREATE TABLE bookmarks (url TEXT)");
    house->queue = queue_open(house->directory, &house->err);
    assert_null(house->queue);
    assert_non_null(strstr(house->err.message, "another program"));
}

static void a_database_that_was_cut_is_refused(void **state)
{
    struct house *house = house_of(state);
    char path[96];
    queue_close(house->queue);
    snprintf(path, sizeof path, "%s/cald.db", house->directory);
    assert_int_equal(truncate(path, 5000), 0);
    house->queue = queue_open(house->directory, &house->err);
    assert_null(house->queue);
    assert_non_null(strstr(house->err.message, "damaged"));
}

/* ---- nothing vanishes ---- */

static void deliveries_and_history_can_be_neither_deleted_nor_rewritten(void **state)
{
    struct house *house = house_of(state);
    static const char *const attacks[] = {
        "DELETE FROM delivery",
        "DELETE FROM history",
        "DELETE FROM attempt",
        "DELETE FROM settlement",
        "DELETE FROM content",
        "UPDATE history SET why = 'nothing happened'",
        "UPDATE attempt SET body = 'other bytes'",
        "UPDATE settlement SET outcome = 'done'",
        "UPDATE delivery SET delivery_key = '00000000000000000000000000000000'",
        "UPDATE delivery SET state = 'lost'",
        "INSERT INTO history (delivery, at, who, to_state) VALUES (77, 1, 'x', 'ready')",
    };
    static const struct outcome done = {.kind = OUTCOME_DONE, .id = "1"};
    house_try(house, house_add(house, "a", "mastodon", T0), STEP_CREATE, &done, STATE_PUBLISHED, 0);
    for (size_t i = 0; i < COUNT_OF(attacks); i++)
        if (behind_our_back(house, attacks[i]))
            fail_msg("%s", attacks[i]);
}

static void damaged_json_is_an_error_that_names_the_delivery(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"UPDATE content SET content = '{\"parts\": [{\"te'", "content of delivery 'a/mastodon' is damaged"},
        {"UPDATE content SET content = '[]'", "it is not an object"},
        {"UPDATE content SET content = '{}'", "content of delivery 'a/mastodon' is damaged"},
        {"UPDATE content SET content = ''", "content of delivery 'a/mastodon' is damaged"},
        {"UPDATE delivery SET memo = 'null'", "memo of delivery 'a/mastodon' is damaged"},
    };
    house_add(house, "a", "mastodon", T0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const struct delivery_filter all = {.limit = 10};
        const char *cursor;
        struct delivery **deliveries;
        size_t count;
        assert_true(behind_our_back(house, cases[i].sql));
        assert_null(queue_get(house->queue, "a", "mastodon", house->arena, &house->err));
        assert_non_null(strstr(house->err.message, cases[i].words));
        assert_refused(house,
                       queue_list(house->queue, &all, house->arena, &deliveries, &count, &cursor, &house->err),
                       "a/mastodon");
    }
}

/* ---- a disk that fails ---- */

/* Commits while files may not grow: what the disk refuses is an error, nothing of it is there, and all works again. */
static void a_commit_that_the_disk_refuses_is_an_error_and_nothing_of_it_is_kept(void **state)
{
    struct house *house = house_of(state);
    struct rlimit before, tight;
    struct told told = {.house = house};
    struct stat st;
    char path[96];
    snprintf(path, sizeof path, "%s/cald.db-wal", house->directory);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    queue_on_change(house->queue, tell, &told);
    assert_done(house, queue_begin(house->queue, &house->err));
    house_add(house, "a", "x", T0);
    tight = (struct rlimit){(rlim_t)st.st_size, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    bool committed = queue_commit(house->queue, &house->err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(committed);
    if (!strstr(house->err.message, "the disk reports an error") &&
        !strstr(house->err.message, "the disk is full")) /* a page that fits in part */
        fail_msg("%s", house->err.message);
    assert_null(queue_get(house->queue, "a", "x", house->arena, &house->err));
    assert_string_equal(buf_text(&told.text), "");
    house_add(house, "a", "x", T0);
    assert_string_equal(buf_text(&told.text), "a/x ready-ready;");
    buf_release(&told.text);
}

/* ---- lists ---- */

static void fill_list(struct house *house)
{
    static const struct {
        const char *post_id, *account, *network, *origin, *series, *bucket, *text;
        instant slot;
        enum state state;
    } rows[] = {
        {"p1", "mastodon", "mastodon", "calendar", NULL, "news", "Été à la ferme", T0 + 10, STATE_READY},
        {"p1", "blog", "wordpress", "calendar", NULL, "news", "Été à la ferme", T0 + 10, STATE_READY},
        {"p2", "mastodon", "mastodon", "series", "tips", "advice", "ASTUCE 100%", T0 + 20, STATE_DRAFT},
        {"p3", "blog", "wordpress", "spontaneous", NULL, NULL, "Neige", T0 + 5, STATE_HELD},
        {"p4", "blog", "wordpress", "spontaneous", NULL, NULL, "Neige", T0 + 30, STATE_MISSED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct wanted wanted = {
            .post_id = rows[i].post_id, .account = rows[i].account, .network = rows[i].network, .origin = rows[i].origin,
            .series = rows[i].series, .bucket = rows[i].bucket, .slot = rows[i].slot, .state = rows[i].state,
            .content = content_of(house->arena, rows[i].text),
        };
        assert_done(house, queue_add(house->queue, &wanted, 1, T0, &house->err));
    }
}

/* "p1/blog p1/mastodon": what a list holds. */
static const char *list(struct house *house, const struct delivery_filter *filter)
{
    struct buf out = {0};
    struct delivery **deliveries;
    size_t count;
    const char *next;
    assert_done(house, queue_list(house->queue, filter, house->arena, &deliveries, &count, &next, &house->err));
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%s/%s", i ? " " : "", deliveries[i]->post_id, deliveries[i]->account);
    const char *text = arena_strdup(house->arena, buf_text(&out));
    buf_release(&out);
    return text;
}

static void each_filter_gives_its_deliveries_in_order(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        struct delivery_filter filter;
        const char *expected;
    } cases[] = {
        {{0}, "p3/blog p1/blog p1/mastodon p2/mastodon p4/blog"}, /* by slot, then post, then account */
        {{.newest_first = true}, "p4/blog p2/mastodon p1/mastodon p1/blog p3/blog"},
        {{.post_id = "p1"}, "p1/blog p1/mastodon"},
        {{.account = "mastodon"}, "p1/mastodon p2/mastodon"},
        {{.networks = "wordpress", .limit = 2}, "p3/blog p1/blog"},
        {{.networks = "wordpress,mastodon", .limit = 3}, "p3/blog p1/blog p1/mastodon"},
        {{.accounts = "mastodon"}, "p1/mastodon p2/mastodon"},
        {{.accounts = "nobody,mastodon"}, "p1/mastodon p2/mastodon"},
        {{.accounts = "mastodo,astodon"}, ""}, /* whole names */
        {{.bucket = "advice"}, "p2/mastodon"},
        {{.series = "tips"}, "p2/mastodon"},
        {{.origin = "spontaneous"}, "p3/blog p4/blog"},
        {{.states = 1 << STATE_DRAFT | 1 << STATE_HELD}, "p3/blog p2/mastodon"},
        {{.states = 1 << STATE_UNSURE}, ""},
        {{.from = T0 + 10, .until = T0 + 20}, "p1/blog p1/mastodon"}, /* until is exclusive */
        {{.text = "ÉTÉ"}, "p1/blog p1/mastodon"},                     /* case is folded beyond ASCII */
        {{.text = "astuce 1"}, "p2/mastodon"},
        {{.text = "100%"}, "p2/mastodon"}, /* no wildcard */
        {{.text = "p3"}, "p3/blog"},       /* the name is searched too */
        {{.text = "text"}, ""},            /* but no member's name */
        {{.account = "blog", .text = "neige", .states = 1 << STATE_HELD, .from = T0}, "p3/blog"},
        {{.by_published = true}, ""}, /* only what was published */
    };
    fill_list(house);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(list(house, &cases[i].filter), cases[i].expected);
}

static void pages_hold_everything_once(void **state)
{
    struct house *house = house_of(state);
    fill_list(house);
    for (int backwards = 0; backwards < 2; backwards++) {
        struct delivery_filter filter = {.limit = 2, .newest_first = backwards};
        struct buf seen = {0};
        int pages = 0;
        do {
            struct delivery **deliveries;
            size_t count;
            assert_done(house, queue_list(house->queue, &filter, house->arena, &deliveries, &count, &filter.cursor,
                                          &house->err));
            for (size_t i = 0; i < count; i++)
                buf_printf(&seen, "%s%s ", deliveries[i]->post_id, deliveries[i]->account);
        } while (filter.cursor && ++pages < 9);
        assert_int_equal(pages, 2);
        assert_string_equal(buf_text(&seen), backwards ? "p4blog p2mastodon p1mastodon p1blog p3blog "
                                                       : "p3blog p1blog p1mastodon p2mastodon p4blog ");
        buf_release(&seen);
    }
}

/* However few are looked at, the pages together hold what one page holds that looks at all. */
static void short_pages_hold_everything_too(void **state)
{
    struct house *house = house_of(state);
    static const struct delivery_filter filters[] = {
        {.networks = "wordpress"},
        {.accounts = "mastodon"},
        {.bucket = "advice"},
        {.origin = "spontaneous"},
        {.text = "p3"},
        {.text = "nowhere"},
        {.posts = "p1,tips"},
        {.account = "blog", .text = "neige"},
        {.states = 1 << STATE_DRAFT | 1 << STATE_HELD, .text = "p"},
        {.from = T0 + 10, .networks = "mastodon"},
    };
    fill_list(house);
    for (size_t i = 0; i < sizeof filters / sizeof *filters * 6; i++) {
        struct delivery_filter filter = filters[i / 6];
        filter.newest_first = i & 1;
        const char *whole = list(house, &filter), *pages = "";
        filter.looks_at = 1 + i % 6 / 2;
        for (int page = 0; !page || filter.cursor; page++) {
            struct delivery **deliveries;
            size_t count;
            assert_true(page < 9);
            assert_done(house, queue_list(house->queue, &filter, house->arena, &deliveries, &count,
                                          &filter.cursor, &house->err));
            assert_true(count <= filter.looks_at);
            for (size_t k = 0; k < count; k++)
                pages = arena_printf(house->arena, "%s%s%s/%s", pages, *pages ? " " : "",
                                     deliveries[k]->post_id, deliveries[k]->account);
        }
        assert_string_equal(pages, whole);
    }
}

static void what_is_no_cursor_is_refused(void **state)
{
    struct house *house = house_of(state);
    static const char *const cursors[] = {"", "x", "12", "12/", "12/a", "/a/b", "'; DROP TABLE delivery"};
    for (size_t i = 0; i < COUNT_OF(cursors); i++) {
        struct delivery_filter filter = {.cursor = cursors[i]};
        struct delivery **deliveries;
        const char *next;
        size_t count;
        assert_refused(house,
                       queue_list(house->queue, &filter, house->arena, &deliveries, &count, &next, &house->err),
                       "is not the cursor");
    }
}

static void published_ones_are_listed_by_when_they_were_published(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome done = {.kind = OUTCOME_DONE};
    struct settlement settlement = {.outcome = &done, .who = "cald", .to = STATE_PUBLISHED};
    const char *names[] = {"late", "early"};
    for (size_t i = 0; i < 2; i++) {
        struct delivery *delivery = house_add(house, names[i], "feed", T0);
        instant at = i ? T0 + 1 : T0 + 9;
        assert_done(house, queue_settle(house->queue, delivery, 0, &settlement, at, &house->err));
    }
    struct delivery_filter filter = {.by_published = true};
    assert_string_equal(list(house, &filter), "early/feed late/feed");
    filter.newest_first = true;
    filter.limit = 1;
    assert_string_equal(list(house, &filter), "late/feed");
}

static void states_are_counted(void **state)
{
    struct house *house = house_of(state);
    size_t counts[STATE_COUNT];
    fill_list(house);
    assert_done(house, queue_counts(house->queue, counts, &house->err));
    assert_int_equal(counts[STATE_READY], 2);
    assert_int_equal(counts[STATE_DRAFT], 1);
    assert_int_equal(counts[STATE_HELD], 1);
    assert_int_equal(counts[STATE_MISSED], 1);
    assert_int_equal(counts[STATE_PUBLISHED], 0);
}

/* ---- what is due ---- */

static const char *line(struct house *house, const char *account, const struct line_place *after, bool released,
                        size_t limit, struct line_place *ret_last)
{
    struct buf out = {0};
    struct line_place *places;
    size_t count;
    assert_done(house, queue_line(house->queue, account, after, released, limit, house->arena, &places, &count,
                                  &house->err));
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = queue_get_row(house->queue, places[i].row, house->arena, &house->err);
        assert_true(delivery->slot == places[i].slot);
        buf_printf(&out, "%s%s", i ? " " : "", delivery->post_id);
    }
    if (count && ret_last)
        *ret_last = places[count - 1];
    const char *text = arena_strdup(house->arena, buf_text(&out));
    buf_release(&out);
    return text;
}

static void a_line_is_what_an_account_has_ready_or_waiting_in_the_order_of_slots(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"}, done = {.kind = OUTCOME_DONE};
    struct line_place last;
    assert_string_equal(line(house, "x", NULL, false, 10, NULL), "");
    house_add(house, "c", "x", T0 + 3);
    house_add(house, "b", "y", T0 + 1);
    house_add(house, "a", "x", T0 + 1);
    house_add(house, "d", "x", T0 + 3);
    house_add(house, "e", "x", T0);
    house_try(house, house_get(house, "c", "x"), STEP_CREATE, &retry, STATE_WAITING, T0 + 99);
    house_try(house, house_get(house, "e", "x"), STEP_CREATE, &done, STATE_PUBLISHED, 0);
    assert_string_equal(line(house, "x", NULL, false, 10, NULL), "a c d"); /* by slot: c keeps its place */
    assert_string_equal(line(house, "x", NULL, false, 2, &last), "a c");
    assert_string_equal(line(house, "x", &last, false, 2, NULL), "d");
    assert_string_equal(line(house, "y", NULL, false, 10, NULL), "b");
    assert_true(behind_our_back(house, "UPDATE delivery SET released = 7 WHERE post_id = 'd'"));
    assert_string_equal(line(house, "x", NULL, true, 10, NULL), "d");
}

static void set_account(struct house *house, const char *name, bool paused, instant braked_until)
{
    struct account_status status = {.name = name, .paused = paused, .braked_until = braked_until};
    assert_done(house, queue_set_account(house->queue, &status, "uid 0 (root)", T0, &house->err));
}

static const char *plan_of(struct house *house, const char *sql)
{
    char path[96];
    struct buf plan = {0}, explain = {0};
    snprintf(path, sizeof path, "%s/cald.db", house->directory);
    struct db *db = db_open(path, &house->err);
    buf_printf(&explain, "EXPLAIN QUERY PLAN %s", sql);
    struct query *query = db_query(db, explain.data, "titi", "x", T0, "a", (int64_t)1);
    while (query_next(query))
        buf_printf(&plan, "%s\n", query_peek(query, 3));
    assert_true(query_end(query, &house->err));
    db_close(db);
    const char *text = arena_strdup(house->arena, buf_text(&plan));
    buf_release(&plan);
    buf_release(&explain);
    return text;
}

/* Anything else would cost with all that is waiting, or read contents. */
static void a_turn_goes_through_the_index_of_the_line(void **state)
{
    struct house *house = house_of(state);
    const char *plan = plan_of(house, queue_line_sql);
    assert_string_equal(plan, "SEARCH delivery USING COVERING INDEX delivery_line (account=? AND (slot,post_id)>(?,?))\n");
}

/* What many turns of the publisher cost, in processor time. */
static clock_t cost_of_turns(struct house *house)
{
    const struct delivery_filter first = {.account = "x", .states = 1u << STATE_READY | 1u << STATE_WAITING, .limit = 1};
    clock_t start = clock();
    for (int i = 0; i < 200; i++) {
        assert_string_equal(list(house, &first), "now/x");
        assert_string_equal(line(house, "x", NULL, false, 1, NULL), "now"); /* as the publisher reads it */
        assert_true(queue_open_since(house->queue) == INSTANT_NEVER);
    }
    return clock() - start;
}

/* 200,000 rows: published, waiting far ahead, and overdue in a paused account. */
static void a_turn_costs_the_same_with_200000_deliveries(void **state)
{
    struct house *house = house_of(state);
    house_add(house, "now", "x", T0);
    house_add(house, "one", "paused", T0);
    set_account(house, "paused", true, 0);
    clock_t few = cost_of_turns(house);
    assert_true(behind_our_back(
        house,
        "INSERT INTO delivery (post_id, account, network, state, slot, due, delivery_key, content_hash, "
        "origin,"
        " created, updated, published) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
        " SELECT i + 1 FROM n WHERE i < 200000) SELECT 'bulk' || i,"
        " CASE i % 4 WHEN 0 THEN 'paused' ELSE 'x' END, 'null',"
        " CASE WHEN i % 4 = 1 THEN 'published' ELSE 'ready' END,"
        " CASE WHEN i % 4 IN (0, 1) THEN i ELSE 1700000100000 + i END,"
        " CASE WHEN i % 4 IN (0, 1) THEN i ELSE 1700000100000 + i END,"
        " '0123456789abcdef0123456789abcdef', 'h', 'calendar', 1, 1,"
        " CASE WHEN i % 4 = 1 THEN i ELSE 0 END FROM n;"
        "INSERT INTO content (delivery, content, folded) SELECT id, '{\"parts\":[{\"text\":\"x\"}]}', ''"
        " FROM delivery WHERE post_id LIKE 'bulk%';"
        "UPDATE account SET"
        " ready = (SELECT count(*) FROM delivery d WHERE d.account = name AND d.state = 'ready'),"
        " published = (SELECT count(*) FROM delivery d WHERE d.account = name AND d.state = 'published')"));
    clock_t many = cost_of_turns(house);
    if (many > 20 * few + CLOCKS_PER_SEC / 10) /* measured: hardly more; a scan takes 500 times as much */
        fail_msg("200 turns took %lld us, with two deliveries %lld", (long long)many, (long long)few);
}

/* ---- accounts ---- */

static void an_account_without_a_row_is_all_zero(void **state)
{
    struct house *house = house_of(state);
    struct account_status status;
    assert_done(house, queue_account(house->queue, "nobody", house->arena, &status, &house->err));
    assert_string_equal(status.name, "nobody");
    assert_false(status.paused || status.reconnect || status.braked_until || status.failures || status.last_published);
    assert_null(status.paused_why);
}

static void what_is_set_of_an_account_is_read_back_and_pauses_are_history(void **state)
{
    struct house *house = house_of(state);
    struct account_status status = {.name = "x", .paused = true, .paused_why = "crisis", .braked_until = 5,
                                    .brake_why = "429", .reconnect = true, .failures = 3, .last_published = 9};
    struct event *events;
    size_t count;
    assert_done(house, queue_set_account(house->queue, &status, "token redaction", T0, &house->err));
    status.last_published = 0; /* from a struct that was read before: never goes back */
    assert_done(house, queue_set_account(house->queue, &status, "token redaction", T0, &house->err));
    house_reopen(house);
    assert_done(house, queue_account(house->queue, "x", house->arena, &status, &house->err));
    assert_true(status.paused && status.reconnect && status.braked_until == 5 && status.failures == 3);
    assert_string_equal(status.paused_why, "crisis");
    assert_string_equal(status.brake_why, "429");
    assert_true(status.last_published == 9);
    assert_done(house, queue_history(house->queue, NULL, "x", 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 1);
    assert_string_equal(events[0].post_id, "");
    assert_string_equal(events[0].who, "token redaction");
    assert_string_equal(events[0].from, "running");
    assert_string_equal(events[0].to, "paused");
    assert_string_equal(events[0].why, "crisis");
}

/* ---- notes, replays ---- */

static void notes_are_kept_replaced_and_removed(void **state)
{
    struct house *house = house_of(state);
    assert_null(queue_note(house->queue, "a", house->arena));
    assert_done(house, queue_set_note(house->queue, "a", "1", &house->err));
    assert_done(house, queue_set_note(house->queue, "a", "2", &house->err));
    house_reopen(house);
    assert_string_equal(queue_note(house->queue, "a", house->arena), "2");
    assert_done(house, queue_set_note(house->queue, "a", NULL, &house->err));
    assert_null(queue_note(house->queue, "a", house->arena));
    assert_done(house, queue_is_writable(house->queue, T0, &house->err));
}

static struct replay replay_of(struct house *house, const char *who, const char *request_hash)
{
    struct replay replay;
    assert_done(house, queue_replay(house->queue, "k", who, request_hash, house->arena, &replay, &house->err));
    return replay;
}

static void an_answer_is_given_again_to_the_same_person_for_a_day(void **state)
{
    struct house *house = house_of(state);
    assert_done(house, queue_remember(house->queue, "k", "anna", "h1", 201, "{}", T0, &house->err));
    assert_true(replay_of(house, "anna", "h1").same_request);
    assert_int_equal(replay_of(house, "anna", "h1").status, 201);
    assert_string_equal(replay_of(house, "anna", "h1").body, "{}");
    assert_int_equal(replay_of(house, "anna", "h2").status, 201);
    assert_false(replay_of(house, "anna", "h2").same_request);
    assert_int_equal(replay_of(house, "berta", "h1").status, 0);
    assert_done(house, queue_remember(house->queue, "l", "anna", "h1", 201, "{}", T0 + DAYS(1), &house->err));
    assert_int_equal(replay_of(house, "anna", "h1").status, 201);
    assert_done(house, queue_remember(house->queue, "m", "anna", "h1", 201, "{}", T0 + DAYS(1) + 1, &house->err));
    assert_int_equal(replay_of(house, "anna", "h1").status, 0);
}

/* The request would be carried out once more. */
static void an_answer_that_cannot_be_read_is_not_one_that_is_not_there(void **state)
{
    struct house *house = house_of(state);
    struct replay replay;
    assert_done(house, queue_remember(house->queue, "k", "anna", "h1", 201, "{}", T0, &house->err));
    assert_true(behind_our_back(house, "ALTER TABLE replay RENAME TO lost"));
    assert_refused(house,
                   queue_replay(house->queue, "k", "anna", "h1", house->arena, &replay, &house->err), "replay");
}

/* ---- who is told ---- */

static void changes_are_told_after_the_commit_and_never_without(void **state)
{
    struct house *house = house_of(state);
    struct told told = {.house = house};
    struct move cancel = {.to = STATE_CANCELLED, .who = "uid 0 (root)", .why = "no"};
    queue_on_change(house->queue, tell, &told);
    assert_done(house, queue_begin(house->queue, &house->err));
    struct delivery *delivery = house_add(house, "a", "x", T0);
    assert_done(house, queue_move(house->queue, delivery, &cancel, T0, &house->err));
    assert_string_equal(buf_text(&told.text), "");
    assert_done(house, queue_commit(house->queue, &house->err));
    assert_string_equal(buf_text(&told.text), "a/x ready-ready;a/x ready-cancelled;");
    buf_reset(&told.text);
    assert_done(house, queue_begin(house->queue, &house->err));
    house_add(house, "b", "x", T0);
    queue_rollback(house->queue);
    assert_done(house, queue_set_note(house->queue, "x", "y", &house->err));
    assert_string_equal(buf_text(&told.text), "");
    buf_release(&told.text);
}

static void a_part_that_is_taken_back_leaves_the_rest_as_if_it_had_not_been(void **state)
{
    struct house *house = house_of(state);
    struct told told = {.house = house};
    struct wanted twice[] = {wanted_of(house->arena, "b", "x", "x", T0), wanted_of(house->arena, "b", "x", "x", T0)};
    queue_on_change(house->queue, tell, &told);
    assert_done(house, queue_begin(house->queue, &house->err));
    house_add(house, "a", "x", T0);
    assert_done(house, queue_part_begin(house->queue, &house->err));
    assert_refused(house, queue_add(house->queue, twice, 2, T0, &house->err), "wanted twice");
    assert_false(queue_part_keep(house->queue, &house->err));
    assert_done(house, queue_part_undo(house->queue, &house->err));
    assert_done(house, queue_part_begin(house->queue, &house->err));
    house_add(house, "c", "x", T0);
    assert_done(house, queue_part_keep(house->queue, &house->err));
    assert_done(house, queue_commit(house->queue, &house->err));
    assert_string_equal(buf_text(&told.text), "a/x ready-ready;c/x ready-ready;");
    assert_null(queue_get(house->queue, "b", "x", house->arena, NULL));
    struct event *events;
    size_t count;
    assert_done(house, queue_history(house->queue, NULL, NULL, 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 2);
    buf_release(&told.text);
}

static bool house_move(struct house *house, const struct delivery *delivery, enum state to)
{
    struct move move = {.to = to, .who = "uid 1 (a)"};
    return queue_move(house->queue, delivery, &move, T0, &house->err);
}

static int ended(enum state state)
{
    return (int)metric_get(METRIC_DELIVERIES, state_name(state));
}

/* Only what an attempt did was, and what nobody saved was as well: nobody could tell a busy day from a strike. */
static void what_reaches_a_final_state_is_counted_once_whoever_made_it(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome done = {.kind = OUTCOME_DONE};
    struct wanted missed = wanted_of(house->arena, "m", "x", "x", T0);
    metrics_reset();
    for (int turn = 1; turn <= 2; turn++) { /* cancelled, taken back, and cancelled again */
        struct delivery *delivery = turn == 1 ? house_add(house, "a", "x", T0) : house_get(house, "a", "x");
        assert_true(house_move(house, delivery, STATE_CANCELLED));
        assert_int_equal(ended(STATE_CANCELLED), turn);
        assert_true(turn == 2 || house_move(house, house_get(house, "a", "x"), STATE_READY));
    }
    house_try(house, house_add(house, "b", "x", T0), STEP_CREATE, &done, STATE_PUBLISHED, 0);
    missed.state = STATE_MISSED;
    assert_done(house, queue_add(house->queue, &missed, 1, T0, &house->err));
    assert_int_equal(ended(STATE_PUBLISHED), 1);
    assert_int_equal(ended(STATE_MISSED), 1);
    assert_true(house_move(house, house_add(house, "c", "x", T0), STATE_HELD)); /* is no end */

    assert_done(house, queue_begin(house->queue, &house->err));
    assert_true(house_move(house, house_get(house, "c", "x"), STATE_CANCELLED));
    queue_rollback(house->queue);
    assert_done(house, queue_begin(house->queue, &house->err));
    assert_true(house_move(house, house_get(house, "m", "x"), STATE_CANCELLED));
    assert_done(house, queue_part_begin(house->queue, &house->err));
    assert_true(house_move(house, house_get(house, "c", "x"), STATE_CANCELLED));
    assert_done(house, queue_part_undo(house->queue, &house->err));
    assert_int_equal(ended(STATE_CANCELLED), 2); /* nothing is saved yet */
    assert_done(house, queue_commit(house->queue, &house->err));
    assert_int_equal(ended(STATE_CANCELLED), 3);
    for (int i = 0; i < STATE_COUNT; i++)
        assert_true(state_is_final((enum state)i) || !ended((enum state)i));
    metrics_reset();
}

/* The tally of the part before is written with the beginning of the next: what failed there is not the next one's to
 * take back. */
static void no_part_takes_back_what_failed_before_it(void **state)
{
    struct house *house = house_of(state);
    size_t counts[STATE_COUNT];
    house_add(house, "a", "x", T0);
    assert_true(behind_our_back(house, "CREATE TRIGGER full BEFORE UPDATE ON account WHEN new.ready > 1"
                                       " BEGIN SELECT RAISE(ABORT, 'no room'); END"));
    assert_done(house, queue_begin(house->queue, &house->err));
    house_add(house, "b", "x", T0);
    assert_refused(house, queue_part_begin(house->queue, &house->err), "no room");
    assert_refused(house, queue_part_begin(house->queue, &house->err), "nothing was saved");
    assert_refused(house, queue_commit(house->queue, &house->err), "no room");
    assert_null(queue_get(house->queue, "b", "x", house->arena, NULL));
    assert_done(house, queue_counts(house->queue, counts, &house->err));
    assert_int_equal(counts[STATE_READY], 1);
}

/* ---- coming in ---- */

static void a_post_is_added_for_all_its_accounts_or_none(void **state)
{
    struct house *house = house_of(state);
    struct wanted two[] = {wanted_of(house->arena, "a", "new", "x", T0), wanted_of(house->arena, "a", "old", "x", T0)};
    two[0].origin = two[1].origin = "spontaneous";
    house_add(house, "a", "old", T0);
    assert_done(house, queue_begin(house->queue, &house->err));
    assert_refused(house, queue_add(house->queue, two, 2, T0, &house->err), "'a/old' is already in the queue");
    assert_done(house, queue_commit(house->queue, &house->err)); /* a refusal wrote nothing and spoils nothing */
    assert_null(queue_get(house->queue, "a", "new", house->arena, &house->err));
    two[1] = two[0];
    assert_refused(house, queue_add(house->queue, two, 2, T0, &house->err), "wanted twice");
    assert_null(queue_get(house->queue, "a", "new", house->arena, &house->err));
    two[0].state = STATE_PUBLISHED;
    assert_refused(house, queue_add(house->queue, two, 1, T0, &house->err), "cannot add");
}

static void keys_are_random(void **state)
{
    struct house *house = house_of(state);
    const char *a = house_add(house, "a", "x", T0)->key, *b = house_add(house, "b", "x", T0)->key;
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_string_not_equal(a, b);
}

static void history_tells_the_newest_oldest_first(void **state)
{
    struct house *house = house_of(state);
    struct event *events;
    size_t count;
    for (int i = 0; i < 5; i++)
        house_add(house, arena_printf(house->arena, "p%d", i), i % 2 ? "x" : "y", T0);
    assert_done(house, queue_history(house->queue, NULL, NULL, 3, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 3);
    assert_string_equal(events[0].post_id, "p2");
    assert_string_equal(events[2].post_id, "p4");
    assert_null(events[0].from);
    assert_string_equal(events[0].to, "ready");
    assert_done(house, queue_history(house->queue, "p1", "x", 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 1);
    assert_done(house, queue_history(house->queue, "p1", NULL, 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 1);
    assert_done(house, queue_history(house->queue, NULL, "y", 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_house(the_directory_is_made_for_its_owner_only),
        in_house(what_was_committed_is_there_after_reopening),
        in_house(what_was_not_committed_is_gone_after_reopening),
        in_house(a_second_queue_on_the_same_directory_is_refused),
        in_house(a_second_process_is_refused_until_the_first_ends),
        in_house(a_newer_schema_is_refused),
        in_house(another_programs_database_is_refused),
        in_house(a_database_that_was_cut_is_refused),
        in_house(deliveries_and_history_can_be_neither_deleted_nor_rewritten),
        in_house(damaged_json_is_an_error_that_names_the_delivery),
        in_house(a_commit_that_the_disk_refuses_is_an_error_and_nothing_of_it_is_kept),
        in_house(each_filter_gives_its_deliveries_in_order),
        in_house(pages_hold_everything_once),
        in_house(short_pages_hold_everything_too),
        in_house(what_is_no_cursor_is_refused),
        in_house(published_ones_are_listed_by_when_they_were_published),
        in_house(states_are_counted),
        in_house(a_line_is_what_an_account_has_ready_or_waiting_in_the_order_of_slots),
        in_house(a_turn_goes_through_the_index_of_the_line),
        in_house(a_turn_costs_the_same_with_200000_deliveries),
        in_house(an_account_without_a_row_is_all_zero),
        in_house(what_is_set_of_an_account_is_read_back_and_pauses_are_history),
        in_house(notes_are_kept_replaced_and_removed),
        in_house(an_answer_is_given_again_to_the_same_person_for_a_day),
        in_house(an_answer_that_cannot_be_read_is_not_one_that_is_not_there),
        in_house(changes_are_told_after_the_commit_and_never_without),
        in_house(a_part_that_is_taken_back_leaves_the_rest_as_if_it_had_not_been),
        in_house(no_part_takes_back_what_failed_before_it),
        in_house(what_reaches_a_final_state_is_counted_once_whoever_made_it),
        in_house(a_post_is_added_for_all_its_accounts_or_none),
        in_house(keys_are_random),
        in_house(history_tells_the_newest_oldest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
