/* CSV: what spreadsheets write is read, what would be guessed is refused with its place, and what is written is read
 * back whatever it says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/utf8.h"

#define complain(...) (print_error(__VA_ARGS__), assert_true(false))

struct run {
    struct arena *arena;
    struct diags diags;
    const struct csv *csv;
};

static struct run parse(const char *bytes, size_t length, char separator)
{
    struct run run = {.arena = arena_new()};
    run.diags = diags_in(run.arena);
    run.csv = csv_parse("f.csv", bytes, length, separator, run.arena, &run.diags);
    return run;
}

/* "a|b¶c": cells by '|', rows by '¶'; or the finding. */
static const char *shown(const struct run *run)
{
    struct buf text = {0};
    for (size_t i = 0; run->csv && i < run->csv->row_count; i++)
        for (size_t k = 0; k < run->csv->rows[i].count; k++)
            buf_printf(&text, "%s%s", k ? "|" : i ? "¶" : "", run->csv->rows[i].cells[k].text);
    for (size_t i = 0; i < run->diags.count; i++)
        diag_print(&run->diags.items[i], &text);
    const char *copy = arena_strdup(run->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* ---- what is read ---- */

static const struct {
    const char *bytes, *want;
    char separator; /* 0: found out */
} good[] = {
    {"a,b\r\nc,d\r\n", "a|b¶c|d", 0},
    {"a,b\nc,d", "a|b¶c|d", 0},                                /* LF, and no end of the last line */
    {"a,b\rc,d\r", "a|b¶c|d", 0},                              /* an old Mac's */
    {"\xef\xbb\xbf" "a,b", "a|b", 0},                          /* byte order mark */
    {"a;b;c,d\n", "a|b|c,d", 0},                               /* French spreadsheets */
    {"a\tb\tc;d,e\n", "a|b|c;d,e", 0},
    {"\"a;b;c\",d\n", "a;b;c|d", 0},                           /* what stands in quotes does not count */
    {"alone\n", "alone", 0},
    {"a;b,c", "a;b|c", 0},                                     /* as often: ',' */
    {"a;b,c", "a|b,c", ';'},                                   /* unless said otherwise */
    {"sep=;\r\na,b;c\r\n", "a,b|c", 0},                        /* Excel's first line */
    {"sep=;\na,b;c", "a|b;c", ','},                            /* what was asked for is stronger */
    {"sep=;", "sep=|", 0},                                     /* no line of its own: text */
    {"\"a \"\"b\"\" c\",\"\"\n", "a \"b\" c|", 0},
    {"\"a\r\nb\rc\nd\",e\n", "a\nb\nc\nd|e", 0},               /* line ends within quotes */
    {"a,,\n,,\n\n,b,\n", "a||¶|b|", 0},                        /* empty rows are left out, empty cells are not */
    {" a , b\n", " a | b", 0},                                 /* blanks are text (RFC 4180, 2.4) */
    {"été,🏔️\n", "été|🏔️", 0},
    {"a,\"tab\there\"\n", "a|tab\there", 0},
    {"\xef\xbf\xbd\n", "\xef\xbf\xbd", 0},                     /* U+FFFD itself is a character like others */
};

static void what_spreadsheets_write_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct run run = parse(good[i].bytes, strlen(good[i].bytes), good[i].separator);
        assert_string_equal(shown(&run), good[i].want);
        arena_free(run.arena);
    }
}

/* ---- what is refused ---- */

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t length;
    const char *want; /* the finding begins so */
} bad[] = {
    {BYTES(""), "f.csv: the file is empty"},
    {BYTES(",,\n\n,\n"), "f.csv: the file is empty"},
    {BYTES("a,\"b"), "f.csv:1:3: the quote that begins this cell is never closed; end the cell"},
    {BYTES("x\na,\"b\nc\nd"), "f.csv:2:3: the quote that begins this cell is never closed"},
    {BYTES("a,b\"c\n"), "f.csv:1:4: a quote in the middle of a cell without quotes; put the whole cell in quotes"},
    {BYTES("a,\"b\"c\n"), "f.csv:1:6: something follows the quote that ends a cell; write a quote within a cell twice"},
    {BYTES("a,\"b\" ,c\n"), "f.csv:1:6: something follows the quote"},
    {BYTES("é,\x07\n"), "f.csv:1:3: control character in a cell"},
    {BYTES("a,\xc2\x85\n"), "f.csv:1:3: control character in a cell"},
    {BYTES("x\ncaf\xe9,b\n"), "f.csv:2:4: not UTF-8, it is probably Windows-1252 or Latin-1; save it as 'CSV UTF-8', or: iconv"},
    {BYTES("\xff\xfe" "a\0b\0"), "f.csv:1:1: this is UTF-16, as a spreadsheet's 'Unicode text' is; save it as"},
    {BYTES("\xfe\xff\0a"), "f.csv:1:1: this is UTF-16"},
    {BYTES("a\0,\0"), "f.csv:1:1: not a text: it has NUL bytes"},
    {BYTES("PK\x03\x04..."), "f.csv:1:1: this is a spreadsheet, not CSV"},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1"), "f.csv:1:1: this is a spreadsheet, not CSV"},
};

static void what_would_be_guessed_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct run run = parse(bad[i].bytes, bad[i].length, 0);
        assert_null(run.csv);
        assert_int_equal(run.diags.errors, 1);
        if (strncmp(shown(&run), bad[i].want, strlen(bad[i].want)) != 0)
            complain("%s, not %s", shown(&run), bad[i].want);
        arena_free(run.arena);
    }
}

static void assert_limit(struct buf *bytes, const char *want)
{
    struct run run = parse(buf_text(bytes), bytes->length, ',');
    if (!want)
        assert_non_null(run.csv);
    else if (run.csv || !strstr(shown(&run), want))
        complain("%s, not %s", shown(&run), want);
    arena_free(run.arena);
    buf_reset(bytes);
}

static void add_many(struct buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_add_text(out, text);
}

static void everything_is_bounded_and_the_bound_itself_is_allowed(void **state)
{
    (void)state;
    struct buf bytes = {0};
    add_many(&bytes, "a\n", CSV_MAX_ROWS);
    assert_limit(&bytes, NULL);
    add_many(&bytes, "a\n", CSV_MAX_ROWS + 1);
    assert_limit(&bytes, "f.csv:100002:1: more than 100,000 rows; split the file");
    add_many(&bytes, ",", CSV_MAX_COLUMNS - 1);
    buf_add_text(&bytes, "a");
    assert_limit(&bytes, NULL);
    add_many(&bytes, "a,", CSV_MAX_COLUMNS);
    assert_limit(&bytes, "f.csv:1:1001: a row has more than 500 cells");
    add_many(&bytes, "x", CSV_MAX_CELL);
    assert_limit(&bytes, NULL);
    add_many(&bytes, "x", CSV_MAX_CELL + 1);
    assert_limit(&bytes, "f.csv:1:524289: a cell is longer than 512 KiB");
    add_many(&bytes, "0123456789abcde\n", CSV_MAX_BYTES / 16 + 1);
    assert_limit(&bytes, "f.csv: the file is larger than 64 MiB; split it");
    buf_release(&bytes);
}

static void a_cell_knows_where_it_begins(void **state)
{
    (void)state;
    static const char bytes[] = "\xef\xbb\xbf" "é,b\n\"x\ny\",\"z\"\n";
    struct run run = parse(BYTES(bytes), 0);
    static const struct {
        size_t row, cell;
        unsigned line, column;
    } places[] = {{0, 0, 1, 1}, {0, 1, 1, 3}, {1, 0, 2, 1}, {1, 1, 3, 4}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct csv_cell *cell = &run.csv->rows[places[i].row].cells[places[i].cell];
        assert_int_equal(cell->line, places[i].line);
        assert_int_equal(cell->column, places[i].column);
    }
    arena_free(run.arena);
}

/* ---- what is written ---- */

static const struct {
    const char *text, *want;
} written[] = {
    {"", ""},
    {"plain", "plain"},
    {"a,b", "\"a,b\""},
    {"a;b", "\"a;b\""}, /* whoever reads it, with whatever separator */
    {"say \"hi\"", "\"say \"\"hi\"\"\""},
    {"two\nlines", "\"two\nlines\""},
    {" blank", "\" blank\""},
    {"blank ", "\"blank \""},
    {"=1+1", "'=1+1"}, /* formulas */
    {"+33 1", "'+33 1"},
    {"- item", "'- item"},
    {"@anna", "'@anna"},
    {"sep=", "\"sep=\""},
    {"\t=x", "\"'\t=x\""},
    {"＝1", "'＝1"},
    {"＠anna", "'＠anna"},
    {" =1", "\"' =1\""},
    {"\n=1", "\"'\n=1\""},
    {"'=1", "''=1"}, /* so that it comes back as it was */
    {"''' -x", "'''' -x"},
    {"'tis", "'tis"}, /* no formula: nothing is done to it */
    {"a=b", "a=b"},
};

static void a_formula_is_written_as_text_and_comes_back_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        struct buf out = {0};
        csv_add_cell(&out, written[i].text);
        assert_string_equal(buf_text(&out), written[i].want);
        buf_add_text(&out, ",x");
        struct run run = parse(buf_text(&out), out.length, ',');
        assert_string_equal(csv_unguard(run.csv->rows[0].cells[0].text), written[i].text);
        arena_free(run.arena);
        buf_release(&out);
    }
}

/* Nobody can be sure that a cell is not looked at on a terminal. */
static void what_steers_a_terminal_is_not_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } steering[] = {
        {"a\x1b[2Jb", "a\xef\xbf\xbd[2Jb"},
        {"\x07\x08\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc2\x9b\x33" "1m", "\xef\xbf\xbd\x33" "1m"}, /* CSI in one character */
        {"\x9b", "\xef\xbf\xbd"},                       /* and what is no UTF-8 */
        {"true\rfalse", "\"true\nfalse\""},              /* would be written over; reading makes it a line, too */
        {"one\r\ntwo", "\"one\ntwo\""},
        {"\r=1+1", "\"'\n=1+1\""},
        {"\x1b=1", "\xef\xbf\xbd=1"},
    };
    for (size_t i = 0; i < sizeof steering / sizeof *steering; i++) {
        struct buf out = {0};
        csv_add_cell(&out, steering[i].text);
        assert_string_equal(buf_text(&out), steering[i].want);
        buf_add_text(&out, ",x");
        struct run run = parse(buf_text(&out), out.length, ',');
        assert_non_null(run.csv);
        arena_free(run.arena);
        buf_release(&out);
    }
}

/* Pieces that mean something to CSV, to spreadsheets or to UTF-8, in any order. */
static void add_random_text(struct buf *out, unsigned *seed)
{
    static const char *const pieces[] = {"=", "+", "-", "@", "'", "\"", "\"\"", ",", ";", "\t", "\n", " ", "a",
                                         "é", "🏔️", "＝", "sep=;", "\xef\xbb\xbf", "||", "HYPERLINK(", "👩‍🚒"};
    for (int left = (int)(rand_r(seed) % 9); left > 0; left--)
        buf_add_text(out, pieces[rand_r(seed) % (sizeof pieces / sizeof *pieces)]);
}

static void whatever_is_written_is_read_again(void **state)
{
    (void)state;
    static const char separators[] = ",;\t";
    for (unsigned round = 1; round <= 20000; round++) {
        unsigned seed = round;
        struct buf out = {0}, texts[4] = {{0}};
        for (int i = 0; i < 4; i++) {
            add_random_text(&texts[i], &seed);
            if (i)
                buf_add_char(&out, separators[round % 3]);
            csv_add_cell(&out, buf_text(&texts[i]));
        }
        buf_printf(&out, "%cx\r\n", separators[round % 3]); /* never a row of empty cells */
        struct run run = parse(buf_text(&out), out.length, separators[round % 3]);
        if (!run.csv)
            complain("round %u: %s", round, shown(&run));
        for (size_t i = 0; i < 4; i++)
            if (strcmp(csv_unguard(run.csv->rows[0].cells[i].text), buf_text(&texts[i])) != 0)
                complain("round %u: cell %zu of %s", round, i, buf_text(&out));
        arena_free(run.arena);
        buf_release(&out);
        for (int i = 0; i < 4; i++)
            buf_release(&texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_spreadsheets_write_is_read),
        cmocka_unit_test(what_would_be_guessed_is_refused_with_its_place),
        cmocka_unit_test(everything_is_bounded_and_the_bound_itself_is_allowed),
        cmocka_unit_test(a_cell_knows_where_it_begins),
        cmocka_unit_test(a_formula_is_written_as_text_and_comes_back_as_it_was),
        cmocka_unit_test(what_steers_a_terminal_is_not_written),
        cmocka_unit_test(whatever_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
