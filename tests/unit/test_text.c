/* How each network counts, and what it sees in a text; see text.h. twitter-text's own suite, which has
 * many more cases for X, is in tests/integration/test_text_conformance.py. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* base/error.h has its own */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "network/text.h"
#include "network/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct text_rule *rule_of(const char *network)
{
    const struct text_rule *rule = text_rule_find(network);
    if (!rule)
        printf("no rule '%s'\n", network);
    assert_non_null(rule);
    return rule;
}

/* "link 0-19 https://a.b; mention 20-25 name" */
static void describe(const struct measure *measure, struct buf *out)
{
    for (size_t i = 0; i < measure->entity_count; i++) {
        const struct entity *e = &measure->entities[i];
        buf_printf(out, "%s%s %zu-%zu %s", i ? "; " : "", entity_kind_name(e->kind), e->start, e->end,
                   e->value);
    }
}

static const struct {
    const char *network, *text, *entities;
} seen[] = {
    /* Bluesky: links */
    {"bluesky", "see https://example.com end", "link 4-23 https://example.com"},
    {"bluesky", "https://example.com/a?b=c#d", "link 0-27 https://example.com/a?b=c#d"},
    {"bluesky", "http://localhost:80/x", "link 0-21 http://localhost:80/x"}, /* a scheme needs no domain */
    {"bluesky", "go to example.com/index.php now", "link 6-27 https://example.com/index.php"},
    {"bluesky", "Example.com", "link 0-11 https://Example.com"},
    {"bluesky", "EXAMPLE.COM", ""}, /* the client compares the top-level domain as it is */
    {"bluesky", "HTTPS://example.com", ""},
    {"bluesky", "httpbin.org/get",
     "link 0-15 https://httpbin.org/get"}, /* begins with "http", has no scheme */
    {"bluesky", "https://a.com, https://b.com; c.com.",
     "link 0-13 https://a.com; link 15-28 https://b.com; "
     "link 30-35 https://c.com"},
    {"bluesky", "https://a.com... x", "link 0-15 https://a.com.."}, /* one mark goes, not more */
    {"bluesky", "(https://a.com)", "link 1-14 https://a.com"},
    {"bluesky", "(a.com).", "link 1-6 https://a.com"},
    {"bluesky", "https://a.com/x_(y)", "link 0-19 https://a.com/x_(y)"}, /* '(' was opened in it */
    {"bluesky", "foo(a.com)", "link 4-9 https://a.com"},
    {"bluesky", "é https://é.fr/à ok", "link 3-19 https://é.fr/à"}, /* bytes, not characters */
    {"bluesky", "e.g. a..b photo.jpg website.com.jpg 1.com", ""},
    {"bluesky", "https:// https://. https:///x", ""}, /* the server would refuse the post */
    {"bluesky", "a.com\nb.org", "link 0-5 https://a.com; link 6-11 https://b.org"},
    {"bluesky", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 a.co", "link 12-16 https://a.co"},
    /* Bluesky: mentions */
    {"bluesky", "@alice.example.com hi", "mention 0-18 alice.example.com"},
    {"bluesky", "(@a-b.co.uk).", "mention 1-11 a-b.co.uk"},
    {"bluesky", "@alice.test", "mention 0-11 alice.test"},
    {"bluesky", "@alice.com. @alice.com!x @alice.com_", "mention 0-10 alice.com; mention 12-22 alice.com"},
    {"bluesky", "@alice a@b.com @alice.jpg @.com", ""},
    /* Bluesky: hashtags */
    {"bluesky", "#a #1 #1a #_ #a1", "hashtag 0-2 a; hashtag 6-9 1a; hashtag 13-16 a1"},
    {"bluesky", "x#a (#b) #c, #d_e!? #f#g", "hashtag 9-11 c; hashtag 13-17 d_e; hashtag 20-24 f#g"},
    {"bluesky", "\xEF\xBC\x83tag", "hashtag 0-6 tag"}, /* fullwidth sign */
    {"bluesky", "##a", "hashtag 0-3 #a"},
    {"bluesky", "#\xEF\xB8\x8F\xE2\x83\xA3tag", ""}, /* a keycap, no sign */
    {"bluesky",
     "#a\xE2\x80\x8B"
     "b",
     "hashtag 0-2 a"}, /* zero-width space ends it */
    {"bluesky", "#\xF0\x9F\xA6\x8B", "hashtag 0-5 \xF0\x9F\xA6\x8B"},
    {"bluesky", "$aapl $A12345 ($MSFT) $1", "hashtag 0-5 $AAPL; hashtag 15-20 $MSFT"},
    {"bluesky", "#1234567890123456789012345678901234567890123456789012345678901234567890abcd",
     ""}, /* over 64 */
    /* Mastodon */
    {"mastodon", "https://example.com/a. b", "link 0-21 https://example.com/a"},
    {"mastodon", "example.com www.example.com", ""}, /* only with a scheme */
    {"mastodon", "(https://fr.wikipedia.org/wiki/Chalet_(film))",
     "link 1-44 https://fr.wikipedia.org/wiki/Chalet_(film)"},
    {"mastodon", "https://example.com/été?q=hiver#neige", "link 0-39 https://example.com/été?q=hiver#neige"},
    {"mastodon", "http://no-tld/ http://foo.invalidtld", ""},
    {"mastodon", "@alice @bob@example.com.", "mention 0-6 alice; mention 7-23 bob@example.com"},
    {"mastodon", "a@b.c /@d =@e @f.g- @h@@", "mention 14-18 f.g"},
    {"mastodon", "@alice@b\xC3\xA9.fr", "mention 0-13 alice@b\xC3\xA9.fr"},
    {"mastodon", "#été #1 #1a #a·b ＃c",
     "hashtag 0-6 été; hashtag 10-13 1a; hashtag 14-19 a·b; hashtag 20-24 c"},
    {"mastodon", "x#a (#b) #c. #d-e #_", "hashtag 9-11 c; hashtag 13-15 d"},
    {"mastodon", "https://example.com/@alice#b", "link 0-28 https://example.com/@alice#b"}, /* one thing */
    /* X: the value is as written */
    {"x", "example.com/a été.fr foo.invalidtld", "link 0-13 example.com/a; link 14-22 été.fr"},
    {"x", "https://t.co/abc's", "link 0-16 https://t.co/abc"},
    {"x",
     "@alice RT@bob a@c @alice/list \xEF\xBC\xA0"
     "d",
     "mention 0-6 alice; mention 9-13 bob; mention 30-34 d"},
    {"x", "#a #1 x#b #c#d #日本", "hashtag 0-2 a; hashtag 15-22 日本"},
    {"x", "https://x.com/#a", "link 0-16 https://x.com/#a"},
    {"x", "foo.co.za www.gov.ck", "link 0-9 foo.co.za; link 10-20 www.gov.ck"}, /* no suffixes themselves */
    {"x", "https://x.com/a_(b) https://x.com/a!(b)",
     "link 0-19 https://x.com/a_(b); link 20-35 https://x.com/a"},
    {"mastodon", "https://x.com/a!(b)", "link 0-19 https://x.com/a!(b)"}, /* here X and Mastodon differ */
    {"x", "a.b.c.d a_b.com a_b.c.com",
     "link 18-25 b.c.com"}, /* no top-level domain; '_' before the last dot */
    {"x", "http://x.com中.b.c.d http://y.org", "link 0-12 http://x.com; link 22-34 http://y.org"},
    /* The others */
    {"feed", "https://a.com @b #c", "link 0-13 https://a.com"},
    {"wordpress", "https://a.com @b #c", "link 0-13 https://a.com"},
    {"instagram", "https://a.com @b.c. #d", "mention 14-18 b.c; hashtag 20-22 d"},
    {"telegram", "@user_name. #tag a@b.c", "mention 0-10 user_name; hashtag 12-16 tag"},
    {"threads", "@a.b https://a.com/?x #c", "mention 0-4 a.b; link 5-21 https://a.com/?x; hashtag 22-24 c"},
    {"lemmy", "@a @a@b.c !comm@lemmy.ml", "mention 3-9 a@b.c; mention 10-24 comm@lemmy.ml"},
    {"matrix", "@a:b.org @c", "mention 0-8 @a:b.org"},
    {"reddit", "u/spez /u/spez xu/spez u/ab", "mention 0-6 spez; mention 7-14 spez"},
    {"discord", "<@123> <@!45> <@> @x", "mention 0-6 123; mention 7-13 45"},
    {"slack", "<@U1>", "mention 0-5 U1"},
    {"linkedin", "@[A B](urn:li:organization:1) @[c] #d",
     "mention 0-29 urn:li:organization:1; hashtag 35-37 d"},
    {"nostr", "nostr:npub1abc nostr:x", "mention 0-14 npub1abc"},
    {"youtube", "#a &#39; x/#b", "hashtag 0-2 a"},
    {"discourse", "@a-b #c", "mention 0-4 a-b"},
};

static void each_network_sees_what_its_own_software_sees(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(seen); i++) {
        struct arena *arena = arena_new();
        struct buf found = {0};
        struct measure measure =
            text_measure(rule_of(seen[i].network), seen[i].text, strlen(seen[i].text), 0, arena);
        describe(&measure, &found);
        if (strcmp(buf_text(&found), seen[i].entities) != 0) {
            printf("%s: %s\n   expected %s\n   got      %s\n", seen[i].network, seen[i].text,
                   seen[i].entities, buf_text(&found));
            wrong++;
        }
        buf_release(&found);
        arena_free(arena);
    }
    assert_int_equal(wrong, 0);
}

#define FAMILY "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7" /* 18 bytes */

static const struct {
    const char *network, *text;
    size_t length;
} counted[] = {
    {"bluesky", "", 0},
    {"bluesky", "e\xCC\x81té", 3},
    {"bluesky", FAMILY, 1},
    {"bluesky", "https://example.com/0123456789", 30}, /* a link counts as it is written */
    {"bluesky", "क्षि", 1},                             /* a conjunct is one since Unicode 15.1 */
    {"mastodon", "क्षि", 2},                            /* but not in Ruby */
    {"mastodon", FAMILY, 1},
    {"mastodon", "https://example.com/0123456789/0123456789", 23},
    {"mastodon", "http://a.co", 23},
    {"mastodon", "example.com/0123456789/0123456789", 33},
    {"mastodon", "@alice@example.com salut", 12},
    {"mastodon", "@alice salut https://a.fr.", 13 + 23 + 1},
    {"mastodon", "https://example.com/@alice@example.com", 23},
    {"x", "été", 3},
    {"x", "e\xCC\x81", 1}, /* NFC first */
    {"x", "日本", 4},
    {"x", FAMILY, 2},
    {"x", "\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7", 2}, /* the flag of France */
    {"x", "\xF0\x9F\x87\xAB\xF0\x9F\x87\xAB", 4}, /* no flag */
    {"x", "\xF0\x9F\x91\x8B\xF0\x9F\x8F\xBD", 2}, /* hand and skin tone */
    {"x", "\xF0\x9F\x90\xB1\xF0\x9F\x8F\xBD", 4}, /* a cat has none */
    {"x", "1\xEF\xB8\x8F\xE2\x83\xA3", 2},        /* keycap */
    {"x", "\xC2\xA9", 1},                         /* text unless U+FE0F follows */
    {"x", "\xC2\xA9\xEF\xB8\x8F", 2},
    {"x", "\xE2\x98\xBA\xEF\xB8\x8E", 4}, /* U+FE0E makes it text, and counts itself */
    {"x", "a.com http://example.com/0123456789/0123456789", 23 + 1 + 23},
    {"x", "e\xCC\x81.com", 23}, /* a link, once composed */
    {"x", "https://example.com/e\xCC\x81", 23},
    {"threads", "été " FAMILY, 4 + 18},
    {"facebook", "a\xF0\x9F\x98\x80", 3}, /* UTF-16 */
    {"linkedin", "a\xF0\x9F\x98\x80", 3},
    {"telegram", "é\xF0\x9F\x98\x80", 3},
    {"youtube", "é\xF0\x9F\x98\x80", 6}, /* bytes */
    {"matrix", "é", 2},
    {"lemmy", "e\xCC\x81\xF0\x9F\x98\x80", 3}, /* code points */
    {"discord", " \n a b \t", 3},              /* trimmed */
    {"tumblr", " a ", 3},
    {"feed", FAMILY "e\xCC\x81", 2},
    {"bluesky", "\xFF\xC3(\xED\xA0\x80", 6}, /* each byte that is not UTF-8 is U+FFFD */
};

static void each_network_counts_its_own_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(counted); i++) {
        struct arena *arena = arena_new();
        struct measure measure =
            text_measure(rule_of(counted[i].network), counted[i].text, strlen(counted[i].text), 0, arena);
        if (measure.length != counted[i].length)
            printf("%s: %s\n", counted[i].network, counted[i].text);
        assert_int_equal(measure.length, counted[i].length);
        assert_int_equal(measure.bytes, strlen(counted[i].text));
        arena_free(arena);
    }
}

/* The last text that fits and the first that does not, made of one character. */
static const struct {
    const char *network, *character;
    size_t most; /* 0: no limit */
} limits[] = {
    {"bluesky", "a", 300},     {"bluesky", FAMILY, 166}, /* 3000 bytes */
    {"bluesky", "é", 300},     {"devto", "a", 800000},   {"discord", "\xF0\x9F\x98\x80", 2000},
    {"discourse", "a", 32000}, {"facebook", "a", 63206}, {"feed", "a", 0},
    {"ghost", "a", 0},         {"instagram", "é", 2200}, {"lemmy", "é", 50000},
    {"linkedin", "a", 3000},   {"mastodon", "a", 500},   {"mastodon", FAMILY, 500},
    {"matrix", "a", 60000},    {"medium", "a", 0},       {"micropub", "a", 0},
    {"nodebb", "a", 32767},    {"nostr", "a", 0},        {"pinterest", "a", 800},
    {"reddit", "a", 40000},    {"slack", "a", 40000},    {"snapchat", "a", 160},
    {"telegram", "a", 4096},   {"threads", "é", 500},    {"tiktok", "a", 2200},
    {"tumblr", "é", 4096},     {"webhook", "a", 0},      {"wordpress", "a", 0},
    {"x", "a", 280},           {"x", "日", 140},         {"x", FAMILY, 140},
    {"youtube", "é", 2500},
};

static bool fits(const char *network, const char *character, size_t times)
{
    struct arena *arena = arena_new();
    struct buf text = {0};
    for (size_t i = 0; i < times; i++)
        buf_add_text(&text, character);
    bool result = text_measure(rule_of(network), buf_text(&text), text.length, 0, arena).fits;
    buf_release(&text);
    arena_free(arena);
    return result;
}

static void a_text_fits_up_to_the_limit_and_no_further(void **state)
{
    (void)state;
    enum { PLENTY = 100000 };
    for (size_t i = 0; i < COUNT(limits); i++) {
        size_t most = limits[i].most ? limits[i].most : PLENTY;
        bool is_limit = fits(limits[i].network, limits[i].character, most) &&
                        fits(limits[i].network, limits[i].character, most + 1) != (limits[i].most > 0);
        if (!is_limit)
            printf("%s: %zu\n", limits[i].network, most);
        assert_true(is_limit);
    }
}

/* Texts by chance of what counts in its own way: links, marks that NFC takes apart, pairs, bytes that are no
 * text. */
static void what_fits_by_its_bytes_fits_when_it_is_measured(void **state)
{
    (void)state;
    static const char *const words[] = {
        "a ",   "http://a.co ", "\xF0\x9D\x85\xA0", "\xEF\xAC\xAC", "\xCD\x84", "日",        FAMILY,
        "\xFF", "\xC3",         "@a@b.fr ",         "क्षि",          "é",        "e\xCC\x81", "#b "};
    size_t sure = 0, unsure = 0, count;
    const char *const *names = text_rule_names(&count);
    srand(1);
    for (int round = 0; round < 4000; round++) {
        struct arena *arena = arena_new();
        struct buf text = {0};
        const struct text_rule *rule = rule_of(names[(size_t)rand() % count]);
        size_t one = (size_t)rand() % COUNT(words), limit = 1 + (size_t)rand() % 60;
        for (int i = rand() % 12; i >= 0; i--)
            buf_add_text(&text, words[rand() % 3 ? one : (size_t)rand() % COUNT(words)]);
        bool fits = text_surely_fits(rule, buf_text(&text), text.length, limit);
        if (fits && !text_measure(rule, buf_text(&text), text.length, limit, arena).fits)
            printf("limit %zu: %s\n", limit, buf_text(&text));
        assert_true(!fits || text_measure(rule, buf_text(&text), text.length, limit, arena).fits);
        *(fits ? &sure : &unsure) += 1;
        buf_release(&text);
        arena_free(arena);
    }
    assert_true(sure > 400 && unsure > 400);
}

static void an_account_may_have_a_limit_of_its_own(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct measure measure = text_measure(rule_of("mastodon"), "abcdef", 6, 5, arena);
    assert_int_equal(measure.limit, 5);
    assert_false(measure.fits);
    assert_true(text_measure(rule_of("mastodon"), "abcdef", 6, 6, arena).fits);
    assert_true(text_measure(rule_of("feed"), "abcdef", 6, 0, arena).fits);
    assert_false(text_measure(rule_of("feed"), "abcdef", 6, 5, arena).fits);
    arena_free(arena);
}

static void x_takes_no_byte_order_mark(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_false(text_measure(rule_of("x"), "a\xEF\xBB\xBF", 4, 0, arena).fits);
    assert_true(text_measure(rule_of("bluesky"), "a\xEF\xBB\xBF", 4, 0, arena).fits);
    arena_free(arena);
}

static const struct {
    const char *text;
    size_t clusters;
} clusters[] = {
    {"", 0},
    {"abc", 3},
    {"e\xCC\x81", 1},                                                        /* combining acute */
    {"\r\n", 1},                                                             /* GB3 */
    {"\n\r", 2},                                                             /* and only that way round */
    {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 1},                             /* Hangul L V T */
    {"\xED\x95\x9C\xEA\xB8\x80", 2},                                         /* 한글 */
    {FAMILY, 1},                                                             /* ZWJ sequence */
    {FAMILY FAMILY, 2},                                                      /* two of them */
    {"\xF0\x9F\x91\x8B\xF0\x9F\x8F\xBD", 1},                                 /* skin tone */
    {"\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 2}, /* two flags */
    {"\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7\xF0\x9F\x87\xA9", 2},                 /* one and a half */
    {"a\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7", 2},
    {"1\xEF\xB8\x8F\xE2\x83\xA3", 1}, /* keycap */
    {"\xF0\x9F\x8F\xB4\xF3\xA0\x81\xA7\xF3\xA0\x81\xA2\xF3\xA0\x81\xA5\xF3\xA0\x81\xAE\xF3\xA0\x81\xA7"
     "\xF3\xA0\x81\xBF",
     1},                                                         /* flag of England, in tags */
    {"\xE2\x9D\xA4\xEF\xB8\x8F\xE2\x80\x8D\xF0\x9F\x94\xA5", 1}, /* ❤️‍🔥 */
    {"a\xE2\x80\x8D\xF0\x9F\x94\xA5", 2},                        /* a ZWJ after no emoji joins nothing */
    {"\xF0\x9F\x98\x80\xCC\x88\xE2\x80\x8D\xF0\x9F\x98\x80", 1}, /* marks before the ZWJ do not part */
    {"นี้", 1},                                                    /* Thai vowel and tone */
    {"தமிழ்", 3},
    {"क्षि", 1}, /* GB9c */
    {"क्", 1},
    {"क्‍ष", 1}, /* with ZWJ */
    {"क्‌ष", 2}, /* ZWNJ parts */
    {"কক্ষ", 2},
    {"\xD8\x80\xD9\xA1", 1}, /* Arabic number sign: GB9b */
};

static void grapheme_clusters_are_what_people_see_as_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(clusters); i++) {
        if (text_graphemes(clusters[i].text, strlen(clusters[i].text)) != clusters[i].clusters)
            printf("%zu: %s\n", i, clusters[i].text);
        assert_int_equal(text_graphemes(clusters[i].text, strlen(clusters[i].text)), clusters[i].clusters);
    }
}

static void a_text_is_shortened_between_clusters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *shortened;
    } cases[] = {
        {"abc", 3, "abc"},
        {"abcd", 3, "ab…"},
        {"abcd", 1, "…"},
        {"abcd", 0, ""},
        {"", 0, ""},
        {"", 5, ""},
        {FAMILY "bc", 2, FAMILY "…"},
        {FAMILY "b", 2, FAMILY "b"},
        {"e\xCC\x81t", 1, "…"},
        {"a\xFF\xFF"
         "b",
         3, "a\xFF…"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        assert_string_equal(text_shorten(cases[i].text, cases[i].most, arena), cases[i].shortened);
        arena_free(arena);
    }
}

/* Marks in the wrong order, a long run of them, Hangul, a composition that is excluded. */
static void nfc_is_canonical(void **state)
{
    (void)state;
    static const struct {
        uint32_t from[8], to[8];
    } cases[] = {
        {{'e', 0x301}, {0xE9}},
        {{0xE9}, {0xE9}},
        {{'a', 0x301, 0x323}, {0x1EA1, 0x301}}, /* below before above */
        {{0x1112, 0x1161, 0x11AB}, {0xD55C}},
        {{0xD55C}, {0xD55C}},
        {{0x958}, {0x915, 0x93C}}, /* excluded from composition */
        {{0x212B}, {0xC5}},
        {{0x1D160}, {0x1D158, 0x1D165, 0x1D16E}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        size_t from = 0, to = 0, made;
        while (cases[i].from[from])
            from++;
        while (cases[i].to[to])
            to++;
        uint32_t *out = unicode_nfc(cases[i].from, from, &made, arena);
        assert_int_equal(made, to);
        assert_memory_equal(out, cases[i].to, to * sizeof *out);
        arena_free(arena);
    }
}

static void a_long_run_of_marks_is_sorted_and_keeps_its_order_within_a_class(void **state)
{
    (void)state;
    enum { PAIRS = 5000 };
    struct arena *arena = arena_new();
    uint32_t *in = arena_alloc_array(arena, 2 * PAIRS + 1, sizeof *in);
    in[0] = 'x'; /* composes with none of them */
    for (size_t i = 0; i < PAIRS; i++) {
        in[1 + 2 * i] = i % 2 ? 0x301 : 0x302; /* class 230 */
        in[2 + 2 * i] = 0x323;                 /* class 220 */
    }
    size_t made;
    uint32_t *out = unicode_nfc(in, 2 * PAIRS + 1, &made, arena);
    assert_int_equal(made, 2 * PAIRS + 1);
    for (size_t i = 0; i < PAIRS; i++) {
        assert_int_equal(out[1 + i], 0x323);
        assert_int_equal(out[1 + PAIRS + i], i % 2 ? 0x301 : 0x302);
    }
    arena_free(arena);
}

static void rules_are_named_in_order_and_found_by_name(void **state)
{
    (void)state;
    size_t count;
    const char *const *names = text_rule_names(&count);
    assert_true(count >= 27);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        assert_true(strlen(text_rule_unit(rule_of(names[i]))) > 0);
    }
    assert_null(text_rule_find("mastodn"));
    assert_null(text_rule_find(""));
    assert_string_equal(text_rule_unit(rule_of("x")), "weighted units");
}

/* The kinds of text for which a regular expression would go back and forth, at 100 kB: in quadratic
 * time one of them would take minutes under the sanitizers. */
static void hostile_texts_take_linear_time(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    static const char *const pieces[] = {"@",
                                         "#",
                                         ".",
                                         "(",
                                         "a.b.c.d.",
                                         "@a",
                                         "#a",
                                         "x.co/(",
                                         "a_b.",
                                         "http://a.",
                                         "あ",
                                         "あ.",
                                         "-a.",
                                         "a@",
                                         "@-",
                                         "?",
                                         "\xCC\x81\xCC\xA3",
                                         "\xFF",
                                         "$A ",
                                         "aあ.com",
                                         "http://x.co/((",
                                         "@[",
                                         "<@",
                                         "@a.",
                                         "u/",
                                         "\xE2\x80\x8D"};
    size_t count;
    const char *const *names = text_rule_names(&count);
    for (size_t p = 0; p < COUNT(pieces); p++) {
        struct buf text = {0};
        while (text.length < SIZE)
            buf_add_text(&text, pieces[p]);
        for (size_t i = 0; i < count; i++) {
            struct arena *arena = arena_new();
            struct measure measure = text_measure(rule_of(names[i]), text.data, text.length, 0, arena);
            assert_int_equal(measure.bytes, text.length);
            arena_free(arena);
        }
        buf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_network_sees_what_its_own_software_sees),
        cmocka_unit_test(each_network_counts_its_own_way),
        cmocka_unit_test(a_text_fits_up_to_the_limit_and_no_further),
        cmocka_unit_test(what_fits_by_its_bytes_fits_when_it_is_measured),
        cmocka_unit_test(an_account_may_have_a_limit_of_its_own),
        cmocka_unit_test(x_takes_no_byte_order_mark),
        cmocka_unit_test(grapheme_clusters_are_what_people_see_as_characters),
        cmocka_unit_test(a_text_is_shortened_between_clusters),
        cmocka_unit_test(nfc_is_canonical),
        cmocka_unit_test(a_long_run_of_marks_is_sorted_and_keeps_its_order_within_a_class),
        cmocka_unit_test(rules_are_named_in_order_and_found_by_name),
        cmocka_unit_test(hostile_texts_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
