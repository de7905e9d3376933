/*
 * webhook: what the two files of this driver share. See webhook.c for what it does.
 */
#ifndef CALD_WEBHOOK_H
#define CALD_WEBHOOK_H

#include "network/network.h"
#include "network/template.h"

enum { WEBHOOK_OPTIONS = 16 };
extern const struct network_option webhook_options[WEBHOOK_OPTIONS];

/* Refuses, with one message, what would fail at a slot: templates, statuses, pointers, header names. */
bool webhook_check_account(const struct account *account, struct error *err);

/* What placeholders mean for a job, but for {{token}}; names as in webhook_options' help. */
json_t *webhook_values(const struct job *job, struct arena *arena);

/* Whether the list ("200", "200-299", "2xx") of an option has this status; fallback when the option is not
 * given. */
bool webhook_lists(const struct account *account, const char *option, int status, bool fallback);

/* From the content type: how values are put into a body. */
enum template_style webhook_style(const struct account *account);
bool webhook_is_multipart(const struct account *account);
const char *webhook_content_type(const struct account *account);

/* key_lifetime, 0: for ever. */
duration webhook_key_lifetime(const struct account *account);

#endif
