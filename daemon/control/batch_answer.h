/*
 * batch_answer: what a batch is answered with, and what is said of its single posts.
 */
#ifndef CALD_BATCH_ANSWER_H
#define CALD_BATCH_ANSWER_H

#include "control/batch.h"

/* The post that was judged last is refused: as 'item' was answered, or with the errors that were found (or NULL).
 */
void batch_refuse(struct batch *batch, const struct call *item, const struct judge *judge);

/* Appends those of one level, each with the index of the post that was judged last, while there is room. */
void batch_add_findings(struct batch *batch, const struct diags *diags, enum diag_level level,
                        json_t *ret_list);

/* The same of findings as JSON, of the post with this index. */
void batch_add_warnings(struct batch *batch, const json_t *warnings, size_t index);

/* One more post of the answer. */
void batch_say(struct batch *batch, const char *id, instant slot);

void batch_answer_added(struct batch *batch);
void batch_answer_dry_run(struct batch *batch);
void batch_answer_refused(struct batch *batch);

/* What was stored by slices before stays: 'stored' posts. */
void batch_answer_unstored(struct batch *batch, size_t stored, const struct error *err);

#endif
