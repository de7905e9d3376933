/*
 * queue: the durable truth: deliveries, their attempts and their history, in SQLite. The only SQL.
 *
 * States of a delivery:
 *
 *   draft ──approve──▶ ready ──slot──▶ sending ──▶ published
 *     ▲                 │ ▲               │  ├──▶ waiting ──time──▶ sending       (retry at, or next step not before)
 *     └── unapprove ────┘ │               │  ├──▶ refused                         (permanent; says why)
 *                       held ◀─ person,   │  └──▶ unsure ──found──▶ published
 *                       (late, account)   │            └──not there──▶ ready, or a person decides
 *           ready ──too late──▶ missed        draft/ready/held/waiting/refused/missed ──▶ cancelled
 *
 *   draft      not approved (queue/approval.h); nothing leaves; held when its time comes
 *   ready      goes out at its slot; preparing steps may already have been done (memo)
 *   waiting    was tried; provably not published; is tried again at 'due'
 *   sending    a creating request's intent is on disk; its bytes may have left
 *   unsure     bytes left and no answer was stored; never repeated but under its key, or by a person
 *   held       stays until a person (or the account coming back) releases it
 *   published, refused, missed, cancelled   final, unless a person retries (refused, missed, cancelled → ready);
 *              what a person has deleted or changed on its network (enum deed) stays so, with the time of that
 *
 * Not in the drawing, for its size: a preparing or local step settles straight from ready or waiting (to waiting,
 * published, refused); waiting is also held, missed, or made ready or a draft again; what waits or is doubted may be given up
 * (refused); sending ──account──▶ held; unsure ──same key──▶ sending; drafts, held, refused and missed ones may be held,
 * missed or made a draft as ready ones may. Only an attempt makes something 'sending', or published from
 * ready or waiting: queue_move refuses these.
 *
 * One function moves a delivery (queue_move); it knows the allowed moves and writes who, when and why to the
 * history in the same transaction. All writes happen between queue_begin and queue_commit; one commit may
 * carry many. Names are on disk, never numbers. One thread only.
 *
 * After any failed call the transaction is rolled back by queue_commit's or queue_rollback's caller and the
 * rows are read again: a commit that was reported as failed may be durable.
 */
#ifndef CALD_QUEUE_H
#define CALD_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "network/content.h"
#include "network/network.h"

struct queue;

enum state {
    STATE_DRAFT,
    STATE_READY,
    STATE_HELD,
    STATE_WAITING,
    STATE_SENDING,
    STATE_UNSURE,
    STATE_PUBLISHED,
    STATE_REFUSED,
    STATE_MISSED,
    STATE_CANCELLED,
    STATE_COUNT
};

const char *state_name(enum state state);
bool state_parse(const char *name, enum state *ret_state);
bool state_is_final(enum state state);                  /* published refused missed cancelled */
/* the drawing above, as a table; staying is no move */
bool state_may_move(enum state from, enum state to);

/* ---- opening ---- */

/*
 * Opens (and makes) STATE/cald.db: takes flock on STATE/lock (a second daemon fails: "is another cald running
 * …"), WAL, synchronous=FULL, foreign keys, applies the numbered migrations of schema/ that are missing (a
 * newer schema is refused, a broken file too). The directory is made 0700.
 */
struct queue *queue_open(const char *state_directory, struct error *err);
void queue_close(struct queue *queue);

/* After much, when little is to follow soon: what is kept of the file only to be quick, and all that was freed, goes
 * back to the system. */
void queue_give_back(struct queue *queue);

/*
 * A second connection to the database at path (queue_path of the first), for another thread that only reads:
 * it sees what was committed when it first asks, until queue_close. Nothing is written by it.
 */
const char *queue_path(const struct queue *queue);
struct queue *queue_look(const char *path, struct error *err);

/* BEGIN IMMEDIATE; nests: only the outermost counts */
bool queue_begin(struct queue *queue, struct error *err);
bool queue_commit(struct queue *queue, struct error *err);
void queue_rollback(struct queue *queue);

/*
 * A part of the open transaction that can be taken back without the rest: what several requests do goes into one
 * commit, and one that fails takes back what it did alone. One part at a time. Undoing fails, and keeping too, when the
 * whole transaction is lost: then it can only be rolled back; beginning also when something failed outside of a part.
 */
bool queue_part_begin(struct queue *queue, struct error *err);
bool queue_part_keep(struct queue *queue, struct error *err);
bool queue_part_undo(struct queue *queue, struct error *err);

/*
 * Whether the disk has room for new work. When it is full a reserve of 8 MiB (STATE/reserve) is given up:
 * settlements and moves are still written, but queue_add, queue_apply (of what is new) and queue_intend fail,
 * so that nothing is accepted that could be lost and nothing sent whose outcome could not be stored. Asking
 * makes the reserve again if there is room; it costs nothing while the reserve is there.
 */
bool queue_has_room(struct queue *queue);

/* Called after each durable commit with what changed (for server-sent events and timers). */
struct queue_change {
    const char *post_id, *account;
    enum state from, to; /* equal: something else than the state changed */
    instant at;
    bool crisis; /* none of a delivery: a crisis of the account (or "*") began or ended; post_id is "" */
    bool starts; /* … which */
};
void queue_on_change(struct queue *queue, void (*changed)(void *context, const struct queue_change *change), void *context);

/* ---- deliveries ---- */

/* Whether it is published however late it is: what a person said of this delivery. */
enum publish_late {
    PUBLISH_LATE_UNSAID, /* as its entry in the calendar says; without one as the policy says */
    PUBLISH_LATE_NO,
    PUBLISH_LATE_YES,
};

/* Whom it waits for: see queue/approval.h. */
enum review {
    REVIEW_NONE,
    REVIEW_SUBMITTED, /* those who approve */
    REVIEW_REJECTED,  /* its author: it was given back */
};

struct delivery { /* one row; everything in the arena it was read into */
    int64_t row;               /* inside this process only */
    const char *post_id, *account, *network;
    enum state state;
    instant slot;              /* when it is to appear */
    /* when it is looked at next: slot, retry time; INSTANT_NEVER when not by time */
    instant due;
    const char *key;           /* 32 random hex digits, fixed when queued */
    const char *request_key;   /* under which creating requests leave: the key, or, after each refusal that surely
                                  made nothing, another one that follows from it */
    const struct content *content;
    const char *content_hash;
    const char *origin;        /* calendar, series, spontaneous */
    const char *series, *slot_name, *bucket; /* or NULL */
    const char *source;        /* "calendar.yaml:41" or NULL */
    const json_t *memo;        /* object */
    bool prepared;             /* all preparing steps are done */
    bool lost;                 /* see struct job */
    bool overridden;           /* a person changed it since the file was applied */
    enum publish_late publish_late;
    int attempts;              /* attempts made */
    int failures;              /* retryable failures in a row: for back-off */
    instant first_sent;        /* of the first creating request, 0: none */
    instant published;         /* 0: not */
    const char *remote_id, *remote_url;
    const char *message;       /* what the last move said, for a person; or NULL */
    const char *author;        /* who added it */
    int64_t version;           /* grows with each change: the ETag */
    instant created, updated;
    instant released;          /* when it was let go in a crisis; 0: not, or changed since */
    bool asked;                /* a person or the file wants it approved, whatever the charter says */
    enum review review;        /* of what was not approved (yet) */
    const char *changed_by;    /* who gave it its content; NULL: its author */
    instant deleting;          /* when a person asked to delete it on its network; 0: not, or it is over */
    instant deleted;           /* when it was gone there; 0: it is not. Its state stays, for so it was */
    instant editing;           /* when a person asked to change it there; 0: not, or it is over */
    instant edited;            /* when that was last done; 0: never */
    const struct content *edit; /* while editing: what it is to say there; 'content' is what it says */
};

/* The one delivery, or NULL with "no delivery 'x/mastodon'" (err) when there is none. */
struct delivery *queue_get(struct queue *queue, const char *post_id, const char *account, struct arena *arena,
                           struct error *err);

/* The same by its row. */
struct delivery *queue_get_row(struct queue *queue, int64_t row, struct arena *arena, struct error *err);

/* All of a post, in the order of their accounts. */
bool queue_post(struct queue *queue, const char *post_id, struct arena *arena, struct delivery ***ret_deliveries,
                size_t *ret_count, struct error *err);

bool queue_has_post(struct queue *queue, const char *post_id); /* also false if it cannot be read */

struct delivery_filter { /* what is zero does not filter */
    /* text: substring, case folded */
    const char *post_id, *account, *bucket, *series, *origin, *text;
    const char *accounts, *networks; /* names with commas between them: any of these; not with account */
    const char *posts;        /* ids of posts and series with commas between them: any of these */
    unsigned states;          /* bit 1 << enum state; 0: all */
    instant from, until;      /* slot: from <= slot < until */
    bool released;            /* only what was let go in a crisis */
    bool standing;            /* only what is neither deleted on its network nor to be */
    bool reviewed;            /* only what waits for an approval, or was given back */
    bool newest_first;        /* else by slot ascending; ties by post id, account */
    bool by_published;        /* order and cursor by the published time instead of the slot */
    const char *cursor;       /* from ret_next of the page before */
    size_t limit;             /* most rows; 0: 100; at most 1000 */
    /* most deliveries that are looked at for what no index knows (text, networks, origin, bucket, accounts,
     * posts): a page may be short then, or empty, and have a next one; 0: all. Of a million none may have
     * what is looked for */
    size_t looks_at;
};

/* A page of deliveries; ret_next is the cursor of the next page, or NULL at the end. */
bool queue_list(struct queue *queue, const struct delivery_filter *filter, struct arena *arena,
                struct delivery ***ret_deliveries, size_t *ret_count, const char **ret_next, struct error *err);

bool queue_counts(struct queue *queue, size_t ret_counts[STATE_COUNT], struct error *err);
bool queue_account_counts(struct queue *queue, const char *account, size_t ret_counts[STATE_COUNT], struct error *err);

/*
 * What the planner must know of the queue: all of the calendar's deliveries that are not final, what is final
 * with slot >= from, what may be out, and all that take a time of a slot, or that the calendar sent through
 * one. Light: no content; and not what people added at a time of their own, of which there may be very many.
 */
struct taken {
    int64_t row;
    const char *post_id, *account, *slot_name; /* slot_name NULL: not through a slot */
    instant slot;    /* when it is to appear */
    instant planned; /* when the file says; another than slot if a person moved it */
    const char *content_hash;
    enum state state;
    bool removed;    /* cancelled because the file lost it */
    /* what the file said of it when it was applied last; base_hash NULL: it is not the file's */
    const char *base_hash;
    bool base_draft;
    uint64_t labels; /* sift_labels of the rest that the file says */
    bool overridden; /* a person changed it */
    bool against;    /* held, because the charter is against its time */
    bool wanted;     /* written by queue_sift */
};
bool queue_taken(struct queue *queue, instant from, struct arena *arena, struct taken **ret_taken, size_t *ret_count,
                 struct error *err);

/* The same, but only of the posts of these ids ("ID@": of the series ID), and, if slots, also of whatever was queued
 * through a slot. */
bool queue_taken_of(struct queue *queue, instant from, const char *const *ids, size_t id_count, bool slots,
                    struct arena *arena, struct taken **ret_taken, size_t *ret_count, struct error *err);

/* ---- coming in ---- */

struct wanted { /* a delivery that should exist; texts are copied */
    const char *post_id, *account, *network, *origin, *series, *slot_name, *bucket, *source, *author;
    const struct content *content;
    /* queue_content_hash of the content, worked out before, or NULL; queue_apply heeds it */
    const char *hash;
    instant slot;
    enum state state; /* draft, ready, held or missed */
    enum publish_late publish_late; /* of a spontaneous post; what the calendar says stays there */
    bool approved; /* it is what the charter itself says: that needs no approval. Of queue_add only */
    const char *message;
    /* why its time is another one, if its entry is the same; NULL: "moved in the calendar" */
    const char *moved_why;
    /* files of its entry are gone: it is what was last applied; what is not there is not added */
    bool as_applied;
    /* what the charter has against this time, of one that would be ready: it is held; or NULL */
    const char *against;
};

/* Of what a file says of an entry besides content, time and draft: whether it is the same. The line where it
 * stands is not part of it: a line that is added moves all below it. */
uint64_t sift_labels(const char *network, const char *origin, const char *series, const char *slot_name,
                     const char *bucket, const char *source);

struct sift { /* what is left to do of what is wanted */
    struct wanted *wanted;
    size_t count;
    const struct taken **gone; /* in the queue and wanted no longer */
    size_t gone_count;
    size_t unchanged, kept; /* what is not left: as in struct apply_report */
    bool rules_changed;     /* so that what was added by hand has to be looked at too */
    instant from, until;    /* see queue_apply */
};

/*
 * Leaves out of 'wanted' (which it writes to) what the queue had already when it was asked what is taken.
 * Pure, for the thread that prepares: in a calendar that was edited nearly all is as it was. rules_changed:
 * charter or settings are not those that were applied last, so that whatever has not ended has to be looked
 * at again. Fails when something is wanted twice.
 */
struct taken_index *taken_index(struct taken *taken, size_t count, struct arena *arena);
struct taken *taken_find(const struct taken_index *index, const char *post_id,
                         const char *account); /* or NULL */
bool queue_sift(struct taken *taken, size_t taken_count, const struct taken_index *index,
                struct wanted *wanted, size_t count, instant from, instant until, bool rules_changed,
                struct arena *arena, struct sift *ret_sift, struct error *err);

/* In the arena. Touches no queue, so that a thread that prepares much can work it
 * out: it takes longer than the rest. */
const char *queue_content_hash(const struct content *content, struct arena *arena);

enum apply_kind {
    APPLY_ADD,     /* it is new, or it is back */
    APPLY_CHANGE,  /* what it says, or whether it is a draft */
    APPLY_MOVE,    /* its time alone */
    APPLY_CANCEL,  /* its entry is gone */
    APPLY_HOLD,    /* the charter is against its time now, or wants it approved … */
    APPLY_RELEASE, /* … and no longer */
    APPLY_KINDS
};

const char *apply_kind_name(enum apply_kind kind); /* add change move cancel hold release */

struct apply_change { /* what applying does to one delivery */
    enum apply_kind kind;
    const char *post_id, *account, *source, *why; /* source: of the entry, or NULL */
    const struct delivery *before;                /* NULL: it is not in the queue */
    enum state to;
    instant slot;                  /* afterwards */
    const struct content *content; /* afterwards; as wanted gave it; NULL: as it was */
};

struct apply_report {
    /* kept: published, sending, or changed by a person */
    size_t added, changed, moved, cancelled, unchanged, kept;
    /* of the kept: their place in a slot went, after 'now', to what a person added or moved; they want a new plan */
    size_t crowded_out;
    /* sentences: what the file says and cannot be done any more; in the arena */
    const char *const *conflicts;
    size_t conflict_count;
    const char *const *left; /* ids of posts of which something could not be applied, some more than once */
    size_t left_count;
    const struct apply_change *changes; /* of queue_plan alone: all of them, in the order of 'wanted' */
    size_t change_count;
};

/*
 * Makes the queue agree with the documents, in the open transaction: 'wanted' is everything the calendar
 * wants for slots in [from, until), sorted or not. For each delivery of origin calendar or series:
 *  - new: added. If its slot is before 'now' the caller has chosen state (missed/held) and message;
 *  - known and the file's entry (content, slot, draft) is as last applied: left
 *    alone, also if a person changed it;
 *  - known and the entry changed: content and slot are replaced while it is draft, ready, held, waiting
 *    (before anything left), refused or missed (then also back to ready if its slot is not past); sending,
 *    unsure and published ones stay and are named in conflicts;
 *  - in the queue with a slot in [from, until) or not final, and no longer wanted: cancelled ("removed
 *    from the calendar"). Final ones stay; what was cancelled because it was removed comes back if it
 *    is wanted again (counted as added).
 * "In [from, until)" is meant of the time the file last gave it: what a person moved out of the interval is
 * still known to be wanted, and what lies outside cannot be missing. 'from' should reach back to
 * queue_open_since. A slot that changes alone is counted as moved. What needs an approval, because it is a draft
 * in the file or because the charter says so (queue/approval.h), needs it for what the entry says now: it is a
 * draft until then, also where the entry is the same and the charter is not. What a person holds or made a draft stays so (also if its entry is lost for a while);
 * what cald holds is as if it were new when its entry gets a time that is not past. What a person cancelled
 * stays cancelled, and is named in conflicts if its entry changes. A change of the entry ends what a person said of
 * publish_late. Where the charter is against the time of
 * an entry that no person touched, it is held, and released when that is over. Where an entry stands in the
 * file, its bucket, series and slot's name are kept up to date silently.
 */
bool queue_apply(struct queue *queue, const struct wanted *wanted, size_t count, instant from, instant until,
                 instant now, const char *who, struct arena *arena, struct apply_report *ret_report, struct error *err);

/*
 * The same of what is left, in steps, for the loop must not be held up: each step looks at its delivery as it
 * is by then. First what is gone is cancelled, so that nothing is out under its new name before that; then
 * what is wanted; then what was added by hand, if the rules changed. Each step is taken in an open
 * transaction; what was committed stays if a later one fails, and applying again goes on from there. sift
 * must outlive it.
 */
struct application;
struct application *application_new(struct queue *queue, const struct sift *sift, instant now,
                                    const char *who, struct arena *arena);
/* ret_entry: what of the wanted was applied, or NULL; ret_more: whether anything is left. */
bool application_step(struct application *application, const struct wanted **ret_entry, bool *ret_more,
                      struct error *err);
struct apply_report application_report(struct application *application);
void application_free(struct application *application);

/* To see what an application would do: its steps are taken in transactions that the caller rolls back, one or several,
 * for no step needs what another one did. The report is as queue_plan's, and is asked for once. */
struct application *application_plan(struct queue *queue, const struct sift *sift, instant now, struct arena *arena);

/*
 * What queue_apply would do now, by doing it in a transaction that is rolled back: no second set of rules
 * that could say something else. Besides the counts the report has each change.
 */
bool queue_plan(struct queue *queue, const struct wanted *wanted, size_t count, instant from, instant until, instant now,
                struct arena *arena, struct apply_report *ret_report, struct error *err);

/* The earliest time the file gave to a delivery that is not final yet; INSTANT_NEVER if there is none. */
instant queue_open_since(struct queue *queue);

/* Adds a spontaneous post's deliveries (one struct wanted an account). Fails if one exists. */
bool queue_add(struct queue *queue, const struct wanted *wanted, size_t count, instant now, struct error *err);

/* queue_post() of what was added just now as 'wanted': what it says is taken from there and not read. */
bool queue_post_added(struct queue *queue, const struct wanted *wanted, size_t count, struct arena *arena,
                      struct delivery ***ret_deliveries, size_t *ret_count, struct error *err);

/* ---- moving: state, time, content ---- */

enum approval_kind { APPROVAL_SUBMITTED, APPROVAL_APPROVED, APPROVAL_REJECTED, APPROVAL_WITHDRAWN, APPROVAL_KINDS };

struct approval_word { /* see queue/approval.h: of the content and the time it has after the move */
    enum approval_kind kind;
    const char *role; /* that they have, or NULL */
    const char *why;  /* or NULL */
};

struct move { /* what a move changes; from a delivery that was just read */
    enum state to;
    const char *who;     /* "cald", "file", or the person: "uid 1000 (anna)", "token redaction" */
    const char *why;     /* for the history and the delivery's message */
    instant due;         /* 0: derived: the slot for ready, INSTANT_NEVER for what no time moves */
    instant slot;        /* 0: unchanged */
    const struct content *content; /* NULL: unchanged */
    const enum publish_late *publish_late; /* NULL: unchanged */
    bool release;        /* in a crisis it may go out; any other move by a person takes that back */
    const struct approval_word *word; /* what 'who' says of it by this move, before it is made; NULL: nothing */
    int64_t if_version;  /* 0: any; else the move fails with "changed meanwhile" when the row has another */
};

/*
 * Moves one delivery; fails (and writes nothing) when the move is not allowed: "cannot cancel: it is already
 * published". 'to' may be the present state: then slot, content, publish_late or due change alone. A new
 * content forgets what was prepared (memo, prepared); it is refused once a part of a thread is out, or while
 * the answer to a creating request is lost. Becoming ready ends the count of failures, and doubt (lost) when
 * it was unsure. A person's move marks the delivery as overridden. What would become ready and is not approved
 * becomes a draft (queue/approval.h).
 */
bool queue_move(struct queue *queue, const struct delivery *delivery, const struct move *move, instant now,
                struct error *err);

/* ---- publishing ---- */

struct line_place { /* of a delivery in the line of its account */
    int64_t row;
    instant slot;
    const char *post_id;
};

/*
 * An account's line: its ready and waiting deliveries in the order of (slot, post id), behind 'after' (NULL: from its
 * beginning), at most limit; released: only what was let go in a crisis. Their content is not read: that costs more
 * than all else. In arena.
 */
bool queue_line(struct queue *queue, const char *account, const struct line_place *after, bool released, size_t limit,
                struct arena *arena, struct line_place **ret_places, size_t *ret_count, struct error *err);

/* Which other delivery of the account, published since then, is the one with this id there; *ret_post NULL: none.
 * In arena. */
bool queue_published_as(struct queue *queue, const struct delivery *delivery, const char *remote_id, instant since,
                        struct arena *arena, const char **ret_post, struct error *err);

/* Everything that was being sent when the process ended: state sending. Unsure ones: by queue_list. */
bool queue_interrupted(struct queue *queue, struct arena *arena, struct delivery ***ret_deliveries, size_t *ret_count,
                       struct error *err);

struct intent { /* what is put on disk before the first byte leaves */
    const char *step;          /* name */
    enum step_kind kind;       /* STEP_CREATE moves to sending; others leave the state */
    const json_t *memo;        /* merged into the delivery's memo; NULL: none */
    const char *request;       /* method and URL for a person, secrets redacted */
    const char *body;          /* of a creating request: the bytes to repeat under the key; NULL for others */
    size_t body_length;
    bool discards;             /* see queue_undiscarded */
    bool deletes, edits;       /* see enum deed */
};

/*
 * Opens an attempt; ret_attempt is its number. The row's version is one more than the delivery's afterwards. Sets
 * first_sent for STEP_CREATE if it was 0. Fails with
 * "changed meanwhile" unless the delivery is as it was read (version), and when it is neither ready, waiting,
 * sending nor unsure. Nothing leaves after a failed intent.
 */
bool queue_intend(struct queue *queue, const struct delivery *delivery, const struct intent *intent, instant now,
                  int64_t *ret_attempt, struct error *err);

/* The delivery as that left it, without reading it; its other fields are those of 'delivery', its parts
 * borrowed. */
const struct delivery *queue_intended(const struct delivery *delivery, const struct intent *intent,
                                      instant now, struct arena *arena);

/*
 * Taking back what preparing left on the network, of deliveries that are cancelled or were missed.
 * queue_given_up grows with each that becomes so: when there may be new ones. queue_undiscarded: of an
 * account, those something was tried with and whose memo has no "discarded", at most limit, oldest first. An
 * attempt is opened by queue_intend with 'discards'; the memo of a settled one is merged whatever the
 * delivery is by then, and its state stays. why: a line for the history, or NULL. attempt 0: there was none.
 */
struct settlement;
uint64_t queue_given_up(const struct queue *queue);
bool queue_undiscarded(struct queue *queue, const char *account, size_t limit, struct arena *arena,
                       struct delivery ***ret_deliveries, size_t *ret_count, struct error *err);
bool queue_settle_discard(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                          const struct settlement *settlement, const char *why, instant now, struct error *err);

/*
 * What a person wants done on the network with what is published there: a deed. It is no state: the delivery
 * stays published. queue_delete and queue_edit store that a person asked (deleting, editing), with who and
 * why in the history; they fail, and write nothing, unless the delivery is published, still there and not to
 * be deleted, and as it was read. What is out of a thread that failed (refused, missed, cancelled) can be
 * deleted, too: it stays what it is, and nobody goes on with it afterwards. A deletion ends an edit that is
 * not done; another edit takes the place of one. queue_deeds_asked grows with each. queue_deeds: those of an
 * account that are to be done, at most limit, the one asked first first. An attempt is opened by queue_intend
 * with 'deletes' or 'edits'. queue_settle_deed closes it (attempt 0: there was none), merges the memo and
 * says how it stands.
 */
enum deed { DEED_DELETE, DEED_EDIT };

struct edit {
    const struct content *content; /* what it is to say there */
    const char *who, *why;
    const struct approval_word *word; /* what 'who' says of that content; or NULL */
};

enum progress {
    DEED_GOES_ON, /* further steps, or the same again later */
    DEED_DONE,
    DEED_GIVEN_UP, /* it is not done, or that is not known: a person may ask again */
};

struct deed_end {
    enum deed deed;
    enum progress progress;
    const char *why; /* for the history when it is over, and the delivery's message; NULL: unchanged */
    const struct content *content; /* of an edit that is over: what it says from now on; NULL: as before */
};

uint64_t queue_deeds_asked(const struct queue *queue);
bool queue_delete(struct queue *queue, const struct delivery *delivery, const char *who, const char *why, instant now,
                  struct error *err);
bool queue_edit(struct queue *queue, const struct delivery *delivery, const struct edit *edit, instant now,
                struct error *err);
bool queue_deeds(struct queue *queue, enum deed deed, const char *account, size_t limit, struct arena *arena,
                 struct delivery ***ret_deliveries, size_t *ret_count, struct error *err);
bool queue_settle_deed(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                       const struct settlement *settlement, const struct deed_end *end, instant now,
                       struct error *err);

/* When something of the account was deleted or edited last, after it was published; 0: never. */
instant queue_last_changed(struct queue *queue, const char *account);

struct settlement { /* what became of an attempt */
    const struct outcome *outcome;
    int status;                 /* HTTP status, 0: none came */
    const char *timings;        /* "dns=1 connect=2 tls=9 first=31 total=32" in ms, or NULL */
    const char *who;            /* "cald" or a person */
    enum state to;              /* the delivery's state afterwards */
    instant due;                /* as in struct move */
    bool prepared, lost;
};

/*
 * Closes the attempt, merges the memo, stores id and url, moves the delivery. attempt 0: there
 * was none (found, person). If the delivery was edited, moved to another state or cancelled
 * while a preparing step ran, the attempt is closed and nothing else is touched: what the step
 * brought is for a content that is no more.
 */
bool queue_settle(struct queue *queue, const struct delivery *delivery, int64_t attempt,
                  const struct settlement *settlement, instant now, struct error *err);

/* The stored creating request of the newest attempt of STEP_CREATE; NULL when there is none. */
bool queue_stored_body(struct queue *queue, const struct delivery *delivery, struct arena *arena, const char **ret_step,
                       const char **ret_body, size_t *ret_length, struct error *err);

/* ---- what happened ---- */

struct event { /* a line of the history */
    instant at;
    const char *post_id, *account; /* post_id "": of the account itself: running, paused, disconnected */
    const char *who, *from, *to, *why; /* from NULL: it was added */
    const char *kind;              /* see queue/audit.h */
};

struct attempt {
    int64_t number;
    instant started, ended;      /* ended 0: not known to have ended */
    const char *step, *kind, *request, *outcome, *scope, *message, *timings;
    int status;
};

/* Oldest first; post_id and account NULL: of everything, then the newest 'limit' of them. */
bool queue_history(struct queue *queue, const char *post_id, const char *account, size_t limit, struct arena *arena,
                   struct event **ret_events, size_t *ret_count, struct error *err);
bool queue_attempts(struct queue *queue, const char *post_id, const char *account, struct arena *arena,
                    struct attempt **ret_attempts, size_t *ret_count, struct error *err);

/* ---- accounts ---- */

struct account_status {
    const char *name;
    bool paused;                 /* by a person */
    const char *paused_why;
    instant braked_until;        /* by a retry of its scope; 0: not */
    const char *brake_why;
    bool reconnect;              /* the credentials stopped working: held until they are renewed */
    int failures;                /* in a row, for the account's back-off */
    instant last_published;      /* 0: never */
};

/* Known ones, and the row "*" for all accounts (paused as a whole). An account without a row is all zero. */
bool queue_account(struct queue *queue, const char *name, struct arena *arena, struct account_status *ret_status,
                   struct error *err);
bool queue_set_account(struct queue *queue, const struct account_status *status, const char *who, instant now,
                       struct error *err);

/* ---- the rest of what must survive ---- */

enum { INSTALLATION_ID = 32 }; /* hex digits */

/*
 * The id of this installation, random, made when a queue is first opened: what is to be unique also beside
 * other installations holds it. It goes with the database into a backup and back and never changes, unlike that of
 * instance.h. Valid as long as the queue. NULL: there is none yet, and none can be stored now; the next call tries again.
 */
const char *queue_installation(struct queue *queue, struct error *err);

/* Small values by name ("documents_hash", "newest_instant"…); NULL value removes. */
const char *queue_note(struct queue *queue, const char *name, struct arena *arena); /* or NULL */

/* The note of what need not be read again when documents are applied (schedule_memory.c). The queue takes it away when
 * something that had ended goes on: an application of the same documents may have something to do then. */
#define IMPRINT_NOTE "imprint"
bool queue_set_note(struct queue *queue, const char *name, const char *value, struct error *err);

struct replay {
    int status; /* 0: nothing is stored under the key */
    bool same_request;
    const char *body;
};

/* Answers to POST with an Idempotency-Key, kept a day. What cannot be read may have been done: then it fails. */
bool queue_replay(struct queue *queue, const char *key, const char *who, const char *request_hash, struct arena *arena,
                  struct replay *ret_replay, struct error *err);
bool queue_remember(struct queue *queue, const char *key, const char *who, const char *request_hash, int status,
                    const char *body, instant now, struct error *err);

/*
 * Why this database may not know what was sent (it was put back from a backup, or it is a
 * copy: queue/instance.h), or NULL. Found when it is opened, and kept until queue_trust:
 * nothing may be sent before a person said so.
 */
const char *queue_doubt(struct queue *queue, struct arena *arena);
bool queue_trust(struct queue *queue, struct error *err);

/* A write that changes nothing but a note: whether the database takes writes (for /healthz). */
bool queue_is_writable(struct queue *queue, instant now, struct error *err);

#endif
