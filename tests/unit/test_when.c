/* Times as people say them, seen from Friday 2026-03-27 10:00 in Paris, two days before the clocks change. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/zoneinfo.h"
#include "editorial/when.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define wrong(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

static struct arena *arena;
static const struct zone *paris;
static instant now;

static int set_up(void **state)
{
    (void)state;
    struct buf bytes = {0};
    arena = arena_new();
    assert_true(zoneinfo_read("Europe/Paris", &bytes, NULL));
    paris = zone_from_tzif(arena, "Europe/Paris", bytes.data, bytes.length, NULL);
    buf_release(&bytes);
    return !instant_parse("2026-03-27T10:00:00+01:00", &now);
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void times_are_read_as_people_say_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc;
        enum civil_fold fold;
    } cases[] = {
        {"now", "2026-03-27T09:00:00Z", CIVIL_PLAIN},
        {"Maintenant", "2026-03-27T09:00:00Z", CIVIL_PLAIN},
        {"in 2h", "2026-03-27T11:00:00Z", CIVIL_PLAIN},
        {"in 1h30m", "2026-03-27T10:30:00Z", CIVIL_PLAIN},
        {"dans 1h 30m", "2026-03-27T10:30:00Z", CIVIL_PLAIN},
        {"in 3d", "2026-03-30T09:00:00Z", CIVIL_PLAIN}, /* 72 hours, also over a change */
        {"dans 30 minutes", "2026-03-27T09:30:00Z", CIVIL_PLAIN},
        {"dans 1h30", "2026-03-27T10:30:00Z", CIVIL_PLAIN},
        {"dans 2 heures 5 min", "2026-03-27T11:05:00Z", CIVIL_PLAIN},
        {"dans 7j", "2026-04-03T09:00:00Z", CIVIL_PLAIN},
        {"in 2 days", "2026-03-29T09:00:00Z", CIVIL_PLAIN},
        {"dans 1 semaine", "2026-04-03T09:00:00Z", CIVIL_PLAIN},
        {"hier 9h", "2026-03-26T08:00:00Z", CIVIL_PLAIN}, /* past, and given as it is */
        {"today 18:30", "2026-03-27T17:30:00Z", CIVIL_PLAIN},
        {"today 8:00", "2026-03-27T07:00:00Z", CIVIL_PLAIN}, /* past, and given as it is */
        {"tomorrow 9:00", "2026-03-28T08:00:00Z", CIVIL_PLAIN},
        {"tomorrow at 9:00", "2026-03-28T08:00:00Z", CIVIL_PLAIN},
        {"demain 9h", "2026-03-28T08:00:00Z", CIVIL_PLAIN},
        {"demain 9h30", "2026-03-28T08:30:00Z", CIVIL_PLAIN},
        {"Demain à 9h30", "2026-03-28T08:30:00Z", CIVIL_PLAIN},
        {"après-demain 9h", "2026-03-29T07:00:00Z", CIVIL_PLAIN}, /* after the change */
        {"aujourd'hui 18:30", "2026-03-27T17:30:00Z", CIVIL_PLAIN},
        {"aujourd’hui 18:30", "2026-03-27T17:30:00Z", CIVIL_PLAIN}, /* typographic apostrophe */
        {"monday 9:00", "2026-03-30T07:00:00Z", CIVIL_PLAIN},
        {"LUNDI 9:00", "2026-03-30T07:00:00Z", CIVIL_PLAIN},
        {"friday 09:00", "2026-04-03T07:00:00Z", CIVIL_PLAIN},   /* today's is past */
        {"vendredi 11:00", "2026-03-27T10:00:00Z", CIVIL_PLAIN}, /* today's is to come */
        {"sunday 2:30", "2026-03-29T01:30:00Z", CIVIL_GAP},
        {"9:00", "2026-03-28T08:00:00Z", CIVIL_PLAIN},  /* tomorrow's */
        {"10:00", "2026-03-28T09:00:00Z", CIVIL_PLAIN}, /* right now is past */
        {"10:01", "2026-03-27T09:01:00Z", CIVIL_PLAIN},
        {"23:59:59", "2026-03-27T22:59:59Z", CIVIL_PLAIN}, /* the last second of a day */
        {"9h", "2026-03-28T08:00:00Z", CIVIL_PLAIN},
        {"2026-12-01 09:00", "2026-12-01T08:00:00Z", CIVIL_PLAIN},
        {"2026-12-01 9h30", "2026-12-01T08:30:00Z", CIVIL_PLAIN},
        {"2026-12-01T09:00:30", "2026-12-01T08:00:30Z", CIVIL_PLAIN},
        {"2026-12-01T09:00:30Z", "2026-12-01T09:00:30Z", CIVIL_PLAIN},
        {"2026-12-01T09:00-05:00", "2026-12-01T14:00:00Z", CIVIL_PLAIN},
        {"2026-10-25 02:30", "2026-10-25T00:30:00Z", CIVIL_OVERLAP},
        {"24 décembre 18h", "2026-12-24T17:00:00Z", CIVIL_PLAIN},
        {"24 déc. à 18h30", "2026-12-24T17:30:00Z", CIVIL_PLAIN},
        {"1er août 9h", "2026-08-01T07:00:00Z", CIVIL_PLAIN},
        {"1er mars 9h", "2027-03-01T08:00:00Z", CIVIL_PLAIN}, /* this year's is past */
        {"27 mars 9h", "2026-03-27T08:00:00Z", CIVIL_PLAIN},  /* today's, past, and given as it is */
        {"Dec 24th, 2027 at 9:00", "2027-12-24T08:00:00Z", CIVIL_PLAIN},
        {"  2026-12-01   09:00 ", "2026-12-01T08:00:00Z", CIVIL_PLAIN},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct when when;
        struct error err = {0};
        char text[INSTANT_TEXT];
        if (!when_parse(cases[i].text, now, paris, &when, &err))
            wrong("'%s': %s", cases[i].text, err.message);
        assert_int_equal(when.kind, WHEN_AT);
        if (strcmp(instant_format(when.at, text, sizeof text), cases[i].utc) || when.fold != cases[i].fold)
            wrong("'%s' is %s (fold %d), expected %s", cases[i].text, text, (int)when.fold, cases[i].utc);
    }
}

static void the_next_slot_may_have_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *slot;
    } cases[] = {
        {"next slot", ""},
        {"Next  Slot", ""},
        {"next slot Weekday-Morning", "Weekday-Morning"},
        {"prochain créneau", ""},
        {"prochain creneau", ""},
        {"Prochain cre\xcc\x81neau matin", "matin"}, /* an accent of its own */
        {"next slot Été", "Été"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct when when;
        assert_true(when_parse(cases[i].text, now, paris, &when, NULL));
        assert_int_equal(when.kind, WHEN_NEXT_SLOT);
        assert_string_equal(when.slot, cases[i].slot);
    }
}

static void of_a_bound_a_day_alone_is_its_midnight(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc; /* NULL: refused */
    } cases[] = {
        {"2026-12-01", "2026-11-30T23:00:00Z"},
        {"yesterday", "2026-03-25T23:00:00Z"},
        {"aujourd'hui", "2026-03-26T23:00:00Z"},
        {"dimanche", "2026-03-28T23:00:00Z"},
        {"friday", "2026-04-02T22:00:00Z"}, /* today's is past */
        {"24 décembre", "2026-12-23T23:00:00Z"},
        {"tomorrow 9:00", "2026-03-28T08:00:00Z"},
        {"2026-12-01T09:00:30Z", "2026-12-01T09:00:30Z"},
        {"in 7d", "2026-04-03T09:00:00Z"},
        {"next slot", NULL},
        {"2026-02-30", NULL},
        {"soon", NULL},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        instant at;
        char text[INSTANT_TEXT] = "";
        bool read = when_parse_bound(cases[i].text, now, paris, &at, NULL);
        if (read != (cases[i].utc != NULL) ||
            (read && strcmp(instant_format(at, text, sizeof text), cases[i].utc)))
            wrong("'%s' is %s", cases[i].text, text);
    }
}

/* As local days, which a change of hour makes 23 or 25 hours long. */
static const char *days_of(instant from, instant until, char *ret_text, size_t size)
{
    struct civil first = zone_civil(paris, from), after = zone_civil(paris, until);
    bool midnights = !first.hour && !first.minute && !after.hour && !after.minute;
    snprintf(ret_text, size, "%04d-%02d-%02d %04d-%02d-%02d%s", first.year, first.month, first.day, after.year,
             after.month, after.day, midnights ? "" : " not at midnight");
    return ret_text;
}

static void a_span_is_read_as_people_say_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *days;
    } cases[] = {
        {"today", "2026-03-27 2026-03-28"},
        {"Aujourd’hui", "2026-03-27 2026-03-28"},
        {"hier", "2026-03-26 2026-03-27"},
        {"tomorrow", "2026-03-28 2026-03-29"},
        {"après-demain", "2026-03-29 2026-03-30"}, /* of 23 hours */
        {"2026-12-01", "2026-12-01 2026-12-02"},
        {"24 décembre", "2026-12-24 2026-12-25"},
        {"friday", "2026-03-27 2026-03-28"}, /* today is still going on */
        {"lundi", "2026-03-30 2026-03-31"},
        {"next friday", "2026-04-03 2026-04-04"},
        {"lundi prochain", "2026-03-30 2026-03-31"},
        {"last friday", "2026-03-20 2026-03-21"},
        {"lundi dernier", "2026-03-23 2026-03-24"},
        {"ce lundi", "2026-03-23 2026-03-24"},
        {"this sunday", "2026-03-29 2026-03-30"},
        {"this week", "2026-03-23 2026-03-30"},
        {"last week", "2026-03-16 2026-03-23"},
        {"Next  Week", "2026-03-30 2026-04-06"},
        {"last-week", "2026-03-16 2026-03-23"},
        {"cette semaine", "2026-03-23 2026-03-30"},
        {"cette semaine-ci", "2026-03-23 2026-03-30"},
        {"la semaine dernière", "2026-03-16 2026-03-23"},
        {"semaine passée", "2026-03-16 2026-03-23"},
        {"SEMAINE PROCHAINE", "2026-03-30 2026-04-06"},
        {"2026-W48", "2026-11-23 2026-11-30"},
        {"2026w01", "2025-12-29 2026-01-05"},
        {"2026-W53", "2026-12-28 2027-01-04"},
        {"week 13", "2026-03-23 2026-03-30"},
        {"semaine 1 2027", "2027-01-04 2027-01-11"},
        {"this month", "2026-03-01 2026-04-01"},
        {"last month", "2026-02-01 2026-03-01"},
        {"mois dernier", "2026-02-01 2026-03-01"},
        {"le mois prochain", "2026-04-01 2026-05-01"},
        {"ce mois", "2026-03-01 2026-04-01"},
        {"ce mois-ci", "2026-03-01 2026-04-01"},
        {"2026-12", "2026-12-01 2027-01-01"},
        {"2024-02", "2024-02-01 2024-03-01"},
        {"december", "2026-12-01 2027-01-01"},
        {"DÉCEMBRE", "2026-12-01 2027-01-01"},
        {"AOÛT", "2026-08-01 2026-09-01"},
        {"march", "2026-03-01 2026-04-01"},
        {"january", "2027-01-01 2027-02-01"}, /* the next, as of a date */
        {"this january", "2026-01-01 2026-02-01"},
        {"janvier dernier", "2026-01-01 2026-02-01"},
        {"last december", "2025-12-01 2026-01-01"},
        {"mars dernier", "2025-03-01 2025-04-01"},
        {"next march", "2027-03-01 2027-04-01"},
        {"décembre 2025", "2025-12-01 2026-01-01"},
        {"2026", "2026-01-01 2027-01-01"},
        {"this year", "2026-01-01 2027-01-01"},
        {"l’an dernier", "2025-01-01 2026-01-01"},
        {"l'année prochaine", "2027-01-01 2028-01-01"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        instant from = 0, until = 0;
        char text[64];
        struct error err = {""};
        if (!when_parse_span(cases[i].text, now, paris, &from, &until, &err) ||
            strcmp(days_of(from, until, text, sizeof text), cases[i].days))
            wrong("'%s' is %s%s", cases[i].text, from ? text : "", err.message);
    }
}

static void in_january_the_last_month_is_of_another_year(void **state)
{
    (void)state;
    instant january, from, until;
    char text[64];
    assert_true(instant_parse("2027-01-01T00:00:00+01:00", &january)); /* a Friday of 2026's week 53 */
    assert_true(when_parse_span("last month", january, paris, &from, &until, NULL));
    assert_string_equal(days_of(from, until, text, sizeof text), "2026-12-01 2027-01-01");
    assert_true(when_parse_span("week 53", january, paris, &from, &until, NULL));
    assert_string_equal(days_of(from, until, text, sizeof text), "2026-12-28 2027-01-04");
}

static void what_is_no_span_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"tomorrow 9:00", "is a moment"}, {"in 2h", "is a moment"},
        {"now", "is a moment"},           {"next slot", "is a moment"},
        {"", "cannot read the span ''"},  {"week", "cannot read"},
        {"mois", "cannot read"},          {"last", "cannot read"},
        {"last week prochaine", "cannot read"},
        {"next décembre 2027", "cannot read"}, /* there is only one */
        {"2026-13", "cannot read"},       {"2026-00", "cannot read"},
        {"2026-1", "cannot read"},        {"2026-W54", "cannot read"},
        {"2027-W53", "cannot read"},      {"2026-W00", "cannot read"},
        {"0000", "cannot read"},          {"semaine 60", "cannot read"},
        {"jui", "cannot read"},           {"lastweek", "cannot read"},
        {"2026-02-30", "cannot read"},    {"-", "cannot read"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        instant from, until;
        struct error err = {""};
        if (when_parse_span(cases[i].text, now, paris, &from, &until, &err) ||
            !strstr(err.message, cases[i].message))
            wrong("'%s': %s", cases[i].text, err.message);
    }
}

static void what_is_not_clear_is_refused_with_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"1/12/2026 9:00", "which number is the month"},
        {"1/12", "which number is the month"},
        {"", "cannot read the time ''"},
        {"soon", "expected now"},
        {"in", "expected now"},
        {"in 5", "expected now"},
        {"in 999999999w", "expected now"},
        {"tomorrow", "at what time? say for instance 'tomorrow 9:00'"},
        {"24 décembre", "at what time? say for instance '24 décembre 9:00'"},
        {"30 février 9h", "expected now"},
        {"29 février 9h", "expected now"}, /* 2027 has none */
        {"3 jui 9h", "expected now"},      /* June or July? */
        {"32 mai 9h", "expected now"},
        {"in 30 minutos", "expected now"},
        {"in 1h5", "expected now"},
        {"9am", "expected now"},
        {"9", "expected now"},
        {"9:0", "expected now"},
        {"25:00", "expected now"},
        {"9h5", "expected now"},
        {"9:00 pm", "expected now"},
        {"2026-02-30 09:00", "expected now"},
        {"2026-12-01", "at what time?"},
        {"mondays 9:00", "expected now"},
        {"next slot aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "expected now"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct when when;
        struct error err = {0};
        if (when_parse(cases[i].text, now, paris, &when, &err) || !strstr(err.message, cases[i].message))
            wrong("'%s': %s", cases[i].text, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_as_people_say_them),
        cmocka_unit_test(the_next_slot_may_have_a_name),
        cmocka_unit_test(of_a_bound_a_day_alone_is_its_midnight),
        cmocka_unit_test(a_span_is_read_as_people_say_it),
        cmocka_unit_test(in_january_the_last_month_is_of_another_year),
        cmocka_unit_test(what_is_no_span_is_refused),
        cmocka_unit_test(what_is_not_clear_is_refused_with_what_was_expected),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
