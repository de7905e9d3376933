/*
 * revision: what drivers share that change what is published ('edit', 'edited' in network.h): what of a
 * content can be changed, which part is next, and what an answer means. Parts go from the first to the last,
 * only those that differ. The memo says how many are as they are to be: "edit" {"done": N}; with "all": true
 * an edit before may have changed any of them, so that none is left out.
 */
#ifndef CALD_REVISION_H
#define CALD_REVISION_H

#include "network/outcome.h"

/* Why the network cannot make of the one content the other, for a person: "the visibility of
   what is published on Mastodon cannot be changed: …"; NULL: it can. In arena. */
const char *revision_objection(const struct network *network, const struct content *before,
                               const struct content *after, struct arena *arena);

/* What a person can do where the network has no edits, or cald does not use them; url may be NULL. In arena.
 */
const char *revision_remedy(const struct network *network, const char *url, struct arena *arena);

/* Whether they say the same. */
bool revision_is_same(const struct content *before, const struct content *after);

/* Whether the edit changes one of these (enum edit_what), or one before it may have. What it does not touch is
   best not sent: somebody may have changed it there. */
bool revision_touches(const struct job *job, unsigned what);

/* Takes these out of what a post is to say, where the edit does not touch what they are made of; what: 0, an edit
   never does. Ends in a row without a name. */
struct revision_member {
    const char *name;
    unsigned what;
};
void revision_leave(const struct job *job, const struct revision_member *members, json_t *words);

/* What is said when so many parts were changed: 'before', with these of 'after', and with the first part all
   that belongs to none. NULL: nothing changed. In arena, with parts of both. */
const struct content *revision_as_far(const struct content *before, const struct content *after, size_t done,
                                      struct arena *arena);

/* Whether there is a part to change; else the step is STEP_DONE, as 'edit' gives it. base: as in
   removal_is_due. A thread that is one post there is changed at once. Nothing is changed where a part is to be
   that a person found ('calctl resolve'), for nobody knows its id. */
bool revision_is_due(const struct job *job, const char *base, struct arena *arena, struct step *ret_step);

/* The part that is next, and what the memo knows of it, borrowed. */
size_t revision_number(const struct job *job);
const json_t *revision_part(const struct job *job);
const char *revision_id(const struct job *job);

/* For who counts otherwise: which of so many parts is next (the count: none), and that so many are done
 * (NEXT). */
size_t revision_due(const struct job *job, size_t count);
struct outcome revision_done_to(const struct job *job, size_t done, struct arena *arena);

/* It cannot be changed: why, a sentence for a person; NULL: it says it all. */
void revision_over(struct step *ret_step, const char *why);

/* A step that changes it, "edit 2/3"; its request is the driver's to make. In *ret_step. */
struct request *revision_step(const struct job *job, struct arena *arena, struct step *ret_step);

/* The part that was next says what it is to say: NEXT. What was noted of it is forgotten. */
struct outcome revision_done(const struct job *job, struct arena *arena);

/* What a step of several must remember of this edit: a text in the memo's "edit" beside what is there. NULL:
 * no more. */
json_t *revision_note(const struct job *job, const char *name, const char *text, struct arena *arena);

#define REVISION_UNKNOWN "cald does not know which post it is there: change it on the network itself"
#define REVISION_GONE "edit: it is not there any more, or not the account's"

/*
 * As 'edited' of a driver: 2xx is done; 404 and 410 are REFUSED, for it is not there any more; else by
 * status. said: their words, or NULL.
 */
void revision_read(const struct job *job, const struct step *step, const struct response *response,
                   enum reset_dialect dialect, const char *said, struct arena *arena,
                   struct outcome *ret_outcome);

#endif
