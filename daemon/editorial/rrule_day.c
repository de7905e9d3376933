/* See rrule_day.h. Knows days only: neither periods nor times of the day. */
#include "base/clock.h"
#include "editorial/rrule_day.h"

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_year(int year)
{
    return 365 + is_leap(year);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

struct day day_from_number(int64_t number)
{
    int64_t year;
    unsigned month, day;
    days_to_civil(number, &year, &month, &day);
    return (struct day){.number = number,
                        .year = (int)year,
                        .month = (int)month,
                        .day = (int)day,
                        .weekday = (int)((number % 7 + 10) % 7),
                        .yearday = (int)(number - civil_to_days(year, 1, 1)) + 1};
}

struct day day_after(const struct day *day)
{
    struct day next = *day;
    next.number++;
    next.weekday = (day->weekday + 1) % 7;
    next.yearday++;
    if (day->day < days_in_month(day->year, day->month)) {
        next.day++;
    } else {
        next.day = 1;
        next.month = day->month % 12 + 1;
        if (next.month == 1) {
            next.year++;
            next.yearday = 1;
        }
    }
    return next;
}

/* The n-th of so many: counted from the start, or from the end as -1, -2… */
static bool takes(const struct number_set *set, int n, int of)
{
    return number_set_has(set, n) || number_set_has(set, n - of - 1);
}

static bool takes_week(const struct rrule *rule, const struct day *day)
{
    int since_start = (day->weekday - rule->week_start + 7) % 7;
    int year = day->year, middle = day->yearday + 3 - since_start; /* the week's fourth day */
    if (middle < 1)
        middle += days_in_year(--year);
    else if (middle > days_in_year(year))
        middle -= days_in_year(year++);
    int weeks = (days_in_year(year) - 1 - (middle - 1) % 7) / 7 + 1;
    return takes(&rule->by[BY_WEEKNO], (middle - 1) / 7 + 1, weeks);
}

/* "2MO" counts within the month, or within the year in a YEARLY rule without BYMONTH. */
static bool takes_weekday(const struct rrule *rule, const struct day *day)
{
    if (rule->weekdays[day->weekday])
        return true;
    if (!rule->nth[day->weekday].any)
        return false;
    bool in_month = rule->freq == RRULE_MONTHLY || rule->by[BY_MONTH].any;
    int n = in_month ? day->day : day->yearday;
    int of = in_month ? days_in_month(day->year, day->month) : days_in_year(day->year);
    return number_set_has(&rule->nth[day->weekday], (n - 1) / 7 + 1) ||
           number_set_has(&rule->nth[day->weekday], -((of - n) / 7 + 1));
}

bool rrule_takes_day(const struct rrule *rule, const struct day *day)
{
    const struct number_set *by = rule->by;
    return (!by[BY_MONTH].any || number_set_has(&by[BY_MONTH], day->month)) &&
           (!by[BY_MONTHDAY].any ||
            takes(&by[BY_MONTHDAY], day->day, days_in_month(day->year, day->month))) &&
           (!by[BY_YEARDAY].any || takes(&by[BY_YEARDAY], day->yearday, days_in_year(day->year))) &&
           (!by[BY_WEEKNO].any || takes_week(rule, day)) && (!rule->by_weekday || takes_weekday(rule, day));
}

void rrule_complete(struct rrule *rule, const struct day *start)
{
    struct number_set *by = rule->by;
    if (rule->freq < RRULE_WEEKLY || rule->by_weekday || by[BY_MONTHDAY].any || by[BY_YEARDAY].any)
        return;
    if (rule->freq == RRULE_WEEKLY || by[BY_WEEKNO].any) {
        rule->by_weekday = true;
        rule->weekdays[start->weekday] = true;
        return;
    }
    if (rule->freq == RRULE_YEARLY && !by[BY_MONTH].any)
        number_set_add(&by[BY_MONTH], start->month);
    number_set_add(&by[BY_MONTHDAY], start->day);
}
