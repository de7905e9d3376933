/*
 * jwt: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515 section 7.1, signed with a shared secret.
 */
#ifndef CALD_JWT_H
#define CALD_JWT_H

#include <stddef.h>

#include "base/arena.h"

/* header and payload are JSON texts, taken byte by byte; the header must say "alg": "HS256". In arena. */
const char *jwt_hs256(const char *header, const char *payload, const void *key, size_t key_length,
                      struct arena *arena);

#endif
