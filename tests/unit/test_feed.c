/* The feed driver, articles, and what their rendering promises. Whether the formats are valid: test_feed_valid.py. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "base/buf.h"
#include "network/article.h"
#include "network/drivers.h"
#include "network/feed.h"

static void publish(struct bench *b)
{
    next(b);
    assert_int_equal(b->step.kind, STEP_LOCAL);
    network_feed.read(&b->job, &b->step, NULL, b->arena, &b->outcome);
    settle(b);
    expect_outcome(b, OUTCOME_DONE);
}

static void a_post_is_published_by_being_settled(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_feed, "{'url': 'https://example.org:8443/news/'}", "token");
    b->job.post_id = "merci/été";
    publish(b);
    assert_string_equal(b->outcome.id, "tag:example.org,2026:cald/merci%2F%C3%A9t%C3%A9/acct");
    assert_string_equal(b->outcome.url, "https://example.org:8443/news/feed/acct/posts/merci%2F%C3%A9t%C3%A9");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void without_a_public_address_the_id_is_made_from_the_key(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_feed, "{}", "token");
    publish(b);
    assert_string_equal(b->outcome.id, "urn:uuid:00112233-4455-4677-a899-aabbccddeeff");
    assert_string_equal(b->outcome.url, "/feed/acct/posts/p");
    bench_free(b);
}

static void an_article_is_made_of_what_the_author_gave(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct part parts[] = {{.text = "One <two> https://e.org/?a&b.\nsecond line\n\nnext\n"}, {.text = "last"}};
    struct content content = {.parts = parts, .part_count = 2, .link = "https://e.org/more", .warning = "heat & <"};
    struct media media = {.file = "a.png", .alt = "a \"quoted\" <alt>", .mime = "image/png", .sha256 = "00",
                          .width = 4, .height = 3};
    struct article_image image = {.media = &media, .url = "https://e.org/a.png?x&y"};
    assert_string_equal(article_html(&content, 2, &image, 1, arena),
                        "<p><strong>heat &amp; &lt;</strong></p>\n"
                        "<p>One &lt;two&gt; <a href=\"https://e.org/?a&amp;b\">https://e.org/?a&amp;b</a>.<br />\n"
                        "second line</p>\n<p>next</p>\n<p>last</p>\n"
                        "<p><a href=\"https://e.org/more\">https://e.org/more</a></p>\n"
                        "<figure><img src=\"https://e.org/a.png?x&amp;y\" alt=\"a &quot;quoted&quot; &lt;alt&gt;\" "
                        "width=\"4\" height=\"3\" /></figure>\n");
    assert_string_equal(article_title(&content, arena), "One <two> https://e.org/?a&b.");
    content.body = "# Head\n\n![x](a.png)\n\n[more](https://e.org/more)\n";
    content.warning = NULL;
    assert_string_equal(article_html(&content, 2, &image, 1, arena),
                        "<h2>Head</h2>\n<p><img src=\"https://e.org/a.png?x&amp;y\" alt=\"x\" /></p>\n"
                        "<p><a href=\"https://e.org/more\">more</a></p>\n");
    arena_free(arena);
}

static void a_document_is_a_link_by_what_it_is_said_to_be(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct part part = {.text = "x"};
    struct content content = {.parts = &part, .part_count = 1};
    struct media media = {.file = "docs/plan & co.pdf", .alt = "Le plan", .mime = "application/pdf", .sha256 = "00"};
    struct article_image document = {.media = &media, .url = "https://e.org/a.pdf"};
    assert_string_equal(article_html(&content, 2, &document, 1, arena),
                        "<p>x</p>\n<p><a href=\"https://e.org/a.pdf\">Le plan</a></p>\n");
    media.alt = "";
    assert_string_equal(article_html(&content, 2, &document, 1, arena),
                        "<p>x</p>\n<p><a href=\"https://e.org/a.pdf\">plan &amp; co.pdf</a></p>\n");
    arena_free(arena);
}

static void a_title_is_never_empty_and_never_long(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct part part = {.text = ""};
    struct content content = {.parts = &part, .part_count = 1};
    assert_string_equal(article_title(&content, arena), "…");
    content.link = "https://e.org/";
    assert_string_equal(article_title(&content, arena), "https://e.org/");
    content.body = "# *Head*\n\ntext";
    assert_string_equal(article_title(&content, arena), "Head");
    part.text = "\n\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    char *title = article_title(&content, arena);
    assert_int_equal(text_graphemes(title, strlen(title)), 80);
    content.title = "Mine";
    assert_string_equal(article_title(&content, arena), "Mine");
    arena_free(arena);
}

static struct syndication_feed one_entry(struct bench *b, struct syndication_entry *entry)
{
    struct syndication_feed feed;
    feed_describe(&b->account, "http://127.0.0.1:8080", b->arena, &feed);
    feed_entry(&b->account, "http://127.0.0.1:8080", &b->content, "p", "urn:uuid:1", SLOT, b->arena, entry);
    feed.entries = entry;
    feed.entry_count = 1;
    feed.updated = SLOT;
    return feed;
}

static const char *rendered(struct bench *b, void (*render)(const struct syndication_feed *, struct buf *),
                            const struct syndication_feed *feed)
{
    struct buf out = {0};
    render(feed, &out);
    const char *text = arena_strdup(b->arena, buf_text(&out));
    buf_release(&out);
    return text;
}

static void a_feed_says_where_it_is_and_what_it_holds(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_feed, "{'title': 'A & B', 'language': 'fr'}", "token");
    struct syndication_entry entry;
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    struct syndication_feed feed = one_entry(b, &entry);
    const char *atom = rendered(b, syndication_atom, &feed);
    assert_non_null(strstr(atom, "<title>A &amp; B</title>"));
    assert_non_null(strstr(atom, "xml:lang=\"fr\""));
    assert_non_null(strstr(atom, "rel=\"self\" type=\"application/atom+xml\" "
                                 "href=\"http://127.0.0.1:8080/feed/acct/atom.xml\""));
    assert_non_null(strstr(atom, "<published>2026-12-01T08:00:00Z</published>"));
    assert_non_null(strstr(atom, "<link rel=\"enclosure\" type=\"image/png\" length=\"73\" title=\"alt\" "
                                 "href=\"http://127.0.0.1:8080/feed/acct/media/00.png\"/>"));
    json_t *json = json_in_arena(b->arena, json_parse(rendered(b, syndication_json, &feed),
                                                      strlen(rendered(b, syndication_json, &feed)), NULL));
    assert_string_equal(json_text(json, "version"), "https://jsonfeed.org/version/1.1");
    assert_null(json_text(json_pointer(json, "/items/0"), "title")); /* the author gave none */
    assert_string_equal(json_text(json_pointer(json, "/items/0"), "content_text"), "hello");
    const char *page = rendered(b, syndication_page, &feed);
    assert_non_null(strstr(page, "<html lang=\"fr\">"));
    assert_non_null(strstr(page, "alt=\"alt\""));
    assert_null(strstr(page, "<script"));
    bench_free(b);
}

static void the_policy_allows_exactly_the_style_of_the_pages(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_feed, "{}", "token");
    struct syndication_entry entry;
    struct syndication_feed feed = one_entry(b, &entry);
    const char *page = rendered(b, syndication_page, &feed), *start = strstr(page, "<style>") + 7;
    char hex[SHA256_HEX], *end;
    struct buf raw = {0}, encoded = {0};
    sha256_hex(start, (size_t)(strstr(start, "</style>") - start), hex);
    for (size_t i = 0; i < 64; i += 2)
        buf_add_char(&raw, (char)strtol((char[]){hex[i], hex[i + 1], '\0'}, &end, 16));
    buf_add_base64(&encoded, raw.data, raw.length);
    const char *source = arena_printf(b->arena, "style-src 'sha256-%s'", buf_text(&encoded));
    assert_non_null(strstr(syndication_policy(b->arena), source));
    assert_non_null(strstr(syndication_policy(b->arena), "default-src 'none'"));
    assert_null(strstr(page, "style=\""));
    buf_release(&raw);
    buf_release(&encoded);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_published_by_being_settled),
        cmocka_unit_test(without_a_public_address_the_id_is_made_from_the_key),
        cmocka_unit_test(an_article_is_made_of_what_the_author_gave),
        cmocka_unit_test(a_document_is_a_link_by_what_it_is_said_to_be),
        cmocka_unit_test(a_title_is_never_empty_and_never_long),
        cmocka_unit_test(a_feed_says_where_it_is_and_what_it_holds),
        cmocka_unit_test(the_policy_allows_exactly_the_style_of_the_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
