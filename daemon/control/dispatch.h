/*
 * dispatch: from a request to its handler: guards, route, role, parameters, idempotency, transaction.
 */
#ifndef CALD_DISPATCH_H
#define CALD_DISPATCH_H

#include "control/call.h"

/* The two callbacks of the server. */
bool dispatch_begin(struct call *call);
void dispatch_handle(struct call *call);

/* The way by which it came, for the audit trail: "socket", "tcp 127.0.0.1". In its arena. */
const char *dispatch_came_by(const struct call *call);

/* The end of a call that was pending: what a POST answered is remembered under its key. */
void dispatch_finish(struct call *call);

#endif
