/*
 * trial: a login under way (login.h), and what its files share: login.c begins it, login_finish.c ends it,
 * logout.c tells the network of a logout. Nobody outside publish/ includes it.
 */
#ifndef CALD_TRIAL_H
#define CALD_TRIAL_H

#include "network/login.h"
#include "publish/login.h"
#include "publish/publisher.h"

struct trial {
    struct trial *next;
    struct publisher *publisher;
    struct arena *arena;
    const char *account;
    char id[33];
    instant begun;
    const char *redirect, *state, *verifier;
    json_t *session;    /* as it will be */
    const char *secret; /* likewise, where cald.yaml names a place for it; else NULL */
    const char *missing;
    const char *who;
    struct step step; /* that is out */
    int steps;
    bool leaving; /* a logout that the network is told of: nobody waits */
    login_done *done;
    void *context;
    void (*read)(struct trial *trial, const struct response *response); /* what is done with its answer */
};

/* One for the account, with chance for its id, state and verifier; in the publisher's list until it is freed.
 */
struct trial *trial_new(struct publisher *publisher, const char *account);
void trial_free(struct trial *trial); /* no request of it may be out */

/* That of the account, or NULL; a logout is none. */
struct trial *trial_of(const struct publisher *publisher, const char *account);
bool trial_is_busy(const struct trial *trial); /* it waits for the network, and somebody for it */

/* Calls back, with what servers said redacted; goes_on: there is more to come, else the trial is freed. */
void trial_tell(struct trial *trial, const struct login_result *result, bool goes_on);
void trial_fail(struct trial *trial, const char *message); /* … that it has failed, and frees it */

/* Its account's line, or NULL: the account has left cald.yaml. */
struct line *trial_line(const struct trial *trial);

/* A job of the account with the new credentials, as far as they are there; and its OAuth 2 client. */
struct job trial_job(const struct trial *trial, const struct line *line);
struct oauth2 trial_client(struct trial *trial, const struct line *line);

/* Another session, copied. */
void trial_set_session(struct trial *trial, const json_t *session);

/* Sends trial->step; read is called with its answer, or the trial fails. */
void trial_send(struct trial *trial, void (*read)(struct trial *trial, const struct response *response));

#endif
