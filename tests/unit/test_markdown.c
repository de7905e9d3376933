/* Markdown to HTML and to text: safe, well-formed, with headings and images put where the page needs them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "network/markdown.h"

static void markdown_becomes_safe_html(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *html, *why;
    } cases[] = {
        {"a *b* **c**", "<p>a <em>b</em> <strong>c</strong></p>\n", "emphasis"},
        {"a\nb", "<p>a b</p>\n", "a soft break is a space: WordPress would make <br> of it"},
        {"a  \nb", "<p>a<br />\nb</p>\n", "a hard break stays"},
        {"# a\n## b", "<h2>a</h2>\n<h3>b</h3>\n", "the highest heading goes to the level asked for"},
        {"### a\n###### b", "<h2>a</h2>\n<h5>b</h5>\n", "upwards too"},
        {"# a\n###### b", "<h2>a</h2>\n<h6>b</h6>\n", "never below h6"},
        {"x <script>alert(1)</script> y", "<p>x alert(1) y</p>\n", "inline HTML is left out, its text stays"},
        {"<div onclick=x>\nlost\n</div>\n\nkept", "<p>kept</p>\n", "an HTML block is left out"},
        {"[a](javascript:alert(1))", "<p>a</p>\n", "no scheme that runs something"},
        {"[a](JaVaScRiPt:alert(1))", "<p>a</p>\n", "in whatever case"},
        {"![a](data:text/html,x)", "<p>a</p>\n", "nor data:"},
        {"[![a](file:///x)](vbscript:x) [b](/c:d) [e]() [f](tel:1)",
         "<p>a <a href=\"/c:d\">b</a> e <a href=\"tel:1\">f</a></p>\n", "one in the other; a relative path may have a colon"},
        {"a&#1;b&#x9F;c", "<p>abc</p>\n", "characters that HTML has not"},
        {"[a](https://e.org/?a=1&b=2)", "<p><a href=\"https://e.org/?a=1&amp;b=2\">a</a></p>\n", "links stay"},
        {"see https://e.org/a_b?c&d=é. (https://e.org/x) *https://e.org*",
         "<p>see <a href=\"https://e.org/a_b?c&amp;d=%C3%A9\">https://e.org/a_b?c&amp;d=é</a>. (<a href=\"https://e.org/x\">https://e.org/x</a>) "
         "<em><a href=\"https://e.org\">https://e.org</a></em></p>\n", "bare addresses are links"},
        {"[https://e.org/a](https://e.org/b) `https://e.org` <https://e.org/c> ![https://e.org/d](https://e.org/e)",
         "<p><a href=\"https://e.org/b\">https://e.org/a</a> <code>https://e.org</code> <a href=\"https://e.org/c\">https://e.org/c</a> "
         "<img src=\"https://e.org/e\" alt=\"https://e.org/d\" /></p>\n", "but not in a link, in code, in an image"},
        {"javascript://x e.org ftp://e.org", "<p>javascript://x e.org ftp://e.org</p>\n", "nor other schemes, nor names"},
        {"\"q\" -- ...", "<p>&quot;q&quot; -- ...</p>\n", "typography is the author's"},
        {"a < b & c", "<p>a &lt; b &amp; c</p>\n", "text is escaped"},
        {"", "", "nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        char *html = markdown_to_html(cases[i].markdown, 2, NULL, 0, arena);
        if (strcmp(html, cases[i].html) != 0)
            fail_msg("%s: '%s' gave '%s'", cases[i].why, cases[i].markdown, html);
        arena_free(arena);
    }
}

static void tables_are_tables(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *html, *why;
    } cases[] = {
        {"| a | b |\n|---|--:|\n| 1 | 2 |\n",
         "<table><thead><tr><th>a</th><th style=\"text-align:right\">b</th></tr></thead>"
         "<tbody><tr><td>1</td><td style=\"text-align:right\">2</td></tr></tbody></table>", "a table"},
        {"a|b\n:-|:-:\n1|2|3\n4",
         "<table><thead><tr><th style=\"text-align:left\">a</th><th style=\"text-align:center\">b</th></tr></thead><tbody>"
         "<tr><td style=\"text-align:left\">1</td><td style=\"text-align:center\">2 | 3</td></tr>"
         "<tr><td style=\"text-align:left\">4</td><td style=\"text-align:center\"></td></tr></tbody></table>",
         "without outer lines, with a cell too many and one too few"},
        {"|a|\n|-|", "<table><thead><tr><th>a</th></tr></thead></table>", "a head alone"},
        {"||b|\n|-|-|\n|1||\n",
         "<table><thead><tr><th></th><th>b</th></tr></thead><tbody><tr><td>1</td><td></td></tr></tbody></table>", "empty cells"},
        {"a|b\n-|-\n*x | y* `|`|[l](https://e.org \"p|q\") & c\n",
         "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><em>x | y</em> <code>|</code></td>"
         "<td><a href=\"https://e.org\" title=\"p|q\">l</a> &amp; c</td></tr></tbody></table>", "what is in something divides nothing"},
        {"> - t\n>\n>   a|b\n>   -|-\n>   *x*|y\n",
         "<blockquote><ul><li><p>t</p><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><em>x</em></td><td>y</td>"
         "</tr></tbody></table></li></ul></blockquote>", "in a list in a quotation"},
        {"a|b\n-|-\n<b>x</b>|![i](javascript:x)\n", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>x</td><td>i</td></tr></tbody></table>",
         "as safe as elsewhere"},
        {"a | b\nc | d\n", "<p>a | b c | d</p>", "no delimiter"},
        {"a\n|-|\n", "<p>a |-|</p>", "no head"},
        {"a | b\n- - | -\n", "<p>a | b</p><ul><li><ul><li>| -</li></ul></li></ul>", "no such delimiter"},
        {"    a|b\n    -|-\n", "<pre><code>a|b\n-|-\n</code></pre>", "code"},
    };
    bool all = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        const char *html = markdown_to_html(cases[i].markdown, 2, NULL, 0, arena);
        struct buf flat = {0};
        for (const char *at = html; *at; at++)
            if (*at != '\n' || strstr(html, "<pre>"))
                buf_add_char(&flat, *at);
        if (strstr(html, "<pre>"))
            flat.data[--flat.length] = '\0';
        if (strcmp(buf_text(&flat), cases[i].html) != 0) {
            print_error("%s: gave\n%s\nnot\n%s\n", cases[i].why, buf_text(&flat), cases[i].html);
            all = false;
        }
        buf_release(&flat);
        arena_free(arena);
    }
    assert_true(all);
}

static void a_table_beyond_measure_stays_a_paragraph(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf wide = {0}, many = {0};
    for (size_t line = 0; line < 2; line++) {
        for (size_t i = 0; i < 101; i++)
            buf_add_text(&wide, line ? "|-" : "|x");
        buf_add_char(&wide, '\n');
    }
    buf_add_text(&many, "a|b\n-|-\n");
    for (size_t i = 0; i < 10000; i++)
        buf_add_text(&many, "x\n");
    assert_null(strstr(markdown_to_html(buf_text(&wide), 2, NULL, 0, arena), "<table"));
    assert_null(strstr(markdown_to_html(buf_text(&many), 2, NULL, 0, arena), "<table"));
    buf_release(&wide);
    buf_release(&many);
    arena_free(arena);
}

static void an_image_named_by_its_file_is_shown_from_where_it_is(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct markdown_image images[] = {{.file = "media/a.png", .url = "https://e.org/a-1.png"},
                                      {.file = "b.png", .url = "https://e.org/b.png"},
                                      {.file = "c.png", .url = NULL}};
    char *html = markdown_to_html("![x](./media/a.png) ![y](other.png) ![z](c.png) ![w](m%65dia/a.png)", 2, images, 3, arena);
    assert_non_null(strstr(html, "src=\"https://e.org/a-1.png\" alt=\"x\""));
    assert_non_null(strstr(html, "src=\"https://e.org/a-1.png\" alt=\"w\""));
    assert_non_null(strstr(html, "src=\"other.png\""));
    assert_true(images[0].used);
    assert_false(images[1].used);
    assert_false(images[2].used);
    arena_free(arena);
}

static void an_image_is_placed_in_the_markdown_itself(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *placed, *why;
    } cases[] = {
        {"a ![x](media/a.png) b", "a ![x](upload://1) b", "an image"},
        {"![x](./media/a.png)", "![x](upload://1)", "with a dot"},
        {"![x](media/a.png \"Title\")", "![x](upload://1 \"Title\")", "with a title"},
        {"![x](<b c.png>)", "![x](upload://2)", "in brackets, with a space"},
        {"![x](b%20c.png)", "![x](upload://2)", "escaped, as editors write a space"},
        {"![x](./media/%61.png \"T\")", "![x](upload://1 \"T\")", "escaped, with a dot and a title"},
        {"![x](b%2c.png) ![x](b%", "![x](b%2c.png) ![x](b%", "an escape of something else, half an escape"},
        {"![x][r]\n\n[r]: media/a.png\n", "![x][r]\n\n[r]: upload://1\n", "by reference"},
        {"![x](media/a.png.txt) ![y](a.png)", "![x](media/a.png.txt) ![y](a.png)", "other files stay"},
        {"![x](media/gone.png)", "![x](media/gone.png)", "one that is nowhere stays"},
        {"```\n![x](media/a.png)\n```\n", "```\n![x](media/a.png)\n```\n", "code stays"},
        {"    ![x](media/a.png)", "    ![x](media/a.png)", "indented code too"},
        {"| a | b |\n|---|---|\n[spoiler] ~~x~~ {% y %}", "| a | b |\n|---|---|\n[spoiler] ~~x~~ {% y %}",
         "what CommonMark does not know stays"},
        {"", "", "nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct markdown_image images[] = {{.file = "media/a.png", .url = "upload://1"},
                                          {.file = "b c.png", .url = "upload://2"},
                                          {.file = "media/gone.png", .url = NULL}};
        char *placed = markdown_place_images(cases[i].markdown, images, 3, arena);
        if (strcmp(placed, cases[i].placed) != 0)
            fail_msg("%s: '%s' gave '%s'", cases[i].why, cases[i].markdown, placed);
        assert_int_equal(images[0].used, strstr(placed, "upload://1") != NULL);
        assert_false(images[2].used);
        arena_free(arena);
    }
}

static void the_text_of_markdown_is_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *text, *why;
    } cases[] = {
        {"# Title\n\nA *b* [c](https://e.org)\nd `e`", "Title\nA b c d e", "marks go, words stay"},
        {"![alt](a.png) x", " x", "an alt text is no prose"},
        {"- a\n- b", "a\nb", "one line for each item"},
        {"a | *b*\n--|--\n1 | 2\n", "a | b 1 | 2", "a table's words"},
        {"```\ncode\n```\nx", "x", "code blocks go"},
        {"a <b>c</b>", "a c", "HTML goes"},
        {"", "", "nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        char *text = markdown_to_text(cases[i].markdown, arena);
        if (strcmp(text, cases[i].text) != 0)
            fail_msg("%s: '%s' gave '%s'", cases[i].why, cases[i].markdown, text);
        arena_free(arena);
    }
}

static void raw_html_is_noticed(void **state)
{
    (void)state;
    assert_true(markdown_has_html("a <b>c</b>"));
    assert_true(markdown_has_html("<div>\nx\n</div>"));
    assert_false(markdown_has_html("a < b, `<b>` and <https://e.org>"));
}

static void an_image_that_nobody_uploads_is_noticed(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *const files[] = {"media/a.png"};
    const char *markdown = "![a](./media/a.png) ![a](media/%61.png) ![b](https://e.org/b.png) ![c](/c.png) ![d](media/d.png) ![e](e.png)";
    assert_string_equal(markdown_missing_image(markdown, files, 1, arena), "media/d.png");
    assert_string_equal(markdown_missing_image(markdown, NULL, 0, arena), "./media/a.png");
    assert_null(markdown_missing_image("![a](media/a.png)", files, 1, arena));
    arena_free(arena);
}

static void no_more_than_the_most_is_read_and_no_character_is_cut(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf long_text = {0};
    while (long_text.length < MARKDOWN_MOST + 100)
        buf_add_text(&long_text, "€");
    char *text = markdown_to_text(buf_text(&long_text), arena);
    assert_int_equal(strlen(text), MARKDOWN_MOST / 3 * 3);
    buf_release(&long_text);
    arena_free(arena);
}

static void plain_text_keeps_the_form(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *text;
    } cases[] = {
        {"", ""},
        {"# a\n\nb *c*\nd", "a\n\nb c d\n"},
        {"a  \nb", "a\nb\n"},
        {"- a\n- b\n  - c\n\nd", "- a\n- b\n  - c\n\nd\n"},
        {"3. a\n4. b", "3. a\n4. b\n"},
        {"- a\n\n  b\n\n- c", "- a\n\n  b\n\n- c\n"},
        {"> a\n>\n> b", "> a\n\n> b\n"},
        {"x\n\n    code\n    more\n\ny", "x\n\n    code\n    more\n\ny\n"},
        {"a\n\n***\n\nb", "a\n\n* * *\n\nb\n"},
        {"[here](https://e.org/) <https://e.org/x> <me@e.org>", "here <https://e.org/> https://e.org/x me@e.org\n"},
        {"![alt](a.png) ![](b.png)x", "[alt] x\n"},
        {"[![alt](a.png)](https://e.org/) [![](b.png)](https://e.org/)", "[alt] <https://e.org/> <https://e.org/>\n"},
        {"[a](javascript:x) <b>c</b>", "a c\n"},
        {"[](https://e.org/)", "<https://e.org/>\n"},
        {"- | a | b |\n  |---|---|\n  | 1 | 2 |", "- | a | b |\n  | 1 | 2 |\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        assert_string_equal(markdown_to_plain(cases[i].markdown, arena), cases[i].text);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_keeps_the_form),
        cmocka_unit_test(markdown_becomes_safe_html),
        cmocka_unit_test(tables_are_tables),
        cmocka_unit_test(a_table_beyond_measure_stays_a_paragraph),
        cmocka_unit_test(an_image_named_by_its_file_is_shown_from_where_it_is),
        cmocka_unit_test(an_image_is_placed_in_the_markdown_itself),
        cmocka_unit_test(the_text_of_markdown_is_its_words),
        cmocka_unit_test(raw_html_is_noticed),
        cmocka_unit_test(an_image_that_nobody_uploads_is_noticed),
        cmocka_unit_test(no_more_than_the_most_is_read_and_no_character_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
