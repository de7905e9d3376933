/*
 * online: what only the network can say of a content: whether a link answers, whether whom it mentions
 * exists.
 *
 * The rules that look (rule.h: online) do no I/O: they put questions into this list, and find what is wrong
 * once the list has answers. Who answers them is publish/lookup.h. Each question is there once.
 */
#ifndef CALD_ONLINE_H
#define CALD_ONLINE_H

#include "base/index.h"
#include "network/network.h"

enum question_kind { QUESTION_LINK, QUESTION_MENTION };

enum answered {
    ANSWERED_NOT,     /* nobody has asked yet */
    ANSWERED_YES,     /* it is there */
    ANSWERED_NO,      /* it is surely not there */
    ANSWERED_UNKNOWN, /* it was asked, and cannot be told */
};

struct question {
    enum question_kind kind;
    const char *subject;           /* the address; the mention without its '@' */
    const struct network *network; /* of a mention */
    const char *key;               /* names the question, also for another account of the same server */
    struct request request;        /* of a mention: what to ask */
    enum answered answered;
    const char *why; /* NO, UNKNOWN: a sentence */
};

struct online { /* empty: {.index.arena = arena, .arena = arena} */
    struct arena *arena;
    struct question **items;
    size_t count;
    struct index index;
};

struct online online_in(struct arena *arena);

/* The question whether the address answers. */
const struct question *online_link(struct online *online, const char *url);

/* The question whether an account of the same network as 'account' has this name; NULL: the network has no
 * way to tell. */
const struct question *online_mention(struct online *online, const struct account *account, const char *name);

/* How many questions have no answer yet. */
size_t online_open(const struct online *online);

/* Those without an answer, with all they refer to, in a list of their own. */
struct online online_copy_open(const struct online *online, struct arena *arena);

/* Those without an answer get none any more. */
void online_give_up(struct online *online);

#endif
