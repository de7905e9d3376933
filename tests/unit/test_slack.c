/* Slack's driver: what it asks for, and what it makes of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define API "https://slack.com/api"
#define WEBHOOK "https://hooks.slack.com/services/T1/B1/secret"

static struct bench *signed_in(void)
{
    struct bench *b = bench_new(&network_slack, "{'channel': 'C1'}", "token");
    next(b);
    go_on(b, 200, "{'ok': true, 'url': 'https://chalet.slack.com/', 'team': 'Chalet', 'user': 'cald'}");
    return b;
}

static struct bench *with_webhook(void)
{
    struct bench *b = bench_new(&network_slack, "{}", "webhook");
    b->secret.value = WEBHOOK;
    next(b);
    return b;
}

static void a_message_carries_our_key(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    expect_step(b, STEP_CREATE, "POST", API "/chat.postMessage");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    expect_body(b, "{'channel': 'C1', 'text': 'hello', 'unfurl_links': true, 'unfurl_media': true, 'metadata':"
                   "{'event_type': 'cald_post', 'event_payload': {'id': '00112233445566778899aabbccddeeff-0'}}}");
    answer(b, 200, NULL, "{'ok': true, 'channel': 'C1', 'ts': '1503435956.000247'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "1503435956.000247");
    assert_string_equal(b->outcome.url, "https://chalet.slack.com/archives/C1/p1503435956000247");
    bench_free(b);
}

static void every_documented_error_has_its_outcome(void **state)
{
    (void)state;
#define NO(word) "{'ok': false, 'error': '" word "'}"
    static const struct answer_case cases[] = {
        {200, "{'ok': true}", OUTCOME_UNSURE, SCOPE_POST, "no message named"},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {429, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "limit", "retry-after: 30"},
        {200, NO("ratelimited"), OUTCOME_RETRY, SCOPE_ACCOUNT, "limit"},
        {200, NO("rate_limited"), OUTCOME_RETRY, SCOPE_ACCOUNT, "its older spelling"},
        {200, NO("invalid_auth"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "token", NULL, "token", true},
        {200, NO("not_authed"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "token", NULL, "token", true},
        {200, NO("token_expired"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "token", NULL, "rotation", true},
        {200, NO("token_revoked"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "token", NULL, "install", true},
        {200, NO("account_inactive"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "app", NULL, "removed", true},
        {200, "{'ok': false, 'error': 'missing_scope', 'needed': 'chat:write'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "scope",
         NULL, "chat:write", true},
        {200, NO("channel_not_found"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "channel", NULL, "correct 'channel'"},
        {200, NO("not_in_channel"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "invite", NULL, "invite"},
        {200, NO("is_archived"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "archived", NULL, "archived"},
        {200, NO("restricted_action"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "forbidden", NULL, "forbids"},
        {200, NO("msg_too_long"), OUTCOME_REFUSED, SCOPE_POST, "long", NULL, "too long"},
        {200, NO("msg_blocks_too_long"), OUTCOME_REFUSED, SCOPE_POST, "long", NULL, "too long"},
        {200, NO("no_text"), OUTCOME_REFUSED, SCOPE_POST, "empty", NULL, "empty"},
        {200, NO("invalid_blocks"), OUTCOME_REFUSED, SCOPE_POST, "blocks", NULL, "invalid_blocks"},
        {200, NO("invalid_arg_name"), OUTCOME_REFUSED, SCOPE_POST, "argument"},
        {200, NO("too_many_attachments"), OUTCOME_REFUSED, SCOPE_POST, "too many"},
        {200, NO("unheard_of"), OUTCOME_REFUSED, SCOPE_POST, "any other word", NULL, "unheard_of"},
        {200, NO("internal_error"), OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {200, NO("fatal_error"), OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {200, NO("service_unavailable"), OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {200, NO("request_timeout"), OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {503, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
    };
    each_answer(cases, signed_in, answer, NULL);
}

static void every_word_of_a_webhook_has_its_outcome(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "!ok", OUTCOME_DONE, SCOPE_POST, "published"},
        {200, "!", OUTCOME_UNSURE, SCOPE_POST, "not 'ok'"},
        {400, "!invalid_payload", OUTCOME_REFUSED, SCOPE_POST, "payload"},
        {400, "!user_not_found", OUTCOME_REFUSED, SCOPE_POST, "user"},
        {403, "!action_prohibited", OUTCOME_REFUSED, SCOPE_ACCOUNT, "forbidden"},
        {404, "!channel_not_found", OUTCOME_REFUSED, SCOPE_ACCOUNT, "channel"},
        {410, "!channel_is_archived", OUTCOME_REFUSED, SCOPE_ACCOUNT, "archived"},
        {404, "!no_service", OUTCOME_REFUSED, SCOPE_ACCOUNT, "gone", NULL, "make a new one", true},
        {403, "!no_service_id", OUTCOME_REFUSED, SCOPE_ACCOUNT, "address", NULL, NULL, true},
        {404, "!no_team", OUTCOME_REFUSED, SCOPE_ACCOUNT, "team", NULL, NULL, true},
        {403, "!invalid_token", OUTCOME_REFUSED, SCOPE_ACCOUNT, "address", NULL, NULL, true},
        {404, "!no_active_hooks", OUTCOME_REFUSED, SCOPE_ACCOUNT, "off", NULL, NULL, true},
        {403, "!posting_to_general_channel_denied", OUTCOME_REFUSED, SCOPE_ACCOUNT, "forbidden"},
        {400, "!too_many_attachments", OUTCOME_REFUSED, SCOPE_POST, "too many"},
        {429, "!", OUTCOME_RETRY, SCOPE_ACCOUNT, "limit", "retry-after: 5"},
        {500, "!rollup_error", OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {502, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
    };
    each_answer(cases, with_webhook, answer, NULL);
}

static void what_a_webhook_cannot_is_told_when_it_is_planned(void **state)
{
    (void)state;
    struct bench *b = with_webhook();
    struct diags diags = diags_in(b->arena);
    b->content.part_count = 2;
    b->parts[1].text = "two";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 2);
    assert_false(network_slack.can_find(&b->job));
    bench_free(b);
}

static void a_text_is_measured_as_it_is_sent(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    struct diags diags = diags_in(b->arena);
    char *text = arena_alloc(b->arena, 3001);
    memset(text, 'x', 3000);
    text[3000] = '\0';
    b->parts[0].text = text;
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 0);
    text[7] = '&'; /* &amp; */
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 1);
    bench_free(b);
}

static void an_account_has_one_way_in(void **state)
{
    (void)state;
    struct error err;
    struct bench *b = bench_new(&network_slack, "{}", "token");
    assert_false(network_slack.check_account(&b->account, &err));
    assert_non_null(strstr(err.message, "'channel'"));
    b->account.secret_count = 0;
    assert_false(network_slack.check_account(&b->account, &err));
    bench_free(b);
    b = with_webhook();
    assert_true(network_slack.check_account(&b->account, &err));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_carries_our_key),
        cmocka_unit_test(every_documented_error_has_its_outcome),
        cmocka_unit_test(every_word_of_a_webhook_has_its_outcome),
        cmocka_unit_test(what_a_webhook_cannot_is_told_when_it_is_planned),
        cmocka_unit_test(a_text_is_measured_as_it_is_sent),
        cmocka_unit_test(an_account_has_one_way_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
