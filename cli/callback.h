/*
 * callback: what comes back from a login in a browser: a code, and the state that shows that it is ours; by a
 * request to a listener on this machine's own 127.0.0.1 (RFC 8252 section 7.3), or as the address that a
 * person pastes.
 */
#ifndef CALCTL_CALLBACK_H
#define CALCTL_CALLBACK_H

#include <stdbool.h>

#include "base/arena.h"

struct callback {
    const char *code;  /* or NULL */
    const char *state; /* or NULL: a person pasted the code alone */
    const char *error; /* what the network says instead: "access_denied"; or NULL */
};

/* Listens on 127.0.0.1 at the port (0: the kernel chooses one, see ret_port). The descriptor, or -1 (errno).
 */
int callback_listen(int port, int *ret_port);

/* Takes one connection and answers it with a page for the person. False: it brought no code, or one with
 * another state, and the listener goes on. A browser that is slow or sends much is cut off. */
bool callback_take(int listener, const char *state, struct arena *arena, struct callback *ret_callback);

/* What a person pasted: the whole address, or the code alone. */
struct callback callback_read(const char *pasted, struct arena *arena);

#endif
