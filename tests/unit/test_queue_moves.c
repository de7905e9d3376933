/* Moving deliveries: every pair of states against the drawing in queue.h, and what a move changes besides. */
#include "queue/inside.h"

#include "queue_house.h"

/*
 * The drawing. Rows from, columns to, in the order of enum state: x anybody may, a only an attempt, - refused, . no move
 * (the present state).
 */
static const char *const drawing[STATE_COUNT] = {
    /*                  d r h w s u p r m c */
    [STATE_DRAFT]     = ".xx-----xx",
    [STATE_READY]     = "x.xaa-aaxx",
    [STATE_HELD]      = "xx.-----xx",
    [STATE_WAITING]   = "xxx.a-axxx",
    [STATE_SENDING]   = "--aa.aaa--",
    [STATE_UNSURE]    = "-x--a.xx--",
    [STATE_PUBLISHED] = "------.---",
    [STATE_REFUSED]   = "xxx----.-x",
    [STATE_MISSED]    = "xxx-----.x",
    [STATE_CANCELLED] = "xxx------.",
};

static void the_table_is_the_drawing(void **state)
{
    (void)state;
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++) {
            char drawn = drawing[from][to];
            if (drawn == '.')
                continue;
            assert_int_equal(state_may_move((enum state)from, (enum state)to), drawn != '-');
            assert_int_equal(state_allows((enum state)from, (enum state)to, MOVER_ANYONE), drawn == 'x');
            assert_int_equal(state_allows((enum state)from, (enum state)to, MOVER_ATTEMPT), drawn != '-');
        }
}

static void every_state_has_a_name_that_is_read_back(void **test)
{
    enum state state;
    (void)test;
    for (int i = 0; i < STATE_COUNT; i++) {
        assert_true(state_parse(state_name((enum state)i), &state));
        assert_int_equal(state, i);
        assert_non_null(state_deed((enum state)i));
        assert_non_null(state_sentence((enum state)i));
    }
    assert_false(state_parse("", &state));
    assert_false(state_parse("Ready", &state));
    assert_false(state_parse("readyy", &state));
}

static void final_states_are_the_four(void **test)
{
    (void)test;
    for (int i = 0; i < STATE_COUNT; i++)
        assert_int_equal(state_is_final((enum state)i),
                         i == STATE_PUBLISHED || i == STATE_REFUSED || i == STATE_MISSED || i == STATE_CANCELLED);
}

/* ---- getting somewhere ---- */

static bool move_to(struct house *house, const struct delivery *delivery, enum state to)
{
    struct move move = {.to = to, .who = "cald", .why = "test"};
    return queue_move(house->queue, delivery, &move, T0, &house->err);
}

/* A delivery in this state, by allowed ways only. */
static struct delivery *delivery_in(struct house *house, enum state state)
{
    static const struct outcome unsure = {.kind = OUTCOME_UNSURE, .message = "cut"};
    static const struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"};
    static const struct outcome done = {.kind = OUTCOME_DONE};
    static const struct outcome refused = {.kind = OUTCOME_REFUSED, .message = "too long"};
    static const struct {
        const struct outcome *outcome; /* NULL: by a move, or nothing to do */
        bool move;
    } ways[STATE_COUNT] = {
        [STATE_DRAFT] = {NULL, true},         [STATE_READY] = {NULL, false},      [STATE_HELD] = {NULL, true},
        [STATE_WAITING] = {&retry, false},    [STATE_SENDING] = {NULL, false},    [STATE_UNSURE] = {&unsure, false},
        [STATE_PUBLISHED] = {&done, false},   [STATE_REFUSED] = {&refused, false}, [STATE_MISSED] = {NULL, true},
        [STATE_CANCELLED] = {NULL, true},
    };
    static int number;
    const char *post_id = arena_printf(house->arena, "p%d", number++);
    struct delivery *delivery = house_add(house, post_id, "x", T0 + 7);
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    int64_t attempt;
    if (ways[state].move)
        assert_done(house, move_to(house, delivery, state));
    else if (ways[state].outcome)
        house_try(house, delivery, STEP_CREATE, ways[state].outcome, state, 0);
    else if (state == STATE_SENDING)
        assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
    delivery = house_get(house, post_id, "x");
    assert_int_equal(delivery->state, state);
    return delivery;
}

static void queue_move_makes_what_is_drawn_and_refuses_the_rest(void **state)
{
    struct house *house = house_of(state);
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++) {
            if (from == to)
                continue;
            struct delivery *before = delivery_in(house, (enum state)from);
            bool moved = move_to(house, before, (enum state)to);
            struct delivery *after = house_get(house, before->post_id, "x");
            if (moved != (drawing[from][to] == 'x'))
                fail_msg("%s to %s", state_name((enum state)from), state_name((enum state)to));
            assert_int_equal(after->state, moved ? to : from);
            assert_int_equal(after->version, before->version + moved);
            assert_string_equal(after->key, before->key);
        }
}

static void a_refused_move_says_why(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        enum state from, to;
        const char *words;
    } cases[] = {
        {STATE_PUBLISHED, STATE_CANCELLED, "cannot cancel: it is already published"},
        {STATE_SENDING, STATE_CANCELLED, "cannot cancel: it is being sent"},
        {STATE_UNSURE, STATE_CANCELLED, "cannot cancel: it may have been published already"},
        {STATE_CANCELLED, STATE_CANCELLED, "cannot cancel: it is cancelled"},
        {STATE_READY, STATE_SENDING, "cannot send: it is ready"}, /* without an intent */
        {STATE_CANCELLED, STATE_MISSED, "cannot count it as missed: it is cancelled"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_refused(house, move_to(house, delivery_in(house, cases[i].from), cases[i].to), cases[i].words);
}

static void a_refused_move_leaves_the_transaction_usable(void **state)
{
    struct house *house = house_of(state);
    struct delivery *published = delivery_in(house, STATE_PUBLISHED), *ready = delivery_in(house, STATE_READY);
    assert_done(house, queue_begin(house->queue, &house->err));
    assert_false(move_to(house, published, STATE_CANCELLED));
    assert_done(house, move_to(house, ready, STATE_CANCELLED));
    assert_done(house, queue_commit(house->queue, &house->err));
    assert_int_equal(house_get(house, ready->post_id, "x")->state, STATE_CANCELLED);
}

/* ---- what goes with it ---- */

static void a_move_writes_who_when_and_why(void **state)
{
    struct house *house = house_of(state);
    struct delivery *delivery = house_add(house, "a", "x", T0);
    struct move move = {.to = STATE_HELD, .who = "uid 1000 (anna)", .why = "crisis"};
    struct event *events;
    size_t count;
    assert_done(house, queue_move(house->queue, delivery, &move, T0 + 3, &house->err));
    assert_done(house, queue_history(house->queue, "a", "x", 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, 2);
    assert_true(events[1].at == T0 + 3);
    assert_string_equal(events[1].who, "uid 1000 (anna)");
    assert_string_equal(events[1].from, "ready");
    assert_string_equal(events[1].to, "held");
    assert_string_equal(events[1].why, "crisis");
    delivery = house_get(house, "a", "x");
    assert_string_equal(delivery->message, "crisis");
    assert_true(delivery->overridden);
    assert_true(delivery->due == INSTANT_NEVER);
    assert_true(delivery->updated == T0 + 3);
}

static void what_a_person_says_of_a_late_one_is_kept_until_it_is_over(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        enum state from;
        enum publish_late said;
        bool done;
    } cases[] = {
        {STATE_READY, PUBLISH_LATE_YES, true},      {STATE_READY, PUBLISH_LATE_NO, true},
        {STATE_READY, PUBLISH_LATE_UNSAID, true},   {STATE_DRAFT, PUBLISH_LATE_YES, true},
        {STATE_MISSED, PUBLISH_LATE_YES, true},     {STATE_SENDING, PUBLISH_LATE_YES, false},
        {STATE_PUBLISHED, PUBLISH_LATE_YES, false}, {STATE_CANCELLED, PUBLISH_LATE_YES, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery *delivery = delivery_in(house, cases[i].from);
        struct move move = {.to = cases[i].from, .who = "uid 0 (root)", .publish_late = &cases[i].said};
        struct move nothing = {.to = STATE_HELD, .who = "cald", .why = "held"};
        assert_int_equal(queue_move(house->queue, delivery, &move, T0, &house->err), cases[i].done);
        if (cases[i].done) /* another move leaves it alone */
            assert_done(house, queue_move(house->queue, delivery, &nothing, T0, &house->err));
        assert_int_equal(house_get(house, delivery->post_id, "x")->publish_late,
                         cases[i].done ? cases[i].said : PUBLISH_LATE_UNSAID);
    }
}

static void due_follows_the_state_and_the_slot(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        enum state from;
        struct move move;
        instant slot, due;
    } cases[] = {
        {STATE_READY, {.to = STATE_READY, .slot = T0 + 50}, T0 + 50, T0 + 50},
        {STATE_HELD, {.to = STATE_READY}, T0 + 7, T0 + 7},
        {STATE_HELD, {.to = STATE_HELD, .slot = T0 + 50}, T0 + 50, INSTANT_NEVER},
        {STATE_DRAFT, {.to = STATE_READY, .slot = T0 + 9}, T0 + 9, T0 + 9},
        {STATE_READY, {.to = STATE_READY, .due = T0 + 1}, T0 + 7, T0 + 1},
        {STATE_WAITING, {.to = STATE_WAITING, .slot = T0 + 90}, T0 + 90, T0 + 90}, /* never early */
        {STATE_UNSURE, {.to = STATE_UNSURE, .due = T0 + 60}, T0 + 7, T0 + 60},
        {STATE_READY, {.to = STATE_CANCELLED}, T0 + 7, INSTANT_NEVER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery *delivery = delivery_in(house, cases[i].from);
        struct move move = cases[i].move;
        move.who = "uid 0 (root)";
        assert_done(house, queue_move(house->queue, delivery, &move, T0, &house->err));
        delivery = house_get(house, delivery->post_id, "x");
        assert_true(delivery->slot == cases[i].slot);
        assert_true(delivery->due == cases[i].due);
    }
}

static void a_retry_time_stays_when_only_something_else_changes(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"};
    struct move note = {.to = STATE_WAITING, .who = "cald", .why = "still busy"};
    struct delivery *delivery =
        house_try(house, house_add(house, "a", "x", T0), STEP_CREATE, &retry, STATE_WAITING, T0 + 99);
    assert_done(house, queue_move(house->queue, delivery, &note, T0, &house->err));
    assert_true(house_get(house, "a", "x")->due == T0 + 99);
}

static void an_edit_replaces_the_content_and_forgets_what_was_prepared(void **state)
{
    struct house *house = house_of(state);
    struct outcome next = {.kind = OUTCOME_NEXT, .memo = json_in_arena(house->arena, json_pack("{s:s}", "media", "7"))};
    struct settlement settlement = {.outcome = &next, .who = "cald", .to = STATE_READY, .prepared = true};
    struct delivery *delivery = house_add(house, "a", "x", T0);
    struct move edit = {.to = STATE_READY, .who = "uid 1 (a)", .content = content_of(house->arena, "Bonsoir")};
    assert_done(house, queue_settle(house->queue, delivery, 0, &settlement, T0, &house->err));
    delivery = house_get(house, "a", "x");
    assert_true(delivery->prepared);
    assert_string_equal(json_text(delivery->memo, "media"), "7");
    assert_done(house, queue_move(house->queue, delivery, &edit, T0, &house->err));
    struct delivery *after = house_get(house, "a", "x");
    assert_string_equal(after->content->parts[0].text, "Bonsoir");
    assert_string_not_equal(after->content_hash, delivery->content_hash);
    assert_int_equal(json_object_size(after->memo), 0);
    assert_false(after->prepared);
    assert_string_equal(after->key, delivery->key);
    struct delivery_filter filter = {.text = "BONSOIR"};
    struct delivery **found;
    const char *more;
    size_t count;
    assert_done(house, queue_list(house->queue, &filter, house->arena, &found, &count, &more, &house->err));
    assert_int_equal(count, 1);
}

static void an_edit_comes_too_late_once_it_may_be_out(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        enum state state;
        const char *words; /* NULL: it is taken */
    } cases[] = {
        {STATE_DRAFT, NULL},
        {STATE_READY, NULL},
        {STATE_HELD, NULL},
        {STATE_WAITING, NULL}, /* provably without effect */
        {STATE_REFUSED, NULL},
        {STATE_MISSED, NULL},
        {STATE_SENDING, "cannot change: it is being sent"},
        {STATE_UNSURE, "cannot change: it may have been published already"},
        {STATE_PUBLISHED, "cannot change: it is already published"},
        {STATE_CANCELLED, "cannot change: it is cancelled"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery *delivery = delivery_in(house, cases[i].state);
        struct move edit = {.to = cases[i].state, .who = "uid 1 (a)", .content = content_of(house->arena, "Bonsoir")};
        bool taken = queue_move(house->queue, delivery, &edit, T0, &house->err);
        assert_int_equal(taken, !cases[i].words);
        if (!taken)
            assert_string_equal(house->err.message, cases[i].words);
    }
}

/* What is out of a thread is remembered in the memo, which an edit forgets: the first part would go out again. */
static void a_thread_of_which_a_part_is_out_is_not_edited(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome next = {.kind = OUTCOME_NEXT}, refused = {.kind = OUTCOME_REFUSED, .message = "no"};
    struct move edit = {.to = STATE_READY, .who = "uid 1 (a)", .content = content_of(house->arena, "Bonsoir")};
    struct delivery *delivery =
        house_try(house, house_add(house, "a", "x", T0), STEP_CREATE, &next, STATE_WAITING, T0);
    delivery = house_try(house, delivery, STEP_CREATE, &refused, STATE_REFUSED, 0);
    assert_refused(house, queue_move(house->queue, delivery, &edit, T0, &house->err),
                   "cannot change: a part of it is already published");
    edit.content = NULL;
    assert_done(house, queue_move(house->queue, delivery, &edit, T0, &house->err)); /* a retry goes on after it */
}

static void an_answer_that_was_lost_forbids_an_edit_until_it_is_ready_again(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome unsure = {.kind = OUTCOME_UNSURE, .message = "cut"};
    struct settlement settlement = {.outcome = &unsure, .who = "cald", .to = STATE_UNSURE, .lost = true};
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    struct move ready = {.to = STATE_READY, .who = "uid 1 (a)", .why = "it is not there"};
    int64_t attempt;
    struct delivery *delivery = house_add(house, "a", "x", T0);
    assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
    assert_done(house, queue_settle(house->queue, delivery, attempt, &settlement, T0, &house->err));
    delivery = house_get(house, "a", "x");
    assert_true(delivery->lost);
    assert_int_equal(delivery->failures, 1);
    assert_done(house, queue_move(house->queue, delivery, &ready, T0, &house->err));
    delivery = house_get(house, "a", "x");
    assert_false(delivery->lost);
    assert_int_equal(delivery->failures, 0);
    assert_true(delivery->first_sent == T0); /* the key's life counts from here still */
}

static void a_version_that_is_gone_refuses_the_move(void **state)
{
    struct house *house = house_of(state);
    struct delivery *delivery = house_add(house, "a", "x", T0);
    struct move move = {.to = STATE_HELD, .who = "uid 1 (a)", .if_version = delivery->version};
    assert_done(house, queue_move(house->queue, delivery, &move, T0, &house->err));
    move.to = STATE_READY;
    assert_refused(house, queue_move(house->queue, delivery, &move, T0, &house->err), "changed meanwhile");
    move.if_version = 0;
    assert_done(house, queue_move(house->queue, delivery, &move, T0, &house->err));
}

static void a_person_who_found_it_settles_it_as_published(void **state)
{
    struct house *house = house_of(state);
    struct delivery *delivery = delivery_in(house, STATE_UNSURE);
    struct move found = {.to = STATE_PUBLISHED, .who = "uid 1 (a)", .why = "seen on the page"};
    assert_done(house, queue_move(house->queue, delivery, &found, T0 + 5, &house->err));
    assert_true(house_get(house, delivery->post_id, "x")->published == T0 + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_the_drawing),
        cmocka_unit_test(every_state_has_a_name_that_is_read_back),
        cmocka_unit_test(final_states_are_the_four),
        in_house(queue_move_makes_what_is_drawn_and_refuses_the_rest),
        in_house(a_refused_move_says_why),
        in_house(a_refused_move_leaves_the_transaction_usable),
        in_house(a_move_writes_who_when_and_why),
        in_house(what_a_person_says_of_a_late_one_is_kept_until_it_is_over),
        in_house(due_follows_the_state_and_the_slot),
        in_house(a_retry_time_stays_when_only_something_else_changes),
        in_house(an_edit_replaces_the_content_and_forgets_what_was_prepared),
        in_house(an_edit_comes_too_late_once_it_may_be_out),
        in_house(a_thread_of_which_a_part_is_out_is_not_edited),
        in_house(an_answer_that_was_lost_forbids_an_edit_until_it_is_ready_again),
        in_house(a_version_that_is_gone_refuses_the_move),
        in_house(a_person_who_found_it_settles_it_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
