/*
 * file_hash: SHA-256 of an open file; of a large one remembered while the file is what it was.
 *
 * A film is hashed when it is planned and asked for again before each piece of it is sent. As long as device,
 * inode, size and both times (of its content, of its inode) are the same, so are its bytes: only who may set
 * the system's clock can make it otherwise. A change within the last moments may have left no trace in the
 * times: then nothing is remembered. Safe on any thread.
 */
#ifndef CALD_FILE_HASH_H
#define CALD_FILE_HASH_H

#include "base/hash.h"

enum { FILE_HASH_LARGE = 4 << 20 }; /* what is smaller is hashed each time */

/* False: reading failed (errno). The descriptor's position is anywhere afterwards. */
bool file_hash(int fd, char ret_hex[SHA256_HEX], int64_t *ret_size);

#endif
