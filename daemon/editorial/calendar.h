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
#include "base/index.h"
#include "base/yaml.h"
#include "editorial/late.h"
#include "editorial/phrase.h"
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
    duration lead; /* a post that 'covers' it should be out so long before it; 0: none is asked for */
};

struct campaign { /* posts that belong together */
    const char *name;
    struct position position;
    bool has_embargo;
    instant embargo;               /* until then nothing of it goes out, */
    const struct phrases *words;   /* nor any post that has one of these words; NULL: none */
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
    /* the series can fall more than once a day: ids of occurrences carry the time */
    bool often;
    bool sub_daily;            /* its FREQ is below DAILY: choices take turns anew each day, else each year */
    const char *bucket;        /* or NULL */
    const struct campaign *campaign; /* or NULL */
    bool closing;              /* ends its campaign */
    const char *covers;        /* the name of a key date, or NULL */
    int64_t cost;              /* planned, in whole units of the team's currency */
    bool draft;
    bool incomplete;           /* it is over, and files of it are gone: its contents are not what they were */
    /* all that its entry names, used or not; with body files they may change while the entry does not */
    const struct media *const *media;
    size_t media_count;
    bool names_body_file;
    /* its entry is what it was when it was applied, and was checked then: what it publishes is not here */
    const struct recalled *recalled;
    bool publish_late;         /* missed: this post is published however late it is */
    const struct late_policy *late; /* what its file says, to be laid over the account's; NULL: nothing */
    const struct target *targets;
    size_t target_count;
};

struct calendar {
    const struct zone *zone;   /* 'timezone' */
    const char *language;      /* of posts that say nothing else; or NULL */
    const struct slot *slots;
    size_t slot_count;
    const struct key_date *key_dates;
    size_t key_date_count;
    const char *const *buckets; /* declared ones; empty: any */
    size_t bucket_count;
    const struct campaign *const *campaigns;
    size_t campaign_count;
    const struct post *posts;  /* in the order of the files */
    size_t post_count;
    struct index ids;          /* id → struct post: see calendar_post */
};

/* ---- loading ---- */

struct recalled { /* an entry of 'posts' with a time of its own that is not read again */
    const char *id, *bucket;
    const struct target *targets; /* without contents */
    size_t target_count;
    const struct media *const *media; /* file and hash */
    size_t media_count;
    instant instant;
    enum civil_fold fold;
    unsigned line, column;
    bool draft;
    bool queued; /* as it was applied, the queue has all its deliveries; else none of them */
};

struct calendar_file {
    const char *name;        /* as the user named it, for the findings */
    const struct yaml *root; /* may go once the calendar is loaded: texts are copied */
    /* of its entries those that are not in root; they come before all others, and last as long as the calendar */
    const struct recalled *const *recalled;
    size_t recalled_count;
};

/*
 * What a calendar's files refer to, answered by who may look. A missing function means: not looked at (media
 * keep mime NULL, bodies are empty). All of them return what lives in arena, or fail with one clear message.
 */
struct calendar_world {
    void *context;
    const struct account *const *accounts;
    size_t account_count;
    /* accounts are not known: any name is one, on the network of that name if there is one */
    bool any_account;
    const struct zone *(*find_zone)(void *context, const char *name, struct arena *arena, struct error *err);
    bool (*inspect)(void *context, const char *file, struct arena *arena, struct media *ret_media, struct error *err);
    const char *(*read_body)(void *context, const char *file, struct arena *arena, struct error *err);

    /* Where posts go with all that they say, which is most of a calendar; NULL: with the rest. Series stay
     * there. */
    struct arena *bulk;

    /* What an account gets of a post, as the charter wants it; NULL: as it stands. */
    const struct content *(*finish)(void *context, const struct post *post, const struct account *account,
                                    const struct content *content, struct arena *arena);

    /* What is over needs its files no more: a missing one is a warning. A post is over when its time, or its
     * series' last one, was before 'past' (0: none is); of posts in a slot is_over knows (NULL: none is). */
    instant past;
    bool (*is_over)(void *context, const char *post_id);
};

/*
 * Checks the files whole and resolves them. NULL when any error was found (warnings alone are fine); all
 * findings are in diags. The first file must name the time zone; the others may repeat it. Slots, buckets,
 * key dates and ids are shared by all files; 'language' is each file's own, else the first's.
 */
const struct calendar *calendar_load(const struct calendar_file *files, size_t file_count,
                                     const struct calendar_world *world, struct arena *arena, struct diags *diags);

/*
 * One post on its own, read by the rules of 'posts' but that 'id', 'at' and 'slot' may be missing (id NULL;
 * timing TIMING_AT with instant 0) and 'to' may not, unless a slot says it. Findings have no file.
 */
const struct post *calendar_read_post(const struct calendar *calendar, const struct calendar_world *world,
                                      const struct yaml *root, struct arena *arena, struct diags *diags);

/* The post or series of that id, or NULL. */
const struct post *calendar_post(const struct calendar *calendar, const char *id);

/* The calendar without what posts publish, and without the posts that are not kept (series always are), in
 * arena. What is left needs the calendar's own arena, but not its bulk. keeps NULL: no post is kept. */
const struct calendar *calendar_without_bulk(const struct calendar *calendar,
                                             bool (*keeps)(void *context, const struct post *post),
                                             void *context, struct arena *arena);

const struct slot *calendar_slot(const struct calendar *calendar, const char *name); /* or NULL */

#endif
