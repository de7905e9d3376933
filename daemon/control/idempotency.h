/*
 * idempotency: the header Idempotency-Key of POST: the same request again gets the same answer, for a day.
 * (draft-ietf-httpapi-idempotency-key-header)
 */
#ifndef CALD_IDEMPOTENCY_H
#define CALD_IDEMPOTENCY_H

#include "control/call.h"

/*
 * Goes on (true) where there is no key or it is new. Else the call has been answered: with what was answered
 * before, or 422 when the key belonged to another request. Keys of different people are different keys.
 */
bool idempotency_check(struct call *call);

/* Remembers the answer in the open transaction; true where there is no key. */
bool idempotency_remember(struct call *call, struct error *err);

#endif
