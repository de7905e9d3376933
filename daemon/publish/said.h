/*
 * said: what the operator is told from memory, because the database cannot be written, or its times not be
 * trusted. One alert of each such kind at most, from the time somebody says it until all is well.
 */
#ifndef CALD_SAID_H
#define CALD_SAID_H

#include "base/hash.h"
#include "publish/alert.h"
#include "queue/alerts.h"

enum { SAID_KINDS = 4, SAID_KEY_DIGITS = 32 };

struct said {
    enum alert_kind kind;
    char *message; /* NULL: all is well */
    int episode;   /* how manieth: what ends may be an older one's telling */
    bool flying;
    char key[SAID_KEY_DIGITS + 1];
    struct alert alert; /* row 0, without a body */
};

struct said_list {
    struct said items[SAID_KINDS];
};

void said_init(struct said_list *list);
void said_release(struct said_list *list);

/* False: it is said already. Another kind than ALERT_DATABASE, _CLOCK, _RESTORED and _DISK is a bug. */
bool said_say(struct said_list *list, enum alert_kind kind, const char *message, instant now);
void said_well(struct said_list *list, enum alert_kind kind);

/* The next to be told now, or NULL. */
struct said *said_due(struct said_list *list, instant now);

/* When there is next something to be told, after now; INSTANT_NEVER. */
instant said_next(const struct said_list *list, instant now);

/* What became of the telling that was begun in this episode. */
void said_settle(struct said *said, int episode, const struct alert *after);

/* Adds what is not told yet. */
void said_count(const struct said_list *list, struct alert_backlog *backlog);

#endif
