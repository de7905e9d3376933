/* The WordPress driver, step by step against answers as a WordPress 6.1 gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define OPTIONS "{'url': 'https://blog.example/', 'user': 'cal'}"
#define INDEX "{'name': 'Blog', 'namespaces': ['oembed/1.0', 'wp/v2']}"
#define ME "{'id': 1, 'name': 'Cal', 'capabilities': {'edit_posts': true, 'publish_posts': true, 'upload_files': true}}"
#define API "https://blog.example/wp-json/wp/v2/"
#define POST_FIELDS "_fields=id,slug,status,link,featured_media,modified_gmt"
#define DRAFT "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'draft', 'link': 'https://blog.example/?p=5', 'featured_media': 0}"
#define PUBLISHED "{'id': 5, 'slug': 'hello', 'status': 'publish', 'link': 'https://blog.example/hello/', 'featured_media': 0}"

static struct bench *blog(void)
{
    return bench_new(&network_wordpress, OPTIONS, "application_password");
}

static void identify(struct bench *b)
{
    next(b);
    go_on(b, 200, INDEX);
    answer(b, 200, NULL, ME);
    expect_outcome(b, OUTCOME_NEXT);
}

static void make_draft(struct bench *b)
{
    identify(b);
    next(b);
    go_on(b, 200, "[]");
    answer(b, 201, NULL, DRAFT);
    expect_outcome(b, OUTCOME_NEXT);
}

static void a_post_is_drafted_filled_and_published(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->content.title = "Hello";
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://blog.example/wp-json/?_fields=name,namespaces");
    assert_string_equal(header_of(b, "Authorization"), "Basic Y2FsOnMzY3JldC10b2tlbg==");
    go_on(b, 200, INDEX);
    expect_step(b, STEP_SESSION, "GET", API "users/me?context=edit&_fields=id,name,slug,capabilities");
    go_on(b, 200, ME);
    expect_step(b, STEP_PREPARE, "GET",
                API "posts?slug=cald-0011223344556677&status=any&context=edit&" POST_FIELDS);
    go_on(b, 200, "[]");
    expect_step(b, STEP_PREPARE, "POST", API "posts?" POST_FIELDS);
    expect_body(b, "{'slug': 'cald-0011223344556677', 'status': 'draft', 'title': 'Hello'}");
    go_on(b, 201, DRAFT);
    expect_step(b, STEP_PREPARE, "POST", API "posts/5?" POST_FIELDS);
    expect_body(b, "{'content': '<p>hello</p>\\n', 'excerpt': '', 'featured_media': 0, 'title': 'Hello'}");
    go_on(b, 200, DRAFT);
    expect_step(b, STEP_CREATE, "POST", API "posts/5?" POST_FIELDS);
    expect_body(b, "{'slug': '', 'status': 'publish'}");
    answer(b, 200, NULL, PUBLISHED);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "5");
    assert_string_equal(b->outcome.url, "https://blog.example/hello/");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void without_pretty_permalinks_the_other_address_is_found(void **state)
{
    (void)state;
    struct bench *b = blog();
    next(b);
    answer(b, 404, NULL, "!<html>");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://blog.example/?rest_route=/&_fields=name,namespaces");
    go_on(b, 200, INDEX);
    expect_step(b, STEP_SESSION, "GET",
                "https://blog.example/?rest_route=/wp/v2/users/me&context=edit&_fields=id,name,slug,capabilities");
    bench_free(b);

    b = blog();
    next(b);
    go_on(b, 200, "!<html>");
    answer(b, 200, NULL, "!<html>");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    bench_free(b);
}

static void a_draft_whose_answer_was_lost_is_found_again(void **state)
{
    (void)state;
    struct bench *b = blog();
    identify(b);
    next(b);
    answer(b, 200, NULL, "[]");
    next(b); /* the creating request's answer never comes */
    b->job.lost = true;
    next(b);
    expect_step(b, STEP_PREPARE, "GET",
                API "posts?slug=cald-0011223344556677&status=any&context=edit&" POST_FIELDS);
    b->job.lost = false;
    go_on(b, 200, "[" DRAFT "]");
    expect_step(b, STEP_PREPARE, "POST", API "posts/5?" POST_FIELDS);
    bench_free(b);
}

static void a_draft_that_was_being_made_when_cald_died_is_found_again(void **state)
{
    (void)state;
    struct bench *b = blog();
    identify(b);
    next(b);
    go_on(b, 200, "[]");
    assert_string_equal(b->step.name, "make draft");
    merge(b, b->step.memo); /* on disk before the request leaves; then a new life begins */
    next(b);
    assert_string_equal(b->step.name, "find draft");
    go_on(b, 200, "[" DRAFT "]");
    assert_string_equal(b->step.name, "fill draft");
    assert_null(b->step.memo);
    bench_free(b);
}

static void a_server_error_while_drafting_is_looked_into(void **state)
{
    (void)state;
    struct bench *b = blog();
    identify(b);
    next(b);
    go_on(b, 200, "[]");
    answer(b, 500, NULL, "!<html>Fatal error");
    expect_outcome(b, OUTCOME_RETRY);
    next(b);
    assert_string_equal(b->step.name, "find draft");
    go_on(b, 200, "[]");
    assert_string_equal(b->step.name, "make draft");
    bench_free(b);
}

static void images_are_uploaded_described_and_placed(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->media[0].file = "media/Le Chalet!.PNG";
    b->media[0].sha256 = "aabbccddee";
    b->media[1].sha256 = "1122334455";
    b->media[1].alt = "";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    make_draft(b);
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "media?_fields=id,slug,source_url");
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    assert_string_equal(header_of(b, "Content-Type"), "image/png");
    assert_string_equal(header_of(b, "Content-Disposition"),
                        "attachment; filename=\"le-chalet-00112233aabbccdd.png\"");
    go_on(b, 201, "{'id': 8, 'slug': 'x', 'source_url': 'https://blog.example/u/8.png'}");
    answer(b, 500, "x-wp-upload-attachment-id: 9", "!<html>");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "media/9/post-process?_fields=id,slug,source_url");
    expect_body(b, "{'action': 'create-image-subsizes'}");
    go_on(b, 200, "{'id': 9, 'source_url': 'https://blog.example/u/9.png'}");
    expect_step(b, STEP_PREPARE, "POST", API "media/8?_fields=id,slug,source_url");
    expect_body(b, "{'alt_text': 'alt'}");
    go_on(b, 200, "{'id': 8}");
    assert_string_equal(b->step.name, "fill draft");
    expect_body(b, "{'content': '<p>hello</p>\\n<figure><img src=\\'https://blog.example/u/9.png\\' alt=\\'\\' "
                   "width=\\'4\\' height=\\'3\\' class=\\'wp-image-9\\' /></figure>\\n', 'excerpt': '', "
                   "'featured_media': 8, 'title': 'hello'}");
    answer(b, 200, NULL, DRAFT); /* which says featured_media 0 */
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "dropped the featured image (id 8)"));
    next(b);
    assert_string_equal(b->step.name, "upload image");
    bench_free(b);
}

static void a_video_and_a_document_stand_in_the_article_and_an_image_above_it(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 3;
    b->media[0] = (struct media){.file = "col.mov", .alt = "Le col", .mime = "video/quicktime", .sha256 = "aabbccddee", .width = 4, .height = 3};
    b->media[1] = (struct media){.file = "plan.pdf", .alt = "Le plan", .mime = "application/pdf", .sha256 = "bbbbccddee"};
    b->media[2].sha256 = "ccbbccddee";
    b->media[2].alt = "";
    make_draft(b);
    next(b);
    assert_string_equal(header_of(b, "Content-Disposition"), "attachment; filename=\"col-00112233aabbccdd.mov\"");
    go_on(b, 201, "{'id': 8, 'source_url': 'https://blog.example/u/8.mov'}");
    assert_string_equal(header_of(b, "Content-Disposition"), "attachment; filename=\"plan-00112233bbbbccdd.pdf\"");
    go_on(b, 201, "{'id': 9, 'source_url': 'https://blog.example/u/9.pdf'}");
    go_on(b, 201, "{'id': 10, 'source_url': 'https://blog.example/u/10.png'}");
    assert_string_equal(b->step.name, "fill draft"); /* alt texts are images' */
    expect_body(b, "{'content': '<p>hello</p>\\n<figure><video controls=\\'controls\\' preload=\\'metadata\\' "
                   "src=\\'https://blog.example/u/8.mov\\' title=\\'Le col\\' width=\\'4\\' height=\\'3\\' class=\\'wp-image-8\\'>"
                   "</video></figure>\\n<p><a href=\\'https://blog.example/u/9.pdf\\'>Le plan</a></p>\\n', 'excerpt': '', "
                   "'featured_media': 10, 'title': 'hello'}");
    bench_free(b);
}

static void a_lost_upload_is_looked_for_by_its_name(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->media[0].sha256 = "aabbccddee";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    make_draft(b);
    b->job.lost = true;
    next(b);
    expect_step(b, STEP_PREPARE, "GET", API "media?slug=a-00112233aabbccdd&_fields=id,slug,source_url");
    b->job.lost = false;
    go_on(b, 200, "[{'id': 8, 'source_url': 'https://blog.example/u/8.png'}]");
    assert_string_equal(b->step.name, "describe image");
    bench_free(b);
}

static void categories_and_tags_become_ids(void **state)
{
    (void)state;
    static const char *const tags[] = {"C#"}, *const categories[] = {"News & co", "Été"};
    struct bench *b = bench_new(&network_wordpress,
                                "{'url': 'https://blog.example', 'user': 'cal', 'categories': ['Été']}",
                                "application_password");
    b->content.tags = tags;
    b->content.tag_count = 1;
    b->content.categories = categories;
    b->content.category_count = 2;
    make_draft(b);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", API "categories?slug=%C3%89t%C3%A9&per_page=100&_fields=id,name");
    go_on(b, 200, "[]");
    expect_step(b, STEP_PREPARE, "GET", API "categories?slug=News-%26-co&per_page=100&_fields=id,name");
    go_on(b, 200, "[{'id': 3, 'name': 'news &amp; Co'}]");
    expect_step(b, STEP_PREPARE, "POST", API "categories?_fields=id,name,code,data");
    expect_body(b, "{'name': 'Été'}");
    go_on(b, 400, "{'code': 'term_exists', 'message': 'x', 'data': {'status': 400, 'term_id': 4}}");
    assert_string_equal(b->step.name, "find tag");
    answer(b, 200, NULL, "[{'id': 6, 'name': 'C'}]"); /* the same slug, another tag */
    next(b);
    assert_string_equal(b->step.name, "add tag");
    go_on(b, 201, "{'id': 7, 'name': 'C#'}");
    assert_string_equal(b->step.name, "fill draft");
    json_t *body = json_in_arena(b->arena, json_parse(b->step.request.body, b->step.request.body_length, NULL));
    assert_string_equal(print_in(b->arena, json_member(body, "categories")), "[4,3]");
    assert_string_equal(print_in(b->arena, json_member(body, "tags")), "[7]");
    bench_free(b);
}

static void a_changed_content_fills_the_draft_again(void **state)
{
    (void)state;
    struct bench *b = blog();
    make_draft(b);
    next(b);
    go_on(b, 200, DRAFT);
    assert_string_equal(b->step.name, "publish");
    b->parts[0].text = "changed";
    next(b);
    assert_string_equal(b->step.name, "fill draft");
    bench_free(b);
}

static struct bench *publishing(void)
{
    struct bench *b = blog();
    b->content.slug = "wish";
    make_draft(b);
    next(b);
    go_on(b, 200, DRAFT);
    assert_int_equal(b->step.kind, STEP_CREATE);
    return b;
}

static void publishing_ends_as_wordpress_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'id': 5, 'status': 'future', 'link': 'x'}", OUTCOME_REFUSED, SCOPE_POST, .says = "'future'"},
        {200, "{'id': 5, 'status': 'publish', 'slug': 'wish-2', 'link': 'https://blog.example/wish-2/'}",
         OUTCOME_DONE, SCOPE_POST, .says = "the slug 'wish' was taken: it became 'wish-2'"},
        {200, "!<b>Notice</b>", OUTCOME_UNSURE, SCOPE_POST, .says = "without JSON"},
        {500, "!<html>", OUTCOME_UNSURE, SCOPE_POST, .says = "500"},
        {503, "!<html>", OUTCOME_UNSURE, SCOPE_POST, .says = "503"},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "firewall"},
        {404, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "no longer where it was"},
        {403, "{'code': 'rest_cannot_publish', 'message': 'Sorry'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         .says = "role"},
        {401, "{'code': 'rest_cannot_create', 'message': 'Sorry'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         .says = "password", .reconnect = true},
        {404, "{'code': 'rest_post_invalid_id', 'message': 'Invalid post ID.'}", OUTCOME_REFUSED, SCOPE_POST,
         .says = "deleted"},
        {404, "{'code': 'rest_no_route', 'message': 'No route'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         .says = "switched off"},
        {400, "{'code': 'rest_invalid_param', 'message': 'Invalid parameter(s): slug'}", OUTCOME_REFUSED,
         SCOPE_POST, .says = "Invalid parameter(s): slug"},
        {413, "!<html>", OUTCOME_REFUSED, SCOPE_POST, .says = "413"},
    };
    each_answer(cases, publishing, answer, NULL);
}

static struct bench *looked_for(void)
{
    struct bench *b = blog();
    make_draft(b);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "posts/5?context=edit&_fields=id,slug,status,link");
    return b;
}

static void a_doubtful_publication_is_looked_up_by_its_id(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, PUBLISHED, OUTCOME_DONE, SCOPE_POST},
        {200, DRAFT, OUTCOME_NOT_FOUND, SCOPE_POST},
        {200, "{'id': 5, 'status': 'trash'}", OUTCOME_UNSURE, SCOPE_POST},
        {404, "{'code': 'rest_post_invalid_id', 'message': 'x'}", OUTCOME_UNSURE, SCOPE_POST},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, looked_for, answer_found, NULL);
}

static void the_credentials_are_checked_alive(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->job.content = NULL;
    for (int i = 0; i < 3; i++) {
        network_wordpress.verify(&b->job, b->arena, &b->step);
        assert_int_equal(b->step.kind, i < 2 ? STEP_SESSION : STEP_PREPARE);
        struct response response = response_of(b->arena, 200, NULL, i ? ME : INDEX);
        network_wordpress.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
        settle(b);
    }
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.message, "Cal on https://blog.example/");
    struct response no = response_of(b->arena, 200, NULL, "{'name': 'x', 'capabilities': {'edit_posts': true}}");
    network_wordpress.verified(&b->job, &b->step, &no, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "publish_posts"));
    bench_free(b);
}

/* ---- taken back ---- */

#define CHANGED "'modified_gmt': '2026-12-01T07:00:00'"
#define OURS "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'draft', " CHANGED "}"
#define INVALID_ID "{'code': 'rest_post_invalid_id', 'message': 'Invalid post ID.', 'data': {'status': 404}}"
#define LOOK API "posts/5?context=edit&_fields=id,slug,status,modified_gmt"

/* A draft with two images, as it is before its slot. */
static struct bench *drafted(void)
{
    struct bench *b = blog();
    identify(b);
    b->job.memo = json_of(b->arena, "{'post': 5, 'looked': true, 'filled': 'h', 'modified': '2026-12-01T07:00:00', "
                                    "'images': {'aa': {'id': 8, 'url': 'u'}, 'bb': {'id': 9, 'url': 'v'}}}");
    return b;
}

static void a_draft_and_its_images_are_taken_back(void **state)
{
    (void)state;
    struct bench *b = drafted();
    discard(b);
    expect_step(b, STEP_PREPARE, "GET", LOOK);
    answer_discarded(b, 200, NULL, OURS);
    discard(b);
    expect_step(b, STEP_PREPARE, "DELETE", API "posts/5?force=true");
    assert_null(json_member(b->job.memo, "post")); /* before it leaves: what is prepared anew does not fill it */
    assert_null(json_member(b->job.memo, "images"));
    answer_discarded(b, 200, NULL, "{'deleted': true}");
    expect_outcome(b, OUTCOME_NEXT);
    assert_string_equal(b->outcome.message, "its draft in WordPress was deleted");
    discard(b);
    expect_step(b, STEP_PREPARE, "GET", API "media/8?context=edit&_fields=id,post");
    answer_discarded(b, 200, NULL, "{'id': 8, 'post': null}");
    discard(b);
    expect_step(b, STEP_PREPARE, "DELETE", API "media/8?force=true");
    answer_discarded(b, 404, NULL, INVALID_ID); /* somebody was faster */
    discard(b);
    expect_step(b, STEP_PREPARE, "GET", API "media/9?context=edit&_fields=id,post");
    answer_discarded(b, 200, NULL, "{'id': 9, 'post': 77}"); /* it has become another post's */
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void what_somebody_made_something_of_stays(void **state)
{
    (void)state;
    static const char *const posts[] = {
        "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'publish', " CHANGED "}",
        "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'pending', " CHANGED "}",
        "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'trash', " CHANGED "}",
        "{'id': 5, 'slug': 'hello', 'status': 'draft', " CHANGED "}",
        "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'draft', 'modified_gmt': '2026-12-01T07:30:00'}",
    };
    for (size_t i = 0; i < sizeof posts / sizeof *posts; i++) {
        struct bench *b = drafted();
        discard(b);
        answer_discarded(b, 200, NULL, posts[i]);
        expect_outcome(b, OUTCOME_NEXT);
        assert_non_null(strstr(b->outcome.message, "left alone"));
        discard(b);
        assert_int_equal(b->step.kind, STEP_DONE);
        bench_free(b);
    }
}

static void before_each_deletion_it_is_looked_at_again(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum outcome_kind kind;
    } failures[] = {
        {500, "!oops", OUTCOME_RETRY},
        {429, "!slow down", OUTCOME_RETRY},
        {200, "!<br>a plugin speaks", OUTCOME_RETRY},
        {403, "{'code': 'rest_cannot_delete', 'message': 'Sorry.'}", OUTCOME_REFUSED},
    };
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct bench *b = drafted();
        discard(b);
        answer_discarded(b, 200, NULL, OURS);
        discard(b);
        answer_discarded(b, failures[i].status, NULL, failures[i].body);
        expect_outcome(b, failures[i].kind);
        discard(b);
        expect_step(b, STEP_PREPARE, "GET", LOOK);
        answer_discarded(b, 200, NULL, "{'id': 5, 'slug': 'cald-0011223344556677', 'status': 'publish', " CHANGED "}");
        discard(b);
        assert_int_equal(b->step.kind, STEP_DONE);
        bench_free(b);
    }
}

static void a_draft_whose_answer_was_lost_is_found_by_its_slug(void **state)
{
    (void)state;
    struct bench *b = blog();
    discard(b);
    assert_int_equal(b->step.kind, STEP_SESSION);
    identify(b);
    discard(b);
    expect_step(b, STEP_PREPARE, "GET",
                API "posts?slug=cald-0011223344556677&status=draft&context=edit&_fields=id,slug,status,modified_gmt");
    answer_discarded(b, 200, NULL, "[" OURS "]");
    discard(b);
    expect_step(b, STEP_PREPARE, "DELETE", API "posts/5?force=true");
    bench_free(b);
    b = blog();
    identify(b);
    discard(b);
    answer_discarded(b, 200, NULL, "[]");
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_drafted_filled_and_published),
        cmocka_unit_test(without_pretty_permalinks_the_other_address_is_found),
        cmocka_unit_test(a_draft_whose_answer_was_lost_is_found_again),
        cmocka_unit_test(a_draft_that_was_being_made_when_cald_died_is_found_again),
        cmocka_unit_test(a_server_error_while_drafting_is_looked_into),
        cmocka_unit_test(images_are_uploaded_described_and_placed),
        cmocka_unit_test(a_video_and_a_document_stand_in_the_article_and_an_image_above_it),
        cmocka_unit_test(a_lost_upload_is_looked_for_by_its_name),
        cmocka_unit_test(categories_and_tags_become_ids),
        cmocka_unit_test(a_changed_content_fills_the_draft_again),
        cmocka_unit_test(publishing_ends_as_wordpress_says),
        cmocka_unit_test(a_doubtful_publication_is_looked_up_by_its_id),
        cmocka_unit_test(the_credentials_are_checked_alive),
        cmocka_unit_test(a_draft_and_its_images_are_taken_back),
        cmocka_unit_test(what_somebody_made_something_of_stays),
        cmocka_unit_test(before_each_deletion_it_is_looked_at_again),
        cmocka_unit_test(a_draft_whose_answer_was_lost_is_found_by_its_slug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
