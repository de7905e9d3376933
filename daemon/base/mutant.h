/*
 * mutant: where much depends on many small circumstances, one build for tests forgets any of them: FORGETS("frame") is
 * whether CALD_FORGETS in its environment is "frame". Elsewhere it is false, and no code.
 */
#ifndef CALD_MUTANT_H
#define CALD_MUTANT_H

#include <stdbool.h>

#ifdef CALD_MUTANT_FORGETFUL
#include <stdlib.h>
#include <string.h>

static inline bool mutant_forgets(const char *what)
{
    const char *forgotten = getenv("CALD_FORGETS");
    return forgotten && !strcmp(forgotten, what);
}
#define FORGETS(what) mutant_forgets(what)
#else
#define FORGETS(what) false
#endif

#endif
