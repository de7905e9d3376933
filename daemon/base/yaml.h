/*
 * yaml: bytes → nodes with positions (YAML 1.2 syntax, read through libyaml's events).
 *
 * A scalar is its text and nothing else: 'no', '09:00', '1e3' and '2026-12-01' mean what the reader of the
 * field says they mean (base/bind.h). Input is hostile until proven otherwise, so everything is bounded and
 * refused at the first excess: size, depth, nodes, length of one value, anchors, and what aliases expand to.
 * Tags, second documents, duplicate keys, keys that are not scalars and control characters are refused too.
 */
#ifndef CALD_YAML_H
#define CALD_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"

enum {
    YAML_MAX_BYTES = 64 << 20,      /* of a file: a calendar of 100,000 posts has some 50 MiB */
    YAML_MAX_DEPTH = 32,
    YAML_MAX_NODES = 4 << 20,
    YAML_MAX_SCALAR = 512 << 10,    /* bytes of one value, with the comments before it */
    YAML_MAX_ANCHORS = 1000,
    YAML_MAX_ALIASES = 10000,
    YAML_MAX_EXPANDED = 100000,     /* nodes that all aliases together stand for */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

enum yaml_lies {
    YAML_ELSEWHERE, /* not byte for byte: folded, escaped, over several lines; or from JSON */
    YAML_HERE,      /* from its column on */
    YAML_IN_QUOTES, /* from the next one on */
    YAML_BELOW,     /* a block of its own lines below it; as much more as they are indented */
};

struct yaml {
    enum yaml_kind kind;
    /* a scalar without quotes and not a block: only such can be numbers or flags */
    bool plain;
    bool hashtag_behind; /* plain, and ' #word' follows on its line: a comment, which may not be meant */
    bool anchored;                   /* it, or a node below it, has an anchor or is an alias */
    unsigned char lies;              /* enum yaml_lies: how its text is in the file */
    unsigned line, column;           /* from 1, in characters; 0, 0 when made from JSON */
    unsigned weight, height;         /* nodes in this tree; levels below this one */
    const char *text;                /* scalar: UTF-8 without NUL or control characters but newline and tab */
    size_t length;                   /* its bytes */
    const struct yaml *const *keys;  /* map: scalars, all different, in the order of the file */
    const struct yaml *const *items; /* list: items; map: the values of keys */
    size_t count;
};

/*
 * The tree of one document, in arena, or NULL. What is wrong is added to diags under 'file' with rule "syntax",
 * "limit" or "duplicate-key"; duplicates are all reported, anything else ends the reading. An empty document is an
 * empty map.
 */
const struct yaml *yaml_parse(const char *file, const char *bytes, size_t length, struct arena *arena,
                              struct diags *diags);

/* The value of a key in a map, or NULL (also when node is no map). Looks at one key after the other. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* Where this byte of a scalar's text is in the file; where that is not known, the scalar's own place. */
void yaml_place(const struct yaml *scalar, size_t byte, unsigned *ret_line, unsigned *ret_column);

/* Whether this scalar says nothing: an empty plain value, 'null' or '~'. */
bool yaml_is_null(const struct yaml *node);

const char *yaml_kind_name(const struct yaml *node); /* "a text", "a list", "a map", "nothing" */

/* JSON as a tree (positions 0), so that the same rules read it. NULL for what is too
 * deep or has control characters. */
const struct yaml *yaml_from_json(const json_t *json, struct arena *arena, struct error *err);

/* The tree as JSON: plain scalars that are integers, true or false become such, all
 * others are strings. A new reference. */
json_t *yaml_to_json(const struct yaml *node);

#endif
