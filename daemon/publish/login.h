/*
 * login: an account gets new credentials, in two steps with a person between them.
 *
 * begin says what the person has to do (open an address and bring back a code, or type in a secret). finish
 * takes what was brought, gets the credentials with it, asks the network who they belong to, and only then
 * stores them: in the file that cald.yaml names, or in the account's session. Until that moment the old ones
 * stay and are used. A login that was begun is good for once and for LOGIN_FOR; an account has one at a time,
 * a newer one ends it.
 *
 * cald stores what it gets, because it must be able to read it: a file of its own user, mode 0600. What
 * systemd hands over as a credential it cannot write, and says so before anybody is asked for anything. No
 * secret is in a result.
 */
#ifndef CALD_PUBLISH_LOGIN_H
#define CALD_PUBLISH_LOGIN_H

#include "base/clock.h"
#include "base/error.h"
#include "publish/publish.h"

#define LOGIN_FOR MINUTES(15)

struct login_result {
    bool ok;
    const char *message; /* !ok: why not, complete. At the end: who we are ("@alice") */

    /* what begin asks for */
    const char *id;       /* for finish */
    const char *ask;      /* "code" or "secret" */
    const char *url;      /* to open, of a code */
    const char *redirect; /* where that leads back to; NULL: the network shows the code */
    const char *state;    /* what must come back with the code where it comes by the redirect */
    const char *what;     /* the secret: "app password" */
    const char *where;    /* how a person gets at it */
    instant until;

    /* what finish did */
    const char *stored;  /* where: a path */
    const char *missing; /* permissions that were asked for and not given; NULL: none */
    instant ends;        /* when it must be done again; 0: nobody said */
};

typedef void login_done(void *context, const struct login_result *result);

/*
 * redirect: an address on the person's machine (http://127.0.0.1:PORT/) where somebody waits for the code, or
 * NULL; taken only where the network lets the port be any. done is called once, with what lives until it
 * returns.
 */
void publisher_login_begin(struct publisher *publisher, const char *account, const char *redirect,
                           login_done *done, void *context);

/* answer: the code or the secret. state: as it came back, NULL where a person typed the code alone. who: for
 * the history. */
void publisher_login_finish(struct publisher *publisher, const char *account, const char *id,
                            const char *answer, const char *state, const char *who, login_done *done,
                            void *context);

/*
 * Forgets the credentials, file and session; what waits for the account waits on. Where the network can be
 * told it is told, as well as may be. In no transaction. ret_what: what was done, in arena.
 */
bool publisher_logout(struct publisher *publisher, const char *account, const char *who, struct arena *arena,
                      const char **ret_what, struct error *err);

/* Why the account waits for a login, or NULL. In arena. */
const char *publisher_login_needed(const struct publisher *publisher, const char *account,
                                   struct arena *arena);

/* What of the account's options ends soon, or has ended (struct network: ends): a sentence in arena, or NULL. */
const char *publisher_ending(const struct publisher *publisher, const char *account, struct arena *arena);

/* When it must log in again, where that is known: 0 else; and whether that is near (warn_before). */
instant publisher_login_ends(const struct publisher *publisher, const char *account, bool *ret_near);

#endif
