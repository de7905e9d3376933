/* Mastodon's driver: what it asks for, and what it makes of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/mastodon.h"

#define URL "https://m.example"
#define OPTIONS "{'url': 'https://m.example/'}"

/* What GET /api/v2/instance and verify_credentials answer. */
#define INSTANCE                                                                                             \
    "{'domain': 'm.example', 'version': '4.3.1', 'source_url': 'https://github.com/mastodon/mastodon',"      \
    "'configuration': {'statuses': {'max_characters': 600, 'max_media_attachments': 4,"                      \
    "'characters_reserved_per_url': 23}, 'media_attachments': {'description_limit': 1500,"                   \
    "'image_size_limit': 16777216, 'supported_mime_types': ['image/png', 'image/jpeg']}}}"
#define WHO "{'id': '42', 'acct': 'alice'}"

static struct bench *bench(void)
{
    return bench_new(&network_mastodon, OPTIONS, "token");
}

static struct bench *signed_in(void)
{
    struct bench *b = bench();
    next(b);
    go_on(b, 200, INSTANCE);
    go_on(b, 200, WHO);
    return b;
}

static struct bench *signed_in_to(const char *version)
{
    struct bench *b = bench();
    next(b);
    go_on(b, 200, arena_printf(b->arena, "{'version': '%s'}", version));
    answer(b, 200, NULL, WHO);
    return b;
}

static void a_post_is_published(void **state)
{
    (void)state;
    struct bench *b = bench();
    next(b);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v2/instance");
    answer(b, 200, NULL, INSTANCE);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v1/accounts/verify_credentials");
    answer(b, 200, NULL, WHO);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_CREATE, "POST", URL "/api/v1/statuses");
    assert_string_equal(b->step.name, "publish 1/1");
    assert_string_equal(header_of(b, "Idempotency-Key"), "0f1e2d3c4b5a69788796a5b4c3d2e1f0-0");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    assert_string_equal(header_of(b, "Content-Type"), "application/json");
    expect_body(b, "{'status': 'hello', 'visibility': 'public'}");
    answer(b, 200, "x-ratelimit-remaining: 299\nx-ratelimit-reset: 2026-12-01T08:05:00.123456Z",
           "{'id': '1001', 'url': 'https://m.example/@alice/1001', 'uri': 'https://m.example/x'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "1001");
    assert_string_equal(b->outcome.url, "https://m.example/@alice/1001");
    assert_int_equal(b->outcome.limit_remaining, 299);
    assert_int_equal(b->outcome.limit_reset, SLOT + 300123);
    expect_memo(b, "{'post-0': {'id': '1001', 'url': 'https://m.example/@alice/1001'}, 'id': '1001',"
                   "'url': 'https://m.example/@alice/1001'}");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void asked_twice_it_says_the_same(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    const char *first = b->step.request.body;
    next(b);
    assert_string_equal(first, b->step.request.body);
    bench_free(b);
}

static void what_the_post_says_is_sent(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->content.link = "https://example.org/hiver";
    b->content.warning = "snow";
    b->content.language = "fr-CA";
    b->content.visibility = VISIBILITY_FOLLOWERS;
    next(b);
    expect_body(b, "{'status': 'hello\\n\\nhttps://example.org/hiver', 'visibility': 'private', 'language': 'fr',"
                   "'spoiler_text': 'snow', 'sensitive': true}");
    b->parts[0].text = "see https://example.org/hiver now";
    next(b);
    assert_non_null(strstr(b->step.request.body, "\"status\":\"see https://example.org/hiver now\""));
    bench_free(b);
}

static void the_account_may_narrow_who_sees_it(void **state)
{
    (void)state;
    static const struct {
        const char *usual;
        enum visibility post;
        const char *expected;
    } cases[] = {
        {NULL, VISIBILITY_PUBLIC, "public"},          {NULL, VISIBILITY_UNLISTED, "unlisted"},
        {NULL, VISIBILITY_FOLLOWERS, "private"},      {NULL, VISIBILITY_DIRECT, "direct"},
        {"unlisted", VISIBILITY_PUBLIC, "unlisted"},  {"private", VISIBILITY_UNLISTED, "private"},
        {"unlisted", VISIBILITY_DIRECT, "direct"},    {"public", VISIBILITY_UNLISTED, "unlisted"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = signed_in();
        json_t *options = json_in_arena(b->arena, json_deep_copy(b->account.options));
        json_set_text(options, "visibility", cases[i].usual);
        json_set_text(options, "language", "de");
        b->account.options = options;
        b->content.visibility = cases[i].post;
        next(b);
        expect_body(b, arena_printf(b->arena, "{'status': 'hello', 'language': 'de', 'visibility': '%s'}",
                                    cases[i].expected));
        bench_free(b);
    }
}

static void images_are_uploaded_first_and_waited_for(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    b->media[1].alt = "";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", URL "/api/v2/media");
    assert_string_equal(b->step.name, "upload 1/2");
    assert_int_equal(b->step.request.part_count, 2);
    assert_string_equal(b->step.request.parts[0].name, "description");
    assert_string_equal(b->step.request.parts[0].value, "alt");
    assert_string_equal(b->step.request.parts[1].name, "file");
    assert_ptr_equal(b->step.request.parts[1].media, &b->media[0]);
    answer(b, 200, NULL, "{'id': '7', 'url': 'https://m.example/7.png'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    assert_string_equal(b->step.name, "upload 2/2");
    assert_int_equal(b->step.request.part_count, 1); /* no alt text: no description */
    answer(b, 202, NULL, "{'id': '8', 'url': null}");
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + 2000);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", URL "/api/v1/media/8");
    answer(b, 206, NULL, "{'id': '8', 'url': null}");
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + 5000);
    next(b);
    answer(b, 200, NULL, "{'id': '8', 'url': 'https://m.example/8.png'}");
    expect_outcome(b, OUTCOME_NEXT);
    expect_memo(b, "{'media-0-0': {'id': '7', 'at': 1796112000000}, 'media-0-1': {'id': '8', 'at': 1796112000000}}");
    next(b);
    expect_body(b, "{'status': 'hello', 'visibility': 'public', 'media_ids': ['7', '8']}");
    bench_free(b);
}

static void media_trouble_is_told_apart(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    next(b);
    answer(b, 422, NULL, "{'error': 'Validation failed: File content type is invalid'}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_POST);
    answer(b, 503, NULL, "!");
    expect_outcome(b, OUTCOME_RETRY); /* nobody saw it: upload again */
    answer(b, 200, NULL, "{'id': 'a/../b?'}");
    expect_outcome(b, OUTCOME_NEXT); /* an id is only text, and escaped where it stands in an address */
    b->job.memo = json_of(b->arena, "{'pending-0-0': {'id': 'a/../b?', 'since': 1796112000000}}");
    next(b);
    expect_step(b, STEP_PREPARE, "GET", URL "/api/v1/media/a%2F..%2Fb%3F");
    answer(b, 422, NULL, "{'error': 'Processing failed'}");
    expect_outcome(b, OUTCOME_REFUSED);
    b->job.now += HOURS(1) + 1;
    answer(b, 206, NULL, "{}");
    expect_outcome(b, OUTCOME_REFUSED); /* processing for more than an hour */
    answer(b, 404, NULL, "{'error': 'Record not found'}");
    expect_outcome(b, OUTCOME_NEXT);
    expect_memo(b, "{}");
    next(b);
    assert_string_equal(b->step.name, "upload 1/1"); /* from the start */
    bench_free(b);
}

static void an_upload_too_old_is_made_again_unless_an_answer_is_missing(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->job.memo = json_of(b->arena, "{'media-0-0': {'id': '7', 'at': 1796112000000}}");
    b->job.now += HOURS(20) - 1;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    b->job.now += 1;
    next(b);
    assert_string_equal(b->step.name, "upload 1/1");
    b->job.lost = true;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    bench_free(b);
}

static void unfinished_media_are_a_matter_of_seconds(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    for (int i = 0; i < 60; i++) {
        answer(b, 422, NULL, "{'error': 'Cannot attach files that have not finished processing. Try again!'}");
        expect_outcome(b, OUTCOME_WAIT);
        assert_int_equal(b->outcome.at, SLOT + 3000);
    }
    answer(b, 422, NULL, "{'error': 'Cannot attach files that have not finished processing. Try again!'}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static void a_thread_is_a_chain_of_replies(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->content.part_count = 3;
    b->content.link = "https://example.org/";
    b->parts[1].text = "two";
    b->parts[2].text = "three";
    next(b);
    assert_string_equal(b->step.name, "publish 1/3");
    expect_body(b, "{'status': 'hello\\n\\nhttps://example.org/', 'visibility': 'public'}");
    answer(b, 200, NULL, "{'id': '1', 'url': 'https://m.example/@alice/1'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_body(b, "{'status': 'two', 'visibility': 'public', 'in_reply_to_id': '1'}");
    assert_string_equal(header_of(b, "Idempotency-Key"), "0f1e2d3c4b5a69788796a5b4c3d2e1f0-1");
    go_on(b, 200, "{'id': '2', 'url': 'https://m.example/@alice/2'}");
    expect_body(b, "{'status': 'three', 'visibility': 'public', 'in_reply_to_id': '2'}");
    answer(b, 404, NULL, "{'error': 'The post you are trying to reply to does not exist.'}");
    expect_outcome(b, OUTCOME_REFUSED);
    answer(b, 200, NULL, "{'id': '3', 'url': 'https://m.example/@alice/3'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "1");
    assert_string_equal(b->outcome.url, "https://m.example/@alice/1");
    bench_free(b);
}

static void later_where_they_limit(struct bench *b)
{
    assert_int_equal(b->outcome.at, b->outcome.kind == OUTCOME_RETRY ? SLOT + 300000 : 0);
}

static void an_answer_to_publishing_means(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'id': '1', 'url': null, 'uri': 'https://m.example/u/1'}", OUTCOME_DONE, SCOPE_POST, "uri"},
        {200, "!<html>welcome to the hotel</html>", OUTCOME_UNSURE, SCOPE_POST, "a portal answered"},
        {200, "{}", OUTCOME_UNSURE, SCOPE_POST, "no id"},
        {200, "{'id': 12}", OUTCOME_UNSURE, SCOPE_POST, "ids are text"},
        {200, "{'id': 'a\\u001b[2J'}", OUTCOME_UNSURE, SCOPE_POST, "an id with controls"},
        {200, "[1]", OUTCOME_UNSURE, SCOPE_POST, "no object"},
        {200, NULL, OUTCOME_UNSURE, SCOPE_POST, "nothing"},
        {301, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "moved", .headers = "location: https://n.example/"},
        {400, "{'error': 'Duplicate idempotency key.'}", OUTCOME_UNSURE, SCOPE_POST, "Pixelfed"},
        {400, "{'error': 'Bad request'}", OUTCOME_REFUSED, SCOPE_POST, "else"},
        {401, "{'error': 'The access token is invalid'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "token",
         .reconnect = true},
        {401, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "an empty answer", .reconnect = true},
        {403, "{'error': 'This action is outside the authorized scopes'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         "scope", .reconnect = true},
        {403, "{'error': 'This action is not allowed'}", OUTCOME_REFUSED, SCOPE_POST, "else"},
        {404, "{'error': 'Record not found'}", OUTCOME_REFUSED, SCOPE_POST, "parent gone"},
        {422, "{'error': 'Validation failed: Text character limit of 500 exceeded'}", OUTCOME_REFUSED,
         SCOPE_POST, "too long"},
        {429, "{'error': 'Too many requests'}", OUTCOME_RETRY, SCOPE_ACCOUNT, "limit",
         .headers = "x-ratelimit-reset: 2026-12-01T08:05:00.000001Z"},
        {500, "!", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
        {502, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
        {503, "!", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
        {504, "!", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
    };
    each_answer(cases, signed_in, answer, later_where_they_limit);
}

static void the_session_is_read_daily_and_belongs_to_one_account(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    assert_int_equal(b->step.kind, STEP_CREATE);
    assert_int_equal(network_mastodon.text_limit(&b->account, b->job.session), 600);
    b->job.now += HOURS(24); /* late already: not delayed for this */
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    b->job.slot = b->job.now + HOURS(1); /* time enough */
    next(b);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v2/instance");
    b->job.now -= HOURS(24);
    b->secret.value = "another-token";
    next(b);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v2/instance");
    bench_free(b);
}

static void an_older_server_is_asked_the_older_way(void **state)
{
    (void)state;
    struct bench *b = bench();
    next(b);
    answer(b, 404, NULL, "{'error': 'Not Found'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v1/instance");
    answer(b, 200, NULL, "{'uri': 'https://m.example', 'version': '3.5.1',"
                         "'configuration': {'statuses': {'max_characters': 700}}}");
    expect_outcome(b, OUTCOME_NEXT);
    assert_int_equal(network_mastodon.text_limit(&b->account, b->job.session), 700);
    assert_string_equal(json_text(b->job.session, "domain"), "m.example");
    next(b);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v1/accounts/verify_credentials");
    bench_free(b);
}

static struct bench *asked_what_it_is(void)
{
    struct bench *b = bench();
    next(b);
    return b;
}

static void what_is_no_mastodon_is_refused(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "!<html>", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {200, "{}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {200, "{'version': 4}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {302, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {403, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST},
        {429, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, asked_what_it_is, answer, NULL);
}

static void a_repeat_under_the_key_is_sent_to_mastodon_only(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        enum repeat repeat;
    } cases[] = {
        {"4.3.1", REPEAT_KEY},
        {"4.3.0+glitch", REPEAT_KEY},
        {"3.5.3 (compatible; Pixelfed 0.12.3)", REPEAT_NEVER},
        {"2.7.2 (compatible; Pleroma 2.6.0)", REPEAT_NEVER},
        {"2.8.0 (compatible; Friendica 2024.03)", REPEAT_NEVER},
        {"0.17.3 git-6d7fa2b", REPEAT_NEVER},
        {"unheard of", REPEAT_NEVER},
        {"4", REPEAT_NEVER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = signed_in_to(cases[i].version);
        if (network_mastodon.repeat_for(&b->job) != cases[i].repeat)
            fail_msg("%s", cases[i].version);
        bench_free(b);
    }
    struct bench *b = bench();
    assert_int_equal(network_mastodon.repeat_for(&b->job), REPEAT_NEVER); /* nobody asked yet */
    next(b);
    answer(b, 200, NULL, "{'version': '4.3.1', 'source_url': 'https://codeberg.org/superseriousbusiness/gotosocial'}");
    assert_int_equal(network_mastodon.repeat_for(&b->job), REPEAT_NEVER); /* it only says it is Mastodon */
    bench_free(b);
}

/* ---- looking for a doubtful post ---- */

#define LIST URL "/api/v1/accounts/42/statuses?limit=40&exclude_reblogs=true"

static struct bench *doubtful(const char *text)
{
    struct bench *b = signed_in();
    b->parts[0].text = text;
    b->job.first_sent = SLOT;
    b->job.now = SLOT + MINUTES(2);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", LIST);
    return b;
}

/* A status of the list: id, minutes after the slot, HTML, further members. */
static const char *status(struct bench *b, const char *id, int minutes, const char *html, const char *more)
{
    char time[INSTANT_TEXT];
    instant_format(SLOT + MINUTES(minutes), time, sizeof time);
    return arena_printf(b->arena, "{'id': '%s', 'created_at': '%s', 'content': '%s', 'url': 'https://m.example/@a/%s'%s}",
                        id, time, html, id, more);
}

static const char *list_of(struct bench *b, const char *one, const char *two)
{
    return arena_printf(b->arena, "[%s%s%s]", one, two ? ", " : "", two ? two : "");
}

static void a_doubtful_post_is_recognised_by_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *html;
        bool found;
    } cases[] = {
        {"hello", "<p>hello</p>", true},
        {"hello", "<p>hello!</p>", false},
        {"hello", "", false},
        {"one\n\ntwo\nthree", "<p>one</p><p>two<br />three</p>", true},
        {"a < b & c > \"d\" 'e'", "<p>a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#x27;</p>", true},
        {"AT&T", "<p>AT&T</p>", true},
        {"see https://example.org/a/very/long/path?x=1",
         "<p>see <a href=\\\"https://example.org/a/very/long/path?x=1\\\" rel=\\\"nofollow\\\"><span class=\\\"invisible\\\">"
         "https://</span><span class=\\\"ellipsis\\\">example.org/a/very</span><span class=\\\"invisible\\\">"
         "/long/path?x=1</span></a></p>", true},
        {"hi @bob@other.example and @carol",
         "<p>hi <span class=\\\"h-card\\\"><a href=\\\"https://other.example/@bob\\\">@<span>bob</span></a></span> and "
         "<a href=\\\"https://m.example/@carol\\\">@<span>carol</span></a></p>", true},
        {"#Winter is here", "<p><a href=\\\"https://m.example/tags/Winter\\\">#<span>Winter</span></a> is here</p>", true},
        {"L\u2019\u00e9t\u00e9 \u2728", "<p>L\u2019\u00e9t\u00e9 \u2728</p>", true},
        {"me@example.org", "<p>me@example.org</p>", true},
        {"tail", "<p>tail</p><", true},
        {"x", "<p>x</p>&#0;&#xFFFFFFFF;&;&", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = doubtful(cases[i].text);
        struct response r = {.status = 200};
        json_t *list = json_of(b->arena, "[{'id': '9', 'created_at': '2026-12-01T08:00:01.500Z', 'url': 'https://m.example/@a/9'}]");
        char *html = arena_strdup(b->arena, cases[i].html);
        size_t length = 0;
        for (char *c = html; *c; c++) /* the tables' backslashes */
            if (*c != '\\')
                html[length++] = *c;
        html[length] = '\0';
        json_set_text(json_array_get(list, 0), "content", html);
        r.body = print_in(b->arena, list);
        r.body_length = strlen(r.body);
        network_mastodon.found(&b->job, &b->step, &r, b->arena, &b->outcome);
        if ((b->outcome.kind == OUTCOME_DONE) != cases[i].found)
            fail_msg("'%s' in '%s': %s", cases[i].text, html, outcome_kind_name(b->outcome.kind));
        if (cases[i].found)
            assert_string_equal(b->outcome.id, "9");
        bench_free(b);
    }
}

static void the_list_is_read_back_to_before_the_first_request(void **state)
{
    (void)state;
    struct bench *b = doubtful("hello winter friends");
    answer_found(b, 200, NULL, list_of(b, status(b, "9", 1, "<p>another</p>", ""), status(b, "8", 0, "<p>x</p>", "")));
    expect_outcome(b, OUTCOME_NEXT); /* both may be newer: nothing is sure yet */
    find(b);
    expect_step(b, STEP_PREPARE, "GET", LIST "&max_id=8");
    answer_found(b, 200, NULL, list_of(b, status(b, "7", 0, "<p>y</p>", ""),
                                       status(b, "6", -2, "<p>hello winter friends</p>", "")));
    expect_outcome(b, OUTCOME_NOT_FOUND); /* the same text, but from before */
    expect_memo(b, "{}");
    b = (bench_free(b), doubtful("hello"));
    answer_found(b, 200, NULL, "[]");
    expect_outcome(b, OUTCOME_NOT_FOUND); /* an empty account */
    for (int i = 0; i < 9; i++) {
        answer_found(b, 200, NULL, list_of(b, status(b, "9", 1, "<p>another</p>", ""), NULL));
        expect_outcome(b, OUTCOME_NEXT);
    }
    answer_found(b, 200, NULL, list_of(b, status(b, "9", 1, "<p>another</p>", ""), NULL));
    expect_outcome(b, OUTCOME_UNSURE); /* a server that gives the same page for ever */
    expect_memo(b, "{}");
    bench_free(b);
}

static void their_clock_may_be_behind_ours(void **state)
{
    (void)state;
    struct bench *b = doubtful("hello");
    const char *old = list_of(b, status(b, "9", -30, "<p>hello</p>", ""), NULL);
    answer_found(b, 200, NULL, old);
    expect_outcome(b, OUTCOME_NOT_FOUND);
    answer_found(b, 200, "date: Tue, 01 Dec 2026 07:31:30 GMT", old); /* ours: 08:02:00 */
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void what_is_not_there_yet_may_still_come(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    merge(b, b->step.memo); /* the intent is on disk, the answer lost */
    b->job.first_sent = SLOT;
    b->job.now = SLOT + SECONDS(59);
    find(b);
    answer_found(b, 200, NULL, "[]");
    expect_outcome(b, OUTCOME_RETRY);
    assert_int_equal(b->outcome.scope, SCOPE_POST);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(60));
    b->job.now = SLOT + SECONDS(60);
    answer_found(b, 200, NULL, "[]");
    expect_outcome(b, OUTCOME_NOT_FOUND);
    bench_free(b);
}

static void another_post_with_the_same_text_is_not_ours(void **state)
{
    (void)state;
    static const char *const others[] = {
        ", 'in_reply_to_id': '5'",
        ", 'reblog': {'id': '1'}",
        ", 'media_attachments': [{'id': '7'}]",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct bench *b = doubtful("hello");
        answer_found(b, 200, NULL, list_of(b, status(b, "9", 0, "<p>hello</p>", others[i]),
                                           status(b, "1", -9, "<p>old</p>", "")));
        expect_outcome(b, OUTCOME_NOT_FOUND);
        bench_free(b);
    }
}

static void one_that_only_resembles_ours_is_compared_by_its_source(void **state)
{
    (void)state;
    struct bench *b = doubtful("winter **season** opens https://example.org/a/long/one");
    const char *list = list_of(b, status(b, "9", 0, "<p>winter <b>season</b> opens <a>example.org/a/l\u2026</a></p>", ""),
                               status(b, "8", -5, "<p>old</p>", ""));
    answer_found(b, 200, NULL, list);
    expect_outcome(b, OUTCOME_NEXT);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", URL "/api/v1/statuses/9/source");
    const json_t *memo = b->job.memo;
    answer_found(b, 200, NULL, "{'id': '9', 'text': 'winter **season** opens https://example.org/a/long/one'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://m.example/@a/9");
    assert_null(json_member(b->job.memo, "look"));
    b->job.memo = memo;
    answer_found(b, 200, NULL, "{'id': '9', 'text': 'winter **season** opens at noon'}");
    expect_outcome(b, OUTCOME_NOT_FOUND);
    b->job.memo = memo;
    answer_found(b, 404, NULL, "{'error': 'Record not found'}");
    expect_outcome(b, OUTCOME_UNSURE); /* a server without sources: a person must look */
    b->job.memo = memo;
    answer_found(b, 503, NULL, NULL);
    expect_outcome(b, OUTCOME_RETRY);
    bench_free(b);
}

static void a_doubtful_part_of_a_thread_is_looked_for_with_its_parent(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->content.part_count = 3;
    b->parts[1].text = "hello"; /* the same words as the first part */
    b->parts[2].text = "end";
    b->job.memo = json_of(b->arena, "{'post-0': {'id': '5', 'url': 'https://m.example/@a/5'}}");
    b->job.first_sent = SLOT;
    find(b);
    const char *first = status(b, "5", 0, "<p>hello</p>", "");
    answer_found(b, 200, NULL, list_of(b, first, status(b, "4", -9, "<p>old</p>", "")));
    expect_outcome(b, OUTCOME_NOT_FOUND);
    answer_found(b, 200, NULL, list_of(b, status(b, "6", 0, "<p>hello</p>", ", 'in_reply_to_id': '5'"), first));
    expect_outcome(b, OUTCOME_NEXT);
    assert_string_equal(json_text(thread_post(&b->job, 1), "id"), "6");
    find(b); /* the part after it was never sent */
    answer_found(b, 200, NULL, list_of(b, first, status(b, "4", -9, "<p>old</p>", "")));
    expect_outcome(b, OUTCOME_NOT_FOUND);
    next(b);
    assert_string_equal(b->step.name, "publish 3/3");
    bench_free(b);
}

static void what_cannot_be_looked_for_is_for_a_person(void **state)
{
    (void)state;
    struct bench *b = bench();
    next(b);
    go_on(b, 200, INSTANCE);
    answer(b, 403, NULL, "{'error': 'This action is outside the authorized scopes'}"); /* it may write, not read */
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", URL "/api/v1/accounts/verify_credentials");
    answer_found(b, 403, NULL, "{'error': 'This action is outside the authorized scopes'}");
    expect_outcome(b, OUTCOME_UNSURE);
    answer_found(b, 200, NULL, WHO); /* the scope was granted meanwhile */
    expect_outcome(b, OUTCOME_NEXT);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", LIST);
    answer_found(b, 200, NULL, "!<html>");
    expect_outcome(b, OUTCOME_RETRY);
    answer_found(b, 200, NULL, "{}");
    expect_outcome(b, OUTCOME_RETRY);
    answer_found(b, 401, NULL, NULL);
    expect_outcome(b, OUTCOME_UNSURE);
    assert_true(b->outcome.reconnect);
    assert_string_equal(network_mastodon.where(&b->job, b->arena), URL "/@alice");
    bench_free(b);
}

static void the_live_check_says_who_we_are(void **state)
{
    (void)state;
    struct bench *b = bench();
    b->job.content = NULL;
    b->job.slot = 0;
    struct response r = response_of(b->arena, 200, NULL, INSTANCE);
    network_mastodon.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_SESSION, "GET", URL "/api/v2/instance");
    network_mastodon.verified(&b->job, &b->step, &r, b->arena, &b->outcome);
    settle(b);
    network_mastodon.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", URL "/api/v1/accounts/verify_credentials");
    r = response_of(b->arena, 200, NULL, WHO);
    network_mastodon.verified(&b->job, &b->step, &r, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.message, "@alice@m.example");
    r = response_of(b->arena, 401, NULL, "{'error': 'The access token was revoked'}");
    network_mastodon.verified(&b->job, &b->step, &r, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_REFUSED);
    assert_true(b->outcome.reconnect && b->outcome.scope == SCOPE_ACCOUNT);
    bench_free(b);
}

static void the_warning_counts_with_the_text(void **state)
{
    (void)state;
    struct bench *b = bench();
    char text[500];
    memset(text, 'a', 499);
    for (size_t i = 5; i < 499; i += 6)
        text[i] = ' ';
    text[499] = '\0';
    b->parts[0].text = text;
    struct diags diags = diags_in(b->arena);
    network_mastodon.check(&b->account, &b->content, &diags);
    b->content.warning = "a";
    network_mastodon.check(&b->account, &b->content, &diags);
    assert_int_equal(diags.errors, 0);
    b->content.warning = "ab";
    network_mastodon.check(&b->account, &b->content, &diags);
    assert_int_equal(diags.errors, 1);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_published),
        cmocka_unit_test(asked_twice_it_says_the_same),
        cmocka_unit_test(what_the_post_says_is_sent),
        cmocka_unit_test(the_account_may_narrow_who_sees_it),
        cmocka_unit_test(images_are_uploaded_first_and_waited_for),
        cmocka_unit_test(media_trouble_is_told_apart),
        cmocka_unit_test(an_upload_too_old_is_made_again_unless_an_answer_is_missing),
        cmocka_unit_test(unfinished_media_are_a_matter_of_seconds),
        cmocka_unit_test(a_thread_is_a_chain_of_replies),
        cmocka_unit_test(an_answer_to_publishing_means),
        cmocka_unit_test(the_session_is_read_daily_and_belongs_to_one_account),
        cmocka_unit_test(an_older_server_is_asked_the_older_way),
        cmocka_unit_test(what_is_no_mastodon_is_refused),
        cmocka_unit_test(a_repeat_under_the_key_is_sent_to_mastodon_only),
        cmocka_unit_test(a_doubtful_post_is_recognised_by_its_text),
        cmocka_unit_test(the_list_is_read_back_to_before_the_first_request),
        cmocka_unit_test(their_clock_may_be_behind_ours),
        cmocka_unit_test(what_is_not_there_yet_may_still_come),
        cmocka_unit_test(another_post_with_the_same_text_is_not_ours),
        cmocka_unit_test(one_that_only_resembles_ours_is_compared_by_its_source),
        cmocka_unit_test(a_doubtful_part_of_a_thread_is_looked_for_with_its_parent),
        cmocka_unit_test(what_cannot_be_looked_for_is_for_a_person),
        cmocka_unit_test(the_live_check_says_who_we_are),
        cmocka_unit_test(the_warning_counts_with_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
