/*
 * See documents_sheet.h. What libyaml says of lines and columns is held against the bytes; where the two do not agree
 * (other line breaks than newlines, entries in other forms), there is no sheet.
 */
#include <string.h>

#include "base/mutant.h"
#include "documents_sheet.h"

/* ---- lines ---- */

static size_t line_after(const char *bytes, size_t length, size_t at)
{
    const char *end = memchr(bytes + at, '\n', length - at);
    return end ? (size_t)(end - bytes) + 1 : length;
}

/* Whether libyaml counts more lines here than there are newlines. */
static bool has_other_breaks(const char *bytes, size_t length)
{
    static const char *const breaks[] = {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    const char *end = bytes + length;
    if (FORGETS("lines"))
        return false;
    for (const char *at = bytes; (at = memchr(at, '\r', (size_t)(end - at))); at++)
        if (at + 1 == end || at[1] != '\n')
            return true;
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        if (memmem(bytes, length, breaks[i], strlen(breaks[i])))
            return true;
    return false;
}

static bool begins_entry(const char *bytes, size_t length, size_t at, unsigned indent)
{
    if (length - at < indent + 2 || bytes[at + indent] != '-' || bytes[at + indent + 1] != ' ')
        return false;
    for (unsigned i = 0; i < indent; i++)
        if (bytes[at + i] != ' ')
            return false;
    return true;
}

static void hash_piece(const char *bytes, struct piece *piece)
{
    uint8_t digest[SHA256_BYTES];
    sha256_bytes(bytes + piece->start, piece->length, digest);
    memcpy(piece->hash, digest, sizeof piece->hash);
}

/* Cuts at each line that begins an entry; the first one does. */
static void cut(struct sheet *sheet, const char *bytes, size_t length, unsigned line, struct arena *arena)
{
    size_t end = length - sheet->tail;
    struct piece *piece = NULL;
    for (size_t at = sheet->head; at < end; at = line_after(bytes, end, at), line++) {
        if (!begins_entry(bytes, end, at, sheet->indent))
            continue;
        if (piece)
            piece->length = at - piece->start;
        piece = arena_push(arena, sheet->pieces, sheet->count);
        *piece = (struct piece){.start = at, .length = end - at, .line = line};
    }
    sheet->tail_line = line;
    for (size_t i = 0; i < sheet->count; i++)
        hash_piece(bytes, &sheet->pieces[i]);
}

static void hash_frame(const struct sheet *sheet, const char *bytes, size_t length,
                       uint8_t ret_frame[SHA256_BYTES])
{
    uint8_t both[2 * SHA256_BYTES];
    sha256_bytes(bytes, sheet->head, both);
    sha256_bytes(bytes + length - sheet->tail, sheet->tail, both + SHA256_BYTES);
    sha256_bytes(both, sizeof both, ret_frame);
}

static size_t start_of_line(const char *bytes, size_t length, unsigned line)
{
    size_t at = 0;
    for (unsigned i = 1; i < line && at < length; i++)
        at = line_after(bytes, length, at);
    return at;
}

static unsigned count_lines(const char *bytes, size_t length)
{
    unsigned lines = 0;
    for (size_t at = 0; at < length; at = line_after(bytes, length, at))
        lines++;
    return lines;
}

/* ---- the tree ---- */

struct outline {                     /* what of the file's map says where to cut */
    const struct yaml *posts, *next; /* the list; the key behind it, or NULL */
};

static bool find_outline(const struct yaml *root, struct outline *ret_outline)
{
    struct outline outline = {0};
    const struct yaml *key = NULL;
    if (root->anchored && !FORGETS("anchors"))
        return false;
    for (size_t i = 0; root->kind == YAML_MAP && i < root->count; i++)
        if (!strcmp(root->keys[i]->text, "posts")) {
            key = root->keys[i];
            outline.posts = root->items[i];
            outline.next = i + 1 < root->count ? root->keys[i + 1] : NULL;
        }
    *ret_outline = outline;
    return key && key->column == 1 && outline.posts->kind == YAML_LIST && outline.posts->count &&
           outline.posts->line > key->line &&
           (!outline.next || (outline.next->plain && outline.next->column == 1));
}

/* A key that is where the tree says. */
static bool is_there(const char *bytes, size_t length, size_t at, const struct yaml *key)
{
    return length - at >= key->length && !memcmp(bytes + at, key->text, key->length);
}

static bool take_nodes(struct sheet *sheet, const struct yaml *posts)
{
    if (posts->count != sheet->count)
        return false;
    for (size_t i = 0; i < sheet->count; i++) {
        const struct yaml *entry = posts->items[i];
        if (entry->kind != YAML_MAP || entry->line != sheet->pieces[i].line)
            return false;
        sheet->pieces[i].column = entry->column;
        sheet->pieces[i].weight = entry->weight;
    }
    return true;
}

static bool cut_by_tree(const char *bytes, size_t length, const struct yaml *root, struct arena *arena,
                        struct sheet *ret_sheet)
{
    struct sheet sheet = {0};
    struct outline outline;
    if (!find_outline(root, &outline))
        return false;
    const struct yaml *first = outline.posts->items[0];
    sheet.keys = (unsigned)root->count;
    sheet.indent = outline.posts->column - 1;
    sheet.head = start_of_line(bytes, length, first->line);
    if (outline.next) {
        size_t tail = start_of_line(bytes, length, outline.next->line);
        if (!is_there(bytes, length, tail, outline.next))
            return false;
        sheet.tail = length - tail;
    }
    if (sheet.head >= length - sheet.tail || !begins_entry(bytes, length, sheet.head, sheet.indent))
        return false;
    cut(&sheet, bytes, length, first->line, arena);
    *ret_sheet = sheet;
    const struct piece *last = &sheet.pieces[sheet.count - 1]; /* what follows the others shows their lines */
    return !has_other_breaks(bytes + last->start, last->length) && take_nodes(ret_sheet, outline.posts);
}

struct sheet sheet_of(const char *bytes, size_t length, const struct yaml *root, struct arena *arena)
{
    struct sheet sheet;
    if (!cut_by_tree(bytes, length, root, arena, &sheet))
        sheet = (struct sheet){.head = length};
    hash_frame(&sheet, bytes, length, sheet.frame);
    return sheet;
}

/* ---- another file of the same frame ---- */

bool sheet_like(const char *bytes, size_t length, const struct sheet *earlier, struct arena *arena,
                struct sheet *ret_sheet)
{
    struct sheet sheet = {
        .head = earlier->head, .tail = earlier->tail, .indent = earlier->indent, .keys = earlier->keys};
    bool is_cut = sheet.keys != 0;
    if (is_cut ? length <= sheet.head + sheet.tail : length != sheet.head)
        return false;
    if (is_cut && !begins_entry(bytes, length - sheet.tail, sheet.head, sheet.indent))
        return false;
    if (sheet.tail && bytes[length - sheet.tail - 1] != '\n')
        return false;
    hash_frame(&sheet, bytes, length, sheet.frame);
    if (memcmp(sheet.frame, earlier->frame, sizeof sheet.frame) != 0 && !FORGETS("frame"))
        return false;
    if (is_cut)
        cut(&sheet, bytes, length, count_lines(bytes, sheet.head) + 1, arena);
    *ret_sheet = sheet;
    return true;
}

bool sheet_without(const struct sheet *sheet, const char *bytes, size_t length, const bool *leaves_out,
                   struct buf *out)
{
    buf_add(out, bytes, sheet->head);
    for (size_t i = 0; i < sheet->count; i++) {
        const struct piece *piece = &sheet->pieces[i];
        if (leaves_out[i])
            continue;
        if (has_other_breaks(bytes + piece->start, piece->length))
            return false;
        buf_add(out, bytes + piece->start, piece->length);
    }
    buf_add(out, bytes + length - sheet->tail, sheet->tail);
    return true;
}

static void shift_lines(const struct yaml *node, unsigned lines)
{
    ((struct yaml *)node)->line += lines;
    for (size_t i = 0; i < node->count; i++) {
        if (node->keys)
            shift_lines(node->keys[i], lines);
        shift_lines(node->items[i], lines);
    }
}

/* What stands behind the list; nothing of it was swallowed by an entry, and nothing came in between. */
static bool settle_tail(const struct sheet *sheet, const struct yaml *root, const struct outline *outline,
                        unsigned missing)
{
    if (outline->next ? outline->next->line + missing != sheet->tail_line && !FORGETS("lines")
                      : sheet->tail != 0)
        return false;
    for (size_t i = 0; i < root->count; i++)
        if (root->keys[i]->line > outline->posts->line) {
            shift_lines(root->keys[i], missing);
            shift_lines(root->items[i], missing);
        }
    return true;
}

bool sheet_settle(struct sheet *sheet, const bool *leaves_out, const struct yaml *root, size_t nodes)
{
    struct outline outline;
    if (!sheet->keys)
        return true;
    if (!find_outline(root, &outline) || root->count != sheet->keys || root->weight + nodes > YAML_MAX_NODES)
        return false;
    size_t read = 0;
    unsigned missing = 0;
    for (size_t i = 0; i < sheet->count; i++) {
        struct piece *piece = &sheet->pieces[i];
        if (leaves_out[i]) {
            missing += piece[1].line - piece->line; /* it is not the last */
            continue;
        }
        const struct yaml *entry = read < outline.posts->count ? outline.posts->items[read++] : NULL;
        if (!entry || entry->kind != YAML_MAP)
            return false;
        if (entry->line + missing != piece->line && !FORGETS("lines"))
            return false;
        shift_lines(entry, missing);
        piece->column = entry->column;
        piece->weight = entry->weight;
    }
    return read == outline.posts->count && settle_tail(sheet, root, &outline, missing);
}
