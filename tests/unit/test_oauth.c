/*
 * OAuth 1.0a and OAuth 2 by the vectors of their RFCs (5849, 6749, 7636, 2202, 4231) and of X's
 * documentation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "driver_job.h"
#include "base/buf.h"
#include "base/hash.h"
#include "network/driver.h"
#include "network/oauth1.h"
#include "network/oauth2.h"

/* ---- what both stand on ---- */

static const char *hex_of(struct arena *arena, const uint8_t *bytes, size_t length)
{
    const char *text = "";
    for (size_t i = 0; i < length; i++)
        text = arena_printf(arena, "%s%02x", text, bytes[i]);
    return text;
}

static void hmacs_are_those_of_the_rfcs(void **state)
{
    (void)state;
    static const struct {
        const char *key, *text, *sha1, *sha256;
    } cases[] = {
        /* RFC 2202 and RFC 4231, test case 2 */
        {"Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        /* RFC 2202 and RFC 4231, test case 1 */
        {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
         "b617318655057264e28bc0b6fb378c8ef146be00",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t sha1[HMAC_SHA1_BYTES], sha256[HMAC_SHA256_BYTES];
        hmac_sha1(cases[i].key, strlen(cases[i].key), cases[i].text, strlen(cases[i].text), sha1);
        hmac_sha256(cases[i].key, strlen(cases[i].key), cases[i].text, strlen(cases[i].text), sha256);
        assert_string_equal(hex_of(arena, sha1, sizeof sha1), cases[i].sha1);
        assert_string_equal(hex_of(arena, sha256, sizeof sha256), cases[i].sha256);
    }
    arena_free(arena);
}

static void base64url_has_its_alphabet_and_no_padding(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } cases[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"\xfb\xff\xbf", "-_-_"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        buf_add_text(&out, "=="); /* what was there before stays */
        buf_add_base64url(&out, cases[i].bytes, strlen(cases[i].bytes));
        assert_string_equal(buf_text(&out) + 2, cases[i].text);
        buf_release(&out);
    }
}

/* ---- OAuth 1.0a ---- */

static void the_base_string_is_that_of_the_rfc(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct request request = {.method = "post",
                              .url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
                              .body = "c2&a3=2+q",
                              .body_length = 9};
    const struct driver_pair protocol[] = {
        {"oauth_consumer_key", "9djdj82h48djs9d2"},
        {"oauth_token", "kkk9d7dh3k39sjv7"},
        {"oauth_signature_method", "HMAC-SHA1"},
        {"oauth_timestamp", "137131201"},
        {"oauth_nonce", "7d8f3e4a"},
    };
    request_header(&request, arena, "Content-Type", "application/x-www-form-urlencoded");
    assert_string_equal(oauth1_base(&request, protocol, sizeof protocol / sizeof *protocol, arena),
                        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q"
                        "%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_"
                        "key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m"
                        "ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk"
                        "9d7dh3k39sjv7");
    arena_free(arena);
}

static void addresses_are_made_uniform(void **state)
{
    (void)state;
    static const struct {
        const char *url, *base;
    } cases[] = {
        {"HTTP://Example.com:80/r%20v/X?id=123", "http%3A%2F%2Fexample.com%2Fr%2520v%2FX&id%3D123"},
        {"https://www.example.net:8080/?q=1", "https%3A%2F%2Fwww.example.net%3A8080%2F&q%3D1"},
        {"https://example.net:443", "https%3A%2F%2Fexample.net%2F&"},
        {"https://example.net:80/#top", "https%3A%2F%2Fexample.net%3A80%2F&"},
        {"https://e.net/?a=%zz&=x&b", "https%3A%2F%2Fe.net%2F&%3Dx%26a%3D%2525zz%26b%3D"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {.method = "GET", .url = cases[i].url};
        assert_string_equal(oauth1_base(&request, NULL, 0, arena) + 4, cases[i].base);
    }
    arena_free(arena);
}

static void signatures_are_those_of_the_rfc(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    /* section 1.2 */
    struct request photo = {.method = "GET",
                            .url = "http://photos.example.net/photos?file=vacation.jpg&size=original"};
    const struct driver_pair protocol[] = {
        {"oauth_consumer_key", "dpf43f3p2l4k3l03"},
        {"oauth_token", "nnch734d00sl2jdk"},
        {"oauth_signature_method", "HMAC-SHA1"},
        {"oauth_timestamp", "137131202"},
        {"oauth_nonce", "chapoH"},
    };
    const char *base = oauth1_base(&photo, protocol, sizeof protocol / sizeof *protocol, arena);
    assert_string_equal(oauth1_signature(base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00", arena),
                        "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    arena_free(arena);
}

static const char *signature_of(const struct request *request, struct arena *arena)
{
    const char *header = request_value(request, "Authorization");
    const char *at = strstr(header, "oauth_signature=\"") + strlen("oauth_signature=\"");
    return arena_strndup(arena, at, strcspn(at, "\""));
}

static const struct oauth1 x_example = {
    "xvz1evFS4wEEPTGEFPHBog",
    "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
};

static void signatures_are_those_of_the_documentation_of_x(void **state)
{
    (void)state;
    static const struct {
        const char *url, *signature;
    } cases[] = {
        {"https://api.twitter.com/1/statuses/update.json?include_entities=true",
         "tnnArxj06cWHq44gCs1OSKk%2FjLY%3D"},
        {"https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
         "hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"},
        {"https://api.x.com/1.1/statuses/update.json?include_entities=true",
         "Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D"},
    };
    static const struct driver_pair form[] = {
        {"status", "Hello Ladies + Gentlemen, a signed OAuth request!"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct request request = {.method = "POST", .url = cases[i].url};
        driver_form_body(&request, arena, form, 1);
        oauth1_sign(&request, &x_example, "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1318622958, arena);
        assert_string_equal(signature_of(&request, arena), cases[i].signature);
        arena_free(arena);
    }
}

static const struct network nowhere = {.name = "nowhere"};

static void a_json_body_is_not_signed_and_the_nonce_depends_on_job_and_request_alone(void **state)
{
    (void)state;
    struct bench *b = bench_new(&nowhere, "{}", "token");
    static const struct {
        const char *method, *url, *body;
        duration later;
        const char *memo;
        bool same;
    } cases[] = {
        {"POST", "https://api.example/2/tweets", "{}", 0, "{}", true},
        {"POST", "https://api.example/2/tweets", "{\"a\":1}", 0, "{}", true}, /* the body is not signed */
        {"POST", "https://api.example/2/tweets", "{}", 1000, "{}", false},
        {"POST", "https://api.example/2/tweets", "{}", 0, "{'media':1}", false}, /* the second of two uploads */
        {"POST", "https://api.example/2/other", "{}", 0, "{}", false},
        {"GET", "https://api.example/2/tweets", "{}", 0, "{}", false},
    };
    const char *first = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct step step = {.request = {.method = cases[i].method, .url = cases[i].url}};
        driver_json_body(&step.request, b->arena, json_object());
        step.request.body = cases[i].body;
        b->job.now = SLOT + cases[i].later;
        b->job.memo = json_of(b->arena, cases[i].memo);
        oauth1_sign_step(&b->job, &step, &x_example, b->arena);
        const char *header = request_value(&step.request, "Authorization");
        first = first ? first : header;
        assert_int_equal(!strcmp(first, header), cases[i].same);
    }
    bench_free(b);
}

/* ---- OAuth 2 ---- */

static void the_challenge_is_that_of_the_rfc(void **state)
{
    (void)state;
    static const unsigned char octets[32] = {116, 24,  223, 180, 151, 153, 224, 37,  79,  250, 96,
                                             125, 216, 173, 187, 186, 22,  212, 37,  77,  105, 214,
                                             191, 240, 91,  88,  5,   88,  83,  132, 141, 121};
    struct arena *arena = arena_new();
    const char *verifier = oauth2_token_text(octets, arena);
    assert_string_equal(verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_string_equal(oauth2_challenge(verifier, arena), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    arena_free(arena);
}

static const struct oauth2 client = {
    .authorize_url = "https://x.example/authorize",
    .token_url = "https://api.example/token",
    .client_id = "s6BhdRkqt3",
    .client_secret = "gX1fBat3bV",
    .scopes = "post.read post.write",
    .basic = true,
    .pkce = true,
};

static void the_address_to_open_says_who_asks_for_what(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct oauth2 other = client;
    assert_string_equal(
        oauth2_authorize_url(&client, "https://client.example.com/cb", "xyz",
                             "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", arena),
        "https://x.example/authorize?response_type=code&client_id=s6BhdRkqt3"
        "&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&scope=post.read%20post.write&state=xyz"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
    other.pkce = false;
    other.authorize_url = "https://x.example/?do=authorize";
    other.extra = "access_type=offline";
    assert_string_equal(oauth2_authorize_url(&other, "http://127.0.0.1:1/", "xyz", "verifier", arena),
                        "https://x.example/?do=authorize&response_type=code&client_id=s6BhdRkqt3"
                        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F&scope=post.read%20post.write&state=xyz"
                        "&access_type=offline");
    arena_free(arena);
}

static void the_client_names_itself_as_the_service_wants_it(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct oauth2 other = client;
    struct step step;
    /* RFC 6749 section 4.1.3 and 6: the header is that of the RFC's example */
    oauth2_code_step(&client, "SplxlOBeZQQYbYS6WxSbIA", "https://client.example.com/cb", "v", arena, &step);
    assert_string_equal(request_value(&step.request, "Authorization"), "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert_string_equal(step.request.body,
                        "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA"
                        "&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&code_verifier=v");
    oauth2_refresh_step(&client, "tGzv3JOkF0XG5Qx2TlKWIA", arena, &step);
    assert_int_equal(step.kind, STEP_SESSION);
    assert_string_equal(step.request.body, "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA");
    other.basic = false;
    oauth2_refresh_step(&other, "r", arena, &step);
    assert_null(request_value(&step.request, "Authorization"));
    assert_string_equal(
        step.request.body,
        "grant_type=refresh_token&refresh_token=r&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV");
    other.client_secret = NULL; /* a public client */
    other.basic = true;
    oauth2_refresh_step(&other, "r", arena, &step);
    assert_null(request_value(&step.request, "Authorization"));
    assert_string_equal(step.request.body, "grant_type=refresh_token&refresh_token=r&client_id=s6BhdRkqt3");
    arena_free(arena);
}

/* ---- the session's login ---- */

static struct bench *logged_in(const char *login)
{
    struct bench *b = bench_new(&nowhere, "{}", "token");
    b->job.session = json_of(b->arena, arena_printf(b->arena, "{'login':%s,'user':'u'}", login));
    return b;
}

static void a_token_is_renewed_when_it_would_end_at_the_slot(void **state)
{
    (void)state;
    static const struct {
        int64_t made, ends, slot; /* seconds from now */
        const char *more;
        enum step_kind kind; /* STEP_DONE: nothing to do */
        const char *reason;
    } cases[] = {
        {0, 7200, 0, "", STEP_DONE, "fresh"},
        {-7000, 400, 0, "", STEP_DONE, "400 s are left, 300 are enough"},
        {-7000, 200, 0, "", STEP_SESSION, "200 s are left"},
        {-7000, 600, 400, "", STEP_SESSION, "200 s are left at the slot"},
        {-7000, 7200, 7200 * 3, "", STEP_DONE, "good for what is prepared long ahead"},
        {-50, 10, 0, "", STEP_DONE, "of a life of a minute six seconds are enough"},
        {-50, 5, 0, "", STEP_SESSION, "… and five are not"},
        {-7000, -10, 0, "", STEP_SESSION, "over"},
        {0, 7200, 0, ",'expired':true", STEP_SESSION, "refused by the server"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = logged_in("{}");
        const char *login = arena_printf(
            b->arena, "{'login':{'access_token':'a','refresh_token':'r','made_at':%lld,'expires_at':%lld%s}}",
            (long long)(SLOT + SECONDS(cases[i].made)), (long long)(SLOT + SECONDS(cases[i].ends)),
            cases[i].more);
        b->job.session = json_of(b->arena, login);
        b->job.slot = SLOT + SECONDS(cases[i].slot);
        if (oauth2_session_step(&b->job, &client, b->arena, &b->step) != (cases[i].kind != STEP_DONE))
            fail_msg("%s", cases[i].reason);
        bench_free(b);
    }
}

static void what_cannot_be_renewed_is_used_to_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *login;
        bool is_used;
    } cases[] = {
        {"{'access_token':'a','made_at':1796110000000,'expires_at':1796112001000}",
         true}, /* a second is left */
        {"{'access_token':'a','made_at':1796110000000,'expires_at':1796112000000}", false},
        {"{'access_token':'a','made_at':1,'expired':true}", false},
        {"{'access_token':'a','made_at':1}", true}, /* nothing is told of its end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = logged_in(cases[i].login);
        bool asks = oauth2_session_step(&b->job, &client, b->arena, &b->step);
        assert_int_equal(asks, !cases[i].is_used);
        assert_true(!asks || b->step.kind == STEP_LOCAL);
        bench_free(b);
    }
}

static void a_refresh_gives_a_new_session_and_keeps_what_else_is_in_it(void **state)
{
    (void)state;
    struct bench *b = logged_in("{'access_token':'old','refresh_token':'r1','made_at':1,'expires_at':2,"
                                "'expired':true,'client_id':'c'}");
    assert_true(oauth2_session_step(&b->job, &client, b->arena, &b->step));
    struct response response = response_of(b->arena, 200, NULL,
                                           "{'token_type':'bearer','expires_in':7200,'access_token':'new','"
                                           "refresh_token':'r2','scope':'post.read'}");
    oauth2_session_read(&b->job, &b->step, &response, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_NEXT);
    assert_string_equal(
        print_in(b->arena, b->outcome.session),
        print_in(b->arena, json_of(b->arena, "{'login':{'access_token':'new','client_id':'c',"
                                             "'expires_at':1796119200000,'made_at':1796112000000,"
                                             "'refresh_token':'r2','scope':'post.read'},"
                                             "'user':'u'}")));
    assert_string_equal(oauth2_missing(&client, oauth2_login(b->outcome.session), b->arena), "post.write");
    bench_free(b);
}

static struct bench *refreshing(void)
{
    struct bench *b = logged_in("{'access_token':'old','refresh_token':'r1','made_at':1,'expires_at':2}");
    oauth2_session_step(&b->job, &client, b->arena, &b->step);
    return b;
}

static void give_token(struct bench *b, int status, const char *headers, const char *body)
{
    struct response response = response_of(b->arena, status, headers, body);
    oauth2_session_read(&b->job, &b->step, &response, b->arena, &b->outcome);
}

static void no_session(struct bench *b)
{
    assert_null(b->outcome.session);
}

static void every_error_of_the_token_endpoint_has_its_meaning(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {400, "{'error':'invalid_grant','error_description':'gone'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         "the refresh token is dead", .says = "log in again (HTTP 400): invalid_grant (gone)",
         .reconnect = true},
        {400, "{'error':'invalid_request'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "as X says it",
         .says = "log in again", .reconnect = true},
        {401, "{'error':'invalid_client'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "client's id or secret",
         .reconnect = true},
        {400, "{'error':'unauthorized_client'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {400, "{'error':'invalid_scope'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {400, "{'error':'something_else'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, .says = "something_else"},
        {200, "{'error':'invalid_grant'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "some answer 200",
         .reconnect = true},
        {503, "{'error':'temporarily_unavailable'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {400, "{'error':'temporarily_unavailable'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {500, "{'error':'invalid_grant'}", OUTCOME_RETRY, SCOPE_ACCOUNT,
         "a failure says nothing of the token"},
        {429, "{'error':'invalid_request'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {502, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {401, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {200, "{}", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "no token"},
        {200, "!nonsense", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "no token"},
        {200, "{'access_token':'with space'}", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "no token"},
        {200, "{'access_token':'a','refresh_token':''}", OUTCOME_RETRY, SCOPE_ACCOUNT, .says = "no token"},
    };
    each_answer(cases, refreshing, give_token, no_session);
}

static struct bench *used(const char *login)
{
    struct bench *b = logged_in(login);
    b->step = (struct step){.kind = STEP_PREPARE, .name = "upload"};
    oauth2_authorize(&b->job, &b->step.request, b->arena);
    return b;
}

static void a_refused_token_is_renewed_once(void **state)
{
    (void)state;
    struct bench *b = used("{'access_token':'a','refresh_token':'r','made_at':1}");
    oauth2_unauthorized(&b->job, &b->step, "expired", b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_NEXT);
    settle(b);
    assert_true(oauth2_session_step(&b->job, &client, b->arena, &b->step));
    give_token(b, 200, NULL, "{'access_token':'b','refresh_token':'r2'}");
    settle(b);
    assert_false(oauth2_session_step(&b->job, &client, b->arena, &b->step));

    b->step = (struct step){.kind = STEP_PREPARE, .name = "upload"};
    oauth2_authorize(&b->job, &b->step.request, b->arena);
    b->outcome = (struct outcome){0};
    oauth2_unauthorized(&b->job, &b->step, "suspended", b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_REFUSED);
    assert_true(b->outcome.reconnect);
    assert_non_null(strstr(b->outcome.message, "calctl login acct: suspended"));
    bench_free(b);
}

static void a_token_that_was_renewed_while_its_request_was_out_is_tried_again(void **state)
{
    (void)state;
    struct bench *b = used("{'access_token':'a','refresh_token':'r','made_at':1}");
    b->job.session =
        json_of(b->arena, "{'login':{'access_token':'b','refresh_token':'r2','made_at':1796112000000}}");
    oauth2_unauthorized(&b->job, &b->step, NULL, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_NEXT);
    assert_null(b->outcome.session);
    bench_free(b);
}

static void without_a_login_a_person_is_asked_for_one(void **state)
{
    (void)state;
    struct bench *b = bench_new(&nowhere, "{}", "token");
    assert_true(oauth2_session_step(&b->job, &client, b->arena, &b->step));
    assert_int_equal(b->step.kind, STEP_LOCAL);
    oauth2_session_read(&b->job, &b->step, NULL, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_REFUSED);
    assert_true(b->outcome.reconnect);
    assert_non_null(strstr(b->outcome.message, "calctl login acct"));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmacs_are_those_of_the_rfcs),
        cmocka_unit_test(base64url_has_its_alphabet_and_no_padding),
        cmocka_unit_test(the_base_string_is_that_of_the_rfc),
        cmocka_unit_test(addresses_are_made_uniform),
        cmocka_unit_test(signatures_are_those_of_the_rfc),
        cmocka_unit_test(signatures_are_those_of_the_documentation_of_x),
        cmocka_unit_test(a_json_body_is_not_signed_and_the_nonce_depends_on_job_and_request_alone),
        cmocka_unit_test(the_challenge_is_that_of_the_rfc),
        cmocka_unit_test(the_address_to_open_says_who_asks_for_what),
        cmocka_unit_test(the_client_names_itself_as_the_service_wants_it),
        cmocka_unit_test(a_token_is_renewed_when_it_would_end_at_the_slot),
        cmocka_unit_test(what_cannot_be_renewed_is_used_to_its_end),
        cmocka_unit_test(a_refresh_gives_a_new_session_and_keeps_what_else_is_in_it),
        cmocka_unit_test(every_error_of_the_token_endpoint_has_its_meaning),
        cmocka_unit_test(a_refused_token_is_renewed_once),
        cmocka_unit_test(a_token_that_was_renewed_while_its_request_was_out_is_tried_again),
        cmocka_unit_test(without_a_login_a_person_is_asked_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
