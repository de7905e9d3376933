/*
 * calendar: what calendar.yaml says, checked and resolved.
 *
 * One value made from one or several files; everything lives in one arena and is const afterwards. What an
 * account gets of a post (variants for the account, then for its network, over the post itself) is already
 * worked out here: the rest of the house never sees a variant.
 */
#ifndef CALD_CALENDAR_H
#define CALD_CALENDAR_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "editorial/recurrence.h"
#include "editorial/zone.h"
#include "network/content.h"
#include "network/network.h"

struct position {
    const char *file;
    unsigned line, column;
};

struct slot {                            /* a standing publication time */
    const char *name;
    struct position position;
    const struct recurrence *recurrence; /* from the slot's 'from' date, or 1970-01-01, on */
    const struct account *const *accounts; /* 'to'; where a post of this slot goes that names no account */
    size_t account_count;
};

struct key_date {
    const char *name;
    struct position position;
    struct civil date;
    bool silent; /* nothing may be published on that day */
    bool cover;  /* the calendar should have a post on that day */
};

struct target { /* one account of a post */
    const struct account *account;
    const struct content *const *contents; /* one; of a series with one_of: as many as choices */
    size_t content_count;
};

enum timing {
    TIMING_AT,     /* one instant */
    TIMING_SLOT,   /* the next free time of a slot */
    TIMING_SERIES, /* a recurrence */
};

struct post {
    const char *id;            /* [A-Za-z0-9][A-Za-z0-9._-]{0,63}, unique in the calendar */
    struct position position;
    enum timing timing;
    struct civil at;           /* TIMING_AT as written, */
    enum civil_fold fold;      /* what the zone made of it, */
    instant instant;           /* and when that is */
    const struct slot *slot;   /* TIMING_SLOT */
    const struct recurrence *recurrence; /* TIMING_SERIES */
    const char *bucket;        /* or NULL */
    bool draft;
    bool publish_late;         /* missed: this post is published however late; see settings */
    const struct target *targets;
    size_t target_count;
};

struct calendar {
    const struct zone *zone;   /* 'timezone' */
    const struct slot *slots;
    size_t slot_count;
    const struct key_date *key_dates;
    size_t key_date_count;
    const char *const *buckets; /* declared ones; empty: any */
    size_t bucket_count;
    const struct post *posts;  /* in the order of the files */
    size_t post_count;
};

const struct slot *calendar_slot(const struct calendar *calendar, const char *name); /* or NULL */

#endif
