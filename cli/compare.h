/*
 * compare: two sets of documents: what the second would add, change, move and cancel of what the first plans.
 * Without a daemon, so what the queue knows (changes by hand, what is out already) plays no part.
 */
#ifndef CALCTL_COMPARE_H
#define CALCTL_COMPARE_H

#include "cli/command.h"
#include "documents.h"

/*
 * From now on, in the shape of GET /v1/plan, with at most so many changes listed; "plan" is null: it cannot
 * be applied. With errors in new there are no changes. Lives in cli's arena.
 */
json_t *compare_documents(struct cli *cli, const struct documents *old, const struct documents *new,
                          instant now, size_t most);

#endif
