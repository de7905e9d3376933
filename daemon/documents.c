/*
 * See documents.h: which files are read and what is checked once all are. What they mean is the loaders'
 * business (settings, editorial/); this file knows disks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/zoneinfo.h"
#include "documents_internal.h"
#include "editorial/check.h"
#include "editorial/plan.h"

/* ---- files ---- */

void reading_watch(struct reading *reading, const char *path)
{
    struct arena *arena = reading->documents->arena;
    for (size_t i = 0; i < reading->file_count; i++)
        if (!strcmp(reading->files[i], path))
            return;
    *arena_push(arena, reading->files, reading->file_count) = arena_strdup(arena, path);
}

void reading_note(struct reading *reading, const char *path, const void *bytes, size_t length)
{
    char hash[SHA256_HEX];
    buf_printf(&reading->hashes, "%s  %s\n", sha256_hex(bytes, length, hash), path);
    reading_watch(reading, path);
}

void reading_note_zone(struct reading *reading, const char *name, const void *bytes, size_t length)
{
    char hash[SHA256_HEX], *path = zoneinfo_path(name);
    buf_printf(&reading->zones, "%s  %s\n", sha256_hex(bytes, length, hash), name);
    if (path)
        reading_watch(reading, path);
    free(path);
}

static bool read_bytes(const struct reading *reading, const char *path, struct buf *out, struct error *err)
{
    const struct documents_source *source = reading->source;
    const struct documents_draft *draft = reading->draft;
    if (draft && !strcmp(draft->path, path)) {
        buf_add(out, draft->bytes, draft->length);
        return true;
    }
    return source ? source->read(source->context, path, YAML_MAX_BYTES, out, err)
                  : file_read(path, YAML_MAX_BYTES, out, err);
}

static void note_unreadable(struct reading *reading, const char *path, const char *message)
{
    reading_note(reading, path, "", 0); /* it may come */
    diags_add(&reading->documents->diags,
              &(struct diag){.level = DIAG_ERROR, .file = path, .rule = "no-such-file", .message = message});
}

bool reading_bytes(struct reading *reading, const char *path, struct buf *out)
{
    struct error err;
    if (read_bytes(reading, path, out, &err))
        return true;
    note_unreadable(reading, path, err.message);
    return false;
}

const struct yaml *reading_parse(struct reading *reading, const char *path, const struct buf *bytes)
{
    const struct yaml *root =
        yaml_parse(path, buf_text(bytes), bytes->length, reading->trees, &reading->documents->diags);
    /* What is refused may be huge: it is not worth a hash. */
    reading_note(reading, path, buf_text(bytes), root ? bytes->length : 0);
    return root;
}

const struct yaml *reading_tree(struct reading *reading, const char *path)
{
    struct buf bytes = {0};
    const struct yaml *root = reading_bytes(reading, path, &bytes) ? reading_parse(reading, path, &bytes) : NULL;
    buf_release(&bytes);
    return root;
}

static void begin(struct reading *reading)
{
    struct documents *documents = xmalloc(sizeof *documents);
    *documents = (struct documents){.arena = arena_new(), .bulk = arena_new()};
    documents->diags = diags_in(documents->arena);
    *reading = (struct reading){.documents = documents, .trees = arena_new()};
}

const char *reading_hash(const struct buf *lines, struct arena *arena)
{
    char hash[SHA256_HEX];
    return arena_strdup(arena, sha256_hex(buf_text(lines), lines->length, hash));
}

static struct documents *end(struct reading *reading)
{
    struct documents *documents = reading->documents;
    documents->hash = reading_hash(&reading->hashes, documents->arena);
    documents->zones_hash = reading_hash(&reading->zones, documents->arena);
    documents->cuts = reading->cuts;
    documents->cut_count = reading->cut_count;
    documents->files = reading->files;
    documents->file_count = reading->file_count;
    diags_sort(&documents->diags);
    buf_release(&reading->hashes);
    buf_release(&reading->zones);
    arena_free(reading->trees);
    return documents;
}

void documents_free(struct documents *documents)
{
    if (!documents)
        return;
    arena_free(documents->bulk);
    arena_free(documents->arena);
    free(documents);
}

void documents_forget(struct documents *documents, bool (*keeps)(void *context, const struct post *post),
                      void *context)
{
    if (documents->calendar && documents->bulk)
        documents->calendar = calendar_without_bulk(documents->calendar, keeps, context, documents->arena);
    arena_free(documents->bulk);
    documents->bulk = NULL;
}

/* ---- loading ---- */

static void load_charter(struct reading *reading, const char *path, const struct yaml *root, bool any_account)
{
    struct documents *documents = reading->documents;
    struct calendar_world world = reading_world(reading, any_account);
    if (root)
        documents->charter = charter_load(path, root, &world, documents->arena, &documents->diags);
}

static void empty_charter(struct documents *documents)
{
    struct charter *charter = arena_new_of(documents->arena, struct charter);
    charter->document = json_in_arena(documents->arena, json_object());
    documents->charter = charter;
}

/* The charter comes first: what a calendar's posts say may be finished by it (links). */
static void load_own_charter(struct reading *reading)
{
    const struct settings *settings = reading->documents->settings;
    if (settings && settings->charter_file)
        load_charter(reading, settings->charter_file, reading_tree(reading, settings->charter_file), false);
    else
        empty_charter(reading->documents);
}

/* ---- checking ---- */

/* Of what is only counted nobody sees the place. */
static bool is_kept(const struct diags *all, const struct diags *found, size_t from)
{
    bool room[] = {[DIAG_ERROR] = all->errors < DIAG_MOST, [DIAG_WARNING] = all->warnings < DIAG_MOST};
    for (size_t i = from; i < found->count; i++)
        if (room[found->items[i].level])
            return true;
    return false;
}

/* One content shown to several accounts is read for words once; the network's limits are each account's. */
static void check_target(const struct reading *reading, const struct post *post, size_t index, bool words_done,
                         const struct diag *where, struct diags *diags)
{
    const struct documents *documents = reading->documents;
    const struct target *target = &post->targets[index];
    for (size_t i = 0; i < target->content_count; i++) {
        size_t before = diags->count;
        if (!words_done)
            check_words(documents->charter, target->account, target->contents[i], post->bucket, where, diags);
        if (is_kept(&documents->diags, diags, before))
            reading_place(reading, post, target->account, i, diags, before);
        if (target->account->network)
            network_check(target->account, target->contents[i], NULL, where, diags);
    }
}

static bool seen_before(const struct charter *charter, const struct post *post, size_t target)
{
    for (size_t i = 0; i < target && !charter_tells_apart(charter); i++)
        if (post->targets[i].contents == post->targets[target].contents)
            return true;
    return false;
}

static void check_post(const struct reading *reading, const struct post *post, struct arena *scratch)
{
    struct documents *documents = reading->documents;
    struct diags found = diags_in(scratch);
    struct diag where = {.file = post->position.file,
                         .line = post->position.line,
                         .column = post->position.column,
                         .post = post->id};
    for (size_t k = 0; k < post->target_count; k++)
        check_target(reading, post, k, seen_before(documents->charter, post, k), &where, &found);
    for (size_t i = 0; i < found.count; i++)
        diags_add(&documents->diags, &found.items[i]);
}

/* What a check needs for itself is gone soon after: the findings of a good calendar take no memory. */
static void check_contents(const struct reading *reading)
{
    enum { POSTS_A_SCRATCH = 64 };
    const struct documents *documents = reading->documents;
    struct arena *scratch = NULL;
    size_t checked = 0;
    for (size_t i = 0; i < documents->calendar->post_count; i++) {
        const struct post *post = &documents->calendar->posts[i];
        if (post->recalled || post->incomplete)
            continue;
        if (checked++ % POSTS_A_SCRATCH == 0) {
            arena_free(scratch);
            scratch = arena_new();
        }
        check_post(reading, post, scratch);
    }
    arena_free(scratch);
}

/* Those of cald.yaml; without one, those that the calendar names. */
static const struct account *const *accounts_of(const struct documents *documents, struct arena *arena, size_t *ret_count)
{
    const struct account **accounts = NULL;
    struct index seen = {.arena = arena};
    *ret_count = 0;
    for (size_t i = 0; documents->settings && i < documents->settings->account_count; i++)
        *arena_push(arena, accounts, *ret_count) = &documents->settings->accounts[i].account;
    for (size_t i = 0; !documents->settings && i < documents->calendar->post_count; i++)
        for (size_t k = 0; k < documents->calendar->posts[i].target_count; k++) {
            const struct account *account = documents->calendar->posts[i].targets[k].account;
            if (!index_put(&seen, account->name, (void *)account))
                *arena_push(arena, accounts, *ret_count) = account;
        }
    return accounts;
}

/* From now on, after what was planned before, as far back as the charter
 * looks. Each part has its own bounds. */
static struct planned *plan_around(const struct documents *documents, instant now, duration horizon, struct arena *arena,
                                   size_t *ret_count)
{
    const struct calendar *calendar = documents->calendar;
    duration back = check_looks_back(documents->charter, calendar);
    const struct post **unplaced;
    size_t unplaced_count, before_count = 0, count;
    struct planned *before = NULL, *all;
    if (back)
        before = plan(calendar, now, now - back, now, NULL, 0, arena, &before_count, &unplaced, &unplaced_count);
    /* posts with a time of their own come whenever they are */
    while (before_count && before[before_count - 1].slot >= now)
        before_count--;
    struct planned *after = plan(calendar, now, now, now + horizon, NULL, 0, arena, &count, &unplaced, &unplaced_count);
    *ret_count = before_count + count;
    if (!before_count)
        return after;
    all = arena_alloc_array(arena, *ret_count, sizeof *all);
    memcpy(all, before, before_count * sizeof *all);
    if (count)
        memcpy(all + before_count, after, count * sizeof *all);
    return all;
}

/*
 * Everything up to the horizon, and posts with a time of their own however far ahead: what is accepted today
 * must not be refused on the day when the horizon reaches it.
 */
static void check_times(struct documents *documents, instant now, duration horizon, enum recurring recurring)
{
    struct arena *arena = arena_new();
    struct plan_view view = {.charter = documents->charter, .calendar = documents->calendar, .from = now,
                             .until = now + horizon};
    view.planned = plan_around(documents, now, horizon, arena, &view.planned_count);
    view.accounts = accounts_of(documents, arena, &view.account_count);
    check_plan(&view, recurring, &documents->diags);
    plan_note_left_out(documents->calendar, view.from, view.until, &documents->diags);
    arena_free(arena);
}

static void check_all(struct reading *reading, instant now, duration horizon, enum recurring recurring)
{
    struct documents *documents = reading->documents;
    if (!documents->calendar || !documents->charter || reading->misfit)
        return;
    check_contents(reading);
    check_times(documents, now, horizon, recurring);
}

/* What was queued a day ago may still be new to us, and what is within an account's grace still goes out. */
static instant past_before(const struct settings *settings, instant now)
{
    duration longest = DAYS(1);
    for (size_t i = 0; settings && i < settings->account_count; i++)
        if (settings->accounts[i].late.grace > longest)
            longest = settings->accounts[i].late.grace;
    return now > longest ? now - longest : 0;
}

static void read_settings(struct reading *reading, const char *path)
{
    struct documents *documents = reading->documents;
    struct buf bytes = {0};
    struct error err;
    const struct yaml *root = NULL;
    if (read_bytes(reading, path, &bytes, &err))
        root = reading_parse(reading, path, &bytes);
    else
        note_unreadable(reading, path,
                        arena_printf(reading->trees,
                                     "%s; name it with --config or $CALD_CONFIG, or go where a "
                                     "cald.yaml is",
                                     err.message));
    if (root)
        documents->settings = settings_load(path, root, documents->arena, &documents->diags);
    buf_release(&bytes);
}

/* All but judging. past: what is over needs its files no more. */
static void read_all(struct reading *reading, const char *path,
                     instant (*past)(const struct settings *settings, instant now), instant now)
{
    struct documents *documents = reading->documents;
    read_settings(reading, path);
    const struct settings *settings = documents->settings;
    if (!settings)
        return;
    reading->media = documents_media_roots(settings);
    reading->past = past(settings, now);
    reading_know_accounts(reading, settings, documents->arena);
    load_own_charter(reading);
    documents->rules_hash = reading_hash(&reading->hashes, documents->arena);
    if (reading->recollection)
        reading_recollect(reading);
    reading_own_calendar(reading, settings);
}

static struct documents *load(struct reading *reading, const char *path, instant now)
{
    read_all(reading, path, past_before, now);
    if (reading->imprint && !reading_fits(reading))
        reading->misfit = true;
    if (reading->documents->settings)
        check_all(reading, now, reading->documents->settings->horizon,
                  reading->for_daemon ? RECURRING_HELD : RECURRING_REFUSED);
    return end(reading);
}

struct documents *documents_load_with(const char *path, instant now, const struct documents_draft *draft)
{
    struct reading reading;
    begin(&reading);
    reading.draft = draft;
    return load(&reading, path, now);
}

struct documents *documents_load(const char *path, instant now)
{
    return documents_load_with(path, now, NULL);
}

struct documents *documents_load_to_run(const char *path, instant now, const struct documents_memory *memory)
{
    struct reading reading;
    begin(&reading);
    reading.for_daemon = true;
    reading.memory = memory;
    reading.remembers = memory != NULL;
    return load(&reading, path, now);
}

/* Nothing is over unless its calendar says so: of posts in a slot that lost a file everything has to be known. */
static bool is_never_over(void *context, const char *post_id, instant past)
{
    (void)context, (void)post_id, (void)past;
    return false;
}

struct documents *documents_recall(const char *path, instant now, const struct documents_recollection *from)
{
    static const struct documents_memory memory = {is_never_over, NULL};
    struct reading reading;
    begin(&reading);
    reading.for_daemon = true;
    reading.memory = &memory;
    reading.remembers = true;
    reading.recollection = from;
    struct documents *documents = load(&reading, path, now);
    if (!reading.misfit && !documents->diags.errors)
        return documents;
    documents_free(documents);
    return NULL;
}

struct documents *documents_load_settings(const char *path)
{
    struct reading reading;
    begin(&reading);
    read_settings(&reading, path);
    return end(&reading);
}

static instant all_past(const struct settings *settings, instant now)
{
    (void)settings, (void)now;
    return DAYS(100000);
}

struct documents *documents_load_earlier(const char *path, const struct documents_source *source)
{
    struct reading reading;
    begin(&reading);
    reading.source = source;
    reading.for_daemon = true; /* a slot's post may be over: its media may be gone */
    read_all(&reading, path, all_past, 0);
    return end(&reading);
}

/* ---- files on their own ---- */

enum document_kind { UNKNOWN, SETTINGS, CALENDAR, CHARTER };

/* A file is what its first telling key says. */
static enum document_kind recognise(const struct yaml *root)
{
    static const struct {
        const char *key;
        enum document_kind kind;
    } telling[] = {
        {"accounts", SETTINGS}, {"calendar", SETTINGS}, {"state", SETTINGS},  {"timezone", CALENDAR},
        {"posts", CALENDAR},    {"series", CALENDAR},   {"slots", CALENDAR},  {"key_dates", CALENDAR},
        {"buckets", CALENDAR},  {"brand", CHARTER},     {"vocabulary", CHARTER}, {"voice", CHARTER},
        {"checks", CHARTER},    {"pace", CHARTER},      {"mix", CHARTER},     {"networks", CHARTER},
        {"objectives", CHARTER}, {"faq", CHARTER},      {"responses", CHARTER}, {"moderation", CHARTER},
        {"crisis", CHARTER},
    };
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (yaml_get(root, telling[i].key))
            return telling[i].kind;
    return UNKNOWN;
}

struct loose_file {
    const char *path;
    const struct yaml *root; /* NULL: could not be read */
    enum document_kind kind;
};

static void add_calendar(const struct loose_file *loose, struct calendar_file *files, size_t *count)
{
    size_t at = *count;
    /* The one that names the zone comes first, in whatever order they were given. */
    if (yaml_get(loose->root, "timezone") && *count && !yaml_get(files[0].root, "timezone")) {
        memmove(files + 1, files, *count * sizeof *files);
        at = 0;
    }
    files[at] = (struct calendar_file){.name = loose->path, .root = loose->root};
    (*count)++;
}

static void unrecognised(struct reading *reading, const char *path)
{
    diags_add(&reading->documents->diags,
              &(struct diag){.level = DIAG_ERROR, .file = path, .line = 1, .column = 1, .rule = "unknown-document",
                             .message = "neither a calendar, nor a charter, nor a cald.yaml: no key of any of them"});
}

static bool read_loose(struct reading *reading, const char *const *paths, size_t count, struct loose_file *loose)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        loose[i].path = paths[i];
        loose[i].root = reading_tree(reading, paths[i]);
        loose[i].kind = loose[i].root ? recognise(loose[i].root) : UNKNOWN;
        if (loose[i].root && loose[i].kind == UNKNOWN)
            unrecognised(reading, paths[i]);
        ok = ok && loose[i].kind != UNKNOWN;
    }
    return ok;
}

static const struct loose_file *find_kind(const struct loose_file *loose, size_t count, enum document_kind kind)
{
    for (size_t i = 0; i < count; i++)
        if (loose[i].kind == kind && loose[i].root)
            return &loose[i];
    return NULL;
}

static void check_loose(struct reading *reading, const struct loose_file *loose, size_t count)
{
    struct documents *documents = reading->documents;
    const struct loose_file *first = find_kind(loose, count, CALENDAR);
    struct calendar_file *files = arena_alloc_array(reading->trees, count, sizeof *files);
    size_t file_count = 0;
    bool any = !documents->settings;
    char *directory = file_directory(first ? first->path : ".");
    reading->media = documents->settings ? documents_media_roots(documents->settings)
                                         : (struct media_roots){.media = arena_strdup(documents->arena, directory)};
    free(directory);
    for (size_t i = 0; i < count; i++)
        if (loose[i].kind == CHARTER)
            load_charter(reading, loose[i].path, loose[i].root, any);
    if (!find_kind(loose, count, CHARTER))
        load_own_charter(reading);
    for (size_t i = 0; i < count; i++)
        if (loose[i].kind == CALENDAR && loose[i].root)
            add_calendar(&loose[i], files, &file_count);
    if (file_count)
        reading_calendar(reading, files, file_count, any);
    else if (documents->settings)
        reading_own_calendar(reading, documents->settings);
}

static void load_loose_settings(struct reading *reading, const struct loose_file *loose, size_t count)
{
    struct documents *documents = reading->documents;
    const struct loose_file *file = find_kind(loose, count, SETTINGS);
    if (file)
        documents->settings = settings_load(file->path, file->root, documents->arena, &documents->diags);
    reading_know_accounts(reading, documents->settings, documents->arena);
}

struct documents *documents_check_files(const char *const *paths, size_t count, instant now)
{
    struct reading reading;
    begin(&reading);
    struct documents *documents = reading.documents;
    struct loose_file *loose = arena_alloc_array(reading.trees, count, sizeof *loose);
    bool readable = read_loose(&reading, paths, count, loose);
    load_loose_settings(&reading, loose, count);
    const struct settings *settings = documents->settings;
    reading.past = past_before(settings, now);
    /* With a cald.yaml at fault its accounts are unknown: what refers to them is not judged by any name. */
    check_loose(&reading, loose, count);
    if (readable)
        check_all(&reading, now, settings ? settings->horizon : DAYS(60), RECURRING_REFUSED);
    return end(&reading);
}

/* ---- posts from elsewhere ---- */

bool documents_read_post(const struct documents *documents, const json_t *json, struct arena *arena,
                         const struct post **ret_post, struct diags *diags)
{
    struct reading reading = {.media = documents_media_roots(documents->settings)};
    /* so that a body file is not counted among the documents */
    struct documents scratch = {.arena = arena, .charter = documents->charter};
    struct error err;
    reading.documents = &scratch;
    reading_know_accounts(&reading, documents->settings, arena);
    struct calendar_world world = reading_world(&reading, false);
    const struct yaml *root = yaml_from_json(json, arena, &err);
    const struct post *post = NULL;
    if (root)
        post = calendar_read_post(documents->calendar, &world, root, arena, diags);
    else
        diags_add(diags, &(struct diag){.level = DIAG_ERROR, .rule = "structure", .message = err.message});
    buf_release(&reading.hashes);
    if (post)
        *ret_post = post;
    return post != NULL;
}
