/*
 * Logins that nothing asks for: in virtual time, half a year in which nothing is published. The network is one that
 * forgets a token that is not used, takes a refresh token once, and is away when the test says so.
 */
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "network/drivers.h"
#include "network/login.h"
#include "publish/login.h"
#include "publish/publish.h"
#include "publish/session.h"
#include "queue/alerts.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */

static struct { /* what the network knows */
    int serial;          /* of the token that is good */
    instant made;        /* … since then */
    duration forgets;    /* a token that is not used for so long */
    int64_t told;        /* "refresh_token_expires_in", s; 0: it does not say */
    bool fixed;          /* that does not move with a renewal */
    int renewals, asked; /* renewals that worked; requests */
    instant away_from, away_to;
    int status; /* while it is away; 0: no answer */
    bool lost;  /* the next answer is */
} service;

struct bench {
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct documents documents;
    struct settings settings;
    struct settings_account account;
    struct account_secret secret;
};

static char answer_text[512];

/* The number of the token that a request shows, or -1. */
static int shown(const struct request *request)
{
    const char *header = request_value(request, "Authorization");
    char all[4096];
    const char *at;
    int number;

    snprintf(all, sizeof all, "%s %.*s %s", request->url, (int)request->body_length, request->body ? request->body : "",
             header ? header : "");
    at = strstr(all, "token-");
    return at && sscanf(at, "token-%d", &number) == 1 ? number : -1;
}

static int give_token(const char **ret_body)
{
    int64_t left = service.fixed ? service.told - (virtual_now() - START) / 1000 : service.told;

    service.serial++;
    service.renewals++;
    service.made = virtual_now();
    if (service.lost) {
        service.lost = false;
        return 0;
    }
    snprintf(answer_text, sizeof answer_text,
             "{\"access_token\": \"token-%d\", \"refresh_token\": \"token-%d\", \"expires_in\": %d%s%.0lld}", service.serial,
             service.serial, strstr(*ret_body, "threads") ? 60 * 86400 : 7200,
             service.told ? ", \"refresh_token_expires_in\": " : "", (long long)left);
    *ret_body = answer_text;
    return 200;
}

static int network(const struct request *request, const char **ret_body)
{
    bool good = shown(request) == service.serial && virtual_now() - service.made < service.forgets;

    service.asked++;
    if (virtual_now() >= service.away_from && virtual_now() < service.away_to)
        return service.status;
    if (!good) {
        *ret_body = "{\"error\": \"invalid_grant\"}";
        return 400;
    }
    if (strstr(request->url, "/me?")) {
        *ret_body = "{\"id\": \"42\", \"username\": \"chalet\"}";
        return 200;
    }
    *ret_body = strstr(request->url, "threads") ? "threads" : "";
    return give_token(ret_body);
}

static void open_publisher(struct bench *bench)
{
    bench->loop = loop_new(NULL);
    bench->publisher = publisher_new(bench->loop, bench->house->queue, &bench->house->err);
    assert_non_null(bench->publisher);
    publisher_use(bench->publisher, &bench->documents);
}

static void close_publisher(struct bench *bench)
{
    publisher_free(bench->publisher);
    loop_free(bench->loop);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    virtual_begin(START, 1);
    model_begin(1);
    model.answer = network;
    memset(&service, 0, sizeof service);
    service.made = START;
    service.forgets = DAYS(60);
    log_set_level(LOG_ERROR_ + 1);
    if (house_setup((void **)&bench->house) != 0)
        return -1;
    bench->settings = (struct settings){.state = bench->house->directory,
                                        .lead = MINUTES(5),
                                        .concurrency = 64,
                                        .accounts = &bench->account,
                                        .account_count = 1};
    bench->documents.settings = &bench->settings;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char path[128];

    close_publisher(bench);
    snprintf(path, sizeof path, "%s/sessions/a.json", bench->house->directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/sessions", bench->house->directory);
    rmdir(path);
    house_teardown((void **)&bench->house);
    model_end();
    metrics_reset();
    virtual_end();
    free(bench);
    return 0;
}

/* An account on X that has logged in just now, or one on Threads whose token somebody put into its file. */
static void begin(struct bench *bench, const struct network *driver, const char *login)
{
    bool threads = driver == &network_threads;
    const char *options = threads ? "{\"url\": \"https://threads.test\"}" : "{\"client_id\": \"c\", \"url\": \"https://x.test\"}";
    json_t *session = login ? json_pack("{s:o}", "login", json_parse(login, strlen(login), NULL)) : NULL;

    bench->secret = (struct account_secret){.name = "token", .value = "token-0"};
    bench->account = (struct settings_account){
        .account = {.name = "a",
                    .network = driver,
                    .options = json_in_arena(bench->house->arena, json_parse(options, strlen(options), NULL)),
                    .secrets = &bench->secret,
                    .secret_count = threads},
        .late = {.grace = HOURS(1), .then = MISSED_HOLD},
        .warn_before = DAYS(14),
        .parallel = 1,
    };
    if (session)
        assert_true(session_save(bench->house->directory, "a", session, NULL));
    json_decref(session);
    open_publisher(bench);
}

/* {'refresh_token': 'token-0', …}; made_at is START. */
#define LOGIN(more) "{\"access_token\": \"token-0\", \"made_at\": 1793606400000" more "}"
#define REFRESH ", \"refresh_token\": \"token-0\", \"expires_at\": 1793613600000"

static size_t count_alerts(struct bench *bench, const char *kind)
{
    struct alert_filter filter = {.kind = kind, .limit = 100};
    struct alert *alerts;
    size_t count = 0;
    const char *cursor;

    assert_done(bench->house, queue_alerts(bench->house->queue, &filter, bench->house->arena, &alerts, &count, &cursor,
                                           &bench->house->err));
    return count;
}

static bool is_braked(struct bench *bench)
{
    struct account_status status;

    assert_done(bench->house, queue_account(bench->house->queue, "a", bench->house->arena, &status, &bench->house->err));
    return status.reconnect;
}

static void nothing_to_tell(struct bench *bench)
{
    assert_int_equal(count_alerts(bench, "expires"), 0);
    assert_int_equal(count_alerts(bench, "reconnect"), 0);
    assert_false(is_braked(bench));
}

static void a_refresh_token_lives_through_half_a_year_without_posts(void **state)
{
    struct bench *bench = *state;
    unsigned long turns;

    begin(bench, &network_x, LOGIN(REFRESH));
    turns = virtual_turns;
    virtual_run(bench->loop, DAYS(200), NULL, NULL);
    assert_int_equal(service.renewals, 6);
    assert_int_equal(service.asked, 6);
    assert_in_range(virtual_turns - turns, 6, 6 * 12 + 20); /* it sleeps between them */
    nothing_to_tell(bench);
}

static void nothing_is_asked_before_it_is_time(void **state)
{
    struct bench *bench = *state;
    unsigned long turns;

    begin(bench, &network_x, LOGIN(REFRESH));
    virtual_run(bench->loop, MINUTES(11), NULL, NULL);
    turns = virtual_turns;
    virtual_run(bench->loop, DAYS(29), NULL, NULL);
    assert_int_equal(service.asked, 0);
    assert_in_range(virtual_turns - turns, 0, 4);
}

static void the_new_token_is_on_disk_and_the_next_life_goes_on_with_it(void **state)
{
    struct bench *bench = *state;
    json_t *session;

    begin(bench, &network_x, LOGIN(REFRESH));
    for (int life = 1; life <= 5; life++) {
        virtual_run(bench->loop, DAYS(31), NULL, NULL);
        assert_int_equal(service.renewals, life);
        close_publisher(bench);
        session = session_load(bench->house->directory, "a");
        assert_int_equal(atoi(json_text(json_member(session, "login"), "refresh_token") + 6), service.serial);
        json_decref(session);
        open_publisher(bench);
    }
    nothing_to_tell(bench);
}

static void a_long_lived_token_is_renewed_each_week(void **state)
{
    struct bench *bench = *state;

    begin(bench, &network_threads, NULL);
    virtual_run(bench->loop, DAYS(200), NULL, NULL);
    assert_in_range(service.renewals, 28, 29);
    assert_int_equal(service.asked, service.renewals + 1); /* who we are, once */
    nothing_to_tell(bench);
}

static void a_long_lived_token_that_cannot_be_renewed_today_is_tried_tomorrow(void **state)
{
    struct bench *bench = *state;

    begin(bench, &network_threads, NULL);
    service.status = 503;
    service.away_from = START + DAYS(20);
    service.away_to = START + DAYS(40);
    virtual_run(bench->loop, DAYS(60), NULL, NULL);
    assert_in_range(service.renewals, 5, 7);
    assert_in_range(service.asked, service.renewals + 15, service.renewals + 21);
    nothing_to_tell(bench);
}

static void a_network_that_is_away_is_asked_less_and_less(void **state)
{
    struct bench *bench = *state;

    begin(bench, &network_x, LOGIN(REFRESH));
    service.status = 503;
    service.away_from = START + DAYS(29);
    service.away_to = START + DAYS(40);
    virtual_run(bench->loop, DAYS(42), NULL, NULL);
    assert_int_equal(service.renewals, 1);
    assert_in_range(service.asked, 5, 16);
    nothing_to_tell(bench);
}

static void what_cannot_be_renewed_in_time_is_told_once_and_then_waits_for_a_person(void **state)
{
    struct bench *bench = *state;
    bool near;

    service.told = 60 * 86400;
    begin(bench, &network_x, LOGIN(REFRESH ", \"refresh_expires_at\": 1798790400000")); /* in 60 days */
    service.status = 503;
    service.away_from = START;
    service.away_to = INSTANT_NEVER;
    virtual_run(bench->loop, DAYS(45), NULL, NULL);
    nothing_to_tell(bench);
    virtual_run(bench->loop, DAYS(2), NULL, NULL); /* 13 days before its end */
    assert_int_equal(count_alerts(bench, "expires"), 1);
    assert_int_equal(publisher_login_ends(bench->publisher, "a", &near), START + DAYS(60));
    assert_true(near && !is_braked(bench));
    virtual_run(bench->loop, DAYS(30), NULL, NULL);
    assert_int_equal(count_alerts(bench, "expires"), 1);
    assert_int_equal(count_alerts(bench, "reconnect"), 1);
    assert_true(is_braked(bench));
    service.asked = 0;
    virtual_run(bench->loop, DAYS(30), NULL, NULL);
    assert_int_equal(service.asked, 0);
}

static void an_end_that_does_not_move_is_told_before_it(void **state)
{
    struct bench *bench = *state;

    service.forgets = DAYS(400);
    service.told = 100 * 86400;
    service.fixed = true;
    begin(bench, &network_x, LOGIN(REFRESH ", \"refresh_expires_at\": 1802246400000")); /* in 100 days */
    virtual_run(bench->loop, DAYS(85), NULL, NULL);
    nothing_to_tell(bench);
    virtual_run(bench->loop, DAYS(10), NULL, NULL);
    virtual_run(bench->loop, DAYS(6), NULL, NULL);
    assert_int_equal(count_alerts(bench, "expires"), 1);
    assert_in_range(service.renewals, 5, 9); /* what is in vain is not tried all the time */
    assert_true(is_braked(bench));
}

static void a_token_without_a_refresh_token_is_told_fourteen_days_before_its_end(void **state)
{
    struct bench *bench = *state;

    begin(bench, &network_x, LOGIN(", \"expires_at\": 1798790400000")); /* in 60 days */
    virtual_run(bench->loop, DAYS(46) - MINUTES(1), NULL, NULL);
    nothing_to_tell(bench);
    virtual_run(bench->loop, MINUTES(2), NULL, NULL);
    assert_int_equal(count_alerts(bench, "expires"), 1);
    virtual_run(bench->loop, DAYS(14), NULL, NULL);
    assert_int_equal(count_alerts(bench, "expires"), 1);
    assert_int_equal(count_alerts(bench, "reconnect"), 1);
    assert_int_equal(service.asked, 0);
}

static void a_refused_renewal_is_told_while_there_is_time(void **state)
{
    struct bench *bench = *state;

    begin(bench, &network_x, LOGIN(REFRESH));
    service.serial = 7; /* it was withdrawn */
    virtual_run(bench->loop, DAYS(31), NULL, NULL);
    assert_int_equal(service.asked, 1);
    assert_int_equal(count_alerts(bench, "reconnect"), 1);
    assert_true(is_braked(bench));
    virtual_run(bench->loop, DAYS(100), NULL, NULL);
    assert_int_equal(service.asked, 1);
}

static void a_lost_answer_to_a_token_that_is_good_once_is_told_too(void **state)
{
    struct bench *bench = *state;

    begin(bench, &network_x, LOGIN(REFRESH));
    service.lost = true;
    virtual_run(bench->loop, DAYS(31), NULL, NULL);
    assert_int_equal(service.asked, 2);
    assert_int_equal(count_alerts(bench, "reconnect"), 1);
}

static void after_weeks_without_power_it_renews_before_it_cries(void **state)
{
    struct bench *bench = *state;

    service.told = 60 * 86400;
    begin(bench, &network_x, LOGIN(REFRESH ", \"refresh_expires_at\": 1798790400000"));
    close_publisher(bench);
    virtual_pass(DAYS(55), DAYS(55));
    open_publisher(bench);
    virtual_run(bench->loop, MINUTES(11), NULL, NULL);
    assert_int_equal(service.renewals, 1);
    nothing_to_tell(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refresh_token_lives_through_half_a_year_without_posts),
        TEST(nothing_is_asked_before_it_is_time),
        TEST(the_new_token_is_on_disk_and_the_next_life_goes_on_with_it),
        TEST(a_long_lived_token_is_renewed_each_week),
        TEST(a_long_lived_token_that_cannot_be_renewed_today_is_tried_tomorrow),
        TEST(a_network_that_is_away_is_asked_less_and_less),
        TEST(what_cannot_be_renewed_in_time_is_told_once_and_then_waits_for_a_person),
        TEST(an_end_that_does_not_move_is_told_before_it),
        TEST(a_token_without_a_refresh_token_is_told_fourteen_days_before_its_end),
        TEST(a_refused_renewal_is_told_while_there_is_time),
        TEST(a_lost_answer_to_a_token_that_is_good_once_is_told_too),
        TEST(after_weeks_without_power_it_renews_before_it_cries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
