/*
 * import_row: what the files that read a row share. Nobody else includes it.
 *
 *   import_row.c      a row as a whole: its states, where and when it goes
 *   import_member.c   cells that become members: texts, lists, labels
 *   import_media.c    images and their texts
 */
#ifndef CALCTL_IMPORT_ROW_H
#define CALCTL_IMPORT_ROW_H

#include "cli/import.h"

enum { ROW_MEDIA_MOST = 40, ROW_LABELS_MOST = 100 };

struct picture {
    const char *file, *alt;
    const struct csv_cell *file_cell, *alt_cell;
    const char *file_header, *alt_header;
};

struct row_reading {
    struct importing *im;
    struct import_entry *entry;
    json_t *to;
    bool names_accounts; /* a cell says where it goes, or where it does not */
    const char *date, *time;
    const struct csv_cell *time_cell;
    const char *time_header;
    struct picture pictures[ROW_MEDIA_MOST];
    size_t picture_count, alt_count; /* of those without a number */
    const char *labels[ROW_LABELS_MOST];
    size_t label_count;
    const struct csv_cell *label_cell;
    const char *label_header;
};

/* What is done with a cell that says something. False: it was refused, which has been told. */
typedef bool row_taker(struct row_reading *r, struct import_column *column, const struct csv_cell *cell);

/* ---- import_member.c ---- */

/* What a cell says, without what guards it from spreadsheets and without blanks at its ends; in the arena. */
const char *row_said(const struct row_reading *r, const struct csv_cell *cell);

/* Where a member comes from; and the same with its value, which is taken over. */
void row_note(struct row_reading *r, const char *member, const struct csv_cell *cell, const char *header);
void row_set(struct row_reading *r, const char *member, json_t *value, const struct csv_cell *cell,
             const char *header);

/* TRUE and FALSE as people and programs write them; false: it is neither. */
bool row_switch(const char *text, bool *ret_on);

/* What is listed in a cell: JSON, or separated by the mark. Empty items are kept. In the arena. */
json_t *row_list(const struct row_reading *r, const char *text, const char *mark);
const char *row_item(const json_t *list, size_t i);

row_taker take_text, take_visibility, take_cost, take_thread, take_names, take_id, take_link, take_labels;

/* Which label is the bucket, and that the others are not. */
void row_finish_labels(struct row_reading *r);

/* ---- import_media.c ---- */

row_taker take_media, take_alt;

/* The member 'media' of all images. */
bool row_finish_media(struct row_reading *r);

#endif
