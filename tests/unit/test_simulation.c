/*
 * Months of a household in virtual time: documents, plan, queue and publisher as they are, a model of
 * the networks, and faults by seed: kills, outages, clocks that step, servers that are down, slow, full or
 * deaf. After each request: nothing early, nothing twice, nothing beyond the grace. At the end: every
 * occurrence that the calendar wants is there at its instant, as an oracle of its own says, and is explained;
 * memory and descriptors are what they were.
 *
 * CALD_SEED repeats a run, CALD_SIMULATE_DAYS asks for another length (the first change of hour comes after
 * 24 days, the second after 178).
 */
#include <dirent.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "publish/publish.h"
#include "schedule.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1790812800000)       /* 2026-10-01 00:00 UTC */
#define WINTER_FROM ((instant)1792890000000) /* 2026-10-25 01:00 UTC: Paris leaves summer time */
#define SUMMER_FROM ((instant)1806195600000) /* 2027-03-28 01:00 UTC */
#define GRACE HOURS(2)

enum {
    DAYS_DEFAULT = 61,
    MOST_POSTS = 40000,
    ACCOUNTS = 4,
    MOST_A_MINUTE = 100 /* requests to one account */
};

static const char *const names[ACCOUNTS] = {"k0", "k1", "p0", "p1"};

static const struct daily { /* the calendar's series */
    const char *id;
    unsigned hour, minute;
    unsigned to; /* bit of the account */
} dailies[] = {
    {"night", 2, 30, 1 | 4}, {"morning", 9, 0, 15}, {"evening", 17, 45, 2 | 8}, {"late", 23, 59, 4}};

enum mood { MOOD_FINE, MOOD_SHAKY, MOOD_DOWN, MOOD_FULL, MOOD_AWAY, MOODS };

static struct sim {
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct schedule *schedule;
    char config[96];
    uint64_t random;
    int days;
    instant true_now; /* what the clock would say if nobody set it */
    duration skew;    /* how wrong it is */
    enum mood moods[ACCOUNTS];
    struct {
        duration from;
        unsigned requests;
    } minutes[ACCOUNTS];
    unsigned added, kills, steps, outages;
    size_t first_fds, first_memory;
} sim;

/* ---- chance ---- */

static uint64_t chance(uint64_t below)
{
    return splitmix(&sim.random) % below;
}

static int account_index(const char *name)
{
    for (int i = 0; i < ACCOUNTS; i++)
        if (!strcmp(names[i], name))
            return i;
    return 0;
}

/* Whatever a server does, it is not stormed. */
static void judge_request(int account, const char *post)
{
    if (virtual_monotonic() - sim.minutes[account].from > MINUTES(1)) {
        sim.minutes[account].from = virtual_monotonic();
        sim.minutes[account].requests = 0;
    }
    if (++sim.minutes[account].requests > MOST_A_MINUTE)
        fail_msg("%s/%s: %d requests to the account within a minute", post, names[account],
                 MOST_A_MINUTE + 1);
}

static enum fate decide(const char *account, const char *post)
{
    static const enum fate shaky[] = {FATE_CUT,  FATE_LOST,    FATE_UNREACHED,
                                      FATE_DOWN, FATE_LIMITED, FATE_FINE};
    int index = account_index(account);
    judge_request(index, post);
    switch (sim.moods[index]) {
    case MOOD_SHAKY:
        return shaky[chance(COUNT_OF(shaky))];
    case MOOD_DOWN:
        return FATE_DOWN;
    case MOOD_FULL:
        return FATE_LIMITED;
    case MOOD_AWAY:
        return FATE_UNREACHED;
    default:
        return chance(200) ? FATE_FINE : FATE_CUT;
    }
}

static duration decide_delay(void)
{
    return chance(20) ? 20 + (duration)chance(400) : SECONDS(1) + (duration)chance(25000);
}

/* A repeat under a key settles a doubt, and may come at any time. */
static void judge_receipt(const struct receipt *r)
{
    if (r->at < r->slot)
        fail_msg("%s/%s %lld ms early", r->post, r->account, (long long)(r->slot - r->at));
    if (r->times != 1)
        fail_msg("%s/%s %u times", r->post, r->account, r->times);
    if (r->account[0] == 'p' && r->at - r->slot > GRACE + SECONDS(1))
        fail_msg("%s/%s %lld s late", r->post, r->account, (long long)(r->at - r->slot) / 1000);
}

/* ---- a life of cald ---- */

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", sim.house->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_documents(void)
{
    struct buf settings = {0}, calendar = {0};
    buf_printf(&settings, "version: 1\ncalendar: calendar.yaml\nstate: .\nhorizon: 14d\n"
                          "late: {grace: 2h, then: hold}\naccounts:\n");
    for (int i = 0; i < ACCOUNTS; i++)
        buf_printf(
            &settings,
            "  %s: {network: webhook, url: \"http://127.0.0.1/{{account}}/{{post_id}}/{{slot}}/{{key}}\","
            " id: /id%s%s}\n",
            names[i], names[i][0] == 'k' ? ", key_header: Idempotency-Key" : "",
            i == 3 ? ", late: {grace: 2h, then: missed}" : "");
    buf_printf(&calendar, "version: 1\ntimezone: Europe/Paris\nseries:\n");
    for (size_t i = 0; i < COUNT_OF(dailies); i++) {
        buf_printf(
            &calendar,
            "  - {id: %s, rrule: FREQ=DAILY, from: 2026-10-02, at: \"%02u:%02u\", text: \"%s.\", to: [",
            dailies[i].id, dailies[i].hour, dailies[i].minute, dailies[i].id);
        for (int k = 0, any = 0; k < ACCOUNTS; k++)
            if (dailies[i].to >> k & 1)
                buf_printf(&calendar, "%s%s", any++ ? ", " : "", names[k]);
        buf_printf(&calendar, "]}\n");
    }
    write_file("cald.yaml", buf_text(&settings));
    write_file("calendar.yaml", buf_text(&calendar));
    buf_release(&settings);
    buf_release(&calendar);
}

static void start(void)
{
    sim.loop = loop_new(NULL);
    sim.publisher = publisher_new(sim.loop, sim.house->queue, &sim.house->err);
    assert_non_null(sim.publisher);
    sim.schedule = schedule_new(sim.loop, sim.house->queue, sim.publisher, sim.config, NULL);
    schedule_reload(sim.schedule, "start", NULL, NULL);
    virtual_settle(sim.loop);
    const struct schedule_report *report = schedule_last(sim.schedule);
    if (!report || !report->applied)
        fail_msg("%s", report ? report->message : "not loaded");
}

static void die(void)
{
    schedule_free(sim.schedule);
    publisher_free(sim.publisher);
    loop_free(sim.loop);
    queue_close(sim.house->queue);
    sim.house->queue = NULL;
}

static void come_back(duration outage)
{
    virtual_pass(outage, outage);
    sim.true_now += outage;
    sim.house->queue = queue_open(sim.house->directory, &sim.house->err);
    if (!sim.house->queue)
        fail_msg("%s", sim.house->err.message);
    start();
}

static void live(duration length)
{
    virtual_run(sim.loop, length, NULL, NULL);
    sim.true_now += length;
}

/* ---- what happens ---- */

static void add_post(instant slot)
{
    struct arena *arena = arena_new();
    const char *post = arena_printf(arena, "s%05u", sim.added++);
    struct wanted wanted = wanted_of(arena, post, names[chance(ACCOUNTS)], "Bonjour", slot);
    wanted.network = "webhook";
    wanted.origin = "spontaneous";
    assert_done(sim.house, queue_add(sim.house->queue, &wanted, 1, virtual_now(), &sim.house->err));
    arena_free(arena);
    publisher_wake(sim.publisher);
}

/* Every other time while a request is on its way. */
static void be_killed(void)
{
    sim.kills++;
    if (chance(2)) {
        add_post(virtual_now());
        live(1 + (duration)chance(150));
    }
    die();
    come_back((duration)chance(SECONDS(5)));
}

static void be_out(void)
{
    sim.outages++;
    die();
    come_back((duration)chance(chance(4) ? HOURS(1) : HOURS(30)));
}

static void set_clock(duration skew)
{
    duration by = skew - sim.skew;
    sim.skew = skew;
    sim.steps++;
    virtual_step(sim.loop, by);
}

static void step_clock(void)
{
    set_clock((duration)chance(2 * HOURS(1)) - HOURS(1));
    live((duration)chance(HOURS(3)));
    set_clock(0);
}

static void lose_clock(void)
{
    set_clock(chance(2) ? -DAYS(3) : -DAYS(3653));
    live((duration)chance(HOURS(1)));
    set_clock(0);
}

static void jump_ahead(void)
{
    set_clock(DAYS(1) + (duration)chance(DAYS(2)));
    live((duration)chance(MINUTES(30)));
    set_clock(0);
}

static void change_mood(void)
{
    enum mood *mood = &sim.moods[chance(ACCOUNTS)];
    *mood = *mood == MOOD_FINE ? (enum mood)(1 + chance(MOODS - 1)) : MOOD_FINE;
}

static void be_spontaneous(void)
{
    add_post(virtual_now() + (duration)chance(HOURS(12)));
}

static void load_again(void)
{
    schedule_reload(sim.schedule, "SIGHUP", NULL, NULL);
}

static const struct happening {
    unsigned weight;
    void (*happen)(void);
} happenings[] = {{30, be_spontaneous}, {20, change_mood}, {6, be_killed}, {2, be_out},
                  {4, step_clock},      {1, lose_clock},   {1, load_again}};

static void something_happens(void)
{
    uint64_t all = 0, at;
    for (size_t i = 0; i < COUNT_OF(happenings); i++)
        all += happenings[i].weight;
    at = chance(all);
    for (size_t i = 0; i < COUNT_OF(happenings); i++) {
        if (at < happenings[i].weight) {
            happenings[i].happen();
            return;
        }
        at -= happenings[i].weight;
    }
}

/* ---- what must be true ---- */

extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
extern void __asan_init(void) __attribute__((weak)); /* others count what they keep of each thread, too */

/* SQLite's cache of pages grows with the database, up to its bound, and cald has SQLite not count it. */
static sqlite3_mem_methods sqlite_memory;
static atomic_size_t sqlite_bytes;

static void *sqlite_allocate(int size)
{
    void *piece = sqlite_memory.xMalloc(size);
    sqlite_bytes += piece ? (size_t)sqlite_memory.xSize(piece) : 0;
    return piece;
}

static void sqlite_release(void *piece)
{
    sqlite_bytes -= piece ? (size_t)sqlite_memory.xSize(piece) : 0;
    sqlite_memory.xFree(piece);
}

static void *sqlite_resize(void *piece, int size)
{
    size_t before = piece ? (size_t)sqlite_memory.xSize(piece) : 0;
    void *resized = sqlite_memory.xRealloc(piece, size);
    if (resized)
        sqlite_bytes += (size_t)sqlite_memory.xSize(resized) - before;
    return resized;
}

static int count_sqlite(void **state)
{
    (void)state;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
    sqlite3_mem_methods counting = sqlite_memory;
    counting.xMalloc = sqlite_allocate;
    counting.xFree = sqlite_release;
    counting.xRealloc = sqlite_resize;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &counting);
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* Seen after a fresh start, so that caches are as empty each time. */
static void judge_resources(void)
{
    size_t memory = __asan_init ? __sanitizer_get_current_allocated_bytes() - sqlite_bytes : 0;
    size_t descriptors = count_descriptors();
    print_message("day %3lld: %zu bytes, %zu descriptors, %zu requests, %zu received\n",
                  (long long)((sim.true_now - START) / DAYS(1)), memory, descriptors, model.requests,
                  model.count);
    if (!sim.first_fds) {
        sim.first_fds = descriptors;
        sim.first_memory = memory;
    }
    assert_int_equal(descriptors, sim.first_fds);
    if (memory > sim.first_memory + (64 << 10))
        fail_msg("%zu bytes, and %zu in the beginning", memory, sim.first_memory);
}

/* Paris by the rules of the European Union; in the gap the time moves forward, of two times the first counts.
 */
static instant paris(int day, unsigned hour, unsigned minute)
{
    instant local = START + DAYS(1) * day + HOURS(hour) + MINUTES(minute);
    instant summer = local - HOURS(2), winter = local - HOURS(1);
    if (summer < WINTER_FROM)
        return summer;
    return winter < SUMMER_FROM ? winter : winter >= SUMMER_FROM + HOURS(1) ? summer : winter;
}

static void judge_delivery(const struct delivery *d, size_t *ret_published)
{
    const struct receipt *r = model_find(d->account, d->post_id);
    unsigned to_come = 1u << STATE_READY | 1u << STATE_WAITING | 1u << STATE_SENDING;
    if (r && r->times != 1)
        fail_msg("%s/%s was received %u times", d->post_id, d->account, r->times);
    if (d->state == STATE_PUBLISHED && !r)
        fail_msg("%s/%s counts as published and was not received", d->post_id, d->account);
    if (r && d->state != STATE_PUBLISHED && d->state != STATE_UNSURE)
        fail_msg("%s/%s was received and is %s", d->post_id, d->account, state_name(d->state));
    if ((to_come >> d->state & 1) && d->slot < virtual_now() - GRACE)
        fail_msg("%s/%s is overdue and %s", d->post_id, d->account, state_name(d->state));
    if ((d->state == STATE_HELD || d->state == STATE_MISSED || d->state == STATE_UNSURE) && !d->message)
        fail_msg("%s/%s is %s without a reason", d->post_id, d->account, state_name(d->state));
    *ret_published += d->state == STATE_PUBLISHED;
}

static void judge_series(size_t *ret_wanted, size_t *ret_published)
{
    for (int day = 1; day < sim.days; day++) {
        struct arena *arena = arena_new();
        int64_t year;
        unsigned month, date;
        days_to_civil(START / DAYS(1) + day, &year, &month, &date);
        for (size_t i = 0; i < COUNT_OF(dailies); i++) {
            const char *id = arena_printf(arena, "%s@%04d-%02u-%02u", dailies[i].id, (int)year, month, date);
            instant expected = paris(day, dailies[i].hour, dailies[i].minute);
            for (int k = 0; k < ACCOUNTS; k++) {
                if (!(dailies[i].to >> k & 1))
                    continue;
                const struct delivery *d = queue_get(sim.house->queue, id, names[k], arena, &sim.house->err);
                if (!d)
                    fail_msg("%s", sim.house->err.message);
                else if (d->slot != expected)
                    fail_msg("%s is %lld min away from its time", id,
                             (long long)(d->slot - expected) / 60000);
                else
                    judge_delivery(d, ret_published);
                (*ret_wanted)++;
            }
        }
        arena_free(arena);
    }
}

static void judge_spontaneous(size_t *ret_published)
{
    struct arena *arena = arena_new();
    struct delivery_filter filter = {.origin = "spontaneous", .limit = 1000};
    struct delivery **deliveries;
    size_t count, all = 0;
    do {
        assert_done(sim.house, queue_list(sim.house->queue, &filter, arena, &deliveries, &count,
                                          &filter.cursor, &sim.house->err));
        for (size_t i = 0; i < count; i++)
            judge_delivery(deliveries[i], ret_published);
        all += count;
    } while (filter.cursor);
    assert_int_equal(all, sim.added);
    arena_free(arena);
}

/* ---- the half year ---- */

static int setup(void **state)
{
    const char *seed = getenv("CALD_SEED"), *days = getenv("CALD_SIMULATE_DAYS");
    memset(&sim, 0, sizeof sim);
    sim.random = seed ? strtoull(seed, NULL, 10) : 20261001;
    sim.days = days ? atoi(days) : DAYS_DEFAULT;
    sim.true_now = START;
    virtual_begin(START, sim.random);
    model_begin(MOST_POSTS);
    model.fate = decide;
    model.delay = decide_delay;
    model.received = judge_receipt;
    log_set_level(getenv("CALD_SIMULATE_LOG") ? LOG_INFO_ : LOG_ERROR_ + 1);
    if (house_setup(state) != 0)
        return -1;
    sim.house = *state;
    snprintf(sim.config, sizeof sim.config, "%s/cald.yaml", sim.house->directory);
    print_message("seed %llu, %d days\n", (unsigned long long)sim.random, sim.days);
    write_documents();
    return 0;
}

static int teardown(void **state)
{
    char path[128];
    die();
    const char *files[] = {"cald.yaml", "calendar.yaml", "sessions"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", sim.house->directory, files[i]);
        remove(path);
    }
    house_teardown(state);
    model_end();
    metrics_reset();
    virtual_end();
    return 0;
}

static void calm(void)
{
    memset(sim.moods, 0, sizeof sim.moods);
    model.delay = NULL;
    live(HOURS(6));
}

static void months_of_faults_make_nothing_early_twice_lost_or_too_late(void **state)
{
    size_t wanted = 0, published = 0, spontaneous = 0;
    (void)state;
    start();
    for (int month = 1; sim.true_now < START + DAYS(sim.days); month++) {
        instant end = START + DAYS(sim.days) < START + DAYS(30) * month ? START + DAYS(sim.days)
                                                                        : START + DAYS(30) * month;
        while (sim.true_now < end) {
            live(chance(8) ? (duration)chance(HOURS(6)) : (duration)chance(SECONDS(20)));
            something_happens();
        }
        be_killed();
        judge_resources();
    }
    calm();
    judge_series(&wanted, &published);
    judge_spontaneous(&spontaneous);
    print_message("%zu of %zu planned and %zu of %u spontaneous ones published; %u kills, %u outages, %u "
                  "steps of the clock\n",
                  published, wanted, spontaneous, sim.added, sim.kills, sim.outages, sim.steps);
    assert_true(published * 2 > wanted); /* or nothing was tested */
}

/* Ahead by days, and back: what is passed over meanwhile is held, what comes after goes on. */
static void a_clock_that_jumps_ahead_and_back_leaves_the_plan_as_it_is(void **state)
{
    size_t wanted = 0, published = 0;
    (void)state;
    sim.days = 12;
    start();
    while (sim.true_now < START + DAYS(sim.days)) {
        live(DAYS(2) + HOURS(5));
        jump_ahead();
    }
    calm();
    live(DAYS(1));
    judge_series(&wanted, &published);
    assert_true(published > 0);
}

#define in_sim(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_sim(months_of_faults_make_nothing_early_twice_lost_or_too_late),
        in_sim(a_clock_that_jumps_ahead_and_back_leaves_the_plan_as_it_is),
    };
    return cmocka_run_group_tests(tests, count_sqlite, NULL);
}
