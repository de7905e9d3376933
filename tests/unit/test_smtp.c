/*
 * Mail on the wire: the dialogue by its replies, the bytes of a message, and that a message which is taken
 * back in its middle is not ended. What is asserted of the wire is what a server has read.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "publish/http.h"
#include "publish/mail_body.h"
#include "publish/smtp_dialogue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

/* ---- the dialogue ---- */

static const char *const recipients[] = {"a@x", "b@x"};
static const struct mail letter = {.from = "n@x", .to = recipients, .to_count = 2};

/* What is said when the server replies so, one reply to each; the message is '#', what nobody waits for '-'.
 */
static const char *said(struct arena *arena, const struct mail *mail, const char *const *replies)
{
    struct dialogue d = {0};
    struct error err;
    const char *text = "";

    dialogue_begin(&d, mail, 0, arena);
    while (d.at != DIALOGUE_OVER) {
        const char *command = dialogue_command(&d);

        text = arena_printf(arena, "%s%s", text, command ? command : "#");
        d.waits = true;
        if (*replies == NULL || !dialogue_hear(&d, *replies, strlen(*replies), &err)) {
            text = arena_printf(arena, "%s!", text);
            break;
        }
        replies++;
    }
    dialogue_release(&d);
    return text;
}

static void the_dialogue_goes_on_as_long_as_there_is_something_to_go_on_with(void **state)
{
    static const struct mail nobody = {.from = "n@x"};
    static const struct {
        const char *replies[6];
        const char *said;
    } cases[] = {
        {{"250 ok\r\n", "250 ok\r\n", "251 ok\r\n", "354 go\r\n", "250 ok\r\n"},
         "MAIL FROM:<n@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n#"},
        {{"250-ok\r\n250-and\r\n250 more\r\n", "550 no\r\n", "250\r\n", "354\n", "250 ok\n"},
         "MAIL FROM:<n@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n#"},
        {{"550 no\r\n"}, "MAIL FROM:<n@x>\r\n"},
        {{"250 ok\r\n", "450 no\r\n", "550 no\r\n"}, "MAIL FROM:<n@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\n"},
        {{"250 ok\r\n", "421 bye\r\n"}, "MAIL FROM:<n@x>\r\nRCPT TO:<a@x>\r\n"},
        {{"250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "250 what\r\n"},
         "MAIL FROM:<n@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"},
        {{"hello\r\n"}, "MAIL FROM:<n@x>\r\n!"},
        {{"250-ok\r\n251 other\r\n"}, "MAIL FROM:<n@x>\r\n!"},
        {{"250ok\r\n"}, "MAIL FROM:<n@x>\r\n!"},
        {{"150 ok\r\n"}, "MAIL FROM:<n@x>\r\n!"},
        {{"250 ok\r\n250 twice\r\n"},
         "MAIL FROM:<n@x>\r\n!"}, /* would be taken for the answer to what comes next */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();

        assert_string_equal(said(arena, &letter, cases[i].replies), cases[i].said);
        arena_free(arena);
    }
    struct arena *arena = arena_new();
    assert_string_equal(said(arena, &nobody, (const char *const[]){"250 ok\r\n", NULL}), "NOOP\r\n");
    arena_free(arena);
}

static void a_reply_is_bounded(void **state)
{
    struct arena *arena = arena_new();
    struct dialogue d = {0};
    struct error err;
    char line[3000];
    int lines = 0;

    (void)state;
    dialogue_begin(&d, &letter, 0, arena);
    d.waits = true;
    while (dialogue_hear(&d, "250-x\r\n", 7, &err))
        assert_true(lines++ < 200);
    dialogue_release(&d);
    d = (struct dialogue){0};
    dialogue_begin(&d, &letter, 0, arena);
    memset(line, '2', sizeof line);
    assert_false(dialogue_hear(&d, line, sizeof line, &err));
    dialogue_release(&d);
    arena_free(arena);
}

/* ---- the bytes ---- */

static struct body_file file_of(const char *bytes, size_t length)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);

    assert_int_equal(write(fd, bytes, length), length);
    return (struct body_file){.fd = fd, .size = (int64_t)length};
}

static void dots_are_doubled_and_files_stand_in_their_places(void **state)
{
    static const char text[] = "a\r\n.b\r\n..\r\n\0\r\n.c\r\n\0\r\n",
                      bytes[] = "0123456789012345678901234567890123456789012345678901234567";
    struct body_file one = file_of(bytes, 58), two = file_of("", 0), *files[] = {&one, &two};
    struct mail_body body = {.text = text, .length = sizeof text - 1, .files = files, .file_count = 2};
    char out[1024];
    size_t got, length = 0;

    (void)state;
    assert_int_equal(mail_body_size(&body), 21 - 2 + 80 + 2);
    while ((got = mail_body_read(&body, out + length, MAIL_BODY_LEAST)) > 0)
        length += got;
    out[length] = '\0';
    assert_string_equal(
        out, "a\r\n..b\r\n...\r\n"
             "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\r\nNw==\r\n"
             "..c\r\n\r\n");
    close(one.fd);
    close(two.fd);
}

/* The same without lines and dots, as HTTP has it; in pieces that are no multiple of three. */
static void in_a_body_of_http_a_file_is_one_line_of_base64_and_can_begin_anew(void **state)
{
    static const char text[] = "{\"a\":\".\n.\",\"data\":\"\0\"},{\"data\":\"\0\"}";
    char bytes[1000], out[4096];
    memset(bytes, 'x', sizeof bytes);
    struct body_file one = file_of(bytes, sizeof bytes), two = file_of("xy", 2), *files[] = {&one, &two};
    struct mail_body body = {.text = text, .length = sizeof text - 1, .files = files, .file_count = 2, .http = true};
    int64_t size = mail_body_size(&body);

    (void)state;
    for (int again = 0; again < 2; again++) {
        size_t got, length = 0;

        while ((got = mail_body_read(&body, out + length, MAIL_BODY_LEAST + 7)) > 0)
            length += got;
        out[length] = '\0';
        assert_int_equal(length, size);
        assert_ptr_equal(strstr(out, "{\"a\":\".\n.\",\"data\":\"eHh4eHh4"), out);
        assert_string_equal(out + length - strlen("eHh4eA==\"},{\"data\":\"eHk=\"}"), "eHh4eA==\"},{\"data\":\"eHk=\"}");
        mail_body_rewind(&body);
    }
    close(one.fd);
    close(two.fd);
}

/* ---- the wire ---- */

struct slow { /* a server that does not read a message until it is told to */
    int listener;
    unsigned port;
    pthread_t thread;
    int begun[2], go[2];
    char *got; /* what came after DATA */
    size_t length;
};

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static bool hear_line(int fd, char *line, size_t most)
{
    size_t length = 0;

    while (length + 1 < most && recv(fd, line + length, 1, 0) == 1) {
        if (line[length++] == '\n')
            break;
    }
    line[length] = '\0';
    return length > 0;
}

static void *serve(void *context)
{
    struct slow *slow = context;
    int fd = accept(slow->listener, NULL, NULL), small = 4096;
    char line[512], byte = 0;
    ssize_t got;

    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    say(fd, "220 hi\r\n");
    while (hear_line(fd, line, sizeof line) && strcmp(line, "DATA\r\n") != 0)
        say(fd, "250 ok\r\n");
    say(fd, "354 go\r\n");
    assert_int_equal(write(slow->begun[1], &byte, 1), 1);
    assert_int_equal(read(slow->go[0], &byte, 1), 1);
    slow->got = xmalloc(32 << 20);
    while ((got = recv(fd, slow->got + slow->length, (32 << 20) - slow->length, 0)) > 0)
        slow->length += (size_t)got;
    close(fd);
    return NULL;
}

static void slow_start(struct slow *slow)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    slow->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(slow->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(slow->listener, 5), 0);
    getsockname(slow->listener, (struct sockaddr *)&address, &size);
    slow->port = ntohs(address.sin_port);
    assert_int_equal(pipe2(slow->begun, O_CLOEXEC) | pipe2(slow->go, O_CLOEXEC), 0);
    pthread_create(&slow->thread, NULL, serve, slow);
}

static void slow_end(struct slow *slow)
{
    assert_int_equal(write(slow->go[1], "", 1), 1);
    pthread_join(slow->thread, NULL);
    close(slow->listener);
    close(slow->begun[0]), close(slow->begun[1]), close(slow->go[0]), close(slow->go[1]);
}

struct ending {
    struct loop *loop;
    struct http_result result;
    int ended;
};

static void ended(void *context, const struct http_result *result)
{
    struct ending *ending = context;

    ending->result = *result;
    ending->ended++;
    loop_stop(ending->loop);
}

static void begun(void *context, uint32_t events)
{
    (void)events;
    loop_stop(context);
}

static void is_without_an_end(const struct slow *slow)
{
    for (size_t i = 0; i + 5 <= slow->length; i++)
        assert_memory_not_equal(slow->got + i, "\r\n.\r\n", 5);
}

static char *large_message(size_t length)
{
    char *text = xmalloc(length);

    for (size_t i = 0; i < length; i++)
        text[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : i % 64 == 0 ? '.' : 'x';
    return text;
}

/* how: the exchanges end by http_free, or by their time. */
static void a_message_is_taken_back(bool by_time)
{
    struct slow slow = {0};
    struct ending ending = {.loop = loop_new(NULL)};
    struct http *http = http_new(ending.loop, 4, NULL);
    struct arena *arena = arena_new();
    size_t length = 16 << 20;
    struct request request = {
        .method = "MAIL",
        .mail = &(struct mail){.from = "n@x", .to = recipients, .to_count = 1, .plain = true},
        .body = large_message(length),
        .body_length = length,
        .timeout = by_time ? 1500 : 60000};
    struct watch *watch;
    struct error err = {0};

    slow_start(&slow);
    request.url = arena_printf(arena, "smtp://127.0.0.1:%u/x.example", slow.port);
    if (!http_send(http, &request, &(struct http_options){0}, arena, ended, &ending, &err))
        fail_msg("%s", err.message);
    if (by_time) {
        loop_run(ending.loop);
        assert_int_equal(ending.ended, 1);
        assert_false(ending.result.ok);
        assert_false(ending.result.sent);
        assert_non_null(strstr(ending.result.error, "in time; the message was not sent"));
    } else {
        watch = loop_watch(ending.loop, slow.begun[0], 1 /* EPOLLIN */, begun, ending.loop);
        loop_run(ending.loop);
        watch_free(watch);
        for (int i = 0; i < 50; i++)
            loop_turn(ending.loop);
        assert_int_equal(http_in_flight(http), 1);
    }
    assert_int_equal(ending.ended, by_time);
    http_free(http);
    slow_end(&slow);
    is_without_an_end(&slow);
    assert_true(slow.length < length);
    loop_free(ending.loop);
    free(slow.got);
    free((char *)(uintptr_t)request.body);
    arena_free(arena);
}

static void a_message_that_is_taken_back_has_no_end(void **state)
{
    (void)state;
    a_message_is_taken_back(false);
}

static void a_message_whose_time_is_over_has_no_end(void **state)
{
    (void)state;
    a_message_is_taken_back(true);
}

static void what_is_no_message_or_no_address_is_refused_here(void **state)
{
    static const struct {
        const char *url, *from, *to, *body;
        bool plain;
    } cases[] = {
        {"smtp://127.0.0.1:1/x", "n@x", "a@x", "a\nb\r\n", true},
        {"smtp://127.0.0.1:1/x", "n@x", "a@x", "a\rb\r\n", true},
        {"smtp://127.0.0.1:1/x", "n@x", "a@x", "a\r\n.\nMAIL\r\n", true},
        {"smtp://127.0.0.1:1/x", "n@x", "a@x", "\xc3\xa9\r\n", true},
        {"smtp://127.0.0.1:1/x", "n@x", "a@x", "no end", true},
        {"smtp://127.0.0.1:1/x", "n@x", "a@x", "", true},
        {"smtp://127.0.0.1:1/x", "n@x", "a@x>\r\nRCPT TO:<b@x", "a\r\n", true},
        {"smtp://127.0.0.1:1/x", "n@x> SIZE=1", "a@x", "a\r\n", true},
        {"smtp://127.0.0.1:1/x", "", "a@x", "a\r\n", true},
        {"http://127.0.0.1:1/x", "n@x", "a@x", "a\r\n", true},
        {"smtp://mx.example.org:1/x", "n@x", "a@x", "a\r\n", true},
    };
    struct loop *loop = loop_new(NULL);
    struct http *http = http_new(loop, 4, NULL);
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mail mail = {
            .from = cases[i].from, .to = &cases[i].to, .to_count = 1, .plain = cases[i].plain};
        struct request request = {.method = "MAIL",
                                  .url = cases[i].url,
                                  .mail = &mail,
                                  .body = cases[i].body,
                                  .body_length = strlen(cases[i].body)};

        if (http_send(http, &request, &(struct http_options){0}, arena, ended, NULL, NULL))
            fail_msg("case %zu was not refused", i);
    }
    http_free(http);
    loop_free(loop);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dialogue_goes_on_as_long_as_there_is_something_to_go_on_with),
        cmocka_unit_test(a_reply_is_bounded),
        cmocka_unit_test(dots_are_doubled_and_files_stand_in_their_places),
        cmocka_unit_test(in_a_body_of_http_a_file_is_one_line_of_base64_and_can_begin_anew),
        cmocka_unit_test(a_message_that_is_taken_back_has_no_end),
        cmocka_unit_test(a_message_whose_time_is_over_has_no_end),
        cmocka_unit_test(what_is_no_message_or_no_address_is_refused_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
