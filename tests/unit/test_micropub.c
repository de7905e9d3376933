/* The Micropub driver, step by step against answers as the Recommendation has them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define SITE "https://e.org/"
#define POINT "https://e.org/micropub?x=1"
#define PAGE "!<html><head><link rel='micropub' href='/micropub?x=1'></head>"
#define CONFIG "{'media-endpoint': '/media', 'syndicate-to': [{'uid': 'https://m.example/@a', 'name': 'A'}]}"

static struct bench *site_with(const char *more)
{
    struct arena *arena = arena_new();
    struct bench *b = bench_new(&network_micropub, arena_printf(arena, "{'url': '" SITE "'%s}", more), "token");
    arena_free(arena);
    return b;
}

static struct bench *ready(const char *more, const char *config)
{
    struct bench *b = site_with(more);
    next(b);
    go_on(b, 200, PAGE);
    go_on(b, 200, config);
    return b;
}

static struct bench *publishing(void)
{
    return ready("", CONFIG);
}

static void the_endpoint_is_found_as_the_page_says_it(void **state)
{
    (void)state;
    static const struct {
        const char *headers, *body, *endpoint, *why;
    } cases[] = {
        {"link: </m>; rel=micropub", "!", "https://e.org/m", "a header"},
        {"link: </a>; rel=\"me\", <https://o.example/m?a=b>; rel=\"x micropub\"", PAGE, "https://o.example/m?a=b", "of several, before the page"},
        {"link: <a>; rel=me\nlink: <m>; rel=\"micropub\"", "!", "https://e.org/m", "several headers"},
        {NULL, PAGE, POINT, "an element"},
        {NULL, "!<LINK href=\"/m?a=1&amp;b=2\" REL=\"micropub token\" />", "https://e.org/m?a=1&b=2", "capitals, entities, the other order"},
        {NULL, "!<a href=/m rel=micropub>x</a>", "https://e.org/m", "without quotes"},
        {NULL, "!<link data-rel=micropub href=/m>", NULL, "another attribute"},
        {NULL, "!<link rel=micropub href='javascript:alert(1)'>", NULL, "no address"},
        {NULL, "!<html>", NULL, "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = site_with("");
        next(b);
        expect_step(b, STEP_SESSION, "GET", SITE);
        assert_null(header_of(b, "Authorization"));
        answer(b, 200, cases[i].headers, cases[i].body);
        const char *found = json_text(b->job.session, "endpoint");
        if (strcmp(found ? found : "", cases[i].endpoint ? cases[i].endpoint : "") != 0)
            fail_msg("%s: found '%s'", cases[i].why, found ? found : "nothing");
        assert_int_equal(b->outcome.kind, found ? OUTCOME_NEXT : OUTCOME_REFUSED);
        bench_free(b);
    }
}

static void redirects_of_the_page_are_followed_but_not_for_ever_and_not_in_clear(void **state)
{
    (void)state;
    struct bench *b = site_with("");
    next(b);
    answer(b, 301, "location: https://www.e.org/home/", "!");
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://www.e.org/home/");
    answer(b, 200, NULL, "!<link rel=micropub href=m>");
    assert_string_equal(json_text(b->job.session, "endpoint"), "https://www.e.org/home/m");
    bench_free(b);
    b = site_with("");
    for (int i = 0; i < 6; i++) {
        next(b);
        answer(b, 302, "location: /again", "!");
    }
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
    b = site_with("");
    next(b);
    answer(b, 301, "location: http://e.org/", "!");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static void a_post_is_made_in_one_request(void **state)
{
    (void)state;
    static const char *const tags[] = {"snow"};
    struct bench *b = ready(", 'tags': ['all'], 'syndicate_to': ['https://m.example/@a']", CONFIG);
    b->content.title = "Hello";
    b->content.slug = "wish";
    b->content.link = "https://o.example/";
    b->content.tags = tags;
    b->content.tag_count = 1;
    next(b);
    expect_step(b, STEP_CREATE, "POST", POINT);
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    expect_body(b, "{'type': ['h-entry'], 'properties': {'content': ['hello\\n\\nhttps://o.example/'], 'name': ['Hello'], "
                   "'category': ['all', 'snow'], 'mp-slug': ['wish'], 'mp-syndicate-to': ['https://m.example/@a'], "
                   "'post-status': ['published'], 'published': ['2026-12-01T08:00:00Z']}}");
    answer(b, 201, "location: /2026/hello", NULL);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://e.org/2026/hello");
    bench_free(b);
}

static void images_go_to_the_media_endpoint_with_their_alt_texts(void **state)
{
    (void)state;
    struct bench *b = publishing();
    b->media[0].sha256 = "aa";
    b->media[1].sha256 = "bb";
    b->media[1].file = "b.png";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    b->media[2] = (struct media){.file = "c.mp4", .alt = "film", .mime = "video/mp4", .sha256 = "cc"};
    b->parts[0].media_count = 3;
    b->content.body = "![x](a.png)";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", "https://e.org/media");
    assert_string_equal(b->step.request.parts[0].name, "file");
    answer(b, 201, "location: https://cdn.example/a.png", NULL);
    next(b);
    answer(b, 201, "location: https://cdn.example/b.png", NULL);
    next(b);
    answer(b, 201, "location: https://cdn.example/c.mp4", NULL);
    next(b);
    expect_body(b, "{'type': ['h-entry'], 'properties': {'content': [{'html': '<p><img src=\\\"https://cdn.example/a.png\\\" alt=\\\"x\\\" /></p>\\n'}], "
                   "'photo': [{'value': 'https://cdn.example/b.png', 'alt': 'alt'}], 'post-status': ['published'], "
                   "'published': ['2026-12-01T08:00:00Z'], 'video': ['https://cdn.example/c.mp4']}}");
    bench_free(b);
    b = ready("", "{}");
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    next(b);
    answer(b, 200, NULL, "{}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "no media endpoint"));
    bench_free(b);
}

static void the_parts_of_a_thread_answer_one_another(void **state)
{
    (void)state;
    struct bench *b = ready(", 'link_as': 'bookmark'", "!not JSON");
    b->content.link = "https://o.example/";
    b->parts[1].text = "second";
    b->content.part_count = 2;
    next(b);
    assert_non_null(strstr(b->step.request.body, "\"bookmark-of\":[\"https://o.example/\"]"));
    answer(b, 202, "location: https://e.org/1", NULL);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_body(b, "{'type': ['h-entry'], 'properties': {'content': ['second'], 'in-reply-to': ['https://e.org/1'], "
                   "'post-status': ['published'], 'published': ['2026-12-01T08:00:00Z']}}");
    answer(b, 201, "location: https://e.org/2", NULL);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "https://e.org/1");
    bench_free(b);
}

static void publishing_ends_as_the_site_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {202, "!", OUTCOME_DONE, SCOPE_POST, .headers = "location: https://e.org/1", .says = "accepted"},
        {201, "!", OUTCOME_UNSURE, SCOPE_POST, "no Location"},
        {201, "!", OUTCOME_UNSURE, SCOPE_POST, .headers = "location: javascript:x"},
        {200, "!", OUTCOME_UNSURE, SCOPE_POST, .headers = "location: https://e.org/1"},
        {400, "{'error': 'invalid_request', 'error_description': 'no content'}", OUTCOME_REFUSED, SCOPE_POST, .says = "no content"},
        {401, "{'error': 'unauthorized'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "token"},
        {401, "!", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {403, "{'error': 'insufficient_scope'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "scopes"},
        {403, "{'error': 'forbidden'}", OUTCOME_REFUSED, SCOPE_POST},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {404, "!", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "looking for it again"},
        {405, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {413, "!", OUTCOME_REFUSED, SCOPE_POST},
        {429, "!", OUTCOME_RETRY, SCOPE_ACCOUNT, .headers = "retry-after: 9"},
        {500, "!", OUTCOME_UNSURE, SCOPE_POST},
        {302, "!", OUTCOME_UNSURE, SCOPE_POST, .headers = "location: https://e.org/1"},
    };
    each_answer(cases, publishing, answer, NULL);
    struct bench *b = publishing();
    answer(b, 404, NULL, "!");
    next(b);
    expect_step(b, STEP_SESSION, "GET", SITE);
    bench_free(b);
}

static struct bench *doubtful(void)
{
    struct bench *b = publishing();
    find(b);
    expect_step(b, STEP_PREPARE, "GET", POINT "&q=source&limit=20");
    return b;
}

#define ITEM(when, text) "{'items': [{'type': ['h-entry'], 'properties': {'url': ['https://e.org/1'], 'published': ['" when "'], 'content': ['" text "']}}]}"

static void what_is_in_doubt_is_looked_for_in_the_list_and_never_taken_for_absent(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, ITEM("2026-12-01T09:00:00+01:00", "hello"), OUTCOME_DONE, SCOPE_POST},
        {200, ITEM("2026-12-01T08:00:01Z", "hello"), OUTCOME_UNSURE, SCOPE_POST, "another time"},
        {200, ITEM("2026-12-01T08:00:00Z", "other"), OUTCOME_UNSURE, SCOPE_POST, "another text"},
        {200, "{'items': []}", OUTCOME_UNSURE, SCOPE_POST, "it may still come", .says = "does not show it"},
        {400, "{'error': 'invalid_request'}", OUTCOME_UNSURE, SCOPE_POST, .says = "no list"},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, doubtful, answer_found, NULL);
}

static void the_token_and_the_targets_are_checked_alive(void **state)
{
    (void)state;
    struct bench *b = site_with(", 'endpoint': 'https://e.org/m', 'syndicate_to': ['b']");
    static const struct answer_case cases[] = {
        {200, CONFIG, OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "cannot syndicate to 'b', only to: https://m.example/@a"},
        {200, "{'syndicate-to': [{'uid': 'b'}]}", OUTCOME_DONE, SCOPE_ACCOUNT, .says = SITE ", by https://e.org/m"},
        {401, "{'error': 'unauthorized'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    };
    b->job.content = NULL;
    for (size_t i = 0; i < 3; i++) {
        network_micropub.verify(&b->job, b->arena, &b->step);
        expect_step(b, STEP_PREPARE, "GET", "https://e.org/m?q=config");
        struct response response = response_of(b->arena, cases[i].status, NULL, cases[i].body);
        network_micropub.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
        check_case(&b->outcome, &cases[i]);
    }
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_endpoint_is_found_as_the_page_says_it),
        cmocka_unit_test(redirects_of_the_page_are_followed_but_not_for_ever_and_not_in_clear),
        cmocka_unit_test(a_post_is_made_in_one_request),
        cmocka_unit_test(images_go_to_the_media_endpoint_with_their_alt_texts),
        cmocka_unit_test(the_parts_of_a_thread_answer_one_another),
        cmocka_unit_test(publishing_ends_as_the_site_says),
        cmocka_unit_test(what_is_in_doubt_is_looked_for_in_the_list_and_never_taken_for_absent),
        cmocka_unit_test(the_token_and_the_targets_are_checked_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
