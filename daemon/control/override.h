/*
 * override: what a person lets pass although the charter refuses it, and why: {"reason": …, "rules": […]}.
 */
#ifndef CALD_OVERRIDE_H
#define CALD_OVERRIDE_H

#include "base/diag.h"
#include "control/call.h"
#include "queue/queue.h"

struct override {
    const char *reason;  /* NULL: nothing is overridden */
    const json_t *rules; /* names of rules; NULL: all */
};

/* The member 'override' of the body. False: answered (without the role editor, without a reason, with an
 * unknown rule). */
bool override_read(struct call *call, struct override *ret_override);

/* Whether all errors among the findings are of rules that are overridden. */
bool override_covers(const struct override *override, const struct diags *diags);

/*
 * How to go on after a refusal by these findings, for its problem document: {"allowed": …, "rules": …, "why_not": …}
 * with the charter's rules that object. limits: a network refuses, too, which nobody overrides. A new
 * reference; NULL: neither the charter nor a network objects.
 */
json_t *override_offer(const struct call *call, const struct diags *diags, bool limits);

/* The same of documents, in which nothing is overridden. */
json_t *override_none(const struct diags *diags);

/* Puts it into the audit trail, beside the delivery for ever, with the findings that it let pass; in the
 * transaction. */
bool override_record(struct call *call, const struct override *override, const struct diags *diags,
                     const char *post_id, const char *account, enum state state, struct error *err);

/* Those of a delivery, as the API shows them. */
json_t *overrides_to_json(struct call *call, const struct delivery *delivery);

#endif
