/*
 * policy: the publisher's rules, by tables, in virtual time.
 */
#include <string.h>

#include "base/arena.h"
#include "publish/policy.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define T0 ((instant)1767225600000) /* 2026-01-01 */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char key[] = "0123456789abcdef0123456789abcdef";

static void back_off_grows_within_its_bounds_and_is_the_same_each_time(void **state)
{
    (void)state;
    duration sum[12] = {0};

    for (int failures = 0; failures < 12; failures++) {
        duration ceiling = SECONDS(2) << failures < MINUTES(5) ? SECONDS(2) << failures : MINUTES(5);

        for (int i = 0; i < 200; i++) {
            char other[33];
            duration wait;

            snprintf(other, sizeof other, "%032x", (unsigned)i * 2654435761u);
            wait = policy_backoff(other, failures, SECONDS(2), MINUTES(5));
            assert_true(wait >= SECONDS(1));
            assert_true(wait <= ceiling);
            assert_int_equal(wait, policy_backoff(other, failures, SECONDS(2), MINUTES(5)));
            sum[failures] += wait / 200;
        }
    }
    assert_true(sum[4] > sum[1] * 3);                 /* it grows */
    assert_in_range(sum[11], MINUTES(2), MINUTES(3)); /* full jitter: half of the bound on average */
    assert_true(policy_backoff(key, 1000000, SECONDS(2), MINUTES(5)) <= MINUTES(5)); /* no overflow */
}

static void lateness_is_counted_from_when_it_could_first_have_gone_out(void **state)
{
    (void)state;
    static const struct {
        enum state state;
        duration slot, created, due; /* before now; due 0: the slot */
        enum missed_then then;
        bool always;
        enum lateness lateness;
        const char *why;
    } cases[] = {
        {STATE_READY, 0, HOURS(9), 0, MISSED_HOLD, false, LATENESS_FINE, "at its slot"},
        {STATE_READY, MINUTES(30), HOURS(9), 0, MISSED_HOLD, false, LATENESS_FINE, "just within the grace"},
        {STATE_READY, MINUTES(30) + 1, HOURS(9), 0, MISSED_HOLD, false, LATENESS_HOLD, "just beyond it"},
        {STATE_READY, DAYS(40), DAYS(90), 0, MISSED_DROP, false, LATENESS_MISSED,
         "the machine was down for 40 days"},
        {STATE_READY, DAYS(40), DAYS(90), 0, MISSED_DROP, true, LATENESS_FINE, "publish_late"},
        {STATE_READY, HOURS(5), MINUTES(1), 0, MISSED_HOLD, false, LATENESS_FINE,
         "written down late, on purpose"},
        {STATE_READY, HOURS(5), HOURS(9), MINUTES(1), MISSED_HOLD, false, LATENESS_FINE,
         "a person released it"},
        {STATE_WAITING, HOURS(5), HOURS(9), MINUTES(1), MISSED_HOLD, false, LATENESS_HOLD,
         "retries do not prolong it"},
        {STATE_READY, -HOURS(1), HOURS(9), 0, MISSED_HOLD, false, LATENESS_FINE, "not due at all"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery delivery = {
            .state = cases[i].state, .slot = T0 - cases[i].slot, .created = T0 - cases[i].created};
        struct late_policy late = {MINUTES(30), cases[i].then};

        delivery.due = cases[i].due ? T0 - cases[i].due : delivery.slot;
        if (policy_lateness(&delivery, &late, cases[i].always, T0) != cases[i].lateness)
            fail_msg("%s", cases[i].why);
    }
}

static void trying_in_vain_has_an_end(void **state)
{
    (void)state;
    static const struct {
        enum state state;
        int failures;
        duration slot, created; /* before now */
        bool gives_up;
        duration late_from; /* after now; -1: nothing more changes */
        const char *why;
    } cases[] = {
        {STATE_WAITING, 3, MINUTES(10), HOURS(9), false, MINUTES(20) + 1, "the grace ends first"},
        {STATE_WAITING, 3, MINUTES(30), HOURS(9), false, 1, "it ends in a moment"},
        {STATE_WAITING, 3, MINUTES(40), HOURS(9), false, HOURS(2) - MINUTES(40) + 1, "then the trying"},
        {STATE_WAITING, 3, HOURS(2), HOURS(9), false, 1, "not yet"},
        {STATE_WAITING, 3, HOURS(2) + 1, HOURS(9), true, -1, "now"},
        {STATE_WAITING, 0, HOURS(5), HOURS(9), false, -1, "it waits, and nothing failed: media in work"},
        {STATE_READY, 3, HOURS(5), HOURS(9), false, -1, "a person made it ready again"},
        {STATE_UNSURE, 3, HOURS(5), HOURS(9), false, -1, "doubt has rules of its own"},
        {STATE_WAITING, 3, HOURS(5), HOURS(1), false, HOURS(1) + 1, "counted from when it was written down"},
    };
    static const struct late_policy late = {MINUTES(30), MISSED_HOLD};
    static const struct retry_policy retry = {HOURS(2)};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery delivery = {.state = cases[i].state,
                                    .failures = cases[i].failures,
                                    .slot = T0 - cases[i].slot,
                                    .created = T0 - cases[i].created};
        instant from = policy_late_from(&delivery, &late, &retry, T0);

        if (policy_gives_up(&delivery, &retry, T0) != cases[i].gives_up ||
            from != (cases[i].late_from < 0 ? INSTANT_NEVER : T0 + cases[i].late_from))
            fail_msg("%s: from %+lld", cases[i].why, (long long)(from - T0));
    }
}

/* A server that is down for good, met by a post that is never too late: how often, how long. */
static void a_day_of_failures_is_a_few_dozen_tries(void **state)
{
    (void)state;
    static const struct {
        enum scope scope;
        duration told; /* "come back in", 0: nothing said */
        int least, most;
    } cases[] = {
        {SCOPE_POST, 0, 60, 200},
        {SCOPE_ACCOUNT, 0, 100, 400},
        {SCOPE_ACCOUNT, SECONDS(1), 100, 400}, /* "in a second", each time */
        {SCOPE_ACCOUNT, HOURS(1), 20, 30},     /* obeyed */
    };
    static const struct retry_policy retry = {DAYS(1)};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery delivery = {.state = STATE_WAITING, .key = key, .slot = T0, .created = T0 - HOURS(1)};
        struct account_status account = {.name = "a"};
        instant now = T0;
        int tries = 0;

        while (!policy_gives_up(&delivery, &retry, now)) {
            struct outcome outcome = {.kind = OUTCOME_RETRY,
                                      .scope = cases[i].scope,
                                      .message = "down",
                                      .at = cases[i].told ? now + cases[i].told : 0};
            struct judged judged = {&delivery, STEP_CREATE, &outcome, &account, false, false, now};
            struct verdict verdict = policy_judge(&judged);

            assert_int_equal(verdict.to, STATE_WAITING);
            assert_true(verdict.due >= now + SECONDS(1) && verdict.due >= now + cases[i].told);
            assert_true(verdict.due <= now + HOURS(1));
            now = verdict.due;
            delivery.failures++;
            account.failures = verdict.account_failures;
            tries++;
        }
        assert_true(now <= T0 + DAYS(1) + HOURS(1));
        assert_in_range(tries, cases[i].least, cases[i].most);
    }
}

static void an_account_is_worth_telling_of_after_some_failures_or_when_braked_for_long(void **state)
{
    (void)state;
    static const struct {
        int failures;
        duration brake;
        bool failing;
    } cases[] = {
        {0, 0, false},          {1, SECONDS(2), false},  {POLICY_FAILURES_TOLD - 1, MINUTES(15), false},
        {1, HOURS(1), true},    {0, HOURS(3), false}, /* a limit used up by successes */
        {POLICY_FAILURES_TOLD, SECONDS(1), true},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct account_status account = {.failures = cases[i].failures, .braked_until = T0 + cases[i].brake};

        assert_int_equal(policy_is_failing(&account, T0), cases[i].failing);
    }
}

static void a_clock_that_cannot_be_right_is_noticed(void **state)
{
    (void)state;

    assert_true(policy_clock_is_plausible(T0, 0));
    assert_true(policy_clock_is_plausible(T0, T0 + HOURS(23)));  /* set back a little */
    assert_false(policy_clock_is_plausible(T0, T0 + HOURS(25))); /* the past came back */
    assert_false(policy_clock_is_plausible(0, 0));               /* no battery */
    assert_true(
        policy_clock_is_plausible(T0 + DAYS(3650), T0)); /* ahead: the policy for late posts decides */
}

static void an_outcome_moves_a_delivery_and_brakes_what_is_at_fault(void **state)
{
    (void)state;
    static const struct {
        enum state from;
        enum step_kind step;
        bool settling;
        enum outcome_kind kind;
        enum scope scope;
        bool reconnect;
        duration at; /* 0: not told */
        enum state to;
        duration due;   /* -1: never, -2: by back-off */
        duration brake; /* 0: none, -1: for ever, -2: by back-off */
        const char *why;
    } cases[] = {
        {STATE_READY, STEP_CREATE, false, OUTCOME_DONE, SCOPE_POST, false, 0, STATE_PUBLISHED, -1, 0,
         "published"},
        {STATE_READY, STEP_PREPARE, false, OUTCOME_NEXT, SCOPE_POST, false, 0, STATE_READY, 7, 0,
         "its slot stays"},
        {STATE_WAITING, STEP_PREPARE, false, OUTCOME_NEXT, SCOPE_POST, false, 0, STATE_WAITING, 0, 0,
         "goes on at once"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_NEXT, SCOPE_POST, false, 0, STATE_WAITING, 0, 0,
         "the next part"},
        {STATE_UNSURE, STEP_PREPARE, true, OUTCOME_NEXT, SCOPE_POST, false, 0, STATE_UNSURE, 0, 0, "look on"},
        {STATE_UNSURE, STEP_SESSION, true, OUTCOME_NEXT, SCOPE_POST, false, 0, STATE_UNSURE, 0, 0,
         "a session first"},
        {STATE_READY, STEP_PREPARE, false, OUTCOME_WAIT, SCOPE_POST, false, 9000, STATE_WAITING, 9000, 0,
         "media in work"},
        {STATE_READY, STEP_PREPARE, false, OUTCOME_WAIT, SCOPE_POST, false, 0, STATE_WAITING, -2, 0,
         "no time told"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_RETRY, SCOPE_POST, false, 9000, STATE_WAITING, 9000, 0,
         "at the time told"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_RETRY, SCOPE_POST, false, 0, STATE_WAITING, -2, 0,
         "back-off"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_RETRY, SCOPE_ACCOUNT, false, 9000, STATE_WAITING, 9000,
         9000, "429"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_RETRY, SCOPE_NETWORK, false, 0, STATE_WAITING, -2, -2,
         "server down"},
        {STATE_READY, STEP_SESSION, false, OUTCOME_RETRY, SCOPE_POST, false, 9000, STATE_WAITING, 9000, 9000,
         "a session is the account's"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_REFUSED, SCOPE_POST, false, 0, STATE_REFUSED, -1, 0, "422"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, 0, STATE_WAITING, 0, -1,
         "401"},
        {STATE_READY, STEP_SESSION, false, OUTCOME_REFUSED, SCOPE_POST, true, 0, STATE_WAITING, 0, -1,
         "wrong password"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, 0, STATE_WAITING, 0, 3600000,
         "3xx"},
        {STATE_READY, STEP_CREATE, false, OUTCOME_UNSURE, SCOPE_POST, false, 0, STATE_UNSURE, 0, 0,
         "lost answer"},
        {STATE_READY, STEP_LOCAL, false, OUTCOME_UNSURE, SCOPE_POST, false, 0, STATE_UNSURE, -1, 0,
         "no request, nothing to look into"},
        {STATE_UNSURE, STEP_CREATE, true, OUTCOME_DONE, SCOPE_POST, false, 0, STATE_PUBLISHED, -1, 0,
         "the key did it"},
        {STATE_UNSURE, STEP_CREATE, true, OUTCOME_UNSURE, SCOPE_POST, false, 0, STATE_UNSURE, 0, 0,
         "again in doubt"},
        {STATE_UNSURE, STEP_CREATE, true, OUTCOME_RETRY, SCOPE_POST, false, 9000, STATE_UNSURE, 9000, 0,
         "the repeat had no effect, the first may have"},
        {STATE_UNSURE, STEP_CREATE, true, OUTCOME_REFUSED, SCOPE_POST, false, 0, STATE_UNSURE, -1, 0,
         "likewise"},
        {STATE_UNSURE, STEP_PREPARE, true, OUTCOME_DONE, SCOPE_POST, false, 0, STATE_PUBLISHED, -1, 0,
         "found"},
        {STATE_UNSURE, STEP_PREPARE, true, OUTCOME_NOT_FOUND, SCOPE_POST, false, 0, STATE_READY, 0, 0,
         "not there"},
        {STATE_UNSURE, STEP_PREPARE, true, OUTCOME_UNSURE, SCOPE_POST, false, 0, STATE_UNSURE, -1, 0,
         "a person must"},
        {STATE_UNSURE, STEP_PREPARE, true, OUTCOME_REFUSED, SCOPE_POST, false, 0, STATE_UNSURE, -1, 0,
         "cannot look"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct delivery delivery = {.state = cases[i].from, .key = key, .due = T0 + 7};
        struct account_status account = {.name = "a"};
        struct outcome outcome = {.kind = cases[i].kind,
                                  .scope = cases[i].scope,
                                  .message = "m",
                                  .reconnect = cases[i].reconnect,
                                  .at = cases[i].at ? T0 + cases[i].at : 0};
        struct judged judged = {&delivery, cases[i].step, &outcome, &account, cases[i].settling, false, T0};
        struct verdict verdict = policy_judge(&judged);
        bool due = cases[i].due == -1   ? verdict.due == INSTANT_NEVER
                   : cases[i].due == -2 ? verdict.due > T0 && verdict.due <= T0 + HOURS(1)
                                        : verdict.due == T0 + cases[i].due;
        bool brake = cases[i].brake == 0    ? verdict.brake_until == 0
                     : cases[i].brake == -1 ? verdict.brake_until == INSTANT_NEVER && verdict.reconnect
                     : cases[i].brake == -2 ? verdict.brake_until > T0 && verdict.brake_until <= T0 + HOURS(1)
                                            : verdict.brake_until == T0 + cases[i].brake;

        if (verdict.to != cases[i].to || !due || !brake)
            fail_msg("case %zu, %s: %s due %+lld brake %+lld", i, cases[i].why, state_name(verdict.to),
                     (long long)(verdict.due - T0), (long long)(verdict.brake_until - T0));
        assert_true(state_may_move(delivery.state, verdict.to) || delivery.state == verdict.to ||
                    state_may_move(STATE_SENDING, verdict.to));
    }
}

/* Whatever a driver says of whatever step: what is decided is a move that the queue allows, or all would stand still. */
static void no_outcome_of_any_step_leads_out_of_the_drawing(void **state)
{
    (void)state;
    static const enum state states[] = {STATE_READY, STATE_WAITING, STATE_UNSURE};

    for (int i = 0; i < 3 * 5 * 7 * 3 * 2; i++) {
        struct delivery delivery = {
            .state = states[i % 3], .key = key, .due = T0, .lost = states[i % 3] == STATE_UNSURE};
        enum step_kind kind = (enum step_kind)(i / 3 % 5);
        struct account_status account = {.name = "a"};
        struct outcome outcome = {.kind = (enum outcome_kind)(i / 15 % 7),
                                  .scope = (enum scope)(i / 105 % 3),
                                  .session = i / 315 ? (json_t *)&account : NULL,
                                  .message = "m"};
        bool settling = delivery.state == STATE_UNSURE && kind != STEP_LOCAL && kind != STEP_DONE;
        bool doubted_here = kind == STEP_LOCAL && outcome.kind == OUTCOME_UNSURE;
        enum state meanwhile = kind == STEP_CREATE || doubted_here ? STATE_SENDING : delivery.state;
        struct verdict verdict = policy_judge(
            &(struct judged){&delivery, kind, &outcome, &account, settling, false, T0});

        if (verdict.to != meanwhile && !state_may_move(meanwhile, verdict.to))
            fail_msg("%s, %s %s: %s", state_name(meanwhile), step_kind_name(kind), outcome_kind_name(outcome.kind),
                     state_name(verdict.to));
    }
}

static void a_repeat_that_only_renews_the_session_leaves_the_doubt(void **state)
{
    (void)state;
    struct delivery delivery = {.state = STATE_UNSURE, .key = key, .due = T0, .lost = true};
    struct account_status account = {.name = "a"};
    struct outcome outcome = {.kind = OUTCOME_NEXT, .session = (json_t *)&account};
    struct verdict verdict =
        policy_judge(&(struct judged){&delivery, STEP_CREATE, &outcome, &account, true, false, T0});

    assert_int_equal(verdict.to, STATE_UNSURE);
    assert_true(verdict.lost);
}

static void a_used_up_limit_brakes_before_the_network_does(void **state)
{
    (void)state;
    struct delivery delivery = {.state = STATE_READY, .key = key};
    struct account_status account = {.name = "a", .failures = 3};
    struct outcome outcome = {.kind = OUTCOME_DONE, .limit_remaining = 0, .limit_reset = T0 + MINUTES(5)};
    struct judged judged = {&delivery, STEP_CREATE, &outcome, &account, false, false, T0};
    struct verdict verdict = policy_judge(&judged);

    assert_int_equal(verdict.to, STATE_PUBLISHED);
    assert_int_equal(verdict.brake_until, T0 + MINUTES(5));
    assert_non_null(verdict.brake_why);
    assert_int_equal(verdict.account_failures, 0); /* it works */
    outcome.limit_remaining = 1;
    assert_int_equal(policy_judge(&judged).brake_until, 0);
}

static void a_failed_exchange_is_unsure_only_if_it_may_have_left_and_creates(void **state)
{
    (void)state;
    static const struct {
        bool sent, barred;
        enum step_kind step;
        enum outcome_kind kind;
        enum scope scope;
    } cases[] = {
        {false, false, STEP_CREATE, OUTCOME_RETRY,
         SCOPE_ACCOUNT}, /* DNS, connect, TLS: all of it meets that */
        {false, false, STEP_PREPARE, OUTCOME_RETRY, SCOPE_ACCOUNT},
        {true, false, STEP_CREATE, OUTCOME_UNSURE, SCOPE_POST},
        {true, false, STEP_PREPARE, OUTCOME_RETRY, SCOPE_POST}, /* may be repeated */
        {true, false, STEP_SESSION, OUTCOME_RETRY, SCOPE_POST},
        {false, true, STEP_CREATE, OUTCOME_REFUSED, SCOPE_ACCOUNT}, /* a private address */
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_result result = {.sent = cases[i].sent, .barred = cases[i].barred, .error = "e"};
        struct outcome outcome = policy_of_failure(&result, cases[i].step);

        assert_int_equal(outcome.kind, cases[i].kind);
        assert_int_equal(outcome.scope, cases[i].scope);
        assert_string_equal(outcome.message, "e");
    }
}

static void doubt_is_settled_by_the_networks_own_means(void **state)
{
    (void)state;
    static const struct {
        enum repeat repeat;
        duration lifetime, wait;
        bool can_find;
        duration first, last; /* before now */
        int repeats;
        enum settle_by by;
        duration at;
        const char *why;
    } cases[] = {
        {REPEAT_NEVER, 0, 0, false, 1000, 1000, 1, SETTLE_PERSON, 0, "neither key nor look-up"},
        {REPEAT_NEVER, 0, 0, true, 1000, 1000, 1, SETTLE_FIND, 0, "look-up"},
        {REPEAT_NEVER, 0, 0, true, DAYS(3), DAYS(2), 1, SETTLE_PERSON, 0, "looked long enough"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), false, 1000, 1000, 1, SETTLE_WAIT, MINUTES(1) - 1000,
         "the key is stored late"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), false, MINUTES(1), MINUTES(1), 1, SETTLE_REPEAT, 0, "now it is"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), false, MINUTES(3), MINUTES(1), 2, SETTLE_WAIT, MINUTES(1),
         "slower each time"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), false, MINUTES(30), MINUTES(10), 9, SETTLE_REPEAT, 0,
         "at most ten waits"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), true, MINUTES(53), MINUTES(50), 1, SETTLE_REPEAT, 0,
         "still remembered"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), true, MINUTES(54), MINUTES(50), 1, SETTLE_FIND, 0,
         "too near its end"},
        {REPEAT_KEY, HOURS(1), MINUTES(1), false, HOURS(2), HOURS(2), 1, SETTLE_PERSON, 0, "forgotten"},
        {REPEAT_KEY, 0, 0, false, HOURS(23), HOURS(23), 1, SETTLE_REPEAT, 0, "remembered for ever"},
        {REPEAT_KEY, 0, 0, false, DAYS(30), DAYS(30), 1, SETTLE_PERSON, 0, "but nobody wants it a month late"},
        {REPEAT_KEY, 0, 0, false, HOURS(9), MINUTES(30), 99, SETTLE_WAIT, MINUTES(33) + SECONDS(45), "less and less"},
        {REPEAT_KEY, MINUTES(1), MINUTES(1), true, 0, 0, 1, SETTLE_FIND, 0,
         "it would be forgotten before the wait ends"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct doubt doubt = {cases[i].repeat,     cases[i].lifetime,  cases[i].wait,    cases[i].can_find,
                              T0 - cases[i].first, T0 - cases[i].last, cases[i].repeats, T0};
        struct settle_plan plan = policy_settle(&doubt);

        if (plan.by != cases[i].by || (plan.by == SETTLE_WAIT && plan.at != T0 + cases[i].at))
            fail_msg("case %zu, %s: by %d at %+lld", i, cases[i].why, (int)plan.by,
                     (long long)(plan.at - T0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_off_grows_within_its_bounds_and_is_the_same_each_time),
        cmocka_unit_test(lateness_is_counted_from_when_it_could_first_have_gone_out),
        cmocka_unit_test(trying_in_vain_has_an_end),
        cmocka_unit_test(a_day_of_failures_is_a_few_dozen_tries),
        cmocka_unit_test(an_account_is_worth_telling_of_after_some_failures_or_when_braked_for_long),
        cmocka_unit_test(a_clock_that_cannot_be_right_is_noticed),
        cmocka_unit_test(an_outcome_moves_a_delivery_and_brakes_what_is_at_fault),
        cmocka_unit_test(no_outcome_of_any_step_leads_out_of_the_drawing),
        cmocka_unit_test(a_repeat_that_only_renews_the_session_leaves_the_doubt),
        cmocka_unit_test(a_used_up_limit_brakes_before_the_network_does),
        cmocka_unit_test(a_failed_exchange_is_unsure_only_if_it_may_have_left_and_creates),
        cmocka_unit_test(doubt_is_settled_by_the_networks_own_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
