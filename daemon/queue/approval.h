/*
 * approval: what people said of a delivery, and the gate it has to pass before it goes out.
 *
 * Each word (submitted, approved, rejected, withdrawn) is kept for ever with the hash of the content and the
 * time it was said of. Whether the words suffice is not known here: an approver says it, which the owner of
 * the charter hands in. Without one nothing needs an approval.
 *
 * The gate stands in the one place that writes a state, and where deliveries come in: what would become
 * 'ready' or stay 'waiting' and is not approved as it will be then becomes a draft that waits for approval,
 * whoever wanted it: a person, the files, a crisis that ends, an account that comes back. So an edit of what
 * was approved makes it a draft again, and the words for the old content do not count for the new one. They
 * count again if exactly that content is back.
 *
 * The publisher asks once more before it begins (queue_is_approved): the charter may be another one by then.
 * What an attempt makes of a delivery does not pass the gate: it changes no content.
 */
#ifndef CALD_QUEUE_APPROVAL_H
#define CALD_QUEUE_APPROVAL_H

#include "queue/queue.h"

#define APPROVED_BY_CHARTER "charter" /* 'who' and 'role' of what the charter itself says: it suffices */

const char *approval_kind_name(enum approval_kind kind); /* submitted approved rejected withdrawn */

struct approval { /* one word */
    instant at;
    enum approval_kind kind;
    const char *who, *role; /* role: that they had then, or NULL */
    const char *content_hash;
    instant slot;
    const char *why; /* or NULL */
};

struct approval_case {                      /* a delivery as it is to go out */
    const char *account, *network, *bucket; /* bucket: or NULL */
    const char *author;                     /* who added it, or NULL */
    const char *changed_by;                 /* who gave it its content; NULL: its author */
    const char *content_hash;
    instant slot;
    bool asked;                  /* a person or the file wants it approved, whatever the charter says */
    const struct approval *said; /* oldest first */
    size_t said_count;
};

struct approver { /* pure functions over what 'context' says */
    bool (*concerns)(const void *context,
                     const struct approval_case *what); /* whether any approval is needed */
    bool (*suffices)(const void *context,
                     const struct approval_case *what); /* whether it is approved, if so */
    const void *context;
};

/* From now on; what it points to must last until the next one. NULL: nothing needs an approval. Returns the
 * one before. */
const struct approver *queue_approve_by(struct queue *queue, const struct approver *approver);

/* What was said of it, oldest first; in the arena. */
bool queue_approvals(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                     struct approval **ret_said, size_t *ret_count, struct error *err);

/* The delivery as a case, with what was said of it. */
bool queue_approval_case(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                         struct approval_case *ret_case, struct error *err);

/* Whether it may go out as it was read: an intent fails when it changed since. */
bool queue_is_approved(struct queue *queue, const struct delivery *delivery, bool *ret_approved,
                       struct error *err);

/* Drafts whose time has come, in the order of 'due', at most limit; and when there is the next one. */
bool queue_drafts_due(struct queue *queue, instant now, size_t limit, struct arena *arena,
                      struct delivery ***ret_deliveries, size_t *ret_count, struct error *err);
instant queue_next_draft(struct queue *queue);

/* How many wait for an approval. */
bool queue_count_submitted(struct queue *queue, size_t *ret_count, struct error *err);

#endif
