/* Making the queue agree with the documents: each sentence of queue_apply's manual. */
#include "queue/queue.h"

#include "queue_house.h"

#define FROM (T0 - HOURS(1))
#define UNTIL (T0 + DAYS(60))
#define SLOT (T0 + HOURS(2))

static size_t history_length(struct house *house)
{
    struct event *events;
    size_t count;
    assert_done(house, queue_history(house->queue, NULL, NULL, 1000, house->arena, &events, &count, &house->err));
    return count;
}

static void judge_change(struct house *house, const struct apply_change *change)
{
    struct delivery *after = house_get(house, change->post_id, change->account);
    assert_int_equal(after->state, change->to);
    assert_true(after->slot == change->slot);
    assert_true(!change->before || after->version > change->before->version);
    if (change->before && change->content && change->kind == APPLY_MOVE)
        assert_string_equal(change->before->content_hash, after->content_hash);
}

/* What is left after a sift, planned step by step, is what a plan of all of it says: by what another
 * connection sees. */
/* Each step in a transaction of its own: what one did is undone before the next. */
static struct apply_report plan_step_by_step(struct house *house, const struct sift *sift)
{
    struct application *application = application_plan(house->queue, sift, T0, house->arena);
    const struct wanted *entry;
    for (bool more = true; more;) {
        assert_done(house, queue_begin(house->queue, &house->err));
        assert_done(house, application_step(application, &entry, &more, &house->err));
        queue_rollback(house->queue);
    }
    struct apply_report report = application_report(application);
    application_free(application);
    return report;
}

static void judge_sift(struct house *house, const struct wanted *wanted, size_t count, bool rules_changed,
                       const struct apply_report *plan)
{
    struct arena *arena = house->arena;
    struct apply_report rest;
    struct sift sift;
    struct taken *taken;
    size_t taken_count;
    struct wanted *copy = arena_alloc_array(arena, count + 1, sizeof *copy);
    struct queue *look = queue_look(queue_path(house->queue), &house->err);
    assert_non_null(look);
    assert_done(house, queue_taken(look, FROM, arena, &taken, &taken_count, &house->err));
    queue_close(look);
    for (size_t i = 0; i < count; i++) {
        copy[i] = wanted[i];
        copy[i].hash = queue_content_hash(wanted[i].content, arena);
    }
    const struct taken_index *index = taken_index(taken, taken_count, arena);
    assert_done(house, queue_sift(taken, taken_count, index, copy, count, FROM, UNTIL, rules_changed, arena,
                                  &sift, &house->err));
    rest = plan_step_by_step(house, &sift);
    assert_int_equal(rest.added, plan->added);
    assert_int_equal(rest.changed, plan->changed);
    assert_int_equal(rest.moved, plan->moved);
    assert_int_equal(rest.cancelled, plan->cancelled);
    assert_int_equal(rest.unchanged, plan->unchanged);
    assert_int_equal(rest.kept, plan->kept);
    assert_int_equal(rest.conflict_count, plan->conflict_count);
    assert_int_equal(rest.change_count, plan->change_count);
    for (size_t i = 0; i < rest.change_count; i++) {
        assert_int_equal(rest.changes[i].kind, plan->changes[i].kind);
        assert_string_equal(rest.changes[i].post_id, plan->changes[i].post_id);
        assert_int_equal(rest.changes[i].to, plan->changes[i].to);
    }
}

/* What a plan says is what is then done, and the plan itself does nothing: of each apply in this file. */
static struct apply_report apply(struct house *house, const struct wanted *wanted, size_t count)
{
    struct apply_report report, plan;
    size_t before = history_length(house);
    assert_done(house, queue_plan(house->queue, wanted, count, FROM, UNTIL, T0, house->arena, &plan, &house->err));
    assert_int_equal(history_length(house), before);
    judge_sift(house, wanted, count, false, &plan);
    judge_sift(house, wanted, count, true, &plan);
    assert_done(house, queue_apply(house->queue, wanted, count, FROM, UNTIL, T0, "file", house->arena, &report,
                                   &house->err));
    assert_int_equal(plan.added, report.added);
    assert_int_equal(plan.changed, report.changed);
    assert_int_equal(plan.moved, report.moved);
    assert_int_equal(plan.cancelled, report.cancelled);
    assert_int_equal(plan.conflict_count, report.conflict_count);
    assert_true(plan.change_count >= plan.added + plan.changed + plan.moved + plan.cancelled);
    for (size_t i = 0; i < plan.change_count; i++)
        judge_change(house, &plan.changes[i]);
    assert_int_equal(report.change_count, 0);
    assert_done(house, queue_plan(house->queue, wanted, count, FROM, UNTIL, T0, house->arena, &plan, &house->err));
    assert_int_equal(plan.change_count, 0);
    return report;
}

/* Counts in the order of the struct, and conflicts. */
static void assert_report(struct apply_report r, size_t added, size_t changed, size_t moved, size_t cancelled,
                          size_t unchanged, size_t kept, size_t conflicts)
{
    char is[128], should[128];
    snprintf(is, sizeof is, "%zu added %zu changed %zu moved %zu cancelled %zu unchanged %zu kept %zu conflicts", r.added,
             r.changed, r.moved, r.cancelled, r.unchanged, r.kept, r.conflict_count);
    snprintf(should, sizeof should, "%zu added %zu changed %zu moved %zu cancelled %zu unchanged %zu kept %zu conflicts",
             added, changed, moved, cancelled, unchanged, kept, conflicts);
    assert_string_equal(is, should);
}

static struct wanted entry(struct house *house, const char *text, instant slot)
{
    struct wanted wanted = wanted_of(house->arena, "a", "x", text, slot);
    wanted.source = "calendar.yaml:41";
    return wanted;
}

static struct delivery *a(struct house *house)
{
    return house_get(house, "a", "x");
}

static void publish_late_by(struct house *house, const char *who, enum publish_late late)
{
    struct move move = {.to = a(house)->state, .who = who, .publish_late = &late};
    assert_done(house, queue_move(house->queue, a(house), &move, T0, &house->err));
}

static void move_by(struct house *house, const char *who, enum state to, const char *text, instant slot)
{
    struct move move = {.to = to, .who = who, .slot = slot};
    if (text)
        move.content = content_of(house->arena, text);
    assert_done(house, queue_move(house->queue, a(house), &move, T0, &house->err));
}

static void put_in(struct house *house, enum state state)
{
    static const struct outcome outcomes[STATE_COUNT] = {
        [STATE_WAITING] = {.kind = OUTCOME_RETRY, .message = "busy"},
        [STATE_UNSURE] = {.kind = OUTCOME_UNSURE, .message = "cut"},
        [STATE_PUBLISHED] = {.kind = OUTCOME_DONE},
        [STATE_REFUSED] = {.kind = OUTCOME_REFUSED, .message = "too long"},
    };
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .body = "b", .body_length = 1};
    int64_t attempt;
    if (outcomes[state].message || state == STATE_PUBLISHED)
        house_try(house, a(house), STEP_CREATE, &outcomes[state], state, 0);
    else if (state == STATE_SENDING)
        assert_done(house, queue_intend(house->queue, a(house), &intent, T0, &attempt, &house->err));
    else if (state != STATE_READY)
        move_by(house, "cald", state, NULL, 0);
}

/* ---- new and unchanged ---- */

static void what_is_new_is_added_with_the_state_the_caller_chose(void **state)
{
    struct house *house = house_of(state);
    static const enum state states[] = {STATE_READY, STATE_DRAFT, STATE_MISSED, STATE_HELD};
    struct wanted wanted[4];
    for (size_t i = 0; i < 4; i++) {
        wanted[i] = wanted_of(house->arena, arena_printf(house->arena, "p%zu", i), "x", "t", i < 2 ? SLOT : T0 - 1);
        wanted[i].state = states[i];
        wanted[i].message = i < 2 ? NULL : "its slot had passed";
    }
    assert_report(apply(house, wanted, 4), 4, 0, 0, 0, 0, 0, 0);
    for (size_t i = 0; i < 4; i++) {
        struct delivery *delivery = house_get(house, wanted[i].post_id, "x");
        assert_int_equal(delivery->state, states[i]);
        if (i >= 2)
            assert_string_equal(delivery->message, "its slot had passed");
    }
}

static void an_unchanged_file_changes_nothing(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    int64_t version = a(house)->version;
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 1, 0, 0);
    assert_true(a(house)->version == version);
}

static void what_a_person_changed_is_left_alone_while_the_file_is_the_same(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    move_by(house, "uid 1 (a)", STATE_READY, "by hand", SLOT + 5);
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 0, 1, 0);
    assert_string_equal(a(house)->content->parts[0].text, "by hand");
    assert_true(a(house)->slot == SLOT + 5);
    move_by(house, "uid 1 (a)", STATE_CANCELLED, NULL, 0);
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 0, 1, 0);
    assert_int_equal(a(house)->state, STATE_CANCELLED);
}

static void where_an_entry_stands_is_kept_up_to_date_silently(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    int64_t version = a(house)->version;
    wanted.source = "calendar.yaml:99";
    wanted.bucket = "news";
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 1, 0, 0);
    assert_string_equal(a(house)->source, "calendar.yaml:99");
    assert_string_equal(a(house)->bucket, "news");
    assert_true(a(house)->version == version);
}

/* ---- changed ---- */

static void a_changed_entry_in_each_state(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        enum state before, after;
        bool taken;
        const char *words; /* of the conflict */
    } cases[] = {
        {STATE_READY, STATE_READY, true, NULL},
        {STATE_DRAFT, STATE_DRAFT, true, NULL}, /* a person unapproved it: it needs an approval still */
        {STATE_HELD, STATE_HELD, true, NULL},
        {STATE_REFUSED, STATE_READY, true, NULL},
        {STATE_MISSED, STATE_READY, true, NULL},
        {STATE_WAITING, STATE_WAITING, false, "it was tried"}, /* its bytes have left once */
        {STATE_SENDING, STATE_SENDING, false, "it is being sent"},
        {STATE_UNSURE, STATE_UNSURE, false, "it may have been published already"},
        {STATE_PUBLISHED, STATE_PUBLISHED, false, "it is already published"},
        {STATE_CANCELLED, STATE_CANCELLED, false, "it was cancelled by hand"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct house *fresh;
        void *slot = NULL;
        assert_int_equal(house_setup(&slot), 0);
        fresh = slot;
        struct wanted wanted = entry(fresh, "t", SLOT);
        apply(fresh, &wanted, 1);
        const char *key = a(fresh)->key;
        put_in(fresh, cases[i].before);
        wanted = entry(fresh, "edited", SLOT);
        struct apply_report report = apply(fresh, &wanted, 1);
        assert_report(report, 0, cases[i].taken, 0, 0, 0, !cases[i].taken, !cases[i].taken);
        assert_int_equal(a(fresh)->state, cases[i].after);
        assert_string_equal(a(fresh)->content->parts[0].text, cases[i].taken ? "edited" : "t");
        assert_string_equal(a(fresh)->key, key);
        if (!cases[i].taken) {
            assert_non_null(strstr(report.conflicts[0], cases[i].words));
            assert_non_null(strstr(report.conflicts[0], "calendar.yaml:41: 'a/x'"));
        }
        house_teardown(&slot);
    }
    (void)house;
}

static void one_that_waits_before_anything_left_takes_the_change_and_keeps_its_time(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"};
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    house_try(house, a(house), STEP_PREPARE, &retry, STATE_WAITING, SLOT + 99);
    wanted = entry(house, "edited", SLOT);
    assert_report(apply(house, &wanted, 1), 0, 1, 0, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_WAITING);
    assert_true(a(house)->due == SLOT + 99);
    wanted = entry(house, "edited", SLOT + HOURS(1));
    assert_report(apply(house, &wanted, 1), 0, 0, 1, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_READY);
    assert_true(a(house)->due == SLOT + HOURS(1));
}

static void a_slot_that_changes_alone_is_counted_as_moved(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    wanted.slot = SLOT + 60000;
    assert_report(apply(house, &wanted, 1), 0, 0, 1, 0, 0, 0, 0);
    assert_true(a(house)->slot == SLOT + 60000 && a(house)->due == SLOT + 60000);
    wanted = entry(house, "edited", SLOT);
    assert_report(apply(house, &wanted, 1), 0, 1, 0, 0, 0, 0, 0); /* both: changed */
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 1, 0, 0);
}

static void a_change_in_the_file_takes_the_place_of_a_persons(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    move_by(house, "uid 1 (a)", STATE_READY, "by hand", SLOT + 5);
    publish_late_by(house, "uid 1 (a)", PUBLISH_LATE_YES);
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->publish_late, PUBLISH_LATE_YES);
    wanted = entry(house, "edited", SLOT);
    assert_report(apply(house, &wanted, 1), 0, 1, 0, 0, 0, 0, 0);
    assert_string_equal(a(house)->content->parts[0].text, "edited");
    assert_true(a(house)->slot == SLOT);
    assert_false(a(house)->overridden);
    assert_int_equal(a(house)->publish_late, PUBLISH_LATE_UNSAID);
}

static void a_draft_that_was_approved_needs_it_again_when_the_file_changes(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    wanted.state = STATE_DRAFT;
    apply(house, &wanted, 1);
    move_by(house, "uid 1 (a)", STATE_READY, NULL, 0);
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 0, 1, 0);
    assert_int_equal(a(house)->state, STATE_READY);
    wanted = entry(house, "edited", SLOT);
    wanted.state = STATE_DRAFT;
    assert_report(apply(house, &wanted, 1), 0, 1, 0, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_DRAFT);
}

static void taking_draft_out_of_the_file_approves_it(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    wanted.state = STATE_DRAFT;
    apply(house, &wanted, 1);
    wanted.state = STATE_READY;
    assert_report(apply(house, &wanted, 1), 0, 1, 0, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_READY);
    assert_true(a(house)->due == SLOT);
}

static void what_ended_is_not_woken_for_a_slot_that_is_past(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", T0 - 5);
    wanted.state = STATE_MISSED;
    apply(house, &wanted, 1);
    wanted = entry(house, "edited", T0 - 5);
    wanted.state = STATE_HELD;
    assert_report(apply(house, &wanted, 1), 0, 1, 0, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_MISSED);
    wanted = entry(house, "edited", SLOT);
    assert_report(apply(house, &wanted, 1), 0, 0, 1, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_READY);
    assert_true(a(house)->due == SLOT);
}

static void a_slot_moved_into_the_past_follows_the_callers_policy(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    wanted.slot = T0 - 5;
    wanted.state = STATE_MISSED;
    wanted.message = "its slot had passed";
    assert_report(apply(house, &wanted, 1), 0, 0, 1, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_MISSED);
    assert_string_equal(a(house)->message, "its slot had passed");
}

static void a_published_post_that_the_file_describes_as_it_went_out_is_no_conflict(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    move_by(house, "uid 1 (a)", STATE_READY, "by hand", 0);
    put_in(house, STATE_PUBLISHED);
    wanted = entry(house, "by hand", SLOT);
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 0, 1, 0);
}

static void a_thread_of_which_a_part_is_out_is_a_conflict(void **state)
{
    struct house *house = house_of(state);
    static const struct outcome next = {.kind = OUTCOME_NEXT}, refused = {.kind = OUTCOME_REFUSED, .message = "no"};
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    house_try(house, a(house), STEP_CREATE, &next, STATE_SENDING, 0);
    house_try(house, a(house), STEP_CREATE, &refused, STATE_REFUSED, 0);
    wanted = entry(house, "edited", SLOT);
    struct apply_report report = apply(house, &wanted, 1);
    assert_report(report, 0, 0, 0, 0, 0, 1, 1);
    assert_non_null(strstr(report.conflicts[0], "a part of it is already published"));
}

/* ---- removed ---- */

static void what_is_removed_in_each_state(void **state)
{
    static const struct {
        enum state before, after;
        bool conflict;
    } cases[] = {
        {STATE_READY, STATE_CANCELLED, false},     {STATE_DRAFT, STATE_CANCELLED, false},
        {STATE_HELD, STATE_CANCELLED, false},      {STATE_WAITING, STATE_CANCELLED, false},
        {STATE_SENDING, STATE_SENDING, true},      {STATE_UNSURE, STATE_UNSURE, true},
        {STATE_PUBLISHED, STATE_PUBLISHED, false}, {STATE_REFUSED, STATE_REFUSED, false}, /* final ones stay */
        {STATE_MISSED, STATE_MISSED, false},       {STATE_CANCELLED, STATE_CANCELLED, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *slot = NULL;
        assert_int_equal(house_setup(&slot), 0);
        struct house *house = slot;
        struct wanted wanted = entry(house, "t", SLOT);
        apply(house, &wanted, 1);
        put_in(house, cases[i].before);
        bool cancelled = cases[i].before != STATE_CANCELLED && cases[i].after == STATE_CANCELLED;
        assert_report(apply(house, NULL, 0), 0, 0, 0, cancelled, 0, cases[i].conflict, cases[i].conflict);
        assert_int_equal(a(house)->state, cases[i].after);
        if (cancelled)
            assert_string_equal(a(house)->message, "removed from the calendar");
        house_teardown(&slot);
    }
}

static void what_was_removed_comes_back_with_its_key(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    const char *key = a(house)->key;
    apply(house, NULL, 0);
    assert_report(apply(house, NULL, 0), 0, 0, 0, 0, 0, 0, 0); /* once is enough */
    assert_report(apply(house, &wanted, 1), 1, 0, 0, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_READY);
    assert_true(a(house)->due == SLOT);
    assert_string_equal(a(house)->key, key);
    assert_report(apply(house, &wanted, 1), 0, 0, 0, 0, 1, 0, 0);
    apply(house, NULL, 0);
    wanted = entry(house, "edited", SLOT + 1);
    assert_report(apply(house, &wanted, 1), 1, 0, 0, 0, 0, 0, 0);
    assert_string_equal(a(house)->content->parts[0].text, "edited");
}

static void what_the_charter_is_against_is_held_until_it_no_longer_is(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    wanted.against = "21:00 is within the quiet hours";
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_HELD);
    assert_non_null(strstr(a(house)->message, "21:00 is within the quiet hours"));
    int64_t version = a(house)->version;
    apply(house, &wanted, 1);
    assert_true(a(house)->version == version);
    wanted.against = NULL;
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_READY);
    assert_true(a(house)->due == SLOT);
    wanted.against = "less than 2h from 'b'"; /* another post was written down since */
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_HELD);
    wanted = entry(house, "edited", SLOT + 5);
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_READY);
}

static void what_a_person_says_counts_more_than_what_the_charter_is_against(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    wanted.against = "quiet hours";
    apply(house, &wanted, 1);
    move_by(house, "uid 1 (a)", STATE_READY, NULL, 0); /* released, with a reason */
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_READY);
    move_by(house, "uid 1 (a)", STATE_HELD, NULL, 0);
    wanted.against = NULL;
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_HELD);
}

static void a_time_that_came_while_the_charter_was_against_it_is_not_made_up_for(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", T0 - 5);
    wanted.against = "quiet hours";
    apply(house, &wanted, 1);
    wanted.against = NULL;
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_HELD);
}

/* A hold because of a crisis, and an editor that saves a file in two steps. */
static void what_a_person_holds_outlives_a_file_that_loses_it_or_changes_it(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    move_by(house, "uid 1 (a)", STATE_HELD, NULL, 0);
    for (int i = 0; i < 2; i++) {
        apply(house, NULL, 0);
        assert_int_equal(a(house)->state, STATE_CANCELLED);
        apply(house, &wanted, 1);
        assert_int_equal(a(house)->state, STATE_HELD);
    }
    for (int i = 0; i < 3; i++) {
        wanted = entry(house, i % 2 ? "edited" : "edited again", SLOT + i);
        apply(house, &wanted, 1);
        assert_int_equal(a(house)->state, STATE_HELD);
    }
}

static void what_was_held_for_being_late_goes_out_when_the_file_gives_another_time(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", T0 - 5);
    apply(house, &wanted, 1);
    move_by(house, "cald", STATE_HELD, NULL, 0);
    wanted.slot = SLOT;
    apply(house, &wanted, 1);
    assert_int_equal(a(house)->state, STATE_READY);
    assert_true(a(house)->due == SLOT);
}

static void what_a_person_takes_back_is_no_longer_the_files_to_remove(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    apply(house, &wanted, 1);
    apply(house, NULL, 0);
    move_by(house, "uid 1 (a)", STATE_READY, NULL, 0);
    assert_report(apply(house, NULL, 0), 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(a(house)->state, STATE_READY);
    wanted = entry(house, "edited", SLOT);
    apply(house, &wanted, 1); /* but it may come back to it */
    assert_string_equal(a(house)->content->parts[0].text, "edited");
    assert_report(apply(house, NULL, 0), 0, 0, 0, 1, 0, 0, 0);
}

static void the_planner_is_told_of_what_a_slot_sent_long_ago(void **state)
{
    struct house *house = house_of(state);
    struct taken *taken;
    size_t count;
    struct wanted wanted = entry(house, "t", SLOT);
    wanted.slot_name = "morning";
    apply(house, &wanted, 1);
    put_in(house, STATE_PUBLISHED);
    assert_done(house, queue_taken(house->queue, SLOT + DAYS(40), house->arena, &taken, &count, &house->err));
    assert_int_equal(count, 1);
    assert_int_equal(taken[0].state, STATE_PUBLISHED);
    assert_true(taken[0].planned == SLOT);
    assert_string_equal(taken[0].content_hash, a(house)->content_hash);
}

static struct sift sift_of(struct house *house, const struct wanted *wanted, size_t count)
{
    struct taken *taken;
    size_t taken_count;
    struct sift sift;
    struct wanted *copy = arena_alloc_array(house->arena, count + 1, sizeof *copy);
    assert_done(house, queue_taken(house->queue, FROM, house->arena, &taken, &taken_count, &house->err));
    for (size_t i = 0; i < count; i++) {
        copy[i] = wanted[i];
        copy[i].hash = queue_content_hash(wanted[i].content, house->arena);
    }
    assert_done(house, queue_sift(taken, taken_count, taken_index(taken, taken_count, house->arena), copy,
                                  count, FROM, UNTIL, false, house->arena, &sift, &house->err));
    return sift;
}

#define BUT(change) ({ struct wanted is = was; change; is; })

static void what_the_file_did_not_change_is_left_out(void **state)
{
    struct house *house = house_of(state);
    struct wanted was = entry(house, "t", SLOT);
    const struct content *edited = entry(house, "edited", SLOT).content;
    const struct {
        const char *reason;
        struct wanted wanted;
        size_t left;
    } cases[] = {
        {"as it was", was, 0},
        {"a line was added above it", BUT(is.source = "calendar.yaml:42"), 0},
        {"another file has it", BUT(is.source = "other.yaml:41"), 1},
        {"another text", BUT(is.content = edited), 1},
        {"another time", BUT(is.slot++), 1},
        {"a draft", BUT(is.state = STATE_DRAFT), 1},
        {"another bucket", BUT(is.bucket = "news"), 1},
        {"the charter is against its time", BUT(is.against = "no"), 1},
        {"its files are gone", BUT((is.content = edited, is.as_applied = true)), 0},
        {"another post", BUT(is.post_id = "b"), 1},
    };
    apply(house, &was, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sift sift = sift_of(house, &cases[i].wanted, 1);
        if (sift.count != cases[i].left)
            fail_msg("%s: %zu left", cases[i].reason, sift.count);
        assert_int_equal(sift.gone_count, strcmp(cases[i].wanted.post_id, "b") == 0);
        assert_int_equal(sift.unchanged, !sift.count);
    }
}

/* Some steps, a commit, and the end of the process: what is applied then goes on from there. */
static void an_application_that_was_cut_short_is_taken_up_again(void **state)
{
    enum { COUNT = 6 };
    struct house *house = house_of(state);
    struct wanted wanted[COUNT];
    const struct wanted *entry_done;
    for (size_t i = 0; i < COUNT; i++)
        wanted[i] = wanted_of(house->arena, arena_printf(house->arena, "p%zu", i), "x", "t", SLOT);
    apply(house, wanted, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        wanted[i].content = entry(house, "edited", SLOT).content;
    for (size_t steps = 0; steps <= COUNT; steps++) {
        struct sift sift = sift_of(house, wanted + 1, COUNT - 1);
        struct application *application = application_new(house->queue, &sift, T0, "file", house->arena);
        bool more = true;
        assert_int_equal(sift.count, COUNT - 1 - (steps ? steps - 1 : 0));
        assert_int_equal(sift.gone_count, steps == 0); /* what is gone goes first */
        assert_done(house, queue_begin(house->queue, &house->err));
        assert_done(house, application_step(application, &entry_done, &more, &house->err));
        assert_true(more || steps == COUNT);
        assert_int_equal(application_report(application).cancelled, steps == 0);
        assert_done(house, queue_commit(house->queue, &house->err));
        application_free(application);
    }
    assert_report(apply(house, wanted + 1, COUNT - 1), 0, 0, 0, 0, COUNT - 1, 0, 0);
    assert_int_equal(house_get(house, "p0", "x")->state, STATE_CANCELLED);
}

/* One step of an application of this alone, as planned before what 'meanwhile' was added at now. */
static struct apply_report step_after(struct house *house, const struct wanted *wanted, const struct wanted *meanwhile,
                                      instant now)
{
    const struct wanted *entry_done;
    bool more;
    struct sift sift = sift_of(house, wanted, 1);
    if (meanwhile)
        assert_done(house, queue_add(house->queue, meanwhile, 1, T0, &house->err));
    struct application *application = application_new(house->queue, &sift, now, "file", house->arena);
    assert_done(house, queue_begin(house->queue, &house->err));
    assert_done(house, application_step(application, &entry_done, &more, &house->err));
    assert_done(house, queue_commit(house->queue, &house->err));
    struct apply_report report = application_report(application);
    application_free(application);
    return report;
}

static void a_place_in_a_slot_that_a_person_took_meanwhile_is_theirs(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT), by_hand[2];
    wanted.slot_name = "morning";
    for (size_t i = 0; i < COUNT_OF(by_hand); i++) {
        by_hand[i] = wanted_of(house->arena, i ? "h1" : "h0", "x", "by hand", SLOT + (instant)i);
        by_hand[i].origin = "spontaneous";
        by_hand[i].slot_name = "morning";
    }

    struct apply_report report = step_after(house, &wanted, &by_hand[0], T0); /* it is not added … */
    assert_int_equal(report.crowded_out, 1);
    assert_int_equal(report.left_count, 1);
    assert_string_equal(report.left[0], "a");
    assert_null(queue_get(house->queue, "a", "x", house->arena, NULL));
    report = step_after(house, &wanted, NULL, T0 + 1); /* … but what a plan knew of is the plan's business */
    assert_int_equal(report.crowded_out, 0);
    assert_int_equal(report.added, 1);

    wanted.slot = SLOT + 1; /* what is there is not moved to such a place */
    report = step_after(house, &wanted, &by_hand[1], T0);
    assert_int_equal(report.crowded_out, 1);
    assert_true(a(house)->slot == SLOT);
    assert_int_equal(a(house)->state, STATE_READY);
}

static void what_a_person_takes_back_in_between_is_not_cancelled(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    const struct wanted *none;
    bool more;
    apply(house, &wanted, 1);
    struct sift sift = sift_of(house, NULL, 0);
    assert_int_equal(sift.gone_count, 1);
    apply(house, NULL, 0);
    move_by(house, "uid 1 (a)", STATE_READY, NULL, 0);
    struct application *application = application_new(house->queue, &sift, T0, "file", house->arena);
    assert_done(house, queue_begin(house->queue, &house->err));
    assert_done(house, application_step(application, &none, &more, &house->err));
    assert_done(house, queue_commit(house->queue, &house->err));
    application_free(application);
    assert_int_equal(a(house)->state, STATE_READY);
}

static void spontaneous_posts_are_never_removed(void **state)
{
    struct house *house = house_of(state);
    house_add(house, "s-1", "x", SLOT);
    assert_report(apply(house, NULL, 0), 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(house_get(house, "s-1", "x")->state, STATE_READY);
}

static void a_spontaneous_post_keeps_its_name(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "t", SLOT);
    house_add(house, "a", "x", SLOT);
    struct apply_report report = apply(house, &wanted, 1);
    assert_report(report, 0, 0, 0, 0, 0, 1, 1);
    assert_non_null(strstr(report.conflicts[0], "a spontaneous post has this name"));
    assert_string_equal(a(house)->content->parts[0].text, "Bonjour");
}

/* The plan covers an interval: what lies outside is not missing from it. */
static void only_what_the_file_had_in_the_interval_can_be_missing(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        instant file_slot, person_slot; /* 0: not moved */
        bool removed;
    } cases[] = {
        {FROM, 0, true},
        {UNTIL - 1, 0, true},
        {FROM - 1, 0, false},
        {UNTIL, 0, false},
        {SLOT, UNTIL + 5, true},      /* a person moved it out of the interval: the file has it in */
        {FROM - 5, SLOT, false},      /* and into it: the plan does not look that far back */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wanted wanted = wanted_of(house->arena, arena_printf(house->arena, "p%zu", i), "x", "t", cases[i].file_slot);
        struct apply_report report;
        struct move move = {.to = STATE_READY, .slot = cases[i].person_slot, .who = "uid 1 (a)"};
        assert_done(house, queue_apply(house->queue, &wanted, 1, cases[i].file_slot, cases[i].file_slot + 1, T0, "file",
                                       house->arena, &report, &house->err));
        if (move.slot)
            assert_done(house, queue_move(house->queue, house_get(house, wanted.post_id, "x"), &move, T0, &house->err));
        assert_report(apply(house, NULL, 0), 0, 0, 0, cases[i].removed, 0, 0, 0);
        if (!cases[i].removed) {
            assert_true(queue_open_since(house->queue) == cases[i].file_slot);
            move = (struct move){.to = STATE_CANCELLED, .who = "cald"};
            assert_done(house, queue_move(house->queue, house_get(house, wanted.post_id, "x"), &move, T0, &house->err));
        }
    }
    assert_true(queue_open_since(house->queue) == INSTANT_NEVER);
}

/* ---- the whole ---- */

static void an_entry_wanted_twice_is_refused_and_nothing_is_applied(void **state)
{
    struct house *house = house_of(state);
    struct wanted twice[] = {entry(house, "t", SLOT), entry(house, "t", SLOT)};
    struct apply_report report;
    assert_refused(house, queue_apply(house->queue, twice, 2, FROM, UNTIL, T0, "file", house->arena, &report, &house->err),
                   "wanted twice");
    assert_null(queue_get(house->queue, "a", "x", house->arena, &house->err));
}

static void history_says_what_the_file_did(void **state)
{
    struct house *house = house_of(state);
    static const char *const whys[] = {"added", "moved in the calendar", "changed in the calendar",
                                       "removed from the calendar", "back in the calendar"};
    struct wanted wanted = entry(house, "t", SLOT);
    struct event *events;
    size_t count;
    apply(house, &wanted, 1);
    wanted.slot++;
    apply(house, &wanted, 1);
    wanted = entry(house, "edited", SLOT);
    apply(house, &wanted, 1);
    apply(house, NULL, 0);
    apply(house, &wanted, 1);
    assert_done(house, queue_history(house->queue, "a", "x", 0, house->arena, &events, &count, &house->err));
    assert_int_equal(count, COUNT_OF(whys));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(events[i].why, whys[i]);
        assert_string_equal(events[i].who, "file");
    }
}

/* Mixed up on purpose: wanted need not be sorted. */
static void thousands_are_applied_at_once(void **state)
{
    struct house *house = house_of(state);
    enum { MANY = 5000 };
    struct wanted *wanted = arena_alloc_array(house->arena, MANY, sizeof *wanted);
    for (size_t i = 0; i < MANY; i++) {
        size_t number = i * 1777 % MANY;
        wanted[i] = wanted_of(house->arena, arena_printf(house->arena, "post-%zu", number), number % 2 ? "x" : "y",
                              arena_printf(house->arena, "Texte %zu", number), SLOT + (instant)number * 1000);
    }
    assert_report(apply(house, wanted, MANY), MANY, 0, 0, 0, 0, 0, 0);
    assert_report(apply(house, wanted, MANY), 0, 0, 0, 0, MANY, 0, 0);
    wanted[7].slot++;
    wanted[8].content = content_of(house->arena, "autre");
    assert_report(apply(house, wanted, MANY - 10), 0, 1, 1, 10, MANY - 12, 0, 0);
}

static void what_cannot_be_told_any_more_is_as_it_was(void **state)
{
    struct house *house = house_of(state);
    struct wanted wanted = entry(house, "one", SLOT), gone = entry(house, "who knows", SLOT + 1);
    static const enum state states[] = {STATE_READY, STATE_PUBLISHED};
    gone.as_applied = true;
    assert_report(apply(house, &gone, 1), 0, 0, 0, 0, 0, 0, 0); /* it never was there */
    assert_null(queue_get(house->queue, "a", "x", house->arena, NULL));
    apply(house, &wanted, 1);
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        put_in(house, states[i]);
        struct apply_report report = apply(house, &gone, 1);
        assert_int_equal(report.changed + report.moved + report.cancelled + report.conflict_count, 0);
        assert_int_equal(a(house)->state, states[i]);
        assert_string_equal(a(house)->content->parts[0].text, "one");
        assert_true(a(house)->slot == SLOT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_house(what_is_new_is_added_with_the_state_the_caller_chose),
        in_house(an_unchanged_file_changes_nothing),
        in_house(what_a_person_changed_is_left_alone_while_the_file_is_the_same),
        in_house(where_an_entry_stands_is_kept_up_to_date_silently),
        in_house(a_changed_entry_in_each_state),
        in_house(one_that_waits_before_anything_left_takes_the_change_and_keeps_its_time),
        in_house(a_slot_that_changes_alone_is_counted_as_moved),
        in_house(a_change_in_the_file_takes_the_place_of_a_persons),
        in_house(a_draft_that_was_approved_needs_it_again_when_the_file_changes),
        in_house(taking_draft_out_of_the_file_approves_it),
        in_house(what_ended_is_not_woken_for_a_slot_that_is_past),
        in_house(a_slot_moved_into_the_past_follows_the_callers_policy),
        in_house(a_published_post_that_the_file_describes_as_it_went_out_is_no_conflict),
        in_house(a_thread_of_which_a_part_is_out_is_a_conflict),
        in_house(what_is_removed_in_each_state),
        in_house(what_was_removed_comes_back_with_its_key),
        in_house(what_the_charter_is_against_is_held_until_it_no_longer_is),
        in_house(what_a_person_says_counts_more_than_what_the_charter_is_against),
        in_house(a_time_that_came_while_the_charter_was_against_it_is_not_made_up_for),
        in_house(what_a_person_holds_outlives_a_file_that_loses_it_or_changes_it),
        in_house(what_was_held_for_being_late_goes_out_when_the_file_gives_another_time),
        in_house(what_a_person_takes_back_is_no_longer_the_files_to_remove),
        in_house(the_planner_is_told_of_what_a_slot_sent_long_ago),
        in_house(what_the_file_did_not_change_is_left_out),
        in_house(an_application_that_was_cut_short_is_taken_up_again),
        in_house(a_place_in_a_slot_that_a_person_took_meanwhile_is_theirs),
        in_house(what_a_person_takes_back_in_between_is_not_cancelled),
        in_house(spontaneous_posts_are_never_removed),
        in_house(a_spontaneous_post_keeps_its_name),
        in_house(only_what_the_file_had_in_the_interval_can_be_missing),
        in_house(an_entry_wanted_twice_is_refused_and_nothing_is_applied),
        in_house(history_says_what_the_file_did),
        in_house(thousands_are_applied_at_once),
        in_house(what_cannot_be_told_any_more_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
