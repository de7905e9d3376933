/*
 * See when.h. The text is first made plain (small letters, no accents, single blanks) so that each form is
 * compared once; then a table of forms is tried. Knows neither the clock nor which slots exist.
 */
#include <ctype.h>
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

/* "in 2h", "dans 1h 30m": a length of time, whatever the clocks do meanwhile. */
static bool is_duration(const struct question *q, const char *text, struct when *when)
{
    const char *rest = after(text, "in") ? after(text, "in") : after(text, "dans");
    char packed[32];
    size_t n = 0;
    duration length;
    if (!rest)
        return false;
    for (; *rest; rest++) {
        if (*rest == ' ')
            continue;
        if (n == sizeof packed - 1)
            return false;
        packed[n++] = *rest;
    }
    packed[n] = '\0';
    if (!duration_parse(packed, &length) || length > farthest)
        return false;
    when->at = q->now + length;
    return true;
}

static bool is_day_and_time(const struct question *q, const char *text, struct when *when)
{
    static const struct {
        const char *word;
        int days;
    } days[] = {{"today", 0}, {"aujourd'hui", 0}, {"tomorrow", 1}, {"demain", 1}, {"apres-demain", 2}};
    for (size_t i = 0; i < LENGTH(days); i++) {
        const char *rest = after(text, days[i].word);
        struct civil day = civil_add_days(&q->today, days[i].days);
        if (rest && read_time(rest, &day))
            return at_civil(q, &day, when);
    }
    return false;
}

/* The first of some days, a step apart, on which the time is still to come. */
static bool next_at(const struct question *q, struct civil day, int step, struct when *when)
{
    at_civil(q, &day, when);
    if (when->at <= q->now) {
        day = civil_add_days(&day, step);
        at_civil(q, &day, when);
    }
    return true;
}

static bool is_weekday_and_time(const struct question *q, const char *text, struct when *when)
{
    static const char *const names[][2] = {
        {"monday", "lundi"},    {"tuesday", "mardi"},   {"wednesday", "mercredi"}, {"thursday", "jeudi"},
        {"friday", "vendredi"}, {"saturday", "samedi"}, {"sunday", "dimanche"}};
    for (int i = 0; i < 7; i++)
        for (int language = 0; language < 2; language++) {
            const char *rest = after(text, names[i][language]);
            struct civil day = civil_add_days(&q->today, (i - civil_weekday(&q->today) + 7) % 7);
            if (rest && read_time(rest, &day))
                return next_at(q, day, 7, when);
        }
    return false;
}

static bool is_time(const struct question *q, const char *text, struct when *when)
{
    struct civil day = q->today;
    return read_time(text, &day) && next_at(q, day, 1, when);
}

static bool is_date_and_time(const struct question *q, const char *text, struct when *when)
{
    char date[11] = "";
    struct civil day;
    bool has_time;
    if (strlen(text) < 12 || (text[10] != ' ' && text[10] != 't'))
        return false;
    memcpy(date, text, 10);
    return civil_parse(date, &day, &has_time) && read_time(text + 11, &day) && at_civil(q, &day, when);
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
    is_date_and_time, is_instant, /* first what programs say */
    is_now,           is_duration, is_day_and_time, is_weekday_and_time, is_time, is_next_slot,
};

bool when_parse(const char *text, instant now, const struct zone *zone, struct when *ret_when,
                struct error *err)
{
    char plain[LONGEST + 1];
    if (strlen(text) > LONGEST)
        return fail(err, "a time of more than %d bytes", LONGEST);
    make_plain(text, plain);
    struct question q = {.now = now, .zone = zone, .today = zone_civil(zone, now), .original = text};
    q.today.hour = q.today.minute = q.today.second = 0;
    for (size_t i = 0; i < LENGTH(forms); i++) {
        struct when when = {.kind = WHEN_AT};
        if (forms[i](&q, plain, &when)) {
            *ret_when = when;
            return true;
        }
    }
    if (strchr(plain, '/'))
        return fail(err,
                    "the date '%.64s' is not clear: which number is the month? write it as 2026-12-01 09:00",
                    text);
    return fail(err,
                "cannot read the time '%.64s', expected now, \"in 2h\", \"tomorrow 9:00\", \"monday 9:00\", "
                "9:00, 2026-12-01 09:00, 2026-12-01T09:00:00+01:00 or \"next slot\" (or in French: "
                "maintenant, \"dans 2h\", \"demain 9h30\", \"lundi 9h\", \"prochain créneau\")",
                text);
}
