/*
 * filewatch: tells when one of a set of files changed (inotify).
 *
 * Directories are watched, not files: who saves by renaming a new file into place is noticed too, and so is another
 * owner or mode, with which it may become readable. Editors
 * write in several steps, so it is told once, a moment after the last of them.
 */
#ifndef CALD_FILEWATCH_H
#define CALD_FILEWATCH_H

#include <stddef.h>

#include "loop.h"

struct filewatch;

/* Never NULL; where the system has no inotify left it says so in the log, and tells nothing. */
struct filewatch *filewatch_new(struct loop *loop, void (*changed)(void *context), void *context);
void filewatch_free(struct filewatch *watch);

/* The files from now on; copied. One that ends in '/' is a directory: any .yaml file in it. */
void filewatch_set(struct filewatch *watch, const char *const *files, size_t count);

#endif
