/*
 * virtual: a clock that the test moves, chance that a seed repeats, and a network that lives in it.
 *
 * The network stands in the place of publish/http.c: the functions of publish/http.h are defined here, so
 * that the linker does not look for the real ones. Requests go to http://127.0.0.1/ACCOUNT/POST/SLOT/KEY (a
 * webhook account); what is received is kept with the time at which it was, by the wall clock that cald sees.
 * fate() says what becomes of a request. Accounts whose name begins with 'k' honour the key: a repeat has no
 * effect there.
 */
#ifndef VIRTUAL_H
#define VIRTUAL_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "loop.h"
#include "publish/http.h"

/* ---- chance ---- */

static inline uint64_t splitmix(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static uint64_t virtual_keys; /* a seed */

/* Keys, and with them the jitter of every wait. */
static void virtual_random(void *ret_bytes, size_t length)
{
    for (unsigned char *byte = ret_bytes; length-- > 0; byte++)
        *byte = (unsigned char)splitmix(&virtual_keys);
}

/* ---- the clock ---- */

static struct {
    instant wall;
    duration monotonic;
    nlink_t threads; /* entries of /proc/self/task while nobody works beside us */
} virtual;

static instant virtual_now(void)
{
    return __atomic_load_n(&virtual.wall, __ATOMIC_RELAXED);
}

static duration virtual_monotonic(void)
{
    return __atomic_load_n(&virtual.monotonic, __ATOMIC_RELAXED);
}

static inline nlink_t count_threads(void)
{
    struct stat facts;
    return stat("/proc/self/task", &facts) == 0 ? facts.st_nlink : 0;
}

static inline void *do_nothing(void *nothing)
{
    return nothing;
}

/* A sanitizer may start a thread of its own beside our first one: it is not work. */
static inline nlink_t count_idle_threads(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, do_nothing, NULL) == 0)
        pthread_join(thread, NULL);
    return count_threads();
}

static inline void virtual_begin(instant wall, uint64_t seed)
{
    static const struct clock_source source = {virtual_now, virtual_monotonic};
    virtual.wall = wall;
    virtual.monotonic = SECONDS(1000);
    virtual.threads = count_idle_threads();
    clock_use(&source);
    virtual_keys = seed;
    random_use(virtual_random);
}

static inline void virtual_end(void)
{
    clock_use(NULL);
    random_use(NULL);
}

static inline void virtual_pass(duration wall, duration monotonic)
{
    __atomic_add_fetch(&virtual.wall, wall, __ATOMIC_RELAXED);
    __atomic_add_fetch(&virtual.monotonic, monotonic, __ATOMIC_RELAXED);
}

/* The wall clock is set; also what a suspended machine sees when it wakes. */
static inline void virtual_step(struct loop *loop, duration by)
{
    virtual_pass(by, 0);
    loop_clock_was_set(loop);
}

static unsigned long virtual_turns;

/* All that can be done without time passing. */
static inline void virtual_settle(struct loop *loop)
{
    bool busy;
    do {
        busy = count_threads() > virtual.threads;
        if (busy)
            usleep(200);
        loop_turn(loop);
        virtual_turns++;
    } while (busy || loop_idle(loop) == 0);
}

/* Lets time pass, from timer to timer; after each, 'look' (or NULL) may judge what there is. */
static inline void virtual_run(struct loop *loop, duration length, void (*look)(void *context), void *context)
{
    for (duration left = length;;) {
        virtual_settle(loop);
        if (look)
            look(context);
        duration idle = loop_idle(loop);
        if (idle >= left) {
            virtual_pass(left, left);
            break;
        }
        virtual_pass(idle, idle);
        left -= idle;
    }
    virtual_settle(loop);
}

/* ---- the network ---- */

enum fate {
    FATE_FINE,      /* received and answered */
    FATE_UNREACHED, /* never sent */
    FATE_LOST,      /* sent, not received; no answer */
    FATE_CUT,       /* received; no answer */
    FATE_LIMITED,   /* 429, Retry-After: 90 */
    FATE_DOWN,      /* 503, not taken */
    FATE_LOCKED,    /* 401 */
    FATE_REFUSED,   /* 422 */
    FATES
};

struct receipt { /* a post that appeared */
    char account[24], post[48], key[40];
    instant slot, at; /* by the wall clock */
    duration monotonic;
    unsigned times; /* it appeared: more than once is twice */
};

struct exchange {
    struct exchange *next;
    struct http *http;
    struct arena *arena;
    struct timer *timer;
    struct http_result result;
    http_done *done;
    void *context;
};

struct http {
    struct loop *loop;
    struct exchange *flying;
};

static struct {
    struct receipt *receipts;
    size_t count, capacity;
    size_t requests;
    bool creating; /* the request whose fate is asked for makes something: it is a POST */
    struct receipt **index; /* open addressing by account and post */
    size_t slots;
    enum fate (*fate)(const char *account, const char *post);
    duration (*delay)(void);
    void (*received)(const struct receipt *receipt);
    int (*answer)(const struct request *request, const char **ret_body); /* instead of all that; 0: it is lost */
} model;

static inline size_t model_place(const char *account, const char *post)
{
    size_t hash = 1469598103934665603u;
    for (const char *p = account; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    hash = hash * 31 + 7;
    for (const char *p = post; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    hash ^= hash >> 29;
    for (size_t at = hash % model.slots;; at = (at + 1) % model.slots) {
        const struct receipt *there = model.index[at];
        if (!there || (!strcmp(there->post, post) && !strcmp(there->account, account)))
            return at;
    }
}

static inline const struct receipt *model_find(const char *account, const char *post)
{
    return model.slots ? model.index[model_place(account, post)] : NULL;
}

static inline void model_begin(size_t most)
{
    model.capacity = most;
    model.slots = most * 2;
    model.receipts = calloc(most, sizeof *model.receipts);
    model.index = calloc(model.slots, sizeof *model.index);
    model.count = model.requests = 0;
    model.fate = NULL;
    model.delay = NULL;
    model.answer = NULL;
    model.received = NULL;
}

static inline void model_end(void)
{
    free(model.receipts);
    free(model.index);
    memset(&model, 0, sizeof model);
}

static inline void model_receive(const struct receipt *receipt)
{
    size_t place = model_place(receipt->account, receipt->post);
    struct receipt *known = model.index[place];
    if (!known) {
        if (model.count == model.capacity)
            abort();
        known = model.index[place] = &model.receipts[model.count++];
        *known = *receipt;
        known->times = 1;
    } else if (receipt->account[0] != 'k' || strcmp(known->key, receipt->key) != 0) {
        known->times++;
    }
    if (model.received)
        model.received(known);
}

static inline bool model_read(const char *url, struct receipt *ret_receipt)
{
    char slot[40];
    *ret_receipt = (struct receipt){.at = virtual_now(), .monotonic = virtual_monotonic()};
    return sscanf(url, "http://127.0.0.1/%23[^/]/%47[^/]/%39[^/]/%39s", ret_receipt->account,
                  ret_receipt->post, slot, ret_receipt->key) == 4 &&
           instant_parse(slot, &ret_receipt->slot);
}

static inline void exchange_free(struct exchange *exchange)
{
    struct exchange **link = &exchange->http->flying;
    while (*link != exchange)
        link = &(*link)->next;
    *link = exchange->next;
    timer_free(exchange->timer);
    free(exchange);
}

static void exchange_fire(void *context)
{
    struct exchange *exchange = context, own = *exchange;
    exchange_free(exchange);
    own.done(own.context, &own.result);
}

static inline void set_answer(struct exchange *exchange, int status, const char *body)
{
    static const struct header retry = {"retry-after", "90"};
    exchange->result.ok = exchange->result.sent = true;
    exchange->result.error = NULL;
    exchange->result.response = (struct response){.status = status,
                                                  .headers = &retry,
                                                  .header_count = status == 429,
                                                  .body = body,
                                                  .body_length = strlen(body)};
}

/* GET looks whether a post is there; another method prepares something that nobody sees. */
static inline void meet_fate(struct exchange *exchange, const char *method, const struct receipt *receipt, enum fate fate)
{
    bool there = model_find(receipt->account, receipt->post) != NULL;
    exchange->result = (struct http_result){.error = "the virtual line is cut", .timings = {-1, -1, -1, -1, -1}};
    exchange->result.sent = fate != FATE_UNREACHED;
    if (model.creating && (fate == FATE_FINE || fate == FATE_CUT))
        model_receive(receipt);
    if (fate == FATE_FINE)
        set_answer(exchange, strcmp(method, "GET") != 0 || there ? 200 : 404, "{\"id\": \"1\"}");
    else if (fate == FATE_LIMITED)
        set_answer(exchange, 429, "");
    else if (fate == FATE_DOWN)
        set_answer(exchange, 503, "");
    else if (fate == FATE_LOCKED)
        set_answer(exchange, 401, "");
    else if (fate == FATE_REFUSED)
        set_answer(exchange, 422, "");
}

static inline void ask_model(struct exchange *exchange, const struct request *request)
{
    const char *body = "";
    int status = model.answer(request, &body);
    exchange->result = (struct http_result){.error = "the virtual line is cut", .sent = true, .timings = {-1, -1, -1, -1, -1}};
    if (status)
        set_answer(exchange, status, body);
}

bool http_send(struct http *http, const struct request *request, const struct http_options *options,
               struct arena *arena, http_done *done, void *context, struct error *err)
{
    struct exchange *exchange = xmalloc(sizeof *exchange);
    struct receipt receipt;
    (void)options;
    (void)err;
    if (!model.answer && !model_read(request->url, &receipt))
        bug("a request that the virtual network does not know: %s", request->url);
    *exchange = (struct exchange){
        .next = http->flying, .http = http, .arena = arena, .done = done, .context = context};
    http->flying = exchange;
    model.requests++;
    model.creating = strcmp(request->method, "POST") == 0;
    if (model.answer)
        ask_model(exchange, request);
    else
        meet_fate(exchange, request->method, &receipt, model.fate ? model.fate(receipt.account, receipt.post) : FATE_FINE);
    exchange->timer = loop_timer(http->loop, exchange_fire, exchange);
    timer_after(exchange->timer, model.delay ? model.delay() : 80);
    return true;
}

void http_warm(struct http *http, const char *url, const struct http_options *options)
{
    (void)http, (void)url, (void)options;
}

void http_flush(struct http *http)
{
    (void)http;
}

void http_allow(struct http *http, unsigned most)
{
    (void)http, (void)most;
}

void http_on_rest(struct http *http, void (*rested)(void *context), void *context)
{
    (void)http, (void)rested, (void)context;
}

struct http *http_new(struct loop *loop, unsigned most, struct error *err)
{
    struct http *http = xmalloc(sizeof *http);
    (void)most, (void)err;
    *http = (struct http){.loop = loop};
    return http;
}

/* As when the process dies: what is under way arrives or not, and nobody hears of it. */
void http_free(struct http *http)
{
    while (http && http->flying)
        exchange_free(http->flying);
    free(http);
}

size_t http_in_flight(const struct http *http)
{
    size_t count = 0;
    for (const struct exchange *exchange = http->flying; exchange; exchange = exchange->next)
        count++;
    return count;
}

#endif
