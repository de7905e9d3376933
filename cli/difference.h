/*
 * difference: what a plan changes, as a person reads it: one entry a delivery, and beneath it what of its
 * content is another. Takes the JSON of GET /v1/plan, or of what is shaped like it.
 */
#ifndef CALCTL_DIFFERENCE_H
#define CALCTL_DIFFERENCE_H

#include "cli/command.h"

/* All of it: changes, what cannot be done, counts. Findings go to standard error before it. */
void difference_print(struct cli *cli, const json_t *plan);

/* 1 where findings block, 2 where there is something to apply, else 0. */
int difference_exit(const struct cli *cli, const json_t *plan);

#endif
