/* The e-mail driver: what each reply of a mail server means for the delivery, and that all tries are the same
 * bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

static struct bench *begin_with(const char *to)
{
    struct arena *arena = arena_new();
    struct bench *b = bench_new(
        &network_email,
        arena_printf(arena, "{'server': 'mx.example.org', 'from': 'news@example.org', 'to': %s}", to),
        "password");
    arena_free(arena);
    next(b);
    return b;
}

static struct bench *begin(void)
{
    return begin_with("['list@example.org']");
}

/* status and body are not used: the replies are the headers */
static void give(struct bench *b, int status, const char *headers, const char *body)
{
    answer(b, status, headers, body);
}

#define TAKEN "mail: 250 ok\nrcpt: 250 ok\ndata: 354 go\n"

static void each_reply_has_its_meaning(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {250, NULL, OUTCOME_DONE, SCOPE_POST, "taken", TAKEN "message: 250 2.0.0 ok"},
        {250, NULL, OUTCOME_DONE, SCOPE_POST, "251: forwarded is taken (RFC 5321 section 3.4)",
         "mail: 250 ok\nrcpt: 251 forwarded\ndata: 354 go\nmessage: 250 ok"},
        {421, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "closing", "connect: 421 4.3.2 no"},
        {554, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "no mail here (section 3.1)", "connect: 554 no"},
        {454, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "RFC 3207", "starttls: 454 4.3.0 not now"},
        {535, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "RFC 4954 section 6", "auth: 535 5.7.8 no",
         "'user' and 'password'", true},
        {534, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "too weak", "auth: 534 5.7.9 no", "'user' and 'password'",
         true},
        {454, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "their trouble", "auth: 454 4.7.0 no"},
        {530, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "no login yet", "mail: 530 5.7.0 no", "wants a login",
         true},
        {451, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, NULL, "mail: 451 4.3.0 no"},
        {452, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, NULL, "mail: 452 4.3.1 full"},
        {552, NULL, OUTCOME_REFUSED, SCOPE_POST, "RFC 1870 section 6.1", "mail: 552 5.3.4 big", "too large"},
        {550, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, "mail: 550 5.1.8 who", "this sender"},
        {550, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "a quota comes back", "mail: 550 5.4.5 daily", "quota"},
        {450, NULL, OUTCOME_RETRY, SCOPE_POST, "greylisting (RFC 6647)",
         "mail: 250 ok\nrcpt: 450 4.7.1 later"},
        {421, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "greylisting by closing",
         "mail: 250 ok\nrcpt: 421 4.7.0 later"},
        {552, NULL, OUTCOME_RETRY, SCOPE_POST, "section 4.5.3.1.10", "mail: 250 ok\nrcpt: 552 5.5.3 many"},
        {550, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "the recipient is the account's",
         "mail: 250 ok\nrcpt: 550 5.1.1 who", "550 5.1.1 who"},
        {530, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, "mail: 250 ok\nrcpt: 530 5.7.0 no", NULL, true},
        {451, NULL, OUTCOME_RETRY, SCOPE_POST, NULL, "mail: 250 ok\nrcpt: 250 ok\ndata: 451 4.3.0 no"},
        {554, NULL, OUTCOME_REFUSED, SCOPE_POST, NULL, "mail: 250 ok\nrcpt: 250 ok\ndata: 554 5.5.1 no"},
        {451, NULL, OUTCOME_RETRY, SCOPE_POST, "greylisting after the message",
         TAKEN "message: 451 4.7.1 later"},
        {452, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, NULL, TAKEN "message: 452 4.3.1 full"},
        {554, NULL, OUTCOME_REFUSED, SCOPE_POST, NULL, TAKEN "message: 554 5.7.1 spam", "forbids"},
        {550, NULL, OUTCOME_REFUSED, SCOPE_POST, "5.7.10 is not 5.7.1", TAKEN "message: 550 5.7.10 x",
         "refuses"},
        {552, NULL, OUTCOME_REFUSED, SCOPE_POST, NULL, TAKEN "message: 552 5.3.4 big", "too large"},
        {554, NULL, OUTCOME_REFUSED, SCOPE_POST, "no enhanced code", TAKEN "message: 554", "refuses"},
        {354, NULL, OUTCOME_UNSURE, SCOPE_POST, "no answer to a message", TAKEN "message: 354 more",
         "354 more"},
        {0, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "nothing at all", NULL},
    };
    each_answer(cases, begin, give, NULL);
}

static void recipients_who_are_put_off_get_it_later_and_alone(void **state)
{
    (void)state;
    struct bench *b = begin_with("['a@x.org', 'b@x.org', 'c@x.org', 'd@x.org']");
    assert_int_equal(b->step.request.mail->to_count, 4);
    answer(b, 250,
           "mail: 250\nrcpt: 250\nrcpt: 550 5.1.1 who\nrcpt: 451 later\nrcpt: 450 later\ndata: 354\nmessage: "
           "250",
           NULL);
    expect_outcome(b, OUTCOME_NEXT);
    const char *first = b->step.request.body;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    assert_string_equal(b->step.name, "send the rest");
    assert_int_equal(b->step.request.mail->to_count, 2);
    assert_string_equal(b->step.request.mail->to[1], "d@x.org");
    assert_string_equal(b->step.request.body, first);
    answer(b, 451, "mail: 250\nrcpt: 451 later\nrcpt: 451 later", NULL);
    expect_outcome(b, OUTCOME_RETRY);
    next(b);
    answer(b, 550, "mail: 250\nrcpt: 550 gone\nrcpt: 550 too", NULL);
    expect_outcome(b, OUTCOME_DONE); /* others have it */
    assert_non_null(strstr(b->outcome.message, "b@x.org (550 5.1.1 who)"));
    assert_non_null(strstr(b->outcome.message, "d@x.org (550 too)"));
    assert_null(strstr(b->outcome.message, "a@x.org"));
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void a_second_try_has_the_same_bytes_whenever_it_is(void **state)
{
    (void)state;
    struct bench *b = begin();
    const char *first = b->step.request.body;
    assert_non_null(strstr(first, "Date: Tue, 01 Dec 2026 08:00:00 +0000\r\n"));
    assert_non_null(strstr(first, "Message-ID: <00112233445566778899aabbccddeeff@example.org>\r\n"));
    answer(b, 450, "mail: 250\nrcpt: 450 later", NULL);
    b->job.now += HOURS(3);
    next(b);
    assert_string_equal(b->step.request.body, first);
    bench_free(b);
}

static void a_doubt_is_a_persons_unless_the_account_says_otherwise(void **state)
{
    (void)state;
    struct bench *b = begin();
    assert_int_equal(network_email.repeat_for(&b->job), REPEAT_NEVER);
    assert_non_null(
        strstr(network_email.where(&b->job, b->arena), "<00112233445566778899aabbccddeeff@example.org>"));
    b->account.options =
        json_of(b->arena, "{'from': 'a@b.c', 'server': 'x', 'to': ['a@b.c'], 'deduplicates': true}");
    assert_int_equal(network_email.repeat_for(&b->job), REPEAT_KEY);
    bench_free(b);
}

static void an_image_has_a_place_and_a_name_in_the_message(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    next(b);
    const struct request *request = &b->step.request;
    size_t places = 0;
    for (size_t i = 0; i < request->body_length; i++)
        places += request->body[i] == '\0';
    assert_int_equal(places, 2);
    assert_int_equal(request->insert_count, 2);
    bench_free(b);
}

static void documents_are_attached_behind_words_and_images(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 3;
    b->media[0] = (struct media){.file = "docs/Le plan (été).pdf", .alt = "", .mime = "application/pdf", .sha256 = "aa", .size = 9};
    b->media[1].sha256 = "bb";
    b->media[2] = (struct media){.file = "upload:cc.pdf", .alt = "", .mime = "application/pdf", .sha256 = "cc", .size = 9};
    next(b);
    const struct request *request = &b->step.request;
    const struct media *const order[] = {&b->media[1], &b->media[0], &b->media[2]};
    const char *at = request->body, *end = at + request->body_length;
    assert_int_equal(request->insert_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(request->inserts[i], order[i]);
    static const char *const pieces[] = {"Content-Type: multipart/mixed;", "Content-Type: multipart/alternative;", "Content-Type: image/png",
                                         "filename*=UTF-8''Le%20plan%20%28%C3%A9t%C3%A9%29.pdf\r\n", "filename=\"document-2.pdf\""};
    for (size_t i = 0; i < 5; i++) {
        at = memmem(at, (size_t)(end - at), pieces[i], strlen(pieces[i]));
        if (!at)
            fail_msg("%s is not there, or not behind the one before", pieces[i]);
    }
    assert_string_equal(rules_found(b), "");
    b->media[0].size = 19 << 20;
    assert_string_equal(rules_found(b), "!document-size !images ");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reply_has_its_meaning),
        cmocka_unit_test(recipients_who_are_put_off_get_it_later_and_alone),
        cmocka_unit_test(a_second_try_has_the_same_bytes_whenever_it_is),
        cmocka_unit_test(a_doubt_is_a_persons_unless_the_account_says_otherwise),
        cmocka_unit_test(an_image_has_a_place_and_a_name_in_the_message),
        cmocka_unit_test(documents_are_attached_behind_words_and_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
