/*
 * reload: what came of applying documents, as the API shows it.
 */
#ifndef CALD_CONTROL_RELOAD_H
#define CALD_CONTROL_RELOAD_H

#include <jansson.h>

#include "schedule.h"

/* Of a report that was applied. A new reference. */
json_t *reload_to_json(const struct schedule_report *report);

#endif
