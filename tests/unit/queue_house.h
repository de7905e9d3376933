/*
 * queue_house: a queue in a directory of its own, and short ways to fill and read it, for the tests of the queue.
 */
#ifndef QUEUE_HOUSE_H
#define QUEUE_HOUSE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "queue/db.h"
#include "queue/queue.h"

/* cmocka calls a macro fail, too: after our headers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#ifndef HOUSE_ROOT
#define HOUSE_ROOT "/tmp" /* "/dev/shm" where there are very many transactions, and no power to fail */
#endif

#define T0 ((instant)1700000000000) /* 'now' of most tests */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct house {
    char directory[64];
    struct queue *queue;
    struct arena *arena;
    struct error err;
};

static inline struct house *house_of(void **state)
{
    return *state;
}

/* A fresh house for each test: cmocka's setup and teardown. */
static inline int house_setup(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    strcpy(house->directory, HOUSE_ROOT "/cald-queue-XXXXXX");
    if (!mkdtemp(house->directory))
        return -1;
    house->arena = arena_new();
    house->queue = queue_open(house->directory, &house->err);
    if (!house->queue)
        fprintf(stderr, "%s\n", house->err.message);
    *state = house;
    return house->queue ? 0 : -1;
}

/* Of an account: a number of deliveries that is not what is there. */
#define MISCOUNTED                                                                                           \
    "SELECT 1 FROM account LEFT JOIN delivery ON account = name GROUP BY name HAVING account.draft <> "      \
    "total(state = 'draft') OR ready <> total(state = 'ready') OR held <> total(state = 'held')"             \
    " OR waiting <> total(state = 'waiting') OR sending <> total(state = 'sending')"                         \
    " OR unsure <> total(state = 'unsure') OR account.published <> total(state = 'published')"               \
    " OR refused <> total(state = 'refused') OR missed <> total(state = 'missed')"                           \
    " OR cancelled <> total(state = 'cancelled')"

/* Whatever a test did to the database, unless it cannot be read any more. */
static inline bool house_is_miscounted(const struct house *house)
{
    char path[96];
    snprintf(path, sizeof path, "%s/cald.db", house->directory);
    struct db *db = db_open_to_read(path, NULL);
    if (!db)
        return false;
    struct query *query = db_query(db, MISCOUNTED, "");
    bool wrong = query_next(query);
    query_end(query, NULL);
    db_close(db);
    return wrong;
}

static inline int house_teardown(void **state)
{
    struct house *house = *state;
    queue_close(house->queue);
    arena_free(house->arena);
    bool miscounted = house_is_miscounted(house);
    const char *names[] = {"cald.db", "cald.db-wal", "cald.db-shm", "lock", "instance", "reserve", "imprint",
                           "imprint.new"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", house->directory, names[i]);
        unlink(path);
    }
    rmdir(house->directory);
    free(house);
    if (miscounted)
        fail_msg("the numbers of deliveries in each state are not those that are there");
    return 0;
}

#define in_house(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

/* As after a restart. */
static inline void house_reopen(struct house *house)
{
    queue_close(house->queue);
    house->queue = queue_open(house->directory, &house->err);
    assert_non_null(house->queue);
}

/* assert_true that says why. */
#define assert_done(house, call)                                                                             \
    do {                                                                                                     \
        (house)->err.message[0] = '\0';                                                                      \
        if (!(call))                                                                                         \
            fail_msg("%s: %s", #call, (house)->err.message);                                                 \
    } while (0)
#define assert_refused(house, call, words)                                                                   \
    do {                                                                                                     \
        assert_false(call);                                                                                  \
        if (!strstr((house)->err.message, words))                                                            \
            fail_msg("'%s' does not say '%s'", (house)->err.message, words);                                 \
    } while (0)

static inline const struct content *content_of(struct arena *arena, const char *text)
{
    struct part *part = arena_new_of(arena, struct part);
    struct content *content = arena_new_of(arena, struct content);
    part->text = arena_strdup(arena, text);
    content->parts = part;
    content->part_count = 1;
    return content;
}

static inline struct wanted wanted_of(struct arena *arena, const char *post_id, const char *account, const char *text,
                                      instant slot)
{
    return (struct wanted){
        .post_id = post_id,
        .account = account,
        .network = "null",
        .origin = "calendar",
        .content = content_of(arena, text),
        .slot = slot,
        .state = STATE_READY,
    };
}

/* Adds one spontaneous delivery and reads it back. */
static inline struct delivery *house_add(struct house *house, const char *post_id, const char *account, instant slot)
{
    struct wanted wanted = wanted_of(house->arena, post_id, account, "Bonjour", slot);
    wanted.origin = "spontaneous";
    assert_done(house, queue_add(house->queue, &wanted, 1, T0, &house->err));
    struct delivery *delivery = queue_get(house->queue, post_id, account, house->arena, &house->err);
    assert_non_null(delivery);
    return delivery;
}

static inline struct delivery *house_get(struct house *house, const char *post_id, const char *account)
{
    struct delivery *delivery = queue_get(house->queue, post_id, account, house->arena, &house->err);
    if (!delivery)
        fail_msg("%s", house->err.message);
    return delivery;
}

/* An attempt from intent to settlement; the delivery as it is then. */
static inline struct delivery *house_try(struct house *house, const struct delivery *delivery, enum step_kind kind,
                                         const struct outcome *outcome, enum state to, instant due)
{
    struct intent intent = {.step = "publish", .kind = kind, .request = "POST http://127.0.0.1/"};
    if (kind == STEP_CREATE) {
        intent.body = "body";
        intent.body_length = 4;
    }
    struct settlement settlement = {.outcome = outcome, .status = 200, .who = "cald", .to = to, .due = due};
    int64_t attempt = 0;
    assert_done(house, queue_intend(house->queue, delivery, &intent, T0, &attempt, &house->err));
    const struct delivery *intended = queue_intended(delivery, &intent, T0, house->arena);
    assert_done(house, queue_settle(house->queue, intended, attempt, &settlement, T0, &house->err));
    return house_get(house, delivery->post_id, delivery->account);
}

#endif
