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
    const char *word;       /* matched as a whole word, case and accents folded as Unicode does (NFKC casefold) */
    const char *instead;    /* or NULL */
    enum check_level level;
    struct position position;
};

struct charter {
    const struct forbidden *forbidden; /* 'vocabulary.forbidden' (errors) and 'vocabulary.prefer' (warnings) */
    size_t forbidden_count;
    enum check_level alt_text;
    enum check_level link_to_site;
    struct { unsigned max; enum check_level level; } hashtags, emoji, exclamations; /* level OFF: no rule */
    struct pace pace;
    const json_t *document; /* all of it, as JSON, for those who show it */
};

#endif
