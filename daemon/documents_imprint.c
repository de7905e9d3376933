/*
 * See documents_imprint.h: an imprint as bytes. Numbers as this machine has them, texts with their length before and a
 * NUL behind. Names of accounts and buckets are few: they are written once, entries have their numbers.
 */
#include <string.h>

#include "base/index.h"
#include "base/mutant.h"
#include "documents_imprint.h"

#define FORMAT "cald imprint 2"

enum { FLAG_RECALLABLE = 1, FLAG_DRAFT = 2, FLAG_QUEUED = 4, FOLD_SHIFT = 4 };

struct fixed { /* of an entry; its id follows, and the numbers of its media */
    uint8_t hash[PIECE_HASH];
    int64_t instant;
    uint32_t weight, column;
    uint32_t accounts, bucket; /* numbers from 1; 0: none */
    uint32_t media;            /* how many */
    uint8_t flags, id_length, zero[2];
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

static uint32_t number_of(struct names *names, const char *text)
{
    uintptr_t number = (uintptr_t)index_get(&names->index, text);
    if (!number) {
        number = ++names->count;
        index_put(&names->index, arena_strdup(names->index.arena, text), (void *)number);
        add_text(&names->text, text);
    }
    return (uint32_t)number;
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

struct writing {
    struct names accounts, buckets, media;
    struct buf scratch;
};

static struct fixed fix(const struct imprint_entry *entry, struct writing *writing)
{
    const struct recalled *post = &entry->post;
    struct fixed fixed = {.id_length = (uint8_t)strlen(post->id), .weight = entry->weight};
    memcpy(fixed.hash, entry->hash, sizeof fixed.hash);
    if (!entry->recallable)
        return fixed;
    join_accounts(post, &writing->scratch);
    fixed.instant = post->instant;
    fixed.column = post->column;
    fixed.accounts = number_of(&writing->accounts, buf_text(&writing->scratch));
    fixed.bucket = post->bucket ? number_of(&writing->buckets, post->bucket) : 0;
    fixed.media = (uint32_t)post->media_count;
    fixed.flags = (uint8_t)(FLAG_RECALLABLE | (post->draft ? FLAG_DRAFT : 0) |
                            (post->queued ? FLAG_QUEUED : 0) | (unsigned)post->fold << FOLD_SHIFT);
    return fixed;
}

/* "HASH FILE" */
static void add_media(const struct recalled *post, struct writing *writing, struct buf *out)
{
    for (size_t i = 0; i < post->media_count; i++) {
        buf_reset(&writing->scratch);
        buf_printf(&writing->scratch, "%s %s", post->media[i]->sha256, post->media[i]->file);
        uint32_t number = number_of(&writing->media, buf_text(&writing->scratch));
        buf_add(out, &number, sizeof number);
    }
}

static void add_file(const struct imprint_file *file, struct writing *writing, struct buf *out)
{
    add_text(out, file->path);
    add_number(out, file->frame.head);
    add_number(out, file->frame.tail);
    add_number(out, file->frame.indent);
    add_number(out, file->frame.keys);
    buf_add(out, file->frame.frame, sizeof file->frame.frame);
    add_number(out, file->count);
    for (size_t i = 0; i < file->count; i++) {
        const struct imprint_entry *entry = &file->entries[i];
        struct fixed fixed = fix(entry, writing);
        buf_add(out, &fixed, sizeof fixed);
        buf_add(out, entry->post.id, fixed.id_length + (size_t)1);
        if (entry->recallable)
            add_media(&entry->post, writing, out);
    }
}

static void add_names(struct names *names, struct buf *out)
{
    add_number(out, names->count);
    buf_add(out, buf_text(&names->text), names->text.length);
    buf_release(&names->text);
}

void imprint_write(const struct imprint *imprint, struct buf *out)
{
    struct arena *arena = arena_new();
    const struct names none = {.index = {.arena = arena}};
    struct writing writing = {none, none, none, {0}};
    struct buf files = {0};
    for (size_t i = 0; i < imprint->file_count; i++)
        add_file(&imprint->files[i], &writing, &files);
    add_text(out, FORMAT);
    add_text(out, imprint->rules);
    add_text(out, imprint->zones);
    add_names(&writing.accounts, out);
    add_names(&writing.buckets, out);
    add_names(&writing.media, out);
    add_number(out, imprint->file_count);
    buf_add(out, buf_text(&files), files.length);
    buf_release(&files);
    buf_release(&writing.scratch);
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
    struct media *media;
    size_t target_count, bucket_count, media_count;
};

static struct media read_one_media(struct source *source, struct arena *arena)
{
    const char *text = take_text(source), *space = strchr(text, ' ');
    source->ok = source->ok && space;
    if (!source->ok)
        return (struct media){0};
    return (struct media){.file = space + 1, .sha256 = arena_strndup(arena, text, (size_t)(space - text))};
}

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
    tables.media_count = take_count(source, 1);
    tables.media = arena_alloc_array(arena, tables.media_count, sizeof *tables.media);
    for (size_t i = 0; i < tables.media_count; i++)
        tables.media[i] = read_one_media(source, arena);
    return tables;
}

static void read_media(struct source *source, const struct tables *tables, uint32_t count,
                       struct arena *arena, struct recalled *post)
{
    const char *bytes = take(source, count * sizeof count);
    if (!bytes || !count)
        return;
    const struct media **media = arena_alloc_array(arena, count, sizeof *media);
    for (uint32_t i = 0; i < count && source->ok; i++) {
        uint32_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        source->ok = number && number <= tables->media_count;
        media[i] = source->ok ? &tables->media[number - 1] : NULL;
    }
    post->media = media;
    post->media_count = count;
}

static void read_entry(struct source *source, const struct tables *tables, struct arena *arena,
                       struct imprint_entry *entry)
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
    read_media(source, tables, fixed.media, arena, &entry->post);
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
        read_entry(source, tables, arena, &file->entries[i]);
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
    imprint->media = tables.media;
    imprint->media_count = tables.media_count;
    imprint->file_count = take_count(&source, sizeof(uint64_t));
    imprint->files = arena_alloc_array(arena, imprint->file_count, sizeof *imprint->files);
    for (size_t i = 0; i < imprint->file_count && source.ok; i++)
        read_file(&source, &tables, arena, &imprint->files[i]);
    return source.ok && !source.left ? imprint : NULL;
}
