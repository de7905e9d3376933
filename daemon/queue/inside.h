/*
 * inside: what the files of the queue share and nobody else sees.
 */
#ifndef CALD_QUEUE_INSIDE_H
#define CALD_QUEUE_INSIDE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/index.h"
#include "queue/approval.h"
#include "queue/audit.h"
#include "queue/db.h"
#include "queue/instance.h"
#include "queue/queue.h"
#include "queue/reserve.h"

enum { KEY_DIGITS = 32 };

struct head { /* of the audit trail, with what the open transaction wrote */
    bool known;
    int64_t number;
    char hash[SHA256_HEX]; /* "": there is no chain yet */
};

struct accounts { /* as they were read or written last, with the open transaction */
    struct index known; /* by name: struct account_status */
};

struct queue_part { /* of the open transaction, as it began: see queue_part_begin */
    size_t change_count;
    size_t ended[STATE_COUNT];
    bool counting;
};

struct tally { /* what the open transaction moves (tally.c) */
    struct arena *arena;
    struct tally_line *lines;
    size_t count;
};

enum calm { CALM_UNKNOWN, CALM_YES, CALM_NO }; /* CALM_NO: there is a crisis */

struct queue {
    struct db *db;
    int lock; /* descriptor of STATE/lock */
    struct instance instance;
    char installation[INSTALLATION_ID + 1]; /* for who asked last */
    struct reserve reserve;
    void (*changed)(void *context, const struct queue_change *change);
    void *context;
    struct arena *pending; /* the changes of the open transaction */
    struct queue_change *changes;
    size_t change_count;
    size_t ended[STATE_COUNT]; /* how many reached each final state in the open transaction (tally.c) */
    struct queue_part part;
    uint64_t alerts;   /* see queue_alerts_raised */
    uint64_t given_up; /* see queue_given_up */
    uint64_t deeds;    /* see queue_deeds_asked */
    struct head head;
    char via[80]; /* see queue_came_by */
    enum calm calm;
    struct accounts accounts;
    struct tally tally;
    const struct approver *approver; /* or NULL */
};

/* ---- states (state.c) ---- */

enum mover {
    MOVER_ANYONE,  /* a person, the clock, the recovery */
    MOVER_ATTEMPT, /* also what needs an attempt: sending, published */
    MOVER_FILE,    /* also what only the documents may do: a removed entry that comes back */
};

bool state_allows(enum state from, enum state to, enum mover mover);
const char *state_deed(enum state to);        /* "cancel": what is wanted */
const char *state_sentence(enum state state); /* "it is already published": why it is not possible */

/* ---- one row (row.c) ---- */

const char *publish_late_name(enum publish_late late); /* as it is stored; NULL: unsaid */
enum publish_late publish_late_read(const char *name);

/*
 * How often the network refused a creating request of the delivery: it surely made nothing. A
 * refused repeat of a doubtful one leaves it 'unsure', and what a person gives up was 'unsure':
 * neither counts. What never left has none.
 */
#define REFUSALS                                                                                             \
    "CASE WHEN first_sent = 0 THEN 0 ELSE (SELECT COUNT(*) FROM history h WHERE h.delivery = delivery.id"    \
    " AND h.from_state = 'sending' AND h.to_state = 'refused') END"

/* What it says, from the table of its own. */
#define CONTENT_TEXT "(SELECT content FROM content WHERE content.delivery = delivery.id)"

/* The columns of struct delivery, in the order delivery_read wants them. */
#define DELIVERY_COLUMNS                                                                                     \
    "id, post_id, account, network, state, slot, due, delivery_key, content_hash, origin, series, "          \
    "slot_name, bucket, "                                                                                    \
    "source, prepared, lost, overridden, attempts, failures, first_sent, published, remote_id, remote_url, " \
    "message, "                                                                                              \
    "author, version, created, updated, memo, " CONTENT_TEXT ", publish_late, " REFUSALS                     \
    ", released, asked, review, "                                                                            \
    "changed_by, deleting, deleted, editing, edited, "                                                       \
    "CASE WHEN editing > 0 THEN (SELECT e.content FROM edit e WHERE e.delivery = delivery.id) END"

/* The delivery of the query's present row; fails, naming it, when its stored JSON cannot be read any more. */
struct delivery *delivery_read(const struct query *query, struct arena *arena, struct error *err);

/* The same but for what it says, which is NULL: reading that takes longer than all the rest. */
struct delivery *delivery_read_bare(const struct query *query, struct arena *arena, struct error *err);

/* The first rows of a query over DELIVERY_COLUMNS, 'most' at most, and whether there are more; ends it. */
bool delivery_read_some(struct query *query, size_t most, struct arena *arena, struct delivery ***ret_deliveries,
                        size_t *ret_count, bool *ret_more, struct error *err);

/* All of them. */
bool delivery_read_all(struct query *query, struct arena *arena, struct delivery ***ret_deliveries,
                       size_t *ret_count, struct error *err);

/* Those whose ids a query gives, in its order; ends it. For what is asked often and seldom found: a statement over
 * DELIVERY_COLUMNS is 20 KiB for as long as it is kept. */
bool delivery_read_found(struct queue *queue, struct query *ids, struct arena *arena,
                         struct delivery ***ret_deliveries, size_t *ret_count, struct error *err);

struct spot { /* the row as it is in the database now, as far as moving it needs */
    int64_t row;
    const char *post_id, *account;
    enum state state;
    instant slot, due, first_sent, published;
    const char *content_hash;
    bool prepared, lost;
    int64_t attempts, version;
    int failures;
    enum publish_late publish_late;
    enum review review;
    const char *memo;   /* JSON; NULL: that of 'read' */
    const json_t *read; /* the memo as the caller read it, see spot_of */
};

/* The row as somebody read it before: that it is still so is for the writing to find out (delivery_shift_if).
 */
struct spot spot_of(const struct delivery *delivery);

/* Fails with "no delivery …" when there is none. Texts are in arena. */
bool spot_read(struct queue *queue, int64_t row, struct arena *arena, struct spot *ret_spot,
               struct error *err);

/*
 * Of what ended without being published, for who would go on with it: why not, because what was out of it is
 * deleted, or to be (deed.c); *ret_why NULL: nothing of it is.
 */
bool deletion_bars(struct queue *queue, const struct spot *spot, const char **ret_why, struct error *err);

/* The question of each turn (deliveries.c); a test looks at how SQLite answers it. */
extern const char queue_line_sql[];

/* What queue_taken asks, part by part; NULL at the end. A test looks at how SQLite answers them. */
extern const char *const queue_taken_sql[];

/* ---- the gate (approval.c) ---- */

const char *review_name(enum review review); /* as it is stored; NULL: none */
enum review review_read(const char *name);

/* Who can have written something, or NULL: the files, or cald itself. */
const char *person_or_null(const char *who);

/* Whether a new delivery may be ready. */
bool approval_lets_in(struct queue *queue, const struct wanted *wanted, const char *hash);

/* Whether one that is there may go out as 'what' says ('said' is read where it matters), or as it stands in
 * its row. */
bool approval_lets(struct queue *queue, int64_t row, struct approval_case *what, bool *ret_lets, struct error *err);
bool approval_lets_row(struct queue *queue, int64_t row, bool *ret_lets, struct error *err);

/* Writes a word of the delivery as it stands in its row; or of another content of it, by its hash. */
bool approval_say(struct queue *queue, int64_t row, const struct approval_word *word, const char *who, instant now,
                  struct error *err);
bool approval_say_of(struct queue *queue, int64_t row, const struct approval_word *word, const char *who,
                     const char *hash, instant now, struct error *err);

/* ---- changing it (shift.c) ---- */

/* What is known of accounts is read again: after a write, and when a transaction came to nothing. (accounts.c) */
void accounts_forget(struct queue *queue);

/* Writes when something was published there last, unless it says something later. (accounts.c) */
void account_note_published(struct queue *queue, const char *name, instant now);

struct tried { /* what an attempt leaves in the row, as it is then */
    bool begins; /* an intent: it leaves the number of attempts, first_sent and the memo */
    int64_t attempts;
    int failures;
    instant first_sent, published;
    bool prepared, lost;
    const char *memo;                   /* JSON; NULL: unchanged */
    const char *remote_id, *remote_url; /* NULL: unchanged */
};

struct shift { /* who moves it where, and why */
    enum state to;
    instant due;  /* 0: derived from state and slot */
    instant slot; /* after the shift: what due is derived from */
    const char *who, *why;
    const char *before, *after; /* of what else changes: see describe_change */
    const char *kind;           /* of the entry in the audit trail; NULL: as the states say */
    enum mover mover;
    const struct tried *tried;   /* with MOVER_ATTEMPT; or NULL */
    const struct approval_word *word;    /* what 'who' says of it, before the gate; or NULL */
    bool submits;               /* a draft afterwards, it is handed in */
    bool stopped;               /* written by delivery_shift: the gate made it a draft */
};

/*
 * The one place that writes a state. Refuses what the drawing does not have ("cannot cancel: …"), before
 * anything is written. The row must have its new content, time and bucket by then: the gate (approval.h) looks at
 * them, and makes a draft of what would go out and is not approved. Writes state, due, message, version and the history (nothing there when neither the
 * state changes nor a reason is given), and notes the change for queue_on_change.
 */
bool delivery_shift(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                    struct error *err);

/* The same of an attempt (shift->tried) for a spot that was not read in this transaction: if the row has
 * another version by now *ret_as_said is false, and nothing is written. */
bool delivery_shift_if(struct queue *queue, const struct spot *spot, const struct shift *shift, instant now,
                       bool *ret_as_said, struct error *err);

/* Tells the listener about it after the commit. */
void note_change(struct queue *queue, const char *post_id, const char *account, enum state from,
                 enum state to, instant now);

/* The memo of the spot with these members; null removes. NULL: they change nothing. In arena. (attempt.c) */
bool memo_with(const struct spot *spot, const json_t *news, struct arena *arena, const char **ret_memo,
               struct error *err);

bool attempt_close(struct queue *queue, const struct spot *spot, int64_t number, const struct settlement *settlement,
                   instant now, struct error *err); /* (attempt.c) */

/* ---- what happened (history.c) ---- */

/* The one place that writes the history: number, time, via and the chain are
 * filled in. row 0: of no delivery. */
/* Tells the listener after the commit that a crisis began or ended. */
void note_crisis(struct queue *queue, const char *account, bool starts, instant now);

bool history_add(struct queue *queue, int64_t row, const struct audit_entry *entry, instant now, struct error *err);

/* What audit_read reads, in its order. */
#define AUDIT_ENTRIES                                                                                        \
    "SELECT h.id, h.at, h.kind, h.who, h.via, d.post_id, COALESCE(d.account, h.account), h.from_state, "     \
    "h.to_state, h.why, h.before_json, h.after_json, (SELECT p.hash FROM history p WHERE p.id = h.id - 1), " \
    "h.hash FROM history h LEFT JOIN delivery d ON d.id = h.delivery"

struct query;
/* the present row */
void audit_read(const struct query *query, struct arena *arena, struct audit_entry *ret_entry);

struct packed;

struct described { /* JSON objects, or NULL */
    char *before, *after;
};

struct becoming { /* what a delivery will be */
    instant slot;
    enum publish_late publish_late;
    const struct packed *content; /* NULL: as it is */
};

/* What that changes, before it is written: {"content":…,"slot":…,"publish_late":…}. */
bool describe_change(struct queue *queue, const struct spot *spot, const struct becoming *becoming,
                     struct described *ret_described, struct error *err);
void described_release(struct described *described);

/* ---- its content (packed.c) ---- */

struct packed { /* a content as it is stored */
    const struct content *content;
    char *json;
    char hash[SHA256_HEX]; /* as content_hash makes it, at half the price */
};

void packed_init(struct packed *packed, const struct content *content); /* content must outlive it */
/* The same without its JSON; hash: of the content, or NULL. packed_complete
 * makes the JSON where it is needed. */
void packed_begin(struct packed *packed, const struct content *content, const char *hash);
void packed_complete(struct packed *packed);
void packed_release(struct packed *packed);

/* The post's name and its words in lower case, one text a line: what is searched in. The caller frees it. */
char *content_fold(const char *post_id, const struct content *content);

/* Text in lower case, character by character; adds to out. */
void search_fold(struct buf *out, const char *text);

/*
 * Why the content cannot be replaced any more ("a part of it is already published"), or NULL. What was
 * prepared for the old content must go then, and with it what says which parts of a thread are out already.
 */
bool content_is_fixed(struct queue *queue, const struct spot *spot, const char **ret_why, struct error *err);

/* Writes the content, and whose it is, and forgets what was prepared for the old one. */
bool content_replace(struct queue *queue, const struct spot *spot, const struct packed *packed,
                     const char *who, struct error *err);

/* ---- coming in (add.c) ---- */

/*
 * Inserts what is not there yet; fails, and spoils the transaction, if it is. from_file: what the
 * file says is remembered, to be compared with what it says next time.
 */
bool delivery_add(struct queue *queue, const struct wanted *wanted, const struct packed *packed,
                  bool from_file, const char *who, instant now, int64_t *ret_row, struct error *err);

/* The state it gets: a draft where the gate is shut for what would be ready. */
enum state state_coming_in(struct queue *queue, const struct wanted *wanted, const char *hash);

/* The slot for what is ready, and for a draft whose time is ahead or that was handed in; else INSTANT_NEVER: no
 * time moves it. */
instant due_of(enum state state, instant slot, bool submitted, instant now);

/* ---- how many are in which state (tally.c) ---- */

/* To be called with each delivery that comes in, moves, or is published; what they come to is written with
 * the commit. */
void tally_comes(struct queue *queue, const char *account, enum state state);
void tally_moves(struct queue *queue, const char *account, enum state from, enum state to);
void tally_published(struct queue *queue, const char *account, instant now);

/* Whether the open transaction counted for it already: then it is in the table. */
bool tally_has(const struct queue *queue, const char *account);

/* Before the commit, and before the numbers are read in the transaction. Forgets what it wrote. */
bool tally_write(struct queue *queue, struct error *err);
void tally_forget(struct queue *queue);

/* ---- transactions (queue.c) ---- */

/* Ends what queue_begin began: commits if ok, else rolls back. */
bool queue_finish(struct queue *queue, bool ok, struct error *err);

/* Something may leave after this transaction: an older copy of the database is to be known as such. */
bool queue_count_departure(struct queue *queue, struct error *err);

/* Fails when the disk is full: for what takes on new work. */
bool queue_check_room(struct queue *queue, struct error *err);

#endif
