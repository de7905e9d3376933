/*
 * schedule_internal: what the files of schedule share. Nobody else includes it.
 *
 *   schedule.c        rounds: who wants what, and what is done at the end of a load
 *   schedule_load.c   one load: documents, plan, what is wanted
 *   schedule_apply.c  applied, refused, or left to wait: report, log, who is told
 *   schedule_slice.c  applied to the queue, for a bounded time in each turn
 *   schedule_plan.c   what applying would change
 *   schedule_memory.c what is remembered of it, so that what is the same need not be read again
 */
#ifndef CALD_SCHEDULE_INTERNAL_H
#define CALD_SCHEDULE_INTERNAL_H

#include <pthread.h>

#include "filewatch.h"
#include "schedule_load.h"

enum { CHANGE_HOOKS = 4 };

enum demand {      /* each contains those before */
    DEMAND_LOOK,   /* a plan: nothing changes */
    DEMAND_NOTICE, /* a file changed, cald started, time went on */
    DEMAND_APPLY,  /* a person wants it */
};

struct waiter {
    struct waiter *next;
    enum { WAIT_RELOAD, WAIT_PLAN, WAIT_APPLY } wants;
    char *plan; /* WAIT_APPLY: what is to be applied */
    char *who;  /* likewise */
    void (*done)(void *context, const struct schedule_report *report);
    void *context;
};

struct verdict { /* what is told to who wants a plan, or one applied that is another one by now */
    struct schedule_report plan;
    const char *applied; /* the plan that was, or NULL */
};

struct round {
    struct waiter *waiters;
    enum demand demand;
    char *who; /* of the demand */
    bool asked;
    bool looked; /* links and mentions were asked about: not again */
};

struct schedule {
    struct loop *loop;
    struct queue *queue;
    struct publisher *publisher;
    char *path;
    const struct settings *started; /* what cald started with; or NULL */
    struct documents *documents; /* in force */
    struct documents *refused;   /* owns what the last report shows, if that was a refusal */
    struct schedule_report last;
    struct apply_report applied;
    struct arena *report_arena;
    bool has_last;
    struct load *load;           /* running, or waiting for answers */
    struct inquiry *inquiry;     /* what it waits for; NULL: it runs, or is being applied */
    struct application *application; /* of the load; or NULL */
    struct arena *application_arena; /* of what it will report: the last report lasts until then */
    struct verdict verdict;          /* on the load that is being applied */
    pthread_t thread;
    bool joined; /* it has ended */
    struct round round, next;
    struct filewatch *watch;
    struct timer *horizon;
    instant loaded;              /* when the documents in force were applied */
    struct schedule_waiting waits;
    char *waits_message;
    struct {
        void (*call)(void *context);
        void *context;
    } hooks[CHANGE_HOOKS];
    size_t hook_count;
};

/*
 * Applies the load for a bounded time, in a transaction; little is applied in one. GOES_ON: what is applied
 * is committed, nothing else has changed yet, and it is to be called again in the next turn. FAILED: the
 * database did, and the report says so; what was committed stays and is found again by the next load.
 * TAKEN_OVER: the documents were.
 */
enum acceptance { ACCEPT_GOES_ON, ACCEPT_FAILED, ACCEPT_TAKEN_OVER };
enum acceptance schedule_accept(struct schedule *schedule, struct load *load);

/* Forgets one that is under way; none: nothing. */
void schedule_end_application(struct schedule *schedule);

/* ---- schedule_slice.c ---- */

/* For how long a turn of the loop may work on a load. */
duration schedule_patience(const struct schedule *schedule);

/* Goes on applying for the time that a turn may take. ret_more: something is left; else all that is to be
 * remembered of the documents is stored with the last of it. */
bool schedule_slice(struct schedule *schedule, struct load *load, bool *ret_more, struct error *err);

/* ---- schedule_apply.c ---- */

/* Loads and applies, or lets the plan wait: nobody asked, something may have changed. (schedule.c) */
void schedule_notice(struct schedule *schedule, const char *who);

/* The documents have errors: they are kept, because the report shows them. */
void schedule_refuse(struct schedule *schedule, struct load *load);

/* Whether what is saved waits for a person, by the settings in force, or at a start those of the load. */
bool schedule_applies_on_request(const struct schedule *schedule, const struct load *load);

/*
 * What was saved is checked and not applied. At a start there is nothing else to work with: accounts and
 * settings are those of the files, the queue is as it was applied. True: the documents were taken over.
 */
bool schedule_let_wait(struct schedule *schedule, struct load *load, const struct schedule_plan *plan);
void schedule_forget_waiting(struct schedule *schedule);

/* The report of a database that failed; it is tried again after a while. */
void schedule_set_failure(struct schedule *schedule, const struct error *err);

#endif
