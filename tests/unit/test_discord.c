/* Discord's driver: what it asks for, and what it makes of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define API "https://discord.com/api/v10"
#define ME "{'id': '5', 'username': 'chalet'}"

static struct bench *signed_in(void)
{
    struct bench *b = bench_new(&network_discord, "{'channel': '20'}", "token");
    next(b);
    go_on(b, 200, ME);
    go_on(b, 200, "{'id': '20', 'guild_id': '10', 'name': 'annonces'}");
    return b;
}

static struct bench *with_webhook(void)
{
    struct bench *b = bench_new(&network_discord, "{}", "webhook");
    b->secret.value = "https://discord.com/api/webhooks/7/aToken?x=1";
    next(b);
    expect_step(b, STEP_SESSION, "GET", API "/webhooks/7/aToken");
    go_on(b, 200, "{'id': '7', 'name': 'n', 'guild_id': '10', 'channel_id': '20'}");
    return b;
}

static void a_bot_posts_under_a_nonce(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    expect_step(b, STEP_CREATE, "POST", API "/channels/20/messages");
    assert_string_equal(header_of(b, "Authorization"), "Bot s3cret-token");
    assert_non_null(strstr(header_of(b, "User-Agent"), "DiscordBot ("));
    expect_body(b, "{'allowed_mentions': {'parse': []}, 'content': 'hello', 'enforce_nonce': true,"
                   "'nonce': '0f1e2d3c4b5a69788796-0'}");
    answer(b, 200, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1796112002.500", "{'id': '9', 'channel_id': '20'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://discord.com/channels/10/20/9");
    assert_int_equal(b->outcome.limit_reset, SLOT + 2500);
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void a_webhook_waits_for_its_message(void **state)
{
    (void)state;
    struct bench *b = with_webhook();
    expect_step(b, STEP_CREATE, "POST", API "/webhooks/7/aToken?wait=true");
    assert_null(header_of(b, "Authorization"));
    expect_body(b, "{'allowed_mentions': {'parse': []}, 'content': 'hello'}");
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    next(b);
    assert_int_equal(b->step.request.part_count, 3);
    assert_string_equal(b->step.request.parts[0].type, "application/json");
    assert_string_equal(b->step.request.parts[2].name, "files[1]");
    bench_free(b);
}

static void every_documented_error_has_its_outcome(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'id': '9', 'channel_id': '20'}", OUTCOME_DONE, SCOPE_POST, "published"},
        {204, NULL, OUTCOME_UNSURE, SCOPE_POST, "no message named"},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {400, "{'code': 50035, 'message': 'Invalid Form Body'}", OUTCOME_REFUSED, SCOPE_POST, "form", NULL, "Invalid Form"},
        {400, "{'code': 50006, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_POST, "empty", NULL, "empty"},
        {400, "{'code': 40005, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_POST, "too large", NULL, "too large"},
        {413, "!", OUTCOME_REFUSED, SCOPE_POST, "too large"},
        {401, "{'code': 0, 'message': '401: Unauthorized'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "token", NULL, "renew", true},
        {401, "{'code': 50027, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "webhook", NULL, "make a new one", true},
        {404, "{'code': 10015, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "gone", NULL, "make a new one", true},
        {404, "{'code': 10003, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "channel", NULL, "channel"},
        {403, "{'code': 50001, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "access", NULL, "invite"},
        {403, "{'code': 50013, 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "permission", NULL, "permission"},
        {429, "{'retry_after': 64.57, 'global': false}", OUTCOME_RETRY, SCOPE_ACCOUNT, "limit"},
        {429, "{'code': 20016, 'retry_after': 5.0}", OUTCOME_RETRY, SCOPE_ACCOUNT, "slow mode", NULL, "slow mode"},
        {403, "{'code': 20028}", OUTCOME_RETRY, SCOPE_ACCOUNT, "write limit", NULL, "too much"},
        {403, "{'code': 20029}", OUTCOME_RETRY, SCOPE_ACCOUNT, "write limit", NULL, "too much"},
        {429, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, "Cloudflare", "retry-after: 30"},
        {500, "{'code': 0}", OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {502, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
    };
    each_answer(cases, signed_in, answer, NULL);
}

static void when_to_come_back_is_in_seconds_with_a_fraction(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    answer(b, 429, "retry-after: 65", "{'retry_after': 64.57, 'global': false}");
    assert_int_equal(b->outcome.at, SLOT + 64570);
    answer(b, 429, "retry-after: 30", "!<html>");
    assert_int_equal(b->outcome.at, SLOT + 30000);
    bench_free(b);
}

static void who_can_look_and_who_may_repeat(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    assert_true(network_discord.can_find(&b->job));
    assert_int_equal(network_discord.repeat_for(&b->job), REPEAT_KEY);
    bench_free(b);
    b = with_webhook();
    assert_false(network_discord.can_find(&b->job));
    assert_int_equal(network_discord.repeat_for(&b->job), REPEAT_NEVER);
    assert_string_equal(network_discord.where(&b->job, b->arena), "https://discord.com/channels/10/20");
    bench_free(b);
}

static void looking_goes_back_to_before_it_left(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    merge(b, json_of(b->arena, "{'sent': 1796112000000}"));
    b->job.now = SLOT + 30000;
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "/channels/20/messages?limit=100&after=1577232283729920000");
    answer_found(b, 200, NULL, "[{'id': '1', 'author': {'id': '6'}, 'content': 'hello'},"
                               "{'id': '2', 'author': {'id': '5'}, 'content': 'hello!'}]");
    expect_outcome(b, OUTCOME_RETRY); /* neither is ours; it may still come */
    assert_int_equal(b->outcome.at, SLOT + 60000);
    b->job.now = SLOT + 60000;
    find(b);
    answer_found(b, 200, NULL, "[]");
    expect_outcome(b, OUTCOME_NOT_FOUND);
    answer_found(b, 403, NULL, "{'code': 50001}");
    expect_outcome(b, OUTCOME_UNSURE);
    answer_found(b, 200, NULL, "[{'id': '2', 'channel_id': '20', 'author': {'id': '5'}, 'content': 'hello'}]");
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void an_account_needs_a_way_in(void **state)
{
    (void)state;
    struct error err;
    struct bench *b = bench_new(&network_discord, "{}", "token");
    assert_false(network_discord.check_account(&b->account, &err)); /* where to? */
    assert_non_null(strstr(err.message, "'channel'"));
    b->account.options = json_of(b->arena, "{'channel': '1', 'mentions': ['here']}");
    assert_false(network_discord.check_account(&b->account, &err));
    assert_non_null(strstr(err.message, "'here'"));
    b->account.options = json_of(b->arena, "{'channel': '1', 'mentions': ['users']}");
    assert_true(network_discord.check_account(&b->account, &err));
    b->account.secret_count = 0;
    assert_false(network_discord.check_account(&b->account, &err));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bot_posts_under_a_nonce),
        cmocka_unit_test(a_webhook_waits_for_its_message),
        cmocka_unit_test(every_documented_error_has_its_outcome),
        cmocka_unit_test(when_to_come_back_is_in_seconds_with_a_fraction),
        cmocka_unit_test(who_can_look_and_who_may_repeat),
        cmocka_unit_test(looking_goes_back_to_before_it_left),
        cmocka_unit_test(an_account_needs_a_way_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
