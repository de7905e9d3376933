/* Rules in a zone. Random rules against an independent oracle are in test_time_oracle; here are the edges. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/zoneinfo.h"
#include "editorial/recurrence.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define wrong(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

static struct arena *arena;
static const struct zone *paris;

static int set_up(void **state)
{
    (void)state;
    struct buf bytes = {0};
    arena = arena_new();
    assert_true(zoneinfo_read("Europe/Paris", &bytes, NULL));
    paris = zone_from_tzif(arena, "Europe/Paris", bytes.data, bytes.length, NULL);
    buf_release(&bytes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct civil civil(const char *text)
{
    struct civil c;
    bool has_time;
    assert_true(civil_parse(text, &c, &has_time));
    return c;
}

static const struct recurrence *make(const char *start, const char *rule, struct error *err)
{
    struct civil first = civil(start);
    return recurrence_new(arena, paris, &first, rule, NULL, NULL, 0, NULL, 0, err);
}

/* "2026-03-27T02:30:00Z …" */
static void check_instants(const struct recurrence *r, instant from, instant until, size_t most, const char *expected,
                           const char *what)
{
    struct occurrence *found;
    struct buf text = {0};
    char one[INSTANT_TEXT];
    size_t count = recurrence_between(r, from, until, most, arena, &found);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s", i ? " " : "", instant_format(found[i].at, one, sizeof one));
    if (strcmp(buf_text(&text), expected))
        wrong("%s: '%s', expected '%s'", what, buf_text(&text), expected);
    buf_release(&text);
}

static void rules_fall_where_rfc_5545_says(void **state)
{
    (void)state;
    static const struct {
        const char *start, *rule, *expected; /* the first three */
    } cases[] = {
        {"2026-03-28T02:30", "FREQ=DAILY", /* through the gap */
         "2026-03-28T01:30:00Z 2026-03-29T01:30:00Z 2026-03-30T00:30:00Z"},
        {"2026-10-24T02:30", "FREQ=DAILY", /* the first of two */
         "2026-10-24T00:30:00Z 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"},
        {"2026-03-29T01:30", "FREQ=HOURLY", /* 02:30 and 03:30 are one instant */
         "2026-03-29T00:30:00Z 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z"},
        {"2026-03-29T02:45", "FREQ=MINUTELY;INTERVAL=30", /* 02:45 moves behind 03:15 */
         "2026-03-29T01:15:00Z 2026-03-29T01:45:00Z 2026-03-29T02:15:00Z"},
        {"2026-01-01T09:00", "FREQ=MONTHLY;BYDAY=-1FR", /* the start does not match: it is none */
         "2026-01-30T08:00:00Z 2026-02-27T08:00:00Z 2026-03-27T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=2", /* and COUNT counts matches */
         "2026-01-05T08:00:00Z 2026-01-06T08:00:00Z"},
        {"2026-01-31T09:00", "FREQ=MONTHLY", /* months without a 31st are left out */
         "2026-01-31T08:00:00Z 2026-03-31T07:00:00Z 2026-05-31T07:00:00Z"},
        {"2024-02-29T09:00", "FREQ=YEARLY", "2024-02-29T08:00:00Z 2028-02-29T08:00:00Z 2032-02-29T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;BYMONTHDAY=-1", /* libical loses these */
         "2026-01-31T08:00:00Z 2026-02-28T08:00:00Z 2026-03-31T07:00:00Z"},
        {"2026-01-01T09:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", /* last working day */
         "2026-01-30T08:00:00Z 2026-02-27T08:00:00Z 2026-03-31T07:00:00Z"},
        {"2026-01-10T09:00", "FREQ=MONTHLY;BYMONTHDAY=5,15;BYSETPOS=1", /* the set starts before the start */
         "2026-02-05T08:00:00Z 2026-03-05T08:00:00Z 2026-04-05T07:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,30;BYSETPOS=2,-1",
         "2026-01-01T08:30:00Z 2026-01-01T09:30:00Z 2026-01-02T08:30:00Z"},
        {"1997-08-05T09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", /* RFC 5545's own example */
         "1997-08-05T07:00:00Z 1997-08-17T07:00:00Z 1997-08-19T07:00:00Z"},
        {"1997-05-12T09:00", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
         "1997-05-12T07:00:00Z 1998-05-11T07:00:00Z 1999-05-17T07:00:00Z"},
        {"2026-01-05T09:00", "FREQ=YEARLY;BYWEEKNO=20", /* the start's weekday */
         "2026-05-11T07:00:00Z 2027-05-17T07:00:00Z 2028-05-15T07:00:00Z"},
        {"2026-01-01T09:00", "FREQ=YEARLY;BYYEARDAY=1,-1",
         "2026-01-01T08:00:00Z 2026-12-31T08:00:00Z 2027-01-01T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", /* every Friday 13th */
         "2026-02-13T08:00:00Z 2026-03-13T08:00:00Z 2026-11-13T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=YEARLY;BYDAY=20MO", "2026-05-18T07:00:00Z 2027-05-17T07:00:00Z 2028-05-15T07:00:00Z"},
        {"2026-01-01T09:00", "freq=daily;until=20260102", "2026-01-01T08:00:00Z 2026-01-02T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;UNTIL=20260102T090000", "2026-01-01T08:00:00Z 2026-01-02T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;UNTIL=20260102T085959", "2026-01-01T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;UNTIL=20260102T080000Z", "2026-01-01T08:00:00Z 2026-01-02T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;UNTIL=20260102T075959Z", "2026-01-01T08:00:00Z"},
        {"2026-01-01T09:00", "FREQ=DAILY;UNTIL=20251231", ""},
        {"2026-01-01T09:00", "FREQ=MINUTELY;BYSECOND=60;COUNT=1", "2026-01-01T08:00:59Z"}, /* no leap seconds here */
        {"2099-06-01T09:00", "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1", "2099-06-01T07:00:00Z 2100-06-01T07:00:00Z"},
        {"2026-01-01T09:00", NULL, "2026-01-01T08:00:00Z"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error err = {0};
        const struct recurrence *r = make(cases[i].start, cases[i].rule, &err);
        if (!r)
            wrong("%s: %s", cases[i].rule, err.message);
        check_instants(r, INT64_MIN, INSTANT_NEVER, 3, cases[i].expected, cases[i].rule ? cases[i].rule : "no rule");
    }
}

static void bad_rules_are_refused_with_the_part_and_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *message;
    } cases[] = {
        {"", "'' is not NAME=VALUE"},
        {"RRULE:FREQ=DAILY", "without 'RRULE:'"},
        {"FREQ=DALY", "did you mean 'DAILY'"},
        {"FREQ=X", "expected YEARLY"},
        {"INTERVAL=2", "FREQ is missing"},
        {"FREQ=DAILY;FREQ=DAILY", "FREQ is given twice"},
        {"FREQ=DAILY;", "is not NAME=VALUE"},
        {"FREQ=DAILY;BYDAYS=MO", "unknown part 'BYDAYS', did you mean 'BYDAY'?"},
        {"FREQ=YEARLY;BYEASTER=0", "unknown part 'BYEASTER'"},
        {"FREQ=DAILY;INTERVAL=0", "INTERVAL is '0'"},
        {"FREQ=DAILY;INTERVAL=-1", "INTERVAL is '-1'"},
        {"FREQ=DAILY;COUNT=0", "COUNT is '0'"},
        {"FREQ=DAILY;COUNT=99999999999", "COUNT is"},
        {"FREQ=DAILY;COUNT=1;UNTIL=20270101", "COUNT and UNTIL"},
        {"FREQ=DAILY;UNTIL=2027-01-01", "expected 20261231"},
        {"FREQ=DAILY;UNTIL=20270230", "expected 20261231"},
        {"FREQ=DAILY;UNTIL=20270101T000000+0100", "expected 20261231"},
        {"FREQ=WEEKLY;WKST=XX", "WKST is 'XX'"},
        {"FREQ=WEEKLY;BYDAY=", "BYDAY has ''"},
        {"FREQ=WEEKLY;BYDAY=MO,", "BYDAY has ''"},
        {"FREQ=WEEKLY;BYDAY=MON", "BYDAY has"},
        {"FREQ=MONTHLY;BYDAY=0MO", "BYDAY has"},
        {"FREQ=YEARLY;BYDAY=54MO", "BYDAY has"},
        {"FREQ=WEEKLY;BYDAY=1MO", "numbered BYDAY"},
        {"FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "numbered BYDAY"},
        {"FREQ=DAILY;BYHOUR=24", "BYHOUR has '24'"},
        {"FREQ=DAILY;BYHOUR=-1", "BYHOUR has '-1'"},
        {"FREQ=DAILY;BYMINUTE=60", "BYMINUTE has '60'"},
        {"FREQ=MINUTELY;BYSECOND=61", "BYSECOND has '61'"},
        {"FREQ=DAILY;BYMONTH=13", "BYMONTH has '13'"},
        {"FREQ=DAILY;BYMONTHDAY=0", "BYMONTHDAY has '0'"},
        {"FREQ=DAILY;BYMONTHDAY=-32", "BYMONTHDAY has '-32'"},
        {"FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY has '367'"},
        {"FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO needs"},
        {"FREQ=DAILY;BYYEARDAY=1", "BYYEARDAY cannot"},
        {"FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY cannot"},
        {"FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs"},
        {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never falls"},
        {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never falls"},
        {"FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366", "never falls"}, /* only odd years */
        {"FREQ=MONTHLY;BYDAY=6MO", "never falls"},
        {"FREQ=SECONDLY;INTERVAL=2;BYSECOND=1", "never or too rarely"},
        {"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "never falls"},
        {"FREQ=SECONDLY;BYSETPOS=2;BYHOUR=1", "never or too rarely"},
        {"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR=1;BYMINUTE=1;BYSECOND=1;BYSETPOS=2", "never falls"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error err = {0};
        const struct recurrence *r = make("2027-01-01T09:00", cases[i].rule, &err);
        if (r || !strstr(err.message, cases[i].message))
            wrong("'%s': '%s'", cases[i].rule, err.message);
    }
    struct error err = {0};
    assert_null(make("1899-12-31T09:00", "FREQ=DAILY", &err));
    assert_non_null(strstr(err.message, "from 1900"));
}

static void excluded_and_added_times_count_as_such(void **state)
{
    (void)state;
    struct civil start = civil("2026-01-01T09:00");
    const struct civil excluded[] = {civil("2026-01-02T09:00"), civil("2026-01-03"), civil("2026-01-04T10:00"),
                                     civil("2026-01-06")};
    const bool is_date[] = {false, true, false, true};
    const struct civil added[] = {civil("2026-01-06T12:00"), civil("2026-01-04T09:00"), civil("2025-12-31T09:00")};
    const struct recurrence *r = recurrence_new(arena, paris, &start, "FREQ=DAILY;COUNT=5", excluded, is_date, 4, added,
                                                3, NULL);
    check_instants(r, INT64_MIN, INSTANT_NEVER, 10, "2025-12-31T08:00:00Z 2026-01-01T08:00:00Z 2026-01-04T08:00:00Z "
                   "2026-01-05T08:00:00Z", "excluded by time and date; what is excluded counts; doubles are kept once");
}

static void an_interval_is_seen_from_within(void **state)
{
    (void)state;
    instant from, until;
    assert_true(instant_parse("2090-03-26T00:30:00Z", &from));
    assert_true(instant_parse("2090-03-27T00:30:00Z", &until));
    check_instants(make("1970-01-01T02:30", "FREQ=DAILY", NULL), from, until, 9, "2090-03-26T01:30:00Z",
                   "far from the start, the end not included, in a gap");
    check_instants(make("1970-01-01T02:30", "FREQ=DAILY;COUNT=40000", NULL), from, until, 9, "",
                   "COUNT is from the start");
    check_instants(make("1970-01-01T02:30", "FREQ=SECONDLY", NULL), from, until, 2,
                   "2090-03-26T00:30:00Z 2090-03-26T00:30:01Z", "seconds");
    check_instants(make("1970-01-01T02:30", "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=1", NULL), from, INSTANT_NEVER, 2,
                   "2090-06-01T00:30:00Z 2090-11-01T01:30:00Z", "the interval is kept");
    check_instants(make("1970-01-01T02:30", "FREQ=DAILY", NULL), from, INSTANT_NEVER, 0, "", "none is asked for");
    check_instants(make("2100-12-30T09:00", "FREQ=DAILY", NULL), INT64_MIN, INSTANT_NEVER, 9,
                   "2100-12-30T08:00:00Z 2100-12-31T08:00:00Z", "nothing after 2100");
}

/* In seconds: others' work on the machine does not count. */
static double processor_time(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Chosen to be slow: with libical's own expansion some of these run for minutes or for ever. */
static void no_rule_takes_long(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=23;BYMINUTE=59;BYSECOND=59",
        "FREQ=SECONDLY;INTERVAL=32767;BYYEARDAY=366;BYHOUR=1;BYMINUTE=1;BYSECOND=1",
        "FREQ=SECONDLY;COUNT=100000",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=MINUTELY;COUNT=100000;BYDAY=MO;BYHOUR=3",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=5",
        "FREQ=DAILY;COUNT=48000",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;COUNT=500",
        "FREQ=WEEKLY;COUNT=7000;BYMONTH=2",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;BYDAY=5MO",
        ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;"
         "BYSETPOS=-1;COUNT=100"),
        "FREQ=YEARLY;INTERVAL=32767;BYWEEKNO=53",
    };
    for (size_t i = 0; i < LENGTH(rules); i++) {
        struct occurrence *found;
        double started = processor_time();
        const struct recurrence *r = make("1970-02-01T00:00", rules[i], NULL);
        if (r)
            recurrence_between(r, INT64_MIN, INSTANT_NEVER, 10, arena, &found);
        double taken = processor_time() - started;
        if (taken > 10) /* generous: valgrind; measured below 0.05 s without */
            wrong("%s took %.3f s", rules[i], taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_fall_where_rfc_5545_says),
        cmocka_unit_test(bad_rules_are_refused_with_the_part_and_what_was_expected),
        cmocka_unit_test(excluded_and_added_times_count_as_such),
        cmocka_unit_test(an_interval_is_seen_from_within),
        cmocka_unit_test(no_rule_takes_long),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
