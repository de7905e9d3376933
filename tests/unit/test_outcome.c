/* What is common to networks when a response is read, and what network.h offers to every driver. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/driver.h"
#include "network/outcome.h"

#define NOW SLOT /* 2026-12-01T08:00:00Z */

static void the_reset_is_read_in_each_dialect(void **state)
{
    (void)state;
    static const struct {
        enum reset_dialect dialect;
        const char *headers;
        instant expected;
        const char *reason;
    } cases[] = {
        {RESET_RETRY_AFTER, NULL, 0, "nothing is said"},
        {RESET_RETRY_AFTER, "retry-after: 7", NOW + 7000, "seconds"},
        {RESET_RETRY_AFTER, "retry-after: 1.5", NOW + 1500, "seconds with a fraction"},
        {RESET_RETRY_AFTER, "retry-after: Tue, 01 Dec 2026 08:01:00 GMT", NOW + 60000, "an HTTP date"},
        {RESET_RETRY_AFTER, "retry-after: Tue, 01 Dec 2026 07:00:00 GMT", NOW + 1000, "in the past: in a second"},
        {RESET_RETRY_AFTER, "retry-after: 0", NOW + 1000, "at once: in a second"},
        {RESET_RETRY_AFTER, "retry-after: 999999999", NOW + HOURS(24), "31 years: a day"},
        {RESET_RETRY_AFTER, "retry-after: 99999999999999999999", 0, "a number beyond reason"},
        {RESET_RETRY_AFTER, "retry-after: soon", 0, "no number"},
        {RESET_RETRY_AFTER, "retry-after: -5", 0, "negative"},
        {RESET_RETRY_AFTER, "retry-after: ", 0, "empty"},
        {RESET_RETRY_AFTER, "ratelimit-reset: 1796112060", 0, "another dialect is not guessed"},
        {RESET_ISO, "x-ratelimit-reset: 2026-12-01T08:05:00.123456Z", NOW + 300123, "microseconds are cut"},
        {RESET_ISO, "x-ratelimit-reset: 2026-12-01T09:05:00+01:00", NOW + 300000, "an offset"},
        {RESET_ISO, "x-ratelimit-reset: 1796112060", 0, "an epoch where a time is due"},
        {RESET_ISO, "retry-after: 9\nx-ratelimit-reset: 2026-12-01T08:05:00Z", NOW + 9000, "Retry-After goes first"},
        {RESET_EPOCH, "ratelimit-reset: 1796112060", NOW + 60000, "Bluesky"},
        {RESET_EPOCH, "x-ratelimit-reset: 1796112060", NOW + 60000, "others"},
        {RESET_EPOCH, "x-rate-limit-reset: 1796112060", NOW + 60000, "X"},
        {RESET_EPOCH, "x-ratelimit-reset: 2026-12-01T08:05:00Z", 0, "a time where an epoch is due"},
        {RESET_EPOCH, "ratelimit-reset: 12", NOW + 1000, "1970: in a second"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct response r = response_of(arena, 429, cases[i].headers, NULL);
        instant got = outcome_reset(&r, cases[i].dialect, NOW);
        if (got != cases[i].expected)
            fail_msg("%s: got %lld, expected %lld", cases[i].reason, (long long)got, (long long)cases[i].expected);
    }
    arena_free(arena);
}

static void limits_are_taken_only_when_both_headers_make_sense(void **state)
{
    (void)state;
    static const struct {
        enum reset_dialect dialect;
        const char *headers;
        instant reset;
        int64_t remaining;
    } cases[] = {
        {RESET_ISO, "x-ratelimit-remaining: 12\nx-ratelimit-reset: 2026-12-01T08:05:00.000001Z", NOW + 300000, 12},
        {RESET_ISO, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 2026-12-01T08:05:00Z", NOW + 300000, 0},
        {RESET_ISO, "x-ratelimit-remaining: 12", 0, 0},
        {RESET_ISO, "x-ratelimit-remaining: x\nx-ratelimit-reset: 2026-12-01T08:05:00Z", 0, 0},
        {RESET_ISO, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 2026-12-01T07:05:00Z", 0, 0}, /* over already */
        {RESET_EPOCH, "ratelimit-remaining: 2999\nratelimit-reset: 1796112060", NOW + 60000, 2999},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome outcome = {0};
        struct response r = response_of(arena, 200, cases[i].headers, NULL);
        outcome_read_limits(&r, cases[i].dialect, NOW, &outcome);
        assert_int_equal(outcome.limit_reset, cases[i].reset);
        assert_int_equal(outcome.limit_remaining, cases[i].remaining);
    }
    arena_free(arena);
}

static void a_status_means_the_same_for_every_network(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum step_kind step;
        const char *kind, *scope;
        bool reconnect;
    } cases[] = {
        {200, STEP_CREATE, "next", "post", false},
        {204, STEP_PREPARE, "next", "post", false},
        {301, STEP_CREATE, "refused", "account", false},
        {302, STEP_CREATE, "unsure", "post", false}, /* what is put right later must not be posted again */
        {303, STEP_CREATE, "unsure", "post", false},
        {303, STEP_PREPARE, "refused", "account", false},
        {307, STEP_CREATE, "refused", "account", false},
        {400, STEP_CREATE, "refused", "post", false},
        {400, STEP_SESSION, "refused", "account", false},
        {401, STEP_CREATE, "refused", "account", true},
        {403, STEP_CREATE, "refused", "post", false},
        {404, STEP_CREATE, "refused", "post", false},
        {404, STEP_SESSION, "refused", "account", false},
        {408, STEP_CREATE, "retry", "post", false},
        {410, STEP_CREATE, "refused", "post", false},
        {413, STEP_PREPARE, "refused", "post", false},
        {415, STEP_PREPARE, "refused", "post", false},
        {418, STEP_CREATE, "refused", "post", false},
        {422, STEP_CREATE, "refused", "post", false},
        {425, STEP_CREATE, "retry", "post", false},
        {429, STEP_CREATE, "retry", "account", false},
        {500, STEP_CREATE, "unsure", "post", false},
        {500, STEP_PREPARE, "retry", "post", false},
        {502, STEP_CREATE, "unsure", "post", false},
        {503, STEP_PREPARE, "retry", "account", false},
        {503, STEP_SESSION, "retry", "account", false},
        {504, STEP_CREATE, "unsure", "post", false},
        {599, STEP_CREATE, "unsure", "post", false},
        {101, STEP_CREATE, "unsure", "post", false},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct step step = {.kind = cases[i].step, .name = "publish 1/1"};
        struct response r = response_of(arena, cases[i].status, NULL, NULL);
        struct outcome o;
        memset(&o, 0x5A, sizeof o);
        outcome_from_status(&step, &r, RESET_RETRY_AFTER, NOW, "their words", arena, &o);
        if (strcmp(outcome_kind_name(o.kind), cases[i].kind) || strcmp(scope_name(o.scope), cases[i].scope) ||
            o.reconnect != cases[i].reconnect)
            fail_msg("%d in %s: %s %s", cases[i].status, step_kind_name(cases[i].step), outcome_kind_name(o.kind),
                     scope_name(o.scope));
        assert_int_equal(o.at, 0);
        assert_true(o.kind == OUTCOME_NEXT ? !o.message : strstr(o.message, "their words") != NULL);
    }
    arena_free(arena);
}

static void too_many_requests_wait_until_the_reset(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct step step = {.kind = STEP_CREATE, .name = "publish 1/1"};
    struct outcome o;
    struct response r = response_of(arena, 429, "x-ratelimit-reset: 2026-12-01T08:05:00.000000Z\n"
                                                "x-ratelimit-remaining: 0", NULL);
    outcome_from_status(&step, &r, RESET_ISO, NOW, NULL, arena, &o);
    assert_int_equal(o.at, NOW + 300000);
    assert_int_equal(o.limit_reset, NOW + 300000);
    assert_string_equal(o.message, "publish 1/1: too many requests (HTTP 429)");
    r = response_of(arena, 503, "x-ratelimit-reset: 2026-12-01T08:05:00Z\nretry-after: 30", NULL);
    step.kind = STEP_PREPARE;
    outcome_from_status(&step, &r, RESET_ISO, NOW, NULL, arena, &o);
    assert_int_equal(o.at, NOW + 30000);
    r = response_of(arena, 503, "x-ratelimit-reset: 2026-12-01T08:05:00Z", NULL);
    outcome_from_status(&step, &r, RESET_ISO, NOW, NULL, arena, &o);
    assert_int_equal(o.at, 0); /* the limit's reset says nothing about a server that is down */
    arena_free(arena);
}

static void a_redirect_says_where_it_points(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct step step = {.kind = STEP_SESSION, .name = "session"};
    struct outcome o;
    struct response r = response_of(arena, 301, "location: https://new.example/", NULL);
    outcome_from_status(&step, &r, RESET_ISO, NOW, NULL, arena, &o);
    assert_string_equal(o.message, "session: the server sends us elsewhere: correct the address in cald.yaml "
                                   "(HTTP 301): it points to 'https://new.example/'");
    arena_free(arena);
}

static void their_words_are_short_and_without_controls(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char many[2001];
    memset(many, 'x', 2000);
    many[2000] = '\0';
    assert_int_equal(strlen(outcome_said(many, arena)), 300);
    assert_string_equal(outcome_said("a\nb\x1b[31mc\x7f", arena), "a b [31mc ");
    assert_string_equal(outcome_said("a\xC2\x85z\xE2\x80\xAEy", arena), "a z y");
    assert_string_equal(outcome_said("bad \xFF byte", arena), "bad \xEF\xBF\xBD byte");
    assert_string_equal(outcome_said(NULL, arena), "");
    for (size_t i = 0; i < 1000; i++) /* 300 characters, not bytes */
        memcpy(many + 2 * i, "é", 2);
    assert_int_equal(strlen(outcome_said(many, arena)), 600);
    arena_free(arena);
}

static void ids_and_addresses_are_believed_only_when_they_look_like_some(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool id, url;
    } cases[] = {
        {"109372843234", true, false},
        {"01HXYZ", true, false},
        {"at://did:plc:abc/app.bsky.feed.post/3jzfcijpj2z2a", true, false},
        {"https://example.org/@a/1?x=1#y", true, true},
        {"HTTP://127.0.0.1:8080/", true, true},
        {"https://xn--bcher-kva.example/ü", true, true},
        {"", false, false},
        {"two words", false, false},
        {"line\nbreak", false, false},
        {"tab\t", false, false},
        {"\x1b[31m", false, false},
        {"rtl\xE2\x80\xAE", false, false},
        {"bad\xFF", false, false},
        {"https://", true, false},
        {"https:///path", true, false},
        {"https://:80/", true, false},
        {"https://user:pw@example.org/", true, false},
        {"https://example.org/\"onclick", true, false},
        {"javascript:alert(1)", true, false},
        {"ftp://example.org/", true, false},
        {"//example.org", true, false},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *id = outcome_clean_id(cases[i].text, arena), *url = outcome_clean_url(cases[i].text, arena);
        if (!id == cases[i].id || !url == cases[i].url)
            fail_msg("'%s': id %s, url %s", cases[i].text, id ? id : "-", url ? url : "-");
    }
    assert_null(outcome_clean_id(NULL, arena));
    assert_null(outcome_clean_url(NULL, arena));
    char longest[2100];
    memset(longest, 'a', sizeof longest);
    longest[513] = '\0';
    assert_null(outcome_clean_id(longest, arena));
    longest[512] = '\0';
    assert_non_null(outcome_clean_id(longest, arena));
    arena_free(arena);
}

static void a_link_is_appended_unless_the_text_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *link, *expected;
    } cases[] = {
        {"hello", "https://a.example/x", "hello\n\nhttps://a.example/x"},
        {"", "https://a.example/x", "https://a.example/x"},
        {"hello", NULL, "hello"},
        {"see https://a.example/x", "https://a.example/x", "see https://a.example/x"},
        {"see https://a.example/x.", "https://a.example/x", "see https://a.example/x."},
        {"(https://a.example/x) yes", "https://a.example/x", "(https://a.example/x) yes"},
        {"https://a.example/xyz", "https://a.example/x", "https://a.example/xyz\n\nhttps://a.example/x"},
        {"https://a.example/x.html", "https://a.example/x", "https://a.example/x.html\n\nhttps://a.example/x"},
        {"https://a.example/x?a=1", "https://a.example/x", "https://a.example/x?a=1\n\nhttps://a.example/x"},
        {"https://a.example/xyz https://a.example/x", "https://a.example/x",
         "https://a.example/xyz https://a.example/x"},
        {"a", "", "a\n\n"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(driver_with_link(cases[i].text, cases[i].link, arena), cases[i].expected);
    assert_string_equal(driver_host("https://example.org:8080/x", arena), "example.org");
    assert_string_equal(driver_host("http://[::1]:80/x", arena), "[::1]");
    assert_string_equal(driver_host("http://[::1", arena), "[::1");
    assert_string_equal(driver_url(arena, "https://a.example//", "/api/%s", "v1"), "https://a.example/api/v1");
    assert_string_equal(driver_escape(arena, "a/b?c é"), "a%2Fb%3Fc%20%C3%A9");
    assert_true(driver_url_ends("https://source.example/api/v1/x/source", "/source"));
    assert_false(driver_url_ends("https://source.example/api", "/source"));
    arena_free(arena);
}

static void headers_and_bodies_are_read_and_written(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct request request = {0};
    for (int i = 0; i < 20; i++)
        request_header(&request, arena, "X", "%d", i);
    assert_int_equal(request.header_count, 20);
    assert_string_equal(request.headers[19].value, "19");
    assert_string_equal(request.headers[0].value, "0");
    struct response r = response_of(arena, 200, "a: 1\nb: 2", "{'x': 1}");
    assert_string_equal(response_header(&r, "b"), "2");
    assert_null(response_header(&r, "c"));
    assert_int_equal(json_number(response_json(&r, arena), "x", 0), 1);
    r = response_of(arena, 200, NULL, "!<html>");
    assert_null(response_json(&r, arena));
    r = response_of(arena, 200, NULL, NULL);
    assert_null(response_json(&r, arena));
    struct account account = {.options = json_of(arena, "{'url': 'u', 'n': 1}")};
    assert_string_equal(account_option(&account, "url"), "u");
    assert_null(account_option(&account, "n"));
    assert_null(account_secret(&account, "token"));
    arena_free(arena);
}

static void a_networks_own_words_go_before_the_status(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"slow", 429, OUTCOME_RETRY, SCOPE_POST, false, "slow mode"},
        {"channel_not_found", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "no such channel"},
        {"fatal*", 0, OUTCOME_UNSURE, SCOPE_POST, false, "it broke"},
        {"*parse", 400, OUTCOME_REFUSED, SCOPE_POST, false, "markup"},
        {"token_revoked", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "log in again"},
        {NULL, 418, OUTCOME_RETRY, SCOPE_NETWORK, false, "tea"},
    };
    static const struct {
        int status;
        const char *word;
        enum step_kind step;
        enum outcome_kind kind;
        enum scope scope;
        bool reconnect;
        const char *says;
    } cases[] = {
        {429, "SLOW", STEP_CREATE, OUTCOME_RETRY, SCOPE_POST, false, "slow mode"},
        {403, "slow", STEP_CREATE, OUTCOME_REFUSED, SCOPE_POST, false, "forbids"}, /* of that status only */
        {200, "channel_not_found", STEP_CREATE, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "no such channel"},
        {200, "fatal_error", STEP_CREATE, OUTCOME_UNSURE, SCOPE_POST, false, "it broke"},
        {200, "fatal_error", STEP_PREPARE, OUTCOME_RETRY, SCOPE_POST, false, "it broke"},
        {200, "not fatal", STEP_CREATE, OUTCOME_NEXT, SCOPE_POST, false, NULL},
        {400, "Bad: can't parse entities", STEP_CREATE, OUTCOME_REFUSED, SCOPE_POST, false, "markup"},
        {401, "token_revoked", STEP_PREPARE, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "log in again"},
        {418, NULL, STEP_CREATE, OUTCOME_RETRY, SCOPE_NETWORK, false, "tea"},
        {429, "slow", STEP_SESSION, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "slow mode"},
        {500, "unheard of", STEP_CREATE, OUTCOME_UNSURE, SCOPE_POST, false, "unheard of"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct step step = {.kind = cases[i].step, .name = "publish"};
        struct response r = response_of(arena, cases[i].status, "retry-after: 5", NULL);
        struct outcome o;
        outcome_from_faults(faults, sizeof faults / sizeof *faults, &step, &r, RESET_RETRY_AFTER, NOW, cases[i].word,
                           NULL, arena, &o);
        if (o.kind != cases[i].kind || o.scope != cases[i].scope || o.reconnect != cases[i].reconnect ||
            (cases[i].says && !strstr(o.message, cases[i].says)))
            fail_msg("%d %s: %s %s %s", cases[i].status, cases[i].word, outcome_kind_name(o.kind), scope_name(o.scope),
                     o.message);
        if (o.kind == OUTCOME_RETRY)
            assert_int_equal(o.at, NOW + 5000);
    }
    arena_free(arena);
}

static void a_wait_is_believed_from_a_second_to_a_day(void **state)
{
    (void)state;
    static const struct {
        double milliseconds;
        instant expected;
    } cases[] = {{0, NOW + 1000}, {-4, NOW + 1000}, {1.5, NOW + 1000}, {64570.4, NOW + 64570}, {1e30, NOW + HOURS(24)},
                 {0.0 / 0.0, NOW + 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(outcome_after(NOW, cases[i].milliseconds), cases[i].expected);
}

static void every_name_is_there(void **state)
{
    (void)state;
    for (int i = OUTCOME_DONE; i <= OUTCOME_NOT_FOUND; i++)
        assert_non_null(outcome_kind_name((enum outcome_kind)i));
    for (int i = SCOPE_POST; i <= SCOPE_NETWORK; i++)
        assert_non_null(scope_name((enum scope)i));
    for (int i = STEP_SESSION; i <= STEP_DONE; i++)
        assert_non_null(step_kind_name((enum step_kind)i));
    assert_string_equal(outcome_kind_name(OUTCOME_NOT_FOUND), "not-found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reset_is_read_in_each_dialect),
        cmocka_unit_test(limits_are_taken_only_when_both_headers_make_sense),
        cmocka_unit_test(a_status_means_the_same_for_every_network),
        cmocka_unit_test(too_many_requests_wait_until_the_reset),
        cmocka_unit_test(a_redirect_says_where_it_points),
        cmocka_unit_test(their_words_are_short_and_without_controls),
        cmocka_unit_test(ids_and_addresses_are_believed_only_when_they_look_like_some),
        cmocka_unit_test(a_link_is_appended_unless_the_text_has_it),
        cmocka_unit_test(headers_and_bodies_are_read_and_written),
        cmocka_unit_test(a_networks_own_words_go_before_the_status),
        cmocka_unit_test(a_wait_is_believed_from_a_second_to_a_day),
        cmocka_unit_test(every_name_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
