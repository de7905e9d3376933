/* iCalendar lines: escaped, folded at 75 bytes, never inside a character (RFC 5545 sections 3.1 and 3.3.11).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "queue/ics.h"

static void a_text_is_escaped(void **state)
{
    (void)state;
    struct buf out = {0};
    ics_text(&out, "SUMMARY", "a, b; c\\ d\ne\rf\tg");
    assert_string_equal(buf_text(&out), "SUMMARY:a\\, b\\; c\\\\ d\\nefg\r\n");
    buf_release(&out);
}

static void a_long_line_is_folded_between_characters(void **state)
{
    (void)state;
    char text[4 * 200 + 1] = "";
    for (int i = 0; i < 200; i++)
        strcat(text, i % 3 == 0 ? "a" : i % 3 == 1 ? "é" : "🏔");
    static const char *const fronts[] = {"", "a", "ab", "abc", "abcd"}; /* every way to meet the 75th byte */
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        char line_text[900];
        snprintf(line_text, sizeof line_text, "%s%s", fronts[i], text);
        struct buf out = {0}, whole = {0};
        ics_text(&out, "X", line_text);
        for (const char *line = buf_text(&out); *line;) {
            size_t length = strcspn(line, "\r");
            assert_true(length <= 75);
            assert_true(utf8_is_valid(line, length));
            assert_memory_equal(line + length, "\r\n", 2);
            buf_add(&whole, *line == ' ' ? line + 1 : line, length - (*line == ' '));
            line += length + 2;
        }
        assert_string_equal(buf_text(&whole) + 2, line_text);
        buf_release(&out);
        buf_release(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_escaped),
        cmocka_unit_test(a_long_line_is_folded_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
