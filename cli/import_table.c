/* See import.h: the header of this file. What names mean is import_columns.c's. */
#include <string.h>

#include "cli/import.h"

/* ---- what was asked for ---- */

/* "--column NAME=FIELD" for this header, or NULL. */
static const char *asked_for(struct importing *im, const char *key)
{
    size_t count;
    const char *const *given = cli_options(im->cli, "column", &count);
    for (size_t i = 0; i < count; i++) {
        const char *equals = strrchr(given[i], '=');
        const char *name =
            equals ? arena_strndup(im->arena, given[i], (size_t)(equals - given[i])) : given[i];
        if (equals && !strcmp(column_name(name, im->arena).key, key))
            return equals + 1;
    }
    return NULL;
}

static bool unknown_word(struct importing *im, const char *option, const char *word)
{
    return import_fail(im, NULL, NULL, arena_printf(im->arena, "it is one of %s", column_words(im->arena)),
                       "--%s: nothing is known of '%s'", option, word);
}

/* Each --column must be of a column that is there. */
static bool check_asked(struct importing *im)
{
    size_t count;
    const char *const *given = cli_options(im->cli, "column", &count);
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        const char *equals = strrchr(given[i], '=');
        bool found = false;
        if (!equals || equals == given[i]) {
            ok = import_fail(im, NULL, NULL, NULL, "--column takes NAME=FIELD, not '%s'", given[i]);
            continue;
        }
        const char *name = arena_strndup(im->arena, given[i], (size_t)(equals - given[i]));
        for (size_t k = 0; k < im->column_count; k++)
            found = found || !strcmp(im->columns[k].key, column_name(name, im->arena).key);
        if (!found)
            ok = import_fail(im, NULL, NULL, NULL, "--column: the file has no column '%s'", name);
    }
    return ok;
}

/* ---- the columns ---- */

/* A network that we have no account on is told by its rows; one of ours, or one that --map names, is known.
 */
static void settle_switch(struct importing *im, struct import_column *column)
{
    const struct account *account = NULL;
    if (column->kind == COLUMN_UNKNOWN || column->kind == COLUMN_SWITCH) {
        bool ours = import_find_account(im, column->header, &account);
        column->kind = ours ? COLUMN_SWITCH : column->kind;
        column->account = account ? account->name : NULL;
        if (ours && !account)
            column->kind = COLUMN_SKIPPED; /* --map NAME= */
    }
}

static bool read_cell(struct importing *im, const struct csv_cell *cell, struct import_column *column)
{
    const char *header = csv_unguard(cell->text), *word;
    struct column_name name = column_name(header, im->arena);
    *column = (struct import_column){
        .kind = name.kind, .number = name.number, .header = header, .key = name.key, .cell = cell};
    word = asked_for(im, name.key);
    if (word) {
        column->kind = column_of_word(word, im->arena);
        return column->kind != COLUMN_UNKNOWN || unknown_word(im, "column", word);
    }
    settle_switch(im, column);
    return true;
}

static bool read_given(struct importing *im, const char *word, struct import_column *column)
{
    *column = (struct import_column){.kind = column_of_word(word, im->arena), .header = word, .key = word};
    return column->kind != COLUMN_UNKNOWN || unknown_word(im, "columns", word);
}

/* What may stand in several columns: labels, images, switches, what is not taken anyway. */
static bool is_single(const struct import_column *column)
{
    static const enum column_kind several[] = {COLUMN_LABELS, COLUMN_MEDIA, COLUMN_ALT, COLUMN_SKIPPED};
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        if (several[i] == column->kind)
            return column->number != 0;
    return column_word(column->kind) != NULL;
}

static bool check_twice(struct importing *im)
{
    bool ok = true;
    for (size_t i = 0; i < im->column_count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct import_column *a = &im->columns[k], *b = &im->columns[i];
            if (a->kind == b->kind && a->number == b->number && is_single(a))
                ok = import_fail(im, b->cell, b->header,
                                 arena_printf(im->arena, "leave one out: --column '%s=-'", b->header),
                                 "columns '%s' and '%s' both give '%s'", a->header, b->header,
                                 column_word(a->kind));
        }
    return ok;
}

bool import_has_column(const struct importing *im, enum column_kind kind)
{
    for (size_t i = 0; i < im->column_count; i++)
        if (im->columns[i].kind == kind)
            return true;
    return false;
}

static bool has_something_to_say(const struct importing *im)
{
    static const enum column_kind kinds[] = {COLUMN_TEXT, COLUMN_THREAD, COLUMN_BODY,
                                             COLUMN_LINK, COLUMN_MEDIA,  COLUMN_TITLE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (import_has_column(im, kinds[i]))
            return true;
    return false;
}

/* Spreadsheets like a title above the header: the line of the row that is one, of the first; 0: none. */
static unsigned line_of_header(const struct importing *im)
{
    enum { LOOKED_AT = 10, ENOUGH = 2 };
    for (size_t i = 1; i < im->csv->row_count && i < LOOKED_AT; i++) {
        const struct csv_row *row = &im->csv->rows[i];
        size_t known = 0, said = 0;
        for (size_t k = 0; k < row->count; k++) {
            enum column_kind kind = column_name(row->cells[k].text, im->arena).kind;
            said += *row->cells[k].text != '\0';
            known += kind != COLUMN_UNKNOWN && kind != COLUMN_SWITCH; /* accounts' names are in any row */
        }
        if (known >= ENOUGH && known * 2 > said)
            return row->line;
    }
    return 0;
}

/* What to do where no column has anything to publish. */
static const char *header_remedy(const struct importing *im)
{
    unsigned line = line_of_header(im);
    return line ? arena_printf(im->arena, "line %u looks like the header: take out what is above it", line)
                : "name a column (--column 'NAME=text'); if the file has no header, as Hootsuite's has none, name all: "
                  "--columns date,text,link";
}

bool import_read_header(struct importing *im)
{
    size_t given;
    const char *const *words = cli_options(im->cli, "columns", &given);
    const struct csv_row *row = &im->csv->rows[0];
    bool ok = true;
    im->column_count = given ? given : row->count;
    im->columns = arena_alloc_array(im->arena, im->column_count, sizeof *im->columns);
    im->first_row = given ? 0 : 1;
    for (size_t i = 0; i < im->column_count; i++)
        ok = (given ? read_given(im, words[i], &im->columns[i])
                    : read_cell(im, &row->cells[i], &im->columns[i])) &&
             ok;
    if (!ok || !check_asked(im))
        return false;
    if (!has_something_to_say(im))
        return import_fail(im, given ? NULL : &row->cells[0], NULL, given ? NULL : header_remedy(im),
                           "no column has a text, a link or an image");
    return check_twice(im);
}

/* ---- what cannot be held ---- */

static const char *why_lost(enum column_kind kind)
{
    switch (kind) {
    case COLUMN_COMMENT:
        return "cald writes no comments beneath posts";
    case COLUMN_VIDEO:
        return "cald publishes images only";
    case COLUMN_SWITCH:
        return "there is no one account for it here";
    case COLUMN_FOREIGN:
        return "there is nothing like it in a calendar";
    default:
        return "nothing is known of this column";
    }
}

static const char *remedy_for(struct importing *im, const struct import_column *column)
{
    if (column->kind == COLUMN_SWITCH)
        return arena_printf(im->arena, "say which one it is, --map '%s=ACCOUNT', or none, --map '%s='",
                            column->header, column->header);
    if (column->kind == COLUMN_UNKNOWN)
        return arena_printf(im->arena,
                            "say what it is, --column '%s=FIELD', or that it is not wanted, --column '%s=-'",
                            column->header, column->header);
    return NULL;
}

void import_tell_lost(struct importing *im)
{
    for (size_t i = 0; i < im->column_count; i++) {
        const struct import_column *column = &im->columns[i];
        if (column->lost)
            import_warn(im, column->first_lost, column->header, remedy_for(im, column),
                        "%s: left out of %zu row%s", why_lost(column->kind), column->lost,
                        column->lost == 1 ? "" : "s");
    }
}
