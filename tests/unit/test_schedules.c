/*
 * Short lives of a queue and its publisher in virtual time, each from its own seed: a few posts, people who
 * cancel, move, edit, hold and pause them at any moment, servers in every mood, kills, outages and clocks that
 * step. After each event: nothing twice, nothing early, nothing a person had cancelled, no order broken, no
 * state without its reason. At the end of each life all is final or waits for a person, and is what its
 * history says.
 *
 * CALD_SEED and CALD_SCHEDULES (how many from there on) repeat one; CALD_SIMULATE_LOG shows it.
 */
#include "base/log.h"
#include "base/metrics.h"
#include "network/drivers.h"
#include "publish/publish.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */
#define GRACE MINUTES(30)

enum { SCHEDULES = 1000, ACCOUNTS = 3, MOST_POSTS = 12, MOST_EVENTS = 24 };

/* k honours keys; p does not, in strict order; q does not and takes several at a time. */
static const char *const names[ACCOUNTS] = {"k", "p", "q"};

enum mood { MOOD_FINE, MOOD_SHAKY, MOOD_DOWN, MOOD_AWAY, MOOD_LOCKED, MOODS };

struct wish { /* as people were told that it is */
    char id[8];
    int account;
    instant slot;
    bool stopped; /* cancelled, held or a draft: nothing of it may leave */
};

static struct life {
    uint64_t seed, random;
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct documents documents;
    struct settings settings;
    struct settings_account accounts[ACCOUNTS];
    enum mood moods[ACCOUNTS];
    bool paused[ACCOUNTS];
    struct wish posts[MOST_POSTS];
    size_t count;
} life;

static struct { /* of all lives: that they were worth living */
    size_t posts, states[STATE_COUNT], kills, stopped, too_late;
} total;

static uint64_t chance(uint64_t below)
{
    return splitmix(&life.random) % below;
}

static int account_index(const char *name)
{
    return name[0] == 'k' ? 0 : name[0] == 'p' ? 1 : 2;
}

static const struct wish *post_of(const char *id)
{
    for (size_t i = 0; i < life.count; i++)
        if (strcmp(life.posts[i].id, id) == 0)
            return &life.posts[i];
    return NULL;
}

/* Ends the test, with what can be known of the post. */
static void condemn(const char *id, const char *wrong)
{
    struct event *events;
    size_t count = 0;
    queue_history(life.house->queue, id, NULL, 1000, life.house->arena, &events, &count, &life.house->err);
    for (size_t i = 0; i < count; i++)
        print_message("  +%lld ms %s: %s -> %s: %s\n", (long long)(events[i].at - START), events[i].who,
                      events[i].from ?: "", events[i].to, events[i].why ?: "");
    const struct wish *wish = post_of(id);
    const struct delivery *d =
        queue_get(life.house->queue, id, names[wish->account], life.house->arena, &life.house->err);
    if (d)
        print_message("  it is +%lld ms: %s is %s, its time +%lld ms, due +%lld ms\n",
                      (long long)(virtual_now() - START), id, state_name(d->state),
                      (long long)(d->slot - START), (long long)(d->due - START));
    fail_msg("seed %llu: %s %s", (unsigned long long)life.seed, id, wrong);
}

/* ---- what must be true at each receipt ---- */

/* Who stands in front, was never tried, and could go out now, is not overtaken. */
static void judge_order(const struct wish *post)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < life.count; i++) {
        const struct wish *other = &life.posts[i];
        if (other->account != post->account || other->slot >= post->slot)
            continue;
        const struct delivery *d =
            queue_get(life.house->queue, other->id, names[other->account], arena, &life.house->err);
        if (d && d->state == STATE_READY && d->attempts == 0)
            condemn(other->id, "was overtaken");
    }
    arena_free(arena);
}

static enum fate decide(const char *account, const char *id)
{
    static const enum fate shaky[] = {FATE_CUT,  FATE_LOST,    FATE_UNREACHED,
                                      FATE_DOWN, FATE_LIMITED, FATE_FINE};
    static const enum fate fates[MOODS] = {
        [MOOD_DOWN] = FATE_DOWN, [MOOD_AWAY] = FATE_UNREACHED, [MOOD_LOCKED] = FATE_LOCKED};
    int index = account_index(account);
    const struct wish *post = post_of(id);
    bool doubted =
        model_find(account, id) != NULL; /* a repeat under the key settles it, whatever people did since */

    if (post->stopped && !doubted)
        condemn(id, "left though it was stopped");
    if (virtual_now() < post->slot)
        condemn(id, "left early");
    if (names[index][0] == 'p')
        judge_order(post);
    return life.moods[index] == MOOD_SHAKY ? shaky[chance(COUNT_OF(shaky))] : fates[life.moods[index]];
}

static duration decide_delay(void)
{
    return chance(10) ? 20 + (duration)chance(400) : SECONDS(1) + (duration)chance(25000);
}

/* ---- what must be true after each event ---- */

static void judge_post(const struct wish *post, const struct delivery *d)
{
    const struct receipt *r = model_find(d->account, d->post_id);
    unsigned needs_reason = 1u << STATE_HELD | 1u << STATE_MISSED | 1u << STATE_UNSURE | 1u << STATE_REFUSED;
    unsigned may_be_there = 1u << STATE_SENDING | 1u << STATE_UNSURE | 1u << STATE_PUBLISHED;
    const char *wrong = r && r->times != 1                     ? "was received more than once"
                        : d->state == STATE_PUBLISHED && !r    ? "counts as published and is not there"
                        : r && !(may_be_there >> d->state & 1) ? "is there and its state denies it"
                        : (needs_reason >> d->state & 1) && !d->message ? "has no reason for its state"
                        : d->slot != post->slot                         ? "is not at the time that was said"
                                                                        : NULL;
    if (wrong)
        condemn(post->id, wrong);
}

static void judge_posts(void)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < life.count; i++) {
        const struct wish *post = &life.posts[i];
        const struct delivery *d =
            queue_get(life.house->queue, post->id, names[post->account], arena, &life.house->err);
        if (!d)
            condemn(post->id, "is lost");
        judge_post(post, d);
    }
    arena_free(arena);
}

/* ---- what people do ---- */

static struct delivery *read_post(const struct wish *post)
{
    return house_get(life.house, post->id, names[post->account]);
}

static void add_post(void)
{
    if (life.count == MOST_POSTS)
        return;
    struct wish *post = &life.posts[life.count++];
    *post = (struct wish){.account = (int)chance(ACCOUNTS)};
    snprintf(post->id, sizeof post->id, "s%zu", life.count);
    post->slot = virtual_now() + (chance(4) ? (duration)chance(MINUTES(15)) : 0);
    struct wanted wanted =
        wanted_of(life.house->arena, post->id, names[post->account], "Bonjour", post->slot);
    wanted.network = "webhook";
    wanted.origin = "spontaneous";
    assert_done(life.house, queue_add(life.house->queue, &wanted, 1, virtual_now(), &life.house->err));
    publisher_wake(life.publisher);
}

/* What was refused changes nothing, and what was done holds from now on. */
static void change(struct wish *post, struct move move)
{
    struct delivery *d = read_post(post);
    move.who = "anna";
    move.why = "anna said so";
    if (!queue_move(life.house->queue, d, &move, virtual_now(), &life.house->err))
        return;
    unsigned stopped = 1u << STATE_CANCELLED | 1u << STATE_HELD | 1u << STATE_DRAFT;
    post->stopped = stopped >> move.to & 1;
    if (move.slot)
        post->slot = move.slot;
    total.stopped += post->stopped;
    publisher_wake(life.publisher);
}

static struct wish *any_post(void)
{
    if (life.count == 0)
        add_post();
    return &life.posts[chance(life.count)];
}

static void stop_post(void)
{
    static const enum state states[] = {STATE_CANCELLED, STATE_HELD, STATE_DRAFT};
    change(any_post(), (struct move){.to = states[chance(COUNT_OF(states))]});
}

static void release_post(void)
{
    struct wish *post = any_post();
    enum state state = read_post(post)->state;
    /* of what is unsure only a person knows, and this one does: it is not there */
    if (state != STATE_PUBLISHED && state != STATE_SENDING &&
        !(state == STATE_UNSURE && model_find(names[post->account], post->id)))
        change(post, (struct move){.to = STATE_READY});
}

static void move_post(void)
{
    struct wish *post = any_post();
    change(post, (struct move){.to = read_post(post)->state,
                               .slot = virtual_now() + (duration)chance(MINUTES(15))});
}

static void edit_post(void)
{
    struct wish *post = any_post();
    change(post,
           (struct move){.to = read_post(post)->state, .content = content_of(life.house->arena, "Bonsoir")});
}

static void pause_account(void)
{
    int index = (int)chance(ACCOUNTS);
    struct account_status status;
    assert_done(life.house,
                queue_account(life.house->queue, names[index], life.house->arena, &status, &life.house->err));
    life.paused[index] = status.paused = !life.paused[index];
    status.name = names[index];
    status.paused_why = status.paused ? "anna said so" : NULL;
    assert_done(life.house,
                queue_set_account(life.house->queue, &status, "anna", virtual_now(), &life.house->err));
    publisher_wake(life.publisher);
}

/* ---- what happens to everybody ---- */

static void open_publisher(void)
{
    life.loop = loop_new(NULL);
    life.publisher = publisher_new(life.loop, life.house->queue, &life.house->err);
    assert_non_null(life.publisher);
    publisher_use(life.publisher, &life.documents);
}

static void die(void)
{
    publisher_free(life.publisher);
    loop_free(life.loop);
}

static void pass_time(void)
{
    static const duration spans[] = {50, SECONDS(2), MINUTES(1), MINUTES(8)};
    virtual_run(life.loop, 1 + (duration)chance((uint64_t)spans[chance(COUNT_OF(spans))]), NULL, NULL);
}

static void be_killed(void)
{
    duration outage = (duration)chance(chance(3) ? SECONDS(5) : HOURS(2));
    total.kills++;
    die();
    virtual_pass(outage, outage);
    house_reopen(life.house);
    open_publisher();
}

static void change_mood(void)
{
    enum mood *mood = &life.moods[chance(ACCOUNTS)];
    *mood = *mood == MOOD_FINE ? (enum mood)(1 + chance(MOODS - 1)) : MOOD_FINE;
}

static void step_clock(void)
{
    virtual_step(life.loop, (duration)chance(HOURS(1)) - MINUTES(30));
}

static const struct happening {
    unsigned weight;
    void (*happen)(void);
} happenings[] = {{24, add_post},    {24, pass_time}, {8, change_mood}, {7, be_killed},     {6, stop_post},
                  {5, release_post}, {5, move_post},  {4, edit_post},   {4, pause_account}, {2, step_clock}};

static void something_happens(void)
{
    uint64_t all = 0, at;
    for (size_t i = 0; i < COUNT_OF(happenings); i++)
        all += happenings[i].weight;
    at = chance(all);
    for (size_t i = 0; i < COUNT_OF(happenings); at -= happenings[i++].weight)
        if (at < happenings[i].weight) {
            happenings[i].happen();
            return;
        }
}

/* ---- a life ---- */

static void set_accounts(void)
{
    life.settings = (struct settings){.state = life.house->directory,
                                      .lead = MINUTES(5),
                                      .concurrency = 64,
                                      .accounts = life.accounts,
                                      .account_count = ACCOUNTS};
    life.documents.settings = &life.settings;
    for (int i = 0; i < ACCOUNTS; i++) {
        const char *text =
            arena_printf(life.house->arena,
                         "{\"url\": \"http://127.0.0.1/{{account}}/{{post_id}}/{{slot}}/{{key}}\","
                         " \"id\": \"/id\"%s}",
                         i == 0 ? ", \"key_header\": \"Idempotency-Key\"" : "");
        life.accounts[i] = (struct settings_account){
            .account = {.name = names[i],
                        .network = &network_webhook,
                        .options = json_in_arena(life.house->arena, json_parse(text, strlen(text), NULL))},
            .late = {.grace = GRACE, .then = i == 2 ? MISSED_DROP : MISSED_HOLD},
            .retry = {.give_up = HOURS(3)},
            .parallel = i == 2 ? 4 : 1,
            .spacing = SECONDS(1),
        };
    }
}

static void begin(uint64_t seed)
{
    memset(&life, 0, sizeof life);
    life.seed = seed;
    life.random = seed * 0x2545f4914f6cdd1d;
    virtual_begin(START, ~life.random);
    model_begin(MOST_POSTS);
    model.fate = decide;
    model.delay = decide_delay;
    assert_int_equal(house_setup((void **)&life.house), 0);
    set_accounts();
    open_publisher();
}

static void end(void)
{
    die();
    house_teardown((void **)&life.house);
    model_end();
    metrics_reset();
}

/* All accounts work again, and there is time enough for what can settle itself. */
static void calm(void)
{
    memset(life.moods, 0, sizeof life.moods);
    virtual_run(life.loop, MINUTES(1), NULL, NULL); /* what is under way may still need a person */
    for (int i = 0; i < ACCOUNTS; i++) {
        struct account_status status = {.name = names[i]};
        assert_done(life.house,
                    queue_set_account(life.house->queue, &status, "anna", virtual_now(), &life.house->err));
    }
    publisher_wake(life.publisher);
    virtual_run(life.loop, HOURS(6), NULL, NULL);
}

/* Each event goes on from where the one before led to, and the last one to where it is. */
static void judge_history(const struct delivery *d)
{
    struct event *events;
    size_t count;
    assert_done(life.house, queue_history(life.house->queue, d->post_id, d->account, 1000, life.house->arena,
                                          &events, &count, &life.house->err));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        if (i == 0 ? events[i].from != NULL : strcmp(events[i].from, events[i - 1].to) != 0)
            condemn(d->post_id, "has a gap in its history");
    if (strcmp(events[count - 1].to, state_name(d->state)) != 0)
        condemn(d->post_id, "is not what its history says");
}

static void judge_end(void)
{
    unsigned restless = 1u << STATE_READY | 1u << STATE_WAITING | 1u << STATE_SENDING;
    for (size_t i = 0; i < life.count; i++) {
        const struct delivery *d = read_post(&life.posts[i]);
        if (restless >> d->state & 1)
            condemn(d->post_id, "is neither final nor waits for a person");
        if (d->state == STATE_UNSURE && d->account[0] == 'k')
            condemn(d->post_id, "could be settled and is not");
        judge_history(d);
        total.states[d->state]++;
        total.posts++;
    }
}

static void live_once(uint64_t seed)
{
    begin(seed);
    for (uint64_t events = 6 + chance(MOST_EVENTS - 6); events > 0; events--) {
        something_happens();
        virtual_settle(life.loop);
        judge_posts();
    }
    calm();
    judge_posts();
    judge_end();
    end();
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void every_schedule_keeps_every_promise(void **state)
{
    uint64_t first = number("CALD_SEED", 1), count = number("CALD_SCHEDULES", SCHEDULES);
    (void)state;
    log_set_level(getenv("CALD_SIMULATE_LOG") ? LOG_INFO_ : LOG_ERROR_ + 1);
    for (uint64_t i = 0; i < count; i++)
        live_once(first + i);
    print_message("%zu posts, %zu kills, %zu changes that stop one;", total.posts, total.kills,
                  total.stopped);
    for (int i = 0; i < STATE_COUNT; i++)
        print_message(" %zu %s", total.states[i], state_name((enum state)i));
    print_message("\n");
    if (count < 100)
        return;
    assert_true(total.states[STATE_PUBLISHED] * 3 > total.posts); /* or little was tested */
    assert_true(total.states[STATE_UNSURE] && total.states[STATE_HELD] && total.states[STATE_MISSED]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_schedule_keeps_every_promise)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
