/* The dev.to driver, step by step against answers as a Forem gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define API "https://dev.to/api/"
#define LIST API "articles/me/unpublished?per_page=100"
#define OURS "{'id': 9, 'title': 'cald-0011223344556677'}"
#define OUT "{'id': 9, 'url': 'https://dev.to/cal/hello-1', 'published_at': '2026-12-01T08:00:00Z'}"

static struct bench *blog(void)
{
    return bench_new(&network_devto, "{'tags': ['c'], 'series': 'S', 'organization': 4, 'canonical_link': true}", "api_key");
}

static struct bench *publishing(void)
{
    struct bench *b = blog();
    next(b);
    go_on(b, 200, "[]");
    go_on(b, 201, "{'id': 9}");
    go_on(b, 200, "{'id': 9}");
    assert_int_equal(b->step.kind, STEP_CREATE);
    return b;
}

static void an_article_is_drafted_filled_and_published(void **state)
{
    (void)state;
    static const char *const tags[] = {"snow"};
    struct bench *b = blog();
    b->content.title = "Hello";
    b->content.link = "https://e.org/a";
    b->content.summary = "Short";
    b->content.tags = tags;
    b->content.tag_count = 1;
    b->parts[1].text = "two";
    b->content.part_count = 2;
    next(b);
    expect_step(b, STEP_PREPARE, "GET", LIST);
    assert_string_equal(header_of(b, "api-key"), "s3cret-token");
    go_on(b, 200, "[{'id': 3, 'title': 'mine'}]");
    expect_step(b, STEP_PREPARE, "POST", API "articles");
    expect_body(b, "{'article': {'title': 'cald-0011223344556677', 'body_markdown': '…', 'published': false}}");
    go_on(b, 201, "{'id': 9}");
    expect_step(b, STEP_PREPARE, "PUT", API "articles/9");
    expect_body(b, "{'article': {'title': 'Hello', 'body_markdown': 'hello\\n\\ntwo', 'published': false, 'tags': 'c, snow', "
                   "'canonical_url': 'https://e.org/a', 'description': 'Short', 'series': 'S', 'organization_id': 4}}");
    go_on(b, 200, "{'id': 9}");
    expect_step(b, STEP_CREATE, "PUT", API "articles/9");
    expect_body(b, "{'article': {'published': true}}");
    answer(b, 200, NULL, OUT);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://dev.to/cal/hello-1");
    bench_free(b);
}

static void a_draft_whose_answer_was_lost_is_found_by_its_title(void **state)
{
    (void)state;
    struct bench *b = blog();
    next(b);
    go_on(b, 200, "[]");
    merge(b, b->step.memo);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", LIST);
    go_on(b, 200, "[{'id': 3, 'title': 'mine'}, " OURS "]");
    expect_step(b, STEP_PREPARE, "PUT", API "articles/9");
    bench_free(b);
}

static void publishing_ends_as_forem_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'id': 9, 'published_at': ''}", OUTCOME_UNSURE, SCOPE_POST, "it may stay a draft at the first try"},
        {200, "!", OUTCOME_UNSURE, SCOPE_POST},
        {401, "{'error': 'unauthorized', 'status': 401}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "key"},
        {403, "{'error': 'forbidden', 'status': 403}", OUTCOME_REFUSED, SCOPE_POST},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {404, "{'error': 'not found', 'status': 404}", OUTCOME_REFUSED, SCOPE_POST, .says = "deleted"},
        {422, "{'error': 'Canonical url has already been taken', 'status': 422}", OUTCOME_REFUSED, SCOPE_POST, .says = "taken"},
        {429, "{'error': 'Rate limit reached, try again in 30 seconds', 'status': 429}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {500, "!", OUTCOME_UNSURE, SCOPE_POST},
    };
    each_answer(cases, publishing, answer, NULL);
    struct bench *b = publishing();
    answer(b, 429, NULL, "{'error': 'Rate limit reached'}");
    assert_int_equal(b->outcome.at, SLOT + SECONDS(30));
    bench_free(b);
}

static struct bench *doubtful(void)
{
    struct bench *b = publishing();
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "articles/9");
    return b;
}

static void what_is_shown_under_its_number_is_published(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, OUT, OUTCOME_DONE, SCOPE_POST},
        {404, "{'error': 'not found', 'status': 404}", OUTCOME_NOT_FOUND, SCOPE_POST},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, doubtful, answer_found, NULL);
    struct bench *b = publishing();
    for (int i = 0; i < 3; i++) {
        find(b);
        answer_found(b, 404, NULL, "{}");
        expect_outcome(b, i < 2 ? OUTCOME_NOT_FOUND : OUTCOME_UNSURE);
    }
    assert_non_null(json_member(b->job.memo, "post")); /* the draft is not forgotten by a look */
    bench_free(b);
}

static void a_draft_that_stays_is_told(void **state)
{
    (void)state;
    struct bench *b = publishing();
    discard(b);
    expect_step(b, STEP_PREPARE, "GET", LIST);
    answer_discarded(b, 200, NULL, "[" OURS "]");
    assert_non_null(strstr(b->outcome.message, "https://dev.to/dashboard"));
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void the_key_is_checked_alive(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->job.content = NULL;
    network_devto.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", API "users/me");
    struct response response = response_of(b->arena, 200, NULL, "{'username': 'cal'}");
    network_devto.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.message, "cal on https://dev.to");
    bench_free(b);
}

static void limits_and_front_matter_are_told_when_it_is_planned(void **state)
{
    (void)state;
    static const char *const tags[] = {"a", "b", "c", "d"};
    static char title[200];
    struct bench *b = blog();
    struct diags diags = diags_in(b->arena);
    memset(title, 'x', 129);
    b->content.title = title;
    b->content.tags = tags;
    b->content.tag_count = 4; /* 'c' is the account's as well */
    network_devto.check(&b->account, &b->content, &diags);
    assert_int_equal(diags.errors, 1);
    b->content.title = "Short";
    b->content.body = "---\ntitle: Other\n---\nx";
    b->account.options = json_of(b->arena, "{'max_tags': 3}");
    network_devto.check(&b->account, &b->content, &diags);
    assert_int_equal(diags.errors, 3);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_article_is_drafted_filled_and_published),
        cmocka_unit_test(a_draft_whose_answer_was_lost_is_found_by_its_title),
        cmocka_unit_test(publishing_ends_as_forem_says),
        cmocka_unit_test(what_is_shown_under_its_number_is_published),
        cmocka_unit_test(a_draft_that_stays_is_told),
        cmocka_unit_test(the_key_is_checked_alive),
        cmocka_unit_test(limits_and_front_matter_are_told_when_it_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
