/*
 * What is published is deleted on its network because a person asked for it, in virtual time: part by part,
 * the last one first; again where no answer came, also by another life of the process; up to a bound, and
 * then told. And nothing else.
 */
#include "deeds_house.h"

static void delete_post(struct bench *bench, const char *post)
{
    assert_null(publisher_cannot_delete(bench->publisher, get(bench, post), bench->house->arena));
    assert_done(bench->house, queue_delete(bench->house->queue, get(bench, post), "uid 0",
                                           "to be deleted: a typo", virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
}

/* ---- sentences ---- */

static void what_a_person_wants_deleted_goes_once_and_nothing_else_does(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one");
    publish(bench, "other", "one");
    delete_post(bench, "p");
    run(bench, DAYS(1));
    assert_string_equal(asked, "delete-p-0 ");
    assert_int_equal(get(bench, "p")->state, STATE_PUBLISHED);
    assert_true(get(bench, "p")->deleted > START && !get(bench, "p")->deleting);
    assert_int_equal(lines_that_say(bench, "p", "deletion", "deleting", "a typo"), 1);
    assert_int_equal(lines_that_say(bench, "p", "deletion", "deleted", "deleted on the network"), 1);
    assert_int_equal(get(bench, "other")->deleted, 0);
    restart(bench);
    run(bench, DAYS(1));
    assert_string_equal(asked, "delete-p-0 ");
}

/* As Bluesky is, X, Threads and others. */
static void a_network_that_cannot_edit_deletes(void **state)
{
    struct bench *bench = *state;
    struct network only = posts;
    only.edit = NULL;
    bench->account.account.network = &only;
    publish(bench, "p", "one");
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "delete-p-0 ");
    assert_true(get(bench, "p")->deleted);
    bench->account.account.network = &posts;
}

static void a_thread_goes_from_its_end_to_its_beginning(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two three");
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "delete-p-2 delete-p-1 delete-p-0 ");
    assert_true(get(bench, "p")->deleted);
}

static enum fate cut(void)
{
    fate_of_deeds = NULL;
    return FATE_CUT;
}

static void an_unanswered_deletion_is_repeated_and_nothing_but_it(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two");
    publish(bench, "other", "one two");
    fate_of_deeds = cut;
    delete_post(bench, "p");
    run(bench, 100);
    assert_string_equal(asked, "delete-p-1 ");
    assert_true(get(bench, "p")->deleting && strstr(get(bench, "p")->message, "not deleted yet"));
    assert_true(json_flag(get(bench, "p")->memo, "remove_lost", false));
    run(bench, HOURS(1));
    assert_string_equal(asked, "delete-p-1 delete-p-1 delete-p-0 ");
    assert_true(get(bench, "p")->deleted && !json_member(get(bench, "p")->memo, "remove_lost"));
}

static enum fate limited(void)
{
    fate_of_deeds = NULL;
    return FATE_LIMITED;
}

static void a_network_that_asks_to_wait_is_not_asked_for_the_next_one_meanwhile(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one");
    publish(bench, "q", "one");
    fate_of_deeds = limited; /* for 90 s */
    delete_post(bench, "p");
    delete_post(bench, "q");
    run(bench, SECONDS(80));
    assert_string_equal(asked, "delete-p-0 ");
    assert_null(json_member(get(bench, "p")->memo, "remove_lost")); /* it was answered */
    run(bench, MINUTES(5));
    assert_true(get(bench, "p")->deleted && get(bench, "q")->deleted);
    assert_int_equal(strlen(asked), 3 * strlen("delete-p-0 "));
}

static void a_death_in_between_leaves_nothing_undone_and_repeats_no_other(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two");
    delete_post(bench, "p");
    restart(bench); /* before anything left */
    assert_string_equal(asked, "");
    model.delay = slowly;
    run(bench, SECONDS(5));
    assert_string_equal(asked, "delete-p-1 ");
    restart(bench); /* while it is out */
    run(bench, SECONDS(25));
    assert_string_equal(asked, "delete-p-1 delete-p-1 delete-p-0 ");
    restart(bench); /* while the other is */
    run(bench, HOURS(1));
    assert_string_equal(asked, "delete-p-1 delete-p-1 delete-p-0 delete-p-0 ");
    restart(bench);
    run(bench, DAYS(1));
    assert_string_equal(asked, "delete-p-1 delete-p-1 delete-p-0 delete-p-0 ");
    assert_true(get(bench, "p")->deleted);
}

static enum fate down(void)
{
    return FATE_DOWN;
}

static size_t count_asked(void)
{
    size_t count = 0;
    for (const char *c = asked; *c; c++)
        count += *c == ' ';
    return count;
}

static void what_cannot_be_deleted_is_tried_up_to_a_bound_told_once_and_in_nobody_s_way(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one");
    fate_of_deeds = down;
    delete_post(bench, "p");
    publish(bench, "next", "one");
    restart(bench); /* which does not begin to count anew */
    run(bench, DAYS(4));
    assert_int_equal(count_asked(), 20);
    assert_int_equal(lines_that_say(bench, "p", "deletion", "published", "not deleted: "), 1);
    assert_int_equal(alerts_that_say(bench, "not deleted: "), 1);
    assert_true(!get(bench, "p")->deleted && !get(bench, "p")->deleting);
    fate_of_deeds = NULL;
    delete_post(bench, "p"); /* a person may ask again */
    run(bench, MINUTES(1));
    assert_int_equal(count_asked(), 21);
    assert_true(get(bench, "p")->deleted);
}

static void it_is_deleted_in_a_crisis_and_on_a_paused_account_too(void **state)
{
    struct bench *bench = *state;
    const struct crisis crisis = {.account = "*", .who = "uid 0", .why = "an accident"};
    const struct account_status paused = {.name = "a", .paused = true, .paused_why = "so"};
    publish(bench, "p", "one");
    assert_done(bench->house,
                queue_crisis_start(bench->house->queue, &crisis, virtual_now(), &bench->house->err));
    assert_done(bench->house,
                queue_set_account(bench->house->queue, &paused, "uid 0", virtual_now(), &bench->house->err));
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "delete-p-0 ");
    assert_true(get(bench, "p")->deleted);
}

static void only_what_is_published_and_still_there_can_be_deleted(void **state)
{
    struct bench *bench = *state;
    struct queue *queue = bench->house->queue;
    struct wanted wanted = wanted_of(bench->house->arena, "later", "a", "Bonjour", virtual_now() + DAYS(1));
    assert_done(bench->house, queue_add(queue, &wanted, 1, virtual_now(), &bench->house->err));
    assert_false(queue_delete(queue, get(bench, "later"), "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: it is ready");
    publish(bench, "p", "one");
    struct delivery *before = get(bench, "p");
    delete_post(bench, "p");
    assert_false(queue_delete(queue, get(bench, "p"), "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: it is being deleted already");
    assert_false(queue_delete(queue, before, "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "'p/a' changed meanwhile");
    run(bench, MINUTES(1));
    assert_false(queue_delete(queue, get(bench, "p"), "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: it is deleted already");
    publish(bench, "unasked", "one"); /* nothing can leave that nobody asked for */
    const struct intent intent = {.step = "delete", .kind = STEP_PREPARE, .deletes = true};
    int64_t attempt;
    assert_false(queue_intend(queue, get(bench, "unasked"), &intent, virtual_now(), &attempt, &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: nobody asked for it");
    assert_string_equal(asked, "delete-p-0 ");
}

/* ---- a thread whose third part was refused ---- */

static void fail_midway(struct bench *bench, const char *post)
{
    refused = arena_printf(bench->house->arena, "create-%s-2", post);
    add(bench, post, "one two three");
    assert_int_equal(get(bench, post)->state, STATE_REFUSED);
    assert_int_equal(removal_parts_out(get(bench, post)->memo), 2);
}

static bool retry(struct bench *bench, const char *post)
{
    const struct move move = {.to = STATE_READY, .who = "uid 0"};
    return queue_move(bench->house->queue, get(bench, post), &move, virtual_now(), &bench->house->err);
}

static void what_is_out_of_a_thread_that_failed_goes_and_nobody_goes_on_with_it(void **state)
{
    struct bench *bench = *state;
    fail_midway(bench, "p");
    delete_post(bench, "p");
    assert_false(retry(bench, "p"));
    assert_string_equal(bench->house->err.message,
                        "cannot make it ready: what is out of it is being deleted on its network");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "delete-p-1 delete-p-0 ");
    struct delivery *p = get(bench, "p");
    assert_true(p->state == STATE_REFUSED && p->deleted && !p->deleting && !removal_parts_out(p->memo));
    assert_int_equal(lines_that_say(bench, "p", "deletion", "deleted", "deleted on the network"), 1);
    refused = NULL;
    assert_false(retry(bench, "p"));
    assert_string_equal(bench->house->err.message,
                        "cannot make it ready: what was out of it is deleted on its network: add it anew");
    const struct move cancel = {.to = STATE_CANCELLED, .who = "uid 0"};
    assert_done(bench->house,
                queue_move(bench->house->queue, get(bench, "p"), &cancel, virtual_now(), &bench->house->err));
    run(bench, DAYS(1));
    assert_string_equal(asked, "delete-p-1 delete-p-0 ");
}

static enum fate fine_once_then_refused(void)
{
    static size_t count;
    return count++ ? FATE_REFUSED : FATE_FINE;
}

static void what_is_left_of_it_by_a_deletion_that_was_given_up_can_be_asked_for_again(void **state)
{
    struct bench *bench = *state;
    fail_midway(bench, "p");
    fate_of_deeds = fine_once_then_refused;
    delete_post(bench, "p");
    run(bench, DAYS(2));
    assert_string_equal(asked, "delete-p-1 delete-p-0 ");
    assert_true(!get(bench, "p")->deleted && removal_parts_out(get(bench, "p")->memo) == 1);
    assert_false(retry(bench, "p"));
    fate_of_deeds = NULL;
    restart(bench);
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "delete-p-1 delete-p-0 delete-p-0 ");
    assert_true(get(bench, "p")->deleted);
}

static void what_failed_with_nothing_out_has_nothing_to_delete_and_is_tried_again(void **state)
{
    struct bench *bench = *state;
    refused = "create-p-0";
    add(bench, "p", "one two");
    assert_false(queue_delete(bench->house->queue, get(bench, "p"), "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: it was refused");
    refused = NULL;
    assert_true(retry(bench, "p"));
    publisher_wake(bench->publisher);
    run(bench, MINUTES(1));
    assert_int_equal(get(bench, "p")->state, STATE_PUBLISHED);
    fail_midway(bench, "q"); /* nor is it in the way of who goes on with a thread */
    refused = NULL;
    assert_true(retry(bench, "q"));
    publisher_wake(bench->publisher);
    run(bench, MINUTES(1));
    assert_int_equal(get(bench, "q")->state, STATE_PUBLISHED);
    assert_string_equal(asked, "");
}

static struct apply_report apply_entry(struct bench *bench, const struct wanted *entry)
{
    struct apply_report report;
    assert_done(bench->house, queue_apply(bench->house->queue, entry, 1, START, INSTANT_NEVER, virtual_now(), "file",
                                          bench->house->arena, &report, &bench->house->err));
    publisher_wake(bench->publisher);
    return report;
}

static void its_calendar_s_entry_does_not_bring_it_back(void **state)
{
    struct bench *bench = *state;
    struct wanted entry = wanted_of(bench->house->arena, "p", "a", "", virtual_now() + MINUTES(1));
    entry.network = "posts";
    entry.content = saying(bench, "one two three");
    refused = "create-p-2";
    apply_entry(bench, &entry);
    run(bench, MINUTES(2));
    assert_int_equal(get(bench, "p")->state, STATE_REFUSED);
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    entry.slot += DAYS(1);
    struct apply_report report = apply_entry(bench, &entry);
    assert_int_equal(report.conflict_count, 1);
    assert_non_null(strstr(report.conflicts[0], "what was out of it is deleted on its network"));
    assert_int_equal(get(bench, "p")->state, STATE_REFUSED);
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(what_a_person_wants_deleted_goes_once_and_nothing_else_does),
        on_bench(a_network_that_cannot_edit_deletes),
        on_bench(a_thread_goes_from_its_end_to_its_beginning),
        on_bench(an_unanswered_deletion_is_repeated_and_nothing_but_it),
        on_bench(a_network_that_asks_to_wait_is_not_asked_for_the_next_one_meanwhile),
        on_bench(a_death_in_between_leaves_nothing_undone_and_repeats_no_other),
        on_bench(what_cannot_be_deleted_is_tried_up_to_a_bound_told_once_and_in_nobody_s_way),
        on_bench(it_is_deleted_in_a_crisis_and_on_a_paused_account_too),
        on_bench(only_what_is_published_and_still_there_can_be_deleted),
        on_bench(what_is_out_of_a_thread_that_failed_goes_and_nobody_goes_on_with_it),
        on_bench(what_is_left_of_it_by_a_deletion_that_was_given_up_can_be_asked_for_again),
        on_bench(what_failed_with_nothing_out_has_nothing_to_delete_and_is_tried_again),
        on_bench(its_calendar_s_entry_does_not_bring_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
