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
    /* Whether this account logs in so; NULL: where cald.yaml names a place for 'secret', or there is none. */
    bool (*used)(const struct account *account);
    /* LOGIN_CODE: the client and the service. What an earlier registration gave is in job->session. */
    void (*client)(const struct job *job, struct arena *arena, struct oauth2 *ret_client);

    /*
     * Steps between what a person brought and what the account uses (for a token that lives longer, a page's
     * own), each made by 'exchange' until it is STEP_DONE and read by 'exchanged': NEXT with the new session,
     * or why not. "login" of the session has what there is: at first the answer of the token endpoint, or
     * {"access_token"}, what was typed in; in the end what is stored. Both NULL: there is nothing between.
     */
    void (*exchange)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*exchanged)(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome);

    /* Which permissions are missing, as far as it shows: between spaces, in arena, or NULL. response is that
     * of the step of 'verify' that ended it. NULL: a code's answer tells by its scope, of a secret nothing is
     * known. */
    const char *(*missing)(const struct job *job, const struct response *response, struct arena *arena);

    /*
     * How long the credentials last, where the session's "login" (oauth2.h) does not say it: when they end
     * (0: not known); from when on they are to be renewed although nothing is published (INSTANT_NEVER: not
     * at all); the STEP_SESSION that does it, read by the driver's 'read'. job has account, session and now.
     * All NULL: a refresh token is used once a month, or when half of its life is over, if that is sooner.
     */
    instant (*ends)(const struct job *job);
    instant (*renewal)(const struct job *job);
    void (*renew)(const struct job *job, struct arena *arena, struct step *ret_step);
};

/* Of networks that take 'user' and 'password', or a 'token' instead: which it is, by what cald.yaml says; as
 * 'used' of the row for the password; and as check_account: one of both, and a password's user. */
bool login_by_password(const struct account *account);
bool login_check_password(const struct account *account, struct error *err);
#define LOGIN_WITH_PASSWORD                                                                                  \
    {                                                                                                        \
        .kind = LOGIN_SECRET, .secret = "password", .what = "password",                                      \
        .where = "the password of the user that cald.yaml names", .used = login_by_password,                 \
    }

/* How this account logs in, or NULL: it needs no login, or has its credentials in another way. */
const struct login *login_of(const struct account *account);

/* Why nothing can be done before somebody logs in, or mends a secret that cannot be used, with what to do: for a
 * brake and for a person; NULL: there are credentials, whether good or not. In arena. */
const char *login_needed(const struct account *account, const json_t *session, instant now,
                         struct arena *arena);

/* When the credentials end unless somebody logs in again; 0: nobody said. */
instant login_ends(const struct account *account, const json_t *session);

/* From when on they are to be renewed although nothing is published; INSTANT_NEVER: not at all. */
instant login_renewal(const struct account *account, const json_t *session, instant now);

/* The step that does it, of a job of this account; where login_renewal is an instant. */
void login_renew(const struct job *job, struct arena *arena, struct step *ret_step);

#endif
