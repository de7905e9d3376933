/* Headers, encoded words, quoted-printable and addresses, by the examples of their RFCs and at their limits.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "network/mime.h"

#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

static void texts_become_headers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *header, *why;
    } cases[] = {
        {"Hello", "Subject: Hello\r\n", "ASCII is itself"},
        {"", "Subject: \r\n", "nothing"},
        {"a  b", "Subject: a  b\r\n", "every space counts"},
        {"Été", "Subject: =?UTF-8?B?w4l0w6k=?=\r\n", "RFC 2047 section 4.1"},
        {"😀", "Subject: =?UTF-8?B?8J+YgA==?=\r\n", "beyond the BMP"},
        {"a\r\nBcc: x@y", "Subject: =?UTF-8?B?YSAgQmNjOiB4QHk=?=\r\n", "no header of its own"},
        {"=?UTF-8?Q?=0A?=", "Subject: =?UTF-8?B?PT9VVEYtOD9RPz0wQT89?=\r\n",
         "what looks encoded is not decoded"},
        {" a", "Subject: =?UTF-8?B?IGE=?=\r\n", "a blank at the beginning is kept"},
        {"a ", "Subject: =?UTF-8?B?YSA=?=\r\n", "and at the end"},
        {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890",
         "Subject: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\r\n 1234567890\r\n",
         "folded before 78 (RFC 5322 section 2.1.1)"},
        {"ééééééééééééééééééééééé",
         "Subject: =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\r\n "
         "=?UTF-8?B?w6nDqQ==?=\r\n",
         "no word of more than 75, none ends within a character"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        mime_add_text(&out, "Subject", cases[i].text);
        if (strcmp(buf_text(&out), cases[i].header) != 0)
            fail_msg("%s: '%s' gave '%s'", cases[i].why, cases[i].text, buf_text(&out));
        buf_release(&out);
    }
}

static void names_become_mailboxes(void **state)
{
    (void)state;
    static const struct {
        const char *display, *header;
    } cases[] = {
        {NULL, "From: a@b.c\r\n"},
        {"", "From: a@b.c\r\n"},
        {"Mary Smith", "From: Mary Smith <a@b.c>\r\n"},                         /* RFC 5322 appendix A.1.1 */
        {"Joe Q. Public", "From: \"Joe Q. Public\" <a@b.c>\r\n"},               /* A.1.2 */
        {"Giant; \"Big\" Box", "From: \"Giant; \\\"Big\\\" Box\" <a@b.c>\r\n"}, /* A.1.2 */
        {"Keld Jørn Simonsen",
         "From: =?UTF-8?B?S2VsZCBKw7hybiBTaW1vbnNlbg==?= <a@b.c>\r\n"}, /* RFC 2047 section 8 */
        {"a\" <x@y>, \"b", "From: \"a\\\" <x@y>, \\\"b\" <a@b.c>\r\n"},
        {"a\r\nBcc: x", "From: =?UTF-8?B?YSAgQmNjOiB4?= <a@b.c>\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        mime_add_mailbox(&out, "From", cases[i].display, "a@b.c");
        assert_string_equal(buf_text(&out), cases[i].header);
        buf_release(&out);
    }
}

static void text_becomes_quoted_printable(void **state)
{
    (void)state;
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"", ""},
        {"a", "a\r\n"},
        {"a\n", "a\r\n"},
        {"a=b", "a=3Db\r\n"},
        {"é", "=C3=A9\r\n"},
        {"end \nmid dle\t\n", "end=20\r\nmid dle=09\r\n"}, /* RFC 2045 section 6.7 rule 3 */
        {"\n\n.\n", "\r\n\r\n.\r\n"},                      /* dots are the wire's business */
        {"From me\nxFrom", "=46rom me\r\nxFrom\r\n"},
        {"Now's the time for all folk to come to the aid of their country. And a few more.",
         "Now's the time for all folk to come to the aid of their country. And a few =\r\nmore.\r\n"}, /* rule
                                                                                                          5 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        mime_add_quoted_printable(&out, cases[i].text);
        assert_string_equal(buf_text(&out), cases[i].quoted);
        buf_release(&out);
    }
}

static void no_line_is_longer_than_76(void **state)
{
    (void)state;
    struct buf text = {0}, out = {0};
    for (int i = 0; i < 5000; i++)
        buf_add_text(&text, i % 7 ? "a" : i % 3 ? "é" : i % 5 ? "=" : " ");
    mime_add_quoted_printable(&out, text.data);
    for (const char *line = out.data; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\r") <= 76);
    buf_release(&text);
    buf_release(&out);
}

static void dates_are_those_of_rfc_5322(void **state)
{
    (void)state;
    struct buf out = {0};
    mime_add_date(&out, INT64_C(880127706000)); /* appendix A.1.1: Fri, 21 Nov 1997 09:55:06 -0600 */
    mime_add_date(&out, INT64_C(1796112000999));
    assert_string_equal(buf_text(&out),
                        "Date: Fri, 21 Nov 1997 15:55:06 +0000\r\nDate: Tue, 01 Dec 2026 08:00:00 +0000\r\n");
    buf_release(&out);
}

static void addresses_are_told_from_others(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b.c", "first.last+tag@sub.example.org", "o'brien@example.org",
                                       "a@localhost", "x_y/z=1@xn--bcher-kva.example"};
    static const char *const bad[] = {
        "",
        "a",
        "@b.c",
        "a@",
        "a@b",
        "a b@c.d",
        "a@b c.d",
        ".a@b.c",
        "a.@b.c",
        "a..b@c.d",
        "a@-b.c",
        "a@b-.c",
        "a@b..c",
        "a@.b",
        "é@b.c",
        "a@é.c",
        "<a@b.c>",
        "a@b.c>",
        "a@[1.2.3.4]",
        "\"a\"@b.c",
        "a@b.c\r\nX: y",
        "a,b@c.d",
        "12345678901234567890123456789012345678901234567890123456789012345@b.c"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!mime_is_address(good[i]))
            fail_msg("'%s' is an address", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mime_is_address(bad[i]))
            fail_msg("'%s' is none", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_headers),          cmocka_unit_test(names_become_mailboxes),
        cmocka_unit_test(text_becomes_quoted_printable), cmocka_unit_test(no_line_is_longer_than_76),
        cmocka_unit_test(dates_are_those_of_rfc_5322),   cmocka_unit_test(addresses_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
