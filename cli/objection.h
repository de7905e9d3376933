/*
 * objection: how to go on after the charter refused, said once, behind all that is wrong.
 */
#ifndef CALCTL_OBJECTION_H
#define CALCTL_OBJECTION_H

#include "cli/command.h"

/* Of a problem of the API: the options that let it pass (in a file of posts: the member), or why nothing does;
 * on standard error. */
void objection_print(const struct cli *cli, const json_t *problem);

/* Of errors in documents, as the API gives them: the charter's rules among them, and what to do; NULL: there
 * are none. In the arena. */
const char *objection_to_files(const struct cli *cli, const json_t *errors);

/* Each of these errors on a line, and that; on standard error. */
void objection_print_files(const struct cli *cli, const json_t *errors);

#endif
