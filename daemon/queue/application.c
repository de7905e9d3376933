/*
 * See queue.h: applying what is left after queue_sift, step by step. What a step does to a delivery is
 * apply.c's; here is only in which order, and how far it has come.
 */
#include <stdlib.h>
#include <string.h>

#include "queue/apply.h"

struct application {
    struct apply apply;
    const struct sift *sift;
    size_t gone, next, by_hand; /* steps taken of each kind */
    int64_t *rows;              /* what was added by hand; found when its turn comes */
    size_t row_count;
    bool looked;
};

struct application *application_new(struct queue *queue, const struct sift *sift, instant now,
                                    const char *who, struct arena *arena)
{
    struct application *application = xmalloc(sizeof *application);
    *application = (struct application){
        .apply = {.queue = queue,
                  .from = sift->from,
                  .until = sift->until,
                  .now = now,
                  .who = who,
                  .arena = arena},
        .sift = sift,
    };
    application->apply.report.unchanged = sift->unchanged;
    application->apply.report.kept = sift->kept;
    return application;
}

void application_free(struct application *application)
{
    free(application);
}

/* Whether it is still what the sift saw: a person may have taken it out of the file's hands. */
static bool is_still_gone(struct apply *apply, int64_t row, bool *ret_is, struct error *err)
{
    struct query *query =
        db_query(apply->queue->db,
                 "SELECT 1 FROM delivery WHERE id = ? AND " OPEN " AND base_slot >= ? AND base_slot < ?",
                 "iii", row, apply->from, apply->until);
    *ret_is = query_next(query);
    return query_end(query, err);
}

static bool step_gone(struct application *application, struct error *err)
{
    const struct taken *taken = application->sift->gone[application->gone++];
    bool is;
    return is_still_gone(&application->apply, taken->row, &is, err) &&
           (!is || apply_removal(&application->apply, taken->row, err));
}

static bool look_by_hand(struct application *application, struct error *err)
{
    application->looked = true;
    return !application->sift->rules_changed ||
           approval_find_spontaneous(&application->apply, &application->rows, &application->row_count, err);
}

static bool is_over(const struct application *application)
{
    return application->looked && application->by_hand == application->row_count;
}

bool application_step(struct application *application, const struct wanted **ret_entry, bool *ret_more,
                      struct error *err)
{
    const struct sift *sift = application->sift;
    bool ok = true;
    *ret_entry = NULL;
    if (application->gone < sift->gone_count) {
        ok = step_gone(application, err);
    } else if (application->next < sift->count) {
        *ret_entry = &sift->wanted[application->next++];
        ok = apply_one(&application->apply, *ret_entry, err);
    } else if (!application->looked) {
        ok = look_by_hand(application, err);
    } else if (!is_over(application)) {
        ok = approval_follow_row(&application->apply, application->rows[application->by_hand++], err);
    }
    *ret_more = ok && !is_over(application);
    return ok;
}

/* What is cancelled is told last, as queue_plan does. */
static void cancelled_last(struct apply *apply)
{
    size_t count = apply->report.change_count, cancelled = 0;
    struct apply_change *all = apply->changes,
                        *turned = arena_alloc_array(apply->arena, count + 1, sizeof *turned);
    while (cancelled < count && all[cancelled].kind == APPLY_CANCEL)
        cancelled++;
    for (size_t i = 0; i < count; i++)
        turned[i] = all[(i + cancelled) % count];
    apply->changes = turned;
}

struct apply_report application_report(struct application *application)
{
    struct apply *apply = &application->apply;
    if (apply->records)
        cancelled_last(apply);
    return apply_report(apply);
}

struct application *application_plan(struct queue *queue, const struct sift *sift, instant now, struct arena *arena)
{
    struct application *application = application_new(queue, sift, now, "plan", arena);
    application->apply.records = true;
    return application;
}
