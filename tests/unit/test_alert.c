/*
 * Alerts, from the row to the hook: a queue of its own, real commands (/bin/sh) and a server of ours. Waits are for
 * conditions, never for times; alarm(2) ends what would wait for ever.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/log.h"
#include "loop.h"
#include "publish/alert.h"
#include "publish/command.h"
#include "publish/http.h"
#include "publish/policy.h"
#include "publish/teller.h"
#include "queue_house.h"
#include "scripted_server.h"

/* ---- rows ---- */

static void add(struct house *house, const char *kind, const char *account, const char *episode, instant now)
{
    json_t *body = json_pack("{s:s, s:s}", "event", kind, "message", "why");
    struct alert alert = {.kind = kind, .account = account, .episode = episode, .body = body};

    assert_done(house, queue_alert_raise(house->queue, &alert, now, &house->err));
    json_decref(body);
}

static size_t due(struct house *house, instant now, struct alert **ret_alerts)
{
    size_t count = 0;

    assert_done(house, queue_alerts_due(house->queue, now, 100, house->arena, ret_alerts, &count, &house->err));
    return count;
}

static void an_alert_stays_until_it_was_told_also_over_a_restart(void **state)
{
    struct house *house = house_of(state);
    struct alert *alerts;

    assert_int_equal(queue_alerts_next(house->queue, T0), INSTANT_NEVER);
    add(house, "refused", "a", NULL, T0);
    house_reopen(house);
    assert_int_equal(due(house, T0, &alerts), 1);
    assert_string_equal(alerts[0].kind, "refused");
    assert_string_equal(alerts[0].account, "a");
    assert_string_equal(json_text(alerts[0].body, "message"), "why");
    assert_int_equal(strlen(alerts[0].key), 32);
    alerts[0].took[ALERT_COMMAND] = true; /* the webhook did not take it */
    alerts[0].tries = 1;
    alerts[0].due = T0 + 5000;
    assert_done(house, queue_alert_settle(house->queue, &alerts[0], &house->err));
    assert_int_equal(due(house, T0, &alerts), 0);
    assert_int_equal(queue_alerts_next(house->queue, T0), T0 + 5000);
    assert_int_equal(due(house, T0 + 5000, &alerts), 1);
    assert_true(alerts[0].took[ALERT_COMMAND] && !alerts[0].took[ALERT_WEBHOOK] && alerts[0].tries == 1);
    alerts[0].told = T0 + 5001;
    assert_done(house, queue_alert_settle(house->queue, &alerts[0], &house->err));
    assert_int_equal(due(house, T0 + DAYS(9), &alerts), 0);
}

static void an_alert_is_gone_with_the_transaction_that_is_rolled_back(void **state)
{
    struct house *house = house_of(state);
    struct alert *alerts;

    assert_done(house, queue_begin(house->queue, &house->err));
    add(house, "missed", "a", NULL, T0);
    queue_rollback(house->queue);
    assert_int_equal(due(house, T0, &alerts), 0);
}

static void an_episode_is_told_once_until_it_is_over(void **state)
{
    struct house *house = house_of(state);
    struct alert *alerts;

    add(house, "failing", "a", "failing/a", T0);
    add(house, "failing", "a", "failing/a", T0 + 1);
    add(house, "failing", "b", "failing/b", T0 + 2);
    assert_int_equal(due(house, T0 + 9, &alerts), 2);
    alerts[0].told = T0 + 3; /* having been told does not end it */
    assert_done(house, queue_alert_settle(house->queue, &alerts[0], &house->err));
    add(house, "failing", "a", "failing/a", T0 + 4);
    assert_int_equal(due(house, T0 + 9, &alerts), 1);
    assert_done(house, queue_alert_end(house->queue, "failing/a", &house->err));
    add(house, "failing", "a", "failing/a", T0 + 5);
    assert_int_equal(due(house, T0 + 9, &alerts), 2);
}

static void a_time_set_by_a_wrong_clock_does_not_delay_the_telling_for_years(void **state)
{
    struct house *house = house_of(state);
    struct alert *alerts;

    add(house, "refused", "a", NULL, T0 + DAYS(3650));
    assert_int_equal(due(house, T0, &alerts), 1);
}

static void alerts_are_listed_newest_first_by_what_is_asked_for_page_by_page(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        struct alert_filter filter;
        const char *found, *reason; /* the accounts */
    } cases[] = {
        {{0}, "edcba", "all"},
        {{.kind = "refused"}, "ca", "of one kind"},
        {{.account = "d"}, "d", "of one account"},
        {{.account = "documents"}, "", "of an account that has none"},
        {{.from = T0 + 2}, "edc", "from an instant on"},
        {{.until = T0 + 2}, "ba", "before an instant"},
        {{.from = T0 + 1, .until = T0 + 3, .kind = "missed"}, "b", "filters add up"},
        {{.untold = true}, "edca", "not told yet"},
        {{.limit = 5000}, "edcba", "more than a page can have is a page"},
    };
    struct alert *alerts;
    const char *next;
    size_t count;

    for (int i = 0; i < 5; i++) {
        const char name[] = {(char)('a' + i), '\0'};

        add(house, i % 2 ? "missed" : i < 4 ? "refused" : "failing", name, NULL, T0 + i);
    }
    assert_int_equal(due(house, T0 + 9, &alerts), 5);
    alerts[1].told = T0 + 3;
    assert_done(house, queue_alert_settle(house->queue, &alerts[1], &house->err));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char found[8] = "";

        assert_done(house, queue_alerts(house->queue, &cases[i].filter, house->arena, &alerts, &count, &next, &house->err));
        for (size_t k = 0; k < count; k++)
            strcat(found, alerts[k].account);
        if (strcmp(found, cases[i].found) != 0 || next != NULL)
            fail_msg("%s: %s", cases[i].reason, found);
    }
}

static void a_page_of_alerts_goes_on_where_the_one_before_ended_also_when_some_came_in_between(void **state)
{
    struct house *house = house_of(state);
    static const char *const bad[] = {"", "x", "-1", "3x", "99999999999999999999", "3/a/b"};
    struct alert_filter filter = {.limit = 2};
    struct alert *alerts;
    const char *next;
    size_t count;

    for (int i = 0; i < 5; i++)
        add(house, "missed", "a", NULL, T0 + i);
    for (int page = 0; page < 3; page++) {
        assert_done(house, queue_alerts(house->queue, &filter, house->arena, &alerts, &count, &next, &house->err));
        assert_int_equal(count, page < 2 ? 2 : 1);
        assert_int_equal(alerts[0].at, T0 + 4 - 2 * page);
        assert_true((next == NULL) == (page == 2));
        filter.cursor = next;
        add(house, "missed", "a", NULL, T0 + 100);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        filter.cursor = bad[i];
        assert_false(queue_alerts(house->queue, &filter, house->arena, &alerts, &count, &next, &house->err));
        assert_non_null(strstr(house->err.message, "is not the cursor of a page"));
    }
}

/* ---- what is worth telling ---- */

static void an_account_is_told_of_when_it_begins_to_need_somebody(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        int failures;
        bool reconnect;
        duration brake; /* from now; 0: none */
        const char *told; /* NULL: nothing */
        const char *why;
    } steps[] = {
        {1, false, 2000, NULL, "a first failure is nothing"},
        {POLICY_FAILURES_TOLD - 1, false, MINUTES(2), NULL, "still patient"},
        {POLICY_FAILURES_TOLD, false, MINUTES(5), "failing", "enough"},
        {POLICY_FAILURES_TOLD + 1, false, MINUTES(15), NULL, "the same episode"},
        {0, false, 0, NULL, "it works again"},
        {0, false, HOURS(3), NULL, "a limit that is used up is no failure"},
        {1, false, HOURS(3), "failing", "told to stay away for hours after a failure"},
        {2, false, HOURS(3), NULL, "the same episode"},
        {3, true, DAYS(99), "reconnect", "the credentials ended"},
        {4, true, DAYS(99), NULL, "known already"},
        {0, false, 0, NULL, "a person mended it"},
        {1, true, DAYS(99), "reconnect", "and again"},
        {0, false, 0, NULL, "resumed by a person"},
        {9, false, HOURS(1), "failing", "a new run of failures is a new episode"},
    };
    struct account_status before = {.name = "a"};

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct account_status after = {.name = "a",
                                       .failures = steps[i].failures,
                                       .reconnect = steps[i].reconnect,
                                       .brake_why = "because",
                                       .braked_until = steps[i].brake ? T0 + steps[i].brake : 0};
        struct alert *alerts;
        size_t count;

        assert_done(house, alert_account(house->queue, &before, &after, T0, &house->err));
        count = due(house, T0, &alerts);
        if (count != (steps[i].told != NULL) || (count && strcmp(alerts[0].kind, steps[i].told) != 0))
            fail_msg("step %zu, %s: %s", i, steps[i].why, count ? alerts[0].kind : "nothing");
        if (count)
            assert_string_equal(json_text(alerts[0].body, "message"), "because");
        assert_done(house, queue_alerts_drop(house->queue, T0, &house->err));
        before = after;
    }
}

static void a_delivery_is_told_of_with_what_one_needs_to_find_it(void **state)
{
    struct house *house = house_of(state);
    const struct delivery *delivery = house_add(house, "hiver", "a", T0);
    struct alert *alerts;

    assert_done(house, alert_delivery(house->queue, ALERT_GAVE_UP, delivery, STATE_HELD, "no luck", T0,
                                      &house->err));
    assert_int_equal(due(house, T0, &alerts), 1);
    char *text = json_print(alerts[0].body);
    assert_string_equal(text, "{\"account\":\"a\",\"attempts\":0,\"delivery\":\"hiver/a\",\"event\":\"gave-up\","
                              "\"message\":\"no luck\",\"network\":\"null\",\"post\":\"hiver\","
                              "\"slot\":\"2023-11-14T22:13:20Z\",\"state\":\"held\"}");
    free(text);
}

static void refused_documents_are_told_once_with_their_first_errors(void **state)
{
    struct house *house = house_of(state);
    struct diags diags = diags_in(house->arena);
    struct alert *alerts;

    for (int i = 1; i <= 50; i++)
        diags_add(&diags, &(struct diag){.level = i % 2 ? DIAG_ERROR : DIAG_WARNING, .file = "c.yaml",
                                         .line = (unsigned)i, .column = 1, .rule = "x", .message = "wrong"});
    assert_done(house, alert_documents(house->queue, "25 errors", &diags, T0, &house->err));
    assert_done(house, alert_documents(house->queue, "25 errors", &diags, T0, &house->err));
    assert_int_equal(due(house, T0, &alerts), 1);
    assert_int_equal(json_array_size(json_member(alerts[0].body, "errors")), 20);
    assert_string_equal(json_string_value(json_array_get(json_member(alerts[0].body, "errors"), 1)),
                        "c.yaml:3:1: wrong");
    assert_done(house, alert_documents(house->queue, NULL, NULL, T0, &house->err));
    assert_done(house, alert_documents(house->queue, "25 errors", &diags, T0, &house->err));
    assert_int_equal(due(house, T0, &alerts), 2);
}

/* ---- the bench: a loop, a hook ---- */

struct bench {
    struct house *house;
    struct loop *loop;
    struct timer *poll;
    struct http *http;
    struct server *server;
    struct teller *teller;
    struct settings settings;
    bool (*condition)(struct bench *bench);
    int ended;           /* tellings, or commands */
    bool ok;             /* of the last command */
    char message[512];
    int status;          /* the server answers */
    const char *tell[8]; /* the hook's command */
    size_t most;         /* tellings in flight at the end of a turn */
};

static const char *answer(struct server *server, const struct received *received)
{
    const struct bench *bench = server->context;

    (void)received;
    return bench->status == 200 ? "HTTP/1.1 204 No Content\r\n\r\n"
                                : "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
}

static void poll_again(void *context)
{
    struct bench *bench = context;

    if (bench->condition(bench))
        loop_stop(bench->loop);
    else
        timer_after(bench->poll, 2);
}

static void run_until(struct bench *bench, bool (*condition)(struct bench *bench))
{
    bench->condition = condition;
    timer_after(bench->poll, 0);
    loop_run(bench->loop);
}

static void telling_ended(void *context)
{
    struct bench *bench = context;

    bench->ended++;
}

static void note_most(void *context)
{
    struct bench *bench = context;
    size_t flying = bench->teller ? teller_in_flight(bench->teller) : 0;

    if (flying > bench->most)
        bench->most = flying;
}

static void open_bench(struct bench *bench)
{
    bench->loop = loop_new(NULL);
    bench->poll = loop_timer(bench->loop, poll_again, bench);
    bench->http = http_new(bench->loop, 16, NULL);
    bench->teller = teller_new(bench->loop, bench->house->queue, bench->http, telling_ended, bench);
    loop_on_turn_end(bench->loop, note_most, bench);
}

static void close_bench(struct bench *bench)
{
    http_free(bench->http);
    teller_free(bench->teller);
    timer_free(bench->poll);
    loop_free(bench->loop);
}

static int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    if (house_setup((void **)&bench->house) != 0)
        return -1;
    alarm(30);
    open_bench(bench);
    bench->server = server_start(answer, bench);
    bench->status = 200;
    *state = bench;
    return bench->http ? 0 : -1;
}

static int bench_teardown(void **state)
{
    struct bench *bench = *state;
    char path[128];

    close_bench(bench);
    server_stop(bench->server);
    snprintf(path, sizeof path, "%s/told", bench->house->directory);
    unlink(path);
    house_teardown((void **)&bench->house);
    free(bench);
    alarm(0);
    return 0;
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

static bool one_ended(struct bench *bench)
{
    return bench->ended >= 1;
}

static bool two_ended(struct bench *bench)
{
    return bench->ended >= 2;
}

static bool six_ended(struct bench *bench)
{
    return bench->ended >= 6;
}

/* ---- commands ---- */

static void command_ended(void *context, const struct command_end *end)
{
    struct bench *bench = context;

    bench->ended++;
    bench->ok = end->ok;
    snprintf(bench->message, sizeof bench->message, "%s", end->message ? end->message : "");
}

static void a_command_ends_as_it_ends_and_within_its_time(void **state)
{
    struct bench *bench = *state;
    static char much[60000]; /* more than nobody reads at once, and than a pipe takes unread */
    static const struct {
        const char *script;
        bool ok;
        const char *message; /* a part of it */
        const char *why;
    } cases[] = {
        {"exit 0", true, "", "well"},
        {"echo heard; exit 0", true, "", "what a good one says is nobody's business"},
        {"echo no mail server >&2; echo more; exit 3", false, "it ended with 3 and said: no mail server", "fails"},
        {"kill -SEGV $$", false, "it was ended by signal 11", "dies"},
        {"sleep 60", false, "it was killed after 0 s", "hangs"},
        {"trap '' TERM INT HUP; while :; do :; done", false, "it was killed", "does not listen"},
        {"sleep 60 & sleep 60", false, "it was killed", "its children, too"},
        {"exec 0<&-; exit 0", true, "", "does not read"},
        {"test $(wc -c) = 60000", true, "", "reads all"},
        {"head -c 3000000 /dev/zero; exit 1", false, "it ended with 1", "says too much"},
        {"(sleep 60 >/dev/null 2>&1 &) ; exit 0", true, "", "leaves one behind on purpose"},
        {"test -z \"$HOME$TEST_SECRET\" && test \"$CALD_EVENT\" = x && test $(pwd) = /", true, "",
         "sees its own environment only"},
        {"test -z \"$(ls /proc/self/fd | grep -v '^[0123]$')\"", true, "", "no descriptor of ours (ls has 3)"},
        {"test $(ps -o pgid= $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat) = $$", true, "", "its own group"},
    };

    memset(much, 'x', sizeof much);
    setenv("TEST_SECRET", "must-not-be-seen", 1);
    open("/dev/null", O_RDONLY); /* not close-on-exec, as a library might */
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *argv[] = {"/bin/sh", "-c", cases[i].script, NULL};
        const char *environment[] = {"PATH=/usr/bin:/bin", "CALD_EVENT=x", NULL};

        bench->ended = 0;
        assert_non_null(command_run(bench->loop, argv, environment, much, sizeof much,
                                    strstr(cases[i].message, "killed") ? 300 : 20000, command_ended, bench,
                                    &bench->house->err));
        run_until(bench, one_ended);
        if (bench->ok != cases[i].ok || strncmp(bench->message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s: ok %d '%s'", cases[i].why, bench->ok, bench->message);
    }
}

static bool is_alive(pid_t pid)
{
    char path[64], text[128] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!(file = fopen(path, "r")))
        return false;
    if (!fgets(text, sizeof text, file))
        text[0] = '\0';
    fclose(file);
    return text[0] != '\0' && !strstr(text, ") Z");
}

static void a_command_that_hangs_is_killed_with_its_children(void **state)
{
    struct bench *bench = *state;
    const char *argv[] = {"/bin/sh", "-c", "sleep 61 & echo $!; wait", NULL}, *environment[] = {NULL};
    int child = 0;

    assert_non_null(command_run(bench->loop, argv, environment, "", 0, 300, command_ended, bench,
                                &bench->house->err));
    run_until(bench, one_ended);
    assert_int_equal(sscanf(bench->message, "it was killed after 0 s and said: %d", &child), 1);
    while (is_alive(child)) /* until alarm(2) */
        usleep(1000);
}

static void a_command_that_is_not_there_or_not_executable_is_refused_at_once(void **state)
{
    struct bench *bench = *state;
    static const char *const paths[] = {"/nonexistent/tell", "/etc/passwd", "/tmp"};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const char *argv[] = {paths[i], NULL}, *environment[] = {NULL};

        assert_null(command_run(bench->loop, argv, environment, "{}", 2, 1000, command_ended, bench,
                                &bench->house->err));
        assert_non_null(strstr(bench->house->err.message, paths[i]));
    }
}

/* ---- telling ---- */

/* The hook appends what it gets, a line each, to "told", then runs the script. */
static void use_command(struct bench *bench, const char *script)
{
    bench->tell[0] = "/bin/sh";
    bench->tell[1] = "-c";
    bench->tell[2] = arena_printf(bench->house->arena, "cat >> %s/told; %s", bench->house->directory, script);
    bench->tell[3] = NULL;
    bench->settings.on_failure.command = bench->tell;
    teller_use(bench->teller, &bench->settings);
}

static void use_webhook(struct bench *bench)
{
    bench->settings.on_failure.webhook =
        arena_printf(bench->house->arena, "http://127.0.0.1:%u/hook", bench->server->port);
    bench->settings.on_failure.token = "token-of-the-hook";
    teller_use(bench->teller, &bench->settings);
}

static json_t *json_of(struct bench *bench, const char *text)
{
    json_t *json = json_parse(text, strlen(text), NULL);

    assert_non_null(json);
    return json_in_arena(bench->house->arena, json);
}

/* The n-th line that was told, as JSON; NULL if there are not so many. */
static json_t *told(struct bench *bench, int n)
{
    char path[128], line[65536];
    FILE *file;

    snprintf(path, sizeof path, "%s/told", bench->house->directory);
    file = fopen(path, "r");
    for (int i = 0; file && i <= n; i++) {
        if (!fgets(line, sizeof line, file)) {
            fclose(file);
            return NULL;
        }
    }
    if (!file)
        return NULL;
    fclose(file);
    return json_of(bench, line);
}

static struct alert *only_untold(struct bench *bench)
{
    struct alert *alerts;

    assert_int_equal(due(bench->house, clock_now() + HOURS(2), &alerts), 1);
    return alerts;
}

static void both_ways_are_told_the_same_once(void **state)
{
    struct bench *bench = *state;
    struct alert *alerts;
    json_t *json;

    use_command(bench, "exit 0");
    use_webhook(bench);
    add(bench->house, "refused", "a", NULL, clock_now());
    run_until(bench, one_ended);
    json = told(bench, 0);
    assert_string_equal(json_text(json, "event"), "refused");
    assert_int_equal(strlen(json_text(json, "id")), 32);
    assert_non_null(json_text(json, "at"));
    assert_int_equal(json_array_size(json_member(json, "others")), 0);
    assert_null(told(bench, 1));
    assert_int_equal(server_total(bench->server), 1);
    assert_true(json_equal(json_of(bench, server_at(bench->server, 0)->body), json));
    assert_non_null(strstr(server_at(bench->server, 0)->head, "Authorization: Bearer token-of-the-hook"));
    assert_non_null(strstr(server_at(bench->server, 0)->head, json_text(json, "id")));
    assert_int_equal(due(bench->house, clock_now() + HOURS(2), &alerts), 0);
    add(bench->house, "missed", "a", NULL, clock_now()); /* the next is told, and the first not again */
    run_until(bench, two_ended);
    assert_string_equal(json_text(told(bench, 1), "event"), "missed");
    assert_null(told(bench, 2));
    assert_int_equal(server_total(bench->server), 2);
}

static void only_the_way_that_failed_is_told_again(void **state)
{
    struct bench *bench = *state;
    struct alert *alert;

    bench->status = 500;
    use_command(bench, "exit 0");
    use_webhook(bench);
    add(bench->house, "refused", "a", NULL, clock_now());
    run_until(bench, one_ended);
    alert = only_untold(bench);
    assert_true(alert->took[ALERT_COMMAND] && !alert->took[ALERT_WEBHOOK]);
    assert_int_equal(alert->tries, 1);
    assert_in_range(alert->due, clock_now() - 1000, clock_now() + SECONDS(5));
    bench->status = 200;
    run_until(bench, two_ended);
    assert_null(told(bench, 1));
    assert_int_equal(server_total(bench->server), 2);
    assert_string_equal(server_at(bench->server, 0)->body, server_at(bench->server, 1)->body); /* the same id */
}

static void a_hook_that_fails_again_and_again_is_trouble_until_it_takes_what_it_is_told(void **state)
{
    struct bench *bench = *state;
    struct arena *arena = bench->house->arena;

    bench->status = 500;
    use_command(bench, "exit 0");
    use_webhook(bench);
    add(bench->house, "refused", "a", NULL, clock_now());
    for (int i = 0; i < 3; i++) {
        assert_null(teller_trouble(bench->teller, arena)); /* once or twice is nothing */
        bench->ended = 0;
        teller_use(bench->teller, &bench->settings); /* sooner than by itself */
        run_until(bench, one_ended);
    }
    add(bench->house, "missed", "a", NULL, clock_now());
    assert_non_null(strstr(teller_trouble(bench->teller, arena), "2 alerts are not told"));
    assert_non_null(strstr(teller_trouble(bench->teller, arena), ": the webhook (it answered HTTP 500) did not"));
    bench->status = 200;
    bench->ended = 0;
    teller_use(bench->teller, &bench->settings);
    run_until(bench, two_ended);
    assert_null(teller_trouble(bench->teller, arena));
}

static void a_hook_that_cannot_be_run_is_tried_again_and_loses_nothing(void **state)
{
    struct bench *bench = *state;
    const char *nothing[] = {"/nonexistent/tell", NULL};

    bench->settings.on_failure.command = nothing;
    teller_use(bench->teller, &bench->settings);
    add(bench->house, "refused", "a", NULL, clock_now());
    run_until(bench, one_ended);
    assert_int_equal(only_untold(bench)->tries, 1);
    assert_true(only_untold(bench)->due > clock_now());
    use_command(bench, "exit 0"); /* mended: told at once */
    assert_true(only_untold(bench)->due <= clock_now());
    run_until(bench, two_ended);
    assert_string_equal(json_text(told(bench, 0), "event"), "refused");
}

static void a_burst_of_one_kind_is_one_telling(void **state)
{
    struct bench *bench = *state;
    json_t *json;

    use_command(bench, "exit 0");
    for (int i = 0; i < 50; i++)
        add(bench->house, "missed", i % 2 ? "b" : "a", NULL, clock_now());
    run_until(bench, two_ended);
    for (int i = 0; i < 2; i++) {
        json = told(bench, i);
        assert_int_equal(json_array_size(json_member(json, "others")), 24);
        assert_string_not_equal(json_text(json_array_get(json_member(json, "others"), 3), "id"),
                                json_text(json, "id"));
    }
    assert_null(told(bench, 2));
}

static void at_most_four_fly_at_a_time(void **state)
{
    struct bench *bench = *state;
    static const char *const accounts[] = {"a", "b", "c", "d", "e", "f"};

    use_command(bench, "exit 0");
    for (size_t i = 0; i < COUNT_OF(accounts); i++)
        add(bench->house, "missed", accounts[i], NULL, clock_now());
    run_until(bench, six_ended);
    assert_int_equal(bench->most, 4);
    for (int i = 0; i < 6; i++)
        assert_string_equal(json_text(told(bench, i), "event"), "missed");
}

static void a_hook_named_for_the_first_time_is_not_told_the_past(void **state)
{
    struct bench *bench = *state;

    teller_use(bench->teller, &bench->settings); /* no hook */
    add(bench->house, "missed", "a", NULL, clock_now());
    use_command(bench, "exit 0");
    add(bench->house, "refused", "a", NULL, clock_now());
    run_until(bench, one_ended);
    assert_string_equal(json_text(told(bench, 0), "event"), "refused");
    assert_null(told(bench, 1));
}

static void what_was_not_told_before_a_restart_is_told_after_it(void **state)
{
    struct bench *bench = *state;

    use_command(bench, "exit 0");
    add(bench->house, "unsure", "a", NULL, clock_now());
    close_bench(bench); /* the end of a process that had no turn left */
    house_reopen(bench->house);
    open_bench(bench);
    use_command(bench, "exit 0");
    run_until(bench, one_ended);
    assert_string_equal(json_text(told(bench, 0), "event"), "unsure");
}

static void a_database_that_fails_is_told_from_memory_once_an_episode(void **state)
{
    struct bench *bench = *state;

    use_command(bench, "exit 0");
    teller_say(bench->teller, ALERT_DATABASE, "disk full");
    teller_say(bench->teller, ALERT_DATABASE, "disk full");
    run_until(bench, one_ended);
    teller_say(bench->teller, ALERT_DATABASE, "disk full");
    assert_string_equal(json_text(told(bench, 0), "message"), "disk full");
    teller_well(bench->teller, ALERT_DATABASE);
    teller_say(bench->teller, ALERT_DATABASE, "disk full again");
    run_until(bench, two_ended);
    assert_string_equal(json_text(told(bench, 1), "message"), "disk full again");
    assert_null(told(bench, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_house(an_alert_stays_until_it_was_told_also_over_a_restart),
        in_house(an_alert_is_gone_with_the_transaction_that_is_rolled_back),
        in_house(an_episode_is_told_once_until_it_is_over),
        in_house(a_time_set_by_a_wrong_clock_does_not_delay_the_telling_for_years),
        in_house(alerts_are_listed_newest_first_by_what_is_asked_for_page_by_page),
        in_house(a_page_of_alerts_goes_on_where_the_one_before_ended_also_when_some_came_in_between),
        in_house(an_account_is_told_of_when_it_begins_to_need_somebody),
        in_house(a_delivery_is_told_of_with_what_one_needs_to_find_it),
        in_house(refused_documents_are_told_once_with_their_first_errors),
        on_bench(a_command_ends_as_it_ends_and_within_its_time),
        on_bench(a_command_that_hangs_is_killed_with_its_children),
        on_bench(a_command_that_is_not_there_or_not_executable_is_refused_at_once),
        on_bench(both_ways_are_told_the_same_once),
        on_bench(only_the_way_that_failed_is_told_again),
        on_bench(a_hook_that_fails_again_and_again_is_trouble_until_it_takes_what_it_is_told),
        on_bench(a_hook_that_cannot_be_run_is_tried_again_and_loses_nothing),
        on_bench(a_burst_of_one_kind_is_one_telling),
        on_bench(at_most_four_fly_at_a_time),
        on_bench(a_hook_named_for_the_first_time_is_not_told_the_past),
        on_bench(what_was_not_told_before_a_restart_is_told_after_it),
        on_bench(a_database_that_fails_is_told_from_memory_once_an_episode),
    };

    log_set_level(LOG_ERROR_);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
