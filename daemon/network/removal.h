/*
 * removal: what drivers share that delete what is published ('remove', 'removed' in network.h): which part is
 * next, and what an answer means. Parts go from the last to the first, so that what is left of a thread is
 * never without its beginning. The memo says how many are left: "remove" {"left": N}.
 */
#ifndef CALD_REMOVAL_H
#define CALD_REMOVAL_H

#include "network/outcome.h"

/* The id of the part that goes next: of a thread's last one that is left ("post-P" of thread.h), or the
   memo's "id" where it is one post. NULL: nothing is left, or the memo does not know any. */
const char *removal_id(const struct job *job);

/* Its number, from 0. */
size_t removal_number(const struct job *job);

/* Likewise all that the memo knows of it ({"id", "url", …}: "post-P", or the memo itself), borrowed. */
const json_t *removal_part(const struct job *job);

/*
 * Whether there is a part to delete; else the step is STEP_DONE, as 'remove' gives it. base: the server's
 * address as the account has it, where an id means something on that server alone: nothing is deleted on
 * another than the one where the part is, as its url says. NULL: its ids are the same everywhere. At the end of
 * a thread of which a person found a part ('calctl resolve') it is said that cald does not know that one.
 */
bool removal_is_due(const struct job *job, const char *base, struct arena *arena, struct step *ret_step);

/*
 * How many parts the memo knows to be out there, of what ended without being published whole: a thread's posts
 * ("post-P" of thread.h) or events ("events", Matrix), less those that are deleted.
 */
size_t removal_parts_out(const json_t *memo);

/* Whether what is at url (or NULL) is on the server at base, whatever the "www." in front. */
bool removal_is_on(const char *url, const char *base, struct arena *arena);

/* Of a driver with stages: its pending step of the session, if one is; false: go on. */
struct stage_table;
bool removal_session(const struct stage_table *table, const struct job *job, struct arena *arena,
                     struct step *ret_step);

#define REMOVAL_UNKNOWN "cald does not know which post it is there: delete it on the network itself"

/* It cannot be deleted: why, a sentence for a person; NULL: nothing is left. */
void removal_over(struct step *ret_step, const char *why);

/* A step that deletes; its request is the driver's to make. In *ret_step. */
struct request *removal_step(struct step *ret_step);

/* For who counts otherwise than parts: how many of so many are left; and that so many are from now on (NEXT).
 */
size_t removal_left(const struct job *job, size_t total);
struct outcome removal_leaves(struct arena *arena, size_t left);

/* The part that was next is gone: NEXT. */
struct outcome removal_gone(const struct job *job, struct arena *arena);

/* All of it is gone at once. */
struct outcome removal_all_gone(struct arena *arena);

/*
 * As 'removed' of a driver: 2xx is gone, and so is 404 or 410 in the network's own words (a JSON object;
 * another page may be anybody's); else by status. said: their words, or NULL.
 */
void removal_read(const struct job *job, const struct step *step, const struct response *response,
                  enum reset_dialect dialect, const char *said, struct arena *arena,
                  struct outcome *ret_outcome);

#endif
