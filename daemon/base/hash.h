/*
 * hash: SHA-256, HMAC and random bytes (libcrypto).
 */
#ifndef CALD_HASH_H
#define CALD_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65 /* 64 digits and NUL */

char *sha256_hex(const void *bytes, size_t length, char ret_hex[SHA256_HEX]);

/* The digest itself. */
#define SHA256_BYTES 32
void sha256_bytes(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES]);

/* HMAC (RFC 2104) with SHA-1, which OAuth 1.0a prescribes, and with SHA-256. */
#define HMAC_SHA1_BYTES 20
#define HMAC_SHA256_BYTES 32
void hmac_sha1(const void *key, size_t key_length, const void *bytes, size_t length,
               uint8_t ret_digest[HMAC_SHA1_BYTES]);
void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                 uint8_t ret_digest[HMAC_SHA256_BYTES]);

/* Of everything still to be read from fd, and how much that was. False if reading fails (errno). */
bool sha256_fd(int fd, char ret_hex[SHA256_HEX], int64_t *ret_size);

/* From the system's generator; ends the process if there is none. */
void random_bytes(void *ret_bytes, size_t length);

/* For tests that a seed repeats: another source; NULL: the system's again. Before other threads start. */
typedef void random_source(void *ret_bytes, size_t length);
void random_use(random_source *source);

/* length lower-case hex digits and NUL: 4 bits each. */
char *random_hex(char *ret_text, size_t length);

/* Whether two texts are the same, in time that does not depend on where they differ. */
bool same_secret(const char *a, const char *b);

/* FNV-1a over what comes one after the other, from FNV_START on: to find things, not to trust them. NULL is
 * another text than "". */
#define FNV_START UINT64_C(0xcbf29ce484222325)
uint64_t fnv_bytes(uint64_t hash, const void *bytes, size_t length);
uint64_t fnv_text(uint64_t hash, const char *text);

#endif
