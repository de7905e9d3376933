/*
 * ics: iCalendar text (RFC 5545): one VEVENT a delivery. Pure; /calendar.ics and 'calctl export' are written by it.
 */
#ifndef CALD_ICS_H
#define CALD_ICS_H

#include "base/buf.h"
#include "queue/queue.h"

void ics_begin(struct buf *out, const char *name);
/* installation: queue_installation, so that no other one's events have the same UID (RFC 5545 section 3.8.4.7); url may be
 * NULL. Looks at post_id, account, state, slot, published, deleted, updated, version, bucket, message and
 * content. */
void ics_add(struct buf *out, const struct delivery *delivery, const char *installation, const char *url);
void ics_end(struct buf *out);

/* One content line: name, ':' and the value, escaped as TEXT and folded at 75 bytes between characters. */
void ics_text(struct buf *out, const char *name, const char *value);

#endif
