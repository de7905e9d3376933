/*
 * accounts: how an account is, from what the queue knows of it.
 */
#ifndef CALD_ACCOUNTS_H
#define CALD_ACCOUNTS_H

#include "control/call.h"

struct account_view {
    /* ok, crisis, paused, braked, reconnect (also: a secret cannot be used), unsure (it waits until one of its own is
     * settled) */
    const char *state;
    const char *why;   /* or NULL */
    instant until;     /* of a brake; 0: none */
    instant last_published;
};

struct account_view account_look(struct call *call, const struct settings_account *account);

json_t *account_to_json(struct call *call, const struct settings_account *account);
json_t *accounts_to_json(struct call *call); /* all, in the order of cald.yaml */
json_t *paused_to_json(struct call *call);   /* {why}, or null: of all of them together */

/* api_crisis.c: those that there are, for the status; what needs a person; the gauges. */
json_t *crises_to_json(struct call *call);
void crisis_to_attention(struct call *call, json_t *list);
void crisis_to_metrics(struct call *call);
size_t crisis_overdue(struct call *call); /* how many fell due in a crisis and wait for its end */

#endif
