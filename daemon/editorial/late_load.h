/*
 * late_load: 'late' as a map of a document.
 */
#ifndef CALD_LATE_LOAD_H
#define CALD_LATE_LOAD_H

#include "base/bind.h"
#include "editorial/late.h"

extern const struct field late_fields[]; /* into struct late_policy */
enum { LATE_FIELDS = 2 };

#endif
