/* The Lemmy driver, step by step against answers as an instance gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define BASE "https://l.example"
#define OPTIONS "'url': 'https://l.example/', 'community': 'news'"
#define WHO "{'my_user': {'local_user_view': {'person': {'id': 5, 'name': 'cal'}}}}"
#define COMMUNITY "{'community_view': {'community': {'id': 3}}}"
#define POST "{'post_view': {'post': {'id': 13}}}"
#define NO(word) "{'error': '" word "'}"

static struct bench *outside(void)
{
    struct bench *b = bench_new(&network_lemmy, "{" OPTIONS "}", "token");
    next(b);
    return b;
}

static struct bench *inside(void)
{
    struct bench *b = outside();
    go_on(b, 200, WHO);
    go_on(b, 200, COMMUNITY);
    return b;
}

static struct bench *publishing(void)
{
    struct bench *b = inside();
    go_on(b, 200, "{'posts': [{'post': {'id': 12}}, {'post': {'id': 7}}]}");
    return b;
}

static void a_post_goes_to_the_community_after_the_newest_was_noted(void **state)
{
    (void)state;
    struct bench *b = outside();
    expect_step(b, STEP_SESSION, "GET", BASE "/api/v3/site");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    go_on(b, 200, WHO);
    expect_step(b, STEP_SESSION, "GET", BASE "/api/v3/community?name=news");
    go_on(b, 200, COMMUNITY);
    expect_step(b, STEP_PREPARE, "GET", BASE "/api/v3/user?person_id=5&sort=New&limit=10&page=1");
    go_on(b, 200, "{'posts': []}");
    expect_memo(b, "{'after': 0}");
    expect_step(b, STEP_CREATE, "POST", BASE "/api/v3/post");
    expect_body(b, "{'name': 'hello', 'community_id': 3}");
    answer(b, 200, NULL, POST);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "13");
    assert_string_equal(b->outcome.url, BASE "/post/13");
    bench_free(b);
}

static void link_and_first_image_are_the_posts_address(void **state)
{
    (void)state;
    static const struct {
        const char *link, *title, *warning, *body, *expected;
    } cases[] = {
        {"https://e.org/", "Title", NULL, NULL,
         "{'name': 'Title', 'community_id': 3, 'url': 'https://e.org/', "
         "'body': 'hello\\n\\n![alt](" BASE "/pictrs/image/x.png)'}"},
        {NULL, "Two\nlines", "Snow", NULL,
         "{'name': 'Two lines', 'community_id': 3, 'url': '" BASE "/pictrs/image/x.png', 'alt_text': 'alt', "
         "'body': '**Snow**\\n\\nhello', 'nsfw': true}"},
        {NULL, "Title", NULL, "![mine](a.png)",
         "{'name': 'Title', 'community_id': 3, 'body': '![mine](" BASE "/pictrs/image/x.png)'}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = inside();
        b->content.link = cases[i].link;
        b->content.title = cases[i].title;
        b->content.warning = cases[i].warning;
        b->content.body = cases[i].body;
        b->parts[0].media = b->media;
        b->parts[0].media_count = 1;
        next(b);
        expect_step(b, STEP_PREPARE, "POST", BASE "/pictrs/image");
        assert_string_equal(b->step.request.parts[0].name, "images[]");
        go_on(b, 201, "{'msg': 'ok', 'files': [{'file': 'x.png', 'delete_token': 't'}]}");
        go_on(b, 200, "{'posts': []}");
        expect_body(b, cases[i].expected);
        bench_free(b);
    }
}

static void the_parts_of_a_thread_are_comments_each_below_the_other(void **state)
{
    (void)state;
    struct bench *b = inside();
    b->parts[1].text = "second";
    b->parts[2].text = "third";
    b->content.part_count = 3;
    next(b);
    go_on(b, 200, "{'posts': []}");
    go_on(b, 200, POST);
    expect_step(b, STEP_CREATE, "POST", BASE "/api/v3/comment");
    expect_body(b, "{'content': 'second', 'post_id': 13}");
    go_on(b, 200, "{'comment_view': {'comment': {'id': 70}}}");
    expect_body(b, "{'content': 'third', 'post_id': 13, 'parent_id': 70}");
    answer(b, 200, NULL, "{'comment_view': {'comment': {'id': 71}}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, BASE "/post/13");
    bench_free(b);
}

static void publishing_ends_as_the_instance_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{}", OUTCOME_UNSURE, SCOPE_POST, "no post named"},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {429, NO("too_many_requests"), OUTCOME_RETRY, SCOPE_ACCOUNT, "1.0"},
        {400, NO("rate_limit_error"), OUTCOME_RETRY, SCOPE_ACCOUNT, "0.19"},
        {429, "!slow down", OUTCOME_RETRY, SCOPE_ACCOUNT, "a proxy"},
        {401, NO("not_logged_in"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {400, NO("not_logged_in"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {400, NO("incorrect_login"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {401, "{}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {400, NO("site_ban"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "banned"},
        {400, NO("person_is_banned_from_community"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "banned"},
        {400, NO("only_mods_can_post_in_community"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "moderators"},
        {400, NO("couldnt_find_community"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "'community'"},
        {400, NO("invalid_post_title"), OUTCOME_REFUSED, SCOPE_POST, .says = "title"},
        {400, NO("invalid_body_field"), OUTCOME_REFUSED, SCOPE_POST},
        {400, NO("invalid_url"), OUTCOME_REFUSED, SCOPE_POST},
        {400, NO("slurs"), OUTCOME_REFUSED, SCOPE_POST, .says = "forbids"},
        {400, NO("blocked_url"), OUTCOME_REFUSED, SCOPE_POST, .says = "link"},
        {400, NO("language_not_allowed"), OUTCOME_REFUSED, SCOPE_POST, .says = "language"},
        {400, NO("unheard_of"), OUTCOME_REFUSED, SCOPE_POST, .says = "unheard_of"},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "firewall"},
        {500, NO("unknown"), OUTCOME_UNSURE, SCOPE_POST},
        {504, "!", OUTCOME_UNSURE, SCOPE_POST},
    };
    each_answer(cases, publishing, answer, NULL);
}

static struct bench *doubtful(void)
{
    struct bench *b = publishing();
    answer(b, 504, NULL, "!");
    find(b);
    expect_step(b, STEP_PREPARE, "GET", BASE "/api/v3/user?person_id=5&sort=New&limit=50&page=1");
    b->job.now += MINUTES(2);
    return b;
}

#define POSTED(id, community, name) "{'post': {'id': " id ", 'community_id': " community ", 'name': '" name "'}}"

static void a_post_in_doubt_is_the_one_after_the_noted_under_our_title(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'posts': [" POSTED("13", "3", "hello ") "]}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'posts': [" POSTED("12", "3", "hello") "]}", OUTCOME_NOT_FOUND, SCOPE_POST, "an older one"},
        {200, "{'posts': [" POSTED("13", "4", "hello") "]}", OUTCOME_NOT_FOUND, SCOPE_POST, "elsewhere"},
        {200, "{'posts': [" POSTED("13", "3", "bye") "]}", OUTCOME_NOT_FOUND, SCOPE_POST, "another"},
        {200, "{}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {401, "{}", OUTCOME_UNSURE, SCOPE_ACCOUNT, .reconnect = true},
        {500, "!", OUTCOME_RETRY, SCOPE_POST},
    };
    each_answer(cases, doubtful, answer_found, NULL);
    struct bench *b = doubtful();
    b->job.now = SLOT + SECONDS(5);
    answer_found(b, 200, NULL, "{'posts': []}");
    expect_outcome(b, OUTCOME_RETRY); /* it may still come */
    bench_free(b);
}

static void a_full_page_of_newer_posts_is_turned(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    const char *posts = POSTED("99", "4", "x");
    for (int i = 1; i < 50; i++)
        posts = arena_printf(b->arena, "%s, %s", posts, POSTED("99", "4", "x"));
    answer_found(b, 200, NULL, arena_printf(b->arena, "{'posts': [%s]}", posts));
    expect_outcome(b, OUTCOME_NEXT);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", BASE "/api/v3/user?person_id=5&sort=New&limit=50&page=2");
    bench_free(b);
}

static struct bench *doubtful_comment(void)
{
    struct bench *b = inside();
    b->parts[1].text = "second";
    b->content.part_count = 2;
    next(b);
    go_on(b, 200, "{'posts': []}");
    go_on(b, 200, POST);
    answer(b, 504, NULL, "!");
    find(b);
    expect_step(b, STEP_PREPARE, "GET", BASE "/api/v3/comment/list?post_id=13&sort=New&limit=50&type_=All");
    b->job.now += MINUTES(2);
    return b;
}

#define COMMENT(creator, text) "{'comment': {'id': 70, 'creator_id': " creator ", 'content': '" text "'}}"

static void a_comment_in_doubt_is_looked_for_below_its_post(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'comments': [" COMMENT("5", "second") "]}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'comments': [" COMMENT("6", "second") "]}", OUTCOME_NOT_FOUND, SCOPE_POST, "somebody else's"},
        {200, "{'comments': [" COMMENT("5", "by hand") "]}", OUTCOME_UNSURE, SCOPE_POST},
        {200, "{'comments': []}", OUTCOME_NOT_FOUND, SCOPE_POST},
    };
    each_answer(cases, doubtful_comment, answer_found, NULL);
}

static struct bench *with_password(void)
{
    struct bench *b = bench_new(&network_lemmy, "{" OPTIONS ", 'user': 'cal'}", "password");
    next(b);
    expect_step(b, STEP_SESSION, "POST", BASE "/api/v3/user/login");
    expect_body(b, "{'username_or_email': 'cal', 'password': 's3cret-token'}");
    return b;
}

static void a_log_in_ends_as_the_instance_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'jwt': 'a.b.c'}", OUTCOME_NEXT, SCOPE_POST},
        {200, "{'registration_created': false}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "no token"},
        {401, NO("incorrect_login"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "password"},
        {400, NO("missing_totp_token"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "second factor"},
        {400, NO("registration_application_is_pending"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "accepted"},
        {400, NO("rate_limit_error"), OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, with_password, answer, NULL);
}

static void a_token_that_ended_is_made_anew(void **state)
{
    (void)state;
    struct bench *b = with_password();
    go_on(b, 200, "{'jwt': 'a.b.c'}");
    assert_string_equal(header_of(b, "Authorization"), "Bearer a.b.c");
    answer(b, 200, NULL, "{'my_user': null}");
    expect_outcome(b, OUTCOME_RETRY); /* it was made just now */
    go_on(b, 200, WHO);
    go_on(b, 200, COMMUNITY);
    b->job.now += MINUTES(2);
    answer(b, 401, NULL, NO("not_logged_in"));
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "POST", BASE "/api/v3/user/login");
    bench_free(b);
}

static void what_lemmy_does_not_take_is_told_when_it_is_planned(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        size_t errors;
    } cases[] = {{"A title", 0}, {"Hi", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new(&network_lemmy, "{" OPTIONS "}", "token");
        struct diags diags = diags_in(b->arena);
        b->content.title = cases[i].title;
        network_check(&b->account, &b->content, NULL, NULL, &diags);
        assert_int_equal(diags.errors, cases[i].errors);
        bench_free(b);
    }
    struct error err = {0};
    struct bench *b = bench_new(&network_lemmy, "{'url': 'https://l.example', 'community': '!news@l.example'}", "token");
    assert_false(network_lemmy.check_account(&b->account, &err));
    bench_free(b);
}

static void the_token_is_checked_alive(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, WHO, OUTCOME_DONE, SCOPE_ACCOUNT, .says = "cal in !news"},
        {200, "{}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = inside();
        b->job.content = NULL;
        network_lemmy.verify(&b->job, b->arena, &b->step);
        expect_step(b, STEP_PREPARE, "GET", BASE "/api/v3/site");
        struct response response = response_of(b->arena, cases[i].status, NULL, cases[i].body);
        network_lemmy.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
        check_case(&b->outcome, &cases[i]);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_goes_to_the_community_after_the_newest_was_noted),
        cmocka_unit_test(link_and_first_image_are_the_posts_address),
        cmocka_unit_test(the_parts_of_a_thread_are_comments_each_below_the_other),
        cmocka_unit_test(publishing_ends_as_the_instance_says),
        cmocka_unit_test(a_post_in_doubt_is_the_one_after_the_noted_under_our_title),
        cmocka_unit_test(a_full_page_of_newer_posts_is_turned),
        cmocka_unit_test(a_comment_in_doubt_is_looked_for_below_its_post),
        cmocka_unit_test(a_log_in_ends_as_the_instance_says),
        cmocka_unit_test(a_token_that_ended_is_made_anew),
        cmocka_unit_test(what_lemmy_does_not_take_is_told_when_it_is_planned),
        cmocka_unit_test(the_token_is_checked_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
