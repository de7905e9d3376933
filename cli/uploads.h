/*
 * uploads: the files that this call sent to the daemon, which knows them by their hashes: a person is told of them
 * by the names that were given.
 */
#ifndef CALCTL_UPLOADS_H
#define CALCTL_UPLOADS_H

#include "cli/command.h"

/* 'name' is what the daemon calls 'file'. Both outlive cli. */
void uploads_note(struct cli *cli, const char *file, const char *name);

/* A body with the daemon's names of the images that it shows: by the names that were given, or by their paths from the
 * file that it was read from (NULL: none). In arena. */
const char *uploads_place(struct cli *cli, const char *markdown, const char *from);

/* The names in all texts of an answer that is only to be shown; with --json it stays as it came. */
void uploads_rename(const struct cli *cli, json_t *answer);

#endif
