/* Intents and settlements: what is on disk before the first byte leaves, and what became of it. */
#include "queue/db.h"
#include "queue/queue.h"

#include "queue_house.h"

static json_t *memo_of(struct house *house, const char *text)
{
    json_t *memo = json_parse(text, strlen(text), &house->err);
    assert_non_null(memo);
    return json_in_arena(house->arena, memo);
}

static void an_intent_is_on_disk_with_its_key_and_its_bytes(void **state)
{
    struct house *house = house_of(state);
    struct delivery *before = house_add(house, "a", "x", T0), **interrupted;
    struct intent intent = {.step = "publish 1/1", .kind = STEP_CREATE, .request = "POST https://example.org/",
                            .body = "a\0b", .body_length = 3, .memo = memo_of(house, "{\"rkey\": \"3k\"}")};
    int64_t attempt;
    size_t count, length;
    const char *step, *body;
    assert_done(house, queue_stored_body(house->queue, before, house->arena, &step, &body, &length, &house->err));
    assert_null(body);
    assert_done(house, queue_intend(house->queue, before, &intent, T0 + 1, &attempt, &house->err));
    house_reopen(house); /* as if killed while sending */
    assert_done(house, queue_interrupted(house->queue, house->arena, &interrupted, &count, &house->err));
    assert_int_equal(count, 1);
    assert_int_equal(interrupted[0]->state, STATE_SENDING);
    assert_string_equal(interrupted[0]->key, before->key);
    assert_true(interrupted[0]->first_sent == T0 + 1);
    assert_int_equal(interrupted[0]->attempts, 1);
    assert_string_equal(json_text(interrupted[0]->memo, "rkey"), "3k");
    assert_true(interrupted[0]->due == INSTANT_NEVER); /* nothing sends it again by time */
    assert_done(house,
                queue_stored_body(house->queue, interrupted[0], house->arena, &step, &body, &length, &house->err));
    assert_string_equal(step, "publish 1/1");
    assert_int_equal(length, 3);
    assert_memory_equal(body, "a\0b", 3);
}

/* What is settled is not read again: it is known. */
static void the_delivery_after_an_intent_is_as_it_is_in_its_row(void **state)
{
    struct house *house = house_of(state);
    static const enum step_kind kinds[] = {STEP_CREATE, STEP_PREPARE};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct delivery *before = house_add(house, arena_printf(house->arena, "p%zu", i), "x", T0);
        const json_t *memos[] = {memo_of(house, "{\"a\": 1, \"b\": 2}"),
                                 memo_of(house, "{\"b\": null, \"c\": 3}")};
        for (size_t try = 0; try < 2; try++) {
            struct intent intent = {.step = "s", .kind = kinds[i], .memo = memos[try]};
            instant now = T0 + 1 + (instant)try;
            int64_t attempt;
            assert_done(house, queue_intend(house->queue, before, &intent, now, &attempt, &house->err));
            const struct delivery *known = queue_intended(before, &intent, now, house->arena);
            struct delivery *row = house_get(house, before->post_id, "x");
            assert_int_equal(known->state, row->state);
            assert_int_equal(known->attempts, row->attempts);
            assert_int_equal(known->version, row->version);
            assert_int_equal(known->review, row->review);
            assert_true(known->due == row->due && known->first_sent == row->first_sent &&
                        known->updated == row->updated);
            assert_true(json_equal(known->memo, row->memo));
            assert_true(known->message == row->message);
            before = row;
        }
    }
}

/* By anything that does not take it from us: its outcome counts all the same. */
static void a_row_that_was_changed_while_its_request_was_out_is_settled(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome done = {.kind = OUTCOME_DONE, .id = "7"};
    struct settlement settlement = {.outcome = &done, .who = "cald", .to = STATE_PUBLISHED};
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    struct delivery *before = house_add(house, "a", "x", T0);
    char path[96];
    int64_t attempt;
    assert_done(house, queue_intend(house->queue, before, &intent, T0, &attempt, &house->err));
    snprintf(path, sizeof path, "%s/cald.db", house->directory);
    struct db *db = db_open(path, &house->err);
    assert_true(db_script(db, "UPDATE delivery SET version = version + 1, slot = slot + 5", &house->err));
    db_close(db);
    assert_done(house, queue_settle(house->queue, queue_intended(before, &intent, T0, house->arena), attempt,
                                    &settlement, T0, &house->err));
    assert_string_equal(house_get(house, "a", "x")->remote_id, "7");
    assert_true(house_get(house, "a", "x")->slot == T0 + 5);
}

static void only_a_creating_step_moves_to_sending(void **state)
{
    struct house *house = house_of(state);
    static const enum step_kind others[] = {STEP_SESSION, STEP_PREPARE, STEP_LOCAL};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct delivery *delivery = house_add(house, arena_printf(house->arena, "p%zu", i), "x", T0);
        struct intent intent = {.step = "s", .kind = others[i]};
        int64_t attempt;
        assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
        struct delivery *after = house_get(house, delivery->post_id, "x");
        assert_int_equal(after->state, STATE_READY);
        assert_true(after->first_sent == 0);
        assert_true(after->due == T0);
    }
}

static void first_sent_is_of_the_first_creating_request(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"};
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    int64_t attempt;
    struct delivery *delivery =
        house_try(house, house_add(house, "a", "x", T0), STEP_CREATE, &retry, STATE_WAITING, T0 + 1);
    assert_done(house, queue_intend(house->queue, delivery, &intent, T0 + 77, &attempt, &house->err));
    assert_int_equal(attempt, 2);
    assert_true(house_get(house, "a", "x")->first_sent == T0);
}

static void what_changed_since_it_was_read_is_not_sent(void **state)
{
    struct house *house = house_of(state);
    struct content *other = (struct content *)content_of(house->arena, "Bonsoir");
    static const struct {
        struct move move;
        const char *words;
    } cases[] = {
        {{.to = STATE_CANCELLED}, "cannot send: it is cancelled"},
        {{.to = STATE_HELD}, "cannot send: it is held"},
        {{.to = STATE_DRAFT}, "cannot send: it is a draft"},
        {{.to = STATE_READY, .slot = T0 + 99}, "changed meanwhile"},
        {{.to = STATE_READY}, "changed meanwhile"}, /* with other content, below */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery *delivery = house_add(house, arena_printf(house->arena, "p%zu", i), "x", T0);
        struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
        struct move move = cases[i].move;
        struct attempt *attempts;
        size_t count;
        int64_t attempt = 0;
        move.who = "uid 1 (a)";
        move.content = i == 4 ? other : NULL;
        assert_done(house, queue_move(house->queue, delivery, &move, T0, &house->err));
        assert_refused(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err), cases[i].words);
        assert_done(house, queue_attempts(house->queue, delivery->post_id, "x", house->arena, &attempts, &count,
                                          &house->err));
        assert_int_equal(count, 0);
        assert_int_equal(attempt, 0);
    }
}

static void each_outcome_leaves_its_traces(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        enum outcome_kind kind;
        enum state to;
        instant due; /* given, and then what it is */
        instant expected_due;
        int failures;
        const char *message, *name;
    } cases[] = {
        {OUTCOME_DONE, STATE_PUBLISHED, 0, INSTANT_NEVER, 0, NULL, "done"},
        {OUTCOME_NEXT, STATE_WAITING, T0 + 1, T0 + 1, 0, NULL, "next"},
        {OUTCOME_NEXT, STATE_SENDING, 0, INSTANT_NEVER, 0, NULL, "next"},
        {OUTCOME_WAIT, STATE_WAITING, T0 + 5, T0 + 5, 0, "still processed", "wait"},
        {OUTCOME_RETRY, STATE_WAITING, T0 + 9, T0 + 9, 1, "busy", "retry"},
        {OUTCOME_REFUSED, STATE_REFUSED, 0, INSTANT_NEVER, 0, "too long", "refused"},
        {OUTCOME_REFUSED, STATE_HELD, 0, INSTANT_NEVER, 0, "reconnect", "refused"},
        {OUTCOME_UNSURE, STATE_UNSURE, T0 + 60, T0 + 60, 1, "cut", "unsure"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcome = {.kind = cases[i].kind, .message = cases[i].message, .scope = SCOPE_ACCOUNT};
        struct delivery *delivery = house_add(house, arena_printf(house->arena, "p%zu", i), "x", T0);
        struct attempt *attempts;
        size_t count;
        delivery = house_try(house, delivery, STEP_CREATE, &outcome, cases[i].to, cases[i].due);
        assert_int_equal(delivery->state, cases[i].to);
        assert_true(delivery->due == cases[i].expected_due);
        assert_int_equal(delivery->failures, cases[i].failures);
        if (cases[i].message)
            assert_string_equal(delivery->message, cases[i].message);
        assert_done(house, queue_attempts(house->queue, delivery->post_id, "x", house->arena, &attempts, &count,
                                          &house->err));
        assert_int_equal(count, 1);
        assert_true(attempts[0].number == 1 && attempts[0].started == T0 && attempts[0].ended == T0);
        assert_string_equal(attempts[0].outcome, cases[i].name);
        assert_string_equal(attempts[0].scope, "account");
        assert_string_equal(attempts[0].kind, "create");
        assert_int_equal(attempts[0].status, 200);
    }
}

static void failures_in_a_row_are_counted_until_something_works(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"}, next = {.kind = OUTCOME_NEXT},
                                wait = {.kind = OUTCOME_WAIT, .message = "processing"};
    struct delivery *delivery = house_add(house, "a", "x", T0);
    delivery = house_try(house, delivery, STEP_PREPARE, &retry, STATE_WAITING, T0);
    delivery = house_try(house, delivery, STEP_PREPARE, &retry, STATE_WAITING, T0);
    assert_int_equal(delivery->failures, 2);
    delivery = house_try(house, delivery, STEP_PREPARE, &wait, STATE_WAITING, T0);
    assert_int_equal(delivery->failures, 2);
    delivery = house_try(house, delivery, STEP_PREPARE, &next, STATE_WAITING, T0);
    assert_int_equal(delivery->failures, 0);
    assert_int_equal(delivery->attempts, 4);
}

static void a_publication_is_stored_with_id_and_address(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome done = {.kind = OUTCOME_DONE, .id = "114", .url = "https://example.org/114"};
    struct account_status status;
    struct delivery *delivery =
        house_try(house, house_add(house, "a", "x", T0), STEP_CREATE, &done, STATE_PUBLISHED, 0);
    assert_string_equal(delivery->remote_id, "114");
    assert_string_equal(delivery->remote_url, "https://example.org/114");
    assert_true(delivery->published == T0);
    assert_done(house, queue_account(house->queue, "x", house->arena, &status, &house->err));
    assert_true(status.last_published == T0);
}

static void memos_are_merged_and_null_removes(void **state)
{
    struct house *house = house_of(state);
    struct outcome next = {.kind = OUTCOME_NEXT, .memo = memo_of(house, "{\"a\": 1, \"b\": {\"c\": 2}}")};
    struct delivery *delivery = house_add(house, "a", "x", T0);
    delivery = house_try(house, delivery, STEP_PREPARE, &next, STATE_READY, 0);
    next.memo = memo_of(house, "{\"a\": null, \"b\": \"new\", \"d\": 3, \"e\": null}");
    delivery = house_try(house, delivery, STEP_PREPARE, &next, STATE_READY, 0);
    char *text = json_print(delivery->memo);
    assert_string_equal(text, "{\"b\":\"new\",\"d\":3}");
    free(text);
}

static void a_step_here_publishes_without_sending(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome done = {.kind = OUTCOME_DONE, .id = "feed-1"};
    struct delivery *delivery = house_add(house, "a", "feed", T0);
    delivery = house_try(house, delivery, STEP_LOCAL, &done, STATE_PUBLISHED, 0);
    assert_int_equal(delivery->state, STATE_PUBLISHED);
    assert_true(delivery->first_sent == 0);
}

static void what_was_changed_while_it_was_prepared_stays_as_it_was_changed(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        const char *text;
        struct move move;
        bool edit;
    } cases[] = {
        {"cancelled", {.to = STATE_CANCELLED}, false},
        {"held", {.to = STATE_HELD}, false},
        {"edited", {.to = STATE_READY}, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcome = {.kind = OUTCOME_REFUSED, .message = "the image is too large",
                                  .memo = memo_of(house, "{\"media\": \"7\"}")};
        struct settlement settlement = {.outcome = &outcome, .who = "cald", .to = STATE_REFUSED, .prepared = true};
        struct intent intent = {.step = "upload", .kind = STEP_PREPARE};
        struct delivery *delivery = house_add(house, cases[i].text, "x", T0);
        struct move move = cases[i].move;
        struct attempt *attempts;
        size_t count;
        int64_t attempt;
        move.who = "uid 1 (a)";
        move.content = cases[i].edit ? content_of(house->arena, "Bonsoir") : NULL;
        assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
        assert_done(house, queue_move(house->queue, delivery, &move, T0, &house->err));
        assert_done(house, queue_settle(house->queue, delivery, attempt, &settlement, T0, &house->err));
        delivery = house_get(house, cases[i].text, "x");
        assert_int_equal(delivery->state, cases[i].move.to);
        assert_int_equal(json_object_size(delivery->memo), 0);
        assert_false(delivery->prepared);
        assert_done(house, queue_attempts(house->queue, cases[i].text, "x", house->arena, &attempts, &count,
                                          &house->err));
        assert_string_equal(attempts[0].outcome, "refused");
    }
}

static void a_slot_moved_while_it_was_prepared_is_the_new_time(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome next = {.kind = OUTCOME_NEXT};
    struct settlement settlement = {.outcome = &next, .who = "cald", .to = STATE_READY, .due = T0 + 50, .prepared = true};
    struct intent intent = {.step = "upload", .kind = STEP_PREPARE};
    struct delivery *delivery = house_add(house, "a", "x", T0 + 50);
    struct move earlier = {.to = STATE_READY, .slot = T0 + 5, .who = "uid 1 (a)"};
    int64_t attempt;
    assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
    assert_done(house, queue_move(house->queue, delivery, &earlier, T0, &house->err));
    assert_done(house, queue_settle(house->queue, delivery, attempt, &settlement, T0, &house->err));
    delivery = house_get(house, "a", "x");
    assert_true(delivery->due == T0 + 5);
    assert_true(delivery->prepared);
}

static void an_attempt_is_settled_once(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome unsure = {.kind = OUTCOME_UNSURE, .message = "cut"};
    struct settlement settlement = {.outcome = &unsure, .who = "cald", .to = STATE_UNSURE};
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    struct delivery *delivery = house_add(house, "a", "x", T0);
    int64_t attempt;
    assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
    assert_refused(house, queue_settle(house->queue, delivery, 9, &settlement, T0, &house->err), "was never opened");
    assert_done(house, queue_settle(house->queue, delivery, attempt, &settlement, T0, &house->err));
    assert_refused(house, queue_settle(house->queue, delivery, attempt, &settlement, T0, &house->err),
                   "was settled before");
}

static void a_settlement_that_is_not_drawn_is_refused(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome done = {.kind = OUTCOME_DONE};
    struct settlement settlement = {.outcome = &done, .who = "cald", .to = STATE_MISSED};
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    struct delivery *delivery = house_add(house, "a", "x", T0);
    int64_t attempt;
    assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
    assert_refused(house, queue_settle(house->queue, delivery, attempt, &settlement, T0, &house->err),
                   "cannot count it as missed: it is being sent");
    assert_int_equal(house_get(house, "a", "x")->state, STATE_SENDING);
}

static void what_was_found_is_settled_without_an_attempt(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome unsure = {.kind = OUTCOME_UNSURE, .message = "cut"},
                                found = {.kind = OUTCOME_DONE, .id = "5", .message = "found by its key"};
    struct settlement settlement = {.outcome = &found, .who = "cald", .to = STATE_PUBLISHED};
    struct delivery *fresh = house_add(house, "a", "x", T0);
    struct delivery *delivery = house_try(house, fresh, STEP_CREATE, &unsure, STATE_UNSURE, T0 + 60);
    assert_refused(house, queue_settle(house->queue, fresh, 0, &settlement, T0, &house->err), "changed meanwhile");
    assert_done(house, queue_settle(house->queue, delivery, 0, &settlement, T0, &house->err));
    assert_string_equal(house_get(house, "a", "x")->remote_id, "5");
}

static void a_doubtful_one_is_sent_again_only_by_an_intent(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome unsure = {.kind = OUTCOME_UNSURE, .message = "cut"}, done = {.kind = OUTCOME_DONE};
    struct line_place *places;
    size_t count;
    struct delivery *delivery =
        house_try(house, house_add(house, "a", "x", T0), STEP_CREATE, &unsure, STATE_UNSURE, T0 + 1);
    assert_done(house, queue_line(house->queue, "x", NULL, false, 10, house->arena, &places, &count, &house->err));
    assert_int_equal(count, 0);
    delivery = house_try(house, delivery, STEP_CREATE, &done, STATE_PUBLISHED, 0);
    assert_int_equal(delivery->state, STATE_PUBLISHED);
}

static struct delivery *moved(struct house *house, const struct delivery *delivery, enum state to)
{
    struct move move = {.to = to, .who = "uid 0", .why = "a person"};
    assert_done(house, queue_move(house->queue, delivery, &move, T0, &house->err));
    return house_get(house, delivery->post_id, delivery->account);
}

static void what_was_refused_is_sent_under_another_key_and_what_is_in_doubt_never(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome refused = {.kind = OUTCOME_REFUSED, .message = "too long"},
                                unsure = {.kind = OUTCOME_UNSURE, .message = "cut"},
                                retry = {.kind = OUTCOME_RETRY, .message = "busy"};
    struct delivery *d = house_add(house, "a", "x", T0);
    const char *first = d->key, *second;
    assert_string_equal(d->request_key, first);
    d = house_try(house, d, STEP_CREATE, &retry, STATE_WAITING, T0);
    assert_string_equal(d->request_key, first);
    d = house_try(house, d, STEP_CREATE, &refused, STATE_REFUSED, 0);
    second = d->request_key;
    assert_string_not_equal(second, first);
    assert_int_equal(strlen(second), 32);
    d = moved(house, moved(house, moved(house, d, STATE_CANCELLED), STATE_READY), STATE_HELD);
    assert_string_equal(moved(house, d, STATE_READY)->request_key, second);
    d = house_try(house, house_get(house, "a", "x"), STEP_CREATE, &unsure, STATE_UNSURE, T0);
    d = house_try(house, d, STEP_CREATE, &refused, STATE_UNSURE, T0); /* a repeat: the try before it is in doubt */
    assert_string_equal(d->request_key, second);
    d = moved(house, moved(house, d, STATE_REFUSED), STATE_READY); /* a person gave it up: nothing is proved */
    assert_string_equal(d->request_key, second);
    house_reopen(house);
    d = house_try(house, d, STEP_CREATE, &refused, STATE_REFUSED, 0);
    assert_string_not_equal(d->request_key, second);
    assert_string_not_equal(d->request_key, first);
    assert_string_equal(d->key, first);
}

static void one_commit_may_carry_many_intents(void **state)
{
    struct house *house = house_of(state);
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    struct delivery *deliveries[20], **interrupted;
    size_t count;
    for (int i = 0; i < 20; i++)
        deliveries[i] = house_add(house, arena_printf(house->arena, "p%d", i), "x", T0);
    assert_done(house, queue_begin(house->queue, &house->err));
    for (int i = 0; i < 20; i++) {
        int64_t attempt;
        assert_done(house, queue_intend(house->queue, deliveries[i], &intent, T0, &attempt, &house->err));
        assert_int_equal(attempt, 1);
    }
    assert_done(house, queue_commit(house->queue, &house->err));
    house_reopen(house);
    assert_done(house, queue_interrupted(house->queue, house->arena, &interrupted, &count, &house->err));
    assert_int_equal(count, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_house(an_intent_is_on_disk_with_its_key_and_its_bytes),
        in_house(the_delivery_after_an_intent_is_as_it_is_in_its_row),
        in_house(a_row_that_was_changed_while_its_request_was_out_is_settled),
        in_house(only_a_creating_step_moves_to_sending),
        in_house(first_sent_is_of_the_first_creating_request),
        in_house(what_changed_since_it_was_read_is_not_sent),
        in_house(each_outcome_leaves_its_traces),
        in_house(failures_in_a_row_are_counted_until_something_works),
        in_house(a_publication_is_stored_with_id_and_address),
        in_house(memos_are_merged_and_null_removes),
        in_house(a_step_here_publishes_without_sending),
        in_house(what_was_changed_while_it_was_prepared_stays_as_it_was_changed),
        in_house(a_slot_moved_while_it_was_prepared_is_the_new_time),
        in_house(an_attempt_is_settled_once),
        in_house(a_settlement_that_is_not_drawn_is_refused),
        in_house(what_was_found_is_settled_without_an_attempt),
        in_house(a_doubtful_one_is_sent_again_only_by_an_intent),
        in_house(what_was_refused_is_sent_under_another_key_and_what_is_in_doubt_never),
        in_house(one_commit_may_carry_many_intents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
