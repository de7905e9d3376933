/* The NodeBB driver, step by step against answers as a forum gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define FORUM "https://forum.example/sub"
#define SELF "{'uid': 5, 'username': 'Cal', 'userslug': 'cal'}"
#define MADE "{'status': {'code': 'ok'}, 'response': {'tid': 12, 'slug': '12/hello'}}"
#define SAYS(words) "{'status': {'code': 'bad-request', 'message': '" words "'}}"

static struct bench *forum_with(const char *more, size_t parts)
{
    struct arena *arena = arena_new();
    struct bench *b = bench_new(&network_nodebb,
                                arena_printf(arena, "{'url': 'https://forum.example/sub/', 'category': 2, 'tags': ['all']%s}", more), "token");
    arena_free(arena);
    b->parts[1].text = "second";
    b->content.part_count = parts;
    next(b);
    go_on(b, 200, SELF);
    return b;
}

static struct bench *publishing(void)
{
    struct bench *b = forum_with("", 1);
    go_on(b, 200, "{'topics': [{'tid': 8, 'title': 'hello'}, {'tid': 3, 'title': 'x'}]}");
    return b;
}

static void a_topic_is_made_after_the_newest_was_noted(void **state)
{
    (void)state;
    struct bench *b = forum_with("", 1);
    expect_step(b, STEP_PREPARE, "GET", FORUM "/api/user/cal/topics");
    go_on(b, 200, "{'topics': []}");
    expect_step(b, STEP_CREATE, "POST", FORUM "/api/v3/topics/");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    expect_body(b, "{'cid': 2, 'content': 'hello', 'tags': ['all'], 'title': 'hello'}");
    answer(b, 200, NULL, MADE);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "12");
    assert_string_equal(b->outcome.url, FORUM "/topic/12");
    bench_free(b);
}

static void a_master_token_says_as_whom_it_comes(void **state)
{
    (void)state;
    struct bench *b = forum_with(", 'uid': 7", 1);
    expect_step(b, STEP_PREPARE, "GET", FORUM "/api/user/cal/topics?_uid=7");
    go_on(b, 200, "{'topics': []}");
    expect_body(b, "{'_uid': 7, 'cid': 2, 'content': 'hello', 'tags': ['all'], 'title': 'hello'}");
    bench_free(b);
}

static void images_are_uploaded_and_stand_in_the_text(void **state)
{
    (void)state;
    struct bench *b = forum_with("", 1);
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    next(b);
    expect_step(b, STEP_PREPARE, "POST", FORUM "/api/post/upload");
    assert_string_equal(b->step.request.parts[0].name, "files[]");
    go_on(b, 200, "{'response': {'images': [{'url': '/sub/assets/a.png'}]}}");
    go_on(b, 200, "{'topics': []}");
    expect_body(b, "{'cid': 2, 'content': 'hello\\n\\n![alt](https://forum.example/sub/assets/a.png)', 'tags': ['all'], 'title': 'hello'}");
    bench_free(b);
}

static void a_video_is_uploaded_and_linked(void **state)
{
    (void)state;
    struct bench *b = forum_with("", 1);
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->media[0].file = "clip.mp4";
    b->media[0].mime = "video/mp4";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", FORUM "/api/post/upload");
    answer(b, 500, NULL, SAYS("Invalid file type. Allowed types are: png"));
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "clip.mp4"));
    answer(b, 500, NULL, SAYS("An unexpected error was encountered"));
    expect_outcome(b, OUTCOME_RETRY);
    next(b);
    go_on(b, 200, "{'response': {'images': [{'url': '/assets/uploads/files/1-clip.mp4'}]}}");
    go_on(b, 200, "{'topics': []}");
    expect_body(b, "{'cid': 2, 'content': 'hello\\n\\n[alt](https://forum.example/assets/uploads/files/1-clip.mp4)', 'tags': ['all'], 'title': 'hello'}");
    bench_free(b);
}

static void publishing_ends_as_the_forum_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {202, "{'response': {'queued': true}}", OUTCOME_DONE, SCOPE_POST, .says = "moderator"},
        {200, "{'response': {}}", OUTCOME_UNSURE, SCOPE_POST},
        {200, "!", OUTCOME_UNSURE, SCOPE_POST},
        {400, SAYS("You can only post once every 120 second(s)"), OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "wait"},
        {400, SAYS("[[error:already-posting]]"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {400, SAYS("Please enter a longer title"), OUTCOME_REFUSED, SCOPE_POST, .says = "longer title"},
        {401, SAYS("x"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "token"},
        {403, SAYS("x"), OUTCOME_REFUSED, SCOPE_POST, .says = "category"},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {404, SAYS("x"), OUTCOME_REFUSED, SCOPE_POST},
        {413, "!", OUTCOME_REFUSED, SCOPE_POST},
        {429, SAYS("x"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {503, "!busy", OUTCOME_UNSURE, SCOPE_POST},
    };
    each_answer(cases, publishing, answer, NULL);
    struct bench *b = publishing();
    answer(b, 400, NULL, SAYS("You can only post once every 120 second(s)"));
    assert_int_equal(b->outcome.at, SLOT + SECONDS(120));
    bench_free(b);
}

static struct bench *doubtful(void)
{
    struct bench *b = publishing();
    find(b);
    expect_step(b, STEP_PREPARE, "GET", FORUM "/api/user/cal/topics");
    return b;
}

static void a_topic_in_doubt_is_one_under_our_title_after_the_newest(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'topics': [{'tid': 9, 'titleRaw': 'hello', 'title': 'x'}, {'tid': 8, 'title': 'hello'}]}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'topics': [{'tid': 9, 'cid': 2, 'title': 'hello'}]}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'topics': [{'tid': 9, 'cid': 3, 'title': 'hello'}]}", OUTCOME_UNSURE, SCOPE_POST,
         "in another category: another account's, of the same user"},
        {200, "{'topics': [{'tid': 8, 'title': 'hello'}]}", OUTCOME_UNSURE, SCOPE_POST, "an older one of that title",
         .says = "moderator"},
        {200, "{'topics': [{'tid': 9, 'title': 'other'}]}", OUTCOME_UNSURE, SCOPE_POST},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, doubtful, answer_found, NULL);
}

static void a_reply_in_doubt_is_found_in_its_topic(void **state)
{
    (void)state;
    static const struct {
        const char *posts, *says;
        enum outcome_kind kind;
    } cases[] = {
        {"{'posts': [{'pid': 30, 'uid': 5}, {'pid': 31, 'uid': 5}]}", "second\\n", OUTCOME_DONE},
        {"{'posts': [{'pid': 30, 'uid': 5}, {'pid': 31, 'uid': 5}]}", "You are welcome", OUTCOME_UNSURE},
        {"{'posts': [{'pid': 30, 'uid': 5}, {'pid': 31, 'uid': 6}]}", NULL, OUTCOME_UNSURE},
        {"{'posts': [{'pid': 30, 'uid': 5}]}", NULL, OUTCOME_UNSURE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = forum_with("", 2);
        go_on(b, 200, "{'topics': []}");
        go_on(b, 200, MADE);
        expect_step(b, STEP_CREATE, "POST", FORUM "/api/v3/topics/12");
        expect_body(b, "{'content': 'second'}");
        find(b);
        expect_step(b, STEP_PREPARE, "GET", FORUM "/api/topic/12");
        answer_found(b, 200, NULL, cases[i].posts);
        if (cases[i].says) {
            expect_outcome(b, OUTCOME_NEXT);
            find(b);
            expect_step(b, STEP_PREPARE, "GET", FORUM "/api/v3/posts/31/raw");
            answer_found(b, 200, NULL, arena_printf(b->arena, "{'response': {'content': '%s'}}", cases[i].says));
        }
        expect_outcome(b, cases[i].kind);
        if (cases[i].kind == OUTCOME_DONE)
            assert_string_equal(b->outcome.id, "12");
        bench_free(b);
    }
}

static void the_token_is_checked_alive(void **state)
{
    (void)state;
    struct bench *b = forum_with("", 1);
    b->job.content = NULL;
    network_nodebb.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", FORUM "/api/self");
    struct response response = response_of(b->arena, 200, NULL, SELF);
    network_nodebb.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.message, "Cal on https://forum.example/sub/");
    bench_free(b);
}

static void the_forums_limits_are_held_when_it_is_planned(void **state)
{
    (void)state;
    struct bench *b = forum_with("", 1);
    struct diags diags = diags_in(b->arena);
    b->content.title = "Hi";
    network_nodebb.check(&b->account, &b->content, &diags);
    assert_int_equal(diags.errors, 2); /* "hello" has five of eight characters */
    b->account.options = json_of(b->arena, "{'min_title': 2, 'min_characters': 5}");
    network_nodebb.check(&b->account, &b->content, &diags);
    assert_int_equal(diags.errors, 2);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_is_made_after_the_newest_was_noted),
        cmocka_unit_test(a_master_token_says_as_whom_it_comes),
        cmocka_unit_test(images_are_uploaded_and_stand_in_the_text),
        cmocka_unit_test(a_video_is_uploaded_and_linked),
        cmocka_unit_test(publishing_ends_as_the_forum_says),
        cmocka_unit_test(a_topic_in_doubt_is_one_under_our_title_after_the_newest),
        cmocka_unit_test(a_reply_in_doubt_is_found_in_its_topic),
        cmocka_unit_test(the_token_is_checked_alive),
        cmocka_unit_test(the_forums_limits_are_held_when_it_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
