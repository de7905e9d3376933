/*
 * login: how an account gets its credentials with 'calctl login', as a row of facts that its driver has; and
 * what is known of how long they last. Pure. What is asked and stored is publish/login.h's matter.
 */
#ifndef CALD_LOGIN_H
#define CALD_LOGIN_H

#include "network/network.h"
#include "network/oauth2.h"

/*
 * How a driver states its logins: a table of its own, named in 'logins' of its struct network, whose last row
 * is {0}. The first row whose 'used' says so is the account's; a network with one way has one row without
 * 'used'. What is typed in (LOGIN_SECRET) takes four members, of which the driver needs no more than its own
 * 'verify':
 *
 *     static const struct login logins[] = {
 *         {.kind = LOGIN_SECRET,
 *          .secret = "token",                       an OPTION_SECRET of its table of options
 *          .what = "bot token",                     the prompt
 *          .where = "@BotFather, /newbot; then make the bot an administrator of the channel"},
 *         {0},
 *     };
 *
 * OAuth 2 (LOGIN_CODE) takes 'client', which fills oauth2.h's struct from the account. Where 'secret' names
 * an option, the access token goes there and the driver reads it by account_secret, as if a person had put it
 * there (mastodon.c); where it is NULL the whole answer is kept in the session under "login", and the driver
 * calls oauth2_session_step before anything else, oauth2_authorize on each request, and oauth2_unauthorized
 * after a 401 (x_session.c); it then sets keeps_session. 'verify' is asked with the new credentials before
 * they are stored.
 */
enum login_kind {
    LOGIN_NONE,   /* the end of a table */
    LOGIN_SECRET, /* a person makes it in the network's own settings and types it in */
    LOGIN_CODE,   /* OAuth 2: a person agrees in a browser, and brings back a code */
};

struct login {
    enum login_kind kind;
    const char *secret; /* the option that holds what it gives; NULL: it is kept in the session ("login") */
    const char *what;   /* LOGIN_SECRET: for the prompt: "app password" */
    const char *where;  /* how a person gets it, or what must be there first: a sentence without full stop */
    bool (*used)(const struct account *account); /* whether this account logs in so; NULL: always */
    /* LOGIN_CODE: the client and the service. What an earlier registration gave is in job->session. */
    void (*client)(const struct job *job, struct arena *arena, struct oauth2 *ret_client);
};

/* For 'used', and for drivers: cald.yaml says where a 'password' is, instead of a token. */
bool login_by_password(const struct account *account);

/* How this account logs in, or NULL: it needs no login, or has its credentials in another way. */
const struct login *login_of(const struct account *account);

/* Why nothing can be done before somebody logs in, with what to do: for a brake and for a person; NULL: there
 * are credentials, whether good or not. In arena. */
const char *login_needed(const struct account *account, const json_t *session, instant now,
                         struct arena *arena);

/* When the credentials end unless somebody logs in again; 0: nobody said. */
instant login_ends(const struct account *account, const json_t *session);

#endif
