/* Telegram's driver: what it asks for, and what it makes of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define API "https://api.telegram.org/bots3cret-token"

static struct bench *signed_in(void)
{
    struct bench *b = bench_new(&network_telegram, "{'chat': '-1001234'}", "token");
    next(b);
    go_on(b, 200, "{'ok': true, 'result': {'id': 99, 'username': 'chalet_bot'}}");
    go_on(b, 200, "{'ok': true, 'result': {'id': -1001234, 'title': 'Chalet'}}");
    return b;
}

static void a_message_is_published(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    expect_step(b, STEP_CREATE, "POST", API "/sendMessage");
    expect_body(b, "{'chat_id': -1001234, 'text': 'hello'}");
    answer(b, 200, NULL, "{'ok': true, 'result': {'message_id': 4, 'chat': {'id': -1001234}}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://t.me/c/1234/4");
    bench_free(b);
}

static void every_documented_error_has_its_outcome(void **state)
{
    (void)state;
#define SAID(words) "{'ok': false, 'description': '" words "'}"
    static const struct answer_case cases[] = {
        {200, "{'ok': true, 'result': {'message_id': 0}}", OUTCOME_UNSURE, SCOPE_POST, "queued there"},
        {200, "!ok", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {429, "{'ok': false, 'description': 'Too Many Requests: retry after 7', 'parameters': {'retry_after': 7}}",
         OUTCOME_RETRY, SCOPE_ACCOUNT, "limit", NULL, "too many"},
        {401, SAID("Unauthorized"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "revoked", NULL, "BotFather", true},
        {404, SAID("Not Found"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "malformed", NULL, "BotFather", true},
        {403, SAID("Forbidden: bot was kicked"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "kicked", NULL, "administrator"},
        {409, SAID("Conflict"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "another user"},
        {400, SAID("Bad Request: chat not found"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "chat", NULL, "no such chat"},
        {400, SAID("Bad Request: message text is empty"), OUTCOME_REFUSED, SCOPE_POST, "empty", NULL, "empty"},
        {400, SAID("Bad Request: message is too long"), OUTCOME_REFUSED, SCOPE_POST, "long", NULL, "too long"},
        {400, SAID("Bad Request: can`t parse entities"), OUTCOME_REFUSED, SCOPE_POST, "markup"},
        {400, SAID("Bad Request: PHOTO_INVALID_DIMENSIONS"), OUTCOME_REFUSED, SCOPE_POST, "photo", NULL, "PHOTO_"},
        {413, "!", OUTCOME_REFUSED, SCOPE_POST, "too large"},
        {400, "{'ok': false, 'parameters': {'migrate_to_chat_id': -1009}}", OUTCOME_RETRY, SCOPE_POST, "moved", NULL, "-1009"},
        {500, SAID("Internal Server Error"), OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {502, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
        {504, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
    };
    each_answer(cases, signed_in, answer, NULL);
}

static void when_to_come_back_is_in_the_body(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    answer(b, 429, "retry-after: 9", "{'ok': false, 'parameters': {'retry_after': 7}}");
    assert_int_equal(b->outcome.at, SLOT + 7000);
    answer(b, 429, "retry-after: 9", "!");
    assert_int_equal(b->outcome.at, SLOT + 9000);
    bench_free(b);
}

static void what_is_added_to_markup_means_itself(void **state)
{
    (void)state;
    static const struct {
        const char *options, *text;
    } cases[] = {
        {"{'chat': '@c'}", "hello\n\nhttps://a.example/?a=1&b_c"},
        {"{'chat': '@c', 'format': 'html'}", "hello\n\nhttps://a.example/?a=1&amp;b_c"},
        {"{'chat': '@c', 'format': 'markdown'}", "hello\n\nhttps://a\\.example/?a\\=1&b\\_c"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = signed_in();
        b->account.options = json_of(b->arena, cases[i].options);
        merge(b, json_of(b->arena, "{}"));
        json_t *session = json_in_arena(b->arena, json_deep_copy(b->job.session));
        b->content.link = "https://a.example/?a=1&b_c";
        b->job.session = session;
        next(b);
        if (b->step.kind == STEP_SESSION) { /* another chat */
            go_on(b, 200, "{'ok': true, 'result': {'id': 99, 'username': 'x'}}");
            go_on(b, 200, "{'ok': true, 'result': {'id': -1}}");
        }
        assert_string_equal(json_text(json_in_arena(b->arena, json_parse(b->step.request.body,
                                                                         b->step.request.body_length, NULL)), "text"),
                            cases[i].text);
        bench_free(b);
    }
}

static void a_caption_is_shorter_than_a_text(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    char *text = arena_alloc(b->arena, 1026);
    memset(text, 'x', 1025);
    text[1025] = '\0';
    b->parts[0].text = text;
    struct diags diags = diags_in(b->arena);
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 0);
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 1);
    text[1024] = '\0';
    b->media[0].width = 9000;
    b->media[0].height = 1001;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors, 2);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_published),
        cmocka_unit_test(every_documented_error_has_its_outcome),
        cmocka_unit_test(when_to_come_back_is_in_the_body),
        cmocka_unit_test(what_is_added_to_markup_means_itself),
        cmocka_unit_test(a_caption_is_shorter_than_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
