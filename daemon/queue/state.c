/* The states of a delivery: their names and the moves. Knows no database. */
#include <string.h>

#include "queue/inside.h"

static const char *const names[STATE_COUNT] = {
    [STATE_DRAFT] = "draft",         [STATE_READY] = "ready",     [STATE_HELD] = "held",
    [STATE_WAITING] = "waiting",     [STATE_SENDING] = "sending", [STATE_UNSURE] = "unsure",
    [STATE_PUBLISHED] = "published", [STATE_REFUSED] = "refused", [STATE_MISSED] = "missed",
    [STATE_CANCELLED] = "cancelled",
};

enum {
    TO_DRAFT = 1 << STATE_DRAFT,
    TO_READY = 1 << STATE_READY,
    TO_HELD = 1 << STATE_HELD,
    TO_WAITING = 1 << STATE_WAITING,
    TO_SENDING = 1 << STATE_SENDING,
    TO_UNSURE = 1 << STATE_UNSURE,
    TO_PUBLISHED = 1 << STATE_PUBLISHED,
    TO_REFUSED = 1 << STATE_REFUSED,
    TO_MISSED = 1 << STATE_MISSED,
    TO_CANCELLED = 1 << STATE_CANCELLED,
};

/*
 * The drawing in queue.h. What only an attempt may do has a column of its own: without an intent on disk
 * nothing is 'sending', and nobody calls a delivery published whose bytes never left; and only its end says
 * what became of it. 'file' is what queue_apply may do besides.
 */
static const struct {
    unsigned anyone, attempt, file;
} moves[STATE_COUNT] = {
    [STATE_DRAFT] = {TO_READY | TO_HELD | TO_MISSED | TO_CANCELLED, 0, 0},
    [STATE_READY] = {TO_DRAFT | TO_HELD | TO_MISSED | TO_CANCELLED,
                     TO_WAITING | TO_SENDING | TO_PUBLISHED | TO_REFUSED, 0},
    [STATE_HELD] = {TO_DRAFT | TO_READY | TO_MISSED | TO_CANCELLED, 0, 0},
    [STATE_WAITING] = {TO_DRAFT | TO_READY | TO_HELD | TO_REFUSED | TO_MISSED | TO_CANCELLED,
                       TO_SENDING | TO_PUBLISHED, 0},
#ifdef CALD_MUTANT_HELD_MIDWAY
    [STATE_SENDING] = {TO_HELD, TO_WAITING | TO_UNSURE | TO_PUBLISHED | TO_REFUSED, 0},
#else
    [STATE_SENDING] = {0, TO_WAITING | TO_HELD | TO_UNSURE | TO_PUBLISHED | TO_REFUSED, 0},
#endif
    [STATE_UNSURE] = {TO_READY | TO_PUBLISHED | TO_REFUSED, TO_SENDING, 0},
    [STATE_PUBLISHED] = {0, 0, 0},
    [STATE_REFUSED] = {TO_DRAFT | TO_READY | TO_HELD | TO_CANCELLED, 0, TO_MISSED},
    [STATE_MISSED] = {TO_DRAFT | TO_READY | TO_HELD | TO_CANCELLED, 0, 0},
    [STATE_CANCELLED] = {TO_DRAFT | TO_READY | TO_HELD, 0, TO_MISSED},
};

const char *state_name(enum state state)
{
    return names[state];
}

bool state_parse(const char *name, enum state *ret_state)
{
    for (int i = 0; i < STATE_COUNT; i++)
        if (!strcmp(names[i], name)) {
            *ret_state = (enum state)i;
            return true;
        }
    return false;
}

bool state_is_final(enum state state)
{
    return state == STATE_PUBLISHED || state == STATE_REFUSED || state == STATE_MISSED ||
           state == STATE_CANCELLED;
}

bool state_may_move(enum state from, enum state to)
{
    return (moves[from].anyone | moves[from].attempt) >> to & 1;
}

bool state_allows(enum state from, enum state to, enum mover mover)
{
    unsigned allowed = moves[from].anyone;
    if (mover == MOVER_ATTEMPT)
        allowed |= moves[from].attempt;
    if (mover == MOVER_FILE)
        allowed |= moves[from].file;
    return allowed >> to & 1;
}

const char *state_deed(enum state to)
{
    static const char *const deeds[STATE_COUNT] = {
        [STATE_DRAFT] = "make it a draft",
        [STATE_READY] = "make it ready",
        [STATE_HELD] = "hold",
        [STATE_WAITING] = "put off",
        [STATE_SENDING] = "send",
        [STATE_UNSURE] = "doubt",
        [STATE_PUBLISHED] = "take it as published",
        [STATE_REFUSED] = "give up",
        [STATE_MISSED] = "count it as missed",
        [STATE_CANCELLED] = "cancel",
    };
    return deeds[to];
}

const char *state_sentence(enum state state)
{
    static const char *const sentences[STATE_COUNT] = {
        [STATE_DRAFT] = "it is a draft",
        [STATE_READY] = "it is ready",
        [STATE_HELD] = "it is held",
        [STATE_WAITING] = "it was tried and waits to be tried again",
        [STATE_SENDING] = "it is being sent",
        [STATE_UNSURE] = "it may have been published already",
        [STATE_PUBLISHED] = "it is already published",
        [STATE_REFUSED] = "it was refused",
        [STATE_MISSED] = "it was missed",
        [STATE_CANCELLED] = "it is cancelled",
    };
    return sentences[state];
}
