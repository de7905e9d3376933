/*
 * driver_job: what tests of drivers share: a job made from short texts, a response made from short texts,
 * and a walk that feeds outcomes back as the publisher does. Included by one test program each.
 */
#ifndef CALD_TEST_DRIVER_JOB_H
#define CALD_TEST_DRIVER_JOB_H

#include <stdlib.h>
#include <string.h>

/* base/error.h has a 'fail' of its own, which cmocka's macro would hide; fail_msg goes on working. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include "base/arena.h"
#include "base/json.h"
#include "network/network.h"

struct bench { /* one delivery */
    struct arena *arena;
    struct account account;
    struct account_secret secret;
    struct content content;
    struct part parts[4];
    struct media media[4];
    struct job job;
    struct step step;
    struct outcome outcome;
};

/* JSON with ' instead of ", so that it can be read in C. In arena. */
static inline json_t *json_of(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *value = json_parse(copy, strlen(copy), NULL);
    if (!value)
        fail_msg("not JSON: %s", text);
    return json_in_arena(arena, value);
}

static inline const char *print_in(struct arena *arena, const json_t *value)
{
    if (!value)
        return "(null)";
    char *text = json_print(value);
    const char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
}

/* The instant of the slot, and of 'now' unless a test moves it: 2026-12-01T08:00:00Z. */
#define SLOT INT64_C(1796112000000)

static inline struct bench *bench_new(const struct network *network, const char *options, const char *secret)
{
    struct arena *arena = arena_new();
    struct bench *b = arena_new_of(arena, struct bench);
    b->arena = arena;
    b->secret = (struct account_secret){.name = secret, .value = "s3cret-token"};
    b->account = (struct account){.name = "acct", .network = network, .options = json_of(arena, options),
                                  .secrets = &b->secret, .secret_count = 1};
    b->parts[0].text = "hello";
    b->content = (struct content){.parts = b->parts, .part_count = 1};
    b->job = (struct job){.account = &b->account, .content = &b->content, .post_id = "p",
                          .key = "00112233445566778899aabbccddeeff",
                          .request_key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", .slot = SLOT, .now = SLOT,
                          .memo = json_of(arena, "{}"), .session = json_of(arena, "{}")};
    for (size_t i = 0; i < 4; i++)
        b->media[i] = (struct media){.file = "a.png", .alt = "alt", .mime = "image/png", .sha256 = "00",
                                     .size = 73, .width = 4, .height = 3};
    return b;
}

static inline void bench_free(struct bench *b)
{
    arena_free(b->arena);
}

/* headers: "name: value\nname: value", or NULL. body: JSON as for json_of, or other text after '!'. */
static inline struct response response_of(struct arena *arena, int status, const char *headers, const char *body)
{
    struct response response = {.status = status};
    struct header *list = NULL;
    for (const char *at = headers; at && *at;) {
        size_t line = strcspn(at, "\n"), name = strcspn(at, ":");
        struct header *h = arena_push(arena, list, response.header_count);
        *h = (struct header){arena_strndup(arena, at, name), arena_strndup(arena, at + name + 2, line - name - 2)};
        at += line + (at[line] == '\n');
    }
    response.headers = list;
    response.body = !body ? "" : *body == '!' ? body + 1 : print_in(arena, json_of(arena, body));
    response.body_length = strlen(response.body);
    return response;
}

static inline void next(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step); /* a driver must fill it all */
    b->account.network->next(&b->job, b->arena, &b->step);
}

/* Merges what the outcome and the step's intent say into memo and session, as the publisher does. */
static inline void merge(struct bench *b, const json_t *members)
{
    json_t *memo = json_in_arena(b->arena, json_deep_copy(b->job.memo));
    json_merge(memo, members);
    b->job.memo = memo;
}

static inline void settle(struct bench *b)
{
    merge(b, b->outcome.memo);
    if (b->outcome.session)
        b->job.session = json_in_arena(b->arena, json_deep_copy(b->outcome.session));
}

/* The present step's answer: sets outcome, then merges it. */
static inline void answer(struct bench *b, int status, const char *headers, const char *body)
{
    struct response response = response_of(b->arena, status, headers, body);
    memset(&b->outcome, 0, sizeof b->outcome);
    merge(b, b->step.memo);
    b->account.network->read(&b->job, &b->step, &response, b->arena, &b->outcome);
    settle(b);
}

/* The present step's answer, and the next step. */
static inline void go_on(struct bench *b, int status, const char *body)
{
    answer(b, status, NULL, body);
    next(b);
}

static inline void find(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step);
    b->account.network->find(&b->job, b->arena, &b->step);
}

static inline void answer_found(struct bench *b, int status, const char *headers, const char *body)
{
    struct response response = response_of(b->arena, status, headers, body);
    memset(&b->outcome, 0, sizeof b->outcome);
    b->account.network->found(&b->job, &b->step, &response, b->arena, &b->outcome);
    settle(b);
}

static inline void discard(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step);
    b->account.network->discard(&b->job, b->arena, &b->step);
    if (b->step.kind != STEP_DONE)
        merge(b, b->step.memo);
}

static inline void answer_discarded(struct bench *b, int status, const char *headers, const char *body)
{
    struct response response = response_of(b->arena, status, headers, body);
    memset(&b->outcome, 0, sizeof b->outcome);
    b->account.network->discarded(&b->job, &b->step, &response, b->arena, &b->outcome);
    settle(b);
}

static inline const char *header_of(const struct bench *b, const char *name)
{
    for (size_t i = 0; i < b->step.request.header_count; i++)
        if (!strcmp(b->step.request.headers[i].name, name))
            return b->step.request.headers[i].value;
    return NULL;
}

/* The rules of what is found in the content, in their order, each with a blank; '!' before an error. */
static inline const char *rules_found(struct bench *b)
{
    struct diags diags = diags_in(b->arena);
    const char *all = "";
    network_check(&b->account, &b->content, b->job.session, NULL, &diags);
    for (size_t i = 0; i < diags.count; i++)
        all = arena_printf(b->arena, "%s%s%s ", all, diags.items[i].level == DIAG_ERROR ? "!" : "", diags.items[i].rule);
    return all;
}

/* ---- tables of answers ---- */

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* a case leaves out what is as usual */

struct answer_case { /* what the network answers, and what must come of it */
    int status;
    const char *body;
    enum outcome_kind kind;
    enum scope scope;
    const char *reason; /* why, for who reads the table or a failure; or NULL */
    const char *headers, *says; /* says: what the message must have in it */
    bool reconnect;
};

static inline void check_case(const struct outcome *o, const struct answer_case *c)
{
    const char *message = o->message ? o->message : "";
    bool says = !c->says || strstr(message, c->says);
    if (o->kind != c->kind || o->scope != c->scope || o->reconnect != c->reconnect || !says)
        fail_msg("%d %s (%s): %s of the %s, %s", c->status, c->body ? c->body : "", c->reason ? c->reason : "",
                 outcome_kind_name(o->kind), scope_name(o->scope), message);
    assert_true(*message || o->kind == OUTCOME_DONE || o->kind == OUTCOME_NEXT || o->kind == OUTCOME_NOT_FOUND);
}

/* For each case a delivery as 'begin' makes it, which 'give' gives the answer; 'look' (or NULL) looks further. */
static inline void give_each(const struct answer_case *cases, size_t count, struct bench *(*begin)(void),
                             void (*give)(struct bench *b, int status, const char *headers, const char *body),
                             void (*look)(struct bench *b))
{
    for (size_t i = 0; i < count; i++) {
        struct bench *b = begin();
        give(b, cases[i].status, cases[i].headers, cases[i].body);
        check_case(&b->outcome, &cases[i]);
        if (look)
            look(b);
        bench_free(b);
    }
}

#define each_answer(cases, begin, give, look)                                                                \
    give_each(cases, sizeof(cases) / sizeof *(cases), begin, give, look)

#define expect_step(b, expected_kind, expected_method, expected_url)                                        \
    do {                                                                                                     \
        assert_string_equal(step_kind_name((b)->step.kind), step_kind_name(expected_kind));                  \
        assert_string_equal((b)->step.request.method, expected_method);                                      \
        assert_string_equal((b)->step.request.url, expected_url);                                            \
    } while (0)

#define expect_outcome(b, expected_kind)                                                                     \
    assert_string_equal(outcome_kind_name((b)->outcome.kind), outcome_kind_name(expected_kind))

#define expect_body(b, expected)                                                                             \
    assert_string_equal((b)->step.request.body, print_in((b)->arena, json_of((b)->arena, expected)))

#define expect_memo(b, expected)                                                                             \
    assert_string_equal(print_in((b)->arena, (b)->job.memo),                                                 \
                        print_in((b)->arena, json_of((b)->arena, expected)))

#endif
