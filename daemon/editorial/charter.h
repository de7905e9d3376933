/*
 * charter: what charter.yaml says. This slice enforces alt texts, forbidden words, lengths, pace and quiet
 * hours; the rest is read, checked whole and kept.
 */
#ifndef CALD_CHARTER_H
#define CALD_CHARTER_H

#include <jansson.h>

#include "editorial/calendar.h"

enum check_level { CHECK_OFF, CHECK_WARNING, CHECK_ERROR };

struct quiet { /* "21:00-07:30": minutes of the day; until <= from passes midnight */
    int from, until;
};

struct pace {
    unsigned per_day;       /* most posts a civil day and account, 0: any */
    enum check_level per_day_level;
    duration gap;           /* least time between two posts of an account, 0: none */
    enum check_level gap_level;
    const struct quiet *quiet;
    size_t quiet_count;
    enum check_level quiet_level;
    bool silent_days[7];    /* Monday first */
    enum check_level silent_days_level;
};

struct forbidden {
    const char *folded;     /* word as fold_text makes it */
    const char *word;       /* matched as a whole word, case and accents folded as Unicode does (NFKC casefold) */
    const char *instead;    /* or NULL */
    enum check_level level;
    struct position position;
};

struct counted { /* at most 'max' of something in one part; level OFF: no rule */
    unsigned max;
    enum check_level level;
};

struct charter_limits { /* what 'networks' may say otherwise for a network or account */
    const char *name;       /* of the network or account; NULL: the charter's own */
    struct counted hashtags, emoji, exclamations, length; /* length in graphemes */
    unsigned per_day;
    duration gap;
    enum check_level per_day_level, gap_level;
    bool has_per_day, has_gap;
};

struct charter {
    const struct forbidden *forbidden; /* 'vocabulary.forbidden' (errors) and 'vocabulary.prefer' (warnings) */
    size_t forbidden_count;
    enum check_level alt_text;
    enum check_level link_to_site;
    const char *site;       /* 'brand.site', or NULL */
    struct counted hashtags, emoji, exclamations, length; /* before 'networks' is looked at: see charter_limits_of */
    const struct charter_limits *overrides; /* 'networks' */
    size_t override_count;
    struct pace pace;
    const json_t *document; /* all of it, as JSON, for those who show it */
};

/*
 * Checks charter.yaml's tree whole; NULL when anything is wrong, all of it in diags. Accounts that it names are
 * looked for among the world's. Lives in arena, needs the tree no longer.
 */
const struct charter *charter_load(const char *file, const struct yaml *root, const struct calendar_world *world,
                                   struct arena *arena, struct diags *diags);

/* The limits for an account: its own over its network's over the charter's. */
struct charter_limits charter_limits_of(const struct charter *charter, const struct account *account);

#endif
