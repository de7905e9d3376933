/*
 * See zone.h. Wall-clock times as such: text, order, weekdays and days on. Knows no zone; the calendar
 * arithmetic is base/clock's.
 */
#include <ctype.h>
#include <stdio.h>

#include "editorial/zone.h"

static bool read_digits(const char **text, int count, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        value = value * 10 + (**text - '0');
    }
    *ret_value = value;
    return true;
}

static bool read_mark(const char **text, char mark)
{
    if (**text != mark)
        return false;
    (*text)++;
    return true;
}

/* A date exists if going to days and back changes nothing. */
static bool date_exists(const struct civil *c)
{
    int64_t year;
    unsigned month, day;
    if (c->year < 1 || c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31)
        return false;
    days_to_civil(civil_to_days(c->year, (unsigned)c->month, (unsigned)c->day), &year, &month, &day);
    return (int)month == c->month && (int)day == c->day;
}

static bool read_time(const char **text, struct civil *c)
{
    if (!read_digits(text, 2, &c->hour) || !read_mark(text, ':') || !read_digits(text, 2, &c->minute))
        return false;
    if (read_mark(text, ':') && !read_digits(text, 2, &c->second))
        return false;
    return c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

bool civil_parse(const char *text, struct civil *ret_civil, bool *ret_has_time)
{
    struct civil c = {0};
    if (!read_digits(&text, 4, &c.year) || !read_mark(&text, '-') || !read_digits(&text, 2, &c.month) ||
        !read_mark(&text, '-') || !read_digits(&text, 2, &c.day) || !date_exists(&c))
        return false;
    bool has_time = *text == 'T' || *text == ' ';
    if (has_time) {
        text++;
        if (!read_time(&text, &c))
            return false;
    }
    if (*text)
        return false;
    *ret_civil = c;
    *ret_has_time = has_time;
    return true;
}

/* Each post of an answer has one: without printf, as instant_format(). */
char *civil_format(const struct civil *c, char *ret_text, size_t size)
{
    if (c->year < 0 || c->year > 9999) {
        snprintf(ret_text, size, "%04d-%02d-%02dT%02d:%02d:%02d", c->year, c->month, c->day, c->hour,
                 c->minute, c->second);
        return ret_text;
    }
    char *at = digits_put(ret_text, (unsigned)c->year, 4, '-');
    at = digits_put(at, (unsigned)c->month, 2, '-');
    at = digits_put(at, (unsigned)c->day, 2, 'T');
    at = digits_put(at, (unsigned)c->hour, 2, ':');
    at = digits_put(at, (unsigned)c->minute, 2, ':');
    digits_put(at, (unsigned)c->second, 2, '\0');
    return ret_text;
}

char *offset_format(int seconds, char *ret_text)
{
    unsigned n = (unsigned)(seconds < 0 ? -seconds : seconds), rest = n % 60;
    *ret_text = seconds < 0 ? '-' : '+';
    char *at = digits_put(ret_text + 1, n / 3600, 2, ':');
    at = digits_put(at, n / 60 % 60, 2, rest ? ':' : '\0');
    if (rest)
        digits_put(at, rest, 2, '\0');
    return ret_text;
}

int civil_compare(const struct civil *a, const struct civil *b)
{
    const int left[] = {a->year, a->month, a->day, a->hour, a->minute, a->second};
    const int right[] = {b->year, b->month, b->day, b->hour, b->minute, b->second};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

int64_t civil_seconds(const struct civil *c)
{
    int64_t days = civil_to_days(c->year, (unsigned)c->month, (unsigned)c->day);
    return days * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
}

struct civil civil_from_seconds(int64_t seconds)
{
    int64_t rest = seconds % 86400, year;
    if (rest < 0)
        rest += 86400;
    unsigned month, day;
    days_to_civil((seconds - rest) / 86400, &year, &month, &day);
    return (struct civil){.year = (int)year,
                          .month = (int)month,
                          .day = (int)day,
                          .hour = (int)(rest / 3600),
                          .minute = (int)(rest / 60 % 60),
                          .second = (int)(rest % 60)};
}

int civil_weekday(const struct civil *civil)
{
    int64_t days = civil_to_days(civil->year, (unsigned)civil->month, (unsigned)civil->day);
    return (int)((days % 7 + 10) % 7); /* 1970-01-01 was a Thursday */
}

struct civil civil_add_days(const struct civil *civil, int days)
{
    return civil_from_seconds(civil_seconds(civil) + (int64_t)days * 86400);
}
