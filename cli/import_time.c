/* See import_time.h. What is not understood whole is refused: half a date is another date. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "cli/import_time.h"

/* At most 'most' digits; their number is returned. */
static int take_number(const char **at, int most, int *ret_value)
{
    int digits = 0, value = 0;
    while (digits < most && isdigit((unsigned char)(*at)[digits])) {
        value = value * 10 + ((*at)[digits] - '0');
        digits++;
    }
    *at += digits;
    *ret_value = value;
    return digits;
}

static bool take(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncasecmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

/* ---- the date ---- */

static bool put_date(int year, int month, int day, struct import_time *time, const char *text,
                     struct error *err)
{
    char written[64];
    bool has_time;
    snprintf(written, sizeof written, "%04d-%02d-%02d", year, month, day);
    time->has_date = civil_parse(written, &time->civil, &has_time);
    return time->has_date || fail(err, "'%s': there is no such date as %s (year-month-day)", text, written);
}

static bool ambiguous(const char *text, int a, int b, struct error *err)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    if (a >= 1 && b >= 1 && a <= 12 && b <= 12 && a != b)
        return fail(err, "'%s' may be %d %s or %d %s: say --date-format dmy or mdy", text, a, months[b - 1],
                    b, months[a - 1]);
    return fail(err, "'%s': does the day or the month come first? Say --date-format dmy or mdy", text);
}

/* Three numbers with the same sign between them. *at is moved behind them; left alone where it is no date. */
static bool take_date(const char **at, const char *text, enum date_order order, struct import_time *time,
                      struct error *err)
{
    const char *p = *at;
    int a, b, c, first = take_number(&p, 4, &a);
    char sign = *p;
    if (!first || !sign || !strchr("-/.", sign))
        return true;
    p++;
    int second = take_number(&p, 2, &b);
    if (!second || *p++ != sign)
        return fail(err, "'%s' is no date: write 2026-12-01 09:00", text);
    int third = take_number(&p, 4, &c);
    *at = p;
    if (first == 4 && (third == 1 || third == 2))
        return put_date(a, b, c, time, text, err);
    if (first > 2 || (third != 2 && third != 4))
        return fail(err, "'%s' is no date: write 2026-12-01 09:00", text);
    if (third == 2)
        return fail(err, "'%s': write the year with four digits", text);
    if (order == DATE_YEAR_FIRST)
        return ambiguous(text, a, b, err);
    return order == DATE_DAY_FIRST ? put_date(c, b, a, time, text, err) : put_date(c, a, b, time, text, err);
}

/* ---- the time ---- */

static bool take_half(const char **at, int *hour)
{
    bool before = take(at, "am") || take(at, "a.m."), after = !before && (take(at, "pm") || take(at, "p.m."));
    if (!before && !after)
        return true;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (after ? 12 : 0);
    return true;
}

static bool take_offset(const char **at, struct import_time *time)
{
    int hours, minutes = 0, sign = **at == '-' ? -1 : 1;
    if (take(at, "Z") || take(at, "UTC") || take(at, "GMT")) {
        time->has_offset = true;
        return true;
    }
    if (**at != '+' && **at != '-')
        return true;
    (*at)++;
    if (take_number(at, 2, &hours) != 2)
        return false;
    take(at, ":");
    int digits = take_number(at, 2, &minutes);
    time->has_offset = true;
    time->offset = sign * (hours * 3600 + minutes * 60);
    return (digits == 2 || digits == 0) && hours <= 18 && minutes < 60;
}

static bool take_clock(const char **at, struct import_time *time)
{
    struct civil *civil = &time->civil;
    int ignored;
    if (!take_number(at, 2, &civil->hour))
        return false;
    bool french = take(at, "h");
    if (french || take(at, ":")) {
        int digits = take_number(at, 2, &civil->minute);
        if (digits != 2 && !(french && digits == 0))
            return false;
        if (take(at, ":") && take_number(at, 2, &civil->second) != 2)
            return false;
        if (**at == '.' && isdigit((unsigned char)(*at)[1])) {
            (*at)++;
            take_number(at, 9, &ignored);
        }
    } else if (strncasecmp(*at + strspn(*at, " "), "am", 2) && strncasecmp(*at + strspn(*at, " "), "pm", 2)) {
        return false; /* a number alone */
    }
    *at += strspn(*at, " ");
    if (!take_half(at, &civil->hour))
        return false;
    *at += strspn(*at, " ");
    time->has_time = take_offset(at, time);
    return time->has_time && civil->hour < 24 && civil->minute < 60 && civil->second < 60;
}

/* Spreadsheets keep a date as the number of days since the end of 1899, and save it so where a column has lost its format. */
static bool no_date(const char *text, struct error *err)
{
    enum { AT_1970 = 25569, AT_2000 = 36526, AT_2100 = 73051 };
    const char *at = text + strspn(text, " \t\n");
    int64_t year;
    unsigned month, day;
    int number, digits = take_number(&at, 5, &number);
    if (digits < 5 || (*at && !strchr(".,", *at)) || number < AT_2000 || number >= AT_2100)
        return fail(err, "'%s' is no date: write 2026-12-01 09:00", text);
    days_to_civil(number - AT_1970, &year, &month, &day);
    return fail(err, "'%s' is how a spreadsheet keeps %04d-%02u-%02u: give the column a date's format and save it again",
                text, (int)year, month, day);
}

bool import_time_parse(const char *text, enum date_order order, struct import_time *ret_time,
                       struct error *err)
{
    struct import_time time = {0};
    const char *at = text + strspn(text, " \t\n");
    if (!take_date(&at, text, order, &time, err))
        return false;
    if (time.has_date)
        at += strspn(at, " T,\t\n");
    if (*at && !take_clock(&at, &time))
        return time.has_date ? fail(err, "'%s' is no time: write 2026-12-01 09:00", text) : no_date(text, err);
    at += strspn(at, " \t\n");
    if (*at)
        return fail(err, "'%s': nothing is known of '%s': write 2026-12-01 09:00", text, at);
    *ret_time = time;
    return true;
}
