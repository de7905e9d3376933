/*
 * stage: a driver as a table of stages. A stage is one request with its reading; 'next' takes the first that
 * is pending, so that the memo alone says where a delivery is. For drivers of many steps: WordPress, Ghost …
 *
 * Before a stage that makes something twice when it is repeated, the memo says "doubt": after a crash or a
 * useless answer the driver looks for what it may have made (stage_in_doubt), and makes nothing until it did.
 */
#ifndef CALD_STAGE_H
#define CALD_STAGE_H

#include "network/network.h"

enum {
    STAGE_MAKES = 1,     /* what must not be made twice: the memo says 'doubt' before the request leaves */
    STAGE_EACH_PART = 2, /* of a thread: the step's name says which ("publish 2/3") */
};

struct stage {
    const char *name;
    enum step_kind kind;
    unsigned flags;
    bool (*pending)(const struct job *job);
    void (*ask)(const struct job *job, struct arena *arena, struct request *ret_request);
    void (*read)(const struct job *job, const struct step *step, const struct response *response,
                 struct arena *arena, struct outcome *ret_outcome);
};

struct stage_group {
    const struct stage *stages;
    size_t count;
};
#define STAGE_GROUP(array)                                                                                   \
    {                                                                                                        \
        array, sizeof(array) / sizeof *(array)                                                               \
    }

struct stage_table {
    const struct stage_group *groups;
    size_t count;
};
#define STAGE_TABLE(array)                                                                                   \
    {                                                                                                        \
        array, sizeof(array) / sizeof *(array)                                                               \
    }

/* The first stage that is pending, or NULL: nothing is left to do. */
const struct stage *stage_pending(const struct stage_table *table, const struct job *job);

/* The step of a stage. */
void stage_take(const struct stage *stage, const struct job *job, struct arena *arena, struct step *ret_step);

/* As 'next' of a driver: the pending stage's step, or STEP_DONE when the memo has the post's id. */
void stage_next(const struct stage_table *table, const struct job *job, struct arena *arena,
                struct step *ret_step);

/* As 'read' of a driver: by the stage whose step it is. */
void stage_read(const struct stage_table *table, const struct job *job, const struct step *step,
                const struct response *response, struct arena *arena, struct outcome *ret_outcome);

/* Something may have been made without our knowing. */
bool stage_in_doubt(const struct job *job);

/* For 'pending' of a last stage: there is always that to do. */
bool stage_always(const struct job *job);

/* OUTCOME_NEXT with these memo members (taken over). */
struct outcome stage_next_with(struct arena *arena, json_t *memo);

/* A changed copy of one of the memo's objects, or a new one. The caller owns it. */
json_t *stage_copy(const struct job *job, const char *member);

#endif
