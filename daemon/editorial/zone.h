/*
 * zone: IANA time zones as values (RFC 9636 TZif), and civil time ↔ instant.
 *
 * A zone is made from the bytes of a TZif file; who reads the file is not known here. TZ in the
 * environment is never looked at. Right to the year 2100 and beyond: after the last listed change the
 * rule in the footer (a POSIX TZ string) goes on.
 */
#ifndef CALD_ZONE_H
#define CALD_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"

/* A wall-clock time without a zone; also carries a date alone (hour, minute, second 0). */
struct civil {
    int year;              /* 1..9999 */
    int month, day;        /* 1..12, 1..31 */
    int hour, minute, second;
};

enum civil_fold {          /* what became of a civil time when a zone was applied */
    CIVIL_PLAIN,           /* it exists once */
    CIVIL_GAP,             /* it does not exist: moved forward by the length of the gap */
    CIVIL_OVERLAP,         /* it exists twice: the first is taken */
};

struct zone;

/* Makes a zone from a TZif file's bytes; bounded, refuses what RFC 9636 does not allow. Lives in arena. */
const struct zone *zone_from_tzif(struct arena *arena, const char *name, const void *bytes, size_t length,
                                  struct error *err);

const char *zone_name(const struct zone *zone);

/* The offset from UTC in seconds (east positive) at an instant. */
int zone_offset(const struct zone *zone, instant t);

/* Civil → instant, by RFC 5545 section 3.3.5: of two equal times the first, in a gap forward by the gap. */
/* NULL allowed */
instant zone_instant(const struct zone *zone, const struct civil *civil, enum civil_fold *ret_fold);

/* Instant → civil. */
struct civil zone_civil(const struct zone *zone, instant t);

/* A name that may be a zone: letters, digits, + - _ /, no leading '/', no '..', at most 64 bytes. */
bool zone_name_is_safe(const char *name);

/* "2026-03-27T02:30:00" and "+01:00" ("+01:00:36" where seconds exist). */
char *civil_format(const struct civil *civil, char *ret_text, size_t size); /* size >= 32 */
char *offset_format(int seconds, char *ret_text);                           /* at least 16 bytes */

/* "2026-03-27", "2026-03-27 02:30", with 'T' or blank, with or without seconds; strict, dates checked. */
bool civil_parse(const char *text, struct civil *ret_civil, bool *ret_has_time);

int civil_compare(const struct civil *a, const struct civil *b);
int civil_weekday(const struct civil *civil);                              /* 0 Monday .. 6 Sunday */
struct civil civil_add_days(const struct civil *civil, int days);

/* Seconds from 1970-01-01 00:00 to a civil time on the same wall clock, and
 * back: to count and compare with. */
int64_t civil_seconds(const struct civil *civil);
struct civil civil_from_seconds(int64_t seconds);

#endif
