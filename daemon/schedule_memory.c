/*
 * See schedule_load.h: what is remembered from one application of documents to the next. An entry can be recalled when
 * nothing but its own bytes, the rules and the zone made it what it is, nothing was found in it, and the queue has of
 * it what it says. Whether that is so when all is applied shows only then: what could not be applied is named in the
 * note.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mutant.h"
#include "schedule_load.h"

enum { MEMORY_MOST = 256 << 20, IDS_MOST = 1000 };

static const char *path_of(const struct load *load, const char *name)
{
    char *directory = file_directory(load->database), *path = file_join(directory, name);
    const char *copy = arena_strdup(load->arena, path);
    free(directory);
    free(path);
    return copy;
}

/* ---- the note: hash, how far back it holds, and the exceptions ---- */

static const char *next_word(char **at)
{
    char *word = *at + strspn(*at, " ");
    *at = word + strcspn(word, " ");
    if (**at)
        *(*at)++ = '\0';
    return *word ? word : NULL;
}

static bool read_file(struct load *load, const char *hash)
{
    char found[SHA256_HEX];
    struct buf *bytes = &load->memory.bytes;
    return file_read(path_of(load, "imprint"), MEMORY_MOST, bytes, NULL) &&
           (!strcmp(sha256_hex(buf_text(bytes), bytes->length, found), hash) || FORGETS("hash"));
}

void memory_read(struct load *load, struct queue *queue)
{
    char *note = arena_strdup(load->arena, queue_note(queue, IMPRINT_NOTE, load->arena));
    const char *hash = note ? next_word(&note) : NULL, *from = hash ? next_word(&note) : NULL;
    if (!from || (strtoll(from, NULL, 10) > load->from && !FORGETS("from")) || !read_file(load, hash)) {
        buf_release(&load->memory.bytes);
        return;
    }
    load->memory.hash = hash;
    load->memory.from = strtoll(from, NULL, 10);
    for (const char *id; !FORGETS("left") && (id = next_word(&note));)
        *arena_push(load->arena, load->memory.ids, load->memory.id_count) = id;
}

bool memory_forget(struct queue *queue, struct error *err)
{
    return queue_set_note(queue, IMPRINT_NOTE, NULL, err);
}

/* The same imprint is there already. */
static bool put_in_place(const struct load *load)
{
    return load->imprint == load->memory.hash ||
           !rename(path_of(load, "imprint.new"), path_of(load, "imprint"));
}

bool memory_keep(const struct load *load, struct queue *queue, const char *const *conflicts, size_t count,
                 struct error *err)
{
    struct buf note = {0};
    if (!load->imprint || count > IDS_MOST || !put_in_place(load))
        return memory_forget(queue, err);
    /* It says the same each time nothing has changed: then nothing is written. */
    instant from = load->imprint == load->memory.hash ? load->memory.from : load->from;
    buf_printf(&note, "%s %lld", load->imprint, (long long)from);
    for (size_t i = 0; i < count; i++)
        buf_printf(&note, " %s", conflicts[i]);
    bool ok = queue_set_note(queue, IMPRINT_NOTE, buf_text(&note), err);
    buf_release(&note);
    return ok;
}

/* ---- what can be recalled ---- */

static bool says_more(const struct post *post)
{
    return post->campaign || post->covers || post->cost || post->closing || post->publish_late || post->late;
}

static bool is_told(const struct post *post)
{
    return post->recalled || (post->timing == TIMING_AT && !post->incomplete && !post->names_body_file &&
                              (!says_more(post) || FORGETS("more")));
}

/* What was found in an entry is found again only if it is read again. */
static void except_findings(const struct load *load, struct documents_entry *entries)
{
    const struct documents *documents = load->documents;
    const struct calendar *calendar = documents->calendar;
    for (size_t i = 0; i < documents->diags.count; i++) {
        const char *id = documents->diags.items[i].post;
        const struct post *post = id ? calendar_post(calendar, id) : NULL;
        if (post && !FORGETS("findings"))
            entries[post - calendar->posts].recallable = false;
    }
}

/* All deliveries of an entry are queued, or none: else it is read again. */
static void note_planned(const struct load *load, struct documents_entry *entries)
{
    const struct calendar *calendar = load->documents->calendar;
    const struct post *before = NULL;
    for (size_t i = 0; i < load->planned_count; i++) {
        const struct planned *p = &load->planned[i];
        struct documents_entry *entry = &entries[p->post - calendar->posts];
        if (p->post->recalled)
            continue;
        bool wanted = load_wants(load, i);
        if (p->post == before && entry->queued != wanted)
            entry->recallable = false;
        entry->queued = wanted;
        before = p->post;
    }
}

static struct documents_entry *entries_of(const struct load *load)
{
    const struct calendar *calendar = load->documents->calendar;
    struct documents_entry *entries =
        arena_alloc_array(load->arena, calendar->post_count + 1, sizeof *entries);
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        entries[i] = (struct documents_entry){is_told(post), post->recalled && post->recalled->queued};
    }
    note_planned(load, entries);
    except_findings(load, entries);
    return entries;
}

/* Not synced: what is torn is not what the note says. */
static bool write_file(const char *path, const struct buf *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && file_write(fd, buf_text(bytes), bytes->length);
    if (fd >= 0 && close(fd))
        ok = false;
    if (!ok)
        unlink(path); /* on a full disk it is the least important */
    return ok;
}

void memory_prepare(struct load *load)
{
    const struct documents *documents = load->documents;
    struct buf bytes = {0};
    char hash[SHA256_HEX];
    if (!load->may_apply || !documents->cut_count || documents->diags.count >= DIAG_MOST ||
        load->unplaced_count)
        return;
    if (documents->recalled_from && load->applied && !strcmp(load->applied, documents->hash)) {
        load->imprint = load->memory.hash;
        return;
    }
    documents_imprint(documents, entries_of(load), &bytes);
    if (bytes.length <= MEMORY_MOST && write_file(path_of(load, "imprint.new"), &bytes))
        load->imprint = arena_strdup(load->arena, sha256_hex(buf_text(&bytes), bytes.length, hash));
    buf_release(&bytes);
}
