/*
 * import_columns: what the columns of a scheduler's CSV are to us. Pure: header names → kinds, by a table.
 *
 * Names are compared without case, accents and signs; what follows " - " or stands in brackets is an
 * explanation ("Date - Intl. format or prompt", "postAtSpecificTime (yyyy-MM-dd HH:mm:ss)"); a number at the
 * end tells columns of one kind apart ("Picture Url 1"). The names are those of public documentation and
 * templates: Buffer, Publer, Metricool, SocialBee, HighLevel, Sprout Social, Vista Social, Ayrshare and
 * others, in English and French, and our own of 'calctl export'. Hootsuite's files have no names: there they
 * are given.
 */
#ifndef CALCTL_IMPORT_COLUMNS_H
#define CALCTL_IMPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum column_kind {
    COLUMN_UNKNOWN,
    COLUMN_ID,
    COLUMN_TEXT,
    COLUMN_THREAD, /* JSON, as a calendar writes it */
    COLUMN_DATE,   /* a date, or date and time */
    COLUMN_TIME,   /* the time beside it, or date and time */
    COLUMN_SLOT,
    COLUMN_ACCOUNTS, /* names of accounts or networks */
    COLUMN_SWITCH,   /* one account or network of that name: TRUE or FALSE */
    COLUMN_LINK,
    COLUMN_MEDIA,
    COLUMN_ALT,
    COLUMN_TITLE,
    COLUMN_BUCKET,
    COLUMN_LABELS, /* labels inside a tool: the first is the bucket */
    COLUMN_CAMPAIGN,
    COLUMN_COST,
    COLUMN_LANGUAGE,
    COLUMN_WARNING,
    COLUMN_VISIBILITY,
    COLUMN_SUMMARY,
    COLUMN_SLUG,
    COLUMN_BODY,
    COLUMN_TAGS,       /* that a blog or feed shows */
    COLUMN_CATEGORIES, /* of a blog */
    COLUMN_DRAFT,      /* TRUE or FALSE */
    COLUMN_STATE,      /* draft, scheduled, published… */
    COLUMN_REPORT,     /* what 'calctl export' tells of what became of a post: nothing to import */
    COLUMN_COMMENT,    /* what we cannot hold: */
    COLUMN_VIDEO,
    COLUMN_FOREIGN,
    COLUMN_SKIPPED, /* "-": the user said so */
};

struct column_name {
    enum column_kind kind;
    const char *key; /* the name as it is compared */
    unsigned number; /* at its end, from 1; 0: none */
};

/* What a header's name says; COLUMN_UNKNOWN, or COLUMN_SWITCH for one of the networks that tools publish to.
 */
struct column_name column_name(const char *header, struct arena *arena);

/* Whether a name is one of the networks that tools publish to, whether we do or not. */
bool column_is_network(const char *key);

/* The name to use for a kind (--columns, --column), or NULL for those that cannot be asked for. */
const char *column_word(enum column_kind kind);

/* The kind of a word of --columns or --column: one of column_word, or any name of a header; COLUMN_UNKNOWN.
 */
enum column_kind column_of_word(const char *word, struct arena *arena);

/* The words, for messages: "id, text, …". */
const char *column_words(struct arena *arena);

#endif
