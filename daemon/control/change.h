/*
 * change: doing one thing to every delivery of a post that allows it, all or none of it stored.
 */
#ifndef CALD_CHANGE_H
#define CALD_CHANGE_H

#include "control/posts.h"

struct change {
    struct call *call;
    struct judge judge;
    struct selection selection;
    const char *deed; /* "moved": for the log */
    const char *why;  /* for the history */
    bool approves;    /* who may is the charter's to say, not the role's */

    /* Fills the move, or says why this delivery cannot be changed. Findings go to the judge. */
    const char *(*prepare)(struct change *change, const struct delivery *delivery, struct move *move);
};

/* Selects, matches, prepares, judges, moves and answers with the post. 409 when nothing could be changed. */
void change_run(struct change *change);

/* Notes that this delivery stays as it is, and why. */
void change_keep(json_t *kept, const struct delivery *delivery, const char *why);

/* Answers 409 with all that was kept, which is taken over: nothing was changed. */
void change_conflict(struct call *call, json_t *kept);

/* The account of a delivery, or NULL when cald.yaml has it no more. */
const struct account *change_account(const struct change *change, const struct delivery *delivery);

#endif
