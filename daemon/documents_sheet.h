/*
 * documents_sheet: where in a calendar file each entry of 'posts' is, in bytes, so that an entry whose bytes are the
 * same need not be read again.
 *
 * A sheet is a file cut into lines: the head, up to the first entry; the entries; the tail, from the key behind 'posts'
 * on. It is made only of what can be cut without doubt: 'posts' is a key in the first column, each of its entries is a
 * map that begins behind "- " in the same column, no other line looks like that, and nothing has an anchor. In such a
 * file an entry that is followed by another one means the same wherever it stands: the reader of YAML is in the same
 * state before each. All other files are nothing but head. Pure: no file is read here.
 */
#ifndef CALD_DOCUMENTS_SHEET_H
#define CALD_DOCUMENTS_SHEET_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/yaml.h"

enum { PIECE_HASH = 16 }; /* bytes of a SHA-256 */

struct piece { /* an entry, with the comments behind it */
    size_t start, length;
    uint8_t hash[PIECE_HASH];
    unsigned line, column; /* of the entry, from 1 */
    unsigned weight;       /* nodes of the entry; 0: not known */
};

struct sheet {
    size_t head, tail; /* bytes of the file before and behind the entries */
    unsigned indent;   /* blanks before each "- " */
    unsigned keys;     /* of the file's map; 0: it is not cut */
    unsigned tail_line;
    uint8_t frame[SHA256_BYTES]; /* hash of head and tail */
    struct piece *pieces;
    size_t count;
};

/* Of a file that was read as root. Its pieces are in arena. */
struct sheet sheet_of(const char *bytes, size_t length, const struct yaml *root, struct arena *arena);

/* Of a file that has the same head and tail as an earlier one; false: it has not. Columns and weights are not known. */
bool sheet_like(const char *bytes, size_t length, const struct sheet *earlier, struct arena *arena,
                struct sheet *ret_sheet);

/*
 * The file without the entries of which leaves_out is true. The last entry must stay: what follows it is not known.
 * False: what stays has line breaks that are no newlines, so that lines cannot be told, and the file must be read whole.
 */
bool sheet_without(const struct sheet *sheet, const char *bytes, size_t length, const bool *leaves_out,
                   struct buf *out);

/*
 * root is what was read of that: gives its nodes the lines that they have in the file, and the pieces their columns
 * and weights. False: it is not cut where it was thought to be, and must be read whole. nodes: of what was left out.
 */
bool sheet_settle(struct sheet *sheet, const bool *leaves_out, const struct yaml *root, size_t nodes);

#endif
