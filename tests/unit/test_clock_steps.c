/*
 * The publisher in virtual time: whatever the wall clock does, nothing leaves before its slot, nothing twice; after an
 * outage the policy for late posts is kept, at a pace. What is received is compared with the wall clock at that moment.
 */
#include "base/log.h"
#include "base/metrics.h"
#include "network/drivers.h"
#include "publish/publish.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */

enum { MOST_ACCOUNTS = 8 };

struct bench {
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct documents documents;
    struct settings settings;
    struct settings_account accounts[MOST_ACCOUNTS];
};

static void add_account(struct bench *bench, const char *name, struct late_policy late)
{
    const char *options = name[0] == 'k' ? "{\"key_header\": \"Idempotency-Key\"" : "{\"method\": \"POST\"";
    const char *text = arena_printf(bench->house->arena,
                                    "%s, \"url\": \"http://127.0.0.1/{{account}}/{{post_id}}/{{slot}}/{{key}}\","
                                    " \"id\": \"/id\"}",
                                    options);
    bench->accounts[bench->settings.account_count++] = (struct settings_account){
        .account = {.name = name,
                    .network = &network_webhook,
                    .options = json_in_arena(bench->house->arena, json_parse(text, strlen(text), NULL))},
        .late = late,
        .retry = {.give_up = DAYS(400)},
        .parallel = 1,
        .spacing = SECONDS(1),
    };
}

static void open_publisher(struct bench *bench)
{
    bench->loop = loop_new(NULL);
    bench->publisher = publisher_new(bench->loop, bench->house->queue, &bench->house->err);
    assert_non_null(bench->publisher);
    publisher_use(bench->publisher, &bench->documents);
}

static void close_publisher(struct bench *bench)
{
    publisher_free(bench->publisher);
    loop_free(bench->loop);
}

/* A death and a new life. */
static void restart(struct bench *bench)
{
    close_publisher(bench);
    house_reopen(bench->house);
    open_publisher(bench);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    virtual_begin(START, 1);
    model_begin(20000);
    log_set_level(LOG_ERROR_);
    if (house_setup((void **)&bench->house) != 0)
        return -1;
    bench->settings = (struct settings){.state = bench->house->directory,
                                        .lead = MINUTES(5),
                                        .concurrency = 64,
                                        .accounts = bench->accounts};
    bench->documents.settings = &bench->settings;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    close_publisher(bench);
    house_teardown((void **)&bench->house);
    model_end();
    metrics_reset();
    virtual_end();
    free(bench);
    return 0;
}

static void add(struct bench *bench, const char *account, const char *post, instant slot, instant created)
{
    struct wanted wanted = wanted_of(bench->house->arena, post, account, "Bonjour", slot);
    wanted.network = "webhook";
    wanted.origin = "spontaneous";
    assert_done(bench->house, queue_add(bench->house->queue, &wanted, 1, created, &bench->house->err));
}

static struct delivery *get(struct bench *bench, const char *account, const char *post)
{
    return house_get(bench->house, post, account);
}

static size_t count_in(struct bench *bench, enum state state)
{
    size_t counts[STATE_COUNT];
    assert_done(bench->house, queue_counts(bench->house->queue, counts, &bench->house->err));
    return counts[state];
}

static void nothing_early_nothing_twice(void)
{
    for (size_t i = 0; i < model.count; i++) {
        const struct receipt *r = &model.receipts[i];
        if (r->at < r->slot)
            fail_msg("%s/%s came %lld ms early", r->post, r->account, (long long)(r->slot - r->at));
        if (r->times != 1)
            fail_msg("%s/%s came %u times", r->post, r->account, r->times);
    }
}

/* ---- clock steps ---- */

#define ALL 18 /* posts of a run: one every ten minutes */

static const struct step_case {
    duration by, back; /* set after 65 minutes, set back after 75 (0: it stays) */
    size_t published;  /* in the end, on each account */
    const char *why;
} step_cases[] = {
    {0, 0, ALL, "set to itself"},
    {HOURS(1), 0, ALL, "an hour ahead: what was passed over is late within the grace, and goes out"},
    {-HOURS(1), 0, ALL, "an hour back: everything waits an hour longer"},
    {HOURS(1), -HOURS(1), ALL, "an hour ahead and back: what went out meanwhile does not go out again"},
    {-HOURS(1), HOURS(1), ALL, "an hour back and ahead"},
    {DAYS(1), 0, 7, "a day ahead: all the others are too late and held"},
    {DAYS(1), -DAYS(1), 7, "a day ahead and back: what is held stays with the person"},
    {-DAYS(1) + HOURS(2), 0, ALL, "most of a day back: plausible, everything waits"},
    {-DAYS(2), DAYS(2), ALL, "two days back: implausible; right again, all goes on by itself"},
    {-DAYS(2), 0, 7, "two days back for good: nothing more"},
    {DAYS(3653), 0, 7, "ten years ahead"},
    {DAYS(3653), -DAYS(3653), 7, "ten years ahead and back"},
    {-DAYS(3653), 0, 7, "ten years back: before this program was written"},
    {-DAYS(3653), DAYS(3653), ALL, "ten years back, and right again"},
};

static void fill(struct bench *bench, const char *account)
{
    for (int i = 0; i < ALL; i++)
        add(bench, account, arena_printf(bench->house->arena, "p%02d", i), START + MINUTES(5) + i * MINUTES(10), START);
}

static void run_steps(struct bench *bench, const struct step_case *c)
{
    virtual_run(bench->loop, MINUTES(65), NULL, NULL);
    virtual_step(bench->loop, c->by);
    virtual_run(bench->loop, MINUTES(10), NULL, NULL);
    if (c->back)
        virtual_step(bench->loop, c->back);
    virtual_run(bench->loop, c->by + c->back < -HOURS(1) ? -(c->by + c->back) + HOURS(4) : HOURS(4), NULL, NULL);
}

static void a_stepped_clock_makes_nothing_early_and_nothing_twice(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(step_cases); i++) {
        const struct step_case *c = &step_cases[i];
        if (i > 0) {
            teardown(state);
            setup(state);
            bench = *state;
        }
        add_account(bench, "plain", (struct late_policy){HOURS(1), MISSED_HOLD});
        add_account(bench, "keyed", (struct late_policy){HOURS(1), MISSED_HOLD});
        open_publisher(bench);
        fill(bench, "plain");
        fill(bench, "keyed");
        publisher_wake(bench->publisher);
        /* a case that never ends would be ten years of nothing: bounded by what is set */
        run_steps(bench, c);
        nothing_early_nothing_twice();
        if (count_in(bench, STATE_PUBLISHED) != 2 * c->published || model.count != 2 * c->published)
            fail_msg("%s: %zu published, %zu received of %zu", c->why, count_in(bench, STATE_PUBLISHED), model.count,
                     2 * c->published);
        assert_int_equal(count_in(bench, STATE_SENDING) + count_in(bench, STATE_UNSURE), 0);
    }
}

static void what_flies_while_the_clock_steps_is_settled_once(void **state)
{
    struct bench *bench = *state;
    static const duration steps[] = {HOURS(1), -HOURS(1), DAYS(3653), -DAYS(3653)};
    add_account(bench, "plain", (struct late_policy){HOURS(1), MISSED_HOLD});
    open_publisher(bench);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const char *post = arena_printf(bench->house->arena, "p%zu", i);
        add(bench, "plain", post, virtual_now() + 10, virtual_now());
        publisher_wake(bench->publisher);
        virtual_run(bench->loop, 50, NULL, NULL);
        assert_int_equal(get(bench, "plain", post)->state, STATE_SENDING);
        virtual_step(bench->loop, steps[i]);
        virtual_run(bench->loop, SECONDS(30), NULL, NULL);
        assert_int_equal(get(bench, "plain", post)->state, STATE_PUBLISHED);
        virtual_step(bench->loop, -steps[i]);
        virtual_run(bench->loop, SECONDS(30), NULL, NULL);
    }
    nothing_early_nothing_twice();
    assert_int_equal(model.count, COUNT_OF(steps));
}

/* The wall clock goes on while the machine sleeps, the monotonic one stands still. */
static void after_a_suspend_the_policy_for_late_posts_is_kept(void **state)
{
    struct bench *bench = *state;
    add_account(bench, "plain", (struct late_policy){HOURS(1), MISSED_HOLD});
    open_publisher(bench);
    fill(bench, "plain");
    publisher_wake(bench->publisher);
    virtual_run(bench->loop, MINUTES(12), NULL, NULL);
    assert_int_equal(model.count, 1);
    virtual_step(bench->loop, HOURS(2));
    virtual_run(bench->loop, MINUTES(5), NULL, NULL);
    nothing_early_nothing_twice();
    assert_int_equal(count_in(bench, STATE_HELD), 6);
    assert_int_equal(model.count, 1 + 7);
    assert_non_null(strstr(get(bench, "plain", "p01")->message, "late, more than the 1h"));
}

static void a_clock_that_is_right_again_needs_nobody(void **state)
{
    struct bench *bench = *state;
    add_account(bench, "plain", (struct late_policy){HOURS(1), MISSED_HOLD});
    open_publisher(bench);
    fill(bench, "plain");
    publisher_wake(bench->publisher);
    virtual_run(bench->loop, MINUTES(30), NULL, NULL);
    virtual_step(bench->loop, -DAYS(3));
    virtual_run(bench->loop, HOURS(1), NULL, NULL);
    const char *trouble = publisher_clock_trouble(bench->publisher, bench->house->arena);
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "calctl resume --clock"));
    assert_int_equal(model.count, 3);
    virtual_step(bench->loop, DAYS(3));
    virtual_run(bench->loop, HOURS(3), NULL, NULL);
    assert_null(publisher_clock_trouble(bench->publisher, bench->house->arena));
    assert_int_equal(model.count, ALL);
    nothing_early_nothing_twice();
}

/* Ran with a clock a year ahead, ended, and was started with the right one: nobody saw it go back. */
static void what_a_wrong_clock_stored_is_overruled_by_a_person(void **state)
{
    struct bench *bench = *state;
    struct event *events;
    size_t count;
    add_account(bench, "plain", (struct late_policy){HOURS(1), MISSED_HOLD});
    virtual_pass(DAYS(365), 0);
    open_publisher(bench);
    add(bench, "plain", "ahead", virtual_now(), virtual_now());
    publisher_wake(bench->publisher);
    virtual_run(bench->loop, MINUTES(5), NULL, NULL);
    assert_int_equal(model.count, 1);
    close_publisher(bench);
    house_reopen(bench->house);
    virtual_pass(-DAYS(365), 0);
    open_publisher(bench);
    fill(bench, "plain");
    publisher_wake(bench->publisher);
    virtual_run(bench->loop, MINUTES(50), NULL, NULL);
    assert_int_equal(model.count, 1);
    assert_non_null(publisher_clock_trouble(bench->publisher, bench->house->arena));
    assert_done(bench->house, publisher_resume_clock(bench->publisher, "uid 1000 (anna)", &bench->house->err));
    virtual_run(bench->loop, HOURS(3), NULL, NULL);
    assert_null(publisher_clock_trouble(bench->publisher, bench->house->arena));
    assert_int_equal(model.count, 1 + ALL);
    nothing_early_nothing_twice();
    restart(bench);
    virtual_run(bench->loop, 10, NULL, NULL);
    assert_null(publisher_clock_trouble(bench->publisher, bench->house->arena));
    assert_done(bench->house, queue_history(bench->house->queue, NULL, "*", 10, bench->house->arena, &events, &count,
                                            &bench->house->err));
    assert_string_equal(events[count - 1].who, "uid 1000 (anna)");
    assert_string_equal(events[count - 1].why, "the clock is right now");
}

static void a_clock_older_than_the_program_cannot_be_declared_right(void **state)
{
    struct bench *bench = *state;
    add_account(bench, "plain", (struct late_policy){HOURS(1), MISSED_HOLD});
    virtual_pass(-DAYS(3653), 0);
    open_publisher(bench);
    add(bench, "plain", "p", virtual_now(), virtual_now());
    publisher_wake(bench->publisher);
    virtual_run(bench->loop, MINUTES(5), NULL, NULL);
    assert_int_equal(model.count, 0);
    assert_refused(bench->house, publisher_resume_clock(bench->publisher, "anna", &bench->house->err), "set it");
}

/* ---- outages ---- */

enum { SPREAD = 5 }; /* accounts */

/* Posts that fell due meanwhile. */
static int overdue(void)
{
    const char *form = getenv("CALD_FAULT");
    return form && !strcmp(form, "full") ? 5000 : 1000;
}

static const duration outages[] = {MINUTES(1), HOURS(1), DAYS(3), DAYS(40)};

static duration last_receipt[MOST_ACCOUNTS]; /* by the monotonic clock */

static void judge_pace(const struct receipt *receipt)
{
    size_t account = (size_t)(receipt->account[strlen(receipt->account) - 1] - '0');
    duration least = receipt->at - receipt->slot > MINUTES(1) ? SECONDS(5) : SECONDS(1);
    if (last_receipt[account] && receipt->monotonic - last_receipt[account] < least)
        fail_msg("%s: %lld ms after the one before", receipt->account,
                 (long long)(receipt->monotonic - last_receipt[account]));
    last_receipt[account] = receipt->monotonic;
}

/* Slots evenly over the outage; queued before it. */
static void go_down(struct bench *bench, duration outage, instant *ret_slots)
{
    assert_done(bench->house, queue_begin(bench->house->queue, &bench->house->err));
    for (int i = 0; i < overdue(); i++) {
        ret_slots[i] = START + outage / overdue() * i;
        add(bench, arena_printf(bench->house->arena, "a%d", i % SPREAD), arena_printf(bench->house->arena, "p%04d", i),
            ret_slots[i], START - 1);
    }
    assert_done(bench->house, queue_commit(bench->house->queue, &bench->house->err));
    virtual_pass(outage, outage);
}

static size_t count_decisions(struct bench *bench, const char *account, const char *post, const char *state)
{
    struct event *events;
    size_t count, decisions = 0;
    assert_done(bench->house, queue_history(bench->house->queue, post, account, 20, bench->house->arena, &events, &count,
                                            &bench->house->err));
    for (size_t i = 0; i < count; i++)
        decisions += !strcmp(events[i].to, state);
    return decisions;
}

static void judge_policy(struct bench *bench, struct late_policy late, const instant *slots, instant back)
{
    enum state aside = late.then == MISSED_HOLD ? STATE_HELD : STATE_MISSED;
    size_t published = 0;
    for (int i = 0; i < overdue(); i++) {
        char post[16], account[8];
        snprintf(post, sizeof post, "p%04d", i);
        snprintf(account, sizeof account, "a%d", i % SPREAD);
        const struct delivery *d = get(bench, account, post);
        const struct receipt *r = model_find(account, post);
        if (r && (d->state != STATE_PUBLISHED || r->at - slots[i] > late.grace))
            fail_msg("%s: %s, received %lld ms late", post, state_name(d->state), (long long)(r->at - slots[i]));
        if (!r && d->state != aside)
            fail_msg("%s is %s", post, state_name(d->state));
        if (back - slots[i] > late.grace && r)
            fail_msg("%s was too late when we came back", post);
        if (i % 25 == 0)
            assert_int_equal(count_decisions(bench, account, post, state_name(aside)), r ? 0 : 1);
        published += r != NULL;
    }
    assert_int_equal(published, model.count);
}

static void come_back(void **state, duration outage, struct late_policy late)
{
    struct bench *bench = *state;
    instant *slots = calloc((size_t)overdue(), sizeof *slots);
    memset(last_receipt, 0, sizeof last_receipt);
    for (int i = 0; i < SPREAD; i++)
        add_account(bench, arena_printf(bench->house->arena, "a%d", i), late);
    go_down(bench, outage, slots);
    instant back = virtual_now();
    model.received = judge_pace;
    open_publisher(bench);
    virtual_run(bench->loop, HOURS(2), NULL, NULL);
    assert_int_equal(count_in(bench, STATE_READY) + count_in(bench, STATE_WAITING) + count_in(bench, STATE_SENDING), 0);
    nothing_early_nothing_twice();
    judge_policy(bench, late, slots, back);
    free(slots);
}

static void after_an_outage(void **state, struct late_policy late)
{
    for (size_t i = 0; i < COUNT_OF(outages); i++) {
        if (i > 0) {
            teardown(state);
            setup(state);
        }
        come_back(state, outages[i], late);
    }
}

static void after_an_outage_what_is_too_late_is_held_and_the_rest_paced(void **state)
{
    after_an_outage(state, (struct late_policy){HOURS(1), MISSED_HOLD});
}

static void after_an_outage_what_is_too_late_is_missed_and_the_rest_paced(void **state)
{
    after_an_outage(state, (struct late_policy){MINUTES(5), MISSED_DROP});
}

static void after_an_outage_all_goes_out_at_a_pace_if_the_policy_says_so(void **state)
{
    after_an_outage(state, (struct late_policy){DAYS(60), MISSED_HOLD});
}

/* What was tried, doubted or on its way when we went down is drained as well. */
static void an_outage_is_left_from_any_state(void **state)
{
    struct bench *bench = *state;
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .request = "POST", .body = "{}", .body_length = 2};
    struct outcome retry = {.kind = OUTCOME_RETRY, .message = "busy"}, unsure = {.kind = OUTCOME_UNSURE, .message = "cut"};
    int64_t attempt;
    add_account(bench, "k0", (struct late_policy){DAYS(60), MISSED_HOLD});
    add_account(bench, "p0", (struct late_policy){DAYS(60), MISSED_HOLD});
    for (const char *const *name = (const char *const[]){"k0", "p0", NULL}; *name; name++) {
        for (const char *const *post = (const char *const[]){"ready", "waiting", "sending", "unsure", NULL}; *post; post++)
            add(bench, *name, *post, START, START - 1);
        house_try(bench->house, get(bench, *name, "waiting"), STEP_CREATE, &retry, STATE_WAITING, START + SECONDS(10));
        house_try(bench->house, get(bench, *name, "unsure"), STEP_CREATE, &unsure, STATE_UNSURE, START + SECONDS(10));
        assert_done(bench->house, queue_intend(bench->house->queue, get(bench, *name, "sending"), &intent, START, &attempt,
                                               &bench->house->err));
    }
    virtual_pass(HOURS(20), HOURS(20));
    open_publisher(bench);
    virtual_run(bench->loop, HOURS(2), NULL, NULL);
    for (const char *const *post = (const char *const[]){"ready", "waiting", "sending", NULL}; *post; post++)
        assert_int_equal(get(bench, "k0", *post)->state, STATE_PUBLISHED);
    assert_int_equal(get(bench, "k0", "unsure")->state, STATE_UNSURE); /* tried at T0, years ago: a person's */
    assert_int_equal(get(bench, "p0", "ready")->state, STATE_PUBLISHED);
    assert_int_equal(get(bench, "p0", "waiting")->state, STATE_PUBLISHED);
    assert_int_equal(get(bench, "p0", "sending")->state, STATE_UNSURE); /* no key, no look-up: a person's */
    assert_int_equal(get(bench, "p0", "unsure")->state, STATE_UNSURE);
    nothing_early_nothing_twice();
}

#define in_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_bench(a_stepped_clock_makes_nothing_early_and_nothing_twice),
        in_bench(what_flies_while_the_clock_steps_is_settled_once),
        in_bench(after_a_suspend_the_policy_for_late_posts_is_kept),
        in_bench(a_clock_that_is_right_again_needs_nobody),
        in_bench(what_a_wrong_clock_stored_is_overruled_by_a_person),
        in_bench(a_clock_older_than_the_program_cannot_be_declared_right),
        in_bench(after_an_outage_what_is_too_late_is_held_and_the_rest_paced),
        in_bench(after_an_outage_what_is_too_late_is_missed_and_the_rest_paced),
        in_bench(after_an_outage_all_goes_out_at_a_pace_if_the_policy_says_so),
        in_bench(an_outage_is_left_from_any_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
