/*
 * What http keeps after a burst, and lets go: libcurl's handles, counted where they are made and ended, and connections,
 * counted as descriptors; how long a kept one is trusted, and a silent one waited for. The clock is the system's, and what
 * the test adds to it; libcurl's, too.
 */
#include <dirent.h>
#include <sys/syscall.h>

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

/* In place of the C library's, for whoever asks in this process: libcurl asks nobody else. */
int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    duration more = __atomic_load_n(&added, __ATOMIC_RELAXED);

    if (syscall(SYS_clock_gettime, clock, ret_time) != 0)
        return -1;
    ret_time->tv_sec += more / 1000;
    ret_time->tv_nsec += more % 1000 * 1000000;
    if (ret_time->tv_nsec >= 1000000000) {
        ret_time->tv_sec++;
        ret_time->tv_nsec -= 1000000000;
    }
    return 0;
}

/* ---- the bench ---- */

struct bench {
    struct loop *loop;
    struct http *http;
    struct arena *arena;
    struct server *server;
    int awaited, rests;
    bool ok, sent; /* of what ended last */
};

static const char *answer(struct server *server, const struct received *received)
{
    (void)server, (void)received;
    return SERVER_OK;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct error err;

    handles = made = 0;
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
    free(bench);
    return handles; /* none is left */
}

static void ended(void *context, const struct http_result *result)
{
    struct bench *bench = context;

    bench->awaited--;
    bench->ok = result->ok;
    bench->sent = result->sent;
}

static void begin_at(struct bench *bench, unsigned port, bool once)
{
    struct request request = {.method = "POST",
                              .url = arena_printf(bench->arena, "http://127.0.0.1:%u/", port),
                              .timeout = HTTP_LONGEST_TIMEOUT};

    assert_true(http_send(bench->http, &request, &(struct http_options){.once = once}, bench->arena, ended,
                          bench, NULL));
    bench->awaited++;
}

static void begin(struct bench *bench, int requests)
{
    for (int i = 0; i < requests; i++)
        begin_at(bench, bench->server->port, true);
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
    assert_true(bench->ok);
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

/* ---- how long a kept connection is trusted ---- */

static void one_request(struct bench *bench, bool once)
{
    begin_at(bench, bench->server->port, once);
    await_answers(bench);
    assert_true(bench->ok);
}

static bool is_on_the_same(struct bench *bench)
{
    size_t count = server_total(bench->server);

    return server_at(bench->server, count - 1)->connection == server_at(bench->server, count - 2)->connection;
}

static void what_must_leave_once_does_not_go_over_a_connection_that_rested(void **state)
{
    static const struct {
        bool once;
        duration rest;
        bool same;
    } cases[] = {
        {true, 0, true},
        {true, SECONDS(2), true},
        {true, SECONDS(6), false}, /* a server may have ended it just now */
        {true, SECONDS(40), false},
        {false, SECONDS(6), true}, /* what may be repeated may try */
        {false, SECONDS(40), true},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        one_request(bench, true);
        pass(bench, cases[i].rest);
        one_request(bench, cases[i].once);
        if (is_on_the_same(bench) != cases[i].same)
            fail_msg("case %zu: %s connection", i, cases[i].same ? "another" : "the same");
    }
}

/* ---- how long a silent one is waited for ---- */

/* Somebody has read the request whole, and has not answered; returns the connection. */
static int be_silent(struct bench *bench)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), fd;
    struct received request = {0};
    ssize_t seen = 0;
    char byte;

    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    begin_at(bench, ntohs(address.sin_port), true);
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0 && bench->awaited > 0)
        loop_turn(bench->loop), usleep(500);
    close(listener);
    while (seen <= 0 && bench->awaited > 0) {
        loop_turn(bench->loop), usleep(500);
        seen = recv(fd, &byte, 1, MSG_PEEK);
    }
    assert_int_equal(seen, 1);
    assert_true(server_read(fd, &request));
    free(request.head);
    free(request.body);
    return fd;
}

static void pass_seconds(struct bench *bench, int seconds)
{
    for (int i = 0; i < seconds; i++)
        pass(bench, SECONDS(1));
}

static void who_is_silent_for_half_a_minute_is_given_up(void **state)
{
    struct bench *bench = *state;
    int fd = be_silent(bench);

    pass_seconds(bench, 24);
    assert_int_equal(bench->awaited, 1);
    pass_seconds(bench, 12);
    assert_int_equal(bench->awaited, 0);
    assert_false(bench->ok);
    assert_true(bench->sent); /* so that what became of it is not taken for known */
    close(fd);
}

static void who_is_slow_is_waited_for(void **state)
{
    struct bench *bench = *state;
    int fd = be_silent(bench);

    dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n");
    for (int i = 0; i < 90; i++) {
        assert_int_equal(bench->awaited, 1);
        assert_int_equal(write(fd, "{}", 1), 1);
        pass(bench, SECONDS(1));
    }
    await_answers(bench);
    assert_true(bench->ok);
    close(fd);
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(handles_that_a_burst_needed_are_let_go_after_it),
        on_bench(handles_at_rest_are_used_again),
        on_bench(a_minute_after_the_last_exchange_handles_and_kept_connections_are_let_go),
        on_bench(an_exchange_amid_is_not_disturbed),
        on_bench(what_must_leave_once_does_not_go_over_a_connection_that_rested),
        on_bench(who_is_silent_for_half_a_minute_is_given_up),
        on_bench(who_is_slow_is_waited_for),
    };

    alarm(600); /* a hang is a failure */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
