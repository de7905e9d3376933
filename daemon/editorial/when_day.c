/* See when_reader.h. Knows words and days, no time of a day. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "editorial/when_reader.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- making plain ---- */

static const struct letter {
    const char *accented; /* UTF-8 */
    char plain;
} letters[] = {{"à", 'a'}, {"À", 'a'}, {"â", 'a'}, {"é", 'e'}, {"É", 'e'},
               {"è", 'e'}, {"È", 'e'}, {"ê", 'e'}, {"û", 'u'}, {"Û", 'u'}, {"’", '\''}};

/* Writes one plain character, 0 for what vanishes (a combining accent). Returns the size of what was read. */
static size_t plain_character(const char *text, char *ret_plain)
{
    uint32_t code;
    size_t size = utf8_decode(text, strlen(text), &code);
    *ret_plain = code >= 0x300 && code <= 0x36f ? '\0' : code < 0x80 ? (char)tolower((int)code) : '?';
    for (size_t i = 0; i < LENGTH(letters); i++)
        if (strlen(letters[i].accented) == size && !memcmp(letters[i].accented, text, size))
            *ret_plain = letters[i].plain;
    return size;
}

/* ret_plain has room for what text has: nothing grows. */
static void make_plain(const char *text, char *ret_plain)
{
    size_t n = 0;
    while (*text) {
        char c;
        text += plain_character(text, &c);
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!c || (blank && (!n || ret_plain[n - 1] == ' ')))
            continue;
        ret_plain[n++] = blank ? ' ' : c;
    }
    while (n && ret_plain[n - 1] == ' ')
        n--;
    ret_plain[n] = '\0';
}

bool when_ask(const char *text, instant now, const struct zone *zone, struct question *ret_question,
              char *ret_plain, struct error *err)
{
    if (strlen(text) > WHEN_LONGEST)
        return fail(err, "a time of more than %d bytes", WHEN_LONGEST);
    make_plain(text, ret_plain);
    *ret_question =
        (struct question){.now = now, .zone = zone, .today = zone_civil(zone, now), .original = text};
    ret_question->today.hour = ret_question->today.minute = ret_question->today.second = 0;
    return true;
}

const char *when_after(const char *text, const char *words)
{
    size_t length = strlen(words);
    if (strncmp(text, words, length) || (text[length] && text[length] != ' '))
        return NULL;
    return text + length + (text[length] == ' ');
}

/* ---- days ---- */

bool when_two_digits(const char **text, int least_digits, int *ret_number)
{
    int number = 0, digits = 0;
    for (; digits < 2 && isdigit((unsigned char)**text); (*text)++, digits++)
        number = number * 10 + (**text - '0');
    *ret_number = number;
    return digits >= least_digits;
}

static const char *relative_day(const struct question *q, const char *text, struct day *ret_day)
{
    static const struct {
        const char *word;
        int days;
    } days[] = {{"yesterday", -1}, {"hier", -1},  {"today", 0},       {"aujourd'hui", 0},
                {"tomorrow", 1},   {"demain", 1}, {"apres-demain", 2}};
    for (size_t i = 0; i < LENGTH(days); i++)
        if (when_after(text, days[i].word)) {
            *ret_day = (struct day){.civil = civil_add_days(&q->today, days[i].days)};
            return when_after(text, days[i].word);
        }
    return NULL;
}

static const char *weekday(const struct question *q, const char *text, struct day *ret_day)
{
    static const char *const names[][2] = {
        {"monday", "lundi"},    {"tuesday", "mardi"},   {"wednesday", "mercredi"}, {"thursday", "jeudi"},
        {"friday", "vendredi"}, {"saturday", "samedi"}, {"sunday", "dimanche"}};
    for (int i = 0; i < 7; i++)
        for (int language = 0; language < 2; language++)
            if (when_after(text, names[i][language])) {
                int days = (i - civil_weekday(&q->today) + 7) % 7;
                *ret_day = (struct day){.civil = civil_add_days(&q->today, days), .step = 7};
                return when_after(text, names[i][language]);
            }
    return NULL;
}

bool when_date_of(int year, int month, int number, struct day *ret_day)
{
    char date[16];
    bool has_time;
    struct civil civil;
    snprintf(date, sizeof date, "%04d-%02d-%02d", year, month, number);
    if (!civil_parse(date, &civil, &has_time))
        return false;
    *ret_day = (struct day){.civil = civil};
    return true;
}

/* "2026-12-01", before a blank or a T. */
static const char *iso_date(const struct question *q, const char *text, struct day *ret_day)
{
    char date[11] = "";
    bool has_time;
    struct day day = {.step = 0};
    (void)q;
    if (strlen(text) < 10 || (text[10] && text[10] != ' ' && text[10] != 't'))
        return NULL;
    memcpy(date, text, 10);
    if (!civil_parse(date, &day.civil, &has_time))
        return NULL;
    *ret_day = day;
    return text + 10 + (text[10] != '\0');
}

const char *when_month_name(const char *text, int *ret_month)
{
    static const char *const names[][2] = {
        {"january", "janvier"}, {"february", "fevrier"},  {"march", "mars"},
        {"april", "avril"},     {"may", "mai"},           {"june", "juin"},
        {"july", "juillet"},    {"august", "aout"},       {"september", "septembre"},
        {"october", "octobre"}, {"november", "novembre"}, {"december", "decembre"}};
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    int found = 0;
    for (int month = 1; month <= 12 && length >= 3; month++)
        if (!strncmp(text, names[month - 1][0], length) || !strncmp(text, names[month - 1][1], length)) {
            if (found)
                return NULL;
            found = month;
        }
    if (!found)
        return NULL;
    *ret_month = found;
    text += length;
    text += *text == '.';
    return *text == ' ' ? text + 1 : *text ? NULL : text;
}

/* "24 ", "1er ", "24th, " */
static const char *day_number(const char *text, int *ret_number)
{
    static const char *const endings[] = {"er", "st", "nd", "rd", "th"};
    if (!when_two_digits(&text, 1, ret_number))
        return NULL;
    for (size_t i = 0; i < LENGTH(endings); i++)
        if (!strncmp(text, endings[i], 2)) {
            text += 2;
            break;
        }
    text += *text == ',';
    return *text == ' ' ? text + 1 : *text ? NULL : text;
}

/* "24 décembre", "1er mars 2027", "Dec 24": without a year the next one, today's included. */
static const char *named_date(const struct question *q, const char *text, struct day *ret_day)
{
    int month, number;
    const char *rest = day_number(text, &number);
    rest = rest ? when_month_name(rest, &month) : NULL;
    if (!rest && (rest = when_month_name(text, &month)))
        rest = day_number(rest, &number);
    if (!rest)
        return NULL;
    if (strspn(rest, "0123456789") == 4 && (!rest[4] || rest[4] == ' '))
        return when_date_of(atoi(rest), month, number, ret_day) ? rest + 4 + (rest[4] == ' ') : NULL;
    bool over = month < q->today.month || (month == q->today.month && number < q->today.day);
    return when_date_of(q->today.year + over, month, number, ret_day) ? rest : NULL;
}

const char *when_read_day(const struct question *q, const char *text, struct day *ret_day)
{
    static const char *(*const kinds[])(const struct question *q, const char *text,
                                        struct day *ret_day) = {iso_date, relative_day, weekday, named_date};
    const char *rest = NULL;
    for (size_t i = 0; i < LENGTH(kinds) && !rest; i++)
        rest = kinds[i](q, text, ret_day);
    return rest;
}
