/*
 * add_many: 'calctl add --from FILE'.
 */
#ifndef CALCTL_ADD_MANY_H
#define CALCTL_ADD_MANY_H

#include "cli/command.h"

/* Adds the posts of a file ('-': standard input): JSON lines, or a JSON array. An exit code. */
int add_many(struct cli *cli, const char *file);

#endif
