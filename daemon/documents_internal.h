/*
 * documents_internal: what the files of documents share. Nobody else includes it.
 *
 *   documents.c           which files are read, in which order, and what is checked then
 *   documents_calendar.c  which files the calendar is made of
 *   documents_recall.c    what of them need not be read again; documents_sheet.h, documents_imprint.h
 *   documents_world.c     what the calendar refers to on disk: zones, media, body files
 *   documents_media.c     media: opening, recognising, keeping what was uploaded
 *   documents_place.c     where in an entry the words are that a finding is about
 *   documents_online.c    what takes a network: links that answer, mentions that exist
 *   documents_secret.c    the accounts' secrets
 *   documents_state.c     who may write to the state directory
 *   documents_people.c    whether those whom the charter lets approve are anybody
 */
#ifndef CALD_DOCUMENTS_INTERNAL_H
#define CALD_DOCUMENTS_INTERNAL_H

#include "base/buf.h"
#include "documents.h"
#include "documents_imprint.h"

enum { MEDIA_MOST = 100 << 20, SETTINGS_MOST = 1 << 20 };
#define VIDEO_MOST ((int64_t)256 << 30) /* more than any network takes */

struct reading {
    struct documents *documents;
    struct arena *trees;      /* of the node trees, gone when all is loaded */
    struct buf hashes;        /* "sha256  name\n" of each file read */
    struct buf zones;         /* likewise of the time zones */
    const char **files;
    size_t file_count;
    struct media_roots media;
    const struct account **accounts;
    size_t account_count;
    const struct calendar_file *calendar_files; /* that were loaded */
    size_t calendar_file_count;
    instant past; /* see struct calendar_world; 0: nothing is over */
    bool for_daemon;
    const struct documents_memory *memory; /* or NULL */
    const struct documents_source *source; /* or NULL: the disk */
    const struct documents_draft *draft;   /* or NULL */
    bool remembers;          /* where entries are is kept: documents->cuts */
    struct documents_cut *cuts;
    size_t cut_count;
    const struct documents_recollection *recollection; /* NULL: everything is read */
    struct imprint *imprint; /* that it holds */
    bool misfit;             /* it does not fit: everything has to be read */
};

/* A document's tree, in reading->trees; NULL: it cannot be read, or is no YAML, which has been told. Its file is
 * remembered. */
const struct yaml *reading_tree(struct reading *reading, const char *path);

/* Its two halves: a document's bytes (false: told), and their tree. */
bool reading_bytes(struct reading *reading, const char *path, struct buf *out);
const struct yaml *reading_parse(struct reading *reading, const char *path, const struct buf *bytes);

/* ---- documents_recall.c ---- */

/* Once the rules are known. */
void reading_recollect(struct reading *reading);

/* A file of the calendar, the next one, with what of it is recalled. root NULL: told, or misfit. */
struct calendar_file reading_calendar_file(struct reading *reading, const char *path);

/* Once all is read: whether what was recalled is still so, and nothing else of it has to be known. */
bool reading_fits(const struct reading *reading);

/* ---- documents_place.c ---- */

/* Findings [from, count) of diags are about the content with this index that the post has for this account: each is moved
 * from the post to its words, as far as they are told. While the trees are there. */
void reading_place(const struct reading *reading, const struct post *post, const struct account *account, size_t content,
                   struct diags *diags, size_t from);

/* A path to be watched: a file, or with '/' at its end a directory. */
void reading_watch(struct reading *reading, const char *path);

/* The calendar of these files; any_account: see struct calendar_world. */
void reading_calendar(struct reading *reading, const struct calendar_file *files, size_t count, bool any_account);

/* The calendar as the settings name it. */
void reading_own_calendar(struct reading *reading, const struct settings *settings);

/* A hash over the lines of 'hashes' or 'zones', in arena. */
const char *reading_hash(const struct buf *lines, struct arena *arena);

/* The bytes of a document or body file are remembered: name and hash. */
void reading_note(struct reading *reading, const char *path, const void *bytes, size_t length);

/* So are those of a zone: what the system knows of it may change. */
void reading_note_zone(struct reading *reading, const char *name, const void *bytes, size_t length);

/* The world as the calendar's loader asks for it; context is reading. */
struct calendar_world reading_world(struct reading *reading, bool any_account);

/* Fills accounts from the settings; NULL gives none. */
void reading_know_accounts(struct reading *reading, const struct settings *settings, struct arena *arena);

#endif
