/*
 * apply: what the files of queue_apply share. Nobody else includes it.
 *
 *   apply.c           what is wanted against what is there, entry by entry
 *   apply_approval.c  what of it has to wait for an approval
 *   sift.c            what of it is there already
 *   application.c     the rest, in steps
 */
#ifndef CALD_QUEUE_APPLY_H
#define CALD_QUEUE_APPLY_H

#include "queue/inside.h"

struct known { /* of a wanted delivery */
    struct spot spot;
    const char *message;
    bool has_base, base_draft, overridden, removed, spontaneous, same_labels, asked;
    enum state before; /* it was removed; if it was */
    const char *base_hash, *author, *changed_by;
    instant base_slot;
};

struct apply {
    struct queue *queue;
    instant from, until, now;
    const char *who;
    struct arena *arena;   /* of the conflicts */
    struct arena *scratch; /* of one entry */
    int64_t *rows;         /* of everything wanted; NULL: nobody asks (application.c) */
    size_t row_count;
    const char **conflicts;
    const char **left; /* see struct apply_report */
    bool records; /* each change is wanted, not only their number */
    struct apply_change *changes;
    struct apply_report report;
};

/* What has been found so far. */
struct apply_report apply_report(const struct apply *apply);

/* Called before the row is touched, with its id in spot; of what is new there is no row. */
bool apply_record(struct apply *apply, const struct spot *spot, struct apply_change change,
                  struct error *err);

/* One wanted delivery, as far as it is not there already. */
bool apply_one(struct apply *apply, const struct wanted *entry, struct error *err);

/* A delivery that is wanted no longer. */
bool apply_removal(struct apply *apply, int64_t row, struct error *err);

/* Whether it is held because the charter is against its time, and for nothing else. message: or NULL */
bool is_held_for_charter(enum state state, bool overridden, const char *message);

/* How much of "calendar.yaml:12" names the file; of NULL 0. */
size_t source_file_length(const char *source);

static inline bool is_draft(const struct wanted *wanted)
{
    return wanted->state == STATE_DRAFT;
}

/* ---- apply_approval.c ---- */

/* Whether somebody wants it approved when the entry is applied. */
bool approval_is_asked_after(const struct known *known, const struct wanted *wanted);

/*
 * The state after a change of the entry, from the one that it would have without approvals. A draft in the
 * file is a draft until exactly that is approved; so is what the charter wants approved.
 */
bool approval_state_after(struct apply *apply, const struct known *known, const struct wanted *wanted,
                          const char *hash, enum state *to, struct error *err);

/* Who makes it a draft in the file takes it back, approved or not. */
bool approval_take_back(struct apply *apply, const struct known *known, const struct wanted *wanted,
                        struct error *err);

/* The entry is the same; whether it needs an approval may not be. */
bool approval_follow(struct apply *apply, const struct known *known, const struct wanted *wanted,
                     struct error *err);

/* What was added by hand is under the same charter. */
bool approval_follow_spontaneous(struct apply *apply, struct error *err);
bool approval_find_spontaneous(struct apply *apply, int64_t **ret_rows, size_t *ret_count, struct error *err);
bool approval_follow_row(struct apply *apply, int64_t row, struct error *err);

/* With, word for word, a condition of the index delivery_open; the other is that it has a base_slot, which the spontaneous
 * ones have not: who uses it compares that. */
#define OPEN                                                                                                 \
    "published = 0 AND state <> 'published' AND state <> 'refused' AND state <> 'missed' AND state <> "      \
    "'cancelled'"

#endif
