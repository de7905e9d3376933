/*
 * What is published is deleted on its network because a person asked for it, in virtual time: part by part,
 * the last one first; again where no answer came, also by another life of the process; up to a bound, and
 * then told. And nothing else.
 */
#include "base/log.h"
#include "base/metrics.h"
#include "network/removal.h"
#include "network/thread.h"
#include "publish/publish.h"
#include "queue/alerts.h"
#include "queue/crisis.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */

/* ---- a network whose posts can be deleted ---- */

static void posts_next(const struct job *job, struct arena *arena, struct step *step)
{
    size_t part = thread_part_due(job);
    *step =
        (struct step){.kind = part == thread_part_count(job) ? STEP_DONE : STEP_CREATE, .name = "publish"};
    step->request.method = "POST";
    step->request.url = arena_printf(arena, "http://127.0.0.1/%s/create-%s-%zu/2026-11-02T08:00:00Z/%s",
                                     job->account->name, job->post_id, part, job->key);
}

static void posts_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, outcome);
    if (outcome->kind == OUTCOME_NEXT)
        thread_part_done(job, arena_printf(arena, "%s-%zu", job->post_id, thread_part_due(job)), NULL, arena,
                         outcome);
}

static void posts_remove(const struct job *job, struct arena *arena, struct step *step)
{
    if (!removal_is_due(job, NULL, arena, step))
        return;
    struct request *request = removal_step(step);
    request->method = "DELETE";
    request->url = arena_printf(arena, "http://127.0.0.1/%s/delete-%s/2026-11-02T08:00:00Z/%s",
                                job->account->name, removal_id(job), job->key);
}

static void posts_removed(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *outcome)
{
    removal_read(job, step, response, RESET_RETRY_AFTER, NULL, arena, outcome);
}

static const struct network posts = {.name = "posts",
                                     .features = FEATURE_THREAD,
                                     .one_step = true,
                                     .next = posts_next,
                                     .read = posts_read,
                                     .remove = posts_remove,
                                     .removed = posts_removed};

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

static enum fate (*fate_of_deletions)(void);
static char asked[4096]; /* what was to be deleted, one after the other */

static enum fate fate(const char *account, const char *post)
{
    (void)account;
    if (strncmp(post, "delete-", 7) != 0)
        return FATE_FINE;
    strncat(asked, post + 7, sizeof asked - strlen(asked) - 2);
    strcat(asked, " ");
    return fate_of_deletions ? fate_of_deletions() : FATE_FINE;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    virtual_begin(START, 1);
    model_begin(100);
    model.fate = fate;
    fate_of_deletions = NULL;
    *asked = '\0';
    log_set_level(LOG_ERROR_);
    if (house_setup((void **)&bench->house) != 0)
        return -1;
    bench->account = (struct settings_account){
        .account = {.name = "a",
                    .network = &posts,
                    .options = json_in_arena(bench->house->arena, json_object())},
        .late = {.grace = HOURS(1), .then = MISSED_DROP},
        .parallel = 1,
    };
    bench->settings = (struct settings){.state = bench->house->directory,
                                        .lead = HOURS(1),
                                        .concurrency = 64,
                                        .accounts = &bench->account,
                                        .account_count = 1};
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

static void publish(struct bench *bench, const char *post, size_t part_count)
{
    static const struct part parts[] = {{.text = "one"}, {.text = "two"}, {.text = "three"}};
    const struct content content = {.parts = (struct part *)(uintptr_t)parts, .part_count = part_count};
    struct wanted wanted = wanted_of(bench->house->arena, post, "a", "Bonjour", virtual_now());
    wanted.network = "posts";
    wanted.origin = "spontaneous";
    wanted.content = &content;
    assert_done(bench->house, queue_add(bench->house->queue, &wanted, 1, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    run(bench, SECONDS(10));
    assert_int_equal(get(bench, post)->state, STATE_PUBLISHED);
}

static void delete_post(struct bench *bench, const char *post)
{
    assert_null(publisher_cannot_delete(bench->publisher, get(bench, post), bench->house->arena));
    assert_done(bench->house, queue_delete(bench->house->queue, get(bench, post), "uid 0",
                                           "to be deleted: a typo", virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
}

static size_t lines_that_say(struct bench *bench, const char *post, const char *to, const char *words)
{
    struct event *events;
    size_t count, found = 0;
    assert_done(bench->house, queue_history(bench->house->queue, post, "a", 0, bench->house->arena, &events,
                                            &count, &bench->house->err));
    for (size_t i = 0; i < count; i++)
        found += !strcmp(events[i].to, to) && !strcmp(events[i].kind, "deletion") && events[i].why &&
                 strstr(events[i].why, words);
    return found;
}

/* ---- sentences ---- */

static void what_a_person_wants_deleted_goes_once_and_nothing_else_does(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", 1);
    publish(bench, "other", 1);
    delete_post(bench, "p");
    run(bench, DAYS(1));
    assert_string_equal(asked, "p-0 ");
    assert_int_equal(get(bench, "p")->state, STATE_PUBLISHED);
    assert_true(get(bench, "p")->deleted > START && !get(bench, "p")->deleting);
    assert_int_equal(lines_that_say(bench, "p", "deleting", "a typo"), 1);
    assert_int_equal(lines_that_say(bench, "p", "deleted", "deleted on the network"), 1);
    assert_int_equal(get(bench, "other")->deleted, 0);
    restart(bench);
    run(bench, DAYS(1));
    assert_string_equal(asked, "p-0 ");
}

static void a_thread_goes_from_its_end_to_its_beginning(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", 3);
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "p-2 p-1 p-0 ");
    assert_true(get(bench, "p")->deleted);
}

static enum fate cut(void)
{
    fate_of_deletions = NULL;
    return FATE_CUT;
}

static void an_unanswered_deletion_is_repeated_and_nothing_but_it(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", 2);
    publish(bench, "other", 2);
    fate_of_deletions = cut;
    delete_post(bench, "p");
    run(bench, 100);
    assert_string_equal(asked, "p-1 ");
    assert_true(get(bench, "p")->deleting && strstr(get(bench, "p")->message, "not deleted yet"));
    assert_true(json_flag(get(bench, "p")->memo, "remove_lost", false));
    run(bench, HOURS(1));
    assert_string_equal(asked, "p-1 p-1 p-0 ");
    assert_true(get(bench, "p")->deleted && !json_member(get(bench, "p")->memo, "remove_lost"));
}

static enum fate limited(void)
{
    fate_of_deletions = NULL;
    return FATE_LIMITED;
}

static void a_network_that_asks_to_wait_is_not_asked_for_the_next_one_meanwhile(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", 1);
    publish(bench, "q", 1);
    fate_of_deletions = limited; /* for 90 s */
    delete_post(bench, "p");
    delete_post(bench, "q");
    run(bench, SECONDS(80));
    assert_string_equal(asked, "p-0 ");
    assert_null(json_member(get(bench, "p")->memo, "remove_lost")); /* it was answered */
    run(bench, MINUTES(5));
    assert_true(get(bench, "p")->deleted && get(bench, "q")->deleted);
    assert_int_equal(strlen(asked), 3 * strlen("p-0 "));
}

static duration slowly(void)
{
    return SECONDS(20);
}

static void a_death_in_between_leaves_nothing_undone_and_repeats_no_other(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", 2);
    delete_post(bench, "p");
    restart(bench); /* before anything left */
    assert_string_equal(asked, "");
    model.delay = slowly;
    run(bench, SECONDS(5));
    assert_string_equal(asked, "p-1 ");
    restart(bench); /* while it is out */
    run(bench, SECONDS(25));
    assert_string_equal(asked, "p-1 p-1 p-0 ");
    restart(bench); /* while the other is */
    run(bench, HOURS(1));
    assert_string_equal(asked, "p-1 p-1 p-0 p-0 ");
    restart(bench);
    run(bench, DAYS(1));
    assert_string_equal(asked, "p-1 p-1 p-0 p-0 ");
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

static size_t alerts_that_say(struct bench *bench, const char *words)
{
    struct alert_filter filter = {0};
    struct alert *alerts;
    const char *next;
    size_t count, found = 0;
    assert_done(bench->house, queue_alerts(bench->house->queue, &filter, bench->house->arena, &alerts, &count,
                                           &next, &bench->house->err));
    for (size_t i = 0; i < count; i++)
        found += strstr(json_text(alerts[i].body, "message"), words) != NULL;
    return found;
}

static void what_cannot_be_deleted_is_tried_up_to_a_bound_told_once_and_in_nobody_s_way(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", 1);
    fate_of_deletions = down;
    delete_post(bench, "p");
    publish(bench, "next", 1);
    restart(bench); /* which does not begin to count anew */
    run(bench, DAYS(4));
    assert_int_equal(count_asked(), 20);
    assert_int_equal(lines_that_say(bench, "p", "published", "not deleted: "), 1);
    assert_int_equal(alerts_that_say(bench, "not deleted: "), 1);
    assert_true(!get(bench, "p")->deleted && !get(bench, "p")->deleting);
    fate_of_deletions = NULL;
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
    publish(bench, "p", 1);
    assert_done(bench->house,
                queue_crisis_start(bench->house->queue, &crisis, virtual_now(), &bench->house->err));
    assert_done(bench->house,
                queue_set_account(bench->house->queue, &paused, "uid 0", virtual_now(), &bench->house->err));
    delete_post(bench, "p");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "p-0 ");
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
    publish(bench, "p", 1);
    struct delivery *before = get(bench, "p");
    delete_post(bench, "p");
    assert_false(queue_delete(queue, get(bench, "p"), "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: it is being deleted already");
    assert_false(queue_delete(queue, before, "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "'p/a' changed meanwhile");
    run(bench, MINUTES(1));
    assert_false(queue_delete(queue, get(bench, "p"), "uid 0", "so", virtual_now(), &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: it is deleted already");
    publish(bench, "unasked", 1); /* nothing can leave that nobody asked for */
    const struct intent intent = {.step = "delete", .kind = STEP_PREPARE, .deletes = true};
    int64_t attempt;
    assert_false(queue_intend(queue, get(bench, "unasked"), &intent, virtual_now(), &attempt, &bench->house->err));
    assert_string_equal(bench->house->err.message, "cannot delete: nobody asked for it");
    assert_string_equal(asked, "p-0 ");
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(what_a_person_wants_deleted_goes_once_and_nothing_else_does),
        on_bench(a_thread_goes_from_its_end_to_its_beginning),
        on_bench(an_unanswered_deletion_is_repeated_and_nothing_but_it),
        on_bench(a_network_that_asks_to_wait_is_not_asked_for_the_next_one_meanwhile),
        on_bench(a_death_in_between_leaves_nothing_undone_and_repeats_no_other),
        on_bench(what_cannot_be_deleted_is_tried_up_to_a_bound_told_once_and_in_nobody_s_way),
        on_bench(it_is_deleted_in_a_crisis_and_on_a_paused_account_too),
        on_bench(only_what_is_published_and_still_there_can_be_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
