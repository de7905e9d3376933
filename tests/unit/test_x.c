/* X's driver: what it asks for, and what it makes of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "driver_job.h"
#include "network/price.h"
#include "network/x.h"

#define OAUTH2 "{'client_id': 'app', 'url': 'https://x.test'}"
#define LOGIN                                                                                                \
    "'login': {'access_token': 'a1', 'refresh_token': 'r1', 'made_at': 1796108400000,"                       \
    "'expires_at': 1796119200000}"
#define ME "{'data': {'id': '42', 'username': 'chalet', 'name': 'Chalet'}}"
#define DUPLICATE                                                                                            \
    "{'title': 'Forbidden', 'detail': 'You are not allowed to create a Tweet with duplicate content.',"      \
    "'type': 'about:blank', 'status': 403}"

static struct bench *logged_in(void)
{
    struct bench *b = bench_new(&network_x, OAUTH2, "none");
    b->job.session = json_of(b->arena, "{" LOGIN "}");
    return b;
}

/* Who we are is known; the next step is the delivery's own. */
static struct bench *ready(void)
{
    struct bench *b = logged_in();
    next(b);
    go_on(b, 200, ME);
    return b;
}

static void set_thread(struct bench *b, size_t parts)
{
    static const char *const texts[] = {"one", "two", "three"};
    for (size_t i = 0; i < parts; i++)
        b->parts[i].text = texts[i];
    b->content.part_count = parts;
}

static void set_images(struct bench *b, size_t count)
{
    static const char *const hashes[] = {"aa", "bb", "cc", "dd"};
    for (size_t i = 0; i < count; i++)
        b->media[i].sha256 = hashes[i];
    b->parts[0].media = b->media;
    b->parts[0].media_count = count;
}

/* ---- publishing ---- */

static void a_post_is_published(void **state)
{
    (void)state;
    struct bench *b = logged_in();
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://x.test/2/users/me");
    assert_string_equal(header_of(b, "Authorization"), "Bearer a1");
    go_on(b, 200, ME);
    expect_step(b, STEP_CREATE, "POST", "https://x.test/2/tweets");
    expect_body(b, "{'text': 'hello'}");
    assert_null(header_of(b, "Idempotency-Key"));
    assert_string_equal(print_in(b->arena, b->step.memo), "{\"sent\":1796112000000}");
    answer(b, 201, "x-rate-limit-remaining: 0\nx-rate-limit-reset: 1796112060",
           "{'data': {'id': '1811', 'text': 'hello', 'edit_history_post_ids': ['1811']}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "1811");
    assert_string_equal(b->outcome.url, "https://x.com/chalet/status/1811");
    assert_int_equal(b->outcome.limit_reset, SLOT + 60000);
    expect_memo(b, "{'id': '1811', 'url': 'https://x.com/chalet/status/1811',"
                   "'post-0': {'id': '1811', 'url': 'https://x.com/chalet/status/1811'}}");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void a_thread_is_a_chain_of_replies(void **state)
{
    (void)state;
    struct bench *b = ready();
    set_thread(b, 3);
    next(b);
    expect_body(b, "{'text': 'one'}");
    go_on(b, 201, "{'data': {'id': '10', 'text': 'one'}}");
    assert_string_equal(b->step.name, "publish 2/3");
    expect_body(b, "{'reply': {'in_reply_to_tweet_id': '10'}, 'text': 'two'}");
    go_on(b, 201, "{'data': {'id': '11', 'text': 'two'}}");
    expect_body(b, "{'reply': {'in_reply_to_tweet_id': '11'}, 'text': 'three'}");
    answer(b, 201, NULL, "{'data': {'id': '12', 'text': 'three'}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "10");
    bench_free(b);
}

static void images_are_uploaded_and_described_first(void **state)
{
    (void)state;
    struct bench *b = ready();
    set_images(b, 2);
    b->media[1].alt = "";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", "https://x.test/2/media/upload");
    assert_string_equal(b->step.request.parts[0].name, "media_category");
    assert_string_equal(b->step.request.parts[0].value, "tweet_image");
    assert_ptr_equal(b->step.request.parts[1].media, &b->media[0]);
    go_on(b, 200, "{'data': {'id': '77', 'media_key': '3_77', 'expires_after_secs': 86400}}");
    expect_step(b, STEP_PREPARE, "POST", "https://x.test/2/media/metadata");
    expect_body(b, "{'id': '77', 'metadata': {'alt_text': {'text': 'alt'}}}");
    go_on(b, 200, "{'data': {'id': '77'}}");
    expect_step(b, STEP_PREPARE, "POST", "https://x.test/2/media/upload");
    assert_ptr_equal(b->step.request.parts[1].media, &b->media[1]);
    go_on(b, 200, "{'data': {'id': '78'}}");
    expect_body(b, "{'media': {'media_ids': ['77', '78']}, 'text': 'hello'}");
    b->job.now += HOURS(23) + MINUTES(30); /* X forgets what nobody used */
    next(b);
    assert_string_equal(b->step.name, "refresh");
    bench_free(b);
}

static void a_gif_goes_in_pieces_and_is_waited_for(void **state)
{
    (void)state;
    struct bench *b = ready();
    set_images(b, 1);
    b->media[0].mime = "image/gif";
    b->media[0].size = (4 << 20) + 5;
    b->media[0].alt = "";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", "https://x.test/2/media/upload/initialize");
    expect_body(b, "{'media_category': 'tweet_gif', 'media_type': 'image/gif', 'total_bytes': 4194309}");
    go_on(b, 200, "{'data': {'id': '9', 'expires_after_secs': 86400}}");
    for (int64_t i = 0; i < 2; i++) {
        expect_step(b, STEP_PREPARE, "POST", "https://x.test/2/media/upload/9/append");
        assert_string_equal(b->step.request.parts[0].value, i ? "1" : "0");
        assert_int_equal(b->step.request.parts[1].from, i * (4 << 20));
        assert_int_equal(b->step.request.parts[1].length, i ? 5 : 4 << 20);
        go_on(b, 200, "{'data': {'expires_at': 1}}");
    }
    expect_step(b, STEP_PREPARE, "POST", "https://x.test/2/media/upload/9/finalize");
    answer(b, 200, NULL, "{'data': {'id': '9', 'processing_info': {'state': 'pending', 'check_after_secs': 7}}}");
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + 7000);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", "https://x.test/2/media/upload?command=STATUS&media_id=9");
    go_on(b, 200, "{'data': {'id': '9', 'processing_info': {'state': 'succeeded', 'progress_percent': 100}}}");
    expect_body(b, "{'media': {'media_ids': ['9']}, 'text': 'hello'}");
    bench_free(b);
}

static void what_x_cannot_process_or_has_forgotten_is_said_or_made_again(void **state)
{
    (void)state;
    struct bench *b = ready();
    set_images(b, 1);
    b->media[0].mime = "image/gif";
    next(b);
    go_on(b, 200, "{'data': {'id': '9'}}");
    answer(b, 404, NULL, "{'title': 'Not Found Error'}"); /* append */
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    assert_string_equal(b->step.name, "begin upload");
    go_on(b, 200, "{'data': {'id': '10'}}");
    go_on(b, 204, NULL);
    answer(b, 200, NULL,
           "{'data': {'id': '10', 'processing_info': {'state': 'failed', 'error': {'message': 'bad GIF'}}}}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "bad GIF"));
    bench_free(b);
}

static void oauth1_signs_each_request_the_same_twice(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_x, "{'consumer_key': 'ck', 'url': 'https://x.test'}", "consumer_secret");
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://x.test/2/users/me");
    go_on(b, 200, ME);
    const char *first = header_of(b, "Authorization");
    assert_memory_equal(first, "OAuth oauth_consumer_key=\"ck\", oauth_nonce=\"", 44);
    next(b);
    assert_string_equal(first, header_of(b, "Authorization"));
    answer(b, 401, NULL, "{'title': 'Unauthorized', 'type': 'about:blank', 'status': 401}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_true(b->outcome.reconnect);
    bench_free(b);
}

static void another_app_is_another_user(void **state)
{
    (void)state;
    struct bench *b = ready();
    assert_int_equal(b->step.kind, STEP_CREATE);
    b->account.options = json_of(b->arena, "{'client_id': 'other', 'url': 'https://x.test'}");
    next(b);
    assert_int_equal(b->step.kind, STEP_SESSION);
    bench_free(b);
}

/* ---- answers ---- */

static void every_answer_to_a_creating_request_has_its_outcome(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {201, "{'data': {}}", OUTCOME_UNSURE, SCOPE_POST, "a success without an id"},
        {200, "{'data': {'id': 'x1'}}", OUTCOME_UNSURE, SCOPE_POST, "an id is digits"},
        {200, "{'errors': [{'title': 'x', 'type': 'about:blank', 'detail': 'partly'}]}", OUTCOME_UNSURE, SCOPE_POST},
        {400, "{'title': 'Invalid Request', 'detail': 'One or more parameters was invalid.',"
              "'type': 'https://api.x.com/2/problems/invalid-request'}", OUTCOME_REFUSED, SCOPE_POST,
         .says = "One or more parameters"},
        {401, "{'title': 'Unauthorized', 'status': 401}", OUTCOME_NEXT, SCOPE_ACCOUNT, "the token is renewed once"},
        {402, "{'title': 'Payment Required'}", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "buy credits"},
        {403, "{'title': 'CreditsDepleted', 'detail': 'no credits left'}", OUTCOME_RETRY, SCOPE_ACCOUNT,
         .says = "buy credits"},
        {403, DUPLICATE, OUTCOME_REFUSED, SCOPE_POST, "nothing was sent before", .says = "same text twice"},
        {403, "{'errors': [{'code': 187, 'message': 'Status is a duplicate.'}]}", OUTCOME_REFUSED, SCOPE_POST,
         .says = "same text twice"},
        {403, "{'title': 'Client Forbidden', 'type': 'https://api.twitter.com/2/problems/client-forbidden',"
              "'reason': 'client-not-enrolled'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "project"},
        {403, "{'title': 'Forbidden', 'detail': 'Your client app is not configured with the appropriate oauth1 app "
              "permissions for this endpoint.', 'type': 'https://api.twitter.com/2/problems/oauth1-permissions'}",
         OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "read and write", .reconnect = true},
        {403, "{'title': 'Unsupported Authentication',"
              "'type': 'https://api.twitter.com/2/problems/unsupported-authentication'}", OUTCOME_REFUSED,
         SCOPE_ACCOUNT, .reconnect = true},
        {403, "{'detail': 'Your account is suspended and is not permitted to access this feature.'}",
         OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "suspended"},
        {403, "{'errors': [{'code': 326, 'message': 'To protect our users'}]}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         .says = "unlock it"},
        {403, "{'detail': 'You are not permitted to perform this action.'}", OUTCOME_REFUSED, SCOPE_POST,
         .says = "not permitted"},
        {403, "{'errors': [{'code': 433, 'message': 'x'}]}", OUTCOME_REFUSED, SCOPE_POST, .says = "answer there"},
        {403, "{'errors': [{'code': 185, 'message': 'User is over daily status update limit.'}]}", OUTCOME_RETRY,
         SCOPE_ACCOUNT},
        {404, "{'title': 'Not Found Error'}", OUTCOME_REFUSED, SCOPE_POST},
        {429, "{'title': 'Too Many Requests'}", OUTCOME_RETRY, SCOPE_ACCOUNT, "the rate",
         .headers = "x-rate-limit-remaining: 0\nx-rate-limit-reset: 1796112060"},
        {429, "{'title': 'UsageCapExceeded', 'type': 'https://api.twitter.com/2/problems/usage-capped'}",
         OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "quota"},
        {429, "{'title': 'SpendCapReached'}", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "spending limit"},
        {500, "{'title': 'Internal Server Error'}", OUTCOME_UNSURE, SCOPE_POST, "it may be there"},
        {503, "!Service Unavailable", OUTCOME_UNSURE, SCOPE_POST, "likewise"},
        {504, NULL, OUTCOME_UNSURE, SCOPE_POST, "likewise"},
    };
    each_answer(cases, ready, answer, NULL);
}

static void a_rate_ends_at_its_reset_and_a_quota_is_not_asked_for_all_the_time(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *headers, *body;
        duration wait;
    } cases[] = {
        {429, "x-rate-limit-remaining: 0\nx-rate-limit-reset: 1796112060", "{}", MINUTES(1)},
        {429, "x-rate-limit-remaining: 57\nx-rate-limit-reset: 1796112060", "{}", HOURS(3)},
        {429, "x-rate-limit-remaining: 0\nx-rate-limit-reset: 1796112060", "{'title': 'usage-capped'}", HOURS(3)},
        {402, NULL, "{}", HOURS(3)},
        {429, NULL, "{}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = ready();
        answer(b, cases[i].status, cases[i].headers, cases[i].body);
        expect_outcome(b, OUTCOME_RETRY);
        assert_int_equal(b->outcome.at, cases[i].wait ? SLOT + cases[i].wait : 0);
        bench_free(b);
    }
}

static void the_limits_of_a_look_up_are_not_those_of_posting(void **state)
{
    (void)state;
    struct bench *b = logged_in();
    next(b);
    answer(b, 200, "x-rate-limit-remaining: 0\nx-rate-limit-reset: 1796112060", ME);
    assert_int_equal(b->outcome.limit_reset, 0);
    bench_free(b);
}

/* ---- what is in doubt ---- */

static struct bench *doubtful(void)
{
    struct bench *b = ready();
    b->job.first_sent = SLOT;
    answer(b, 503, NULL, NULL);
    b->job.lost = true;
    b->job.now += MINUTES(3);
    find(b);
    return b;
}

#define LIST(posts) "{'data': [" posts "], 'meta': {'result_count': 1}}"
#define POST(id, text) "{'id': '" id "', 'conversation_id': '" id "', 'text': '" text "'}"

static void the_list_of_posts_is_asked_for(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    expect_step(b, STEP_PREPARE, "GET",
                "https://x.test/2/users/42/tweets?max_results=100&start_time=2026-12-01T07%3A55%3A00Z"
                "&exclude=retweets&post.fields=attachments%2Cconversation_id%2Ccreated_at%2Centities%2Ctext%2C"
                "note_post");
    bench_free(b);
}

static void what_is_found_is_ours_and_what_is_not_is_looked_for_twice(void **state)
{
    (void)state;
    static const struct {
        const char *text, *list;
        enum outcome_kind kind;
        const char *reason;
    } cases[] = {
        {"hello", LIST(POST("5", "hello")), OUTCOME_DONE, "the same text"},
        {"hello", LIST(POST("5", "Hello ")), OUTCOME_DONE, "case and space say nothing"},
        {"a & b < c", LIST(POST("5", "a &amp; b &lt; c")), OUTCOME_DONE, "escaped"},
        {"a &amp; b", LIST(POST("5", "a &amp;amp; b")), OUTCOME_DONE, "escaped once more"},
        {"e\xCC\x81t\xC3\xA9", LIST(POST("5", "\xC3\xA9t\xC3\xA9")), OUTCOME_DONE, "composed"},
        {"hello", LIST(POST("5", "hello you")), OUTCOME_RETRY, "another"},
        {"hello", "{'meta': {'result_count': 0}}", OUTCOME_RETRY, "nothing"},
        {"hello", LIST("{'id': '5', 'conversation_id': '4', 'text': 'hello'}"), OUTCOME_RETRY, "an answer to others"},
        {"hello", LIST("{'id': '5', 'text': 'hello', 'attachments': {'media_keys': ['3_1']}}"), OUTCOME_RETRY,
         "it has an image"},
        {"see example.org/a", LIST("{'id': '5', 'text': 'see https://t.co/abc', 'entities': {'urls': ["
                                   "{'url': 'https://t.co/abc', 'expanded_url': 'http://example.org/a/'}]}}"),
         OUTCOME_DONE, "a link, expanded"},
        {"see https://example.org/a", LIST("{'id': '5', 'text': 'see https://t.co/abc', 'entities': {'urls': ["
                                           "{'url': 'https://t.co/abc', 'expanded_url': 'https://example.org/b'}]}}"),
         OUTCOME_RETRY, "another link"},
        {"see https://example.org/a", LIST("{'id': '5', 'text': 'see https://t.co/abc'}"), OUTCOME_UNSURE,
         "nobody says where the link leads"},
        {"long", LIST("{'id': '5', 'text': 'lo', 'note_tweet': {'text': 'long'}}"), OUTCOME_DONE, "the old name"},
        {"long", LIST("{'id': '5', 'text': 'lo', 'note_post': {'text': 'long'}}"), OUTCOME_DONE, "the new name"},
        {"hello", "[]", OUTCOME_RETRY, "no list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = ready();
        b->parts[0].text = cases[i].text;
        next(b);
        answer(b, 503, NULL, NULL);
        b->job.lost = true;
        b->job.now += MINUTES(3);
        find(b);
        answer_found(b, 200, NULL, cases[i].list);
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].reason, outcome_kind_name(b->outcome.kind));
        assert_true(b->outcome.kind != OUTCOME_DONE || !strcmp(b->outcome.id, "5"));
        bench_free(b);
    }
}

static void images_at_the_end_of_their_text_are_not_ours(void **state)
{
    (void)state;
    struct bench *b = ready();
    set_images(b, 1);
    next(b);
    go_on(b, 200, "{'data': {'id': '77'}}");
    go_on(b, 200, "{'data': {'id': '77'}}");
    answer(b, 500, NULL, NULL);
    find(b);
    answer_found(b, 200, NULL,
                 LIST("{'id': '5', 'text': 'hello https://t.co/p', 'attachments': {'media_keys': ['3_77']}, 'entities':"
                      "{'urls': [{'url': 'https://t.co/p',"
                      "'expanded_url': 'https://x.com/chalet/status/5/photo/1'}]}}"));
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void not_there_is_said_after_two_looks_and_two_minutes(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    b->job.now = SLOT + SECONDS(10);
    answer_found(b, 200, NULL, "{'meta': {'result_count': 0}}");
    expect_outcome(b, OUTCOME_RETRY);
    assert_int_equal(b->outcome.at, SLOT + MINUTES(2));
    b->job.now = SLOT + MINUTES(2);
    find(b);
    answer_found(b, 200, NULL, "{'meta': {'result_count': 0}}");
    expect_outcome(b, OUTCOME_NOT_FOUND);
    assert_null(json_member(b->job.memo, "look"));
    bench_free(b);
}

static void a_duplicate_after_a_lost_answer_is_never_a_refusal(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    for (int i = 0; i < 2; i++) {
        answer_found(b, 200, NULL, "{'meta': {'result_count': 0}}");
        b->job.now += MINUTES(1);
        find(b);
    }
    next(b); /* it was not found, and goes out again */
    assert_int_equal(b->step.kind, STEP_CREATE);
    answer(b, 403, NULL, DUPLICATE);
    expect_outcome(b, OUTCOME_UNSURE);
    for (int i = 0; i < 2; i++) {
        b->job.now += MINUTES(2);
        find(b);
        answer_found(b, 200, NULL, "{'meta': {'result_count': 0}}");
    }
    expect_outcome(b, OUTCOME_UNSURE); /* X says that it is there, and does not show it: a person looks */
    find(b);
    answer_found(b, 200, NULL, LIST(POST("5", "hello")));
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void a_name_of_the_query_that_is_refused_gives_way_to_the_other(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    answer_found(b, 400, NULL, "{'title': 'Invalid Request', 'detail': 'post.fields is not valid'}");
    expect_outcome(b, OUTCOME_NEXT);
    find(b);
    assert_non_null(strstr(b->step.request.url, "&tweet.fields=attachments%2Cconversation_id%2Ccreated_at"));
    assert_non_null(strstr(b->step.request.url, "note_tweet"));
    answer_found(b, 400, NULL, "{'title': 'Invalid Request'}");
    expect_outcome(b, OUTCOME_UNSURE); /* once a look */
    bench_free(b);
}

static void the_list_is_read_to_its_end_within_bounds(void **state)
{
    (void)state;
    struct bench *b = doubtful();
    for (int page = 1; page <= 4; page++) {
        answer_found(b, 200, NULL, "{'data': [" POST("9", "other") "], 'meta': {'next_token': 'n'}}");
        expect_outcome(b, OUTCOME_NEXT);
        find(b);
        assert_non_null(strstr(b->step.request.url, "&pagination_token=n"));
    }
    answer_found(b, 200, NULL, "{'data': [" POST("9", "other") "], 'meta': {'next_token': 'n'}}");
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

static void in_a_thread_the_part_that_is_there_is_gone_on_from(void **state)
{
    (void)state;
    struct bench *b = ready();
    set_thread(b, 3);
    next(b);
    go_on(b, 201, "{'data': {'id': '10', 'text': 'one'}}");
    answer(b, 500, NULL, NULL);
    find(b);
    answer_found(b, 200, NULL,
                 LIST("{'id': '12', 'conversation_id': '99', 'text': 'two'},"
                      "{'id': '11', 'conversation_id': '10', 'text': 'two'}, " POST("10", "one")));
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_body(b, "{'reply': {'in_reply_to_tweet_id': '11'}, 'text': 'three'}");
    bench_free(b);
}

/* ---- accounts, checks, prices ---- */

static void an_account_has_one_way_to_log_in_and_prices_that_are_prices(void **state)
{
    (void)state;
    static const struct {
        const char *options, *says;
        bool all;
    } cases[] = {
        {"{'client_id': 'a'}", NULL, false},
        {"{}", "needs 'client_id'", false},
        {"{'client_id': 'a', 'consumer_key': 'b'}", "not both", true},
        {"{'consumer_key': 'b'}", "'access_token' as well", false},
        {"{'consumer_key': 'b'}", NULL, true},
        {"{'client_id': 'a', 'prices': {'currency': 'USD', 'post': '0.015', 'link': '0.2'}}", NULL, false},
        {"{'client_id': 'a', 'prices': {'post': '0.015'}}", "currency", false},
        {"{'client_id': 'a', 'prices': {'currency': 'USD', 'post': '0,015'}}", "no price", false},
        {"{'client_id': 'a', 'prices': {'currency': 'USD', 'tweet': '1'}}", "no 'tweet'", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new(&network_x, cases[i].options, "consumer_secret");
        const struct account_secret all[] = {
            {.name = "consumer_secret"}, {.name = "access_token"}, {.name = "access_token_secret"}};
        struct error err = {0};
        if (cases[i].all) {
            b->account.secrets = all;
            b->account.secret_count = 3;
        }
        assert_int_equal(network_x.check_account(&b->account, &err), !cases[i].says);
        if (cases[i].says && !strstr(err.message, cases[i].says))
            fail_msg("%s: %s", cases[i].options, err.message);
        bench_free(b);
    }
}

static void a_price_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value; /* -1: it is none */
        const char *printed;
    } cases[] = {{"0.015", 15000, "0.015"}, {"1", 1000000, "1.00"},   {"0.2", 200000, "0.20"},
                 {"0.000001", 1, "0.000001"}, {"1000000", 1000000000000, "1000000.00"},
                 {"1000000.1", -1, NULL},     {".5", -1, NULL},       {"1.", -1, NULL},
                 {"0.0000001", -1, NULL},     {"-1", -1, NULL},       {"1e3", -1, NULL}, {"", -1, NULL}};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -1;
        bool ok = price_parse(cases[i].text, &value);
        assert_int_equal(ok, cases[i].value >= 0);
        assert_int_equal(value, cases[i].value);
        if (ok)
            assert_string_equal(price_text(value, arena), cases[i].printed);
    }
    arena_free(arena);
}

static void a_post_costs_what_its_parts_links_and_alt_texts_cost(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_x,
                                "{'client_id': 'a', 'prices': {'currency': 'USD', 'post': '0.015', 'link': '0.2',"
                                "'image': '0.005'}}", "none");
    int64_t price;
    set_thread(b, 2);
    set_images(b, 2);
    b->media[1].alt = "";
    b->content.link = "https://example.org/";
    assert_string_equal(network_x.price(&b->account, &b->content, b->arena, &price), "USD");
    assert_int_equal(price, 200000 + 15000 + 5000);
    b->account.options = json_of(b->arena, "{}");
    assert_null(network_x.price(&b->account, &b->content, b->arena, &price));
    bench_free(b);
}

static void what_x_would_refuse_is_told_before(void **state)
{
    (void)state;
    static const struct {
        const char *text, *mime, *options, *rule;
        size_t images, parts;
        int64_t size;
    } cases[] = {
        {"hello", "image/png", "{}", "", 4, 1, 100},
        {"hello", "image/gif", "{}", "media-count", 2, 1, 100},
        {"hello", "image/gif", "{}", "", 1, 1, 14 << 20},
        {"hello", "image/png", "{}", "image-size", 1, 1, 6 << 20},
        {"$ABC up, $DEF down", "image/png", "{}", "cashtags", 0, 1, 0},
        {"$ABC costs $100", "image/png", "{}", "", 0, 1, 0},
        {"one", "image/png", "{}", "thread", 0, 2, 0},
        {"one", "image/png", "{'threads': true}", "", 0, 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new(&network_x, cases[i].options, "none");
        struct diags diags = {.arena = b->arena};
        set_thread(b, cases[i].parts);
        b->parts[0].text = cases[i].text;
        set_images(b, cases[i].images);
        for (size_t k = 0; k < cases[i].images; k++) {
            b->media[k].mime = cases[i].mime;
            b->media[k].size = cases[i].size;
        }
        network_check(&b->account, &b->content, NULL, NULL, &diags);
        const char *rule = diags.count ? diags.items[0].rule : "";
        if (strcmp(rule, cases[i].rule) != 0)
            fail_msg("'%s' %s: '%s' instead of '%s'", cases[i].text, cases[i].mime, rule, cases[i].rule);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_published),
        cmocka_unit_test(a_thread_is_a_chain_of_replies),
        cmocka_unit_test(images_are_uploaded_and_described_first),
        cmocka_unit_test(a_gif_goes_in_pieces_and_is_waited_for),
        cmocka_unit_test(what_x_cannot_process_or_has_forgotten_is_said_or_made_again),
        cmocka_unit_test(oauth1_signs_each_request_the_same_twice),
        cmocka_unit_test(another_app_is_another_user),
        cmocka_unit_test(every_answer_to_a_creating_request_has_its_outcome),
        cmocka_unit_test(a_rate_ends_at_its_reset_and_a_quota_is_not_asked_for_all_the_time),
        cmocka_unit_test(the_limits_of_a_look_up_are_not_those_of_posting),
        cmocka_unit_test(the_list_of_posts_is_asked_for),
        cmocka_unit_test(what_is_found_is_ours_and_what_is_not_is_looked_for_twice),
        cmocka_unit_test(images_at_the_end_of_their_text_are_not_ours),
        cmocka_unit_test(not_there_is_said_after_two_looks_and_two_minutes),
        cmocka_unit_test(a_duplicate_after_a_lost_answer_is_never_a_refusal),
        cmocka_unit_test(a_name_of_the_query_that_is_refused_gives_way_to_the_other),
        cmocka_unit_test(the_list_is_read_to_its_end_within_bounds),
        cmocka_unit_test(in_a_thread_the_part_that_is_there_is_gone_on_from),
        cmocka_unit_test(an_account_has_one_way_to_log_in_and_prices_that_are_prices),
        cmocka_unit_test(a_price_is_exact),
        cmocka_unit_test(a_post_costs_what_its_parts_links_and_alt_texts_cost),
        cmocka_unit_test(what_x_would_refuse_is_told_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
