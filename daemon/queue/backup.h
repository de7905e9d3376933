/*
 * backup: a whole copy of the database as it is at one moment, while cald goes on.
 *
 * What is put back from it holds until a person says that it is the one to go on with: see queue/instance.h.
 */
#ifndef CALD_BACKUP_H
#define CALD_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Copies STATE/cald.db, through a connection of its own that blocks no writer, into a file of STATE that has
 * lost its name when this returns: closing ret_fd (the caller's) ends it. Takes a second for some 100 MB:
 * made for another thread than the loop's, one at a time. Fails, and leaves nothing behind, when the disk
 * would be left without room for cald.
 */
bool backup_make(const char *state_directory, int *ret_fd, int64_t *ret_size, struct error *err);

#endif
