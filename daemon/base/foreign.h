/*
 * foreign: files that people have and no network takes: what one is, by its first bytes, and what to do with it.
 */
#ifndef CALD_FOREIGN_H
#define CALD_FOREIGN_H

#include <stddef.h>

/* "is an HEIC photo, …: export it as JPEG", to follow the file's name; NULL: it is not known. */
const char *foreign_kind(const void *head, size_t length);

#endif
