/*
 * rule: the table of what the charter checks. One row a rule: its name, what a finding of it is
 * unless the charter says otherwise, what the charter may set, and who looks. The rules
 * themselves are in check_*.c, by theme.
 */
#ifndef CALD_RULE_H
#define CALD_RULE_H

#include <stdbool.h>
#include <stddef.h>

enum check_level { CHECK_OFF, CHECK_WARNING, CHECK_ERROR };

enum rule_id { /* in the order in which a post is looked at */
    RULE_FORBIDDEN_WORD,
    RULE_PREFERRED_WORD,
    RULE_KEYWORDS,
    RULE_DISCLOSURE,
    RULE_ADDRESS,
    RULE_LANGUAGE,
    RULE_EXCLAMATIONS,
    RULE_CAPITALS,
    RULE_EMOJI,
    RULE_LENGTH,
    RULE_READING_TIME,
    RULE_HASHTAGS,
    RULE_HASHTAG_LIST,
    RULE_HASHTAG_FORM,
    RULE_ALT_TEXT,
    RULE_ALT_TEXT_FORM,
    RULE_LINK_TO_SITE,
    RULE_LINK_HTTPS,
    RULE_LINK_TRACKING,
    RULE_LINK_CAMPAIGN,
    RULE_LINK_REACHABLE,
    RULE_MENTION_EXISTS,
    RULE_QUIET_HOURS,
    RULE_SILENT_DAY,
    RULE_SILENT_DATE,
    RULE_GAP,
    RULE_PER_DAY,
    RULE_EMBARGO,
    RULE_COLLISION,
    RULE_NEAR_DUPLICATE,
    RULE_NO_COVER,
    RULE_COVER_LEAD,
    RULE_MIX,
    RULE_ACCOUNT_SILENCE,
    RULE_EMPTY_SLOT,
    RULE_CAMPAIGN_CLOSING,
    RULE_BUDGET,
    RULE_COUNT
};

enum rule_takes { /* what 'checks' may say of a rule beyond level, message, to and buckets */
    TAKES_MAX = 1 << 0,
    TAKES_MIN = 1 << 1,
    TAKES_WITHIN = 1 << 2,     /* a duration */
    TAKES_ALIKE = 1 << 3,      /* a percentage */
    TAKES_WORDS = 1 << 4,      /* phrases */
    TAKES_ALLOWED = 1 << 5,    /* phrases */
    TAKES_SUBJECTS = 1 << 6,   /* names of lists of keywords */
    TAKES_PARAMETERS = 1 << 7, /* names of parameters of a link */
    TAKES_ADD = 1 << 8,        /* parameters of a link, with their values */
};

struct checking;
struct plan_check;

struct rule {
    const char *key;        /* "alt_text": in 'checks' */
    enum check_level level; /* of a finding, unless the charter says otherwise */
    bool online;            /* takes the network: only check_online looks, and only if the charter asks for it */
    bool always;            /* on without being asked for: what it asks for is said elsewhere */
    unsigned takes, needs;  /* enum rule_takes: what may, and what must be given */
    void (*check)(struct checking *checking);  /* looks at one content; */
    /* at a plan as a whole; both NULL: at one time (check_time.c) */
    void (*plan)(struct plan_check *p);
};

extern const struct rule rules[RULE_COUNT];
extern const char *const rule_names[RULE_COUNT]; /* "alt-text": in findings */

/* What to do about a file that they refuse: there is no override there. */
extern const char rules_of_files[];

#endif
