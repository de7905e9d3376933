/* The server in virtual time: how long others are heard while something presses. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/server.h"

enum { TURNS = 20 }; /* plenty for one request */

static duration monotonic, takes;
static bool pressed;

static instant now(void)
{
    return 1700000000000 + monotonic;
}

static duration passed(void)
{
    return monotonic;
}

static bool begin(struct call *call)
{
    (void)call;
    return true;
}

static void handle(struct call *call)
{
    monotonic += takes;
    answer_text(call, 200, "text/plain", "well");
}

static bool presses(const struct control *control)
{
    (void)control;
    return pressed;
}

static const struct server_callbacks callbacks = {.begin = begin, .handle = handle, .presses = presses};

static struct loop *loop;
static struct server *server;
static int client;

static int start(void **state)
{
    (void)state;
    static const struct clock_source source = {now, passed};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "cald-test-server-%d", (int)getpid());
    monotonic = 1000;
    clock_use(&source);
    loop = loop_new(NULL);
    client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = !bind(fd, (struct sockaddr *)&address, sizeof address) && !listen(fd, 4) &&
              !connect(client, (struct sockaddr *)&address, sizeof address);
    server = server_new(loop, fd, NULL, &callbacks, NULL);
    return ok && server ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    close(client);
    server_free(server);
    loop_free(loop);
    clock_use(NULL);
    return 0;
}

static void ask(void)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: cald\r\n\r\n";
    assert_int_equal(write(client, request, strlen(request)), strlen(request));
}

static bool answered(void)
{
    char answer[4096];
    for (int i = 0; i < TURNS; i++)
        loop_turn(loop);
    return read(client, answer, sizeof answer) > 0;
}

/* Asks twice; how long until the second is heard, in steps of a millisecond. */
static duration rest_after(duration spent)
{
    takes = spent;
    ask();
    assert_true(answered());
    takes = 0;
    ask();
    duration rest = 0;
    for (; !answered() && rest < SECONDS(1); rest++)
        monotonic++;
    return rest;
}

static void requests_get_a_sixteenth_of_the_time_while_something_presses(void **state)
{
    (void)state;
    pressed = true;
    assert_int_equal(rest_after(2), 30);
}

static void nobody_waits_long(void **state)
{
    (void)state;
    pressed = true;
    assert_int_equal(rest_after(300), 50);
}

static void nobody_waits_where_nothing_presses(void **state)
{
    (void)state;
    pressed = false;
    assert_int_equal(rest_after(300), 0);
}

static void a_rest_does_not_outlast_the_end(void **state)
{
    (void)state;
    pressed = true;
    takes = 300;
    ask();
    assert_true(answered());
    ask(); /* and the end comes while it rests: server_free must not hang or leak */
    loop_turn(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_get_a_sixteenth_of_the_time_while_something_presses, start,
                                        end),
        cmocka_unit_test_setup_teardown(nobody_waits_long, start, end),
        cmocka_unit_test_setup_teardown(nobody_waits_where_nothing_presses, start, end),
        cmocka_unit_test_setup_teardown(a_rest_does_not_outlast_the_end, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
