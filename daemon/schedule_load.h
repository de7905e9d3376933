/*
 * schedule_load: one load of the documents, on a thread of its own that shares nothing: what is taken (by a
 * connection of its own to the database) → documents → plan → what is wanted of the queue and not there.
 * Reload, plan and apply begin with the same load.
 */
#ifndef CALD_SCHEDULE_LOAD_H
#define CALD_SCHEDULE_LOAD_H

#include "base/buf.h"
#include "documents.h"
#include "editorial/online.h"
#include "editorial/plan.h"
#include "queue/approval.h"
#include "queue/queue.h"
#include "schedule.h"

/* The queue's note of how far series and slots were planned when they were applied last. */
#define LOAD_UNTIL_NOTE "planned_until"

/* … and of the rules by which they were: cald.yaml and the charter, and this version of cald. */
#define LOAD_RULES_NOTE "rules_hash"

struct load {
    struct arena *arena;
    const char *path, *database;
    instant now, from;
    const char *held_back; /* accounts in the documents in force; NULL: there are none (documents_load_secrets) */
    /* from load_work on */
    struct error failure;  /* of the database; "": none, and then the rest is there */
    bool recalls;          /* only what changed is looked at: */
    bool misfit;           /* … and that is not enough */
    instant planned_until; /* of series and slots, when they were applied last; 0: never */
    struct taken *taken;
    size_t taken_count;
    const struct taken_index *names; /* of the taken */
    const char *applied;  /* hash of the documents that were applied last; or NULL */
    const char *zones, *rules; /* likewise of the time zones and the rules */
    const char *accounts; /* that were known before, each after a newline and before one */

    struct documents *documents; /* not in the arena: who keeps them takes them */
    instant until;               /* of this plan: see end_of_plan in schedule_load.c */
    bool may_apply;              /* somebody may want it applied: what is to be remembered then is worked out */
    struct memory {              /* of what was applied last (schedule_memory.c) */
        struct buf bytes;        /* the imprint; empty: there is none */
        const char *hash;
        instant from;            /* how far back it holds */
        const char **ids;        /* of posts that have to be looked at again */
        size_t id_count;
    } memory;
    const char *imprint;         /* hash of what is to be remembered once it is applied; NULL: nothing */
    struct planned *planned;
    size_t planned_count;
    const char **against; /* what the charter has against the time of each, or NULL */
    const char **hashes;  /* of the content of each */
    const struct taken **known; /* each as the queue has it, or NULL */
    const struct post **unplaced;
    size_t unplaced_count;
    struct sift sift;      /* what is wanted and not there */
    struct online online;  /* what only the network can say of what is new in them */
    bool zones_moved;      /* the time zone data are others than when they were applied */
    const char *moved_why; /* all that moves, if it is known; or NULL */
    struct application *planning; /* while its plan is being made; or NULL */
    bool forgotten;        /* what was remembered: some of this is applied, and more to come */
    bool accepted;         /* applied: the queue has what it wanted */
};

/* database: see queue_look. in_force: looked at in the call; or NULL. */
struct load *load_begin(const char *database, const char *path, const struct documents *in_force, instant now,
                        bool may_apply);

/* Reads what is taken, reads and checks the documents, and plans; touches nothing but the load. */
void load_work(struct load *load);

/* Adds what the answers of 'online' mean to the documents' findings. */
void load_judge_online(struct load *load);

/* Whether planned[i] is wanted of the queue: the queue has it, or it is not history. */
bool load_wants(const struct load *load, size_t i);

/* Whether the queue has, or had, the delivery. */
bool load_knows(const struct load *load, const char *post_id, const char *account);

/* By which rules it would be applied: for LOAD_RULES_NOTE. In the load's arena. */
const char *load_rules(const struct load *load);

/* Who approves by the charter of the documents. */
struct approver load_approver(const struct load *load);

/*
 * Forgets what of the documents nobody asks for once they are applied, or refused: all but the posts that are
 * not in the queue, and those that say something which the queue does not know.
 */
void load_forget_posts(struct load *load);

/* Frees all but the documents. */
void load_free(struct load *load);

/* ---- schedule_memory.c ---- */

/*
 * What was applied last is remembered, so that entries which are the same need not be read, checked and compared with
 * the queue again. It lies in a file beside the database; its hash is a note, written with the last of what is
 * applied, and taken away with the first: whatever ends an application in between has everything read again. A file
 * that is not what the note says counts as none.
 */
void memory_read(struct load *load, struct queue *queue);

/* Writes the load's imprint beside the present one. Nothing is remembered of documents that cannot be told that way. */
void memory_prepare(struct load *load);

/* In the transaction that begins, or ends, an application. conflicts: ids of the posts that could not be applied. */
bool memory_forget(struct queue *queue, struct error *err);
bool memory_keep(const struct load *load, struct queue *queue, const char *const *conflicts, size_t count,
                 struct error *err);

/* What applying the load would change, and the name of that (schedule_plan.c), looked at for so long; to be called again
 * until there is a plan (not NULL). In the load's arena. */
bool load_difference(struct load *load, struct queue *queue, duration patience, const struct schedule_plan **ret_plan,
                     struct error *err);

#endif
