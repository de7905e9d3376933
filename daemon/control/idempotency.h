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

/* Likewise how much of the request is stored, which ends with this transaction but is not all of it: the same request
 * again is given that as call->stored, and no answer. */
bool idempotency_note_stored(struct call *call, size_t stored, struct error *err);

#endif
