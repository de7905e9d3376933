/*
 * See documents_imprint.h: an imprint as bytes. Numbers as this machine has them, texts with their length before and a
 * NUL behind. Names of accounts and buckets are few: they are written once, entries have their numbers.
 */
#include <string.h>

#include "base/index.h"
#include "base/mutant.h"
#include "documents_imprint.h"

#define FORMAT "cald imprint 1"

enum { FLAG_RECALLABLE = 1, FLAG_DRAFT = 2, FLAG_QUEUED = 4, FOLD_SHIFT = 4, NUMBERS_MOST = UINT16_MAX };

struct fixed { /* of an entry; its id follows */
    uint8_t hash[PIECE_HASH];
    int64_t instant;
    uint32_t weight, column;
    uint16_t accounts, bucket; /* numbers from 1; 0: none */
    uint8_t flags, id_length;
    uint8_t zero[2];
};

const char *imprint_rules(const char *rules_hash, struct arena *arena)
{
    return arena_printf(arena, "%s %s", rules_hash, CALD_VERSION);
}

/* ---- writing ---- */

struct names { /* texts → numbers from 1 */
    struct index index;
    struct buf text;
    uintptr_t count;
};

static void add_number(struct buf *out, uint64_t number)
{
    buf_add(out, &number, sizeof number);
}

static void add_text(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    add_number(out, length);
    buf_add(out, text, length + 1);
}

static uint16_t number_of(struct names *names, const char *text)
{
    uintptr_t number = (uintptr_t)index_get(&names->index, text);
    if (!number) {
        number = ++names->count;
        index_put(&names->index, arena_strdup(names->index.arena, text), (void *)number);
        add_text(&names->text, text);
    }
    return number <= NUMBERS_MOST ? (uint16_t)number : 0;
}

/* Names of accounts have no blanks. */
static void join_accounts(const struct recalled *post, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 0; i < post->target_count; i++) {
        if (i)
            buf_add_char(out, ' ');
        buf_add_text(out, post->targets[i].account->name);
    }
}

static struct fixed fix(const struct imprint_entry *entry, struct names *accounts, struct names *buckets,
                        struct buf *scratch)
{
    const struct recalled *post = &entry->post;
    struct fixed fixed = {.id_length = (uint8_t)strlen(post->id), .weight = entry->weight};
    memcpy(fixed.hash, entry->hash, sizeof fixed.hash);
    if (!entry->recallable)
        return fixed;
    join_accounts(post, scratch);
    fixed.instant = post->instant;
    fixed.column = post->column;
    fixed.accounts = number_of(accounts, buf_text(scratch));
    fixed.bucket = post->bucket ? number_of(buckets, post->bucket) : 0;
    fixed.flags = (uint8_t)((post->draft ? FLAG_DRAFT : 0) | (post->queued ? FLAG_QUEUED : 0) |
                            (unsigned)post->fold << FOLD_SHIFT);
    if (fixed.accounts && (fixed.bucket || !post->bucket))
        fixed.flags |= FLAG_RECALLABLE;
    return fixed;
}

static void add_file(const struct imprint_file *file, struct names *accounts, struct names *buckets,
                     struct buf *out)
{
    struct buf scratch = {0};
    add_text(out, file->path);
    add_number(out, file->frame.head);
    add_number(out, file->frame.tail);
    add_number(out, file->frame.indent);
    add_number(out, file->frame.keys);
    buf_add(out, file->frame.frame, sizeof file->frame.frame);
    add_number(out, file->count);
    for (size_t i = 0; i < file->count; i++) {
        struct fixed fixed = fix(&file->entries[i], accounts, buckets, &scratch);
        buf_add(out, &fixed, sizeof fixed);
        buf_add(out, file->entries[i].post.id, fixed.id_length + (size_t)1);
    }
    buf_release(&scratch);
}

static void add_names(const struct names *names, struct buf *out)
{
    add_number(out, names->count);
    buf_add(out, buf_text(&names->text), names->text.length);
}

void imprint_write(const struct imprint *imprint, struct buf *out)
{
    struct arena *arena = arena_new();
    struct names accounts = {.index = {.arena = arena}}, buckets = {.index = {.arena = arena}};
    struct buf files = {0};
    for (size_t i = 0; i < imprint->file_count; i++)
        add_file(&imprint->files[i], &accounts, &buckets, &files);
    add_text(out, FORMAT);
    add_text(out, imprint->rules);
    add_text(out, imprint->zones);
    add_names(&accounts, out);
    add_names(&buckets, out);
    add_number(out, imprint->file_count);
    buf_add(out, buf_text(&files), files.length);
    buf_release(&files);
    buf_release(&accounts.text);
    buf_release(&buckets.text);
    arena_free(arena);
}

/* ---- reading ---- */

struct source {
    const char *bytes;
    size_t left;
    bool ok;
};

static const char *take(struct source *source, size_t length)
{
    const char *bytes = source->bytes;
    source->ok = source->ok && source->left >= length;
    if (!source->ok)
        return NULL;
    source->bytes += length;
    source->left -= length;
    return bytes;
}

static uint64_t take_number(struct source *source)
{
    uint64_t number = 0;
    const char *bytes = take(source, sizeof number);
    if (bytes)
        memcpy(&number, bytes, sizeof number);
    return number;
}

static const char *take_text(struct source *source)
{
    uint64_t length = take_number(source);
    const char *text = length < source->left ? take(source, length + 1) : NULL;
    source->ok = text && !text[length];
    return source->ok ? text : "";
}

/* How many things of at least so many bytes follow. */
static size_t take_count(struct source *source, size_t least)
{
    uint64_t count = take_number(source);
    source->ok = source->ok && count <= source->left / least;
    return source->ok ? count : 0;
}

struct recalled_targets {
    const struct target *items;
    size_t count;
};

static const struct content *const no_content[1];

static struct recalled_targets read_targets(struct source *source, const struct index *accounts,
                                            struct arena *arena)
{
    const char *names = take_text(source);
    struct target *targets = arena_alloc_array(arena, strlen(names) / 2 + 1, sizeof *targets);
    size_t count = 0;
    while (*names) {
        size_t length = strcspn(names, " ");
        const struct account *account = index_get(accounts, arena_strndup(arena, names, length));
        source->ok = source->ok && account;
        targets[count++] = (struct target){.account = account, .contents = no_content, .content_count = 1};
        names += length + (names[length] == ' ');
    }
    return (struct recalled_targets){targets, count};
}

struct tables {
    struct recalled_targets *targets;
    const char **buckets;
    size_t target_count, bucket_count;
};

static struct tables read_tables(struct source *source, const struct account *const *accounts,
                                 size_t account_count, struct arena *arena)
{
    struct index by_name = {.arena = arena};
    struct tables tables = {.target_count = take_count(source, 1)};
    for (size_t i = 0; i < account_count; i++)
        index_put(&by_name, accounts[i]->name, (void *)accounts[i]);
    tables.targets = arena_alloc_array(arena, tables.target_count, sizeof *tables.targets);
    for (size_t i = 0; i < tables.target_count; i++)
        tables.targets[i] = read_targets(source, &by_name, arena);
    tables.bucket_count = take_count(source, 1);
    tables.buckets = arena_alloc_array(arena, tables.bucket_count, sizeof *tables.buckets);
    for (size_t i = 0; i < tables.bucket_count; i++)
        tables.buckets[i] = take_text(source);
    return tables;
}

static void read_entry(struct source *source, const struct tables *tables, struct imprint_entry *entry)
{
    struct fixed fixed = {0};
    const char *bytes = take(source, sizeof fixed), *id;
    if (bytes)
        memcpy(&fixed, bytes, sizeof fixed);
    id = take(source, fixed.id_length + (size_t)1);
    source->ok = source->ok && !id[fixed.id_length] && fixed.accounts <= tables->target_count &&
                 fixed.bucket <= tables->bucket_count && (fixed.accounts || !(fixed.flags & FLAG_RECALLABLE));
    if (!source->ok)
        return;
    *entry =
        (struct imprint_entry){.weight = fixed.weight,
                               .recallable = fixed.flags & FLAG_RECALLABLE,
                               .post = {.id = id,
                                        .bucket = fixed.bucket ? tables->buckets[fixed.bucket - 1] : NULL,
                                        .instant = fixed.instant,
                                        .fold = (enum civil_fold)(fixed.flags >> FOLD_SHIFT),
                                        .column = fixed.column,
                                        .draft = fixed.flags & FLAG_DRAFT,
                                        .queued = fixed.flags & FLAG_QUEUED}};
    memcpy(entry->hash, fixed.hash, sizeof entry->hash);
    if (fixed.accounts) {
        entry->post.targets = tables->targets[fixed.accounts - 1].items;
        entry->post.target_count = tables->targets[fixed.accounts - 1].count;
    }
}

static void read_file(struct source *source, const struct tables *tables, struct arena *arena,
                      struct imprint_file *file)
{
    file->path = take_text(source);
    file->frame.head = take_number(source);
    file->frame.tail = take_number(source);
    file->frame.indent = (unsigned)take_number(source);
    file->frame.keys = (unsigned)take_number(source);
    const char *frame = take(source, sizeof file->frame.frame);
    if (frame)
        memcpy(file->frame.frame, frame, sizeof file->frame.frame);
    file->count = take_count(source, sizeof(struct fixed));
    file->entries = arena_alloc_array(arena, file->count, sizeof *file->entries);
    for (size_t i = 0; i < file->count && source->ok; i++)
        read_entry(source, tables, &file->entries[i]);
}

struct imprint *imprint_read(const char *bytes, size_t length, const char *rules,
                             const struct account *const *accounts, size_t account_count, struct arena *arena)
{
    struct source source = {bytes, length, true};
    struct imprint *imprint = arena_new_of(arena, struct imprint);
    if (strcmp(take_text(&source), FORMAT) != 0)
        return NULL;
    imprint->rules = take_text(&source);
    if (!source.ok || (strcmp(imprint->rules, rules) != 0 && !FORGETS("rules")))
        return NULL;
    imprint->zones = take_text(&source);
    struct tables tables = read_tables(&source, accounts, account_count, arena);
    imprint->file_count = take_count(&source, sizeof(uint64_t));
    imprint->files = arena_alloc_array(arena, imprint->file_count, sizeof *imprint->files);
    for (size_t i = 0; i < imprint->file_count && source.ok; i++)
        read_file(&source, &tables, arena, &imprint->files[i]);
    return source.ok && !source.left ? imprint : NULL;
}
