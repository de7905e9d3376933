/*
 * plan_silence: the days of a calendar on which series and slots have no times. For plan*.c and check*.c only; what
 * they leave out is told by plan.h.
 */
#ifndef CALD_PLAN_SILENCE_H
#define CALD_PLAN_SILENCE_H

#include "editorial/calendar.h"

struct silence {
    const struct key_date *key_date;
    instant from, until;
};

/* Those of all silent key dates, in the order of the calendar. Returns how many; in arena. */
size_t silence_find(const struct calendar *calendar, struct arena *arena, struct silence **ret_silences);
bool silence_has(const struct silence *silences, size_t count, instant t);

#endif
