/*
 * What was prepared for a delivery that is not published after all is taken back, in virtual time: once, also when the
 * process dies in between; a few times if it fails, and told once; and what a person brings back is prepared anew.
 */
#include "base/log.h"
#include "base/metrics.h"
#include "network/outcome.h"
#include "publish/publish.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */

/* ---- a network with drafts: draft, publish; or discard ---- */

static void make(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind, const char *name)
{
    char slot[INSTANT_TEXT];
    *step = (struct step){.kind = kind, .name = name};
    step->request.method = "POST";
    step->request.url = arena_printf(arena, "http://127.0.0.1/%s/%s-%s/%s/%s", job->account->name, name, job->post_id,
                                     instant_format(job->slot, slot, sizeof slot), job->key);
}

static void drafts_next(const struct job *job, struct arena *arena, struct step *step)
{
    bool drafted = json_flag(job->memo, "draft", false);
    if (json_text(job->memo, "id"))
        *step = (struct step){.kind = STEP_DONE, .name = "done"};
    else
        make(job, arena, step, drafted ? STEP_CREATE : STEP_PREPARE, drafted ? "publish" : "draft");
}

static void drafts_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, outcome);
    if (outcome->kind != OUTCOME_NEXT)
        return;
    if (step->kind == STEP_PREPARE)
        outcome->memo = json_in_arena(arena, json_pack("{s:b}", "draft", true));
    else
        *outcome = (struct outcome){.kind = OUTCOME_DONE, .id = "1"};
}

static void drafts_discard(const struct job *job, struct arena *arena, struct step *step)
{
    bool there = json_flag(job->memo, "draft", false) || json_flag(job->memo, "discard", false);
    *step = (struct step){.kind = STEP_DONE, .name = "done"};
    if (!there)
        return;
    make(job, arena, step, STEP_PREPARE, "discard");
    step->memo = json_in_arena(arena, json_pack("{s:n, s:b}", "draft", "discard", true));
}

static void drafts_discarded(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, outcome);
    if (outcome->kind != OUTCOME_NEXT)
        return;
    outcome->memo = json_in_arena(arena, json_pack("{s:n}", "discard"));
    outcome->message = "its draft was deleted";
}

static const struct network drafts = {.name = "drafts", .next = drafts_next, .read = drafts_read,
                                      .discard = drafts_discard, .discarded = drafts_discarded};

/* ---- the bench ---- */

struct bench {
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct documents documents;
    struct settings settings;
    struct settings_account account;
};

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

static enum fate (*fate_of_discards)(void);
static size_t discards;

static enum fate fate(const char *account, const char *post)
{
    (void)account;
    if (strncmp(post, "discard-", 8) != 0)
        return FATE_FINE;
    discards++;
    return fate_of_discards ? fate_of_discards() : FATE_FINE;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    virtual_begin(START, 1);
    model_begin(100);
    model.fate = fate;
    fate_of_discards = NULL;
    discards = 0;
    log_set_level(LOG_ERROR_);
    if (house_setup((void **)&bench->house) != 0)
        return -1;
    bench->account = (struct settings_account){
        .account = {.name = "a", .network = &drafts, .options = json_in_arena(bench->house->arena, json_object())},
        .late = {.grace = HOURS(1), .then = MISSED_DROP},
        .parallel = 1,
    };
    bench->settings = (struct settings){.state = bench->house->directory, .lead = HOURS(1), .concurrency = 64,
                                        .accounts = &bench->account, .account_count = 1};
    bench->documents.settings = &bench->settings;
    open_publisher(bench);
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

static void run(struct bench *bench, duration length)
{
    virtual_run(bench->loop, length, NULL, NULL);
}

static struct delivery *get(struct bench *bench, const char *post)
{
    return house_get(bench->house, post, "a");
}

static void add(struct bench *bench, const char *post, duration from_now)
{
    struct wanted wanted = wanted_of(bench->house->arena, post, "a", "Bonjour", virtual_now() + from_now);
    wanted.network = "drafts";
    wanted.origin = "spontaneous";
    assert_done(bench->house, queue_add(bench->house->queue, &wanted, 1, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
}

static void move(struct bench *bench, const char *post, enum state to)
{
    struct move move = {.to = to, .who = "uid 0", .why = "a person"};
    assert_done(bench->house, queue_move(bench->house->queue, get(bench, post), &move, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
}

static void add_prepared(struct bench *bench, const char *post)
{
    add(bench, post, MINUTES(50));
    run(bench, SECONDS(10));
    assert_true(get(bench, post)->prepared);
}

static size_t lines_that_say(struct bench *bench, const char *post, const char *words)
{
    struct event *events;
    size_t count, found = 0;
    assert_done(bench->house, queue_history(bench->house->queue, post, "a", 0, bench->house->arena, &events, &count,
                                            &bench->house->err));
    for (size_t i = 0; i < count; i++)
        found += events[i].why && strstr(events[i].why, words);
    return found;
}

/* ---- sentences ---- */

static void what_was_prepared_is_taken_back_once_when_it_is_cancelled(void **state)
{
    struct bench *bench = *state;
    add_prepared(bench, "p");
    add_prepared(bench, "published");
    add(bench, "untouched", DAYS(3));
    move(bench, "p", STATE_CANCELLED);
    move(bench, "untouched", STATE_CANCELLED);
    run(bench, DAYS(2));
    assert_int_equal(discards, 1);
    assert_non_null(model_find("a", "discard-p"));
    assert_int_equal(get(bench, "p")->state, STATE_CANCELLED);
    assert_int_equal(lines_that_say(bench, "p", "its draft was deleted"), 1);
    assert_int_equal(get(bench, "published")->state, STATE_PUBLISHED);
    restart(bench);
    run(bench, DAYS(1));
    assert_int_equal(discards, 1);
}

static void what_was_missed_leaves_nothing_and_what_is_held_stays_prepared(void **state)
{
    struct bench *bench = *state;
    add_prepared(bench, "missed");
    add_prepared(bench, "held");
    move(bench, "missed", STATE_MISSED);
    move(bench, "held", STATE_HELD);
    run(bench, HOURS(1));
    assert_int_equal(discards, 1);
    assert_non_null(model_find("a", "discard-missed"));
}

static enum fate down(void)
{
    return FATE_DOWN;
}

static void what_cannot_be_taken_back_is_tried_a_few_times_told_once_and_in_nobody_s_way(void **state)
{
    struct bench *bench = *state;
    fate_of_discards = down;
    add_prepared(bench, "p");
    move(bench, "p", STATE_CANCELLED);
    add(bench, "next", MINUTES(2));
    run(bench, HOURS(1));
    assert_int_equal(get(bench, "next")->state, STATE_PUBLISHED);
    assert_true(discards > 1);
    restart(bench); /* which does not begin to count anew */
    run(bench, DAYS(4));
    assert_int_equal(discards, 8);
    assert_int_equal(lines_that_say(bench, "p", "is left there"), 1);
    assert_int_equal(get(bench, "p")->state, STATE_CANCELLED);
}

static enum fate cut(void)
{
    fate_of_discards = NULL;
    return FATE_CUT;
}

static duration slowly(void)
{
    return SECONDS(20);
}

static void a_death_in_between_leaves_nothing_undone(void **state)
{
    struct bench *bench = *state;
    add_prepared(bench, "p");
    move(bench, "p", STATE_CANCELLED);
    restart(bench); /* before anything left */
    model.delay = slowly;
    run(bench, SECONDS(5));
    assert_int_equal(discards, 1);
    restart(bench); /* while it is out */
    run(bench, HOURS(1));
    assert_int_equal(discards, 2);
    restart(bench);
    run(bench, DAYS(1));
    assert_int_equal(discards, 2);
}

static void a_lost_answer_is_made_up_for(void **state)
{
    struct bench *bench = *state;
    fate_of_discards = cut;
    add_prepared(bench, "p");
    move(bench, "p", STATE_CANCELLED);
    run(bench, DAYS(1));
    assert_int_equal(discards, 2);
    assert_int_equal(lines_that_say(bench, "p", "its draft was deleted"), 1);
}

static void what_a_person_brings_back_is_prepared_anew_and_taken_back_again(void **state)
{
    struct bench *bench = *state;
    add_prepared(bench, "p");
    model.delay = slowly;
    move(bench, "p", STATE_CANCELLED);
    run(bench, SECONDS(5));
    move(bench, "p", STATE_READY); /* while its draft is being deleted */
    run(bench, MINUTES(5));
    assert_int_equal(discards, 1);
    assert_int_equal(model_find("a", "draft-p")->times, 2);
    move(bench, "p", STATE_CANCELLED);
    run(bench, MINUTES(5));
    assert_int_equal(discards, 2);
    move(bench, "p", STATE_READY);
    run(bench, HOURS(1));
    assert_int_equal(get(bench, "p")->state, STATE_PUBLISHED);
    assert_int_equal(discards, 2);
    assert_int_equal(model_find("a", "draft-p")->times, 3);
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(what_was_prepared_is_taken_back_once_when_it_is_cancelled),
        on_bench(what_was_missed_leaves_nothing_and_what_is_held_stays_prepared),
        on_bench(what_cannot_be_taken_back_is_tried_a_few_times_told_once_and_in_nobody_s_way),
        on_bench(a_death_in_between_leaves_nothing_undone),
        on_bench(a_lost_answer_is_made_up_for),
        on_bench(what_a_person_brings_back_is_prepared_anew_and_taken_back_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
