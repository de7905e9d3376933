/* A crisis in the queue: when there is one, for whom, and what may leave all the same. What the publisher makes of it:
   integration/test_crisis.py, fault/test_crisis.py. */
#include "queue_house.h"

#include "queue/audit.h"
#include "queue/crisis.h"

static void begin(struct house *house, const char *account)
{
    struct crisis crisis = {.account = account, .who = "uid 1000 (anna)", .why = "an accident"};
    assert_done(house, queue_crisis_start(house->queue, &crisis, T0, &house->err));
}

static void end(struct house *house, const char *account)
{
    assert_done(house, queue_crisis_end(house->queue, account, "uid 1000 (anna)", "over", T0, &house->err));
}

static void it_is_of_one_account_or_of_all(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        const char *starts, *ends;
        bool x, y;
    } steps[] = {
        {NULL, NULL, false, false}, {"x", NULL, true, false},   {"*", NULL, true, true},
        {NULL, "x", true, true},    {"y", NULL, true, true},    {NULL, "*", false, true},
        {NULL, "y", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        if (steps[i].starts)
            begin(house, steps[i].starts);
        if (steps[i].ends)
            end(house, steps[i].ends);
        for (int life = 0; life < 2; life++) {
            assert_int_equal(queue_in_crisis(house->queue, "x"), steps[i].x);
            assert_int_equal(queue_in_crisis(house->queue, "y"), steps[i].y);
            house_reopen(house);
        }
    }
}

static void what_was_not_committed_did_not_begin_or_end(void **state)
{
    struct house *house = house_of(state);
    assert_done(house, queue_begin(house->queue, &house->err));
    begin(house, "*");
    assert_true(queue_in_crisis(house->queue, "x")); /* nothing may leave while it is being written */
    queue_rollback(house->queue);
    assert_false(queue_in_crisis(house->queue, "x"));
    begin(house, "*");
    assert_done(house, queue_begin(house->queue, &house->err));
    end(house, "*");
    queue_rollback(house->queue);
    assert_true(queue_in_crisis(house->queue, "x"));
}

static void there_is_one_at_a_time_and_only_that_can_end(void **state)
{
    struct house *house = house_of(state);
    struct crisis again = {.account = "x", .who = "cald", .why = "again"};
    begin(house, "x");
    assert_refused(house, queue_crisis_start(house->queue, &again, T0, &house->err), "there is a crisis already for x");
    assert_refused(house, queue_crisis_end(house->queue, "y", "cald", NULL, T0, &house->err), "there is no crisis for y");
    assert_refused(house, queue_crisis_end(house->queue, "*", "cald", NULL, T0, &house->err), "there is no crisis");
}

static void move_to(struct house *house, const char *post, const struct move *move)
{
    assert_done(house, queue_move(house->queue, house_get(house, post, "x"), move, T0, &house->err));
}

static bool may_leave(struct house *house, const char *post)
{
    return queue_may_leave(house->queue, house_get(house, post, "x"));
}

static void what_is_released_may_leave_until_somebody_changes_it_or_the_crisis_ends(void **state)
{
    struct house *house = house_of(state);
    struct move release = {.to = STATE_READY, .who = "token redaction", .why = "released", .release = true};
    const struct move changes[] = {
        {.to = STATE_HELD, .who = "token redaction", .why = "held"},
        {.to = STATE_READY, .who = "token redaction", .why = "moved", .slot = T0 + HOURS(3)},
        {.to = STATE_READY, .who = "token redaction", .why = "edited", .content = content_of(house->arena, "Other")},
        {.to = STATE_DRAFT, .who = "token redaction", .why = "withdrawn"},
    };
    house_add(house, "a", "x", T0 + HOURS(1));
    house_add(house, "b", "x", T0 + HOURS(1));
    assert_true(may_leave(house, "a"));
    begin(house, "*");
    assert_false(may_leave(house, "a"));
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        move_to(house, "a", &release);
        assert_true(may_leave(house, "a"));
        assert_false(may_leave(house, "b"));
        move_to(house, "a", &changes[i]);
        assert_false(may_leave(house, "a"));
    }
    move_to(house, "a", &release);
    end(house, "*");
    begin(house, "*");
    assert_false(may_leave(house, "a"));
}

static void the_end_of_one_crisis_takes_nothing_from_another(void **state)
{
    struct house *house = house_of(state);
    struct move release = {.to = STATE_READY, .who = "token redaction", .why = "released", .release = true};
    house_add(house, "a", "x", T0 + HOURS(1));
    begin(house, "x");
    begin(house, "*");
    move_to(house, "a", &release);
    end(house, "*");
    assert_true(may_leave(house, "a"));
}

static void told(void *context, const struct queue_change *change)
{
    struct buf *said = context;
    buf_printf(said, "%s%s %s;", change->crisis ? "crisis " : "", change->account, change->starts ? "starts" : "ends");
}

static void who_listens_is_told_after_the_commit(void **state)
{
    struct house *house = house_of(state);
    struct buf said = {0};
    queue_on_change(house->queue, told, &said);
    assert_done(house, queue_begin(house->queue, &house->err));
    begin(house, "*");
    assert_string_equal(buf_text(&said), "");
    assert_done(house, queue_commit(house->queue, &house->err));
    end(house, "*");
    assert_string_equal(buf_text(&said), "crisis * starts;crisis * ends;");
    buf_release(&said);
    queue_on_change(house->queue, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_house(it_is_of_one_account_or_of_all),
        in_house(what_was_not_committed_did_not_begin_or_end),
        in_house(there_is_one_at_a_time_and_only_that_can_end),
        in_house(what_is_released_may_leave_until_somebody_changes_it_or_the_crisis_ends),
        in_house(the_end_of_one_crisis_takes_nothing_from_another),
        in_house(who_listens_is_told_after_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
