/*
 * How SQLite answers what the queue asks: each statement that is prepared here is explained, and none may go
 * through all of a large table, or sort what has no bound. Filters of lists are tried one by one and in
 * pairs.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "queue/alerts.h"
#include "queue/approval.h"
#include "queue/audit.h"
#include "queue/queue.h"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

/* ---- each statement, as it is prepared ---- */

static struct buf faults;
static size_t explained;
static bool watching;

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int length, unsigned flags,
                              sqlite3_stmt **statement, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int length, unsigned flags,
                              sqlite3_stmt **statement, const char **tail);

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* By name or by the alias that the statements use. */
static bool scans_much(const char *detail)
{
    static const char *const large[] = {"delivery", "d", "history",    "h", "p",
                                        "attempt",  "a", "settlement", "s", "approval"};
    /* what waits for people's approval is what people can look through */
    if (!begins(detail, "SCAN ") || strstr(detail, "INDEX delivery_review"))
        return false;
    size_t length = strcspn(detail + 5, " ");
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (strlen(large[i]) == length && !strncmp(detail + 5, large[i], length))
            return true;
    return false;
}

/* What is sorted is a page by its rows, the tally, or the accounts of one post; of states that each come in
 * order SQLite takes no more than the page. */
static bool is_bounded(const char *detail)
{
    return strstr(detail, "INTEGER PRIMARY KEY (rowid=?)") || strstr(detail, "(post_id=?") ||
           strstr(detail, "delivery_state_slot (state=?") || strstr(detail, "SCAN (subquery") ||
           begins(detail, "LIST SUBQUERY") || !strcmp(detail, "SCAN tally");
}

struct plan_step {
    int id, parent;
    char detail[200];
};

static bool sorts_much(const struct plan_step *steps, size_t count, const struct plan_step *sort)
{
    /* RIGHT PART: only what shares a time is sorted */
    if (!begins(sort->detail, "USE TEMP B-TREE FOR") || strstr(sort->detail, "RIGHT PART"))
        return false;
    for (size_t i = 0; i < count; i++)
        if (&steps[i] != sort && steps[i].parent == sort->parent && is_bounded(steps[i].detail))
            return false;
    return true;
}

static void judge(const char *sql, const struct plan_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((scans_much(steps[i].detail) && !strstr(sql, "LIMIT")) || sorts_much(steps, count, &steps[i]))
            buf_printf(&faults, "%s (of %s)\n    in: …%s\n", steps[i].detail, steps[i ? i - 1 : 0].detail,
                       strstr(sql, " FROM "));
}

static void explain(sqlite3 *db, const char *sql)
{
    struct plan_step steps[40];
    size_t count = 0;
    sqlite3_stmt *statement;
    char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    if (__real_sqlite3_prepare_v3(db, text, -1, 0, &statement, NULL) == SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW && count < sizeof steps / sizeof *steps) {
            struct plan_step *step = &steps[count++];
            step->id = sqlite3_column_int(statement, 0);
            step->parent = sqlite3_column_int(statement, 1);
            snprintf(step->detail, sizeof step->detail, "%s",
                     (const char *)sqlite3_column_text(statement, 3));
        }
        explained++;
        judge(sql, steps, count);
    }
    sqlite3_finalize(statement);
    sqlite3_free(text);
}

int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int length, unsigned flags,
                              sqlite3_stmt **statement, const char **tail)
{
    if (watching &&
        (begins(sql, "SELECT") || begins(sql, "UPDATE") || begins(sql, "INSERT") || begins(sql, "DELETE")))
        explain(db, sql);
    return __real_sqlite3_prepare_v3(db, sql, length, flags, statement, tail);
}

static void assert_faultless(size_t least)
{
    watching = false;
    if (faults.length)
        fail_msg("%s", buf_text(&faults));
    assert_in_range(explained, least, 100000);
    buf_release(&faults);
    explained = 0;
}

/* ---- what is asked ---- */

static void ask_list(struct house *house, const struct delivery_filter *filter)
{
    struct delivery **deliveries;
    size_t count;
    const char *next;
    assert_done(house,
                queue_list(house->queue, filter, house->arena, &deliveries, &count, &next, &house->err));
}

/* No field is said by both. */
static struct delivery_filter both(const struct delivery_filter *a, const struct delivery_filter *b)
{
    struct delivery_filter filter = *a;
    const unsigned char *over = (const void *)b;
    for (size_t i = 0; i < sizeof filter; i++)
        ((unsigned char *)&filter)[i] |= over[i];
    return filter;
}

static void no_list_goes_through_all(void **state)
{
    struct house *house = house_of(state);
    static const struct delivery_filter filters[] = {
        {.limit = 10},
        {.post_id = "a"},
        {.account = "x"},
        {.series = "s"},
        {.states = 1 << STATE_READY},
        {.states = 1 << STATE_HELD | 1 << STATE_UNSURE | 1 << STATE_DRAFT},
        {.from = T0},
        {.until = T0 + 5},
        {.reviewed = true},
        {.released = true},
        {.standing = true},
        {.by_published = true},
    };
    const size_t count = sizeof filters / sizeof *filters;
    house_add(house, "a", "x", T0 + HOURS(1));
    watching = true;
    for (size_t i = 0; i < count * count * 4; i++) {
        const struct delivery_filter *a = &filters[i / 4 / count], *b = &filters[i / 4 % count];
        struct delivery_filter filter = a == b ? *a : both(a, b);
        if (a == b || !a->states || !b->states) {
            filter.newest_first = i & 1;
            filter.cursor = i & 2 ? "12/x/a" : NULL;
            ask_list(house, &filter);
            filter.looks_at = 100;
            filter.text = "a";
            ask_list(house, &filter);
        }
    }
    assert_faultless(100);
}

static void no_other_question_goes_through_all(void **state)
{
    struct house *house = house_of(state);
    struct arena *arena = house->arena;
    struct event *events;
    struct audit_entry *entries;
    struct alert *alerts;
    struct delivery **deliveries;
    struct taken *taken;
    size_t count, counts[STATE_COUNT];
    const char *next;
    struct apply_report report;
    house_reopen(house); /* what is asked when it is opened */
    watching = true;
    house_add(house, "a", "x", T0 + HOURS(1));
    struct wanted wanted = wanted_of(arena, "b", "x", "t", T0 + HOURS(2));
    wanted.slot_name = "morning"; /* whether another has its place is looked for as well */
    for (int again = 0; again < 2; again++) {
        assert_done(house, queue_apply(house->queue, &wanted, !again, T0, INSTANT_NEVER, T0, "file", arena,
                                       &report, &house->err));
    }
    assert_done(house, queue_taken(house->queue, T0, arena, &taken, &count, &house->err));
    assert_done(house, queue_taken_of(house->queue, T0, (const char *[]){"a", "series@"}, 2, true, arena, &taken, &count,
                                      &house->err));
    queue_open_since(house->queue);
    assert_done(house, queue_published_as(house->queue, house_get(house, "a", "x"), "42", T0, arena, &next, &house->err));
    assert_done(house, queue_counts(house->queue, counts, &house->err));
    assert_done(house, queue_account_counts(house->queue, "x", counts, &house->err));
    for (int which = 0; which < 4; which++) {
        const char *post = which & 1 ? "a" : NULL, *account = which & 2 ? "x" : NULL;
        if (post || !account)
            assert_done(house,
                        queue_history(house->queue, post, account, 10, arena, &events, &count, &house->err));
        for (int more = 0; more < 8; more++) {
            struct audit_filter filter = {.post_id = post,
                                          .account = account,
                                          .who = more & 1 ? "cald" : NULL,
                                          .since = more & 2 ? T0 : 0,
                                          .oldest_first = more & 4};
            assert_done(house,
                        queue_audit_list(house->queue, &filter, arena, &entries, &count, &next, &house->err));
        }
    }
    for (int one = 0; one < 2; one++)
        assert_done(house, queue_changes(house->queue, "a", one ? "x" : NULL, 10, arena, &entries, &count, &house->err));
    assert_done(house, queue_drafts_due(house->queue, T0, 10, arena, &deliveries, &count, &house->err));
    queue_next_draft(house->queue);
    assert_done(house,
                queue_deeds(house->queue, DEED_DELETE, "x", 10, arena, &deliveries, &count, &house->err));
    assert_done(house,
                queue_deeds(house->queue, DEED_EDIT, "x", 10, arena, &deliveries, &count, &house->err));
    queue_last_changed(house->queue, "x");
    assert_done(house, queue_count_submitted(house->queue, &count, &house->err));
    assert_done(house, queue_alerts_due(house->queue, T0, 10, arena, &alerts, &count, &house->err));
    assert_faultless(25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_house(no_list_goes_through_all),
        in_house(no_other_question_goes_through_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
