/*
 * view: rows of the queue as the JSON that the API shows. Pure.
 */
#ifndef CALD_VIEW_H
#define CALD_VIEW_H

#include <jansson.h>

#include "editorial/calendar.h"
#include "queue/alerts.h"
#include "queue/audit.h"
#include "queue/queue.h"

/* Instants: RFC 3339 in UTC; INSTANT_NEVER and 0 are null. */
void view_instant(json_t *object, const char *name, instant at);
void view_text(json_t *object, const char *name, const char *text); /* NULL is null */

/* "2026-12-01T09:00:00+01:00": civil time in the zone with its offset. size >= 48. */
char *local_format(const struct zone *zone, instant at, char *ret_text, size_t size);

/* calendar: for the zone, and for what its entry says that the queue does not keep. */
json_t *delivery_to_json(const struct delivery *delivery, const struct calendar *calendar);

/* The entity tag of a post: the versions of its deliveries. In arena. */
const char *post_tag(struct delivery *const *deliveries, size_t count, struct arena *arena);

/* As queue/audit.h describes it, and "local", which is not part of its hash. */
json_t *entry_to_json(const struct audit_entry *entry, const struct zone *zone);
json_t *event_to_json(const struct event *event, const struct zone *zone);
/* has_way: which ways the hook has now. */
json_t *alert_to_json(const struct alert *alert, const bool has_way[ALERT_WAYS], const struct zone *zone);
json_t *attempt_to_json(const struct attempt *attempt, const struct zone *zone);

#endif
