/* Requests before any handler: targets, the table, parameters, guards, problems. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <string.h>

#include "base/json.h"
#include "control/guard.h"
#include "control/problem.h"
#include "control/route.h"

static const struct peer local = {.local = true};
static const struct peer remote = {.address = "127.0.0.1", .host = "127.0.0.1", .port = 8080};

static struct call *call_to(const char *method, const char *target)
{
    struct call *call = call_new(NULL, &local, 1);
    struct error err = {""};
    if (!call_parse(call, method, target, &err))
        fail_msg("%s: %s", target, err.message);
    return call;
}

static void a_target_is_cut_and_decoded(void **state)
{
    (void)state;
    struct call *call = call_to("HEAD", "/v1/posts/a%20b%40c/?x=1+2&y=%C3%A9&z&&x=3");
    assert_string_equal(call->method, "GET");
    assert_int_equal(call->segment_count, 4);
    assert_string_equal(call->segments[2], "a b@c");
    assert_string_equal(call->segments[3], "");
    assert_int_equal(call->query_count, 4);
    assert_string_equal(call_query(call, "x"), "1 2");
    assert_string_equal(call_query(call, "y"), "é");
    assert_string_equal(call_query(call, "z"), "");
    assert_null(call_query(call, "w"));
    call_free(call);
}

static void a_target_that_is_not_plain_is_refused(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "",        "v1",          "*",        "http://host/v1",
        "/a/../b", "/a/%2e%2e/b", "/./a",     "/a%2fb", /* another path than it looks like */
        "/a%00b",  "/a%0d%0ab",   "/a%",      "/a%4",
        "/a%4g",   "/a\x01",      "/%ff", /* not UTF-8 */
        "/a#b",    "/a?%",        "/a?b=%00", "/1/2/3/4/5/6/7/8/9",
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct call *call = call_new(NULL, &local, 1);
        if (call_parse(call, "GET", targets[i], NULL))
            fail_msg("'%s' was accepted", targets[i]);
        call_free(call);
    }
}

static void a_route_is_found_by_method_and_path(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *path; /* path: of the row; NULL: none, with status */
        int status;
    } cases[] = {
        {"GET", "/", "/", 0},
        {"GET", "/v1/posts/x", "/v1/posts/{id}", 0},
        {"PATCH", "/v1/posts/x", "/v1/posts/{id}", 0},
        {"GET", "/v1/deliveries/p/a", "/v1/deliveries/{post}/{account}", 0},
        {"GET", "/feed/a/", "/feed/{account}/", 0},
        {"GET", "/feed/a/atom.xml", "/feed/{account}/atom.xml", 0},
        {"DELETE", "/v1/posts/x", NULL, 405},
        {"GET", "/v1/posts", NULL, 405},
        {"GET", "/v1/posts/", NULL, 404}, /* an empty id is nobody's */
        {"GET", "/v1/status/", NULL, 404},
        {"GET", "//v1/status", NULL, 404},
        {"GET", "/V1/status", NULL, 404},
        {"GET", "/v1/posts/x/y", NULL, 404},
        {"get", "/v1/status", NULL, 405},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call *call = call_to(cases[i].method, cases[i].target);
        const struct route *route = route_find(call);
        if (cases[i].path ? !route || strcmp(route->path, cases[i].path)
                          : route || call->answer.status != cases[i].status)
            fail_msg("%s %s", cases[i].method, cases[i].target);
        call_free(call);
    }
}

static void every_route_declares_who_may_use_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        bool reads = !strcmp(routes[i].method, "GET"), public = routes[i].flags & ROUTE_PUBLIC;
        assert_true(public == (routes[i].least == ROLE_NONE));
        assert_true(!public || reads);
        assert_true(!reads || !(routes[i].flags & ROUTE_WRITES)); /* no GET with effects */
        assert_true(reads || routes[i].least >= ROLE_AUTHOR);
    }
}

static void parameters_are_refused_by_their_declaration(void **state)
{
    (void)state;
    static const char *const words[] = {"up", "down", NULL};
    static const struct param params[] = {
        {.name = "number", .kind = PARAM_NUMBER, .min = 1, .max = 10},
        {.name = "flag", .kind = PARAM_FLAG},
        {.name = "word", .kind = PARAM_WORD, .words = words},
        {.name = "text", .kind = PARAM_TEXT, .repeats = true},
        {.name = NULL},
    };
    static const struct {
        const char *query;
        bool fits;
    } cases[] = {
        {"", true},
        {"?number=1&flag=true&word=up&text=x&text=y", true},
        {"?number=10", true},
        {"?number=11", false},
        {"?number=0", false},
        {"?number=", false},
        {"?number=1e1", false},
        {"?number=99999999999999999999", false},
        {"?flag=yes", false},
        {"?word=left", false},
        {"?text=", false},
        {"?number=1&number=1", false}, /* which one would count? */
        {"?Number=1", false},
        {"?other=1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct call *call = call_to("GET", arena_printf(arena, "/x%s", cases[i].query));
        if (route_check_query(call, params) != cases[i].fits || (call->answer.status == 400) == cases[i].fits)
            fail_msg("'%s'", cases[i].query);
        call_free(call);
        arena_free(arena);
    }
}

static void an_unknown_member_is_answered_with_the_nearest(void **state)
{
    (void)state;
    static const struct param params[] = {{.name = "override", .kind = PARAM_OBJECT}, {.name = NULL}};
    struct call *call = call_to("POST", "/x");
    call->json = json_in_arena(call->arena, json_pack("{s:{}}", "overide"));
    assert_false(route_check_body(call, params));
    json_t *problem = json_in_arena(call->arena, json_parse(call->answer.body, call->answer.length, NULL));
    assert_string_equal(json_text(problem, "nearest"), "override");
    assert_string_equal(json_text(problem, "word"), "overide");
    assert_string_equal(json_text(problem, "title"), "Bad Request");
    assert_int_equal(json_number(problem, "status", 0), 400);
    assert_string_equal(call->answer.type, "application/problem+json");
    call_free(call);
}

static void a_host_is_ours_only_when_it_is_exactly_ours(void **state)
{
    (void)state;
    static const char *const served[] = {"news.example.org"};
    const struct settings settings = {.hosts = served, .host_count = 1};
    static const struct {
        const char *host;
        bool ours;
    } cases[] = {
        {"127.0.0.1:8080", true},        {"localhost:8080", true},
        {"LOCALHOST:8080", true},        {"news.example.org", true},
        {"News.Example.Org:8080", true}, {"127.0.0.1", false}, /* that is port 80 */
        {"127.0.0.1:80", false},         {"127.0.0.2:8080", false},
        {"[::1]:8080", false},           {"[127.0.0.1:8080", false},
        {"localhost:8080:8080", false},  {"localhost:", false},
        {"localhost.:8080", false},      {"news.example.org.evil.example", false},
        {"evil.example:8080", false},    {"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call *call = call_new(NULL, &remote, 1);
        call->headers[call->header_count++] = (struct field){"host", cases[i].host};
        if (guard_host(call, &settings) != cases[i].ours || (call->answer.status == 421) == cases[i].ours)
            fail_msg("'%s'", cases[i].host);
        call_free(call);
    }
}

static void a_body_is_labelled_as_json(void **state)
{
    (void)state;
    static const struct {
        const char *method, *type;
        bool fits;
    } cases[] = {
        {"POST", "application/json", true},
        {"POST", "Application/JSON; charset=UTF-8", true},
        {"PATCH", "application/json;charset=\"utf-8\"", true},
        {"POST", "application/jsonx", false},
        {"POST", "application/json; charset=latin1", false},
        {"POST", "text/plain", false},
        {"POST", "text/plain; application/json", false},
        {"POST", "", false},
        {"POST", NULL, false},
        {"GET", NULL, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call *call = call_to(cases[i].method, "/x");
        if (cases[i].type)
            call->headers[call->header_count++] = (struct field){"Content-Type", cases[i].type};
        if (guard_body(call, GUARD_JSON) != cases[i].fits)
            fail_msg("%s %s", cases[i].method, cases[i].type);
        call_free(call);
    }
}

static void an_entity_tag_that_is_known_answers_304(void **state)
{
    (void)state;
    static const struct {
        const char *known;
        int status;
    } cases[] = {
        {"\"abc\"", 304}, {"*", 304}, {"\"x\", \"abc\"", 304}, {"W/\"abc\"", 304}, {"\"abcd\"", 200},
        {"abc", 200},     {"", 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call *call = call_to("GET", "/x");
        call->headers[call->header_count++] = (struct field){"If-None-Match", cases[i].known};
        answer_text(call, 200, "text/plain", "body");
        answer_etag(call, "abc");
        if (call->answer.status != cases[i].status)
            fail_msg("%s", cases[i].known);
        call_free(call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_cut_and_decoded),
        cmocka_unit_test(a_target_that_is_not_plain_is_refused),
        cmocka_unit_test(a_route_is_found_by_method_and_path),
        cmocka_unit_test(every_route_declares_who_may_use_it),
        cmocka_unit_test(parameters_are_refused_by_their_declaration),
        cmocka_unit_test(an_unknown_member_is_answered_with_the_nearest),
        cmocka_unit_test(a_host_is_ours_only_when_it_is_exactly_ours),
        cmocka_unit_test(a_body_is_labelled_as_json),
        cmocka_unit_test(an_entity_tag_that_is_known_answers_304),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
