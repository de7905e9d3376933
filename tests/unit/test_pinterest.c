/* Pinterest: what is sent, what each answer means, which board it is, and what becomes of a lost pin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define API "https://api.pinterest.com/v5"
#define BOARD "'board':'111'"

static struct bench *pin_with(const char *options, size_t images)
{
    static const char *const hashes[] = {"00", "01", "02", "03"};
    struct bench *b = bench_new(&network_pinterest, options, "token");
    b->parts[0].media = b->media;
    b->parts[0].media_count = images;
    for (size_t i = 0; i < 4; i++)
        b->media[i].sha256 = hashes[i];
    next(b);
    return b;
}

static struct bench *pin(void)
{
    return pin_with("{" BOARD "}", 1);
}

/* The body as JSON, with empty texts where the files stand. */
static void expect_filled(struct bench *b, const char *expected)
{
    char *text = arena_alloc(b->arena, b->step.request.body_length + 1);
    size_t length = 0;
    for (size_t i = 0; i < b->step.request.body_length; i++)
        if (b->step.request.body[i])
            text[length++] = b->step.request.body[i];
    text[length] = '\0';
    assert_string_equal(text, print_in(b->arena, json_of(b->arena, expected)));
    assert_int_equal(b->step.request.body_length - length, b->step.request.insert_count);
}

/* ---- a pin ---- */

static void a_pin_is_one_request_with_its_image_in_it(void **state)
{
    (void)state;
    struct bench *b = pin();
    b->content.title = "T \"data\":\"\"";
    b->content.link = "https://e.org/";
    next(b);
    expect_step(b, STEP_CREATE, "POST", API "/pins");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    assert_string_equal(header_of(b, "Content-Type"), "application/json");
    assert_int_equal(b->step.request.insert_count, 1);
    assert_ptr_equal(b->step.request.inserts[0], &b->media[0]);
    assert_non_null(strstr(b->step.request.body, "\"content_type\":\"image/png\",\"data\":\""));
    assert_int_equal(json_number(b->step.memo, "sent", 0), SLOT);
    answer(b, 201, NULL, "{'id':'813744226420795884'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "813744226420795884");
    assert_string_equal(b->outcome.url, "https://www.pinterest.com/pin/813744226420795884/");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void a_carousel_has_one_alt_text(void **state)
{
    (void)state;
    struct bench *b = pin_with("{" BOARD ",'section':'7'}", 3);
    b->media[1].alt = "";
    b->media[2].alt = "third";
    next(b);
    expect_filled(b, "{'board_id':'111','board_section_id':'7','description':'hello','alt_text':'alt\\nthird',"
                     "'media_source':{'source_type':'multiple_image_base64','items':[{'content_type':'image/png','data':''},"
                     "{'content_type':'image/png','data':''},{'content_type':'image/png','data':''}]}}");
    bench_free(b);
}

static void images_from_addresses_are_put_somewhere_first(void **state)
{
    (void)state;
    struct bench *b = pin_with("{" BOARD ",'images':'url'}", 2);
    assert_ptr_equal(b->step.host, &b->media[0]);
    assert_false(b->step.rehost);
    go_on(b, 200, "{'url':'https://m.example/1.png','until':0}");
    assert_ptr_equal(b->step.host, &b->media[1]);
    go_on(b, 200, "{'url':'https://m.example/2.png','until':1796112400000}");
    expect_filled(b, "{'board_id':'111','description':'hello','alt_text':'alt\\nalt','media_source':{'source_type':"
                     "'multiple_image_urls','items':[{'url':'https://m.example/1.png'},{'url':'https://m.example/2.png'}]}}");
    b->job.now = SLOT + MINUTES(2); /* less than five minutes are left of the second */
    next(b);
    assert_ptr_equal(b->step.host, &b->media[1]);
    b->job.now = SLOT;
    next(b);
    for (int i = 0; i < 2; i++) {
        answer(b, 400, NULL, "{'code':1,'message':'Unable to reach the URL'}");
        expect_outcome(b, OUTCOME_RETRY);
        next(b);
        assert_ptr_equal(b->step.host, &b->media[0]);
        assert_true(b->step.rehost);
        go_on(b, 200, "{'url':'https://m.example/3.png','until':0}");
        go_on(b, 200, "{'url':'https://m.example/4.png','until':0}");
    }
    answer(b, 400, NULL, "{'code':1,'message':'Unable to reach the URL'}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static void the_sandbox_is_another_address(void **state)
{
    (void)state;
    struct bench *b = pin_with("{" BOARD ",'sandbox':true}", 1);
    expect_step(b, STEP_CREATE, "POST", "https://api-sandbox.pinterest.com/v5/pins");
    b->account.options = json_of(b->arena, "{" BOARD ",'sandbox':true,'url':'https://p.example/v6/'}");
    next(b);
    expect_step(b, STEP_CREATE, "POST", "https://p.example/v6/pins");
    bench_free(b);
}

/* ---- boards ---- */

static void a_board_is_known_by_its_name_and_read_page_by_page(void **state)
{
    (void)state;
    static const char *const categories[] = {"news", "ete"};
    struct bench *b = pin_with("{'board':'Hiver','boards':{'ete':'Été'},'section':'7'}", 1);
    expect_step(b, STEP_SESSION, "GET", API "/boards?page_size=250");
    go_on(b, 200, "{'items':[{'id':'1','name':'Autre'},{'id':'x','name':'Hiver'}],'bookmark':'next=='}");
    expect_step(b, STEP_SESSION, "GET", API "/boards?page_size=250&bookmark=next%3D%3D");
    go_on(b, 200, "{'items':[{'id':'2','name':'Hiver'},{'id':'3','name':'Été'}],'bookmark':null}");
    expect_step(b, STEP_CREATE, "POST", API "/pins");
    expect_filled(b, "{'board_id':'2','board_section_id':'7','description':'hello','alt_text':'alt',"
                     "'media_source':{'source_type':'image_base64','content_type':'image/png','data':''}}");
    b->content.categories = categories;
    b->content.category_count = 2;
    next(b);
    expect_filled(b, "{'board_id':'3','description':'hello','alt_text':'alt',"
                     "'media_source':{'source_type':'image_base64','content_type':'image/png','data':''}}");
    b->secret.value = "another"; /* another account may have others */
    next(b);
    expect_step(b, STEP_SESSION, "GET", API "/boards?page_size=250");
    bench_free(b);
}

static void a_board_that_is_not_there_is_named_with_those_that_are(void **state)
{
    (void)state;
    struct bench *b = pin_with("{'board':'Hivers'}", 1);
    answer(b, 200, NULL, "{'items':[{'id':'1','name':'Hiver'},{'id':'2','name':'Été'}],'bookmark':null}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    assert_non_null(strstr(b->outcome.message, "no board 'Hivers'; there are 'Hiver', 'Été'"));
    next(b); /* it is looked for anew: somebody may have made it */
    expect_step(b, STEP_SESSION, "GET", API "/boards?page_size=250");
    bench_free(b);
}

/* ---- errors and limits ---- */

static const struct answer_case create_cases[] = {
    {500, "{'code':0,'message':'Sorry! Something went wrong'}", OUTCOME_UNSURE, SCOPE_POST},
    {502, "!bad gateway", OUTCOME_UNSURE, SCOPE_POST},
    {201, "{}", OUTCOME_UNSURE, SCOPE_POST, "it was taken, and names nothing"},
    {200, "{'id':'no number'}", OUTCOME_UNSURE, SCOPE_POST},
    {400, "{'code':1,'message':'Invalid request: x does not match'}", OUTCOME_REFUSED, SCOPE_POST, .says = "does not match"},
    {400, "{'code':1,'message':'Unable to reach the URL'}", OUTCOME_REFUSED, SCOPE_POST, "there is none"},
    {401, "{'code':2,'message':'Authentication failed.'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {403, "{'code':3,'message':'Your application lacks scopes'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true,
     .says = "pins:write"},
    {403, "{'code':29,'message':'Apps with Trial access may not create Pins in production'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
     .says = "sandbox: true"},
    {403, "{'code':7,'message':'no'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "board"},
    {403, "{'code':31,'message':'no'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "another code", .says = "tier"},
    {403, "!<html>", OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {404, "{'code':40,'message':'Board not found.'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "'board'"},
    {409, "{'code':58,'message':'no'}", OUTCOME_REFUSED, SCOPE_POST},
    {429, "{'code':8,'message':'You have exceeded your rate limit.'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
};

static void each_error_has_its_kind_and_scope(void **state)
{
    (void)state;
    each_answer(create_cases, pin, answer, NULL);
}

static const struct {
    const char *options, *headers;
    int status;
    duration retry, pause;
} limit_cases[] = {
    {"{" BOARD "}", NULL, 429, MINUTES(1), 0},
    {"{" BOARD "}", "x-ratelimit-reset: 34", 429, SECONDS(34), 0},
    {"{" BOARD "}", "x-ratelimit-reset: 1796112050", 429, SECONDS(50), 0}, /* a date, should it be one */
    {"{" BOARD "}", "x-ratelimit-reset: soon", 429, MINUTES(1), 0},
    {"{" BOARD "}", "retry-after: 5\nx-ratelimit-reset: 34", 429, SECONDS(5), 0},
    {"{" BOARD ",'trial':true}", NULL, 429, HOURS(16) + MINUTES(1), 0}, /* midnight of UTC */
    {"{" BOARD "}", "x-ratelimit-remaining: 0\nx-ratelimit-reset: 34", 201, 0, SECONDS(34)},
    {"{" BOARD "}", "x-ratelimit-remaining: 0, 100;w=1\nx-ratelimit-reset: 34", 201, 0, SECONDS(34)},
    {"{" BOARD "}", "x-ratelimit-remaining: 1\nx-ratelimit-reset: 34", 201, 0, 0},
    {"{" BOARD "}", "x-ratelimit-remaining: 0", 201, 0, 0},
};

static void a_limit_ends_when_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(limit_cases); i++) {
        struct bench *b = pin_with(limit_cases[i].options, 1);
        answer(b, limit_cases[i].status, limit_cases[i].headers, "{'id':'5'}");
        if (b->outcome.at != (limit_cases[i].retry ? SLOT + limit_cases[i].retry : 0) ||
            b->outcome.limit_reset != (limit_cases[i].pause ? SLOT + limit_cases[i].pause : 0))
            fail_msg("%s: %lld, %lld", limit_cases[i].headers, (long long)(b->outcome.at - SLOT),
                     (long long)(b->outcome.limit_reset - SLOT));
        bench_free(b);
    }
}

/* ---- a lost answer ---- */

static struct bench *lost(void)
{
    struct bench *b = pin();
    b->content.title = "T";
    next(b);
    answer(b, 504, NULL, NULL);
    b->job.lost = true;
    b->job.first_sent = SLOT;
    return b;
}

#define ITEM(id, at, more) "{'id':'" id "','created_at':'" at "','title':'T','description':" more ",'link':null}"

static void a_lost_pin_is_found_by_what_it_says_and_only_late_held_absent(void **state)
{
    (void)state;
    static const struct {
        const char *page;
        duration later;
        enum outcome_kind kind;
    } cases[] = {
        {"{'items':[" ITEM("9", "2026-12-01T08:00:01", "'hello'") "]}", 0, OUTCOME_DONE},
        {"{'items':[" ITEM("9", "2026-12-01T08:00:01Z", "'hello '") "]}", 0, OUTCOME_DONE},
        {"{'items':[" ITEM("9", "2026-12-01T08:00:01", "'other'") "]}", 0, OUTCOME_RETRY},
        {"{'items':[" ITEM("9", "2026-12-01T07:00:01", "'hello'") "],'bookmark':'b'}", MINUTES(16), OUTCOME_NOT_FOUND},
        {"{'items':[" ITEM("9", "", "'hello'") "]}", MINUTES(16), OUTCOME_UNSURE}, /* nobody knows when */
        {"{'items':[],'bookmark':null}", MINUTES(14), OUTCOME_RETRY},
        {"{'items':[],'bookmark':null}", MINUTES(16), OUTCOME_NOT_FOUND},
        {"{'items':[],'bookmark':'b'}", MINUTES(16), OUTCOME_NEXT},
        {"{}", 0, OUTCOME_RETRY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = lost();
        b->job.now = SLOT + cases[i].later;
        find(b);
        expect_step(b, STEP_PREPARE, "GET", API "/boards/111/pins?page_size=25");
        answer_found(b, 200, NULL, cases[i].page);
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].page, outcome_kind_name(b->outcome.kind));
        bench_free(b);
    }
}

static void a_long_board_is_read_only_so_far(void **state)
{
    (void)state;
    struct bench *b = lost();
    b->job.now = SLOT + MINUTES(16);
    for (int i = 0; i < 7; i++) {
        find(b);
        answer_found(b, 200, NULL, "{'items':[],'bookmark':'more'}");
        expect_outcome(b, OUTCOME_NEXT);
    }
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "/boards/111/pins?page_size=25&bookmark=more");
    answer_found(b, 200, NULL, "{'items':[],'bookmark':'more'}");
    expect_outcome(b, OUTCOME_UNSURE);
    assert_null(json_member(b->job.memo, "look"));
    bench_free(b);
}

static void a_pin_that_says_nothing_cannot_be_told_from_others(void **state)
{
    (void)state;
    struct bench *b = pin();
    b->parts[0].text = "";
    answer(b, 504, NULL, NULL);
    b->job.first_sent = SLOT;
    find(b);
    answer_found(b, 200, NULL, "{'items':[{'id':'9','created_at':'2026-12-01T08:00:01','title':null}]}");
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

static void a_pin_of_a_section_is_looked_for_there(void **state)
{
    (void)state;
    struct bench *b = pin_with("{" BOARD ",'section':'7'}", 1);
    answer(b, 504, NULL, NULL);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "/boards/111/sections/7/pins?page_size=25");
    answer_found(b, 404, NULL, "{'code':40}");
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

/* ---- accounts ---- */

static void a_login_is_renewed_with_the_clients_secret_in_a_header(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_pinterest, "{" BOARD ",'client_id':'1','continuous_refresh':true}", "client_secret");
    next(b);
    assert_int_equal(b->step.kind, STEP_LOCAL);
    b->job.session = json_of(b->arena, "{'login':{'access_token':'old','refresh_token':'r','made_at':1,'expires_at':2}}");
    next(b);
    expect_step(b, STEP_SESSION, "POST", API "/oauth/token");
    assert_string_equal(header_of(b, "Authorization"), "Basic MTpzM2NyZXQtdG9rZW4=");
    assert_string_equal(b->step.request.body, "grant_type=refresh_token&refresh_token=r&continuous_refresh=true");
    assert_int_equal(b->step.request.body_length, strlen(b->step.request.body));
    answer(b, 200, NULL, "{'access_token':'new','refresh_token':'r2','expires_in':2592000,'refresh_token_expires_in':5184000}");
    assert_string_equal(json_text(json_member(b->job.session, "login"), "refresh_token"), "r2");
    b->account.options = json_of(b->arena, "{" BOARD ",'client_id':'1'}");
    b->job.session = json_of(b->arena, "{'login':{'access_token':'old','refresh_token':'r','made_at':1,'expires_at':2}}");
    next(b);
    assert_string_equal(b->step.request.body, "grant_type=refresh_token&refresh_token=r");
    bench_free(b);
}

static const char *times(struct arena *arena, const char *text, size_t count)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(arena, "%s%s", all, text);
    return all;
}

static void a_content_is_held_against_what_pinterest_takes(void **state)
{
    (void)state;
    struct bench *b = pin();
    b->content.title = times(b->arena, "😀", 50); /* two units each */
    b->media[0].alt = times(b->arena, "a", 500);
    b->parts[0].text = times(b->arena, "é", 800);
    assert_string_equal(rules_found(b), "");
    b->content.title = times(b->arena, "😀", 51);
    assert_string_equal(rules_found(b), "!title-length ");
    b->content.title = NULL;
    b->parts[0].text = times(b->arena, "é", 801);
    assert_string_equal(rules_found(b), "!text-length ");
    b->parts[0].text = "";
    b->parts[0].media_count = 2; /* the alt texts are joined by a line end */
    assert_string_equal(rules_found(b), "!alt-text-length ");
    b->parts[0].media_count = 1;
    b->media[0].mime = "image/webp";
    b->media[0].size = 10000001;
    assert_string_equal(rules_found(b), "!image-type !image-size ");
    b->media[0].mime = "image/jpeg";
    b->account.options = json_of(b->arena, "{" BOARD ",'images':'url'}");
    assert_string_equal(rules_found(b), "!media-urls ");
    b->account.hosted = true;
    assert_string_equal(rules_found(b), "");
    b->content.link = arena_printf(b->arena, "https://e.org/%s", times(b->arena, "a", 2035));
    assert_string_equal(rules_found(b), "!link-length ");
    b->content.link = NULL;
    b->account.options = json_of(b->arena, "{" BOARD ",'trial':true}");
    b->media[0].size = 1;
    assert_string_equal(rules_found(b), "trial ");
    b->parts[0].text = "x";
    b->parts[0].media_count = 0;
    assert_string_equal(rules_found(b), "!images trial ");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pin_is_one_request_with_its_image_in_it),
        cmocka_unit_test(a_carousel_has_one_alt_text),
        cmocka_unit_test(images_from_addresses_are_put_somewhere_first),
        cmocka_unit_test(the_sandbox_is_another_address),
        cmocka_unit_test(a_board_is_known_by_its_name_and_read_page_by_page),
        cmocka_unit_test(a_board_that_is_not_there_is_named_with_those_that_are),
        cmocka_unit_test(each_error_has_its_kind_and_scope),
        cmocka_unit_test(a_limit_ends_when_they_say),
        cmocka_unit_test(a_lost_pin_is_found_by_what_it_says_and_only_late_held_absent),
        cmocka_unit_test(a_long_board_is_read_only_so_far),
        cmocka_unit_test(a_pin_that_says_nothing_cannot_be_told_from_others),
        cmocka_unit_test(a_pin_of_a_section_is_looked_for_there),
        cmocka_unit_test(a_login_is_renewed_with_the_clients_secret_in_a_header),
        cmocka_unit_test(a_content_is_held_against_what_pinterest_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
