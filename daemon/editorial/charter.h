/*
 * charter: what charter.yaml says. What the rules (rule.h) need is worked out here; the rest is read, checked
 * whole and kept for those who show it.
 */
#ifndef CALD_CHARTER_H
#define CALD_CHARTER_H

#include <jansson.h>

#include "editorial/approval.h"
#include "editorial/calendar.h"
#include "editorial/phrase.h"
#include "editorial/regexp.h"
#include "editorial/rule.h"

enum { NOT_SAID = -1 };
#define ALIKE_WITHIN DAYS(30) /* of near-duplicates, unless said */

struct parameter { /* of a link */
    const char *name, *value; /* the value with {account} and the like: link_add.h */
};

struct setting { /* what is said about one rule for some posts; NOT_SAID, NULL and empty: nothing */
    struct position position;
    const char *override;  /* from 'networks': of this account or network; goes before the others */
    struct names to;       /* accounts and networks it is for; empty: all */
    struct names buckets;  /* likewise; a post without a bucket is in none */
    int level;             /* enum check_level */
    const char *message;   /* what to do, in the team's words; instead of our advice */
    int64_t max, min;      /* of whatever the rule counts */
    int64_t alike;         /* percent */
    duration within;
    struct names words;    /* 'words', 'allowed', 'subjects' or 'parameters', as the rule takes */
    const struct parameter *add;   /* to links */
    size_t add_count;
    const struct phrases *phrases; /* the words as phrases, where the rule takes phrases */
};

struct setting_list { /* in the order in which they hold: see charter_setting */
    const struct setting *items;
    size_t count;
};

struct forbidden { /* of 'vocabulary.forbidden' and 'vocabulary.prefer' */
    const char *word;    /* a phrase (phrase.h), or NULL */
    const struct regexp *regexp; /* otherwise */
    const char *pattern; /* its text */
    const char *instead; /* or NULL */
    int level;           /* NOT_SAID: the rule's */
};

struct vocabulary {      /* one list of them */
    const struct forbidden *items;
    size_t count;
    const struct phrases *phrases; /* of those with a word, */
    const size_t *phrase_of;       /* and which each is */
    const struct forbidden *const *regexps;
    size_t regexp_count;
};

struct subject { /* of 'vocabulary.keywords' */
    const char *name;
    struct names words;
    const struct phrases *phrases;
};

struct mix { /* the share of a bucket, in percent */
    const char *bucket;
    struct position position;
    int64_t max, min; /* NOT_SAID: any */
    duration over;
};

struct budget { /* of a campaign */
    const char *campaign;
    struct position position;
    int64_t most;
};

struct quiet { /* "21:00-07:30": minutes of the day; until <= from passes midnight */
    int from, until;
};

struct charter { /* all zero: an empty charter */
    struct setting_list rules[RULE_COUNT];
    struct vocabulary forbidden, preferred;
    const struct subject *subjects;
    size_t subject_count;
    const char *name;       /* 'brand.name', or NULL */
    const char *site;       /* 'brand.site', or NULL */
    const char *address;    /* 'voice.address', or NULL */
    const struct quiet *quiet;
    size_t quiet_count;
    bool silent_days[7];    /* Monday first */
    const struct mix *mix;
    size_t mix_count;
    int64_t per_month;      /* 'budget.per_month'; 0: any */
    const struct budget *budgets;
    size_t budget_count;
    struct approval_rules approval;
    const json_t *document; /* all of it, as JSON, for those who show it */
};

/*
 * Checks charter.yaml's tree whole; NULL when anything is wrong, all of it in diags. Accounts that it names
 * are looked for among the world's. Lives in arena, needs the tree no longer.
 */
const struct charter *charter_load(const char *file, const struct yaml *root, const struct calendar_world *world,
                                   struct arena *arena, struct diags *diags);

/*
 * What holds of a rule for a post of this bucket (or NULL) on this account (or NULL: whatever is
 * for all): of all that fits, the account's own in 'networks', its network's, the entries of
 * 'checks' in their order, 'voice' and 'pace'; what one leaves unsaid the next says. level is
 * CHECK_OFF when nothing asks for the rule.
 */
struct setting charter_setting(const struct charter *charter, enum rule_id rule, const struct account *account,
                               const char *bucket);

/* The names of 'networks' matter: contents must be looked at for each account on its own. */
bool charter_tells_apart(const struct charter *charter);

#endif
