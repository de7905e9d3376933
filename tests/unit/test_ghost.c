/* The Ghost driver, step by step against answers as its Admin API gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define API "https://blog.example/ghost/api/admin/"
#define DRAFT "{'posts': [{'id': '5f0', 'slug': 'cald-0011223344556677', 'status': 'draft', 'updated_at': '2026-12-01T07:00:00.000Z', 'url': 'https://blog.example/p/x/'}]}"
#define CHANGED "{'posts': [{'id': '5f0', 'slug': 'cald-0011223344556677', 'status': 'draft', 'updated_at': '2026-12-01T07:30:00.000Z'}]}"
#define PUBLISHED "{'posts': [{'id': '5f0', 'slug': 'hello', 'status': 'published', 'updated_at': '2026-12-01T08:00:00.000Z', 'url': 'https://blog.example/hello/'}]}"
#define ERROR(type, words) "{'errors': [{'type': '" type "', 'message': '" words "'}]}"
#define MISSING ERROR("NotFoundError", "Post not found.")
#define COLLISION ERROR("UpdateCollisionError", "Saving failed! Someone else is editing this post.")

static struct bench *blog_with(const char *more)
{
    struct arena *arena = arena_new();
    struct bench *b = bench_new(&network_ghost,
                                arena_printf(arena, "{'url': 'https://blog.example/'%s}", more), "key");
    arena_free(arena);
    b->secret.value = "6489:0a0b";
    return b;
}

static struct bench *blog(void)
{
    return blog_with("");
}

static struct bench *drafted(void)
{
    struct bench *b = blog();
    next(b);
    go_on(b, 404, MISSING);
    go_on(b, 201, DRAFT);
    return b;
}

static void a_post_is_drafted_whole_and_published_under_its_updated_at(void **state)
{
    (void)state;
    static const char *const tags[] = {"snow", "News"}, *const categories[] = {"News"};
    struct bench *b = blog_with(", 'tags': ['all'], 'author': 'a@e.org', 'access': 'members'");
    b->content.title = "Hello";
    b->content.summary = "Short";
    b->content.link = "https://e.org/";
    b->content.tags = tags;
    b->content.tag_count = 2;
    b->content.categories = categories;
    b->content.category_count = 1;
    next(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/slug/cald-0011223344556677/");
    assert_string_equal(header_of(b, "Accept-Version"), "v5.0");
    go_on(b, 404, MISSING);
    expect_step(b, STEP_PREPARE, "POST", API "posts/?source=html");
    assert_non_null(json_member(b->step.memo, "doubt"));
    expect_body(b, "{'posts': [{'authors': [{'email': 'a@e.org'}], 'canonical_url': null, 'custom_excerpt': 'Short', "
                   "'feature_image': null, 'feature_image_alt': null, 'html': '<p>hello</p>\\n<p><a href=\\\"https://e.org/\\\">https://e.org/</a></p>\\n', "
                   "'slug': 'cald-0011223344556677', 'status': 'draft', 'tags': ['News', 'all', 'snow'], 'title': 'Hello', "
                   "'visibility': 'members'}]}");
    go_on(b, 201, DRAFT);
    expect_step(b, STEP_CREATE, "PUT", API "posts/5f0/");
    expect_body(b, "{'posts': [{'slug': 'Hello', 'status': 'published', 'updated_at': '2026-12-01T07:00:00.000Z'}]}");
    answer(b, 200, NULL, PUBLISHED);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://blog.example/hello/");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

/* {"alg":"HS256","kid":"6489","typ":"JWT"} . {"iat":1796112000,"exp":1796112300,"aud":"/admin/"} under 0x0a 0x0b */
static void each_request_has_a_token_of_its_own(void **state)
{
    (void)state;
    struct bench *b = blog();
    next(b);
    const char *first = arena_strdup(b->arena, header_of(b, "Authorization"));
    assert_memory_equal(first, "Ghost eyJhbGciOiJIUzI1NiIsImtpZCI6IjY0ODkiLCJ0eXAiOiJKV1QifQ."
                               "eyJpYXQiOjE3OTYxMTIwMDAsImV4cCI6MTc5NjExMjMwMCwiYXVkIjoiL2FkbWluLyJ9.", 122);
    b->job.now += 1000;
    next(b);
    assert_string_not_equal(header_of(b, "Authorization"), first);
    bench_free(b);
}

static void videos_and_documents_have_doors_of_their_own(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->media[0] = (struct media){.file = "a.mp4", .alt = "", .mime = "video/mp4", .sha256 = "aa"};
    b->media[1] = (struct media){.file = "b.pdf", .alt = "", .mime = "application/pdf", .sha256 = "bb"};
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "media/upload/");
    assert_int_equal(b->step.request.part_count, 2); /* no purpose */
    answer(b, 201, NULL, "{'images': [{'url': 'https://blog.example/a.png'}]}");
    expect_outcome(b, OUTCOME_RETRY);
    go_on(b, 201, "{'media': [{'url': 'https://blog.example/a.mp4', 'thumbnail_url': null, 'ref': 'aa'}]}");
    expect_step(b, STEP_PREPARE, "POST", API "files/upload/");
    go_on(b, 201, "{'files': [{'url': 'https://blog.example/b.pdf', 'ref': 'bb'}]}");
    go_on(b, 404, MISSING);
    assert_non_null(strstr(b->step.request.body, "<p><a href=\\\"https://blog.example/b.pdf\\\">b.pdf</a></p>\\n<!--kg-card-begin: html-->"));
    assert_non_null(strstr(b->step.request.body, "<video controls"));
    assert_non_null(strstr(b->step.request.body, "\"feature_image\":null"));
    bench_free(b);
}

static void images_go_first_and_the_first_is_the_feature_image(void **state)
{
    (void)state;
    struct bench *b = blog_with(", 'canonical_link': true, 'html_card': true");
    b->content.link = "https://e.org/";
    b->media[0].sha256 = "aa";
    b->media[1].sha256 = "bb";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "images/upload/");
    assert_int_equal(b->step.request.part_count, 3);
    assert_string_equal(b->step.request.parts[0].value, "aa");
    assert_string_equal(b->step.request.parts[2].name, "file");
    assert_ptr_equal(b->step.request.parts[2].media, &b->media[0]);
    go_on(b, 201, "{'images': [{'url': 'https://blog.example/a.png', 'ref': 'aa'}]}");
    go_on(b, 201, "{'images': [{'url': 'https://blog.example/b.png', 'ref': 'bb'}]}");
    go_on(b, 404, MISSING);
    expect_body(b, "{'posts': [{'canonical_url': 'https://e.org/', 'custom_excerpt': null, 'feature_image': "
                   "'https://blog.example/a.png', 'feature_image_alt': 'alt', 'html': '<!--kg-card-begin: html-->\\n<p>hello</p>\\n"
                   "<figure><img src=\\\"https://blog.example/b.png\\\" alt=\\\"alt\\\" width=\\\"4\\\" height=\\\"3\\\" /></figure>\\n"
                   "<!--kg-card-end: html-->', 'slug': 'cald-0011223344556677', 'status': 'draft', 'tags': [], 'title': 'hello'}]}");
    bench_free(b);
}

static void a_newsletter_is_named_when_it_is_published(void **state)
{
    (void)state;
    struct bench *b = blog_with(", 'newsletter': 'weekly', 'newsletter_to': 'status:free'");
    next(b);
    go_on(b, 200, DRAFT);
    assert_string_equal(b->step.name, "fill draft");
    go_on(b, 200, DRAFT);
    expect_step(b, STEP_CREATE, "PUT", API "posts/5f0/?newsletter=weekly&email_segment=status%3Afree");
    bench_free(b);
}

static void a_draft_whose_answer_was_lost_is_found_by_its_slug_and_filled(void **state)
{
    (void)state;
    struct bench *b = blog();
    next(b);
    go_on(b, 404, MISSING);
    merge(b, b->step.memo); /* on disk before it left; then a new life begins */
    next(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/slug/cald-0011223344556677/");
    go_on(b, 200, DRAFT);
    expect_step(b, STEP_PREPARE, "PUT", API "posts/5f0/?source=html");
    go_on(b, 200, CHANGED);
    expect_body(b, "{'posts': [{'slug': 'hello', 'status': 'published', 'updated_at': '2026-12-01T07:30:00.000Z'}]}");
    bench_free(b);
}

static void a_changed_content_fills_the_draft_and_a_collision_is_looked_at(void **state)
{
    (void)state;
    struct bench *b = drafted();
    b->parts[0].text = "changed";
    next(b);
    assert_string_equal(b->step.name, "fill draft");
    answer(b, 409, NULL, COLLISION);
    expect_outcome(b, OUTCOME_RETRY);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/5f0/");
    go_on(b, 200, CHANGED);
    assert_string_equal(b->step.name, "fill draft");
    assert_non_null(strstr(b->step.request.body, "07:30:00"));
    answer(b, 409, NULL, COLLISION);
    next(b);
    answer(b, 200, NULL, PUBLISHED);
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "somebody made it 'published'"));
    bench_free(b);
}

static struct bench *publishing(void)
{
    struct bench *b = drafted();
    b->content.slug = "wish";
    next(b);
    go_on(b, 200, DRAFT);
    assert_int_equal(b->step.kind, STEP_CREATE);
    return b;
}

static void publishing_ends_as_ghost_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, PUBLISHED, OUTCOME_DONE, SCOPE_POST, .says = "'wish' was taken: it became 'hello'"},
        {200, "{'posts': [{'id': '5f0', 'status': 'sent'}]}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'posts': [{'id': '5f0', 'status': 'scheduled'}]}", OUTCOME_REFUSED, SCOPE_POST, .says = "'scheduled'"},
        {200, "{'posts': []}", OUTCOME_UNSURE, SCOPE_POST},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, .says = "without JSON"},
        {401, ERROR("UnauthorizedError", "Invalid token: jwt expired"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "clock",
         .reconnect = true},
        {403, ERROR("NoPermissionError", "No"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "may not"},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "firewall"},
        {404, MISSING, OUTCOME_REFUSED, SCOPE_POST, .says = "deleted"},
        {404, "!<html>", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "admin address"},
        {406, ERROR("RequestNotAcceptableError", "x"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "api_version"},
        {409, COLLISION, OUTCOME_UNSURE, SCOPE_POST, "our first try, or somebody's edit"},
        {413, "!<html>", OUTCOME_REFUSED, SCOPE_POST, .says = "413"},
        {415, ERROR("UnsupportedMediaTypeError", "x"), OUTCOME_REFUSED, SCOPE_POST, .says = "415"},
        {422, ERROR("ValidationError", "Validation failed for slug."), OUTCOME_REFUSED, SCOPE_POST, .says = "slug"},
        {429, "!slow down", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "429"},
        {500, ERROR("InternalServerError", "x"), OUTCOME_UNSURE, SCOPE_POST},
        {503, ERROR("MaintenanceError", "x"), OUTCOME_UNSURE, SCOPE_POST, "looked up, then tried again"},
    };
    each_answer(cases, publishing, answer, NULL);
}

static struct bench *looked_for(void)
{
    struct bench *b = publishing();
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/5f0/");
    return b;
}

static void a_doubtful_publication_is_looked_up(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, PUBLISHED, OUTCOME_DONE, SCOPE_POST},
        {200, CHANGED, OUTCOME_NOT_FOUND, SCOPE_POST},
        {200, "{'posts': [{'id': '5f0', 'status': 'scheduled'}]}", OUTCOME_UNSURE, SCOPE_POST},
        {404, MISSING, OUTCOME_UNSURE, SCOPE_POST, "somebody deleted it"},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, looked_for, answer_found, NULL);
}

static void a_draft_that_others_edit_is_published_as_it_is_but_not_for_ever(void **state)
{
    (void)state;
    struct bench *b = publishing();
    for (int i = 0; i < 3; i++) {
        answer(b, 409, NULL, COLLISION);
        expect_outcome(b, OUTCOME_UNSURE);
        find(b);
        answer_found(b, 200, NULL, CHANGED);
        expect_outcome(b, OUTCOME_NOT_FOUND);
        next(b);
        assert_int_equal(b->step.kind, STEP_CREATE);
        assert_non_null(strstr(b->step.request.body, "07:30:00"));
    }
    answer(b, 409, NULL, COLLISION);
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static void a_draft_is_taken_back_unless_somebody_changed_it(void **state)
{
    (void)state;
    struct bench *b = drafted();
    discard(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/5f0/");
    answer_discarded(b, 200, NULL, DRAFT);
    discard(b);
    expect_step(b, STEP_PREPARE, "DELETE", API "posts/5f0/");
    assert_null(json_member(b->job.memo, "post"));
    answer_discarded(b, 204, NULL, NULL);
    expect_outcome(b, OUTCOME_NEXT);
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
    static const char *const theirs[] = {CHANGED, PUBLISHED,
                                         "{'posts': [{'id': '5f0', 'slug': 'mine', 'status': 'draft'}]}"};
    for (size_t i = 0; i < 3; i++) {
        b = drafted();
        discard(b);
        answer_discarded(b, 200, NULL, theirs[i]);
        assert_non_null(strstr(b->outcome.message, "left alone"));
        discard(b);
        assert_int_equal(b->step.kind, STEP_DONE);
        bench_free(b);
    }
}

static void what_failed_to_be_deleted_is_looked_at_again(void **state)
{
    (void)state;
    struct bench *b = drafted();
    discard(b);
    answer_discarded(b, 200, NULL, DRAFT);
    discard(b);
    answer_discarded(b, 500, NULL, "!oops");
    expect_outcome(b, OUTCOME_RETRY);
    discard(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/slug/cald-0011223344556677/");
    answer_discarded(b, 404, NULL, MISSING);
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void the_key_is_checked_alive_and_its_form_before(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'posts': []}", OUTCOME_DONE, SCOPE_ACCOUNT, .says = "works on https://blog.example"},
        {200, "{'x': 1}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {401, ERROR("UnauthorizedError", "x"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    };
    for (size_t i = 0; i < 3; i++) {
        struct bench *b = blog();
        b->job.content = NULL;
        network_ghost.verify(&b->job, b->arena, &b->step);
        expect_step(b, STEP_PREPARE, "GET", API "posts/?limit=1&fields=id");
        struct response response = response_of(b->arena, cases[i].status, NULL, cases[i].body);
        network_ghost.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
        check_case(&b->outcome, &cases[i]);
        bench_free(b);
    }
    static const char *const keys[] = {"6489", "6489:", ":0a", "64:zz", "s3cret"};
    for (size_t i = 0; i < 5; i++) {
        struct bench *b = blog();
        struct error err = {0};
        assert_true(network_ghost.check_account(&b->account, &err));
        b->secret.value = keys[i];
        assert_false(network_ghost.check_account(&b->account, &err));
        assert_null(strstr(err.message, keys[i]));
        bench_free(b);
    }
}

static const char *text_of(struct bench *b, size_t count)
{
    char *text = arena_alloc(b->arena, count + 1);
    memset(text, 'x', count);
    text[count] = '\0';
    return text;
}

/* What a real Ghost refuses: tests/interop/test_ghost_driver.py asks it. */
static void limits_are_told_when_it_is_planned(void **state)
{
    (void)state;
    static const struct {
        size_t title, summary, alt;
        const char *tag, *category;
        size_t errors;
    } cases[] = {
        {255, 300, 191, "t,", "c", 0}, {256, 300, 191, "t", "c", 1},  {255, 301, 191, "t", "c", 1},
        {255, 300, 192, "t", "c", 1},  {255, 300, 191, ",t", "c", 1}, {256, 301, 192, ",t", ",c", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = blog();
        struct diags diags = diags_in(b->arena);
        const char *tags[] = {cases[i].tag}, *categories[] = {cases[i].category};
        struct media picture = {.mime = "image/png", .alt = text_of(b, cases[i].alt)};
        struct part part = {.text = "x", .media = &picture, .media_count = 1};
        b->content.title = text_of(b, cases[i].title);
        b->content.summary = text_of(b, cases[i].summary);
        b->content.parts = &part;
        b->content.part_count = 1;
        b->content.tags = tags;
        b->content.categories = categories;
        b->content.tag_count = b->content.category_count = 1;
        network_ghost.check(&b->account, &b->content, &diags);
        assert_int_equal(diags.errors, cases[i].errors);
        assert_int_equal(diags.warnings, 0);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_drafted_whole_and_published_under_its_updated_at),
        cmocka_unit_test(each_request_has_a_token_of_its_own),
        cmocka_unit_test(images_go_first_and_the_first_is_the_feature_image),
        cmocka_unit_test(videos_and_documents_have_doors_of_their_own),
        cmocka_unit_test(a_newsletter_is_named_when_it_is_published),
        cmocka_unit_test(a_draft_whose_answer_was_lost_is_found_by_its_slug_and_filled),
        cmocka_unit_test(a_changed_content_fills_the_draft_and_a_collision_is_looked_at),
        cmocka_unit_test(publishing_ends_as_ghost_says),
        cmocka_unit_test(a_doubtful_publication_is_looked_up),
        cmocka_unit_test(a_draft_that_others_edit_is_published_as_it_is_but_not_for_ever),
        cmocka_unit_test(a_draft_is_taken_back_unless_somebody_changed_it),
        cmocka_unit_test(what_failed_to_be_deleted_is_looked_at_again),
        cmocka_unit_test(the_key_is_checked_alive_and_its_form_before),
        cmocka_unit_test(limits_are_told_when_it_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
