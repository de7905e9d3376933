/*
 * adding: a spontaneous post that comes in by the API: read as an entry of the calendar is, timed, judged,
 * and stored. Alone, or with many others in one request (struct company).
 */
#ifndef CALD_ADDING_H
#define CALD_ADDING_H

#include "control/judge.h"

struct adding {
    struct call *call; /* its JSON is the post's */
    struct judge judge;
    const struct post *post;
    const char *id, *slot_name; /* slot_name NULL: not through a slot */
    instant at;
};

/* Whether it may come in, and when; made_id: its id if it says none. False: answered. */
bool adding_judge(struct adding *adding, struct call *call, const char *made_id);

/* What is to be stored, one for each of its accounts (post->target_count). */
struct wanted *adding_wanted(const struct adding *adding);

/* Stores that, and what was overridden, in the open transaction. */
bool adding_store(struct call *call, const struct wanted *wanted, size_t count,
                  const struct override *override, const struct diags *diags, struct error *err);

#endif
