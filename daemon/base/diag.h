/*
 * diag: what is wrong with a document, every finding at once, each with its place.
 *
 *   calendar.yaml:41:7: unknown account 'mastodn', expected one of mastodon, bluesky; did you mean 'mastodon'?
 */
#ifndef CALD_DIAG_H
#define CALD_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

struct arena;
struct buf;

enum diag_level {
    DIAG_ERROR,
    DIAG_WARNING,
    DIAG_NOTE, /* nothing is wrong, and somebody may want to know */
    DIAG_LEVELS
};

struct diag {
    enum diag_level level;
    const char *file;      /* as the user named it; NULL: no file at fault */
    unsigned line, column; /* from 1; 0: the file as a whole; columns count characters */
    const char *rule;      /* the charter's rule or the kind of fault: "unknown-key", "forbidden-word" */
    const char *post;      /* id of the post it is about, or NULL */
    const char *account;   /* likewise */
    const char *message;   /* "unknown key 'txt', expected one of …" */
    const char *word;      /* the word at fault, or NULL */
    const char *nearest;   /* the nearest valid word, or NULL */
    const char *remedy;    /* what to do: "shorten it"; or NULL: the message says it */
    const char *in;        /* which text of the post: "text", "thread[1]", "media[0].alt"; NULL: none */
    size_t start, end;     /* bytes of that text */
};

/* of each level: what comes after is only counted, so that warnings never hide an error */
enum { DIAG_MOST = 200 };

struct diags {
    struct arena *arena; /* owns all the texts */
    struct diag *items;
    size_t count;
    size_t errors, warnings, notes; /* all that were found, also those beyond DIAG_MOST */
};

/* An empty list whose texts live in arena. */
struct diags diags_in(struct arena *arena);

/* Copies what, with its texts; message and word become one line of valid UTF-8 of at most some 4000 bytes. */
void diags_add(struct diags *diags, const struct diag *what);

/* How many were found that are not among the items. */
size_t diags_untold(const struct diags *diags);

/* Sorts by file, line, column; the same finding at the same place is kept once. */
void diags_sort(struct diags *diags);

/* "file:line:column: message (title); remedy; did you mean 'x'?" without the
 * newline. Warnings say "warning: ", notes "note: ". */
void diag_print(const struct diag *diag, struct buf *out);

/* Each is a line of the log, as bad as it is. */
void diags_log(const struct diags *diags);

/* As the API and 'calctl check --json' give it; new references. */
json_t *diag_to_json(const struct diag *diag);
json_t *diags_to_json(const struct diags *diags, enum diag_level level); /* those of one level */

#endif
