/* A content held against the facts of a network. The facts are the test's own, so that no driver's change breaks it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "base/diag.h"
#include "network/article.h"
#include "network/drivers.h"

static const char *const png_only[] = {"image/png", NULL};

static const struct network poor = { /* counts as Bluesky: 300 graphemes */
    .name = "bluesky", .features = 0};
static const struct network rich = {
    .name = "bluesky",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_TITLE | FEATURE_WARNING | FEATURE_VISIBILITY,
    .max_images = 2, .max_alt = 5, .max_image_bytes = 1000, .max_title = 4, .image_types = png_only};
static const char *const mp4_only[] = {"video/mp4", NULL}, *const h264[] = {"avc1", NULL}, *const aac[] = {"mp4a", NULL};
static const struct video_limits cinema_limits = {
    .types = mp4_only, .codecs = h264, .sounds = aac, .most = 1, .alone = true, .max_bytes = 1000,
    .min_length = 3000, .max_length = 60000, .max_width = 1920, .max_height = 1080, .max_pixels = 1000000,
    .min_shape = 80, .max_shape = 191};
static const struct network cinema = {
    .name = "bluesky", .features = FEATURE_IMAGES, .max_images = 2, .video = &cinema_limits};
static const struct video_limits gallery_limits = {.most = 3, .most_together = 3};
static const struct network gallery = {
    .name = "bluesky", .features = FEATURE_IMAGES, .max_images = 3, .video = &gallery_limits};

static const struct document_limits shelf_limits = {.most = 1, .alone = true, .max_bytes = 1000, .max_pages = 9};
static const struct network shelf = {
    .name = "bluesky", .features = FEATURE_IMAGES, .max_images = 3, .document = &shelf_limits};

static const struct network blog = {
    .name = "wordpress", .features = FEATURE_BODY | FEATURE_IMAGES, .max_images = 9};

static const char *whole(const struct content *content, size_t part, struct arena *arena)
{
    return article_markdown(content, part, NULL, 0, false, arena);
}

static const struct network forum = { /* as if Bluesky took Markdown */
    .name = "bluesky", .features = FEATURE_BODY | FEATURE_MARKDOWN | FEATURE_THREAD, .compose = whole};

static char long_text[400];

static void too_long(struct bench *b)
{
    memset(long_text, 'x', 312);
    b->parts[0].text = long_text;
}

static void long_second_part(struct bench *b)
{
    memset(long_text, 'x', 312);
    b->parts[1].text = long_text;
    b->content.part_count = 2;
}

static void two_parts(struct bench *b)
{
    b->parts[1].text = "second";
    b->content.part_count = 2;
}

static void thread_with_body(struct bench *b)
{
    two_parts(b);
    b->content.body = "# long";
}

static void long_body(struct bench *b)
{
    memset(long_text, 'x', 312);
    b->content.body = long_text;
}

static void image(struct bench *b)
{
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
}

static void three_images(struct bench *b)
{
    image(b);
    b->parts[0].media_count = 3;
}

static void bad_image(struct bench *b)
{
    image(b);
    b->media[0].alt = "sixsix";
    b->media[0].mime = "image/webp";
    b->media[0].size = 1001;
}

static void video(struct bench *b)
{
    image(b);
    b->media[0] = (struct media){.file = "a.mp4", .alt = "", .mime = "video/mp4", .size = 900, .width = 1280,
                                 .height = 720, .length = 9000, .codec = "avc1", .sound = "mp4a"};
}

static void bad_video(struct bench *b)
{
    video(b);
    b->media[0].mime = "video/quicktime";
    b->media[0].codec = "hvc1";
    b->media[0].sound = "lpcm";
    b->media[0].size = 1001;
    b->media[0].length = 60100;
    b->media[0].width = 4000;
    b->media[0].height = 1000;
}

static void short_silent_video(struct bench *b)
{
    video(b);
    b->media[0].sound = NULL;
    b->media[0].length = 2950;
}

static void video_and_image(struct bench *b)
{
    video(b);
    b->parts[0].media_count = 2;
}

static void two_videos_and_two_images(struct bench *b)
{
    video(b);
    b->media[1] = b->media[0];
    b->parts[0].media_count = 4;
}

static void document(struct bench *b)
{
    image(b);
    b->media[0] = (struct media){.file = "a.pdf", .alt = "", .mime = "application/pdf", .size = 900};
}

static void large_document(struct bench *b)
{
    document(b);
    b->media[0].size = 1001;
}

static void documents_and_image(struct bench *b)
{
    document(b);
    b->media[1] = b->media[0];
    b->parts[0].media_count = 3;
}

static void emoji_alt(struct bench *b)
{
    image(b);
    b->media[0].alt = "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧";
}

static void title(struct bench *b)
{
    b->content.title = "title";
}

static void unlisted(struct bench *b)
{
    b->content.visibility = VISIBILITY_UNLISTED;
}

static void warning(struct bench *b)
{
    b->content.warning = "food";
}

static void body_only(struct bench *b)
{
    b->content.body = "# long";
    b->parts[0].text = "";
}

static void html_body(struct bench *b)
{
    b->content.body = "a <b>c</b>";
}

static void body_with_images(struct bench *b)
{
    image(b);
    b->content.body = "![x](a.png) ![y](b.png)";
}

static void empty(struct bench *b)
{
    b->parts[0].text = " \n";
}

static void link_only(struct bench *b)
{
    empty(b);
    b->content.link = "https://e.org/";
}

static void language_and_tags(struct bench *b)
{
    static const char *const tags[] = {"a"};
    b->content.language = "fr";
    b->content.tags = b->content.categories = tags;
    b->content.tag_count = b->content.category_count = 1;
}

static void nothing_special(struct bench *b)
{
    (void)b;
}

static void what_a_network_lacks_is_found(void **state)
{
    (void)state;
    static const struct {
        const struct network *network;
        void (*make)(struct bench *b);
        const char *findings; /* "level rule: message" lines */
    } cases[] = {
        {&poor, nothing_special, ""},
        {&poor, too_long, "error text-length: text is 312 graphemes long, bluesky allows 300\n"},
        {&rich, long_second_part, "error text-length: part 2: text is 312 graphemes long, bluesky allows 300\n"},
        {&blog, too_long, ""},
        {&poor, two_parts, "error thread: bluesky has no threads: parts 2 to 2 would be lost\n"},
        {&rich, two_parts, ""},
        {&blog, thread_with_body, ""},
        {&poor, image, "error images: bluesky takes no images\n"},
        {&rich, image, ""},
        {&rich, three_images, "error image-count: 3 images, bluesky allows 2\n"},
        {&rich, bad_image,
         "error alt-text-length: alt text of 'a.png' is 6 graphemes long, bluesky allows 5\n"
         "error image-type: 'a.png' is image/webp, which bluesky does not take\n"
         "error image-size: 'a.png' has 1001 bytes, bluesky allows 1000\n"},
        {&rich, video, "error videos: bluesky takes no videos, or cald cannot bring them there; publish it elsewhere, and give its "
         "address as 'link'\n"},
        {&poor, video_and_image,
         "error images: bluesky takes no images\n"
         "error videos: bluesky takes no videos, or cald cannot bring them there; publish it elsewhere, and give its "
         "address as 'link'\n"},
        {&cinema, video, ""},
        {&cinema, bad_video,
         "error video-type: 'a.mp4' is video/quicktime, which bluesky does not take\n"
         "error video-codec: the picture of 'a.mp4' is coded as 'hvc1', which bluesky does not take\n"
         "error video-codec: the sound of 'a.mp4' is coded as 'lpcm', which bluesky does not take\n"
         "error video-size: 'a.mp4' has 1001 bytes, bluesky allows 1000\n"
         "error video-length: 'a.mp4' lasts 60.1 s, bluesky allows 60.0 s\n"
         "error video-frame: 'a.mp4' is 4000 × 1000 pixels, bluesky allows 1920 × 1080\n"
         "error video-frame: 'a.mp4' is 4000 × 1000 pixels, bluesky allows 1000000 in all\n"
         "error video-frame: 'a.mp4' is 4000 × 1000 pixels, bluesky takes shapes from 0.80:1 to 1.91:1\n"},
        {&cinema, short_silent_video, "error video-length: 'a.mp4' lasts 2.9 s, bluesky wants at least 3.0 s\n"},
        {&cinema, video_and_image, "error video-count: bluesky takes no images beside a video\n"},
        {&gallery, video_and_image, ""},
        {&shelf, document, ""},
        {&shelf, large_document, "error document-size: 'a.pdf' has 1001 bytes, bluesky allows 1000\n"},
        {&shelf, documents_and_image, "error document-count: 2 documents, bluesky allows 1\n"
                                      "error document-count: bluesky takes no images or videos beside a document\n"},
        {&rich, document, "error documents: bluesky takes no documents, or cald cannot bring them there\n"},
        {&gallery, two_videos_and_two_images, "error video-count: 4 images and videos, bluesky allows 3\n"},
        {&rich, emoji_alt, ""},
        {&poor, title, "warning title: bluesky has no titles: the title is not shown\n"},
        {&rich, title, "error title-length: title is 5 graphemes long, bluesky allows 4\n"},
        {&poor, unlisted,
         "error visibility: bluesky knows public posts only: 'unlisted' would be seen by everybody\n"},
        {&rich, unlisted, ""},
        {&poor, warning, "warning warning: bluesky has no content warnings: this one is not shown\n"},
        {&poor, body_only, "error body: bluesky has no long form and there is no text: add one, or a variant\n"},
        {&blog, body_only, ""},
        {&blog, html_body, "warning body: the body has raw HTML, which is left out: write it in Markdown\n"},
        {&poor, html_body, ""},
        {&forum, html_body, ""},
        {&forum, thread_with_body, ""},
        {&blog, long_body, ""},
        {&forum, long_body, "error text-length: text is 312 graphemes long, bluesky allows 300\n"},
        {&blog, body_with_images,
         "warning body: the body shows 'b.png', which is not among the post's media: add it there, or it will be missing\n"},
        {&poor, empty, "error empty: nothing to publish: no text, no image, no body\n"},
        {&poor, link_only, ""},
        {&poor, language_and_tags, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new(cases[i].network, "{}", "token");
        struct diags diags = diags_in(b->arena);
        const char *said = "";
        cases[i].make(b);
        network_check(&b->account, &b->content, b->job.session, NULL, &diags);
        for (size_t j = 0; j < diags.count; j++)
            said = arena_printf(b->arena, "%s%s %s: %s\n", said,
                                diags.items[j].level == DIAG_ERROR ? "error" : "warning", diags.items[j].rule,
                                diags.items[j].message);
        if (strcmp(said, cases[i].findings) != 0)
            fail_msg("case %zu: found '%s', expected '%s'", i, said, cases[i].findings);
        bench_free(b);
    }
}

static void a_finding_stands_where_the_post_stands(void **state)
{
    (void)state;
    struct bench *b = bench_new(&poor, "{}", "token");
    struct diags diags = diags_in(b->arena);
    struct diag where = {.file = "calendar.yaml", .line = 41, .column = 7, .post = "p"};
    b->content.visibility = VISIBILITY_DIRECT;
    network_check(&b->account, &b->content, b->job.session, &where, &diags);
    assert_int_equal(diags.errors, 1);
    assert_string_equal(diags.items[0].file, "calendar.yaml");
    assert_int_equal(diags.items[0].line, 41);
    assert_string_equal(diags.items[0].post, "p");
    assert_string_equal(diags.items[0].account, "acct");
    bench_free(b);
}

static void an_accounts_own_limit_counts(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook, "{'url': 'https://e.org', 'limit': 4}", "token");
    struct diags diags = diags_in(b->arena);
    network_check(&b->account, &b->content, b->job.session, NULL, &diags);
    assert_int_equal(diags.errors, 1);
    assert_non_null(strstr(diags.items[0].message, "allows 4"));
    bench_free(b);
}

static void a_driver_adds_its_findings_at_the_posts_place(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook, "{'url': 'https://e.org'}", "token");
    struct diags diags = diags_in(b->arena);
    struct diag where = {.file = "calendar.yaml", .line = 3, .column = 1};
    image(b);
    network_check(&b->account, &b->content, b->job.session, &where, &diags);
    assert_int_equal(diags.warnings, 1);
    assert_int_equal(diags.items[0].line, 3);
    bench_free(b);
}

static void every_driver_is_found_by_name_and_null_is_not_offered(void **state)
{
    (void)state;
    size_t count;
    const struct network *const *all = network_all(&count);
    assert_true(count >= 5);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(network_find(all[i]->name), all[i]);
        assert_string_not_equal(all[i]->name, "null");
        assert_non_null(text_rule_find(all[i]->name));
    }
    assert_ptr_equal(network_find("null"), &network_null);
    assert_null(network_find("mastodn"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_network_lacks_is_found),
        cmocka_unit_test(a_finding_stands_where_the_post_stands),
        cmocka_unit_test(an_accounts_own_limit_counts),
        cmocka_unit_test(a_driver_adds_its_findings_at_the_posts_place),
        cmocka_unit_test(every_driver_is_found_by_name_and_null_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
