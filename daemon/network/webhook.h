/*
 * webhook: what the two files of this driver share. See webhook.c for what it does.
 */
#ifndef CALD_WEBHOOK_H
#define CALD_WEBHOOK_H

#include "network/network.h"
#include "network/template.h"

struct buf;

enum { WEBHOOK_OPTIONS = 16 };
extern const struct network_option webhook_options[WEBHOOK_OPTIONS];

/* Refuses, with one message, what would fail at a slot: templates, statuses, pointers, header names. */
bool webhook_check_account(const struct account *account, struct error *err);

/* What may stand in a template: these, and after them {{token}}, which bodies never have, for they are stored. */
enum { WEBHOOK_NAMES = 18 };
extern const char *const webhook_names[WEBHOOK_NAMES + 1];

struct webhook_values {
    const struct job *job;
    struct arena *arena; /* of what is made on the way */
    bool token_too;
};

/* What a placeholder means for a job: a template_value; context is a struct webhook_values. */
json_t *webhook_value(const void *context, const char *name);

/* All that there is, as a JSON object: as json_print prints it. */
void webhook_add_all(struct buf *out, const struct webhook_values *values);

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
