/* Texts as YAML: as a person would write them, and whatever they say they read back as they were. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "base/yaml_write.h"

static const struct {
    const char *text, *want;
} cases[] = {
    {"Bonjour", "Bonjour"},
    {"La saison d'hiver est ouverte !", "La saison d'hiver est ouverte !"},
    {"Été, c'est [fini] {vraiment}", "Été, c'est [fini] {vraiment}"},
    {"https://example.org/a?b=c#d", "https://example.org/a?b=c#d"},
    {"", "\"\""},
    {"no", "\"no\""},           /* a word of YAML 1.1 */
    {"Null", "\"Null\""},
    {"12", "\"12\""},           /* numbers and dates */
    {"2026-12-01", "\"2026-12-01\""},
    {"a: b", "\"a: b\""},       /* a map */
    {"a:", "\"a:\""},
    {"a #b", "\"a #b\""},       /* a comment */
    {"#b", "\"#b\""},
    {"- a", "\"- a\""},
    {"*a", "\"*a\""},
    {"[a", "\"[a\""},
    {"'a'", "\"'a'\""},
    {"say \"hi\" \\o/", "say \"hi\" \\o/"},
    {"\"hi\" \\o/", "\"\\\"hi\\\" \\\\o/\""},
    {" a", "\" a\""},
    {"a ", "\"a \""},
    {"a\tb", "\"a\\tb\""},
    {"a\nb", "|-\n  a\n  b"},
    {"a\n\n  b\n- c: d", "|-\n  a\n\n    b\n  - c: d"},
    {"a\nb\n", "|\n  a\n  b"},
    {"a\n\n", "|+\n  a\n"}, /* the line's own end follows */
    {"\na", "\"\\na\""},
    {" a\nb", "\" a\\nb\""},
    {"a\nb\xc2\x85", "\"a\\nb\\x85\""}, /* a line end to YAML 1.1 */
    {"a\xe2\x80\xa8" "b", "\"a\\u2028b\""},
    {"\xef\xbb\xbf" "a", "\"\\uFEFFa\""},
    {"🏔️", "🏔️"},
};

static const char *read_back(struct arena *arena, const char *written)
{
    struct buf file = {0};
    struct diags diags = diags_in(arena);
    buf_printf(&file, "a:\n- k: %s\n  l: x\n", written);
    const struct yaml *root = yaml_parse("f", buf_text(&file), file.length, arena, &diags);
    buf_release(&file);
    if (!root || !yaml_get(yaml_get(root, "a")->items[0], "l")) {
        print_error("%s: %s\n", written, diags.count ? diags.items[0].message : "no 'l'");
        return NULL;
    }
    return yaml_get(yaml_get(root, "a")->items[0], "k")->text;
}

static void texts_are_written_as_a_person_would(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct buf out = {0};
        yaml_write_text(&out, cases[i].text, 2);
        assert_string_equal(buf_text(&out), cases[i].want);
        buf_reset(&out);
        yaml_write_text(&out, cases[i].text, 4);
        if (!strstr(cases[i].text, "\xc2\x85")) /* a control character: written, and refused by our reader */
            assert_string_equal(read_back(arena, buf_text(&out)), cases[i].text);
        buf_release(&out);
        arena_free(arena);
    }
}

static void whatever_a_text_says_it_reads_back_as_it_was(void **state)
{
    static const char *const pieces[] = {"a", "b c", " ", "\n", "\n\n", "\t", ":", ": ", "#", " #", "-", "- ", "'", "\"", "\\",
                                         "[", "]", "{", "}", ",", "&", "*", "!", "|", ">", "%", "@", "`", "~", "null", "1",
                                         "é", "🏔️", "\xe2\x80\xa8", "\xef\xbb\xbf", "---", "...", "?", "=", "<<", "\\n"};
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned seed = round;
        struct arena *arena = arena_new();
        struct buf text = {0}, out = {0};
        for (int left = (int)(rand_r(&seed) % 10); left >= 0; left--)
            buf_add_text(&text, pieces[rand_r(&seed) % (sizeof pieces / sizeof *pieces)]);
        yaml_write_text(&out, buf_text(&text), 4);
        const char *back = read_back(arena, buf_text(&out));
        if (!back || strcmp(back, buf_text(&text)) != 0)
            print_error("round %u: '%s' was written as %s and read as '%s'\n", round, buf_text(&text), buf_text(&out),
                        back ? back : "nothing");
        assert_true(back && !strcmp(back, buf_text(&text)));
        buf_release(&text);
        buf_release(&out);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_written_as_a_person_would),
        cmocka_unit_test(whatever_a_text_says_it_reads_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
