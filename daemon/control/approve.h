/*
 * approve: what the handlers share of approvals: what is known of one delivery, and how it is shown.
 */
#ifndef CALD_APPROVE_H
#define CALD_APPROVE_H

#include "control/call.h"
#include "editorial/approval.h"
#include "queue/queue.h"

/* The rules of the charter in force. */
const struct approval_rules *approve_rules(struct call *call);

/* The delivery as a case, with what was said of it; empty when the database fails. */
struct approval_case approve_case(struct call *call, const struct delivery *delivery);

/* Whether it needs an approval and does not have all of it. */
bool approve_is_missing(struct call *call, const struct delivery *delivery);

/* The standing after a word of who asks, said of exactly this. */
struct approval_standing approve_standing_after(struct call *call, const struct approval_case *what);

/* Why who asks may not make what is published say this, for it would need another's approval; NULL: they may,
 *and ret_word is the word that they say by it (NULL: none is needed). */
const char *approve_edit(struct call *call, const struct delivery *delivery, const struct content *content,
                         const struct approval_word **ret_word);

/* Whom it waits for ("an editor"), or NULL: it waits for nobody. */
const char *approve_awaits(struct call *call, const struct delivery *delivery);

/* Of a delivery; null where nothing needs an approval and nobody ever said a word. */
json_t *approve_to_json(struct call *call, const struct delivery *delivery);

/* Whether it waits for this one: a person or role may approve it now, or an author's own was given back. */
bool approve_waits_for(struct call *call, const struct delivery *delivery, const char *who, const char *role);

#endif
