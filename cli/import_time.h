/*
 * import_time: dates and times as spreadsheets and schedulers write them. Pure.
 *
 *   2026-12-01  2026/12/1  2026.12.01        always: the year comes first, then the month
 *   1/12/2026   01.12.2026  12-1-2026        only when it was said what comes first, day or month
 *   09:00  9:00:30  9:00 PM  9h  9h30  09:00Z  09:00+01:00  09:00:00.000-0500  09:00 UTC
 */
#ifndef CALCTL_IMPORT_TIME_H
#define CALCTL_IMPORT_TIME_H

#include <stdbool.h>

#include "base/error.h"
#include "editorial/zone.h"

enum date_order { DATE_YEAR_FIRST, DATE_DAY_FIRST, DATE_MONTH_FIRST }; /* "ymd", "dmy", "mdy" */

struct import_time {
    struct civil civil; /* hour, minute and second 0 without a time */
    bool has_date, has_time, has_offset;
    int offset; /* seconds east of UTC, has_offset */
};

/* A date, a time, or both, with blanks, 'T' or ',' between them; "" is neither. */
bool import_time_parse(const char *text, enum date_order order, struct import_time *ret_time,
                       struct error *err);

#endif
