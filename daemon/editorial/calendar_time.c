/* See calendar_loader.h: dates and times as people write them in the calendar. Which
 * instant they are is not known here. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "editorial/calendar_loader.h"

/* Whether text has the form, where 0 stands for a digit and ' ' for a blank or T. */
static bool has_form(const char *text, const char *form)
{
    for (; *form; form++, text++) {
        bool ok = *form == '0'   ? isdigit((unsigned char)*text) != 0
                  : *form == ' ' ? *text == ' ' || *text == 'T'
                                 : *text == *form;
        if (!ok)
            return false;
    }
    return !*text;
}

static bool is_date(const char *text)
{
    return has_form(text, "0000-00-00");
}

static bool is_date_time(const char *text)
{
    return has_form(text, "0000-00-00 00:00") || has_form(text, "0000-00-00 00:00:00");
}

static bool is_moment(const char *text)
{
    return is_date(text) || is_date_time(text);
}

/*
 * What was probably meant by a date that is written as people do: "24/12/2026 18:00", "2026-12-24 18h". Of two numbers
 * that may both be the month nothing is guessed.
 */
static const char *guess_moment(const char *text, struct arena *arena)
{
    struct civil c = {0}, there;
    bool has_time;
    char mark = '\0';
    int read =
        sscanf(text, "%4d-%2d-%2d%*1[ T]%2d%c%2d", &c.year, &c.month, &c.day, &c.hour, &mark, &c.minute);
    if (read < 4)
        read = sscanf(text, "%2d/%2d/%4d %2d%c%2d", &c.day, &c.month, &c.year, &c.hour, &mark, &c.minute);
    if (read < 5 || !strchr(":hH", mark) || (strchr(text, '/') && c.day <= 12))
        return NULL;
    const char *guess =
        arena_printf(arena, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    return civil_parse(guess, &there, &has_time) ? guess : NULL;
}

static bool read_moment(struct bind *bind, const char *name, const struct yaml *value, struct moment *moment,
                        bool (*form)(const char *text), const char *expected)
{
    struct field text = {.name = name, .kind = FIELD_TEXT, .max = 32, .valid = form, .expected = expected};
    const char *copy, *guess = NULL;
    if (value->kind == YAML_SCALAR && form == is_date_time && !form(value->text))
        guess = guess_moment(value->text, bind->arena);
    if (guess)
        return bind_fail(bind, value, NULL, "'%s' must be %s, not '%.40s'; did you mean '%s'?", name,
                         expected, value->text, guess);
    if (!bind_value(bind, &text, value, &copy))
        return false;
    moment->node = value;
    if (civil_parse(copy, &moment->civil, &moment->has_time))
        return true;
    return bind_fail(bind, value, "no-such-date", "'%s': there is no such date or time as %s", name, copy);
}

bool read_date(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    return read_moment(bind, field->name, value, member, is_date, "a date such as 2026-12-24");
}

bool read_date_time(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    return read_moment(bind, field->name, value, member, is_date_time, "a date and time such as 2026-12-01 09:00");
}

bool read_moments(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (value->count > 1000)
        return bind_fail(bind, value, NULL, "'%s' has more than 1000 entries", field->name);
    struct moments moments = {.items = arena_alloc_array(bind->arena, value->count, sizeof *moments.items)};
    bool ok = true;
    for (size_t i = 0; i < value->count; i++)
        ok = read_moment(bind, field->name, value->items[i], &moments.items[moments.count++], is_moment,
                         "a date such as 2026-12-24, or a date and time such as 2026-12-24 09:00") && ok;
    *(struct moments *)member = moments;
    return ok;
}

/* "17h", "9:00", "9h30" */
static const char *guess_time(const char *text, struct arena *arena)
{
    int hour, minute = 0;
    char mark = '\0';
    if (sscanf(text, "%2d%c%2d", &hour, &mark, &minute) < 2 || !strchr(":hH", mark) || hour < 0 || minute < 0)
        return NULL;
    const char *guess = arena_printf(arena, "%02d:%02d", hour, minute);
    return is_time_of_day(guess) ? guess : NULL;
}

bool read_time(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 8, .valid = is_time_of_day,
                         .expected = EXPECTED_TIME};
    struct moment *moment = member;
    struct civil *civil = &moment->civil;
    const char *copy, *guess = NULL;
    if (value->kind == YAML_SCALAR && !is_time_of_day(value->text))
        guess = guess_time(value->text, bind->arena);
    if (guess)
        return bind_fail(bind, value, NULL, "'%s' must be %s, not '%.40s'; did you mean '%s'?", field->name,
                         EXPECTED_TIME, value->text, guess);
    if (!bind_value(bind, &text, value, &copy))
        return false;
    moment->node = value;
    moment->has_time = true;
    civil->second = 0;
    return sscanf(copy, "%d:%d:%d", &civil->hour, &civil->minute, &civil->second) >= 2;
}
