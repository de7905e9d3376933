/* The Discourse driver, step by step against answers as a forum gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define FORUM "https://forum.example"
#define EXTERNAL "cald-00112233445566778899aabbccddeeff"
#define TOPIC "{'id': 70, 'topic_id': 12, 'topic_slug': 'hello', 'post_number': 1}"

static struct bench *forum(void)
{
    return bench_new(&network_discourse,
                     "{'url': 'https://forum.example/', 'user': 'cal', 'category': 3, 'categories': {'news': '5'}, 'tags': ['all']}",
                     "api_key");
}

static void thread_of_two(struct bench *b)
{
    b->parts[1].text = "second";
    b->content.part_count = 2;
}

static void a_topic_is_made_under_an_id_of_ours(void **state)
{
    (void)state;
    static const char *const categories[] = {"events", "news"};
    struct bench *b = forum();
    b->content.title = "Hello forum";
    b->content.link = "https://e.org/";
    b->content.categories = categories;
    b->content.category_count = 2;
    next(b);
    expect_step(b, STEP_CREATE, "POST", FORUM "/posts.json");
    assert_string_equal(b->step.name, "publish 1/1");
    assert_string_equal(header_of(b, "Api-Key"), "s3cret-token");
    assert_string_equal(header_of(b, "Api-Username"), "cal");
    expect_body(b, "{'category': 5, 'external_id': '" EXTERNAL "', 'raw': 'hello\\n\\nhttps://e.org/', 'tags': ['all'], "
                   "'title': 'Hello forum'}");
    answer(b, 200, NULL, TOPIC);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "12");
    assert_string_equal(b->outcome.url, FORUM "/t/hello/12");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void images_are_uploaded_and_stand_in_the_text(void **state)
{
    (void)state;
    struct bench *b = forum();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->content.body = "# Long\n\n![mine](a.png)";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", FORUM "/uploads.json");
    assert_string_equal(b->step.request.parts[0].value, "composer");
    assert_ptr_equal(b->step.request.parts[2].media, &b->media[0]);
    go_on(b, 200, "{'id': 1, 'short_url': 'upload://abc.png'}");
    expect_body(b, "{'category': 3, 'external_id': '" EXTERNAL "', 'raw': '# Long\\n\\n![mine](upload://abc.png)', "
                   "'tags': ['all'], 'title': 'hello'}");
    bench_free(b);
}

static void a_video_is_uploaded_before_the_topic_and_uploaded_once(void **state)
{
    (void)state;
    struct bench *b = forum();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->media[0].file = "clip.mp4";
    b->media[0].mime = "video/mp4";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", FORUM "/uploads.json");
    assert_string_equal(b->step.request.parts[2].name, "file");
    answer(b, 422, NULL, "{'errors': ['Sorry, the file you are trying to upload is not authorized']}");
    expect_outcome(b, OUTCOME_REFUSED);
    next(b);
    go_on(b, 200, "{'id': 1, 'short_url': 'upload://abc.mp4'}");
    expect_step(b, STEP_CREATE, "POST", FORUM "/posts.json");
    expect_body(b, "{'category': 3, 'external_id': '" EXTERNAL "', 'raw': 'hello\\n\\n![alt|video](upload://abc.mp4)', "
                   "'tags': ['all'], 'title': 'hello'}");
    find(b); /* its answer was lost */
    expect_step(b, STEP_PREPARE, "GET", FORUM "/t/external_id/" EXTERNAL ".json");
    bench_free(b);
}

static void the_parts_of_a_thread_are_replies(void **state)
{
    (void)state;
    struct bench *b = forum();
    thread_of_two(b);
    next(b);
    go_on(b, 200, TOPIC);
    assert_string_equal(b->step.name, "publish 2/2");
    expect_body(b, "{'raw': 'second', 'topic_id': 12}");
    answer(b, 200, NULL, "{'id': 71, 'topic_id': 12, 'topic_slug': 'hello', 'post_number': 2}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "12");
    bench_free(b);
}

static struct bench *publishing(void)
{
    struct bench *b = forum();
    next(b);
    return b;
}

#define LIMIT "{'errors': ['x'], 'error_type': 'rate_limit', 'extras': {'wait_seconds': 42}}"

static void publishing_ends_as_the_forum_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'post': " TOPIC "}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'action': 'enqueued', 'pending_post': {'id': 3}}", OUTCOME_DONE, SCOPE_POST, .says = "moderator"},
        {200, "{'id': 1}", OUTCOME_UNSURE, SCOPE_POST},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST},
        {403, "{'errors': ['You are not permitted to view the requested resource. The API username or key is invalid.'], 'error_type': 'invalid_access'}",
         OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "key does not work"},
        {403, "{'errors': ['Vous n\\u2019avez pas le droit.'], 'error_type': 'invalid_access'}", OUTCOME_REFUSED, SCOPE_POST},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "firewall"},
        {404, "{'errors': ['x'], 'error_type': 'not_found'}", OUTCOME_REFUSED, SCOPE_POST},
        {422, "{'errors': ['Title has already been used'], 'action': 'create_post'}", OUTCOME_REFUSED, SCOPE_POST,
         "somebody else's: nothing of ours was in doubt", .says = "already been used"},
        {429, LIMIT, OUTCOME_RETRY, SCOPE_ACCOUNT},
        {429, "!slow down", OUTCOME_RETRY, SCOPE_ACCOUNT, .headers = "retry-after: 7"},
        {500, "!<html>", OUTCOME_UNSURE, SCOPE_POST},
        {503, "{'errors': ['read only'], 'error_type': 'read_only'}", OUTCOME_UNSURE, SCOPE_POST},
        {301, "!", OUTCOME_REFUSED, SCOPE_ACCOUNT, .headers = "location: https://new.example/", .says = "new.example"},
    };
    each_answer(cases, publishing, answer, NULL);
}

static void a_limit_is_waited_for_as_long_as_told(void **state)
{
    (void)state;
    struct bench *b = publishing();
    answer(b, 429, NULL, LIMIT);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(42));
    answer(b, 429, "retry-after: 7", "!slow down");
    assert_int_equal(b->outcome.at, SLOT + SECONDS(7));
    bench_free(b);
}

static struct bench *doubtful(void)
{
    struct bench *b = publishing();
    find(b);
    expect_step(b, STEP_PREPARE, "GET", FORUM "/t/external_id/" EXTERNAL ".json");
    return b;
}

static void a_topic_in_doubt_is_found_by_our_id(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {301, "!", OUTCOME_DONE, SCOPE_POST, .headers = "location: https://forum.example/t/hello/12.json"},
        {301, "!", OUTCOME_DONE, SCOPE_POST, .headers = "location: /t/12"},
        {301, "!", OUTCOME_UNSURE, SCOPE_POST, .headers = "location: https://forum.example/login"},
        {200, "{'id': 12, 'slug': 'hello'}", OUTCOME_DONE, SCOPE_POST},
        {404, "{'errors': ['x'], 'error_type': 'not_found'}", OUTCOME_NOT_FOUND, SCOPE_POST},
        {500, "!", OUTCOME_RETRY, SCOPE_POST},
        {429, LIMIT, OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, doubtful, answer_found, NULL);
    struct bench *b = doubtful();
    answer_found(b, 301, "location: https://forum.example/t/hello/12.json", "!");
    assert_string_equal(b->outcome.url, FORUM "/t/hello/12");
    bench_free(b);
}

static void what_arrives_after_a_look_up_is_found_by_the_next(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    answer_found(b, 404, NULL, "{'errors': ['x']}");
    for (int i = 0; i < 2; i++) {
        next(b);
        answer(b, 422, NULL, "{'errors': ['External ID has already been taken']}");
        expect_outcome(b, OUTCOME_UNSURE);
        find(b);
        answer_found(b, 404, NULL, "{'errors': ['x']}");
    }
    next(b);
    answer(b, 422, NULL, "{'errors': ['External ID has already been taken']}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static struct bench *doubtful_reply(void)
{
    struct bench *b = forum();
    thread_of_two(b);
    next(b);
    go_on(b, 200, TOPIC);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", FORUM "/t/12.json");
    return b;
}

#define STREAM(posts, ids) "{'id': 12, 'post_stream': {'posts': [{'id': 70, 'post_number': 1, 'username': 'cal'}" posts "], 'stream': [" ids "]}}"

static void a_reply_in_doubt_is_found_in_its_topic(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, STREAM("", "70"), OUTCOME_RETRY, SCOPE_POST, "its request may still be at work"},
        {200, STREAM(", {'id': 71, 'post_number': 2, 'username': 'eve'}", "70, 71"), OUTCOME_RETRY, SCOPE_POST},
        {200, STREAM("", "70, 71"), OUTCOME_UNSURE, SCOPE_POST, "more than is shown"},
        {200, STREAM(", {'id': 71, 'post_number': 2, 'username': 'Cal'}", "70, 71"), OUTCOME_NEXT, SCOPE_POST},
    };
    each_answer(cases, doubtful_reply, answer_found, NULL);
    struct bench *late = doubtful_reply();
    answer_found(late, 200, NULL, STREAM("", "70"));
    assert_int_equal(late->outcome.at, SLOT + SECONDS(60));
    late->job.now = SLOT + SECONDS(60);
    find(late);
    answer_found(late, 200, NULL, STREAM("", "70"));
    expect_outcome(late, OUTCOME_NOT_FOUND);
    bench_free(late);
    static const struct {
        const char *post;
        enum outcome_kind kind;
    } raws[] = {{"{'id': 71, 'topic_id': 12, 'post_number': 2, 'raw': 'second\\n'}", OUTCOME_DONE},
                {"{'id': 71, 'topic_id': 12, 'post_number': 2, 'raw': 'by hand'}", OUTCOME_UNSURE}};
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = doubtful_reply();
        answer_found(b, 200, NULL, STREAM(", {'id': 71, 'post_number': 2, 'username': 'cal'}", "70, 71"));
        find(b);
        expect_step(b, STEP_PREPARE, "GET", FORUM "/posts/71.json");
        answer_found(b, 200, NULL, raws[i].post);
        expect_outcome(b, raws[i].kind);
        bench_free(b);
    }
}

static void the_key_is_checked_alive(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'user': {'username': 'cal'}}", OUTCOME_DONE, SCOPE_ACCOUNT, .says = "cal on https://forum.example"},
        {200, "{}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {404, "{'errors': ['x'], 'error_type': 'not_found'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "no user 'cal'"},
        {403, "{'errors': ['API'], 'error_type': 'invalid_access'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = forum();
        b->job.content = NULL;
        network_discourse.verify(&b->job, b->arena, &b->step);
        expect_step(b, STEP_PREPARE, "GET", FORUM "/u/cal.json");
        struct response response = response_of(b->arena, cases[i].status, NULL, cases[i].body);
        network_discourse.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
        check_case(&b->outcome, &cases[i]);
        bench_free(b);
    }
}

static void the_forums_limits_are_held_when_it_is_planned(void **state)
{
    (void)state;
    static const struct {
        const char *options, *title, *text;
        size_t errors;
    } cases[] = {
        {"{}", "A title of some length", "A text of more than twenty.", 0},
        {"{}", "Short", "A text of more than twenty.", 1},
        {"{}", "A title of some length", "Short.", 1},
        {"{'min_title': 3, 'min_characters': 3}", "Short", "Short.", 0},
        {"{'max_title': 10, 'max_tags': 1, 'tags': ['a', 'b']}", "A title of some length", "A text of more than twenty.", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new(&network_discourse, cases[i].options, "api_key");
        struct diags diags = diags_in(b->arena);
        b->content.title = cases[i].title;
        b->parts[0].text = cases[i].text;
        network_discourse.check(&b->account, &b->content, &diags);
        assert_int_equal(diags.errors, cases[i].errors);
        bench_free(b);
    }
    struct bench *b = bench_new(&network_discourse, "{'categories': {'news': 'c/news'}}", "api_key");
    struct error err = {0};
    assert_false(network_discourse.check_account(&b->account, &err));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_is_made_under_an_id_of_ours),
        cmocka_unit_test(images_are_uploaded_and_stand_in_the_text),
        cmocka_unit_test(a_video_is_uploaded_before_the_topic_and_uploaded_once),
        cmocka_unit_test(the_parts_of_a_thread_are_replies),
        cmocka_unit_test(publishing_ends_as_the_forum_says),
        cmocka_unit_test(a_limit_is_waited_for_as_long_as_told),
        cmocka_unit_test(a_topic_in_doubt_is_found_by_our_id),
        cmocka_unit_test(what_arrives_after_a_look_up_is_found_by_the_next),
        cmocka_unit_test(a_reply_in_doubt_is_found_in_its_topic),
        cmocka_unit_test(the_key_is_checked_alive),
        cmocka_unit_test(the_forums_limits_are_held_when_it_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
