/*
 * session: what an account's session steps returned (tokens, limits of its server), kept in
 * STATE/sessions/ACCOUNT.json.
 *
 * Not in the database: it holds secrets. The files are 0600 in a directory 0700; what looks like a secret in
 * them (by the name of its member) is told to the log before anything else can print it.
 */
#ifndef CALD_SESSION_H
#define CALD_SESSION_H

#include <jansson.h>

#include "base/error.h"
#include "settings.h"

/* The stored session, or an empty object if there is none or it cannot be used (then it is logged). A new
 * reference. */
json_t *session_load(const char *state_directory, const char *account);

/* Replaces it, synced. */
bool session_save(const char *state_directory, const char *account, const json_t *session, struct error *err);

/* Tells the log what in it looks like a secret. */
void session_tell_secrets(const json_t *session);

/* Forgets it: another's credentials must not be used with this session. */
void session_remove(const char *state_directory, const char *account);

/* A short fingerprint of an account's options and secrets: changes when it is configured anew. Not
 * reversible. */
#define FINGERPRINT 17
char *account_fingerprint(const struct account *account, char ret_text[FINGERPRINT]);

#endif
