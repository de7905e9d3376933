/* Facebook Pages, Instagram and Threads: what is sent, what each answer means, and what becomes of a lost
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct bench *page_begin(void)
{
    struct bench *b = bench_new(&network_facebook, "{'page':'77'}", "token");
    next(b);
    go_on(b, 200, "{'id':'77','name':'Chalet'}");
    return b;
}

static struct bench *with_images(const struct network *network, const char *options, size_t images)
{
    struct bench *b = bench_new(network, options, "token");
    b->parts[0].media = images ? b->media : NULL;
    b->parts[0].media_count = images;
    for (size_t i = 0; i < 4; i++) {
        char hash[3] = {'0', (char)('0' + i), 0};
        b->media[i].sha256 = arena_strdup(b->arena, hash);
        b->media[i].mime = "image/jpeg";
        b->media[i].width = b->media[i].height = 1000;
    }
    next(b);
    return b;
}

/* ---- a page ---- */

static void a_page_post_is_one_request_that_says_who_we_are_first(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_facebook, "{'page':'77'}", "token");
    b->content.link = "https://example.org/";
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://graph.facebook.com/v26.0/77?fields=id,name");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    go_on(b, 200, "{'id':'77','name':'Chalet'}");
    expect_step(b, STEP_CREATE, "POST", "https://graph.facebook.com/v26.0/77/feed");
    assert_string_equal(b->step.request.body,
                        "message=hello&link=https%3A%2F%2Fexample.org%2F&published=true&"
                        "fields=permalink_url%2Ccreated_time");
    go_on(b, 200, "{'id':'77_5','permalink_url':'https://www.facebook.com/77/posts/5'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "77_5");
    assert_string_equal(b->outcome.url, "https://www.facebook.com/77/posts/5");
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void photos_are_uploaded_unpublished_and_attached(void **state)
{
    (void)state;
    struct bench *b = with_images(&network_facebook, "{'page':'77'}", 2);
    go_on(b, 200, "{'id':'77','name':'Chalet'}");
    expect_step(b, STEP_PREPARE, "POST", "https://graph.facebook.com/v26.0/77/photos");
    assert_string_equal(b->step.request.parts[0].name, "published");
    assert_string_equal(b->step.request.parts[0].value, "false");
    assert_string_equal(b->step.request.parts[1].name, "alt_text_custom");
    go_on(b, 200, "{'id':'901'}");
    go_on(b, 200, "{'id':'902'}");
    expect_step(b, STEP_CREATE, "POST", "https://graph.facebook.com/v26.0/77/feed");
    assert_non_null(strstr(b->step.request.body, "attached_media%5B0%5D=%7B%22media_fbid%22%3A%22901%22%7D&"
                                                 "attached_media%5B1%5D=%7B%22media_fbid%22%3A%22902%22%7D"));
    bench_free(b);
}

static void a_signed_request_has_the_proof_of_the_secret(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_facebook, "{'page':'77'}", "token");
    struct account_secret secrets[] = {{.name = "token", .value = "tok"}, {.name = "app_secret", .value = "key"}};
    b->account.secrets = secrets;
    b->account.secret_count = 2;
    next(b);
    /* HMAC-SHA256("key", "tok"), by openssl dgst -sha256 -hmac key */
    assert_string_equal(b->step.request.url,
                        "https://graph.facebook.com/v26.0/77?fields=id,name&appsecret_proof="
                        "d20bbd26133cc8003adc43a01e5101c21d07f74d5dee5c5833216fc05e84a3ea");
    bench_free(b);
}

/* ---- errors ---- */

#define ERROR(code, subcode) 400, "{'error':{'message':'no','code':" #code ",'error_subcode':" #subcode "}}"
#define PLAIN(code) 400, "{'error':{'message':'no','code':" #code "}}"

static const struct answer_case create_cases[] = {
    {PLAIN(1), OUTCOME_UNSURE, SCOPE_POST, "their fault: it may have been made"},
    {PLAIN(2), OUTCOME_UNSURE, SCOPE_POST},
    {500, "{'error':{'message':'no','code':1}}", OUTCOME_UNSURE, SCOPE_POST},
    {502, "!bad gateway", OUTCOME_UNSURE, SCOPE_POST},
    {400, "{'error':{'message':'no','code':99,'is_transient':true}}", OUTCOME_UNSURE, SCOPE_POST},
    {PLAIN(4), OUTCOME_RETRY, SCOPE_NETWORK, "the app's limit, as HTTP 400"},
    {PLAIN(17), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {PLAIN(32), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {PLAIN(341), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {PLAIN(613), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {PLAIN(80001), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {PLAIN(80002), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {PLAIN(368), OUTCOME_RETRY, SCOPE_ACCOUNT, "blocked for a while"},
    {ERROR(368, 1390008), OUTCOME_RETRY, SCOPE_ACCOUNT, "too fast"},
    {ERROR(368, 4854002), OUTCOME_REFUSED, SCOPE_ACCOUNT, "identity check"},
    {ERROR(200, 1404078), OUTCOME_REFUSED, SCOPE_ACCOUNT, "publishing authorisation"},
    {PLAIN(190), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {ERROR(190, 463), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {401, "{'error':{'message':'no','code':190}}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {PLAIN(102), OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {PLAIN(3), OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {PLAIN(10), OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {403, "{'error':{'message':'no','code':200}}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {PLAIN(299), OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {PLAIN(100), OUTCOME_REFUSED, SCOPE_POST},
    {PLAIN(506), OUTCOME_REFUSED, SCOPE_POST, "the same twice in a row"},
    {ERROR(100, 1366051), OUTCOME_REFUSED, SCOPE_POST, "photos posted already"},
    {ERROR(100, 1609005), OUTCOME_REFUSED, SCOPE_POST, "the link", .says = "cannot reach the link"},
    {ERROR(100, 1404102), OUTCOME_REFUSED, SCOPE_POST},
    {PLAIN(210), OUTCOME_REFUSED, SCOPE_POST},
    {PLAIN(2500), OUTCOME_REFUSED, SCOPE_POST},
    {PLAIN(12345), OUTCOME_REFUSED, SCOPE_POST, "a code nobody knows: as its status"},
    {400, "{'error':{'message':'no','error_user_msg':'Say it so','code':100}}", OUTCOME_REFUSED, SCOPE_POST,
     .says = "Say it so"},
    {200, "{}", OUTCOME_UNSURE, SCOPE_POST, "it was taken, and names nothing"},
    {200, "!what", OUTCOME_UNSURE, SCOPE_POST},
};

static void each_error_of_a_page_has_its_kind_and_scope(void **state)
{
    (void)state;
    each_answer(create_cases, page_begin, answer, NULL);
}

static const struct usage_case {
    const char *headers, *body;
    int status;
    duration pause, retry; /* 0: none */
} usage_cases[] = {
    {"x-app-usage: {\"call_count\":28,\"total_time\":25,\"total_cputime\":25}", "{'id':'1'}", 200, 0, 0},
    {"x-app-usage: {\"call_count\":80,\"total_time\":25}", "{'id':'1'}", 200, SECONDS(10), 0},
    {"x-page-usage: {\"call_count\":1,\"total_cputime\":96}", "{'id':'1'}", 200, MINUTES(1), 0},
    {"x-app-usage: {\"call_count\":100}", "{'id':'1'}", 200, HOURS(1), 0},
    {"x-business-use-case-usage: {\"77\":[{\"type\":\"pages\",\"call_count\":100,"
     "\"estimated_time_to_regain_access\":19}]}",
     "{'id':'1'}", 200, MINUTES(19), 0},
    {"x-business-use-case-usage: {\"77\":[{\"estimated_time_to_regain_access\":19}]}",
     "{'error':{'code':80001}}", 400, 0, MINUTES(19)},
    {NULL, "{'error':{'code':32}}", 400, 0, HOURS(1)},
    {"x-app-usage: nonsense\nx-page-usage: [1,{}]", "{'id':'1'}", 200, 0, 0},
};

static void usage_slows_down_and_stops(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(usage_cases); i++) {
        const struct usage_case *c = &usage_cases[i];
        struct bench *b = page_begin();
        answer(b, c->status, c->headers, c->body);
        assert_int_equal(b->outcome.limit_reset, c->pause ? SLOT + c->pause : 0);
        assert_int_equal(b->outcome.at, c->retry ? SLOT + c->retry : 0);
        bench_free(b);
    }
}

/* ---- a lost answer of a page ---- */

static void a_lost_page_post_is_found_by_its_text_and_only_late_held_absent(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        duration later;
        enum outcome_kind kind;
    } cases[] = {
        {"[{'id':'77_9','message':'hello','created_time':'2026-12-01T08:00:01+0000'}]", 0, OUTCOME_DONE},
        {"[{'id':'77_9','message':' hello ','created_time':'2026-12-01T08:00:01+0000'}]", 0, OUTCOME_DONE},
        {"[{'id':'77_8','message':'hello','created_time':'2026-12-01T07:00:00+0000'}]", 0, OUTCOME_RETRY},
        {"[{'id':'77_9','message':'other','created_time':'2026-12-01T08:00:01+0000'}]", 0, OUTCOME_RETRY},
        {"[]", MINUTES(14), OUTCOME_RETRY}, /* an empty list proves nothing yet */
        {"[]", MINUTES(16), OUTCOME_NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = page_begin();
        merge(b, b->step.memo);
        b->job.lost = true;
        b->job.first_sent = SLOT;
        b->job.now = SLOT + cases[i].later;
        find(b);
        answer_found(b, 200, NULL, arena_printf(b->arena, "{'data':%s}", cases[i].list));
        expect_outcome(b, cases[i].kind);
        bench_free(b);
    }
}

static void a_refusal_after_a_doubt_is_a_doubt(void **state)
{
    (void)state;
    struct bench *b = page_begin();
    merge(b, json_of(b->arena, "{'doubted':true}"));
    answer(b, 400, NULL, "{'error':{'code':506}}");
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

/* ---- containers ---- */

static struct bench *insta_begin(size_t images)
{
    struct bench *b = with_images(&network_instagram, "{}", images);
    expect_step(b, STEP_SESSION, "GET", "https://graph.instagram.com/v26.0/me?fields=user_id,username");
    go_on(b, 200, "{'user_id':'42','username':'chalet'}");
    expect_step(b, STEP_PREPARE, "GET",
                "https://graph.instagram.com/v26.0/42/content_publishing_limit?fields=quota_usage,config");
    go_on(b, 200, "{'data':[{'quota_usage':3,'config':{'quota_total':100,'quota_duration':86400}}]}");
    return b;
}

static struct bench *insta_box(void) /* the container is made, its status is to be asked */
{
    struct bench *b = insta_begin(1);
    go_on(b, 200, "{'url':'https://m.example/1.jpg','until':0}");
    go_on(b, 200, "{'id':'500'}");
    return b;
}

static struct bench *insta_ready(void) /* to be published */
{
    struct bench *b = insta_box();
    go_on(b, 200, "{'status_code':'FINISHED'}");
    return b;
}

static void an_image_goes_through_address_container_status_and_permalink(void **state)
{
    (void)state;
    struct bench *b = insta_begin(1);
    assert_int_equal(b->step.kind, STEP_PREPARE);
    assert_ptr_equal(b->step.host, &b->media[0]);
    assert_null(b->step.request.url);
    go_on(b, 200, "{'url':'https://m.example/1.jpg','until':0}");
    expect_step(b, STEP_PREPARE, "POST", "https://graph.instagram.com/v26.0/42/media");
    assert_string_equal(b->step.request.body,
                        "image_url=https%3A%2F%2Fm.example%2F1.jpg&alt_text=alt&caption=hello");
    go_on(b, 200, "{'id':'500'}");
    expect_step(b, STEP_PREPARE, "GET", "https://graph.instagram.com/v26.0/500?fields=status_code,status");
    go_on(b, 200, "{'status_code':'IN_PROGRESS'}");
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(3));
    go_on(b, 200, "{'status_code':'FINISHED'}");
    expect_step(b, STEP_CREATE, "POST", "https://graph.instagram.com/v26.0/42/media_publish");
    assert_string_equal(b->step.request.body, "creation_id=500");
    go_on(b, 200, "{'id':'9'}");
    expect_outcome(b, OUTCOME_NEXT);
    expect_step(b, STEP_PREPARE, "GET", "https://graph.instagram.com/v26.0/9?fields=permalink");
    go_on(b, 200, "{'permalink':'https://www.instagram.com/p/x/'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "9");
    assert_string_equal(b->outcome.url, "https://www.instagram.com/p/x/");
    bench_free(b);
}

static void a_permalink_that_is_not_told_does_not_keep_a_post_unpublished(void **state)
{
    (void)state;
    struct bench *b = insta_ready();
    go_on(b, 200, "{'id':'9'}");
    go_on(b, 500, "{}");
    expect_outcome(b, OUTCOME_WAIT);
    go_on(b, 400, "{'error':{'code':4}}");
    go_on(b, 200, "{}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "9");
    assert_null(b->outcome.url);
    bench_free(b);
}

static void a_carousel_has_a_container_for_each_image(void **state)
{
    (void)state;
    struct bench *b = insta_begin(2);
    go_on(b, 200, "{'url':'https://m.example/1.jpg','until':0}");
    go_on(b, 200, "{'url':'https://m.example/2.jpg','until':0}");
    assert_string_equal(b->step.request.body,
                        "image_url=https%3A%2F%2Fm.example%2F1.jpg&alt_text=alt&is_carousel_item=true");
    go_on(b, 200, "{'id':'501'}");
    go_on(b, 200, "{'id':'502'}");
    expect_step(b, STEP_PREPARE, "GET", "https://graph.instagram.com/v26.0/501?fields=status_code,status");
    go_on(b, 200, "{'status_code':'FINISHED'}");
    go_on(b, 200, "{'status_code':'FINISHED'}");
    assert_string_equal(b->step.request.body, "media_type=CAROUSEL&children=501%2C502&caption=hello");
    bench_free(b);
}

static void a_full_quota_waits_and_an_unreadable_one_does_not(void **state)
{
    (void)state;
    struct bench *b = with_images(&network_instagram, "{}", 1);
    go_on(b, 200, "{'user_id':'42','username':'chalet'}");
    answer(b, 200, NULL, "{'data':[{'quota_usage':100,'config':{'quota_total':100}}]}");
    expect_outcome(b, OUTCOME_RETRY);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    assert_int_equal(b->outcome.at, SLOT + HOURS(1));
    answer(b, 400, NULL, "{'error':{'code':10}}");
    expect_outcome(b, OUTCOME_NEXT);
    bench_free(b);
}

static const struct answer_case status_cases[] = {
    {200, "{'status_code':'ERROR','status':'Error: code 2207053'}", OUTCOME_WAIT, SCOPE_POST,
     "a new container"},
    {200, "{'status_code':'ERROR','status':'Error: code 2207026'}", OUTCOME_REFUSED, SCOPE_POST,
     "the format"},
    {200, "{'status_code':'ERROR','status':'Error: code 2207052'}", OUTCOME_WAIT, SCOPE_POST,
     "not fetched: once more"},
    {200, "{'status_code':'EXPIRED'}", OUTCOME_WAIT, SCOPE_POST},
    {200, "{'status_code':'PUBLISHED'}", OUTCOME_NEXT, SCOPE_POST, "it is looked for"},
    {200, "{'status_code':'IN_PROGRESS'}", OUTCOME_WAIT, SCOPE_POST},
    {ERROR(24, 2207008), OUTCOME_WAIT, SCOPE_POST, "not there yet"},
    {ERROR(9, 2207042), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {500, "{}", OUTCOME_RETRY, SCOPE_POST},
};

static void each_status_of_a_container_is_understood(void **state)
{
    (void)state;
    each_answer(status_cases, insta_box, answer, NULL);
}

static const struct answer_case publish_cases[] = {
    {ERROR(9007, 2207027), OUTCOME_WAIT, SCOPE_POST, "not ready: asked again"},
    {ERROR(24, 2207008), OUTCOME_WAIT, SCOPE_POST, "missing: the same once more"},
    {ERROR(-2, 2207020), OUTCOME_WAIT, SCOPE_POST, "expired: another one"},
    {ERROR(9, 2207042), OUTCOME_RETRY, SCOPE_ACCOUNT, "quota"},
    {ERROR(4, 2207051), OUTCOME_RETRY, SCOPE_ACCOUNT, "spam, not the app's limit", .says = "spam"},
    {ERROR(25, 2207050), OUTCOME_REFUSED, SCOPE_ACCOUNT, "restricted"},
    {PLAIN(4), OUTCOME_RETRY, SCOPE_NETWORK},
    {PLAIN(2), OUTCOME_UNSURE, SCOPE_POST},
    {503, "!down", OUTCOME_UNSURE, SCOPE_POST},
    {ERROR(36003, 2207009), OUTCOME_REFUSED, SCOPE_POST, "ratio"},
    {ERROR(36001, 2207005), OUTCOME_REFUSED, SCOPE_POST, "format"},
};

static void each_answer_to_publishing_is_understood(void **state)
{
    (void)state;
    each_answer(publish_cases, insta_ready, answer, NULL);
}

static void a_container_that_fails_is_made_three_times(void **state)
{
    (void)state;
    struct bench *b = insta_box();
    for (int i = 0; i < 2; i++) {
        go_on(b, 200, "{'status_code':'ERROR','status':'2207053'}");
        expect_outcome(b, OUTCOME_WAIT);
        assert_string_equal(b->step.name, "container");
        go_on(b, 200, "{'id':'501'}");
    }
    go_on(b, 200, "{'status_code':'ERROR','status':'2207053'}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static void an_image_that_is_not_fetched_gets_another_address_and_then_the_operator_is_told(void **state)
{
    (void)state;
    struct bench *b = insta_begin(1);
    go_on(b, 200, "{'url':'https://m.example/1.jpg','until':0}");
    go_on(b, ERROR(9004, 2207052));
    expect_outcome(b, OUTCOME_WAIT);
    assert_non_null(b->step.host);
    assert_true(b->step.rehost);
    go_on(b, 200, "{'url':'https://m.example/2.jpg','until':0}");
    answer(b, 400, NULL, "{'error':{'code':9004,'error_subcode':2207052}}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    assert_non_null(strstr(b->outcome.message, "media_urls"));
    bench_free(b);
}

static void what_waited_too_long_is_made_anew_but_not_in_doubt(void **state)
{
    (void)state;
    struct bench *b = insta_ready();
    b->job.now += HOURS(21);
    b->job.slot += HOURS(21);
    b->job.session =
        json_of(b->arena,
                arena_printf(b->arena, "{'for':'%s','id':'42','name':'c','read_at':%lld,'seen_at':%lld}",
                             json_text(b->job.session, "for"), (long long)b->job.now, (long long)b->job.now));
    b->job.lost = true;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    b->job.lost = false;
    next(b);
    assert_int_equal(b->step.kind, STEP_PREPARE);
    bench_free(b);
}

static struct bench *insta_lost(void)
{
    struct bench *b = insta_ready();
    merge(b, b->step.memo);
    b->job.lost = true;
    b->job.first_sent = SLOT;
    b->job.now += SECONDS(30);
    find(b);
    return b;
}

static void the_status_of_a_container_settles_a_lost_answer(void **state)
{
    (void)state;
    struct bench *b = insta_lost();
    expect_step(b, STEP_PREPARE, "GET", "https://graph.instagram.com/v26.0/500?fields=status_code,status");
    answer_found(b, 200, NULL, "{'status_code':'PUBLISHED'}");
    expect_outcome(b, OUTCOME_NEXT);
    find(b);
    expect_step(b, STEP_PREPARE, "GET",
                "https://graph.instagram.com/v26.0/42/media?fields=id,caption,timestamp,permalink&limit=25");
    answer_found(b, 200, NULL,
                 "{'data':[{'id':'8','caption':'other','timestamp':'2026-12-01T08:00:09+0000'}]}");
    expect_outcome(b, OUTCOME_RETRY); /* published, and not listed yet */
    answer_found(b, 200, NULL,
                 "{'data':[{'id':'8','caption':'other','timestamp':'2026-12-01T08:00:09+0000'},"
                 "{'id':'9','caption':'hello','timestamp':'2026-12-01T08:00:01+0000','permalink':'https://"
                 "i.example/9'},"
                 "{'id':'7','caption':'hello','timestamp':'2026-11-01T08:00:01+0000'}]}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "9");
    bench_free(b);
}

static void one_that_is_published_and_never_listed_is_published(void **state)
{
    (void)state;
    struct bench *b = insta_lost();
    answer_found(b, 200, NULL, "{'status_code':'PUBLISHED'}");
    b->job.now += MINUTES(11);
    find(b);
    answer_found(b, 200, NULL, "{'data':[]}");
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void the_same_container_is_published_again_only_after_a_while(void **state)
{
    (void)state;
    struct bench *b = insta_lost();
    answer_found(b, 200, NULL, "{'status_code':'FINISHED'}");
    expect_outcome(b, OUTCOME_RETRY);
    assert_int_equal(b->outcome.at, SLOT + MINUTES(2));
    b->job.now = SLOT + MINUTES(3);
    find(b);
    answer_found(b, 200, NULL, "{'status_code':'FINISHED'}");
    expect_outcome(b, OUTCOME_NOT_FOUND);
    b->job.lost = false;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    assert_string_equal(b->step.request.body, "creation_id=500");
    answer(b, 400, NULL, "{'error':{'code':100}}"); /* the first may have arrived after all */
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

static void an_expired_container_was_not_published(void **state)
{
    (void)state;
    struct bench *b = insta_lost();
    b->job.now = SLOT + MINUTES(3);
    answer_found(b, 200, NULL, "{'status_code':'EXPIRED'}");
    expect_outcome(b, OUTCOME_NOT_FOUND);
    b->job.lost = false;
    next(b);
    assert_string_equal(b->step.name, "container");
    bench_free(b);
}

static void a_container_that_is_gone_is_a_persons_unless_its_post_is_listed(void **state)
{
    (void)state;
    struct bench *b = insta_lost();
    b->job.now = SLOT + MINUTES(30);
    answer_found(b, 400, NULL, "{'error':{'code':24,'error_subcode':2207008}}");
    expect_outcome(b, OUTCOME_NEXT);
    find(b);
    answer_found(b, 200, NULL, "{'data':[]}");
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

/* ---- Threads ---- */

static void a_thread_is_a_chain_of_answers(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_threads, "{'reply_control':'everyone'}", "token");
    static const char *const tags[] = {"Montagne"};
    b->parts[1].text = "two";
    b->content.part_count = 2;
    b->content.link = "https://example.org/";
    b->content.tags = tags;
    b->content.tag_count = 1;
    next(b);
    expect_step(b, STEP_SESSION, "GET", "https://graph.threads.net/v1.0/me?fields=id,username");
    go_on(b, 200, "{'id':'42','username':'chalet'}");
    expect_step(b, STEP_PREPARE, "GET",
                "https://graph.threads.net/v1.0/42/threads_publishing_limit?"
                "fields=quota_usage,config,reply_quota_usage,reply_config");
    go_on(b, 200, "{'data':[{'quota_usage':0,'config':{'quota_total':250}}]}");
    expect_step(b, STEP_PREPARE, "POST", "https://graph.threads.net/v1.0/42/threads");
    assert_string_equal(b->step.request.body,
                        "media_type=TEXT&text=hello&link_attachment=https%3A%2F%2Fexample.org%2F&"
                        "topic_tag=Montagne&reply_control=everyone");
    go_on(b, 200, "{'id':'500'}");
    expect_step(b, STEP_PREPARE, "GET", "https://graph.threads.net/v1.0/500?fields=status,error_message");
    go_on(b, 200, "{'status':'FINISHED'}");
    expect_step(b, STEP_CREATE, "POST", "https://graph.threads.net/v1.0/42/threads_publish");
    assert_string_equal(b->step.name, "publish 1/2");
    go_on(b, 200, "{'id':'9'}");
    go_on(b, 200, "{'permalink':'https://www.threads.net/t/9'}");
    expect_outcome(b, OUTCOME_NEXT);
    assert_string_equal(b->step.request.body,
                        "media_type=TEXT&text=two&reply_control=everyone&reply_to_id=9");
    go_on(b, 200, "{'id':'501'}");
    go_on(b, 200, "{'status':'FINISHED'}");
    assert_string_equal(b->step.name, "publish 2/2");
    go_on(b, 200, "{'id':'10'}");
    go_on(b, 200, "{'permalink':'https://www.threads.net/t/10'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "9");
    bench_free(b);
}

static void the_words_of_a_failed_threads_container_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum outcome_kind kind;
    } cases[] = {
        {"FAILED_DOWNLOADING_VIDEO", OUTCOME_WAIT},
        {"FAILED_PROCESSING_VIDEO", OUTCOME_REFUSED},
        {"INVALID_ASPEC_RATIO", OUTCOME_REFUSED},
        {"INVALID_ASPECT_RATIO", OUTCOME_REFUSED},
        {"UNKNOWN", OUTCOME_WAIT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = bench_new(&network_threads, "{}", "token");
        next(b);
        go_on(b, 200, "{'id':'42','username':'chalet'}");
        go_on(b, 200, "{'data':[]}");
        go_on(b, 200, "{'id':'500'}");
        answer(b, 200, NULL,
               arena_printf(b->arena, "{'status':'ERROR','error_message':'%s'}", cases[i].word));
        expect_outcome(b, cases[i].kind);
        bench_free(b);
    }
}

/* ---- the token ---- */

static void a_token_is_renewed_after_a_day_and_then_weekly_never_at_a_slot(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_threads, "{}", "token");
    b->job.slot = SLOT + DAYS(30);
    next(b);
    go_on(b, 200, "{'id':'42','username':'chalet'}");
    b->job.now += HOURS(26);
    next(b);
    go_on(b, 200, "{'id':'42','username':'chalet'}");
    expect_step(b, STEP_SESSION, "GET",
                "https://graph.threads.net/refresh_access_token?grant_type=th_refresh_token&"
                "access_token=s3cret-token");
    go_on(b, 200, "{'access_token':'new','token_type':'bearer','expires_in':5184000}");
    assert_int_equal(json_number(b->job.session, "expires_at", 0), b->job.now + DAYS(60));
    assert_string_equal(header_of(b, "Authorization"), "Bearer new");
    b->job.now += DAYS(7);
    b->job.slot = b->job.now;
    next(b);
    go_on(b, 200, "{'id':'42','username':'chalet'}");
    assert_string_equal(b->step.name, "quota"); /* at the slot there is no time for it */
    b->job.slot = b->job.now + HOURS(1);
    next(b);
    assert_string_equal(b->step.name, "renew the token");
    go_on(b, 500, "{}"); /* tomorrow, then */
    expect_outcome(b, OUTCOME_NEXT);
    assert_string_equal(header_of(b, "Authorization"), "Bearer new");
    bench_free(b);
}

static void a_dead_token_needs_a_person(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_threads, "{}", "token");
    next(b);
    answer(b, 400, NULL, "{'error':{'code':190,'error_subcode':463,'message':'expired'}}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_true(b->outcome.reconnect);
    bench_free(b);
}

/* ---- checks ---- */

static size_t findings(struct bench *b, enum diag_level level)
{
    struct diags diags = diags_in(b->arena);
    size_t count = 0;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    for (size_t i = 0; i < diags.count; i++)
        count += diags.items[i].level == level;
    return count;
}

static void what_instagram_does_not_take_is_said_when_it_is_planned(void **state)
{
    (void)state;
    struct bench *b = with_images(&network_instagram, "{'max_hashtags':2}", 1);
    b->account.hosted = true;
    assert_int_equal(findings(b, DIAG_ERROR), 0);
    b->account.hosted = false;
    assert_int_equal(findings(b, DIAG_ERROR), 1); /* nobody could fetch the image */
    b->account.hosted = true;
    b->media[0].width = 2000;
    assert_int_equal(findings(b, DIAG_ERROR), 1);
    b->media[0].width = 1000;
    b->parts[0].text = "#a #b #c";
    assert_int_equal(findings(b, DIAG_ERROR), 1);
    b->parts[0].text = "a";
    b->content.link = "https://example.org/";
    assert_int_equal(findings(b, DIAG_WARNING), 1);
    b->parts[0].media_count = 0;
    assert_int_equal(findings(b, DIAG_ERROR), 1);
    bench_free(b);
}

static void threads_counts_links_once_each(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_threads, "{}", "token");
    b->parts[0].text = "https://a.org/ https://a.org/ https://b.org/ https://c.org/ https://d.org/";
    b->content.link = "https://e.org/";
    assert_int_equal(findings(b, DIAG_ERROR), 0);
    b->parts[0].text = "https://a.org/ https://b.org/ https://c.org/ https://d.org/ https://f.org/";
    assert_int_equal(findings(b, DIAG_ERROR), 1);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_post_is_one_request_that_says_who_we_are_first),
        cmocka_unit_test(photos_are_uploaded_unpublished_and_attached),
        cmocka_unit_test(a_signed_request_has_the_proof_of_the_secret),
        cmocka_unit_test(each_error_of_a_page_has_its_kind_and_scope),
        cmocka_unit_test(usage_slows_down_and_stops),
        cmocka_unit_test(a_lost_page_post_is_found_by_its_text_and_only_late_held_absent),
        cmocka_unit_test(a_refusal_after_a_doubt_is_a_doubt),
        cmocka_unit_test(an_image_goes_through_address_container_status_and_permalink),
        cmocka_unit_test(a_permalink_that_is_not_told_does_not_keep_a_post_unpublished),
        cmocka_unit_test(a_carousel_has_a_container_for_each_image),
        cmocka_unit_test(a_full_quota_waits_and_an_unreadable_one_does_not),
        cmocka_unit_test(each_status_of_a_container_is_understood),
        cmocka_unit_test(each_answer_to_publishing_is_understood),
        cmocka_unit_test(a_container_that_fails_is_made_three_times),
        cmocka_unit_test(an_image_that_is_not_fetched_gets_another_address_and_then_the_operator_is_told),
        cmocka_unit_test(what_waited_too_long_is_made_anew_but_not_in_doubt),
        cmocka_unit_test(the_status_of_a_container_settles_a_lost_answer),
        cmocka_unit_test(one_that_is_published_and_never_listed_is_published),
        cmocka_unit_test(the_same_container_is_published_again_only_after_a_while),
        cmocka_unit_test(an_expired_container_was_not_published),
        cmocka_unit_test(a_container_that_is_gone_is_a_persons_unless_its_post_is_listed),
        cmocka_unit_test(a_thread_is_a_chain_of_answers),
        cmocka_unit_test(the_words_of_a_failed_threads_container_are_understood),
        cmocka_unit_test(a_token_is_renewed_after_a_day_and_then_weekly_never_at_a_slot),
        cmocka_unit_test(a_dead_token_needs_a_person),
        cmocka_unit_test(what_instagram_does_not_take_is_said_when_it_is_planned),
        cmocka_unit_test(threads_counts_links_once_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
