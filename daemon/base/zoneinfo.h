/*
 * zoneinfo: the system's time zones as files: /usr/share/zoneinfo, or the directory that TZDIR names.
 */
#ifndef CALD_ZONEINFO_H
#define CALD_ZONEINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct arena;
struct buf;

/* Letters, digits, '+', '-', '_' and '/' between words; no '/' at an end or doubled, at most 64 bytes. */
bool zoneinfo_name_is_safe(const char *name);

/*
 * Adds the TZif bytes (at most 256 KiB) of a zone to out. An unknown name is refused with the nearest
 * one: "unknown time zone 'Europe/Pari', did you mean 'Europe/Paris'?".
 */
bool zoneinfo_read(const char *name, struct buf *out, struct error *err);

/* The file that a zone is read from, links resolved: to be watched. NULL if
 * there is none. The caller frees it. */
char *zoneinfo_path(const char *name);

/* The names of all zones and links that tzdata's list (tzdata.zi) has, in arena; 0 when it is missing. */
size_t zoneinfo_names(struct arena *arena, const char *const **ret_names);

#endif
