/*
 * plan: documents → deliveries at instants. A pure function of the calendar, an interval and what is already
 * assigned.
 */
#ifndef CALD_PLAN_H
#define CALD_PLAN_H

#include "editorial/calendar.h"

struct planned { /* one delivery that should exist */
    /* of a series: "ID@2026-11-27" or, if it falls more than once a day, "ID@2026-11-27T1700" */
    const char *post_id;
    const char *series;   /* the series' id, or NULL */
    const struct post *post;
    const struct account *account;
    const struct content *content;
    instant slot;
    enum civil_fold fold;
    const char *slot_name; /* or NULL */
    const char *bucket;
    bool draft;
};

/* a time that is taken: a post that got a slot's time earlier, or whatever else holds one */
struct assigned {
    const char *post_id;
    const char *account;
    const char *slot_name; /* NULL: not through a slot */
    instant slot;
    bool over; /* it is out, or ended otherwise: it keeps that time whatever its slot's rule says now */
};

/*
 * All deliveries with from <= slot < until, and all later ones of posts with a time of their own (a person
 * who wrote them down wants to see and change them), sorted by slot, post id, account. A post of a slot keeps
 * the time it was assigned (as long as the slot's rule still has it), else takes the next time after 'now'
 * that no other post of the same slot has for any of the same accounts, in the order of the calendar. On
 * silent key dates series and slots have no times; a post with a time of its own does (the check refuses it).
 * A slot post that finds none before 'until' is left out and listed in ret_unplaced.
 */
struct planned *plan(const struct calendar *calendar, instant now, instant from, instant until,
                     const struct assigned *assigned, size_t assigned_count, struct arena *arena,
                     size_t *ret_count, const struct post ***ret_unplaced, size_t *ret_unplaced_count);

/*
 * Whether a delivery that the queue does not know yet is queued at all: occurrences of a series
 * whose time is past, and anything older than a day, are history, not mistakes to be shown. Nor
 * is what is over and lost its files.
 */
bool plan_is_news(const struct planned *planned, instant now);
#define PLAN_PAST DAYS(1) /* … that day */

/* What becomes of it as it comes in: its time may be past. late: its account's
 * policy, over which the post's lies. */
enum lateness plan_newcomer(const struct planned *planned, const struct late_policy *late, instant now);

/* Whether a slot is for all these accounts. */
bool slot_has_accounts(const struct slot *slot, const struct account *const *accounts, size_t count);

/* The next free time of a slot (name NULL or "": of any slot that has all these accounts) after 'after'. */
bool plan_next_free(const struct calendar *calendar, const char *slot_name, const struct account *const *accounts,
                    size_t account_count, instant after, const struct assigned *assigned, size_t assigned_count,
                    const struct slot **ret_slot, instant *ret_at, struct error *err);

/* The id of what a series publishes at that time of its rule: see struct planned. In arena. */
const char *plan_occurrence_id(struct arena *arena, const struct post *series, const struct civil *c);

/* ---- what silent key dates leave out ---- */

struct left_out { /* a time of a series that is none because of its day */
    const struct key_date *key_date; /* one that is silent on that day */
    const struct post *series;
    const char *post_id; /* that it would have had */
    instant at;
};

/* Those with from <= at < until, of one series or (NULL) of all: by day, series and time. Returns how many; in arena. */
size_t plan_left_out(const struct calendar *calendar, const struct post *series, instant from, instant until,
                     struct arena *arena, struct left_out **ret_left_out);

/* The same as notes for a person, one a day; of many series and of many days the first, and how many more. */
void plan_note_left_out(const struct calendar *calendar, instant from, instant until, struct diags *diags);

/* When the plan must be looked at again because a series or slot has more than 'until' covers: the first
   occurrence at or after until, INSTANT_NEVER if none. */
instant plan_next_beyond(const struct calendar *calendar, instant until);

#endif
