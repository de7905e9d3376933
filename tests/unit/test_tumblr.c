/* Tumblr: what a post is made of, what each answer means, and what becomes of a lost one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define POSTS "https://api.tumblr.com/v2/blog/chalet/posts"
#define BASIC "'blog':'chalet','consumer_key':'key'"
#define LOGIN "{'login':{'access_token':'tok','refresh_token':'r','made_at':1796110000000,'expires_at':1796115000000}}"
#define MADE "{'meta':{'status':201},'response':{'id':'123'}}"

static struct bench *blog_with(const char *options)
{
    struct bench *b = bench_new(&network_tumblr, options, "consumer_secret");
    b->job.session = json_of(b->arena, LOGIN);
    next(b);
    return b;
}

static struct bench *blog(void)
{
    return blog_with("{" BASIC "}");
}

static void two_parts(struct bench *b)
{
    b->parts[1].text = "second";
    b->content.part_count = 2;
}

/* ---- a post ---- */

static void a_post_is_one_request_with_its_blocks(void **state)
{
    (void)state;
    static const char *const tags[] = {"neige", "a,b"};
    struct bench *b = blog_with("{" BASIC ",'tags':['chalet'],'state':'private'}");
    b->content.title = "T";
    b->content.link = "https://e.org/";
    b->content.slug = "un-titre";
    b->content.tags = tags;
    b->content.tag_count = 2;
    b->parts[0].text = "one\nline\n\n\n \n\n🌨 https://e.org/x, two";
    next(b);
    expect_step(b, STEP_CREATE, "POST", POSTS);
    assert_string_equal(b->step.name, "publish 1/1");
    assert_string_equal(header_of(b, "Authorization"), "Bearer tok");
    expect_body(b, "{'state':'private','slug':'un-titre','tags':'chalet,neige,a b','content':["
                   "{'type':'text','subtype':'heading1','text':'T'},{'type':'text','text':'one\\nline'},"
                   "{'type':'text','text':'🌨 https://e.org/x, two','formatting':[{'type':'link','start':2,'end':17,"
                   "'url':'https://e.org/x'}]},{'type':'link','url':'https://e.org/'}]}");
    answer(b, 201, NULL, MADE);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "123");
    assert_string_equal(json_text(b->job.memo, "state"), "private"); /* an edit keeps it */
    assert_string_equal(b->outcome.url, "https://chalet.tumblr.com/post/123");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void images_are_parts_of_a_form_that_the_post_names(void **state)
{
    (void)state;
    struct bench *b = blog();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    b->parts[0].text = "";
    b->media[1].alt = "";
    next(b);
    assert_int_equal(b->step.request.part_count, 3);
    const struct form_part *parts = b->step.request.parts;
    assert_string_equal(parts[0].name, "json");
    assert_string_equal(parts[0].type, "application/json");
    assert_string_equal(parts[0].value,
                        print_in(b->arena, json_of(b->arena, "{'state':'published','content':["
                                 "{'type':'image','alt_text':'alt','media':[{'type':'image/png','identifier':'image-0','width':4,'height':3}]},"
                                 "{'type':'image','media':[{'type':'image/png','identifier':'image-1','width':4,'height':3}]}]}")));
    assert_string_equal(parts[2].name, "image-1");
    assert_ptr_equal(parts[2].media, &b->media[1]);
    bench_free(b);
}

static struct bench *with_film(void)
{
    struct bench *b = blog();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->media[0].mime = "video/mp4";
    b->media[0].size = 400 * 1000 * 1000;
    next(b);
    return b;
}

static void a_video_is_a_block_whose_bytes_go_with_the_post(void **state)
{
    (void)state;
    struct bench *b = with_film();
    const struct form_part *parts = b->step.request.parts;
    assert_int_equal(b->step.request.part_count, 2);
    assert_string_equal(parts[0].value,
                        print_in(b->arena, json_of(b->arena, "{'state':'published','content':[{'type':'text','text':'hello'},"
                                 "{'type':'video','media':{'type':'video/mp4','identifier':'video-0','width':4,'height':3}}]}")));
    assert_string_equal(parts[1].name, "video-0");
    assert_int_equal(b->step.request.timeout, MINUTES(10)); /* more than three */
    answer(b, 201, NULL, "{'response':{'id':'9','state':'transcoding'}}");
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void a_thread_reblogs_what_is_before_it_with_its_key(void **state)
{
    (void)state;
    struct bench *b = blog();
    two_parts(b);
    next(b);
    answer(b, 201, NULL, MADE);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", POSTS "/123");
    go_on(b, 200, "{'response':{'tumblelog_uuid':'t:abc','reblog_key':'k1'}}");
    expect_step(b, STEP_CREATE, "POST", POSTS);
    assert_string_equal(b->step.name, "publish 2/2");
    expect_body(b, "{'state':'published','parent_tumblelog_uuid':'t:abc','parent_post_id':'123','reblog_key':'k1',"
                   "'content':[{'type':'text','text':'second'}]}");
    answer(b, 201, NULL, "{'response':{'id':124}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "123");
    bench_free(b);
}

static void a_draft_has_no_address_and_says_where_it_is(void **state)
{
    (void)state;
    struct bench *b = blog_with("{" BASIC ",'state':'draft'}");
    answer(b, 201, NULL, MADE);
    expect_outcome(b, OUTCOME_DONE);
    assert_null(b->outcome.url);
    assert_non_null(strstr(b->outcome.message, "drafts"));
    bench_free(b);
}

/* ---- errors and limits ---- */

#define ERRORS(code) "{'meta':{'status':403,'msg':'Forbidden'},'errors':[{'title':'no','code':" #code "}]}"

static const struct answer_case create_cases[] = {
    {500, "{'meta':{'status':500,'msg':'Error'}}", OUTCOME_UNSURE, SCOPE_POST},
    {503, NULL, OUTCOME_UNSURE, SCOPE_POST},
    {201, "{'meta':{'status':201},'response':{}}", OUTCOME_UNSURE, SCOPE_POST, "it was taken, and names nothing"},
    {201, "!what", OUTCOME_UNSURE, SCOPE_POST},
    {400, ERRORS(8001), OUTCOME_REFUSED, SCOPE_POST, .says = "no"},
    {400, ERRORS(8002), OUTCOME_REFUSED, SCOPE_POST},
    {400, ERRORS(8005), OUTCOME_REFUSED, SCOPE_POST, .says = "format"},
    {400, ERRORS(9999), OUTCOME_REFUSED, SCOPE_POST, "a code nobody knows: as its status"},
    {403, ERRORS(8023), OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "in a day"},
    {403, ERRORS(8004), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {403, ERRORS(8011), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {403, ERRORS(8010), OUTCOME_RETRY, SCOPE_POST},
    {403, ERRORS(8022), OUTCOME_REFUSED, SCOPE_POST, .says = "queue"},
    {403, ERRORS(8008), OUTCOME_REFUSED, SCOPE_POST, .says = "continues a thread"},
    {403, ERRORS(0), OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {404, "{'meta':{'status':404,'msg':'Not Found'}}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "'blog'"},
    {429, "{'meta':{'status':429,'msg':'Limit Exceeded'}}", OUTCOME_RETRY, SCOPE_ACCOUNT},
    {401, "{'meta':{'status':401,'msg':'Unauthorized'}}", OUTCOME_NEXT, SCOPE_ACCOUNT, "the login is renewed"},
};

static void each_error_has_its_kind_and_scope(void **state)
{
    (void)state;
    each_answer(create_cases, blog, answer, NULL);
}

static const struct {
    const char *headers;
    int status;
    const char *body;
    duration retry, pause;
} limit_cases[] = {
    {NULL, 429, NULL, HOURS(1), 0},
    {"retry-after: 5", 429, NULL, SECONDS(5), 0},
    {"x-ratelimit-perhour-remaining: 0\nx-ratelimit-perhour-reset: 600", 429, NULL, MINUTES(10), 0},
    {"x-ratelimit-perday-remaining: 0\nx-ratelimit-perday-reset: 7200\nx-ratelimit-perhour-remaining: 0\nx-ratelimit-perhour-reset: 600",
     429, NULL, HOURS(2), 0},
    {"x-ratelimit-perhour-remaining: 0\nx-ratelimit-perhour-reset: soon", 429, NULL, HOURS(1), 0},
    {"x-ratelimit-perhour-remaining: 0\nx-ratelimit-perhour-reset: 600", 201, MADE, 0, MINUTES(10)},
    {"x-ratelimit-perhour-remaining: 1\nx-ratelimit-perhour-reset: 600", 201, MADE, 0, 0},
    {NULL, 403, ERRORS(8023), HOURS(3), 0},
    {NULL, 403, ERRORS(8010), MINUTES(5), 0},
};

static void a_limit_ends_when_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(limit_cases); i++) {
        struct bench *b = blog();
        answer(b, limit_cases[i].status, limit_cases[i].headers, limit_cases[i].body);
        if (b->outcome.at != (limit_cases[i].retry ? SLOT + limit_cases[i].retry : 0) ||
            b->outcome.limit_reset != (limit_cases[i].pause ? SLOT + limit_cases[i].pause : 0))
            fail_msg("%zu: %lld, %lld", i, (long long)(b->outcome.at - SLOT), (long long)(b->outcome.limit_reset - SLOT));
        bench_free(b);
    }
}

/* ---- a lost answer ---- */

static struct bench *lost(void)
{
    struct bench *b = blog();
    answer(b, 504, NULL, NULL);
    b->job.lost = true;
    b->job.first_sent = SLOT;
    return b;
}

#define TEXT(words) "'content':[{'type':'text','text':'" words "'}]"
#define LIST(...) "{'response':{'posts':[" __VA_ARGS__ "]}}"

static void a_lost_post_is_found_by_its_text_and_only_late_held_absent(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        duration later;
        enum outcome_kind kind;
    } cases[] = {
        {LIST("{'id':9,'id_string':'9','timestamp':1796112001," TEXT("hello") "}"), 0, OUTCOME_DONE},
        {LIST("{'id':9,'timestamp':1796112001," TEXT(" hello ") "}"), 0, OUTCOME_DONE},
        {LIST("{'id':9,'timestamp':1796110000," TEXT("hello") "}"), MINUTES(16), OUTCOME_NOT_FOUND},
        {LIST("{'id':9,'timestamp':1796112001," TEXT("other") "}"), 0, OUTCOME_RETRY},
        {LIST("{'id':9,'timestamp':1796112001,'content':[{'type':'text','text':'hello'},{'type':'image'}]}"), MINUTES(16),
         OUTCOME_NOT_FOUND}, /* with an image: another one */
        {LIST(""), MINUTES(14), OUTCOME_RETRY},
        {LIST(""), MINUTES(16), OUTCOME_NOT_FOUND},
        {"{'response':{}}", 0, OUTCOME_RETRY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = lost();
        b->job.now = SLOT + cases[i].later;
        find(b);
        expect_step(b, STEP_PREPARE, "GET", POSTS "?limit=20&npf=true");
        answer_found(b, 200, NULL, cases[i].list);
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].list, outcome_kind_name(b->outcome.kind));
        bench_free(b);
    }
}

static void of_a_lost_video_the_list_says_only_that_it_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        duration later;
        enum outcome_kind kind;
    } cases[] = {
        {LIST("{'id':9,'timestamp':1796112001,'content':[{'type':'text','text':'hello'},{'type':'video'}]}"), 0, OUTCOME_DONE},
        {LIST("{'id':9,'timestamp':1796112001," TEXT("hello") "}"), 0, OUTCOME_RETRY},
        {LIST(""), MINUTES(16), OUTCOME_UNSURE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = with_film();
        answer(b, 504, NULL, NULL);
        b->job.lost = true;
        b->job.first_sent = SLOT;
        b->job.now = SLOT + cases[i].later;
        find(b);
        answer_found(b, 200, NULL, cases[i].list);
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].list, outcome_kind_name(b->outcome.kind));
        bench_free(b);
    }
}

static void a_busy_blog_is_read_page_by_page_so_far(void **state)
{
    (void)state;
    struct bench *b = lost();
    const char *twenty = "";
    for (int i = 0; i < 20; i++)
        twenty = arena_printf(b->arena, "%s%s{'id':%d,'timestamp':1796112001," TEXT("other") "}", twenty, i ? "," : "", i + 1);
    b->job.now = SLOT + MINUTES(16);
    for (int page = 1; page < 8; page++) {
        find(b);
        answer_found(b, 200, NULL, arena_printf(b->arena, LIST("%s"), twenty));
        expect_outcome(b, OUTCOME_NEXT);
    }
    find(b);
    expect_step(b, STEP_PREPARE, "GET", POSTS "?limit=20&npf=true&offset=140");
    answer_found(b, 200, NULL, arena_printf(b->arena, LIST("%s"), twenty));
    expect_outcome(b, OUTCOME_UNSURE);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", POSTS "?limit=20&npf=true");
    answer_found(b, 200, NULL, LIST(""));
    expect_outcome(b, OUTCOME_NOT_FOUND);
    bench_free(b);
}

static void images_alone_are_told_by_their_alt_texts(void **state)
{
    (void)state;
    static const struct {
        const char *alt, *theirs;
        enum outcome_kind kind;
    } cases[] = {{"alt", "'alt_text':'alt',", OUTCOME_DONE}, {"alt", "'alt_text':'other',", OUTCOME_UNSURE}, {"", "", OUTCOME_UNSURE}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = blog();
        b->parts[0].media = b->media;
        b->parts[0].media_count = 1;
        b->parts[0].text = "";
        b->media[0].alt = cases[i].alt;
        next(b);
        answer(b, 504, NULL, NULL);
        b->job.first_sent = SLOT;
        b->job.now = SLOT + MINUTES(16);
        find(b);
        answer_found(b, 200, NULL, arena_printf(b->arena, LIST("{'id':9,'timestamp':1796112001,'content':[{%s'type':'image'}]}"),
                                                cases[i].theirs));
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%zu: %s", i, outcome_kind_name(b->outcome.kind));
        bench_free(b);
    }
}

static void a_lost_part_is_not_taken_for_the_one_before_it(void **state)
{
    (void)state;
    struct bench *b = blog();
    two_parts(b);
    b->parts[1].text = "hello"; /* the same again */
    next(b);
    go_on(b, 201, MADE);
    go_on(b, 200, "{'response':{'tumblelog_uuid':'t:abc','reblog_key':'k1'}}");
    answer(b, 504, NULL, NULL);
    b->job.first_sent = SLOT;
    find(b);
    answer_found(b, 200, NULL, LIST("{'id':123,'timestamp':1796112001," TEXT("hello") "}"));
    expect_outcome(b, OUTCOME_RETRY);
    find(b);
    answer_found(b, 200, NULL, LIST("{'id':124,'timestamp':1796112001," TEXT("hello") "},{'id':123,'timestamp':1796112001," TEXT("hello") "}"));
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "123");
    bench_free(b);
}

static void what_goes_into_the_queue_is_looked_for_there(void **state)
{
    (void)state;
    struct bench *b = blog_with("{" BASIC ",'state':'queue'}");
    answer(b, 504, NULL, NULL);
    find(b);
    expect_step(b, STEP_PREPARE, "GET", POSTS "/queue?limit=20&npf=true");
    answer_found(b, 403, NULL, ERRORS(0));
    expect_outcome(b, OUTCOME_UNSURE);
    bench_free(b);
}

/* ---- accounts ---- */

static void a_login_is_renewed_and_its_new_refresh_token_kept(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_tumblr, "{" BASIC "}", "consumer_secret");
    next(b);
    assert_int_equal(b->step.kind, STEP_LOCAL);
    b->job.session = json_of(b->arena, "{'login':{'access_token':'old','refresh_token':'r','made_at':1,'expires_at':2}}");
    next(b);
    expect_step(b, STEP_SESSION, "POST", "https://api.tumblr.com/v2/oauth2/token");
    assert_string_equal(b->step.request.body,
                        "grant_type=refresh_token&refresh_token=r&client_id=key&client_secret=s3cret-token");
    go_on(b, 200, "{'access_token':'new','refresh_token':'r2','expires_in':2520,'token_type':'bearer'}");
    assert_string_equal(json_text(json_member(b->job.session, "login"), "refresh_token"), "r2");
    assert_string_equal(header_of(b, "Authorization"), "Bearer new");
    bench_free(b);
}

static void four_values_sign_each_request(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_tumblr, "{" BASIC "}", "consumer_secret");
    struct account_secret secrets[] = {{.name = "consumer_secret", .value = "a"},
                                       {.name = "access_token", .value = "b"},
                                       {.name = "access_token_secret", .value = "c"}};
    b->account.secrets = secrets;
    b->account.secret_count = 3;
    next(b);
    expect_step(b, STEP_CREATE, "POST", POSTS);
    const char *signed_by = header_of(b, "Authorization");
    assert_ptr_equal(strstr(signed_by, "OAuth "), signed_by);
    assert_non_null(strstr(signed_by, "oauth_consumer_key=\"key\""));
    assert_non_null(strstr(signed_by, "oauth_token=\"b\""));
    answer(b, 401, NULL, "{}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_true(b->outcome.reconnect);
    bench_free(b);
}

static void an_account_is_whole_or_says_what_it_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *blog;
        bool token, secret, fine;
    } cases[] = {{"chalet", false, false, true}, {"chalet.tumblr.com", true, true, true}, {"www.chalet.fr", false, false, true},
                 {"https://chalet.fr/", false, false, false}, {"t:abc", false, false, false}, {"chalet", true, false, false},
                 {"chalet", false, true, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = bench_new(&network_tumblr, "{}", "consumer_secret");
        struct account_secret secrets[2];
        struct error err = {0};
        b->account.options = json_of(b->arena, arena_printf(b->arena, "{'blog':'%s','consumer_key':'k'}", cases[i].blog));
        b->account.secret_count = 0;
        if (cases[i].token)
            secrets[b->account.secret_count++] = (struct account_secret){.name = "access_token", .value = "x"};
        if (cases[i].secret)
            secrets[b->account.secret_count++] = (struct account_secret){.name = "access_token_secret", .value = "x"};
        b->account.secrets = secrets;
        if (network_tumblr.check_account(&b->account, &err) != cases[i].fine)
            fail_msg("%zu: %s", i, err.message);
        bench_free(b);
    }
}

static void a_content_is_held_against_what_tumblr_takes(void **state)
{
    (void)state;
    struct bench *b = blog();
    char *text = arena_alloc(b->arena, 4098);
    memset(text, 'a', 4097);
    text[4097] = '\0';
    b->parts[0].text = text;
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->media[0].size = 20000001;
    two_parts(b);
    b->account.options = json_of(b->arena, "{" BASIC ",'state':'draft'}");
    assert_string_equal(rules_found(b), "!text-length !image-size !thread ");
    const char *links = "";
    for (int i = 0; i < 101; i++)
        links = arena_printf(b->arena, "%shttps://e.org/%d ", links, i);
    b->parts[0].text = links;
    b->parts[0].media_count = 0;
    b->content.part_count = 1;
    assert_string_equal(rules_found(b), "!link-count ");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_one_request_with_its_blocks),
        cmocka_unit_test(images_are_parts_of_a_form_that_the_post_names),
        cmocka_unit_test(a_video_is_a_block_whose_bytes_go_with_the_post),
        cmocka_unit_test(a_thread_reblogs_what_is_before_it_with_its_key),
        cmocka_unit_test(a_draft_has_no_address_and_says_where_it_is),
        cmocka_unit_test(each_error_has_its_kind_and_scope),
        cmocka_unit_test(a_limit_ends_when_they_say),
        cmocka_unit_test(a_lost_post_is_found_by_its_text_and_only_late_held_absent),
        cmocka_unit_test(of_a_lost_video_the_list_says_only_that_it_is_there),
        cmocka_unit_test(a_busy_blog_is_read_page_by_page_so_far),
        cmocka_unit_test(images_alone_are_told_by_their_alt_texts),
        cmocka_unit_test(a_lost_part_is_not_taken_for_the_one_before_it),
        cmocka_unit_test(what_goes_into_the_queue_is_looked_for_there),
        cmocka_unit_test(a_login_is_renewed_and_its_new_refresh_token_kept),
        cmocka_unit_test(four_values_sign_each_request),
        cmocka_unit_test(an_account_is_whole_or_says_what_it_lacks),
        cmocka_unit_test(a_content_is_held_against_what_tumblr_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
