/*
 * bind: nodes → C values, by tables.
 *
 * A document's format is tables of fields: name, kind, limits, where the value goes. Unknown keys,
 * missing keys, wrong kinds, limits, "expected one of", the nearest word: all from here, and all errors
 * at once. What a table cannot say is a 'read' function of the field. Texts are copied into the
 * binding's arena, so the tree may go.
 *
 * Findings that a JSON Schema can state too have the rule "structure" (tests/integration/test_schema.py holds
 * the two against each other); what needs a look elsewhere has a rule of its own ("unknown-account", …).
 */
#ifndef CALD_BIND_H
#define CALD_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/yaml.h"

struct bind {
    /* as the user named it; NULL: the tree comes from JSON, findings name the member in 'word' */
    const char *file;
    struct arena *arena; /* of the values */
    struct diags *diags;
    const char *member;  /* key being read: kept by bind_map */
    const char *post;    /* id of the post being read, for the findings; or NULL */
    void *context;       /* of the 'read' functions */
};

struct texts { /* what FIELD_TEXTS gives */
    const char **items;
    size_t count;
};

struct list { /* what FIELD_MAPS gives: 'count' elements of the table's type */
    void *items;
    size_t count;
};

enum field_kind {
    FIELD_TEXT,     /* const char *; min..max characters (min 0 counts as 1) and 'valid' */
    FIELD_INTEGER,  /* int64_t; min..max */
    FIELD_FLAG,     /* bool; true or false, nothing else */
    FIELD_WORD,     /* int: index in words, which ends in NULL */
    FIELD_DURATION, /* duration; min..max in ms (max 0: any) */
    FIELD_TEXTS,    /* struct texts; min..max items, each 1..item_max characters and 'valid' */
    FIELD_MAP,      /* a struct at offset, by 'fields' */
    FIELD_MAPS,     /* struct list of structs of item_size bytes, by 'fields', min..max items */
    FIELD_READ,     /* whatever 'read' makes of it */
    FIELD_SKIP,     /* read by another table over the same map */
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;             /* of the member in the struct that is filled */
    bool required;
    int64_t min, max;
    const char *const *words;
    bool (*valid)(const char *text);
    const char *expected;      /* what valid wants: "a time of day such as 09:00" */
    size_t item_max, item_size;
    const struct field *fields;
    size_t field_count;
    bool (*read)(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
};

#define FIELDS(table) .fields = (table), .field_count = sizeof(table) / sizeof *(table)

/*
 * Fills 'into' from a map. what names the map in messages ("post", "slot"). Members whose key is absent keep
 * what they had. False when anything was found wrong; all of it is in diags then.
 */
bool bind_map(struct bind *bind, const struct yaml *map, const char *what, const struct field *fields, size_t count,
              void *into);

/* One value by one field; member is the place itself. For 'read' functions. */
bool bind_value(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* Whether value is of this kind; else says so: "'to' must be a list, not a text". */
bool bind_is(struct bind *bind, const char *name, const struct yaml *value, enum yaml_kind kind);

/* Adds a finding at a node. rule NULL: "structure". Returns false. */
bool bind_fail(struct bind *bind, const struct yaml *at, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same, for a word that is none of those expected: "unknown account 'x',
 * expected one of …", with the nearest. */
bool bind_unknown(struct bind *bind, const struct yaml *at, const char *rule, const char *what,
                  const char *const *candidates, size_t count);

/* "a, b, c", and "…" in place of those that would be too many. */
const char *bind_joined(struct arena *arena, const char *const *words, size_t count);

/* A warning instead. */
void bind_warn(struct bind *bind, const struct yaml *at, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Characters (code points) of a text. */
size_t bind_characters(const char *text);

/* For 'valid': each accepts what its name says. */
bool is_name(const char *text);        /* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
bool is_one_line(const char *text);    /* no newline */
bool is_http_url(const char *text);    /* http(s)://host…, no blanks, no user name */
bool is_time_of_day(const char *text); /* 09:00 or 09:00:30 */
#define EXPECTED_NAME "letters without accents, digits, '.', '_' or '-', at most 64, the first a letter or digit"
#define EXPECTED_URL "an address that begins with https:// or http://"
#define EXPECTED_LINE "one line"
#define EXPECTED_TIME "a time of day such as 09:00"

#endif
