/*
 * documents: reads cald.yaml, the calendar and the charter from disk, whole or not at all.
 *
 * The daemon and 'calctl check' use the same call. Everything lives in the documents' arena; documents_free
 * ends it. Safe on another thread: shares nothing.
 */
#ifndef CALD_DOCUMENTS_H
#define CALD_DOCUMENTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "editorial/calendar.h"
#include "editorial/charter.h"
#include "settings.h"

struct documents {
    struct arena *arena;
    struct arena *bulk;              /* of the posts; NULL: they are forgotten (documents_forget) */
    const struct settings *settings; /* NULL when cald.yaml itself is at fault; likewise below */
    const struct calendar *calendar;
    const struct charter *charter;   /* an empty charter where none is named */
    const char *hash;                /* SHA-256 over the bytes of all files that were read */
    const char *rules_hash;          /* likewise of cald.yaml and the charter alone */
    const char *zones_hash;          /* likewise of the time zones it uses */
    const char *const *files;        /* all of them, for who watches: documents, body files, time zones; and secrets that
                                        cannot be used yet */
    size_t file_count;
    struct diags diags;              /* usable only if diags.errors == 0 */
    /* where the entries of each calendar file are, in bulk; NULL: not known */
    const struct documents_cut *cuts;
    size_t cut_count;
    const struct imprint *recalled_from; /* in bulk; NULL: everything was read */
};

/*
 * Loads all that cald.yaml at path names, and checks it: documents, media (type, size, hash), body files, the
 * network's limits, the charter on every content, and on the plan of the next 'horizon' from now on. Never
 * NULL; look at diags.
 */
struct documents *documents_load(const char *path, instant now);

/*
 * What is long over needs its media and body files no more: where one is missing, that is a warning. By the
 * time that the calendar says, more than a day and the longest grace ago; when a post of a slot came out,
 * only the queue knows: 'is_over' is asked, with that time ('past').
 */
struct documents_memory {
    bool (*is_over)(void *context, const char *post_id, instant past);
    void *context;
};

/*
 * The same for the daemon: a time that a series' or slot's rule gives and that the charter forbids is a
 * warning, what falls there is held (check_recurring). Else documents that were accepted would be refused by
 * themselves some months later, when the horizon has moved on, and the daemon would not start. memory NULL:
 * every post in a slot may be over.
 */
struct documents *documents_load_to_run(const char *path, instant now, const struct documents_memory *memory);

/*
 * The same, but that entries which are as they were when they were applied are not read again (struct recalled in
 * calendar.h): what is known of them is in an imprint (documents_imprint.h). There are no errors in what it gives, and
 * the warnings are those of documents_load_to_run. NULL: it cannot be told that way, everything has to be read; so it
 * is when rules, time zones, the files' frames or too many entries are others, when anything is wrong, when the
 * charter compares words of all posts, and when a file is gone.
 */
struct documents_recollection {
    const char *bytes; /* the imprint; copied */
    size_t length;
    const char *const *except; /* ids of entries that are read again in any case */
    size_t except_count;
};
struct documents *documents_recall(const char *path, instant now, const struct documents_recollection *from);

struct documents_cut { /* a file of the calendar */
    const char *path;
    const struct sheet *sheet;
    const struct recalled *const *recalled; /* for each piece of it, or NULL: it was read */
};

/* The documents' imprint. entries: for each post of the calendar, whether it can be recalled, and is queued. */
struct documents_entry {
    bool recallable, queued;
};
void documents_imprint(const struct documents *documents, const struct documents_entry *entries, struct buf *out);

/* The ids of entries that were there and were not recalled. In arena. */
const char **documents_not_recalled(const struct documents *documents, struct arena *arena, size_t *ret_count);

/* Of all that only cald.yaml itself: where the state is, and the listeners. */
struct documents *documents_load_settings(const char *path);

struct documents_source { /* where documents and body files are read from, instead of the disk */
    bool (*read)(void *context, const char *path, size_t most, struct buf *out, struct error *err);
    /* the .yaml files of a directory, as file_list gives them */
    bool (*list)(void *context, const char *directory, size_t most, struct arena *arena, const char ***ret_paths,
                 size_t *ret_count, struct error *err);
    void *context;
};

struct documents_draft { /* a calendar file that is not on disk yet */
    const char *path;    /* where it would be */
    const char *bytes;
    size_t length;
};

/* As documents_load, as if the draft were a file of the calendar: in its place, where its directory is one of
 * 'calendar', else after all others. */
struct documents *documents_load_with(const char *path, instant now, const struct documents_draft *draft);

/*
 * The documents as they were, to compare others with: nothing is judged, media are those on disk, and where
 * one is missing that is a warning. With errors in diags, what could be read is there.
 */
struct documents *documents_load_earlier(const char *path, const struct documents_source *source);

/* 'calctl check FILE…' without a cald.yaml: each file is recognised by its content
 * (calendar, charter, cald.yaml). */
struct documents *documents_check_files(const char *const *paths, size_t count, instant now);

struct online;

/* What only the network can say of the posts that are still to come, where the charter asks for it: the
 * questions; and once they are answered, what that means. */
void documents_ask_online(struct documents *documents, instant now, struct online *online);
void documents_judge_online(struct documents *documents, instant now, struct online *online);

void documents_free(struct documents *documents);

/* Forgets the posts that are not kept and what posts publish, which is most of what documents hold: what is
 * in the queue is read there. keeps NULL: no post is kept. Series always are. */
void documents_forget(struct documents *documents, bool (*keeps)(void *context, const struct post *post),
                      void *context);

/* Adds an error for each secret's file that cald would refuse because others may read it. Reads none of them: a file that
 * is not there may be on the machine where cald runs. When that is here, whatever cald could not use; but not of systemd's
 * credentials, which only the service has. Gives how many of the errors are of accounts: a start holds those back. */
size_t documents_check_secrets(struct documents *documents, bool here);

/*
 * Adds a warning for each whom the charter lets approve and who is nobody: no role, no token and no user of this machine
 * has that name. Nothing is said where that cannot be told: when the tokens file cannot be read, and, unless that machine
 * is here, when cald.yaml names users or groups that are not: it is another one's.
 */
void documents_check_people(struct documents *documents, bool here);

/* Adds a warning where others than its owner may write to the state directory, or the database in it. */
void documents_check_state(struct documents *documents);

/*
 * Reads the secrets of all accounts into the settings' arena and tells them to the log's redaction. A file that
 * 'calctl login' writes may be missing: its value is NULL. What else cannot be read or used is told with its place: a
 * warning, and the 'trouble' of that secret, where the account may be held back for it; else, and of the hook, an error.
 * held_back: the accounts that may, as documents_held_back gives them; NULL: all (a start, where there is nothing else to
 * work with). Whether there is no error.
 */
bool documents_load_secrets(struct documents *documents, const char *held_back);

/* The accounts that are held back in these documents for a secret's trouble: each name after a newline and before one.
 * In arena. */
const char *documents_held_back(const struct documents *documents, struct arena *arena);

/* Tells a secret to the log's redaction; of an address only what is secret of it. */
void documents_hide_secret(const char *value);

/*
 * What 'calctl login' gets for an option of an account. The place is the file that cald.yaml names, NULL for a
 * credential of systemd's, which cannot be written: then 'may_store' says what a person does instead. Storing
 * replaces the file (mode 0600, synced) and the value that was loaded; forgetting removes both.
 */
const char *documents_secret_place(const struct settings_account *account, const char *option);
bool documents_may_store(const struct settings_account *account, const char *option, struct error *err);
bool documents_store_secret(struct documents *documents, const struct settings_account *account, const char *option,
                            const char *value, struct error *err);
/* What was stored or forgotten while these documents were being read beside us: the files of logins are read again. */
void documents_follow_logins(struct documents *documents);
bool documents_forget_secret(const struct settings_account *account, const char *option, struct error *err);

/* Where media are: beneath the media root, and for those that came through the control endpoint
 * ("upload:HASH.png") in the state directory. */
struct media_roots {
    const char *media;
    const char *uploads; /* NULL: there are none */
};
struct media_roots documents_media_roots(const struct settings *settings);

/* Opens media of a content for reading: no links, nothing outside of the roots. -1 on failure. */
int media_open(const struct media_roots *roots, const char *file, struct error *err);

/* "png" for "image/png"; "bin" for what media are not. */
const char *media_extension(const char *mime);

/* Fills all but alt from the bytes of the file. */
bool media_inspect(const struct media_roots *roots, const char *file, struct arena *arena, struct media *ret_media,
                   struct error *err);

/* Keeps an uploaded image or video in the state directory, once however often it comes;
 * ret_media->file is its name in contents. */
bool media_keep(const struct settings *settings, const void *bytes, size_t length, struct arena *arena,
                struct media *ret_media, struct error *err);

/* A post as JSON (the body of POST /v1/posts, same members and rules as an entry of 'posts' in
 * the calendar, plus 'to' required): gives its targets as the calendar's loader would. Findings
 * name the JSON member in 'word'. */
bool documents_read_post(const struct documents *documents, const json_t *json, struct arena *arena,
                         const struct post **ret_post, struct diags *diags);

/* The control socket that the cald.yaml at path names, whatever else is wrong with it; NULL if it names none that can
 * be read. Reads nothing else. */
const char *documents_socket(const char *path, struct arena *arena);

#endif
