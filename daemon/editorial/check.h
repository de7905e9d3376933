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
 * One content of a post of this bucket (or NULL) for one account: all rules about contents (rule.h), and the network's
 * own limits (network_check). 'where' gives file, line, column and post of the findings. session may be NULL.
 */
void check_content(const struct charter *charter, const struct account *account, const struct content *content,
                   const char *bucket, const json_t *session, const struct diag *where, struct diags *diags);

/* The charter's part of it alone: the network is not asked. For callers that show one content to several accounts. */
void check_words(const struct charter *charter, const struct account *account, const struct content *content,
                 const char *bucket, const struct diag *where, struct diags *diags);

/*
 * One instant for one account among what is already planned (sorted by time, the account's own deliveries and
 * others mixed): quiet hours, silent days, silent key dates, gap, posts a day. 'self' is the post's id, which does
 * not count against itself.
 */
void check_time(const struct charter *charter, const struct calendar *calendar, const struct account *account,
                const char *bucket, instant at, const char *self, const struct planned *planned, size_t planned_count,
                const struct diag *where, struct diags *diags);

/* What is done about a time that a rule gave, of a series or a slot, and that the charter forbids. */
enum recurring {
    RECURRING_REFUSED, /* it is an error as any other: for who wrote it */
    RECURRING_HELD,    /* a warning, its deliveries are held: no error may come up by itself as time goes on */
};

/*
 * The times of a plan (sorted, as plan() gives it): each among those before it; posts of slots are left out, for where
 * they fall depends on what was published already. Series give way: theirs are judged among all times that a person
 * wrote down, which are judged without them. The slots' own times in [from, until), quiet hours and silent days;
 * key dates there that want a post and have none.
 */
void check_plan(const struct charter *charter, const struct calendar *calendar, const struct planned *planned,
                size_t planned_count, instant from, instant until, enum recurring recurring, struct diags *diags);

/*
 * What the charter has against the time of planned[index] that a rule gave, by the same measure (of a slot's post: quiet
 * hours and silent days); NULL: nothing, or a person wrote the time down. In arena.
 */
const char *check_recurring(const struct charter *charter, const struct calendar *calendar,
                            const struct planned *planned, size_t planned_count, size_t index, struct arena *arena);

#endif
