/*
 * oauth1: signs requests as OAuth 1.0a has it (RFC 5849) with HMAC-SHA1. Pure: the time and the nonce are
 * given from outside, so that a step made twice is the same.
 */
#ifndef CALD_OAUTH1_H
#define CALD_OAUTH1_H

#include "network/driver.h"

struct oauth1 {
    const char *consumer_key, *consumer_secret; /* of the application ("client credentials") */
    const char *token, *token_secret;           /* of the user ("token credentials"); NULL: none yet */
};

/*
 * The signature base string (section 3.4.1) of a request: its method, its address, its query, the pairs of
 * its body when that is a form (Content-Type application/x-www-form-urlencoded), and the pairs of the
 * protocol ("oauth_nonce" …; without "oauth_signature" and "realm"; not encoded). JSON and multipart bodies
 * are not part of it. In arena.
 */
const char *oauth1_base(const struct request *request, const struct driver_pair *protocol, size_t count,
                        struct arena *arena);

/* HMAC-SHA1 of base with both secrets, in base64 (section 3.4.2). In arena. */
const char *oauth1_signature(const char *base, const char *consumer_secret, const char *token_secret,
                             struct arena *arena);

/*
 * Adds the header Authorization (section 3.5.1). Method, URL, Content-Type and a form body must be there
 * already. timestamp: Unix seconds.
 */
void oauth1_sign(struct request *request, const struct oauth1 *who, const char *nonce, int64_t timestamp,
                 struct arena *arena);

/*
 * Signs a step of a job. The time is the job's; the nonce is made of the delivery's key and memo, the time,
 * the method and the address: always the same for the same job, and never for two requests, since the memo
 * moves with each that was answered, and the time with each that was not.
 */
void oauth1_sign_step(const struct job *job, struct step *step, const struct oauth1 *who,
                      struct arena *arena);

/* The same with the four values as accounts have them: the option 'consumer_key', the secrets 'consumer_secret',
 * 'access_token' and 'access_token_secret'. */
void oauth1_sign_account(const struct job *job, struct step *step, struct arena *arena);

#endif
