/* Many objects in one body: lists and lines, cut where the next one begins, whatever is inside. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <string.h>

#include "base/buf.h"
#include "control/items.h"

/* All of them with "|" behind each, and what ended it. */
static void cut(const char *body, bool lines, struct buf *out)
{
    struct items items = {.bytes = body, .length = strlen(body), .lines = lines};
    struct error err = {""};
    const char *item;
    size_t length;
    while (items_next(&items, &item, &length, &err) && item) {
        buf_add(out, item, length);
        buf_add_char(out, '|');
    }
    buf_add_text(out, err.message);
}

static void a_list_is_cut_at_its_own_commas(void **state)
{
    (void)state;
    static const struct {
        const char *body, *cut;
    } cases[] = {
        {"[]", ""},
        {" [ ] \n", ""},
        {"[1]", "1|"},
        {"[{\"a\": [1, 2]}, {\"b\": {\"c\": \"], }\"}} ,\n3 ]",
         "{\"a\": [1, 2]}|{\"b\": {\"c\": \"], }\"}}|3|"},
        {"[\"\\\"]\", \"\\\\\"]", "\"\\\"]\"|\"\\\\\"|"},
        {"[1,]", "1||"},
        {"[,1]", "|1|"},
        {"[\"never closed, 2]", "\"never closed, 2]|the list is not closed, line 1"},
        {"[1,\n2", "1|2|the list is not closed, line 2"},
        {"[[1, 2]", "[1, 2]|the list is not closed, line 1"},
        {"[1}]", "1}|"},
        {"\n{}", "a list was expected, line 2"},
        {"", "a list was expected, line 1"},
        {"[1] [2]", "1|something stands behind the list, line 1"},
        {"[\"\\", "\"\\|the list is not closed, line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        cut(cases[i].body, false, &out);
        if (strcmp(buf_text(&out), cases[i].cut) != 0)
            fail_msg("%s: %s", cases[i].body, buf_text(&out));
        buf_release(&out);
    }
}

static void lines_are_cut_and_blank_ones_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *body, *cut;
    } cases[] = {
        {"", ""},
        {"\n \r\n\t", ""},
        {"{}", "{}|"},
        {"{}\n", "{}|"},
        {"\n {\"a\": 1} \r\n\n[2]\r\n", "{\"a\": 1}|[2]|"},
        {"1\n2", "1|2|"},
        {"{\n}", "{|}|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        cut(cases[i].body, true, &out);
        if (strcmp(buf_text(&out), cases[i].cut) != 0)
            fail_msg("%s: %s", cases[i].body, buf_text(&out));
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_cut_at_its_own_commas),
        cmocka_unit_test(lines_are_cut_and_blank_ones_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
