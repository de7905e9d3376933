/*
 * check: what the charter says about a post and about the plan.
 *
 * The same functions judge what comes from the file, from calctl and from the API (invariant 8).
 */
#ifndef CALD_CHECK_H
#define CALD_CHECK_H

#include "base/diag.h"
#include "editorial/charter.h"
#include "editorial/plan.h"

/*
 * One content of a post of this bucket (or NULL) for one account: all rules about contents
 * (rule.h), and the network's own limits (network_check). 'where' gives file, line, column and post
 * of the findings. session may be NULL.
 */
void check_content(const struct charter *charter, const struct account *account, const struct content *content,
                   const char *bucket, const json_t *session, const struct diag *where, struct diags *diags);

/* The charter's part of it alone: the network is not asked. For callers that show
 * one content to several accounts. */
void check_words(const struct charter *charter, const struct account *account, const struct content *content,
                 const char *bucket, const struct diag *where, struct diags *diags);

struct online;

/* Whether the charter asks for anything that takes the network. */
bool check_asks(const struct charter *charter);

/*
 * The rules that take the network (online.h): puts their questions into 'online', and adds findings for those
 * that are answered there. diags NULL: only the questions.
 */
void check_online(const struct charter *charter, const struct account *account, const struct content *content,
                  const char *bucket, struct online *online, const struct diag *where, struct diags *diags);

/* Whether a plan is held against the words of all its posts, so that none of them may be missing. */
bool check_compares_words(const struct charter *charter, const struct calendar *calendar);

struct proposal { /* a post that should go out at a time */
    const struct account *account;
    const struct content *content;   /* NULL: its words are not looked at */
    const char *bucket;              /* or NULL */
    const struct campaign *campaign; /* or NULL */
    const char *self;                /* its id, which does not count against itself; or NULL */
    instant at;
    /* its time stays what it is: only what its words have to do with it is looked at */
    bool words_only;
};

/*
 * One instant for one account among what is already planned (sorted by time, the account's own
 * deliveries and others mixed): quiet hours, silent days, silent key dates, gap, posts a day,
 * embargoes, collisions, near-duplicates.
 */
void check_time(const struct charter *charter, const struct calendar *calendar, const struct proposal *proposal,
                const struct planned *planned, size_t planned_count, const struct diag *where, struct diags *diags);

/* How far before and after its time the account's other posts matter for check_time. */
duration check_reach(const struct charter *charter, const struct account *account, const char *bucket);

/* The share that its bucket has with it, among what is planned on all accounts;
 * nothing if the charter does not say. */
void check_mix_of(const struct charter *charter, const struct proposal *proposal, const struct planned *planned,
                  size_t planned_count, const struct diag *where, struct diags *diags);

/* How far before its time all other posts matter for check_mix_of; 0: not at all. */
duration check_mix_reach(const struct charter *charter, const char *bucket);

/* What is done about a time that a rule gave, of a series or a slot, and that the charter forbids. */
enum recurring {
    RECURRING_REFUSED, /* it is an error as any other: for who wrote it */
    /* a warning, its deliveries are held: no error may come up by itself as time goes on */
    RECURRING_HELD,
};

struct plan_view {
    const struct charter *charter;
    const struct calendar *calendar;
    /* sorted, as plan() gives it; also what was before 'from', as far as check_looks_back */
    const struct planned *planned;
    size_t planned_count;
    instant from, until;           /* what is judged, and how far series and slots are planned */
    const struct account *const *accounts; /* all there are */
    size_t account_count;
};

/*
 * A plan: each time from 'from' on among those before it; posts of slots are left out, for where they
 * fall depends on what was published already. Series give way: theirs are judged among all times that a
 * person wrote down, which are judged without them. The slots' own times in [from, until), quiet hours
 * and silent days. Then the plan as a whole: key dates, mix, near-duplicates, collisions, accounts left
 * alone, empty slots, campaigns, budgets; with RECURRING_HELD an error there is a warning unless it is
 * about times that a person wrote down alone.
 */
void check_plan(const struct plan_view *view, enum recurring recurring, struct diags *diags);

/* How far before 'from' a plan must reach for that. */
duration check_looks_back(const struct charter *charter, const struct calendar *calendar);

/*
 * What the charter has against the time of planned[index] that a rule gave, by the same measure (of a slot's
 * post: quiet hours and silent days); NULL: nothing, or a person wrote the time down. In arena.
 */
const char *check_recurring(const struct charter *charter, const struct calendar *calendar,
                            const struct planned *planned, size_t planned_count, size_t index, struct arena *arena);

#endif
