/*
 * when: what `calctl when` answers: at which instants a start, or a rule from that start on, falls in a zone.
 */
#ifndef CALD_CLI_WHEN_H
#define CALD_CLI_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/error.h"

struct when_query {
    const char *zone;           /* "Europe/Paris" */
    const char *start;          /* "2026-03-27T02:30", with or without seconds, 'T' or blank */
    const char *rrule;          /* without "RRULE:"; NULL: the start alone */
    const char *const *exdates; /* civil times like start, or dates for whole days */
    size_t exdate_count;
    size_t count;               /* at most so many; 0: all if the rule ends (COUNT, UNTIL), else 10 */
};

enum { WHEN_DEFAULT_COUNT = 10, WHEN_MOST = 10000 };

/*
 * An array of {"local": "2026-03-27T02:30:00", "offset": "+01:00", "utc": "2026-03-27T01:30:00Z"}, ascending.
 * "local" is where it really falls, after a gap has moved it. Reads the zone from the system's tzdata. The
 * array is the caller's to json_decref.
 */
bool when_answer(const struct when_query *query, struct arena *arena, json_t **ret_array, struct error *err);

#endif
