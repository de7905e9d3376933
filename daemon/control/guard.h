/*
 * guard: which requests are not even looked at: ambiguous framing, a browser led astray, unlabelled bodies.
 *
 * Pure. Each function answers the call and returns false when it refuses.
 */
#ifndef CALD_GUARD_H
#define CALD_GUARD_H

#include "control/call.h"
#include "settings.h"

enum { GUARD_BODY = 1 << 20, GUARD_BATCH = 8 << 20, GUARD_UPLOAD = 32 << 20, GUARD_TARGET = 8192, GUARD_VALUE = 8192 };

/* Doubled Host, Content-Length and the like, Transfer-Encoding, controls in headers. */
bool guard_framing(struct call *call);

/* On TCP: Host must be the listener's own address, localhost on a loopback one, or one of the settings'
 * hosts. */
bool guard_host(struct call *call, const struct settings *settings);

/* Requests that a page of another site made: foreign Origin or Sec-Fetch-Site. */
bool guard_origin(struct call *call);

enum guard_body {
    GUARD_JSON,  /* at most 1 MiB */
    GUARD_FILE,  /* 32 MiB */
    GUARD_POSTS, /* JSON, or lines of it (application/x-ndjson); 8 MiB */
};

/* POST and PATCH carry what is expected and say so, also when empty: a form of another site cannot. Others carry
 * nothing. */
bool guard_body(struct call *call, enum guard_body kind);

/* The length that Content-Length states, 0 without one. */
int64_t guard_length(const struct call *call);

#endif
