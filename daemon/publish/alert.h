/*
 * alert: what happened that a person must know, as a row of the transaction in which it happened.
 *
 * The events, and the members of the JSON object that tells them (teller.h adds "id", "at" and "others"):
 *
 *   refused    a delivery was refused for good
 *   unsure     a delivery may or may not be published, and nothing more can be found out without a person
 *   held       a delivery is too late, or its account is gone: a person must release or cancel it
 *   missed     a delivery was too late, and is dropped
 *   gave-up    a delivery was tried again and again until it was too late; or one that is published could not be deleted
 *   reconnect  an account's credentials do not work any more, or could not be read at the start
 *   expires    an account's login, or something of its options (a version of an API), ends soon; once for each end
 *   failing    an account's requests fail again and again, or it is braked for long; once until it works again
 *   documents  changed documents were refused; once until some are applied
 *   crisis     somebody started a crisis: nothing is published but what is let go; once until it is over
 *   database   nothing can be written (not stored, of course: told from memory, as well as may be)
 *   disk       the state directory's disk is full: nothing is taken or sent (told from memory)
 *   clock      the clock cannot be right and nothing is published (told from memory)
 *   restored   the database was put back or copied and nothing is published (told from memory)
 *
 *   event, message  always
 *   account         where there is one
 *   delivery ("POST/ACCOUNT"), post, network, state, slot, attempts   of a delivery
 *   who, why        of a crisis; account: where it is of one alone
 *   errors          of documents: up to 20 lines
 */
#ifndef CALD_ALERT_H
#define CALD_ALERT_H

#include "base/diag.h"
#include "queue/alerts.h"
#include "queue/crisis.h"

enum alert_kind { /* up to ALERT_CRISIS as rows of the queue, the others from memory */
    ALERT_REFUSED,
    ALERT_UNSURE,
    ALERT_HELD,
    ALERT_MISSED,
    ALERT_GAVE_UP,
    ALERT_RECONNECT,
    ALERT_EXPIRES,
    ALERT_FAILING,
    ALERT_DOCUMENTS,
    ALERT_CRISIS,
    ALERT_DATABASE,
    ALERT_CLOCK,
    ALERT_RESTORED,
    ALERT_DISK,
};

const char *alert_kind_name(enum alert_kind kind);
/* the names of those that are rows, in their order; ends in NULL */
extern const char *const alert_kept_kinds[];

/* {event, message}: what the others begin with, and all that is told from memory. A new reference. */
json_t *alert_body(enum alert_kind kind, const char *message);

/* Of a delivery that is moved to 'to' in this transaction. */
bool alert_delivery(struct queue *queue, enum alert_kind kind, const struct delivery *delivery, enum state to,
                    const char *message, instant now, struct error *err);

/* What the change of an account's status means: needs a reconnection, begins to fail, works again. */
bool alert_account(struct queue *queue, const struct account_status *before,
                   const struct account_status *after, instant now, struct error *err);

/* An account's login, or something of its options, ends soon. */
bool alert_expires(struct queue *queue, const char *account, const char *message, instant now, struct error *err);

/* Documents were refused (message and errors), or applied (NULL, NULL). */
bool alert_documents(struct queue *queue, const char *message, const struct diags *diags, instant now,
                     struct error *err);

/* A crisis was started, or it is over: of all accounts ("*"), or of one. */
bool alert_crisis(struct queue *queue, const struct crisis *crisis, instant now, struct error *err);
bool alert_crisis_over(struct queue *queue, const char *account, struct error *err);

#endif
