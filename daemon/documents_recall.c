/*
 * See documents_internal.h: what of a calendar need not be read again, and what is remembered for the next time. Where
 * anything is not as it was thought to be, everything is read: this file decides nothing that a full reading would
 * decide otherwise.
 */
#include <string.h>

#include "base/mutant.h"
#include "documents_internal.h"
#include "editorial/check.h"

enum { READ_AT_ONCE = 1000 }; /* entries more than are recalled */

/* ---- the imprint ---- */

static void except(struct reading *reading, struct arena *arena)
{
    const struct documents_recollection *from = reading->recollection;
    struct index ids = {.arena = arena};
    for (size_t i = 0; i < from->except_count; i++)
        index_put(&ids, from->except[i], reading);
    for (size_t f = 0; from->except_count && f < reading->imprint->file_count; f++)
        for (size_t i = 0; i < reading->imprint->files[f].count; i++) {
            struct imprint_entry *entry = &reading->imprint->files[f].entries[i];
            entry->recallable = entry->recallable && !index_get(&ids, entry->post.id);
        }
}

/* An image may be another one under the same name, or be gone: its entries are read again. */
static void except_changed_media(struct reading *reading, struct arena *arena)
{
    const struct imprint *imprint = reading->imprint;
    bool *changed = arena_alloc_array(arena, imprint->media_count, sizeof *changed), any = false;
    for (size_t i = 0; i < imprint->media_count && !FORGETS("files"); i++) {
        struct media media;
        struct error err;
        changed[i] = !media_inspect(&reading->media, imprint->media[i].file, arena, &media, &err) ||
                     strcmp(media.sha256, imprint->media[i].sha256) != 0;
        any |= changed[i];
    }
    for (size_t f = 0; any && f < imprint->file_count; f++)
        for (size_t i = 0; i < imprint->files[f].count; i++) {
            struct imprint_entry *entry = &imprint->files[f].entries[i];
            for (size_t k = 0; k < entry->post.media_count; k++)
                entry->recallable &= !changed[entry->post.media[k] - imprint->media];
        }
}

void reading_recollect(struct reading *reading)
{
    const struct documents_recollection *from = reading->recollection;
    struct documents *documents = reading->documents;
    const char *bytes = memcpy(arena_alloc(documents->bulk, from->length + 1), from->bytes, from->length),
               *by_rules = imprint_rules(documents->rules_hash, documents->arena);
    reading->imprint = imprint_read(bytes, from->length, by_rules, reading->accounts, reading->account_count,
                                    documents->bulk);
    reading->misfit = !reading->imprint;
    if (reading->imprint) {
        except(reading, reading->trees);
        except_changed_media(reading, reading->trees);
    }
    documents->recalled_from = reading->imprint;
}

/* ---- entries by their hashes ---- */

struct lookup { /* open addressing, at most half full; 0: free, else one more than the place in entries */
    struct imprint_entry *entries;
    uint32_t *places;
    size_t mask, count, next; /* next: the entry that probably comes now */
};

static size_t hash_place(const struct lookup *lookup, const uint8_t hash[PIECE_HASH])
{
    uint64_t head;
    memcpy(&head, hash, sizeof head);
    return head & lookup->mask;
}

static void fill(struct lookup *lookup, struct arena *arena)
{
    size_t size = 64;
    while (size < 2 * lookup->count)
        size *= 2;
    lookup->places = arena_alloc_array(arena, size, sizeof *lookup->places);
    lookup->mask = size - 1;
    for (size_t i = 0; i < lookup->count; i++) {
        size_t at = hash_place(lookup, lookup->entries[i].hash);
        while (lookup->places[at])
            at = (at + 1) & lookup->mask;
        lookup->places[at] = (uint32_t)i + 1;
    }
}

static bool is_for(const struct imprint_entry *entry, const struct piece *piece)
{
    return entry->recallable && !entry->used && !memcmp(entry->hash, piece->hash, PIECE_HASH);
}

/* Nearly always it is the one after the last that was found. */
static struct imprint_entry *find_entry(struct lookup *lookup, const struct piece *piece, struct arena *arena)
{
    if (lookup->next < lookup->count && is_for(&lookup->entries[lookup->next], piece))
        return &lookup->entries[lookup->next++];
    if (!lookup->places)
        fill(lookup, arena);
    for (size_t at = hash_place(lookup, piece->hash); lookup->places[at]; at = (at + 1) & lookup->mask) {
        struct imprint_entry *entry = &lookup->entries[lookup->places[at] - 1];
        if (is_for(entry, piece)) {
            lookup->next = lookup->places[at];
            return entry;
        }
    }
    return NULL;
}

/* ---- a file ---- */

struct recall { /* of one file */
    struct sheet sheet;
    const struct recalled **of_pieces, **found;
    bool *leaves_out;
    size_t count, nodes;
};

/* The last entry is always read: what follows it is not an entry. */
static void recall_entries(struct reading *reading, struct imprint_file *file, struct recall *recall)
{
    struct arena *bulk = reading->documents->bulk;
    struct lookup lookup = {.entries = file->entries, .count = file->count};
    recall->of_pieces = arena_alloc_array(bulk, recall->sheet.count, sizeof *recall->of_pieces);
    recall->found = arena_alloc_array(bulk, recall->sheet.count, sizeof *recall->found);
    recall->leaves_out = arena_alloc_array(reading->trees, recall->sheet.count, sizeof *recall->leaves_out);
    for (size_t i = 0; i + 1 < recall->sheet.count; i++) {
        struct piece *piece = &recall->sheet.pieces[i];
        struct imprint_entry *entry = find_entry(&lookup, piece, reading->trees);
        if (!entry)
            continue;
        entry->used = true;
        entry->post.line = piece->line;
        piece->column = entry->post.column;
        piece->weight = entry->weight;
        recall->leaves_out[i] = true;
        recall->nodes += entry->weight;
        recall->of_pieces[i] = recall->found[recall->count++] = &entry->post;
    }
}

static void keep_cut(struct reading *reading, const char *path, const struct sheet *sheet,
                     const struct recalled *const *recalled)
{
    struct arena *bulk = reading->documents->bulk;
    struct sheet *kept = arena_new_of(bulk, struct sheet);
    *kept = *sheet;
    if (!recalled)
        recalled = arena_alloc_array(bulk, sheet->count, sizeof *recalled);
    *arena_push(bulk, reading->cuts, reading->cut_count) =
        (struct documents_cut){arena_strdup(bulk, path), kept, recalled};
}

static const struct yaml *misfit(struct reading *reading)
{
    reading->misfit = true;
    return NULL;
}

/* Where much more is new than not, a full reading is as quick. */
static const struct yaml *read_rest(struct reading *reading, const char *path, const struct buf *bytes,
                                    struct calendar_file *file)
{
    struct imprint *imprint = reading->imprint;
    struct imprint_file *known =
        reading->cut_count < imprint->file_count ? &imprint->files[reading->cut_count] : NULL;
    struct recall recall = {0};
    struct buf rest = {0};
    if (!known || strcmp(known->path, path) != 0 ||
        !sheet_like(buf_text(bytes), bytes->length, &known->frame, reading->documents->bulk, &recall.sheet))
        return misfit(reading);
    recall_entries(reading, known, &recall);
    if (recall.sheet.count - recall.count > recall.count + READ_AT_ONCE)
        return misfit(reading);
    const struct yaml *root =
        sheet_without(&recall.sheet, buf_text(bytes), bytes->length, recall.leaves_out, &rest)
            ? yaml_parse(path, buf_text(&rest), rest.length, reading->trees, &reading->documents->diags)
            : NULL;
    buf_release(&rest);
    if (!root || !sheet_settle(&recall.sheet, recall.leaves_out, root, recall.nodes))
        return misfit(reading);
    reading_note(reading, path, buf_text(bytes), bytes->length);
    file->recalled = recall.found;
    file->recalled_count = recall.count;
    keep_cut(reading, path, &recall.sheet, recall.of_pieces);
    return root;
}

static const struct yaml *read_whole(struct reading *reading, const char *path, const struct buf *bytes)
{
    const struct yaml *root = reading_parse(reading, path, bytes);
    if (root && reading->remembers) {
        struct sheet sheet = sheet_of(buf_text(bytes), bytes->length, root, reading->documents->bulk);
        keep_cut(reading, path, &sheet, NULL);
    }
    return root;
}

struct calendar_file reading_calendar_file(struct reading *reading, const char *path)
{
    struct calendar_file file = {.name = path};
    struct buf bytes = {0};
    if (!reading->misfit && reading_bytes(reading, path, &bytes))
        file.root =
            reading->imprint ? read_rest(reading, path, &bytes, &file) : read_whole(reading, path, &bytes);
    buf_release(&bytes);
    return file;
}

bool reading_fits(const struct reading *reading)
{
    const struct documents *documents = reading->documents;
    bool same_zones = !strcmp(reading_hash(&reading->zones, reading->trees), reading->imprint->zones);
    return documents->calendar && reading->cut_count == reading->imprint->file_count &&
           (same_zones || FORGETS("zones")) &&
           (!check_compares_words(documents->charter, documents->calendar) || FORGETS("words"));
}

/* ---- for the next time ---- */

/* The posts of a file are in the calendar as they were loaded: what was recalled, what was read, its series. */
static void take_entries(const struct documents_cut *cut, const struct post *posts,
                         const struct documents_entry *flags, struct imprint_file *file)
{
    size_t recalled = 0, read = 0;
    for (size_t i = 0; i < cut->sheet->count; i++)
        read += cut->recalled[i] != NULL; /* those come after all of these */
    for (size_t i = 0; i < cut->sheet->count; i++) {
        const struct piece *piece = &cut->sheet->pieces[i];
        size_t at = cut->recalled[i] ? recalled++ : read++;
        const struct post *post = &posts[at];
        struct imprint_entry *entry = &file->entries[i];
        *entry = (struct imprint_entry){.weight = piece->weight, .recallable = flags[at].recallable};
        memcpy(entry->hash, piece->hash, sizeof entry->hash);
        entry->post = (struct recalled){.id = post->id,
                                        .bucket = post->bucket,
                                        .targets = post->targets,
                                        .target_count = post->target_count,
                                        .media = post->media,
                                        .media_count = post->media_count,
                                        .instant = post->instant,
                                        .fold = post->fold,
                                        .column = piece->column,
                                        .draft = post->draft,
                                        .queued = flags[at].queued};
    }
}

static size_t posts_of_file(const struct calendar *calendar, size_t first, const char *path)
{
    size_t end = first;
    while (end < calendar->post_count && !strcmp(calendar->posts[end].position.file, path))
        end++;
    return end - first;
}

void documents_imprint(const struct documents *documents, const struct documents_entry *entries,
                       struct buf *out)
{
    struct arena *arena = arena_new();
    struct imprint imprint = {.rules = imprint_rules(documents->rules_hash, arena),
                              .zones = documents->zones_hash};
    size_t first = 0;
    imprint.file_count = documents->cut_count;
    imprint.files = arena_alloc_array(arena, imprint.file_count, sizeof *imprint.files);
    for (size_t i = 0; i < imprint.file_count; i++) {
        const struct documents_cut *cut = &documents->cuts[i];
        struct imprint_file *file = &imprint.files[i];
        file->path = cut->path;
        file->frame = *cut->sheet;
        file->count = cut->sheet->count;
        file->entries = arena_alloc_array(arena, file->count, sizeof *file->entries);
        take_entries(cut, documents->calendar->posts + first, entries + first, file);
        first += posts_of_file(documents->calendar, first, cut->path);
    }
    imprint_write(&imprint, out);
    arena_free(arena);
}

const char **documents_not_recalled(const struct documents *documents, struct arena *arena, size_t *ret_count)
{
    const struct imprint *imprint = documents->recalled_from;
    const char **ids = NULL;
    *ret_count = 0;
    for (size_t f = 0; f < imprint->file_count; f++)
        for (size_t i = 0; i < imprint->files[f].count; i++)
            if (!imprint->files[f].entries[i].used)
                *arena_push(arena, ids, *ret_count) = imprint->files[f].entries[i].post.id;
    return ids;
}
