/*
 * How many deliveries of an account are in each state, and when something was published there last: added up
 * while a transaction runs and written once for each account, before its commit. Counting them when asked
 * would take a second of a million, and writing at each move costs as much as the move. Knows who moved what
 * only as numbers.
 */
#include <string.h>

#include "queue/inside.h"

struct tally_line { /* of one account, in the open transaction */
    const char *account;
    uint64_t hash;             /* of its name: there may be many */
    int64_t more[STATE_COUNT]; /* than before */
    instant published;         /* 0: nothing was */
};

static struct tally_line *find_line(const struct tally *tally, const char *account, uint64_t hash)
{
    for (size_t i = 0; i < tally->count; i++)
        if (tally->lines[i].hash == hash && !strcmp(tally->lines[i].account, account))
            return &tally->lines[i];
    return NULL;
}

static struct tally_line *line_of(struct queue *queue, const char *account)
{
    struct tally *tally = &queue->tally;
    uint64_t hash = fnv_text(FNV_START, account);
    struct tally_line *found = find_line(tally, account, hash);
    if (found)
        return found;
    if (!tally->arena)
        tally->arena = arena_new();
    struct tally_line *line = arena_push(tally->arena, tally->lines, tally->count);
    *line = (struct tally_line){.account = arena_strdup(tally->arena, account), .hash = hash};
    return line;
}

bool tally_has(const struct queue *queue, const char *account)
{
    return find_line(&queue->tally, account, fnv_text(FNV_START, account));
}

static void reach(struct queue *queue, struct tally_line *line, enum state state)
{
    line->more[state]++;
    queue->ended[state] += state_is_final(state);
}

void tally_comes(struct queue *queue, const char *account, enum state state)
{
    reach(queue, line_of(queue, account), state);
}

void tally_moves(struct queue *queue, const char *account, enum state from, enum state to)
{
    struct tally_line *line = line_of(queue, account);
    if (from == to)
        return;
    line->more[from]--;
    reach(queue, line, to);
}

void tally_published(struct queue *queue, const char *account, instant now)
{
    struct tally_line *line = line_of(queue, account);
    if (line->published < now)
        line->published = now;
}

void tally_forget(struct queue *queue)
{
    arena_free(queue->tally.arena);
    queue->tally = (struct tally){0};
}

static bool write_line(struct queue *queue, const struct tally_line *line, struct error *err)
{
    const int64_t *more = line->more;
    return db_run(
        queue->db, err,
        "UPDATE account SET draft = draft + ?, ready = ready + ?, held = held + ?, waiting = waiting + ?,"
        " sending = sending + ?, unsure = unsure + ?, published = published + ?, refused = refused + ?,"
        " missed = missed + ?, cancelled = cancelled + ?, last_published = max(last_published, ?)"
        " WHERE name = ?",
        "iiiiiiiiiiit", more[STATE_DRAFT], more[STATE_READY], more[STATE_HELD], more[STATE_WAITING],
        more[STATE_SENDING], more[STATE_UNSURE], more[STATE_PUBLISHED], more[STATE_REFUSED],
        more[STATE_MISSED], more[STATE_CANCELLED], line->published, line->account);
}

bool tally_write(struct queue *queue, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < queue->tally.count; i++)
        ok = write_line(queue, &queue->tally.lines[i], err);
    tally_forget(queue);
    return ok;
}

/* ---- reading ---- */

#define COUNTS(of)                                                                                           \
    "SELECT " of "(draft), " of "(ready), " of "(held), " of "(waiting), " of "(sending), " of               \
    "(unsure), " of "(published), " of "(refused), " of "(missed), " of "(cancelled) FROM account"

/* In the order of enum state. */
static bool read_counts(struct query *query, size_t ret_counts[STATE_COUNT], struct error *err)
{
    size_t counts[STATE_COUNT] = {0};
    if (query_next(query))
        for (int state = 0; state < STATE_COUNT; state++)
            counts[state] = (size_t)query_integer(query, state);
    if (!query_end(query, err))
        return false;
    memcpy(ret_counts, counts, sizeof counts);
    return true;
}

bool queue_counts(struct queue *queue, size_t ret_counts[STATE_COUNT], struct error *err)
{
    return tally_write(queue, err) && read_counts(db_query(queue->db, COUNTS("sum"), ""), ret_counts, err);
}

bool queue_account_counts(struct queue *queue, const char *account, size_t ret_counts[STATE_COUNT],
                          struct error *err)
{
    return tally_write(queue, err) &&
           read_counts(db_query(queue->db, COUNTS("") " WHERE name = ?", "t", account), ret_counts, err);
}
