/*
 * See when.h. The text is first made plain (small letters, no accents, single blanks) so that each form is
 * compared once; then a table of forms is tried. Knows neither the clock nor which slots exist.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "editorial/when_reader.h"

static const duration farthest = DAYS(366) * 200;

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- times of the day ---- */

/* "9:00", "09:00:30", "9h", "9h30"; "at" or "à" may stand before. */
static bool read_time(const char *text, struct civil *day)
{
    static const char *const fillers[] = {"at", "a"};
    for (size_t i = 0; i < LENGTH(fillers); i++)
        if (when_after(text, fillers[i])) {
            text = when_after(text, fillers[i]);
            break;
        }
    int hour, minute = 0, second = 0;
    if (!when_two_digits(&text, 1, &hour) || (*text != ':' && *text != 'h'))
        return false;
    bool minutes_needed = *text++ == ':';
    if ((minutes_needed || *text) && !when_two_digits(&text, 2, &minute))
        return false;
    if (minutes_needed && *text == ':' && (text++, !when_two_digits(&text, 2, &second)))
        return false;
    if (*text || hour > 23 || minute > 59 || second > 59)
        return false;
    day->hour = hour;
    day->minute = minute;
    day->second = second;
    return true;
}

/* ---- forms ---- */

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
    const char *rest = when_after(text, "in") ? when_after(text, "in") : when_after(text, "dans");
    duration length;
    if (!rest || !read_length(rest, &length))
        return false;
    when->at = q->now + length;
    return true;
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
    const char *rest = when_read_day(q, text, &day);
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
    const char *rest = when_after(text, "next slot") ? when_after(text, "next slot") : when_after(text, "prochain creneau");
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

/* Why no form fits: a day whose time is missing, a date with slashes, or nothing that is known. */
static bool refuse(const struct question *q, const char *plain, struct error *err)
{
    struct day day;
    const char *rest = when_read_day(q, plain, &day);
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
    char plain[WHEN_LONGEST + 1];
    struct question q;
    if (!when_ask(text, now, zone, &q, plain, err))
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
    char plain[WHEN_LONGEST + 1];
    struct question q;
    struct day day;
    struct when when;
    if (!when_ask(text, now, zone, &q, plain, err))
        return false;
    const char *rest = when_read_day(&q, plain, &day);
    if (rest && !*rest)
        at_day(&q, day, &when);
    else if (!when_parse(text, now, zone, &when, err))
        return false;
    else if (when.kind != WHEN_AT)
        return fail(err, "'%.64s' is no time of its own: it depends on the post", text);
    *ret_at = when.at;
    return true;
}
