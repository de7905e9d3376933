/* See rrule.h. Tables of parts, and what may stand together; knows nothing of when a rule falls. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "editorial/rrule.h"

enum { LONGEST_RULE = 8192, LONGEST_VALUE = 4096, MOST_INTERVAL = 32767, MOST_COUNT = 100000 };

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const char *const weekday_names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
static const char *const freq_names[] = {"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                         "WEEKLY",   "MONTHLY",  "YEARLY"};

/* ---- sets of numbers ---- */

bool number_set_has(const struct number_set *set, int number)
{
    const uint64_t *bits = number < 0 ? set->back : set->up;
    unsigned n = (unsigned)(number < 0 ? -number : number);
    return n < 384 && (bits[n / 64] >> (n % 64) & 1);
}

void number_set_add(struct number_set *set, int number)
{
    uint64_t *bits = number < 0 ? set->back : set->up;
    unsigned n = (unsigned)(number < 0 ? -number : number);
    bits[n / 64] |= (uint64_t)1 << (n % 64);
    set->any = true;
}

/* ---- values ---- */

static int index_of(const char *const *names, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(names[i], word))
            return (int)i;
    return -1;
}

/* Digits only, at most 9 of them. */
static bool read_digits(const char *text, int *ret_number)
{
    size_t length = strspn(text, "0123456789");
    if (!length || length > 9 || text[length])
        return false;
    *ret_number = atoi(text);
    return true;
}

static bool read_signed(const char *text, int *ret_number)
{
    bool negative = *text == '-';
    int number;
    if (!read_digits(text + (*text == '-' || *text == '+'), &number))
        return false;
    *ret_number = negative ? -number : number;
    return true;
}

struct part {
    const char *name;
    bool (*read)(const struct part *part, char *value, struct rrule *rule, struct error *err);
    enum rrule_by by; /* lists of numbers: */
    int least, most;
    bool may_be_negative;
};

static bool read_freq(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    int freq = index_of(freq_names, LENGTH(freq_names), value);
    const char *nearest = suggest(value, freq_names, LENGTH(freq_names));
    if (freq < 0 && nearest)
        return fail(err, "%s is '%.40s', did you mean '%s'?", part->name, value, nearest);
    if (freq < 0)
        return fail(err,
                    "%s is '%.40s', expected YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY or SECONDLY",
                    part->name, value);
    rule->freq = (enum rrule_freq)freq;
    return true;
}

static bool read_one_number(const struct part *part, const char *value, int *ret_number, struct error *err)
{
    int number;
    if (!read_digits(value, &number) || number < part->least || number > part->most)
        return fail(err, "%s is '%.40s', expected a number from %d to %d", part->name, value, part->least,
                    part->most);
    *ret_number = number;
    return true;
}

static bool read_interval(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    return read_one_number(part, value, &rule->interval, err);
}

static bool read_count(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    return read_one_number(part, value, &rule->count, err);
}

/* Digits where the shape has 'd', else its letter. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *text && *shape; text++, shape++)
        if (*shape == 'd' ? !isdigit((unsigned char)*text) : toupper((unsigned char)*text) != *shape)
            return false;
    return !*text && !*shape;
}

/* 20261231, 20261231T235959 or 20261231T225959Z. */
static bool read_until(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    static const char *const shapes[] = {"dddddddd", "ddddddddTdddddd", "ddddddddTddddddZ"};
    static const enum rrule_until kinds[] = {UNTIL_DATE, UNTIL_LOCAL, UNTIL_UTC};
    for (size_t i = 0; i < LENGTH(shapes); i++) {
        if (!has_shape(value, shapes[i]))
            continue;
        char text[32];
        const char *time = i ? value + 9 : "235959";
        bool has_time;
        snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s", value, value + 4, value + 6, time,
                 time + 2, time + 4);
        if (civil_parse(text, &rule->until, &has_time)) {
            rule->until_kind = kinds[i];
            return true;
        }
    }
    return fail(err, "%s is '%.40s', expected 20261231, 20261231T235959 or 20261231T225959Z", part->name,
                value);
}

static bool read_week_start(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    int weekday = index_of(weekday_names, LENGTH(weekday_names), value);
    if (weekday < 0)
        return fail(err, "%s is '%.40s', expected MO, TU, WE, TH, FR, SA or SU", part->name, value);
    rule->week_start = weekday;
    return true;
}

static bool read_list_number(const struct part *part, const char *word, struct rrule *rule)
{
    int number;
    if (!(part->may_be_negative ? read_signed(word, &number) : read_digits(word, &number)))
        return false;
    int size = number < 0 ? -number : number;
    if (size < part->least || size > part->most)
        return false;
    number_set_add(&rule->by[part->by], part->by == BY_SECOND && number == 60 ? 59 : number);
    return true;
}

static bool read_numbers(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    for (char *word; (word = strsep(&value, ","));)
        if (!read_list_number(part, word, rule))
            return fail(err, "%s has '%.40s', expected numbers from %d to %d%s, separated by commas",
                        part->name, word, part->least, part->most,
                        part->may_be_negative ? " or negative" : "");
    return true;
}

static bool read_weekday(char *word, struct rrule *rule)
{
    size_t length = strlen(word);
    int nth = 0,
        weekday = length < 2 ? -1 : index_of(weekday_names, LENGTH(weekday_names), word + length - 2);
    if (weekday < 0)
        return false;
    rule->by_weekday = true;
    if (length == 2) {
        rule->weekdays[weekday] = true;
        return true;
    }
    word[length - 2] = '\0';
    if (!read_signed(word, &nth) || nth == 0 || nth < -53 || nth > 53)
        return false;
    rule->by_nth = true;
    number_set_add(&rule->nth[weekday], nth);
    return true;
}

static bool read_weekdays(const struct part *part, char *value, struct rrule *rule, struct error *err)
{
    for (char *word; (word = strsep(&value, ","));)
        if (!read_weekday(word, rule))
            return fail(err, "%s has '%.40s', expected days such as MO, 1MO or -1FR, separated by commas",
                        part->name, word);
    return true;
}

static const struct part parts[] = {
    {.name = "FREQ", .read = read_freq},
    {.name = "INTERVAL", .read = read_interval, .least = 1, .most = MOST_INTERVAL},
    {.name = "COUNT", .read = read_count, .least = 1, .most = MOST_COUNT},
    {.name = "UNTIL", .read = read_until},
    {.name = "WKST", .read = read_week_start},
    {.name = "BYDAY", .read = read_weekdays},
    {.name = "BYSECOND", .read = read_numbers, .by = BY_SECOND, .least = 0, .most = 60},
    {.name = "BYMINUTE", .read = read_numbers, .by = BY_MINUTE, .least = 0, .most = 59},
    {.name = "BYHOUR", .read = read_numbers, .by = BY_HOUR, .least = 0, .most = 23},
    {.name = "BYMONTHDAY",
     .read = read_numbers,
     .by = BY_MONTHDAY,
     .least = 1,
     .most = 31,
     .may_be_negative = true},
    {.name = "BYYEARDAY",
     .read = read_numbers,
     .by = BY_YEARDAY,
     .least = 1,
     .most = 366,
     .may_be_negative = true},
    {.name = "BYWEEKNO",
     .read = read_numbers,
     .by = BY_WEEKNO,
     .least = 1,
     .most = 53,
     .may_be_negative = true},
    {.name = "BYMONTH", .read = read_numbers, .by = BY_MONTH, .least = 1, .most = 12},
    {.name = "BYSETPOS",
     .read = read_numbers,
     .by = BY_SETPOS,
     .least = 1,
     .most = 366,
     .may_be_negative = true},
};

/* ---- the whole ---- */

static const struct part *find_part(const char *name, struct error *err)
{
    const char *names[LENGTH(parts)];
    for (size_t i = 0; i < LENGTH(parts); i++) {
        names[i] = parts[i].name;
        if (!strcasecmp(name, parts[i].name))
            return &parts[i];
    }
    const char *nearest = suggest(name, names, LENGTH(parts));
    if (!strncasecmp(name, "RRULE:", 6))
        fail(err, "write the rule without 'RRULE:'");
    else if (nearest)
        fail(err, "unknown part '%.40s', did you mean '%s'?", name, nearest);
    else
        fail(err, "unknown part '%.40s', expected FREQ, INTERVAL, COUNT, UNTIL, WKST or BY…", name);
    return NULL;
}

static bool read_part(char *text, struct rrule *rule, bool seen[], struct error *err)
{
    char *value = strchr(text, '=');
    if (!value)
        return fail(err, "'%.40s' is not NAME=VALUE", text);
    *value++ = '\0';
    const struct part *part = find_part(text, err);
    if (!part)
        return false;
    if (seen[part - parts])
        return fail(err, "%s is given twice", part->name);
    seen[part - parts] = true;
    if (strlen(value) > LONGEST_VALUE)
        return fail(err, "%s is too long", part->name);
    return part->read(part, value, rule, err);
}

static bool has_other_by(const struct rrule *rule)
{
    for (int by = 0; by < BY_SETPOS; by++)
        if (rule->by[by].any)
            return true;
    return rule->by_weekday;
}

static bool check_together(const struct rrule *r, struct error *err)
{
    const struct {
        bool wrong;
        const char *why;
    } checks[] = {
        {r->count && r->until_kind, "COUNT and UNTIL cannot stand together"},
        {r->by[BY_WEEKNO].any && r->freq != RRULE_YEARLY, "BYWEEKNO needs FREQ=YEARLY"},
        {r->by[BY_YEARDAY].any && r->freq >= RRULE_DAILY && r->freq <= RRULE_MONTHLY,
         "BYYEARDAY cannot stand with FREQ=DAILY, WEEKLY or MONTHLY"},
        {r->by[BY_MONTHDAY].any && r->freq == RRULE_WEEKLY, "BYMONTHDAY cannot stand with FREQ=WEEKLY"},
        {r->by_nth && r->freq < RRULE_MONTHLY, "a numbered BYDAY needs FREQ=MONTHLY or YEARLY"},
        {r->by_nth && r->by[BY_WEEKNO].any, "a numbered BYDAY cannot stand with BYWEEKNO"},
        {r->by[BY_SETPOS].any && !has_other_by(r), "BYSETPOS needs another BY… part"},
    };
    for (size_t i = 0; i < LENGTH(checks); i++)
        if (checks[i].wrong)
            return fail(err, "%s", checks[i].why);
    return true;
}

bool rrule_parse(const char *text, struct rrule *ret_rule, struct error *err)
{
    struct rrule rule = {.interval = 1};
    bool seen[LENGTH(parts)] = {0}, ok = true;
    if (strlen(text) > LONGEST_RULE)
        return fail(err, "the rule is longer than %d characters", LONGEST_RULE);
    char *copy = xstrdup(text), *rest = copy;
    for (char *part; ok && (part = strsep(&rest, ";"));)
        ok = read_part(part, &rule, seen, err);
    free(copy);
    if (!ok || !check_together(&rule, err))
        return false;
    if (!seen[0]) /* FREQ is the table's first */
        return fail(err, "FREQ is missing");
    *ret_rule = rule;
    return true;
}
