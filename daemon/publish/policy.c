/*
 * See policy.h. Knows the meaning of outcomes and times, and nothing of how requests are made or stored.
 */
#include <string.h>

#include "publish/policy.h"

#define FIRST_RETRY SECONDS(5)
#define LONGEST_RETRY MINUTES(30)
#define FIRST_BRAKE SECONDS(2)
#define LONGEST_BRAKE MINUTES(15)
#define MISCONFIGURED_BRAKE HOURS(1) /* until somebody mends it; a changed account ends it at once */
#define FIRST_WAIT SECONDS(2)
#define LONGEST_WAIT MINUTES(1)
#define FIRST_KEY_WAIT SECONDS(1)
#define LONGEST_KEY_WAIT MINUTES(5)
#define DOUBT_FOR DAYS(1) /* then a person decides */
#define PROGRAM_WRITTEN 1735689600000 /* 2025-01-01 */

/* ---- back-off ---- */

static uint64_t mix(uint64_t x) /* splitmix64's finaliser: neighbouring inputs give unrelated outputs */
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 27;
    x *= 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static uint64_t bits_of(const char *key)
{
    uint64_t bits = 0xcbf29ce484222325;

    for (; key != NULL && *key; key++)
        bits = (bits ^ (unsigned char)*key) * 0x100000001b3;
    return bits;
}

duration policy_backoff(const char *key, int failures, duration first, duration most)
{
    duration ceiling = first;

    for (int i = 0; i < failures && ceiling < most; i++)
        ceiling *= 2;
    if (ceiling > most)
        ceiling = most;
    if (ceiling <= SECONDS(1))
        return SECONDS(1);
    return SECONDS(1) +
           (duration)(mix(bits_of(key) + (uint64_t)failures) % (uint64_t)(ceiling - SECONDS(1) + 1));
}

/* ---- lateness ---- */

const struct post *policy_entry(const struct calendar *calendar, const struct delivery *delivery)
{
    if (calendar == NULL || strcmp(delivery->origin, "spontaneous") == 0)
        return NULL;
    return calendar_post(calendar, delivery->series ? delivery->series : delivery->post_id);
}

bool policy_publishes_late(const struct delivery *delivery, const struct post *entry)
{
    if (delivery->publish_late != PUBLISH_LATE_UNSAID)
        return delivery->publish_late == PUBLISH_LATE_YES;
    return entry != NULL && entry->publish_late;
}

static instant later(instant a, instant b)
{
    return a > b ? a : b;
}

instant policy_possible_since(const struct delivery *delivery)
{
    instant since = later(delivery->slot, delivery->created);

    if (delivery->state == STATE_READY && delivery->due != INSTANT_NEVER)
        since = later(since, delivery->due);
    return since;
}

enum lateness policy_lateness(const struct delivery *delivery, const struct late_policy *late, bool always,
                              instant now)
{
    return late_judge(policy_possible_since(delivery), late, always, now);
}

bool policy_gives_up(const struct delivery *delivery, const struct retry_policy *retry, instant now)
{
    return delivery->state == STATE_WAITING && delivery->failures > 0 &&
           now - policy_possible_since(delivery) > retry->give_up;
}

instant policy_late_from(const struct delivery *delivery, const struct late_policy *late,
                         const struct retry_policy *retry, instant now)
{
    instant since = policy_possible_since(delivery);
    const instant ends[] = {since + late->grace + 1, since + retry->give_up + 1};
    instant first = INSTANT_NEVER;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (ends[i] > now && ends[i] < first)
            first = ends[i];
    }
    return first;
}

bool policy_clock_is_plausible(instant now, instant newest_stored)
{
    return now >= PROGRAM_WRITTEN && now >= newest_stored - DAYS(1);
}

/* ---- what an outcome means ---- */

static bool brakes_account(const struct judged *judged)
{
    return judged->outcome->scope != SCOPE_POST || judged->kind == STEP_SESSION;
}

/* Where a delivery stays that is to be tried again: what is unsure does not become sure by failing to look.
 */
static enum state again(const struct judged *judged)
{
    return judged->settling ? STATE_UNSURE : STATE_WAITING;
}

static void judge_published(const struct judged *judged, struct verdict *verdict)
{
    (void)judged;
    verdict->to = STATE_PUBLISHED;
    verdict->due = INSTANT_NEVER;
    verdict->lost = false;
}

/* A part of a thread is out: the rest follows at once. A preparing step changes nothing but
 * the memo. Nor does a repeat that only learned that the session had to be renewed: the try
 * before it is as doubtful as it was. */
static void judge_next(const struct judged *judged, struct verdict *verdict)
{
    bool renewed = judged->settling && judged->outcome->session != NULL;
    bool created = !renewed && (judged->kind == STEP_CREATE || judged->kind == STEP_LOCAL);

    if (created)
        verdict->lost = false;
    verdict->to = created ? STATE_WAITING : judged->delivery->state;
    verdict->due = created || judged->delivery->state != STATE_READY ? judged->now : judged->delivery->due;
}

static void judge_wait(const struct judged *judged, struct verdict *verdict)
{
    duration wait =
        policy_backoff(judged->delivery->key, judged->delivery->failures, FIRST_WAIT, LONGEST_WAIT);

    verdict->to = again(judged);
    verdict->due = judged->outcome->at > judged->now ? judged->outcome->at : judged->now + wait;
}

static void brake(const struct judged *judged, struct verdict *verdict, instant until)
{
    verdict->brake_until = until;
    verdict->brake_why = judged->outcome->message;
    verdict->account_failures = judged->account->failures + 1;
}

/* Not before the time told, and not sooner than our own patience either: who says "in a second" each time
 * would otherwise be asked each second. */
static void judge_retry(const struct judged *judged, struct verdict *verdict)
{
    const struct delivery *delivery = judged->delivery;
    bool account = brakes_account(judged);
    duration wait = account
                        ? policy_backoff(delivery->key, judged->account->failures, FIRST_BRAKE, LONGEST_BRAKE)
                        : policy_backoff(delivery->key, delivery->failures, FIRST_RETRY, LONGEST_RETRY);

    verdict->to = again(judged);
    verdict->due = later(judged->outcome->at, judged->now + wait);
    verdict->lost |= judged->lost;
    if (account)
        brake(judged, verdict, verdict->due);
}

static void judge_refused(const struct judged *judged, struct verdict *verdict)
{
    verdict->due = INSTANT_NEVER;
    if (!brakes_account(judged)) { /* a refused repeat says nothing about the try before it */
        verdict->to = judged->settling ? STATE_UNSURE : STATE_REFUSED;
        return;
    }
    verdict->to = again(judged); /* nothing is wrong with the post: it goes out when the account is mended */
    verdict->due = judged->now;
    verdict->reconnect = judged->outcome->reconnect;
    brake(judged, verdict, verdict->reconnect ? INSTANT_NEVER : judged->now + MISCONFIGURED_BRAKE);
}

/* From a first try: look into it as soon as the rules for settling allow. From a look-up: it told us to give
   up. Without a request there is nothing to look into: asked again, it says the same. */
static void judge_unsure(const struct judged *judged, struct verdict *verdict)
{
    bool looked = (judged->settling && judged->kind != STEP_CREATE) || judged->kind == STEP_LOCAL;

#ifdef CALD_MUTANT_FALSE_SUCCESS
    judge_published(judged, verdict);
    return;
#endif
    verdict->to = STATE_UNSURE;
    verdict->due = looked ? INSTANT_NEVER : judged->now;
    verdict->lost = true;
}

static void judge_not_found(const struct judged *judged, struct verdict *verdict)
{
    verdict->to = STATE_READY;
    verdict->due = judged->now;
    verdict->lost = false;
}

static void (*const judges[])(const struct judged *judged, struct verdict *verdict) = {
    [OUTCOME_DONE] = judge_published,      [OUTCOME_NEXT] = judge_next,       [OUTCOME_WAIT] = judge_wait,
    [OUTCOME_RETRY] = judge_retry,         [OUTCOME_REFUSED] = judge_refused, [OUTCOME_UNSURE] = judge_unsure,
    [OUTCOME_NOT_FOUND] = judge_not_found,
};

/* "You have no more requests until then", told with a success. */
static void heed_limit(const struct judged *judged, struct verdict *verdict)
{
    const struct outcome *outcome = judged->outcome;

    if (outcome->limit_reset <= judged->now || outcome->limit_remaining > 0)
        return;
    if (verdict->brake_until < outcome->limit_reset) {
        verdict->brake_until = outcome->limit_reset;
        if (verdict->brake_why == NULL)
            verdict->brake_why = "the network's rate limit is used up";
    }
}

/* As what the delivery stands in the queue while the step is out. */
static enum state state_meanwhile(const struct judged *judged)
{
    bool in_doubt = judged->kind == STEP_LOCAL && judged->outcome->kind == OUTCOME_UNSURE;

    return judged->kind == STEP_CREATE || in_doubt ? STATE_SENDING : judged->delivery->state;
}

/* What a driver says and its step cannot mean must not stop everything: the queue would refuse it each time.
 * What nobody sees is made again; what may be seen is a person's. */
static void keep_to_the_drawing(const struct judged *judged, struct verdict *verdict)
{
    enum state from = state_meanwhile(judged);
    bool doubtful = from == STATE_SENDING || from == STATE_UNSURE;

    if (verdict->to == from || state_may_move(from, verdict->to))
        return;
    verdict->to = doubtful ? STATE_UNSURE : STATE_WAITING;
    verdict->lost = doubtful;
    verdict->due = doubtful ? INSTANT_NEVER
                            : judged->now + policy_backoff(judged->delivery->key, judged->delivery->failures,
                                                           FIRST_RETRY, LONGEST_RETRY);
}

struct verdict policy_judge(const struct judged *judged)
{
    bool fine = judged->outcome->kind == OUTCOME_DONE || judged->outcome->kind == OUTCOME_NEXT ||
                judged->outcome->kind == OUTCOME_WAIT;
    struct verdict verdict = {
        .account_failures = fine ? 0 : judged->account->failures,
        .lost = judged->settling && judged->delivery->lost,
    };

    judges[judged->outcome->kind](judged, &verdict);
    keep_to_the_drawing(judged, &verdict);
    heed_limit(judged, &verdict);
    return verdict;
}

bool policy_is_failing(const struct account_status *account, instant now)
{
    return account->failures >= POLICY_FAILURES_TOLD ||
           (account->failures > 0 && account->braked_until - now > LONGEST_BRAKE);
}

struct outcome policy_of_failure(const struct http_result *result, enum step_kind kind)
{
    struct outcome outcome = {.kind = OUTCOME_RETRY, .scope = SCOPE_ACCOUNT, .message = result->error};
    bool sent = result->sent;

#ifdef CALD_MUTANT_NOT_SENT
    sent = false;
#endif
    if (result->barred) {
        outcome.kind = OUTCOME_REFUSED;
    } else if (sent) {
        outcome.kind = kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY;
        outcome.scope = SCOPE_POST;
    }
    return outcome;
}

/* ---- settling what is unsure ---- */

/* What is long in doubt is asked for less and less: a server that is down for hours has enough to do. */
static duration longest_key_wait(const struct doubt *doubt)
{
    duration age = (doubt->last_tried - doubt->first_sent) / 8;

    return later(later(doubt->key_wait * 10, LONGEST_KEY_WAIT), age);
}

static instant key_usable_from(const struct doubt *doubt)
{
    duration wait = doubt->key_wait;
    duration most = longest_key_wait(doubt);

    if (doubt->repeats > 1 &&
        wait < FIRST_KEY_WAIT) /* a network that forgets nothing is not to be hammered */
        wait = FIRST_KEY_WAIT;

    for (int i = 1; i < doubt->repeats && wait < most; i++)
        wait *= 2;
    return doubt->last_tried + (wait < most ? wait : most);
}

instant policy_key_until(const struct doubt *doubt)
{
    duration life = doubt->key_lifetime / 10 * 9;

    return doubt->first_sent + (doubt->key_lifetime == 0 || life > DOUBT_FOR ? DOUBT_FOR : life);
}

struct settle_plan policy_settle(const struct doubt *doubt)
{
#ifdef CALD_MUTANT_BLIND_REPEAT
    return (struct settle_plan){.by = SETTLE_REPEAT};
#endif
    instant from = later(key_usable_from(doubt), doubt->now);

    if (doubt->repeat == REPEAT_KEY && from < policy_key_until(doubt))
        return from > doubt->now ? (struct settle_plan){SETTLE_WAIT, from}
                                 : (struct settle_plan){.by = SETTLE_REPEAT};
    if (doubt->can_find && doubt->now < doubt->last_tried + DOUBT_FOR)
        return (struct settle_plan){.by = SETTLE_FIND};
    return (struct settle_plan){.by = SETTLE_PERSON};
}
