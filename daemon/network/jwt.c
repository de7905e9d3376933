/* See jwt.h. It signs, and verifies nothing: nobody sends us tokens. */
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "network/jwt.h"

const char *jwt_hs256(const char *header, const char *payload, const void *key, size_t key_length,
                      struct arena *arena)
{
    uint8_t digest[HMAC_SHA256_BYTES];
    struct buf token = {0};
    buf_add_base64url(&token, header, strlen(header));
    buf_add_char(&token, '.');
    buf_add_base64url(&token, payload, strlen(payload));
    hmac_sha256(key, key_length, token.data, token.length, digest);
    buf_add_char(&token, '.');
    buf_add_base64url(&token, digest, sizeof digest);
    const char *text = arena_strdup(arena, buf_text(&token));
    buf_release(&token);
    return text;
}
