/*
 * git: files as they were at a revision. Runs git itself, without a shell; never asks anybody, never fetches.
 */
#ifndef CALCTL_GIT_H
#define CALCTL_GIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* Whether the directory is in a repository that knows the commit. */
bool git_knows(const char *directory, const char *revision, struct error *err);

/* The bytes of the file at the revision, at most 'most'; adds to out. */
bool git_read(const char *path, const char *revision, size_t most, struct buf *out, struct error *err);

/* The paths of the .yaml files of a directory at the revision, as file_list of base/file.h gives them; none where the
 * directory was not there. */
bool git_list(const char *directory, const char *revision, size_t most, struct arena *arena, const char ***ret_paths,
              size_t *ret_count, struct error *err);

#endif
