/* A content as Markdown for the networks that take it, and the names it is filed under. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/article.h"
#include "network/drivers.h"

static struct bench *begin(void)
{
    struct bench *b = bench_new(&network_null, "{}", "token");
    for (size_t i = 0; i < 2; i++) {
        b->media[i].file = i ? "b.png" : "a.png";
        b->media[i].alt = i ? "tw[o] | x" : "one";
    }
    return b;
}

static const char *markdown(struct bench *b, size_t part)
{
    struct article_image images[] = {{.media = &b->media[0], .url = "upload://1"},
                                     {.media = &b->media[1], .url = "upload://2"}};
    return article_markdown(&b->content, part, images, 2, true, b->arena);
}

static void a_text_keeps_its_lines_and_gets_link_and_images(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->parts[0] = (struct part){"One\ntwo.\n\nThree.\n", &b->media[0], 1};
    b->parts[1] = (struct part){"Second.", &b->media[1], 1};
    b->content.part_count = 2;
    b->content.link = "https://e.org/";
    b->content.warning = "Snow";
    assert_string_equal(markdown(b, 0), "**Snow**\n\nOne  \ntwo.\n\nThree.\n\nhttps://e.org/\n\n![one|4x3](upload://1)");
    assert_string_equal(markdown(b, 1), "Second.\n\n![tw o    x|4x3](upload://2)");
    b->parts[1].text = "Second: https://e.org/.";
    assert_null(strstr(markdown(b, 0), "e.org"));
    bench_free(b);
}

static void a_body_has_all_images_once(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->parts[0] = (struct part){"short", b->media, 2};
    b->content.body = "# Long\n\n![mine](b.png)\n";
    assert_string_equal(markdown(b, 0), "# Long\n\n![mine](upload://2)\n\n![one|4x3](upload://1)");
    assert_false(article_body_shows(&b->content, &b->media[0]));
    assert_true(article_body_shows(&b->content, &b->media[1]));
    bench_free(b);
}

static void a_body_of_a_file_names_images_as_its_editor_shows_them(void **state)
{
    (void)state;
    static const struct {
        const char *file, *body, *ours, *why;
    } cases[] = {
        {"articles/a.md", "![x](../media/a.png)", "![x](<media/a.png>)", "up and down"},
        {"articles/2026/a.md", "![x](../../media/a.png) ![y](../b%20c.png)", "![x](<media/a.png>) ![y](<articles/b c.png>)",
         "two up, one up with a space"},
        {"media/a.md", "![x](a.png)", "![x](<media/a.png>)", "beside it"},
        {"med/a.md", "![x](../media/a.png)", "![x](<media/a.png>)", "half a name is no directory"},
        {"articles/a.md", "![x](media/a.png)", "![x](media/a.png)", "from the root, as before"},
        {"a.md", "![x](media/a.png)", "![x](media/a.png)", "in the root"},
        {"articles/a.md", "![x](../media/z.png)", "![x](../media/z.png)", "another file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = begin();
        b->media[0].file = "media/a.png";
        b->media[1].file = "articles/b c.png";
        b->parts[0] = (struct part){"short", b->media, 2};
        b->content.body = cases[i].body;
        const char *ours = article_body_of_file(&b->content, cases[i].file, b->arena);
        if (strcmp(ours, cases[i].ours) != 0)
            fail_msg("%s: '%s' became '%s'", cases[i].why, cases[i].body, ours);
        bench_free(b);
    }
}

static void a_video_is_marked_where_it_is_played_and_a_link_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *body, *alt, *played, *linked;
    } cases[] = {
        {NULL, "o|n]e", "Text.\n\n![o n e|video](u://1)", "Text.\n\n[o n e](u://1)"},
        {NULL, "", "Text.\n\n![clip.mp4|video](u://1)", "Text.\n\n[clip.mp4](u://1)"},
        {"See ![a [b] c](media/clip.mp4).", "x", "See ![a [b] c|video](u://1).", "See [a [b] c](u://1)."},
        {"![](media/clip.mp4)", "x", "![|video](u://1)", "[](u://1)"},
        {"![x|video](media/clip.mp4)", "x", "![x|video](u://1)", "[x|video](u://1)"},
        {"[watch](media/clip.mp4)", "x", "[watch](u://1)", "[watch](u://1)"},
        {"![two\nlines](media/clip.mp4)", "x", "![two\nlines|video](u://1)", "[two\nlines](u://1)"},
        {"](media/clip.mp4)", "x", "](u://1)", "](u://1)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = begin();
        b->media[0].file = "media/clip.mp4";
        b->media[0].mime = "video/mp4";
        b->media[0].alt = cases[i].alt;
        b->parts[0] = (struct part){"Text.", b->media, 1};
        b->content.body = cases[i].body;
        struct article_image file = {.media = &b->media[0], .url = "u://1"};
        assert_string_equal(article_markdown(&b->content, 0, &file, 1, true, b->arena), cases[i].played);
        assert_string_equal(article_markdown(&b->content, 0, &file, 1, false, b->arena), cases[i].linked);
        bench_free(b);
    }
}

static void a_name_is_listed_once_whatever_its_case(void **state)
{
    (void)state;
    static const char *const names[] = {"Snow", "news", "été"};
    struct bench *b = begin();
    json_t *list = json_in_arena(b->arena, article_names(json_of(b->arena, "['News', 'a', 'A']"), names, 3));
    assert_string_equal(print_in(b->arena, list), "[\"News\",\"a\",\"Snow\",\"été\"]");
    list = json_in_arena(b->arena, article_names(NULL, NULL, 0));
    assert_string_equal(print_in(b->arena, list), "[]");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_keeps_its_lines_and_gets_link_and_images),
        cmocka_unit_test(a_body_has_all_images_once),
        cmocka_unit_test(a_body_of_a_file_names_images_as_its_editor_shows_them),
        cmocka_unit_test(a_video_is_marked_where_it_is_played_and_a_link_elsewhere),
        cmocka_unit_test(a_name_is_listed_once_whatever_its_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
