/*
 * tzif: the bytes of a compiled time zone (RFC 9636), versions 1 to 4, read strictly.
 *
 * Refused: counts and sizes that do not fit, times that do not ascend, indexes that lead nowhere, offsets
 * beyond -24:59:59 .. +25:59:59, a footer that is no rule or that contradicts the last change, bytes
 * after the footer, and zones that count leap seconds ("right/…"), which our instants do not.
 */
#ifndef CALD_TZIF_H
#define CALD_TZIF_H

#include "base/arena.h"
#include "base/error.h"
#include "editorial/zone_rule.h"

struct zone_change {
    int64_t at; /* seconds since 1970 UTC */
    int offset; /* seconds east of UTC from then on */
};

struct tzif {
    int first_offset; /* before the first change */
    size_t count;
    struct zone_change *changes; /* ascending */
    bool has_rule;               /* what holds after the last change */
    struct zone_rule rule;
};

bool tzif_read(struct arena *arena, const void *bytes, size_t length, struct tzif *ret_file,
               struct error *err);

#endif
