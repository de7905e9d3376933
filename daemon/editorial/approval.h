/*
 * approval: who has to approve a post before it goes out, by the charter, and whether that was done. Pure.
 *
 * The charter has a table of rules. All rules that fit a delivery (by account, network and bucket) apply, so
 * that a rule can ask for more and never for less than another. A rule has stages, in their order; each is
 * done when so many people approved who may: by name, or by role (that role or a higher one). A person counts
 * once within a rule, one word counts in each rule. Nobody is asked before the stages in front are done.
 * Where no rule fits, what was made a draft needs one editor.
 *
 * A word counts for exactly the content of which it was said (its hash; the account is the delivery's own),
 * and with 'time: true' for exactly the time; until something was rejected or withdrawn after it. Another
 * content needs other words; the same content once more needs none. With 'own: false' a word does not count
 * of who wrote the post or changed it last. What the files say was written by nobody whom cald knows, unless
 * a person brought it into force (reload, apply): then by this one.
 *
 * A person is the name of a user or of a token: 'anna' is "uid 1000 (anna)" and "token anna".
 */
#ifndef CALD_APPROVAL_H
#define CALD_APPROVAL_H

#include "base/arena.h"
#include "editorial/calendar.h"
#include "editorial/names.h"
#include "queue/approval.h"

struct approval_stage {
    struct names by; /* people and roles */
    int64_t count;   /* how many of them */
    const struct position *places; /* where the charter names each of 'by' */
};

struct approval_rule {
    struct position position;
    struct names to;      /* accounts and networks; empty: all */
    struct names buckets; /* likewise; a post without a bucket is in none */
    struct names except;  /* buckets for which it does not hold */
    const struct approval_stage *stages;
    size_t stage_count;
};

struct approval_rules { /* all zero: nothing needs an approval but drafts, which one editor approves */
    const struct approval_rule *items;
    size_t count;
    bool not_own; /* own: false */
    bool time;    /* another time is another post */
};

/* Roles that can be named, the least first; ends in NULL. */
extern const char *const approval_roles[];

bool approval_is_role(const char *name);

/* "anna" of "uid 1000 (anna)" and "token anna"; what is neither as it is. In the arena, or 'who'. */
const char *approval_person(const char *who, struct arena *arena);

/* Whether the delivery needs an approval at all. context: struct approval_rules. What the queue's gate asks.
 */
bool approval_concerns(const void *context, const struct approval_case *what);

/* Whether it has all it needs, where it needs any. */
bool approval_suffices(const void *context, const struct approval_case *what);

struct approval_open {                /* a rule that is not done */
    const struct approval_rule *rule; /* NULL: of drafts, where none fits */
    size_t stage, stage_count;
    struct names by;
    int64_t missing; /* how many more */
};

struct approval_standing {
    bool needed, done;
    const struct approval *words; /* those that count now, in their order */
    size_t word_count;
    const struct approval_open *open;
    size_t open_count;
};

struct approval_standing approval_look(const struct approval_rules *rules, const struct approval_case *what,
                                       struct arena *arena);

/* Whom it waits for, for a person: "an editor", "2 of anna, ben and an admin"; several rules: "…; and …". ""
 * when nobody. Only the stages that are open now; what comes after them: approval_all. */
const char *approval_wants(const struct approval_standing *standing, struct arena *arena);

/* All that it takes from the beginning: "an editor, then anna". "" when nothing. */
const char *approval_all(const struct approval_rules *rules, const struct approval_case *what,
                         struct arena *arena);

/* Why a word of this one would not count now, or NULL: it would. */
const char *approval_objection(const struct approval_rules *rules, const struct approval_case *what,
                               const char *who, const char *role, struct arena *arena);

/* Whether this one has a say in it, in whatever stage: may give it back and withdraw what was approved. */
bool approval_has_say(const struct approval_rules *rules, const struct approval_case *what, const char *who,
                      const char *role);

#endif
