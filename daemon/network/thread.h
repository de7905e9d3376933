/*
 * thread: which parts of a content are out, on networks where each part is a post of its own. The memo holds
 * "post-P" {"id", "url"} for each that is, P from 0.
 */
#ifndef CALD_THREAD_H
#define CALD_THREAD_H

#include "network/network.h"

/* How many posts the content is: its parts, but one where a body takes their place. */
size_t thread_part_count(const struct job *job);

/* The first part that is not out; the count when all are. */
size_t thread_part_due(const struct job *job);

/* How many posts the memo knows to be out; 1 where all parts are one post, whose id is the memo's own. */
size_t thread_out(const struct job *job);

/* What is known of a part that is out ({"id", "url"}, borrowed), or NULL. */
json_t *thread_post(const struct job *job, size_t part);

/* Whether this is the id of a part that is out. */
bool thread_has(const struct job *job, const char *id);

/*
 * The part that was due is out: merged into the outcome's memo as "post-P"; the outcome becomes NEXT, or DONE
 * with the first part's id and url when it was the last, which the memo then holds too. id and url are clean
 * (outcome_clean_id, outcome_clean_url; url may be NULL). The rest of the outcome stays.
 */
void thread_part_done(const struct job *job, const char *id, const char *url, struct arena *arena,
                      struct outcome *outcome);

#endif
