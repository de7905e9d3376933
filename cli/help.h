/*
 * help: --help from the tables.
 */
#ifndef CALCTL_HELP_H
#define CALCTL_HELP_H

#include <stdio.h>

#include "cli/command.h"

void help_all(FILE *out);
int help_command(const struct command *command); /* on standard output; EXIT_DONE */

#endif
