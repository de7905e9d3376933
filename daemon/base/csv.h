/*
 * csv: comma-separated values (RFC 4180): bytes → rows of cells with positions, and cells → bytes.
 *
 * Read is what spreadsheets and schedulers write: UTF-8 with or without a byte order mark; ',', ';' or a tab
 * between cells, found out from the first row or said in a first line "sep=;"; line ends CR LF, LF or CR,
 * which within quotes become '\n'. Rows whose cells are all empty are left out. What would have to be guessed
 * is refused, with what to do: other encodings, spreadsheets that are no CSV, quotes in the middle of a cell,
 * control characters. Everything is bounded.
 *
 * A spreadsheet takes a cell that begins with = + - @ (or their full-width forms), a tab or CR for a formula,
 * and so would run what a stranger wrote. Such a cell is written with a "'" in front, which spreadsheets show
 * as text; so is one where only blanks, line ends or "'" come before. Reading takes one "'" off wherever it
 * stands before such a beginning, and nowhere else: what csv_add_cell wrote, csv_unguard gives back, byte for
 * byte. A control character, which reading refuses and a terminal obeys, is written as U+FFFD; CR LF and CR
 * as the '\n' that reading makes of them. (OWASP, CSV Injection; ASVS 5.0 requirement 1.2.10.)
 */
#ifndef CALD_CSV_H
#define CALD_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"

enum {
    CSV_MAX_BYTES = 64 << 20,
    CSV_MAX_ROWS = 100001, /* a header and 100,000 more */
    CSV_MAX_COLUMNS = 500,
    CSV_MAX_CELL = 512 << 10, /* bytes */
};

struct csv_cell {
    const char *text;      /* UTF-8 without NUL or control characters but newline and tab */
    unsigned line, column; /* where it begins, a quote included; from 1, in characters */
};

struct csv_row {
    const struct csv_cell *cells;
    size_t count; /* at least 1; rows may differ */
    unsigned line;
};

struct csv {
    char separator;
    const struct csv_row *rows;
    size_t row_count;
};

/*
 * The rows of a file, in arena, or NULL: then why is in diags, under 'file', with rule "csv" or "limit". The
 * first fault ends the reading: after it, what is a cell is anybody's guess. separator 0: found out.
 */
const struct csv *csv_parse(const char *file, const char *bytes, size_t length, char separator,
                            struct arena *arena, struct diags *diags);

/* What a cell says: without the "'" that keeps spreadsheets from running it. text itself, or one byte on. */
const char *csv_unguard(const char *text);

/* Adds a cell, guarded, without control characters, and in quotes where it must be; rows end in "\r\n", separators are the caller's. */
void csv_add_cell(struct buf *out, const char *text);

#endif
