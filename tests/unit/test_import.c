/* Import: what the columns of other tools are to us, and what their dates and times mean. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdio.h>
#include <string.h>

#include "cli/import_columns.h"
#include "cli/import_time.h"

/* ---- columns ---- */

static const struct {
    const char *header;
    enum column_kind kind;
    unsigned number;
} headers[] = {
    /* Buffer */
    {"Text", COLUMN_TEXT, 0},
    {"Image URL", COLUMN_MEDIA, 0},
    {"Tags", COLUMN_LABELS, 0},
    {"Posting Time", COLUMN_DATE, 0},
    {"Board Name", COLUMN_FOREIGN, 0},
    /* Publer, with what explains */
    {"Date - Intl. format or prompt", COLUMN_DATE, 0},
    {"Message", COLUMN_TEXT, 0},
    {"Link(s) - Separated by comma for FB carousels", COLUMN_LINK, 0},
    {"Media URL(s) - Separated by comma", COLUMN_MEDIA, 0},
    {"Title - For the video, pin, PDF ..", COLUMN_TITLE, 0},
    {"Label(s) - Separated by comma", COLUMN_LABELS, 0},
    {"Alt text(s) - Separated by ||", COLUMN_ALT, 0},
    {"Comment(s) - Separated by ||", COLUMN_COMMENT, 0},
    {"Pin board, FB album, or Google category", COLUMN_FOREIGN, 0},
    {"Post subtype - I.e. story, reel, PDF ..", COLUMN_FOREIGN, 0},
    {"CTA - For Facebook links or Google", COLUMN_FOREIGN, 0},
    {"Reminder - For stories, reels, shorts, and TikToks", COLUMN_FOREIGN, 0},
    /* Metricool */
    {"Date", COLUMN_DATE, 0},
    {"Time", COLUMN_TIME, 0},
    {"Draft", COLUMN_DRAFT, 0},
    {"Facebook", COLUMN_SWITCH, 0},
    {"LinkedIn", COLUMN_SWITCH, 0},
    {"Picture Url 1", COLUMN_MEDIA, 1},
    {"Picture Url 10", COLUMN_MEDIA, 10},
    {"Alt text picture 10", COLUMN_ALT, 10},
    {"First Comment Text", COLUMN_COMMENT, 0},
    {"Video Thumbnail Url", COLUMN_VIDEO, 0},
    /* SocialBee, HighLevel */
    {"postAtSpecificTime (yyyy-MM-dd HH:mm:ss)", COLUMN_DATE, 0},
    {"content", COLUMN_TEXT, 0},
    {"link (OGmetaURL)", COLUMN_LINK, 0},
    {"imageUrls", COLUMN_MEDIA, 0},
    {"gifUrl", COLUMN_MEDIA, 0},
    {"videoUrls", COLUMN_VIDEO, 0},
    {"followUpComment", COLUMN_COMMENT, 0},
    {"category", COLUMN_LABELS, 0},
    /* Sprout Social */
    {"date", COLUMN_DATE, 0},
    {"time_24hr", COLUMN_TIME, 0},
    {"message_text", COLUMN_TEXT, 0},
    /* Vista Social */
    {"message", COLUMN_TEXT, 0},
    {"type", COLUMN_FOREIGN, 0},
    {"comment3", COLUMN_COMMENT, 3},
    /* Ayrshare, PostFast, Schedulin */
    {"post", COLUMN_TEXT, 0},
    {"platforms", COLUMN_ACCOUNTS, 0},
    {"mediaUrls", COLUMN_MEDIA, 0},
    {"scheduleDate", COLUMN_DATE, 0},
    {"scheduled_at", COLUMN_DATE, 0},
    {"media_urls", COLUMN_MEDIA, 0},
    {"channel", COLUMN_ACCOUNTS, 0},
    {"caption", COLUMN_TEXT, 0},
    /* ours */
    {"id", COLUMN_ID, 0},
    {"at", COLUMN_DATE, 0},
    {"account", COLUMN_ACCOUNTS, 0},
    {"state", COLUMN_STATE, 0},
    {"thread", COLUMN_THREAD, 0},
    {"blog_tags", COLUMN_TAGS, 0},
    {"published_at", COLUMN_REPORT, 0},
    {"published_url", COLUMN_REPORT, 0},
    {"state_message", COLUMN_REPORT, 0},
    /* French, whatever the case, accents and signs */
    {"Texte", COLUMN_TEXT, 0},
    {"LÉGENDE", COLUMN_TEXT, 0},
    {"Date et heure", COLUMN_DATE, 0},
    {"Réseaux", COLUMN_ACCOUNTS, 0},
    {"Texte alternatif", COLUMN_ALT, 0},
    {"Étiquettes", COLUMN_LABELS, 0},
    {"  Image   2 ", COLUMN_MEDIA, 2},
    /* nobody's */
    {"Published", COLUMN_UNKNOWN, 0}, /* TRUE would mean that it must not be imported */
    {"Notes", COLUMN_UNKNOWN, 0},
    {"Tex", COLUMN_UNKNOWN, 0},
    {"", COLUMN_UNKNOWN, 0},
    {"12", COLUMN_UNKNOWN, 0},
    {"(s)", COLUMN_UNKNOWN, 0},
    {"text url", COLUMN_UNKNOWN, 0},
};

static void each_tool_s_header_is_known(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct column_name name = column_name(headers[i].header, arena);
        if (name.kind != headers[i].kind || name.number != headers[i].number)
            print_error("'%s' is %d, number %u\n", headers[i].header, name.kind, name.number);
        assert_int_equal(name.kind, headers[i].kind);
        assert_int_equal(name.number, headers[i].number);
    }
    arena_free(arena);
}

static void a_column_can_be_named_by_its_word_or_as_any_tool_does(void **state)
{
    static const struct {
        const char *word;
        enum column_kind kind;
    } words[] = {{"text", COLUMN_TEXT},       {"labels", COLUMN_LABELS},   {"blog_tags", COLUMN_TAGS}, {"-", COLUMN_SKIPPED},
                 {"Posting Time", COLUMN_DATE}, {"facebook", COLUMN_UNKNOWN}, {"comment", COLUMN_UNKNOWN}, {"", COLUMN_UNKNOWN}};
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(column_of_word(words[i].word, arena), words[i].kind);
    for (enum column_kind kind = COLUMN_UNKNOWN; kind <= COLUMN_SKIPPED; kind++)
        if (column_word(kind)) { /* what is offered is understood */
            assert_int_equal(column_of_word(column_word(kind), arena), kind);
            assert_non_null(strstr(column_words(arena), column_word(kind)));
        }
    arena_free(arena);
}

/* ---- times ---- */

static const struct {
    const char *text;
    enum date_order order;
    const char *want; /* what was understood, or the beginning of the message */
} times[] = {
    {"2026-12-01 09:00", DATE_YEAR_FIRST, "2026-12-01 09:00:00"},
    {"2026-12-01T09:00:30", DATE_YEAR_FIRST, "2026-12-01 09:00:30"},
    {"2026/12/1, 9:05", DATE_YEAR_FIRST, "2026-12-01 09:05:00"},
    {"2026.12.01", DATE_YEAR_FIRST, "2026-12-01"},
    {"2026-12-01 5:05 pm", DATE_YEAR_FIRST, "2026-12-01 17:05:00"},
    {"2026-12-01 12:00 AM", DATE_YEAR_FIRST, "2026-12-01 00:00:00"},
    {"2026-12-01 12:30pm", DATE_YEAR_FIRST, "2026-12-01 12:30:00"},
    {"2026-12-01 5 pm", DATE_YEAR_FIRST, "2026-12-01 17:00:00"},
    {"2026-12-01 9h", DATE_YEAR_FIRST, "2026-12-01 09:00:00"},
    {"2026-12-01 9h30", DATE_YEAR_FIRST, "2026-12-01 09:30:00"},
    {"2026-12-01T09:00:00Z", DATE_YEAR_FIRST, "2026-12-01 09:00:00 +0"},
    {"2026-12-01T09:00:00.123+01:00", DATE_YEAR_FIRST, "2026-12-01 09:00:00 +3600"},
    {"2026-12-01 09:00 -0530", DATE_YEAR_FIRST, "2026-12-01 09:00:00 -19800"},
    {"2026-12-01 09:00 UTC", DATE_YEAR_FIRST, "2026-12-01 09:00:00 +0"},
    {"09:00", DATE_YEAR_FIRST, "09:00:00"},
    {"", DATE_YEAR_FIRST, ""},
    {"3/4/2026 09:00", DATE_DAY_FIRST, "2026-04-03 09:00:00"},
    {"3/4/2026 09:00", DATE_MONTH_FIRST, "2026-03-04 09:00:00"},
    {"31.12.2026", DATE_DAY_FIRST, "2026-12-31"},
    {"12-31-2026", DATE_MONTH_FIRST, "2026-12-31"},
    {"2026-12-31", DATE_DAY_FIRST, "2026-12-31"}, /* the year first is never in doubt */
    /* what is refused */
    {"3/4/2026", DATE_YEAR_FIRST, "'3/4/2026' may be 3 April or 4 March: say --date-format dmy or mdy"},
    {"31/12/2026", DATE_YEAR_FIRST, "'31/12/2026': does the day or the month come first? Say --date-format dmy or mdy"},
    {"4/4/2026", DATE_YEAR_FIRST, "'4/4/2026': does the day or the month come first?"},
    {"3/4/26", DATE_DAY_FIRST, "'3/4/26': write the year with four digits"},
    {"31/12/2026", DATE_MONTH_FIRST, "'31/12/2026': there is no such date as 2026-31-12"},
    {"2026-02-29", DATE_YEAR_FIRST, "'2026-02-29': there is no such date as 2026-02-29"},
    {"2026-13-01", DATE_YEAR_FIRST, "'2026-13-01': there is no such date"},
    {"0000-01-01", DATE_YEAR_FIRST, "'0000-01-01': there is no such date"},
    {"2026-12-01 24:00", DATE_YEAR_FIRST, "'2026-12-01 24:00' is no time"},
    {"2026-12-01 09:60", DATE_YEAR_FIRST, "'2026-12-01 09:60' is no time"},
    {"2026-12-01 13:00 pm", DATE_YEAR_FIRST, "'2026-12-01 13:00 pm' is no time"},
    {"2026-12-01 0:00 am", DATE_YEAR_FIRST, "'2026-12-01 0:00 am' is no time"},
    {"2026-12-01 9", DATE_YEAR_FIRST, "'2026-12-01 9' is no time"},
    {"2026-12-01 9:5", DATE_YEAR_FIRST, "'2026-12-01 9:5' is no time"},
    {"2026-12-01 09:00 CET", DATE_YEAR_FIRST, "'2026-12-01 09:00 CET': nothing is known of 'CET'"},
    {"2026-12-01 09:00+1", DATE_YEAR_FIRST, "'2026-12-01 09:00+1' is no time"},
    {"2026-12-01 09:00+19:00", DATE_YEAR_FIRST, "'2026-12-01 09:00+19:00' is no time"},
    {"2026-12/01", DATE_YEAR_FIRST, "'2026-12/01' is no date"},
    {"20261201", DATE_YEAR_FIRST, "'20261201' is no date"},
    {"1/2/3/4", DATE_DAY_FIRST, "'1/2/3/4' is no date"},
    {"next Friday at 2 PM", DATE_YEAR_FIRST, "'next Friday at 2 PM' is no date: write 2026-12-01 09:00"},
    {"45627.375", DATE_YEAR_FIRST, "'45627.375' is how a spreadsheet keeps 2024-12-01: give the column a date's format"},
    {"46357,375", DATE_DAY_FIRST, "'46357,375' is how a spreadsheet keeps 2026-12-01"},
    {"46357", DATE_DAY_FIRST, "'46357' is how a spreadsheet keeps 2026-12-01"},
    {"99999", DATE_DAY_FIRST, "'99999' is no date"},
    {"46357 and more", DATE_DAY_FIRST, "'46357 and more' is no date"},
};

static void show(const struct import_time *time, char *text, size_t size)
{
    char date[32] = "", clock[32] = "", offset[32] = "";
    const struct civil *c = &time->civil;
    if (time->has_date)
        snprintf(date, sizeof date, "%04d-%02d-%02d", c->year, c->month, c->day);
    if (time->has_time)
        snprintf(clock, sizeof clock, "%s%02d:%02d:%02d", *date ? " " : "", c->hour, c->minute, c->second);
    if (time->has_offset)
        snprintf(offset, sizeof offset, " %+d", time->offset);
    snprintf(text, size, "%s%s%s", date, clock, offset);
}

static void a_date_is_what_it_says_or_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct import_time time;
        struct error err = {""};
        char text[128];
        if (import_time_parse(times[i].text, times[i].order, &time, &err))
            show(&time, text, sizeof text);
        bool same = err.message[0] ? !strncmp(err.message, times[i].want, strlen(times[i].want)) && times[i].want[0]
                                   : !strcmp(text, times[i].want);
        if (!same)
            print_error("'%s' is '%s', not '%s'\n", times[i].text, err.message[0] ? err.message : text, times[i].want);
        assert_true(same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tool_s_header_is_known),
        cmocka_unit_test(a_column_can_be_named_by_its_word_or_as_any_tool_does),
        cmocka_unit_test(a_date_is_what_it_says_or_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
