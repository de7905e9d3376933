/*
 * charter_loader: what the files of the charter's loader share. Nobody else includes it.
 *
 *   charter_load.c        the whole; voice, pace and what is otherwise for a network
 *   charter_checks.c      'checks': level, scope, message and numbers of each rule
 *   charter_vocabulary.c  words: forbidden, preferred, keywords
 *   charter_plan.c        what the plan is to be: mix, budget
 *   charter_approval.c    who approves what
 *   charter_kept.c        what is only checked and kept
 */
#ifndef CALD_CHARTER_LOADER_H
#define CALD_CHARTER_LOADER_H

#include "base/bind.h"
#include "editorial/calendar_loader.h"
#include "editorial/charter.h"
#include "editorial/phrase_load.h"

struct charter_reader { /* bind.context */
    const struct calendar_world *world;
};

/* What is only kept is checked into this, which is then forgotten. */
union scrap {
    const char *text;
    struct texts texts;
    int64_t integer;
    bool flag;
    int word;
    duration span;
    struct list list;
    struct moment moment;
};

#define CHARTER_LINE(key, most, at)                                                                          \
    {key, FIELD_TEXT, .offset = (at), .max = (most), .valid = is_one_line, .expected = EXPECTED_LINE}

/* A level, into an int: off (or ignore), warning, error. */
#define CHARTER_LEVEL(key, at) {key, FIELD_READ, .offset = (at), .read = charter_read_level}
bool charter_read_level(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* Whether a scalar names an account or a network; complains otherwise. */
bool charter_check_name(struct bind *bind, const struct yaml *node);

/* A list of such names, into a struct texts. */
bool charter_read_to(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* ---- charter_checks.c ---- */

struct checks {
    struct setting *items[RULE_COUNT];
    size_t counts[RULE_COUNT];
};

bool is_share(const char *text); /* "20%": charter_plan.c */

/* Nothing said. */
struct setting setting_blank(void);

/* Adds what another part of the charter says of a rule, unless it says nothing. */
void checks_add(struct checks *checks, struct arena *arena, enum rule_id rule, const struct setting *setting);

/* 'checks', into a struct checks. */
bool charter_read_checks(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* ---- charter_vocabulary.c ---- */

struct words {
    struct forbidden *items;
    size_t count;
};

struct subjects {
    struct subject *items;
    size_t count;
};

bool charter_read_forbidden(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_read_prefer(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_read_keywords(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* In the form in which posts are looked at. */
struct vocabulary vocabulary_of(struct arena *arena, const struct words *words);

/* ---- charter_plan.c ---- */

struct mixes {
    struct mix *items;
    size_t count;
};

struct budgets {
    struct budget *items;
    size_t count;
};

bool charter_read_mix(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_read_budgets(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* ---- charter_approval.c ---- */

/* 'approval.rules', into a struct approval_rules. */
bool charter_read_approval(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* ---- charter_kept.c ---- */

/* FIELD_READ of the parts that are kept; member is a union scrap. */
bool charter_keep_objectives(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_faq(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_responses(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_moderation(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_crisis(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

#endif
