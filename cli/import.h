/*
 * import: what the files of 'calctl import' share. Nobody else includes it.
 *
 *   import.c          the command: what is asked for, what is answered, the file that is written
 *   import_columns.c  names of columns → what they are (pure)
 *   import_time.c     dates and times (pure)
 *   import_table.c    the header: which column of this file is what
 *   import_account.c  names of accounts
 *   import_row.c      a row → an entry of 'posts', as JSON; see import_row.h
 *   import_post.c     entries → posts: ids, rows of one post, what is there already
 *   import_slot.c     slots for posts without a time
 *   import_yaml.c     posts → calendar YAML, and findings about it → findings about the CSV
 *
 * The way: bytes → (base/csv.h) rows → entries → posts → YAML → (documents.h) the calendar as it would be,
 * judged as any other → (compare.h) what that changes. Whatever is wrong is collected on the way; with one
 * error nothing is written.
 */
#ifndef CALCTL_IMPORT_H
#define CALCTL_IMPORT_H

#include "base/csv.h"
#include "cli/command.h"
#include "cli/import_columns.h"
#include "cli/import_time.h"
#include "documents.h"

/* How each file begins that an import wrote: no other is replaced. */
#define IMPORT_HEAD "# Imported from "

struct import_column {
    enum column_kind kind;
    unsigned number;             /* of several of a kind, from 1; 0: none */
    const char *header;          /* as in the file; without a header row: the word that was given */
    const char *key;             /* as names are compared */
    const struct csv_cell *cell; /* of the header; NULL without one */
    const char *account;         /* COLUMN_SWITCH: which; NULL: none of ours */
    size_t lost;                 /* cells that cannot be held */
    const struct csv_cell *first_lost;
};

/* Where a member of an entry comes from. */
struct import_origin {
    const char *member; /* "text" */
    const struct csv_cell *cell;
    const char *header;
};

struct import_entry { /* a row */
    const struct csv_row *row;
    const char *id;       /* as given, made valid; NULL: none */
    const char *given_id; /* as given: "SERIES@2026-11-27" is an occurrence of a series; or NULL */
    instant at;           /* 0: it takes a slot */
    bool faulty;          /* something of it was refused; what it says is judged all the same */
    json_t *members;      /* an entry of 'posts', without id; in the arena */
    struct import_origin *origins;
    size_t origin_count;
};

struct import_post {
    const char *id;
    const struct import_entry *const *entries; /* its rows, at least one */
    size_t entry_count;
    json_t *members;  /* shared by all rows, with 'to' of all */
    json_t *variants; /* by account, what rows say differently; may be empty */
    bool faulty;      /* its row is, and its time may be made up */
    bool refused;     /* the calendar's loader does not take it */
};

struct import_mapping {  /* --map NAME=ACCOUNT */
    const char *name;    /* folded */
    const char *account; /* NULL: left out */
};

struct importing {
    struct cli *cli;
    struct arena *arena;
    instant now;
    const char *file; /* as the user named it */
    const struct csv *csv;
    const struct documents *before;    /* as they are, without errors */
    const struct documents *documents; /* the same, without the file that is replaced */
    struct diags diags;                /* about the CSV */

    /* what was asked for */
    enum date_order order;
    const struct civil *time;        /* for dates without one; or NULL */
    const char *slot;                /* for rows without a date; or NULL: whichever comes first */
    const char *media_folder;        /* media are looked for here, by the last part of their names; or NULL */
    const struct account *const *to; /* of rows that name none */
    size_t to_count;
    const struct import_mapping *mappings;
    size_t mapping_count;
    bool skip_past;
    bool told_nowhere; /* that nothing says where posts go */

    struct import_column *columns;
    size_t column_count;
    size_t first_row; /* after the header */
    struct import_entry **entries;
    size_t entry_count;
    struct import_post *posts;
    size_t post_count;
    json_t *left_out; /* [{"line", "why"}] */
};

/* A finding at a cell (NULL: of the file as a whole); header: the column's name, or NULL. fail returns false.
 */
bool import_fail(struct importing *im, const struct csv_cell *cell, const char *header, const char *remedy,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
void import_warn(struct importing *im, const struct csv_cell *cell, const char *header, const char *remedy,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The row is not imported, and that is no fault: "it is published already". */
void import_leave_out(struct importing *im, const struct csv_row *row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- import_table.c ---- */

/* Fills columns and first_row, by --columns, --column and the header. */
bool import_read_header(struct importing *im);

bool import_has_column(const struct importing *im, enum column_kind kind);

/* Tells which columns had something that cannot be held. */
void import_tell_lost(struct importing *im);

/* ---- import_account.c ---- */

/* Reads --to and --map. Prints what is wrong; an exit code. */
int import_read_accounts(struct importing *im);

/* The account that a name in the file stands for: by --map (NULL: it is to be left out), as the name of an
 * account, as that of a network with one account; without case and signs. False: for none. */
bool import_find_account(struct importing *im, const char *name, const struct account **ret_account);

/* Adds the name to an array of names, once. */
void import_add_account(json_t *to, const char *name);

/* Adds the accounts that a cell names to 'to' (an array of names); a name of none of ours is told. */
bool import_add_accounts(struct importing *im, const struct csv_cell *cell, struct import_column *column,
                         json_t *to);

/* ---- import_row.c ---- */

/* All rows but those that are left out. What is wrong with one has been told. */
void import_read_rows(struct importing *im);

/* ---- import_post.c ---- */

void import_make_posts(struct importing *im);

/* ---- import_slot.c ---- */

struct import_slots;

/* What is taken in the calendar as it is; in the arena. */
struct import_slots *import_slots_new(struct importing *im);

/* Gives a post that has neither 'at' nor 'slot' a slot; what it takes is taken from now on. */
bool import_place(struct importing *im, struct import_slots *slots, struct import_post *post);

/* ---- import_yaml.c ---- */

/* What follows the last '/'. */
const char *import_base_name(const char *path);

struct import_place { /* a run of lines of the YAML, up to the next one's */
    unsigned line;
    struct import_post *post;
    const struct import_entry *entry;
    const char *member; /* NULL: the post itself */
};

struct import_yaml {
    struct buf text;
    struct import_place *places; /* by line */
    size_t place_count;
};

/* All posts but those that are refused. The text is the caller's to release. */
void import_write_yaml(struct importing *im, struct import_yaml *ret_yaml);

/*
 * Adds to im->diags what judging the calendar with the YAML, as if it were the file 'path', found that was
 * not found before: what is about a line of the YAML at the cell it comes from. Posts with errors are refused
 * from now on.
 */
void import_take_findings(struct importing *im, const struct import_yaml *yaml, const char *path,
                          const struct diags *found);

#endif
