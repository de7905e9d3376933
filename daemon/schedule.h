/*
 * schedule: keeps the queue in agreement with the documents.
 *
 * Loads them on a worker thread, refuses them whole or applies the difference in one transaction; watches their files (inotify)
 * and loads again when they change; extends series and slots as time goes on.
 */
#ifndef CALD_SCHEDULE_H
#define CALD_SCHEDULE_H

#include "documents.h"
#include "loop.h"
#include "publish/publish.h"
#include "queue/queue.h"

struct schedule;

struct schedule_report {
    bool applied;                      /* false: refused, what was running keeps running */
    bool database_failed;              /* it is not the documents' fault; tried again within a minute */
    const struct diags *diags;         /* errors and warnings; valid during the call */
    const struct apply_report *report; /* NULL unless applied */
    const char *message;               /* one sentence */
};

struct schedule *schedule_new(struct loop *loop, struct queue *queue, struct publisher *publisher, const char *settings_path);
void schedule_free(struct schedule *schedule);

/* Loads and applies; calls done (may be NULL) when that is over. Several calls while one load runs share the next one. */
void schedule_reload(struct schedule *schedule, const char *who,
                     void (*done)(void *context, const struct schedule_report *report), void *context);

/* The documents in force; NULL before the first successful load. Valid until the next load is applied (one turn). */
const struct documents *schedule_documents(const struct schedule *schedule);

/* When they were applied; 0 before the first. */
instant schedule_loaded(const struct schedule *schedule);

/* What the last load said; NULL before the first. */
const struct schedule_report *schedule_last(const struct schedule *schedule);

/* Called after each applied load (the old documents are still valid during the call). Up to 4. */
void schedule_on_change(struct schedule *schedule, void (*changed)(void *context), void *context);

#endif
