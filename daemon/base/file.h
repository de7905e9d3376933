/*
 * file: reading and writing whole files, bounded and without surprises.
 */
#ifndef CALD_FILE_H
#define CALD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct buf;

/* Reads a regular file of at most max bytes; adds to out. */
bool file_read(const char *path, size_t max, struct buf *out, struct error *err);

/* Reads all of an open descriptor (file, pipe) up to max bytes; name is for the message. */
bool file_read_fd(int fd, const char *name, size_t max, struct buf *out, struct error *err);

/*
 * Opens a regular file for reading beneath the directory 'root': '..', absolute paths and links, at
 * any place of the path, are refused; nobody can exchange a directory for a link while it is
 * opened. Returns the descriptor, or -1.
 */
int file_open_beneath(const char *root, const char *path, struct error *err);

/*
 * A secret: a regular file that nobody but its owner can read (mode & 077 == 0, checked on the open
 * descriptor), at most 64 KiB; a final newline is cut. Files under CREDENTIALS_DIRECTORY (systemd)
 * may also be group readable. Adds to out.
 */
bool file_read_secret(const char *path, struct buf *out, struct error *err);

/* Whether file_read_secret would refuse it for who may read it; nothing is read. What cannot be looked at passes. */
bool file_secret_is_private(const char *path, struct error *err);

/* Whether nobody but its owner may write to what holds the queue, a file or a directory. What cannot be looked at passes. */
bool file_is_owners_to_write(const char *path, struct error *err);

/* Writes all of it. False: errno says why. */
bool file_write(int fd, const void *bytes, size_t length);

/* Brings the names in a directory to disk, without which a power cut takes a new file whole. */
bool file_sync_directory(const char *directory, struct error *err);

/* Replaces path by a new file: temporary name, write, fsync, rename, fsync of the directory. */
bool file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct error *err);

/*
 * The paths ("DIRECTORY/NAME") of what lies in a directory and whose name ends in 'suffix', by name, but those that
 * begin with '.'; at most 'most'. directory may end in '/'. In arena.
 */
bool file_list(const char *directory, const char *suffix, size_t most, struct arena *arena, const char ***ret_paths,
               size_t *ret_count, struct error *err);

/* Whether a name is one that file_list gives. */
bool file_is_listed(const char *name, const char *suffix);

/* mkdir -p, each new directory with this mode. */
bool file_make_directories(const char *path, mode_t mode, struct error *err);

/* "dir/name" unless name is absolute. The caller frees it. */
char *file_join(const char *directory, const char *name);

/* The directory part of a path, "." if there is none. The caller frees it. */
char *file_directory(const char *path);

/* The path of 'to' as a file 'from' links to it: "../media/a.png". Both paths begin at the same place. The caller frees it. */
char *file_link(const char *from, const char *to);

#endif
