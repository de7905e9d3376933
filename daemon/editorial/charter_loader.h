/*
 * charter_loader: what the files of the charter's loader share. Nobody else includes it.
 *
 *   charter_load.c  what is enforced, and the whole
 *   charter_kept.c  what is only checked and kept
 */
#ifndef CALD_CHARTER_LOADER_H
#define CALD_CHARTER_LOADER_H

#include "base/bind.h"
#include "editorial/calendar_loader.h"
#include "editorial/charter.h"

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

/* Whether a scalar names an account or a network; complains otherwise. */
bool charter_check_name(struct bind *bind, const struct yaml *node);

/* FIELD_READ of the parts that are kept; member is a union scrap. */
bool charter_keep_keywords(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_mix(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_objectives(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_faq(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_responses(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_moderation(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool charter_keep_crisis(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

#endif
