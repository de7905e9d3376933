/*
 * explain: why a delivery is where it is, what happens next and when, and what a person can do: as sentences.
 *
 * Pure, and table-driven: a row for each state and cause (explain_*.c). It is given what is known
 * (explain_facts) and says nothing that is not in there. Each sentence has a cause, a word for machines that
 * stays, and the instant it speaks of, if it does. Times in sentences are civil in the calendar's zone; where
 * that comes twice, with the UTC instant. Each thing is said once.
 */
#ifndef CALD_EXPLAIN_H
#define CALD_EXPLAIN_H

#include "editorial/zone.h"
#include "publish/policy.h"

struct explain_facts { /* borrowed throughout */
    const struct delivery *delivery;
    const struct settings_account *account; /* NULL: it is not in cald.yaml any more */
    const struct zone *zone;
    instant now;
    duration lead;                  /* how long before the slot it is prepared */
    struct account_status own, all; /* of its account, and of the row "*" */
    const char *crisis; /* why there is one for its account; NULL: there is none, or it was released */
    const char *awaits;    /* who has to approve it next ("an editor"), or NULL */
    const char *approvals; /* likewise, all from the beginning */
    const struct event *events; /* its history, oldest first */
    size_t event_count;
    const struct attempt *attempts; /* oldest first */
    size_t attempt_count;
    const struct diags *findings;        /* what the charter of today says of it; or NULL */
    const char *clock, *database, *disk; /* why nothing at all is published, each or NULL */
    bool working;                        /* a step of it is under way now */
    struct late_policy late;             /* the one that holds for it */
    bool never_late;                     /* publish_late, or a part of it is out */
    struct doubt doubt;                  /* of an unsure one with an account: what is known of the try */
    const char *where;                   /* where a person looks for it, or NULL */
    const char *awaited;                 /* "POST/ACCOUNT": unsure, and the account waits for it; or NULL */
    const char *before;                  /* "POST/ACCOUNT": stands before it in the account's line; or NULL */
    instant paced_from;                  /* the account's pace allows no request before; 0: it does */
};

struct explain_line {
    const char *cause; /* "planned", "braked", "key-until" */
    const char *text;  /* one or more sentences */
    instant at;        /* what it speaks of, 0: no time */
};

struct explain_lines {
    struct explain_line *items;
    size_t count;
};

struct explain_command {
    const char *command; /* as it is typed */
    const char *text;    /* what it does */
    enum role role;      /* least that may */
};

struct explanation {
    struct explain_lines why;       /* at least one */
    struct explain_lines obstacles; /* what keeps it from leaving now, though it is its time, or would */
    struct explain_lines next;      /* at least one: what happens by itself, or that nothing does */
    struct explain_command *commands;
    size_t command_count;
};

/* Texts are in arena. */
struct explanation explain(const struct explain_facts *facts, struct arena *arena);

#endif
