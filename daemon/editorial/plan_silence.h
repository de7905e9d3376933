/*
 * plan_silence: the days of a calendar on which series and slots have no times. For plan*.c only.
 */
#ifndef CALD_PLAN_SILENCE_H
#define CALD_PLAN_SILENCE_H

#include "editorial/calendar.h"

struct silence {
    instant from, until;
};

size_t silence_find(const struct calendar *calendar, struct arena *arena, struct silence **ret_silences);
bool silence_has(const struct silence *silences, size_t count, instant t);

#endif
