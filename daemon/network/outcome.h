/*
 * outcome: what most networks have in common when a response is read.
 *
 * A driver handles the answers its fact sheet names and gives the rest to outcome_from_status.
 */
#ifndef CALD_OUTCOME_H
#define CALD_OUTCOME_H

#include "network/network.h"

/* How a network tells when to come back; see the fact sheets. */
enum reset_dialect {
    RESET_RETRY_AFTER,      /* Retry-After: seconds or HTTP date (RFC 9110 section 10.2.3) */
    RESET_ISO,              /* X-RateLimit-Reset: RFC 3339 (Mastodon, GoToSocial) */
    RESET_EPOCH,            /* RateLimit-Reset, X-RateLimit-Reset, X-Rate-Limit-Reset: Unix seconds */
};

/*
 * When to come back, from Retry-After or the dialect's headers; 0 if nothing usable is said. What is in
 * the past or more than a day ahead is not believed: bounded to [now + 1 s, now + 24 h].
 */
instant outcome_reset(const struct response *response, enum reset_dialect dialect, instant now);

/* Fills limit_remaining and limit_reset from the headers, where they are. */
void outcome_read_limits(const struct response *response, enum reset_dialect dialect, instant now,
                         struct outcome *outcome);

/*
 * By status alone: 2xx → NEXT; 3xx → REFUSED (account: the address in cald.yaml is wrong, says where it
 * points), but 302 and 303 to a creating request → UNSURE (they may be how a success is shown); 401 → REFUSED
 * account, reconnect; 403, 404, 410, 413, 415, 422, 400 → REFUSED post; 408, 425 → RETRY; 429 → RETRY account
 * at the reset; 5xx → RETRY (502 to 504: account), but UNSURE for STEP_CREATE. What is refused in a
 * STEP_SESSION is refused for the account. Anything but 2xx to 5xx: as 5xx. The message holds 'said' (their
 * words, cut to 300 characters, controls removed) and the status.
 */
void outcome_from_status(const struct step *step, const struct response *response, enum reset_dialect dialect,
                         instant now, const char *said, struct arena *arena, struct outcome *ret_outcome);

/* What one network's error means. Drivers keep tables of them; the first row that fits is taken. */
struct fault {
    /* the network's own word for it, whatever its case; NULL: any. Ending in '*': what begins so; with '*' in
       front: what has it anywhere */
    const char *code;
    int status;       /* 0: any */
    enum outcome_kind kind;
    enum scope scope;
    bool reconnect;
    const char *meaning; /* for a person: what is wrong and what to do */
};

/* The row for this code (may be NULL) and status, or NULL. */
const struct fault *fault_find(const struct fault *faults, size_t count, const char *code, int status);

/* The outcome that the row says, with their words; a retry comes back when they say (Retry-After). */
void fault_tell(const struct fault *fault, const struct step *step, const struct response *response, instant now,
                const char *said, struct arena *arena, struct outcome *ret_outcome);

/*
 * A refusal that is not the server's own, because its answers are JSON and this is none: 403 and 429 come from
 * a firewall or a limit of the host, and end: RETRY of the account, true. Else false, and nothing is written.
 */
bool outcome_from_front(const struct step *step, const struct response *response, instant now,
                        struct arena *arena, struct outcome *ret_outcome);

/*
 * By the first row that fits, then as outcome_from_status. UNSURE in a row is for a step that creates: after one
 * that nobody sees it is RETRY. code: the network's word; said: its words for a person, or NULL: the code is told.
 * Statuses below 300 count, too: some networks say errors with them. True when a row fitted.
 */
bool outcome_from_faults(const struct fault *faults, size_t count, const struct step *step,
                         const struct response *response, enum reset_dialect dialect, instant now, const char *code,
                         const char *said, struct arena *arena, struct outcome *ret_outcome);

/* So many milliseconds from now, as far as a network is believed: between 1 s and 24 h. */
instant outcome_after(instant now, double milliseconds);

/* While a doubtful post is looked for, a refusal leaves it as doubtful as it was; whose trouble it is stays. */
void outcome_unsure_if_refused(struct outcome *outcome);

/*
 * What was looked for is not there: NOT_FOUND with these words. But while 'settled' has not passed since the memo's
 * "sent", when the doubtful request left, it may still come: then RETRY at that time.
 */
void outcome_not_there(struct outcome *outcome, const struct job *job, duration settled, const char *words);

/* Sets kind, scope and the message (in arena); everything else of the outcome is left as it is. */
void outcome_set(struct outcome *outcome, struct arena *arena, enum outcome_kind kind, enum scope scope,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The members to merge into the delivery's memo; an empty object in arena if there were none yet. */
json_t *outcome_memo(struct outcome *outcome, struct arena *arena);

/* The outcome's id and URL, as far as there are any, become the memo's: with them a driver says STEP_DONE. */
void outcome_remember(struct outcome *outcome, struct arena *arena);

/* Their words for a message: cut to 300 characters, controls are spaces, never NULL ("" for NULL). */
const char *outcome_said(const char *said, struct arena *arena);

/*
 * An id or a URL from a response is believed only if it is printable text without spaces of at
 * most 512 bytes, or an http(s) URL of at most 2048 with a host and without user name. A copy
 * in arena; NULL else, also for NULL.
 */
const char *outcome_clean_id(const char *id, struct arena *arena);
const char *outcome_clean_url(const char *url, struct arena *arena);

#endif
