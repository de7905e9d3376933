/*
 * audit: the audit trail, which is the history: rows that are written once, each chained to the one before by
 * a hash.
 *
 * An entry is a JSON object, and its hash is SHA-256 (hex) of this object without 'hash', compact, its keys
 * sorted, in UTF-8:
 *
 *   {"account":…,"after":…,"at":…,"before":…,"from":…,"kind":…,"number":…,"post":…,"previous":…,"to":…,"via":…,
 *    "who":…,"why":…}
 *
 * 'previous' is the hash of the entry before; null for the first of the chain. Numbers have no gap. So
 * whoever has the entries can verify them without cald: as GET /v1/audit, 'calctl audit --json' or a copy of
 * the database gives them. Entries of a database that is older than the chain have no hash; the chain begins
 * after them.
 *
 * What is cut off at the end, or written anew as a whole by who may write the database, shows only to who
 * keeps a hash elsewhere: see audit_check's 'wanted'.
 */
#ifndef CALD_AUDIT_H
#define CALD_AUDIT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "queue/queue.h"

#define AUDIT_DELIVERY "delivery"   /* it was added, moved, changed, published … */
#define AUDIT_APPROVAL "approval"   /* a draft was approved, or the approval withdrawn */
#define AUDIT_OVERRIDE "override"   /* what the charter refused was let pass: who, why, and the findings */
#define AUDIT_ACCOUNT "account"     /* paused, resumed, disconnected */
#define AUDIT_DOCUMENTS "documents" /* new documents came into force: their hashes before and after */
#define AUDIT_TRUST "trust"         /* a person said that the clock or the database is right */
#define AUDIT_CRISIS "crisis"       /* started, ended; released in it */
#define AUDIT_DELETION "deletion"   /* what is published: asked to be deleted on its network, and what became of that */
#define AUDIT_EDIT "edit"           /* likewise of changing there what it says */

extern const char *const audit_kinds[]; /* all of them; ends in NULL */

struct audit_entry {
    int64_t number; /* 1, 2, …: of the whole database */
    instant at;
    const char *kind;
    const char *who;               /* as in struct move */
    const char *via;               /* "socket", "tcp 192.0.2.1", "file", "cald"; NULL: older than the chain */
    const char *post_id, *account; /* post_id NULL: not of one delivery; account "*": of all; NULL: of none */
    const char *from, *to;         /* from NULL: it is new */
    const char *why;               /* or NULL */
    const char *before, *after;    /* JSON objects as json_print makes them; NULL: nothing else changed */
    const char *previous;          /* hash; NULL: the first of the chain */
    const char *hash;              /* NULL: older than the chain */
};

/* The object above, without 'hash'. Text that is not UTF-8 must not come in: see queue_audit. */
void audit_print(struct buf *out, const struct audit_entry *entry);

char *audit_hash(const struct audit_entry *entry, char ret_hash[SHA256_HEX]);

/* As the API shows it; and back, borrowed from the object and the arena. False: it is no entry. */
json_t *audit_to_json(const struct audit_entry *entry);
bool audit_from_json(const json_t *object, struct arena *arena, struct audit_entry *ret_entry);

/* ---- writing and reading: the queue's ---- */

/*
 * Appends what is no move of a delivery (those write their own): number, via and the chain are filled in.
 * Bytes of 'why' that are not UTF-8 become '?'. In a transaction of its own, or the open one.
 */
bool queue_audit(struct queue *queue, const struct audit_entry *entry, instant now, struct error *err);

/* Where what follows comes from ("socket"), until it is said again; NULL: it can be told from 'who'. */
void queue_came_by(struct queue *queue, const char *via);

struct audit_filter { /* what is zero does not filter */
    const char *post_id, *account, *who, *kind;
    instant since, until;
    bool oldest_first;
    const char *cursor; /* from ret_next of the page before */
    size_t limit;       /* most entries; 0: 100; at most 1000 */
};

/*
 * A page, newest first unless the filter says otherwise. A page looks at 20,000 entries at most, so that a
 * rare filter costs no long turn: it may be short, or empty, and still have a next one.
 */
bool queue_audit_list(struct queue *queue, const struct audit_filter *filter, struct arena *arena,
                      struct audit_entry **ret_entries, size_t *ret_count, const char **ret_next,
                      struct error *err);

/* The overrides of one delivery, oldest first. */
bool queue_overrides(struct queue *queue, const struct delivery *delivery, struct arena *arena,
                     struct audit_entry **ret_entries, size_t *ret_count, struct error *err);

/* What was changed of a post, on one account or (NULL) all of them: the entries that have both what was before and what is
 * after; the newest 'limit' of them, oldest first. */
bool queue_changes(struct queue *queue, const char *post_id, const char *account, size_t limit, struct arena *arena,
                   struct audit_entry **ret_entries, size_t *ret_count, struct error *err);

/* ---- verifying ---- */

enum { AUDIT_FAULTS = 20 };

struct audit_check {                   /* zeroed at first; 'wanted' may be set */
    const char *wanted;                /* a hash that was kept elsewhere: some entry must have it */
    bool found;                        /* it was seen */
    int64_t entries, older;            /* with a hash; before the chain */
    int64_t last;                      /* number of the last entry */
    char head[SHA256_HEX];             /* its hash; "": there is no chain yet */
    struct error faults[AUDIT_FAULTS]; /* sentences */
    size_t fault_count;                /* in all; the first are kept */
};

/* The next entry, from the oldest on. Goes on after a fault, so that each is told once. */
void audit_check_next(struct audit_check *check, const struct audit_entry *entry);

/* All entries of a database file that no cald has to run for: also a backup. Not even its log is touched. */
bool audit_check_file(struct audit_check *check, const char *path, struct error *err);

#endif
