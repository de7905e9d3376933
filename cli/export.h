/*
 * export: deliveries of the API as rows for a spreadsheet. How they are asked for, and where they go, is
 * export.c's.
 */
#ifndef CALCTL_EXPORT_H
#define CALCTL_EXPORT_H

#include "base/buf.h"
#include "cli/command.h"

/* The row with the names of the columns, which are those that import_columns.h knows. */
void export_csv_head(struct buf *out, char separator);

/* A row: a delivery as the API gives it. */
void export_csv_row(struct buf *out, const json_t *delivery, char separator);

#endif
