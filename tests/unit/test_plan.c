/* The plan: which deliveries there should be, when, and which time a slot's post takes. */
#include <time.h>

#include "calendar_house.h"

#include "editorial/plan.h"

struct planning {
    struct house house;
    struct planned *planned;
    size_t count;
    const struct post **unplaced;
    size_t unplaced_count;
};

static struct planning make(const char *text, const char *now, const char *until, const struct assigned *assigned,
                            size_t assigned_count)
{
    struct planning p = {.house = house_load(text)};
    house_expect(&p.house.diags, "", "the calendar itself");
    p.planned = plan(p.house.calendar, house_time(now), house_time(now), house_time(until), assigned, assigned_count,
                     p.house.arena, &p.count, &p.unplaced, &p.unplaced_count);
    return p;
}

/* "id/account@time …" with the first part's text when asked for. */
static void expect(struct planning *p, bool with_text, const char *expected)
{
    struct buf text = {0};
    for (size_t i = 0; i < p->count; i++) {
        char time[INSTANT_TEXT];
        buf_printf(&text, "%s%s/%s %s", i ? "\n" : "", p->planned[i].post_id, p->planned[i].account->name,
                   instant_format(p->planned[i].slot, time, sizeof time));
        if (with_text)
            buf_printf(&text, " %s", p->planned[i].content->parts[0].text);
    }
    bool same = !strcmp(buf_text(&text), expected);
    if (!same)
        print_error("%s\n", buf_text(&text));
    buf_release(&text);
    arena_free(p->house.arena);
    assert_true(same);
}

#define HEAD "timezone: Europe/Paris\n"

static void deliveries_are_sorted_by_time_then_post_then_account(void **state)
{
    (void)state;
    struct planning p = make(HEAD "posts:\n- {id: b, at: 2026-12-01 09:00, to: [site, mastodon], text: x}\n"
                                  "- {id: a, at: 2026-12-01 09:00, to: [site], text: x}\n"
                                  "- {id: c, at: 2026-11-30 09:00, to: [site], text: x}\n"
                                  "- {id: past, at: 2026-10-30 09:00, to: [site], text: x}\n"
                                  "- {id: far, at: 2027-12-01 09:00, to: [site], text: x}\n",
                             "2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z", NULL, 0);
    expect(&p, false, "c/site 2026-11-30T08:00:00Z\na/site 2026-12-01T08:00:00Z\nb/mastodon 2026-12-01T08:00:00Z\n"
                      "b/site 2026-12-01T08:00:00Z\nfar/site 2027-12-01T08:00:00Z"); /* known, however far ahead */
}

static void a_series_keeps_its_wall_clock_time_and_its_choices_take_turns(void **state)
{
    (void)state;
    struct planning p = make(HEAD "series: [{id: s, rrule: 'FREQ=WEEKLY;BYDAY=FR', at: '17:00', to: [site], one_of: [un, deux]}]\n",
                             "2026-10-15T00:00:00Z", "2026-11-07T00:00:00Z", NULL, 0);
    expect(&p, true, "s@2026-10-16/site 2026-10-16T15:00:00Z deux\ns@2026-10-23/site 2026-10-23T15:00:00Z un\n"
                     "s@2026-10-30/site 2026-10-30T16:00:00Z deux\ns@2026-11-06/site 2026-11-06T16:00:00Z un");
}

static void the_turn_of_a_choice_does_not_depend_on_where_the_plan_begins(void **state)
{
    (void)state;
    struct planning p = make(HEAD "series: [{id: s, rrule: 'FREQ=WEEKLY;BYDAY=FR', at: '17:00', to: [site], one_of: [un, deux]}]\n",
                             "2026-10-30T00:00:00Z", "2026-11-07T00:00:00Z", NULL, 0);
    expect(&p, true, "s@2026-10-30/site 2026-10-30T16:00:00Z deux\ns@2026-11-06/site 2026-11-06T16:00:00Z un");
}

static void a_series_of_several_times_a_day_has_the_time_in_its_ids(void **state)
{
    (void)state;
    struct planning p = make(HEAD "series: [{id: s, rrule: 'FREQ=HOURLY;INTERVAL=6', start: 2026-11-01 01:30, to: [site], text: x}]\n",
                             "2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z", NULL, 0);
    expect(&p, false, "s@2026-11-01T0130/site 2026-11-01T00:30:00Z\ns@2026-11-01T0730/site 2026-11-01T06:30:00Z");
}

#define SLOTS HEAD "slots: {s: {days: [mon, tue, wed], at: '09:00', to: [site, mastodon]}}\n"

static void posts_of_a_slot_take_its_times_in_the_order_of_the_calendar(void **state)
{
    (void)state;
    struct planning p = make(SLOTS "posts:\n- {id: b, slot: s, text: x, to: [site]}\n- {id: a, slot: s, text: x, to: [site]}\n"
                                   "- {id: c, slot: s, text: x, to: [mastodon]}\n- {id: d, slot: s, text: x}\n",
                             "2026-11-02T08:00:00Z", "2026-12-01T00:00:00Z", NULL, 0);
    /* Monday 09:00 is 'now', not after it. Accounts have their own lanes; 'd' needs both. */
    expect(&p, false, "b/site 2026-11-03T08:00:00Z\nc/mastodon 2026-11-03T08:00:00Z\na/site 2026-11-04T08:00:00Z\n"
                      "d/mastodon 2026-11-09T08:00:00Z\nd/site 2026-11-09T08:00:00Z");
}

static void an_assigned_time_is_kept_and_is_nobody_elses(void **state)
{
    (void)state;
    const struct assigned assigned[] = {
        {"b", "site", "s", house_time("2026-11-04T08:00:00Z"), false},
        {"other", "site", "s", house_time("2026-11-03T08:00:00Z"), false},
        {"done", "site", "s", house_time("2026-10-27T08:00:00Z"), false},
        {"gone", "site", "s", house_time("2026-11-05T08:00:00Z"), false},
    };
    struct planning p = make(SLOTS "posts:\n- {id: done, slot: s, text: x, to: [site]}\n- {id: a, slot: s, text: x, to: [site]}\n"
                                   "- {id: b, slot: s, text: x, to: [site]}\n- {id: gone, slot: s, text: x, to: [site]}\n",
                             "2026-11-02T08:00:00Z", "2026-12-01T00:00:00Z", assigned, 4);
    /* 'done' had its time and gets no other; 'gone' had a Thursday, which the rule no longer has. */
    expect(&p, false, "b/site 2026-11-04T08:00:00Z\na/site 2026-11-09T08:00:00Z\ngone/site 2026-11-10T08:00:00Z");
}

/* Also when the slot's rule has changed since, or the post was given another slot. */
static void a_post_that_is_over_gets_no_other_time_and_takes_none(void **state)
{
    (void)state;
    const struct assigned assigned[] = {
        {"out", "site", "s", house_time("2026-10-29T08:00:00Z"), true}, /* a Thursday, which the rule no longer has */
        {"moved", "site", "t", house_time("2026-10-28T08:00:00Z"), true},
    };
    struct planning p = make(SLOTS "posts:\n- {id: out, slot: s, text: x, to: [site]}\n"
                                   "- {id: moved, slot: s, text: x, to: [site]}\n- {id: a, slot: s, text: x, to: [site]}\n",
                             "2026-11-02T08:00:00Z", "2026-12-01T00:00:00Z", assigned, 2);
    expect(&p, false, "a/site 2026-11-03T08:00:00Z");
}

static void a_post_without_a_free_time_is_told(void **state)
{
    (void)state;
    struct planning p = make(SLOTS "posts:\n- {id: a, slot: s, text: x, to: [site]}\n- {id: b, slot: s, text: x, to: [site]}\n",
                             "2026-11-04T08:00:00Z", "2026-11-09T12:00:00Z", NULL, 0);
    assert_int_equal(p.unplaced_count, 1);
    assert_string_equal(p.unplaced[0]->id, "b");
    expect(&p, false, "a/site 2026-11-09T08:00:00Z");
}

static void series_and_slots_are_silent_on_silent_dates(void **state)
{
    (void)state;
    struct planning p = make(SLOTS "key_dates: [{date: 2026-11-03, name: Deuil, silent: true}]\n"
                                   "posts: [{id: a, slot: s, text: x, to: [site]}]\n"
                                   "series: [{id: t, rrule: FREQ=DAILY, at: '12:00', to: [site], text: x}]\n",
                             "2026-11-02T08:00:00Z", "2026-11-05T00:00:00Z", NULL, 0);
    expect(&p, false, "t@2026-11-02/site 2026-11-02T11:00:00Z\na/site 2026-11-04T08:00:00Z\n"
                      "t@2026-11-04/site 2026-11-04T11:00:00Z");
}

/* The notes of a calendar from Monday 2 November 2026 09:00 on. */
static void expect_notes(const char *text, const char *until, const char *expected)
{
    struct house house = house_load(text);
    house_expect(&house.diags, "", "the calendar itself");
    plan_note_left_out(house.calendar, house_time("2026-11-02T08:00:00Z"), house_time(until), &house.diags);
    assert_int_equal(house.diags.notes, house.diags.count);
    assert_int_equal(house.diags.errors + house.diags.warnings, 0);
    house_expect(&house.diags, expected, "what is left out");
    arena_free(house.arena);
}

#define DAILY(name) "- {id: " name ", rrule: FREQ=DAILY, at: '12:00', to: [site], text: x}\n"

static void what_silent_dates_leave_out_is_told_once_a_day(void **state)
{
    (void)state;
    expect_notes(HEAD "key_dates:\n- {date: 2026-11-03, name: Deuil, silent: true}\n"
                      "- {date: 2026-11-03, name: Encore, silent: true}\n- {date: 2026-11-04, name: Fête, cover: true}\n"
                      "- {date: 2026-11-01, name: Toussaint, silent: true}\n- {date: 2026-12-25, name: Noël, silent: true}\n"
                      "- {date: 2026-11-08, name: Dimanche, silent: true}\n"
                      "posts: [{id: a, at: 2026-11-05 09:00, to: [site], text: x}]\n"
                      "series:\n" DAILY("t") "- {id: h, rrule: FREQ=HOURLY, start: 2026-11-01 00:30, to: [site, mastodon], text: x}\n"
                      "- {id: week, rrule: FREQ=WEEKLY;BYDAY=MO, at: '09:00', to: [site], text: x}\n",
                 "2026-11-08T11:00:00Z",
                 "a.yaml:3:3: note: left out on 2026-11-03, a silent key date (Deuil): 't' at 12:00, 'h' 24 times\n"
                 "a.yaml:8:3: note: left out on 2026-11-08, a silent key date (Dimanche): 'h' 12 times");
    expect_notes(HEAD "key_dates: [{date: 2026-11-03, name: Deuil, silent: true}]\n"
                      "posts: [{id: a, at: 2026-11-05 09:00, to: [site], text: x}]\n",
                 "2026-12-08T11:00:00Z", "");
    expect_notes(HEAD "series:\n" DAILY("t"), "2026-12-08T11:00:00Z", "");
}

static void much_that_is_left_out_is_counted(void **state)
{
    (void)state;
    struct buf text = {0}, expected = {0};
    buf_add_text(&text, HEAD "series:\n" DAILY("a") DAILY("b") DAILY("c") DAILY("d") DAILY("e") DAILY("f") DAILY("g")
                             DAILY("h") DAILY("i") DAILY("j") "key_dates:\n");
    for (int day = 3; day <= 17; day++)
        buf_printf(&text, "- {date: 2026-11-%02d, name: Jour, silent: true}\n", day);
    for (int day = 3; day <= 14; day++)
        buf_printf(&expected, "%sa.yaml:%d:3: note: left out on 2026-11-%02d, a silent key date (Jour): 'a' at 12:00, "
                              "'b' at 12:00, 'c' at 12:00, 'd' at 12:00, 'e' at 12:00, 'f' at 12:00, 'g' at 12:00, "
                              "'h' at 12:00, … and 2 more%s",
                   day > 3 ? "\n" : "", day + 11, day, day == 14 ? "; … and so on 3 more days" : "");
    expect_notes(buf_text(&text), "2026-12-08T11:00:00Z", buf_text(&expected));
    buf_release(&text);
    buf_release(&expected);
}

static void the_next_free_time_is_of_one_slot_or_of_any(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "slots:\n  late: {days: [mon], at: '18:00', to: [site, mastodon]}\n"
                                         "  early: {days: [mon], at: '08:00', to: [site]}\n");
    const struct account *both[] = {&house_accounts[0], &house_accounts[1]};
    const struct assigned taken = {"x", "site", "late", house_time("2026-11-02T17:00:00Z"), false};
    instant now = house_time("2026-11-02T00:00:00Z"), at;
    const struct slot *slot;
    struct error err;
    assert_true(plan_next_free(house.calendar, "", both, 1, now, NULL, 0, &slot, &at, &err));
    assert_string_equal(slot->name, "early");
    assert_true(plan_next_free(house.calendar, NULL, both, 2, now, &taken, 1, &slot, &at, &err));
    assert_string_equal(slot->name, "late");
    assert_true(at == house_time("2026-11-09T17:00:00Z"));
    assert_false(plan_next_free(house.calendar, "erly", both, 1, now, NULL, 0, &slot, &at, &err));
    assert_string_equal(err.message, "unknown slot 'erly', did you mean 'early'?");
    both[0] = &house_accounts[3];
    assert_false(plan_next_free(house.calendar, "", both, 1, now, NULL, 0, &slot, &at, &err));
    assert_string_equal(err.message, "the calendar has no slot for all of these accounts");
    house_end(&house);
}

static void what_lies_beyond_the_horizon_is_known(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts: [{id: a, at: 2030-01-01 00:00, to: [site], text: x}]\n"
                                         "series: [{id: s, rrule: 'FREQ=YEARLY', start: 2026-06-01 10:00, to: [site], text: x}]\n");
    assert_true(plan_next_beyond(house.calendar, house_time("2026-06-02T00:00:00Z")) == house_time("2027-06-01T08:00:00Z"));
    assert_true(plan_next_beyond(house.calendar, house_time("2029-12-31T00:00:00Z")) == house_time("2029-12-31T23:00:00Z"));
    house_end(&house);
    house = house_load(HEAD);
    assert_true(plan_next_beyond(house.calendar, 0) == INSTANT_NEVER);
    house_end(&house);
}

static void many_posts_of_one_slot_are_placed_quickly(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_text(&text, HEAD "slots: {s: {rrule: 'FREQ=HOURLY', from: 2026-01-01, at: '00:00', to: [site]}}\nposts:\n");
    for (int i = 0; i < 8000; i++)
        buf_printf(&text, "- {id: p%d, slot: s, text: x}\n", i);
    clock_t start = clock();
    struct planning p = make(buf_text(&text), "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", NULL, 0);
    assert_int_equal(p.count, 8000);
    assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
    house_end(&p.house);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deliveries_are_sorted_by_time_then_post_then_account),
        cmocka_unit_test(a_series_keeps_its_wall_clock_time_and_its_choices_take_turns),
        cmocka_unit_test(the_turn_of_a_choice_does_not_depend_on_where_the_plan_begins),
        cmocka_unit_test(a_series_of_several_times_a_day_has_the_time_in_its_ids),
        cmocka_unit_test(posts_of_a_slot_take_its_times_in_the_order_of_the_calendar),
        cmocka_unit_test(an_assigned_time_is_kept_and_is_nobody_elses),
        cmocka_unit_test(a_post_that_is_over_gets_no_other_time_and_takes_none),
        cmocka_unit_test(a_post_without_a_free_time_is_told),
        cmocka_unit_test(series_and_slots_are_silent_on_silent_dates),
        cmocka_unit_test(what_silent_dates_leave_out_is_told_once_a_day),
        cmocka_unit_test(much_that_is_left_out_is_counted),
        cmocka_unit_test(the_next_free_time_is_of_one_slot_or_of_any),
        cmocka_unit_test(what_lies_beyond_the_horizon_is_known),
        cmocka_unit_test(many_posts_of_one_slot_are_placed_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
