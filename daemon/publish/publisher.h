/*
 * publisher: what the files of the publisher share. Nobody outside publish/ includes it.
 *
 * A 'line' is an account: what it may do next and when to look again. A 'run' is one step of one delivery (or
 * of a check of credentials) from its intent to its settlement:
 *
 *   INTENDED ──commit──▶ COMMITTED ──slot──▶ FLYING ──answer──▶ ENDED ──settle──▶ SETTLED ──commit──▶ gone
 *      └─ commit failed: gone, nothing was sent                   ◀── commit failed ──┘
 *
 * At the end of a turn all that ended is settled, then all lines that need it are looked at, in one
 * transaction. Only after its commit does anything leave, or is anything told.
 */
#ifndef CALD_PUBLISHER_H
#define CALD_PUBLISHER_H

#include "base/arena.h"
#include "base/index.h"
#include "network/network.h"
#include "publish/fitter.h"
#include "publish/hosting.h"
#include "publish/http.h"
#include "publish/hubs.h"
#include "publish/policy.h"
#include "publish/publish.h"
#include "publish/teller.h"
#include "publish/writer.h"
#include "queue/approval.h"

enum {
    WARM_BEFORE = 3000, /* ms before its slot: the connection of a creating request is opened */
    INTENT_BEFORE =
        100, /* … its intent is put on disk, so that it leaves at the slot and not a commit later */
    PLACES_A_LOOK = 24,
    MOST_AHEAD = 4,     /* deliveries of an account examined behind the first that must wait */
    MOST_PREPARING = 2, /* preparing steps of an account at a time */
    MOST_HERE = 64,     /* deliveries without a request settled in a turn, of an account */
    MOST_SETTLING = 2,  /* unsure deliveries of an account looked for at a time */
};

enum phase { PHASE_INTENDED, PHASE_COMMITTED, PHASE_FLYING, PHASE_ENDED, PHASE_SETTLED, PHASE_COUNT };

struct run;

struct runs { /* in the order in which they came */
    struct run *first, *last;
    size_t count;
};

enum purpose {
    PURPOSE_PUBLISH, /* next, read */
    PURPOSE_REPEAT,  /* next, read, for an unsure delivery: the stored bytes */
    PURPOSE_FIND,    /* find, found */
    PURPOSE_DISCARD, /* discard, discarded, of a delivery that is not published after all */
    PURPOSE_REMOVE,  /* remove, removed, of one that is published: a person wants it deleted there */
    PURPOSE_EDIT,    /* edit, edited, likewise: a person wants it changed there */
    PURPOSE_VERIFY,  /* verify, verified; there is no delivery */
};

struct line {
    struct publisher *publisher;
    char *name;
    const struct settings_account *account; /* NULL: not in cald.yaml any more, while its last runs end */
    json_t *session;
    uint64_t epoch;      /* grows when another's session takes its place: what older runs get for it is void */
    bool unsaved;        /* it is newer than what is on disk */
    bool renewing;       /* though nothing is due (expiry.c) … */
    int renew_failures;  /* … so often in vain since it last worked … */
    instant renew_after; /* … and not before */
    bool dirty;          /* to be looked at when this turn ends */
    instant next;        /* to be looked at then, INSTANT_NEVER: when something happens */
    instant unsure_next; /* likewise the unsure ones */
    instant discard_next; /* likewise those of which something is to be taken back */
    uint64_t given_up;   /* queue_given_up when they were looked at */
    instant deeds_next;  /* likewise those that are to be deleted or changed on the network */
    instant deeds_after; /* the network asked to wait with all of them */
    uint64_t deeds;      /* queue_deeds_asked when they were looked at … */
    unsigned deeds_mood; /* … and what held edits back then */
    instant warmed_for;  /* the slot a connection was opened for */
    instant last_create; /* when the last creating request left, for the pace */
    struct run *runs;    /* its own, by line_next: an account has few */
};

struct verify { /* a check of an account's credentials that somebody waits for, or their renewal, for itself */
    struct verify *next;
    char *account;
    bool renews;
    bool busy;
    int steps;
    void (*done)(void *context, const struct outcome *outcome);
    void *context;
};

struct run {
    struct run *previous, *next; /* of those in its phase */
    struct run *line_next;       /* of its line */
    struct publisher *publisher;
    struct line *line;
    struct arena *arena;
    enum purpose purpose;
    enum phase phase;
    struct delivery *delivery; /* as it was when the step was made; NULL: verifying */
    const struct delivery *intended; /* as its intent left the row; NULL: there is none */
    struct verify *verify;
    struct step step;
    uint64_t epoch; /* of the line's session when it began */
    int64_t attempt;
    int64_t version; /* of the row after the intent */
    instant leave;   /* the request must not leave before */
    instant started;
    int status; /* HTTP */
    struct http_timings timings;
    bool lost;      /* it may have left, and no whole answer came */
    bool withheld;  /* a crisis came between its intent and its departure: it did not leave */
    bool here;      /* intent and settlement are one transaction: nothing to do again if it fails */
    bool resettled; /* a commit of its settlement failed: the row may have it or not */
    struct outcome outcome;
    enum state to; /* what it was settled to */
};

struct publisher {
    struct loop *loop;
    struct queue *queue;
    struct http *http;
    struct teller *teller;
    struct lookup *lookup;
    struct hosting *hosting;
    struct writer *writer;
    struct hubs *hubs;
    struct fitter *fitter;
    const struct documents *documents;
    struct approver approver; /* of the charter in force: what the queue's gate asks */
    json_t *nothing;     /* the memo of what has none */
    struct line **lines; /* never removed: runs point to them */
    size_t line_count;
    struct index by_name; /* the same */
    size_t first_line; /* where the next look begins, so that none is always last */
    struct runs runs[PHASE_COUNT]; /* a turn touches those that have something to do, however many are in flight */
    struct verify *verifies;
    struct trial *trials; /* login.c */
    struct timer *timer;    /* of what is due */
    struct timer *kick;     /* makes a turn */
    struct timer *patience; /* of a drain */
    struct timer *database; /* of the next try after a failed transaction */
    instant next_draft;     /* when the time of one comes; 0: to be found out */
    bool pending;           /* something is to be done when this turn ends */
    bool working;           /* it is being done */
    duration left;          /* monotonic; when something last left */
    bool recovering;        /* a transaction failed: strays may be on disk */
    int database_failures;
    bool no_room;    /* the disk is full: outcomes are stored, nothing begins */
    bool clock_held; /* the clock cannot be right: nothing is done */
    instant newest;  /* the newest instant that was stored */
    instant newest_before; /* … before the clock jumped ahead … */
    duration ahead;        /* … so far; 0: it did not */
    char *doubt;     /* why the database may not know what was sent, or NULL */
    bool doubt_told;
    bool draining;
    void (*drained)(void *context);
    void *drain_context;
};

/* publish.c */
void publisher_pend(struct publisher *publisher); /* have the turn's end look at what is to be done */
struct line *publisher_line(const struct publisher *publisher, const char *account); /* or NULL */
bool publisher_has_room(const struct publisher *publisher);
const struct settings *publisher_settings(const struct publisher *publisher);

/* line.c: starts what the account may do now; false: the database failed. */
bool line_look(struct line *line, struct error *err);
/* Borrowed parts throughout, in arena what was made for it; delivery NULL: of the account alone. */
struct job line_job(const struct line *line, const struct delivery *delivery, struct arena *arena);
/* Of an edit: its content is what it is to say, 'published' what it says. */
struct job line_edit_job(const struct line *line, const struct delivery *delivery, struct arena *arena);
/* The next step: the driver's, unless an image must be made to fit before. Sessions come first: they know limits. */
void line_next(const struct line *line, const struct job *job, struct arena *arena, struct step *ret_step);
duration line_lead(const struct line *line); /* how long before a slot preparing begins; it has its account */
struct late_policy line_late_policy(const struct line *line, const struct delivery *delivery);
bool line_publishes_late(const struct line *line, const struct delivery *delivery); /* its entry says so */
bool line_is_partly_out(struct line *line, const struct delivery *delivery, struct arena *arena);
void line_set_session(struct line *line, const json_t *session);
/* Another's: on disk first. */
bool line_replace_session(struct line *line, const json_t *session, struct error *err);
/* Whether the session may be renewed: what is good for one use is not used before what it came with is on disk. */
bool line_may_renew(struct line *line);

/* unsure.c: starts settling what is unsure. */
bool line_look_at_unsure(struct line *line, struct error *err);
/* What is known of the try that is in doubt, by its attempts, and where a person looks for it (or NULL). */
struct doubt line_doubt(const struct line *line, const struct delivery *delivery, const struct attempt *attempts,
                        size_t count, struct arena *arena);
const char *line_where(const struct line *line, const struct delivery *delivery, struct arena *arena);
/* Whether nothing may be created now: the account's setting 'unsure' makes it wait for something unsure. */
bool line_waits_for_unsure(struct line *line, struct arena *arena, bool *ret_waits, struct error *err);

/* discard.c: starts taking back what was prepared for what is not published
 * after all. Stands in nobody's way. */
bool line_look_at_discards(struct line *line, struct error *err);
bool discard_settle(struct run *run, struct error *err); /* in the transaction */

/* deed.c: starts deleting or changing on the network what a person wants deleted or changed there. Deleting
 * also in a crisis, and where the account is paused (held): nothing is published by it. */
bool line_look_at_deeds(struct line *line, bool held, struct error *err);
bool deed_settle(struct run *run, struct error *err); /* in the transaction */
/* Whether it is aside of the line: what it does is in nobody's way, and no account's fault. */
bool run_is_aside(const struct run *run);

/* run.c */
void run_move(struct run *run, enum phase phase);
size_t runs_total(const struct publisher *publisher);
size_t runs_active(const struct publisher *publisher); /* not settled */
struct run *run_find(const struct line *line, int64_t row); /* of a delivery, not settled, or NULL */
unsigned run_count(const struct line *line,
                   unsigned kinds); /* not settled; kinds: bits 1 << enum step_kind */
bool run_is_settling(const struct run *run);

struct candidate { /* a delivery that something may be done with, and the step that its driver makes of it */
    struct arena *arena; /* for all of it */
    struct delivery *delivery;
    struct step step;
};

/* Reads the delivery, in the transaction in which it may begin. */
bool candidate_read(struct line *line, int64_t row, struct candidate *ret_candidate, struct error *err);
void candidate_make(struct line *line, enum purpose purpose, struct candidate *candidate); /* its step */
void candidate_release(struct candidate *candidate);

/* Makes the run of a candidate's step, which lives in its arena from then on (it need not be released, but may), and
 * puts the intent into the transaction. body: NULL, or stored bytes to send instead. */
bool run_begin(struct line *line, enum purpose purpose, struct candidate *candidate, const char *body,
               size_t body_length, struct error *err);
/* The same for a step without a request: it is settled in the transaction, too. */
bool run_here(struct line *line, struct candidate *candidate, struct error *err);
/* All of it, for a delivery that was read elsewhere. */
bool run_begin_row(struct line *line, enum purpose purpose, int64_t row, const char *body, size_t body_length,
                   struct error *err);
bool run_here_row(struct line *line, int64_t row, struct error *err);
void run_verify(struct line *line, struct verify *verify, struct arena *arena, const struct step *step);
void run_send(struct run *run);
/* A crisis came before it left: it does not, and says so. */
void run_withhold(struct run *run);
void run_free(struct run *run); /* and takes it out of its lists */

/* settle.c */
bool settle_run(struct run *run, struct error *err); /* in the transaction */
const char *settle_timings(const struct run *run);   /* as the attempt keeps them, or NULL */
void settle_tell(struct run *run);                   /* after its commit: log, counters, who waits */
/* What is in state sending and nobody sends: unsure, or, where nothing can have left, to be tried again. */
bool settle_strays(struct publisher *publisher, bool may_have_left, struct error *err);

/* unapproved.c: drafts whose time has come are held, and told. In the transaction. */
bool unapproved_hold(struct publisher *publisher, struct error *err);
/* The same for one that is ready, where the charter wants an approval now. ret_held: it was. */
bool unapproved_stop(struct line *line, const struct delivery *delivery, bool *ret_held, struct error *err);

/* accounts.c: agreement of lines and queue with the accounts of new documents. */
bool accounts_use(struct publisher *publisher, struct error *err);

/* Somebody logged in: the brake is over, and the new secret is no change of the configuration. In the transaction. */
bool accounts_note_login(struct line *line, const char *who, struct error *err);
/* … or out: what is published there waits. A transaction of its own. */
bool accounts_note_logout(struct line *line, const char *who, struct error *err);

/* expiry.c: brakes the account that nobody is logged in to, tells in time of a login that ends, and renews one that
 * would, though nothing is to be published. In the transaction. ret_needed: nothing can be done there. */
bool expiry_look(struct line *line, bool *ret_needed, struct error *err);
/* A new line: nothing is renewed at once when the process starts. */
void expiry_begin(struct line *line);
void expiry_renewed(struct line *line, const struct outcome *outcome);

/* login.c */
void login_free_all(struct publisher *publisher);

struct sweep { /* through the whole queue, in the open transaction */
    unsigned states;
    bool (*visit)(struct publisher *publisher, const struct delivery *delivery, struct error *err);
};
bool sweep_all(struct publisher *publisher, const struct sweep *sweep, struct error *err);

/* trust.c: whether anything may begin at all. */
void trust_load(struct publisher *publisher);
bool trust_allows(struct publisher *publisher); /* tells once why not */
bool trust_note_newest(struct publisher *publisher, struct error *err); /* in the transaction */
void trust_clock_stepped(struct publisher *publisher, duration by);

/* verify.c */
void verify_advance(struct publisher *publisher);
/* Begins to renew the account's credentials; expiry_renewed is told in the end. */
void verify_renew(struct publisher *publisher, const char *account);
void verify_end(struct publisher *publisher, struct verify *verify, const struct outcome *outcome);
bool verify_settle(struct run *run, struct error *err);

#endif
