/*
 * query: a path with its query string, from options.
 */
#ifndef CALCTL_QUERY_H
#define CALCTL_QUERY_H

#include "base/buf.h"
#include "cli/command.h"

/* Adds "?name=value", or "&name=value"; nothing when value is NULL. */
void query_add(struct buf *path, const char *name, const char *value);

/* The same for each value of a repeating option of that name. */
void query_add_list(struct cli *cli, struct buf *path, const char *name);

/* The path of /v1/deliveries with what the options that list and export share ask for; in the arena. */
const char *query_deliveries(struct cli *cli);

/* The text, in the arena; releases the buffer. */
const char *query_take(struct cli *cli, struct buf *path);

#endif
