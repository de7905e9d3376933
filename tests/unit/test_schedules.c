/*
 * Short lives of a queue and its publisher in virtual time, each from its own seed: a few posts, people who
 * cancel, move, edit, hold and pause them and rewrite the calendar at any moment, servers in every mood,
 * kills, outages and clocks that step. After each event: nothing twice, nothing early, nothing a person had
 * cancelled, no order broken, no state without its reason. At the end of each life all is final or waits for
 * a person, and is what its history says.
 *
 * CALD_SEED and CALD_SCHEDULES (how many from there on) repeat one; CALD_SIMULATE_LOG shows it.
 */
#include "base/log.h"
#include "base/metrics.h"
#include "base/json.h"
#include "network/drivers.h"
#include "network/outcome.h"
#include "publish/publish.h"
#include "queue/crisis.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */
#define GRACE MINUTES(30)

enum { SCHEDULES = 400, ACCOUNTS = 5, MOST_POSTS = 12, MOST_EVENTS = 24 };

/* k and kt honour keys; p does not, in strict order; q does not and takes several at a time. The t have
   threads to prepare, and can be asked what is there. */
static const char *const names[ACCOUNTS] = {"k", "p", "q", "kt", "t"};

enum mood { MOOD_FINE, MOOD_SHAKY, MOOD_DOWN, MOOD_AWAY, MOOD_LOCKED, MOODS };

struct wish { /* as people were told that it is */
    char id[8];
    int account;
    instant slot;
    bool stopped;          /* cancelled, held or a draft: nothing of it may leave */
    bool of_file, in_file; /* an entry of the calendar, and whether it is there now */
    instant file_slot;
    const char *file_text;
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
    bool crisis;
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
    int index = 0;
    while (strcmp(names[index], name) != 0)
        index++;
    return index;
}

/* Of a thread each part is received under a name of its own: "s1.0", "s1.1". */
static const struct wish *post_of(const char *id)
{
    for (size_t i = 0; i < life.count; i++)
        if (strcspn(id, ".") == strlen(life.posts[i].id) &&
            strncmp(life.posts[i].id, id, strcspn(id, ".")) == 0)
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

/* ---- a network of threads, of which each part is created, and something is prepared before ---- */

static const char *thread_url(const struct job *job, struct arena *arena, const char *post, const char *last)
{
    char slot[INSTANT_TEXT];
    return arena_printf(arena, "http://127.0.0.1/%s/%s/%s/%s", job->account->name, post,
                        instant_format(job->slot, slot, sizeof slot), last);
}

static const char *part_name(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "%s.%d", job->post_id, (int)json_number(job->memo, "parts", 0));
}

static void thread_next(const struct job *job, struct arena *arena, struct step *step)
{
    if (json_text(job->memo, "id")) {
        *step = (struct step){.kind = STEP_DONE, .name = "done"};
    } else if (!json_flag(job->memo, "uploaded", false)) {
        *step = (struct step){.kind = STEP_PREPARE, .name = "upload"};
        step->request.method = "PUT";
        step->request.url = thread_url(job, arena, job->post_id, "media");
    } else {
        *step = (struct step){.kind = STEP_CREATE, .name = "publish"};
        step->request.method = "POST";
        step->request.url = thread_url(job, arena, part_name(job, arena), job->key);
        step->request.body = part_name(job, arena);
        step->request.body_length = strlen(step->request.body);
    }
}

static void part_is_there(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    int parts = (int)json_number(job->memo, "parts", 0) + 1;
    bool last = (size_t)parts == job->content->part_count;
    *outcome = (struct outcome){
        .kind = last ? OUTCOME_DONE : OUTCOME_NEXT, .id = last ? "1" : NULL, .limit_remaining = 1};
    outcome->memo = json_in_arena(arena, last ? json_pack("{s:i, s:s}", "parts", parts, "id", "1")
                                              : json_pack("{s:i}", "parts", parts));
}

static void thread_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, response->body, arena, outcome);
    if (outcome->kind != OUTCOME_NEXT)
        return;
    if (step->kind == STEP_CREATE)
        part_is_there(job, arena, outcome);
    else
        outcome->memo = json_in_arena(arena, json_pack("{s:b}", "uploaded", 1));
}

static void thread_find(const struct job *job, struct arena *arena, struct step *step)
{
    *step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    step->request.method = "GET";
    step->request.url = thread_url(job, arena, part_name(job, arena), "look");
}

static void thread_found(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *outcome)
{
    if (response->status == 404)
        *outcome = (struct outcome){.kind = OUTCOME_NOT_FOUND, .message = "it is not there"};
    else if (response->status == 200)
        part_is_there(job, arena, outcome);
    else
        thread_read(job, step, response, arena, outcome);
}

static const struct network network_thread = {
    .name = "thread", .next = thread_next, .read = thread_read, .find = thread_find, .found = thread_found};
static const struct network network_keyed_thread = {.name = "keyed-thread",
                                                    .repeat = REPEAT_KEY,
                                                    .key_lifetime = HOURS(1),
                                                    .key_wait = MINUTES(1),
                                                    .next = thread_next,
                                                    .read = thread_read,
                                                    .find = thread_find,
                                                    .found = thread_found};

static const struct network *const networks[ACCOUNTS] = {&network_webhook, &network_webhook, &network_webhook,
                                                         &network_keyed_thread, &network_thread};

static bool has_threads(int account)
{
    return networks[account]->find != NULL;
}

/* How often part i of a post was received. */
static unsigned times_received(const struct wish *post, int part)
{
    char name[16];
    snprintf(name, sizeof name, has_threads(post->account) ? "%s.%d" : "%s", post->id, part);
    const struct receipt *r = model_find(names[post->account], name);
    return r ? r->times : 0;
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

static enum fate fate_of(int account)
{
    static const enum fate shaky[] = {FATE_CUT,  FATE_LOST,    FATE_UNREACHED,
                                      FATE_DOWN, FATE_LIMITED, FATE_FINE};
    static const enum fate fates[MOODS] = {
        [MOOD_DOWN] = FATE_DOWN, [MOOD_AWAY] = FATE_UNREACHED, [MOOD_LOCKED] = FATE_LOCKED};
    enum mood mood = life.moods[account];
    return mood == MOOD_SHAKY ? shaky[chance(COUNT_OF(shaky))] : fates[mood];
}

static enum fate decide(const char *account, const char *id)
{
    int index = account_index(account);
    const struct wish *post = post_of(id);
    bool doubted =
        model_find(account, id) != NULL; /* a repeat under the key settles it, whatever people did since */

    if (!model.creating)
        return fate_of(index);
    if (life.crisis)
        condemn(post->id, "left in a crisis");
    if (post->stopped && !doubted)
        condemn(post->id, "left though it was stopped");
    if (virtual_now() < post->slot)
        condemn(post->id, "left early");
    if (has_threads(index) && strstr(id, ".1") && times_received(post, 0) == 0)
        condemn(post->id, "goes on without its beginning");
    if (names[index][0] == 'p')
        judge_order(post);
    return fate_of(index);
}

static duration decide_delay(void)
{
    return chance(10) ? 20 + (duration)chance(400) : SECONDS(1) + (duration)chance(25000);
}

/* ---- what must be true after each event ---- */

static void judge_post(const struct wish *post, const struct delivery *d)
{
    unsigned needs_reason = 1u << STATE_HELD | 1u << STATE_MISSED | 1u << STATE_UNSURE | 1u << STATE_REFUSED;
    unsigned may_be_there = 1u << STATE_SENDING | 1u << STATE_UNSURE | 1u << STATE_PUBLISHED;
    bool thread = has_threads(post->account);
    unsigned first = times_received(post, 0), second = thread ? times_received(post, 1) : first;
    const char *wrong =
        first > 1 || second > 1                              ? "was received more than once"
        : d->state == STATE_PUBLISHED && (!first || !second) ? "counts as published and is not there"
        : first && second && !(may_be_there >> d->state & 1) ? "is there and its state denies it"
        : (needs_reason >> d->state & 1) && !d->message      ? "has no reason for its state"
        : d->slot != post->slot                              ? "is not at the time that was said"
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

static const struct content *text_for(int account, const char *text)
{
    struct part *parts = arena_alloc_array(life.house->arena, 2, sizeof *parts);
    struct content *content = arena_new_of(life.house->arena, struct content);
    parts[0] = parts[1] = (struct part){.text = text};
    *content = (struct content){.parts = parts, .part_count = has_threads(account) ? 2 : 1};
    return content;
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
    wanted.network = networks[post->account]->name;
    wanted.content = text_for(post->account, "Bonjour");
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
    if (state != STATE_PUBLISHED && state != STATE_SENDING && state != STATE_UNSURE)
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
    change(post, (struct move){.to = read_post(post)->state, .content = text_for(post->account, "Bonsoir")});
}

/* ---- what the calendar's file says ---- */

static struct wanted entry_of(const struct wish *post)
{
    struct wanted wanted = wanted_of(life.house->arena, post->id, names[post->account], "", post->file_slot);
    wanted.network = networks[post->account]->name;
    wanted.content = text_for(post->account, post->file_text);
    if (post->file_slot < virtual_now() - GRACE) {
        wanted.state = STATE_HELD;
        wanted.message = "it came too late";
    }
    return wanted;
}

/* What becomes of each entry is said by the queue; from then on it holds. */
static void believe(struct wish *post)
{
    unsigned stopped = 1u << STATE_CANCELLED | 1u << STATE_HELD | 1u << STATE_DRAFT;
    struct delivery *d =
        queue_get(life.house->queue, post->id, names[post->account], life.house->arena, &life.house->err);
    if (!d)
        return; /* written and taken out again before it was ever applied */
    post->slot = d->slot;
    post->stopped = stopped >> d->state & 1;
}

static void apply_file(void)
{
    struct wanted wanted[MOST_POSTS];
    struct apply_report report;
    size_t count = 0;
    for (size_t i = 0; i < life.count; i++)
        if (life.posts[i].in_file)
            wanted[count++] = entry_of(&life.posts[i]);
    assert_done(life.house, queue_begin(life.house->queue, &life.house->err));
    assert_done(life.house, queue_apply(life.house->queue, wanted, count, START - DAYS(1), INSTANT_NEVER,
                                        virtual_now(), "file", life.house->arena, &report, &life.house->err));
    assert_done(life.house, queue_commit(life.house->queue, &life.house->err));
    for (size_t i = 0; i < life.count; i++)
        if (life.posts[i].of_file)
            believe(&life.posts[i]);
    publisher_wake(life.publisher);
}

static void write_entry(void)
{
    if (life.count == MOST_POSTS)
        return;
    struct wish *post = &life.posts[life.count++];
    *post = (struct wish){
        .account = (int)chance(ACCOUNTS), .of_file = true, .in_file = true, .file_text = "Bonjour"};
    snprintf(post->id, sizeof post->id, "e%zu", life.count);
    post->file_slot = virtual_now() + (duration)chance(MINUTES(20)) - MINUTES(3);
}

static void change_entry(struct wish *post)
{
    switch (chance(4)) {
    case 0:
        post->file_slot = virtual_now() + (duration)chance(MINUTES(20)) - MINUTES(3);
        break;
    case 1:
        post->file_text = chance(2) ? "Bonsoir" : "Bonne nuit";
        break;
    default:
        post->in_file = !post->in_file;
    }
}

static void edit_file(void)
{
    struct wish *post = life.count > 0 ? any_post() : NULL;
    if (post != NULL && post->of_file)
        change_entry(post);
    else
        write_entry();
    apply_file();
}

/* ---- accounts ---- */

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

static void begin_crisis(void)
{
    struct crisis crisis = {.account = "*", .who = "anna", .why = "anna said so"};
    assert_done(life.house, queue_crisis_start(life.house->queue, &crisis, virtual_now(), &life.house->err));
    life.crisis = true;
    publisher_wake(life.publisher);
}

static void end_crisis(void)
{
    assert_done(life.house,
                queue_crisis_end(life.house->queue, "*", "anna", NULL, virtual_now(), &life.house->err));
    life.crisis = false;
    publisher_wake(life.publisher);
}

static void turn_crisis(void)
{
    if (life.crisis)
        end_crisis();
    else
        begin_crisis();
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
} happenings[] = {{24, add_post}, {24, pass_time},    {8, change_mood}, {7, be_killed},
                  {6, stop_post}, {5, release_post},  {5, move_post},   {8, edit_file},
                  {4, edit_post}, {4, pause_account}, {2, turn_crisis}, {2, step_clock}};

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
                         names[i][0] == 'k' ? ", \"key_header\": \"Idempotency-Key\"" : "");
        life.accounts[i] = (struct settings_account){
            .account = {.name = names[i],
                        .network = networks[i],
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
    model_begin(2 * MOST_POSTS);
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
    if (life.crisis)
        end_crisis();
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
        if (d->state == STATE_UNSURE && d->account[0] == 'k' && !has_threads(life.posts[i].account))
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
