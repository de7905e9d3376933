/* See clock.h. Calendar arithmetic in UTC only; zones are editorial/zone. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static instant system_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

static duration system_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static const struct clock_source system_clock = {system_now, system_monotonic};
static const struct clock_source *clocks = &system_clock;

void clock_use(const struct clock_source *source)
{
    clocks = source ? source : &system_clock;
}

instant clock_now(void)
{
    return clocks->now();
}

duration clock_monotonic(void)
{
    return clocks->monotonic();
}

/* The years are counted from March, so that the leap day is the last of its year. */
int64_t civil_to_days(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void days_to_civil(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *ret_day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *ret_month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, millisecond, weekday;
};

static struct civil civil_of(instant t)
{
    int64_t days = t / 86400000, rest = t % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    struct civil c;
    days_to_civil(days, &c.year, &c.month, &c.day);
    c.hour = (unsigned)(rest / 3600000);
    c.minute = (unsigned)(rest / 60000 % 60);
    c.second = (unsigned)(rest / 1000 % 60);
    c.millisecond = (unsigned)(rest % 1000);
    c.weekday = (unsigned)(((days % 7) + 11) % 7); /* 1970-01-01 was a Thursday; 0 is Sunday */
    return c;
}

static instant instant_of(const struct civil *c)
{
    return civil_to_days(c->year, c->month, c->day) * 86400000 + (int64_t)c->hour * 3600000 +
           (int64_t)c->minute * 60000 + (int64_t)c->second * 1000 + c->millisecond;
}

char *digits_put(char *at, unsigned number, unsigned digits, char after)
{
    for (unsigned i = digits; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    at[digits] = after;
    return at + digits + 1;
}

static char *format_unusual(const struct civil *c, char *ret_text, size_t size)
{
    int n = snprintf(ret_text, size, "%04lld-%02u-%02uT%02u:%02u:%02u", (long long)c->year, c->month, c->day,
                     c->hour, c->minute, c->second);
    if (n > 0 && (size_t)n < size)
        snprintf(ret_text + n, size - (size_t)n, c->millisecond ? ".%03uZ" : "Z", c->millisecond);
    return ret_text;
}

/* Each line of the log and each entry of the audit trail has one: without printf, which takes longer than all else. */
char *instant_format(instant t, char *ret_text, size_t size)
{
    struct civil c = civil_of(t);
    char text[INSTANT_TEXT], *at = text;
    if (c.year < 0 || c.year > 9999 || size < INSTANT_TEXT)
        return format_unusual(&c, ret_text, size);
    at = digits_put(at, (unsigned)c.year, 4, '-');
    at = digits_put(at, c.month, 2, '-');
    at = digits_put(at, c.day, 2, 'T');
    at = digits_put(at, c.hour, 2, ':');
    at = digits_put(at, c.minute, 2, ':');
    at = digits_put(at, c.second, 2, c.millisecond ? '.' : 'Z');
    if (c.millisecond)
        at = digits_put(at, c.millisecond, 3, 'Z');
    *at = '\0';
    return memcpy(ret_text, text, (size_t)(at - text) + 1);
}

static bool digits(const char **text, int count, unsigned *ret_value)
{
    unsigned value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        value = value * 10 + (unsigned)(**text - '0');
    }
    *ret_value = value;
    return true;
}

static bool expect(const char **text, const char *allowed)
{
    if (!**text || !strchr(allowed, **text))
        return false;
    (*text)++;
    return true;
}

static unsigned days_in_month(int64_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool civil_is_valid(const struct civil *c)
{
    return c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= days_in_month(c->year, c->month) &&
           c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

static bool parse_fraction(const char **text, unsigned *ret_millisecond)
{
    unsigned value = 0, count = 0;
    for (; isdigit((unsigned char)**text); (*text)++, count++)
        if (count < 3)
            value = value * 10 + (unsigned)(**text - '0');
    for (unsigned i = count; i < 3; i++)
        value *= 10;
    *ret_millisecond = value;
    return count > 0;
}

static bool parse_offset(const char **text, duration *ret_offset)
{
    unsigned hour, minute;
    if (expect(text, "Zz")) {
        *ret_offset = 0;
        return true;
    }
    int sign = **text == '-' ? -1 : 1;
    if (!expect(text, "+-") || !digits(text, 2, &hour))
        return false;
    expect(text, ":");
    if (!digits(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ret_offset = sign * (HOURS(hour) + MINUTES(minute));
    return true;
}

bool instant_parse(const char *text, instant *ret_instant)
{
    struct civil c = {0};
    unsigned year;
    duration offset;
    if (!digits(&text, 4, &year) || !expect(&text, "-") || !digits(&text, 2, &c.month) ||
        !expect(&text, "-") || !digits(&text, 2, &c.day) || !expect(&text, "Tt ") ||
        !digits(&text, 2, &c.hour) || !expect(&text, ":") || !digits(&text, 2, &c.minute))
        return false;
    c.year = year;
    if (expect(&text, ":")) {
        if (!digits(&text, 2, &c.second))
            return false;
        if (expect(&text, ".,") && !parse_fraction(&text, &c.millisecond))
            return false;
    }
    if (!civil_is_valid(&c) || !parse_offset(&text, &offset) || *text)
        return false;
    *ret_instant = instant_of(&c) - offset;
    return true;
}

static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char day_names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

char *instant_format_http(instant t, char *ret_text, size_t size)
{
    struct civil c = civil_of(t);
    snprintf(ret_text, size, "%s, %02u %s %04lld %02u:%02u:%02u GMT", day_names[c.weekday], c.day,
             month_names[c.month - 1], (long long)c.year, c.hour, c.minute, c.second);
    return ret_text;
}

bool instant_parse_http(const char *text, instant *ret_instant)
{
    static const char *const forms[] = {
        "%*3[A-Za-z], %2u %3[A-Za-z] %4u %2u:%2u:%2u GMT%n",   /* IMF-fixdate */
        "%*9[A-Za-z], %2u-%3[A-Za-z]-%2u %2u:%2u:%2u GMT%n",   /* RFC 850 */
        "%*3[A-Za-z] %3[A-Za-z] %2u %2u:%2u:%2u %4u%n",        /* asctime */
    };
    for (size_t form = 0; form < 3; form++) {
        struct civil c = {0};
        char month[4] = "";
        unsigned year = 0;
        int end = 0;
        if (form == 2)
            sscanf(text, forms[form], month, &c.day, &c.hour, &c.minute, &c.second, &year, &end);
        else
            sscanf(text, forms[form], &c.day, month, &year, &c.hour, &c.minute, &c.second, &end);
        if (!end || text[end])
            continue;
        if (form == 1)
            year += year < 70 ? 2000 : 1900;
        c.year = year;
        for (unsigned m = 0; m < 12; m++)
            if (!strcasecmp(month, month_names[m]))
                c.month = m + 1;
        if (!civil_is_valid(&c))
            return false;
        *ret_instant = instant_of(&c);
        return true;
    }
    return false;
}

static const struct unit {
    char letter;
    duration length;
} units[] = {{'w', DAYS(7)}, {'d', DAYS(1)}, {'h', HOURS(1)}, {'m', MINUTES(1)}, {'s', SECONDS(1)}};

static duration unit_length(char letter)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].letter == letter)
            return units[i].length;
    return 0;
}

#define LONGEST DAYS(36525) /* a hundred years: sums with instants stay far from the end of the numbers */

bool duration_parse(const char *text, duration *ret_duration)
{
    duration total = 0;
    if (!*text)
        return false;
    while (*text) {
        int64_t count = 0;
        const char *start = text;
        for (; isdigit((unsigned char)*text); text++) {
            if (text - start >= 9)
                return false;
            count = count * 10 + (*text - '0');
        }
        duration unit = unit_length(*text);
        if (text == start || !unit)
            return false;
        if (count > LONGEST / unit || total + count * unit > LONGEST)
            return false;
        total += count * unit;
        text++;
    }
    *ret_duration = total;
    return true;
}

char *duration_format(duration d, char *ret_text, size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    if (d < 0 && size > 1) {
        ret_text[used++] = '-';
        d = -d;
    }
    if (d < SECONDS(1)) {
        snprintf(ret_text + used, size - used, d ? "%lldms" : "0s", (long long)d);
        return ret_text;
    }
    int shown = 0; /* two units say enough: "3d4h" */
    for (size_t i = 1; i < sizeof units / sizeof *units && shown < 2; i++) {
        int64_t count = d / units[i].length;
        if (!count && !shown)
            continue;
        d -= count * units[i].length;
        shown++;
        if (count)
            used += (size_t)snprintf(ret_text + used, size - used, "%lld%c", (long long)count,
                                     units[i].letter);
        if (used >= size)
            break;
    }
    return ret_text;
}
