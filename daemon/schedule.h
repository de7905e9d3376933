/*
 * schedule: keeps the queue in agreement with the documents.
 *
 * Loads them on a worker thread, refuses them whole or applies the difference, in one transaction or, what
 * takes longer than a turn of the loop may, in several, delivery by delivery (queue_sift in queue.h); watches
 * their files (inotify), and when they change applies them, or lets the plan wait until a person applies it
 * ('apply' in cald.yaml); extends series and slots as time goes on.
 */
#ifndef CALD_SCHEDULE_H
#define CALD_SCHEDULE_H

#include "documents.h"
#include "loop.h"
#include "publish/publish.h"
#include "queue/queue.h"

struct schedule;

struct schedule_plan { /* what applying the documents as they are on disk would change */
    const char *id;         /* names exactly this: documents, and what of the queue it touches */
    bool documents_changed; /* the files are others than those that were applied last */
    const struct apply_report *difference; /* with its changes */
    const char *const *unplaced;           /* posts that find no free time in their slot before the horizon */
    size_t unplaced_count;
};

bool schedule_plan_is_empty(const struct schedule_plan *plan);

struct schedule_report {
    bool applied;                      /* false: refused, what was running keeps running */
    bool database_failed;              /* it is not the documents' fault; tried again within a minute */
    const struct diags *diags;         /* errors and warnings; valid during the call */
    const struct apply_report *report; /* NULL unless applied */
    const char *message;               /* one sentence */
    /* to schedule_plan; to schedule_apply if it is another one now. NULL: none */
    const struct schedule_plan *plan;
};

/* started: what cald runs with until it ends, to say when cald.yaml says something else; NULL: nothing is said. */
struct schedule *schedule_new(struct loop *loop, struct queue *queue, struct publisher *publisher,
                              const char *settings_path, const struct settings *started);
void schedule_free(struct schedule *schedule);

/* The first load: as when a file changed, told to done. */
void schedule_start(struct schedule *schedule, void (*done)(void *context, const struct schedule_report *report),
                    void *context);

/*
 * What a reload would change now; changes nothing. The report has the plan, or errors in diags;
 * all of it is valid during the call.
 */
void schedule_plan(struct schedule *schedule, void (*done)(void *context, const struct schedule_report *report),
                   void *context);

/*
 * Applies the plan of this id if it is still what a reload would do: the report is that of a
 * reload then. Else nothing is applied, and the report has the plan as it is now (or errors, or
 * neither when the database failed).
 */
void schedule_apply(struct schedule *schedule, const char *plan, const char *who,
                    void (*done)(void *context, const struct schedule_report *report), void *context);

/* The plan that waits because cald.yaml says 'apply: on_request'; NULL: none does. */
struct schedule_waiting {
    instant since;
    const char *message; /* "a plan waits (3 to add, …): …" */
};
const struct schedule_waiting *schedule_waits(const struct schedule *schedule);

/* Loads and applies, whatever cald.yaml says about saved files; calls done (may be NULL) when that is over.
 * Several calls while one load runs share the next one. */
void schedule_reload(struct schedule *schedule, const char *who,
                     void (*done)(void *context, const struct schedule_report *report), void *context);

/* The documents in force; NULL before the first successful load. Valid until the
 * next load is applied (one turn). */
const struct documents *schedule_documents(const struct schedule *schedule);

/* When they were applied; 0 before the first. */
instant schedule_loaded(const struct schedule *schedule);

/* What the last load said; NULL before the first. */
const struct schedule_report *schedule_last(const struct schedule *schedule);

/* Called after each applied load (the old documents are still valid during the call). Up to 4. */
void schedule_on_change(struct schedule *schedule, void (*changed)(void *context), void *context);

#endif
