/* What a content is once it was written as JSON and read again, and which JSON is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* base/error.h has its own */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "network/content.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MEDIA                                                                                                \
    "{\"alt\":\"\",\"file\":\"a.png\",\"height\":2,\"mime\":\"image/png\",\"sha256\":\"" SHA                 \
    "\",\"size\":3,\"width\":1}"

static const struct media pictures[] = {
    {.file = "a.png", .alt = "", .mime = "image/png", .sha256 = SHA, .size = 3, .width = 1, .height = 2},
    {.file = "c.mp4", .alt = "Le col", .mime = "video/mp4", .sha256 = SHA, .size = 9, .width = 3, .height = 4,
     .length = 61500, .index_last = true, .codec = "avc1", .sound = "mp4a"},
    {.file = "b.jpg", .alt = "Le chalet", .mime = "image/jpeg", .sha256 = SHA, .size = INT64_MAX},
    {.file = "d.pdf", .alt = "", .mime = "application/pdf", .sha256 = SHA, .size = 9},
};
static const struct part thread[] = {{.text = "un\n\tdeux", .media = pictures, .media_count = 4},
                                     {.text = ""}};
static const char *const tags[] = {"hiver", "été"}, *const categories[] = {"Actualités"};
static const struct content full = {.parts = thread,
                                    .part_count = 2,
                                    .title = "T",
                                    .link = "https://example.org/hiver",
                                    .language = "fr",
                                    .warning = "W",
                                    .body = "# B",
                                    .summary = "S",
                                    .slug = "ouverture",
                                    .visibility = VISIBILITY_FOLLOWERS,
                                    .tags = tags,
                                    .tag_count = 2,
                                    .categories = categories,
                                    .category_count = 1};

static char *print(const struct content *content)
{
    json_t *json = content_to_json(content);
    char *text = json_print(json);
    json_decref(json);
    return text;
}

static void what_is_written_is_read_the_same(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    json_t *json = content_to_json(&full);
    const struct content *read = content_from_json(arena, json, &err);
    json_decref(json);
    assert_string_equal(err.message, "");
    assert_non_null(read);
    assert_int_equal(read->part_count, 2);
    assert_string_equal(read->parts[0].media[2].alt, "Le chalet");
    assert_int_equal(read->parts[0].media[1].length, 61500);
    assert_string_equal(read->parts[0].media[1].sound, "mp4a");
    assert_true(read->parts[0].media[1].index_last);
    assert_int_equal(read->parts[0].media[2].size, INT64_MAX);
    assert_int_equal(read->parts[1].media_count, 0);
    assert_string_equal(read->tags[1], "été");
    assert_int_equal(read->visibility, VISIBILITY_FOLLOWERS);
    char *before = print(&full), *after = print(read);
    assert_string_equal(before, after);
    free(before);
    free(after);
    arena_free(arena);
}

static void what_is_not_given_is_absent(void **state)
{
    (void)state;
    const struct part one = {.text = "a"};
    char *text = print(&(struct content){.parts = &one, .part_count = 1});
    assert_string_equal(text, "{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\"}");
    free(text);
}

static void equal_contents_have_equal_hashes_and_others_do_not(void **state)
{
    (void)state;
    char a[SHA256_HEX], b[SHA256_HEX];
    struct content copy = full;
    assert_string_equal(content_hash(&full, a), content_hash(&copy, b));
    copy.warning = NULL;
    assert_string_not_equal(a, content_hash(&copy, b));
    copy = full;
    copy.tag_count = 1;
    assert_string_not_equal(a, content_hash(&copy, b));
    copy = full;
    copy.visibility = VISIBILITY_PUBLIC;
    assert_string_not_equal(a, content_hash(&copy, b));
}

static const struct {
    const char *json, *message; /* "" : it is read */
} strict[] = {
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\"}", ""},
    {"{\"parts\":[{\"text\":\"a\",\"media\":[" MEDIA "]}],\"visibility\":\"direct\"}", ""},
    {"[]", "content is no object"},
    {"{\"visibility\":\"public\"}", "content: 'parts' is no array with something in it"},
    {"{\"parts\":[],\"visibility\":\"public\"}", "content: 'parts' is no array with something in it"},
    {"{\"parts\":{},\"visibility\":\"public\"}", "content: 'parts' is no array with something in it"},
    {"{\"parts\":[1],\"visibility\":\"public\"}", "part 1 is no object"},
    {"{\"parts\":[{}],\"visibility\":\"public\"}", "part 1: 'text' is missing"},
    {"{\"parts\":[{\"text\":1}],\"visibility\":\"public\"}", "part 1: 'text' is no text"},
    {"{\"parts\":[{\"text\":\"\\u0007\"}],\"visibility\":\"public\"}",
     "part 1: 'text' has control characters"},
    {"{\"parts\":[{\"text\":\"a\",\"x\":1}],\"visibility\":\"public\"}", "part 1 has an unknown member 'x'"},
    {"{\"parts\":[{\"text\":\"a\",\"media\":[]}],\"visibility\":\"public\"}",
     "part 1: 'media' is no array with something in it"},
    {"{\"parts\":[{\"text\":\"a\",\"media\":[{}]}],\"visibility\":\"public\"}",
     "media 1 of part 1: 'file' is missing"},
    {"{\"parts\":[{\"text\":\"a\"}]}", "content: 'visibility' is missing"},
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"all\"}", "content: unknown visibility 'all'"},
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\",\"titel\":\"a\"}",
     "content has an unknown member 'titel'"},
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\",\"title\":null}",
     "content: 'title' is no text"},
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\",\"tags\":[]}",
     "content: 'tags' is no array with something in it"},
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\",\"tags\":[1]}", "content: 'tags' is no text"},
    {"{\"parts\":[{\"text\":\"a\"}],\"visibility\":\"public\",\"link\":\"javascript:a\"}",
     "content: 'link' is no http(s) URL: 'javascript:a'"},
};

static void only_what_we_write_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++) {
        struct arena *arena = arena_new();
        struct error err = {0};
        json_t *json = json_parse(strict[i].json, strlen(strict[i].json), &err);
        assert_non_null(json);
        const struct content *content = content_from_json(arena, json, &err);
        assert_string_equal(err.message, strict[i].message);
        assert_int_equal(content != NULL, !*strict[i].message);
        json_decref(json);
        arena_free(arena);
    }
}

/* Each member of a medium, given a value that we never write. */
static void a_medium_is_read_only_whole(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *message;
    } cases[] = {
        {"file", "\"\"", "media 1 of part 1: 'file' is empty"},
        {"mime", "\"image/tiff\"", "media 1 of part 1: 'mime' is none of ours: 'image/tiff'"},
        {"sha256", "\"abc\"", "media 1 of part 1: 'sha256' is not 64 hex digits"},
        {"size", "-1", "media 1 of part 1: 'size' is no number from 0 to 9223372036854775807"},
        {"width", "4294967296", "media 1 of part 1: 'width' is no number from 0 to 4294967295"},
        {"height", "1.5", "media 1 of part 1: 'height' is no number from 0 to 4294967295"},
        {"length", "7", "media 1 of part 1: only a video has 'length', 'codec' or 'sound'"},
        {"mime", "\"video/mp4\"", "media 1 of part 1: 'length' is no number from 0 to 3153600000000"},
        {"alt", "7", "media 1 of part 1: 'alt' is no text"},
        {"name", "7", "media 1 of part 1 has an unknown member 'name'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct error err = {0};
        json_t *json = content_to_json(&full);
        json_t *medium =
            json_array_get(json_member(json_array_get(json_member(json, "parts"), 0), "media"), 0);
        json_set(medium, cases[i].key, json_parse(cases[i].value, strlen(cases[i].value), &err));
        assert_null(content_from_json(arena, json, &err));
        assert_string_equal(err.message, cases[i].message);
        json_decref(json);
        arena_free(arena);
    }
}

static void a_text_with_nul_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    json_t *json = content_to_json(&full);
    json_set(json, "title", json_stringn("a\0b", 3));
    assert_null(content_from_json(arena, json, &err));
    assert_string_equal(err.message, "content: 'title' has control characters");
    json_decref(json);
    arena_free(arena);
}

static void every_visibility_has_a_name_that_is_read(void **state)
{
    (void)state;
    enum visibility read = VISIBILITY_PUBLIC;
    for (enum visibility v = VISIBILITY_PUBLIC; v <= VISIBILITY_DIRECT; v++) {
        assert_true(visibility_parse(visibility_name(v), &read));
        assert_int_equal(read, v);
    }
    assert_false(visibility_parse("Public", &read));
    assert_int_equal(read, VISIBILITY_DIRECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_the_same),
        cmocka_unit_test(what_is_not_given_is_absent),
        cmocka_unit_test(equal_contents_have_equal_hashes_and_others_do_not),
        cmocka_unit_test(only_what_we_write_is_read),
        cmocka_unit_test(a_medium_is_read_only_whole),
        cmocka_unit_test(a_text_with_nul_is_refused),
        cmocka_unit_test(every_visibility_has_a_name_that_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
