/*
 * token: whose requests an account makes, on networks where it has either a token that a person made in the
 * network's own pages (the secret 'token'), or a client of OAuth 2 ('client_id', 'client_secret') with a
 * login that the session keeps (oauth2.h).
 */
#ifndef CALD_TOKEN_H
#define CALD_TOKEN_H

#include "network/oauth2.h"

/* Whether the account logs in, rather than having a token. */
bool token_is_from_login(const struct account *account);

/* As 'check_account': one of the two ways, and whole. */
bool token_check_account(const struct account *account, struct error *err);

/* As oauth2_session_step; always false with a token of cald.yaml. */
bool token_session_step(const struct job *job, const struct oauth2 *client, struct arena *arena,
                        struct step *ret_step);

/* "Authorization: Bearer …" */
void token_authorize(const struct job *job, struct request *request, struct arena *arena);

/* After a 401: the login is renewed or must be made again (oauth2_unauthorized); a token of cald.yaml must be
 * replaced: REFUSED of the account, reconnect. 'said' are their words, or NULL. */
void token_unauthorized(const struct job *job, const struct step *step, const char *said, struct arena *arena,
                        struct outcome *ret_outcome);

/* Changes with the address, the client and the token of cald.yaml: what was asked for another is not used. */
const char *token_fingerprint(const struct job *job, const char *url, struct arena *arena);

#endif
