/*
 * How a code, or a token that was typed in, becomes what an account of Meta's uses: each step's request, and what each
 * answer to it means, however odd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"
#include "network/graph.h"
#include "network/login.h"

static const struct login *exchange(struct bench *b)
{
    const struct login *login = login_of(&b->account);
    login->exchange(&b->job, b->arena, &b->step);
    return login;
}

static void told(struct bench *b, int status, const char *body)
{
    struct response response = response_of(b->arena, status, NULL, body);
    b->outcome = (struct outcome){0};
    exchange(b)->exchanged(&b->job, &b->step, &response, b->arena, &b->outcome);
    if (b->outcome.session)
        b->job.session = b->outcome.session;
}

static struct bench *begin(const struct network *network, const char *options, const char *login)
{
    struct bench *b = bench_new(network, options, "app_secret");
    b->job.session = json_of(b->arena, login);
    return b;
}

#define SHORT "{'login':{'access_token':'short'}}"
#define APP "'app_id':'4711','redirect_url':'https://e.example/'"

static const char *kept_token(const struct bench *b)
{
    return json_text(json_member(b->job.session, "login"), "access_token");
}

/* ---- the ladders ---- */

static const struct ladder {
    const struct network *network;
    const char *options;
    struct {
        const char *url; /* of the request: what follows the address of the API */
        const char *answer;
    } steps[4];
    const char *token; /* in the end */
    int64_t ends;      /* 0: never told */
    const char *missing;
} ladders[] = {
    {&network_facebook,
     "{'page':'7','app_id':'4711'}",
     {{"https://graph.facebook.com/v26.0/oauth/access_token?grant_type=fb_exchange_token&client_id=4711&client_secret="
       "s3cret-token&fb_exchange_token=short",
       "{'access_token':'long','expires_in':5184000}"},
      {"https://graph.facebook.com/v26.0/me/accounts?fields=id,name,access_token,instagram_business_account&limit=200",
       "{'data':[{'id':'6','name':'A','access_token':'a'},{'id':'7','name':'B','access_token':'page'}]}"},
      {"https://graph.facebook.com/v26.0/debug_token?input_token=page",
       "{'data':{'scopes':['pages_show_list','pages_manage_posts'],'expires_at':0}}"}},
     "page",
     0,
     "pages_read_engagement"},
    {&network_instagram,
     "{'login':'facebook','user':'99','app_id':'4711'}",
     {{"https://graph.facebook.com/v26.0/oauth/access_token?grant_type=fb_exchange_token&client_id=4711&client_secret="
       "s3cret-token&fb_exchange_token=short",
       "{'access_token':'long','expires_in':5184000}"},
      {"https://graph.facebook.com/v26.0/me/accounts?fields=id,name,access_token,instagram_business_account&limit=200",
       "{'data':[{'id':'6','access_token':'a'},{'id':'7','access_token':'page','instagram_business_account':{'id':'99'}}]}"},
      {"https://graph.facebook.com/v26.0/debug_token?input_token=page", "{'data':{'scopes':'odd'}}"}},
     "page",
     0,
     NULL},
    {&network_instagram,
     "{" APP "}",
     {{"https://graph.instagram.com/access_token?grant_type=ig_exchange_token&client_secret=s3cret-token&access_token=short",
       "{'access_token':'long','expires_in':5184000}"}},
     "long",
     SLOT + DAYS(60),
     NULL},
    {&network_threads,
     "{" APP "}",
     {{"https://graph.threads.net/access_token?grant_type=th_exchange_token&client_secret=s3cret-token&access_token=short",
       "{'access_token':'long','expires_in':5184000}"},
      {"https://graph.threads.net/v1.0/debug_token?input_token=long", "{'error':{'code':100,'message':'no'}}"}},
     "long",
     SLOT + DAYS(60),
     NULL},
};

static const char *without_proof(const struct bench *b)
{
    const char *url = b->step.request.url, *proof = strstr(url, "appsecret_proof=");
    return proof ? arena_strndup(b->arena, url, (size_t)(proof - url) - 1) : url;
}

static void a_code_climbs_to_the_token_that_lasts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ladders / sizeof *ladders; i++) {
        const struct ladder *l = &ladders[i];
        struct bench *b = begin(l->network, l->options, SHORT);
        for (size_t k = 0; l->steps[k].url; k++) {
            exchange(b);
            assert_int_equal(b->step.kind, STEP_SESSION);
            assert_string_equal(without_proof(b), l->steps[k].url);
            told(b, strstr(l->steps[k].answer, "'error'") ? 400 : 200, l->steps[k].answer);
            assert_int_equal(b->outcome.kind, OUTCOME_NEXT);
        }
        exchange(b);
        assert_int_equal(b->step.kind, STEP_DONE);
        assert_string_equal(kept_token(b), l->token);
        assert_int_equal(json_number(graph_session(&b->job), "expires_at", 0), l->ends);
        const char *missing = graph_missing(&b->job, NULL, b->arena);
        assert_string_equal(missing ? missing : "none", l->missing ? l->missing : "none");
        bench_free(b);
    }
}

static void a_new_token_is_renewed_in_a_week_and_the_session_holds_for_it_alone(void **state)
{
    (void)state;
    struct bench *b = begin(&network_threads, "{" APP "}", SHORT);
    told(b, 200, "{'access_token':'long','expires_in':5184000}");
    told(b, 200, "{'data':{'scopes':['threads_basic','threads_content_publish']}}");
    assert_null(graph_missing(&b->job, NULL, b->arena));
    json_object_del((json_t *)(uintptr_t)b->job.session, "login"); /* as it is stored */
    assert_null(graph_session(&b->job));
    b->secret = (struct account_secret){.name = "token", .value = "long"};
    assert_non_null(graph_session(&b->job));
    assert_int_equal(login_renewal(&b->account, b->job.session, SLOT), SLOT + DAYS(7));
    assert_int_equal(login_ends(&b->account, b->job.session), SLOT + DAYS(60));
    assert_string_equal(login_needed(&b->account, b->job.session, SLOT + DAYS(60), b->arena),
                        "the login has ended: calctl login acct");
    bench_free(b);
}

static void a_token_that_was_typed_in_is_only_looked_at(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_threads, "{}", "token");
    b->job.session = json_of(b->arena, "{'login':{'access_token':'typed'}}");
    exchange(b);
    assert_string_equal(b->step.request.url, "https://graph.threads.net/v1.0/debug_token?input_token=typed");
    assert_string_equal(request_value(&b->step.request, "Authorization"), "Bearer typed");
    told(b, 200, "{'data':{'scopes':['threads_basic'],'expires_at':1798704000}}");
    exchange(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    assert_string_equal(graph_missing(&b->job, NULL, b->arena), "threads_content_publish");
    assert_int_equal(json_number(graph_session(&b->job), "expires_at", 0), INT64_C(1798704000000));
    assert_int_equal(graph_renewal(&b->job), SLOT + HOURS(25)); /* how old it is nobody says */
    bench_free(b);
}

/* ---- what may come back ---- */

static const struct odd_case {
    const char *login;
    int status;
    const char *answer;
    enum outcome_kind kind;
    const char *says;
} answers[] = { /* of an account with {'page':'7'} */
    {SHORT, 400, "{'error':{'code':190,'message':'expired'}}", OUTCOME_REFUSED, "expired"},
    {SHORT, 500, "{}", OUTCOME_RETRY, "500"},
    {SHORT, 200, "{}", OUTCOME_REFUSED, "holds no token"},
    {SHORT, 200, "[]", OUTCOME_RETRY, "not as expected"},
    {SHORT, 200, "{'access_token':7}", OUTCOME_REFUSED, "holds no token"},
    {SHORT, 200, "{'access_token':'a\\r\\nb'}", OUTCOME_REFUSED, "holds no token"},
    {SHORT, 200, "{'access_token':'long','expires_in':'soon'}", OUTCOME_NEXT, NULL},
    {SHORT, 200, "{'access_token':'long','expires_in':-1}", OUTCOME_NEXT, NULL},
#define LONG "{'login':{'access_token':'long','long-lived token':true,'expires_at':1}}"
    {LONG, 200, "{}", OUTCOME_REFUSED, "no page was agreed to"},
    {LONG, 200, "{'data':[]}", OUTCOME_REFUSED, "no page was agreed to"},
    {LONG, 200, "{'data':[7,null,{}]}", OUTCOME_REFUSED, "not among those"},
    {LONG, 200, "{'data':[{'id':7,'access_token':'page'}]}", OUTCOME_NEXT, NULL},
    {LONG, 200, "{'data':[{'id':'7'}]}", OUTCOME_REFUSED, "holds no token"},
    {LONG, 200, "{'data':[{'id':'8','name':'Autre'}]}", OUTCOME_REFUSED, "Autre (8)"},
#define PAGE "{'login':{'access_token':'page','long-lived token':true,'page token':true}}"
    {PAGE, 200, "{}", OUTCOME_NEXT, NULL},
    {PAGE, 200, "[]", OUTCOME_NEXT, NULL},
    {PAGE, 400, "{'error':{'code':100}}", OUTCOME_NEXT, NULL},
    {PAGE, 200, "{'data':{'scopes':[7,null],'expires_at':-5}}", OUTCOME_NEXT, NULL},
    {PAGE, 200, "{'data':{'scopes':[],'expires_at':9223372036854775807}}", OUTCOME_NEXT, NULL},
};

static void each_answer_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct odd_case *c = &answers[i];
        struct bench *b = bench_new(&network_facebook, "{'page':'7','app_id':'4711'}", "app_secret");
        b->job.session = json_of(b->arena, c->login);
        told(b, c->status, c->answer);
        if (b->outcome.kind != c->kind || (c->says && !strstr(b->outcome.message, c->says)))
            fail_msg("%s: %s", c->answer, b->outcome.message ? b->outcome.message : "no message");
        if (b->outcome.kind == OUTCOME_NEXT)
            assert_non_null(b->outcome.session);
        bench_free(b);
    }
}

static void the_app_is_named_whole(void **state)
{
    (void)state;
    struct error err = {0};
    struct bench *b = bench_new(&network_threads, "{'app_id':'4711'}", "app_secret");
    assert_false(network_threads.check_account(&b->account, &err));
    assert_non_null(strstr(err.message, "needs 'redirect_url'"));
    b->secret.name = "token";
    assert_false(network_threads.check_account(&b->account, &err));
    assert_non_null(strstr(err.message, "needs 'app_secret'"));
    bench_free(b);
    b = bench_new(&network_facebook, "{'page':'7','app_id':'4711'}", "app_secret");
    assert_true(network_facebook.check_account(&b->account, &err));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_climbs_to_the_token_that_lasts),
        cmocka_unit_test(a_new_token_is_renewed_in_a_week_and_the_session_holds_for_it_alone),
        cmocka_unit_test(a_token_that_was_typed_in_is_only_looked_at),
        cmocka_unit_test(each_answer_is_understood),
        cmocka_unit_test(the_app_is_named_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
