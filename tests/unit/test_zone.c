/* Zones made from bytes of our own, so that every branch of the reader has a case; all of IANA is in test_time_oracle. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/zoneinfo.h"
#include "editorial/zone.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define wrong(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

/* ---- TZif bytes ---- */

struct change {
    int64_t at;
    int type;
};

struct file {
    char version;
    int types[4];
    int type_count;
    struct change changes[4];
    int change_count;
    const char *footer;
};

static void add_number(struct buf *out, uint64_t number, int size)
{
    for (int i = size - 1; i >= 0; i--)
        buf_add_char(out, (char)(number >> (8 * i)));
}

static void add_block(struct buf *out, const struct file *f, int time_size)
{
    buf_add(out, "TZif", 4);
    buf_add_char(out, f->version);
    add_number(out, 0, 8);
    add_number(out, 0, 7);
    const int counts[] = {0, 0, 0, f->change_count, f->type_count, 4};
    for (size_t i = 0; i < LENGTH(counts); i++)
        add_number(out, (uint64_t)counts[i], 4);
    for (int i = 0; i < f->change_count; i++)
        add_number(out, (uint64_t)f->changes[i].at, time_size);
    for (int i = 0; i < f->change_count; i++)
        add_number(out, (uint64_t)f->changes[i].type, 1);
    for (int i = 0; i < f->type_count; i++) {
        add_number(out, (uint64_t)(int64_t)f->types[i], 4);
        add_number(out, 0, 2);
    }
    buf_add(out, "XXX", 4);
}

static struct buf file_bytes(const struct file *f)
{
    struct buf out = {0};
    add_block(&out, f, 4);
    if (f->version) {
        add_block(&out, f, 8);
        buf_printf(&out, "\n%s\n", f->footer);
    }
    return out;
}

static const struct zone *make_zone(struct arena *arena, const struct file *f, struct error *err)
{
    struct buf bytes = file_bytes(f);
    const struct zone *zone = zone_from_tzif(arena, "Test/Zone", bytes.data, bytes.length, err);
    buf_release(&bytes);
    return zone;
}

static const struct zone *zone_by_rule(struct arena *arena, int offset, const char *footer)
{
    struct file f = {.version = '3', .types = {offset}, .type_count = 1, .footer = footer};
    struct error err = {0};
    const struct zone *zone = make_zone(arena, &f, &err);
    assert_string_equal(err.message, "");
    return zone;
}

/* ---- tests ---- */

static void footers_alone_give_the_right_offset_in_every_year(void **state)
{
    (void)state;
    static const struct {
        int standard;
        const char *footer, *utc, *local; /* local with its offset */
        const char *why;
    } cases[] = {
        {3600, "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59 +01:00", "last Sunday"},
        {3600, "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00 +02:00", "the gap's end"},
        {3600, "CET-1CEST,M3.5.0,M10.5.0/3", "2100-10-31T01:00:00Z", "2100-10-31T02:00:00 +01:00", "2100"},
        {3600, "CET-1CEST,M3.5.0,M10.5.0/3", "2750-07-01T00:00:00Z", "2750-07-01T02:00:00 +02:00", "cycles on"},
        {3600, "CET-1CEST,M3.5.0,M10.5.0/3", "1750-07-01T00:00:00Z", "1750-07-01T02:00:00 +02:00", "cycles back"},
        {3600, "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-15T12:00:00Z", "2026-01-15T12:00:00 +00:00", "negative DST"},
        {3600, "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-15T12:00:00Z", "2026-07-15T13:00:00 +01:00", "negative DST"},
        {37800, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-15T00:00:00Z", "2026-01-15T11:00:00 +11:00",
         "half an hour of DST, quoted names"},
        {-10800, "XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", "2025-12-31T23:00:00 -04:00", "DST all year"},
        {-7200, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", "2026-03-28T22:59:59 -02:00",
         "hours before midnight"},
        {-7200, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", "2026-03-29T00:00:00 -01:00",
         "hours before midnight"},
        {7200, "IST-2IDT,M3.4.4/50,M10.5.0", "2026-03-27T23:00:00Z", "2026-03-28T01:00:00 +02:00", "50 h: not yet"},
        {7200, "IST-2IDT,M3.4.4/50,M10.5.0", "2026-03-28T00:00:00Z", "2026-03-28T03:00:00 +03:00", "50 h after"},
        {0, "AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", "2024-03-01T01:00:00 +01:00", "J60 is always 1 March"},
        {0, "AAA0BBB,59/0,J300/0", "2024-02-29T00:00:00Z", "2024-02-29T01:00:00 +01:00", "59 is 29 February"},
        {0, "AAA0BBB,59/0,J300/0", "2023-03-01T00:00:00Z", "2023-03-01T01:00:00 +01:00", "59 is 1 March"},
        {-3600, "AAA1:00:00", "2026-01-01T00:00:00Z", "2025-12-31T23:00:00 -01:00", "no DST"},
        {20700, "<+0545>-5:45", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00 +05:45", "no DST, quoted"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct arena *arena = arena_new();
        const struct zone *zone = zone_by_rule(arena, cases[i].standard, cases[i].footer);
        instant t;
        char local[32], offset[16], text[64];
        assert_true(instant_parse(cases[i].utc, &t));
        struct civil civil = zone_civil(zone, t);
        snprintf(text, sizeof text, "%s %s", civil_format(&civil, local, sizeof local),
                 offset_format(zone_offset(zone, t), offset));
        if (strcmp(text, cases[i].local))
            wrong("%s at %s: %s, expected %s (%s)", cases[i].footer, cases[i].utc, text, cases[i].local,
                     cases[i].why);
        arena_free(arena);
    }
}

static void a_time_in_a_gap_moves_forward_and_of_two_the_first_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *civil, *utc;
        enum civil_fold fold;
    } cases[] = {
        {"2026-03-29T01:59:59", "2026-03-29T00:59:59Z", CIVIL_PLAIN},
        {"2026-03-29T02:00:00", "2026-03-29T01:00:00Z", CIVIL_GAP},
        {"2026-03-29T02:30:00", "2026-03-29T01:30:00Z", CIVIL_GAP},
        {"2026-03-29T03:00:00", "2026-03-29T01:00:00Z", CIVIL_PLAIN},
        {"2026-10-25T01:59:59", "2026-10-24T23:59:59Z", CIVIL_PLAIN},
        {"2026-10-25T02:00:00", "2026-10-25T00:00:00Z", CIVIL_OVERLAP},
        {"2026-10-25T02:59:59", "2026-10-25T00:59:59Z", CIVIL_OVERLAP},
        {"2026-10-25T03:00:00", "2026-10-25T02:00:00Z", CIVIL_PLAIN},
        {"9999-12-31T23:59:59", "9999-12-31T22:59:59Z", CIVIL_PLAIN},
        {"0001-01-01T00:00:00", "0000-12-31T23:00:00Z", CIVIL_PLAIN},
    };
    struct arena *arena = arena_new();
    const struct zone *zone = zone_by_rule(arena, 3600, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct civil civil;
        bool has_time;
        enum civil_fold fold;
        char text[INSTANT_TEXT];
        assert_true(civil_parse(cases[i].civil, &civil, &has_time) && has_time);
        assert_string_equal(instant_format(zone_instant(zone, &civil, &fold), text, sizeof text), cases[i].utc);
        assert_int_equal(fold, cases[i].fold);
    }
    arena_free(arena);
}

static void a_whole_day_can_be_skipped(void **state)
{
    (void)state;
    struct file samoa = {.version = '2', .types = {-36000, 50400}, .type_count = 2,
                         .changes = {{1325239200, 1}}, .change_count = 1, .footer = "<+14>-14"};
    struct arena *arena = arena_new();
    const struct zone *zone = make_zone(arena, &samoa, NULL);
    struct civil civil = {2011, 12, 30, 12, 0, 0};
    enum civil_fold fold;
    char text[INSTANT_TEXT];
    instant t = zone_instant(zone, &civil, &fold);
    assert_int_equal(fold, CIVIL_GAP);
    civil = zone_civil(zone, t);
    assert_string_equal(civil_format(&civil, text, sizeof text), "2011-12-31T12:00:00");
    arena_free(arena);
}

static void version_1_alone_keeps_its_last_offset(void **state)
{
    (void)state;
    struct file f = {.types = {0, 3600}, .type_count = 2, .changes = {{0, 1}}, .change_count = 1};
    struct arena *arena = arena_new();
    const struct zone *zone = make_zone(arena, &f, NULL);
    assert_string_equal(zone_name(zone), "Test/Zone");
    assert_int_equal(zone_offset(zone, -1), 0);
    assert_int_equal(zone_offset(zone, 0), 3600);
    assert_int_equal(zone_offset(zone, INSTANT_NEVER), 3600);
    assert_int_equal(zone_offset(zone, INT64_MIN), 0);
    arena_free(arena);
}

static void files_that_rfc_9636_does_not_allow_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct file file;
        const char *message;
    } cases[] = {
        {{.version = '5', .types = {0}, .type_count = 1, .footer = ""}, "version"},
        {{.version = '2', .type_count = 0, .footer = ""}, "counts"},
        {{.version = '2', .types = {90000 * 2}, .type_count = 1, .footer = ""}, "offset"},
        {{.version = '2', .types = {0}, .type_count = 1, .changes = {{5, 1}}, .change_count = 1, .footer = ""},
         "leads to no type"},
        {{.version = '2', .types = {0}, .type_count = 1, .changes = {{5, 0}, {5, 0}}, .change_count = 2, .footer = ""},
         "ascend"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "CET-1"}, "contradicts"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "X0"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,M3.5.0"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,M3.5.0,M13.5.0"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,M3.6.0,M10.5.0"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,J0,J300"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,366,J300"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,M3.5.0/168,J300"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0BST,M3.5.0,M10.5.0 "}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "<+1>0"}, "POSIX"},
        {{.version = '2', .types = {0}, .type_count = 1, .footer = "GMT0\nGMT0"}, "one line"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct arena *arena = arena_new();
        struct error err = {0};
        const struct zone *zone = make_zone(arena, &cases[i].file, &err);
        if (zone || !strstr(err.message, cases[i].message))
            wrong("case %zu: '%s', expected '%s'", i, err.message, cases[i].message);
        arena_free(arena);
    }
}

/* Each cut of a good file, and each byte of its head set to 0xff. */
static void a_cut_or_damaged_file_is_never_read_beyond_its_end(void **state)
{
    (void)state;
    struct file f = {.version = '2', .types = {0, 3600}, .type_count = 2, .changes = {{0, 1}}, .change_count = 1,
                     .footer = "AAA-1"};
    struct buf bytes = file_bytes(&f);
    for (size_t length = 0; length < bytes.length; length++) {
        char *copy = xmalloc(length); /* exactly, so that the sanitizer sees one byte too many */
        memcpy(copy, bytes.data, length);
        struct arena *arena = arena_new();
        assert_null(zone_from_tzif(arena, "x", copy, length, NULL));
        arena_free(arena);
        free(copy);
    }
    for (size_t i = 0; i < bytes.length; i++) {
        struct arena *arena = arena_new();
        char old = bytes.data[i];
        bytes.data[i] = (char)0xff;
        zone_from_tzif(arena, "x", bytes.data, bytes.length, NULL);
        bytes.data[i] = old;
        arena_free(arena);
    }
    buf_release(&bytes);
}

static void wall_clock_times_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected; /* NULL: refused */
        bool has_time;
    } cases[] = {
        {"2026-03-27", "2026-03-27T00:00:00", false},
        {"2026-03-27T02:30", "2026-03-27T02:30:00", true},
        {"2026-03-27 02:30:15", "2026-03-27T02:30:15", true},
        {"2024-02-29", "2024-02-29T00:00:00", false},
        {"2023-02-29", NULL, false},           /* no leap year */
        {"2026-04-31", NULL, false},           /* April has 30 */
        {"2026-13-01", NULL, false},
        {"2026-00-01", NULL, false},
        {"2026-01-00", NULL, false},
        {"0000-01-01", NULL, false},
        {"2026-3-27", NULL, false},            /* two digits */
        {"2026-03-27T24:00", NULL, false},
        {"2026-03-27T02:60", NULL, false},
        {"2026-03-27T02:30:60", NULL, false},
        {"2026-03-27T02", NULL, false},
        {"2026-03-27T02:30Z", NULL, false},    /* an instant, not a wall-clock time */
        {"2026-03-27 ", NULL, false},
        {" 2026-03-27", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct civil civil;
        bool has_time = false;
        char text[32];
        bool ok = civil_parse(cases[i].text, &civil, &has_time);
        if (ok != (cases[i].expected != NULL) || has_time != cases[i].has_time)
            wrong("'%s'", cases[i].text);
        if (ok)
            assert_string_equal(civil_format(&civil, text, sizeof text), cases[i].expected);
    }
}

static void days_are_counted_across_months_and_weeks(void **state)
{
    (void)state;
    const struct civil leap = {2024, 2, 28, 9, 30, 0}, thursday = {1970, 1, 1, 0, 0, 0}, sunday = {1969, 12, 28, 0, 0, 0};
    struct civil next = civil_add_days(&leap, 2);
    char text[32];
    assert_string_equal(civil_format(&next, text, sizeof text), "2024-03-01T09:30:00");
    next = civil_add_days(&next, -366);
    assert_string_equal(civil_format(&next, text, sizeof text), "2023-03-01T09:30:00");
    assert_int_equal(civil_weekday(&thursday), 3);
    assert_int_equal(civil_weekday(&sunday), 6);
    assert_true(civil_compare(&sunday, &thursday) < 0 && civil_compare(&leap, &thursday) > 0);
    assert_int_equal(civil_compare(&leap, &leap), 0);
    assert_string_equal(offset_format(-(5 * 3600 + 50 * 60 + 36), text), "-05:50:36");
}

static void unknown_zones_are_refused_with_the_nearest_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
    } cases[] = {
        {"Europe/Pari", "unknown time zone 'Europe/Pari', did you mean 'Europe/Paris'?"},
        {"europe/paris", "unknown time zone 'europe/paris', did you mean 'Europe/Paris'?"},
        {"Europe", "unknown time zone 'Europe'"},
        {"tzdata.zi", "unknown time zone"},
        {"../../../etc/passwd", "unknown time zone"},
        {"/etc/localtime", "unknown time zone"},
        {"leapseconds", "unknown time zone"},
        {"", "unknown time zone ''"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buf bytes = {0};
        struct error err = {0};
        assert_false(zoneinfo_read(cases[i].name, &bytes, &err));
        if (strncmp(err.message, cases[i].message, strlen(cases[i].message)))
            wrong("%s", err.message);
        buf_release(&bytes);
    }
}

static void zone_names_lead_nowhere_else(void **state)
{
    (void)state;
    static const char *const good[] = {"UTC", "Europe/Paris", "Etc/GMT+12", "America/Argentina/Buenos_Aires", "GB-Eire"};
    static const char *const bad[] = {"", "/UTC", "UTC/", "a//b", "..", "a/../b", "a b", "é", "a\\b", "tzdata.zi",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < LENGTH(good); i++)
        assert_true(zone_name_is_safe(good[i]));
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(zone_name_is_safe(bad[i]));
}

static void zones_with_leap_seconds_are_refused(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct error err = {0};
    if (!zoneinfo_read("right/Europe/Paris", &bytes, &err)) {
        buf_release(&bytes);
        skip(); /* not every tzdata ships them */
    }
    struct arena *arena = arena_new();
    assert_null(zone_from_tzif(arena, "right/Europe/Paris", bytes.data, bytes.length, &err));
    assert_non_null(strstr(err.message, "leap seconds"));
    arena_free(arena);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(footers_alone_give_the_right_offset_in_every_year),
        cmocka_unit_test(a_time_in_a_gap_moves_forward_and_of_two_the_first_is_taken),
        cmocka_unit_test(a_whole_day_can_be_skipped),
        cmocka_unit_test(version_1_alone_keeps_its_last_offset),
        cmocka_unit_test(files_that_rfc_9636_does_not_allow_are_refused),
        cmocka_unit_test(a_cut_or_damaged_file_is_never_read_beyond_its_end),
        cmocka_unit_test(wall_clock_times_are_read_strictly),
        cmocka_unit_test(days_are_counted_across_months_and_weeks),
        cmocka_unit_test(unknown_zones_are_refused_with_the_nearest_name),
        cmocka_unit_test(zone_names_lead_nowhere_else),
        cmocka_unit_test(zones_with_leap_seconds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
