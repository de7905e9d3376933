/*
 * See csv.h. What the cells mean is not known here. A cell is in quotes when it has any separator that
 * somebody may read it with, so that a file says the same in countries where ';' stands between cells.
 */
#include <string.h>

#include "base/csv.h"
#include "base/utf8.h"


/* ---- formulas ---- */

/* Whether a spreadsheet may run it, or a "'" may stand before what it would run. */
static bool is_formula(const char *text)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    text += strspn(text, "' \n");
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strncmp(text, signs[i], strlen(signs[i])))
            return true;
    return false;
}

const char *csv_unguard(const char *text)
{
    bool guards = *text == '\'' && is_formula(text + 1);
#ifdef CALD_MUTANT_LOOSE_GUARD
    guards = *text == '\'';
#endif
    return guards ? text + 1 : text;
}

/* Of what has a meaning of its own where it begins a file, too. */
static bool needs_quotes(const char *text)
{
    size_t length = strlen(text);
    return text[strcspn(text, "\",;\t\r\n")] || *text == ' ' || (length && text[length - 1] == ' ') ||
           utf8_mark_length(text, strlen(text)) || !strncmp(text, "sep=", 4);
}

static bool is_control(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

/* What reading would refuse, and what would steer a terminal: see csv.h. */
static void add_without_controls(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(text + i, length - i, &c);
        if (c == '\r' && text[i + size] != '\n')
            buf_add_char(out, '\n');
        else if (c == 0xfffd || (c != '\r' && is_control(c)))
            buf_add_text(out, "\xef\xbf\xbd");
        else if (c != '\r')
            buf_add(out, text + i, size);
    }
}

void csv_add_cell(struct buf *out, const char *said)
{
    struct buf clean = {0};
    add_without_controls(&clean, said);
    const char *text = buf_text(&clean);
    bool guarded = is_formula(text), quoted = needs_quotes(text);
    if (quoted)
        buf_add_char(out, '"');
    if (guarded)
        buf_add_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *text);
    }
    if (quoted)
        buf_add_char(out, '"');
    buf_release(&clean);
}

/* ---- reading ---- */

struct reader {
    const char *file;
    const char *at, *end;
    unsigned line, column; /* of at */
    char separator;
    struct buf cell;
    struct arena *arena;
    struct diags *diags;
};

static bool refuse(struct reader *r, unsigned line, unsigned column, const char *rule, const char *message,
                   const char *remedy)
{
    diags_add(r->diags, &(struct diag){.level = DIAG_ERROR,
                                       .file = r->file,
                                       .line = line,
                                       .column = column,
                                       .rule = rule,
                                       .message = message,
                                       .remedy = remedy});
    return false;
}

static bool is_at(const struct reader *r, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(r->end - r->at) >= length && !memcmp(r->at, text, length);
}

static bool is_line_end(const struct reader *r)
{
    return r->at < r->end && (*r->at == '\n' || *r->at == '\r');
}

/* One character of the same line. */
static void step(struct reader *r, size_t size)
{
    r->at += size;
    r->column++;
}

/* CR LF, LF or CR. */
static void step_line(struct reader *r)
{
    r->at += is_at(r, "\r\n") ? 2 : 1;
    r->line++;
    r->column = 1;
}

static bool take_character(struct reader *r)
{
    uint32_t c;
    size_t size = utf8_decode(r->at, (size_t)(r->end - r->at), &c);
    if (is_control(c) || c == '\n')
        return refuse(r, r->line, r->column, "csv", "control character in a cell", "take it out");
    if (r->cell.length + size > CSV_MAX_CELL)
        return refuse(r, r->line, r->column, "limit", "a cell is longer than 512 KiB",
                      "is a closing '\"' missing further up?");
    buf_add(&r->cell, r->at, size);
    step(r, size);
    return true;
}

static bool read_quoted(struct reader *r)
{
    unsigned line = r->line, column = r->column;
    step(r, 1);
    while (r->at < r->end) {
        if (is_line_end(r)) {
            buf_add_char(&r->cell, '\n');
            step_line(r);
        } else if (*r->at != '"') {
            if (!take_character(r))
                return false;
        } else if (is_at(r, "\"\"")) {
            buf_add_char(&r->cell, '"');
            step(r, 1);
            step(r, 1);
        } else {
            step(r, 1);
            return r->at == r->end || is_line_end(r) || *r->at == r->separator ||
                   refuse(r, r->line, r->column, "csv", "something follows the quote that ends a cell",
                          "write a quote within a cell twice, \"\"");
        }
    }
    return refuse(r, line, column, "csv", "the quote that begins this cell is never closed",
                  "end the cell with '\"'; write a quote within it twice, \"\"");
}

static bool read_plain(struct reader *r)
{
    while (r->at < r->end && !is_line_end(r) && *r->at != r->separator) {
        if (*r->at == '"')
            return refuse(r, r->line, r->column, "csv", "a quote in the middle of a cell without quotes",
                          "put the whole cell in quotes, and write the quote within it twice, \"\"");
        if (!take_character(r))
            return false;
    }
    return true;
}

static bool read_cell(struct reader *r, struct csv_cell *ret_cell)
{
    unsigned line = r->line, column = r->column;
    buf_reset(&r->cell);
    if (!(r->at < r->end && *r->at == '"' ? read_quoted(r) : read_plain(r)))
        return false;
    *ret_cell = (struct csv_cell){arena_strndup(r->arena, buf_text(&r->cell), r->cell.length), line, column};
    return true;
}

static bool read_row(struct reader *r, struct csv_row *row)
{
    struct csv_cell *cells = NULL;
    *row = (struct csv_row){.line = r->line};
    for (bool more = true; more;) {
        struct csv_cell cell;
        if (!read_cell(r, &cell))
            return false;
        if (row->count == CSV_MAX_COLUMNS)
            return refuse(r, cell.line, cell.column, "limit", "a row has more than 500 cells", NULL);
        *arena_push(r->arena, cells, row->count) = cell;
        more = r->at < r->end && *r->at == r->separator;
        if (more)
            step(r, 1);
    }
    if (r->at < r->end)
        step_line(r);
    row->cells = cells;
    return true;
}

static bool is_blank(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (*row->cells[i].text)
            return false;
    return true;
}

static bool read_rows(struct reader *r, struct csv *csv)
{
    struct csv_row *rows = NULL;
    while (r->at < r->end) {
        struct csv_row row;
        if (!read_row(r, &row))
            return false;
        if (is_blank(&row))
            continue;
        if (csv->row_count == CSV_MAX_ROWS)
            return refuse(r, row.line, 1, "limit", "more than 100,000 rows", "split the file");
        *arena_push(r->arena, rows, csv->row_count) = row;
    }
    csv->rows = rows;
    csv->separator = r->separator;
    return true;
}

/* ---- what kind of file it is ---- */

static void find_place(const char *bytes, size_t until, unsigned *ret_line, unsigned *ret_column)
{
    *ret_line = *ret_column = 1;
    for (size_t i = 0, size; i < until; i += size) {
        uint32_t c;
        size = utf8_decode(bytes + i, until - i, &c);
        *ret_column = c == '\n' ? 1 : *ret_column + 1;
        *ret_line += c == '\n';
    }
}

static bool check_utf8(struct reader *r)
{
    const char *bytes = r->at;
    size_t length = (size_t)(r->end - r->at);
    unsigned line, column;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(bytes + i, length - i, &c);
        if (c != 0xfffd || size != 1)
            continue;
        find_place(bytes, i, &line, &column);
        return refuse(r, line, column, "csv", "not UTF-8, it is probably Windows-1252 or Latin-1",
                      "save it as 'CSV UTF-8', or: iconv -f WINDOWS-1252 -t UTF-8");
    }
    return true;
}

static bool check_kind(struct reader *r)
{
    if (r->end - r->at > CSV_MAX_BYTES)
        return refuse(r, 0, 0, "limit", "the file is larger than 64 MiB", "split it");
    if (is_at(r, "\xff\xfe") || is_at(r, "\xfe\xff"))
        return refuse(r, 1, 1, "csv", "this is UTF-16, as a spreadsheet's 'Unicode text' is",
                      "save it as 'CSV UTF-8', or: iconv -f UTF-16 -t UTF-8");
    if (is_at(r, "PK\x03\x04") || is_at(r, "\xd0\xcf\x11\xe0"))
        return refuse(r, 1, 1, "csv", "this is a spreadsheet, not CSV", "save it as 'CSV UTF-8'");
    if (r->at < r->end && memchr(r->at, 0, (size_t)(r->end - r->at)))
        return refuse(r, 1, 1, "csv", "not a text: it has NUL bytes, as UTF-16 has",
                      "save it as 'CSV UTF-8'");
    if (is_at(r, UTF8_MARK))
        r->at += strlen(UTF8_MARK);
    return check_utf8(r);
}

/* Whichever stands most often outside of quotes in the first row. */
static char find_separator(const struct reader *r)
{
    static const char known[] = ",;\t";
    size_t counts[sizeof known - 1] = {0}, best = 0;
    bool quoted = false;
    for (const char *at = r->at; at < r->end && (quoted || (*at != '\n' && *at != '\r')); at++) {
        const char *which = strchr(known, *at);
        quoted = quoted != (*at == '"');
        if (!quoted && which && *which)
            counts[which - known]++;
    }
    for (size_t i = 1; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] > counts[best])
            best = i;
    return known[best];
}

/* Excel's own: a first line that says nothing but the separator. */
static void take_separator_line(struct reader *r)
{
    bool whole = r->end - r->at > 5 && is_at(r, "sep=") && strchr(",;\t", r->at[4]) &&
                 (r->at[5] == '\r' || r->at[5] == '\n');
    if (!whole)
        return;
    if (!r->separator)
        r->separator = r->at[4];
    r->at += 5;
    step_line(r);
}

const struct csv *csv_parse(const char *file, const char *bytes, size_t length, char separator,
                            struct arena *arena, struct diags *diags)
{
    struct reader reader = {.file = file,
                            .at = bytes,
                            .end = bytes + length,
                            .line = 1,
                            .column = 1,
                            .separator = separator,
                            .arena = arena,
                            .diags = diags};
    struct csv *csv = arena_new_of(arena, struct csv);
    if (!check_kind(&reader))
        return NULL;
    take_separator_line(&reader);
    if (!reader.separator)
        reader.separator = find_separator(&reader);
    bool ok = read_rows(&reader, csv);
    if (ok && !csv->row_count)
        ok = refuse(&reader, 0, 0, "csv", "the file is empty", NULL);
    buf_release(&reader.cell);
    return ok ? csv : NULL;
}
