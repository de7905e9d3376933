/*
 * The publisher, with a driver and a server of our own: what the server has received, and when, against what
 * the queue says. Waits are for conditions, never for times; alarm(2) ends what would wait for ever.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "loop.h"
#include "network/outcome.h"
#include "publish/publisher.h"
#include "queue_house.h"
#include "scripted_server.h"

/* ---- a driver: [session] [upload] create, and perhaps a look-up ---- */

static const char *url_of(const struct job *job, struct arena *arena, const char *what)
{
    return arena_printf(arena, "%s/%s/%s/%s", account_option(job->account, "url"), what, job->account->name,
                        job->post_id);
}

static void make_request(const struct job *job, struct arena *arena, struct step *step, const char *method,
                         const char *what)
{
    step->request.method = method;
    step->request.url = url_of(job, arena, what);
    request_header(&step->request, arena, "Idempotency-Key", "%s", job->key);
    request_header(&step->request, arena, "Authorization", "Bearer %s",
                   json_text(job->session, "token") ?: "none");
}

static void test_next(const struct job *job, struct arena *arena, struct step *step)
{
    const json_t *options = job->account->options;

    *step = (struct step){.kind = STEP_DONE, .name = "done"};
    if (json_text(job->memo, "id"))
        return;
    if (json_flag(options, "session", false) && !json_text(job->session, "token")) {
        *step = (struct step){.kind = STEP_SESSION, .name = "session"};
        make_request(job, arena, step, "POST", "session");
    } else if (json_flag(options, "upload", false) && !json_flag(job->memo, "uploaded", false)) {
        *step = (struct step){.kind = STEP_PREPARE, .name = "upload"};
        make_request(job, arena, step, "POST", "upload");
    } else {
        *step = (struct step){.kind = STEP_CREATE, .name = "publish"};
        make_request(job, arena, step, "POST", "create");
        step->request.timeout = SECONDS(5);
        /* differs with each rendering: a repeat must not be rendered again */
        step->request.body =
            arena_printf(arena, "%s at %lld", job->content->parts[0].text, (long long)job->now);
        step->request.body_length = strlen(step->request.body);
        step->memo = json_in_arena(arena, json_pack("{s:b}", "left", 1));
    }
}

static void test_read(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *outcome)
{
    json_t *said = response_json(response, arena);

    (void)job;
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, response->body, arena, outcome);
    if (outcome->kind != OUTCOME_NEXT)
        return;
    outcome->limit_remaining = 1;
    if (step->kind == STEP_SESSION)
        outcome->session = json_in_arena(arena, json_pack("{s:s}", "token", "secret-of-this-session"));
    else if (step->kind == STEP_PREPARE)
        outcome->memo = json_in_arena(arena, json_pack("{s:b}", "uploaded", 1));
    else if (step->kind == STEP_CREATE && !json_flag(job->memo, "left", false))
        *outcome = (struct outcome){.kind = OUTCOME_REFUSED, .message = "read without the step's memo"};
    else
        *outcome = (struct outcome){.kind = OUTCOME_DONE, .id = json_text(said, "id"), .limit_remaining = 1};
}

static void test_find(const struct job *job, struct arena *arena, struct step *step)
{
    *step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    make_request(job, arena, step, "GET", "find");
}

static void test_found(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *outcome)
{
    if (response->status == 404)
        *outcome = (struct outcome){.kind = OUTCOME_NOT_FOUND, .message = "it is not there"};
    else {
        test_read(job, step, response, arena, outcome);
        *outcome = (struct outcome){.kind = OUTCOME_DONE,
                                    .id = strstr(job->post_id, "alike") ? "alike" : job->post_id};
        outcome->memo = json_in_arena(arena, json_pack("{s:s}", "id", outcome->id));
    }
}

static void test_verify(const struct job *job, struct arena *arena, struct step *step)
{
    bool known = json_text(job->session, "token") != NULL;

    *step = (struct step){.kind = known ? STEP_PREPARE : STEP_SESSION, .name = known ? "who" : "session"};
    make_request(job, arena, step, known ? "GET" : "POST", known ? "who" : "session");
}

static void test_verified(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *outcome)
{
    test_read(job, step, response, arena, outcome);
    if (step->kind == STEP_SESSION || outcome->kind != OUTCOME_NEXT)
        return;
    *outcome = (struct outcome){.kind = OUTCOME_DONE, .message = "@us@server"};
}

static const char *test_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "%s/page", account_option(job->account, "url"));
}

static const struct network never = {
    .name = "never", .next = test_next, .read = test_read, .where = test_where};
static const struct network one_step = {
    .name = "one-step", .next = test_next, .read = test_read, .where = test_where, .one_step = true};
static const struct network by_key = {.name = "by-key",
                                      .next = test_next,
                                      .read = test_read,
                                      .repeat = REPEAT_KEY,
                                      .key_lifetime = HOURS(1),
                                      .key_wait = 20,
                                      .where = test_where};
static const struct network by_look = {
    .name = "by-look", .next = test_next, .read = test_read, .find = test_find, .found = test_found};
static void test_find_in_session(const struct job *job, struct arena *arena, struct step *step)
{
    if (json_text(job->session, "token"))
        test_find(job, arena, step);
    else
        test_next(job, arena, step);
}

static void test_found_in_session(const struct job *job, const struct step *step,
                                  const struct response *response, struct arena *arena,
                                  struct outcome *outcome)
{
    (step->kind == STEP_SESSION ? test_read : test_found)(job, step, response, arena, outcome);
}

static const struct network by_look_in_session = {.name = "by-look-in-session",
                                                  .next = test_next,
                                                  .read = test_read,
                                                  .find = test_find_in_session,
                                                  .found = test_found_in_session};
static const struct network checked = {.name = "checked",
                                       .next = test_next,
                                       .read = test_read,
                                       .verify = test_verify,
                                       .verified = test_verified};

/* ---- the bench ---- */

enum { ACCOUNTS = 4 };

struct bench {
    struct house *house;
    struct loop *loop;
    struct timer *poll;
    struct server *server;
    struct publisher *publisher;
    struct documents documents;
    struct settings settings;
    struct settings_account accounts[ACCOUNTS];
    bool (*condition)(struct bench *bench);
    const char *post, *account; /* of the condition */
    enum state state;
    struct outcome verified;
    char said[128];
    int calls;
    int gate[2]; /* the server answers "slow…" when a byte is written into it */
};

/* What the server does is in the path's last part, the post's id: "die-1" reads and hangs up, once; … */
static const char *answer(struct server *server, const struct received *received)
{
    const struct bench *bench = server->context;
    const char *id = strrchr(received->path, '/') + 1;
    bool create = strncmp(received->path, "/create/", 8) == 0;
    size_t before = 0;
    char byte;

    if (strncmp(id, "slow", 4) == 0 && read(bench->gate[0], &byte, 1) != 1)
        return NULL;
    for (size_t i = 0; i + 1 < server->received_count; i++)
        before += strcmp(server->received[i].path, received->path) == 0;
    if (create && strncmp(id, "die", 3) == 0 && before == 0)
        return NULL;
    if (create && strncmp(id, "mute", 4) == 0)
        return NULL;
    if (create && strncmp(id, "bad", 3) == 0)
        return "HTTP/1.1 422 Unprocessable\r\nContent-Length: 0\r\n\r\n";
    if (create && strncmp(id, "locked", 6) == 0 && !strstr(received->path, "/b/") && before == 0)
        return "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    if (!create && strncmp(id, "busy", 4) == 0 && before == 0)
        return "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n";
    if (create && strncmp(id, "echo", 4) == 0)
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\r\n"
               "{\"id\": \"7-secret-of-this-session\"}";
    if (strncmp(received->path, "/find/", 6) == 0 && strstr(id, "absent"))
        return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    return SERVER_OK;
}

static void set_account(struct bench *bench, size_t i, const char *name, const struct network *network,
                        const char *options)
{
    json_t *json = json_parse(options, strlen(options), NULL);

    json_set_text(json, "url", arena_printf(bench->house->arena, "http://127.0.0.1:%u", bench->server->port));
    bench->accounts[i] = (struct settings_account){
        .account = {.name = name, .network = network, .options = json_in_arena(bench->house->arena, json)},
        .late = {.grace = HOURS(1), .then = MISSED_HOLD},
        .parallel = 1,
    };
    bench->settings.account_count = i + 1;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct error err = {0};

    if (house_setup((void **)&bench->house) != 0)
        return -1;
    alarm(200);
    if (pipe(bench->gate) != 0)
        return -1;
    bench->loop = loop_new(&err);
    bench->server = server_start(answer, bench);
    bench->settings = (struct settings){.state = bench->house->directory,
                                        .media_root = "/tmp",
                                        .lead = MINUTES(5),
                                        .concurrency = 64,
                                        .accounts = bench->accounts};
    bench->documents.settings = &bench->settings;
    bench->publisher = publisher_new(bench->loop, bench->house->queue, &err);
    set_account(bench, 0, "a", &never, "{}");
    *state = bench;
    return bench->publisher ? 0 : -1;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char path[128];

    publisher_free(bench->publisher);
    timer_free(bench->poll);
    loop_free(bench->loop);
    close(bench->gate[1]);
    server_stop(bench->server);
    close(bench->gate[0]);
    for (size_t i = 0; i < ACCOUNTS; i++) {
        snprintf(path, sizeof path, "%s/sessions/%c.json", bench->house->directory, "abcd"[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/sessions", bench->house->directory);
    rmdir(path);
    house_teardown((void **)&bench->house);
    metrics_reset();
    free(bench);
    return 0;
}

static void add_at(struct bench *bench, const char *post, const char *account, instant slot, instant now)
{
    struct wanted wanted = wanted_of(bench->house->arena, post, account, post, slot);

    wanted.origin = "spontaneous";
    assert_done(bench->house, queue_add(bench->house->queue, &wanted, 1, now, &bench->house->err));
}

static void add(struct bench *bench, const char *post, const char *account, duration from_now)
{
    add_at(bench, post, account, clock_now() + from_now, clock_now());
}

static void check(void *context)
{
    struct bench *bench = context;

    if (bench->condition(bench))
        loop_stop(bench->loop);
    else
        timer_after(bench->poll, 3);
}

static void run_until(struct bench *bench, bool (*condition)(struct bench *bench))
{
    if (!bench->poll)
        bench->poll = loop_timer(bench->loop, check, bench);
    bench->condition = condition;
    timer_after(bench->poll, 0);
    loop_run(bench->loop);
}

static bool in_state(struct bench *bench)
{
    struct arena *arena = arena_new();
    struct delivery *delivery = queue_get(bench->house->queue, bench->post, bench->account, arena, NULL);
    bool is = delivery && delivery->state == bench->state;

    arena_free(arena);
    return is;
}

static struct delivery *await(struct bench *bench, const char *post, const char *account, enum state state)
{
    bench->post = post;
    bench->account = account;
    bench->state = state;
    run_until(bench, in_state);
    return house_get(bench->house, post, account);
}

static void use(struct bench *bench)
{
    publisher_use(bench->publisher, &bench->documents);
}

static size_t created(struct bench *bench, const char *account, const char *post)
{
    return server_count(bench->server, "POST",
                        arena_printf(bench->house->arena, "/create/%s/%s", account, post));
}

/* ---- the way out ---- */

static void what_is_due_is_published_once_and_remembered(void **state)
{
    struct bench *bench = *state;
    struct delivery *delivery;
    struct attempt *attempts;
    size_t count;

    add(bench, "p", "a", 0);
    use(bench);
    delivery = await(bench, "p", "a", STATE_PUBLISHED);
    assert_string_equal(delivery->remote_id, "42");
    assert_int_equal(created(bench, "a", "p"), 1);
    assert_done(bench->house, queue_attempts(bench->house->queue, "p", "a", bench->house->arena, &attempts,
                                             &count, &bench->house->err));
    assert_int_equal(count, 1);
    assert_string_equal(attempts[0].outcome, "done");
    assert_int_equal(attempts[0].status, 200);
    assert_non_null(strstr(attempts[0].timings, "total="));
    assert_true(metric_get(METRIC_DELIVERIES, "published") == 1);
}

static duration standing = SECONDS(5000);

static duration stands(void)
{
    return standing;
}

static instant goes(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (instant)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void it_is_pressed_from_when_one_leaves_for_20_ms(void **state)
{
    static const struct clock_source standing_still = {goes, stands};
    struct bench *bench = *state;

    add(bench, "p", "a", 0);
    clock_use(&standing_still);
    use(bench);
    assert_false(publisher_is_pressed(bench->publisher));
    bench->post = "p", bench->account = "a", bench->state = STATE_PUBLISHED;
    while (!in_state(bench))
        loop_turn(bench->loop);
    assert_true(publisher_is_pressed(bench->publisher));
    standing += 19;
    assert_true(publisher_is_pressed(bench->publisher));
    standing++;
    assert_false(publisher_is_pressed(bench->publisher));
    clock_use(NULL);
}

static bool is_uploaded(struct bench *bench)
{
    struct delivery *delivery = queue_get(bench->house->queue, "p", "a", bench->house->arena, NULL);

    return json_flag(delivery->memo, "uploaded", false);
}

static void everything_slow_is_done_long_before_the_slot(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &never, "{\"session\": true, \"upload\": true}");
    add(bench, "p", "a", MINUTES(4)); /* within the lead */
    use(bench);
    run_until(bench, is_uploaded);
    assert_int_equal(server_count(bench->server, "POST", "/session"), 1);
    assert_int_equal(server_count(bench->server, "POST", "/upload"), 1);
    assert_int_equal(server_count(bench->server, "POST", "/create"), 0);
    assert_int_equal(house_get(bench->house, "p", "a")->state, STATE_READY);
    assert_true(house_get(bench->house, "p", "a")->prepared);
}

static void the_creating_request_leaves_at_its_slot_on_an_open_connection(void **state)
{
    struct bench *bench = *state;
    struct delivery *delivery;

    add(bench, "p", "a", SECONDS(2));
    use(bench);
    delivery = await(bench, "p", "a", STATE_PUBLISHED);
    assert_int_equal(server_total(bench->server), 2);
    assert_string_equal(server_at(bench->server, 0)->method, "HEAD");
    assert_string_equal(server_at(bench->server, 0)->path, "/");
    assert_null(strcasestr(server_at(bench->server, 0)->head, "authorization"));
    assert_int_equal(server_at(bench->server, 1)->connection, 1);
    assert_true(server_at(bench->server, 1)->at >= delivery->slot);
}

static void a_session_is_made_once_kept_and_private(void **state)
{
    struct bench *bench = *state;
    struct stat about;
    char path[128];

    set_account(bench, 0, "a", &never, "{\"session\": true}");
    for (int i = 0; i < 5; i++)
        add(bench, arena_printf(bench->house->arena, "p%d", i), "a", i);
    use(bench);
    await(bench, "p4", "a", STATE_PUBLISHED);
    assert_int_equal(server_count(bench->server, "POST", "/session"), 1);
    snprintf(path, sizeof path, "%s/sessions/a.json", bench->house->directory);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_string_equal(json_text(publisher_session(bench->publisher, "a"), "token"),
                        "secret-of-this-session");
    publisher_free(bench->publisher);
    bench->publisher = NULL;
}

static void in_one_account_order_is_slot_order_and_one_at_a_time(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &never, "{\"upload\": true}");
    for (int i = 9; i >= 0; i--)
        add(bench, arena_printf(bench->house->arena, "p%d", i), "a", -SECONDS(60) + i * 1000);
    use(bench);
    await(bench, "p9", "a", STATE_PUBLISHED);
    for (size_t i = 0, next = 0; i < server_total(bench->server); i++) {
        char expected[32];

        if (strncmp(server_at(bench->server, i)->path, "/create", 7) != 0)
            continue;
        snprintf(expected, sizeof expected, "/create/a/p%zu", next++);
        assert_string_equal(server_at(bench->server, i)->path, expected);
    }
    assert_int_equal(server_count(bench->server, "POST", "/create"), 10);
}

static void what_was_missed_goes_out_paced(void **state)
{
    struct bench *bench = *state;
    instant before = 0;

    bench->accounts[0].spacing = 120;
    for (int i = 0; i < 4; i++)
        add(bench, arena_printf(bench->house->arena, "p%d", i), "a", -SECONDS(60) + i);
    use(bench);
    await(bench, "p3", "a", STATE_PUBLISHED);
    assert_int_equal(server_total(bench->server), 4);
    for (size_t i = 0; i < 4; i++) { /* from departure to departure; the arrival may be a little later */
        struct attempt *attempts;
        size_t count;

        assert_done(bench->house,
                    queue_attempts(bench->house->queue, arena_printf(bench->house->arena, "p%zu", i), "a",
                                   bench->house->arena, &attempts, &count, &bench->house->err));
        assert_true(attempts[0].started >= before + 120);
        before = attempts[0].started;
    }
}

static void accounts_do_not_wait_for_each_other(void **state)
{
    struct bench *bench = *state;
    struct delivery *delivery;

    set_account(bench, 1, "b", &never, "{}");
    json_object_set_new((json_t *)(uintptr_t)bench->accounts[0].account.options, "url",
                        json_sprintf("http://127.0.0.1:%u", closed_port()));
    for (int i = 0; i < 40; i++)
        add(bench, arena_printf(bench->house->arena, "p%02d", i), "a", -SECONDS(50) + i);
    add(bench, "p", "b", 0);
    use(bench);
    await(bench, "p", "b", STATE_PUBLISHED);
    delivery = await(bench, "p00", "a", STATE_WAITING);
    assert_non_null(strstr(delivery->message, "nothing was sent"));
    assert_int_equal(server_count(bench->server, "POST", "/create/a"), 0);
    assert_true(metric_get(METRIC_UNSURE, "a") == 0); /* provably not sent is never in doubt */
}

static void many_accounts_at_one_slot_all_go_out(void **state)
{
    struct bench *bench = *state;
    instant slot = clock_now() + 300;

    for (size_t i = 0; i < ACCOUNTS; i++) {
        set_account(bench, i, arena_printf(bench->house->arena, "%c", (int)('a' + i)), &never, "{}");
        bench->accounts[i].parallel = 4;
        for (int p = 0; p < 4; p++)
            add_at(bench, arena_printf(bench->house->arena, "p%d", p), bench->accounts[i].account.name, slot,
                   clock_now());
    }
    use(bench);
    for (int p = 0; p < 16; p++)
        await(bench, arena_printf(bench->house->arena, "p%d", p % 4), bench->accounts[p / 4].account.name,
              STATE_PUBLISHED);
    assert_int_equal(server_count(bench->server, "POST", "/create"), 16);
    for (size_t i = 0; i < server_total(bench->server); i++)
        assert_true(strcmp(server_at(bench->server, i)->method, "HEAD") == 0 ||
                    server_at(bench->server, i)->at >= slot);
}

static void what_needs_no_request_is_published_by_being_settled(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", network_find("null"), "{}");
    for (int i = 0; i < 100; i++)
        add(bench, arena_printf(bench->house->arena, "p%03d", i), "a", -SECONDS(100) + i);
    use(bench);
    await(bench, "p099", "a", STATE_PUBLISHED);
    assert_int_equal(house_get(bench->house, "p000", "a")->state, STATE_PUBLISHED);
    assert_int_equal(bench->server->connection_count, 0);
}

/* ---- doubt ---- */

static void a_server_that_reads_and_dies_gets_it_once_and_others_go_on(void **state)
{
    struct bench *bench = *state;
    struct delivery *delivery;

    add(bench, "first", "a", -SECONDS(3)); /* opens the connection that then dies */
    add(bench, "mute", "a", -SECONDS(2));
    add(bench, "next", "a", -SECONDS(1));
    use(bench);
    await(bench, "next", "a", STATE_PUBLISHED);
    delivery = await(bench, "mute", "a", STATE_UNSURE);
    while (delivery->due != INSTANT_NEVER) {
        publisher_wake(bench->publisher);
        delivery = await(bench, "mute", "a", STATE_UNSURE);
    }
    assert_int_equal(created(bench, "a", "mute"), 1);
    assert_int_equal(created(bench, "a", "next"), 1);
    assert_non_null(strstr(delivery->message, "/page"));
    assert_non_null(strstr(delivery->message, "calctl resolve"));
}

/* Other accounts go on meanwhile, and what becomes too late is put aside, whether the driver prepares or not.
 */
static void where_the_account_waits_nothing_goes_out_until_a_person_settled_it(void **state)
{
    static const char *const options[] = {"{}", "{\"upload\": true}"};
    struct bench *bench = *state;
    struct house *house = bench->house;

    set_account(bench, 1, "b", &never, "{}");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *mute = arena_printf(house->arena, "mute-%zu", i),
                   *next = arena_printf(house->arena, "next-%zu", i);
        const char *old = arena_printf(house->arena, "old-%zu", i);
        struct move given_up = {
            .to = STATE_REFUSED, .who = "uid 1 (anna)", .why = "it is not there, and need not be"};

        set_account(bench, 0, "a", i == 0 ? &one_step : &never, options[i]);
        bench->settings.account_count = 2;
        bench->accounts[0].unsure.then = UNSURE_WAIT;
        add(bench, mute, "a", -SECONDS(2));
        add(bench, next, "a", -SECONDS(1));
        use(bench);
        while (await(bench, mute, "a", STATE_UNSURE)->due != INSTANT_NEVER)
            publisher_wake(bench->publisher);
        assert_non_null(strstr(house_get(house, mute, "a")->message, "nothing else goes out"));
        add_at(bench, old, "a", clock_now() - HOURS(2), clock_now() - HOURS(3));
        publisher_wake(bench->publisher);
        await(bench, old, "a", STATE_HELD);
        add(bench, next, "b", 0);
        publisher_wake(bench->publisher);
        await(bench, next, "b", STATE_PUBLISHED);
        assert_int_equal(created(bench, "a", next), 0);
        assert_done(house, queue_move(house->queue, house_get(house, mute, "a"), &given_up, clock_now(),
                                      &house->err));
        publisher_wake(bench->publisher);
        await(bench, next, "a", STATE_PUBLISHED);
        assert_int_equal(created(bench, "a", mute), 1);
    }
}

static void where_the_account_waits_the_next_goes_out_when_the_repeat_has_settled_it(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &by_key, "{}");
    bench->accounts[0].unsure.then = UNSURE_WAIT;
    bench->accounts[0].parallel = 4;
    add(bench, "die", "a", -SECONDS(1));
    use(bench);
    await(bench, "die", "a", STATE_UNSURE);
    for (int i = 0; i < 3; i++)
        add(bench, arena_printf(bench->house->arena, "p%d", i), "a", 0);
    publisher_wake(bench->publisher);
    for (int i = 0; i < 3; i++)
        await(bench, arena_printf(bench->house->arena, "p%d", i), "a", STATE_PUBLISHED);
    assert_int_equal(server_total(bench->server), 5);
    assert_string_equal(server_at(bench->server, 0)->path, "/create/a/die");
    assert_string_equal(server_at(bench->server, 1)->path, "/create/a/die");
}

/* Nothing else makes a turn then: its own deadline does. */
static void what_waits_for_an_unsure_one_is_put_aside_when_it_becomes_too_late(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &one_step, "{}");
    bench->accounts[0].unsure.then = UNSURE_WAIT;
    add(bench, "mute", "a", -100);
    use(bench);
    while (await(bench, "mute", "a", STATE_UNSURE)->due != INSTANT_NEVER)
        publisher_wake(bench->publisher);
    bench->accounts[0].late.grace = 200;
    add(bench, "next", "a", 0);
    use(bench);
    await(bench, "next", "a", STATE_HELD);
    assert_int_equal(created(bench, "a", "next"), 0);
}

static void under_a_key_the_same_bytes_go_again_and_settle_it(void **state)
{
    struct bench *bench = *state;
    const struct received *first, *second;

    set_account(bench, 0, "a", &by_key, "{}");
    add(bench, "die", "a", 0);
    use(bench);
    await(bench, "die", "a", STATE_PUBLISHED);
    assert_int_equal(created(bench, "a", "die"), 2);
    first = server_at(bench->server, 0);
    second = server_at(bench->server, 1);
    assert_string_equal(first->body, second->body);
    assert_string_equal(strcasestr(first->head, "idempotency-key"),
                        strcasestr(second->head, "idempotency-key"));
}

static void what_is_found_is_not_sent_again(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &by_look, "{}");
    add(bench, "die-there", "a", 0);
    use(bench);
    await(bench, "die-there", "a", STATE_PUBLISHED);
    assert_int_equal(created(bench, "a", "die-there"), 1);
    assert_int_equal(server_count(bench->server, "GET", "/find/a/die-there"), 1);
}

/* Two posts that say the same, and the second never arrived. */
static void what_is_found_and_is_another_delivery_s_post_is_a_person_s_to_judge(void **state)
{
    struct bench *bench = *state;
    struct delivery *second;

    set_account(bench, 0, "a", &by_look, "{}");
    add(bench, "die-there-alike", "a", 0);
    use(bench);
    await(bench, "die-there-alike", "a", STATE_PUBLISHED);
    add(bench, "die-there-alike-2", "a", 0);
    publisher_wake(bench->publisher);
    while ((second = await(bench, "die-there-alike-2", "a", STATE_UNSURE))->due != INSTANT_NEVER)
        publisher_wake(bench->publisher);
    assert_non_null(strstr(second->message, "'die-there-alike'"));
    assert_null(second->remote_id);
    assert_null(json_text(second->memo, "id"));
    assert_int_equal(created(bench, "a", "die-there-alike-2"), 1);
}

static void what_is_provably_not_there_is_sent_again(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &by_look, "{}");
    add(bench, "die-absent", "a", 0);
    use(bench);
    await(bench, "die-absent", "a", STATE_PUBLISHED);
    assert_int_equal(created(bench, "a", "die-absent"), 2);
}

static void start_anew(struct bench *bench)
{
    struct error err = {0};

    publisher_free(bench->publisher);
    timer_free(bench->poll); /* hooks of the old publisher go with its loop */
    bench->poll = NULL;
    loop_free(bench->loop);
    bench->loop = loop_new(&err);
    bench->publisher = publisher_new(bench->loop, bench->house->queue, &err);
    assert_non_null(bench->publisher);
}

static void what_was_being_sent_when_the_process_ended_is_in_doubt(void **state)
{
    struct bench *bench = *state;
    struct intent intent = {
        .step = "publish", .kind = STEP_CREATE, .request = "POST", .body = "stored", .body_length = 6};
    int64_t attempt;

    set_account(bench, 0, "a", &by_key, "{}");
    set_account(bench, 1, "b", &never, "{}");
    add(bench, "p", "a", 0);
    add(bench, "p", "b", 0);
    assert_done(bench->house, queue_intend(bench->house->queue, house_get(bench->house, "p", "a"), &intent,
                                           clock_now(), &attempt, &bench->house->err));
    assert_done(bench->house, queue_intend(bench->house->queue, house_get(bench->house, "p", "b"), &intent,
                                           clock_now(), &attempt, &bench->house->err));
    start_anew(bench);
    assert_int_equal(house_get(bench->house, "p", "a")->state, STATE_UNSURE);
    use(bench);
    await(bench, "p", "a", STATE_PUBLISHED);
    assert_int_equal(created(bench, "a", "p"), 1);
    assert_string_equal(server_at(bench->server, 0)->body, "stored");
    assert_int_equal(house_get(bench->house, "p", "b")->state, STATE_UNSURE);
    assert_int_equal(created(bench, "b", "p"), 0);
}

static void put_in_doubt(struct bench *bench, const char *post)
{
    struct outcome cut = {.kind = OUTCOME_UNSURE, .message = "cut"};
    struct settlement unsure = {.outcome = &cut, .who = "cald", .to = STATE_UNSURE, .due = 1, .lost = true};
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .request = "POST"};
    struct house *house = bench->house;
    instant now = clock_now();
    int64_t attempt;

    assert_done(house,
                queue_intend(house->queue, house_get(house, post, "a"), &intent, now, &attempt, &house->err));
    assert_done(house,
                queue_settle(house->queue, house_get(house, post, "a"), attempt, &unsure, now, &house->err));
}

/* Renewals use a token up: the second would be refused, and might end the session that the first one got. */
static void doubtful_ones_share_one_renewal_of_the_session(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &by_look_in_session, "{\"session\": true}");
    add(bench, "there-1", "a", 0);
    add(bench, "there-2", "a", 0);
    put_in_doubt(bench, "there-1");
    put_in_doubt(bench, "there-2");
    use(bench);
    await(bench, "there-1", "a", STATE_PUBLISHED);
    await(bench, "there-2", "a", STATE_PUBLISHED);
    assert_int_equal(server_count(bench->server, "POST", "/session"), 1);
    assert_int_equal(server_count(bench->server, "POST", "/create"), 0);
}

/* The intent of a repeat whose commit was reported as failed, and was not. */
static void a_repeat_that_was_not_sent_leaves_the_doubt(void **state)
{
    struct bench *bench = *state;
    struct intent intent = {.step = "publish", .kind = STEP_CREATE, .request = "POST"};
    struct house *house = bench->house;
    int64_t attempt;

    add(bench, "p", "a", 0);
    put_in_doubt(bench, "p");
    assert_done(house,
                queue_intend(house->queue, house_get(house, "p", "a"), &intent, T0, &attempt, &house->err));
    assert_done(house, settle_strays(bench->publisher, false, &house->err));
    assert_int_equal(house_get(house, "p", "a")->state, STATE_UNSURE);
    assert_true(house_get(house, "p", "a")->lost);
}

/* ---- what stands in the way ---- */

static void what_a_person_releases_late_is_tried_more_than_once(void **state)
{
    struct bench *bench = *state;
    struct move move = {.to = STATE_HELD, .who = "cald", .why = "late"};
    struct house *house = bench->house;

    set_account(bench, 0, "a", &never, "{\"upload\": true}");
    bench->accounts[0].retry.give_up = HOURS(1);
    add_at(bench, "busy", "a", clock_now() - DAYS(3), clock_now() - DAYS(9));
    assert_done(house,
                queue_move(house->queue, house_get(house, "busy", "a"), &move, clock_now(), &house->err));
    move = (struct move){.to = STATE_READY, .who = "uid 1 (anna)", .why = "released", .due = clock_now()};
    assert_done(house,
                queue_move(house->queue, house_get(house, "busy", "a"), &move, clock_now(), &house->err));
    use(bench);
    await(bench, "busy", "a", STATE_WAITING);
    await(bench, "busy", "a", STATE_PUBLISHED);
    assert_int_equal(server_count(bench->server, "POST", "/upload"), 2);
}

static void a_secret_that_the_server_sends_back_is_not_stored(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 0, "a", &never, "{\"session\": true}");
    add(bench, "echo", "a", 0);
    use(bench);
    assert_string_equal(await(bench, "echo", "a", STATE_PUBLISHED)->remote_id, "7-***");
}

static void a_refused_post_is_over_and_the_next_goes_out(void **state)
{
    struct bench *bench = *state;

    add(bench, "bad", "a", -2);
    add(bench, "good", "a", -1);
    use(bench);
    await(bench, "good", "a", STATE_PUBLISHED);
    assert_int_equal(house_get(bench->house, "bad", "a")->state, STATE_REFUSED);
    assert_int_equal(created(bench, "a", "bad"), 1);
}

static void refused_credentials_hold_the_account_until_they_are_renewed(void **state)
{
    struct bench *bench = *state;
    struct account_status status;
    struct account_secret secret = {.name = "token", .value = "renewed-token"};

    set_account(bench, 1, "b", &never, "{}");
    add(bench, "locked-1", "a", -2);
    add(bench, "locked-2", "a", -1);
    add(bench, "locked-3", "b", 0);
    use(bench);
    await(bench, "locked-3", "b", STATE_PUBLISHED);
    await(bench, "locked-1", "a", STATE_WAITING);
    assert_done(bench->house,
                queue_account(bench->house->queue, "a", bench->house->arena, &status, &bench->house->err));
    assert_true(status.reconnect);
    assert_int_equal(house_get(bench->house, "locked-2", "a")->state, STATE_READY);
    assert_int_equal(created(bench, "a", "locked"), 1);
    bench->accounts[0].account.secrets = &secret;
    bench->accounts[0].account.secret_count = 1;
    use(bench);
    await(bench, "locked-1", "a", STATE_PUBLISHED);
    assert_done(bench->house,
                queue_account(bench->house->queue, "a", bench->house->arena, &status, &bench->house->err));
    assert_int_equal(created(bench, "a", "locked-1"), 2);
}

static void what_is_too_late_is_held_or_missed_and_said(void **state)
{
    struct bench *bench = *state;
    instant planned = clock_now() - DAYS(9);
    struct delivery *delivery;
    size_t counts[STATE_COUNT];

    set_account(bench, 1, "b", &never, "{}");
    bench->accounts[1].late.then = MISSED_DROP;
    add_at(bench, "old", "a", clock_now() - DAYS(3), planned);
    add_at(bench, "old", "b", clock_now() - DAYS(3), planned);
    add_at(bench, "within", "a", clock_now() - MINUTES(50), planned);
    use(bench);
    await(bench, "within", "a", STATE_PUBLISHED);
    assert_true(metric_get(METRIC_LATENESS_MS, "a") >= MINUTES(50));
    delivery = await(bench, "old", "a", STATE_HELD);
    assert_non_null(strstr(delivery->message, "late"));
    await(bench, "old", "b", STATE_MISSED);
    assert_int_equal(server_count(bench->server, "POST", "/create"), 1);
    assert_true(queue_counts(bench->house->queue, counts, NULL));
    assert_int_equal(counts[STATE_HELD], 1);
    assert_int_equal(counts[STATE_MISSED], 1);
    assert_true(metric_get(METRIC_DELIVERIES, "missed") == 1); /* the end of it; what is held goes on */
    assert_true(metric_get(METRIC_DELIVERIES, "held") == 0);
}

/* Without a zone: which times the posts have there is of no interest here. */
static const struct calendar *calendar_of(struct bench *bench, const char *const *texts, size_t count)
{
    static const struct calendar_world world = {.any_account = true};
    struct arena *arena = bench->house->arena;
    struct diags diags = diags_in(arena);
    struct calendar_file files[4];

    for (size_t i = 0; i < count; i++)
        files[i] = (struct calendar_file){
            .name = "c.yaml", .root = yaml_parse("c.yaml", texts[i], strlen(texts[i]), arena, &diags)};
    return calendar_load(files, count, &world, arena, &diags);
}

static void
on_what_is_late_a_person_is_over_the_post_it_over_its_calendar_and_that_over_the_account(void **state)
{
    static const char *const texts[] = {
        "timezone: Europe/Paris\nlate: {grace: 4h}\n"
        "posts: [{id: patient, at: 2026-12-01 09:00, to: [a], text: x}]\n",
        "late: {grace: 1m, then: missed}\n"
        "posts: [{id: strict, at: 2026-12-01 09:00, to: [a], text: x},\n"
        "  {id: late-after-all, at: 2026-12-01 09:00, to: [a], text: x},\n"
        "  {id: not-after-all, at: 2026-12-01 09:00, to: [a], text: x, publish_late: true},\n"
        "  {id: always, at: 2026-12-01 09:00, to: [a], text: x, publish_late: true}]\n"
        "series: [{id: weekly, rrule: FREQ=WEEKLY, at: '17:00', to: [a], text: x}]\n",
        "posts: [{id: plain, at: 2026-12-01 09:00, to: [a], text: x}]\n",
    };
    static const struct {
        const char *post, *series, *origin;
        duration late;
        enum state state;
        enum publish_late said; /* by a person */
    } cases[] = {
        {"patient", NULL, "calendar", HOURS(2), STATE_PUBLISHED, PUBLISH_LATE_UNSAID},
        {"strict", NULL, "calendar", MINUTES(50), STATE_MISSED, PUBLISH_LATE_UNSAID},
        {"always", NULL, "calendar", DAYS(3), STATE_PUBLISHED, PUBLISH_LATE_UNSAID},
        {"weekly-2026-11-20", "weekly", "series", MINUTES(50), STATE_MISSED, PUBLISH_LATE_UNSAID},
        {"plain", NULL, "calendar", HOURS(2), STATE_HELD, PUBLISH_LATE_UNSAID},
        {"weekly", NULL, "spontaneous", MINUTES(50), STATE_PUBLISHED,
         PUBLISH_LATE_UNSAID}, /* it only has the name of one */
        {"spontaneous", NULL, "spontaneous", HOURS(2), STATE_HELD, PUBLISH_LATE_UNSAID},
        {"not-after-all", NULL, "calendar", DAYS(3), STATE_MISSED,
         PUBLISH_LATE_NO}, /* its entry says always */
        {"late-after-all", NULL, "calendar", DAYS(3), STATE_PUBLISHED, PUBLISH_LATE_YES},
        {"urgent", NULL, "spontaneous", DAYS(3), STATE_PUBLISHED, PUBLISH_LATE_YES},
        {"idle", NULL, "spontaneous", DAYS(3), STATE_HELD, PUBLISH_LATE_NO},
    };
    struct bench *bench = *state;
    struct house *house = bench->house;
    instant now = clock_now();

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wanted wanted = wanted_of(house->arena, cases[i].post, "a", "x", now - cases[i].late);

        wanted.series = cases[i].series;
        wanted.origin = cases[i].origin;
        wanted.publish_late = cases[i].said;
        assert_done(house, queue_add(house->queue, &wanted, 1, now - DAYS(9), &house->err));
    }
    bench->documents.calendar = calendar_of(bench, texts, COUNT_OF(texts));
    assert_non_null(bench->documents.calendar);
    use(bench);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        await(bench, cases[i].post, "a", cases[i].state);
    assert_non_null(strstr(house_get(house, "strict", "a")->message, "more than the 1m after which"));
}

static void a_paused_account_sends_nothing_until_it_is_resumed(void **state)
{
    struct bench *bench = *state;
    struct account_status paused = {.name = "*", .paused = true, .paused_why = "crisis"};

    assert_done(bench->house,
                queue_set_account(bench->house->queue, &paused, "test", clock_now(), &bench->house->err));
    add(bench, "p", "a", 0);
    use(bench);
    bench->calls = 0;
    bench->condition = NULL;
    for (int i = 0; i < 20; i++) { /* many turns */
        publisher_wake(bench->publisher);
        await(bench, "p", "a", STATE_READY);
    }
    assert_int_equal(bench->server->connection_count, 0);
    paused.paused = false;
    assert_done(bench->house,
                queue_set_account(bench->house->queue, &paused, "test", clock_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    await(bench, "p", "a", STATE_PUBLISHED);
}

static void deliveries_of_a_removed_account_are_held_and_come_back_with_it(void **state)
{
    struct bench *bench = *state;

    set_account(bench, 1, "b", &never, "{}");
    add(bench, "p", "b", DAYS(1));
    use(bench);
    bench->settings.account_count = 1;
    use(bench);
    assert_non_null(strstr(await(bench, "p", "b", STATE_HELD)->message, "not in cald.yaml"));
    bench->settings.account_count = 2;
    use(bench);
    await(bench, "p", "b", STATE_READY);
}

static void an_implausible_clock_holds_everything(void **state)
{
    struct bench *bench = *state;
    char text[INSTANT_TEXT];

    assert_done(bench->house, queue_set_note(bench->house->queue, "newest_instant",
                                             instant_format(clock_now() + DAYS(40), text, sizeof text),
                                             &bench->house->err));
    start_anew(bench);
    add(bench, "p", "a", 0);
    use(bench);
    for (int i = 0; i < 20; i++) {
        publisher_wake(bench->publisher);
        await(bench, "p", "a", STATE_READY);
    }
    assert_int_equal(bench->server->connection_count, 0);
}

static void when_the_intent_cannot_be_stored_nothing_is_sent(void **state)
{
    struct bench *bench = *state;
    struct rlimit before, none;

    add(bench, "p", "a", 50);
    use(bench);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    none = before;
    none.rlim_cur = 0; /* no file can be written any more */
    setrlimit(RLIMIT_FSIZE, &none);
    bench->calls = 0;
    for (int i = 0; i < 100; i++) {
        publisher_wake(bench->publisher);
        await(bench, "p", "a", STATE_READY);
    }
    assert_int_equal(server_count(bench->server, "POST", "/create"), 0);
    setrlimit(RLIMIT_FSIZE, &before);
    await(bench, "p", "a", STATE_PUBLISHED);
    assert_int_equal(server_count(bench->server, "POST", "/create"), 1);
}

/* ---- verify, drain ---- */

static bool was_called(struct bench *bench)
{
    return bench->calls > 0;
}

static void verified(void *context, const struct outcome *outcome)
{
    struct bench *bench = context;

    bench->verified = *outcome;
    snprintf(bench->said, sizeof bench->said, "%s", outcome->message ? outcome->message : "");
    bench->calls++;
}

static void credentials_are_checked_and_a_brake_ends_when_they_work(void **state)
{
    struct bench *bench = *state;
    struct account_status braked = {
        .name = "a", .braked_until = INSTANT_NEVER, .reconnect = true, .brake_why = "401"};

    set_account(bench, 0, "a", &checked, "{\"session\": true}");
    use(bench);
    assert_done(bench->house,
                queue_set_account(bench->house->queue, &braked, "test", clock_now(), &bench->house->err));
    add(bench, "p", "a", 0);
    publisher_verify(bench->publisher, "a", verified, bench);
    run_until(bench, was_called);
    assert_int_equal(bench->verified.kind, OUTCOME_DONE);
    assert_string_equal(bench->said, "@us@server");
    await(bench, "p", "a", STATE_PUBLISHED);
    bench->calls = 0;
    publisher_verify(bench->publisher, "nobody", verified, bench);
    run_until(bench, was_called);
    assert_int_equal(bench->verified.kind, OUTCOME_REFUSED);
    bench->calls = 0;
    set_account(bench, 0, "a", &never, "{}");
    use(bench);
    publisher_verify(bench->publisher, "a", verified, bench);
    run_until(bench, was_called);
    assert_int_equal(bench->verified.kind, OUTCOME_DONE); /* nothing to check */
}

static void drained(void *context)
{
    struct bench *bench = context;

    bench->calls++;
}

static bool is_flying(struct bench *bench)
{
    return publisher_in_flight(bench->publisher) > 0;
}

static void a_drain_lets_what_is_out_end_and_starts_nothing(void **state)
{
    struct bench *bench = *state;

    add(bench, "slow", "a", -2);
    add(bench, "p2", "a", -1);
    use(bench);
    run_until(bench, is_flying);
    publisher_drain(bench->publisher, SECONDS(20), drained, bench);
    assert_int_equal(write(bench->gate[1], "!", 1), 1);
    run_until(bench, was_called);
    assert_int_equal(bench->calls, 1);
    assert_int_equal(publisher_in_flight(bench->publisher), 0);
    assert_int_equal(house_get(bench->house, "slow", "a")->state, STATE_PUBLISHED);
    assert_int_equal(house_get(bench->house, "p2", "a")->state, STATE_READY);
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(what_is_due_is_published_once_and_remembered),
        on_bench(it_is_pressed_from_when_one_leaves_for_20_ms),
        on_bench(everything_slow_is_done_long_before_the_slot),
        on_bench(the_creating_request_leaves_at_its_slot_on_an_open_connection),
        on_bench(a_session_is_made_once_kept_and_private),
        on_bench(in_one_account_order_is_slot_order_and_one_at_a_time),
        on_bench(what_was_missed_goes_out_paced),
        on_bench(accounts_do_not_wait_for_each_other),
        on_bench(many_accounts_at_one_slot_all_go_out),
        on_bench(what_needs_no_request_is_published_by_being_settled),
        on_bench(a_server_that_reads_and_dies_gets_it_once_and_others_go_on),
        on_bench(where_the_account_waits_nothing_goes_out_until_a_person_settled_it),
        on_bench(where_the_account_waits_the_next_goes_out_when_the_repeat_has_settled_it),
        on_bench(what_waits_for_an_unsure_one_is_put_aside_when_it_becomes_too_late),
        on_bench(under_a_key_the_same_bytes_go_again_and_settle_it),
        on_bench(what_is_found_is_not_sent_again),
        on_bench(what_is_found_and_is_another_delivery_s_post_is_a_person_s_to_judge),
        on_bench(what_is_found_and_is_another_delivery_s_post_is_a_person_s_to_judge),
        on_bench(what_is_provably_not_there_is_sent_again),
        on_bench(what_was_being_sent_when_the_process_ended_is_in_doubt),
        on_bench(doubtful_ones_share_one_renewal_of_the_session),
        on_bench(a_repeat_that_was_not_sent_leaves_the_doubt),
        on_bench(what_a_person_releases_late_is_tried_more_than_once),
        on_bench(a_secret_that_the_server_sends_back_is_not_stored),
        on_bench(a_refused_post_is_over_and_the_next_goes_out),
        on_bench(refused_credentials_hold_the_account_until_they_are_renewed),
        on_bench(what_is_too_late_is_held_or_missed_and_said),
        on_bench(on_what_is_late_a_person_is_over_the_post_it_over_its_calendar_and_that_over_the_account),
        on_bench(a_paused_account_sends_nothing_until_it_is_resumed),
        on_bench(deliveries_of_a_removed_account_are_held_and_come_back_with_it),
        on_bench(an_implausible_clock_holds_everything),
        on_bench(when_the_intent_cannot_be_stored_nothing_is_sent),
        on_bench(credentials_are_checked_and_a_brake_ends_when_they_work),
        on_bench(a_drain_lets_what_is_out_end_and_starts_nothing),
    };

    log_set_level(LOG_ERROR_);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
