/* The Matrix driver, step by step against answers as a homeserver gives them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define BASE "https://m.example/_matrix"
#define ROOM "%21r%3Am.example"
#define SEND BASE "/client/v3/rooms/" ROOM "/send/m.room.message/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define PERMALINK "https://matrix.to/#/" ROOM "/%24one?via=m.example"
#define WHO "{'user_id': '@cal:m.example', 'device_id': 'D1'}"
#define NO(code) "{'errcode': '" code "', 'error': 'words'}"

/* After log-in, if there is one: who we are, the room, its encryption; then the first step of the post. */
static struct bench *go_in(struct bench *b)
{
    go_on(b, 200, WHO);
    go_on(b, 200, "{'room_id': '!r:m.example'}");
    go_on(b, 404, NO("M_NOT_FOUND"));
    return b;
}

static struct bench *outside(const char *options)
{
    struct bench *b = bench_new(&network_matrix, options, "token");
    next(b);
    return b;
}

#define OPTIONS "'url': 'https://m.example/', 'room': '#news:m.example'"
static struct bench *inside(void)
{
    return go_in(outside("{" OPTIONS "}"));
}

static void a_session_says_who_and_where(void **state)
{
    (void)state;
    struct bench *b = outside("{" OPTIONS "}");
    expect_step(b, STEP_SESSION, "GET", BASE "/client/v3/account/whoami");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    go_on(b, 200, WHO);
    expect_step(b, STEP_SESSION, "POST", BASE "/client/v3/join/%23news%3Am.example");
    expect_body(b, "{}");
    go_on(b, 200, "{'room_id': '!r:m.example'}");
    expect_step(b, STEP_SESSION, "GET", BASE "/client/v3/rooms/" ROOM "/state/m.room.encryption");
    go_on(b, 404, NO("M_NOT_FOUND"));
    expect_step(b, STEP_CREATE, "PUT", SEND "-0");
    bench_free(b);
}

static void a_message_goes_under_a_transaction_id_of_ours(void **state)
{
    (void)state;
    struct bench *b = inside();
    assert_string_equal(b->step.name, "publish 1/1");
    expect_body(b, "{'msgtype': 'm.text', 'body': 'hello', 'm.mentions': {}}");
    answer(b, 200, NULL, "{'event_id': '$one'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "$one");
    assert_string_equal(b->outcome.url, PERMALINK);
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

#define REPLY(root, last)                                                                                    \
    "'m.relates_to': {'rel_type': 'm.thread', 'event_id': '" root "', 'is_falling_back': true, "             \
    "'m.in_reply_to': {'event_id': '" last "'}}"

static void a_thread_with_an_image_is_a_row_of_events(void **state)
{
    (void)state;
    struct bench *b = inside();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->parts[1].text = "second";
    b->content.part_count = 2;
    next(b);
    expect_step(b, STEP_PREPARE, "POST", BASE "/media/v3/upload?filename=a.png");
    assert_string_equal(header_of(b, "Content-Type"), "image/png");
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    go_on(b, 200, "{'content_uri': 'mxc://m.example/abc'}");
    assert_string_equal(b->step.name, "publish 1/3");
    go_on(b, 200, "{'event_id': '$one'}");
    expect_step(b, STEP_CREATE, "PUT", SEND "-1");
    expect_body(b, "{'msgtype': 'm.image', 'body': 'alt', 'url': 'mxc://m.example/abc', 'm.mentions': {}, "
                   "'info': {'mimetype': 'image/png', 'size': 73, 'w': 4, 'h': 3}}");
    go_on(b, 200, "{'event_id': '$two'}");
    expect_body(b, "{'msgtype': 'm.text', 'body': 'second', 'm.mentions': {}, " REPLY("$one", "$two") "}");
    answer(b, 200, NULL, "{'event_id': '$three'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "$one");
    bench_free(b);
}

static void what_is_formatted_goes_as_html_too(void **state)
{
    (void)state;
    static const struct {
        const char *options, *title, *text, *body, *expected;
    } cases[] = {
        {"", "A & B", "hello", NULL,
         "{'msgtype': 'm.text', 'body': 'A & B\\n\\nhello', 'm.mentions': {}, 'format': 'org.matrix.custom.html', "
         "'formatted_body': '<h2>A &amp; B</h2>\\n<p>hello</p>\\n'}"},
        {"", NULL, "hello", "# Long\n\n*text*",
         "{'msgtype': 'm.text', 'body': '# Long\\n\\n*text*', 'm.mentions': {}, 'format': 'org.matrix.custom.html', "
         "'formatted_body': '<h2>Long</h2>\\n<p><em>text</em></p>\\n'}"},
        {", 'markdown': true", NULL, "**hello** <b>", NULL,
         "{'msgtype': 'm.text', 'body': '**hello** <b>', 'm.mentions': {}, 'format': 'org.matrix.custom.html', "
         "'formatted_body': '<p><strong>hello</strong> </p>\\n'}"},
        {", 'notice': true", NULL, "hello @alice:m.example @room", NULL,
         "{'msgtype': 'm.notice', 'body': 'hello @alice:m.example @room', 'm.mentions': {'user_ids': ['@alice:m.example']}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct bench *b = go_in(outside(arena_printf(arena, "{" OPTIONS "%s}", cases[i].options)));
        b->content.title = cases[i].title;
        b->content.body = cases[i].body;
        b->parts[0].text = cases[i].text;
        next(b);
        expect_body(b, cases[i].expected);
        bench_free(b);
        arena_free(arena);
    }
}

static void sending_ends_as_the_server_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{}", OUTCOME_UNSURE, SCOPE_POST, "no event named"},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {429, NO("M_LIMIT_EXCEEDED"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {429, "!slow down", OUTCOME_RETRY, SCOPE_ACCOUNT, "a proxy", "retry-after: 5"},
        {401, NO("M_UNKNOWN_TOKEN"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "ended", .reconnect = true, .says = "new one"},
        {401, NO("M_MISSING_TOKEN"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {401, NO("M_USER_LOCKED"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "locked"},
        {403, NO("M_USER_SUSPENDED"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "suspended"},
        {403, NO("M_USER_DEACTIVATED"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {403, NO("M_FORBIDDEN"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "right"},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "firewall"},
        {403, NO("M_CONSENT_NOT_GIVEN"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "terms"},
        {400, NO("M_RESOURCE_LIMIT_EXCEEDED"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "limit"},
        {413, NO("M_TOO_LARGE"), OUTCOME_REFUSED, SCOPE_POST, .says = "too large"},
        {400, NO("M_BAD_JSON"), OUTCOME_REFUSED, SCOPE_POST},
        {400, NO("M_NOT_JSON"), OUTCOME_REFUSED, SCOPE_POST},
        {400, NO("M_INVALID_PARAM"), OUTCOME_REFUSED, SCOPE_POST},
        {404, NO("M_NOT_FOUND"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "'room'"},
        {404, NO("M_UNRECOGNIZED"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "base_url"},
        {500, NO("M_UNKNOWN"), OUTCOME_UNSURE, SCOPE_POST},
        {502, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
    };
    each_answer(cases, inside, answer, NULL);
}

static void a_limit_is_waited_for_as_long_as_told(void **state)
{
    (void)state;
    struct bench *b = inside();
    answer(b, 429, NULL, "{'errcode': 'M_LIMIT_EXCEEDED', 'retry_after_ms': 2500}");
    assert_int_equal(b->outcome.at, SLOT + 2500);
    answer(b, 429, "retry-after: 7", "{'errcode': 'M_LIMIT_EXCEEDED', 'retry_after_ms': 2500}");
    assert_int_equal(b->outcome.at, SLOT + SECONDS(7));
    bench_free(b);
}

static void an_encrypted_room_is_refused(void **state)
{
    (void)state;
    struct bench *b = outside("{" OPTIONS "}");
    go_on(b, 200, WHO);
    go_on(b, 200, "{'room_id': '!r:m.example'}");
    answer(b, 200, NULL, "{'algorithm': 'm.megolm.v1.aes-sha2'}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    bench_free(b);
}

/* ---- with a password ---- */

static struct bench *with_password(void)
{
    struct bench *b = bench_new(&network_matrix, "{" OPTIONS ", 'user': 'cal'}", "password");
    next(b);
    return b;
}

static void a_password_logs_the_same_device_in_again(void **state)
{
    (void)state;
    struct bench *b = with_password();
    expect_step(b, STEP_SESSION, "POST", BASE "/client/v3/login");
    const char *device = json_text(json_of(b->arena, b->step.request.body), "device_id");
    assert_non_null(device);
    expect_body(b, arena_printf(b->arena,
                                "{'type': 'm.login.password', 'identifier': {'type': 'm.id.user', 'user': 'cal'}, "
                                "'password': 's3cret-token', 'device_id': '%s', 'initial_device_display_name': 'cald'}",
                                device));
    go_on(b, 200, "{'access_token': 'fresh', 'device_id': 'D1', 'user_id': '@cal:m.example'}");
    assert_string_equal(header_of(b, "Authorization"), "Bearer fresh");
    go_in(b);
    expect_step(b, STEP_CREATE, "PUT", SEND "-0");
    answer(b, 401, NULL, "{'errcode': 'M_UNKNOWN_TOKEN', 'soft_logout': true}");
    expect_outcome(b, OUTCOME_RETRY); /* it was made just now */
    b->job.now += MINUTES(2);
    next(b);
    answer(b, 401, NULL, NO("M_UNKNOWN_TOKEN"));
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "POST", BASE "/client/v3/login");
    assert_string_equal(json_text(json_of(b->arena, b->step.request.body), "device_id"), device);
    bench_free(b);
}

static void a_log_in_ends_as_the_server_says(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {403, NO("M_FORBIDDEN"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true, .says = "password"},
        {400, NO("M_UNKNOWN"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "access token"},
        {429, NO("M_LIMIT_EXCEEDED"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {404, NO("M_UNRECOGNIZED"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "base_url"},
        {200, "{}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {502, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, with_password, answer, NULL);
}

/* ---- in doubt ---- */

static void a_doubtful_event_is_sent_again_by_its_device_alone(void **state)
{
    (void)state;
    struct bench *b = inside();
    answer(b, 500, NULL, "!");
    assert_int_equal(network_matrix.repeat_for(&b->job), REPEAT_KEY);
    b->job.session = json_of(b->arena, "{'device_id': 'D2'}");
    assert_int_equal(network_matrix.repeat_for(&b->job), REPEAT_NEVER);
    bench_free(b);
}

static struct bench *looking(void)
{
    struct bench *b = inside();
    answer(b, 500, NULL, "!");
    find(b);
    b->job.now += MINUTES(2);
    return b;
}

#define EVENT(id, sender, unsigned_, body)                                                                   \
    "{'type': 'm.room.message', 'event_id': '" id "', 'sender': '" sender "', 'origin_server_ts': 1796112000000, "   \
    "'unsigned': " unsigned_ ", 'content': {'msgtype': 'm.text', 'body': '" body "', 'm.mentions': {}}}"
#define OURS "{'transaction_id': '0f1e2d3c4b5a69788796a5b4c3d2e1f0-0'}"

static void the_room_tells_what_is_there(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'chunk': [" EVENT("$one", "@cal:m.example", OURS, "edited") "]}", OUTCOME_DONE, SCOPE_POST, "by its id"},
        {200, "{'chunk': [" EVENT("$one", "@cal:m.example", "{}", "hello") "]}", OUTCOME_DONE, SCOPE_POST, "by what it says"},
        {200, "{'chunk': [" EVENT("$one", "@cal:m.example", "{'transaction_id': 'x'}", "hello") "]}", OUTCOME_NOT_FOUND,
         SCOPE_POST, "another one with the same words"},
        {200, "{'chunk': [" EVENT("$one", "@eve:m.example", "{}", "hello") "]}", OUTCOME_NOT_FOUND, SCOPE_POST, "somebody else's"},
        {200, "{'chunk': [" EVENT("$one", "@cal:m.example", "{}", "bye") "]}", OUTCOME_NOT_FOUND, SCOPE_POST},
        {200, "{'chunk': [], 'end': 't2'}", OUTCOME_NEXT, SCOPE_POST, "there are older ones"},
        {200, "{'chunk': [{'event_id': '$x', 'origin_server_ts': 1796000000000}], 'end': 't2'}", OUTCOME_NOT_FOUND,
         SCOPE_POST, "older than what we look for"},
        {200, "{}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {403, NO("M_FORBIDDEN"), OUTCOME_UNSURE, SCOPE_ACCOUNT},
        {500, "!", OUTCOME_RETRY, SCOPE_POST},
    };
    each_answer(cases, looking, answer_found, NULL);
    struct bench *b = looking();
    answer_found(b, 200, NULL, "{'chunk': [], 'end': 't2'}");
    find(b);
    assert_non_null(strstr(b->step.request.url, "/messages?dir=b&limit=100&filter="));
    assert_non_null(strstr(b->step.request.url, "&from=t2"));
    b->job.now = SLOT + SECONDS(5);
    answer_found(b, 200, NULL, "{'chunk': []}");
    expect_outcome(b, OUTCOME_RETRY); /* it may still come */
    assert_int_equal(b->outcome.at, SLOT + SECONDS(60));
    bench_free(b);
}

static void a_search_without_an_end_is_given_up(void **state)
{
    (void)state;
    struct bench *b = looking();
    for (int i = 0; i < 19; i++) {
        answer_found(b, 200, NULL, "{'chunk': [], 'end': 'more'}");
        expect_outcome(b, OUTCOME_NEXT);
    }
    answer_found(b, 200, NULL, "{'chunk': [], 'end': 'more'}");
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

static void the_credentials_are_checked_alive(void **state)
{
    (void)state;
    struct bench *b = inside();
    b->job.content = NULL;
    network_matrix.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", BASE "/client/v3/account/whoami");
    struct response response = response_of(b->arena, 200, NULL, WHO);
    network_matrix.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.message, "@cal:m.example in #news:m.example");
    bench_free(b);
}

static void an_account_says_how_it_logs_in_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *options, *secret;
        bool fine;
    } cases[] = {
        {"{" OPTIONS "}", "token", true},
        {"{" OPTIONS ", 'user': 'cal'}", "password", true},
        {"{" OPTIONS "}", "password", false},
        {"{" OPTIONS "}", "key", false},
        {"{'url': 'https://m.example', 'room': 'news'}", "token", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new(&network_matrix, cases[i].options, cases[i].secret);
        struct error err = {0};
        assert_int_equal(network_matrix.check_account(&b->account, &err), cases[i].fine);
        bench_free(b);
    }
}

static void what_is_too_long_with_its_formatting_is_told_when_it_is_planned(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_matrix, "{" OPTIONS ", 'markdown': true}", "token");
    struct diags diags = diags_in(b->arena);
    char *text = arena_alloc(b->arena, 40001);
    memset(text, 'a', 40000);
    b->parts[0].text = text;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 1);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_says_who_and_where),
        cmocka_unit_test(a_message_goes_under_a_transaction_id_of_ours),
        cmocka_unit_test(a_thread_with_an_image_is_a_row_of_events),
        cmocka_unit_test(what_is_formatted_goes_as_html_too),
        cmocka_unit_test(sending_ends_as_the_server_says),
        cmocka_unit_test(a_limit_is_waited_for_as_long_as_told),
        cmocka_unit_test(an_encrypted_room_is_refused),
        cmocka_unit_test(a_password_logs_the_same_device_in_again),
        cmocka_unit_test(a_log_in_ends_as_the_server_says),
        cmocka_unit_test(a_doubtful_event_is_sent_again_by_its_device_alone),
        cmocka_unit_test(the_room_tells_what_is_there),
        cmocka_unit_test(a_search_without_an_end_is_given_up),
        cmocka_unit_test(the_credentials_are_checked_alive),
        cmocka_unit_test(an_account_says_how_it_logs_in_and_where),
        cmocka_unit_test(what_is_too_long_with_its_formatting_is_told_when_it_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
