/*
 * webhook: what the files of this driver share. See webhook.c for what it does.
 *
 *   webhook.c          publishes, and states the facts
 *   webhook_change.c   tells the endpoint of edits and deletions
 *   webhook_values.c   what may stand in templates
 *   webhook_options.c  the options, and what an account may not say
 */
#ifndef CALD_WEBHOOK_H
#define CALD_WEBHOOK_H

#include "network/network.h"
#include "network/template.h"

struct buf;

enum { WEBHOOK_OPTIONS = 22 };
extern const struct network_option webhook_options[WEBHOOK_OPTIONS];

/* Refuses, with one message, what would fail at a slot: templates, statuses, pointers, header names. */
bool webhook_check_account(const struct account *account, struct error *err);

/* What may stand in a template: these, and after them {{token}}, which bodies never have, for they are stored; and
 * {{event}} and {{id}}, in what is sent of an edit or a deletion. */
enum { WEBHOOK_NAMES = 18, WEBHOOK_NAMES_ALL = WEBHOOK_NAMES + 3 };
extern const char *const webhook_names[WEBHOOK_NAMES_ALL];

struct webhook_values {
    const struct job *job;
    struct arena *arena; /* of what is made on the way */
    bool token_too;
    const char *event; /* "edit", "delete"; NULL: it is published */
};

/* What a placeholder means for a job: a template_value; context is a struct webhook_values. */
json_t *webhook_value(const void *context, const char *name);

/* All that there is, as a JSON object: as json_print prints it. */
void webhook_add_all(struct buf *out, const struct webhook_values *values);

/* The template with its values, and what 'headers', 'token' and 'key_header' add to a request for 'url', a template. */
const char *webhook_render(const char *template, enum template_style style,
                           const struct webhook_values *values, struct arena *arena);
void webhook_add_headers(const struct webhook_values *values, const char *url, struct request *request,
                         struct arena *arena);

/* Whether the answer says that it was there already, by 'duplicate' and 'duplicate_text'; and what the endpoint says
 * about an error, or NULL. */
bool webhook_is_duplicate(const struct job *job, const struct response *response);
const char *webhook_said(const struct response *response, struct arena *arena);

/* As the driver's: webhook_change.c. */
bool webhook_can_change(const struct account *account, bool deletes);
void webhook_remove(const struct job *job, struct arena *arena, struct step *ret_step);
void webhook_removed(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);
void webhook_edit(const struct job *job, struct arena *arena, struct step *ret_step);
void webhook_edited(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

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
