/*
 * pending: calls whose answer comes later, named by a number that may outlive them.
 *
 * What is called back long after (a reload, a live check) is given the number in place of the call: when the
 * call, or the whole control endpoint, is gone, the number names nothing and the callback has nothing to do.
 */
#ifndef CALD_PENDING_H
#define CALD_PENDING_H

#include "control/call.h"

/* Marks the call as pending; the result is for pending_take. */
void *pending_begin(struct call *call);

/* The call; NULL when it has ended. */
struct call *pending_call(void *context);

/* The same, once; NULL when it has ended. The caller answers it and calls pending_end. */
struct call *pending_take(void *context);
void pending_end(struct call *call);

/* The call ends (answered or not): its number names nothing any more. */
void pending_forget(const struct call *call);

#endif
