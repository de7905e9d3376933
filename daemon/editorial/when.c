/*
 * See when.h. The text is first made plain (small letters, no accents, single blanks) so that each form is
 * compared once; then a table of forms is tried. Knows neither the clock nor which slots exist.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "editorial/when.h"

enum { LONGEST = 200 };

static const duration farthest = DAYS(366) * 200;

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- making plain ---- */

static const struct letter {
    const char *accented; /* UTF-8 */
    char plain;
} letters[] = {{"à", 'a'}, {"À", 'a'}, {"â", 'a'}, {"é", 'e'}, {"É", 'e'},
               {"è", 'e'}, {"È", 'e'}, {"ê", 'e'}, {"û", 'u'}, {"’", '\''}};

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

/* What follows a word or words and a blank; "" if nothing does, NULL if the text starts otherwise. */
static const char *after(const char *text, const char *words)
{
    size_t length = strlen(words);
    if (strncmp(text, words, length) || (text[length] && text[length] != ' '))
        return NULL;
    return text + length + (text[length] == ' ');
}

/* ---- times of the day ---- */

static bool read_two_digits(const char **text, int least_digits, int *ret_number)
{
    int number = 0, digits = 0;
    for (; digits < 2 && isdigit((unsigned char)**text); (*text)++, digits++)
        number = number * 10 + (**text - '0');
    *ret_number = number;
    return digits >= least_digits;
}

/* "9:00", "09:00:30", "9h", "9h30"; "at" or "à" may stand before. */
static bool read_time(const char *text, struct civil *day)
{
    static const char *const fillers[] = {"at", "a"};
    for (size_t i = 0; i < LENGTH(fillers); i++)
        if (after(text, fillers[i])) {
            text = after(text, fillers[i]);
            break;
        }
    int hour, minute = 0, second = 0;
    if (!read_two_digits(&text, 1, &hour) || (*text != ':' && *text != 'h'))
        return false;
    bool minutes_needed = *text++ == ':';
    if ((minutes_needed || *text) && !read_two_digits(&text, 2, &minute))
        return false;
    if (minutes_needed && *text == ':' && (text++, !read_two_digits(&text, 2, &second)))
        return false;
    if (*text || hour > 23 || minute > 59 || second > 59)
        return false;
    day->hour = hour;
    day->minute = minute;
    day->second = second;
    return true;
}

/* ---- forms ---- */

struct question {
    instant now;
    const struct zone *zone;
    struct civil today;
    const char *original;
};

static bool at_civil(const struct question *q, const struct civil *civil, struct when *when)
{
    when->at = zone_instant(q->zone, civil, &when->fold);
    return true;
}

static bool is_now(const struct question *q, const char *text, struct when *when)
{
    if (strcmp(text, "now") && strcmp(text, "maintenant"))
        return false;
    when->at = q->now;
    return true;
}

/* Words for units, as duration_parse() knows them. */
static const struct unit {
    const char *word;
    char letter;
} units[] = {{"seconds", 's'}, {"second", 's'}, {"secondes", 's'}, {"seconde", 's'}, {"minutes", 'm'},
             {"minute", 'm'},  {"min", 'm'},    {"mn", 'm'},       {"hours", 'h'},   {"hour", 'h'},
             {"heures", 'h'},  {"heure", 'h'},  {"days", 'd'},     {"day", 'd'},     {"jours", 'd'},
             {"jour", 'd'},    {"j", 'd'},      {"weeks", 'w'},    {"week", 'w'},    {"semaines", 'w'},
             {"semaine", 'w'}};

/* The letter of the unit that starts here, and what follows it. A word that is none is left as it is. */
static char unit_letter(const char **text)
{
    size_t length = strspn(*text, "abcdefghijklmnopqrstuvwxyz");
    char letter = **text;
    for (size_t i = 0; i < LENGTH(units); i++)
        if (strlen(units[i].word) == length && !memcmp(*text, units[i].word, length)) {
            *text += length;
            return units[i].letter;
        }
    ++*text;
    return letter;
}

/* "2h", "1h 30m", "30 minutes", "3 jours", and "1h30", whose minutes have no unit. */
static bool read_length(const char *text, duration *ret_length)
{
    char packed[32];
    size_t n = 0;
    while (*text && n < sizeof packed - 2)
        if (*text == ' ')
            text++;
        else if (isdigit((unsigned char)*text))
            packed[n++] = *text++;
        else
            packed[n++] = unit_letter(&text);
    if (n > 3 && packed[n - 3] == 'h' && isdigit((unsigned char)packed[n - 1]))
        packed[n++] = 'm';
    packed[n] = '\0';
    return !*text && duration_parse(packed, ret_length) && *ret_length <= farthest;
}

/* "in 2h", "dans 1h 30m": a length of time, whatever the clocks do meanwhile. */
static bool is_duration(const struct question *q, const char *text, struct when *when)
{
    const char *rest = after(text, "in") ? after(text, "in") : after(text, "dans");
    duration length;
    if (!rest || !read_length(rest, &length))
        return false;
    when->at = q->now + length;
    return true;
}

/* ---- days ---- */

/* A day that was read: its midnight, and after how many days the next of its name comes; 0 when there is only one. */
struct day {
    struct civil civil;
    int step;
};

static const char *relative_day(const struct question *q, const char *text, struct day *ret_day)
{
    static const struct {
        const char *word;
        int days;
    } days[] = {{"yesterday", -1}, {"hier", -1},  {"today", 0},       {"aujourd'hui", 0},
                {"tomorrow", 1},   {"demain", 1}, {"apres-demain", 2}};
    for (size_t i = 0; i < LENGTH(days); i++)
        if (after(text, days[i].word)) {
            *ret_day = (struct day){.civil = civil_add_days(&q->today, days[i].days)};
            return after(text, days[i].word);
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
            if (after(text, names[i][language])) {
                int days = (i - civil_weekday(&q->today) + 7) % 7;
                *ret_day = (struct day){.civil = civil_add_days(&q->today, days), .step = 7};
                return after(text, names[i][language]);
            }
    return NULL;
}

/* A date as civil_parse() reads it, without a time. */
static bool date_of(int year, int month, int number, struct day *ret_day)
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

/* A month by its name or three letters of it or more, unless two begin so, as "jui" of "juin" and "juillet". */
static const char *month_name(const char *text, int *ret_month)
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
    if (!read_two_digits(&text, 1, ret_number))
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
    rest = rest ? month_name(rest, &month) : NULL;
    if (!rest && (rest = month_name(text, &month)))
        rest = day_number(rest, &number);
    if (!rest)
        return NULL;
    if (strspn(rest, "0123456789") == 4 && (!rest[4] || rest[4] == ' '))
        return date_of(atoi(rest), month, number, ret_day) ? rest + 4 + (rest[4] == ' ') : NULL;
    bool over = month < q->today.month || (month == q->today.month && number < q->today.day);
    return date_of(q->today.year + over, month, number, ret_day) ? rest : NULL;
}

/* What follows a day, "" when nothing does; NULL when the text does not begin with one. */
static const char *read_day(const struct question *q, const char *text, struct day *ret_day)
{
    static const char *(*const kinds[])(const struct question *q, const char *text,
                                        struct day *ret_day) = {iso_date, relative_day, weekday, named_date};
    const char *rest = NULL;
    for (size_t i = 0; i < LENGTH(kinds) && !rest; i++)
        rest = kinds[i](q, text, ret_day);
    return rest;
}

/* The day at its time; of days that come again the first on which the time is still to come. */
static bool at_day(const struct question *q, struct day day, struct when *when)
{
    at_civil(q, &day.civil, when);
    if (day.step && when->at <= q->now) {
        day.civil = civil_add_days(&day.civil, day.step);
        at_civil(q, &day.civil, when);
    }
    return true;
}

static bool is_day_and_time(const struct question *q, const char *text, struct when *when)
{
    struct day day;
    const char *rest = read_day(q, text, &day);
    return rest && read_time(rest, &day.civil) && at_day(q, day, when);
}

static bool is_time(const struct question *q, const char *text, struct when *when)
{
    struct day day = {.civil = q->today, .step = 1};
    return read_time(text, &day.civil) && at_day(q, day, when);
}

/* With an offset or Z: an instant whatever the zone. */
static bool is_instant(const struct question *q, const char *text, struct when *when)
{
    (void)q;
    return instant_parse(text, &when->at);
}

static bool is_next_slot(const struct question *q, const char *text, struct when *when)
{
    const char *rest = after(text, "next slot") ? after(text, "next slot") : after(text, "prochain creneau");
    if (!rest || strlen(rest) >= sizeof when->slot)
        return false;
    /* Names are kept as they were written, so the end of the original is taken. */
    const char *original = q->original;
    for (int words = 0; words < 2; words++) {
        original += strspn(original, " \t\r\n");
        original += strcspn(original, " \t\r\n");
    }
    original += strspn(original, " \t\r\n");
    size_t length = strlen(original);
    while (length && strchr(" \t\r\n", original[length - 1]))
        length--;
    if (length >= sizeof when->slot)
        return false;
    when->kind = WHEN_NEXT_SLOT;
    memcpy(when->slot, original, length);
    return true;
}

static bool (*const forms[])(const struct question *q, const char *text, struct when *when) = {
    is_instant, is_day_and_time, is_now, is_duration, is_time, is_next_slot,
};

/* ---- reading ---- */

/* Makes the text plain: ret_plain has room for LONGEST bytes and their end. */
static bool ask(const char *text, instant now, const struct zone *zone, struct question *ret_question,
                char *ret_plain, struct error *err)
{
    if (strlen(text) > LONGEST)
        return fail(err, "a time of more than %d bytes", LONGEST);
    make_plain(text, ret_plain);
    *ret_question =
        (struct question){.now = now, .zone = zone, .today = zone_civil(zone, now), .original = text};
    ret_question->today.hour = ret_question->today.minute = ret_question->today.second = 0;
    return true;
}

/* Why no form fits: a day whose time is missing, a date with slashes, or nothing that is known. */
static bool refuse(const struct question *q, const char *plain, struct error *err)
{
    struct day day;
    const char *rest = read_day(q, plain, &day);
    if (rest && !*rest)
        return fail(err, "at what time? say for instance '%.64s 9:00'", q->original);
    if (strchr(plain, '/'))
        return fail(err,
                    "the date '%.64s' is not clear: which number is the month? write it as 2026-12-01 09:00",
                    q->original);
    return fail(
        err,
        "cannot read the time '%.64s', expected now, \"in 2h\", \"tomorrow 9:00\", \"monday 9:00\", "
        "9:00, 2026-12-01 09:00, 2026-12-01T09:00:00+01:00 or \"next slot\" (or in French: "
        "maintenant, \"dans 2h\", \"demain 9h30\", \"lundi 9h\", \"24 décembre 18h\", \"prochain créneau\")",
        q->original);
}

bool when_parse(const char *text, instant now, const struct zone *zone, struct when *ret_when,
                struct error *err)
{
    char plain[LONGEST + 1];
    struct question q;
    if (!ask(text, now, zone, &q, plain, err))
        return false;
    for (size_t i = 0; i < LENGTH(forms); i++) {
        struct when when = {.kind = WHEN_AT};
        if (forms[i](&q, plain, &when)) {
            *ret_when = when;
            return true;
        }
    }
    return refuse(&q, plain, err);
}

bool when_parse_bound(const char *text, instant now, const struct zone *zone, instant *ret_at,
                      struct error *err)
{
    char plain[LONGEST + 1];
    struct question q;
    struct day day;
    struct when when;
    if (!ask(text, now, zone, &q, plain, err))
        return false;
    const char *rest = read_day(&q, plain, &day);
    if (rest && !*rest)
        at_day(&q, day, &when);
    else if (!when_parse(text, now, zone, &when, err))
        return false;
    else if (when.kind != WHEN_AT)
        return fail(err, "'%.64s' is no time of its own: it depends on the post", text);
    *ret_at = when.at;
    return true;
}
