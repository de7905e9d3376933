/*
 * See when.h: a span as people say it. Days, names of months and plain text are when_day.c's. Each form gives the
 * first day of the span and the first behind it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "editorial/when_reader.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

struct days {
    struct civil first, after;
};

/* ---- what it is made of ---- */

static bool days_from(const struct civil *first, int count, struct days *ret_days)
{
    *ret_days = (struct days){*first, civil_add_days(first, count)};
    return true;
}

/* So many months from the first of this one; a month before or after the year's is in another year. */
static bool months_from(int year, int month, int count, struct days *ret_days)
{
    struct day first;
    int index = year * 12 + month - 1, after = index + count;
    if (!when_date_of(index / 12, index % 12 + 1, 1, &first))
        return false;
    *ret_days = (struct days){first.civil, {.year = after / 12, .month = after % 12 + 1, .day = 1}};
    return true;
}

static struct civil monday_of(const struct civil *day)
{
    return civil_add_days(day, -civil_weekday(day));
}

/* A year of weeks is the one in which most of the week's days are. */
static int year_of_week(const struct civil *monday)
{
    return civil_add_days(monday, 3).year;
}

static bool week_of(int year, int number, struct days *ret_days)
{
    struct day fourth; /* of January: always in week 1 */
    if (!when_date_of(year, 1, 4, &fourth))
        return false;
    struct civil monday = monday_of(&fourth.civil);
    monday = civil_add_days(&monday, (number - 1) * 7);
    return number >= 1 && year_of_week(&monday) == year && days_from(&monday, 7, ret_days);
}

/* Four digits; NULL: there are others. */
static const char *read_year(const char *text, int *ret_year)
{
    if (strspn(text, "0123456789") != 4)
        return NULL;
    *ret_year = atoi(text);
    return text + 4;
}

/* ---- by numbers ---- */

static bool is_year(const struct question *q, const char *text, struct days *ret_days)
{
    int year;
    const char *rest = read_year(text, &year);
    (void)q;
    return rest && !*rest && months_from(year, 1, 12, ret_days);
}

static bool is_month(const struct question *q, const char *text, struct days *ret_days)
{
    int year, month;
    const char *rest = read_year(text, &year);
    (void)q;
    if (!rest || *rest++ != '-' || !when_two_digits(&rest, 2, &month) || *rest)
        return false;
    return month >= 1 && month <= 12 && months_from(year, month, 1, ret_days);
}

/* "2026-w48", "2026w48" */
static bool is_iso_week(const struct question *q, const char *text, struct days *ret_days)
{
    int year, week;
    const char *rest = read_year(text, &year);
    (void)q;
    if (!rest)
        return false;
    rest += *rest == '-';
    return *rest++ == 'w' && when_two_digits(&rest, 2, &week) && !*rest && week_of(year, week, ret_days);
}

/* "week 48", "semaine 48 2027": without a year of this one. */
static bool is_numbered_week(const struct question *q, const char *text, struct days *ret_days)
{
    const char *rest = when_after(text, "week") ? when_after(text, "week") : when_after(text, "semaine");
    struct civil monday = monday_of(&q->today);
    int week, year = year_of_week(&monday);
    if (!rest || !when_two_digits(&rest, 1, &week))
        return false;
    if (*rest == ' ' && !(rest = read_year(rest + 1, &year)))
        return false;
    return !*rest && week_of(year, week, ret_days);
}

/* ---- by words ---- */

enum which { LAST = -1, THIS, NEXT, UNSAID };

struct said {
    char text[WHEN_LONGEST + 1]; /* of what: "week", "decembre 2026" */
    enum which which;
};

static const struct {
    const char *word;
    enum which which;
} before[] = {{"last", LAST}, {"previous", LAST}, {"this", THIS}, {"ce", THIS}, {"cet", THIS},
              {"cette", THIS}, {"next", NEXT}},
  behind[] = {{"dernier", LAST}, {"derniere", LAST}, {"passe", LAST}, {"passee", LAST}, {"ci", THIS},
              {"prochain", NEXT}, {"prochaine", NEXT}};

static const char *without_article(const char *text)
{
    static const char *const articles[] = {"the", "la", "le"};
    for (size_t i = 0; i < LENGTH(articles); i++)
        if (when_after(text, articles[i]))
            return when_after(text, articles[i]);
    return strncmp(text, "l'", 2) ? text : text + 2;
}

/* Which of them: a word before or behind; of "ce mois-ci" both. */
static struct said read_said(const char *text)
{
    struct said said = {.which = UNSAID};
    text = without_article(text);
    for (size_t i = 0; i < LENGTH(before) && said.which == UNSAID; i++)
        if (when_after(text, before[i].word)) {
            said.which = before[i].which;
            text = when_after(text, before[i].word);
        }
    memcpy(said.text, text, strlen(text) + 1);
    char *last = strrchr(said.text, ' ');
    for (size_t i = 0; last && i < LENGTH(behind); i++)
        if (!strcmp(last + 1, behind[i].word) && (said.which == UNSAID || said.which == behind[i].which)) {
            said.which = behind[i].which;
            *last = '\0';
            break;
        }
    return said;
}

static bool said_unit(const struct question *q, const struct said *said, struct days *ret_days)
{
    static const struct {
        const char *word;
        int months; /* 0: a week */
    } units[] = {{"week", 0}, {"semaine", 0}, {"month", 1}, {"mois", 1}, {"year", 12}, {"annee", 12}, {"an", 12}};
    struct civil monday = monday_of(&q->today);
    for (size_t i = 0; i < LENGTH(units) && said->which != UNSAID; i++) {
        int months = units[i].months;
        if (strcmp(units[i].word, said->text) != 0)
            continue;
        if (months)
            return months_from(q->today.year, (months == 1 ? q->today.month : 1) + said->which * months,
                               months, ret_days);
        monday = civil_add_days(&monday, said->which * 7);
        return days_from(&monday, 7, ret_days);
    }
    return false;
}

static bool said_weekday(const struct question *q, const struct said *said, struct days *ret_days)
{
    struct day day; /* today or the next */
    const char *rest = when_read_day(q, said->text, &day);
    if (!rest || *rest || !day.step || said->which == UNSAID)
        return false;
    bool today = !civil_compare(&day.civil, &q->today),
         over = civil_weekday(&day.civil) < civil_weekday(&q->today);
    int weeks = said->which == NEXT ? today : said->which == LAST ? -1 : -over;
    day.civil = civil_add_days(&day.civil, weeks * 7);
    return days_from(&day.civil, 1, ret_days);
}

/* With a year there is only one. */
static bool said_month(const struct question *q, const struct said *said, struct days *ret_days)
{
    int month, year = q->today.year;
    const char *rest = when_month_name(said->text, &month);
    if (!rest)
        return false;
    if (*rest)
        return said->which == UNSAID && (rest = read_year(rest, &year)) && !*rest &&
               months_from(year, month, 1, ret_days);
    if (said->which == LAST)
        year -= month >= q->today.month;
    else if (said->which != THIS)
        year += said->which == NEXT ? month <= q->today.month : month < q->today.month;
    return months_from(year, month, 1, ret_days);
}

static bool is_said(const struct question *q, const char *text, struct days *ret_days)
{
    struct said said = read_said(text);
    return said_unit(q, &said, ret_days) || said_weekday(q, &said, ret_days) || said_month(q, &said, ret_days);
}

/* ---- reading ---- */

static bool is_day(const struct question *q, const char *text, struct days *ret_days)
{
    struct day day;
    const char *rest = when_read_day(q, text, &day);
    return rest && !*rest && days_from(&day.civil, 1, ret_days);
}

/* "last-week" needs no quotes in a shell. */
static void part_words(char *plain)
{
    for (char *at = plain; *at; at++)
        if (*at == '-' && at > plain && isalpha((unsigned char)at[-1]) && isalpha((unsigned char)at[1]))
            *at = ' ';
}

static bool read_span(const struct question *q, char *plain, struct days *ret_days)
{
    static bool (*const forms[])(const struct question *q, const char *text, struct days *ret_days) = {
        is_year, is_month, is_iso_week, is_numbered_week, is_said,
    };
    if (is_day(q, plain, ret_days))
        return true;
    part_words(plain);
    for (size_t i = 0; i < LENGTH(forms); i++)
        if (forms[i](q, plain, ret_days))
            return true;
    return false;
}

bool when_parse_span(const char *text, instant now, const struct zone *zone, instant *ret_from, instant *ret_until,
                     struct error *err)
{
    char plain[WHEN_LONGEST + 1];
    struct question q;
    struct days days;
    struct when when;
    if (!when_ask(text, now, zone, &q, plain, err))
        return false;
    if (read_span(&q, plain, &days)) {
        *ret_from = zone_instant(zone, &days.first, NULL);
        *ret_until = zone_instant(zone, &days.after, NULL);
        return true;
    }
    if (when_parse(text, now, zone, &when, NULL))
        return fail(err, "'%.64s' is a moment, not a day, week, month or year", text);
    return fail(err,
                "cannot read the span '%.64s', expected today, monday, 2026-12-01, \"last week\", 2026-W48, \"this month\", "
                "december, 2026-12 or 2026 (or in French: hier, lundi, \"semaine prochaine\", \"mois dernier\", \"ce mois\", "
                "décembre)",
                text);
}
