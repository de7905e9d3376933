/*
 * oauth2: the client's side of OAuth 2 (RFC 6749) with PKCE (RFC 7636): the address a person opens, the
 * requests to the token endpoint, and what its answers mean. Pure; no network is known here by name.
 *
 * What a login gives is kept in the account's session under "login":
 *   {"client_id", "client_secret" where the server gave us one (RFC 7591 or Mastodon's own way),
 * "access_token", "refresh_token", "scope", "made_at", "expires_at" (absent: never told),
 * "refresh_expires_at", "expired"} Drivers whose token belongs into a secret of cald.yaml (Mastodon) get it
 * from there instead, and have only the client in "login".
 *
 * Refresh tokens may be good for one use. So there is one refresher an account (the publisher has one
 * STEP_SESSION at a time), a refresh leaves once, and its answer is on disk before anything else of the
 * account is begun (publish/session.h). A refresh whose answer is lost is tried again with the old token:
 * either it was never used, or the account must log in again, and says so.
 */
#ifndef CALD_OAUTH2_H
#define CALD_OAUTH2_H

#include "network/outcome.h"

struct oauth2 {                /* one client at one service; made by the driver for an account */
    const char *authorize_url; /* what a person opens; may have a query */
    const char *token_url;
    const char *revoke_url; /* RFC 7009; or NULL */
    const char
        *register_url;     /* POST client_name, redirect_uris, scopes → client_id, client_secret; or NULL */
    const char *client_id; /* NULL: it is to be registered first */
    const char *client_secret; /* NULL: a public client */
    const char *scopes;        /* what is asked, between spaces, or commas where the service wants them */
    const char *extra;         /* more of the authorization's query, encoded; or NULL */
    const char *token_extra;   /* more of the forms for a code and a refresh, encoded; or NULL */
    const char *redirect_url;  /* where the person comes back to, as registered with the service … */
    const char *show_url;      /* … or the address that makes the service show the code; or NULL */
    bool any_port;             /* any port of 127.0.0.1 is a good redirect (RFC 8252 section 7.3) */
    bool basic;                /* the client's secret is sent by HTTP Basic, not in the form */
    bool pkce;
};

/* code_challenge of a verifier by method S256 (RFC 7636 section 4.2). In arena. */
const char *oauth2_challenge(const char *verifier, struct arena *arena);

/* 32 bytes of chance as a verifier (section 4.1) or a state: 43 characters. In arena. */
const char *oauth2_token_text(const unsigned char bytes[32], struct arena *arena);

/* What a person opens. verifier is only used with PKCE. In arena. */
const char *oauth2_authorize_url(const struct oauth2 *client, const char *redirect, const char *state,
                                 const char *verifier, struct arena *arena);

/* Requests, as STEP_SESSION: registering the client; the code for tokens (section 4.1.3); a refresh (6). */
void oauth2_register_step(const struct oauth2 *client, const char *const *redirects, size_t count,
                          struct arena *arena, struct step *ret_step);
void oauth2_code_step(const struct oauth2 *client, const char *code, const char *redirect,
                      const char *verifier, struct arena *arena, struct step *ret_step);
void oauth2_refresh_step(const struct oauth2 *client, const char *refresh_token, struct arena *arena,
                         struct step *ret_step);
void oauth2_revoke_step(const struct oauth2 *client, const char *token, struct arena *arena,
                        struct step *ret_step);

/*
 * Reads an answer of the token endpoint (sections 5.1, 5.2). What it gives is the new "login": 'before' (or
 * NULL) with everything that the answer changes; a refresh token that is not given anew stays. In arena.
 * NULL: outcome says why: REFUSED of the account with reconnect where a person must log in again or correct
 * the client, RETRY else.
 */
json_t *oauth2_read(const struct step *step, const struct response *response, const json_t *before,
                    instant now, struct arena *arena, struct outcome *ret_outcome);

/* The same of a registration: {"client_id", "client_secret"}. */
json_t *oauth2_read_client(const struct step *step, const struct response *response, instant now,
                           struct arena *arena, struct outcome *ret_outcome);

/* Those of the scopes asked (between spaces or commas) that were not granted (NULL: nothing was said),
 * between spaces; NULL: all were. In arena. */
const char *oauth2_lacks(const char *asked, const char *granted, struct arena *arena);

/* The same of a client and its login. */
const char *oauth2_missing(const struct oauth2 *client, const json_t *login, struct arena *arena);

/* ---- in a driver: the session's login ---- */

/* What is there of a login, or NULL; "login" of the session. */
json_t *oauth2_login(const json_t *session);

/*
 * The step that must come before any other: a refresh where the access token is about to end, or a STEP_LOCAL
 * "login" where there is none (the publisher does not ask then, see network/login.h). False: the token is
 * good. Refreshed as late as is safe: when less than five minutes (or a tenth of its life, if that is less)
 * are left of it at the slot.
 */
bool oauth2_session_step(const struct job *job, const struct oauth2 *client, struct arena *arena,
                         struct step *ret_step);

/* Reads what oauth2_session_step asked. NEXT with the new session, or why not. */
void oauth2_session_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome);

/* "Authorization: Bearer …" */
void oauth2_authorize(const struct job *job, struct request *request, struct arena *arena);

/*
 * After a 401 to a request with the access token: NEXT with a session whose token counts as expired, so that
 * it is refreshed once (or just NEXT: it was renewed meanwhile); REFUSED with reconnect when it was made
 * within the last minute, or cannot be refreshed. 'said' are their words, or NULL.
 */
void oauth2_unauthorized(const struct job *job, const struct step *step, const char *said,
                         struct arena *arena, struct outcome *ret_outcome);

#endif
