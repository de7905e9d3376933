/*
 * http against a server that answers, dies, sends too much or elsewhere. What is asserted is what the server
 * has received and what the result says of it.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "loop.h"
#include "publish/address.h"
#include "publish/http.h"
#include "scripted_server.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct bench {
    struct loop *loop;
    struct http *http;
    struct arena *arena;
    struct server *server;
    struct http_result result;
    int ended;
    char *large; /* a body beyond the bound */
    char *before; /* the one before it */
};

static const char *answer(struct server *server, const struct received *received)
{
    const struct bench *bench = server->context;

    if (strncmp(received->path, "/die-if-kept", 12) == 0)
        return received->on_it > 1 ? NULL : SERVER_OK;
    if (strncmp(received->path, "/die", 4) == 0)
        return NULL;
    if (strncmp(received->path, "/half", 5) == 0)
        return received->on_it > 1 ? NULL : "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
    if (strncmp(received->path, "/elsewhere", 10) == 0)
        return "HTTP/1.1 302 Found\r\nLocation: /caught\r\nContent-Length: 0\r\n\r\n";
    if (strncmp(received->path, "/large", 6) == 0)
        return bench->large;
    if (strncmp(received->path, "/hints", 6) == 0)
        return "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
               "HTTP/1.1 201 Created\r\nX-Two-Words:   a b  \r\nContent-Length: 0\r\n\r\n";
    return SERVER_OK;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct error err;

    bench->loop = loop_new(&err);
    bench->http = http_new(bench->loop, 64, &err);
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
    free(bench->large);
    free(bench->before);
    free(bench);
    return 0;
}

static void ended(void *context, const struct http_result *result)
{
    struct bench *bench = context;

    bench->result = *result;
    bench->ended++;
    loop_stop(bench->loop);
}

static const char *url_of(struct bench *bench, const char *path)
{
    return arena_printf(bench->arena, "http://127.0.0.1:%u%s", bench->server->port, path);
}

static void send_to(struct bench *bench, const char *method, const char *url, bool once)
{
    struct request request = {.method = method, .url = url};
    struct http_options options = {.once = once};
    struct error err = {0};
    int before = bench->ended;

    if (strcmp(method, "POST") == 0) {
        request.body = "{\"text\":1}";
        request.body_length = 10;
    }
    if (!http_send(bench->http, &request, &options, bench->arena, ended, bench, &err))
        fail_msg("%s", err.message);
    assert_int_equal(bench->ended, before); /* never from within */
    loop_run(bench->loop);
    assert_int_equal(bench->ended, before + 1);
}

static void an_answer_comes_whole_with_lower_case_headers(void **state)
{
    struct bench *bench = *state;

    send_to(bench, "POST", url_of(bench, "/hints"), true);
    assert_true(bench->result.ok);
    assert_true(bench->result.sent);
    assert_int_equal(bench->result.response.status, 201);
    assert_string_equal(response_header(&bench->result.response, "x-two-words"), "a b");
    assert_null(response_header(&bench->result.response, "link")); /* of the interim answer */
    assert_true(bench->result.timings.total >= 0);
}

static void a_request_carries_what_the_driver_said_and_no_more(void **state)
{
    struct bench *bench = *state;
    struct header headers[] = {{"Authorization", "Bearer x"}, {"X-Empty", ""}};
    struct request request = {.method = "PUT",
                              .url = url_of(bench, "/put?a=b"),
                              .headers = headers,
                              .header_count = 2,
                              .body = "a\0b",
                              .body_length = 3};
    const struct received *got;

    assert_true(
        http_send(bench->http, &request, &(struct http_options){0}, bench->arena, ended, bench, NULL));
    loop_run(bench->loop);
    got = server_at(bench->server, 0);
    assert_string_equal(got->method, "PUT");
    assert_string_equal(got->path, "/put?a=b");
    assert_int_equal(got->length, 3);
    assert_non_null(strstr(got->head, "Authorization: Bearer x\r\n"));
    assert_non_null(strstr(got->head, "X-Empty:\r\n"));
    assert_non_null(strstr(got->head, "User-Agent: cald/"));
    assert_null(strcasestr(got->head, "expect:"));
    assert_null(strcasestr(got->head, "content-type:"));
}

/* What was read of a URL is used again for the same one only; what libcurl cannot read it refuses itself. */
static void each_request_goes_where_its_url_says(void **state)
{
    static const char *const paths[] = {"/a", "/a", "/b?c=d", "/a", "/../b/./c%2f"};
    struct bench *bench = *state;
    struct error err = {0};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct request request = {.method = "GET", .url = url_of(bench, paths[i]), .secret_url = i == 3};

        assert_true(
            http_send(bench->http, &request, &(struct http_options){0}, bench->arena, ended, bench, &err));
        loop_run(bench->loop);
        assert_true(bench->result.ok);
        assert_string_equal(server_at(bench->server, i)->path, paths[i]);
    }
    for (int i = 0; i < 900; i++) { /* more than are known at a time, one by one and all at once */
        struct request request = {.method = "GET", .url = url_of(bench, arena_printf(bench->arena, "/%d/", i))};

        assert_true(
            http_send(bench->http, &request, &(struct http_options){0}, bench->arena, ended, bench, &err));
        if (i < 300)
            loop_run(bench->loop);
    }
    while (http_in_flight(bench->http) > 0)
        loop_run(bench->loop);
    for (int i = 0; i < 900; i++)
        assert_int_equal(server_count(bench->server, "GET", arena_printf(bench->arena, "/%d/", i)), 1);
    for (int i = 0; i < 2; i++) {
        send_to(bench, "GET", "http://127.0.0.1:99999/", false);
        assert_false(bench->result.sent);
        assert_non_null(strstr(bench->result.error, "cannot reach '127.0.0.1'"));
    }
}

static void a_request_on_a_kept_connection_that_dies_leaves_once(void **state)
{
    struct bench *bench = *state;

    send_to(bench, "POST", url_of(bench, "/die-if-kept/1"), true);
    assert_true(bench->result.ok);
    for (int i = 0; i < 1000; i++) {
        size_t before = server_count(bench->server, "POST", "/die-if-kept");

        send_to(bench, "POST", url_of(bench, "/die-if-kept/2"), true);
        if (bench->result.ok)
            continue; /* on a new connection: answered, and kept for the next */
        assert_true(bench->result.sent);
        assert_int_equal(server_count(bench->server, "POST", "/die-if-kept"), before + 1);
    }
    assert_int_equal(server_count(bench->server, "POST", "/die-if-kept"), 1001);
}

static void without_the_mark_libcurl_repeats(void **state) /* else the test above proves nothing */
{
    struct bench *bench = *state;

    send_to(bench, "POST", url_of(bench, "/die-if-kept/1"), false);
    send_to(bench, "POST", url_of(bench, "/die-if-kept/2"), false);
    assert_true(bench->result.ok);
    assert_int_equal(server_count(bench->server, "POST", "/die-if-kept/2"), 2);
}

static void a_cut_or_half_answer_is_a_failure_after_sending(void **state)
{
    struct bench *bench = *state;
    static const char *const paths[] = {"/die", "/half"};

    for (size_t i = 0; i < 2; i++) {
        struct request request = {.method = "POST", .url = url_of(bench, paths[i]), .timeout = 300};

        http_send(bench->http, &request, &(struct http_options){.once = true}, bench->arena, ended, bench,
                  NULL);
        loop_run(bench->loop);
        assert_false(bench->result.ok);
        assert_true(bench->result.sent);
        assert_non_null(bench->result.error);
    }
}

static void a_refused_connection_is_provably_not_sent(void **state)
{
    struct bench *bench = *state;

    send_to(bench, "POST", arena_printf(bench->arena, "http://127.0.0.1:%u/", closed_port()), true);
    assert_false(bench->result.ok);
    assert_false(bench->result.sent);
    assert_non_null(strstr(bench->result.error, "nothing was sent"));
}

static void a_failed_tls_handshake_is_provably_not_sent(void **state)
{
    struct bench *bench = *state;

    struct request request = {.method = "POST", .timeout = 300};

    request.url =
        arena_printf(bench->arena, "https://127.0.0.1:%u/ok", bench->server->port); /* it speaks no TLS */
    http_send(bench->http, &request, &(struct http_options){.once = true}, bench->arena, ended, bench, NULL);
    loop_run(bench->loop);
    assert_false(bench->result.ok);
    assert_false(bench->result.sent);
    assert_int_equal(server_total(bench->server), 0);
}

static void a_redirect_is_not_followed(void **state)
{
    struct bench *bench = *state;

    send_to(bench, "POST", url_of(bench, "/elsewhere"), true);
    assert_true(bench->result.ok);
    assert_int_equal(bench->result.response.status, 302);
    assert_int_equal(server_count(bench->server, "GET", "/caught"), 0);
    assert_int_equal(server_count(bench->server, "POST", "/caught"), 0);
}

static char *response_of_size(size_t size)
{
    char *text = xmalloc(size + 200);
    int head = sprintf(text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);

    memset(text + head, 'x', size);
    text[(size_t)head + size] = '\0';
    return text;
}

static void a_body_of_more_than_four_mebibytes_is_cut_off(void **state)
{
    struct bench *bench = *state;

    bench->large = response_of_size(HTTP_MAX_BODY);
    send_to(bench, "GET", url_of(bench, "/large"), false);
    assert_true(bench->result.ok);
    assert_int_equal(bench->result.response.body_length, HTTP_MAX_BODY);
    bench->before = bench->large; /* the server may still be in it */
    bench->large = response_of_size(HTTP_MAX_BODY + 1);
    send_to(bench, "GET", url_of(bench, "/large"), false);
    assert_false(bench->result.ok);
    assert_non_null(strstr(bench->result.error, "4 MiB"));
}

/* A handle of libcurl whose host had no address once read the next answer past the end of its buffer. */
static void an_answer_after_a_failure_is_read_into_the_room_there_is(void **state)
{
    struct bench *bench = *state;
    const char *const failures[] = {
        arena_printf(bench->arena, "http://127.0.0.1:%u/", closed_port()),
        arena_printf(bench->arena, "https://127.0.0.1:%u/", bench->server->port), /* it speaks no TLS */
        "http://10.0.0.1/", /* private */
        /* no name server is asked for a label of more than 63 bytes */
        "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
        url_of(bench, "/die"),
        url_of(bench, "/half"),
    };

    bench->large = response_of_size(1 << 20);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct request request = {.method = "GET", .url = failures[i], .timeout = 300};
        const struct http_options options = {.insecure = true};

        assert_true(http_send(bench->http, &request, &options, bench->arena, ended, bench, NULL));
        loop_run(bench->loop);
        assert_false(bench->result.ok);
        send_to(bench, "GET", url_of(bench, "/large"), false);
        assert_true(bench->result.ok);
        assert_int_equal(bench->result.response.body_length, 1 << 20);
    }
}

/* So many header lines of a thousand bytes each. */
static char *response_with_headers(int lines)
{
    char *text = xmalloc((size_t)lines * 1000 + 200), *end = text;

    end += sprintf(end, "HTTP/1.1 200 OK\r\n");
    while (lines-- > 0)
        end += sprintf(end, "X-Long: %0990d\r\n", lines);
    sprintf(end, "Content-Length: 0\r\n\r\n");
    return text;
}

static void headers_of_more_than_64_kibibytes_are_cut_off(void **state)
{
    struct bench *bench = *state;

    bench->large = response_with_headers(64);
    send_to(bench, "GET", url_of(bench, "/large"), false);
    assert_true(bench->result.ok);
    bench->before = bench->large; /* the server may still be in it */
    bench->large = response_with_headers(67);
    send_to(bench, "GET", url_of(bench, "/large"), false);
    assert_false(bench->result.ok);
    assert_non_null(strstr(bench->result.error, "64 KiB"));
}

/* What libcurl would read for any other program of the same user. */
static void proxies_and_passwords_of_the_environment_are_not_used(void **state)
{
    static const char *const proxies[] = {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY",
                                          "ALL_PROXY"};
    struct bench *bench = *state;
    char home[] = "/tmp/test-http-XXXXXX", before[256];
    const char *netrc;

    assert_non_null(mkdtemp(home));
    netrc = arena_printf(bench->arena, "%s/.netrc", home);
    assert_true(file_replace(netrc, "machine 127.0.0.1 login anna password x\n", 40, 0600, NULL));
    snprintf(before, sizeof before, "%s", getenv("HOME") ? getenv("HOME") : "/");
    setenv("HOME", home, 1);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        setenv(proxies[i], arena_printf(bench->arena, "http://127.0.0.1:%u", closed_port()), 1);
    send_to(bench, "POST", url_of(bench, "/ok"), true);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        unsetenv(proxies[i]);
    setenv("HOME", before, 1);
    unlink(netrc);
    rmdir(home);
    assert_true(bench->result.ok);
    assert_string_equal(server_at(bench->server, 0)->path, "/ok");
    assert_null(strcasestr(server_at(bench->server, 0)->head, "authorization:"));
}

static void what_could_be_another_request_is_refused(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *method, *path, *name, *value, *words;
    } cases[] = {
        {"GET", "/\r\nX: y", "A", "b", "control character"}, /* a line end in the URL */
        {"GET", "/ HTTP/1.1", "A", "b", "blank"},            /* a blank ends the target */
        {"GET", "/", "A", "b\r\nX: y", "control character"}, /* a header in a header */
        {"GET", "/", "A", "b\n", "control character"},
        {"GET", "/", "A", "b\x7f", "control character"},
        {"GET", "/", "A\r\nX", "b", "no name of a header"},
        {"GET", "/", "A:", "b", "no name of a header"},
        {"GET", "/", "", "b", "no name of a header"},
        {"GET", "/", "Content-Length", "3", "cannot be set"}, /* a second length smuggles */
        {"GET", "/", "transfer-encoding", "chunked", "cannot be set"},
        {"GET", "/", "Host", "example.org", "cannot be set"},
        {"GET /x", "/", "A", "b", "no proper method"},
        {"", "/", "A", "b", "no proper method"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct header header = {cases[i].name, cases[i].value};
        struct request request = {.method = cases[i].method,
                                  .url = url_of(bench, cases[i].path),
                                  .headers = &header,
                                  .header_count = 1};
        struct error err = {0};

        assert_false(
            http_send(bench->http, &request, &(struct http_options){0}, bench->arena, ended, bench, &err));
        if (!strstr(err.message, cases[i].words))
            fail_msg("case %zu: '%s' does not say '%s'", i, err.message, cases[i].words);
    }
    assert_int_equal(bench->ended, 0);
}

static void urls_that_lead_elsewhere_are_refused(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *url, *words;
    } cases[] = {
        {"http://example.org/", "plain http"}, /* a token in clear */
        {"http://10.0.0.1/", "plain http"},
        {"ftp://127.0.0.1/", "neither https nor http"},
        {"file:///etc/passwd", "neither https nor http"},
        {"https://user:pass@example.org/", "user or password"},
        {"https://127.0.0.1\\@example.org/", "backslash"}, /* parsers differ */
        {"https:///path", "no host"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {.method = "GET", .url = cases[i].url};
        struct error err = {0};

        assert_false(
            http_send(bench->http, &request, &(struct http_options){0}, bench->arena, ended, bench, &err));
        if (!strstr(err.message, cases[i].words))
            fail_msg("'%s': '%s' does not say '%s'", cases[i].url, err.message, cases[i].words);
    }
}

static void a_private_address_is_not_connected_to(void **state)
{
    struct bench *bench = *state;
    static const char *const urls[] = {"https://10.0.0.1/",  "https://169.254.169.254/latest",
                                       "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/",
                                       "https://0.0.0.0/",   "https://192.168.0.1:8443/"};

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        send_to(bench, "GET", urls[i], false);
        assert_false(bench->result.ok);
        assert_false(bench->result.sent);
        assert_true(bench->result.barred);
        assert_non_null(strstr(bench->result.error, "private address"));
    }
}

/* Not over a connection that stands either: it was judged for another request. */
static void what_others_wrote_does_not_reach_the_loopback(void **state)
{
    struct bench *bench = *state;
    const char *url = url_of(bench, "/hints");
    const struct request request = {.method = "GET", .url = url};

    send_to(bench, "POST", url, false);
    assert_true(bench->result.ok);
    assert_true(http_send(bench->http, &request, &(struct http_options){.foreign = true}, bench->arena, ended, bench,
                          NULL));
    loop_run(bench->loop);
    assert_false(bench->result.ok || bench->result.sent);
    assert_true(bench->result.barred);
    assert_true(http_send(bench->http, &request,
                          &(struct http_options){.foreign = true, .private_addresses = true}, bench->arena, ended, bench,
                          NULL));
    loop_run(bench->loop);
    assert_true(bench->result.ok);
}

static void special_addresses_are_told_from_public_ones(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool private;
    } cases[] = {
        {"8.8.8.8", false},
        {"172.15.255.255", false},
        {"172.16.0.0", true},
        {"172.31.255.255", true},
        {"172.32.0.0", false},
        {"100.64.0.1", true},
        {"100.128.0.0", false},
        {"127.0.0.1", true},
        {"255.255.255.255", true},
        {"224.0.0.1", true},
        {"2606:4700::1111", false},
        {"::1", true},
        {"::", true},
        {"fc00::1", true},
        {"fe80::1", true},
        {"::ffff:8.8.8.8", false},
        {"::ffff:10.1.1.1", true},
        {"64:ff9b::10.0.0.1", true},
        {"64:ff9b::8.8.8.8", false},
        {"2002:0a00:0001::", true},
        {"2001:db8::1", true},
        {"2001::1", true},
        {"ff02::1", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        bool is_v4 = inet_pton(AF_INET, cases[i].text, &v4.sin_addr) == 1;
        const void *address = is_v4 ? (const void *)&v4 : (const void *)&v6;

        if (!is_v4)
            assert_int_equal(inet_pton(AF_INET6, cases[i].text, &v6.sin6_addr), 1);
        if (address_is_private(address) != cases[i].private)
            fail_msg("%s", cases[i].text);
    }
}

static void a_server_that_says_nothing_ends_at_the_deadline(void **state)
{
    struct bench *bench = *state;
    struct request request = {.method = "POST", .url = url_of(bench, "/x"), .timeout = 200};
    int silent = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    assert_int_equal(bind(silent, (struct sockaddr *)&address, size), 0);
    listen(silent, 8);
    getsockname(silent, (struct sockaddr *)&address, &size);
    request.url = arena_printf(bench->arena, "http://127.0.0.1:%u/", ntohs(address.sin_port));
    assert_true(http_send(bench->http, &request, &(struct http_options){.once = true}, bench->arena, ended,
                          bench, NULL));
    loop_run(bench->loop);
    assert_false(bench->result.ok);
    assert_true(bench->result.sent); /* the kernel took it: it may be read */
    close(silent);
}

static void a_warmed_connection_is_used_by_the_request(void **state)
{
    struct bench *bench = *state;
    struct timer *timer = loop_timer(bench->loop, (void (*)(void *))loop_stop, bench->loop);

    http_warm(bench->http, url_of(bench, "/deep/path?secret=1"), &(struct http_options){0});
    while (server_count(bench->server, "HEAD", "/") == 0) {
        timer_after(timer, 5);
        loop_run(bench->loop);
    }
    timer_after(timer, 50); /* the answer arrives */
    loop_run(bench->loop);
    send_to(bench, "POST", url_of(bench, "/ok"), true);
    assert_true(bench->result.ok);
    assert_string_equal(server_at(bench->server, 0)->path, "/");
    assert_int_equal(server_at(bench->server, 1)->connection, 1);
    assert_int_equal(server_at(bench->server, 1)->on_it, 2);
    assert_int_equal(http_in_flight(bench->http), 0);
    timer_free(timer);
}

/* ---- media ---- */

struct media_case {
    char directory[64], path[96];
    struct media media;
    char hash[SHA256_HEX];
};

static void make_media(struct media_case *made, const char *bytes)
{
    struct error err;

    strcpy(made->directory, "/tmp/cald-http-XXXXXX");
    assert_non_null(mkdtemp(made->directory));
    snprintf(made->path, sizeof made->path, "%s/a.png", made->directory);
    assert_true(file_replace(made->path, bytes, strlen(bytes), 0600, &err));
    sha256_hex(bytes, strlen(bytes), made->hash);
    made->media = (struct media){.file = "a.png",
                                 .alt = "",
                                 .mime = "image/png",
                                 .sha256 = made->hash,
                                 .size = (int64_t)strlen(bytes)};
}

static void remove_media(struct media_case *made)
{
    unlink(made->path);
    rmdir(made->directory);
}

static void media_is_sent_as_a_form_and_as_a_body(void **state)
{
    struct bench *bench = *state;
    struct media_case made;

    make_media(&made, "not really a picture");
    struct form_part parts[] = {{.name = "description", .value = "le chalet"},
                                {.name = "fields", .value = "{}", .type = "application/json"},
                                {.name = "file", .media = &made.media}};
    struct request form = {.method = "POST", .url = url_of(bench, "/form"), .parts = parts, .part_count = 3};
    struct request body = {.method = "POST", .url = url_of(bench, "/body"), .media = &made.media};
    struct media_roots roots = {.media = made.directory};
    struct http_options options = {.media = &roots};

    assert_true(http_send(bench->http, &form, &options, bench->arena, ended, bench, NULL));
    loop_run(bench->loop);
    assert_true(http_send(bench->http, &body, &options, bench->arena, ended, bench, NULL));
    loop_run(bench->loop);
    assert_non_null(strstr(server_at(bench->server, 0)->head, "multipart/form-data; boundary="));
    assert_non_null(strstr(server_at(bench->server, 0)->body, "name=\"description\"\r\n\r\nle chalet\r\n"));
    assert_non_null(strstr(server_at(bench->server, 0)->body,
                           "name=\"fields\"\r\nContent-Type: application/json\r\n\r\n{}\r\n"));
    assert_non_null(strstr(server_at(bench->server, 0)->body, "filename=\"a.png\"\r\nContent-Type: image/png"));
    assert_non_null(strstr(server_at(bench->server, 0)->body, "\r\n\r\nnot really a picture\r\n"));
    assert_string_equal(server_at(bench->server, 1)->body, "not really a picture");
    remove_media(&made);
}

static void a_piece_of_media_is_sent_as_a_form_and_as_a_body(void **state)
{
    struct bench *bench = *state;
    struct media_case made;

    make_media(&made, "one two three");
    struct form_part part = {.name = "media", .media = &made.media, .from = 4, .length = 3};
    struct request form = {.method = "POST", .url = url_of(bench, "/form"), .parts = &part, .part_count = 1};
    struct request body = {
        .method = "PUT", .url = url_of(bench, "/body"), .media = &made.media, .media_from = 8};
    struct media_roots roots = {.media = made.directory};
    struct http_options options = {.media = &roots};
    struct error err = {0};

    assert_true(http_send(bench->http, &form, &options, bench->arena, ended, bench, NULL));
    loop_run(bench->loop);
    assert_true(http_send(bench->http, &body, &options, bench->arena, ended, bench, NULL));
    loop_run(bench->loop);
    assert_non_null(strstr(server_at(bench->server, 0)->body, "\r\n\r\ntwo\r\n"));
    assert_string_equal(server_at(bench->server, 1)->body, "three");
    assert_non_null(strstr(server_at(bench->server, 1)->head, "Content-Length: 5\r\n"));
    body.media_length = 6;
    assert_false(http_send(bench->http, &body, &options, bench->arena, ended, bench, &err));
    assert_non_null(strstr(err.message, "has no 6 bytes from byte 8 on"));
    remove_media(&made);
}

static void media_stands_in_a_body_where_it_has_its_place(void **state)
{
    struct bench *bench = *state;
    struct media_case made;
    struct error err = {0};
    static const char text[] = "{\"data\":\"\0\",\"more\":\"\0\"}";

    make_media(&made, "not really a picture");
    const struct media *files[] = {&made.media, &made.media};
    struct request body = {.method = "POST", .url = url_of(bench, "/body"), .body = text,
                           .body_length = sizeof text - 1, .inserts = files, .insert_count = 2};
    struct media_roots roots = {.media = made.directory};
    struct http_options options = {.media = &roots};

    assert_true(http_send(bench->http, &body, &options, bench->arena, ended, bench, NULL));
    loop_run(bench->loop);
    assert_string_equal(server_at(bench->server, 0)->body,
                        "{\"data\":\"bm90IHJlYWxseSBhIHBpY3R1cmU=\",\"more\":\"bm90IHJlYWxseSBhIHBpY3R1cmU=\"}");
    body.insert_count = 1;
    assert_false(http_send(bench->http, &body, &options, bench->arena, ended, bench, &err));
    assert_non_null(strstr(err.message, "other places for files than files"));
    remove_media(&made);
}

static void media_that_is_not_what_was_planned_is_refused(void **state)
{
    struct bench *bench = *state;
    struct media_case made;

    make_media(&made, "one");
    struct request body = {.method = "POST", .url = url_of(bench, "/body"), .media = &made.media};
    struct media_roots roots = {.media = made.directory};
    struct http_options options = {.media = &roots};
    struct error err = {0};

    assert_true(file_replace(made.path, "two", 3, 0600, &err)); /* as long as before */
    assert_false(http_send(bench->http, &body, &options, bench->arena, ended, bench, &err));
    assert_non_null(strstr(err.message, "was changed since the post was planned"));
    made.media.file = "../../etc/passwd";
    assert_false(http_send(bench->http, &body, &options, bench->arena, ended, bench, &err));
    assert_int_equal(server_total(bench->server), 0);
    remove_media(&made);
}

static void an_unfinished_exchange_ends_with_the_house(void **state)
{
    struct bench *bench = *state;
    struct request request = {.method = "POST", .url = url_of(bench, "/x")};

    assert_true(
        http_send(bench->http, &request, &(struct http_options){0}, bench->arena, ended, bench, NULL));
    assert_int_equal(http_in_flight(bench->http), 1);
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(an_answer_comes_whole_with_lower_case_headers),
        on_bench(a_request_carries_what_the_driver_said_and_no_more),
        on_bench(each_request_goes_where_its_url_says),
        on_bench(a_request_on_a_kept_connection_that_dies_leaves_once),
        on_bench(without_the_mark_libcurl_repeats),
        on_bench(a_cut_or_half_answer_is_a_failure_after_sending),
        on_bench(a_refused_connection_is_provably_not_sent),
        on_bench(a_failed_tls_handshake_is_provably_not_sent),
        on_bench(a_redirect_is_not_followed),
        on_bench(a_body_of_more_than_four_mebibytes_is_cut_off),
        on_bench(an_answer_after_a_failure_is_read_into_the_room_there_is),
        on_bench(headers_of_more_than_64_kibibytes_are_cut_off),
        on_bench(proxies_and_passwords_of_the_environment_are_not_used),
        on_bench(what_could_be_another_request_is_refused),
        on_bench(urls_that_lead_elsewhere_are_refused),
        on_bench(a_private_address_is_not_connected_to),
        on_bench(what_others_wrote_does_not_reach_the_loopback),
        cmocka_unit_test(special_addresses_are_told_from_public_ones),
        on_bench(a_server_that_says_nothing_ends_at_the_deadline),
        on_bench(a_warmed_connection_is_used_by_the_request),
        on_bench(media_is_sent_as_a_form_and_as_a_body),
        on_bench(a_piece_of_media_is_sent_as_a_form_and_as_a_body),
        on_bench(media_stands_in_a_body_where_it_has_its_place),
        on_bench(media_that_is_not_what_was_planned_is_refused),
        on_bench(an_unfinished_exchange_ends_with_the_house),
    };

    alarm(600); /* a hang is a failure */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
