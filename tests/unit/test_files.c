/* The files driver: what pages are called, what is in them, what came of writing them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/driver.h"
#include "network/drivers.h"

#define KEY "00112233445566778899aabbccddeeff"

static struct bench *site(const char *options)
{
    struct bench *b = bench_new(&network_files, options, NULL);
    b->account.secret_count = 0;
    return b;
}

static const char *page_of(const char *options)
{
    struct bench *b = site(options);
    static char page[200];
    b->job.post_id = "merci@2026-12-04 é/..";
    b->job.utc_offset = 3600 * 17;
    next(b);
    snprintf(page, sizeof page, "%s", b->step.request.directory->page);
    assert_true(driver_is_path(page));
    bench_free(b);
    return page;
}

static void a_page_is_called_by_its_slot_and_its_post(void **state)
{
    (void)state;
    assert_string_equal(page_of("{'directory': '/s'}"), "2026-12-02-merci-2026-12-04----...md");
    assert_string_equal(page_of("{'directory': '/s', 'path': 'content/{{ post }}/{{hour}}{{minute}}.md'}"),
                        "content/merci-2026-12-04----../0100.md");
    assert_string_equal(page_of("{'directory': '/s', 'path': '{{account}}/{{language}}/{{slug}}'}"),
                        "acct/und/merci-2026-12-04----.."); /* BCP 47 has a word for none, too */
}

static void the_page_says_all_and_names_its_images(void **state)
{
    (void)state;
    static const char *const tags[] = {"Neige", "club"}, *const categories[] = {"vie: \"locale\""};
    struct bench *b = site(
        "{'directory': '/s', 'path': 'posts/{{slug}}.md', 'permalink': 'https://e.org/{{year}}/{{slug}}/', "
        "'tags': ['club'], 'front_matter': {'layout': 'post'}}");
    b->job.utc_offset = -34 * 60 * 15; /* -08:30 */
    b->parts[0].text = "one\nmore";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    b->parts[1].text = "two --- https://e.org/x";
    b->content.part_count = 2;
    b->media[0].sha256 = "abcdef0123456789";
    b->media[1].sha256 = "123456780000";
    b->media[1].mime = "image/jpeg";
    b->media[1].file = "b.jpg";
    b->content.title = "A: \"title\" \xE2\x80\xA8# no";
    b->content.slug = "a-title";
    b->content.summary = "short";
    b->content.language = "fr";
    b->content.link = "https://e.org/x";
    b->content.tags = tags;
    b->content.tag_count = 2;
    b->content.categories = categories;
    b->content.category_count = 1;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    assert_null(b->step.request.url);
    assert_string_equal(b->step.request.directory->root, "/s");
    assert_string_equal(b->step.request.directory->mark, "cald: \"" KEY "\"");
    assert_string_equal(
        b->step.request.body,
        "---\ntitle: \"A: \\\"title\\\" \\u2028# no\"\ndate: 2026-11-30T23:30:00-08:30\nslug: \"a-title\"\n"
        "description: \"short\"\ntags: [\"club\",\"Neige\"]\ncategories: [\"vie: \\\"locale\\\"\"]\n"
        "lang: \"fr\"\nlink: \"https://e.org/x\"\n"
        "images: [\"a-title-1-abcdef01.png\",\"a-title-2-12345678.jpg\"]\nlayout: \"post\"\n"
        "cald: \"" KEY "\"\n---\n\n"
        "one  \nmore\n\ntwo --- https://e.org/x\n\n![alt](a-title-1-abcdef01.png)\n\n"
        "![alt](a-title-2-12345678.jpg)\n");
    assert_int_equal(b->step.request.part_count, 2);
    assert_string_equal(b->step.request.parts[1].name, "posts/a-title-2-12345678.jpg");
    answer(b, 201, NULL, "!written");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://e.org/2026/a-title/");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void toml_and_a_folder_for_images(void **state)
{
    (void)state;
    struct bench *b = site(
        "{'directory': '/s', 'format': 'toml', 'images': 'static/{{year}}', 'image_url': '/img/{{year}}/'}");
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->parts[0].text = "";
    b->media[0].sha256 = "abcdef0123456789";
    b->content.body = "# Hi\n\n![see](a.png)";
    next(b);
    assert_string_equal(b->step.request.body,
                        "+++\ntitle = \"Hi\"\ndate = 2026-12-01T08:00:00Z\n"
                        "images = [\"/img/2026/p-1-abcdef01.png\"]\ncald = \"" KEY "\"\n+++\n\n"
                        "# Hi\n\n![see](/img/2026/p-1-abcdef01.png)\n");
    assert_string_equal(b->step.request.parts[0].name, "static/2026/p-1-abcdef01.png");
    bench_free(b);
}

static struct bench *written(void)
{
    struct bench *b = site("{'directory': '/s'}");
    next(b);
    return b;
}

static void writing_ends_as_the_disk_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "!there", OUTCOME_DONE, SCOPE_POST, "by a life before"},
        {201, "!", OUTCOME_DONE, SCOPE_POST},
        {400, "!leads out", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "leads out"},
        {403, "!no", OUTCOME_RETRY, SCOPE_ACCOUNT, "its rights may be mended"},
        {404, "!no", OUTCOME_RETRY, SCOPE_ACCOUNT, "it may be mounted late"},
        {409, "!taken", OUTCOME_REFUSED, SCOPE_POST},
        {410, "!changed", OUTCOME_REFUSED, SCOPE_POST},
        {500, "!fsync", OUTCOME_UNSURE, SCOPE_POST, "it is put there again, and found"},
        {503, "!io", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {507, "!full", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, written, answer, NULL);
}

static void a_path_is_fixed_once_something_may_be_there(void **state)
{
    (void)state;
    struct bench *b = written();
    answer(b, 507, NULL, "!full");
    b->content.slug = "other"; /* it was edited meanwhile */
    next(b);
    assert_string_equal(b->step.request.directory->page, "2026-12-01-other.md");
    answer(b, 500, NULL, "!fsync");
    b->content.slug = "third";
    b->job.lost = true;
    next(b);
    assert_string_equal(b->step.request.directory->page, "2026-12-01-other.md");
    answer(b, 507, NULL, "!full"); /* says nothing of the try before */
    next(b);
    assert_string_equal(b->step.request.directory->page, "2026-12-01-other.md");
    bench_free(b);
}

static void accounts_that_cannot_work_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options, *says; /* NULL: it can */
    } cases[] = {
        {"{'directory': '/s', 'path': '_posts/{{year}}/{{slug}}.md'}", NULL},
        {"{'directory': '/s', 'path': '/etc/{{slug}}.md'}", "within 'directory'"},
        {"{'directory': '/s', 'path': '../{{slug}}.md'}", "within 'directory'"},
        {"{'directory': '/s', 'path': 'a/../../{{slug}}'}", "within 'directory'"},
        {"{'directory': '/s', 'path': 'a//{{slug}}'}", "within 'directory'"},
        {"{'directory': '/s', 'path': './{{slug}}'}", "within 'directory'"},
        {"{'directory': '/s', 'path': '{{slug}}/'}", "within 'directory'"},
        {"{'directory': '/s', 'path': '{{day}}.md'}", "needs {{slug}}"},
        {"{'directory': '/s', 'path': '{{slag}}.md'}", "did you mean 'slug'"},
        {"{'directory': '/s', 'permalink': '/{{slug}}'}", "https://"},
        {"{'directory': '/s', 'permalink': 'https://e.org/{{x}}'}", "unknown placeholder 'x'"},
        {"{'directory': '/s', 'images': 'static'}", "needs 'image_url'"},
        {"{'directory': '/s', 'image_url': '/img'}", "'images'"},
        {"{'directory': '/s', 'images': '../up', 'image_url': '/img'}", "'images' must be a path"},
        {"{'directory': '/s', 'front_matter': {'cald': 'x'}}", "is cald's to write"},
        {"{'directory': '/s', 'front_matter': {'a b': 'x'}}", "must be a letter"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = site(cases[i].options);
        struct error err = {""};
        bool ok = network_files.check_account(&b->account, &err);
        if (ok != !cases[i].says || (!ok && !strstr(err.message, cases[i].says)))
            fail_msg("%s: %s", cases[i].options, ok ? "taken" : err.message);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_called_by_its_slot_and_its_post),
        cmocka_unit_test(the_page_says_all_and_names_its_images),
        cmocka_unit_test(toml_and_a_folder_for_images),
        cmocka_unit_test(writing_ends_as_the_disk_says),
        cmocka_unit_test(a_path_is_fixed_once_something_may_be_there),
        cmocka_unit_test(accounts_that_cannot_work_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
