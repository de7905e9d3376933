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

static void whatever_comes_it_ends_and_nothing_is_given_twice(void **state)
{
    (void)state;
    static const char alphabet[] = "[]{},:\"\\ \n1a";
    uint32_t chance = 11;
    for (int turn = 0; turn < 20000; turn++) {
        char body[24];
        size_t length = chance >> 8 & 15, last = 0, count = 0, item_length;
        for (size_t i = 0; i < length; i++) {
            chance = chance * 1664525 + 1013904223;
            body[i] = i == 0 && turn % 2 ? '[' : alphabet[(chance >> 16) % (sizeof alphabet - 1)];
        }
        struct items items = {.bytes = body, .length = length, .lines = turn % 3 == 0};
        const char *item;
        while (items_next(&items, &item, &item_length, NULL) && item) {
            size_t from = (size_t)(item - body);
            assert_true(from >= last && from + item_length <= length && ++count <= length + 1);
            last = from + item_length;
        }
        chance = chance * 1664525 + 1013904223;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_cut_at_its_own_commas),
        cmocka_unit_test(lines_are_cut_and_blank_ones_are_none),
        cmocka_unit_test(whatever_comes_it_ends_and_nothing_is_given_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
