/* LinkedIn: little text, what is sent, what each answer means, and what becomes of a lost one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"
#include "network/linkedin.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define API "https://api.linkedin.com"
#define PAGE "{'author':'urn:li:organization:5'}"
#define SHARE "x-restli-id: urn:li:share:77"
#define PERMALINK "https://www.linkedin.com/feed/update/urn:li:share:77/"
#define DUPLICATE "{'status':422,'code':'DUPLICATE_POST','message':'Content is a duplicate of urn:li:share:77'}"

/* ---- little text ---- */

static const struct little_case {
    const char *text, *little, *reason;
    bool bare;
} little_cases[] = {
    {"plain, text!", "plain, text!", "nothing is reserved"},
    {"a\\b", "a\\\\b", "the backslash itself"},
    {"|{}@[]()<>#*_~", "\\|\\{\\}\\@\\[\\]\\(\\)\\<\\>\\#\\*\\_\\~", "each of them"},
    {"(a_b) 5 * 3 <x>", "\\(a\\_b\\) 5 \\* 3 \\<x\\>", "in a sentence"},
    {"me@example.org", "me\\@example.org", "an address is no mention"},
    {"#neige et #hiver_2", "{hashtag|\\#|neige} et {hashtag|\\#|hiver\\_2}", "hashtags"},
    {"#1 in #", "\\#1 in \\#", "no hashtags"},
    {"C# and #été", "C\\# and {hashtag|\\#|été}", "one of both"},
    {"@[Chalet (FR)](urn:li:organization:12) ici", "@[Chalet \\(FR\\)](urn:li:organization:12) ici", "a mention"},
    {"@[nobody]", "\\@\\[nobody\\]", "that is none"},
    {"https://e.org/a_(b)?c=1#d", "https://e.org/a\\_\\(b\\)?c=1\\#d", "a link"},
    {"https://e.org/a_b (x)", "https://e.org/a_b \\(x\\)", "left as it is", true},
    {"é😀\n\n_", "é😀\n\n\\_", "beyond ASCII"},
    {"", "", "nothing"},
};

static void reserved_characters_are_escaped_everywhere_but_in_templates(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(little_cases); i++) {
        const struct little_case *c = &little_cases[i];
        const char *little = linkedin_little(c->text, c->bare, arena);
        if (strcmp(little, c->little))
            fail_msg("%s (%s): %s", c->text, c->reason, little);
        if (!strstr(c->text, "@[Chalet") && !c->bare)
            assert_string_equal(linkedin_plain(little, arena), c->text);
    }
    assert_string_equal(linkedin_plain("raw #tag, {hashtag|#|two} \\{x}", arena), "raw #tag, #two {x}");
    arena_free(arena);
}

/* Whatever stands beside whatever. */
static void what_is_written_is_what_is_shown(void **state)
{
    (void)state;
    static const char *const pieces[] = {" ",  "#",  "#tag", "#a_b", "(",  ")",    "\\", "|",   "{hashtag|\\#|", "}", "@", "[A]", "_",
                                         "é",  "a",  "\n",  "😀",   "<b>", "~*",  "1",   "https://e.org/a_(b)",      "{", "]",
                                         "@[A (b)](urn:li:person:x-1)"};
    struct arena *arena = arena_new();
    uint32_t chance = 1;
    for (int round = 0; round < 3000; round++) {
        const char *text = "";
        for (int i = 0; i < 8; i++) {
            chance = chance * 1664525 + 1013904223;
            text = arena_printf(arena, "%s%s", text, pieces[(chance >> 16) % COUNT(pieces)]);
        }
        const char *shown = linkedin_plain(linkedin_little(text, false, arena), arena);
        if (strcmp(shown, text) != 0)
            fail_msg("'%s' is shown as '%s'", text, shown);
    }
    arena_free(arena);
}

/* ---- a post ---- */

static struct bench *page(void)
{
    struct bench *b = bench_new(&network_linkedin, PAGE, "token");
    next(b);
    return b;
}

static struct bench *member_begin(void)
{
    struct bench *b = bench_new(&network_linkedin, "{}", "token");
    next(b);
    expect_step(b, STEP_SESSION, "GET", API "/v2/userinfo");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    return b;
}

static struct bench *member(void)
{
    struct bench *b = member_begin();
    go_on(b, 200, "{'sub':'aB-9_z','name':'Anna'}");
    return b;
}

#define REST_OF_POST                                                                                             \
    "'distribution':{'feedDistribution':'MAIN_FEED','targetEntities':[],'thirdPartyDistributionChannels':[]},"    \
    "'isReshareDisabledByAuthor':false,'lifecycleState':'PUBLISHED'"

static void a_page_post_is_one_versioned_request_whose_urn_is_in_a_header(void **state)
{
    (void)state;
    struct bench *b = page();
    expect_step(b, STEP_CREATE, "POST", API "/rest/posts");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    assert_string_equal(header_of(b, "LinkedIn-Version"), "202609");
    assert_string_equal(header_of(b, "X-Restli-Protocol-Version"), "2.0.0");
    expect_body(b, "{'author':'urn:li:organization:5','commentary':'hello'," REST_OF_POST ",'visibility':'PUBLIC'}");
    assert_int_equal(json_number(b->step.memo, "sent", 0), SLOT);
    answer(b, 201, SHARE, NULL);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "urn:li:share:77");
    assert_string_equal(b->outcome.url, PERMALINK);
    assert_null(json_member(b->job.memo, "sent"));
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void a_member_is_asked_who_it_is_once(void **state)
{
    (void)state;
    struct bench *b = member();
    b->content.visibility = VISIBILITY_FOLLOWERS;
    next(b);
    expect_step(b, STEP_CREATE, "POST", API "/rest/posts");
    expect_body(b, "{'author':'urn:li:person:aB-9_z','commentary':'hello'," REST_OF_POST ",'visibility':'CONNECTIONS'}");
    answer(b, 201, "x-linkedin-id: urn:li:ugcPost:8", NULL);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "urn:li:ugcPost:8");
    b->secret.value = "another";
    b->job.memo = json_of(b->arena, "{}");
    next(b);
    expect_step(b, STEP_SESSION, "GET", API "/v2/userinfo");
    answer(b, 200, NULL, "{'sub':'a/b'}");
    expect_outcome(b, OUTCOME_RETRY);
    bench_free(b);
}

static void a_link_with_a_title_is_a_card_and_without_one_a_line_of_text(void **state)
{
    (void)state;
    struct bench *b = page();
    b->content.link = "https://e.org/a_b";
    next(b);
    expect_body(b, "{'author':'urn:li:organization:5','commentary':'hello\\n\\nhttps://e.org/a\\\\_b'," REST_OF_POST
                   ",'visibility':'PUBLIC'}");
    b->content.title = "Ouverture";
    b->content.summary = "La saison";
    next(b);
    expect_body(b, "{'author':'urn:li:organization:5','commentary':'hello','content':{'article':{'source':"
                   "'https://e.org/a_b','title':'Ouverture','description':'La saison'}}," REST_OF_POST
                   ",'visibility':'PUBLIC'}");
    bench_free(b);
}

static struct bench *with_images(const char *options, size_t count)
{
    static const char *const hashes[] = {"00", "01", "02", "03"};
    struct bench *b = bench_new(&network_linkedin, options, "token");
    b->parts[0].media = b->media;
    b->parts[0].media_count = count;
    for (size_t i = 0; i < 4; i++)
        b->media[i].sha256 = hashes[i];
    next(b);
    return b;
}

#define ANNOUNCED(id, host)                                                                                  \
    "{'value':{'uploadUrl':'https://" host "/dms-uploads/" id "','image':'urn:li:image:" id                  \
    "','uploadUrlExpiresAt':1796115600000}}"

static void images_are_announced_put_and_waited_for_by_a_page(void **state)
{
    (void)state;
    struct bench *b = with_images(PAGE, 2);
    expect_step(b, STEP_PREPARE, "POST", API "/rest/images?action=initializeUpload");
    expect_body(b, "{'initializeUploadRequest':{'owner':'urn:li:organization:5'}}");
    go_on(b, 200, ANNOUNCED("C1", "www.linkedin.com"));
    go_on(b, 200, ANNOUNCED("C2", "www.linkedin.com"));
    expect_step(b, STEP_PREPARE, "PUT", "https://www.linkedin.com/dms-uploads/C1");
    assert_true(b->step.request.secret_url); /* it stands for the right to upload there */
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    go_on(b, 201, NULL);
    expect_step(b, STEP_PREPARE, "PUT", "https://www.linkedin.com/dms-uploads/C2");
    go_on(b, 201, NULL);
    expect_step(b, STEP_PREPARE, "GET", API "/rest/images/urn%3Ali%3Aimage%3AC1");
    go_on(b, 200, "{'status':'PROCESSING'}");
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(2));
    go_on(b, 200, "{'status':'AVAILABLE'}");
    expect_step(b, STEP_PREPARE, "GET", API "/rest/images/urn%3Ali%3Aimage%3AC2");
    go_on(b, 403, "{'status':403,'code':'ACCESS_DENIED'}");
    expect_step(b, STEP_CREATE, "POST", API "/rest/posts");
    expect_body(b, "{'author':'urn:li:organization:5','commentary':'hello','content':{'multiImage':{'images':["
                   "{'id':'urn:li:image:C1','altText':'alt'},{'id':'urn:li:image:C2','altText':'alt'}]}}," REST_OF_POST
                   ",'visibility':'PUBLIC'}");
    assert_null(json_text(json_member(json_member(b->job.memo, "images"), "00"), "upload"));
    bench_free(b);
}

static void a_document_goes_the_way_of_an_image_and_has_a_title(void **state)
{
    (void)state;
    struct bench *b = with_images(PAGE, 1);
    b->media[0].mime = "application/pdf";
    b->parts[0].text = "Le plan des pistes\net plus";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "/rest/documents?action=initializeUpload");
    go_on(b, 200, "{'value':{'uploadUrl':'https://www.linkedin.com/dms-uploads/D1','image':'urn:li:image:D1'}}");
    expect_outcome(b, OUTCOME_RETRY); /* that is none */
    go_on(b, 200, "{'value':{'uploadUrl':'https://www.linkedin.com/dms-uploads/D1','document':'urn:li:document:D1'}}");
    expect_step(b, STEP_PREPARE, "PUT", "https://www.linkedin.com/dms-uploads/D1");
    assert_string_equal(header_of(b, "Content-Type"), "application/pdf");
    go_on(b, 201, NULL);
    expect_step(b, STEP_PREPARE, "GET", API "/rest/documents/urn%3Ali%3Adocument%3AD1");
    go_on(b, 200, "{'status':'AVAILABLE'}");
    assert_non_null(strstr(b->step.request.body, "\"media\":{\"id\":\"urn:li:document:D1\",\"title\":\"Le plan des pistes\"}"));
    b->content.title = "Les pistes";
    next(b);
    assert_non_null(strstr(b->step.request.body, "\"title\":\"Les pistes\""));
    assert_string_equal(rules_found(b), "");
    b->media[0].size = 100000001;
    assert_string_equal(rules_found(b), "!document-size ");
    bench_free(b);
}

static void the_images_of_a_member_are_given_some_seconds(void **state)
{
    (void)state;
    struct bench *b = with_images("{}", 3);
    b->media[0].alt = "";
    b->media[2] = b->media[0]; /* the same is sent once */
    go_on(b, 200, "{'sub':'a'}");
    go_on(b, 200, ANNOUNCED("C1", "www.linkedin.com"));
    go_on(b, 200, ANNOUNCED("C2", "www.linkedin.com"));
    go_on(b, 201, NULL);
    expect_outcome(b, OUTCOME_NEXT);
    go_on(b, 201, NULL);
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(3));
    b->parts[0].media_count = 1;
    next(b);
    expect_step(b, STEP_CREATE, "POST", API "/rest/posts");
    expect_body(b, "{'author':'urn:li:person:a','commentary':'hello','content':{'media':{'id':'urn:li:image:C1'}},"
                   REST_OF_POST ",'visibility':'PUBLIC'}");
    bench_free(b);
}

static void the_token_goes_with_an_image_to_linkedin_alone(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum outcome_kind kind;
    } cases[] = {
        {"https://www.linkedin.com/x", OUTCOME_NEXT},      {"https://media.linkedin.com/x", OUTCOME_NEXT},
        {"https://api.linkedin.com/x", OUTCOME_NEXT},      {"http://www.linkedin.com/x", OUTCOME_REFUSED},
        {"https://linkedin.com.evil.org/x", OUTCOME_REFUSED}, {"https://evillinkedin.com/x", OUTCOME_REFUSED},
        {"http://api.linkedin.com/x", OUTCOME_REFUSED},    {"ftp://www.linkedin.com/x", OUTCOME_RETRY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = with_images(PAGE, 1);
        answer(b, 200, NULL, arena_printf(b->arena, "{'value':{'uploadUrl':'%s','image':'urn:li:image:C'}}", cases[i].url));
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].url, outcome_kind_name(b->outcome.kind));
        bench_free(b);
    }
}

static void an_address_that_has_ended_or_takes_nothing_is_got_anew(void **state)
{
    (void)state;
    struct bench *b = with_images(PAGE, 1);
    go_on(b, 200, ANNOUNCED("C1", "www.linkedin.com")); /* good for an hour */
    b->job.now = SLOT + MINUTES(59);
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "/rest/images?action=initializeUpload");
    b->job.now = SLOT;
    next(b);
    answer(b, 400, NULL, "!no");
    expect_outcome(b, OUTCOME_RETRY);
    next(b);
    expect_step(b, STEP_PREPARE, "POST", API "/rest/images?action=initializeUpload");
    bench_free(b);
}

static void an_image_that_cannot_be_processed_refuses_the_post(void **state)
{
    (void)state;
    struct bench *b = with_images(PAGE, 1);
    go_on(b, 200, ANNOUNCED("C1", "www.linkedin.com"));
    go_on(b, 201, NULL);
    answer(b, 200, NULL, "{'status':'PROCESSING_FAILED'}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "a.png"));
    bench_free(b);
}

/* ---- errors ---- */

#define SAID(code) "{'status':400,'code':'" code "','message':'no'}"

static const struct answer_case create_cases[] = {
    {500, "{'message':'Internal Server Error'}", OUTCOME_UNSURE, SCOPE_POST},
    {502, "!bad gateway", OUTCOME_UNSURE, SCOPE_POST},
    {504, NULL, OUTCOME_UNSURE, SCOPE_POST},
    {201, NULL, OUTCOME_UNSURE, SCOPE_POST, "it was taken, and names nothing"},
    {201, NULL, OUTCOME_UNSURE, SCOPE_POST, "nor what could be a post", "x-restli-id: urn:li:image:7"},
    {400, SAID("FIELD_LENGTH_TOO_LONG"), OUTCOME_REFUSED, SCOPE_POST, .says = "too long"},
    {400, SAID("MISSING_FIELD"), OUTCOME_REFUSED, SCOPE_POST, .says = "MISSING_FIELD: no"},
    {422, SAID("INVALID_URN_ID"), OUTCOME_REFUSED, SCOPE_POST},
    {422, DUPLICATE, OUTCOME_REFUSED, SCOPE_POST, "of another post", .says = "urn:li:share:77"},
    {409, DUPLICATE, OUTCOME_REFUSED, SCOPE_POST},
    {400, DUPLICATE, OUTCOME_REFUSED, SCOPE_POST},
    {404, SAID("NOT_FOUND"), OUTCOME_REFUSED, SCOPE_POST},
    {401, "{'serviceErrorCode':65601,'message':'revoked'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {403, SAID("ACCESS_DENIED"), OUTCOME_RETRY, SCOPE_POST, "once it may be in passing"},
    {426, SAID("NONEXISTENT_VERSION"), OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "'version'"},
    {400, SAID("VERSION_MISSING"), OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {429, SAID("TOO_MANY_REQUESTS"), OUTCOME_RETRY, SCOPE_ACCOUNT},
    {503, NULL, OUTCOME_UNSURE, SCOPE_POST},
};

static void each_error_of_a_post_has_its_kind_and_scope(void **state)
{
    (void)state;
    each_answer(create_cases, page, answer, NULL);
}

static void a_forbidden_post_is_tried_once_more(void **state)
{
    (void)state;
    struct bench *b = page();
    go_on(b, 403, SAID("ACCESS_DENIED"));
    assert_int_equal(b->outcome.at, SLOT + MINUTES(1));
    assert_false(json_flag(b->step.memo, "again", false));
    answer(b, 403, NULL, SAID("ACCESS_DENIED"));
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    bench_free(b);
}

static const struct {
    const char *headers, *body;
    duration later;
} limit_cases[] = {
    {NULL, "{'message':'Resource level throttle limit reached'}", MINUTES(2)},
    {NULL, "{'message':'Application DAY limit'}", HOURS(16) + MINUTES(1)}, /* 08:00 → midnight of UTC */
    {NULL, NULL, HOURS(16) + MINUTES(1)},
    {"retry-after: 30", NULL, SECONDS(30)},
};

static void a_limit_ends_at_midnight_unless_something_else_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(limit_cases); i++) {
        struct bench *b = page();
        answer(b, 429, limit_cases[i].headers, limit_cases[i].body);
        expect_outcome(b, OUTCOME_RETRY);
        assert_int_equal(b->outcome.at, SLOT + limit_cases[i].later);
        bench_free(b);
    }
}

static struct bench *page_with_image(void)
{
    struct bench *b = with_images(PAGE, 1);
    go_on(b, 200, ANNOUNCED("C1", "www.linkedin.com"));
    go_on(b, 201, NULL);
    go_on(b, 200, "{'status':'AVAILABLE'}");
    return b;
}

static const struct answer_case image_cases[] = {
    {400, "{'message':'Media urn:li:image:C1 is waiting for upload'}", OUTCOME_RETRY, SCOPE_POST},
    {422, "{'message':'media asset is in processing state'}", OUTCOME_RETRY, SCOPE_POST},
    {422, "{'message':'media PROCESSING_FAILED'}", OUTCOME_REFUSED, SCOPE_POST},
    {500, "{'message':'processing'}", OUTCOME_UNSURE, SCOPE_POST},
};

static void an_image_that_is_not_ready_puts_the_post_off(void **state)
{
    (void)state;
    each_answer(image_cases, page_with_image, answer, NULL);
}

/* ---- a lost answer ---- */

static struct bench *lost(const char *options)
{
    struct bench *b = bench_new(&network_linkedin, options, "token");
    next(b);
    answer(b, 504, NULL, NULL);
    b->job.lost = true;
    b->job.first_sent = SLOT;
    return b;
}

#define POST(id, text, at)                                                                                   \
    "{'id':'" id "','commentary':'" text "','createdAt':" at ",'lastModifiedAt':" at ",'author':'urn:li:organization:5'}"

static void a_lost_post_of_a_page_is_found_by_its_text_and_only_late_held_absent(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        duration later;
        enum outcome_kind kind;
    } cases[] = {
        {"[" POST("urn:li:share:77", "hello", "1796112001000") "]", 0, OUTCOME_DONE},
        {"[" POST("urn:li:ugcPost:77", " hello\\n", "1796112001000") "]", 0, OUTCOME_DONE},
        {"[" POST("urn:li:share:77", "hello", "1796110000000") "]", MINUTES(16), OUTCOME_NOT_FOUND},
        {"[" POST("urn:li:share:77", "other", "1796112001000") "]", 0, OUTCOME_RETRY},
        {"[" POST("nonsense", "hello", "1796112001000") "]", MINUTES(16), OUTCOME_NOT_FOUND},
        {"[]", MINUTES(14), OUTCOME_RETRY},
        {"[]", MINUTES(16), OUTCOME_NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = lost(PAGE);
        b->job.now = SLOT + cases[i].later;
        assert_true(network_linkedin.can_find(&b->job));
        find(b);
        expect_step(b, STEP_PREPARE, "GET",
                    API "/rest/posts?author=urn%3Ali%3Aorganization%3A5&q=author&count=50&start=0&sortBy=LAST_MODIFIED");
        assert_string_equal(header_of(b, "X-RestLi-Method"), "FINDER");
        answer_found(b, 200, NULL, arena_printf(b->arena, "{'elements':%s}", cases[i].list));
        if (b->outcome.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].list, outcome_kind_name(b->outcome.kind));
        bench_free(b);
    }
}

static void a_busy_page_is_read_so_far(void **state)
{
    (void)state;
    struct bench *b = lost(PAGE);
    const char *fifty = "";
    for (int i = 0; i < 50; i++)
        fifty = arena_printf(b->arena, "%s%s" POST("urn:li:share:9", "other", "1796112001000"), fifty, i ? "," : "");
    b->job.now = SLOT + MINUTES(16);
    for (int page = 1; page < 4; page++) {
        find(b);
        answer_found(b, 200, NULL, arena_printf(b->arena, "{'elements':[%s]}", fifty));
        expect_outcome(b, OUTCOME_NEXT);
    }
    find(b);
    assert_non_null(strstr(b->step.request.url, "&start=150&"));
    answer_found(b, 200, NULL, arena_printf(b->arena, "{'elements':[%s]}", fifty));
    expect_outcome(b, OUTCOME_UNSURE);
    assert_null(json_member(b->job.memo, "look"));
    bench_free(b);
}

static const struct answer_case look_cases[] = {
    {403, SAID("ACCESS_DENIED"), OUTCOME_RETRY, SCOPE_POST},
    {400, SAID("ILLEGAL_ARGUMENT"), OUTCOME_UNSURE, SCOPE_POST, "another form of the finder: a person looks"},
    {200, "{}", OUTCOME_RETRY, SCOPE_POST},
    {500, "{}", OUTCOME_RETRY, SCOPE_POST},
    {429, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT},
};

static struct bench *looking(void)
{
    struct bench *b = lost(PAGE);
    find(b);
    return b;
}

static void what_cannot_be_listed_is_a_persons(void **state)
{
    (void)state;
    each_answer(look_cases, looking, answer_found, NULL);
}

static void a_lost_post_with_an_image_is_found_by_it(void **state)
{
    (void)state;
    struct bench *b = page_with_image();
    answer(b, 504, NULL, NULL);
    b->job.first_sent = SLOT;
    b->job.lost = true;
    find(b);
    answer_found(b, 200, NULL,
                 "{'elements':[{'id':'urn:li:share:76','commentary':'hello','content':{'media':{'id':'urn:li:image:X'}}},"
                 "{'id':'urn:li:share:77','commentary':'changed','content':{'media':{'id':'urn:li:image:C1'}}}]}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "urn:li:share:77");
    bench_free(b);
}

static void a_member_or_who_wants_it_repeats_or_asks(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        bool looks;
        enum repeat repeat;
    } cases[] = {
        {"{}", false, REPEAT_NEVER},
        {PAGE, true, REPEAT_NEVER},
        {"{'after_doubt':'repeat'}", false, REPEAT_KEY},
        {"{'author':'urn:li:organization:5','after_doubt':'ask'}", false, REPEAT_NEVER},
        {"{'author':'urn:li:organization:5','after_doubt':'repeat'}", false, REPEAT_KEY},
        {"{'after_doubt':'look'}", true, REPEAT_NEVER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = bench_new(&network_linkedin, cases[i].options, "token");
        assert_int_equal(network_linkedin.can_find(&b->job), cases[i].looks);
        assert_int_equal(network_linkedin.repeat_for(&b->job), cases[i].repeat);
        bench_free(b);
    }
}

static void a_duplicate_after_a_doubt_is_the_lost_post_itself(void **state)
{
    (void)state;
    struct bench *b = lost(PAGE);
    next(b);
    assert_true(json_flag(b->step.memo, "again", false));
    answer(b, 429, NULL, NULL); /* says nothing of the one before */
    next(b);
    assert_true(json_flag(b->step.memo, "again", false));
    answer(b, 422, NULL, "{'code':'DUPLICATE_POST','message':'Content is a duplicate'}");
    expect_outcome(b, OUTCOME_UNSURE);
    next(b);
    answer(b, 422, NULL, DUPLICATE);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, PERMALINK);
    bench_free(b);
}

/* ---- who we are, and the version ---- */

static void the_end_of_a_version_is_told_two_months_ahead(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        instant now;
        const char *says;
    } cases[] = {
        {"202609", SLOT, NULL}, /* 2026-12-01 */
        {"202602", SLOT, NULL},
        {"202602", SLOT + DAYS(2), "until about 2027-02"}, /* 60 days before */
        {"202512", SLOT, "until about 2026-12"},
        {"202501", SLOT, "until about 2026-01"},
        {"202609", SLOT + DAYS(213), NULL}, /* 2027-07-02 */
        {"202609", SLOT + DAYS(214), "until about 2027-09"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench *b = bench_new(&network_linkedin, "{}", "token");
        b->account.options = json_of(b->arena, arena_printf(b->arena, "{'author':'urn:li:organization:5','version':'%s'}",
                                                            cases[i].version));
        b->job.now = cases[i].now;
        next(b);
        answer(b, 201, SHARE, NULL);
        expect_outcome(b, OUTCOME_DONE);
        const char *says = b->outcome.message;
        if (!says != !cases[i].says || (says && !strstr(says, cases[i].says)))
            fail_msg("%s: %s", cases[i].version, says ? says : "(nothing)");
        bench_free(b);
    }
}

static struct bench *verifying(void)
{
    struct bench *b = bench_new(&network_linkedin, PAGE, "token");
    memset(&b->step, 0x5A, sizeof b->step);
    network_linkedin.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", API "/rest/organizationAcls?q=roleAssignee&count=100");
    return b;
}

static void give_verified(struct bench *b, int status, const char *headers, const char *body)
{
    struct response response = response_of(b->arena, status, headers, body);
    network_linkedin.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
}

static const struct answer_case verify_cases[] = {
    {200, "{'elements':[{'organization':'urn:li:organization:4','role':'A'},{'organization':'urn:li:organization:5',"
          "'role':'ADMINISTRATOR'}]}", OUTCOME_DONE, SCOPE_ACCOUNT, .says = "as ADMINISTRATOR"},
    {200, "{'elements':[]}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "no role"},
    {403, SAID("ACCESS_DENIED"), OUTCOME_DONE, SCOPE_ACCOUNT, .says = "rw_organization_admin"},
    {401, "{}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {426, "{}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
};

static void a_page_is_verified_by_the_roles_of_who_logged_in(void **state)
{
    (void)state;
    each_answer(verify_cases, verifying, give_verified, NULL);
}

static const struct answer_case who_cases[] = {
    {401, "{'message':'expired'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
    {403, "{'message':'no openid'}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
    {200, "{'name':'Anna'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
    {200, "{'sub':'a','name':'Anna'}", OUTCOME_NEXT, SCOPE_POST},
    {500, "{}", OUTCOME_RETRY, SCOPE_ACCOUNT},
};

static void who_a_member_is_may_not_be_told(void **state)
{
    (void)state;
    each_answer(who_cases, member_begin, answer, NULL);
}

/* ---- a login ---- */

static void a_login_is_renewed_where_it_can_be_and_asked_for_where_not(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_linkedin, "{'client_id':'app','author':'urn:li:organization:5'}", "client_secret");
    next(b);
    assert_int_equal(b->step.kind, STEP_LOCAL);
    b->job.session = json_of(b->arena, "{'login':{'access_token':'old','refresh_token':'r','made_at':1,'expires_at':2}}");
    next(b);
    expect_step(b, STEP_SESSION, "POST", "https://www.linkedin.com/oauth/v2/accessToken");
    assert_string_equal(b->step.request.body,
                        "grant_type=refresh_token&refresh_token=r&client_id=app&client_secret=s3cret-token");
    go_on(b, 200, "{'access_token':'new','expires_in':5184000,'refresh_token_expires_in':1000000}");
    expect_step(b, STEP_CREATE, "POST", API "/rest/posts");
    assert_string_equal(header_of(b, "Authorization"), "Bearer new");
    assert_string_equal(json_text(json_member(b->job.session, "login"), "refresh_token"), "r"); /* is not given anew */
    bench_free(b);
}

static const struct check_case {
    const char *options;
    bool token, client_secret;
    const char *says; /* NULL: it is right */
} check_cases[] = {
    {"{}", true, false, NULL},
    {PAGE, true, false, NULL},
    {"{'author':'urn:li:person:a-B_9'}", true, false, NULL},
    {"{'client_id':'app'}", false, true, NULL},
    {"{'version':'202512'}", true, false, NULL},
    {"{}", false, false, "or a 'token'"},
    {"{'client_id':'app'}", true, true, "not both"},
    {"{'client_id':'app'}", false, false, "'client_secret'"},
    {"{'author':'organization:5'}", true, false, "urn:li:organization:NUMBER"},
    {"{'author':'urn:li:organization:5/6'}", true, false, "urn:li:organization:NUMBER"},
    {"{'version':'202613'}", true, false, "202609"},
    {"{'version':'v26.01'}", true, false, "202609"},
};

static void an_account_is_whole_or_says_what_it_lacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(check_cases); i++) {
        const struct check_case *c = &check_cases[i];
        struct bench *b = bench_new(&network_linkedin, c->options, "token");
        struct account_secret secrets[2];
        struct error err = {0};
        b->account.secret_count = 0;
        if (c->token)
            secrets[b->account.secret_count++] = (struct account_secret){.name = "token", .value = "x"};
        if (c->client_secret)
            secrets[b->account.secret_count++] = (struct account_secret){.name = "client_secret", .value = "x"};
        b->account.secrets = secrets;
        if (network_linkedin.check_account(&b->account, &err) != !c->says)
            fail_msg("%s: %s", c->options, err.message);
        if (c->says && !strstr(err.message, c->says))
            fail_msg("%s: %s", c->options, err.message);
        bench_free(b);
    }
}

/* ---- checks of a content ---- */

static void a_content_is_held_against_what_linkedin_takes(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_linkedin, PAGE, "token");
    assert_string_equal(rules_found(b), "");
    b->content.link = "https://e.org/";
    assert_string_equal(rules_found(b), "link-card ");
    b->content.title = "T";
    assert_string_equal(rules_found(b), "");
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    assert_string_equal(rules_found(b), "title ");
    b->content.title = NULL;
    b->media[0].mime = "image/webp";
    b->media[0].size = 8000001;
    b->media[0].width = b->media[0].height = 6013;
    assert_string_equal(rules_found(b), "!image-type !image-pixels !image-size ");
    b->parts[0].media_count = 0;
    b->content.link = NULL;
    b->content.visibility = VISIBILITY_FOLLOWERS;
    assert_string_equal(rules_found(b), "!visibility ");
    b->account.options = json_of(b->arena, "{}");
    assert_string_equal(rules_found(b), "");
    b->content.visibility = VISIBILITY_UNLISTED;
    assert_string_equal(rules_found(b), "!visibility ");
    b->content.visibility = VISIBILITY_PUBLIC;
    char *text = arena_alloc(b->arena, 3002);
    memset(text, '_', 3001); /* twice as long once it is escaped: what is written counts */
    text[3001] = '\0';
    b->parts[0].text = text;
    assert_string_equal(rules_found(b), "!text-length ");
    text[3000] = '\0';
    assert_string_equal(rules_found(b), "");
    b->account.options = json_of(b->arena, "{'max_characters':2999}");
    assert_string_equal(rules_found(b), "!text-length ");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_characters_are_escaped_everywhere_but_in_templates),
        cmocka_unit_test(what_is_written_is_what_is_shown),
        cmocka_unit_test(a_page_post_is_one_versioned_request_whose_urn_is_in_a_header),
        cmocka_unit_test(a_member_is_asked_who_it_is_once),
        cmocka_unit_test(a_link_with_a_title_is_a_card_and_without_one_a_line_of_text),
        cmocka_unit_test(images_are_announced_put_and_waited_for_by_a_page),
        cmocka_unit_test(a_document_goes_the_way_of_an_image_and_has_a_title),
        cmocka_unit_test(the_images_of_a_member_are_given_some_seconds),
        cmocka_unit_test(the_token_goes_with_an_image_to_linkedin_alone),
        cmocka_unit_test(an_address_that_has_ended_or_takes_nothing_is_got_anew),
        cmocka_unit_test(an_image_that_cannot_be_processed_refuses_the_post),
        cmocka_unit_test(each_error_of_a_post_has_its_kind_and_scope),
        cmocka_unit_test(a_forbidden_post_is_tried_once_more),
        cmocka_unit_test(a_limit_ends_at_midnight_unless_something_else_is_said),
        cmocka_unit_test(an_image_that_is_not_ready_puts_the_post_off),
        cmocka_unit_test(a_lost_post_of_a_page_is_found_by_its_text_and_only_late_held_absent),
        cmocka_unit_test(a_busy_page_is_read_so_far),
        cmocka_unit_test(what_cannot_be_listed_is_a_persons),
        cmocka_unit_test(a_lost_post_with_an_image_is_found_by_it),
        cmocka_unit_test(a_member_or_who_wants_it_repeats_or_asks),
        cmocka_unit_test(a_duplicate_after_a_doubt_is_the_lost_post_itself),
        cmocka_unit_test(the_end_of_a_version_is_told_two_months_ahead),
        cmocka_unit_test(a_page_is_verified_by_the_roles_of_who_logged_in),
        cmocka_unit_test(who_a_member_is_may_not_be_told),
        cmocka_unit_test(a_login_is_renewed_where_it_can_be_and_asked_for_where_not),
        cmocka_unit_test(an_account_is_whole_or_says_what_it_lacks),
        cmocka_unit_test(a_content_is_held_against_what_linkedin_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
