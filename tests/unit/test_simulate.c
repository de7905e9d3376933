/*
 * What is simulated is what then happens: the same documents are simulated, and lived through in virtual time with
 * schedule, queue and publisher as they are and a model of the networks. Every delivery must come to what was said, at
 * the second that was said, and none may be left out. Through both changes of hour, with pauses.
 */
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "editorial/simulate.h"
#include "publish/publish.h"
#include "schedule.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define TAKES ((duration)80) /* what the model's network takes */

static struct play {
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct schedule *schedule;
    char config[96];
    instant from, until;
    struct absence absences[4];
    size_t absence_count;
} play;

static const char settings_text[] =
    "version: 1\ncalendar: calendar.yaml\ncharter: charter.yaml\nstate: .\n"
    "late: {grace: 30m, then: hold}\naccounts:\n"
    "  site: {network: feed}\n"
    "  drop: {network: \"null\", late: {grace: 10m, then: missed}}\n"
    "  near: {network: webhook, url: \"http://127.0.0.1/{{account}}/{{post_id}}/{{slot}}/{{key}}\", id: /id}\n"
    "  slow: {network: webhook, url: \"http://127.0.0.1/{{account}}/{{post_id}}/{{slot}}/{{key}}\", id: /id, spacing: 4m}\n"
    "  wide: {network: webhook, url: \"http://127.0.0.1/{{account}}/{{post_id}}/{{slot}}/{{key}}\", id: /id, spacing: 0s,"
    " parallel: 3}\n";

static const char charter_text[] = "version: 1\nbrand: {name: T}\n"
                                   "pace: {quiet: [\"22:30-01:00\"], silent_days: [tue]}\n";

/* Twelve posts at one minute, for the distance between two; some at night, on Tuesdays, past, drafts, and in slots. */
static const char series_text[] =
    "slots:\n  noon: {days: [mon, wed, fri], at: \"12:00\", to: [near, site]}\n"
    "key_dates:\n  - {date: %s, name: Silence, silent: true}\n"
    "series:\n"
    "  - {id: gap, rrule: FREQ=DAILY, at: \"02:30\", to: [near, drop], text: Nuit.}\n"
    "  - {id: morning, rrule: FREQ=DAILY, at: \"09:00\", to: [near, slow, wide, site], one_of: [Un., Deux.]}\n"
    "  - {id: again, rrule: FREQ=DAILY, at: \"09:01\", to: [slow, wide], text: Encore.}\n"
    "  - {id: quiet, rrule: FREQ=WEEKLY, at: \"23:00\", to: [site], text: Trop tard.}\n"
    "posts:\n";

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", play.house->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void add_at(struct buf *out, const char *id, instant at, const char *to, const char *more)
{
    char text[INSTANT_TEXT];
    instant_format(at, text, sizeof text);
    text[16] = '\0'; /* the zone is UTC here */
    text[10] = ' ';
    buf_printf(out, "  - {id: %s, at: %s, to: [%s], text: \"%s.\"%s}\n", id, text, to, id, more);
}

static void write_documents(const char *zone, const char *silence)
{
    struct buf calendar = {0};
    buf_printf(&calendar, "version: 1\ntimezone: %s\n", zone);
    buf_printf(&calendar, series_text, silence);
    for (int i = 0; i < 12; i++) {
        char id[16];
        snprintf(id, sizeof id, "crowd%02d", i);
        add_at(&calendar, id, play.from + DAYS(2) + HOURS(6), "near, slow, wide", "");
    }
    add_at(&calendar, "past", play.from - MINUTES(20), "site, drop, near", "");
    add_at(&calendar, "older", play.from - HOURS(3), "site, drop", "");
    add_at(&calendar, "history", play.from - DAYS(3), "site", "");
    add_at(&calendar, "draft", play.from + DAYS(1) + HOURS(3), "near", ", draft: true");
    add_at(&calendar, "away", play.from + DAYS(4) + HOURS(5), "site, drop, near, slow", "");
    add_at(&calendar, "brave", play.from + DAYS(4) + HOURS(5), "drop, near", ", publish_late: true");
    for (int i = 0; i < 9; i++)
        buf_printf(&calendar, "  - {id: slotted%d, slot: noon, text: \"Slotted %d.\"%s}\n", i, i,
                   i % 3 ? "" : ", to: [near]");
    write_file("calendar.yaml", buf_text(&calendar));
    write_file("charter.yaml", charter_text);
    write_file("cald.yaml", settings_text);
    buf_release(&calendar);
}

/* ---- in truth ---- */

static void loaded(void *context, const struct schedule_report *report)
{
    if (!report->applied && report->diags && report->diags->count)
        print_message("%s\n", report->diags->items[0].message);
    *(bool *)context = report->applied;
}

static void set_paused(const char *account, bool paused)
{
    struct account_status status = {.name = account ? account : "*", .paused = paused};
    assert_done(play.house, queue_set_account(play.house->queue, &status, "test", virtual_now(), &play.house->err));
    publisher_wake(play.publisher);
}

static void live(void)
{
    bool applied = false;
    play.loop = loop_new(NULL);
    play.publisher = publisher_new(play.loop, play.house->queue, &play.house->err);
    play.schedule = schedule_new(play.loop, play.house->queue, play.publisher, play.config, NULL);
    schedule_start(play.schedule, loaded, &applied);
    virtual_settle(play.loop);
    assert_true(applied);
    for (size_t i = 0; i < play.absence_count; i++) {
        const struct absence *a = &play.absences[i];
        virtual_run(play.loop, a->from - virtual_now(), NULL, NULL);
        set_paused(a->account, true);
        virtual_run(play.loop, a->until - virtual_now(), NULL, NULL);
        set_paused(a->account, false);
    }
    virtual_run(play.loop, play.until + HOURS(2) - virtual_now(), NULL, NULL);
}

/* ---- both ---- */

static const enum state states[] = {[SIMULATED_PUBLISHED] = STATE_PUBLISHED,
                                    [SIMULATED_HELD] = STATE_HELD,
                                    [SIMULATED_MISSED] = STATE_MISSED,
                                    [SIMULATED_DRAFT] = STATE_HELD};

static void judge_one(const struct simulated *s)
{
    const struct planned *p = s->planned;
    struct delivery *d = queue_get(play.house->queue, p->post_id, p->account->name, play.house->arena, &play.house->err);
    if (!d)
        fail_msg("%s/%s is simulated as %s, and never came to be", p->post_id, p->account->name,
                 simulated_fate_name(s->fate));
    if (d->state != states[s->fate])
        fail_msg("%s/%s: simulated %s (%s), in truth %s (%s)", p->post_id, p->account->name, simulated_fate_name(s->fate),
                 s->why ? s->why : "", state_name(d->state), d->message ? d->message : "");
    if (s->fate == SIMULATED_PUBLISHED && (d->published < s->at || d->published - s->at > SECONDS(1)))
        fail_msg("%s/%s: published %lld ms after what was simulated (%s)", p->post_id, p->account->name,
                 (long long)(d->published - s->at), s->why ? s->why : "");
}

/* The daemon looks further ahead than the play lasts. */
static void judge_unplaced(const struct simulated *s)
{
    struct delivery_filter filter = {.post_id = s->post->id, .limit = 10};
    struct delivery **rows;
    size_t count;
    const char *next;
    assert_done(play.house, queue_list(play.house->queue, &filter, play.house->arena, &rows, &count, &next, &play.house->err));
    for (size_t i = 0; i < count; i++)
        assert_true(rows[i]->slot >= play.until);
}

static size_t count_queued(void)
{
    struct delivery_filter filter = {.until = play.until, .from = 1, .limit = 1000};
    struct delivery **rows;
    size_t all = 0, count;
    do {
        assert_done(play.house, queue_list(play.house->queue, &filter, play.house->arena, &rows, &count, &filter.cursor,
                                           &play.house->err));
        all += count;
    } while (filter.cursor);
    return all;
}

static struct simulated *simulate_documents(struct documents *documents, size_t *ret_count)
{
    const struct settings *settings = documents->settings;
    struct simulated_account *accounts = arena_alloc_array(play.house->arena, settings->account_count, sizeof *accounts);
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct settings_account *a = &settings->accounts[i];
        accounts[i] = (struct simulated_account){&a->account, a->late, a->spacing, a->parallel};
    }
    return simulate(&(struct simulation){.calendar = documents->calendar,
                                         .charter = documents->charter,
                                         .accounts = accounts,
                                         .account_count = settings->account_count,
                                         .from = play.from,
                                         .until = play.until,
                                         .takes = TAKES,
                                         .absences = play.absences,
                                         .absence_count = play.absence_count},
                    play.house->arena, ret_count);
}

/* fates: how many of each there must be at least, or the comparison shows nothing. */
static void compare(const size_t fates[SIMULATED_FATES])
{
    struct documents *documents = documents_load_to_run(play.config, play.from, NULL);
    size_t count, seen[SIMULATED_FATES] = {0};
    for (size_t i = 0; i < documents->diags.count; i++)
        if (documents->diags.items[i].level == DIAG_ERROR)
            fail_msg("%s", documents->diags.items[i].message);
    struct simulated *all = simulate_documents(documents, &count);
    live();
    for (size_t i = 0; i < count; i++) {
        seen[all[i].fate]++;
        if (all[i].planned)
            judge_one(&all[i]);
        else
            judge_unplaced(&all[i]);
    }
    assert_int_equal(count - seen[SIMULATED_UNPLACED], count_queued());
    for (int fate = 0; fate < SIMULATED_FATES; fate++)
        if (seen[fate] < fates[fate])
            fail_msg("only %zu are %s: nothing is shown", seen[fate], simulated_fate_name((enum simulated_fate)fate));
    print_message("%zu deliveries came to what was simulated\n", count);
    documents_free(documents);
}

/* ---- the plays ---- */

static void begin(instant from, int days, const char *zone, const char *silence)
{
    play.from = from;
    play.until = from + DAYS(days);
    virtual_begin(from, 1);
    write_documents(zone, silence);
}

static const size_t fates[SIMULATED_FATES] = {
    [SIMULATED_PUBLISHED] = 100, [SIMULATED_HELD] = 5, [SIMULATED_MISSED] = 1, [SIMULATED_DRAFT] = 1,
    [SIMULATED_UNPLACED] = 1};

static void a_week_without_trouble_is_as_simulated(void **state)
{
    (void)state;
    begin(1790812800000, 12, "UTC", "2026-10-08"); /* Thursday 2026-10-01 00:00 UTC */
    compare(fates);
}

static void pauses_are_as_simulated(void **state)
{
    (void)state;
    begin(1790812800000, 12, "UTC", "2026-10-08");
    play.absences[0] = (struct absence){play.from + DAYS(1) + HOURS(2), play.from + DAYS(1) + HOURS(9) + MINUTES(10), NULL};
    play.absences[1] = (struct absence){play.from + DAYS(4) + HOURS(4), play.from + DAYS(4) + HOURS(5) + MINUTES(20), NULL};
    play.absences[2] = (struct absence){play.from + DAYS(6), play.from + DAYS(6) + HOURS(11), "near"};
    play.absence_count = 3;
    compare(fates);
}

/* Series and slots in Paris; the posts with a time of their own are some hours off, which does not matter. */
static const size_t fewer[SIMULATED_FATES] = {[SIMULATED_PUBLISHED] = 80, [SIMULATED_HELD] = 2};

static void the_end_of_summer_time_is_as_simulated(void **state)
{
    (void)state;
    begin(1792540800000, 9, "Europe/Paris", "2026-10-24"); /* 2026-10-21 00:00 UTC */
    compare(fewer);
}

static void its_beginning_is_as_simulated(void **state)
{
    (void)state;
    begin(1805846400000, 9, "Europe/Paris", "2027-03-29"); /* 2027-03-24 00:00 UTC */
    compare(fewer);
}

static int setup(void **state)
{
    memset(&play, 0, sizeof play);
    model_begin(4000);
    log_set_level(LOG_ERROR_ + 1);
    if (house_setup(state) != 0)
        return -1;
    play.house = *state;
    snprintf(play.config, sizeof play.config, "%s/cald.yaml", play.house->directory);
    return 0;
}

static int teardown(void **state)
{
    char path[128];
    schedule_free(play.schedule);
    publisher_free(play.publisher);
    loop_free(play.loop);
    const char *files[] = {"cald.yaml", "calendar.yaml", "charter.yaml", "sessions"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", play.house->directory, files[i]);
        remove(path);
    }
    house_teardown(state);
    model_end();
    metrics_reset();
    virtual_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_week_without_trouble_is_as_simulated, setup, teardown),
        cmocka_unit_test_setup_teardown(pauses_are_as_simulated, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_of_summer_time_is_as_simulated, setup, teardown),
        cmocka_unit_test_setup_teardown(its_beginning_is_as_simulated, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
