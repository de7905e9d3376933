/*
 * What http keeps after a burst, and lets go: libcurl's handles, counted where they are made and ended, and connections,
 * counted as descriptors. The clock is the system's, and what the test adds to it.
 */
#include <dirent.h>

#include "base/arena.h"
#include "loop.h"
#include "publish/http.h"
#include "scripted_server.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

enum { BURST = 200, CONNECTIONS = 50, AT_REST = 64 };

/* ---- handles ---- */

static int handles, made;

void *__real_curl_easy_init(void);
void *__wrap_curl_easy_init(void);
void __real_curl_easy_cleanup(void *easy);
void __wrap_curl_easy_cleanup(void *easy);

void *__wrap_curl_easy_init(void)
{
    handles++, made++;
    return __real_curl_easy_init();
}

void __wrap_curl_easy_cleanup(void *easy)
{
    handles--;
    __real_curl_easy_cleanup(easy);
}

/* ---- time ---- */

static duration added; /* the server's threads read it, too */

static instant later_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000 + __atomic_load_n(&added, __ATOMIC_RELAXED);
}

static duration later_monotonic(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000 + __atomic_load_n(&added, __ATOMIC_RELAXED);
}

/* ---- the bench ---- */

struct bench {
    struct loop *loop;
    struct http *http;
    struct arena *arena;
    struct server *server;
    int awaited, rests;
};

static const char *answer(struct server *server, const struct received *received)
{
    (void)server, (void)received;
    return SERVER_OK;
}

static int setup(void **state)
{
    static const struct clock_source later = {later_now, later_monotonic};
    struct bench *bench = calloc(1, sizeof *bench);
    struct error err;

    handles = made = 0;
    clock_use(&later);
    bench->loop = loop_new(&err);
    bench->http = http_new(bench->loop, CONNECTIONS, &err);
    bench->arena = arena_new();
    bench->server = server_start(answer, bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    http_free(bench->http);
    loop_free(bench->loop);
    arena_free(bench->arena);
    server_stop(bench->server);
    clock_use(NULL);
    free(bench);
    return handles; /* none is left */
}

static void ended(void *context, const struct http_result *result)
{
    struct bench *bench = context;

    assert_true(result->ok);
    bench->awaited--;
}

static void begin(struct bench *bench, int requests)
{
    struct request request = {.method = "POST",
                              .url = arena_printf(bench->arena, "http://127.0.0.1:%u/", bench->server->port)};

    for (bench->awaited = 0; bench->awaited < requests; bench->awaited++)
        assert_true(http_send(bench->http, &request, &(struct http_options){.once = true}, bench->arena,
                              ended, bench, NULL));
}

/* Until all are answered, and the end of that turn. The kernel's timers know nothing of our time: no turn waits. */
static void await_answers(struct bench *bench)
{
    while (bench->awaited > 0) {
        loop_turn(bench->loop);
        usleep(500);
    }
    http_flush(bench->http);
}

static void burst(struct bench *bench, int requests)
{
    begin(bench, requests);
    await_answers(bench);
}

static void rested(void *context)
{
    struct bench *bench = context;

    bench->rests++;
}

static void pass(struct bench *bench, duration time)
{
    __atomic_fetch_add(&added, time, __ATOMIC_RELAXED);
    loop_turn(bench->loop);
}

/* Ours: the server in this process ends its side only when the test does. */
static int connections(const struct bench *bench)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;
    int count = 0;

    while ((entry = readdir(directory)) != NULL) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;

        count += getpeername(atoi(entry->d_name), (struct sockaddr *)&address, &size) == 0 &&
                 address.sin_family == AF_INET && ntohs(address.sin_port) == bench->server->port;
    }
    closedir(directory);
    return count;
}

/* ---- tests ---- */

static void handles_that_a_burst_needed_are_let_go_after_it(void **state)
{
    struct bench *bench = *state;

    burst(bench, BURST);
    assert_int_equal(made, BURST);
    assert_int_equal(handles, AT_REST);
}

static void handles_at_rest_are_used_again(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 3; i++)
        burst(bench, AT_REST);
    assert_int_equal(made, AT_REST);
}

static void a_minute_after_the_last_exchange_handles_and_kept_connections_are_let_go(void **state)
{
    struct bench *bench = *state;

    http_on_rest(bench->http, rested, bench);
    burst(bench, BURST);
    pass(bench, SECONDS(50));
    assert_int_equal(connections(bench), CONNECTIONS);
    assert_int_equal(bench->rests, 0);
    pass(bench, SECONDS(11));
    assert_int_equal(connections(bench), 0);
    assert_int_equal(handles, 0);
    assert_int_equal(bench->rests, 1); /* who wants to give back more is told */
    burst(bench, BURST); /* and it goes on, with as many at a time as before */
    assert_int_equal(connections(bench), CONNECTIONS);
}

static void an_exchange_amid_is_not_disturbed(void **state)
{
    struct bench *bench = *state;

    burst(bench, BURST);
    begin(bench, 1);
    pass(bench, SECONDS(61));
    await_answers(bench);
    pass(bench, SECONDS(61));
    assert_int_equal(connections(bench), 0);
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(handles_that_a_burst_needed_are_let_go_after_it),
        on_bench(handles_at_rest_are_used_again),
        on_bench(a_minute_after_the_last_exchange_handles_and_kept_connections_are_let_go),
        on_bench(an_exchange_amid_is_not_disturbed),
    };

    alarm(600); /* a hang is a failure */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
