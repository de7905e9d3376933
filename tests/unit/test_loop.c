/* The loop: timers by both clocks, descriptors, calls from other threads, clock steps. No sleeping, no timing decides. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <pthread.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/metrics.h"
#include "loop.h"

struct fixture {
    struct loop *loop;
    struct timer *first, *second;
    struct watch *watch;
    int pipe[2];
    int order[64], count;
    pthread_t loop_thread;
    duration step;
};

static void note(struct fixture *f, int what)
{
    f->order[f->count++] = what;
}

static void fire_first(void *context)
{
    note(context, 1);
}

static void fire_second(void *context)
{
    struct fixture *f = context;
    note(f, 2);
    loop_stop(f->loop);
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){.loop = loop_new(NULL)};
    f.first = loop_timer(f.loop, fire_first, &f);
    f.second = loop_timer(f.loop, fire_second, &f);
    *state = &f;
    return f.loop ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    timer_free(f->first);
    timer_free(f->second);
    loop_free(f->loop);
    metrics_reset();
    return 0;
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
    struct fixture *f = *state;
    instant now = clock_now();
    timer_at(f->second, now + 20);
    timer_at(f->first, now + 10);
    loop_run(f->loop);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->order[0], 1);
    assert_true(loop_now(f->loop) >= now + 20);
}

static void a_timer_in_the_past_fires_in_the_next_turn(void **state)
{
    struct fixture *f = *state;
    timer_at(f->second, 1);
    loop_run(f->loop);
    assert_int_equal(f->count, 1);
}

static void a_timer_set_to_never_does_not_fire(void **state)
{
    struct fixture *f = *state;
    timer_at(f->first, clock_now() + 1);
    timer_at(f->first, INSTANT_NEVER);
    timer_after(f->second, 10);
    loop_run(f->loop);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->order[0], 2);
}

static void many_timers_keep_their_order(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 500 };
    struct timer *timers[MANY];
    instant start = clock_now() + 1000000;
    for (int i = 0; i < MANY; i++) {
        timers[i] = loop_timer(f->loop, fire_first, f);
        timer_at(timers[i], start + (i * 7919) % MANY);
    }
    for (int i = 0; i < MANY; i += 3)
        timer_at(timers[i], INSTANT_NEVER);
    timer_at(f->second, clock_now());
    loop_run(f->loop); /* none of the far ones may fire */
    assert_int_equal(f->count, 1);
    for (int i = 0; i < MANY; i++)
        timer_free(timers[i]);
}

static void readable(void *context, uint32_t events)
{
    struct fixture *f = context;
    char byte;
    assert_true(events & EPOLLIN);
    assert_int_equal(read(f->pipe[0], &byte, 1), 1);
    note(f, byte);
    watch_free(f->watch); /* within its own callback */
    loop_stop(f->loop);
}

static void a_watch_may_be_freed_in_its_own_callback(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(pipe(f->pipe), 0);
    f->watch = loop_watch(f->loop, f->pipe[0], EPOLLIN, readable, f);
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    loop_run(f->loop);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->order[0], 'x');
    close(f->pipe[0]);
    close(f->pipe[1]);
}

static void ran_on_loop(void *context)
{
    struct fixture *f = context;
    assert_true(pthread_equal(pthread_self(), f->loop_thread));
    note(f, 7);
    loop_stop(f->loop);
}

static void *other_thread(void *context)
{
    struct fixture *f = context;
    loop_post(f->loop, ran_on_loop, f);
    return NULL;
}

static void what_another_thread_posts_runs_on_the_loop(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    f->loop_thread = pthread_self();
    assert_int_equal(pthread_create(&thread, NULL, other_thread, f), 0);
    loop_run(f->loop);
    pthread_join(thread, NULL);
    assert_int_equal(f->order[0], 7);
}

static void stepped(void *context, duration by)
{
    struct fixture *f = context;
    f->step = by;
    note(f, 9);
    loop_stop(f->loop);
}

/* Before or after what is due in the same turn. */
static void assert_noted(const struct fixture *f, int what)
{
    int at = 0;
    while (at < f->count && f->order[at] != what)
        at++;
    assert_true(at < f->count);
}

static void *set_clock_to_itself(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_settime(CLOCK_REALTIME, &now);
    return NULL;
}

static void a_clock_step_is_noticed_without_polling(void **state)
{
    struct fixture *f = *state;
    struct timespec now;
    pthread_t thread;
    clock_gettime(CLOCK_REALTIME, &now);
    if (clock_settime(CLOCK_REALTIME, &now)) {
        print_message("not permitted to set the clock here\n");
        skip();
    }
    loop_on_clock_step(f->loop, stepped, f);
    timer_after(f->first, 0);
    pthread_create(&thread, NULL, set_clock_to_itself, f);
    loop_run(f->loop);
    pthread_join(thread, NULL);
    assert_noted(f, 9);
    assert_in_range(f->step + 1000, 0, 2000);
}

/* In between: after it was armed, and before it is armed anew. */
static void a_clock_step_before_the_timer_is_set_anew_is_noticed_too(void **state)
{
    struct fixture *f = *state;
    struct timespec now;
    loop_on_clock_step(f->loop, stepped, f);
    loop_turn(f->loop);
    clock_gettime(CLOCK_REALTIME, &now);
    if (clock_settime(CLOCK_REALTIME, &now)) {
        print_message("not permitted to set the clock here\n");
        skip();
    }
    timer_at(f->first, clock_now() + 1000000);
    loop_run(f->loop);
    assert_noted(f, 9);
}

static void turn_ended(void *context)
{
    note(context, 5);
}

static void the_end_of_a_turn_comes_after_all_that_was_ready(void **state)
{
    struct fixture *f = *state;
    loop_on_turn_end(f->loop, turn_ended, f);
    timer_at(f->first, 1);
    timer_at(f->second, 2);
    loop_run(f->loop);
    assert_true(f->count >= 3); /* a turn more, if somebody sets the clock just now */
    assert_int_equal(f->order[f->count - 3], 1);
    assert_int_equal(f->order[f->count - 2], 2);
    assert_int_equal(f->order[f->count - 1], 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(timers_fire_in_the_order_of_their_times),
        TEST(a_timer_in_the_past_fires_in_the_next_turn),
        TEST(a_timer_set_to_never_does_not_fire),
        TEST(many_timers_keep_their_order),
        TEST(a_watch_may_be_freed_in_its_own_callback),
        TEST(what_another_thread_posts_runs_on_the_loop),
        TEST(a_clock_step_is_noticed_without_polling),
        TEST(a_clock_step_before_the_timer_is_set_anew_is_noticed_too),
        TEST(the_end_of_a_turn_comes_after_all_that_was_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
