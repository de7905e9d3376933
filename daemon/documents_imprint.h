/*
 * documents_imprint: what is remembered of documents that were applied, so that the next load need not read again what
 * is as it was: of each calendar file its frame (documents_sheet.h), of each entry of 'posts' the hash of its bytes and,
 * if it can be recalled (struct recalled), what a plan must know of it.
 *
 * It is good for the same rules (cald.yaml, charter, version of cald) and time zones only. Written as bytes for a file;
 * whoever keeps them keeps their hash where it cannot be lost, so they are trusted when they are read.
 */
#ifndef CALD_DOCUMENTS_IMPRINT_H
#define CALD_DOCUMENTS_IMPRINT_H

#include "documents_sheet.h"
#include "editorial/calendar.h"

struct imprint_entry {
    uint8_t hash[PIECE_HASH];
    unsigned weight;
    bool recallable; /* else only its id is known, and its hash */
    bool used;       /* it was recalled */
    struct recalled post;
};

struct imprint_file {
    const char *path;
    struct sheet frame; /* without pieces */
    struct imprint_entry *entries;
    size_t count;
};

struct imprint {
    const char *rules, *zones; /* hashes */
    const struct media *media; /* that entries name: file and hash */
    size_t media_count;
    struct imprint_file *files;
    size_t file_count;
};

void imprint_write(const struct imprint *imprint, struct buf *out);

/* Only of the same rules: else, and of bytes that are none, NULL. The accounts are those that the rules name. In arena,
 * but ids and buckets are in bytes, which have to last as long. */
struct imprint *imprint_read(const char *bytes, size_t length, const char *rules,
                             const struct account *const *accounts, size_t account_count,
                             struct arena *arena);

/* The rules that count: of the documents, and what this cald makes of them. In arena. */
const char *imprint_rules(const char *rules_hash, struct arena *arena);

#endif
