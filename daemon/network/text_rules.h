/*
 * text_rules: the facts that tell one network's counting from another's. Internal to text*.c.
 */
#ifndef CALD_TEXT_RULES_H
#define CALD_TEXT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network/text_scan.h"

struct text_unit {
    const char *name;
    size_t (*count)(const uint32_t *at, size_t count);
};

struct text_rule {
    const char *name;
    const struct text_unit *unit;
    size_t limit;                       /* in that unit; 0: none */
    size_t byte_limit;                  /* UTF-8; 0: none */
    unsigned link_units;                /* what each link counts, 0: as it is written */
    bool mention_without_host;          /* of "@user@host" only "@user" counts */
    bool trimmed;                       /* white space around the text does not count */
    bool normalised;                    /* counted, and its links found, in NFC */
    bool refuses_specials;              /* a text with U+FEFF, U+FFFE or U+FFFF does not fit */
    text_finder *finders[ENTITY_KINDS]; /* by kind; NULL: the network sees none */
};

bool text_counts_bytes(const struct text_rule *rule);

/* text_weighted.c */
size_t count_weighted(const uint32_t *at, size_t count); /* X: twitter-text, config v3 */
size_t count_threads(const uint32_t *at, size_t count);  /* an emoji counts its UTF-8 bytes */

#endif
