/*
 * plan_git: the documents on disk against those of an earlier revision in git. Offline: no daemon, no
 * network.
 */
#ifndef CALCTL_PLAN_GIT_H
#define CALCTL_PLAN_GIT_H

#include "cli/command.h"

/*
 * What differs from now on, in the shape of GET /v1/plan ("plan" is null: it cannot be applied; "git" is the
 * revision). An exit code; what failed has been told.
 */
int plan_git(struct cli *cli, const char *revision, json_t **ret_plan);

#endif
