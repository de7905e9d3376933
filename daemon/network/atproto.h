/*
 * atproto: the small syntaxes of the AT Protocol (atproto.com/specs) that must be checked before a text
 * from a response is stored or sent, and record keys.
 */
#ifndef CALD_ATPROTO_H
#define CALD_ATPROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

bool did_is_valid(const char *text);    /* "did:plc:…", at most 512 bytes here (the specification: 2048) */
bool handle_is_valid(const char *text); /* "alice.example.org", any case */
bool cid_is_valid(const char *text);    /* CIDv1 in base32, as records and blobs have: "bafy…" */
bool tid_is_valid(const char *text);

/* A token that may stand in a header: base64url parts joined by dots, at most 8 KiB. */
bool jwt_is_valid(const char *text);

/*
 * How long a token lives: its 'exp' less its 'iat', so that a clock that differs from ours does no harm.
 * The signature is not checked: the token is only ever given back to who made it. False when it does not say.
 */
bool jwt_lifetime(const char *jwt, duration *ret_lifetime);

/* The TID of an instant in microseconds (0 to 2^53 - 1) and a clock id (10 bits): 13 characters. */
#define TID_TEXT 14
char *tid_make(uint64_t microseconds, unsigned clock_id, char ret_text[TID_TEXT]);

#endif
